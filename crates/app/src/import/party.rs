//! The rows of `party.csv`, `party_steps.csv` and `transfers.csv`: played in order under the same rules as in the program, so
//! that what is imported could have been recorded there day by day.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use tongxin_core::{
    invalid::Problem,
    people::{
        MemberDetails, MemberKind,
        development::{
            Act, Development, Matter, Stage, Step, StepKind,
            input::{StepForm, check_step},
        },
        membership::{
            Membership, Relation, Side, Transfer, TransferState, TransferStep, check_new, holds_members, moved,
        },
    },
    period::Period,
    text,
};
use tongxin_store::people::party::StoredStep;
use uuid::Uuid;

use super::{plan::Check, table::Row};
use crate::people::party::steps::NOTE_MAX;

/// Party members as they will be written.
#[derive(Default)]
pub(super) struct Party {
    pub memberships: Vec<Membership>,
    pub steps: Vec<StoredStep>,
    pub transfers: Vec<Transfer>,
    /// The positions of each person's memberships.
    of: HashMap<Uuid, Vec<usize>>,
}

impl Party {
    fn add(&mut self, new: Membership) {
        self.of.entry(new.person).or_default().push(self.memberships.len());
        self.memberships.push(new);
    }

    fn held(&self, person: Uuid) -> Vec<Membership> {
        let positions = self.of.get(&person).into_iter().flatten();
        positions.filter_map(|at| self.memberships.get(*at)).cloned().collect()
    }

    fn save(&mut self, changed: &Membership) {
        for at in self.of.get(&changed.person).into_iter().flatten() {
            if let Some(m) = self.memberships.get_mut(*at).filter(|m| m.id == changed.id) {
                *m = changed.clone();
            }
        }
    }
}

/// What the rows name: dates of birth of persons, and organisations that hold members.
struct Known {
    born: HashMap<Uuid, Option<NaiveDate>>,
    branches: HashSet<Uuid>,
}

impl Known {
    fn new(check: &Check<'_>) -> Self {
        let mut known = Self { born: HashMap::new(), branches: HashSet::new() };
        for m in &check.plan.members {
            match &m.draft.details {
                MemberDetails::Person { birth_date, .. } => drop(known.born.insert(m.id, *birth_date)),
                MemberDetails::Organisation { kind, .. } if holds_members(*kind) => drop(known.branches.insert(m.id)),
                MemberDetails::Organisation { .. } => {}
            }
        }
        known
    }

    /// The branch that a column names: an organisation that holds members.
    fn branch(&self, check: &mut Check<'_>, row: &Row, column: &'static str) -> Option<Uuid> {
        let id = check.member(row, column, Some(MemberKind::Organisation))?.id;
        if self.branches.contains(&id) {
            return Some(id);
        }
        check.problem(row, Problem::new(column, "no_party_branch"));
        None
    }
}

/// A row of `party_steps.csv` that can be read.
struct Told<'r> {
    row: &'r Row,
    person: Uuid,
    branch: Uuid,
    step: Step,
    note: String,
}

/// Checks all three files.
pub(super) fn read(check: &mut Check<'_>, party: &[Row], steps: &[Row], transfers: &[Row]) {
    let known = Known::new(check);
    for row in party {
        membership(check, &known, row);
    }
    let told: Vec<Told<'_>> = steps.iter().filter_map(|row| step(check, &known, row)).collect();
    let mut of: HashMap<Uuid, Vec<Step>> = HashMap::new();
    for told in &told {
        of.entry(told.person).or_default().push(told.step);
    }
    let mut taken: HashMap<Uuid, Vec<Step>> = HashMap::new();
    for told in told {
        let born = known.born.get(&told.person).copied().flatten();
        take(check, (&of, born), taken.entry(told.person).or_default(), told);
    }
    for row in transfers {
        transfer(check, &known, row);
    }
}

/// A day of a column: `2026-03-01`, or `today-12`.
fn day(check: &mut Check<'_>, row: &Row, column: &'static str) -> Option<NaiveDate> {
    let raw = row.get(column);
    let bad = || Problem::new(column, if raw.is_empty() { "required" } else { "bad_date" });
    let read = match raw.strip_prefix("today") {
        Some("") => Some(check.today),
        Some(rest) => {
            rest.strip_prefix('-').and_then(|n| n.parse().ok()).and_then(|n| check.today.checked_sub_days(Days::new(n)))
        }
        None => raw.parse().ok(),
    };
    check.take(row, read.ok_or_else(bad))
}

