//! What an import will write, and the checking that leads there.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::json;
use tongxin_core::{
    community::{
        Location, Place,
        post::{Appointment, CrossRequirement, Delegation, Post},
        structure::Standing,
    },
    invalid::{Problem, Problems},
    people::MemberKind,
    period::Period,
    service::{Delivery, Intent, Side},
    text,
};
use tongxin_store::{
    community::{Community, reorganisation::Reorganisation},
    identity::Account,
    people::Member,
    record::NewRecord,
    service::matches::StoredMatch,
};
use uuid::Uuid;

use super::{
    COMMUNITY, Files, ImportError, RowProblem, coverage, history, members, party, posts, reorganisation, service,
    standings,
    table::{self, Row, Shape},
    territory, times,
};
use crate::Outside;

/// The longest code, in characters.
const CODE_MAX: usize = 40;

/// Everything that will be written.
pub(super) struct Plan {
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    pub community: Community,
    /// Places with their residential area, each after the one that it lies in.
    pub places: Vec<(Place, Option<Uuid>)>,
    pub members: Vec<Member>,
    /// How the organisations stand, those of one together.
    pub standings: Vec<Standing>,
    pub posts: Vec<Post>,
    pub appointments: Vec<Appointment>,
    /// Required cross appointments.
    pub cross: Vec<CrossRequirement>,
    pub delegations: Vec<Delegation>,
    pub reorganisations: Vec<Reorganisation>,
    /// Party members, their steps and transfers.
    pub party: party::Party,
    pub coverage: coverage::Coverage,
    /// Accounts whose hash is still missing, with the password.
    pub accounts: Vec<(Account, String)>,
    pub intents: Vec<(Intent, Option<String>)>,
    pub matches: Vec<(StoredMatch, Option<Delivery>)>,
    pub records: Vec<NewRecord>,
    /// How many rows each file has, in the order of reading.
    pub counts: Vec<(&'static str, u64)>,
}

/// A thing that a code names, as far as it is known. A row with problems still has its code.
pub(super) struct Named<T> {
    pub line: u64,
    pub found: Option<T>,
}

/// A member that a row can name.
#[derive(Clone, Copy)]
pub(super) struct NamedMember {
    pub id: Uuid,
    pub kind: MemberKind,
}

/// A need or an offer that a match can name. The raw texts let a match be checked even when the row has problems.
pub(super) struct NamedIntent {
    pub side: Side,
    pub line: u64,
    pub member: String,
    pub category: String,
    /// Its position among the intents, when its row is right.
    pub at: Option<usize>,
    /// The state that the row states.
    pub stated: Option<tongxin_core::service::IntentState>,
    /// A match that names it has problems: what follows for its state can't be told.
    pub doubtful: bool,
}

/// The checking as it goes on: what is known so far, and what is wrong.
pub(super) struct Check<'a> {
    pub outside: &'a Outside,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    pub zone: Tz,
    pub problems: Vec<RowProblem>,
    pub places: HashMap<String, Named<Location>>,
    pub people: HashMap<String, Named<NamedMember>>,
    /// The days in which an organisation is there, for those of which a file tells them; any other was always there.
    pub standing_days: HashMap<Uuid, Vec<Period>>,
    /// Posts, by their position in the plan.
    pub posts: HashMap<String, Named<usize>>,
    /// The positions of the appointments to each post.
    pub holders: HashMap<Uuid, Vec<usize>>,
    pub logins: HashMap<String, Named<Uuid>>,
    pub intents: HashMap<String, NamedIntent>,
    pub plan: Plan,
}

