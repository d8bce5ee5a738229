//! Papers and shows of hands: entered by one person, confirmed by another (four eyes).
//!
//! From the entry on, its voters have taken part, so that none of them votes in another way as well; what they voted is
//! counted from the confirmation on. An entry that is wrong is discarded with a reason, and entered anew.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tongxin_tally::count::Mark;
use uuid::Uuid;

use super::{
    Vote,
    cast::{Sheet, SheetKey, Turnout},
};
use crate::{
    council::{REASON_MAX, Secrecy, charter::Way, roll::RollEntry},
    invalid::{Problem, Problems},
    text,
};

/// Voters who said the same, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedLine {
    /// Who.
    pub voters: Vec<Uuid>,
    /// What, for each question.
    pub marks: Vec<Mark>,
}

/// Papers that say the same, without names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedLine {
    /// What, for each question.
    pub marks: Vec<Mark>,
    /// How many.
    pub times: u32,
}

/// What an entry holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "snake_case")]
pub enum EntryContent {
    /// Of an open vote: who said what.
    Named {
        /// The lines.
        lines: Vec<NamedLine>,
    },
    /// Of a secret vote: who handed in a paper, and apart from it what the papers say.
    Counted {
        /// Who.
        voters: Vec<Uuid>,
        /// What.
        lines: Vec<CountedLine>,
    },
}

impl EntryContent {
    /// Whose ballots it holds.
    #[must_use]
    pub fn voters(&self) -> Vec<Uuid> {
        match self {
            Self::Named { lines } => lines.iter().flat_map(|line| line.voters.iter().copied()).collect(),
            Self::Counted { voters, .. } => voters.clone(),
        }
    }

    fn marks(&self) -> Vec<&[Mark]> {
        match self {
            Self::Named { lines } => lines.iter().map(|line| line.marks.as_slice()).collect(),
            Self::Counted { lines, .. } => lines.iter().map(|line| line.marks.as_slice()).collect(),
        }
    }
}

coded! {
    /// How far an entry is.
    EntryState {
        /// It waits for the second person.
        Entered => "entered",
        /// It is counted.
        Confirmed => "confirmed",
        /// It was wrong.
        Discarded => "discarded",
    }
}

/// An entry of papers or of a show of hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its identifier.
    pub id: Uuid,
    /// Paper or hands.
    pub way: Way,
    /// What it holds.
    pub content: EntryContent,
    /// When the papers were handed in or the hands shown.
    pub handed_in_at: DateTime<Utc>,
    /// Who entered it.
    pub entered_by: Uuid,
    /// When.
    pub entered_at: DateTime<Utc>,
    /// How far it is.
    pub state: EntryState,
    /// Who confirmed or discarded it, and when.
    pub decided: Option<(Uuid, DateTime<Utc>)>,
    /// Why it was discarded.
    pub reason: Option<String>,
}

/// What is typed of an entry.
#[derive(Debug, Clone)]
pub struct EntryForm {
    /// Paper or hands.
    pub way: Way,
    /// What it holds.
    pub content: EntryContent,
    /// When the papers were handed in or the hands shown.
    pub handed_in_at: DateTime<Utc>,
}

/// What a vote has of these voters: their places on the roll, and the turnouts that are stored.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The roll, or the part of it that the entry names.
    pub roll: &'a BTreeMap<Uuid, RollEntry>,
    /// The turnouts of those who have taken part.
    pub turnouts: &'a BTreeMap<Uuid, Turnout>,
}

