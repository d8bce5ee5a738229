//! The matching run: for all open needs of a place at once, the assignment of offers that is best overall (S1, S3, S21).
//!
//! The aim is lexicographic and exact: first the greatest served weight ([`MatchingRules::weight`] for each unit), then the
//! greatest sum of fit points. Both go into one cost for [`tongxin_flow`]: weight × (a bound of all points + 1) + points,
//! so that no sum of points outweighs one unit of weight. Each category is solved by itself.
//!
//! A need starts with its best [`MatchingRules::candidates`]. The prices of the solution then tell which of the other pairs
//! could still better it; these are added and the run solves again, until there is none (column generation: Dantzig and
//! Wolfe 1960). So the answer is the best over *all* pairs, although few of them are ever in the problem.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use tongxin_flow::{CertificateError, FlowError};
use uuid::Uuid;

use super::Category;
use super::affinity::{self, Holders};
use super::matching::{Fit, History, MatchingRules, NeedFacts, OfferFacts, Unfit, fit, points_besides_text};

/// The largest number that a rule may hold, so that sums of points always fit.
pub const RULE_NUMBER_MAX: i64 = 1_000_000;

/// What a run proposes, what stays unmet, and the totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The pairs: needs of greater weight first, then needs in the order given, then better fits first.
    pub proposals: Vec<Proposal>,
    /// What no offer serves, in the same order of needs.
    pub unmet: Vec<Unmet>,
    /// The weight of all units asked for.
    pub total_weight: i64,
    /// The weight of the units served: the run's first aim.
    pub served_weight: i64,
    /// The fit points of all units served: the run's second aim.
    pub points: i64,
    /// How many units are asked for.
    pub units: i64,
    /// How many of them are served.
    pub served_units: i64,
}

/// One pair that a run proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The need.
    pub need: Uuid,
    /// The offer.
    pub offer: Uuid,
    /// How many units of both.
    pub quantity: i64,
    /// How well they fit, with the reasons.
    pub fit: Fit,
}

/// A need, or the part of one, that no offer serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmet {
    /// The need.
    pub need: Uuid,
    /// How many of its units.
    pub quantity: i64,
    /// Why.
    pub why: Why,
}

coded! {
    /// Why a need stays unmet: the furthest that any offer came, in the order of the checks.
    Why {
        /// Nobody offers anything in the category.
        NoOffer => "no_offer",
        /// The only offers are the member's own.
        OnlyOwn => "only_own",
        /// Offers of others do not reach the place.
        OutOfReach => "out_of_reach",
        /// Offers that reach the place have no time in common.
        NoCommonTime => "no_common_time",
        /// Offers fit, but what they have left goes to others or is used up.
        AllTaken => "all_taken",
    }
}

impl From<Unfit> for Why {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::OtherCategory => Self::NoOffer,
            Unfit::SameMember => Self::OnlyOwn,
            Unfit::OutOfReach => Self::OutOfReach,
            Unfit::NoCommonTime => Self::NoCommonTime,
            Unfit::NothingLeft => Self::AllTaken,
        }
    }
}

/// Why a run has no answer. It proposes nothing then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    /// A weight below 1, no candidates, or a number beyond [`RULE_NUMBER_MAX`] in the matching rules.
    #[error("the matching rules hold a number out of range")]
    Rules,
    /// Quantities and weights too large to add up exactly.
    #[error("quantities and weights are too large")]
    TooLarge,
    /// The problem could not be solved.
    #[error("the problem could not be solved: {0}")]
    Flow(#[from] FlowError),
    /// The answer did not prove itself optimal.
    #[error("the answer did not prove itself optimal: {0}")]
    Certificate(#[from] CertificateError),
}

impl AssignError {
    /// The stable code; the Fluent message is `run-{code}`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rules => "bad_rules",
            Self::TooLarge => "too_large",
            Self::Flow(_) | Self::Certificate(_) => "not_solved",
        }
    }
}

