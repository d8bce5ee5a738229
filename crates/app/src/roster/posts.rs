//! Rows of posts, each with a person who holds it or without.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use tongxin_core::{
    community::post::{
        Appointment, Post, PostKind,
        rules::{NOTE_MAX, PostForm, check_appointment, check_post, check_post_fits},
    },
    invalid::{Problem, Problems},
    period::{BEGINNING, Period},
    roster::{Field, Outcome},
    text,
};
use tongxin_store::{
    ConnectionTrait, Tx,
    community::post::{self as store, HoldingFilter},
    people::Member,
    record::NewRecord,
};
use uuid::Uuid;

use super::{
    Change, RosterRow,
    check::{Cells, Ground, Planned, Write as AnyWrite},
    lookup::{Lookup, Person},
    members::CODE_MAX,
    memberships::day,
    undo::Wrote,
};
use crate::{App, Result, record::Author};

/// A post and an appointment that a row adds or changes.
pub(super) struct Write {
    /// The post, with whether it is there already; none when it stays.
    pub post: Option<(Post, bool)>,
    /// The appointment alike.
    pub appointment: Option<(Appointment, bool)>,
}

/// The posts and appointments as they stand, with what the rows so far have made of them.
struct Standing {
    posts: HashMap<Uuid, Vec<Post>>,
    appointments: HashMap<Uuid, Vec<Appointment>>,
    /// Posts with the codes of the file, whichever organisation they belong to.
    codes: HashMap<String, Uuid>,
    /// Posts that rows of the file add.
    new: HashSet<Uuid>,
}

/// Plans rows of posts.
pub(super) async fn plan(ground: &Ground<'_>, c: &impl ConnectionTrait, rows: &[RosterRow]) -> Result<Vec<Planned>> {
    let lookup = Lookup::load(ground, c, rows, Field::Organisation, "ManagePosts").await?;
    let codes: Vec<String> =
        rows.iter().filter_map(|row| Cells::new(ground, row).get(Field::Code).map(str::to_owned)).collect();
    let mut standing = load(ground, c, &lookup, &codes).await?;
    Ok(rows.iter().map(|row| one(ground, &lookup, &mut standing, row)).collect())
}

async fn load(ground: &Ground<'_>, c: &impl ConnectionTrait, lookup: &Lookup, codes: &[String]) -> Result<Standing> {
    let community = ground.community();
    let mut posts: HashMap<Uuid, Vec<Post>> = HashMap::new();
    for post in store::posts_of(c, community, &lookup.permitted()).await? {
        posts.entry(post.organisation).or_default().push(post);
    }
    let ids: Vec<Uuid> = posts.values().flatten().map(|post| post.id).collect();
    let mut appointments: HashMap<Uuid, Vec<Appointment>> = HashMap::new();
    for chunk in ids.chunks(500) {
        let filter = HoldingFilter { posts: Some(chunk.to_vec()), ..HoldingFilter::default() };
        for holding in store::holdings(c, community, &filter).await? {
            appointments.entry(holding.post.id).or_default().push(holding.appointment);
        }
    }
    let codes = tongxin_store::roster::posts_with_codes(c, community, codes).await?;
    Ok(Standing { posts, appointments, codes, new: HashSet::new() })
}

fn one(ground: &Ground<'_>, lookup: &Lookup, standing: &mut Standing, row: &RosterRow) -> Planned {
    let mut cells = Cells::new(ground, row);
    let person = lookup.person(ground, &mut cells);
    let Some(organisation) = lookup.organisation(&mut cells, Field::Organisation) else {
        return cells.end(Outcome::Refused, None);
    };
    let Some((post, old)) = post(ground, &mut cells, organisation, standing) else {
        return cells.end(Outcome::Refused, None);
    };
    if cells.detail.name.is_empty() {
        cells.detail.name = format!("{} {}", organisation.draft.name, post.title);
    }
    cells.detail.subject = old.as_ref().map(|post| post.id).filter(|id| !standing.new.contains(id));
    let days = lookup.days.get(&organisation.id).map_or(&[][..], Vec::as_slice);
    let held = standing.appointments.get(&post.id).cloned().unwrap_or_default();
    cells.gather(check_post_fits(&post, days, &held).map_err(renamed));
    let mut changes = post_changes(organisation, old.as_ref(), &post);
    let appointment = match person {
        Person::Asked => return cells.end(Outcome::Asked, None),
        Person::None => None,
        Person::One(person) => {
            let Some((new, before)) = appointment(ground, &mut cells, (&post, days), person, &held) else {
                return cells.end(Outcome::Refused, None);
            };
            cells.detail.wrote.push(Wrote::Appointment { before: before.clone(), after: new.clone() });
            let more = appointment_changes(person, before.as_ref(), &new);
            let writes = !more.is_empty();
            changes.extend(more);
            writes.then_some((new, before.is_some()))
        }
    };
    let post_writes = old.as_ref() != Some(&post);
    if post_writes {
        cells.detail.wrote.insert(0, Wrote::Post { before: old.clone(), after: post.clone() });
    }
    let outcome = match (old.is_some() && appointment.as_ref().is_none_or(|(_, exists)| *exists), changes.is_empty()) {
        (_, true) => Outcome::Unchanged,
        (true, false) => Outcome::Updated,
        (false, false) => Outcome::New,
    };
    cells.detail.changes = changes;
    let write = Write { post: post_writes.then(|| (post.clone(), old.is_some())), appointment: appointment.clone() };
    let planned = cells.end(outcome, (outcome != Outcome::Unchanged).then_some(AnyWrite::Post(write)));
    if planned.write.is_some() {
        if old.is_none() {
            standing.new.insert(post.id);
        }
        standing.keep(post, appointment);
    }
    planned
}

