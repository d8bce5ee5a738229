//! Instant run-off: one seat, ranked ballots.
//!
//! Each ballot counts for its first preference among those who are left. Who has more than half of the ballots that still
//! count is elected; else who has the fewest is excluded, one in each round, and its ballots go to their next preference; a
//! ballot without one is exhausted and leaves the base. This is the alternative vote of the Australian House of
//! Representatives (Commonwealth Electoral Act 1918, s. 274) with preferences optional.
//!
//! Ties for exclusion go by the most recent earlier round in which the votes were unequal, then by the published order (who
//! stands last in it is excluded). Without a single ballot nobody is elected.

use serde::{Deserialize, Serialize};

use crate::{
    error::TallyError,
    ranked::{Rankings, Sorter},
    ties::{self, TieAbout, TieBreak, TieOrder, Want},
};

/// One round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunoffRound {
    /// The votes of each option; 0 for who is excluded.
    pub votes: Vec<u64>,
    /// What has no preference left.
    pub exhausted: u64,
    /// The smallest amount that is more than half of what still counts.
    pub needed: u64,
    /// Who is excluded at the end of the round.
    pub excluded: Option<usize>,
    /// The tie that was broken for it.
    pub tie: Option<TieBreak>,
}

/// The rounds and who is elected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunoffOutcome {
    /// The rounds.
    pub rounds: Vec<RunoffRound>,
    /// The ballots without any preference.
    pub blank: u64,
    /// Who is elected; nobody when there are no options or no ballots.
    pub elected: Option<usize>,
}

/// Counts.
///
/// # Errors
/// [`TallyError::Order`] when the order is not one of these options.
pub fn instant_runoff(rankings: &Rankings, order: &TieOrder) -> Result<RunoffOutcome, TallyError> {
    order.check(rankings.options())?;
    let mut outcome = RunoffOutcome { rounds: Vec::new(), blank: rankings.blank(), elected: None };
    if rankings.total() == 0 {
        return Ok(outcome);
    }
    let mut sorter = Sorter::new(rankings);
    let mut piles: Vec<Vec<u32>> = vec![Vec::new(); rankings.options()];
    let (mut votes, mut exhausted) = (vec![0_u64; rankings.options()], 0);
    let mut moving = rankings.all();
    loop {
        let mut shares = sorter.sort(&moving);
        exhausted += shares.pop().unwrap_or_default().weight;
        for ((pile, votes), mut share) in piles.iter_mut().zip(&mut votes).zip(shares) {
            pile.append(&mut share.ballots);
            *votes += share.weight;
        }
        let needed = (rankings.total() - exhausted) / 2 + 1;
        let open = sorter.open();
        let elected = open.iter().copied().find(|&option| votes[option] >= needed || open.len() == 1);
        let round = RunoffRound { votes: votes.clone(), exhausted, needed, excluded: None, tie: None };
        outcome.rounds.push(round);
        if elected.is_some() {
            outcome.elected = elected;
            return Ok(outcome);
        }
        let before: Vec<&[u64]> = outcome.rounds.iter().map(|round| round.votes.as_slice()).collect();
        let Some((out, tie)) = ties::pick(&open, &before, order, Want::Least, TieAbout::Excluded) else {
            return Ok(outcome);
        };
        if let Some(round) = outcome.rounds.last_mut() {
            (round.excluded, round.tie) = (Some(out), tie);
        }
        sorter.open[out] = false;
        votes[out] = 0;
        moving = std::mem::take(&mut piles[out]);
    }
}
