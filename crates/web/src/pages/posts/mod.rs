//! Posts of organisations: who holds them, what is vacant, expiring or missing, delegations, and why one may do something.

mod form;
mod list;
mod show;
mod why;

use axum::{
    Router,
    routing::{get, post},
};
use tongxin_app::{Viewer, community::post::Holding, people};
use tongxin_core::period::{BEGINNING, Period};
use uuid::Uuid;

use crate::{Web, error::WebError, layout::Shell};

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/posts", get(list::all))
        .route("/posts.xlsx", get(list::file))
        .route("/posts.csv", get(list::file))
        .route("/posts/vacant", get(list::vacant))
        .route("/posts/vacant.xlsx", get(list::file))
        .route("/posts/vacant.csv", get(list::file))
        .route("/posts/expiring", get(list::expiring))
        .route("/posts/cross", get(list::cross))
        .route("/posts/new", get(form::new).post(form::create))
        .route("/posts/{id}", get(show::show))
        .route("/posts/{id}/edit", get(form::edit).post(form::save))
        .route("/posts/{id}/end", get(form::ask_end).post(form::end))
        .route("/posts/{id}/appoint", get(form::ask_appoint).post(form::appoint))
        .route("/posts/{id}/appointments/{appointment}", get(form::ask_correct).post(form::correct))
        .route("/posts/{id}/appointments/{appointment}/end", get(form::ask_end_appointment).post(form::end_appointment))
        .route("/posts/{id}/appointments/{appointment}/delegate", get(form::ask_delegate).post(form::delegate))
        .route("/posts/{id}/cross", get(form::ask_cross).post(form::require_cross))
        .route("/posts/{id}/cross/{required}/end", post(form::end_cross))
        .route("/delegations", get(list::delegations))
        .route("/delegations/{id}/end", post(form::end_delegation))
        .route("/why", get(why::show))
}

/// A post that a person holds or held, as a line of a table.
pub(super) struct HoldingLine {
    /// The post.
    pub post: Uuid,
    /// Its title.
    pub title: String,
    /// Its organisation.
    pub organisation: Uuid,
    /// The organisation's name.
    pub organisation_name: String,
    /// The days in the reader's form.
    pub days: String,
    /// The note.
    pub note: String,
    /// Whether it is held today.
    pub held: bool,
}

/// The lines of these holdings.
pub(super) async fn holding_lines(
    web: &Web,
    who: &Viewer,
    shell: &Shell,
    held: &[Holding],
) -> Result<Vec<HoldingLine>, WebError> {
    let names = people::names(&web.app, who, held.iter().map(|h| h.post.organisation)).await?;
    let today = web.app.today();
    let line = |h: &Holding| HoldingLine {
        post: h.post.id,
        title: h.post.title.clone(),
        organisation: h.post.organisation,
        organisation_name: names.get(&h.post.organisation).cloned().unwrap_or_default(),
        days: days(shell, &h.appointment.period),
        note: h.appointment.note.clone(),
        held: h.appointment.period.contains(today) && h.post.period.contains(today),
    };
    Ok(held.iter().map(line).collect())
}

/// A period in the reader's form.
pub(super) fn days(shell: &Shell, period: &Period) -> String {
    let from = shell.fmt.day(period.from);
    match (period.from == BEGINNING, period.until) {
        (true, None) => shell.t("post-days-always"),
        (true, Some(until)) => shell.tr("post-days-until", "until", shell.last_day(until)),
        (false, None) => shell.tr("post-days-since", "from", from),
        (false, Some(until)) => shell.tr2("post-days-between", "from", from, "until", shell.last_day(until)),
    }
}
