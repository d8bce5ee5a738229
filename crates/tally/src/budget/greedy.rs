//! The greedy rule.

use std::cmp::Ordering;

use super::{BudgetOutcome, Budgeting, Satisfaction};
use crate::{
    error::TallyError,
    number::Exact,
    ties::{TieAbout, TieBreak, TieOrder, TieRule},
};

/// Greedy utilitarian welfare.
///
/// # Errors
/// [`TallyError::Order`] when the order is not one of these projects.
pub fn greedy(problem: &Budgeting, satisfaction: Satisfaction, order: &TieOrder) -> Result<BudgetOutcome, TallyError> {
    order.check(problem.costs.len())?;
    let mut outcome = BudgetOutcome {
        selected: Vec::new(),
        spent: 0,
        part: Exact::default(),
        steps: 0,
        purchases: Vec::new(),
        by_greedy: Vec::new(),
        ties: Vec::new(),
    };
    complete(problem, satisfaction, order, &mut outcome);
    Ok(outcome)
}

/// Goes on with what an outcome left over.
pub(super) fn complete(problem: &Budgeting, satisfaction: Satisfaction, order: &TieOrder, outcome: &mut BudgetOutcome) {
    let mut left = problem.budget.saturating_sub(outcome.spent);
    let open = |&project: &usize| problem.support(project) > 0 && !outcome.selected.contains(&project);
    let mut ranked: Vec<usize> = (0..problem.costs.len()).filter(open).collect();
    let better = |&a: &usize, &b: &usize| by_density(problem, satisfaction, b, a);
    ranked.sort_by(|a, b| better(a, b).then_with(|| order.place(*a).cmp(&order.place(*b))));
    for equal in ranked.chunk_by(|a, b| better(a, b) == Ordering::Equal) {
        let mut between: Vec<usize> = equal.iter().copied().filter(|&project| problem.costs[project] <= left).collect();
        let mut chosen = Vec::new();
        for &project in &between {
            if problem.costs[project] <= left {
                left -= problem.costs[project];
                outcome.spent += problem.costs[project];
                chosen.push(project);
            }
        }
        outcome.selected.extend(&chosen);
        outcome.by_greedy.extend(&chosen);
        if chosen.len() < between.len() {
            between.sort_unstable();
            outcome.ties.push(TieBreak { about: TieAbout::Elected, between, chosen, by: TieRule::Order });
        }
    }
}

/// Compares satisfaction for each unit of cost; what costs nothing is beyond all.
fn by_density(problem: &Budgeting, satisfaction: Satisfaction, a: usize, b: usize) -> Ordering {
    let worth = |project: usize| {
        let cost = problem.costs[project];
        // The cost cancels out, which keeps the products small.
        match satisfaction {
            Satisfaction::Cost => (problem.support(project) as u128, u128::from(cost > 0)),
            Satisfaction::Cardinality => (problem.support(project) as u128, u128::from(cost)),
        }
    };
    let ((support_a, cost_a), (support_b, cost_b)) = (worth(a), worth(b));
    match (cost_a, cost_b) {
        (0, 0) => Ordering::Equal,
        (0, _) => Ordering::Greater,
        (_, 0) => Ordering::Less,
        _ => (support_a * cost_b).cmp(&(support_b * cost_a)),
    }
}
