//! Worked examples, by hand and from the literature.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use tongxin_tally::{
    Exact, Fraction, Rankings, TallyError, TieAbout, TieOrder, TieRule,
    choice::ChoiceTally,
    majority::{Abstention, Answer, Base, Condition, Decision, MajorityRule, Reach, Sums, Tie},
    runoff::instant_runoff,
    stv::{StvAction, stv},
};

fn share(text: &str) -> Fraction {
    text.parse().unwrap()
}

fn condition(weight: usize, reach: Reach, text: &str, of: Base) -> Condition {
    Condition { weight, reach, share: share(text), of }
}

/// Two thirds of heads and of area take part; approval of both by this share of those.
fn owners(reach: Reach, approval: &str) -> MajorityRule {
    let each = |reach, text, of| vec![condition(0, reach, text, of), condition(1, reach, text, of)];
    MajorityRule {
        weights: 2,
        participation: each(Reach::AtLeast, "2/3", Base::Entitled),
        approval: each(reach, approval, Base::Participating),
        abstention: Abstention::TakesPart,
        tie: Tie::Fails,
    }
}

fn sums(yes: [u64; 2], no: [u64; 2], abstain: [u64; 2]) -> Sums {
    Sums { yes: yes.to_vec(), no: no.to_vec(), abstain: abstain.to_vec(), silent: vec![0, 0] }
}

#[test]
fn owners_need_two_thirds_to_take_part_and_more_than_half_of_those_to_approve() {
    let rule = owners(Reach::MoreThan, "1/2");
    let entitled = [300, 2_500_000];
    let passed = rule.decide(&entitled, &sums([120, 1_000_000], [60, 500_000], [20, 200_000]), None).unwrap();
    assert_eq!(passed.decision, Decision::Passed);
    let figures = |figures: &[tongxin_tally::majority::Figure]| -> Vec<_> {
        figures.iter().map(|figure| (figure.got, figure.base, figure.needed)).collect()
    };
    assert_eq!(figures(&passed.participation), [(200, 300, 200), (1_700_000, 2_500_000, 1_666_667)]);
    assert_eq!(figures(&passed.approval), [(120, 200, 101), (1_000_000, 1_700_000, 850_001)]);

    // By heads it passes, by area it doesn't.
    let failed = rule.decide(&entitled, &sums([150, 800_000], [50, 900_000], [0, 0]), None).unwrap();
    assert_eq!(failed.decision, Decision::Failed);
    assert_eq!(failed.approval.iter().map(|figure| figure.met).collect::<Vec<_>>(), [true, false]);

    let few = rule.decide(&entitled, &sums([199, 2_000_000], [0, 0], [0, 0]), None).unwrap();
    assert_eq!(few.decision, Decision::NoQuorum);

    // Exactly half is not more than half.
    let half = rule.decide(&entitled, &sums([100, 1_000_000], [100, 900_000], [0, 0]), None).unwrap();
    assert_eq!(half.decision, Decision::FailedByTie);
    assert!(half.approval[0].tied && !half.approval[1].tied);
}

#[test]
fn special_matters_need_three_quarters_which_is_enough_itself() {
    let rule = owners(Reach::AtLeast, "3/4");
    let entitled = [300, 900];
    let passed = rule.decide(&entitled, &sums([150, 450], [50, 150], [0, 0]), None).unwrap();
    assert_eq!(passed.decision, Decision::Passed);
    let failed = rule.decide(&entitled, &sums([149, 450], [50, 150], [1, 0]), None).unwrap();
    assert_eq!((failed.decision, failed.approval[0].needed), (Decision::Failed, 150));
}

#[test]
fn more_than_half_of_all_full_members_whoever_comes() {
    let rule = MajorityRule {
        weights: 1,
        participation: vec![condition(0, Reach::MoreThan, "1/2", Base::Entitled)],
        approval: vec![condition(0, Reach::MoreThan, "1/2", Base::Entitled)],
        abstention: Abstention::TakesPart,
        tie: Tie::Fails,
    };
    let decide = |yes, no| {
        let sums = Sums { yes: vec![yes], no: vec![no], abstain: vec![0], silent: vec![0] };
        rule.decide(&[20], &sums, None).unwrap().decision
    };
    assert_eq!(
        [decide(10, 0), decide(11, 0), decide(11, 9), decide(10, 5)].map(Decision::passed),
        [false, true, true, false]
    );
    assert_eq!((decide(10, 0), decide(10, 5)), (Decision::NoQuorum, Decision::FailedByTie));
}

#[test]
fn a_casting_vote_lifts_a_tie_and_nothing_else() {
    let mut rule = MajorityRule {
        weights: 1,
        participation: Vec::new(),
        approval: vec![condition(0, Reach::MoreThan, "1/2", Base::Decided)],
        abstention: Abstention::StaysAway,
        tie: Tie::CastingVote,
    };
    let tied = Sums { yes: vec![4], no: vec![4], abstain: vec![3], silent: vec![0] };
    let decide = |rule: &MajorityRule, casting| rule.decide(&[20], &tied, casting).unwrap().decision;
    assert_eq!(decide(&rule, Some(Answer::Yes)), Decision::PassedByCastingVote);
    assert_eq!(decide(&rule, Some(Answer::No)), Decision::FailedByTie);
    assert_eq!(decide(&rule, None), Decision::FailedByTie);
    rule.approval[0].share = share("2/3");
    assert_eq!(decide(&rule, Some(Answer::Yes)), Decision::Failed);
}

