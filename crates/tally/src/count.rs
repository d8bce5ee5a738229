//! A count as a file: the rule, the options and the ballots, from which anybody gets the same outcome.
//!
//! The file is JSON. [`FORMAT`] and [`VERSION`] name its form; a program refuses a form that it does not know, and any field
//! that is not described here. Options and ballots are named by their place in the file, from 0.
//!
//! ```json
//! {
//!   "format": "tongxin-tally", "version": 1,
//!   "options": ["Chen", "Li", "Wang"],
//!   "order": [2, 0, 1],
//!   "rule": {"method": "stv", "seats": 2},
//!   "ballots": [
//!     {"mark": {"options": [0, 2]}, "times": 14},
//!     {"mark": {"options": [1]}, "weights": [3]}
//!   ],
//!   "outcome": {"stv": {"…": "…"}}
//! }
//! ```
//! - `order` breaks ties, the preferred first; left out, it is the order of the options.
//! - `rule` is one [`Rule`]; its `method` says which.
//! - A ballot's `mark` is `"yes"`, `"no"` or `"abstain"` for a majority, `{"options": […]}` for the methods that mark, rank or
//!   support options, and `{"scores": [[option, score], …]}` for scores. No options is a blank ballot.
//! - `weights` are the weights of the ballot, one for each dimension of the rule; left out, it weighs 1 once. `times` says how
//!   many ballots are the same; left out, 1. Who takes part in a participatory budget always weighs 1.
//! - `outcome`, when it is there, is what was stated; [`Count::agrees`] compares it with the recount.
//!
//! A majority by heads and area, with the two thresholds of owners' assemblies:
//! ```
//! let text = r#"{
//!   "format": "tongxin-tally", "version": 1, "options": [],
//!   "rule": {
//!     "method": "majority", "weights": 2, "entitled": [3, 25000], "silent": [0, 0], "casting": null,
//!     "participation": [
//!       {"weight": 0, "reach": "at-least", "share": "2/3", "of": "entitled"},
//!       {"weight": 1, "reach": "at-least", "share": "2/3", "of": "entitled"}],
//!     "approval": [
//!       {"weight": 0, "reach": "more-than", "share": "1/2", "of": "participating"},
//!       {"weight": 1, "reach": "more-than", "share": "1/2", "of": "participating"}],
//!     "abstention": "takes-part", "tie": "fails"
//!   },
//!   "ballots": [
//!     {"mark": "yes", "weights": [1, 6000]}, {"mark": "yes", "weights": [1, 5000]}, {"mark": "no", "weights": [1, 12000]}]
//! }"#;
//! let count: tongxin_tally::count::Count = serde_json::from_str(text).unwrap();
//! let outcome = count.run().unwrap();
//! // Two of three heads are for it, but only 11,000 of the 23,000 area that takes part; 11,501 are needed.
//! assert_eq!(outcome.passed(), Some(false));
//! ```

use serde::{Deserialize, Serialize};

use crate::{
    budget::{self, BudgetOutcome, Budgeting, Completion, Satisfaction},
    choice::{ChoiceOutcome, ChoiceTally},
    error::TallyError,
    majority::{Abstention, Answer, Condition, MajorityOutcome, MajorityRule, Sums, Tie},
    ranked::Rankings,
    runoff::{self, RunoffOutcome},
    stv::{self, StvOutcome},
    ties::TieOrder,
};

/// What `format` says.
pub const FORMAT: &str = "tongxin-tally";
/// What `version` says.
pub const VERSION: u32 = 1;

/// What a ballot says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// For it.
    Yes,
    /// Against it.
    No,
    /// Neither.
    Abstain,
    /// Options that it marks or supports, or ranks, the preferred first.
    Options(Vec<u16>),
    /// Options with their scores.
    Scores(Vec<(u16, u32)>),
}

impl From<Answer> for Mark {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Yes => Self::Yes,
            Answer::No => Self::No,
            Answer::Abstain => Self::Abstain,
        }
    }
}

/// A ballot, or several that are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ballot {
    /// What it says.
    pub mark: Mark,
    /// What it weighs in each dimension.
    #[serde(default = "one_weight", skip_serializing_if = "is_one_weight")]
    pub weights: Vec<u64>,
    /// How many are the same.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub times: u32,
}

fn one() -> u32 {
    1
}

