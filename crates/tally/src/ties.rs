//! How ties are broken, and the note that each tie leaves.

use serde::{Deserialize, Serialize};

use crate::error::TallyError;

/// The published order that breaks ties: who stands earlier in it is preferred. It is drawn by lot before the ballots
/// are opened, or is the order on the ballot paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieOrder {
    /// The place of each option.
    place: Vec<usize>,
}

impl TieOrder {
    /// The options as they are numbered.
    pub fn as_listed(options: usize) -> Self {
        Self { place: (0..options).collect() }
    }

    /// The options in this order, the preferred first.
    ///
    /// # Errors
    /// [`TallyError::Order`] when an option is missing, stands twice or does not exist.
    pub fn new(order: &[usize]) -> Result<Self, TallyError> {
        let wrong = TallyError::Order { options: order.len() };
        let mut place = vec![usize::MAX; order.len()];
        for (at, &option) in order.iter().enumerate() {
            match place.get_mut(option) {
                Some(slot) if *slot == usize::MAX => *slot = at,
                _ => return Err(wrong),
            }
        }
        Ok(Self { place })
    }

    /// How many options it orders.
    pub fn len(&self) -> usize {
        self.place.len()
    }

    /// Whether it orders nothing.
    pub fn is_empty(&self) -> bool {
        self.place.is_empty()
    }

    /// The place of an option, from 0.
    pub fn place(&self, option: usize) -> usize {
        self.place.get(option).copied().unwrap_or(usize::MAX)
    }

    /// # Errors
    /// [`TallyError::Order`] when it does not order this many options.
    pub(crate) fn check(&self, options: usize) -> Result<(), TallyError> {
        if self.len() == options { Ok(()) } else { Err(TallyError::Order { options }) }
    }
}

/// What a tie was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TieAbout {
    /// Who is elected or selected.
    Elected,
    /// Who is excluded.
    Excluded,
    /// Whose surplus is transferred first.
    Surplus,
}

/// What broke a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TieRule {
    /// The most recent earlier round in which they had unequal votes; its number, from 0.
    EarlierRound(usize),
    /// The published order.
    Order,
}

/// A tie that had to be broken, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieBreak {
    /// What it was about.
    pub about: TieAbout,
    /// Who were equal, as they are numbered.
    pub between: Vec<usize>,
    /// Who was chosen (elected, excluded, transferred).
    pub chosen: Vec<usize>,
    /// What decided.
    pub by: TieRule,
}

/// Whether the greatest or the least is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Most,
    Least,
}

/// The one of `candidates` with the most or least in the last of `rounds`; ties by the rounds before it, backwards, and then
/// by the order: the preferred is the most, and the other end of the order the least. `None` for nobody.
///
/// Of several who are equal, those who are ahead at the most recent unequal round stay, and the search goes on backwards
/// among them.
pub(crate) fn pick<T: Ord>(
    candidates: &[usize],
    rounds: &[&[T]],
    order: &TieOrder,
    want: Want,
    about: TieAbout,
) -> Option<(usize, Option<TieBreak>)> {
    let mut left = candidates.to_vec();
    let mut between = Vec::new();
    for (number, votes) in rounds.iter().enumerate().rev() {
        let found = left.iter().map(|&candidate| &votes[candidate]);
        let best = if want == Want::Most { found.max() } else { found.min() }?;
        let ahead: Vec<usize> = left.iter().copied().filter(|&candidate| votes[candidate] == *best).collect();
        let last = number + 1 == rounds.len();
        left = ahead;
        if left.len() == 1 {
            let chosen = left[0];
            let by = TieRule::EarlierRound(number);
            return Some((chosen, (!last).then_some(TieBreak { about, between, chosen: left, by })));
        }
        if last {
            between.clone_from(&left);
        }
    }
    let place = |candidate: &&usize| order.place(**candidate);
    let chosen = *if want == Want::Most { left.iter().min_by_key(place) } else { left.iter().max_by_key(place) }?;
    if between.len() < 2 {
        return Some((chosen, None));
    }
    Some((chosen, Some(TieBreak { about, between, chosen: vec![chosen], by: TieRule::Order })))
}
