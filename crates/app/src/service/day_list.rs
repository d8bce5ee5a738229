//! The day list of a social worker: the day's visits, and what is overdue.

use std::collections::HashMap;

use chrono::{Duration, NaiveDate};
use tongxin_core::service::{MatchState, matches::CONFIRM_WITHIN_DAYS, schedule::day_window};
use tongxin_store::{Slice, service::matches as store};
use uuid::Uuid;

use super::matches::{MatchCard, MatchFilter, cards};
use crate::{App, Error, Result, Viewer, policy::Resource};

/// What a social worker has to do on a day.
#[derive(Debug, Clone)]
pub struct DayList {
    /// The day.
    pub day: NaiveDate,
    /// Visits arranged for the day, earliest first.
    pub visits: Vec<MatchCard>,
    /// Visits arranged for days before it that nobody recorded.
    pub overdue: Vec<MatchCard>,
    /// Matches with a delivery whose confirmation is missing for 7 days.
    pub unconfirmed: Vec<MatchCard>,
    /// Proposals that nobody answered yet, longest waiting last.
    pub unanswered: Vec<MatchCard>,
    /// The telephone numbers of those who give and receive the visits, by member.
    pub phones: HashMap<Uuid, String>,
}

/// The day list of the places where the viewer is staff.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn day_list(app: &App, who: &Viewer, day: NaiveDate) -> Result<DayList> {
    let actor = who.actor()?;
    let first = *actor.staff_places().first().ok_or(Error::Forbidden)?;
    app.authorise(who, "ViewDayList", Resource::Place(first)).await?;
    let (c, community) = (app.read(), app.community_id());
    let window = day_window(day, app.zone());
    let areas = (!actor.is_subdistrict()).then(|| actor.staff_places());
    let arranged = MatchFilter {
        areas: areas.clone(),
        states: vec![MatchState::Arranged],
        arranged_before: Some(window.until),
        by_arranged_time: true,
        ..MatchFilter::default()
    };
    let arranged = store::list(c, community, &arranged, Slice { offset: 0, limit: 300 }).await?;
    let members: Vec<Uuid> = arranged.rows.iter().flat_map(|m| [m.life.giver, m.life.receiver]).collect();
    let phones = tongxin_store::people::phones(c, community, &members).await?;
    let (visits, overdue) = cards(app, arranged.rows)
        .await?
        .into_iter()
        .partition(|card| card.stored.life.arranged.is_some_and(|w| w.from >= window.from));
    let before = app.now() - Duration::days(CONFIRM_WITHIN_DAYS);
    let unsettled = store::unsettled(c, community, before, areas.as_deref(), 200).await?;
    let waiting = store::many(c, community, unsettled.iter().map(|d| d.match_id)).await?;
    let proposed = MatchFilter { areas, states: vec![MatchState::Proposed], ..MatchFilter::default() };
    let proposed = store::list(c, community, &proposed, Slice { offset: 0, limit: 100 }).await?;
    Ok(DayList {
        day,
        visits,
        overdue,
        unconfirmed: cards(app, waiting).await?,
        unanswered: cards(app, proposed.rows).await?,
        phones,
    })
}
