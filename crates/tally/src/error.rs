//! What can be wrong with a rule or with ballots, as values.

use thiserror::Error;

/// Why nothing could be counted. Ballots are named by their place, from 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TallyError {
    /// A fraction is not one between 0 and 1.
    #[error("{text:?} is not a fraction between 0 and 1")]
    Fraction {
        /// What was given.
        text: String,
    },
    /// A text is not an exact number.
    #[error("{text:?} is not a whole number or a fraction")]
    Number {
        /// What was given.
        text: String,
    },
    /// A condition names a weight that does not exist.
    #[error("weight {weight} does not exist: there are {weights}")]
    UnknownWeight {
        /// The weight that was named, from 0.
        weight: usize,
        /// How many there are.
        weights: usize,
    },
    /// How much has to take part is a share of something else than what is entitled.
    #[error("how much has to take part is a share of what is entitled, of nothing else")]
    ParticipationBase,
    /// A list of weights is longer or shorter than the others.
    #[error("{found} weights where there are {expected}")]
    Weights {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// More takes part than is entitled to.
    #[error("weight {weight}: {found} takes part, but only {entitled} is entitled")]
    MoreThanEntitled {
        /// The weight, from 0.
        weight: usize,
        /// What is entitled.
        entitled: u64,
        /// What takes part.
        found: u64,
    },
    /// A ballot names an option that does not exist.
    #[error("ballot {ballot}: option {option} does not exist: there are {options}")]
    UnknownOption {
        /// The ballot.
        ballot: usize,
        /// The option that was named.
        option: usize,
        /// How many there are.
        options: usize,
    },
    /// A ballot names an option twice.
    #[error("ballot {ballot}: option {option} stands twice")]
    RepeatedOption {
        /// The ballot.
        ballot: usize,
        /// The option.
        option: usize,
    },
    /// A ballot marks more options than it may.
    #[error("ballot {ballot}: {found} options where {most} are allowed")]
    TooManyMarks {
        /// The ballot.
        ballot: usize,
        /// How many it may mark.
        most: usize,
        /// How many it marks.
        found: usize,
    },
    /// A score is above the highest.
    #[error("ballot {ballot}: score {score} is above {highest}")]
    Score {
        /// The ballot.
        ballot: usize,
        /// The score.
        score: u32,
        /// The highest there is.
        highest: u32,
    },
    /// A ballot is not of the kind that the method counts.
    #[error("ballot {ballot} is not of the kind that this method counts")]
    Kind {
        /// The ballot.
        ballot: usize,
    },
    /// The order that breaks ties does not name each option once.
    #[error("the order that breaks ties does not name each of the {options} options once")]
    Order {
        /// How many options there are.
        options: usize,
    },
    /// There are not as many costs as options.
    #[error("{costs} costs for {options} options")]
    Costs {
        /// How many options there are.
        options: usize,
        /// How many costs there are.
        costs: usize,
    },
    /// A sum does not fit into 64 bits, or there are more than 2³² − 1 ballots or 2¹⁶ − 1 options.
    #[error("the numbers are too large to be counted")]
    TooLarge,
    /// A transfer without a fixed number of decimal places for more seats than [`crate::stv::EXACT_SEATS`], or more
    /// places than [`crate::stv::MOST_PLACES`].
    #[error("{seats} seats need a fixed number of decimal places, at most {most}")]
    Places {
        /// The seats.
        seats: usize,
        /// The most places.
        most: u32,
    },
    /// The increments of a completion are 0, or so small that there could be more than [`crate::budget::MOST_STEPS`].
    #[error("a step of {step} is too small")]
    Step {
        /// What each step adds to a voter's part.
        step: u64,
    },
    /// A file is of another form than this program reads.
    #[error(
        "the file is {format:?} version {version}; this program reads {} version {}",
        crate::count::FORMAT,
        crate::count::VERSION
    )]
    Format {
        /// The form that it names.
        format: String,
        /// Its version.
        version: u32,
    },
}
