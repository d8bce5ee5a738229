//! The matching run against brute force, its promises, and the reasons it gives for what stays unmet.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::HashMap;

use chrono::{Duration, TimeZone, Utc};
use proptest::prelude::*;
use tongxin_core::{
    community::Location,
    service::{
        CareKind, Category, Reach, Urgency,
        affinity::{Words, weigh},
        assignment::{AssignError, Assignment, Why, assign},
        matching::{History, MatchingRules, NeedFacts, OfferFacts, Reason, fit, points, rank},
        schedule::Slots,
    },
    time::Window,
};
use uuid::Uuid;

fn id(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128(kind << 64 | number as u128)
}

fn location(number: usize) -> Location {
    Location { place: id(3, number), area: Some(id(4, number / 2)) }
}

fn window() -> Window {
    let from = Utc.with_ymd_and_hms(2026, 11, 24, 0, 0, 0).unwrap();
    Window::new(from, from + Duration::days(30)).unwrap()
}

fn need(number: usize, member: usize) -> NeedFacts {
    NeedFacts {
        id: id(1, number),
        member: id(5, member),
        location: location(0),
        category: Category::Convenience,
        care_kind: CareKind::Material,
        window: window(),
        slots: Slots::ALL,
        remaining: 1,
        urgency: Urgency::Normal,
        in_care_group: false,
        words: Words::default(),
    }
}

fn offer(number: usize, member: usize) -> OfferFacts {
    OfferFacts {
        id: id(2, number),
        member: id(5, member),
        location: location(0),
        category: Category::Convenience,
        care_kind: CareKind::Material,
        window: window(),
        slots: Slots::ALL,
        remaining: 1,
        reach: Reach::Community,
        received_more_minutes: 0,
        words: Words::default(),
    }
}

fn pick<T: Copy + std::fmt::Debug + 'static>(from: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(from)
}

const CATEGORIES: &[Category] = &[Category::Convenience, Category::Convenience, Category::Culture];

const TEXTS: &[&str] = &["", "上门理发", "理发店 haircut", "陪诊挂号，上门", "haircut", "教手机挂号"];

fn needs(most: usize, quantity: i64) -> impl Strategy<Value = Vec<NeedFacts>> {
    let one = (
        0_usize..6,
        0_usize..4,
        pick(CATEGORIES),
        pick(CareKind::ALL),
        0_u32..64,
        0..=quantity,
        pick(Urgency::ALL),
        any::<bool>(),
        pick(TEXTS),
    );
    proptest::collection::vec(one, 0..=most).prop_map(|all| {
        let facts = |(number, (member, place, category, care_kind, slots, remaining, urgency, care, text))| NeedFacts {
            location: location(place),
            category,
            care_kind,
            slots: Slots(slots),
            remaining,
            urgency,
            in_care_group: care,
            words: Words::new(text, ""),
            ..need(number, member)
        };
        all.into_iter().enumerate().map(facts).collect()
    })
}

fn offers(most: usize, quantity: i64) -> impl Strategy<Value = Vec<OfferFacts>> {
    let one = (
        0_usize..6,
        0_usize..4,
        pick(CATEGORIES),
        pick(CareKind::ALL),
        0_u32..64,
        0..=quantity,
        pick(Reach::ALL),
        -1_i64..=1,
        pick(TEXTS),
    );
    proptest::collection::vec(one, 0..=most).prop_map(|all| {
        let facts = |(number, (member, place, category, care_kind, slots, remaining, reach, more, text))| OfferFacts {
            location: location(place),
            category,
            care_kind,
            slots: Slots(slots),
            remaining,
            reach,
            received_more_minutes: more,
            words: Words::new(text, ""),
            ..offer(number, member)
        };
        all.into_iter().enumerate().map(facts).collect()
    })
}

fn history() -> impl Strategy<Value = History> {
    proptest::collection::hash_map((0_usize..6, 0_usize..6), 0_u32..4, 0..6).prop_map(|all| {
        all.into_iter().map(|((giver, receiver), times)| ((id(5, giver), id(5, receiver)), times)).collect()
    })
}

fn rules(candidates: usize) -> MatchingRules {
    MatchingRules { candidates, ..MatchingRules::default() }
}

