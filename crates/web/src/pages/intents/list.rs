//! The lists of needs and of offers, as pages and as files.

use askama::Template;
use axum::{Extension, extract::State, response::Response};
use tongxin_app::{
    Paged, Slice, Viewer, people, search,
    service::intents::{self, IntentCard, IntentFilter, IntentSort, Sight},
};
use tongxin_core::service::{CareKind, Category, IntentState, Side, Urgency};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    export::{Cell, FileKind, Table},
    form::Choice,
    layout::{self, Shell},
    paging::{ListQuery, Page},
    session::Who,
    words::choices,
};

/// The most rows of a file.
const FILE_ROWS: u64 = 5_000;

#[derive(Template)]
#[template(path = "intents/list.html")]
struct ListPage {
    shell: Shell,
    side: Side,
    list: ListQuery,
    pages: Page,
    cards: Vec<IntentCard>,
    categories: Vec<Choice>,
    care_kinds: Vec<Choice>,
    urgencies: Vec<Choice>,
    states: Vec<Choice>,
    places: Vec<Choice>,
    mine: Vec<Choice>,
    /// The one member whose entries are shown, by name.
    member: Option<String>,
}

impl ListPage {
    fn key(&self, key: &str) -> String {
        super::key(self.side, key)
    }

    fn is_need(&self) -> bool {
        self.side == Side::Need
    }

    fn new_href(&self) -> String {
        format!("{}/new", super::base(self.side))
    }

    fn href(&self, card: &IntentCard) -> String {
        super::href(card)
    }

    fn when(&self, card: &IntentCard) -> String {
        super::when(&self.shell, &card.intent.draft.schedule)
    }

    fn urgency_tone(&self, card: &IntentCard) -> Option<&'static str> {
        super::urgency_tone(card.intent.draft.urgency)
    }

    fn more_open(&self) -> bool {
        ["care_kind", "urgency", "mine", "sort"].iter().any(|name| self.list.get(name).is_some())
    }
}

/// `GET /needs`, `GET /offers`.
pub(super) async fn page(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = read(&web, &who, side, &list, slice).await?;
    let locale = shell.locale();
    let member = match (member(&who, &list), &who) {
        (Some(id), Viewer::Actor(_)) => people::names(&web.app, &who, [id]).await?.remove(&id),
        _ => None,
    };
    let mine = match &who {
        Viewer::Guest => Vec::new(),
        Viewer::Actor(_) => super::members(&web, &who, Vec::new(), None).await?,
    };
    let territory = web.app.territory().await?;
    layout::page(&ListPage {
        side,
        pages: list.page(found.total),
        cards: found.rows,
        categories: choices::<Category>(locale),
        care_kinds: choices::<CareKind>(locale),
        urgencies: choices::<Urgency>(locale),
        states: choices::<IntentState>(locale).into_iter().filter(|c| c.value != IntentState::Open.code()).collect(),
        places: super::places(&territory, &territory.choices(read_code(&list, "place"))),
        mine,
        member,
        list,
        shell: shell.page_key(&super::key(side, "intent-list"), super::active(side)),
    })
}

/// `GET /needs.xlsx` and `.csv`, `GET /offers.xlsx` and `.csv`: the same list as a file.
pub(super) async fn file(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    table(&web, &who, side, &shell, &list).await?.response(kind)
}

async fn read(
    web: &Web,
    who: &Viewer,
    side: Side,
    list: &ListQuery,
    slice: Slice,
) -> Result<Paged<IntentCard>, WebError> {
    let mut filter = IntentFilter::new(side, Sight::Public);
    filter.states = match list.get("state") {
        Some("all") => Vec::new(),
        Some(code) => code.parse().map_or_else(|_| vec![IntentState::Open], |state| vec![state]),
        None => vec![IntentState::Open],
    };
    filter.category = read_code(list, "category");
    filter.care_kind = read_code(list, "care_kind");
    filter.urgency = read_code(list, "urgency");
    if let Some(place) = read_code(list, "place") {
        (filter.area, filter.place) = web.app.territory().await?.scope(place);
    }
    filter.member = member(who, list);
    if let (Viewer::Actor(actor), Some(member)) = (who, read_code::<Uuid>(list, "mine")) {
        filter.member = Some(member).filter(|m| actor.members().contains(m)).or(Some(actor.person));
    }
    filter.tokens = list.get("q").and_then(search::query_tokens);
    filter.sort = match list.get("sort") {
        Some("oldest") => IntentSort::Oldest,
        Some("ends") => IntentSort::EndsFirst,
        _ => IntentSort::Newest,
    };
    Ok(intents::list(&web.app, who, filter, slice).await?)
}

/// The member whose entries are asked for. Guests don't see who a person is, so they can't ask either.
fn member(who: &Viewer, list: &ListQuery) -> Option<Uuid> {
    who.actor().ok()?;
    read_code(list, "member")
}

fn read_code<T: std::str::FromStr>(list: &ListQuery, name: &str) -> Option<T> {
    list.get(name)?.parse().ok()
}

async fn table(web: &Web, who: &Viewer, side: Side, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    who.actor()?;
    let found = read(web, who, side, list, Slice { offset: 0, limit: FILE_ROWS }).await?;
    let columns = [
        "title",
        "text",
        "category",
        "care-kind",
        "member",
        "place",
        "from",
        "until",
        "repeat",
        "quantity",
        "left",
        "urgency",
        "reach",
        "visibility",
        "state",
        "created",
    ];
    let headers = columns.iter().map(|name| shell.t(format!("intent-field-{name}"))).collect();
    let mut table = Table::new(shell.t(super::key(side, "intent-list")), headers);
    let local = |at: chrono::DateTime<chrono::Utc>| Cell::from(at.with_timezone(&shell.zone()).naive_local());
    for card in found.rows {
        let (intent, draft) = (&card.intent, &card.intent.draft);
        table.push(vec![
            draft.title.clone().into(),
            draft.text.clone().into(),
            shell.word(&draft.category).into(),
            shell.word(&draft.care_kind).into(),
            card.member.as_ref().map(|m| m.name.clone()).into(),
            card.place.clone().into(),
            local(draft.schedule.window.from),
            local(draft.schedule.window.until),
            draft.schedule.rule.as_ref().map(|rule| shell.rule(rule)).into(),
            draft.quantity.into(),
            intent.remaining().into(),
            shell.word(&draft.urgency).into(),
            shell.word(&draft.reach).into(),
            shell.word(&draft.visibility).into(),
            shell.word(&intent.state).into(),
            local(intent.created_at),
        ]);
    }
    Ok(table)
}
