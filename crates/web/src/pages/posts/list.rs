//! The lists of posts: all and vacant ones as of a day, terms that end, missing cross appointments, delegations.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::{
    Slice, Viewer,
    community::post::{self, Delegated, Expiring, ListedPost, Missing, PostFilter},
};
use tongxin_core::community::post::PostKind;

use super::days;
use crate::{
    Web,
    error::WebError,
    export::{FileKind, Table},
    form::Choice,
    layout::{Shell, page},
    pages::organisations::asked_day,
    paging::{ListQuery, Page},
    session::Who,
    words,
};

/// The most posts that one file holds.
const EXPORT_MAX: u64 = 50_000;

struct Row {
    listed: ListedPost,
    kind: String,
    place: String,
    holders: String,
    free: u32,
}

#[derive(Template)]
#[template(path = "posts/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<Row>,
    kinds: Vec<Choice>,
    places: Vec<Choice>,
    vacant: bool,
    organisation: Option<(String, String)>,
}

impl ListPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, if self.vacant { "vacant" } else { "all" })
    }
}

/// The lists: whether it is this one, label, address.
fn views(shell: &Shell, view: &str) -> Vec<(bool, String, String)> {
    [
        ("all", "post-view-all", "/posts"),
        ("vacant", "post-view-vacant", "/posts/vacant"),
        ("expiring", "post-view-expiring", "/posts/expiring"),
        ("cross", "post-view-cross", "/posts/cross"),
        ("delegations", "post-view-delegations", "/delegations"),
    ]
    .map(|(key, label, path)| (key == view, shell.t(label), path.to_owned()))
    .into()
}

async fn filter(web: &Web, list: &ListQuery, vacant: bool) -> Result<PostFilter, WebError> {
    let territory = web.app.territory().await?;
    let place = list.get("place").and_then(|id| id.parse().ok());
    let (area, place) = place.map_or((None, None), |id| {
        // The community itself means its own bodies here: all of it is the list without a filter.
        if id == territory.root() { (None, Some(id)) } else { territory.scope(id) }
    });
    Ok(PostFilter {
        on: asked_day(list, "on").unwrap_or_else(|| web.app.today()),
        organisation: list.get("organisation").and_then(|id| id.parse().ok()),
        kind: list.get("kind").and_then(|code| code.parse().ok()),
        area,
        place,
        text: list.get("q").map(str::to_owned),
        vacant,
    })
}

async fn rows(
    web: &Web,
    who: &Viewer,
    shell: &Shell,
    filter: &PostFilter,
    slice: Slice,
) -> Result<(Vec<Row>, u64), WebError> {
    let found = post::list(&web.app, who, filter, slice).await?;
    let territory = web.app.territory().await?;
    let separator = shell.t("list-separator");
    let row = |(listed, holders): (ListedPost, Vec<String>)| Row {
        kind: shell.word(&listed.post.kind),
        place: territory.full_name(listed.location.place),
        holders: holders.join(&separator),
        free: listed.post.seats.saturating_sub(listed.held),
        listed,
    };
    Ok((found.rows.into_iter().map(row).collect(), found.total))
}

async fn list_page(web: &Web, who: &Viewer, shell: Shell, list: ListQuery, vacant: bool) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let filter = filter(web, &list, vacant).await?;
    let (rows, total) = rows(web, who, &shell, &filter, slice).await?;
    let territory = web.app.territory().await?;
    let organisation = match filter.organisation {
        Some(id) => {
            tongxin_app::people::names(&web.app, who, [id]).await?.remove(&id).map(|name| (id.to_string(), name))
        }
        None => None,
    };
    page(&ListPage {
        pages: list.page(total),
        kinds: words::choices::<PostKind>(shell.locale()),
        places: territory.in_order().into_iter().map(|p| Choice::new(p.id, territory.full_name(p.id))).collect(),
        shell: shell.page_key(if vacant { "post-vacant-title" } else { "post-list-title" }, "organisations"),
        organisation,
        rows,
        list,
        vacant,
    })
}

pub(super) async fn all(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    list_page(&web, &who, shell, list, false).await
}

pub(super) async fn vacant(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    list_page(&web, &who, shell, list, true).await
}

async fn table(web: &Web, who: &Viewer, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    let vacant = list.clear_link().starts_with("/posts/vacant");
    let filter = filter(web, list, vacant).await?;
    let (rows, _) = rows(web, who, shell, &filter, Slice { offset: 0, limit: EXPORT_MAX }).await?;
    let columns = ["organisation", "title", "kind", "place", "seats", "holders", "free", "term", "from", "until"];
    let headers = columns.iter().map(|column| shell.t(format!("post-column-{column}"))).collect();
    let name = if vacant { "post-vacant-title" } else { "post-list-title" };
    let mut table = Table::new(format!("{} {}", shell.t(name), filter.on), headers);
    for row in rows {
        let post = row.listed.post;
        let from = (post.period.from != tongxin_core::period::BEGINNING).then_some(post.period.from);
        table.push(vec![
            row.listed.organisation_name.into(),
            post.title.into(),
            row.kind.into(),
            row.place.into(),
            i64::from(post.seats).into(),
            row.holders.into(),
            i64::from(row.free).into(),
            post.term_months.map(i64::from).into(),
            from.into(),
            post.period.until.into(),
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

#[derive(Template)]
#[template(path = "posts/expiring.html")]
struct ExpiringPage {
    shell: Shell,
    rows: Vec<Expiring>,
}

impl ExpiringPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, "expiring")
    }
}

pub(super) async fn expiring(State(web): State<Web>, Who(who): Who, shell: Shell) -> Result<Response, WebError> {
    let rows = post::expiring(&web.app, &who).await?;
    page(&ExpiringPage { rows, shell: shell.page_key("post-expiring-title", "organisations") })
}

#[derive(Template)]
#[template(path = "posts/cross.html")]
struct CrossPage {
    shell: Shell,
    rows: Vec<Missing>,
}

impl CrossPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, "cross")
    }
}

pub(super) async fn cross(State(web): State<Web>, Who(who): Who, shell: Shell) -> Result<Response, WebError> {
    let rows = post::missing(&web.app, &who).await?;
    page(&CrossPage { rows, shell: shell.page_key("post-cross-title", "organisations") })
}

struct DelegationRow {
    delegated: Delegated,
    days: String,
}

#[derive(Template)]
#[template(path = "posts/delegations.html")]
struct DelegationsPage {
    shell: Shell,
    rows: Vec<DelegationRow>,
}

impl DelegationsPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, "delegations")
    }
}

pub(super) async fn delegations(State(web): State<Web>, Who(who): Who, shell: Shell) -> Result<Response, WebError> {
    let rows = post::delegations(&web.app, &who).await?;
    let row = |delegated: Delegated| DelegationRow { days: days(&shell, &delegated.delegation.period), delegated };
    let rows = rows.into_iter().map(row).collect();
    page(&DelegationsPage { rows, shell: shell.page_key("post-delegations-title", "organisations") })
}
