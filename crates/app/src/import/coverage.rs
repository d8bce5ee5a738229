//! The columns `staff` and `hosts` of `organisations.csv`, and the rows of `letters.csv`, under the same rules as in the program.

use std::collections::HashSet;

use chrono::NaiveDate;
use tongxin_core::{
    community::{
        coverage::is_enterprise,
        letter::{AppointmentLetter, LetterForm, check_letter},
    },
    invalid::{Problem, Problems},
    people::{MemberKind, check_staff_count},
    period::{BEGINNING, Period, optional_day},
};
use tongxin_store::community::hosting::Hosting;
use uuid::Uuid;

use super::{
    plan::{Check, named},
    table::Row,
};
use crate::community::letter::is_of_area;

/// What the files say of coverage.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// How many employees organisations have.
    pub staff: Vec<(Uuid, i64)>,
    /// Where branches are set up.
    pub hostings: Vec<Hosting>,
    pub letters: Vec<AppointmentLetter>,
}

/// Reads how many employees organisations have and where branches are set up; all organisations are known.
pub(super) fn organisations(check: &mut Check<'_>, rows: &[Row]) {
    for row in rows {
        let Ok(Some(organisation)) = named(&check.people, "code", row.get("code")) else { continue };
        let count = check_staff_count(row.get("staff")).map_err(|problem| Problem { field: "staff", ..problem });
        let count = check.take(row, count).flatten();
        check.plan.coverage.staff.extend(count.map(|count| (organisation.id, count)));
        let mut units = HashSet::new();
        for code in row.get("hosts").split(';').map(str::trim).filter(|code| !code.is_empty()) {
            let unit = named(&check.people, "hosts", code);
            let Some(Some(unit)) = check.take(row, unit) else { continue };
            if unit.kind != MemberKind::Organisation || unit.id == organisation.id || !units.insert(unit.id) {
                check.problem(row, Problem::new("hosts", "wrong_member_kind"));
                continue;
            }
            let period = days(check, organisation.id);
            check.plan.coverage.hostings.push(Hosting { branch: organisation.id, unit: unit.id, period });
        }
    }
}

/// From the first to the last day of an organisation.
fn days(check: &Check<'_>, organisation: Uuid) -> Period {
    let own = check.standing_days.get(&organisation);
    let (first, last) = (own.and_then(|days| days.first()), own.and_then(|days| days.last()));
    Period { from: first.map_or(BEGINNING, |days| days.from), until: last.and_then(|days| days.until) }
}

/// Checks a letter; posts and memberships are known.
pub(super) fn letter(check: &mut Check<'_>, row: &Row) {
    let enterprise = check.member(row, "enterprise", Some(MemberKind::Organisation));
    let person = check.member(row, "person", Some(MemberKind::Person));
    let form = LetterForm {
        number: row.text("number"),
        duties: row.text("duties"),
        signer: row.text("signer"),
        issued_on: row.text("issued_on"),
        from: row.text("from"),
        until: row.text("until"),
    };
    let id = check.id(check.now);
    let sides = enterprise.zip(person).map_or((Uuid::nil(), Uuid::nil()), |(e, p)| (e.id, p.id));
    let letter = check_letter(&form, id, sides, check.today).and_then(|letter| revoked(letter, row));
    let letter = match letter {
        Ok(letter) => letter,
        Err(problems) => return check.problems(row, problems, &[]),
    };
    if enterprise.is_none() || person.is_none() {
        return;
    }
    let known = &check.plan.coverage.letters;
    if known.iter().any(|other| other.number == letter.number) {
        return check.problem(row, Problem::new("number", "taken"));
    }
    match belongs(check, &letter) {
        Ok(()) => {
            check.record(row.file, row.line, "letter", id, &letter.number);
            check.plan.coverage.letters.push(letter);
        }
        Err(problem) => check.problem(row, problem),
    }
}

fn revoked(letter: AppointmentLetter, row: &Row) -> Result<AppointmentLetter, Problems> {
    match optional_day("revoked_on", row.get("revoked_on")).map_err(|problem| Problems(vec![problem]))? {
        None => Ok(letter),
        Some(day) => letter.revoke(day, row.get("revoked_reason")).map_err(|problems| {
            let column = |field| if field == "on" { "revoked_on" } else { "revoked_reason" };
            Problems(problems.0.into_iter().map(|p| Problem { field: column(p.field), ..p }).collect())
        }),
    }
}

/// Whether the enterprise is one on the day of issue, and the worker is of an organisation of its area on the first day.
fn belongs(check: &Check<'_>, letter: &AppointmentLetter) -> Result<(), Problem> {
    let on = |organisation: Uuid, day: NaiveDate| {
        check.plan.standings.iter().find(|s| s.organisation == organisation && s.period.contains(day))
    };
    let standing = on(letter.enterprise, letter.issued_on)
        .filter(|s| is_enterprise(s.kind) && s.location.area.is_some())
        .ok_or_else(|| Problem::new("enterprise", "letter_no_enterprise"))?;
    let first = letter.period.from;
    let posts = check.plan.appointments.iter().filter(|a| a.person == letter.person && a.period.contains(first));
    let posts = posts.filter_map(|a| check.plan.posts.iter().find(|post| post.id == a.post)).map(|p| p.organisation);
    let memberships = check.plan.party.memberships.iter();
    let branches = memberships.filter(|m| m.person == letter.person && m.period.contains(first)).map(|m| m.branch);
    let is_one = posts
        .chain(branches)
        .filter_map(|organisation| on(organisation, first))
        .any(|s| s.location.area == standing.location.area && is_of_area(s.kind));
    if is_one { Ok(()) } else { Err(Problem::new("person", "letter_not_of_area")) }
}
