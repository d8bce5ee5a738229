//! Members: persons and organisations, what they gave and received, and what is open with them (S1, S3).

mod form;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use tongxin_app::{
    Error, Paged, Slice, Viewer,
    community::post::of_person,
    people::{self, Member, MemberFilter, MemberView},
    search,
    service::{
        intents::{self, IntentCard, IntentFilter, Sight},
        matches::MatchCard,
    },
};
use tongxin_core::{
    community::{OrganisationKind, post::Duty},
    people::{CareGroup, MemberDetails, MemberKind},
    service::Side,
};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    export::{Cell, FileKind, Table},
    form::Choice,
    layout::{Shell, page, see_other},
    pages::posts::{HoldingLine, holding_lines},
    paging::{ListQuery, Page},
    path::Path,
    session::Who,
    words,
};

/// The most members that one file holds.
const EXPORT_MAX: u64 = 50_000;
/// The most needs or offers on a member's page.
const INTENTS_MAX: u64 = 20;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/members", get(list))
        .route("/members.xlsx", get(file))
        .route("/members.csv", get(file))
        .route("/members/new", get(form::new).post(form::create))
        .route("/members/{id}", get(show))
        .route("/members/{id}/edit", get(form::edit).post(form::save))
}

/// A member in the list.
struct Row {
    member: Member,
    kind: String,
    place: String,
    given: String,
    received: String,
}

#[derive(Template)]
#[template(path = "members/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<Row>,
    kinds: Vec<Choice>,
    organisation_kinds: Vec<Choice>,
    places: Vec<Choice>,
    care_groups: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "members/show.html")]
struct ShowPage {
    shell: Shell,
    view: MemberView,
    kind: String,
    place: String,
    needs: Paged<IntentCard>,
    offers: Paged<IntentCard>,
    /// What a person holds and held, the latest first.
    posts: Vec<HoldingLine>,
}

/// What kind of member it is: a person, or the kind of organisation.
fn kind(shell: &Shell, member: &Member) -> String {
    match &member.draft.details {
        MemberDetails::Person { .. } => shell.word(&MemberKind::Person),
        MemberDetails::Organisation { kind, .. } => shell.word(kind),
    }
}

fn balance(shell: &Shell, count: i64, minutes: i64) -> String {
    if count == 0 {
        return shell.t("format-none");
    }
    shell.tr2("member-times", "count", count, "duration", shell.duration(minutes))
}

/// Whether the viewer may filter by care group: social workers and secretaries.
fn knows_care_groups(who: &Viewer) -> bool {
    who.actor().is_ok_and(|actor| {
        [Duty::SocialWorker, Duty::Secretary].into_iter().any(|duty| actor.places_of(duty).next().is_some())
    })
}

async fn filter(web: &Web, list: &ListQuery) -> Result<MemberFilter, WebError> {
    let territory = web.app.territory().await?;
    let place = list.get("place").and_then(|id| id.parse().ok());
    let (area, place) = place.map_or((None, None), |id: Uuid| territory.scope(id));
    Ok(MemberFilter {
        kind: list.get("kind").and_then(|code| code.parse().ok()),
        organisation_kind: list.get("organisation_kind").and_then(|code| code.parse().ok()),
        area,
        place,
        within: None,
        care_group: list.get("care_group").and_then(|code| code.parse().ok()),
        tokens: list.get("q").and_then(search::query_tokens),
        ..MemberFilter::default()
    })
}

async fn list(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = people::list(&web.app, &who, filter(&web, &list).await?, slice).await?;
    let territory = web.app.territory().await?;
    let shell = shell.page_key("member-list-title", "members");
    let locale = shell.locale();
    let row = |member: Member| Row {
        kind: kind(&shell, &member),
        place: territory.full_name(member.location.place),
        given: balance(&shell, member.balance.given_count, member.balance.given_minutes),
        received: balance(&shell, member.balance.received_count, member.balance.received_minutes),
        member,
    };
    page(&ListPage {
        rows: found.rows.into_iter().map(row).collect(),
        pages: list.page(found.total),
        kinds: words::choices::<MemberKind>(locale),
        organisation_kinds: words::choices::<OrganisationKind>(locale),
        places: super::places::for_filter(&territory, list.get("place").and_then(|id| id.parse().ok())),
        care_groups: if knows_care_groups(&who) { words::choices::<CareGroup>(locale) } else { Vec::new() },
        list,
        shell,
    })
}

