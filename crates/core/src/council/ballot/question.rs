//! A question of a vote, and whether a mark answers it.

use serde::{Deserialize, Serialize};
use tongxin_tally::{
    Rankings, TallyError,
    choice::ChoiceTally,
    count::{Mark, Rule},
    stv::EXACT_SEATS,
};

use crate::{
    council::TITLE_MAX,
    invalid::{Problem, Problems},
    text,
};

/// The most options of a question.
pub const OPTIONS_MAX: usize = 100;
/// The highest score that a vote may give.
pub const SCORE_MAX: u32 = 100;
/// The decimal places of a transferred ballot's value where there are too many seats for exact fractions, as in the
/// Scottish Local Government Elections Order 2007.
const STV_PLACES: u32 = 5;

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Method {
    /// 赞成、反对、弃权.
    YesNo,
    /// 单选: one mark; the options with the most marks are chosen.
    Single {
        /// How many.
        seats: usize,
    },
    /// 多选: several marks.
    Multiple {
        /// How many are chosen.
        seats: usize,
        /// The most marks of a ballot.
        most: usize,
    },
    /// 排序复选: ranked, one is chosen by instant run-off.
    Ranked,
    /// 可转移票: ranked, several are chosen by the single transferable vote.
    Stv {
        /// How many.
        seats: usize,
    },
    /// 评分: each option has a score from 0 up.
    Score {
        /// How many are chosen.
        seats: usize,
        /// The highest score.
        highest: u32,
    },
}

impl Method {
    /// The stable code of the method.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::YesNo => "yes_no",
            Self::Single { .. } => "single",
            Self::Multiple { .. } => "multiple",
            Self::Ranked => "ranked",
            Self::Stv { .. } => "stv",
            Self::Score { .. } => "score",
        }
    }

    /// How many options are chosen; none of a question of yes or no.
    #[must_use]
    pub const fn seats(&self) -> usize {
        match self {
            Self::YesNo => 0,
            Self::Ranked => 1,
            Self::Single { seats } | Self::Multiple { seats, .. } | Self::Stv { seats } | Self::Score { seats, .. } => {
                *seats
            }
        }
    }

    /// How the tally counts it; none for yes or no, whose majority is the charter's.
    pub(super) fn rule(&self) -> Option<Rule> {
        match *self {
            Self::YesNo => None,
            Self::Single { seats } => Some(Rule::Plurality { seats }),
            Self::Multiple { seats, most } => Some(Rule::Approval { seats, most: Some(most) }),
            Self::Ranked => Some(Rule::InstantRunoff),
            Self::Stv { seats } => Some(Rule::Stv { seats, places: (seats > EXACT_SEATS).then_some(STV_PLACES) }),
            Self::Score { seats, highest } => Some(Rule::Score { seats, highest }),
        }
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// The options, in the order of the ballot paper; none for yes or no.
    pub options: Vec<String>,
    /// How it is answered.
    pub method: Method,
}

impl Question {
    /// Checks it.
    ///
    /// # Errors
    /// What is wrong with the texts; `vote_options_unneeded`; `vote_options_few`; `too_many`; `vote_option_twice`;
    /// `bad_quantity` of seats, marks and the highest score.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(text::line("question", &self.text, TITLE_MAX));
        if self.method == Method::YesNo {
            problems.require(self.options.is_empty(), || Problem::new("options", "vote_options_unneeded"));
            return problems.finish(Some(()));
        }
        let options = self.options.len();
        if options > OPTIONS_MAX {
            return Err(Problems(vec![Problem::new("options", "too_many").with("max", OPTIONS_MAX)]));
        }
        problems.require(options >= 2, || Problem::new("options", "vote_options_few").with("min", 2));
        for (at, option) in self.options.iter().enumerate() {
            problems.take(text::line("options", option, TITLE_MAX));
            problems.require(!self.options[..at].contains(option), || {
                Problem::new("options", "vote_option_twice").with("option", option)
            });
        }
        let mut range = |field, value: usize, max: usize| {
            let problem = || Problem::new(field, "bad_quantity").with("min", 1).with("max", max);
            problems.require((1..=max).contains(&value), problem);
        };
        range("seats", self.method.seats(), options.max(1));
        match self.method {
            Method::Multiple { most, .. } => range("most", most, options.max(1)),
            Method::Score { highest, .. } => range("highest", highest as usize, SCORE_MAX as usize),
            _ => {}
        }
        problems.finish(Some(()))
    }

    /// Whether a mark answers it. A mark without any option is a blank ballot.
    ///
    /// # Errors
    /// `ballot_kind`, `ballot_unknown_option`, `ballot_option_twice`, `ballot_too_many` with `max`, `ballot_score` with `max`.
    pub fn answers(&self, mark: &Mark) -> Result<(), Problem> {
        let options = self.options.len();
        let found = match (self.method, mark) {
            (Method::YesNo, Mark::Yes | Mark::No | Mark::Abstain) => return Ok(()),
            (Method::Single { .. }, Mark::Options(marks)) => ChoiceTally::marks(options, 1).add(marks, 1),
            (Method::Multiple { most, .. }, Mark::Options(marks)) => ChoiceTally::marks(options, most).add(marks, 1),
            (Method::Ranked | Method::Stv { .. }, Mark::Options(marks)) => {
                Rankings::new(options).and_then(|mut rankings| rankings.add(marks, 1))
            }
            (Method::Score { highest, .. }, Mark::Scores(scores)) => {
                ChoiceTally::scores(options, highest).add_scores(scores, 1)
            }
            _ => return Err(Problem::new("marks", "ballot_kind")),
        };
        found.map_err(|error| match error {
            TallyError::UnknownOption { .. } => Problem::new("marks", "ballot_unknown_option"),
            TallyError::RepeatedOption { .. } => Problem::new("marks", "ballot_option_twice"),
            TallyError::TooManyMarks { most, .. } => Problem::new("marks", "ballot_too_many").with("max", most),
            TallyError::Score { highest, .. } => Problem::new("marks", "ballot_score").with("max", highest),
            _ => Problem::new("marks", "ballot_kind"),
        })
    }
}
