//! What a step does to where the person belongs, and how a step that was entered by mistake is taken back: the last one
//! alone, and only while the person still belongs where the step left it.

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::{Act, Matter, Step, StepKind};
use crate::{
    invalid::Problem,
    people::membership::{Membership, Relation, check_new},
    period::Period,
};

/// A change of where a person belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A membership begins.
    Begin(Membership),
    /// A membership becomes another under its identifier.
    Become(Membership),
    /// A membership never was.
    Void(Uuid),
}

/// The memberships with the changes made.
#[must_use]
pub fn changed(mut held: Vec<Membership>, changes: &[Change]) -> Vec<Membership> {
    for change in changes {
        match change {
            Change::Begin(new) => held.push(new.clone()),
            Change::Become(new) => held.iter_mut().filter(|m| m.id == new.id).for_each(|m| *m = new.clone()),
            Change::Void(id) => held.retain(|m| m.id != *id),
        }
    }
    held
}

/// What a step of `branch` that was checked does to the person's memberships. `new` is a membership of the branch for the
/// case that one begins: its relation and days are set here; `matter` is that of the resolution that waited before the step.
///
/// # Errors
/// Those of [`check_new`].
pub fn follow(
    held: &[Membership],
    (step, matter): (&Step, Option<Matter>),
    new: &Membership,
    today: NaiveDate,
) -> Result<Vec<Change>, Problem> {
    let fresh =
        |relation: Relation, from: NaiveDate| Membership { relation, period: Period::since(from), ..new.clone() };
    let join = |new: Membership| check_new(held, &new).map(|()| vec![Change::Begin(new)]);
    match (step.act, matter) {
        (Act::Plain(StepKind::Apply), _) => join(fresh(Relation::Development, step.on)),
        (Act::TakenOver { stage }, _) => {
            join(fresh(if stage.is_member() { Relation::Home } else { Relation::Development }, today))
        }
        (Act::Plain(StepKind::Approval), Some(Matter::Admission)) => {
            let Some(development) = held.iter().find(|m| m.is_whole() && m.period.contains(today)) else {
                return Ok(Vec::new());
            };
            Ok(match development.period.ended(step.on) {
                Some(period) => vec![
                    Change::Become(Membership { period, ..development.clone() }),
                    Change::Begin(fresh(Relation::Home, step.on)),
                ],
                // Admitted on the day on which it came: it was never there in development.
                None => vec![Change::Become(Membership { relation: Relation::Home, ..development.clone() })],
            })
        }
        _ => {
            let Some(whole_only) = ends(step, matter) else { return Ok(Vec::new()) };
            let last = held.iter().filter(|m| m.period.until.is_none() && (m.is_whole() || !whole_only));
            Ok(last.map(|m| Change::Become(Membership { period: ended(m.period, step.on), ..m.clone() })).collect())
        }
    }
}

/// Whether a step ends memberships: all of them, or the whole one only.
fn ends(step: &Step, matter: Option<Matter>) -> Option<bool> {
    match (step.act, matter) {
        (Act::Plain(StepKind::Withdrawal | StepKind::Removal), _)
        | (Act::Plain(StepKind::Approval), Some(Matter::Cancellation)) => Some(true),
        (Act::Plain(StepKind::Left), _) => Some(false),
        _ => None,
    }
}

/// A period, ended on a day; one that began on it or later lasted one day.
fn ended(period: Period, on: NaiveDate) -> Period {
    period.ended(on).unwrap_or(Period { until: period.from.checked_add_days(Days::new(1)), ..period })
}

/// A person's step, as far as taking one back asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its identifier.
    pub id: Uuid,
    /// Whether it was taken back.
    pub taken_back: bool,
}

/// Checks that a step is the last that stands, of the person's steps in their order.
///
/// # Errors
/// `party_step_taken_back` when it was taken back already, `party_step_not_last` when a later step stands on it.
pub fn check_last(steps: impl IntoIterator<Item = Standing>, id: Uuid) -> Result<(), Problem> {
    let mut last = None;
    for step in steps {
        if step.id == id && step.taken_back {
            return Err(Problem::new("step", "party_step_taken_back"));
        }
        if !step.taken_back {
            last = Some(step.id);
        }
    }
    if last == Some(id) { Ok(()) } else { Err(Problem::new("step", "party_step_not_last")) }
}

/// The changes that undo what [`follow`] did for a step of `branch`, recorded on a day; `matter` as there. A registration that
/// ended on the day on which the person left is taken to have ended with the step.
///
/// # Errors
/// `party_moved_since` when the person no longer belongs where the step left it; those of [`check_new`] when something came
/// in the place of what the step ended.
pub fn unfollow(
    held: &[Membership],
    (step, matter): (&Step, Option<Matter>),
    branch: Uuid,
    recorded_on: NaiveDate,
) -> Result<Vec<Change>, Problem> {
    let moved = || Problem::new("step", "party_moved_since");
    let begun = |test: &dyn Fn(&Membership) -> bool| {
        held.iter().find(|m| m.is_whole() && m.branch == branch && m.period.until.is_none() && test(m))
    };
    match (step.act, matter) {
        (Act::Plain(StepKind::Apply), _) => {
            let came = begun(&|m| m.relation == Relation::Development && m.period.from == step.on);
            Ok(vec![Change::Void(came.ok_or_else(moved)?.id)])
        }
        (Act::TakenOver { .. }, _) => {
            Ok(vec![Change::Void(begun(&|m| m.period.from == recorded_on).ok_or_else(moved)?.id)])
        }
        (Act::Plain(StepKind::Approval), Some(Matter::Admission)) => {
            let later = |m: &&Membership| m.is_whole() && m.period.until.is_none_or(|until| step.on < until);
            if !held.iter().any(|m| later(&m)) {
                return Ok(Vec::new());
            }
            let home = begun(&|m| m.relation == Relation::Home && step.on <= m.period.from).ok_or_else(moved)?;
            let before = held
                .iter()
                .find(|m| m.relation == Relation::Development && m.branch == branch && m.period.until == Some(step.on));
            Ok(match before.filter(|_| home.period.from == step.on) {
                Some(before) => {
                    let period = Period::since(before.period.from);
                    vec![Change::Void(home.id), Change::Become(Membership { period, ..before.clone() })]
                }
                None => vec![Change::Become(Membership { relation: Relation::Development, ..home.clone() })],
            })
        }
        _ => match ends(step, matter) {
            Some(whole_only) => reopened(held, whole_only, branch, step.on),
            None => Ok(Vec::new()),
        },
    }
}

/// The memberships that ended on a day, lasting again.
fn reopened(held: &[Membership], whole_only: bool, branch: Uuid, on: NaiveDate) -> Result<Vec<Change>, Problem> {
    let (mut after, mut changes) = (held.to_vec(), Vec::new());
    for m in held {
        let open = Period::since(m.period.from);
        let theirs = if m.is_whole() { m.branch == branch } else { !whole_only };
        if !theirs || m.period.until != ended(open, on).until {
            continue;
        }
        let again = Membership { period: open, ..m.clone() };
        after.retain(|other| other.id != again.id);
        check_new(&after, &again)?;
        after.push(again.clone());
        changes.push(Change::Become(again));
    }
    Ok(changes)
}
