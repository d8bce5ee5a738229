//! `tongxin tally`: recounts a file of ballots and says what comes out, and whether that is what the file states.

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context as _, Result};
use tongxin_tally::{
    Exact, TieAbout, TieBreak, TieRule,
    budget::BudgetOutcome,
    choice::ChoiceOutcome,
    count::{Count, Outcome, Rule},
    majority::{Base, Decision, Figure, MajorityOutcome, Reach},
    runoff::RunoffOutcome,
    stv::{StvAction, StvOutcome},
};
use tongxin_web::i18n::{Locale, Message};

use crate::say;

/// Decimal places that are shown; the outcome itself is exact.
const PLACES: u32 = 5;

/// Reads, counts and prints; fails when the file states another outcome.
pub fn tally(file: &Path, json: bool) -> Result<ExitCode> {
    let locale = say::locale();
    let name = file.display().to_string();
    let text = fs::read_to_string(file).with_context(|| locale.tr("tally-unreadable", "file", name.as_str()))?;
    let count: Count =
        serde_json::from_str(&text).with_context(|| locale.tr("tally-no-count", "file", name.as_str()))?;
    let outcome = count.run().with_context(|| locale.tr("tally-not-countable", "file", name.as_str()))?;
    if json {
        println!("{}", serde_json::to_string(&outcome)?);
    } else {
        print!("{}", Report { locale, options: &count.options, lines: Vec::new() }.of(&count, &outcome));
    }
    Ok(match count.agrees(&outcome) {
        None => ExitCode::SUCCESS,
        Some(true) => {
            eprintln!("{}", locale.t("tally-agrees"));
            ExitCode::SUCCESS
        }
        Some(false) => {
            eprintln!("{}", locale.t("tally-differs"));
            ExitCode::FAILURE
        }
    })
}

struct Report<'a> {
    locale: Locale,
    options: &'a [String],
    lines: Vec<String>,
}