impl Vote {
    /// Enters papers or a show of hands. Gives the entry and the turnouts to be stored with it.
    ///
    /// # Errors
    /// `vote_closed`; `vote_way_not_allowed`; `entry_kind` when an open vote's is without names or a secret one's with them;
    /// `required` for one without voters; `vote_not_on_roll`, `entry_twice` and `entry_voted_already` with the `count` of such
    /// voters; `entry_sums_differ` with `voters` and `papers`; `entry_weights_differ`; `entry_absent` for hands of who is
    /// not there; `entry_time` when it was not in the window; `entry_not_before` for the paper of who is absent that had to
    /// be handed in before; `in_the_future`; what is wrong with the marks.
    pub fn enter(
        &self,
        id: Uuid,
        form: EntryForm,
        standing: Standing<'_>,
        by: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(Entry, Vec<Turnout>), Problems> {
        let mut problems = Problems::default();
        problems.take(self.is_open());
        let allowed = form.way != Way::Online && self.plan.ways.contains(&form.way);
        problems.require(allowed, || Problem::new("way", "vote_way_not_allowed"));
        let named = matches!(form.content, EntryContent::Named { .. });
        problems.require(named == (self.rule.secrecy == Secrecy::Open), || Problem::new("content", "entry_kind"));
        let voters = form.content.voters();
        problems.require(!voters.is_empty(), || Problem::new("voters", "required"));
        let distinct: BTreeSet<Uuid> = voters.iter().copied().collect();
        let none_of = |problems: &mut Problems, code, count: usize| {
            problems.require(count == 0, || Problem::new("voters", code).with("count", count));
        };
        none_of(&mut problems, "entry_twice", voters.len() - distinct.len());
        let strangers = distinct.iter().filter(|voter| !standing.roll.contains_key(voter)).count();
        none_of(&mut problems, "vote_not_on_roll", strangers);
        let again = distinct.iter().filter(|voter| standing.turnouts.contains_key(voter)).count();
        none_of(&mut problems, "entry_voted_already", again);
        self.check_sums(&form.content, standing.roll, &mut problems);
        for marks in form.content.marks() {
            problems.take(self.check_marks(marks));
        }
        self.check_time(&form, &distinct, now, &mut problems);
        problems.finish(Some(()))?;
        let EntryForm { way, content, handed_in_at } = form;
        let turnout = |voter| Turnout { voter, way, by, proxy: false, at: handed_in_at, entry: Some(id) };
        let turnouts = voters.into_iter().map(turnout).collect();
        let entry = Entry {
            id,
            way,
            content,
            handed_in_at,
            entered_by: by,
            entered_at: now,
            state: EntryState::Entered,
            decided: None,
            reason: None,
        };
        Ok((entry, turnouts))
    }

    fn check_sums(&self, content: &EntryContent, roll: &BTreeMap<Uuid, RollEntry>, problems: &mut Problems) {
        let EntryContent::Counted { voters, lines } = content else { return };
        let papers: u64 = lines.iter().map(|line| u64::from(line.times)).sum();
        problems.require(papers == voters.len() as u64, || {
            Problem::new("content", "entry_sums_differ").with("voters", voters.len()).with("papers", papers)
        });
        let weights: BTreeSet<Vec<u64>> =
            voters.iter().filter_map(|voter| roll.get(voter)).map(|entry| entry.weights(&self.rule.measures)).collect();
        problems.require(weights.len() <= 1, || Problem::new("content", "entry_weights_differ"));
    }

    fn check_time(&self, form: &EntryForm, voters: &BTreeSet<Uuid>, now: DateTime<Utc>, problems: &mut Problems) {
        let (window, at) = (self.plan.window, form.handed_in_at);
        problems.require(at <= now, || Problem::new("handed_in_at", "in_the_future"));
        let absent = voters.difference(&self.present).count();
        let before = form.way == Way::Paper && self.rule.written_before;
        if before && absent > 0 {
            problems
                .require(at < window.from, || Problem::new("handed_in_at", "entry_not_before").with("count", absent));
            return;
        }
        problems.require(form.way != Way::Hands || absent == 0, || {
            Problem::new("voters", "entry_absent").with("count", absent)
        });
        let begun = before || at >= window.from;
        problems.require(begun && at < window.until, || Problem::new("handed_in_at", "entry_time"));
    }

    /// Another person confirms an entry. Gives the sheets to be stored with it.
    ///
    /// # Errors
    /// `vote_closed`, `entry_decided`, `entry_same_person`.
    pub fn confirm(
        &self,
        entry: &mut Entry,
        roll: &BTreeMap<Uuid, RollEntry>,
        by: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Vec<Sheet>, Problem> {
        self.undecided(entry)?;
        if by == entry.entered_by {
            return Err(Problem::new("by", "entry_same_person"));
        }
        let weights = |voter: &Uuid| roll.get(voter).map(|entry| entry.weights(&self.rule.measures));
        let sheets = match &entry.content {
            EntryContent::Named { lines } => {
                let each = lines.iter().flat_map(|line| line.voters.iter().map(move |voter| (voter, &line.marks)));
                let sheet = |(voter, marks): (&Uuid, &Vec<Mark>)| {
                    let (key, marks) = (SheetKey::Voter(*voter), marks.clone());
                    Some(Sheet { key, marks, weights: weights(voter)?, times: 1 })
                };
                each.map(sheet).collect::<Option<Vec<_>>>()
            }
            EntryContent::Counted { voters, lines } => {
                let weights = voters.first().and_then(weights);
                let lines = lines.iter().filter(|line| line.times > 0).zip(0..);
                let sheet = |(line, number): (&CountedLine, u32)| {
                    let (key, marks) = (SheetKey::Counted(entry.id, number), line.marks.clone());
                    Some(Sheet { key, marks, weights: weights.clone()?, times: line.times })
                };
                lines.map(sheet).collect()
            }
        };
        let sheets = sheets.ok_or_else(|| Problem::new("voters", "vote_not_on_roll").with("count", 1))?;
        entry.state = EntryState::Confirmed;
        entry.decided = Some((by, now));
        Ok(sheets)
    }

    /// Discards an entry that is wrong, with a reason. Its turnouts go with it.
    ///
    /// # Errors
    /// `vote_closed`, `entry_decided`, `required` or `too_long` for the reason.
    pub fn discard(&self, entry: &mut Entry, by: Uuid, reason: &str, now: DateTime<Utc>) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.undecided(entry));
        let reason = problems.take(text::line("reason", reason, REASON_MAX));
        entry.reason = Some(problems.finish(reason)?);
        entry.state = EntryState::Discarded;
        entry.decided = Some((by, now));
        Ok(())
    }

    fn undecided(&self, entry: &Entry) -> Result<(), Problem> {
        self.is_open()?;
        if entry.state == EntryState::Entered { Ok(()) } else { Err(Problem::new("state", "entry_decided")) }
    }
}
