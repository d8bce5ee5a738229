//! A person's page, one's own page, and the end of a membership.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use tongxin_app::people::{
    Look,
    party::{
        Part,
        members::{self, MemberPage, Opening, StoredStep},
        steps,
    },
};
use tongxin_core::people::{
    development::{Act, rules::DevelopmentRules},
    membership::{Membership, Transfer},
};
use uuid::Uuid;

use super::{refusal, source, tone};
use crate::{
    Web,
    error::WebError,
    form::RawForm,
    layout::{Shell, page},
    pages::posts::days,
    pages::records::words,
    session::{Who, done},
};

/// A step on the time line.
struct Event {
    day: String,
    machine: String,
    title: String,
    particulars: String,
    note: String,
    by: String,
    /// When, by whom and why it was taken back.
    taken_back: Option<String>,
    /// Where it can be taken back.
    back: Option<String>,
}

/// A rule in words, with its source.
struct RuleLine {
    text: String,
    source: String,
    quote: &'static str,
}

#[derive(Template)]
#[template(path = "party/member.html")]
struct ShowPage {
    shell: Shell,
    view: MemberPage,
    looks: Option<Vec<Look>>,
    events: Vec<Event>,
    today: chrono::NaiveDate,
}

#[derive(Template)]
#[template(path = "party/none.html")]
struct NonePage {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "party/end.html")]
struct EndPage {
    shell: Shell,
    action: String,
    back: String,
    what: String,
}

impl ShowPage {
    fn whole(&self) -> bool {
        self.view.part == Part::Whole
    }

    fn own(&self) -> bool {
        self.looks.is_some()
    }

    fn tone(&self) -> &'static str {
        tone(self.view.development.stage)
    }

    fn days(&self, membership: &Membership) -> String {
        days(&self.shell, &membership.period)
    }

    /// The roll of the branch that one comes from: the home branch, else the first that still holds.
    fn back(&self) -> String {
        let held = |m: &&Membership| m.period.contains(self.today);
        let branch = self.view.branch.or_else(|| self.view.memberships.iter().find(held).map(|m| m.branch));
        branch.map_or_else(|| "/party/branches".to_owned(), |branch| format!("/party/branches/{branch}"))
    }

    fn holds(&self, membership: &Membership) -> bool {
        membership.period.contains(self.today)
    }

    fn may_end(&self, membership: &Membership) -> bool {
        self.view.may_end.contains(&membership.id)
    }

    fn base(&self) -> String {
        format!("/party/members/{}", self.view.person.id)
    }

    fn possible(&self) -> Vec<&Opening> {
        self.view.openings.iter().filter(|o| o.refused.is_none()).collect()
    }

    /// What is not possible yet, but is a step of the stage: with the reason.
    fn refused(&self) -> Vec<(&Opening, String)> {
        let of_the_stage =
            |code: &str| !["party_wrong_stage", "party_nothing_pending", "party_done_already"].contains(&code);
        let mut refused = Vec::new();
        for opening in &self.view.openings {
            if let Some(problem) = opening.refused.as_ref().filter(|p| of_the_stage(p.code)) {
                refused.push((opening, refusal(&self.shell, problem)));
            }
        }
        refused
    }

    fn next_text(&self) -> String {
        let Some(next) = self.view.next else { return self.shell.t("party-next-none") };
        let step = self.shell.word(&next.kind);
        match (next.earliest.filter(|day| *day > self.today), next.due) {
            (Some(earliest), _) => self.shell.tr2("party-next-from", "step", step, "day", self.shell.fmt.day(earliest)),
            (None, Some(due)) => self.shell.tr2("party-next-by", "step", step, "day", self.shell.fmt.day(due)),
            (None, None) => self.shell.tr("party-next-now", "step", step),
        }
    }

    fn overdue(&self) -> bool {
        self.view.next.is_some_and(|next| next.is_overdue(self.today))
    }

    fn transfer(&self, transfer: &Transfer) -> String {
        let (from, to) = (self.view.name_of(&transfer.from), self.view.name_of(&transfer.to));
        self.shell.tr2("party-transfer-way", "from", from, "to", to)
    }

    fn rules(&self) -> Vec<RuleLine> {
        rules(&self.shell, self.view.rules)
    }

    fn capacity(&self, look: &Look) -> String {
        words(&self.shell, "capacity", &look.record.capacity)
    }
}

/// The rules of a version in words.
fn rules(shell: &Shell, rules: &DevelopmentRules) -> Vec<RuleLine> {
    let line = |text: String, citation: &tongxin_core::people::development::rules::Citation| RuleLine {
        text,
        source: source(citation),
        quote: citation.text,
    };
    let mut lines = vec![
        line(shell.tr("party-rule-age", "years", rules.age_years.value), &rules.age_years.source),
        line(shell.tr("party-rule-talk", "months", rules.talk_months.value), &rules.talk_months.source),
        line(shell.tr("party-rule-activist", "months", rules.activist_months.value), &rules.activist_months.source),
    ];
    if let Some(notice) = rules.notice_working_days {
        lines.push(line(shell.tr("party-rule-notice", "days", notice.value), &notice.source));
    }
    let course = rules.course.value;
    lines.extend([
        line(shell.tr2("party-rule-course", "days", course.days, "hours", course.class_hours), &rules.course.source),
        line(shell.t("party-rule-quorum"), &rules.quorum.source),
        line(shell.t("party-rule-majority"), &rules.majority.source),
        line(
            shell.tr2(
                "party-rule-approval",
                "months",
                rules.approval_months.value,
                "most",
                rules.approval_most_months.value,
            ),
            &rules.approval_months.source,
        ),
        line(shell.tr("party-rule-probation", "months", rules.probation_months.value), &rules.probation_months.source),
        line(
            shell.tr2(
                "party-rule-extension",
                "min",
                rules.extension.value.least_months,
                "max",
                rules.extension.value.most_months,
            ),
            &rules.extension.source,
        ),
    ]);
    lines
}

