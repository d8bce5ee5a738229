//! How well an offer fits a need, with the reasons (S1, S3): closeness, time, what both texts mention, continuity, kind of
//! care, and the balance of giving and receiving.

use std::collections::HashMap;

use chrono::Weekday;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    CareKind, Category, Reach, Urgency,
    affinity::{self, Words},
    schedule::Slots,
};
use crate::{
    community::{Closeness, Location},
    time::Window,
};

/// The weights of matching: data of the community, not numbers scattered in code. Fit is counted in points of 1000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchingRules {
    /// Served weight of one unit of a normal, soon and urgent need.
    pub urgency_weight: [i64; 3],
    /// Served weight added for a receiver in a care group.
    pub care_group_weight: i64,
    /// Points for the same building group, and for the same residential area.
    pub closeness_points: [i64; 2],
    /// Points for sharing all of the need's slots of the week.
    pub time_points: i64,
    /// The most points for words that need and offer share, weighed by their rarity.
    pub text_points: i64,
    /// Points for having helped this receiver before; half for once, all for twice and more.
    pub continuity_points: i64,
    /// Points for the same kind of care.
    pub care_kind_points: i64,
    /// Points for a giver who has so far received more than given.
    pub balance_points: i64,
    /// How many of the best offers a run considers first for each need; others only where these are contested.
    pub candidates: usize,
}

impl Default for MatchingRules {
    fn default() -> Self {
        Self {
            urgency_weight: [2, 4, 8],
            care_group_weight: 1,
            closeness_points: [300, 180],
            time_points: 200,
            text_points: 200,
            continuity_points: 150,
            care_kind_points: 80,
            balance_points: 70,
            candidates: 20,
        }
    }
}

impl MatchingRules {
    /// The served weight of one unit of `need`.
    #[must_use]
    pub const fn weight(&self, need: &NeedFacts) -> i64 {
        let urgency = match need.urgency {
            Urgency::Normal => self.urgency_weight[0],
            Urgency::Soon => self.urgency_weight[1],
            Urgency::Urgent => self.urgency_weight[2],
        };
        urgency + if need.in_care_group { self.care_group_weight } else { 0 }
    }
}

/// What matching knows of a need.
#[derive(Debug, Clone)]
pub struct NeedFacts {
    /// The need.
    pub id: Uuid,
    /// Who asks.
    pub member: Uuid,
    /// Where.
    pub location: Location,
    /// Its category.
    pub category: Category,
    /// Its kind of care.
    pub care_kind: CareKind,
    /// Its window.
    pub window: Window,
    /// Its slots of the week.
    pub slots: Slots,
    /// What is still to be matched.
    pub remaining: i64,
    /// How soon.
    pub urgency: Urgency,
    /// Whether the receiver is in a care group. It weighs; it is never given as a reason.
    pub in_care_group: bool,
    /// The words of its title and text; [`affinity::weigh`] sets what they weigh.
    pub words: Words,
}

/// What matching knows of an offer.
#[derive(Debug, Clone)]
pub struct OfferFacts {
    /// The offer.
    pub id: Uuid,
    /// Who gives.
    pub member: Uuid,
    /// Where.
    pub location: Location,
    /// Its category.
    pub category: Category,
    /// Its kind of care.
    pub care_kind: CareKind,
    /// Its window.
    pub window: Window,
    /// Its slots of the week.
    pub slots: Slots,
    /// What is still to be given.
    pub remaining: i64,
    /// How far it serves.
    pub reach: Reach,
    /// Minutes that the giver has received more than given; negative for a giver who gave more.
    pub received_more_minutes: i64,
    /// The words of its title and text.
    pub words: Words,
}

/// How often a giver has served a receiver: `(giver, receiver)` → count.
pub type History = HashMap<(Uuid, Uuid), u32>;

/// One reason why an offer fits, for the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// Same building group.
    SameGroup,
    /// Same residential area.
    SameArea,
    /// Somewhere in the community.
    SameCommunity,
    /// Both mention these words, the weightiest first.
    SharedWords {
        /// The words, as the need has them.
        words: Vec<String>,
    },
    /// Free on these weekdays (0 is Monday); all seven are given as an empty list.
    SharedDays {
        /// The weekdays.
        days: Vec<u8>,
    },
    /// Has helped so many times.
    HelpedBefore {
        /// How often.
        times: u32,
    },
    /// Another kind of care than asked.
    OtherCareKind,
    /// Has received more than given so far.
    GivesBack,
    /// Has less left than is needed.
    OnlyPart {
        /// What is left.
        left: i64,
    },
}

/// How well an offer fits a need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// Points of 1000.
    pub points: i64,
    /// The reasons in words, strongest first.
    pub reasons: Vec<Reason>,
}

/// Why an offer can't serve a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfit {
    /// Another category.
    OtherCategory,
    /// Its own member's.
    SameMember,
    /// Out of reach.
    OutOfReach,
    /// No time in common.
    NoCommonTime,
    /// Nothing left.
    NothingLeft,
}

