//! A post's page.

use std::collections::HashSet;

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::community::post::{self, PostView};
use tongxin_core::community::post::duties_at;
use uuid::Uuid;

use super::days;
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    path::Path,
    session::Who,
};

struct HolderLine {
    id: Uuid,
    person: Uuid,
    name: String,
    days: String,
    note: String,
    holds: bool,
    /// Not ended yet.
    lasts: bool,
    may_delegate: bool,
}

struct CrossLine {
    id: Uuid,
    text: String,
    days: String,
    lasts: bool,
}

struct LentLine {
    id: Uuid,
    text: String,
    days: String,
    reason: String,
    may_end: bool,
}

#[derive(Template)]
#[template(path = "posts/show.html")]
struct ShowPage {
    shell: Shell,
    id: Uuid,
    organisation: Uuid,
    organisation_name: String,
    kind: String,
    place: String,
    days: String,
    seats: String,
    term: String,
    duties: Vec<String>,
    holders: Vec<HolderLine>,
    cross: Vec<CrossLine>,
    lent: Vec<LentLine>,
    vacant: bool,
    may_manage: bool,
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = post::show(&web.app, &who, id).await?;
    let territory = web.app.territory().await?;
    let today = web.app.today();
    let PostView { post, organisation, names, .. } = &view;
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
    let lasts = |period: &tongxin_core::period::Period| period.until.is_none_or(|until| today < until);
    let delegable: HashSet<Uuid> = view.may_delegate.iter().copied().collect();
    let holders: Vec<HolderLine> = view
        .held
        .iter()
        .rev()
        .map(|held| HolderLine {
            id: held.appointment.id,
            person: held.appointment.person,
            name: name(held.appointment.person),
            days: days(&shell, &held.appointment.period),
            note: held.appointment.note.clone(),
            holds: held.appointment.period.contains(today),
            lasts: lasts(&held.appointment.period),
            may_delegate: delegable.contains(&held.appointment.id),
        })
        .collect();
    let cross = view.cross.iter().map(|required| CrossLine {
        id: required.id,
        text: format!("{} · {}", name(required.organisation), shell.word(&required.kind)),
        days: days(&shell, &required.period),
        lasts: lasts(&required.period),
    });
    let holder_of = |appointment: Uuid| view.held.iter().find(|held| held.appointment.id == appointment);
    let lent = view.delegations.iter().rev().map(|lent| {
        let from = holder_of(lent.appointment).map(|held| name(held.appointment.person)).unwrap_or_default();
        LentLine {
            id: lent.id,
            text: shell.tr2("post-lent", "from", from, "to", name(lent.to)),
            days: days(&shell, &lent.period),
            reason: lent.reason.clone(),
            may_end: lasts(&lent.period) && (view.may_manage || delegable.contains(&lent.appointment)),
        }
    });
    let duties = duties_at(post.kind, organisation.kind, organisation.location);
    let held_now = holders.iter().filter(|line| line.holds).count();
    page(&ShowPage {
        id,
        organisation: organisation.organisation,
        organisation_name: organisation.name.clone(),
        kind: shell.word(&post.kind),
        place: territory.full_name(organisation.location.place),
        days: days(&shell, &post.period),
        seats: post.seats.to_string(),
        term: post.term_months.map_or_else(|| shell.t("post-no-term"), |n| shell.tr("post-months", "months", n)),
        duties: duties.map(|duty| shell.word(&duty)).collect(),
        vacant: post.period.contains(today) && held_now < usize::try_from(post.seats).unwrap_or(usize::MAX),
        cross: cross.collect(),
        lent: lent.collect(),
        may_manage: view.may_manage,
        holders,
        shell: shell.page(format!("{} · {}", organisation.name, post.title), "organisations"),
    })
}
