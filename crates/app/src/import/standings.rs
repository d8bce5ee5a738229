//! How organisations stand in line and territory: the columns of `organisations.csv` that say so, and `standings.csv`, whose
//! rows tell the history of an organisation and replace what its own row says.

use std::collections::HashMap;

use tongxin_core::{
    community::{
        history::{History, StandingForm, check_standing},
        structure::Standing,
    },
    people::{MemberDetails, MemberKind},
    period::BEGINNING,
};
use tongxin_store::people::Member;
use uuid::Uuid;

use super::{plan::Check, table::Row};

/// Checks how all organisations stand, by themselves and with each other.
pub(super) fn read(check: &mut Check<'_>, organisations: &[Row], history: &[Row]) {
    let members: HashMap<Uuid, Member> = check.plan.members.iter().map(|m| (m.id, m.clone())).collect();
    let known = |check: &Check<'_>, code: &str| check.people.get(code).and_then(|named| named.found).map(|m| m.id);
    let mut of: HashMap<Uuid, Vec<Standing>> = HashMap::new();
    let mut told: HashMap<Uuid, &Row> = HashMap::new();
    for row in history {
        let Some(organisation) = check.member(row, "organisation", Some(MemberKind::Organisation)) else { continue };
        let Some(member) = members.get(&organisation.id) else { continue };
        told.entry(organisation.id).or_insert(row);
        if let Some(standing) = standing(check, row, member) {
            check.record(row.file, row.line, "organisation", organisation.id, row.get("organisation"));
            of.entry(organisation.id).or_default().push(standing);
        }
    }
    for row in organisations {
        let Some(member) = known(check, row.get("code")).and_then(|id| members.get(&id)) else { continue };
        if told.contains_key(&member.id) {
            continue;
        }
        told.insert(member.id, row);
        if let Some(standing) = standing(check, row, member) {
            of.entry(member.id).or_default().push(standing);
        }
    }
    let history = History::new(of.into_values().flatten());
    let mut told: Vec<(Uuid, &Row)> = told.into_iter().collect();
    told.sort_unstable_by_key(|(_, row)| (row.file, row.line));
    for (id, row) in told {
        if history.of(id).is_empty() {
            continue;
        }
        if let Err(fault) = history.check(id) {
            let name = |id: Uuid| members.get(&id).map(|m| m.draft.name.clone()).unwrap_or_default();
            check.problem(row, fault.problem(name));
        }
        check.standing_days.insert(id, history.of(id).iter().map(|s| s.period).collect());
        check.plan.standings.extend(history.of(id).iter().cloned());
    }
}

/// The standing that a row tells; what it leaves empty of name, kind and place is as in the organisation's own row.
fn standing(check: &mut Check<'_>, row: &Row, member: &Member) -> Option<Standing> {
    let MemberDetails::Organisation { kind, .. } = &member.draft.details else { return None };
    let or = |column: &str, own: &str| if row.get(column).is_empty() { own.to_owned() } else { row.text(column) };
    let line = match row.get("line") {
        "" => None,
        _ => Some(check.member(row, "line", Some(MemberKind::Organisation))?.id),
    };
    let location = if row.get("place").is_empty() { member.location } else { check.place(row)? };
    let form = StandingForm {
        name: or("name", &member.draft.name),
        kind: or("kind", kind.code()),
        line_outside: row.text("line_outside"),
        from: row.text("from"),
        until: row.text("until"),
    };
    match check_standing(&form, (member.id, line, location), BEGINNING) {
        Ok(standing) => Some(standing),
        Err(problems) => {
            check.problems(row, problems, &[]);
            None
        }
    }
}

/// A standing whose organisation's own row may say otherwise: of one that ends, or that has several.
pub(super) fn needs_to_follow(standings: &[Standing]) -> bool {
    standings.len() > 1 || standings.iter().any(|s| s.period.until.is_some())
}