#[test]
fn nothing_passes_on_nothing_and_no_more_can_come_than_may() {
    let rule = owners(Reach::AtLeast, "3/4");
    let nobody = rule.decide(&[0, 0], &Sums::new(2), None).unwrap();
    assert_eq!(nobody.decision, Decision::NoQuorum);
    let error = rule.decide(&[1, 5], &sums([1, 6], [0, 0], [0, 0]), None).unwrap_err();
    assert_eq!(error, TallyError::MoreThanEntitled { weight: 1, entitled: 5, found: 6 });
    let mut decided = rule;
    decided.participation[0].of = Base::Decided;
    assert_eq!(decided.check(), Err(TallyError::ParticipationBase));
    assert_eq!(Sums::new(2).add(Answer::Yes, &[1]), Err(TallyError::Weights { expected: 2, found: 1 }));
    let mut sums = Sums::new(1);
    sums.add(Answer::Yes, &[u64::MAX]).unwrap();
    assert_eq!(sums.add(Answer::Yes, &[1]), Err(TallyError::TooLarge));
}

#[test]
fn a_tie_for_the_last_seat_goes_by_the_published_order_and_is_stated() {
    let mut tally = ChoiceTally::marks(4, 2);
    for ballot in [&[0, 1][..], &[0, 2], &[1], &[2], &[]] {
        tally.add(ballot, 1).unwrap();
    }
    let outcome = tally.elect(2, &TieOrder::new(&[3, 2, 1, 0]).unwrap()).unwrap();
    assert_eq!((outcome.sums, outcome.blank, outcome.ballots), (vec![2, 2, 2, 0], 1, 5));
    assert_eq!(outcome.elected, [2, 1]);
    assert_eq!(outcome.ties.len(), 1);
    assert_eq!((outcome.ties[0].between.clone(), outcome.ties[0].chosen.clone()), (vec![0, 1, 2], vec![2, 1]));
    // All seats to those who have votes: no tie decides anything, and one seat stays empty.
    let all = tally.elect(4, &TieOrder::as_listed(4)).unwrap();
    assert_eq!((all.elected, all.ties), (vec![0, 1, 2], vec![]));
    assert_eq!(tally.add(&[0, 1, 2], 1), Err(TallyError::TooManyMarks { ballot: 5, most: 2, found: 3 }));
    assert_eq!(tally.add(&[1, 1], 1), Err(TallyError::RepeatedOption { ballot: 6, option: 1 }));
    assert_eq!(tally.add(&[4], 1), Err(TallyError::UnknownOption { ballot: 7, option: 4, options: 4 }));
}

#[test]
fn scores_add_up() {
    let mut tally = ChoiceTally::scores(3, 5);
    tally.add_scores(&[(0, 5), (1, 3)], 2).unwrap();
    tally.add_scores(&[(1, 5), (2, 1)], 1).unwrap();
    let outcome = tally.elect(1, &TieOrder::as_listed(3)).unwrap();
    assert_eq!((outcome.sums, outcome.elected), (vec![10, 11, 1], vec![1]));
    assert_eq!(tally.add_scores(&[(0, 6)], 1), Err(TallyError::Score { ballot: 2, score: 6, highest: 5 }));
}

fn rankings(options: usize, groups: &[(u64, &[u16])]) -> Rankings {
    let mut rankings = Rankings::new(options).unwrap();
    for (times, ranking) in groups {
        for _ in 0..*times {
            rankings.add(ranking, 1).unwrap();
        }
    }
    rankings
}

/// The capital of Tennessee, the usual example: Memphis, Nashville, Chattanooga, Knoxville.
#[test]
fn an_instant_runoff_excludes_until_one_has_more_than_half() {
    let rankings = rankings(4, &[(42, &[0, 1, 2, 3]), (26, &[1, 2, 3, 0]), (15, &[2, 3, 1, 0]), (17, &[3, 2, 1, 0])]);
    let outcome = instant_runoff(&rankings, &TieOrder::as_listed(4)).unwrap();
    let votes: Vec<_> = outcome.rounds.iter().map(|round| round.votes.clone()).collect();
    assert_eq!(votes, [[42, 26, 15, 17], [42, 26, 0, 32], [42, 0, 0, 58]]);
    assert_eq!(outcome.rounds.iter().map(|round| round.excluded).collect::<Vec<_>>(), [Some(2), Some(1), None]);
    assert_eq!(outcome.elected, Some(3));
}

