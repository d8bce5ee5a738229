//! Single cases: errors, limits, middle-sized problems, the DIMACS format.

#![allow(clippy::unwrap_used)]

use tongxin_flow::dimacs::{self, Reason};
use tongxin_flow::{Assignment, CertificateError, FlowError, Method, Network, verify_certificate};

/// A small generator, so that the problems are the same everywhere (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % end).unwrap()
    }
}

fn generated(seed: u64, needs: u64, offers: u64, capacity: i64, factor: i64) -> Assignment {
    let mut numbers = Numbers(seed);
    let mut problem = Assignment::new();
    for _ in 0..needs {
        problem.add_need(1 + numbers.below(2), 100_000 * factor);
    }
    for _ in 0..offers {
        problem.add_offer(capacity);
    }
    for need in 0..needs {
        for _ in 0..8 {
            let offer = usize::try_from(numbers.below(offers)).unwrap();
            let cost = numbers.below(1000) * factor - factor;
            problem.add_arc(usize::try_from(need).unwrap(), offer, 1, cost);
        }
    }
    problem
}

#[test]
fn methods_agree_on_middle_sized_problems() {
    // Scarce, tight and ample offers; small and very large costs.
    for capacity in [1, 3, 6] {
        for factor in [1, 100_000_000] {
            let problem = generated(7, 2000, 1000, capacity, factor);
            let totals = [Method::Auto, Method::Paths, Method::Scaling].map(|method| {
                let matching = problem.solve_with(method).unwrap();
                assert_eq!(problem.verify_certificate(&matching), Ok(()));
                assert_eq!(matching, problem.solve_with(method).unwrap());
                matching.cost
            });
            assert_eq!(totals[0], totals[1]);
            assert_eq!(totals[0], totals[2]);
        }
    }
}

#[test]
fn a_problem_beyond_the_budget_of_searches_is_solved_too() {
    let problem = generated(3, 30_000, 9_000, 5, 1);
    let matching = problem.solve().unwrap();
    assert_eq!(problem.verify_certificate(&matching), Ok(()));
    assert_eq!(matching.cost, problem.solve_with(Method::Scaling).unwrap().cost);
}

#[test]
fn wrong_prices_are_rejected() {
    let mut network = Network::new(2);
    network.set_supply(0, 1).unwrap();
    network.set_supply(1, -1).unwrap();
    network.add_arc(0, 1, 0, 1, 5).unwrap();
    network.add_arc(0, 1, 0, 1, 7).unwrap();
    let mut solution = network.solve().unwrap();
    assert_eq!((solution.cost, solution.shipped, &solution.flow[..]), (5, 1, &[1, 0][..]));
    assert_eq!(verify_certificate(&network, &solution), Ok(()));
    solution.flow.swap(0, 1);
    solution.cost = 7;
    assert!(matches!(verify_certificate(&network, &solution), Err(CertificateError::Slackness { .. })));
    let mut solution = network.solve().unwrap();
    solution.potential[0] = 100;
    assert_eq!(verify_certificate(&network, &solution), Err(CertificateError::Slackness { arc: 0 }));
}

#[test]
fn impossible_statements_are_errors() {
    let mut network = Network::new(2);
    assert_eq!(network.set_supply(2, 1), Err(FlowError::UnknownNode { node: 2, nodes: 2 }));
    assert_eq!(network.add_arc(0, 5, 0, 1, 1), Err(FlowError::UnknownNode { node: 5, nodes: 2 }));
    for (lower, capacity) in [(2, 1), (-1, 1), (0, -1)] {
        assert_eq!(network.add_arc(0, 1, lower, capacity, 1), Err(FlowError::BadBounds { lower, capacity }));
    }
    assert_eq!(network.add_arc(0, 1, 0, 1, i64::MIN), Err(FlowError::Overflow));
    assert_eq!(network.add_arc(0, 1, 0, i64::MAX, 1), Err(FlowError::Overflow));
    network.set_supply(0, 3).unwrap();
    assert_eq!(network.solve(), Err(FlowError::Unbalanced { sum: 3 }));
    network.set_supply(1, -3).unwrap();
    network.add_arc(0, 1, 0, 2, 1).unwrap();
    for method in [Method::Auto, Method::Paths, Method::Scaling] {
        assert_eq!(network.solve_with(method), Err(FlowError::Infeasible));
    }

    let mut problem = Assignment::new();
    problem.add_need(-1, 5);
    assert!(matches!(problem.solve(), Err(FlowError::BadBounds { .. })));
    let mut problem = Assignment::new();
    problem.add_need(1, 5);
    problem.add_arc(0, 0, 1, 1);
    assert_eq!(problem.solve(), Err(FlowError::UnknownNode { node: 0, nodes: 0 }));
}