impl Report<'_> {
    fn of(mut self, count: &Count, outcome: &Outcome) -> String {
        let ballots: u64 = count.ballots.iter().map(|ballot| u64::from(ballot.times)).sum();
        let method = self.locale.t(format!("tally-method-{}", method(&count.rule)));
        self.say(Message::new("tally-counted").with("ballots", ballots).with("method", method));
        match outcome {
            Outcome::Majority(outcome) => self.majority(outcome),
            Outcome::Choice(outcome) => self.choice(outcome),
            Outcome::Runoff(outcome) => self.runoff(outcome),
            Outcome::Stv(outcome) => self.stv(outcome),
            Outcome::Budget(outcome) => self.budget(outcome),
        }
        if outcome.passed().is_none() {
            let elected = outcome.elected();
            let result = if elected.is_empty() { Message::new("tally-nobody") } else { Message::new("tally-elected") };
            let names = self.names(&elected);
            self.say(result.with("names", names));
        }
        self.lines.push(String::new());
        self.lines.join("\n")
    }

    #[allow(clippy::needless_pass_by_value, reason = "a message is made to be said once")]
    fn say(&mut self, message: Message) {
        self.lines.push(message.text(self.locale));
    }

    fn names(&self, options: &[usize]) -> String {
        let names: Vec<&str> = options.iter().map(|&option| self.name(option)).collect();
        names.join(&self.locale.t("list-separator"))
    }

    fn name(&self, option: usize) -> &str {
        self.options.get(option).map_or("?", String::as_str)
    }

    /// `Chen 21, Li 19`
    fn votes(&self, votes: impl Iterator<Item = String>) -> String {
        let each: Vec<String> = votes.enumerate().map(|(at, votes)| format!("{} {votes}", self.name(at))).collect();
        each.join(&self.locale.t("list-separator"))
    }

    fn majority(&mut self, outcome: &MajorityOutcome) {
        let sums = &outcome.sums;
        for (weight, entitled) in outcome.entitled.iter().enumerate() {
            let message = Message::new("tally-sums").with("weight", weight + 1).with("entitled", entitled);
            let message = message.with("yes", sums.yes[weight]).with("no", sums.no[weight]);
            self.say(message.with("abstain", sums.abstain[weight]).with("silent", sums.silent[weight]));
        }
        for (key, figures) in [("tally-takes-part", &outcome.participation), ("tally-says-yes", &outcome.approval)] {
            for figure in figures {
                self.figure(key, figure);
            }
        }
        self.say(Message::new(match outcome.decision {
            Decision::Passed => "tally-passed",
            Decision::PassedByCastingVote => "tally-passed-by-casting-vote",
            Decision::NoQuorum => "tally-no-quorum",
            Decision::Failed => "tally-failed",
            Decision::FailedByTie => "tally-failed-by-tie",
        }));
    }

    fn figure(&mut self, key: &'static str, figure: &Figure) {
        let condition = figure.condition;
        let reach = match condition.reach {
            Reach::MoreThan => "tally-more-than",
            Reach::AtLeast => "tally-at-least",
        };
        let of = match condition.of {
            Base::Entitled => "tally-of-entitled",
            Base::Participating => "tally-of-participating",
            Base::Decided => "tally-of-decided",
        };
        let met = if figure.met { "tally-enough" } else { "tally-not-enough" };
        let share = Message::new(reach).with("share", condition.share).text(self.locale);
        let message = Message::new(key).with("weight", condition.weight + 1).with("got", figure.got);
        let message = message.with("base", figure.base).with("needed", figure.needed).with("share", share);
        self.say(message.with("of", self.locale.t(of)).with("met", self.locale.t(met)));
    }

    fn choice(&mut self, outcome: &ChoiceOutcome) {
        let votes = self.votes(outcome.sums.iter().map(u64::to_string));
        self.say(Message::new("tally-sums-of-options").with("votes", votes).with("blank", outcome.blank));
        self.ties(&outcome.ties);
    }

    fn runoff(&mut self, outcome: &RunoffOutcome) {
        for (number, round) in outcome.rounds.iter().enumerate() {
            let votes = self.votes(round.votes.iter().map(u64::to_string));
            let message = Message::new("tally-runoff-round").with("round", number + 1).with("votes", votes);
            self.say(message.with("exhausted", round.exhausted).with("needed", round.needed));
            self.ties(round.tie.as_slice());
            if let Some(out) = round.excluded {
                let name = self.name(out).to_owned();
                self.say(Message::new("tally-excluded").with("name", name));
            }
        }
        self.say(Message::new("tally-blank").with("blank", outcome.blank));
    }

    fn stv(&mut self, outcome: &StvOutcome) {
        self.say(Message::new("tally-quota").with("quota", outcome.quota));
        for (number, stage) in outcome.stages.iter().enumerate() {
            self.ties(stage.tie.as_slice());
            match &stage.action {
                StvAction::First => {}
                StvAction::Surplus { of, amount } => {
                    let name = self.name(*of).to_owned();
                    self.say(Message::new("tally-surplus").with("name", name).with("amount", shown(amount)));
                }
                StvAction::Exclusion { of } => {
                    let name = self.name(*of).to_owned();
                    self.say(Message::new("tally-excluded").with("name", name));
                }
            }
            let votes = self.votes(stage.votes.iter().map(shown));
            let message = Message::new("tally-stage").with("round", number + 1).with("votes", votes);
            self.say(message.with("exhausted", shown(&stage.exhausted)));
            if !stage.elected.is_empty() {
                let names = self.names(&stage.elected);
                self.say(Message::new("tally-elected-now").with("names", names));
            }
        }
        self.say(Message::new("tally-blank").with("blank", outcome.blank));
    }

    fn budget(&mut self, outcome: &BudgetOutcome) {
        if !outcome.purchases.is_empty() {
            self.say(Message::new("tally-part").with("part", shown(&outcome.part)).with("steps", outcome.steps));
        }
        for purchase in &outcome.purchases {
            let message = Message::new("tally-purchase").with("name", self.name(purchase.project));
            let message = message.with("price", shown(&purchase.price)).with("payers", purchase.payers);
            self.say(message.with("emptied", purchase.emptied));
        }
        if !outcome.by_greedy.is_empty() {
            let names = self.names(&outcome.by_greedy);
            self.say(Message::new("tally-by-greedy").with("names", names));
        }
        self.ties(&outcome.ties);
        self.say(Message::new("tally-spent").with("spent", outcome.spent));
    }

    fn ties(&mut self, ties: &[TieBreak]) {
        for tie in ties {
            let about = match tie.about {
                TieAbout::Elected => "tally-tie-elected",
                TieAbout::Excluded => "tally-tie-excluded",
                TieAbout::Surplus => "tally-tie-surplus",
            };
            let by = match tie.by {
                TieRule::EarlierRound(round) => Message::new("tally-by-round").with("round", round + 1),
                TieRule::Order => Message::new("tally-by-order"),
            };
            let (between, chosen) = (self.names(&tie.between), self.names(&tie.chosen));
            let message = Message::new(about).with("between", between).with("chosen", chosen);
            self.say(message.with("by", by.text(self.locale)));
        }
    }
}

fn method(rule: &Rule) -> &'static str {
    match rule {
        Rule::Majority { .. } => "majority",
        Rule::Plurality { .. } => "plurality",
        Rule::Approval { .. } => "approval",
        Rule::Score { .. } => "score",
        Rule::InstantRunoff => "instant-runoff",
        Rule::Stv { .. } => "stv",
        Rule::EqualShares { .. } => "equal-shares",
        Rule::Greedy { .. } => "greedy",
    }
}

fn shown(number: &Exact) -> String {
    if number.is_whole() { number.to_string() } else { number.decimal(PLACES) }
}