fn one_weight() -> Vec<u64> {
    vec![1]
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_one(times: &u32) -> bool {
    *times == 1
}

fn is_one_weight(weights: &[u64]) -> bool {
    weights == [1]
}

impl Ballot {
    /// One ballot that weighs 1.
    pub fn new(mark: Mark) -> Self {
        Self { mark, weights: one_weight(), times: 1 }
    }

    /// The weight in one dimension of all that are the same.
    fn weight(&self) -> Result<u64, TallyError> {
        let [weight] = self.weights[..] else {
            return Err(TallyError::Weights { expected: 1, found: self.weights.len() });
        };
        weight.checked_mul(self.times.into()).ok_or(TallyError::TooLarge)
    }
}

/// How ballots are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// Yes or no; see [`crate::majority`].
    Majority {
        /// How many weights each ballot has.
        weights: usize,
        /// What is entitled in each weight.
        entitled: Vec<u64>,
        /// Who is present or represented without a valid vote, in each weight.
        silent: Vec<u64>,
        /// How much has to take part.
        participation: Vec<Condition>,
        /// How much has to say yes.
        approval: Vec<Condition>,
        /// Whether who abstains takes part.
        abstention: Abstention,
        /// What becomes of a tie.
        tie: Tie,
        /// The casting vote, when one was given.
        casting: Option<Answer>,
    },
    /// One mark on each ballot; see [`crate::choice`].
    Plurality {
        /// How many are elected.
        seats: usize,
    },
    /// Several marks; see [`crate::choice`].
    Approval {
        /// How many are elected.
        seats: usize,
        /// How many options a ballot may mark; any number when it is left out.
        most: Option<usize>,
    },
    /// Scores from 0 up; see [`crate::choice`].
    Score {
        /// How many are elected.
        seats: usize,
        /// The highest score.
        highest: u32,
    },
    /// Ranked ballots, one seat; see [`crate::runoff`].
    InstantRunoff,
    /// Ranked ballots, several seats; see [`crate::stv`].
    Stv {
        /// How many are elected.
        seats: usize,
        /// The decimal places of a transferred ballot's value; exact fractions when it is left out.
        places: Option<u32>,
    },
    /// Equal shares of a budget; see [`crate::budget`].
    EqualShares {
        /// The budget.
        budget: u64,
        /// The cost of each option.
        costs: Vec<u64>,
        /// What a supported project is worth.
        satisfaction: Satisfaction,
        /// What becomes of the money left over.
        completion: Completion,
    },
    /// Greedy welfare; see [`crate::budget`].
    Greedy {
        /// The budget.
        budget: u64,
        /// The cost of each option.
        costs: Vec<u64>,
        /// What a supported project is worth.
        satisfaction: Satisfaction,
    },
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Of yes or no.
    Majority(MajorityOutcome),
    /// Of marks or scores.
    Choice(ChoiceOutcome),
    /// Of an instant run-off.
    Runoff(RunoffOutcome),
    /// Of a single transferable vote.
    Stv(StvOutcome),
    /// Of a participatory budget.
    Budget(BudgetOutcome),
}

impl Outcome {
    /// Whether a question of yes or no passed; `None` for other methods.
    pub fn passed(&self) -> Option<bool> {
        match self {
            Self::Majority(outcome) => Some(outcome.decision.passed()),
            _ => None,
        }
    }

    /// The options that are elected or selected, in the order of it.
    pub fn elected(&self) -> Vec<usize> {
        match self {
            Self::Majority(_) => Vec::new(),
            Self::Choice(outcome) => outcome.elected.clone(),
            Self::Runoff(outcome) => outcome.elected.into_iter().collect(),
            Self::Stv(outcome) => outcome.elected.clone(),
            Self::Budget(outcome) => outcome.selected.clone(),
        }
    }
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The names of the options.
    pub options: Vec<String>,
    /// The order that breaks ties, the preferred first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<usize>>,
    /// How the ballots are counted.
    pub rule: Rule,
    /// The ballots.
    pub ballots: Vec<Ballot>,
    /// The outcome that was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

impl Count {
    /// A count of this version without ballots and without a stated outcome.
    pub fn new(options: Vec<String>, rule: Rule) -> Self {
        let format = FORMAT.to_owned();
        Self { format, version: VERSION, options, order: None, rule, ballots: Vec::new(), outcome: None }
    }