/// The best totals `(served weight, points)` by trying everything, one unit of a need after the other.
fn brute_force(needs: &[NeedFacts], offers: &[OfferFacts], history: &History, rules: &MatchingRules) -> (i64, i64) {
    let units: Vec<&NeedFacts> =
        needs.iter().flat_map(|need| std::iter::repeat_n(need, need.remaining.max(0) as usize)).collect();
    let mut left: Vec<i64> = offers.iter().map(|offer| offer.remaining).collect();
    let mut known = HashMap::new();
    best(&units, offers, history, rules, &mut left, &mut known)
}

fn best(
    units: &[&NeedFacts],
    offers: &[OfferFacts],
    history: &History,
    rules: &MatchingRules,
    left: &mut Vec<i64>,
    known: &mut HashMap<(usize, Vec<i64>), (i64, i64)>,
) -> (i64, i64) {
    let Some((need, rest)) = units.split_first() else {
        return (0, 0);
    };
    if let Some(&answer) = known.get(&(units.len(), left.clone())) {
        return answer;
    }
    let mut answer = best(rest, offers, history, rules, left, known);
    for (index, offer) in offers.iter().enumerate() {
        let helped = history.get(&(offer.member, need.member)).copied();
        let Ok(points) = points(need, offer, helped.unwrap_or(0), rules) else {
            continue;
        };
        if left[index] > 0 {
            left[index] -= 1;
            let (weight, sum) = best(rest, offers, history, rules, left, known);
            left[index] += 1;
            answer = answer.max((weight + rules.weight(need), sum + points));
        }
    }
    known.insert((units.len(), left.clone()), answer);
    answer
}

/// What every answer has to keep, whatever was asked.
fn check(
    answer: &Assignment,
    needs: &[NeedFacts],
    offers: &[OfferFacts],
    history: &History,
    rules: &MatchingRules,
) -> Result<(), TestCaseError> {
    let need_of: HashMap<Uuid, &NeedFacts> = needs.iter().map(|need| (need.id, need)).collect();
    let offer_of: HashMap<Uuid, &OfferFacts> = offers.iter().map(|offer| (offer.id, offer)).collect();
    let mut asked: HashMap<Uuid, i64> = needs.iter().map(|need| (need.id, need.remaining.max(0))).collect();
    let mut left: HashMap<Uuid, i64> = offers.iter().map(|offer| (offer.id, offer.remaining)).collect();
    let (mut weight, mut sum, mut units) = (0, 0, 0);
    for proposal in &answer.proposals {
        let (need, offer) = (need_of[&proposal.need], offer_of[&proposal.offer]);
        let helped = history.get(&(offer.member, need.member)).copied();
        let expected = fit(need, offer, helped.unwrap_or(0), rules);
        prop_assert_eq!(Ok(&proposal.fit), expected.as_ref());
        prop_assert!(proposal.quantity > 0);
        *asked.get_mut(&need.id).unwrap() -= proposal.quantity;
        *left.get_mut(&offer.id).unwrap() -= proposal.quantity;
        weight += rules.weight(need) * proposal.quantity;
        sum += proposal.fit.points * proposal.quantity;
        units += proposal.quantity;
    }
    for unmet in &answer.unmet {
        prop_assert!(unmet.quantity > 0);
        *asked.get_mut(&unmet.need).unwrap() -= unmet.quantity;
        let some_fit = offers.iter().any(|offer| {
            !matches!(points(need_of[&unmet.need], offer, 0, rules), Err(unfit) if Why::from(unfit) != Why::AllTaken)
        });
        prop_assert_eq!(some_fit, unmet.why == Why::AllTaken);
    }
    prop_assert!(asked.values().all(|&asked| asked == 0), "served and unmet make up what was asked");
    prop_assert!(left.values().all(|&left| left >= 0), "no offer gives more than it has");
    let all: i64 = needs.iter().map(|need| need.remaining.max(0)).sum();
    let all_weight: i64 = needs.iter().map(|need| rules.weight(need) * need.remaining.max(0)).sum();
    prop_assert_eq!(
        (answer.served_weight, answer.points, answer.served_units, answer.units, answer.total_weight),
        (weight, sum, units, all, all_weight)
    );
    let weights: Vec<i64> = answer.proposals.iter().map(|p| rules.weight(need_of[&p.need])).collect();
    prop_assert!(weights.is_sorted_by(|a, b| a >= b));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn is_as_good_as_trying_everything(
        mut needs in needs(4, 2), offers in offers(5, 2), history in history(), candidates in 1_usize..4,
    ) {
        weigh(&mut needs, &offers);
        let rules = rules(candidates);
        let answer = assign(&needs, &offers, &history, &rules).unwrap();
        check(&answer, &needs, &offers, &history, &rules)?;
        prop_assert_eq!(
            (answer.served_weight, answer.points),
            brute_force(&needs, &offers, &history, &rules)
        );
    }

    #[test]
    fn keeps_its_promises_on_larger_cases(
        mut needs in needs(40, 9), offers in offers(40, 9), history in history(), candidates in 1_usize..8,
    ) {
        weigh(&mut needs, &offers);
        let rules = rules(candidates);
        let answer = assign(&needs, &offers, &history, &rules).unwrap();
        check(&answer, &needs, &offers, &history, &rules)?;
        prop_assert_eq!(&answer, &assign(&needs, &offers, &history, &rules).unwrap());
    }

    #[test]
    fn the_order_of_offers_and_the_number_of_candidates_change_no_total(
        mut needs in needs(20, 4),
        (offers, shuffled) in offers(20, 4).prop_flat_map(|offers| (Just(offers.clone()), Just(offers).prop_shuffle())),
        history in history(),
    ) {
        weigh(&mut needs, &offers);
        let few = assign(&needs, &offers, &history, &rules(2)).unwrap();
        let other = assign(&needs, &shuffled, &history, &rules(2)).unwrap();
        let all = assign(&needs, &offers, &history, &rules(100)).unwrap();
        let totals = |a: &Assignment| (a.served_weight, a.points, a.served_units);
        prop_assert_eq!(totals(&few), totals(&other));
        prop_assert_eq!(totals(&few), totals(&all));
    }

    #[test]
    fn one_need_gets_what_ranking_puts_first(
        mut needs in needs(1, 1), offers in offers(12, 3), history in history(),
    ) {
        weigh(&mut needs, &offers);
        let rules = rules(3);
        let answer = assign(&needs, &offers, &history, &rules).unwrap();
        for need in needs.iter_mut().filter(|need| need.remaining > 0) {
            let first = rank(need, &offers, &history, &rules, 1).first().map(|&(_, points)| points);
            prop_assert_eq!(first, answer.proposals.first().map(|p| p.fit.points));
        }
    }
}

