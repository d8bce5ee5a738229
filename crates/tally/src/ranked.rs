//! Ballots that rank options, laid out so that a million of them are counted quickly.

use crate::error::TallyError;

/// Ranked ballots, each with its preferences (the first preferred most; not all options need be ranked) and its weight.
#[derive(Debug, Clone)]
pub struct Rankings {
    options: usize,
    /// Where the preferences of each ballot begin, and one more for the end.
    starts: Vec<usize>,
    preferences: Vec<u16>,
    weights: Vec<u64>,
    /// The number of the last ballot that ranked each option, counted from 1.
    ranked: Vec<usize>,
    seen: usize,
    total: u64,
    blank: u64,
}

impl Rankings {
    /// No ballot yet.
    ///
    /// # Errors
    /// [`TallyError::TooLarge`] for more than 2¹⁶ − 1 options.
    pub fn new(options: usize) -> Result<Self, TallyError> {
        if options > usize::from(u16::MAX) {
            return Err(TallyError::TooLarge);
        }
        Ok(Self {
            options,
            starts: vec![0],
            preferences: Vec::new(),
            weights: Vec::new(),
            ranked: vec![0; options],
            seen: 0,
            total: 0,
            blank: 0,
        })
    }

    /// Adds a ballot. One without any preference is blank: it is counted apart and takes no further part.
    ///
    /// # Errors
    /// The ballot ranks an option twice or one that does not exist, or there are too many ballots.
    pub fn add(&mut self, preferences: &[u16], weight: u64) -> Result<(), TallyError> {
        let ballot = self.seen;
        self.seen += 1;
        for &option in preferences {
            let option = usize::from(option);
            if option >= self.options {
                return Err(TallyError::UnknownOption { ballot, option, options: self.options });
            }
            if std::mem::replace(&mut self.ranked[option], self.seen) == self.seen {
                return Err(TallyError::RepeatedOption { ballot, option });
            }
        }
        if preferences.is_empty() {
            self.blank = self.blank.checked_add(weight).ok_or(TallyError::TooLarge)?;
            return Ok(());
        }
        if self.weights.len() >= u32::MAX as usize {
            return Err(TallyError::TooLarge);
        }
        self.total = self.total.checked_add(weight).ok_or(TallyError::TooLarge)?;
        self.preferences.extend_from_slice(preferences);
        self.starts.push(self.preferences.len());
        self.weights.push(weight);
        Ok(())
    }

    /// How many options there are.
    pub fn options(&self) -> usize {
        self.options
    }

    /// The weight of all ballots with a preference.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The weight of the blank ballots.
    pub fn blank(&self) -> u64 {
        self.blank
    }

    /// The numbers of the ballots with a preference.
    pub(crate) fn all(&self) -> Vec<u32> {
        (0..u32::try_from(self.weights.len()).unwrap_or(u32::MAX)).collect()
    }
}

/// A share of a pile that goes to one option.
#[derive(Default, Clone)]
pub(crate) struct Share {
    pub ballots: Vec<u32>,
    pub weight: u64,
}

/// A count under way: where each ballot has got to, and who may still receive ballots.
pub(crate) struct Sorter<'a> {
    rankings: &'a Rankings,
    at: Vec<u16>,
    pub open: Vec<bool>,
}

impl<'a> Sorter<'a> {
    pub fn new(rankings: &'a Rankings) -> Self {
        Self { rankings, at: vec![0; rankings.weights.len()], open: vec![true; rankings.options] }
    }

    pub fn open(&self) -> Vec<usize> {
        (0..self.open.len()).filter(|&option| self.open[option]).collect()
    }

    /// Sorts ballots by the next preference of each that is open; the last share holds those without one.
    pub fn sort(&mut self, ballots: &[u32]) -> Vec<Share> {
        let mut shares = vec![Share::default(); self.open.len() + 1];
        for &ballot in ballots {
            let index = ballot as usize;
            let end = self.rankings.starts[index + 1];
            let mut at = self.rankings.starts[index] + usize::from(self.at[index]);
            while at < end && !self.open[usize::from(self.rankings.preferences[at])] {
                at += 1;
            }
            // Within a ballot there are at most 2¹⁶ − 1 preferences, none of them twice.
            self.at[index] = u16::try_from(at - self.rankings.starts[index]).unwrap_or(u16::MAX);
            let to = if at < end { usize::from(self.rankings.preferences[at]) } else { self.open.len() };
            shares[to].ballots.push(ballot);
            shares[to].weight += self.rankings.weights[index];
        }
        shares
    }
}
