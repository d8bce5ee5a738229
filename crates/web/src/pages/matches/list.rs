//! The list of matches: one's own, or those of the areas where the viewer is staff; on a page or as a file.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::{
    Paged, Slice, Viewer,
    service::matches::{self, MatchCard, MatchFilter},
};
use tongxin_core::service::MatchState;

use crate::{
    Web,
    error::WebError,
    export::{Cell, FileKind, Table},
    form::Choice,
    layout::{Shell, page},
    paging::{ListQuery, Page},
    session::Who,
    words::choices,
};

/// The most rows of a file.
const EXPORT_MAX: u64 = 20_000;

#[derive(Template)]
#[template(path = "matches/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    page: Page,
    cards: Vec<MatchCard>,
    states: Vec<Choice>,
    views: Vec<Choice>,
}

/// Whether the list is that of the viewer's areas: what staff sees unless it asks for its own.
fn of_area(who: &Viewer, list: &ListQuery) -> bool {
    let staff = matches!(who, Viewer::Actor(actor) if actor.is_staff());
    match list.get("view") {
        Some("area") => true,
        Some("mine") => false,
        _ => staff,
    }
}

async fn read(web: &Web, who: &Viewer, list: &ListQuery, slice: Slice) -> Result<Paged<MatchCard>, WebError> {
    let states: Vec<MatchState> = list.all("state").into_iter().filter_map(|s| s.parse().ok()).collect();
    let filter = MatchFilter { states, ..MatchFilter::default() };
    Ok(matches::list(&web.app, who, of_area(who, list), filter, slice).await?)
}

/// `GET /matches?view=mine|area&state=…`.
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = read(&web, &who, &list, slice).await?;
    let views = if shell.is_staff {
        vec![Choice::new("area", shell.t("match-view-area")), Choice::new("mine", shell.t("match-view-mine"))]
    } else {
        Vec::new()
    };
    page(&ListPage {
        states: choices::<MatchState>(shell.locale()),
        page: list.page(found.total),
        cards: found.rows,
        views,
        list,
        shell: shell.page_key("match-list-title", "me"),
    })
}

async fn table(web: &Web, who: &Viewer, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    let found = read(web, who, list, Slice { offset: 0, limit: EXPORT_MAX }).await?;
    let headers = [
        "title",
        "category",
        "giver",
        "receiver",
        "place",
        "quantity",
        "delivered",
        "state",
        "proposed",
        "arranged",
        "closed",
        "minutes",
        "rating",
        "reason",
    ];
    let headers = headers.iter().map(|name| shell.t(format!("match-field-{name}"))).collect();
    let mut table = Table::new(shell.t("match-list-title"), headers);
    let local = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&shell.zone()).naive_local();
    for card in found.rows {
        let life = card.stored.life;
        table.push(vec![
            Cell::from(card.need_title),
            Cell::from(shell.word(&card.stored.category)),
            Cell::from(card.giver),
            Cell::from(card.receiver),
            Cell::from(card.place),
            Cell::from(life.quantity),
            Cell::from(life.delivered),
            Cell::from(shell.word(&life.state)),
            Cell::from(local(life.proposed_at)),
            Cell::from(life.arranged.map(|w| local(w.from))),
            Cell::from(life.closed_at.map(local)),
            Cell::from(card.deliveries.iter().map(|d| d.draft.minutes).sum::<i64>()),
            Cell::from(card.deliveries.iter().rev().find_map(|d| d.rating)),
            Cell::from(life.reason),
        ]);
    }
    Ok(table)
}

/// `GET /matches.xlsx` and `.csv`.
pub(super) async fn file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    table(&web, &who, &shell, &list).await?.response(kind)
}
