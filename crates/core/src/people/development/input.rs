//! A step as typed and as stored: its particulars, checked.

use serde::{Deserialize, Serialize};

use super::{Act, Ballot, Stage, Step, StepKind};
use crate::{
    invalid::{Problem, Problems},
    period::optional_day,
};

/// The most members, days or hours that a form takes.
const NUMBER_MAX: u64 = 10_000;

/// What a step's form holds, as typed. Fields that the kind does not ask for are left aside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepForm {
    /// Code of [`StepKind`].
    pub step: String,
    /// The day, `YYYY-MM-DD`.
    pub on: String,
    /// First day of the public notice, of a candidate.
    pub notice_from: String,
    /// Days of the course.
    pub days: String,
    /// Class hours of the course.
    pub class_hours: String,
    /// Full members with a vote.
    pub entitled: String,
    /// Of them, present.
    pub present: String,
    /// In favour.
    pub in_favour: String,
    /// Against.
    pub against: String,
    /// In favour by a written opinion.
    pub written_in_favour: String,
    /// Against by a written opinion.
    pub written_against: String,
    /// Months of an extension.
    pub months: String,
    /// Code of [`Stage`], of what is taken over from the file.
    pub stage: String,
    /// A note; required of what is taken over, refused, removed, or of who left.
    pub note: String,
}

/// The particulars of a step as they are stored, sent and recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepData {
    /// First day of the public notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_from: Option<chrono::NaiveDate>,
    /// Days and class hours of the course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course: Option<(u32, u32)>,
    /// The count of a vote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ballot: Option<Ballot>,
    /// Months of an extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// The stage that was taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
}

impl Step {
    /// Its particulars.
    #[must_use]
    pub fn data(&self) -> StepData {
        match self.act {
            Act::Plain(_) => StepData::default(),
            Act::Candidate { notice_from } => StepData { notice_from, ..StepData::default() },
            Act::Training { days, class_hours } => {
                StepData { course: Some((days, class_hours)), ..StepData::default() }
            }
            Act::Vote { ballot, months, .. } => {
                StepData { ballot: Some(ballot), months: (months > 0).then_some(months), ..StepData::default() }
            }
            Act::TakenOver { stage } => StepData { stage: Some(stage), ..StepData::default() },
        }
    }

    /// The step of this kind with these particulars; none when they do not fit it.
    #[must_use]
    pub fn from_data(kind: StepKind, on: chrono::NaiveDate, data: &StepData) -> Option<Self> {
        let act = match (kind, kind.matter()) {
            (_, Some(matter)) => Act::Vote { matter, ballot: data.ballot?, months: data.months.unwrap_or(0) },
            (StepKind::Candidate, _) => Act::Candidate { notice_from: data.notice_from },
            (StepKind::Training, _) => {
                let (days, class_hours) = data.course?;
                Act::Training { days, class_hours }
            }
            (StepKind::TakenOver, _) => Act::TakenOver { stage: data.stage? },
            (kind, _) => Act::Plain(kind),
        };
        Some(Self { on, act })
    }
}

fn number(field: &'static str, raw: &str) -> Result<u64, Problem> {
    match raw.trim() {
        "" => Ok(0),
        text => text
            .parse()
            .ok()
            .filter(|n| *n <= NUMBER_MAX)
            .ok_or_else(|| Problem::new(field, "bad_quantity").with("min", 0).with("max", NUMBER_MAX)),
    }
}

fn small(field: &'static str, raw: &str) -> Result<u32, Problem> {
    number(field, raw).map(|n| u32::try_from(n).unwrap_or(u32::MAX))
}

fn ballot(form: &StepForm, problems: &mut Problems) -> Option<Ballot> {
    let fields = [
        ("entitled", &form.entitled),
        ("present", &form.present),
        ("in_favour", &form.in_favour),
        ("against", &form.against),
        ("written_in_favour", &form.written_in_favour),
        ("written_against", &form.written_against),
    ];
    let mut counts = fields.map(|(field, raw)| problems.take(number(field, raw)));
    if form.entitled.trim().is_empty() {
        problems.0.push(Problem::new("entitled", "required"));
    }
    if form.present.trim().is_empty() {
        problems.0.push(Problem::new("present", "required"));
    }
    let mut next = counts.iter_mut().map(Option::take);
    let mut take = || next.next().flatten();
    Some(Ballot {
        entitled: take()?,
        present: take()?,
        in_favour: take()?,
        against: take()?,
        written_in_favour: take()?,
        written_against: take()?,
    })
}

/// Checks a step's form by itself; whether the step is possible is [`super::Development::check`]'s to say.
///
/// # Errors
/// Every problem at once: `unknown_choice`, `required`, `bad_date`, `bad_quantity`.
pub fn check_step(form: &StepForm) -> Result<Step, Problems> {
    let mut problems = Problems::default();
    let kind: Option<StepKind> =
        problems.take(form.step.trim().parse().map_err(|_| Problem::new("step", "unknown_choice")));
    let on = problems.take(optional_day("on", &form.on)).flatten();
    if on.is_none() && problems.0.iter().all(|p| p.field != "on") {
        problems.0.push(Problem::new("on", "required"));
    }
    let needs_note = matches!(
        kind,
        Some(
            StepKind::TakenOver
                | StepKind::Refusal
                | StepKind::Removal
                | StepKind::Left
                | StepKind::ExtensionVote
                | StepKind::CancellationVote
        )
    );
    problems.require(!needs_note || !form.note.trim().is_empty(), || Problem::new("note", "required"));
    let act = kind.and_then(|kind| act(kind, form, &mut problems));
    problems.finish(on.zip(act).map(|(on, act)| Step { on, act }))
}

fn act(kind: StepKind, form: &StepForm, problems: &mut Problems) -> Option<Act> {
    if let Some(matter) = kind.matter() {
        let months = problems.take(small("months", &form.months));
        let months = if kind == StepKind::ExtensionVote { months } else { Some(0) };
        return ballot(form, problems).zip(months).map(|(ballot, months)| Act::Vote { matter, ballot, months });
    }
    match kind {
        StepKind::Candidate => problems
            .take(optional_day("notice_from", &form.notice_from))
            .map(|notice_from| Act::Candidate { notice_from }),
        StepKind::Training => {
            let days = problems.take(small("days", &form.days));
            let hours = problems.take(small("class_hours", &form.class_hours));
            days.zip(hours).map(|(days, class_hours)| Act::Training { days, class_hours })
        }
        StepKind::TakenOver => {
            let stage = problems.take(form.stage.trim().parse().map_err(|_| Problem::new("stage", "unknown_choice")));
            stage.map(|stage| Act::TakenOver { stage })
        }
        kind => Some(Act::Plain(kind)),
    }
}
