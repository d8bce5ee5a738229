//! Matching runs: for an area or the community, the assignment that is best overall; staff accept all, some, or none.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tongxin_core::service::{
    Side,
    affinity::weigh,
    assignment::{Assignment, assign},
};
pub use tongxin_store::service::runs::{Run, RunItem};
use tongxin_store::{
    Paged, Slice,
    service::{facts, intents, runs as store},
};
use uuid::Uuid;

use super::{
    intents::{IntentCard, with_names},
    matches::NewMatch,
};
use crate::{App, Error, Result, Viewer, policy::Resource, record::Author};

/// The most open needs that one run takes, longest waiting first.
const NEEDS_MAX: u64 = 5_000;
/// The most open offers that one run takes.
const OFFERS_MAX: u64 = 20_000;

/// The figures of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Open needs that the run took.
    pub needs: usize,
    /// Open offers that it took.
    pub offers: usize,
    /// Units asked for.
    pub units: i64,
    /// Units that its proposals serve.
    pub served_units: i64,
    /// Weight of the units asked for.
    pub total_weight: i64,
    /// Weight of the units served.
    pub served_weight: i64,
    /// Fit points of the proposals.
    pub points: i64,
    /// How long solving took, in milliseconds.
    pub millis: i64,
}

/// One line of a run's page.
#[derive(Debug, Clone)]
pub struct RunLine {
    /// The proposal, or the need that stays unmet.
    pub item: RunItem,
    /// The need.
    pub need: Option<IntentCard>,
    /// The offer.
    pub offer: Option<IntentCard>,
}

/// A run's page.
#[derive(Debug, Clone)]
pub struct RunView {
    /// The run.
    pub run: Run,
    /// Its figures.
    pub summary: Summary,
    /// Its place's name.
    pub place: String,
    /// What it proposes.
    pub proposals: Vec<RunLine>,
    /// What stays unmet; the item's decision says why.
    pub unmet: Vec<RunLine>,
}

/// A run in a list.
#[derive(Debug, Clone)]
pub struct RunCard {
    /// The run.
    pub run: Run,
    /// Its figures.
    pub summary: Summary,
    /// Its place's name.
    pub place: String,
}

fn summary(run: &Run) -> Result<Summary> {
    serde_json::from_str(&run.summary).map_err(|e| Error::Internal(e.to_string()))
}

