//! The matching run: for all open needs of a place at once, the assignment of offers that is best overall (S1, S3, S21).
//!
//! The aim is lexicographic and exact: first the greatest served weight ([`MatchingRules::weight`] for each unit), then the
//! greatest sum of fit points. Both go into one cost for [`tongxin_flow`]: weight × (a bound of all points + 1) + points,
//! so that no sum of points outweighs one unit of weight.
//!
//! A need starts with its best [`MatchingRules::candidates`]. The prices of the solution then tell which of the other pairs
//! could still better it; these are added and the run solves again, until there is none (column generation: Dantzig and
//! Wolfe 1960). So the answer is the best over *all* pairs, although few of them are ever in the problem.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use tongxin_flow::{CertificateError, FlowError};
use uuid::Uuid;

use super::Category;
use super::matching::{Fit, History, MatchingRules, NeedFacts, OfferFacts, Unfit, fit, points};

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
    let run = Run::new(needs, offers, history, rules)?;
    let mut columns = Columns::default();
    for need in 0..needs.len() {
        for (offer, points) in run.best_candidates(need) {
            columns.add(need, offer, points);
        }
    }
    loop {
        let (problem, matching) = run.solve(&columns)?;
        let better = run.better_pairs(&columns, &matching);
        if better.is_empty() {
            problem.verify_certificate(&matching)?;
            return run.tell(&columns, &matching);
        }
        for (need, offer, points) in better {
            columns.add(need, offer, points);
        }
    }
}

/// The pairs that are in the problem, in the order of its arcs.
#[derive(Default)]
struct Columns {
    /// Need, offer and points.
    pairs: Vec<(usize, usize, i64)>,
    present: HashSet<(usize, usize)>,
}

impl Columns {
    fn add(&mut self, need: usize, offer: usize, points: i64) {
        if self.present.insert((need, offer)) {
            self.pairs.push((need, offer, points));
        }
    }
}

struct Run<'a> {
    needs: &'a [NeedFacts],
    offers: &'a [OfferFacts],
    history: &'a History,
    rules: &'a MatchingRules,
    by_category: HashMap<Category, Vec<usize>>,
    /// All units asked for.
    units: i64,
    total_weight: i64,
    /// What one unit of weight counts for in the cost: more than all points together.
    scale: i64,
    /// The most points that a pair can have.
    most_points: i64,
}

impl<'a> Run<'a> {
    fn new(
        needs: &'a [NeedFacts],
        offers: &'a [OfferFacts],
        history: &'a History,
        rules: &'a MatchingRules,
    ) -> Result<Self, AssignError> {
        let (least_points, most_points) = points_range(rules)?;
        let mut by_category: HashMap<Category, Vec<usize>> = HashMap::new();
        for (index, offer) in offers.iter().enumerate() {
            by_category.entry(offer.category).or_default().push(index);
        }
        let mut units: i64 = 0;
        let mut total_weight: i64 = 0;
        for need in needs {
            let remaining = need.remaining.max(0);
            let weight = rules.weight(need).checked_mul(remaining);
            units = sum(units, Some(remaining))?;
            total_weight = sum(total_weight, weight)?;
        }
        let scale = units
            .checked_mul(most_points - least_points)
            .and_then(|all| all.checked_add(1))
            .ok_or(AssignError::TooLarge)?;
        Ok(Self { needs, offers, history, rules, by_category, units, total_weight, scale, most_points })
    }

    /// The offers of the need's category, by index.
    fn in_category(&self, need: usize) -> &[usize] {
        self.by_category.get(&self.needs[need].category).map_or(&[], Vec::as_slice)
    }

    fn helped(&self, need: usize, offer: usize) -> u32 {
        let pair = (self.offers[offer].member, self.needs[need].member);
        self.history.get(&pair).copied().unwrap_or(0)
    }

    fn points(&self, need: usize, offer: usize) -> Result<i64, Unfit> {
        let helped = self.helped(need, offer);
        points(&self.needs[need], &self.offers[offer], helped, self.rules)
    }