fn why(need: &NeedFacts, offers: &[OfferFacts]) -> Why {
    let answer = assign(std::slice::from_ref(need), offers, &History::new(), &rules(20)).unwrap();
    answer.unmet.last().unwrap().why
}

#[test]
fn tells_why_a_need_stays_unmet() {
    let need = need(0, 0);
    let own = offer(0, 0);
    let far = OfferFacts { location: location(2), reach: Reach::BuildingGroup, ..offer(1, 1) };
    let busy = OfferFacts { slots: Slots(0), ..offer(2, 1) };
    let spent = OfferFacts { remaining: 0, ..offer(3, 1) };
    let other = OfferFacts { category: Category::Culture, ..offer(4, 1) };
    let mut offers = Vec::new();
    for (added, expected) in [
        (other, Why::NoOffer),
        (own, Why::OnlyOwn),
        (far, Why::OutOfReach),
        (busy, Why::NoCommonTime),
        (spent, Why::AllTaken),
    ] {
        offers.push(added);
        assert_eq!(why(&need, &offers), expected);
    }
}

#[test]
fn two_needs_of_a_category_get_the_offers_that_speak_of_them() {
    let says = |title, text| Words::new(title, text);
    let mut needs = [
        NeedFacts { words: says("阿婆想理发", "腿脚不便，盼上门"), ..need(0, 0) },
        NeedFacts { words: says("不会用手机挂号", "请人教一教"), ..need(1, 1) },
    ];
    let offers = [
        OfferFacts { words: says("教老人手机挂号", ""), ..offer(0, 2) },
        OfferFacts { words: says("老手艺师傅上门理发", ""), ..offer(1, 3) },
    ];
    let told = |need: &NeedFacts, offer: &OfferFacts| {
        let reasons = fit(need, offer, 0, &rules(20)).unwrap().reasons;
        reasons.into_iter().find_map(|r| if let Reason::SharedWords { words } = r { Some(words) } else { None })
    };
    // Two offers are too few to tell a rare word from a common one.
    weigh(&mut needs, &offers);
    assert_eq!(rank(&mut needs[0], &offers, &History::new(), &rules(20), 1)[0].0, 1);
    assert_eq!(told(&needs[0], &offers[1]), None);
    let mut more = offers.to_vec();
    more.extend((2..9).map(|number| offer(number, 4)));
    weigh(&mut needs, &more);
    assert_eq!(rank(&mut needs[0], &more, &History::new(), &rules(20), 1)[0].0, 1);
    assert_eq!(rank(&mut needs[1], &more, &History::new(), &rules(20), 1)[0].0, 0);
    assert_eq!(told(&needs[0], &more[1]), Some(vec!["理发".to_owned(), "上门".to_owned()]));
    assert_eq!(told(&needs[1], &more[0]), Some(vec!["手机挂号".to_owned()]));
    assert_eq!(told(&needs[0], &more[0]), None);
    let answer = assign(&needs, &more, &History::new(), &rules(1)).unwrap();
    let pairs: Vec<_> = answer.proposals.iter().map(|p| (p.need, p.offer)).collect();
    assert_eq!(pairs, [(needs[0].id, more[1].id), (needs[1].id, more[0].id)]);
}