impl Standing {
    /// The next rows meet what this one leaves.
    fn keep(&mut self, post: Post, appointment: Option<(Appointment, bool)>) {
        if let Some((appointment, _)) = appointment {
            let all = self.appointments.entry(post.id).or_default();
            all.retain(|other| other.id != appointment.id);
            all.push(appointment);
        }
        self.codes.extend(post.code.clone().map(|code| (code, post.id)));
        let posts = self.posts.entry(post.organisation).or_default();
        posts.retain(|other| other.id != post.id);
        posts.push(post);
    }
}

/// The post that a row means: by its code, else by organisation, kind and title. Gives it as it will be and as it is.
fn post(
    ground: &Ground<'_>,
    cells: &mut Cells<'_>,
    organisation: &Member,
    standing: &Standing,
) -> Option<(Post, Option<Post>)> {
    let code = match cells.get(Field::Code) {
        Some(code) => Some(cells.take(text::line("code", code, CODE_MAX))?),
        None => None,
    };
    let own = standing.posts.get(&organisation.id).map_or(&[][..], Vec::as_slice);
    let by_code = code.as_ref().and_then(|code| standing.codes.get(code));
    if by_code.is_some_and(|id| own.iter().all(|post| post.id != *id)) {
        cells.problem(Problem::new("code", "taken"));
        return None;
    }
    let kind = match cells.code(Field::PostKind) {
        Some(code) => {
            Some(cells.take(code.parse::<PostKind>().map_err(|_| Problem::new("post_kind", "unknown_choice")))?)
        }
        None => None,
    };
    let title = cells.get(Field::Title);
    let old = match by_code {
        Some(id) => own.iter().find(|post| post.id == *id),
        None => {
            let alike = |post: &&Post| {
                Some(post.kind) == kind
                    && title.is_none_or(|title| post.title == title)
                    && post.period.contains(ground.today)
                    && (code.is_none() || post.code.is_none())
            };
            let mut found = own.iter().filter(alike);
            let first = found.next();
            if found.next().is_some() {
                cells.problem(Problem::new("title", "post_ambiguous"));
                return None;
            }
            first
        }
    };
    // A new post without a title is called as its kind was written.
    let called = title.or_else(|| cells.get(Field::PostKind).filter(|_| old.is_none()));
    let form = PostForm {
        kind: kind.or(old.map(|post| post.kind)).map(|kind| kind.code().to_owned()).unwrap_or_default(),
        title: called.map(str::to_owned).or_else(|| old.map(|post| post.title.clone())).unwrap_or_default(),
        seats: cells.get(Field::Seats).map_or_else(|| old.map_or(1, |post| post.seats).to_string(), str::to_owned),
        term_months: cells.get(Field::TermMonths).map(str::to_owned).unwrap_or_else(|| {
            old.and_then(|post| post.term_months).map(|months| months.to_string()).unwrap_or_default()
        }),
        from: String::new(),
        until: String::new(),
    };
    let draft = cells.gather(check_post(&form, BEGINNING).map_err(renamed))?;
    let id = old.map_or_else(|| ground.app.new_id(), |post| post.id);
    let code = code.or_else(|| old.and_then(|post| post.code.clone()));
    let mut post = draft.into_post(id, code, organisation.id);
    post.period = old.map_or_else(|| began(ground, cells), |post| post.period);
    Some((post, old.cloned()))
}

/// A new post begins with the first who holds it, at the latest today.
fn began(ground: &Ground<'_>, cells: &Cells<'_>) -> Period {
    let from = cells.get(Field::From).and_then(tongxin_core::roster::read_day);
    Period::since(from.unwrap_or(ground.today).min(ground.today))
}

/// The problems of the rules of posts, by the columns of the roster.
fn renamed(Problems(all): Problems) -> Problems {
    let rename = |mut problem: Problem| {
        if problem.field == "kind" {
            problem.field = "post_kind";
        }
        problem
    };
    Problems(all.into_iter().map(rename).collect())
}