/// Assigns `offers` to `needs`. The same input gives the same answer; the order of `offers` can decide only between
/// answers of the same totals. Needs and offers with nothing remaining take no part.
///
/// # Errors
/// [`AssignError`]; never for lack of offers, which is told as [`Unmet`].
pub fn assign(
    needs: &[NeedFacts],
    offers: &[OfferFacts],
    history: &History,
    rules: &MatchingRules,
) -> Result<Assignment, AssignError> {
    let range = points_range(rules)?;
    let mut helpers: HashMap<Uuid, Vec<(Uuid, u32)>> = HashMap::new();
    for (&(giver, receiver), &times) in history {
        helpers.entry(receiver).or_default().push((giver, times));
    }
    let mut answer = Assignment {
        proposals: Vec::new(),
        unmet: Vec::new(),
        total_weight: 0,
        served_weight: 0,
        points: 0,
        units: 0,
        served_units: 0,
    };
    let mut served: Vec<Served> = needs.iter().map(|_| Served::default()).collect();
    // Categories do not touch each other, so the best of each make up the best of all.
    for &category in Category::ALL {
        let part = Part::new(category, needs, offers, &helpers, rules, range)?;
        answer.units = sum(answer.units, Some(part.units))?;
        answer.total_weight = sum(answer.total_weight, Some(part.weight))?;
        part.assign(&mut served)?;
    }
    let mut order: Vec<usize> = (0..needs.len()).collect();
    order.sort_by_key(|&need| std::cmp::Reverse(rules.weight(&needs[need])));
    for index in order {
        let (need, served) = (&needs[index], &mut served[index]);
        served.given.sort_unstable_by_key(|&(offer, points, _)| (-points, offer));
        for &(offer, points, quantity) in &served.given {
            let offer = &offers[offer];
            let times = history.get(&(offer.member, need.member)).copied();
            let Ok(fit) = fit(need, offer, times.unwrap_or(0), rules) else {
                continue;
            };
            let weight = rules.weight(need).checked_mul(quantity);
            answer.served_weight = sum(answer.served_weight, weight)?;
            answer.points = sum(answer.points, points.checked_mul(quantity))?;
            answer.served_units = sum(answer.served_units, Some(quantity))?;
            answer.proposals.push(Proposal { need: need.id, offer: offer.id, quantity, fit });
        }
        if let Some((quantity, why)) = served.unmet {
            answer.unmet.push(Unmet { need: need.id, quantity, why });
        }
    }
    Ok(answer)
}

/// What becomes of one need.
#[derive(Default)]
struct Served {
    /// Offer, points and quantity.
    given: Vec<(usize, i64, i64)>,
    unmet: Option<(i64, Why)>,
}

/// The pairs that are in the problem, in the order of its arcs: need and offer (as counted in the part) and points.
#[derive(Default)]
struct Columns {
    pairs: Vec<(usize, usize, i64)>,
    present: HashSet<(usize, usize)>,
}

impl Columns {
    fn add(&mut self, pairs: impl IntoIterator<Item = (usize, usize, i64)>) {
        for pair in pairs {
            if self.present.insert((pair.0, pair.1)) {
                self.pairs.push(pair);
            }
        }
    }
}

