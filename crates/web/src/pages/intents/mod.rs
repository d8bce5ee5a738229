//! Pages of needs and offers. Both sides share every handler; [`Side`] comes with the route.

mod form;
mod list;
mod respond;
mod show;

use axum::{Extension, Router, routing::get, routing::post};
use tongxin_app::{
    Viewer,
    community::Territory,
    people::{self, Member},
    service::intents::IntentCard,
};
use tongxin_core::{
    community::Place,
    service::{Category, Side, Urgency, schedule::Schedule},
};
use uuid::Uuid;

use crate::{Web, error::WebError, form::Choice, layout::Shell};

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new().merge(of_side(Side::Need)).merge(of_side(Side::Offer))
}

fn of_side(side: Side) -> Router<Web> {
    let base = base(side);
    let at = |rest: &str| format!("{base}{rest}");
    Router::new()
        .route(base, get(list::page))
        .route(&at(".xlsx"), get(list::file))
        .route(&at(".csv"), get(list::file))
        .route(&at("/new"), get(form::new).post(form::create))
        .route(&at("/{id}"), get(show::page))
        .route(&at("/{id}/edit"), get(form::edit).post(form::save))
        .route(&at("/{id}/withdraw"), get(show::ask_withdraw).post(show::withdraw))
        .route(&at("/{id}/reopen"), post(show::reopen))
        .route(&at("/{id}/respond"), get(respond::page).post(respond::send))
        .route(&at("/{id}/matches"), get(show::candidates))
        .layer(Extension(side))
}

/// The path of a side's list.
pub(crate) const fn base(side: Side) -> &'static str {
    match side {
        Side::Need => "/needs",
        Side::Offer => "/offers",
    }
}

/// The key of a side's navigation entry.
const fn active(side: Side) -> &'static str {
    match side {
        Side::Need => "needs",
        Side::Offer => "offers",
    }
}

/// The message of a side: `{key}-need` or `{key}-offer`.
fn key(side: Side, key: &str) -> String {
    format!("{key}-{}", side.code())
}

/// The page of a need or an offer.
pub(crate) fn href(card: &IntentCard) -> String {
    format!("{}/{}", base(card.intent.side), card.intent.id)
}

/// When it can happen, in one line.
pub(crate) fn when(shell: &Shell, schedule: &Schedule) -> String {
    let (from, until) = (schedule.window.from, schedule.window.until);
    let Some(rule) = &schedule.rule else { return shell.window(&from, &until) };
    let hours = shell.tr2("format-window", "from", shell.time(&from), "until", shell.time(&until));
    shell.tr3("intent-when", "rule", shell.rule(rule), "hours", hours, "day", shell.date(&until))
}

/// The icon of a category.
pub(crate) fn category_icon(category: Category) -> &'static str {
    match category {
        Category::Education => "school",
        Category::Culture => "palette",
        Category::MedicalCare => "stethoscope",
        Category::PopularScience => "flask",
        Category::Convenience => "basket",
        Category::HardshipHelp => "lifebuoy",
        Category::LegalAid => "scale",
        Category::Sports => "ball-football",
        Category::JobsSkills => "briefcase",
        Category::SafetyEnvironment => "leaf",
    }
}

/// The tone of an urgency worth a badge; none for the normal one.
fn urgency_tone(urgency: Urgency) -> Option<&'static str> {
    match urgency {
        Urgency::Normal => None,
        Urgency::Soon => Some("orange"),
        Urgency::Urgent => Some("red"),
    }
}

/// These places as choices: what lies in a place stands under it, set in.
fn places(territory: &Territory, places: &[&Place]) -> Vec<Choice> {
    let depth = |mut id: Uuid| {
        let mut depth = 0;
        while let Some(parent) = territory.parent(id) {
            (id, depth) = (parent, depth + 1);
        }
        depth
    };
    let choice = |p: &&Place| Choice::new(p.id, format!("{}{}", "\u{3000}".repeat(depth(p.id)), p.name));
    places.iter().map(choice).collect()
}

/// For whom the viewer may act: itself and its units, `found` by name, and `chosen`.
async fn members(web: &Web, who: &Viewer, found: Vec<Member>, chosen: Option<Uuid>) -> Result<Vec<Choice>, WebError> {
    let mut all = people::choose(&web.app, who, "").await?;
    all.extend(found);
    if let Some(id) = chosen.filter(|id| !all.iter().any(|m| m.id == *id)) {
        match people::show(&web.app, who, id, false).await {
            Ok(view) => all.push(view.member),
            Err(tongxin_app::Error::NotFound | tongxin_app::Error::Forbidden) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let territory = web.app.territory().await?;
    let mut choices: Vec<Choice> = Vec::new();
    for member in all {
        let id = member.id.to_string();
        if !choices.iter().any(|c| c.value == id) {
            let label = format!("{}（{}）", member.draft.name, territory.full_name(member.location.place));
            choices.push(Choice::new(id, label));
        }
    }
    Ok(choices)
}
