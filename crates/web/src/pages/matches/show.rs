//! The story of a match, and its next step.

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::{DateTime, Duration, Utc};
use tongxin_app::service::matches::{self, DeliverySteps, MatchView};
use tongxin_core::service::{Delivery, MatchState, Party, Side, matches::CONFIRM_WITHIN_DAYS};
use uuid::Uuid;

use super::Action;
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    path::Path,
    session::Who,
};

/// What happened, or is to happen.
struct Event {
    at: DateTime<Utc>,
    title: String,
    note: String,
}

/// What is to be done now, and by whom.
struct Next {
    text: String,
    actions: Vec<Action>,
}

/// A delivery with what the viewer may do.
struct DeliveryRow {
    delivery: Delivery,
    state: String,
    tone: &'static str,
    actions: Vec<Action>,
}

#[derive(Template)]
#[template(path = "matches/show.html")]
struct ShowPage {
    shell: Shell,
    view: MatchView,
    next: Next,
    story: Vec<Event>,
    deliveries: Vec<DeliveryRow>,
    others: Vec<Action>,
}

/// `GET /matches/{id}`.
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = matches::show(&web.app, &who, id).await?;
    let now = web.app.now();
    let shell = shell.page(view.card.need_title.clone(), "me");
    let next = next(&shell, &view, now);
    let mut others = others(&view);
    others.retain(|other| next.actions.iter().all(|action| action.href != other.href));
    page(&ShowPage { story: story(&shell, &view), deliveries: deliveries(&shell, &view), next, others, view, shell })
}

fn path(view: &MatchView, step: &str) -> String {
    format!("/matches/{}/{step}", view.card.stored.life.id)
}

fn confirm(id: Uuid) -> Action {
    Action::post(format!("/deliveries/{id}/confirm"), "match-confirm", "check")
}

fn settle(id: Uuid) -> Action {
    Action::post(format!("/deliveries/{id}/settle"), "match-settle", "checklist").asking("match-settle-question")
}

fn rate(id: Uuid) -> Action {
    Action::link(format!("/deliveries/{id}/rate"), "match-rate", "star")
}

/// The button that records the arranged visit as it was arranged.
pub(crate) fn as_arranged(id: Uuid) -> Action {
    Action::post(format!("/matches/{id}/delivered"), "match-delivered", "check")
        .primary()
        .asking("match-delivered-question")
}

fn next(shell: &Shell, view: &MatchView, now: DateTime<Utc>) -> Next {
    let card = &view.card;
    let life = &card.stored.life;
    let names = |key: &str| shell.tr2(key, "giver", &card.giver, "receiver", &card.receiver);
    let find = |test: fn(&DeliverySteps) -> bool| view.delivery_steps.iter().find(|s| test(s)).map(|s| s.id);
    if let Some(id) = find(|s| s.confirm) {
        return Next { text: shell.t("match-next-confirm"), actions: vec![confirm(id).primary()] };
    }
    if let Some(id) = find(|s| s.settle) {
        return Next { text: shell.t("match-next-settle"), actions: vec![settle(id).primary()] };
    }
    match life.state {
        MatchState::Proposed if view.steps.answer => Next {
            text: names(if life.asked == Side::Offer { "match-next-answer-give" } else { "match-next-answer-receive" }),
            actions: vec![
                Action::post(path(view, "accept"), "match-accept", "check").primary(),
                Action::link(path(view, "decline"), "match-decline", "x"),
            ],
        },
        MatchState::Proposed => {
            let asked = if life.asked == Side::Offer { &card.giver } else { &card.receiver };
            Next { text: shell.tr("match-next-wait-answer", "name", asked), actions: Vec::new() }
        }
        MatchState::Accepted => Next {
            text: shell.t("match-next-arrange"),
            actions: vec![Action::link(path(view, "arrange"), "match-arrange", "calendar-event").primary()],
        },
        MatchState::Arranged => arranged(shell, view, now),
        MatchState::Delivered => {
            let missing = card.deliveries.iter().find(|d| !d.is_settled());
            let name = match missing {
                Some(d) if d.receiver_confirmed_at.is_none() => &card.receiver,
                _ => &card.giver,
            };
            let due = missing.map_or(now, |d| d.recorded_at + Duration::days(CONFIRM_WITHIN_DAYS));
            Next {
                text: shell.tr2("match-next-wait-confirm", "name", name, "date", shell.date(&due)),
                actions: Vec::new(),
            }
        }
        MatchState::Confirmed | MatchState::Settled => {
            let unrated = card.deliveries.iter().rev().find(|d| d.rating.is_none());
            match unrated.filter(|_| view.parties.contains(&Party::Receiver)) {
                Some(d) => Next { text: shell.t("match-next-rate"), actions: vec![rate(d.id).primary()] },
                None => Next { text: shell.t("match-next-done"), actions: Vec::new() },
            }
        }
        MatchState::Declined => Next { text: shell.t("match-next-declined"), actions: Vec::new() },
        MatchState::Cancelled => Next { text: shell.t("match-next-cancelled"), actions: Vec::new() },
    }
}