/// The points of `offer` for `need` without the reasons: the quick part, no allocation.
///
/// # Errors
/// Why it can't serve.
pub fn points(need: &NeedFacts, offer: &OfferFacts, helped: u32, rules: &MatchingRules) -> Result<i64, Unfit> {
    let besides = points_besides_text(need, offer, helped, rules)?;
    Ok(besides + affinity::points(need.words.shared_weight(&offer.words), rules.text_points))
}

/// As [`points`], without those for shared words, which a caller with many pairs counts at once.
pub(super) fn points_besides_text(
    need: &NeedFacts,
    offer: &OfferFacts,
    helped: u32,
    rules: &MatchingRules,
) -> Result<i64, Unfit> {
    if need.category != offer.category {
        return Err(Unfit::OtherCategory);
    }
    if need.member == offer.member {
        return Err(Unfit::SameMember);
    }
    let closeness = need.location.closeness(&offer.location);
    let in_reach = match offer.reach {
        Reach::BuildingGroup => closeness == Closeness::SameGroup,
        Reach::ResidentialArea => closeness <= Closeness::SameArea,
        Reach::Community => true,
    };
    if !in_reach {
        return Err(Unfit::OutOfReach);
    }
    let common = need.slots.common(offer.slots);
    if common.is_empty() || need.window.overlap(&offer.window).is_none() {
        return Err(Unfit::NoCommonTime);
    }
    if offer.remaining < 1 {
        return Err(Unfit::NothingLeft);
    }
    let close = match closeness {
        Closeness::SameGroup => rules.closeness_points[0],
        Closeness::SameArea => rules.closeness_points[1],
        Closeness::SameCommunity => 0,
    };
    let time = rules.time_points * i64::from(common.count()) / i64::from(need.slots.count().max(1));
    let continuity = rules.continuity_points * i64::from(helped.min(2)) / 2;
    let kind = if need.care_kind == offer.care_kind { rules.care_kind_points } else { 0 };
    let balance = if offer.received_more_minutes > 0 { rules.balance_points } else { 0 };
    Ok(close + time + continuity + kind + balance)
}

/// How well `offer` fits `need`, with the reasons.
///
/// # Errors
/// Why it can't serve.
pub fn fit(need: &NeedFacts, offer: &OfferFacts, helped: u32, rules: &MatchingRules) -> Result<Fit, Unfit> {
    let points = points(need, offer, helped, rules)?;
    let mut reasons = vec![match need.location.closeness(&offer.location) {
        Closeness::SameGroup => Reason::SameGroup,
        Closeness::SameArea => Reason::SameArea,
        Closeness::SameCommunity => Reason::SameCommunity,
    }];
    let days = need.slots.common(offer.slots).weekdays();
    let days = if days.len() == 7 { Vec::new() } else { days.into_iter().map(weekday_number).collect() };
    let words = need.words.told(&offer.words);
    if !words.is_empty() {
        reasons.push(Reason::SharedWords { words });
    }
    reasons.push(Reason::SharedDays { days });
    if helped > 0 {
        reasons.push(Reason::HelpedBefore { times: helped });
    }
    if need.care_kind != offer.care_kind {
        reasons.push(Reason::OtherCareKind);
    }
    if offer.received_more_minutes > 0 {
        reasons.push(Reason::GivesBack);
    }
    if offer.remaining < need.remaining {
        reasons.push(Reason::OnlyPart { left: offer.remaining });
    }
    Ok(Fit { points, reasons })
}

fn weekday_number(day: Weekday) -> u8 {
    u8::try_from(day.num_days_from_monday()).unwrap_or(0)
}

/// The `limit` best of `offers` for `need`: `(index into offers, points)`, best first, ties in the order of `offers`. It
/// weighs the need's words among them, as [`affinity::weigh`] does.
#[must_use]
pub fn rank(
    need: &mut NeedFacts,
    offers: &[OfferFacts],
    history: &History,
    rules: &MatchingRules,
    limit: usize,
) -> Vec<(usize, i64)> {
    let category = need.category;
    let of_category = || offers.iter().enumerate().filter(move |(_, offer)| offer.category == category);
    let shared = affinity::weigh_one(&mut need.words, of_category().map(|(_, offer)| &offer.words));
    let mut ranked: Vec<(usize, i64)> = Vec::new();
    for ((index, offer), shared) in of_category().zip(shared) {
        let helped =
            if history.is_empty() { 0 } else { history.get(&(offer.member, need.member)).copied().unwrap_or(0) };
        if let Ok(besides) = points_besides_text(need, offer, helped, rules) {
            ranked.push((index, besides + affinity::points(shared, rules.text_points)));
        }
    }
    let best_first = |a: &(usize, i64), b: &(usize, i64)| b.1.cmp(&a.1).then(a.0.cmp(&b.0));
    if ranked.len() > limit && limit > 0 {
        ranked.select_nth_unstable_by(limit - 1, best_first);
        ranked.truncate(limit);
    }
    ranked.sort_unstable_by(best_first);
    ranked
}
