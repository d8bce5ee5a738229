//! The merges that were done, and putting one back.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use tongxin_app::{
    Error, Slice,
    people::merge::{self, MergeView},
};
use uuid::Uuid;

use super::{areas, asked_place, views};
use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    layout::{Shell, page, page_with},
    paging::{ListQuery, Page},
    path::Path,
    session::{Who, done},
};

#[derive(Template)]
#[template(path = "duplicates/merges.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<MergeView>,
    places: Vec<Choice>,
}

impl ListPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, "merges")
    }
}

pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = merge::list(&web.app, &who, asked_place(&list), slice).await?;
    page(&ListPage {
        pages: list.page(found.total),
        rows: found.rows,
        places: areas(&web, &who).await?,
        shell: shell.page_key("merge-title", "organisations"),
        list,
    })
}

#[derive(Template)]
#[template(path = "duplicates/undo.html")]
struct UndoPage {
    shell: Shell,
    form: FormState,
    view: MergeView,
}

impl UndoPage {
    fn new(shell: Shell, view: MergeView, form: FormState) -> Self {
        Self { shell: shell.page_key("merge-undo-title", "organisations"), form, view }
    }

    fn action(&self) -> String {
        format!("/merges/{}/undo", self.view.merge.id)
    }
}

pub(super) async fn ask_undo(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = merge::show(&web.app, &who, id).await?;
    page(&UndoPage::new(shell, view, FormState::new()))
}

pub(super) async fn undo(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    match merge::undo(&web.app, &who, id).await {
        Ok(()) => Ok(done("/merges", "done-merge-undone")),
        Err(error @ Error::Invalid(_)) => {
            let view = merge::show(&web.app, &who, id).await?;
            let form = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &UndoPage::new(shell, view, form))
        }
        Err(error) => Err(WebError::from(error).back_to("/merges")),
    }
}
