//! The rows of `reorganisations.csv` and `reorganisation_steps.csv`. One that is in force tells nothing new: what
//! `organisations.csv` and `standings.csv` say of its day must be what its steps make of the day before.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use tongxin_core::{
    community::{
        Location, OrganisationKind,
        post::Post,
        reorganisation::{NewOrganisation, Plan, ReorganisationState, Step, plan},
        structure::{Standing, Structure},
    },
    invalid::Problem,
    people::{MemberKind, NAME_MAX},
    period::Period,
    text,
};
use tongxin_store::community::reorganisation::Reorganisation;
use uuid::Uuid;

use super::{
    plan::{Check, named},
    table::Row,
};
use crate::community::reorganisation::{TEXT_MAX, TITLE_MAX};

/// A reorganisation whose steps are being read.
struct Reading<'a> {
    row: &'a Row,
    stored: Reorganisation,
    /// Organisations that a draft makes, by the code that its steps give them.
    made: HashMap<String, NewOrganisation>,
    /// Whether all rows so far are right.
    good: bool,
}

/// Checks all reorganisations and their steps.
pub(super) fn read(check: &mut Check<'_>, rows: &[Row], steps: &[Row]) {
    let mut all: Vec<Reading<'_>> = Vec::new();
    let mut codes: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let before = check.problems.len();
        let stored = head(check, row);
        let Some(code) = check.code(row) else { continue };
        if let Some(first) = codes.get(&code).and_then(|at| all.get(*at)).map(|first| first.row.line) {
            check.problem(row, Problem::new("code", "duplicate").with("line", first));
            continue;
        }
        codes.insert(code, all.len());
        all.push(Reading { row, stored, made: HashMap::new(), good: check.problems.len() == before });
    }
    for row in steps {
        let code = row.get("reorganisation");
        let found = codes.get(code).and_then(|at| all.get_mut(*at));
        let Some(reading) = found else {
            let code = if code.is_empty() { "required" } else { "unknown_reference" };
            check.problem(row, Problem::new("reorganisation", code));
            continue;
        };
        match step(check, row, reading) {
            Some(step) => {
                check.record(row.file, row.line, "reorganisation", reading.stored.id, code);
                reading.stored.steps.push(step);
            }
            None => reading.good = false,
        }
    }
    for reading in all.into_iter().filter(|reading| reading.good) {
        if reading.stored.state == ReorganisationState::InForce && !in_force(check, reading.row, &reading.stored) {
            continue;
        }
        check.record(reading.row.file, reading.row.line, "reorganisation", reading.stored.id, reading.row.get("code"));
        check.plan.reorganisations.push(reading.stored);
    }
}

fn head(check: &mut Check<'_>, row: &Row) -> Reorganisation {
    let title = check.take(row, text::line("title", row.get("title"), TITLE_MAX)).unwrap_or_default();
    let words = check.take(row, text::lines("text", row.get("text"), TEXT_MAX)).unwrap_or_default();
    let day = row.get("effective_on").parse().map_err(|_| Problem::new("effective_on", "bad_date"));
    let effective_on: NaiveDate = check.take(row, day).unwrap_or(check.today);
    let state = row.get("state").parse().map_err(|_| Problem::new("state", "unknown_choice"));
    let state = check.take(row, state).unwrap_or(ReorganisationState::Draft);
    Reorganisation {
        id: check.id(check.now),
        title,
        text: words,
        effective_on,
        state,
        steps: Vec::new(),
        created_by: None,
        created_at: check.now,
        decided_by: None,
        decided_at: None,
    }
}

/// The organisation of a code: one that a step before makes, or one of the files.
fn organisation(
    check: &mut Check<'_>,
    row: &Row,
    column: &'static str,
    code: &str,
    made: &Reading<'_>,
) -> Option<Uuid> {
    if let Some(new) = made.made.get(code) {
        return Some(new.id);
    }
    let found = named(&check.people, column, code);
    let member = check.take(row, found)??;
    if member.kind != MemberKind::Organisation {
        check.problem(row, Problem::new(column, "wrong_member_kind"));
        return None;
    }
    Some(member.id)
}

/// The codes of a column, which are parted by semicolons.
fn codes(row: &Row, column: &str) -> Vec<String> {
    row.get(column).split(';').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

fn step(check: &mut Check<'_>, row: &Row, reading: &mut Reading<'_>) -> Option<Step> {
    let one = |check: &mut Check<'_>, column: &'static str, reading: &Reading<'_>| {
        organisation(check, row, column, row.get(column), reading)
    };
    let maybe = |check: &mut Check<'_>, column: &'static str, reading: &Reading<'_>| {
        if row.get(column).is_empty() { Some(None) } else { one(check, column, reading).map(Some) }
    };
    match row.get("step") {
        "create" => {
            let line = maybe(check, "line", reading)?;
            made(check, row, reading, "organisation", row.get("organisation"), line).map(Step::Create)
        }
        "close" => Some(Step::Close {
            organisation: one(check, "organisation", reading)?,
            heir: maybe(check, "heir", reading)?,
        }),
        "merge" => {
            let into = one(check, "into", reading)?;
            let from = codes(row, "from");
            if from.is_empty() {
                check.problem(row, Problem::new("from", "required"));
            }
            let from: Vec<Option<Uuid>> =
                from.iter().map(|code| organisation(check, row, "from", code, reading)).collect();
            Some(Step::Merge { from: from.into_iter().collect::<Option<Vec<_>>>()?, into })
        }
        "split" => {
            let organisation = one(check, "organisation", reading)?;
            let parts: Vec<Option<NewOrganisation>> =
                codes(row, "parts").iter().map(|code| made(check, row, reading, "parts", code, None)).collect();
            let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
            Some(Step::Split { organisation, parts, goes_on: row.get("goes_on") == "yes" })
        }
        "rename" => {
            let organisation = one(check, "organisation", reading)?;
            let name = check.take(row, text::line("name", row.get("name"), NAME_MAX))?;
            let kind = match row.get("kind") {
                "" => now(check, reading, organisation)?.0,
                _ => kind(check, row)?,
            };
            Some(Step::Rename { organisation, name, kind })
        }
        "move_line" => Some(Step::MoveLine {
            organisation: one(check, "organisation", reading)?,
            line: maybe(check, "line", reading)?,
        }),
        "move_place" => {
            let organisation = one(check, "organisation", reading)?;
            Some(Step::MovePlace { organisation, location: check.place(row)? })
        }
        "move_post" => Some(Step::MovePost { post: post(check, row)?, organisation: one(check, "into", reading)? }),
        "end_post" => post(check, row).map(|post| Step::EndPost { post }),
        _ => {
            check.problem(row, Problem::new("step", "unknown_choice"));
            None
        }
    }
}