/// What a step says beyond its kind.
fn particulars(shell: &Shell, stored: &StoredStep) -> String {
    match stored.step.act {
        Act::Plain(_) => String::new(),
        Act::Candidate { notice_from: None } => String::new(),
        Act::Candidate { notice_from: Some(day) } => shell.tr("party-said-notice", "day", shell.fmt.day(day)),
        Act::Training { days, class_hours } => shell.tr2("party-said-course", "days", days, "hours", class_hours),
        Act::TakenOver { stage } => shell.word(&stage),
        Act::Vote { ballot, months, .. } => {
            let passed = ballot.passes(DevelopmentRules::on(stored.step.on).majority.value);
            let outcome = shell.t(if passed { "party-said-passed" } else { "party-said-not-passed" });
            let present = shell.tr2("party-said-present", "entitled", ballot.entitled, "present", ballot.present);
            let votes = shell.tr3(
                "party-said-votes",
                "favour",
                ballot.in_favour,
                "against",
                ballot.against,
                "written",
                ballot.written_in_favour,
            );
            let mut parts = vec![outcome, present, votes];
            if months > 0 {
                parts.push(shell.tr("party-said-months", "months", months));
            }
            parts.join(&shell.t("party-said-separator"))
        }
    }
}

fn events(shell: &Shell, view: &MemberPage) -> Vec<Event> {
    let name = |account: Uuid| view.recorders.get(&account).cloned().unwrap_or_default();
    let event = |stored: &StoredStep| Event {
        day: shell.fmt.day(stored.step.on),
        machine: stored.step.on.to_string(),
        title: shell.word(&stored.step.kind()),
        particulars: particulars(shell, stored),
        note: stored.note.clone(),
        by: stored.recorded_by.map(name).unwrap_or_default(),
        taken_back: stored.taken_back.as_ref().map(|back| {
            let (day, reason) = (shell.datetime(&back.at), back.reason.as_str());
            shell.tr3("party-step-taken-back", "day", day, "name", name(back.by), "reason", reason)
        }),
        back: (view.may_take_back == Some(stored.id))
            .then(|| format!("/party/members/{}/steps/{}/take-back", view.person.id, stored.id)),
    };
    view.steps.iter().rev().map(event).collect()
}

fn show_page(web: &Web, shell: Shell, view: MemberPage, looks: Option<Vec<Look>>) -> ShowPage {
    ShowPage { events: events(&shell, &view), today: web.app.today(), shell, view, looks }
}

/// `GET /party/members/{person}`.
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = members::member(&web.app, &who, id).await?;
    let shell = shell.page(view.person.draft.name.clone(), "organisations");
    page(&show_page(&web, shell, view, None))
}

/// `GET /party/me`.
pub(super) async fn own(State(web): State<Web>, Who(who): Who, shell: Shell) -> Result<Response, WebError> {
    let shell = shell.page_key("party-me-title", "me");
    match members::own(&web.app, &who).await? {
        Some(own) => page(&show_page(&web, shell, own.page, Some(own.looks))),
        None => page(&NonePage { shell }),
    }
}

/// `GET /party/members/{person}/end/{membership}`.
pub(super) async fn ask_end(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((person, id)): Path<(Uuid, Uuid)>,
) -> Result<Response, WebError> {
    let view = members::member(&web.app, &who, person).await?;
    let found = view.memberships.iter().find(|m| m.id == id && view.may_end.contains(&id));
    let membership = found.ok_or_else(WebError::not_found)?;
    let what = shell.tr3(
        "party-end-what",
        "name",
        view.person.draft.name.as_str(),
        "branch",
        view.name_of(&membership.branch),
        "relation",
        shell.word(&membership.relation),
    );
    page(&EndPage {
        shell: shell.page_key("party-end-title", "organisations"),
        action: format!("/party/members/{person}/end/{id}"),
        back: format!("/party/members/{person}"),
        what,
    })
}

/// `POST /party/members/{person}/end/{membership}`.
pub(super) async fn end(
    State(web): State<Web>,
    Who(who): Who,
    Path((person, id)): Path<(Uuid, Uuid)>,
    form: RawForm,
) -> Result<Response, WebError> {
    let back = format!("/party/members/{person}");
    let ended = steps::end(&web.app, &who, person, id, form.get("on").unwrap_or_default()).await;
    ended.map_err(|error| WebError::from(error).back_to(back.clone()))?;
    Ok(done(&back, "done-party-ended"))
}
