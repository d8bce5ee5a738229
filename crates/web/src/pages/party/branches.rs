//! The branches with their sizes, and the roll of one; both as of any day, and as a file.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;
use tongxin_app::{
    Viewer,
    people::party::{
        Part,
        branches::{self, BranchCard, Branches, Roll, RollLine},
    },
};
use tongxin_core::people::{
    development::{Next, StepKind},
    membership::{SIZE_RULES, SizeAdvice},
};
use uuid::Uuid;

use super::{source, tone};
use crate::{
    Web,
    error::WebError,
    export::{Cell, FileKind, Table},
    layout::{Shell, page},
    pages::organisations::asked_day,
    paging::ListQuery,
    session::Who,
};

#[derive(Template)]
#[template(path = "party/branches.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    found: Branches,
}

#[derive(Template)]
#[template(path = "party/roll.html")]
struct RollPage {
    shell: Shell,
    list: ListQuery,
    roll: Roll,
    today: NaiveDate,
}

impl ListPage {
    fn href(&self, row: &BranchCard) -> String {
        self.list.carry(&format!("/party/branches/{}", row.standing.organisation), &["on"])
    }

    /// The further parameters that the choice of a day keeps: there are none.
    fn others(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn depth(&self, row: &BranchCard) -> usize {
        row.depth.min(4)
    }

    fn whole(&self, row: &BranchCard) -> bool {
        row.part == Part::Whole
    }

    fn advice(&self, advice: &SizeAdvice) -> String {
        why(&self.shell, *advice)
    }
}

/// A suggestion with the rule that it rests on.
fn why(shell: &Shell, advice: SizeAdvice) -> String {
    let (least, most, general) = (&SIZE_RULES.branch_least, &SIZE_RULES.branch_most, &SIZE_RULES.general_branch_most);
    let rule = match advice {
        SizeAdvice::FoundBranch | SizeAdvice::MergeIntoJoint => least,
        SizeAdvice::BecomeGeneralBranch => most,
        SizeAdvice::BecomeCommittee => general,
    };
    shell.tr2(format!("party-advice-why-{}", advice.code()), "limit", rule.0, "source", source(&rule.1))
}

impl RollPage {
    /// The further parameters that the choice of a day keeps: there are none.
    fn others(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn whole(&self) -> bool {
        self.roll.part == Part::Whole
    }

    fn path(&self) -> String {
        format!("/party/branches/{}", self.roll.standing.organisation)
    }

    fn file(&self, ending: &str) -> String {
        self.list.carry(&format!("{}/roll.{ending}", self.path()), &["on"])
    }

    fn tone(&self, line: &RollLine) -> &'static str {
        tone(line.development.stage)
    }

    fn advice(&self, advice: &SizeAdvice) -> String {
        why(&self.shell, *advice)
    }

    fn overdue(&self, next: &Next) -> bool {
        next.is_overdue(self.roll.day)
    }

    fn soon(&self, next: &Next) -> bool {
        !next.is_open(self.roll.day)
    }

    /// The next step of those who are in development, and of the probationary members.
    fn step_path(&self, line: &RollLine, kind: &StepKind) -> Option<String> {
        let mine = if kind.is_superiors() { self.roll.may_approve } else { self.roll.may_edit };
        let now = self.roll.day == self.today && line.next.is_some_and(|n| n.is_open(self.today));
        (mine && now).then(|| format!("/party/members/{}/step/{}", line.person.id, kind.code()))
    }

    fn line(&self) -> String {
        let names: Vec<&str> = self.roll.line.iter().rev().map(|(_, name)| name.as_str()).collect();
        names.join(" › ")
    }
}

/// `GET /party/branches`.
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let found = branches::branches(&web.app, &who, asked_day(&list, "on")).await?;
    page(&ListPage { shell: shell.page_key("party-branches-title", "organisations"), list, found })
}

/// `GET /party/branches/{id}`.
pub(super) async fn roll(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let roll = branches::roll(&web.app, &who, id, asked_day(&list, "on")).await?;
    let shell = shell.page(roll.standing.name.clone(), "organisations");
    page(&RollPage { today: web.app.today(), shell, list, roll })
}

async fn list_table(web: &Web, who: &Viewer, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    let found = branches::branches(&web.app, who, asked_day(list, "on")).await?;
    let columns = ["branch", "kind", "full", "all-full", "probationary", "developing", "registered", "advice"];
    let headers = columns.iter().map(|c| shell.t(format!("party-column-{c}"))).collect();
    let name = shell.tr2("party-file", "what", shell.t("party-branches-title"), "day", found.day.to_string());
    let mut table = Table::new(name, headers);
    for row in found.rows {
        let count = |n: u64| {
            if row.part == Part::Whole { Cell::Int(i64::try_from(n).unwrap_or(i64::MAX)) } else { Cell::Empty }
        };
        table.push(vec![
            row.standing.name.clone().into(),
            shell.word(&row.standing.kind).into(),
            count(row.sizes.full),
            count(row.all_full),
            count(row.sizes.probationary),
            count(row.sizes.developing),
            Cell::Int(i64::try_from(row.sizes.registered).unwrap_or(i64::MAX)),
            row.advice.map(|advice| shell.word(&advice)).into(),
        ]);
    }
    Ok(table)
}

async fn roll_table(web: &Web, who: &Viewer, shell: &Shell, id: Uuid, list: &ListQuery) -> Result<Table, WebError> {
    let roll = branches::roll(&web.app, who, id, asked_day(list, "on")).await?;
    let columns = ["name", "relation", "stage", "since", "phone", "joined", "next", "earliest", "due"];
    let headers = columns.iter().map(|c| shell.t(format!("party-column-{c}"))).collect();
    let name = shell.tr2("party-file", "what", roll.standing.name.as_str(), "day", roll.day.to_string());
    let mut table = Table::new(name, headers);
    for line in roll.home.iter().chain(&roll.developing) {
        table.push(vec![
            line.person.draft.name.clone().into(),
            shell.word(&line.membership.relation).into(),
            line.development.stage.map(|stage| shell.word(&stage)).into(),
            line.development.since.into(),
            line.person.draft.phone.clone().into(),
            line.membership.period.from.into(),
            line.next.map(|n| shell.word(&n.kind)).into(),
            line.next.and_then(|n| n.earliest).into(),
            line.next.and_then(|n| n.due).into(),
        ]);
    }
    for line in &roll.registered {
        let mut row =
            vec![line.name.clone().into(), shell.word(&line.membership.relation).into(), Cell::Empty, Cell::Empty];
        row.extend([
            line.phone.clone().into(),
            line.membership.period.from.into(),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
        ]);
        table.push(row);
    }
    Ok(table)
}

/// `GET /party/branches.xlsx` and `.csv`.
pub(super) async fn list_file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    list_table(&web, &who, &shell, &list).await?.response(kind)
}

/// `GET /party/branches/{id}/roll.xlsx` and `.csv`.
pub(super) async fn roll_file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    roll_table(&web, &who, &shell, id, &list).await?.response(kind)
}
