//! The best offers for one need, or the needs that one offer serves best, with the reasons.

use tongxin_core::service::{
    Intent, Side,
    affinity::weigh,
    matching::{Fit, NeedFacts, OfferFacts, Reason, fit, rank},
};
use tongxin_store::service::{facts, intents as store};
use uuid::Uuid;

use super::intents::{IntentCard, with_names};
use crate::{App, Error, Result, Viewer, policy::Resource};

/// How many counterparts are read, nearest first.
const READ: u64 = 3_000;
/// Among how many offers of its category the words of a single one are weighed.
const BESIDE: u64 = 300;

/// A counterpart that fits.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The offer or need.
    pub card: IntentCard,
    /// How well it fits, and why.
    pub fit: Fit,
}

/// The counterparts that fit a need or an offer best, at most `limit`, for those who may propose a match for it. Only those
/// that the viewer may see are given.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`].
pub async fn best_for(app: &App, who: &Viewer, id: Uuid, limit: usize) -> Result<Vec<Candidate>> {
    let (c, community) = (app.read(), app.community_id());
    let intent = store::intent(c, community, id).await?.ok_or(Error::NotFound)?;
    app.authorise(who, "ProposeMatch", Resource::Intent(&intent)).await?;
    let fits = fits(app, &intent, limit * 2).await?;
    let mut found = store::many(c, community, fits.iter().map(|(id, _)| *id)).await?;
    let mut candidates = Vec::new();
    for (id, fit) in fits {
        let Some(other) = found.remove(&id) else { continue };
        if app.may(who, "ViewIntent", Resource::Intent(&other)).await?.is_some() {
            candidates.push((other, fit));
        }
        if candidates.len() == limit {
            break;
        }
    }
    let (others, fits): (Vec<Intent>, Vec<Fit>) = candidates.into_iter().unzip();
    let cards = with_names(app, who, others).await?;
    Ok(cards.into_iter().zip(fits).map(|(card, fit)| Candidate { card, fit }).collect())
}

/// An offer among others of its category, so that its words can be weighed.
async fn beside(app: &App, offer: &OfferFacts) -> Result<Vec<OfferFacts>> {
    let filter = facts::FactsFilter { category: Some(offer.category), ..facts::FactsFilter::default() };
    let mut offers = facts::offers(app.read(), app.community_id(), &filter, BESIDE).await?;
    if !offers.iter().any(|other| other.id == offer.id) {
        offers.push(offer.clone());
    }
    Ok(offers)
}

/// Why an offer fits a need, in words; nothing when it does not.
pub(super) async fn reasons(app: &App, need: &Intent, offer: &Intent) -> Result<Vec<Reason>> {
    let (c, community) = (app.read(), app.community_id());
    let one = |id| facts::FactsFilter { id: Some(id), ..facts::FactsFilter::default() };
    let mut needs = facts::needs(c, community, &one(need.id), 1).await?;
    let Some(offer) = facts::offers(c, community, &one(offer.id), 1).await?.pop() else { return Ok(Vec::new()) };
    weigh(&mut needs, &beside(app, &offer).await?);
    let Some(need) = needs.first() else { return Ok(Vec::new()) };
    let history = facts::history(c, community, Some(need.member)).await?;
    let helped = history.get(&(offer.member, need.member)).copied().unwrap_or(0);
    Ok(fit(need, &offer, helped, app.matching_rules()).map(|f| f.reasons).unwrap_or_default())
}

async fn fits(app: &App, intent: &Intent, limit: usize) -> Result<Vec<(Uuid, Fit)>> {
    let (c, community, rules) = (app.read(), app.community_id(), app.matching_rules());
    let own = facts::FactsFilter { id: Some(intent.id), ..facts::FactsFilter::default() };
    let others = facts::FactsFilter {
        category: Some(intent.draft.category),
        near: Some(intent.location),
        ..facts::FactsFilter::default()
    };
    if intent.side == Side::Need {
        let Some(mut need) = facts::needs(c, community, &own, 1).await?.pop() else { return Ok(Vec::new()) };
        let offers = facts::offers(c, community, &others, READ).await?;
        let history = facts::history(c, community, Some(need.member)).await?;
        let ranked = rank(&mut need, &offers, &history, rules, limit);
        let best = ranked.into_iter().filter_map(|(i, _)| offers.get(i));
        let helped = |o: &OfferFacts| history.get(&(o.member, need.member)).copied().unwrap_or(0);
        return Ok(best.filter_map(|o| Some((o.id, fit(&need, o, helped(o), rules).ok()?))).collect());
    }
    let Some(offer) = facts::offers(c, community, &own, 1).await?.pop() else { return Ok(Vec::new()) };
    let mut needs = facts::needs(c, community, &others, READ).await?;
    weigh(&mut needs, &beside(app, &offer).await?);
    let history = facts::history(c, community, None).await?;
    let helped = |n: &NeedFacts| history.get(&(offer.member, n.member)).copied().unwrap_or(0);
    let mut fits: Vec<(i64, Uuid, Fit)> =
        needs.iter().filter_map(|n| Some((rules.weight(n), n.id, fit(n, &offer, helped(n), rules).ok()?))).collect();
    // Who needs it most comes first, then who it fits best.
    fits.sort_by(|a, b| b.0.cmp(&a.0).then(b.2.points.cmp(&a.2.points)));
    fits.truncate(limit);
    Ok(fits.into_iter().map(|(_, id, fit)| (id, fit)).collect())
}