#[test]
fn nothing_at_all_costs_nothing() {
    assert_eq!(Network::new(0).solve().unwrap().cost, 0);
    assert_eq!(Assignment::new().solve().unwrap().cost, 0);
}

#[test]
fn numbers_at_the_limits_are_solved_or_refused() {
    let (cost, much) = (1 << 59, 1 << 61);
    for method in [Method::Auto, Method::Paths, Method::Scaling] {
        // A long way of the dearest arcs: the price of its start does not fit.
        let mut network = Network::new(10);
        network.set_supply(0, 1).unwrap();
        network.set_supply(9, -1).unwrap();
        for node in 0..9 {
            network.add_arc(node, node + 1, 0, 1, cost).unwrap();
        }
        match network.solve_with(method) {
            Ok(solution) => assert_eq!(verify_certificate(&network, &solution), Ok(())),
            Err(error) => assert_eq!(error, FlowError::Overflow),
        }
        // Gains on huge quantities: the excess does not fit.
        let mut network = Network::new(3);
        for _ in 0..5 {
            network.add_arc(0, 1, 0, much, -cost).unwrap();
            network.add_arc(1, 2, 0, much, 0).unwrap();
            network.add_arc(2, 0, 0, much, 0).unwrap();
        }
        match network.solve_with(method) {
            Ok(solution) => assert_eq!(verify_certificate(&network, &solution), Ok(())),
            Err(error) => assert_eq!(error, FlowError::Overflow),
        }
    }
}

#[test]
fn a_dimacs_file_is_read() {
    let text = "c the example of the format's description\np min 4 5\nn 1 4\nn 4 -4\n\
                a 1 2 0 4 2\na 1 3 0 2 2\na 2 3 0 2 1\na 2 4 0 3 3\na 3 4 0 5 1\n";
    let network = dimacs::parse(text).unwrap();
    let solution = network.solve().unwrap();
    assert_eq!((solution.cost, solution.shipped), (14, 4));
    assert_eq!(verify_certificate(&network, &solution), Ok(()));
}

#[test]
fn faults_of_a_dimacs_file_are_named_by_line() {
    let arc = "a TAIL HEAD LOWER CAPACITY COST";
    let unknown = |node, nodes| Reason::Network(FlowError::UnknownNode { node, nodes });
    let bounds = FlowError::BadBounds { lower: 3, capacity: 2 };
    for (text, line, reason) in [
        ("", 0, Reason::NoProblem),
        ("c only\n", 1, Reason::NoProblem),
        ("n 1 1\n", 1, Reason::NoProblem),
        ("p max 1 1\n", 1, Reason::Fields("p min NODES ARCS")),
        ("p min 1\n", 1, Reason::Fields("p min NODES ARCS")),
        ("p min 1 0\np min 1 0\n", 2, Reason::SecondProblem),
        ("p min 2 1\nx 1\n", 2, Reason::UnknownLine("x".into())),
        ("p min 2 1\na 1 2 0 1\n", 2, Reason::Fields(arc)),
        ("p min 2 1\na 1 2 0 1 1 9\n", 2, Reason::Fields(arc)),
        ("p min 2 1\na 1 2 0 1 1.5\n", 2, Reason::Number("1.5".into())),
        ("p min 2 1\na 1 3 0 1 1\n", 2, unknown(2, 2)),
        ("p min 2 1\na 0 2 0 1 1\n", 2, unknown(usize::MAX, 2)),
        ("p min 2 1\na 1 2 3 2 1\n", 2, Reason::Network(bounds)),
        ("p min 2 0\nn 1 1\nn 1 1\n", 3, Reason::SecondSupply),
        ("p min 2 2\na 1 2 0 1 1\n", 2, Reason::ArcCount { stated: 2, found: 1 }),
        ("p min 4000000000 1\n", 1, Reason::Network(FlowError::TooLarge)),
    ] {
        let error = dimacs::parse(text).unwrap_err();
        assert_eq!((error.line, &error.reason), (line, &reason), "{text:?}");
        assert!(error.to_string().starts_with(&format!("line {line}: ")));
    }
}
