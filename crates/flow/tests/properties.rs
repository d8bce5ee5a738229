//! Against brute force on small problems, with the certificate checked on each.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tongxin_flow::{Assignment, CertificateError, FlowError, Method, Network, verify_certificate};

const METHODS: [Method; 3] = [Method::Auto, Method::Paths, Method::Scaling];

/// The least cost over all flows, by trying each.
fn brute_force(network: &Network) -> Option<i128> {
    fn go(network: &Network, arc: usize, balance: &mut [i64], cost: i128, best: &mut Option<i128>) {
        let Some(a) = network.arcs().get(arc) else {
            if balance.iter().all(|&b| b == 0) && best.is_none_or(|best| cost < best) {
                *best = Some(cost);
            }
            return;
        };
        for flow in a.lower..=a.capacity {
            balance[a.tail as usize] -= flow;
            balance[a.head as usize] += flow;
            let cost = cost + i128::from(a.cost) * i128::from(flow);
            go(network, arc + 1, balance, cost, best);
            balance[a.tail as usize] += flow;
            balance[a.head as usize] -= flow;
        }
    }
    let mut best = None;
    go(network, 0, &mut network.supplies().to_vec(), 0, &mut best);
    best
}

prop_compose! {
    /// Small networks of any kind: loops, parallel arcs, lower bounds, negative costs, mostly feasible supplies.
    fn networks()(nodes in 1usize..6)(
        nodes in Just(nodes),
        arcs in prop::collection::vec((0..nodes, 0..nodes, 0i64..2, 0i64..3, -9i64..10, 0i64..3), 0..8),
        noise in prop::collection::vec((0..nodes, 0..nodes), 0..2),
        factor in prop_oneof![Just(1i64), Just(100_000_000_000_000)],
    ) -> Network {
        let mut network = Network::new(nodes);
        let mut supplies = vec![0; nodes];
        for (tail, head, lower, more, cost, flow) in arcs {
            let capacity = lower + more;
            network.add_arc(tail, head, lower, capacity, cost * factor).unwrap();
            let flow = flow.clamp(lower, capacity);
            supplies[tail] += flow;
            supplies[head] -= flow;
        }
        for (from, to) in noise {
            supplies[from] += 1;
            supplies[to] -= 1;
        }
        for (node, supply) in supplies.into_iter().enumerate() {
            network.set_supply(node, supply).unwrap();
        }
        network
    }
}

prop_compose! {
    fn assignments()(needs in 0usize..4, offers in 1usize..4)(
        needs in prop::collection::vec((0i64..3, -5i64..40), needs),
        offers in prop::collection::vec(0i64..4, offers),
        arcs in prop::collection::vec((0..needs.max(1), 0..offers, 0i64..3, -9i64..30), if needs == 0 { 0..1 } else { 0..7 }),
        factor in prop_oneof![Just(1i64), Just(2_500_000_000_000)],
    ) -> Assignment {
        let mut problem = Assignment::new();
        let any = !needs.is_empty();
        for (quantity, unmet) in needs {
            problem.add_need(quantity, unmet * factor);
        }
        for capacity in offers {
            problem.add_offer(capacity);
        }
        for (need, offer, capacity, cost) in arcs.into_iter().filter(|_| any) {
            problem.add_arc(need, offer, capacity, cost * factor);
        }
        problem
    }
}

/// The least cost of an assignment, by trying each flow of its arcs.
fn brute_assignment(problem: &Assignment, needs: &[(i64, i64)], offers: &[i64]) -> i128 {
    fn go(problem: &Assignment, arc: usize, left: &mut [i64], room: &mut [i64], unmet: &[i64], cost: i128) -> i128 {
        let Some(&a) = problem.arcs().get(arc) else {
            let open = left.iter().zip(unmet);
            return cost + open.map(|(&left, &each)| i128::from(left) * i128::from(each)).sum::<i128>();
        };
        let most = a.capacity.min(left[a.need]).min(room[a.offer]);
        let tries = (0..=most).map(|flow| {
            left[a.need] -= flow;
            room[a.offer] -= flow;
            let cost = cost + i128::from(a.cost) * i128::from(flow);
            let found = go(problem, arc + 1, left, room, unmet, cost);
            left[a.need] += flow;
            room[a.offer] += flow;
            found
        });
        tries.min().unwrap()
    }
    let mut left: Vec<i64> = needs.iter().map(|need| need.0).collect();
    let unmet: Vec<i64> = needs.iter().map(|need| need.1).collect();
    go(problem, 0, &mut left, &mut offers.to_vec(), &unmet, 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_network_is_solved_as_by_brute_force(network in networks()) {
        let expected = brute_force(&network);
        for method in METHODS {
            match (network.solve_with(method), expected) {
                (Ok(solution), Some(cost)) => {
                    prop_assert_eq!(solution.cost, cost);
                    prop_assert_eq!(verify_certificate(&network, &solution), Ok(()));
                    prop_assert_eq!(&solution, &network.solve_with(method).unwrap());
                }
                (Err(FlowError::Infeasible), None) => {}
                other => prop_assert!(false, "{:?}: {:?}", method, other),
            }
        }
    }

    #[test]
    fn a_tampered_solution_is_rejected(network in networks(), pick in any::<prop::sample::Index>(), by in 1i64..3) {
        let Ok(solution) = network.solve() else { return Ok(()) };
        let mut wrong = solution.clone();
        wrong.cost -= 1;
        let rejected = matches!(verify_certificate(&network, &wrong), Err(CertificateError::Total { .. }));
        prop_assert!(rejected);
        if !network.arcs().is_empty() {
            let arc = pick.index(network.arcs().len());
            if network.arcs()[arc].tail != network.arcs()[arc].head {
                let mut wrong = solution.clone();
                wrong.flow[arc] += by;
                prop_assert!(verify_certificate(&network, &wrong).is_err());
            }
        }
        let mut wrong = solution;
        wrong.potential.pop();
        prop_assert_eq!(verify_certificate(&network, &wrong), Err(CertificateError::Shape));
    }

    #[test]
    fn any_assignment_is_solved_as_by_brute_force(problem in assignments()) {
        let (needs, offers) = (problem.needs(), problem.offers());
        let expected = brute_assignment(&problem, needs, offers);
        for method in METHODS {
            let matching = problem.solve_with(method).unwrap();
            prop_assert_eq!(matching.cost, expected);
            prop_assert_eq!(problem.verify_certificate(&matching), Ok(()));
            let mut wrong = matching.clone();
            wrong.cost -= 1;
            prop_assert!(problem.verify_certificate(&wrong).is_err());
            if let Some(unmet) = wrong.unmet.first_mut() {
                *unmet += 1;
                wrong.cost = matching.cost;
                prop_assert!(problem.verify_certificate(&wrong).is_err());
            }
            let mut wrong = matching;
            wrong.offer_price[0] = -1;
            prop_assert!(problem.verify_certificate(&wrong).is_err());
        }
    }
}