#[test]
fn an_urgent_need_comes_before_any_sum_of_points() {
    let urgent =
        NeedFacts { urgency: Urgency::Urgent, location: location(4), care_kind: CareKind::Spiritual, ..need(1, 1) };
    let needs = [need(0, 0), urgent];
    let answer = assign(&needs, &[offer(0, 2)], &History::new(), &rules(20)).unwrap();
    assert_eq!(answer.proposals[0].need, needs[1].id);
    assert_eq!((answer.unmet[0].need, answer.unmet[0].why), (needs[0].id, Why::AllTaken));
}

#[test]
fn a_need_is_split_over_offers() {
    let need = NeedFacts { remaining: 5, ..need(0, 0) };
    let offers = [1, 2, 1].map(|remaining| OfferFacts { remaining, ..offer(remaining as usize, 1) });
    let answer = assign(&[need], &offers, &History::new(), &rules(1)).unwrap();
    let given: Vec<i64> = answer.proposals.iter().map(|p| p.quantity).collect();
    assert_eq!(given, [1, 2, 1]);
    assert_eq!((answer.served_units, answer.unmet[0].quantity), (4, 1));
}

#[test]
fn refuses_what_it_cannot_count_exactly() {
    let huge = NeedFacts { remaining: i64::MAX, ..need(0, 0) };
    let run = |needs: &[NeedFacts], rules: &MatchingRules| assign(needs, &[offer(0, 1)], &History::new(), rules);
    assert_eq!(run(&[huge], &rules(20)), Err(AssignError::TooLarge));
    for bad in [
        rules(0),
        MatchingRules { urgency_weight: [0, 4, 8], ..rules(20) },
        MatchingRules { care_group_weight: -2, ..rules(20) },
        MatchingRules { time_points: i64::MAX, ..rules(20) },
    ] {
        assert_eq!(run(&[need(0, 0)], &bad), Err(AssignError::Rules));
    }
}

#[test]
fn nothing_asked_or_offered_is_an_answer_too() {
    let none = assign(&[], &[], &History::new(), &rules(20)).unwrap();
    assert!(none.proposals.is_empty() && none.unmet.is_empty());
    let spent = NeedFacts { remaining: -3, ..need(0, 0) };
    let none = assign(&[spent], &[offer(0, 1)], &History::new(), &rules(20)).unwrap();
    assert!(none.proposals.is_empty() && none.unmet.is_empty());
}

#[test]
fn an_answer_is_kept_and_read_again() {
    let needs = [need(0, 0), need(1, 1)];
    let answer = assign(&needs, &[offer(0, 2)], &History::new(), &rules(20)).unwrap();
    let text = serde_json::to_string(&answer).unwrap();
    assert_eq!(serde_json::from_str::<Assignment>(&text).unwrap(), answer);
    assert!(text.contains("\"why\":\"all_taken\""));
}
