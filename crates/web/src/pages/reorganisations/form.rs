//! Title, text and day of a reorganisation.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use tongxin_app::{
    Error,
    community::reorganisation::{self, ReorganisationForm, TEXT_MAX, TITLE_MAX},
};
use uuid::Uuid;

use super::{address, draft};
use crate::{
    Web,
    error::WebError,
    form::{FormState, RawForm},
    layout::{Shell, page, page_with},
    path::Path,
    session::{Who, done},
};

#[derive(Template)]
#[template(path = "reorganisations/form.html")]
struct FormPage {
    shell: Shell,
    form: FormState,
    id: Option<Uuid>,
}

impl FormPage {
    fn new(shell: Shell, form: FormState, id: Option<Uuid>) -> Self {
        let title = if id.is_some() { "reorganisation-edit-title" } else { "reorganisation-new-title" };
        Self { shell: shell.page_key(title, "organisations"), form, id }
    }

    fn action(&self) -> String {
        self.id.map_or_else(|| "/reorganisations/new".to_owned(), |id| format!("{}/edit", address(id)))
    }

    fn back(&self) -> String {
        self.id.map_or_else(|| "/reorganisations".to_owned(), address)
    }

    fn title_max(&self) -> usize {
        TITLE_MAX
    }

    fn text_max(&self) -> usize {
        TEXT_MAX
    }
}

fn read(form: &RawForm) -> ReorganisationForm {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    ReorganisationForm { title: text("title"), text: text("text"), effective_on: text("effective_on") }
}

/// The page of what was done, or the form again with what was wrong.
fn answer(
    shell: Shell,
    form: RawForm,
    id: Option<Uuid>,
    outcome: Result<(Uuid, &'static str), Error>,
) -> Result<Response, WebError> {
    match outcome {
        Ok((id, message)) => Ok(done(&address(id), message)),
        Err(error @ Error::Invalid(_)) => {
            let form = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &FormPage::new(shell, form, id))
        }
        Err(error) => Err(WebError::from(error).back_to(id.map_or_else(|| "/reorganisations".to_owned(), address))),
    }
}

pub(super) async fn new(State(web): State<Web>, Who(who): Who, shell: Shell) -> Result<Response, WebError> {
    who.actor()?;
    if !reorganisation::may_edit(&web.app, &who).await? {
        return Err(WebError::forbidden().back_to("/reorganisations"));
    }
    page(&FormPage::new(shell, FormState::new(), None))
}

pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    form: RawForm,
) -> Result<Response, WebError> {
    let outcome = reorganisation::draft(&web.app, &who, &read(&form)).await;
    answer(shell, form, None, outcome.map(|id| (id, "done-reorganisation-drafted")))
}

pub(super) async fn edit(
    State(web): State<Web>,
    who: Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let stored = draft(&web, &who, id).await?.reorganisation;
    let form = FormState::new()
        .with("title", stored.title)
        .with("text", stored.text)
        .with("effective_on", stored.effective_on);
    page(&FormPage::new(shell, form, Some(id)))
}

pub(super) async fn save(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let outcome = reorganisation::edit(&web.app, &who, id, &read(&form)).await;
    answer(shell, form, Some(id), outcome.map(|()| (id, "done-reorganisation-saved")))
}