#[test]
fn a_tie_for_exclusion_looks_back_and_then_at_the_order() {
    // 6, 4, 3, 1: the last is excluded and makes the second and third equal.
    let rankings = rankings(4, &[(6, &[0]), (4, &[1]), (3, &[2]), (1, &[3, 2])]);
    let outcome = instant_runoff(&rankings, &TieOrder::as_listed(4)).unwrap();
    let tie = outcome.rounds[1].tie.clone().unwrap();
    assert_eq!((tie.about, tie.between, tie.chosen), (TieAbout::Excluded, vec![1, 2], vec![2]));
    assert_eq!(tie.by, TieRule::EarlierRound(0));
    let equal = rankings_of_two();
    for (order, elected) in [([0, 1], 0), ([1, 0], 1)] {
        let outcome = instant_runoff(&equal, &TieOrder::new(&order).unwrap()).unwrap();
        assert_eq!(outcome.elected, Some(elected));
        assert_eq!(outcome.rounds[0].tie.clone().unwrap().by, TieRule::Order);
    }
}

fn rankings_of_two() -> Rankings {
    rankings(2, &[(3, &[0]), (3, &[1])])
}

#[test]
fn without_ballots_nobody_is_elected() {
    let none = rankings(3, &[(2, &[])]);
    let order = TieOrder::as_listed(3);
    assert_eq!(instant_runoff(&none, &order).unwrap().elected, None);
    let outcome = stv(&none, 2, None, &order).unwrap();
    assert_eq!((outcome.elected, outcome.blank), (vec![], 2));
}

/// The example of the weighted inclusive Gregory method at <https://yingtongli.me/blog/2022/06/16/stv-primer-5.html>: dog owners
/// 0 and 1, cat owners 2 and 3, fish owner 4; three seats.
fn pets() -> Rankings {
    rankings(
        5,
        &[
            (21, &[0, 1, 4, 2, 3]),
            (19, &[1, 0, 4, 2, 3]),
            (40, &[2, 3, 4, 0, 1]),
            (6, &[3, 2, 4, 0, 1]),
            (7, &[4, 0, 1, 2, 3]),
            (6, &[4, 0, 2, 3, 1]),
            (1, &[4, 0]),
        ],
    )
}

#[test]
fn a_surplus_moves_with_all_ballots_at_an_equal_share() {
    let outcome = stv(&pets(), 3, None, &TieOrder::as_listed(5)).unwrap();
    assert_eq!((outcome.quota, outcome.elected.clone()), (26, vec![2, 0, 1]));
    let votes = |stage: usize| outcome.stages[stage].votes.iter().map(Exact::to_string).collect::<Vec<_>>();
    assert_eq!(votes(0), ["21", "19", "40", "6", "14"]);
    assert_eq!(votes(1), ["21", "19", "26", "20", "14"]);
    assert_eq!(votes(2), ["35", "19", "26", "20", "0"]);
    // 9 of 35 for each ballot: 28 of them go to dog owner 2, 6 to cat owner 2, and one has no further preference.
    assert_eq!(votes(3), ["26", "131/5", "26", "754/35", "0"]);
    assert_eq!(outcome.stages[3].exhausted.to_string(), "9/35");
    assert_eq!(outcome.stages[3].action, StvAction::Surplus { of: 0, amount: 9.into() });
    assert_eq!(outcome.stages[3].elected, [1]);
}

#[test]
fn a_value_may_be_cut_off_to_decimal_places() {
    let outcome = stv(&pets(), 3, Some(5), &TieOrder::as_listed(5)).unwrap();
    let last = &outcome.stages[3];
    // 9 / 35 is 0.25714|28….
    assert_eq!(last.votes[1].decimal(5), "26.19992");
    assert_eq!(last.votes[3].decimal(5), "21.54284");
    assert_eq!(last.exhausted.decimal(5), "0.25724");
    assert_eq!(outcome.elected, [2, 0, 1]);
}

#[test]
fn more_seats_than_options_elects_all_and_many_seats_need_places() {
    let few = rankings(2, &[(3, &[0]), (1, &[1])]);
    assert_eq!(stv(&few, 5, None, &TieOrder::as_listed(2)).unwrap().elected, [0, 1]);
    assert_eq!(stv(&few, 13, None, &TieOrder::as_listed(2)).unwrap_err(), TallyError::Places { seats: 13, most: 18 });
    assert!(stv(&few, 13, Some(5), &TieOrder::as_listed(2)).is_ok());
}

#[test]
fn numbers_are_shown_and_read_exactly() {
    let third: Exact = "-1/3".parse().unwrap();
    assert_eq!([third.decimal(0), third.decimal(3)], ["0", "-0.333"].map(str::to_owned));
    assert_eq!(Exact::from(7).decimal(2), "7.00");
    assert_eq!(serde_json::to_string(&third).unwrap(), "\"-1/3\"");
    assert_eq!(serde_json::from_str::<Exact>("\"-1/3\"").unwrap(), third);
    assert_eq!(Exact::from(7).to_u64(), Some(7));
    assert_eq!(share("4/6").to_string(), "2/3");
    for wrong in ["", "1", "3/2", "1/0", "-1/2", "a/b"] {
        assert!(wrong.parse::<Fraction>().is_err(), "{wrong}");
    }
    assert_eq!(Fraction::HALF.more_than(u64::MAX), u64::MAX / 2 + 1);
    assert_eq!(share("1/1").more_than(u64::MAX), u64::MAX);
}
