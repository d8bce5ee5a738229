//! Counts as files.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use tongxin_tally::{
    TallyError,
    budget::{Completion, Satisfaction},
    count::{Ballot, Count, Mark, Outcome, Rule},
    majority::{Abstention, Answer, Tie},
};

fn names(options: usize) -> Vec<String> {
    (0..options).map(|option| format!("option {option}")).collect()
}

fn count(rule: Rule, marks: Vec<Mark>) -> Count {
    Count { ballots: marks.into_iter().map(Ballot::new).collect(), ..Count::new(names(3), rule) }
}

fn options(lists: &[&[u16]]) -> Vec<Mark> {
    lists.iter().map(|list| Mark::Options(list.to_vec())).collect()
}

/// One of each method.
fn all() -> Vec<Count> {
    let majority = Rule::Majority {
        weights: 1,
        entitled: vec![9],
        silent: vec![1],
        participation: Vec::new(),
        approval: Vec::new(),
        abstention: Abstention::TakesPart,
        tie: Tie::CastingVote,
        casting: Some(Answer::No),
    };
    let (budget, costs, satisfaction) = (100, vec![50, 60, 40], Satisfaction::Cardinality);
    let shares = |completion| Rule::EqualShares { budget, costs: costs.clone(), satisfaction, completion };
    let supported = || options(&[&[0, 1], &[1], &[2], &[]]);
    vec![
        count(majority, [Answer::Yes, Answer::No, Answer::Abstain].map(Mark::from).to_vec()),
        count(Rule::Plurality { seats: 1 }, options(&[&[0], &[1], &[1], &[]])),
        count(Rule::Approval { seats: 2, most: Some(2) }, options(&[&[0, 2], &[1, 0]])),
        count(Rule::Score { seats: 1, highest: 9 }, vec![Mark::Scores(vec![(0, 9), (1, 2)]), Mark::Scores(vec![])]),
        count(Rule::InstantRunoff, options(&[&[0, 1], &[1], &[2, 1]])),
        count(Rule::Stv { seats: 2, places: None }, options(&[&[0, 1], &[0, 1], &[0, 1, 2], &[2]])),
        count(Rule::Stv { seats: 2, places: Some(5) }, options(&[&[0, 1], &[0, 1], &[0, 1, 2], &[2]])),
        count(shares(Completion::None), supported()),
        count(shares(Completion::Increments(5)), supported()),
        count(Rule::Greedy { budget, costs: costs.clone(), satisfaction: Satisfaction::Cost }, supported()),
    ]
}

#[test]
fn a_count_and_its_outcome_come_back_from_json() {
    for mut count in all() {
        let outcome = count.run().unwrap();
        assert_eq!(count.agrees(&outcome), None);
        count.outcome = Some(outcome);
        let read: Count = serde_json::from_str(&serde_json::to_string(&count).unwrap()).unwrap();
        assert_eq!(read, count);
        assert_eq!(read.agrees(&read.run().unwrap()), Some(true));
        // Without its ballots it is another outcome.
        let mut fewer = read;
        fewer.ballots.clear();
        assert_eq!(fewer.agrees(&fewer.run().unwrap()), Some(false), "{:?}", fewer.rule);
    }
}

#[test]
fn several_that_are_the_same_count_as_often() {
    for count in all() {
        let mut doubled = count.clone();
        doubled.ballots.extend(count.ballots.clone());
        let mut twice = count;
        for ballot in &mut twice.ballots {
            ballot.times = 2;
        }
        assert_eq!(doubled.run(), twice.run());
    }
}

#[test]
fn what_the_form_does_not_know_is_refused() {
    let text = serde_json::to_string(&all()[1]).unwrap();
    assert!(serde_json::from_str::<Count>(&text).is_ok());
    for (from, to) in [("\"seats\"", "\"seat\""), ("{\"format\"", "{\"more\":1,\"format\""), ("plurality", "borda")] {
        let wrong = text.replacen(from, to, 1);
        assert!(wrong != text && serde_json::from_str::<Count>(&wrong).is_err(), "{wrong}");
    }
    let mut newer = all().remove(0);
    newer.version = 2;
    assert_eq!(newer.run(), Err(TallyError::Format { format: "tongxin-tally".into(), version: 2 }));
}

#[test]
fn a_ballot_that_the_rule_does_not_count_is_named() {
    for mut count in all() {
        let wrong = if matches!(count.rule, Rule::Majority { .. }) { Mark::Options(vec![0]) } else { Mark::Yes };
        count.ballots.push(Ballot::new(wrong));
        assert_eq!(count.run(), Err(TallyError::Kind { ballot: count.ballots.len() - 1 }));
    }
    let mut heavy = all().remove(1);
    heavy.ballots[0].weights = vec![1, 2];
    assert_eq!(heavy.run(), Err(TallyError::Weights { expected: 1, found: 2 }));
    let mut order = all().remove(1);
    order.order = Some(vec![0, 0, 1]);
    assert_eq!(order.run(), Err(TallyError::Order { options: 3 }));
    let mut costs = all().remove(9);
    costs.options.pop();
    assert_eq!(costs.run(), Err(TallyError::Costs { options: 2, costs: 3 }));
}

#[test]
fn the_published_order_breaks_a_tie() {
    let mut count = count(Rule::Plurality { seats: 1 }, options(&[&[0], &[1]]));
    assert_eq!(count.run().unwrap().elected(), [0]);
    count.order = Some(vec![2, 1, 0]);
    let outcome = count.run().unwrap();
    assert_eq!((outcome.elected(), outcome.passed()), (vec![1], None));
    assert!(matches!(outcome, Outcome::Choice(choice) if choice.ties.len() == 1));
}