fn optional_day(check: &mut Check<'_>, row: &Row, column: &'static str) -> Option<NaiveDate> {
    if row.get(column).is_empty() { None } else { day(check, row, column) }
}

fn membership(check: &mut Check<'_>, known: &Known, row: &Row) {
    let before = check.problems.len();
    let person = check.member(row, "person", Some(MemberKind::Person));
    let branch = known.branch(check, row, "branch");
    let relation = row.get("relation").parse::<Relation>().ok().filter(|r| *r != Relation::Development);
    let relation = check.take(row, relation.ok_or_else(|| Problem::new("relation", "unknown_choice")));
    let from = day(check, row, "from");
    let until = optional_day(check, row, "until");
    let (true, Some(person), Some(branch), Some(relation), Some(from)) =
        (check.problems.len() == before, person, branch, relation, from)
    else {
        return;
    };
    let period = Period::new(from, until).ok_or_else(|| Problem::new("until", "end_before_start"));
    let Some(period) = check.take(row, period) else { return };
    let new = Membership { id: check.id(check.now), person: person.id, branch, relation, period };
    if check.take(row, check_new(&check.plan.party.held(person.id), &new)).is_some() {
        // The record lies with the branch: who is a member is not the records' to tell.
        check.record(row.file, row.line, "organisation", branch, "");
        check.plan.party.add(new);
    }
}

fn step<'r>(check: &mut Check<'_>, known: &Known, row: &'r Row) -> Option<Told<'r>> {
    let before = check.problems.len();
    let person = check.member(row, "person", Some(MemberKind::Person));
    let branch = known.branch(check, row, "branch");
    let on = day(check, row, "on");
    let notice_from = optional_day(check, row, "notice_from");
    let written = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let form = StepForm {
        step: row.text("step"),
        on: written(on),
        notice_from: written(notice_from),
        days: row.text("days"),
        class_hours: row.text("class_hours"),
        entitled: row.text("entitled"),
        present: row.text("present"),
        in_favour: row.text("in_favour"),
        against: row.text("against"),
        written_in_favour: row.text("written_in_favour"),
        written_against: row.text("written_against"),
        months: row.text("months"),
        stage: row.text("stage"),
        note: row.text("note"),
    };
    let step = check_step(&form).map_err(|mut problems| {
        // A bad day was told already.
        problems.0.retain(|problem| problem.field != "on" || on.is_some());
        check.problems(row, problems, &[]);
    });
    let note = check.take(row, text::lines("note", row.get("note"), NOTE_MAX));
    let (true, Some(person), Some(branch), Ok(step), Some(note)) =
        (check.problems.len() == before, person, branch, step, note)
    else {
        return None;
    };
    Some(Told { row, person: person.id, branch, step, note })
}

/// Full members whose home is a branch on a day, as the files tell it.
fn full_members(check: &Check<'_>, of: &HashMap<Uuid, Vec<Step>>, branch: Uuid, day: NaiveDate) -> u64 {
    let is_full = |m: &&Membership| {
        m.relation == Relation::Home
            && m.branch == branch
            && m.period.contains(day)
            && Development::as_of(of.get(&m.person).into_iter().flatten(), day).stage == Some(Stage::Full)
    };
    check.plan.party.memberships.iter().filter(is_full).count() as u64
}

fn take(
    check: &mut Check<'_>,
    (of, birth_date): (&HashMap<Uuid, Vec<Step>>, Option<NaiveDate>),
    taken: &mut Vec<Step>,
    told: Told<'_>,
) {
    let Told { row, person, branch, step, note } = told;
    let state = Development::of(taken.iter());
    let full = if step.kind().matter().is_some() { full_members(check, of, branch, step.on) } else { 0 };
    if check.take(row, state.check(&step, birth_date, full, check.today)).is_none() {
        return;
    }
    if !follow(check, row, (person, branch), &step, &state) {
        return;
    }
    taken.push(step);
    check.record(row.file, row.line, "organisation", branch, "");
    let position = i64::try_from(taken.len()).unwrap_or(i64::MAX);
    let (id, recorded_at) = (check.id(check.now), check.now);
    check.plan.party.steps.push(StoredStep {
        id,
        person,
        position,
        branch,
        step,
        note,
        recorded_by: None,
        recorded_at,
        taken_back: None,
    });
}