fn arranged(shell: &Shell, view: &MatchView, now: DateTime<Utc>) -> Next {
    let life = &view.card.stored.life;
    let Some(window) = life.arranged else {
        return Next { text: shell.t("match-next-arrange"), actions: Vec::new() };
    };
    let when = shell.window(&window.from, &window.until);
    if window.from > now {
        let text = shell.tr("match-next-visit", "when", when);
        return Next {
            text,
            actions: vec![Action::link(path(view, "arrange"), "match-arrange-again", "calendar-event")],
        };
    }
    if !view.steps.deliver {
        return Next {
            text: shell.tr2("match-next-wait-record", "giver", &view.card.giver, "when", when),
            actions: Vec::new(),
        };
    }
    Next {
        text: shell.tr("match-next-record", "when", when),
        actions: vec![as_arranged(life.id), Action::link(path(view, "deliver"), "match-deliver-otherwise", "edit")],
    }
}

/// Steps that are possible but not the next.
fn others(view: &MatchView) -> Vec<Action> {
    let mut actions = Vec::new();
    if view.steps.arrange {
        actions.push(Action::link(path(view, "arrange"), "match-arrange-again", "calendar-event"));
    }
    if view.steps.deliver {
        actions.push(Action::link(path(view, "deliver"), "match-deliver", "clipboard-list"));
    }
    if view.steps.cancel {
        actions.push(Action::link(path(view, "cancel"), "match-cancel", "ban"));
    }
    actions
}

fn deliveries(shell: &Shell, view: &MatchView) -> Vec<DeliveryRow> {
    let row = |(delivery, steps): (&Delivery, &DeliverySteps)| {
        let mut actions = Vec::new();
        if steps.confirm {
            actions.push(confirm(steps.id).primary());
        }
        if steps.settle {
            actions.push(settle(steps.id));
        }
        if steps.rate {
            let mut action = rate(steps.id);
            action.label = if delivery.rating.is_some() { "match-rate-again" } else { "match-rate" };
            actions.push(action);
        }
        let (key, tone) = match delivery {
            d if d.settled_at.is_some() => ("match-delivery-settled", "green"),
            d if d.is_settled() => ("match-delivery-confirmed", "green"),
            d if d.giver_confirmed_at.is_some() => ("match-delivery-receiver-missing", "orange"),
            d if d.receiver_confirmed_at.is_some() => ("match-delivery-giver-missing", "orange"),
            _ => ("match-delivery-both-missing", "orange"),
        };
        DeliveryRow { delivery: delivery.clone(), state: shell.t(key), tone, actions }
    };
    view.card.deliveries.iter().zip(&view.delivery_steps).map(row).collect()
}

fn story(shell: &Shell, view: &MatchView) -> Vec<Event> {
    let card = &view.card;
    let life = &card.stored.life;
    let asked = if life.asked == Side::Offer { &card.giver } else { &card.receiver };
    let mut story = Vec::new();
    let mut add = |at: Option<DateTime<Utc>>, title: String, note: &str| {
        story.extend(at.map(|at| Event { at, title, note: note.to_owned() }));
    };
    add(Some(life.proposed_at), shell.tr("match-event-proposed", "name", asked), "");
    add(life.accepted_at, shell.tr("match-event-accepted", "name", asked), "");
    let running = matches!(life.state, MatchState::Arranged);
    add(life.arranged.filter(|_| running).map(|w| w.from), shell.t("match-event-arranged"), "");
    for d in &card.deliveries {
        let what = shell.tr3(
            "match-event-delivered",
            "date",
            shell.datetime(&d.draft.happened_at),
            "duration",
            shell.duration(d.draft.minutes),
            "quantity",
            d.draft.quantity,
        );
        add(Some(d.recorded_at), what, &d.draft.note);
        let confirmed = |name: &str| shell.tr("match-event-confirmed", "name", name);
        add(d.giver_confirmed_at, confirmed(&card.giver), "");
        add(d.receiver_confirmed_at, confirmed(&card.receiver), "");
        add(d.reminded_at, shell.t("match-event-reminded"), "");
        add(d.settled_at, shell.t("match-event-settled"), "");
    }
    let reason = life.reason.as_deref().unwrap_or_default();
    let closed = match life.state {
        MatchState::Declined => shell.tr("match-event-declined", "name", asked),
        MatchState::Cancelled => shell.t("match-event-cancelled"),
        _ => shell.t("match-event-closed"),
    };
    add(life.closed_at, closed, reason);
    story.sort_by_key(|event| event.at);
    story
}
