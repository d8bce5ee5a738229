//! What holds for every count, and small counts beside plain ones that look at one ballot after the other.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use tongxin_tally::{
    Fraction, Rankings, TieOrder,
    choice::ChoiceTally,
    majority::{Abstention, Answer, Base, Condition, MajorityRule, Reach, Sums, Tie},
    runoff::instant_runoff,
    stv::stv,
};

const OPTIONS: usize = 5;

/// A ranking of some of the options, as its ballot stands.
fn ranking() -> impl Strategy<Value = Vec<u16>> {
    (Just((0..OPTIONS as u16).collect::<Vec<_>>()).prop_shuffle(), 0..=OPTIONS)
        .prop_map(|(options, length)| options[..length].to_vec())
}

fn ballots() -> impl Strategy<Value = Vec<(Vec<u16>, u64)>> {
    prop::collection::vec((ranking(), prop_oneof![4 => Just(1), 1 => 0_u64..4]), 0..24)
}

fn order() -> impl Strategy<Value = Vec<usize>> {
    Just((0..OPTIONS).collect::<Vec<_>>()).prop_shuffle()
}

fn rankings(ballots: &[(Vec<u16>, u64)]) -> Rankings {
    let mut rankings = Rankings::new(OPTIONS).unwrap();
    for (ranking, weight) in ballots {
        rankings.add(ranking, *weight).unwrap();
    }
    rankings
}

/// Who of `among` is first on each ballot, with the ballot's value.
fn firsts(ballots: &[(Vec<u16>, BigRational)], among: &[usize]) -> Vec<BigRational> {
    let mut votes = vec![BigRational::from(BigInt::from(0)); OPTIONS];
    for (ranking, value) in ballots {
        if let Some(first) = ranking.iter().map(|&option| usize::from(option)).find(|option| among.contains(option)) {
            votes[first] += value;
        }
    }
    votes
}

/// The least or greatest by the present votes, then by those before, backwards, then by the order.
fn plain_pick(among: &[usize], history: &[Vec<BigRational>], order: &[usize], greatest: bool) -> usize {
    let place = |option: usize| order.iter().position(|&other| other == option).unwrap();
    let key = |option: usize| history.iter().rev().map(|votes| votes[option].clone()).collect::<Vec<_>>();
    let least = |&a: &usize, &b: &usize| key(a).cmp(&key(b)).then_with(|| place(b).cmp(&place(a)));
    if greatest {
        among.iter().copied().max_by(|a, b| least(a, b))
    } else {
        among.iter().copied().min_by(|a, b| least(a, b))
    }
    .unwrap()
}

/// The rules of [`tongxin_tally::stv`] with the value on each ballot; where each ballot lies is kept beside it.
fn plain_stv(ballots: &[(Vec<u16>, u64)], seats: usize, order: &[usize]) -> Vec<usize> {
    let whole = |number: u64| BigRational::from(BigInt::from(number));
    let total: u64 = ballots.iter().filter(|(ranking, _)| !ranking.is_empty()).map(|(_, weight)| weight).sum();
    let quota = whole(total / (seats as u64 + 1) + 1);
    if total == 0 {
        return Vec::new();
    }
    let mut values: Vec<BigRational> = ballots.iter().map(|(_, weight)| whole(*weight)).collect();
    let mut open: Vec<usize> = (0..OPTIONS).collect();
    let next = |ballot: usize, open: &[usize]| {
        ballots[ballot].0.iter().map(|&option| usize::from(option)).find(|option| open.contains(option))
    };
    let mut lies: Vec<Option<usize>> = (0..ballots.len()).map(|ballot| next(ballot, &open)).collect();
    let (mut elected, mut pending): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut kept = vec![whole(0); OPTIONS];
    let mut history: Vec<Vec<BigRational>> = Vec::new();
    loop {
        let mut votes = kept.clone();
        for (value, lies) in values.iter().zip(&lies) {
            if let Some(option) = lies {
                votes[*option] += value;
            }
        }
        history.push(votes.clone());
        let mut best = open.clone();
        best.sort_by(|&a, &b| {
            let place = |option| order.iter().position(|&other| other == option);
            votes[b].cmp(&votes[a]).then_with(|| place(a).cmp(&place(b)))
        });
        for option in best {
            if votes[option] >= quota && elected.len() < seats {
                elected.push(option);
                open.retain(|&other| other != option);
                if votes[option] > quota {
                    pending.push(option);
                }
            }
        }
        if open.len() + elected.len() <= seats {
            open.sort_by(|&a, &b| {
                let place = |option| order.iter().position(|&other| other == option);
                votes[b].cmp(&votes[a]).then_with(|| place(a).cmp(&place(b)))
            });
            elected.extend(open);
            return elected;
        }
        if elected.len() == seats {
            return elected;
        }
        let from = if pending.is_empty() {
            let out = plain_pick(&open, &history, order, false);
            open.retain(|&other| other != out);
            out
        } else {
            let of = plain_pick(&pending, &history, order, true);
            pending.retain(|&other| other != of);
            let share = (&votes[of] - &quota) / &votes[of];
            for (value, _) in values.iter_mut().zip(&lies).filter(|(_, lies)| **lies == Some(of)) {
                *value *= &share;
            }
            kept[of] = quota.clone();
            of
        };
        for (ballot, lies) in lies.iter_mut().enumerate() {
            if *lies == Some(from) {
                *lies = next(ballot, &open);
            }
        }
    }
}