/// The list as a file, for staff; contacts only of members whose contacts the viewer may see.
async fn table(web: &Web, who: &Viewer, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    if !who.actor()?.is_staff() {
        return Err(WebError::forbidden());
    }
    let slice = Slice { offset: 0, limit: EXPORT_MAX };
    let found = people::list(&web.app, who, filter(web, list).await?, slice).await?;
    let territory = web.app.territory().await?;
    let columns = [
        "name",
        "kind",
        "place",
        "contact",
        "phone",
        "email",
        "given-count",
        "given-minutes",
        "received-count",
        "received-minutes",
    ];
    let headers = columns.iter().map(|c| shell.t(format!("member-column-{c}"))).collect();
    let mut table = Table::new(shell.tr("member-file", "day", shell.fmt.today().to_string()), headers);
    for member in found.rows {
        let (kind, balance) = (kind(shell, &member), member.balance);
        let contact = match member.draft.details {
            MemberDetails::Organisation { contact, .. } => contact,
            MemberDetails::Person { .. } => None,
        };
        table.push(vec![
            member.draft.name.into(),
            kind.into(),
            territory.full_name(member.location.place).into(),
            contact.into(),
            member.draft.phone.into(),
            member.draft.email.into(),
            Cell::Int(balance.given_count),
            Cell::Int(balance.given_minutes),
            Cell::Int(balance.received_count),
            Cell::Int(balance.received_minutes),
        ]);
    }
    Ok(table)
}

async fn file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    table(&web, &who, &shell, &list).await?.response(kind)
}

async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = match people::show(&web.app, &who, id, list.is("sensitive", "1")).await {
        Err(Error::NotFound) => return kept(&web, &who, id, "/members").await,
        shown => shown?,
    };
    let of_side = async |side: Side| {
        let filter = IntentFilter { member: Some(id), ..IntentFilter::new(side, Sight::Public) };
        intents::list(&web.app, &who, filter, Slice { offset: 0, limit: INTENTS_MAX }).await
    };
    let (needs, offers) = (of_side(Side::Need).await?, of_side(Side::Offer).await?);
    let place = web.app.territory().await?.full_name(view.member.location.place);
    let held = of_person(&web.app, &who, id).await?;
    let posts = holding_lines(&web, &who, &shell, &held).await?;
    page(&ShowPage {
        posts,
        kind: kind(&shell, &view.member),
        place,
        needs,
        offers,
        shell: shell.page(view.member.draft.name.clone(), "members"),
        view,
    })
}

/// The page of the member into which this one was merged.
///
/// # Errors
/// 404 when it was not merged.
pub(crate) async fn kept(web: &Web, who: &Viewer, id: Uuid, path: &str) -> Result<Response, WebError> {
    if who.actor().is_err() {
        return Err(WebError::not_found());
    }
    match people::merged_into(&web.app, who, id).await? {
        Some(kept) => Ok(see_other(&format!("{path}/{kept}"))),
        None => Err(WebError::not_found()),
    }
}

impl ShowPage {
    fn id(&self) -> Uuid {
        self.view.member.id
    }

    fn given_count(&self) -> String {
        self.shell.number(self.view.member.balance.given_count)
    }

    fn received_count(&self) -> String {
        self.shell.number(self.view.member.balance.received_count)
    }

    fn given_time(&self) -> String {
        self.shell.duration(self.view.member.balance.given_minutes)
    }

    fn received_time(&self) -> String {
        self.shell.duration(self.view.member.balance.received_minutes)
    }

    fn contact(&self) -> Option<&str> {
        match &self.view.member.draft.details {
            MemberDetails::Organisation { contact, .. } => contact.as_deref(),
            MemberDetails::Person { .. } => None,
        }
    }

    fn staff_count(&self) -> Option<String> {
        self.view.staff_count.map(|count| self.shell.number(count))
    }

    /// What is known of a person beside the name, in words.
    fn particulars(&self) -> Vec<(String, String)> {
        let MemberDetails::Person { birth_date, sex, registered, retired, .. } = &self.view.member.draft.details else {
            return Vec::new();
        };
        let shell = &self.shell;
        let yes_no = |yes: bool| shell.t(if yes { "member-yes" } else { "member-no" });
        let mut lines = Vec::new();
        lines.extend(sex.map(|s| (shell.t("member-field-sex"), shell.word(&s))));
        lines.extend(birth_date.map(|d| (shell.t("member-field-birth-date"), shell.fmt.day(d))));
        lines.push((shell.t("member-field-registered"), yes_no(*registered)));
        lines.push((shell.t("member-field-retired"), yes_no(*retired)));
        lines
    }

    /// The care groups in words; none while they are not shown.
    fn care_groups(&self) -> Option<Vec<String>> {
        Some(self.view.care_groups.as_ref()?.iter().map(|group| self.shell.word(group)).collect())
    }

    /// Open and past matters, with the ids and titles of their sections.
    fn matters(&self) -> [(&'static str, String, &[MatchCard]); 2] {
        [
            ("open", self.shell.t("member-open-matters"), &self.view.open_matters),
            ("past", self.shell.t("member-past"), &self.view.past),
        ]
    }

    /// Needs and offers, with the ids, links, titles and empty words of their sections.
    fn intents(&self) -> [(&'static str, &'static str, String, String, &Paged<IntentCard>); 2] {
        let shell = &self.shell;
        [
            ("needs", "/needs", shell.t("member-needs"), shell.t("member-no-needs"), &self.needs),
            ("offers", "/offers", shell.t("member-offers"), shell.t("member-no-offers"), &self.offers),
        ]
    }

    /// Whether the member gives in a match; otherwise it receives.
    fn gives(&self, card: &MatchCard) -> bool {
        card.stored.life.giver == self.view.member.id
    }
}