/// Starts a run for a place and stores what it proposes. Nothing is matched yet.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Conflict`] `nothing_to_match` when there is no open need.
pub async fn start(app: &App, who: &Viewer, place: Uuid) -> Result<Uuid> {
    let capacity = app.authorise(who, "RunMatching", Resource::Place(place)).await?;
    let author = Author::new(who.actor()?, capacity);
    let (c, community) = (app.read(), app.community_id());
    let territory = app.territory().await?;
    let location = territory.location(place).ok_or(Error::NotFound)?;
    let filter = facts::FactsFilter { area: location.area, ..facts::FactsFilter::default() };
    let mut needs = facts::needs(c, community, &filter, NEEDS_MAX).await?;
    if location.area != Some(place) && location.area.is_some() {
        needs.retain(|n| n.location.place == place);
    }
    if needs.is_empty() {
        return Err(Error::Conflict("nothing_to_match"));
    }
    let offers = facts::offers(c, community, &facts::FactsFilter::default(), OFFERS_MAX).await?;
    let history = facts::history(c, community, None).await?;
    let rules = app.matching_rules().clone();
    let (needs_count, offers_count) = (needs.len(), offers.len());
    let started = std::time::Instant::now();
    let work = move || {
        weigh(&mut needs, &offers);
        assign(&needs, &offers, &history, &rules)
    };
    let assignment = tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::Internal(e.to_string()))?
        .map_err(|e| Error::Internal(e.to_string()))?;
    let summary = Summary {
        needs: needs_count,
        offers: offers_count,
        units: assignment.units,
        served_units: assignment.served_units,
        total_weight: assignment.total_weight,
        served_weight: assignment.served_weight,
        points: assignment.points,
        millis: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
    };
    let run = Run {
        id: app.new_id(),
        place,
        state: "proposed".to_owned(),
        summary: json!(summary).to_string(),
        created_by: author.account(),
        created_at: app.now(),
        decided_at: None,
    };
    let id = run.id;
    let items = items(assignment);
    let record = app.new_record(&author, "run.start", "run", id, &json!({ "place": place, "summary": summary }));
    app.write(move |tx| {
        Box::pin(async move {
            store::insert(tx, community, &run, &items).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await?;
    Ok(id)
}

fn items(assignment: Assignment) -> Vec<RunItem> {
    let proposals = assignment.proposals.into_iter().map(|p| RunItem {
        position: 0,
        need: p.need,
        offer: Some(p.offer),
        quantity: p.quantity,
        points: p.fit.points,
        reasons: p.fit.reasons,
        decision: "pending".to_owned(),
        match_id: None,
    });
    let unmet = assignment.unmet.into_iter().map(|u| RunItem {
        position: 0,
        need: u.need,
        offer: None,
        quantity: u.quantity,
        points: 0,
        reasons: Vec::new(),
        decision: u.why.code().to_owned(),
        match_id: None,
    });
    let numbered = proposals.chain(unmet).enumerate();
    numbered.map(|(i, item)| RunItem { position: i64::try_from(i).unwrap_or(i64::MAX), ..item }).collect()
}

/// A run's page.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<RunView> {
    let (c, community) = (app.read(), app.community_id());
    let run = store::run(c, community, id).await?.ok_or(Error::NotFound)?;
    app.authorise(who, "RunMatching", Resource::Place(run.place)).await?;
    let items = store::items(c, community, id).await?;
    // Collected first: a borrowing iterator held over the await would keep handlers from being `Send`.
    let ids: Vec<Uuid> = items.iter().flat_map(|i| [Some(i.need), i.offer]).flatten().collect();
    let found = intents::many(c, community, ids).await?;
    let cards = with_names(app, who, found.into_values().collect()).await?;
    let cards: HashMap<Uuid, IntentCard> = cards.into_iter().map(|card| (card.intent.id, card)).collect();
    let line = |item: RunItem| RunLine {
        need: cards.get(&item.need).cloned(),
        offer: item.offer.and_then(|o| cards.get(&o).cloned()),
        item,
    };
    let (proposals, unmet) = items.into_iter().map(line).partition(|l: &RunLine| l.item.offer.is_some());
    let place = app.territory().await?.full_name(run.place);
    Ok(RunView { summary: summary(&run)?, place, proposals, unmet, run })
}

/// Runs for the places where the viewer is staff, newest first.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn list(app: &App, who: &Viewer, slice: Slice) -> Result<Paged<RunCard>> {
    let actor = who.actor()?;
    let places = actor.staff_places();
    let first = *places.first().ok_or(Error::Forbidden)?;
    app.authorise(who, "RunMatching", Resource::Place(first)).await?;
    let territory = app.territory().await?;
    let within: Vec<Uuid> = places
        .iter()
        .flat_map(|p| std::iter::once(*p).chain(territory.children(*p).into_iter().map(|c| c.id).collect::<Vec<_>>()))
        .collect();
    let within = (!actor.is_subdistrict()).then_some(within);
    let page = store::list(app.read(), app.community_id(), within.as_deref(), slice).await?;
    let card = |run: Run| Ok(RunCard { summary: summary(&run)?, place: territory.full_name(run.place), run });
    Ok(Paged { total: page.total, rows: page.rows.into_iter().map(card).collect::<Result<_>>()? })
}

/// What staff accept of a run.
#[derive(Debug, Clone)]
pub enum Decision {
    /// All of it.
    All,
    /// The proposals at these positions.
    Some(Vec<i64>),
    /// None of it.
    None,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Proposals that became matches, whose givers are asked now.
    pub accepted: usize,
    /// Proposals that were not accepted.
    pub rejected: usize,
    /// Proposals that no longer hold, since the need or offer has changed in the meantime.
    pub outdated: usize,
}

/// Decides on a run, once: accepted proposals become matches.
///
/// # Errors
/// [`Error::Conflict`] `already_decided`; [`Error::Forbidden`], [`Error::NotFound`].
pub async fn decide(app: &App, who: &Viewer, id: Uuid, decision: Decision) -> Result<Decided> {
    let (c, community) = (app.read(), app.community_id());
    let run = store::run(c, community, id).await?.ok_or(Error::NotFound)?;
    let capacity = app.authorise(who, "RunMatching", Resource::Place(run.place)).await?;
    let author = Author::new(who.actor()?, capacity);
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let app = &app_in_tx;
            let mut run = store::run(tx, community, id).await?.ok_or(Error::NotFound)?;
            if run.state != "proposed" {
                return Err(Error::Conflict("already_decided"));
            }
            let chosen: Option<HashSet<i64>> = match decision {
                Decision::All => None,
                Decision::Some(positions) => Some(positions.into_iter().collect()),
                Decision::None => Some(HashSet::new()),
            };
            let mut decided = Decided { accepted: 0, rejected: 0, outdated: 0 };
            let mut items = store::items(tx, community, id).await?;
            items.retain(|item| item.offer.is_some());
            for item in &mut items {
                let Some(offer) = item.offer else { continue };
                if chosen.as_ref().is_some_and(|c| !c.contains(&item.position)) {
                    item.decision = "rejected".to_owned();
                    decided.rejected += 1;
                    continue;
                }
                let need = app.intent_in(tx, item.need).await?;
                let offered = app.intent_in(tx, offer).await?;
                let now = app.now();
                let holds = |i: &tongxin_core::service::Intent| i.clone().commit(item.quantity, now).is_ok();
                if !holds(&need) || !holds(&offered) {
                    item.decision = "outdated".to_owned();
                    decided.outdated += 1;
                    continue;
                }
                let new = NewMatch {
                    id: app.new_id(),
                    need: item.need,
                    offer,
                    quantity: item.quantity,
                    asked: Side::Offer,
                    reasons: item.reasons.clone(),
                    run: Some(id),
                    is_answer: false,
                };
                item.match_id = Some(new.id);
                item.decision = "accepted".to_owned();
                app.insert_match(tx, new, &author).await?;
                decided.accepted += 1;
            }
            run.state = "decided".to_owned();
            run.decided_at = Some(app.now());
            store::save(tx, community, &run, &items).await?;
            app.record(tx, &author, "run.decide", ("run", id), &json!(decided)).await?;
            Ok(decided)
        })
    })
    .await
}
