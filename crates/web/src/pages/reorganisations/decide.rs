//! Putting a reorganisation into force, and withdrawing it: each asks first.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::community::reorganisation::{self, ReorganisationView};
use uuid::Uuid;

use super::{address, draft, preview};
use crate::{
    Web,
    error::WebError,
    form::RawForm,
    layout::{Shell, page, see_other},
    path::Path,
    session::{Who, done},
};

#[derive(Template)]
#[template(path = "reorganisations/confirm.html")]
struct ConfirmPage {
    shell: Shell,
    view: ReorganisationView,
    /// Whether it is to be put into force; otherwise withdrawn.
    force: bool,
    levels: String,
}

impl ConfirmPage {
    fn back(&self) -> String {
        address(self.view.reorganisation.id)
    }

    fn action(&self) -> String {
        let what = if self.force { "put-in-force" } else { "withdraw" };
        format!("{}/{what}", self.back())
    }

    fn day(&self) -> String {
        self.shell.fmt.day(self.view.reorganisation.effective_on)
    }

    fn is_past(&self) -> bool {
        self.view.reorganisation.effective_on < self.shell.fmt.today()
    }
}

async fn ask(web: Web, who: Who, shell: Shell, id: Uuid, force: bool) -> Result<Response, WebError> {
    let view = draft(&web, &who, id).await?;
    if force && (view.after.is_none() || view.reorganisation.steps.is_empty()) {
        return Ok(see_other(&address(id)));
    }
    let key = if force { "reorganisation-force-title" } else { "reorganisation-withdraw-title" };
    let levels = preview::levels(&shell, &view);
    page(&ConfirmPage { shell: shell.page_key(key, "organisations"), view, force, levels })
}

pub(super) async fn ask_force(
    State(web): State<Web>,
    who: Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    ask(web, who, shell, id, true).await
}

pub(super) async fn ask_withdraw(
    State(web): State<Web>,
    who: Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    ask(web, who, shell, id, false).await
}

pub(super) async fn force(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    let outcome = reorganisation::put_in_force(&web.app, &who, id).await;
    outcome.map_err(|error| WebError::from(error).back_to(address(id)))?;
    Ok(done(&address(id), "done-reorganisation-in-force"))
}

pub(super) async fn withdraw(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    let outcome = reorganisation::withdraw(&web.app, &who, id).await;
    outcome.map_err(|error| WebError::from(error).back_to(address(id)))?;
    Ok(done(&address(id), "done-reorganisation-withdrawn"))
}