    /// The offers that can serve `need`, with `key` of index and points; the best by `key` only, least first.
    fn best_by(&self, need: usize, key: impl Fn(usize, i64) -> Option<i64>) -> impl Iterator<Item = (usize, i64)> {
        let mut found: Vec<(i64, usize, i64)> = Vec::new();
        if self.needs[need].remaining > 0 {
            for &offer in self.in_category(need) {
                if let Ok(points) = self.points(need, offer)
                    && let Some(key) = key(offer, points)
                {
                    found.push((key, offer, points));
                }
            }
        }
        if found.len() > self.rules.candidates {
            found.select_nth_unstable(self.rules.candidates - 1);
            found.truncate(self.rules.candidates);
        }
        found.sort_unstable();
        found.into_iter().map(|(_, offer, points)| (offer, points))
    }

    fn best_candidates(&self, need: usize) -> impl Iterator<Item = (usize, i64)> {
        self.best_by(need, |_, points| Some(-points))
    }

    fn unmet_cost(&self, need: usize) -> Result<i64, AssignError> {
        let weight = self.rules.weight(&self.needs[need]);
        let cost = weight.checked_mul(self.scale);
        sum(self.most_points, cost)
    }

    fn solve(&self, columns: &Columns) -> Result<(tongxin_flow::Assignment, tongxin_flow::Matching), AssignError> {
        let mut problem = tongxin_flow::Assignment::new();
        for (index, need) in self.needs.iter().enumerate() {
            problem.add_need(need.remaining.max(0), self.unmet_cost(index)?);
        }
        for offer in self.offers {
            problem.add_offer(offer.remaining.clamp(0, self.units));
        }
        for &(need, offer, points) in &columns.pairs {
            let capacity = self.needs[need].remaining.min(self.offers[offer].remaining);
            problem.add_arc(need, offer, capacity, self.most_points - points);
        }
        let matching = problem.solve()?;
        Ok((problem, matching))
    }

    /// Pairs outside the problem that its prices do not rule out, for each need the most promising.
    fn better_pairs(&self, columns: &Columns, matching: &tongxin_flow::Matching) -> Vec<(usize, usize, i64)> {
        let mut better = Vec::new();
        for need in 0..self.needs.len() {
            // A need's price counts at most what leaving it unmet costs; a solver may state more where none is served.
            let worth =
                self.unmet_cost(need).map_or(matching.need_price[need], |cost| cost.min(matching.need_price[need]));
            let gain = |offer: usize, points: i64| {
                let reduced =
                    (self.most_points - points).saturating_add(matching.offer_price[offer]).saturating_sub(worth);
                (reduced < 0 && !columns.present.contains(&(need, offer))).then_some(reduced)
            };
            better.extend(self.best_by(need, gain).map(|(offer, points)| (need, offer, points)));
        }
        better
    }

    /// Puts the answer in words and in order.
    fn tell(&self, columns: &Columns, matching: &tongxin_flow::Matching) -> Result<Assignment, AssignError> {
        let mut given: Vec<Vec<(usize, i64, i64)>> = vec![Vec::new(); self.needs.len()];
        for (&(need, offer, points), &quantity) in columns.pairs.iter().zip(&matching.flow) {
            if quantity > 0 {
                given[need].push((offer, points, quantity));
            }
        }
        let mut answer = Assignment {
            proposals: Vec::new(),
            unmet: Vec::new(),
            total_weight: self.total_weight,
            served_weight: 0,
            points: 0,
            units: self.units,
            served_units: 0,
        };
        let mut order: Vec<usize> = (0..self.needs.len()).collect();
        order.sort_by_key(|&need| std::cmp::Reverse(self.rules.weight(&self.needs[need])));
        for index in order {
            let need = &self.needs[index];
            given[index].sort_unstable_by_key(|&(offer, points, _)| (-points, offer));
            for &(offer, points, quantity) in &given[index] {
                let fit = fit(need, &self.offers[offer], self.helped(index, offer), self.rules);
                let Ok(fit) = fit else { continue };
                let weight = self.rules.weight(need).checked_mul(quantity);
                answer.served_weight = sum(answer.served_weight, weight)?;
                answer.points = sum(answer.points, points.checked_mul(quantity))?;
                answer.served_units = sum(answer.served_units, Some(quantity))?;
                answer.proposals.push(Proposal { need: need.id, offer: self.offers[offer].id, quantity, fit });
            }
            if matching.unmet[index] > 0 {
                answer.unmet.push(Unmet { need: need.id, quantity: matching.unmet[index], why: self.why(index) });
            }
        }
        Ok(answer)
    }

    fn why(&self, need: usize) -> Why {
        self.in_category(need)
            .iter()
            .map(|&offer| self.points(need, offer).map_or_else(Why::from, |_| Why::AllTaken))
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