/// The needs and offers of one category, with their indices among all.
struct Part<'a> {
    needs: Vec<(usize, &'a NeedFacts)>,
    offers: Vec<(usize, &'a OfferFacts)>,
    /// For each need, who has helped its member and how often.
    helpers: Vec<&'a [(Uuid, u32)]>,
    /// Which offers hold which words.
    holders: Holders,
    rules: &'a MatchingRules,
    /// All units asked for, and their weight.
    units: i64,
    weight: i64,
    /// The most points that a pair can have.
    most_points: i64,
    /// For each need, what leaving one unit unmet costs.
    unmet_cost: Vec<i64>,
}

impl<'a> Part<'a> {
    fn new(
        category: Category,
        needs: &'a [NeedFacts],
        offers: &'a [OfferFacts],
        helpers: &'a HashMap<Uuid, Vec<(Uuid, u32)>>,
        rules: &'a MatchingRules,
        (least_points, most_points): (i64, i64),
    ) -> Result<Self, AssignError> {
        let needs: Vec<(usize, &NeedFacts)> =
            needs.iter().enumerate().filter(|(_, need)| need.category == category && need.remaining > 0).collect();
        let (mut units, mut weight) = (0, 0);
        for (_, need) in &needs {
            units = sum(units, Some(need.remaining))?;
            weight = sum(weight, rules.weight(need).checked_mul(need.remaining))?;
        }
        // What one unit of weight counts for in the cost: more than all points together.
        let scale = sum(1, units.checked_mul(most_points - least_points))?;
        let unmet_cost = needs
            .iter()
            .map(|(_, need)| sum(most_points, rules.weight(need).checked_mul(scale)))
            .collect::<Result<_, _>>()?;
        let offers: Vec<(usize, &OfferFacts)> =
            offers.iter().enumerate().filter(|(_, offer)| offer.category == category).collect();
        Ok(Self {
            holders: Holders::new(offers.iter().map(|(_, offer)| &offer.words)),
            helpers: needs.iter().map(|(_, need)| helpers.get(&need.member).map_or(&[][..], Vec::as_slice)).collect(),
            needs,
            offers,
            rules,
            units,
            weight,
            most_points,
            unmet_cost,
        })
    }

    fn assign(&self, served: &mut [Served]) -> Result<(), AssignError> {
        let mut columns = Columns::default();
        for need in 0..self.needs.len() {
            columns.add(self.best_by(need, |_, points| Some(-points)));
        }
        let (problem, matching) = loop {
            let (problem, matching) = self.solve(&columns)?;
            let better = self.better_pairs(&columns, &matching);
            if better.is_empty() {
                break (problem, matching);
            }
            columns.add(better);
        };
        problem.verify_certificate(&matching)?;
        for (&(need, offer, points), &quantity) in columns.pairs.iter().zip(&matching.flow) {
            if quantity > 0 {
                let given = (self.offers[offer].0, points, quantity);
                served[self.needs[need].0].given.push(given);
            }
        }
        for (need, &quantity) in matching.unmet.iter().enumerate() {
            if quantity > 0 {
                served[self.needs[need].0].unmet = Some((quantity, self.why(need)));
            }
        }
        Ok(())
    }

    fn points_besides_text(&self, need: usize, offer: usize) -> Result<i64, Unfit> {
        let offer = self.offers[offer].1;
        let times = self.helpers[need].iter().find(|(giver, _)| *giver == offer.member).map_or(0, |&(_, times)| times);
        points_besides_text(self.needs[need].1, offer, times, self.rules)
    }

    /// Need, offer and points of the offers that can serve `need` and have a key, the least by key only, least first.
    fn best_by(
        &self,
        need: usize,
        key: impl Fn(usize, i64) -> Option<i64>,
    ) -> impl Iterator<Item = (usize, usize, i64)> {
        let mut found: Vec<(i64, usize, i64)> = Vec::new();
        let shared = self.holders.shared_weights(&self.needs[need].1.words);
        for (offer, shared) in shared.into_iter().enumerate() {
            let Ok(besides) = self.points_besides_text(need, offer) else {
                continue;
            };
            let points = besides + affinity::points(shared, self.rules.text_points);
            if let Some(key) = key(offer, points) {
                found.push((key, offer, points));
            }
        }
        if found.len() > self.rules.candidates {
            found.select_nth_unstable(self.rules.candidates - 1);
            found.truncate(self.rules.candidates);
        }
        found.sort_unstable();
        found.into_iter().map(move |(_, offer, points)| (need, offer, points))
    }

    fn solve(&self, columns: &Columns) -> Result<(tongxin_flow::Assignment, tongxin_flow::Matching), AssignError> {
        let mut problem = tongxin_flow::Assignment::new();
        for ((_, need), &unmet_cost) in self.needs.iter().zip(&self.unmet_cost) {
            problem.add_need(need.remaining, unmet_cost);
        }
        for (_, offer) in &self.offers {
            problem.add_offer(offer.remaining.clamp(0, self.units));
        }
        for &(need, offer, points) in &columns.pairs {
            let capacity = self.needs[need].1.remaining.min(self.offers[offer].1.remaining);
            problem.add_arc(need, offer, capacity, self.most_points - points);
        }
        let matching = problem.solve()?;
        Ok((problem, matching))
    }

    /// Pairs outside the problem that its prices do not rule out, for each need the most promising.
    fn better_pairs(&self, columns: &Columns, matching: &tongxin_flow::Matching) -> Vec<(usize, usize, i64)> {
        let mut better = Vec::new();
        for need in 0..self.needs.len() {
            // At most what leaving it unmet costs; a solver may state more where no unit is served.
            let worth = matching.need_price[need].min(self.unmet_cost[need]);
            better.extend(self.best_by(need, |offer, points| {
                let reduced =
                    (self.most_points - points).saturating_add(matching.offer_price[offer]).saturating_sub(worth);
                (reduced < 0 && !columns.present.contains(&(need, offer))).then_some(reduced)
            }));
        }
        better
    }

    fn why(&self, need: usize) -> Why {
        (0..self.offers.len())
            .map(|offer| self.points_besides_text(need, offer).map_or_else(Why::from, |_| Why::AllTaken))
            .max()
            .unwrap_or(Why::NoOffer)
    }
}

fn sum(so_far: i64, more: Option<i64>) -> Result<i64, AssignError> {
    more.and_then(|more| so_far.checked_add(more)).ok_or(AssignError::TooLarge)
}

/// The least and the most points that a pair can have under `rules`, 0 always between them.
fn points_range(rules: &MatchingRules) -> Result<(i64, i64), AssignError> {
    let [group, area] = rules.closeness_points;
    let parts = [
        (group.min(area), group.max(area)),
        (rules.time_points, rules.time_points),
        (rules.text_points, rules.text_points),
        (rules.continuity_points, rules.continuity_points),
        (rules.care_kind_points, rules.care_kind_points),
        (rules.balance_points, rules.balance_points),
    ];
    let in_range = |number: i64| (-RULE_NUMBER_MAX..=RULE_NUMBER_MAX).contains(&number);
    let weights = rules
        .urgency_weight
        .iter()
        .all(|&weight| in_range(weight) && weight.min(weight.saturating_add(rules.care_group_weight)) >= 1);
    let numbers = parts.iter().all(|&(a, b)| in_range(a) && in_range(b));
    if !in_range(rules.care_group_weight) || !weights || !numbers || rules.candidates == 0 {
        return Err(AssignError::Rules);
    }
    Ok(parts.iter().fold((0, 0), |(least, most), &(low, high)| (least + low.min(0), most + high.max(0))))
}
