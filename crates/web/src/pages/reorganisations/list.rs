//! The list of reorganisations.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::{
    Slice,
    community::reorganisation::{self, Reorganisation, ReorganisationState},
};

use super::{state, tone};
use crate::{
    Web,
    error::WebError,
    form::Choice,
    layout::{Shell, page},
    paging::{ListQuery, Page},
    session::Who,
    words,
};

#[derive(Template)]
#[template(path = "reorganisations/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<Reorganisation>,
    may_edit: bool,
    states: Vec<Choice>,
}

impl ListPage {
    fn state(&self, row: &Reorganisation) -> String {
        state(&self.shell, row)
    }

    fn tone(&self, row: &Reorganisation) -> &'static str {
        tone(row.state)
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let asked = list.get("state").and_then(|code| code.parse().ok());
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = reorganisation::list(&web.app, &who, asked, slice).await?;
    page(&ListPage {
        pages: list.page(found.total),
        rows: found.rows,
        may_edit: reorganisation::may_edit(&web.app, &who).await?,
        states: words::choices::<ReorganisationState>(shell.locale()),
        shell: shell.page_key("reorganisation-list-title", "organisations"),
        list,
    })
}
