//! Participatory budgets beside a plain count with fractions, and what holds for each.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use tongxin_tally::{
    TallyError, TieOrder,
    budget::{Budgeting, Completion, Satisfaction, equal_shares, greedy},
    pabulib,
};

const SATISFACTIONS: [Satisfaction; 2] = [Satisfaction::Cost, Satisfaction::Cardinality];

#[derive(Debug, Clone)]
struct Case {
    budget: u64,
    costs: Vec<u64>,
    ballots: Vec<Vec<u16>>,
    order: Vec<usize>,
}

impl Case {
    fn problem(&self) -> Budgeting {
        let mut problem = Budgeting::new(self.budget, self.costs.clone()).unwrap();
        for ballot in &self.ballots {
            problem.add(ballot).unwrap();
        }
        problem
    }

    fn order(&self) -> TieOrder {
        TieOrder::new(&self.order).unwrap()
    }
}

prop_compose! {
    /// Few projects, many of the same cost, and voters who agree: ties are frequent. One in three is scaled up, so that the
    /// approximations are coarse.
    fn cases()(projects in 1_usize..6)(
        budget in 0_u64..60,
        costs in prop::collection::vec(prop_oneof![1 => Just(0), 8 => 1_u64..30, 4 => Just(10)], projects),
        ballots in prop::collection::vec(prop::collection::btree_set(0..projects as u16, 0..=projects), 0..9),
        order in Just((0..projects).collect::<Vec<_>>()).prop_shuffle(),
        factor in prop_oneof![2 => Just(1), 1 => Just(1_u64 << 54)],
    ) -> Case {
        let ballots = ballots.into_iter().map(|ballot| ballot.into_iter().collect()).collect();
        Case { budget: budget * factor, costs: costs.into_iter().map(|cost| cost * factor).collect(), ballots, order }
    }
}

fn whole(number: u64) -> BigRational {
    BigRational::from(BigInt::from(number))
}

/// Equal shares as it is defined, with the part of each voter as a fraction.
fn plain(case: &Case, satisfaction: Satisfaction, part: &BigRational) -> Vec<usize> {
    let mut left = vec![part.clone(); case.ballots.len()];
    let supporters = |project: usize| -> Vec<usize> {
        (0..case.ballots.len()).filter(|&voter| case.ballots[voter].contains(&(project as u16))).collect()
    };
    let mut selected = Vec::new();
    for &project in &case.order {
        if case.costs[project] == 0 && !supporters(project).is_empty() {
            selected.push(project);
        }
    }
    loop {
        let mut best: Option<(BigRational, BigRational, usize)> = None;
        for &project in &case.order {
            let voters = supporters(project);
            let have: BigRational = voters.iter().map(|&voter| &left[voter]).sum();
            if selected.contains(&project) || voters.is_empty() || have < whole(case.costs[project]) {
                continue;
            }
            // The price at which the richest k pay it and the others all that they have.
            let mut sorted: Vec<&BigRational> = voters.iter().map(|&voter| &left[voter]).collect();
            sorted.sort();
            let mut rest = whole(case.costs[project]);
            let mut price = None;
            for (poor, has) in sorted.iter().enumerate() {
                let each = &rest / whole((sorted.len() - poor) as u64);
                if each <= **has {
                    price = Some(each);
                    break;
                }
                rest -= *has;
            }
            let price = price.unwrap();
            let unit = match satisfaction {
                Satisfaction::Cost => whole(case.costs[project]),
                Satisfaction::Cardinality => whole(1),
            };
            let rho = &price / unit;
            if best.as_ref().is_none_or(|(best, _, _)| rho < *best) {
                best = Some((rho, price, project));
            }
        }
        let Some((_, price, project)) = best else { return selected };
        for voter in supporters(project) {
            let pays = left[voter].clone().min(price.clone());
            left[voter] -= pays;
        }
        selected.push(project);
    }
}

fn cost(case: &Case, selected: &[usize]) -> u64 {
    selected.iter().map(|&project| case.costs[project]).sum()
}