fn kind(check: &mut Check<'_>, row: &Row) -> Option<OrganisationKind> {
    check.take(row, row.get("kind").parse().map_err(|_| Problem::new("kind", "unknown_choice")))
}

fn post(check: &mut Check<'_>, row: &Row) -> Option<Uuid> {
    let found = named(&check.posts, "post", row.get("post"));
    let at = check.take(row, found)??;
    check.plan.posts.get(at).map(|post| post.id)
}

/// What an organisation is on the day before a reorganisation, or how an earlier step makes it.
fn now(check: &Check<'_>, reading: &Reading<'_>, organisation: Uuid) -> Option<(OrganisationKind, Location)> {
    let eve = reading.stored.effective_on.pred_opt()?;
    let stands = |s: &&Standing| s.organisation == organisation && s.period.contains(eve);
    let standing = check.plan.standings.iter().find(stands).map(|s| (s.kind, s.location));
    let new = reading.made.values().find(|new| new.id == organisation);
    standing.or_else(|| new.map(|new| (new.kind, new.location)))
}

/// An organisation that a step makes. One of the files is as they say of the day; any other code is the draft's own, and the
/// row tells what it is. What comes out of a split is named, and is of the kind and at the place of the row or of the whole.
fn made(
    check: &mut Check<'_>,
    row: &Row,
    reading: &mut Reading<'_>,
    column: &'static str,
    code: &str,
    line: Option<Uuid>,
) -> Option<NewOrganisation> {
    if code.is_empty() {
        check.problem(row, Problem::new(column, "required"));
        return None;
    }
    let day = reading.stored.effective_on;
    if check.people.contains_key(code) {
        let id = organisation(check, row, column, code, reading)?;
        let stands = |s: &&Standing| s.organisation == id && s.period.contains(day);
        let Some(standing) = check.plan.standings.iter().find(stands) else {
            check.problem(row, Problem::new(column, "does_not_match"));
            return None;
        };
        let (name, kind, location) = (standing.name.clone(), standing.kind, standing.location);
        return Some(NewOrganisation { id, name, kind, line: standing.line, location });
    }
    let name = if column == "parts" { code } else { row.get("name") };
    let name = check.take(row, text::line("name", name, NAME_MAX))?;
    let whole = check.people.get(row.get("organisation")).and_then(|named| named.found).map(|member| member.id);
    let like = whole.and_then(|whole| now(check, reading, whole)).filter(|_| column == "parts");
    let (kind, location) = match like {
        Some(like) => like,
        None => (kind(check, row)?, check.place(row)?),
    };
    let new = NewOrganisation { id: check.id(check.now), name, kind, line, location };
    reading.made.insert(code.to_owned(), new.clone());
    Some(new)
}

/// Whether the files say of the day what the steps make of the day before; the standings that begin so are marked by it.
fn in_force(check: &mut Check<'_>, row: &Row, stored: &Reorganisation) -> bool {
    let day = stored.effective_on;
    let Some(eve) = day.pred_opt() else { return false };
    let lasting = |period: Period| period.contains(eve).then(|| Period::since(period.from));
    let history: Vec<Standing> = check
        .plan
        .standings
        .iter()
        .filter_map(|s| Some(Standing { period: lasting(s.period)?, ..s.clone() }))
        .collect();
    let posts: Vec<Post> =
        check.plan.posts.iter().filter_map(|p| Some(Post { period: lasting(p.period)?, ..p.clone() })).collect();
    let Ok(plan) = plan(day, &stored.steps, &history, &posts, stored.id) else {
        check.problem(row, Problem::new("effective_on", "faulty"));
        return false;
    };
    let told = Structure::new(day, check.plan.standings.iter().cloned());
    if let Some(name) = mismatch(&plan, &told) {
        check.problem(row, Problem::new("effective_on", "does_not_match").with("name", name));
        return false;
    }
    let touched: BTreeSet<Uuid> = plan.touched.into_iter().collect();
    let begun = check.plan.standings.iter_mut().filter(|s| s.period.from == day && touched.contains(&s.organisation));
    begun.for_each(|standing| standing.reorganisation = Some(stored.id));
    true
}

/// The name of the first organisation that stands otherwise than it should.
fn mismatch(plan: &Plan, told: &Structure) -> Option<String> {
    let said = |s: &Standing| (s.name.clone(), s.kind, s.line, s.line_outside.clone(), s.location);
    let differs = plan.touched.iter().find(|id| plan.after.get(**id).map(said) != told.get(**id).map(said))?;
    let standing = plan.after.get(*differs).or_else(|| told.get(*differs));
    Some(standing.map_or_else(String::new, |s| s.name.clone()))
}
