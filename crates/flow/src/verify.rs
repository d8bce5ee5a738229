//! The check of a solution, independent of the solver.

use crate::error::CertificateError;
use crate::network::{Network, Solution};

/// Proves that a solution is optimal, or says what is wrong with it.
///
/// A flow within its bounds that balances every node is of the least cost if and only if there are prices under which
/// every arc with positive reduced cost is at its lower bound and every arc with negative reduced cost is full
/// (Ahuja, Magnanti, Orlin 1993, theorem 9.4). Nothing but the problem and the answer is read, in 128-bit numbers.
///
/// # Errors
/// The first fault that is found.
pub fn verify_certificate(network: &Network, solution: &Solution) -> Result<(), CertificateError> {
    let arcs = network.arcs();
    let supplies = network.supplies();
    if solution.flow.len() != arcs.len() || solution.potential.len() != supplies.len() {
        return Err(CertificateError::Shape);
    }
    let mut balance: Vec<i128> = supplies.iter().map(|&s| i128::from(s)).collect();
    let mut total: i128 = 0;
    for (index, (arc, &flow)) in arcs.iter().zip(&solution.flow).enumerate() {
        if flow < arc.lower || flow > arc.capacity {
            return Err(CertificateError::Bounds { arc: index });
        }
        let price = |node: u32| i128::from(solution.potential[node as usize]);
        let reduced = i128::from(arc.cost) + price(arc.tail) - price(arc.head);
        if (reduced > 0 && flow > arc.lower) || (reduced < 0 && flow < arc.capacity) {
            return Err(CertificateError::Slackness { arc: index });
        }
        balance[arc.tail as usize] -= i128::from(flow);
        balance[arc.head as usize] += i128::from(flow);
        // Wrapping sums: what overflows here cannot equal a total that was computed without overflow.
        total = total.wrapping_add(i128::from(arc.cost) * i128::from(flow));
    }
    if let Some(node) = balance.iter().position(|&b| b != 0) {
        return Err(CertificateError::Balance { node });
    }
    let shipped: i128 = supplies.iter().filter(|s| **s > 0).map(|&s| i128::from(s)).sum();
    for (stated, found) in [(solution.cost, total), (i128::from(solution.shipped), shipped)] {
        if stated != found {
            return Err(CertificateError::Total { stated, found });
        }
    }
    Ok(())
}
