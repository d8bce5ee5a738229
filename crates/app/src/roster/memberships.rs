//! Rows of Party memberships. Sensitive: only for who may keep the members of the branch.

use std::collections::HashMap;

use serde_json::json;
use tongxin_core::{
    invalid::Problem,
    people::MemberDetails,
    people::membership::{Membership, Relation, check_new, holds_members},
    period::Period,
    roster::{Field, Outcome, read_day},
};
use tongxin_store::{ConnectionTrait, Tx, people::party as store, record::NewRecord};
use uuid::Uuid;

use super::{
    Change, RosterRow,
    check::{Cells, Ground, Planned, Write as AnyWrite},
    lookup::{Lookup, Person},
    undo::Wrote,
};
use crate::{App, Result, record::Author};

/// A membership that a row adds or changes.
pub(super) struct Write {
    pub membership: Membership,
    pub exists: bool,
}

/// Plans rows of memberships. Gives also the persons whose memberships were read.
pub(super) async fn plan(
    ground: &Ground<'_>,
    c: &impl ConnectionTrait,
    rows: &[RosterRow],
) -> Result<(Vec<Planned>, Vec<Uuid>)> {
    let lookup = Lookup::load(ground, c, rows, Field::Branch, "EditPartyMembers").await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = Cells::new(ground, row);
        let branch = lookup.organisation(&mut cells, Field::Branch);
        let branch = branch.filter(|branch| {
            let holds =
                matches!(&branch.draft.details, MemberDetails::Organisation { kind, .. } if holds_members(*kind));
            if !holds {
                cells.problem(Problem::new("branch", "no_party_branch"));
            }
            holds
        });
        if cells.get(Field::Person).is_none() {
            cells.problem(Problem::new("person", "required"));
        }
        let person = lookup.person(ground, &mut cells);
        found.push((cells, branch, person));
    }
    // Only of persons whose row names a branch that the importer keeps.
    let persons: Vec<Uuid> = found
        .iter()
        .filter_map(|(_, branch, person)| match (branch, person) {
            (Some(_), Person::One(person)) => Some(person.id),
            _ => None,
        })
        .collect();
    let mut existing: HashMap<Uuid, Vec<Membership>> = HashMap::new();
    for membership in store::memberships_of(c, ground.community(), &persons).await? {
        existing.entry(membership.person).or_default().push(membership);
    }
    let mut planned = Vec::with_capacity(found.len());
    for (mut cells, branch, person) in found {
        let (relation, from, until) = said(&mut cells);
        let row = match (branch, person) {
            (_, Person::Asked) => cells.end(Outcome::Asked, None),
            (Some(branch), Person::One(person)) => {
                cells.detail.subject = Some(person.id);
                let all = existing.entry(person.id).or_default();
                let names = [person.draft.name.as_str(), branch.draft.name.as_str()];
                match (relation, from, until) {
                    (Some(relation), Some(from), Some(until)) => {
                        let wanted = Wanted { person: person.id, branch: branch.id, relation, from, until };
                        one(ground, cells, &wanted, names, all)
                    }
                    _ => cells.end(Outcome::Refused, None),
                }
            }
            _ => cells.end(Outcome::Refused, None),
        };
        planned.push(row);
    }
    Ok((planned, persons))
}

type Day = Option<chrono::NaiveDate>;

/// How, from when, until when; home when the row does not say how.
fn said(cells: &mut Cells<'_>) -> (Option<Relation>, Option<Day>, Option<Day>) {
    let relation = match cells.code(Field::Relation) {
        None => Some(Relation::Home),
        Some(code) => cells.take(code.parse().map_err(|_| Problem::new("relation", "unknown_choice"))),
    };
    let from = day(cells, Field::From);
    let until = day(cells, Field::Until);
    (relation, from, until)
}

/// An optional day of a column.
pub(super) fn day(cells: &mut Cells<'_>, field: Field) -> Option<Day> {
    match cells.get(field) {
        None => Some(None),
        Some(cell) => cells.take(read_day(cell).map(Some).ok_or_else(|| Problem::new(field.code(), "bad_date"))),
    }
}