fn plain_runoff(ballots: &[(Vec<u16>, u64)], order: &[usize]) -> Option<usize> {
    let ballots: Vec<_> =
        ballots.iter().map(|(ranking, weight)| (ranking.clone(), BigRational::from(BigInt::from(*weight)))).collect();
    let mut open: Vec<usize> = (0..OPTIONS).collect();
    let mut history = Vec::new();
    loop {
        let votes = firsts(&ballots, &open);
        let all: BigRational = votes.iter().sum();
        if history.is_empty() && all == BigRational::from(BigInt::from(0)) {
            return None;
        }
        let two = BigRational::from(BigInt::from(2));
        if let Some(&winner) = open.iter().find(|&&option| &votes[option] * &two > all || open.len() == 1) {
            return Some(winner);
        }
        history.push(votes);
        let out = plain_pick(&open, &history, order, false);
        open.retain(|&option| option != out);
    }
}

fn fraction() -> impl Strategy<Value = Fraction> {
    (0_u32..=6, 1_u32..=6).prop_map(|(part, whole)| Fraction::new(part.min(whole), whole).unwrap())
}

fn condition() -> impl Strategy<Value = Condition> {
    let reach = prop_oneof![Just(Reach::MoreThan), Just(Reach::AtLeast)];
    let of = prop_oneof![Just(Base::Entitled), Just(Base::Participating), Just(Base::Decided)];
    (0..2_usize, reach, fraction(), of).prop_map(|(weight, reach, share, of)| Condition { weight, reach, share, of })
}

prop_compose! {
    fn majorities()(
        participation in
            prop::collection::vec(condition().prop_map(|condition| Condition { of: Base::Entitled, ..condition }), 0..3),
        approval in prop::collection::vec(condition(), 1..4),
        takes_part in any::<bool>(),
        casting in any::<bool>(),
    ) -> MajorityRule {
        let abstention = if takes_part { Abstention::TakesPart } else { Abstention::StaysAway };
        let tie = if casting { Tie::CastingVote } else { Tie::Fails };
        MajorityRule { weights: 2, participation, approval, abstention, tie }
    }
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![Just(Answer::Yes), Just(Answer::No), Just(Answer::Abstain)]
}