/// The appointment that a row means: of the same person, at the same time. Gives it as it will be and as it is.
fn appointment(
    ground: &Ground<'_>,
    cells: &mut Cells<'_>,
    (post, days): (&Post, &[Period]),
    person: &Member,
    held: &[Appointment],
) -> Option<(Appointment, Option<Appointment>)> {
    let (from, until) = (day(cells, Field::From)?, day(cells, Field::Until)?);
    let old = held.iter().filter(|a| a.person == person.id).find(|a| {
        from.map_or_else(|| a.period.contains(ground.today), |from| a.period.from == from || a.period.contains(from))
    });
    let Some(from) = from.or(old.map(|a| a.period.from)) else {
        cells.problem(Problem::new("from", "required"));
        return None;
    };
    let Some(period) = Period::new(from, until.or(old.and_then(|a| a.period.until))) else {
        cells.problem(Problem::new("until", "end_before_start"));
        return None;
    };
    let note = match cells.get(Field::Note) {
        Some(note) => cells.take(text::line("note", note, NOTE_MAX))?,
        None => old.map(|a| a.note.clone()).unwrap_or_default(),
    };
    let id = old.map_or_else(|| ground.app.new_id(), |a| a.id);
    let new = Appointment { id, post: post.id, person: person.id, period, note };
    let others: Vec<Appointment> = held.iter().filter(|a| a.id != id).cloned().collect();
    cells.gather(check_appointment(post, days, &others, &new))?;
    Some((new, old.cloned()))
}

fn differing(all: impl IntoIterator<Item = (Field, Option<String>, String)>) -> Vec<Change> {
    all.into_iter()
        .map(|(field, before, after)| Change { field, before: before.unwrap_or_default(), after })
        .filter(|change| change.before != change.after)
        .collect()
}

fn post_changes(organisation: &Member, old: Option<&Post>, new: &Post) -> Vec<Change> {
    let months = |post: &Post| post.term_months.map(|months| months.to_string()).unwrap_or_default();
    let name = &organisation.draft.name;
    differing([
        (Field::Code, old.map(|p| p.code.clone().unwrap_or_default()), new.code.clone().unwrap_or_default()),
        (Field::Organisation, old.map(|_| name.clone()), name.clone()),
        (Field::PostKind, old.map(|p| p.kind.code().to_owned()), new.kind.code().to_owned()),
        (Field::Title, old.map(|p| p.title.clone()), new.title.clone()),
        (Field::Seats, old.map(|p| p.seats.to_string()), new.seats.to_string()),
        (Field::TermMonths, old.map(months), months(new)),
    ])
}

fn appointment_changes(person: &Member, old: Option<&Appointment>, new: &Appointment) -> Vec<Change> {
    let until = |a: &Appointment| a.period.until.map(|day| day.to_string()).unwrap_or_default();
    let name = &person.draft.name;
    differing([
        (Field::Person, old.map(|_| name.clone()), name.clone()),
        (Field::From, old.map(|a| a.period.from.to_string()), new.period.from.to_string()),
        (Field::Until, old.map(until), until(new)),
        (Field::Note, old.map(|a| a.note.clone()), new.note.clone()),
    ])
}

/// Writes posts, then appointments.
pub(super) async fn write(app: &App, tx: &Tx, writes: &[&Write], done: impl Fn(u64)) -> Result<()> {
    let community = app.community_id();
    for write in writes {
        match &write.post {
            Some((post, true)) => store::save_post(tx, community, post).await?,
            Some((post, false)) => store::insert_posts(tx, community, std::slice::from_ref(post)).await?,
            None => {}
        }
        match &write.appointment {
            Some((appointment, true)) => store::save_appointment(tx, community, appointment).await?,
            Some((appointment, false)) => {
                store::insert_appointments(tx, community, std::slice::from_ref(appointment)).await?;
            }
            None => {}
        }
        done(1);
    }
    Ok(())
}

/// The records of a written row: of its post and of its appointment.
pub(super) fn records(app: &App, author: &Author, planned: &Planned, roster: Uuid) -> Vec<NewRecord> {
    let Some(AnyWrite::Post(write)) = &planned.write else { return Vec::new() };
    let data = json!({ "roster": roster, "line": planned.row.line, "outcome": planned.outcome });
    let mut records = Vec::new();
    if let Some((post, _)) = &write.post {
        let mut data = data.clone();
        data["post"] = json!(post);
        records.push(app.new_record(author, "import.posts", "post", post.id, &data));
    }
    if let Some((appointment, _)) = &write.appointment {
        let mut data = data;
        data["appointment"] = json!(appointment);
        records.push(app.new_record(author, "import.posts", "member", appointment.person, &data));
    }
    records
}
