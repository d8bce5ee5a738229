//! Members who may be one: suspected pairs, two side by side, and the merges that were done.

mod compare;
mod merges;
pub(crate) mod suspects;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use tongxin_app::{
    Slice, Viewer,
    people::duplicate::{self, Pair},
};
use uuid::Uuid;

use self::suspects::{MemberLine, reasons};
use crate::{
    Web,
    error::WebError,
    form::Choice,
    layout::{Shell, page},
    paging::{ListQuery, Page},
    session::Who,
};

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/duplicates", get(list))
        .route("/duplicates/{a}/{b}", get(compare::show))
        .route("/duplicates/{a}/{b}/merge", post(compare::merge))
        .route("/duplicates/{a}/{b}/apart", post(compare::apart))
        .route("/merges", get(merges::list))
        .route("/merges/{id}/undo", get(merges::ask_undo).post(merges::undo))
}

struct Row {
    one: MemberLine,
    other: MemberLine,
    reasons: Vec<(String, &'static str)>,
    href: String,
    apart: String,
}

impl Row {
    fn members(&self) -> [&MemberLine; 2] {
        [&self.one, &self.other]
    }
}

#[derive(Template)]
#[template(path = "duplicates/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<Row>,
    places: Vec<Choice>,
    more: bool,
}

/// The views of duplicates: whether it is this one, label, address.
fn views(shell: &Shell, view: &str) -> Vec<(bool, String, String)> {
    [("suspected", "duplicate-view-suspected", "/duplicates"), ("merges", "duplicate-view-merges", "/merges")]
        .map(|(key, label, path)| (key == view, shell.t(label), path.to_owned()))
        .into()
}

/// The residential areas that the viewer looks after; all of them for the subdistrict.
pub(in crate::pages) async fn areas(web: &Web, who: &Viewer) -> Result<Vec<Choice>, WebError> {
    let territory = web.app.territory().await?;
    let actor = who.actor()?;
    let own = actor.staff_places();
    let all = own.contains(&territory.root());
    let seen = territory.areas().into_iter().filter(|area| all || own.contains(&area.id));
    Ok(seen.map(|area| Choice::new(area.id, &area.name)).collect())
}

/// The place that a list is asked for; what is no id is as if it had not been asked.
pub(in crate::pages) fn asked_place(list: &ListQuery) -> Option<Uuid> {
    list.get("place").and_then(|id| id.parse().ok())
}

async fn list(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = duplicate::list(&web.app, &who, asked_place(&list), slice).await?;
    let territory = web.app.territory().await?;
    let shell = shell.page_key("duplicate-title", "organisations");
    let row = |pair: Pair| {
        let pair_path = format!("/duplicates/{}/{}", pair.one.id, pair.other.id);
        Row {
            one: MemberLine::new(&shell, &territory, &pair.one),
            other: MemberLine::new(&shell, &territory, &pair.other),
            reasons: reasons(&shell, &pair.suspicion.reasons),
            apart: format!("{pair_path}/apart"),
            href: pair_path,
        }
    };
    let rows = found.page.rows.into_iter().map(row).collect();
    page(&ListPage {
        rows,
        pages: list.page(found.page.total),
        places: areas(&web, &who).await?,
        more: found.more,
        shell,
        list,
    })
}

impl ListPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, "suspected")
    }
}
