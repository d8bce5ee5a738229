//! Options chosen by the greatest sums: single choice (plurality), multiple choice (approval), scores.
//!
//! The options with the greatest sums are elected, as many as there are seats. An option that nobody chose is never elected;
//! its seat stays empty. A tie for the last seats is broken by the published order and stated.

use serde::{Deserialize, Serialize};

use crate::{
    error::TallyError,
    ties::{TieAbout, TieBreak, TieOrder, TieRule},
};

/// The sums, and who is elected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOutcome {
    /// The sum of each option.
    pub sums: Vec<u64>,
    /// The weight of all ballots, the blank ones included.
    pub ballots: u64,
    /// The weight of the ballots without any mark.
    pub blank: u64,
    /// Who is elected, the greatest sum first; equal ones in the published order.
    pub elected: Vec<usize>,
    /// The tie for the last seats, when there was one.
    pub ties: Vec<TieBreak>,
}

/// Adds ballots up.
#[derive(Debug, Clone)]
pub struct ChoiceTally {
    most: usize,
    highest: u32,
    sums: Vec<u64>,
    /// The number of the last ballot that marked each option, counted from 1.
    marked: Vec<usize>,
    seen: usize,
    ballots: u64,
    blank: u64,
}

impl ChoiceTally {
    /// Ballots that mark at most `most` options: 1 for single choice, the number of options for approval without a limit.
    pub fn marks(options: usize, most: usize) -> Self {
        Self { highest: 1, most, ..Self::scores(options, 1) }
    }

    /// Ballots that give options a score of 0 to `highest`; what is left out has 0.
    pub fn scores(options: usize, highest: u32) -> Self {
        Self { most: options, highest, sums: vec![0; options], marked: vec![0; options], seen: 0, ballots: 0, blank: 0 }
    }

    /// Adds a ballot that marks these options, of a weight.
    ///
    /// # Errors
    /// The ballot marks too many, one twice, or one that does not exist; or the sum is too large.
    pub fn add(&mut self, options: &[u16], weight: u64) -> Result<(), TallyError> {
        self.add_each(options.iter().map(|&option| (option, 1)), weight)
    }

    /// Adds a ballot that scores these options, of a weight.
    ///
    /// # Errors
    /// As [`ChoiceTally::add`], or a score is above the highest.
    pub fn add_scores(&mut self, scores: &[(u16, u32)], weight: u64) -> Result<(), TallyError> {
        self.add_each(scores.iter().copied(), weight)
    }

    fn add_each(&mut self, marks: impl ExactSizeIterator<Item = (u16, u32)>, weight: u64) -> Result<(), TallyError> {
        let ballot = self.seen;
        self.seen += 1;
        let (options, found) = (self.sums.len(), marks.len());
        if found > self.most {
            return Err(TallyError::TooManyMarks { ballot, most: self.most, found });
        }
        self.ballots = self.ballots.checked_add(weight).ok_or(TallyError::TooLarge)?;
        if found == 0 {
            self.blank += weight;
        }
        for (option, score) in marks {
            let option = usize::from(option);
            if option >= options {
                return Err(TallyError::UnknownOption { ballot, option, options });
            }
            if std::mem::replace(&mut self.marked[option], self.seen) == self.seen {
                return Err(TallyError::RepeatedOption { ballot, option });
            }
            if score > self.highest {
                return Err(TallyError::Score { ballot, score, highest: self.highest });
            }
            let points = weight.checked_mul(u64::from(score)).ok_or(TallyError::TooLarge)?;
            self.sums[option] = self.sums[option].checked_add(points).ok_or(TallyError::TooLarge)?;
        }
        Ok(())
    }

    /// The outcome for a number of seats.
    ///
    /// # Errors
    /// [`TallyError::Order`] when the order is not one of these options.
    pub fn elect(&self, seats: usize, order: &TieOrder) -> Result<ChoiceOutcome, TallyError> {
        order.check(self.sums.len())?;
        let mut ranked: Vec<usize> = (0..self.sums.len()).filter(|&option| self.sums[option] > 0).collect();
        ranked.sort_by_key(|&option| (std::cmp::Reverse(self.sums[option]), order.place(option)));
        let elected = ranked[..seats.min(ranked.len())].to_vec();
        let mut ties = Vec::new();
        if let (Some(&last), Some(&next)) = (elected.last(), ranked.get(elected.len())) {
            let sum = self.sums[last];
            if self.sums[next] == sum {
                let equal = |options: &[usize]| options.iter().copied().filter(|&o| self.sums[o] == sum).collect();
                let (mut between, chosen): (Vec<usize>, _) = (equal(&ranked), equal(&elected));
                between.sort_unstable();
                ties.push(TieBreak { about: TieAbout::Elected, between, chosen, by: TieRule::Order });
            }
        }
        Ok(ChoiceOutcome { sums: self.sums.clone(), ballots: self.ballots, blank: self.blank, elected, ties })
    }
}
