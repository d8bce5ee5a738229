//! The list of organisations as of a day, and the same as a file.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::{
    Slice, Viewer,
    community::structure::{self, Listed, OrganisationFilter},
};
use tongxin_core::community::OrganisationKind;

use super::{address, asked_day, superiors, title, views};
use crate::{
    Web,
    error::WebError,
    export::{FileKind, Table},
    form::Choice,
    layout::{Shell, page},
    paging::{ListQuery, Page},
    session::Who,
    words,
};

/// The most organisations that one file holds.
const EXPORT_MAX: u64 = 50_000;
/// The value of the filter by line for organisations without a superior.
const NONE: &str = "none";

struct Row {
    listed: Listed,
    href: String,
    kind: String,
    place: String,
    superior: String,
}

#[derive(Template)]
#[template(path = "organisations/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<Row>,
    kinds: Vec<Choice>,
    places: Vec<Choice>,
    lines: Vec<Choice>,
}

fn filter(list: &ListQuery) -> OrganisationFilter {
    OrganisationFilter {
        on: asked_day(list, "on"),
        kind: list.get("kind").and_then(|code| code.parse().ok()),
        place: list.get("place").and_then(|id| id.parse().ok()),
        line: list.get("line").and_then(|id| id.parse().ok()),
        without_superior: list.is("line", NONE),
        text: list.get("q").map(str::to_owned),
    }
}

/// The superior in words: within the community, outside, or both.
fn superior(shell: &Shell, listed: &Listed) -> String {
    match (&listed.superior, &listed.standing.line_outside) {
        (Some(inside), None) => inside.clone(),
        (None, Some(outside)) => shell.tr("organisation-outside", "name", outside.as_str()),
        (Some(inside), Some(outside)) => {
            format!("{inside} · {}", shell.tr("organisation-outside", "name", outside.as_str()))
        }
        (None, None) => String::new(),
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let whole = structure::structure(&web.app, &who, asked_day(&list, "on")).await?;
    let found = structure::list_of(&web.app, &whole, &filter(&list), slice).await?;
    let territory = web.app.territory().await?;
    let title = title(&shell, "organisation-list-title", &list);
    let row = |listed: Listed| Row {
        href: address(&list, listed.standing.organisation),
        kind: shell.word(&listed.standing.kind),
        place: territory.full_name(listed.standing.location.place),
        superior: superior(&shell, &listed),
        listed,
    };
    let rows = found.rows.into_iter().map(row).collect();
    let mut lines = superiors(&whole);
    lines.insert(0, Choice::new(NONE, shell.t("organisation-without-superior")));
    page(&ListPage {
        rows,
        pages: list.page(found.total),
        kinds: words::choices::<OrganisationKind>(shell.locale()),
        places: crate::pages::places::for_filter(&territory, list.get("place").and_then(|id| id.parse().ok())),
        lines,
        shell: shell.page(title, "organisations"),
        list,
    })
}

impl ListPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, &self.list, "list")
    }
}

async fn table(web: &Web, who: &Viewer, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    let slice = Slice { offset: 0, limit: EXPORT_MAX };
    let found = structure::list(&web.app, who, &filter(list), slice).await?;
    let territory = web.app.territory().await?;
    let columns = ["name", "kind", "superior", "outside", "place", "from", "until"];
    let headers = columns.iter().map(|c| shell.t(format!("organisation-column-{c}"))).collect();
    let day = asked_day(list, "on").unwrap_or_else(|| web.app.today());
    let mut table = Table::new(shell.tr("organisation-file", "day", day.to_string()), headers);
    for Listed { standing, superior, .. } in found.rows {
        let from = (standing.period.from != tongxin_core::period::BEGINNING).then_some(standing.period.from);
        table.push(vec![
            standing.name.into(),
            shell.word(&standing.kind).into(),
            superior.into(),
            standing.line_outside.into(),
            territory.full_name(standing.location.place).into(),
            from.into(),
            standing.period.until.into(),
        ]);
    }
    Ok(table)
}

pub(super) async fn file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    table(&web, &who, &shell, &list).await?.response(kind)
}
