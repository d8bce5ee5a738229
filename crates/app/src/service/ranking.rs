//! The best offers for one need, or the needs that one offer serves best, with the reasons.

use tongxin_core::service::{
    Intent, Side,
    matching::{Fit, NeedFacts, OfferFacts, fit, rank},
};
use tongxin_store::service::{facts, intents as store};
use uuid::Uuid;

use super::intents::{IntentCard, with_names};
use crate::{App, Error, Result, Viewer, policy::Resource};

/// How many counterparts are read, nearest first.
const READ: u64 = 3_000;

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

async fn fits(app: &App, intent: &Intent, limit: usize) -> Result<Vec<(Uuid, Fit)>> {
    let (c, community, rules) = (app.read(), app.community_id(), app.matching_rules());
    let own = facts::FactsFilter { id: Some(intent.id), ..facts::FactsFilter::default() };
    let others = facts::FactsFilter {
        category: Some(intent.draft.category),
        near: Some(intent.location),
        ..facts::FactsFilter::default()
    };
    if intent.side == Side::Need {
        let Some(need) = facts::needs(c, community, &own, 1).await?.pop() else { return Ok(Vec::new()) };
        let offers = facts::offers(c, community, &others, READ).await?;
        let history = facts::history(c, community, Some(need.member)).await?;
        let ranked = rank(&need, &offers, &history, rules, limit);
        let best = ranked.into_iter().filter_map(|(i, _)| offers.get(i));
        let helped = |o: &OfferFacts| history.get(&(o.member, need.member)).copied().unwrap_or(0);
        return Ok(best.filter_map(|o| Some((o.id, fit(&need, o, helped(o), rules).ok()?))).collect());
    }
    let Some(offer) = facts::offers(c, community, &own, 1).await?.pop() else { return Ok(Vec::new()) };
    let needs = facts::needs(c, community, &others, READ).await?;
    let history = facts::history(c, community, None).await?;
    let helped = |n: &NeedFacts| history.get(&(offer.member, n.member)).copied().unwrap_or(0);
    let mut fits: Vec<(i64, Uuid, Fit)> =
        needs.iter().filter_map(|n| Some((rules.weight(n), n.id, fit(n, &offer, helped(n), rules).ok()?))).collect();
    // Who needs it most comes first, then who it fits best.
    fits.sort_by(|a, b| b.0.cmp(&a.0).then(b.2.points.cmp(&a.2.points)));
    fits.truncate(limit);
    Ok(fits.into_iter().map(|(_, id, fit)| (id, fit)).collect())
}