    /// Counts.
    ///
    /// # Errors
    /// What is wrong with the form, the rule or the first wrong ballot.
    pub fn run(&self) -> Result<Outcome, TallyError> {
        if self.format != FORMAT || self.version != VERSION {
            return Err(TallyError::Format { format: self.format.chars().take(40).collect(), version: self.version });
        }
        let options = self.options.len();
        let order = match &self.order {
            Some(order) => TieOrder::new(order)?,
            None => TieOrder::as_listed(options),
        };
        order.check(options)?;
        match &self.rule {
            Rule::Majority { .. } => self.majority().map(Outcome::Majority),
            Rule::Plurality { seats } => {
                self.marks(ChoiceTally::marks(options, 1))?.elect(*seats, &order).map(Outcome::Choice)
            }
            Rule::Approval { seats, most } => self
                .marks(ChoiceTally::marks(options, most.unwrap_or(options)))?
                .elect(*seats, &order)
                .map(Outcome::Choice),
            Rule::Score { seats, highest } => {
                self.scores(ChoiceTally::scores(options, *highest))?.elect(*seats, &order).map(Outcome::Choice)
            }
            Rule::InstantRunoff => runoff::instant_runoff(&self.rankings()?, &order).map(Outcome::Runoff),
            Rule::Stv { seats, places } => stv::stv(&self.rankings()?, *seats, *places, &order).map(Outcome::Stv),
            Rule::EqualShares { budget, costs, satisfaction, completion } => {
                let problem = self.budgeting(*budget, costs)?;
                budget::equal_shares(&problem, *satisfaction, *completion, &order).map(Outcome::Budget)
            }
            Rule::Greedy { budget, costs, satisfaction } => {
                let problem = self.budgeting(*budget, costs)?;
                budget::greedy(&problem, *satisfaction, &order).map(Outcome::Budget)
            }
        }
    }

    /// Whether the stated outcome is the recounted one; `None` when none was stated.
    pub fn agrees(&self, recounted: &Outcome) -> Option<bool> {
        self.outcome.as_ref().map(|stated| stated == recounted)
    }

    fn majority(&self) -> Result<MajorityOutcome, TallyError> {
        let Rule::Majority { weights, entitled, silent, participation, approval, abstention, tie, casting } =
            &self.rule
        else {
            return Err(TallyError::Kind { ballot: 0 });
        };
        let rule = MajorityRule {
            weights: *weights,
            participation: participation.clone(),
            approval: approval.clone(),
            abstention: *abstention,
            tie: *tie,
        };
        rule.check()?;
        let mut sums = Sums::new(*weights);
        sums.add_silent(silent)?;
        let mut all = vec![0; *weights];
        for (number, ballot) in self.ballots.iter().enumerate() {
            let answer = match ballot.mark {
                Mark::Yes => Answer::Yes,
                Mark::No => Answer::No,
                Mark::Abstain => Answer::Abstain,
                Mark::Options(_) | Mark::Scores(_) => return Err(TallyError::Kind { ballot: number }),
            };
            all.clear();
            for &weight in &ballot.weights {
                all.push(weight.checked_mul(ballot.times.into()).ok_or(TallyError::TooLarge)?);
            }
            sums.add(answer, &all)?;
        }
        rule.decide(entitled, &sums, *casting)
    }

    fn marks(&self, mut tally: ChoiceTally) -> Result<ChoiceTally, TallyError> {
        for (number, ballot) in self.ballots.iter().enumerate() {
            tally.add(options_of(number, ballot)?, ballot.weight()?)?;
        }
        Ok(tally)
    }

    fn scores(&self, mut tally: ChoiceTally) -> Result<ChoiceTally, TallyError> {
        for (number, ballot) in self.ballots.iter().enumerate() {
            let Mark::Scores(scores) = &ballot.mark else { return Err(TallyError::Kind { ballot: number }) };
            tally.add_scores(scores, ballot.weight()?)?;
        }
        Ok(tally)
    }

    fn rankings(&self) -> Result<Rankings, TallyError> {
        let mut rankings = Rankings::new(self.options.len())?;
        for (number, ballot) in self.ballots.iter().enumerate() {
            rankings.add(options_of(number, ballot)?, ballot.weight()?)?;
        }
        Ok(rankings)
    }

    fn budgeting(&self, budget: u64, costs: &[u64]) -> Result<Budgeting, TallyError> {
        if costs.len() != self.options.len() {
            return Err(TallyError::Costs { options: self.options.len(), costs: costs.len() });
        }
        let mut problem = Budgeting::new(budget, costs.to_vec())?;
        for (number, ballot) in self.ballots.iter().enumerate() {
            if !is_one_weight(&ballot.weights) {
                return Err(TallyError::Kind { ballot: number });
            }
            let options = options_of(number, ballot)?;
            for _ in 0..ballot.times {
                problem.add(options)?;
            }
        }
        Ok(problem)
    }
}

fn options_of(number: usize, ballot: &Ballot) -> Result<&[u16], TallyError> {
    match &ballot.mark {
        Mark::Options(options) => Ok(options),
        _ => Err(TallyError::Kind { ballot: number }),
    }
}