fn plain_steps(case: &Case, satisfaction: Satisfaction, step: u64) -> Vec<usize> {
    let mut steps = 0;
    let mut before = Vec::new();
    loop {
        let part = whole(case.budget) / whole(case.ballots.len() as u64) + whole(step * steps);
        let selected = plain(case, satisfaction, &part);
        if cost(case, &selected) > case.budget {
            return before;
        }
        let rest = case.budget - cost(case, &selected);
        let wanted = |project: usize| case.ballots.iter().any(|ballot| ballot.contains(&(project as u16)));
        let fits = |&project: &usize| wanted(project) && !selected.contains(&project) && case.costs[project] <= rest;
        if !(0..case.costs.len()).any(|project| fits(&project)) {
            return selected;
        }
        (before, steps) = (selected, steps + 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn equal_shares_are_as_defined(case in cases()) {
        let problem = case.problem();
        for satisfaction in SATISFACTIONS {
            let outcome = equal_shares(&problem, satisfaction, Completion::None, &case.order()).unwrap();
            if case.ballots.is_empty() {
                prop_assert!(outcome.selected.is_empty());
                continue;
            }
            let part = whole(case.budget) / whole(case.ballots.len() as u64);
            prop_assert_eq!(&outcome.selected, &plain(&case, satisfaction, &part));
            prop_assert_eq!(outcome.spent, cost(&case, &outcome.selected));
        }
    }

    #[test]
    fn increments_go_on_until_nothing_fits(case in cases(), part in 1_u64..40) {
        prop_assume!(!case.ballots.is_empty());
        let step = part * (case.budget / 50).max(1);
        for satisfaction in SATISFACTIONS {
            let outcome =
                equal_shares(&case.problem(), satisfaction, Completion::Increments(step), &case.order());
            match outcome {
                Ok(outcome) => prop_assert_eq!(outcome.selected, plain_steps(&case, satisfaction, step)),
                Err(error) => {
                    let refused = matches!(error, TallyError::Step { .. } | TallyError::TooLarge);
                    prop_assert!(refused);
                }
            }
        }
    }

    #[test]
    fn the_budget_is_kept_and_the_order_of_ballots_never_matters(
        (case, shuffled) in cases().prop_flat_map(|case| (Just(case.clone()), Just(case.ballots).prop_shuffle())),
    ) {
        let other = Case { ballots: shuffled, ..case.clone() };
        let step = (case.budget / 7).max(1);
        for satisfaction in SATISFACTIONS {
            for completion in
                [Completion::None, Completion::Increments(step), Completion::Greedy, Completion::IncrementsThenGreedy(step)]
            {
                let outcome = equal_shares(&case.problem(), satisfaction, completion, &case.order());
                prop_assert_eq!(&outcome, &equal_shares(&other.problem(), satisfaction, completion, &case.order()));
                let Ok(outcome) = outcome else { continue };
                prop_assert!(outcome.spent <= case.budget && outcome.spent == cost(&case, &outcome.selected));
            }
            let outcome = greedy(&case.problem(), satisfaction, &case.order()).unwrap();
            prop_assert_eq!(&outcome, &greedy(&other.problem(), satisfaction, &case.order()).unwrap());
            prop_assert!(outcome.spent <= case.budget);
        }
    }

    #[test]
    fn greedy_takes_the_best_that_fits(case in cases()) {
        let problem = case.problem();
        for satisfaction in SATISFACTIONS {
            let mut left = case.budget;
            let mut selected: Vec<usize> = Vec::new();
            loop {
                let mut best: Option<(Option<BigRational>, usize)> = None;
                for &project in &case.order {
                    let cost = case.costs[project];
                    if selected.contains(&project) || cost > left || problem.support(project) == 0 {
                        continue;
                    }
                    let worth = problem.support(project) as u64 * if satisfaction == Satisfaction::Cost { cost / cost.max(1) } else { 1 };
                    let per = if satisfaction == Satisfaction::Cost { 1 } else { cost };
                    let density = (cost > 0).then(|| whole(worth) / whole(per));
                    let better = match (&best, &density) {
                        (None, _) | (Some((Some(_), _)), None) => true,
                        (Some((Some(best), _)), Some(density)) => density > best,
                        _ => false,
                    };
                    if better {
                        best = Some((density, project));
                    }
                }
                let Some((_, project)) = best else { break };
                left -= case.costs[project];
                selected.push(project);
            }
            prop_assert_eq!(greedy(&problem, satisfaction, &case.order()).unwrap().selected, selected);
        }
    }
}

/// Four voters for the dear project, two for the two cheap ones: equal shares serve both groups, greedy only the larger.
#[test]
fn equal_shares_serve_a_minority_that_greedy_leaves_out() {
    let mut problem = Budgeting::new(600, vec![400, 200, 100, 100]).unwrap();
    for ballot in [&[0, 1][..], &[0, 1], &[0, 1], &[0, 1], &[2, 3], &[2, 3]] {
        problem.add(ballot).unwrap();
    }
    let order = TieOrder::as_listed(4);
    let shares = equal_shares(&problem, Satisfaction::Cost, Completion::None, &order).unwrap();
    assert_eq!((shares.selected, shares.spent), (vec![0, 2, 3], 600));
    assert_eq!(shares.purchases[0].price.to_string(), "100");
    assert_eq!((shares.part.to_string(), shares.purchases[1].payers), ("100".to_owned(), 2));
    // The first two cost the same for each unit of satisfaction, and so do the last two.
    let ties: Vec<_> = shares.ties.iter().map(|tie| (tie.between.clone(), tie.chosen.clone())).collect();
    assert_eq!(ties, [(vec![0, 1], vec![0]), (vec![2, 3], vec![2])]);
    assert_eq!(greedy(&problem, Satisfaction::Cost, &order).unwrap().selected, [0, 1]);
}

#[test]
fn a_tie_is_broken_by_the_order_and_stated() {
    let mut problem = Budgeting::new(10, vec![10, 10]).unwrap();
    problem.add(&[0, 1]).unwrap();
    for order in [[0, 1], [1, 0]] {
        let order_of = TieOrder::new(&order).unwrap();
        for outcome in [
            equal_shares(&problem, Satisfaction::Cost, Completion::None, &order_of).unwrap(),
            greedy(&problem, Satisfaction::Cardinality, &order_of).unwrap(),
        ] {
            assert_eq!(outcome.selected, order[..1]);
            assert_eq!((outcome.ties[0].between.clone(), outcome.ties[0].chosen.clone()), (vec![0, 1], vec![order[0]]));
        }
    }
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let mut problem = Budgeting::new(10, vec![5]).unwrap();
    assert_eq!(problem.add(&[1]).unwrap_err(), TallyError::UnknownOption { ballot: 0, option: 1, options: 1 });
    assert_eq!(Budgeting::new(u64::MAX, vec![]).unwrap_err(), TallyError::TooLarge);
    let order = TieOrder::as_listed(1);
    let step = |step| equal_shares(&problem, Satisfaction::Cost, Completion::Increments(step), &order).unwrap_err();
    assert_eq!(step(0), TallyError::Step { step: 0 });
    assert!(equal_shares(&problem, Satisfaction::Cost, Completion::None, &TieOrder::as_listed(2)).is_err());
}

const FILE: &str = "META\nkey;value\nbudget;100,50\nvote_type;approval\nPROJECTS\nproject_id;cost;name\n\
                    9;40.25;\"a; \"\"b\"\"\nc\"\n10;60;d\nVOTES\nvoter_id;vote;age\n1;9,10;30\n2;;40\n3;10,10;50\n";

#[test]
fn a_pabulib_file_is_read_with_its_decimals_and_quotation_marks() {
    let election = pabulib::parse(FILE).unwrap();
    assert_eq!(
        (election.problem.budget(), election.problem.costs(), election.places),
        (10_050, &[4_025, 6_000][..], 2)
    );
    assert_eq!((election.problem.voters(), election.problem.support(0), election.problem.support(1)), (3, 1, 2));
    assert_eq!(election.projects, ["9", "10"]);
    // As text, "10" comes before "9".
    assert_eq!(election.order().unwrap(), TieOrder::new(&[1, 0]).unwrap());
}

#[test]
fn a_wrong_pabulib_file_names_its_line() {
    let cases = [
        (FILE.replace("2;;40", "2;11;40"), "line 13: project \"11\" stands twice or does not exist"),
        (FILE.replace("approval", "ordinal"), "line 4: ballots of the kind \"ordinal\" are not read"),
        (FILE.replace("100,50", "1e5"), "line 3: \"1e5\" is not an amount of money"),
        (FILE.replace("budget", "money"), "line 14: no budget"),
        (FILE.replace(";60;", ";6O;"), "line 9: \"6O\" is not an amount of money"),
        (FILE.replace("10;60", "9;60"), "line 9: project \"9\" stands twice or does not exist"),
        (FILE.replace("META\n", ""), "line 1: a line outside META, PROJECTS and VOTES"),
        (FILE.replace(";vote;", ";choice;"), "line 12: no vote"),
    ];
    for (text, expected) in cases {
        assert_eq!(pabulib::parse(&text).unwrap_err().to_string(), expected);
    }
}