impl Plan {
    /// Reads and checks all files.
    ///
    /// # Errors
    /// [`ImportError::Problems`] with every problem of every row.
    pub fn read(files: &dyn Files, outside: &Outside) -> Result<Self, ImportError> {
        let now = outside.clock.now();
        let mut problems = Vec::new();
        let (community, zone) = community(files, outside, now, &mut problems)?;
        let today = now.with_timezone(&zone).date_naive();
        let mut check = Check {
            outside,
            now,
            today,
            zone,
            problems,
            places: HashMap::new(),
            people: HashMap::new(),
            standing_days: HashMap::new(),
            posts: HashMap::new(),
            holders: HashMap::new(),
            logins: HashMap::new(),
            intents: HashMap::new(),
            plan: Self::new(now, today, community),
        };
        let id = check.plan.community.id;
        check.record(COMMUNITY, 1, "community", id, "");
        check.plan.counts.push((COMMUNITY, 1));

        let rows = |check: &mut Check<'_>, shape: &Shape| -> Result<Option<Vec<Row>>, ImportError> {
            let rows = table::rows(files, shape, &mut check.problems)?;
            if let Some(rows) = &rows {
                check.plan.counts.push((shape.file, rows.len() as u64));
            }
            Ok(rows)
        };
        let places = rows(&mut check, &table::PLACES)?;
        territory::places(&mut check, places);
        let organisations = rows(&mut check, &table::ORGANISATIONS)?.unwrap_or_default();
        for row in &organisations {
            members::member(&mut check, MemberKind::Organisation, row);
        }
        let history = rows(&mut check, &table::STANDINGS)?.unwrap_or_default();
        standings::read(&mut check, &organisations, &history);
        coverage::organisations(&mut check, &organisations);
        for row in rows(&mut check, &table::PERSONS)?.unwrap_or_default() {
            members::member(&mut check, MemberKind::Person, &row);
        }
        let members = rows(&mut check, &table::PARTY)?.unwrap_or_default();
        let steps = rows(&mut check, &table::PARTY_STEPS)?.unwrap_or_default();
        let transfers = rows(&mut check, &table::TRANSFERS)?.unwrap_or_default();
        party::read(&mut check, &members, &steps, &transfers);
        for row in rows(&mut check, &table::POSTS)?.unwrap_or_default() {
            posts::post(&mut check, &row);
        }
        for row in rows(&mut check, &table::APPOINTMENTS)?.unwrap_or_default() {
            posts::appointment(&mut check, &row);
        }
        for row in rows(&mut check, &table::CROSS)?.unwrap_or_default() {
            posts::cross(&mut check, &row);
        }
        for row in rows(&mut check, &table::DELEGATIONS)?.unwrap_or_default() {
            posts::delegation(&mut check, &row);
        }
        let reorganisations = rows(&mut check, &table::REORGANISATIONS)?.unwrap_or_default();
        let steps = rows(&mut check, &table::REORGANISATION_STEPS)?.unwrap_or_default();
        reorganisation::read(&mut check, &reorganisations, &steps);
        for row in rows(&mut check, &table::LETTERS)?.unwrap_or_default() {
            coverage::letter(&mut check, &row);
        }
        for row in rows(&mut check, &table::ACCOUNTS)?.unwrap_or_default() {
            members::account(&mut check, &row);
        }
        for row in rows(&mut check, &table::NEEDS)?.unwrap_or_default() {
            service::intent(&mut check, Side::Need, &row);
        }
        for row in rows(&mut check, &table::OFFERS)?.unwrap_or_default() {
            service::intent(&mut check, Side::Offer, &row);
        }
        let matches = rows(&mut check, &table::MATCHES)?.unwrap_or_default();
        history::play(&mut check, matches);
        check.finish()
    }

    fn new(now: DateTime<Utc>, today: NaiveDate, community: Community) -> Self {
        Self {
            now,
            today,
            community,
            places: Vec::new(),
            members: Vec::new(),
            standings: Vec::new(),
            posts: Vec::new(),
            appointments: Vec::new(),
            cross: Vec::new(),
            delegations: Vec::new(),
            reorganisations: Vec::new(),
            party: party::Party::default(),
            coverage: coverage::Coverage::default(),
            accounts: Vec::new(),
            intents: Vec::new(),
            matches: Vec::new(),
            records: Vec::new(),
            counts: Vec::new(),
        }
    }
}