fn added(ballots: &[(Answer, [u64; 2])]) -> Sums {
    let mut sums = Sums::new(2);
    for (answer, weights) in ballots {
        sums.add(*answer, weights).unwrap();
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_single_transferable_vote_is_as_by_one_ballot_after_the_other(
        ballots in ballots(), seats in 1..=OPTIONS, order in order()
    ) {
        let outcome = stv(&rankings(&ballots), seats, None, &TieOrder::new(&order).unwrap()).unwrap();
        prop_assert_eq!(&outcome.elected, &plain_stv(&ballots, seats, &order));
        let cast: u64 = ballots.iter().filter(|(ranking, _)| !ranking.is_empty()).map(|(_, weight)| weight).sum();
        prop_assert_eq!(outcome.elected.len(), if cast == 0 { 0 } else { seats });
    }

    #[test]
    fn no_vote_is_lost_or_made(ballots in ballots(), seats in 1..OPTIONS, places in prop::option::of(0_u32..6)) {
        let rankings = rankings(&ballots);
        let outcome = stv(&rankings, seats, places, &TieOrder::as_listed(OPTIONS)).unwrap();
        for stage in &outcome.stages {
            let mut sum = stage.exhausted.to_string().parse::<BigRational>().unwrap();
            for votes in &stage.votes {
                sum += votes.to_string().parse::<BigRational>().unwrap();
            }
            prop_assert_eq!(sum, BigRational::from(BigInt::from(rankings.total())));
        }
        let filled = if rankings.total() == 0 { 0 } else { seats };
        prop_assert_eq!(outcome.elected.len(), filled);
    }

    #[test]
    fn an_instant_runoff_is_as_by_one_ballot_after_the_other(ballots in ballots(), order in order()) {
        let outcome = instant_runoff(&rankings(&ballots), &TieOrder::new(&order).unwrap()).unwrap();
        prop_assert_eq!(outcome.elected, plain_runoff(&ballots, &order));
    }

    #[test]
    fn more_than_half_of_first_preferences_wins(ballots in ballots(), seats in 1..=OPTIONS) {
        let rankings = rankings(&ballots);
        let mut firsts = [0; OPTIONS];
        for (ranking, weight) in ballots.iter().filter(|(ranking, _)| !ranking.is_empty()) {
            firsts[usize::from(ranking[0])] += weight;
        }
        if let Some(winner) = (0..OPTIONS).find(|&option| 2 * firsts[option] > rankings.total()) {
            let order = TieOrder::as_listed(OPTIONS);
            prop_assert_eq!(instant_runoff(&rankings, &order).unwrap().elected, Some(winner));
            prop_assert_eq!(instant_runoff(&rankings, &order).unwrap().rounds.len(), 1);
            prop_assert_eq!(stv(&rankings, seats, None, &order).unwrap().elected[0], winner);
        }
    }

    #[test]
    fn the_order_of_ballots_never_matters(
        (ballots, shuffled) in ballots().prop_flat_map(|ballots| (Just(ballots.clone()), Just(ballots).prop_shuffle())),
        seats in 1..=OPTIONS,
        order in order(),
    ) {
        let order = TieOrder::new(&order).unwrap();
        let (one, other) = (rankings(&ballots), rankings(&shuffled));
        prop_assert_eq!(stv(&one, seats, None, &order), stv(&other, seats, None, &order));
        prop_assert_eq!(stv(&one, seats, Some(3), &order), stv(&other, seats, Some(3), &order));
        prop_assert_eq!(instant_runoff(&one, &order), instant_runoff(&other, &order));
        let marks = |ballots: &[(Vec<u16>, u64)]| {
            let mut tally = ChoiceTally::marks(OPTIONS, OPTIONS);
            for (options, weight) in ballots {
                tally.add(options, *weight).unwrap();
            }
            tally.elect(seats, &order).unwrap()
        };
        prop_assert_eq!(marks(&ballots), marks(&shuffled));
    }

    #[test]
    fn who_is_elected_by_marks_has_no_fewer_than_who_is_not(ballots in ballots(), seats in 0..=OPTIONS, order in order()) {
        let mut tally = ChoiceTally::marks(OPTIONS, OPTIONS);
        for (options, weight) in &ballots {
            tally.add(options, *weight).unwrap();
        }
        let outcome = tally.elect(seats, &TieOrder::new(&order).unwrap()).unwrap();
        let least = outcome.elected.iter().map(|&option| outcome.sums[option]).min().unwrap_or(u64::MAX);
        let rest = (0..OPTIONS).filter(|option| !outcome.elected.contains(option)).map(|option| outcome.sums[option]);
        let most = rest.max().unwrap_or(0);
        prop_assert!(outcome.elected.len() == seats || most == 0);
        prop_assert!(seats == 0 || least >= most);
        // A tie is stated exactly when one was broken.
        prop_assert_eq!(outcome.ties.len(), usize::from(seats > 0 && most > 0 && least == most));
    }

    #[test]
    fn a_yes_more_never_harms(
        rule in majorities(),
        ballots in prop::collection::vec((answer(), [0_u64..5, 0_u64..50]), 0..12),
        more in [0_u64..5, 0_u64..50],
        away in [0_u64..9, 0_u64..90],
        casting in prop::option::of(answer()),
    ) {
        let mut entitled = away;
        for (_, weights) in ballots.iter().chain([&(Answer::Yes, more)]) {
            entitled = [entitled[0] + weights[0], entitled[1] + weights[1]];
        }
        let decide = |ballots: &[(Answer, [u64; 2])]| rule.decide(&entitled, &added(ballots), casting).unwrap().decision;
        let mut greater = ballots.clone();
        greater.push((Answer::Yes, more));
        let before = decide(&ballots);
        prop_assert!(!before.passed() || decide(&greater).passed());
        for changed in 0..ballots.len() {
            let mut turned = ballots.clone();
            turned[changed].0 = Answer::Yes;
            prop_assert!(!before.passed() || decide(&turned).passed());
        }
        let mut backwards = ballots;
        backwards.reverse();
        prop_assert_eq!(before, decide(&backwards));
    }

    #[test]
    fn what_is_needed_is_the_smallest_amount_that_is_enough(condition in condition(), base in 0_u64..2000) {
        let (part, whole) = (u64::from(condition.share.numerator()), u64::from(condition.share.denominator()));
        let enough = |amount: u64| amount > 0 && match condition.reach {
            Reach::MoreThan => amount * whole > base * part,
            Reach::AtLeast => amount * whole >= base * part,
        };
        let needed = condition.needed(base);
        prop_assert!(enough(needed) && !enough(needed - 1));
    }
}
