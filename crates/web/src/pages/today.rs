//! The day list of a social worker on a phone: the day's visits, and what is overdue.

use std::collections::HashMap;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use chrono::{DateTime, Days, NaiveDate, Utc};
use tongxin_app::service::matches::{self, MatchCard};
use uuid::Uuid;

use super::matches::{Action, as_arranged};
use crate::{
    Web,
    error::WebError,
    format::parse_date,
    layout::{Shell, page},
    paging::ListQuery,
    session::Who,
};

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new().route("/today", get(show))
}

/// An entry of the day list.
struct Entry {
    card: MatchCard,
    time: String,
    giver_phone: Option<String>,
    receiver_phone: Option<String>,
    actions: Vec<Action>,
}

#[derive(Template)]
#[template(path = "today/today.html")]
struct TodayPage {
    shell: Shell,
    day: NaiveDate,
    day_text: String,
    relative: String,
    previous: String,
    following: String,
    is_today: bool,
    visits: Vec<Entry>,
    overdue: Vec<Entry>,
    unconfirmed: Vec<Entry>,
    unanswered: Vec<Entry>,
}

impl TodayPage {
    fn is_empty(&self) -> bool {
        self.visits.is_empty() && self.overdue.is_empty() && self.unconfirmed.is_empty() && self.unanswered.is_empty()
    }
}

fn visit(shell: &Shell, card: MatchCard, phones: &HashMap<Uuid, String>, now: DateTime<Utc>, dated: bool) -> Entry {
    let life = &card.stored.life;
    let mut actions = Vec::new();
    let mut time = String::new();
    if let Some(window) = life.arranged {
        let whole = || shell.window(&window.from, &window.until);
        time = if dated { whole() } else { format!("{}–{}", shell.time(&window.from), shell.time(&window.until)) };
        if window.from <= now {
            actions.push(as_arranged(life.id));
        }
    }
    let back: String = form_urlencoded::byte_serialize(shell.path_and_query.as_bytes()).collect();
    let path = format!("/matches/{}", life.id);
    actions.push(Action::link(format!("{path}/deliver?back={back}"), "match-deliver-otherwise", "edit"));
    actions.push(Action::link(format!("{path}/arrange"), "match-arrange-again", "calendar-event"));
    Entry {
        giver_phone: phones.get(&life.giver).cloned(),
        receiver_phone: phones.get(&life.receiver).cloned(),
        time,
        actions,
        card,
    }
}

fn unconfirmed(shell: &Shell, card: MatchCard, now: DateTime<Utc>) -> Entry {
    let overdue = card.deliveries.iter().filter(|d| d.is_overdue(now));
    let settle = |id: Uuid| {
        Action::post(format!("/deliveries/{id}/settle"), "match-settle", "checklist").asking("match-settle-question")
    };
    Entry {
        time: card
            .deliveries
            .iter()
            .find(|d| d.is_overdue(now))
            .map_or_else(String::new, |d| shell.tr("today-recorded", "when", shell.relative(&d.recorded_at))),
        actions: overdue.map(|d| settle(d.id)).collect(),
        giver_phone: None,
        receiver_phone: None,
        card,
    }
}

fn unanswered(shell: &Shell, card: MatchCard) -> Entry {
    let path = format!("/matches/{}", card.stored.life.id);
    Entry {
        time: shell.tr("today-proposed", "when", shell.relative(&card.stored.life.proposed_at)),
        actions: vec![Action::link(path, "match-open", "eye")],
        giver_phone: None,
        receiver_phone: None,
        card,
    }
}

/// `GET /today?day=2026-11-24`.
async fn show(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let today = web.app.today();
    let day = list.get("day").and_then(|day| parse_date(day).ok()).unwrap_or(today);
    let found = matches::day_list(&web.app, &who, day).await?;
    let now = web.app.now();
    let shell = shell.page_key("today-title", "today");
    let visits = |cards: Vec<MatchCard>, dated: bool| -> Vec<Entry> {
        cards.into_iter().map(|card| visit(&shell, card, &found.phones, now, dated)).collect()
    };
    page(&TodayPage {
        day,
        day_text: shell.fmt.day_short(day),
        relative: shell.fmt.relative_day(day),
        previous: format!("/today?day={}", day.checked_sub_days(Days::new(1)).unwrap_or(day)),
        following: format!("/today?day={}", day.checked_add_days(Days::new(1)).unwrap_or(day)),
        is_today: day == today,
        visits: visits(found.visits, false),
        overdue: visits(found.overdue, true),
        unconfirmed: found.unconfirmed.into_iter().map(|card| unconfirmed(&shell, card, now)).collect(),
        unanswered: found.unanswered.into_iter().map(|card| unanswered(&shell, card)).collect(),
        shell: shell.clone(),
    })
}