struct Wanted {
    person: Uuid,
    branch: Uuid,
    relation: Relation,
    from: Day,
    until: Day,
}

/// Plans one membership against those that the person has.
fn one(
    ground: &Ground<'_>,
    mut cells: Cells<'_>,
    wanted: &Wanted,
    [person, branch]: [&str; 2],
    all: &mut Vec<Membership>,
) -> Planned {
    let same = |m: &&Membership| m.branch == wanted.branch && m.relation == wanted.relation;
    let lasting = all
        .iter()
        .filter(same)
        .find(|m| wanted.from.is_none_or(|from| m.period.from == from || m.period.contains(from)));
    let old = lasting.cloned();
    let Some(from) = wanted.from.or(old.as_ref().map(|m| m.period.from)) else {
        cells.problem(Problem::new("from", "required"));
        return cells.end(Outcome::Refused, None);
    };
    let until = wanted.until.or(old.as_ref().and_then(|m| m.period.until));
    let Some(period) = Period::new(from, until) else {
        cells.problem(Problem::new("until", "end_before_start"));
        return cells.end(Outcome::Refused, None);
    };
    let id = old.as_ref().map_or_else(|| ground.app.new_id(), |m| m.id);
    let new = Membership { id, person: wanted.person, branch: wanted.branch, relation: wanted.relation, period };
    let others: Vec<Membership> = all.iter().filter(|m| m.id != id).cloned().collect();
    cells.take(check_new(&others, &new));
    let text = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let before = |value: &str| if old.is_some() { value.to_owned() } else { String::new() };
    let old_until = old.as_ref().and_then(|m| m.period.until);
    let changes = [
        Change { field: Field::Person, before: before(person), after: person.to_owned() },
        Change { field: Field::Branch, before: before(branch), after: branch.to_owned() },
        Change {
            field: Field::Relation,
            before: before(wanted.relation.code()),
            after: wanted.relation.code().to_owned(),
        },
        Change { field: Field::From, before: text(old.as_ref().map(|m| m.period.from)), after: text(Some(from)) },
        Change { field: Field::Until, before: text(old_until), after: text(until) },
    ];
    cells.detail.changes = changes.into_iter().filter(|change| change.before != change.after).collect();
    cells.detail.wrote = vec![Wrote::Membership { before: old.clone(), after: new.clone() }];
    let outcome = match (&old, cells.detail.changes.is_empty()) {
        (None, _) => Outcome::New,
        (Some(_), true) => Outcome::Unchanged,
        (Some(_), false) => Outcome::Updated,
    };
    let write = (outcome != Outcome::Unchanged)
        .then(|| AnyWrite::Membership(Write { membership: new.clone(), exists: old.is_some() }));
    let planned = cells.end(outcome, write);
    // The next row of the same person meets what this one leaves.
    if planned.write.is_some() {
        all.retain(|m| m.id != id);
        all.push(new);
    }
    planned
}

/// Writes memberships.
pub(super) async fn write(app: &App, tx: &Tx, writes: &[&Write], done: impl Fn(u64)) -> Result<()> {
    let community = app.community_id();
    // Those that end first: a home that ends makes room for the next one.
    for write in writes.iter().filter(|write| write.exists) {
        store::save_membership(tx, community, &write.membership).await?;
        done(1);
    }
    let new: Vec<Membership> = writes.iter().filter(|w| !w.exists).map(|w| w.membership.clone()).collect();
    store::insert_memberships(tx, community, &new).await?;
    done(new.len() as u64);
    Ok(())
}

/// The record of a written membership.
pub(super) fn record(app: &App, author: &Author, planned: &Planned, roster: Uuid) -> Option<NewRecord> {
    let Some(AnyWrite::Membership(write)) = &planned.write else { return None };
    let data = json!({ "roster": roster, "line": planned.row.line, "outcome": planned.outcome, "membership": write.membership });
    Some(app.new_record(author, "import.memberships", "member", write.membership.person, &data))
}