impl Check<'_> {
    /// Notes a problem of a row; the value is what stands in its column.
    pub fn problem(&mut self, row: &Row, mut problem: Problem) {
        if problem.code == "unknown_choice" {
            problem.args.extend(table::allowed(row.file, problem.field).map(|codes| ("allowed", codes)));
        }
        let value = row.text(problem.field);
        self.problems.push(RowProblem { value, ..RowProblem::new(row.file, row.line, problem) });
    }

    /// Notes the problems that a check of the core found, its field names changed to the file's columns.
    pub fn problems(&mut self, row: &Row, problems: Problems, columns: &[(&'static str, &'static str)]) {
        for mut problem in problems.0 {
            if let Some((_, column)) = columns.iter().find(|(field, _)| *field == problem.field) {
                problem.field = column;
            }
            self.problem(row, problem);
        }
    }

    /// Keeps the value, or notes the problem.
    pub fn take<T>(&mut self, row: &Row, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problem(row, problem)).ok()
    }

    /// The code of a row.
    pub fn code(&mut self, row: &Row) -> Option<String> {
        self.take(row, text::line("code", row.get("code"), CODE_MAX))
    }

    /// The location that a column names.
    pub fn place(&mut self, row: &Row) -> Option<Location> {
        let found = named(&self.places, "place", row.get("place"));
        self.take(row, found)?
    }

    /// The member that a column names. None also when that member's own row has problems.
    pub fn member(&mut self, row: &Row, column: &'static str, kind: Option<MemberKind>) -> Option<NamedMember> {
        let found = named(&self.people, column, row.get(column));
        let member = self.take(row, found)??;
        if kind.is_some_and(|kind| kind != member.kind) {
            self.problem(row, Problem::new(column, "wrong_member_kind"));
            return None;
        }
        Some(member)
    }

    /// The instant of a column; none when the column is empty.
    pub fn time(&mut self, row: &Row, column: &'static str) -> Option<DateTime<Utc>> {
        if row.get(column).is_empty() {
            return None;
        }
        let at = times::instant(row.get(column), self.today, self.zone).ok_or_else(|| Problem::new(column, "bad_time"));
        self.take(row, at)
    }

    /// The instant of a column that is not later than the import.
    pub fn past_time(&mut self, row: &Row, column: &'static str) -> Option<DateTime<Utc>> {
        let at = self.time(row, column)?;
        if at > self.now {
            self.problem(row, Problem::new(column, "in_the_future"));
            return None;
        }
        Some(at)
    }

    /// A new id that sorts by `at`.
    pub fn id(&self, at: DateTime<Utc>) -> Uuid {
        self.outside.ids.next(at)
    }

    /// The record of one imported row.
    pub fn record(&mut self, file: &str, line: u64, kind: &str, subject: Uuid, code: &str) {
        let word = file.split('.').next().unwrap_or(file);
        self.plan.records.push(NewRecord {
            at: self.now,
            account: None,
            capacity: "system".to_owned(),
            action: format!("import.{word}"),
            subject_kind: kind.to_owned(),
            subject,
            data: json!({ "file": file, "line": line, "code": code }).to_string(),
        });
    }

    fn finish(mut self) -> Result<Plan, ImportError> {
        if self.problems.is_empty() {
            return Ok(self.plan);
        }
        let rank = |file: &str| table::ORDER.iter().position(|f| *f == file);
        self.problems.sort_by_key(|p| (rank(p.file), p.line));
        Err(ImportError::Problems(self.problems))
    }
}

/// What `code` names: an error when nothing does, nothing when its own row has problems.
pub(super) fn named<T: Copy>(
    all: &HashMap<String, Named<T>>,
    column: &'static str,
    code: &str,
) -> Result<Option<T>, Problem> {
    if code.is_empty() {
        return Err(Problem::new(column, "required"));
    }
    all.get(code).map(|named| named.found).ok_or_else(|| Problem::new(column, "unknown_reference"))
}

/// `community.toml`.
fn community(
    files: &dyn Files,
    outside: &Outside,
    now: DateTime<Utc>,
    problems: &mut Vec<RowProblem>,
) -> Result<(Community, Tz), ImportError> {
    let text = table::text(files, COMMUNITY, problems)?.ok_or(ImportError::NoCommunity)?;
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
            let line = before.matches('\n').count() as u64 + 1;
            let mut problem = table::whole_row(COMMUNITY, line, "bad_toml", "");
            problem.value = error.message().to_owned();
            return Err(ImportError::Problems(vec![problem]));
        }
    };
    let line_of = |key: &str| {
        let at = text.lines().position(|line| line.trim_start().starts_with(key));
        at.map_or(1, |at| at as u64 + 1)
    };
    for key in table.keys().filter(|key| !["code", "name", "name_en", "time_zone"].contains(&key.as_str())) {
        problems.push(table::whole_row(COMMUNITY, line_of(key), "unknown_column", key));
    }
    let mut line = |field: &'static str, max: usize| {
        let raw = table.get(field).and_then(toml::Value::as_str).unwrap_or_default();
        text::line(field, raw, max).unwrap_or_else(|problem| {
            problems.push(RowProblem { value: raw.to_owned(), ..RowProblem::new(COMMUNITY, line_of(field), problem) });
            String::new()
        })
    };
    let (code, name, name_en, time_zone) =
        (line("code", CODE_MAX), line("name", 60), line("name_en", 60), line("time_zone", 60));
    let zone = time_zone.parse::<Tz>().unwrap_or_else(|_| {
        if !time_zone.is_empty() {
            let problem = Problem::new("time_zone", "unknown_choice");
            problems.push(RowProblem {
                value: time_zone.clone(),
                ..RowProblem::new(COMMUNITY, line_of("time_zone"), problem)
            });
        }
        Tz::UTC
    });
    Ok((Community { id: outside.ids.next(now), code, name, name_en, time_zone }, zone))
}
