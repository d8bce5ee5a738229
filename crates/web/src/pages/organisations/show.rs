//! An organisation's page as of a day: how it stands, what it was, whom it is under, who is under it, its posts.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::community::structure::{self, OrganisationView, Standing};
use uuid::Uuid;

use super::{address, asked_day, days};
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    pages::members,
    paging::ListQuery,
    path::Path,
    session::Who,
};

#[derive(Template)]
#[template(path = "organisations/show.html")]
struct ShowPage {
    shell: Shell,
    list: ListQuery,
    view: OrganisationView,
    kind: String,
    place: String,
    /// The residential area in whose system it stands.
    area: Option<(String, String)>,
    history: Vec<Past>,
}

/// A standing in the history.
struct Past {
    days: String,
    standing: Standing,
    kind: String,
    superior: String,
    place: String,
    is_shown: bool,
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = match structure::organisation(&web.app, &who, id, asked_day(&list, "on")).await {
        Err(tongxin_app::Error::NotFound) => return members::kept(&web, &who, id, "/organisations").await,
        shown => shown?,
    };
    let territory = web.app.territory().await?;
    let last = view.history.last().ok_or_else(WebError::not_found)?;
    let standing = view.now.as_ref().unwrap_or(last);
    let area = standing.location.area.and_then(|id| territory.place(id));
    let past = |standing: &Standing| {
        let inside = standing.line.and_then(|line| view.names.get(&line)).cloned();
        let outside = standing.line_outside.as_deref().map(|name| shell.tr("organisation-outside", "name", name));
        Past {
            days: days(&shell, standing),
            kind: shell.word(&standing.kind),
            superior: inside.into_iter().chain(outside).collect::<Vec<_>>().join(" · "),
            place: territory.full_name(standing.location.place),
            is_shown: standing.period.contains(view.day),
            standing: standing.clone(),
        }
    };
    let title = standing.name.clone();
    page(&ShowPage {
        kind: shell.word(&standing.kind),
        place: territory.full_name(standing.location.place),
        area: area.map(|p| (p.name.clone(), list.carry(&format!("/areas/{}/system", p.id), &["on"]))),
        history: view.history.iter().map(past).collect(),
        shell: shell.page(title, "organisations"),
        list,
        view,
    })
}

impl ShowPage {
    fn id(&self) -> Uuid {
        self.view.id
    }

    fn back(&self) -> String {
        self.list.carry("/organisations", &["on"])
    }

    fn address(&self, id: &Uuid) -> String {
        address(&self.list, *id)
    }

    /// The superiors, the highest first.
    fn way(&self) -> Vec<&Standing> {
        self.view.superiors.iter().rev().collect()
    }

    fn outside(&self) -> Option<&str> {
        self.view.now.as_ref().and_then(|s| s.line_outside.as_deref())
    }

    /// When it is not there on the day: that it is not yet, or no longer.
    fn absence(&self) -> Option<String> {
        if self.view.now.is_some() {
            return None;
        }
        let day = self.shell.fmt.day(self.view.day);
        let begun = self.view.history.first().is_some_and(|s| s.period.from <= self.view.day);
        Some(self.shell.tr(if begun { "organisation-gone" } else { "organisation-not-yet" }, "day", day))
    }

    fn since(&self, from: &chrono::NaiveDate) -> String {
        self.shell.tr("organisation-days-since", "from", self.shell.fmt.day(*from))
    }

    fn correct_link(&self, past: &Past) -> String {
        format!("/organisations/{}/correct/{}", self.view.id, past.standing.period.from)
    }

    fn below_note(&self, standing: &Standing) -> String {
        self.shell.word(&standing.kind)
    }
}