/// Lets the membership follow a step, where `party.csv` does not tell it. Tells whether it could.
fn follow(check: &mut Check<'_>, row: &Row, (person, branch): (Uuid, Uuid), step: &Step, state: &Development) -> bool {
    let on = step.on;
    let there = |m: &Membership| m.is_whole() && m.period.contains(on);
    let begins = |relation: Relation| (relation, Period::since(on));
    let begin = match (step.act, state.pending.map(|p| p.matter)) {
        (Act::Plain(StepKind::Apply), _) => Some(begins(Relation::Development)),
        (Act::TakenOver { stage }, _) if !stage.is_member() => Some(begins(Relation::Development)),
        (Act::Plain(StepKind::Approval), Some(Matter::Admission)) => Some(begins(Relation::Home)),
        _ => None,
    };
    let ends = matches!(
        (step.kind(), state.pending.map(|p| p.matter)),
        (StepKind::Withdrawal | StepKind::Removal | StepKind::Left, _)
            | (StepKind::Approval, Some(Matter::Admission | Matter::Cancellation))
    );
    if ends {
        for m in check.plan.party.held(person).iter().filter(|m| there(m)) {
            check.plan.party.save(&Membership { period: m.period.ended(on).unwrap_or(m.period), ..m.clone() });
        }
    }
    let Some((relation, period)) = begin else { return true };
    if check.plan.party.held(person).iter().any(there) {
        return true;
    }
    let new = Membership { id: check.id(check.now), person, branch, relation, period };
    let fits = check.take(row, check_new(&check.plan.party.held(person), &new)).is_some();
    if fits {
        check.plan.party.add(new);
    }
    fits
}

fn transfer(check: &mut Check<'_>, known: &Known, row: &Row) {
    let before = check.problems.len();
    let person = check.member(row, "person", Some(MemberKind::Person));
    let (from, to) = (known.branch(check, row, "from"), known.branch(check, row, "to"));
    let state = row.get("state").parse().map_err(|_| Problem::new("state", "unknown_choice"));
    let state: Option<TransferState> = check.take(row, state);
    let reason = check.take(row, text::line("reason", row.get("reason"), NOTE_MAX));
    let note = check.take(row, text::optional_line("note", row.get("note"), NOTE_MAX)).flatten().unwrap_or_default();
    let asked_on = day(check, row, "asked_on");
    let handed_over_on = optional_day(check, row, "handed_over_on");
    let decided_on = optional_day(check, row, "decided_on");
    let (true, Some(person), Some(from), Some(to), Some(state), Some(reason), Some(asked_on)) =
        (check.problems.len() == before, person, from, to, state, reason, asked_on)
    else {
        return;
    };
    let mut new = Transfer {
        id: check.id(check.now),
        person: person.id,
        from,
        to,
        state: TransferState::Asked,
        reason,
        asked_on,
        handed_over_on: None,
        decided_on: None,
        note: String::new(),
    };
    let end = match state {
        TransferState::Asked | TransferState::HandedOver => None,
        TransferState::Accepted => Some(TransferStep::Accept),
        TransferState::Declined => Some(TransferStep::Decline),
        TransferState::Withdrawn => Some(TransferStep::Withdraw),
    };
    let needs = [
        ("handed_over_on", matches!(state, TransferState::HandedOver | TransferState::Accepted), handed_over_on),
        ("decided_on", end.is_some(), decided_on),
    ];
    for (column, needed, day) in needs {
        if needed && day.is_none() {
            check.problem(row, Problem::new(column, "required"));
        }
    }
    let handed = handed_over_on.map(|on| (TransferStep::HandOver, on, String::new()));
    let ended = end.zip(decided_on).map(|(step, on)| (step, on, note));
    for (step, on, note) in handed.into_iter().chain(ended) {
        let column = if step == TransferStep::HandOver { "handed_over_on" } else { "decided_on" };
        let taken = new.take(step, &[Side::From, Side::To], on, note).map_err(|p| Problem { field: column, ..p });
        if check.take(row, taken).is_none() {
            return;
        }
    }
    if new.state == TransferState::Accepted {
        let on = new.decided_on.unwrap_or(asked_on);
        let change = moved(&new, &check.plan.party.held(new.person), check.id(check.now), on);
        let Some((old, begun)) = check.take(row, change.map_err(|p| Problem { field: "from", ..p })) else { return };
        check.plan.party.save(&old);
        check.plan.party.add(begun);
    }
    if check.problems.len() == before {
        check.record(row.file, row.line, "organisation", from, "");
        check.plan.party.transfers.push(new);
    }
}
