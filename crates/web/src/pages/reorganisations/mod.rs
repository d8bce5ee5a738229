//! Reorganisations: the list, a draft with its steps and what it does before and after, putting it into force, and the
//! notice of it (S7, S8).

mod decide;
mod form;
mod list;
mod notice;
mod preview;
mod show;
mod step;
mod words;

use axum::{
    Router,
    routing::{get, post},
};
use tongxin_app::community::reorganisation::{ReorganisationState, ReorganisationView};
use uuid::Uuid;

pub(crate) use words::{fault_text, step_text};

use crate::{Web, error::WebError, layout::Shell, session::Who};

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/reorganisations", get(list::show))
        .route("/reorganisations/new", get(form::new).post(form::create))
        .route("/reorganisations/{id}", get(show::show))
        .route("/reorganisations/{id}/edit", get(form::edit).post(form::save))
        .route("/reorganisations/{id}/steps", post(step::add))
        .route("/reorganisations/{id}/steps/{number}/remove", post(step::remove))
        .route("/reorganisations/{id}/steps/{number}/earlier", post(step::earlier))
        .route("/reorganisations/{id}/put-in-force", get(decide::ask_force).post(decide::force))
        .route("/reorganisations/{id}/withdraw", get(decide::ask_withdraw).post(decide::withdraw))
        .route("/reorganisations/{id}/notice", get(notice::show))
}

/// The address of a reorganisation's page.
fn address(id: Uuid) -> String {
    format!("/reorganisations/{id}")
}

/// The tone of a state's badge.
fn tone(state: ReorganisationState) -> &'static str {
    match state {
        ReorganisationState::Draft => "blue",
        ReorganisationState::InForce => "green",
        ReorganisationState::Withdrawn => "secondary",
    }
}

/// The state in words; what is in force but has not begun says so.
fn state(shell: &Shell, reorganisation: &tongxin_app::community::reorganisation::Reorganisation) -> String {
    let waits = reorganisation.state == ReorganisationState::InForce && reorganisation.effective_on > shell.fmt.today();
    if waits { shell.t("reorganisation-waits") } else { shell.word(&reorganisation.state) }
}

/// The draft, for who may change it.
async fn draft(web: &Web, who: &Who, id: Uuid) -> Result<ReorganisationView, WebError> {
    who.0.actor()?;
    let view = tongxin_app::community::reorganisation::show(&web.app, &who.0, id).await?;
    if !view.may_edit {
        return Err(WebError::forbidden().back_to(address(id)));
    }
    if view.reorganisation.state != ReorganisationState::Draft {
        let error = tongxin_app::Error::Conflict("reorganisation_decided");
        return Err(WebError::from(error).back_to(address(id)));
    }
    Ok(view)
}
