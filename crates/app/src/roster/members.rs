//! Rows of persons and organisations.

use std::collections::{HashMap, HashSet};

use chrono::Datelike;
use serde_json::json;
use tongxin_core::{
    community::{Location, structure::Standing},
    invalid::Problem,
    people::{MemberDetails, MemberForm, MemberKind, check_member, check_staff_count},
    roster::{
        Field, Found, Known, Outcome, RosterKind, RowChoice, Sought, read_day, read_list, read_yes_no, recognise,
    },
    text,
};
use tongxin_store::{
    ConnectionTrait, Tx,
    community::structure,
    people as people_store,
    people::{Balance, Member},
    record::NewRecord,
    roster as store,
};
use uuid::Uuid;

use super::{
    Candidate, RosterRow,
    check::{Cells, Ground, Planned, Write as AnyWrite},
    line::Lines,
    said::{Beside, Said},
    suspects,
    undo::Wrote,
};
use crate::{App, Result, community::standing::follow_member, record::Author, search};

/// The longest code, in characters.
pub(super) const CODE_MAX: usize = 40;

/// A member that a row adds or changes.
pub(super) struct Write {
    /// The member as it will be, with its care groups when they change.
    pub member: Member,
    /// Whether it is there already.
    pub exists: bool,
    /// Whether its care groups change.
    pub care_groups: bool,
    /// Whether what stands in the structures changes: name, kind, place.
    pub standing: bool,
    /// How many employees the organisation has, when that changes.
    pub staff: Option<i64>,
    /// The standings of an organisation that comes under another superior.
    pub standings: Option<Vec<Standing>>,
}

/// The members that a roster's rows may mean.
#[derive(Default)]
pub(super) struct KnownMembers {
    all: HashMap<Uuid, Member>,
    by_name: HashMap<String, Vec<Uuid>>,
    by_code: HashMap<String, Uuid>,
}

impl KnownMembers {
    /// Loads all of a kind with one of these codes or names.
    pub(super) async fn load(
        c: &impl ConnectionTrait,
        community: Uuid,
        kind: MemberKind,
        codes: HashSet<String>,
        names: HashSet<String>,
    ) -> Result<Self> {
        let codes: Vec<String> = codes.into_iter().collect();
        let names: Vec<String> = names.into_iter().collect();
        let mut known = Self::default();
        for member in store::members_like(c, community, kind, &codes, &names).await? {
            known.by_code.extend(member.code.clone().map(|code| (code, member.id)));
            known.by_name.entry(member.draft.name.clone()).or_default().push(member.id);
            known.all.insert(member.id, member);
        }
        Ok(known)
    }

    /// Adds one that is known by neither code nor name.
    pub(super) fn add(&mut self, member: Member) {
        self.all.entry(member.id).or_insert(member);
    }

    pub(super) fn get(&self, id: Uuid) -> Option<&Member> {
        self.all.get(&id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Member> {
        self.all.values()
    }

    pub(super) fn with_code(&self, code: &str) -> Option<&Member> {
        self.by_code.get(code).and_then(|id| self.get(*id))
    }

    /// Those with a name, in the order of their ids.
    pub(super) fn named(&self, name: &str) -> Vec<&Member> {
        self.by_name.get(name).into_iter().flatten().filter_map(|id| self.get(*id)).collect()
    }
}

/// What is known of a member, for recognising it.
pub(super) fn traits(member: &Member) -> Known {
    let birth_year = match &member.draft.details {
        MemberDetails::Person { birth_date, .. } => birth_date.map(|day| day.year()),
        MemberDetails::Organisation { .. } => None,
    };
    let is = Sought {
        code: member.code.clone(),
        name: member.draft.name.clone(),
        area: Some(member.location.area.unwrap_or(member.location.place)),
        birth_year,
        phone: member.draft.phone.as_deref().map(people_store::digits),
    };
    Known { id: member.id, is }
}

/// A member as a candidate to choose.
pub(super) fn candidate(member: &Member) -> Candidate {
    let birth_date = match &member.draft.details {
        MemberDetails::Person { birth_date, .. } => *birth_date,
        MemberDetails::Organisation { .. } => None,
    };
    Candidate {
        id: member.id,
        name: member.draft.name.clone(),
        code: member.code.clone(),
        place: member.location.place,
        birth_date,
        reasons: Vec::new(),
        elsewhere: false,
    }
}

/// What is met in the same file.
#[derive(Default)]
struct Met {
    subjects: HashMap<Uuid, i64>,
    codes: HashMap<String, i64>,
    named: HashMap<(String, Option<Uuid>, String), i64>,
}

/// Plans rows of persons or organisations. Gives also the persons whose care groups were read.
pub(super) async fn plan(
    ground: &Ground<'_>,
    c: &impl ConnectionTrait,
    rows: &[RosterRow],
) -> Result<(Vec<Planned>, Vec<Uuid>)> {
    let kind = if ground.roster.kind == RosterKind::Persons { MemberKind::Person } else { MemberKind::Organisation };
    let (mut codes, mut names) = (HashSet::new(), HashSet::new());
    for row in rows {
        let cells = Cells::new(ground, row);
        codes.extend(cells.get(Field::Code).map(str::to_owned));
        names.extend(cells.get(Field::Name).and_then(|name| text::line("name", name, CODE_MAX * 2).ok()));
    }
    let mut known = KnownMembers::load(c, ground.community(), kind, codes, names).await?;
    let mut recognised = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = Cells::new(ground, row);
        let whom = whom(ground, &mut cells, &known, kind);
        recognised.push((cells, whom));
    }
    suspects::ask(ground, c, kind, &mut known, &mut recognised).await?;
    let lines = Lines::load(ground, c, &recognised).await?;
    let looked_at: Vec<Uuid> = recognised
        .iter()
        .filter(|(cells, _)| cells.get(Field::CareGroups).is_some())
        .filter_map(|(_, whom)| whom.same)
        .filter(|id| known.get(*id).is_some_and(|member| ground.rights.knows_care_groups(member.location.place)))
        .collect();
    let care_groups = people_store::care_groups(c, ground.community(), &looked_at).await?;
    let staff = staff_counts(ground, c, &recognised).await?;
    let mut met = Met::default();
    let planned = recognised.into_iter().map(|(cells, whom)| {
        let before = whom.same.and_then(|id| known.get(id)).map(|member| {
            let care_groups = care_groups.get(&member.id).map_or(&[][..], Vec::as_slice);
            let line = lines.as_ref().and_then(|lines| lines.now(member.id)).map_or("", |(_, name)| name);
            (member, Beside { care_groups, staff: staff.get(&member.id).copied(), line })
        });
        row(ground, cells, (kind, &whom), before, (&mut met, lines.as_ref()))
    });
    let mut planned: Vec<Planned> = planned.collect();
    if let Some(lines) = lines {
        lines.check(ground, &mut planned).await?;
    }
    Ok((planned, looked_at))
}

/// How many employees the organisations have that are there, when the roster says it.
async fn staff_counts(
    ground: &Ground<'_>,
    c: &impl ConnectionTrait,
    rows: &[(Cells<'_>, Whom)],
) -> Result<HashMap<Uuid, i64>> {
    if ground.mapping.column(Field::StaffCount).is_none() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = rows.iter().filter_map(|(_, whom)| whom.same).collect();
    Ok(people_store::staff_counts(c, ground.community(), &ids).await?)
}

/// Whom a row means.
pub(super) struct Whom {
    /// The one that is there, or that is added.
    pub id: Uuid,
    pub code: Option<String>,
    pub location: Option<Location>,
    pub same: Option<Uuid>,
    pub asked: bool,
}

fn whom(ground: &Ground<'_>, cells: &mut Cells<'_>, known: &KnownMembers, kind: MemberKind) -> Whom {
    let code = cells.get(Field::Code).and_then(|code| cells.take(text::line("code", code, CODE_MAX)));
    let name = cells.get(Field::Name).and_then(|name| text::line("name", name, CODE_MAX * 2).ok()).unwrap_or_default();
    cells.detail.name = if name.is_empty() { code.clone().unwrap_or_default() } else { name.clone() };
    let location = match (cells.get(Field::Place), ground.mapping.place) {
        (Some(cell), _) => cells.take(ground.place(cell)),
        (None, Some(place)) => cells.take(ground.territory.chosen(Some(place))),
        (None, None) => None,
    };
    let sought = Sought {
        code: code.clone(),
        name: name.clone(),
        area: location.map(|l| l.area.unwrap_or(l.place)),
        birth_year: cells.get(Field::BirthDate).and_then(read_day).map(|day| day.year()),
        phone: cells.get(Field::Phone).map(people_store::digits).filter(|digits| !digits.is_empty()),
    };
    // By its name, only somebody in a place of the importer's: who lives elsewhere is not theirs to find.
    let near = known.named(&name).into_iter().filter(|member| ground.rights.imports(member.location.place));
    let mut maybe: Vec<Known> = near.map(traits).collect();
    maybe.extend(code.as_deref().and_then(|code| known.with_code(code)).map(traits));
    let found = recognise(&sought, &maybe, kind == MemberKind::Person);
    let (mut same, mut asked) = (None, false);
    match (cells.choice(), found) {
        (RowChoice::Same(id), _) if maybe.iter().any(|known| known.id == id) => same = Some(id),
        (_, Found::Same(id)) if code.is_some() && known.get(id).is_some_and(|m| m.code == code) => same = Some(id),
        (RowChoice::New, _) | (_, Found::Nobody) => {}
        (_, Found::Same(id)) => same = Some(id),
        (_, Found::Perhaps(ids)) => {
            asked = true;
            cells.detail.candidates = ids.iter().filter_map(|id| known.get(*id)).map(candidate).collect();
        }
    }
    cells.detail.subject = same;
    Whom { id: same.unwrap_or_else(|| ground.app.new_id()), code, location, same, asked }
}

/// Checks one row whose subject is known.
fn row(
    ground: &Ground<'_>,
    mut cells: Cells<'_>,
    (kind, whom): (MemberKind, &Whom),
    before: Option<(&Member, Beside<'_>)>,
    (met, lines): (&mut Met, Option<&Lines>),
) -> Planned {
    if cells.choice() == RowChoice::Skip {
        return cells.end(Outcome::Skipped, None);
    }
    let old = before.map(|(member, beside)| Said::of(member, beside)).unwrap_or_default();
    let mut said = old.clone();
    code(&mut cells, whom, before.map(|(member, _)| member), &mut said, met);
    let current = before.map(|(member, _)| member.location);
    // The place for rows that name none is for new ones: nobody moves because a file has no such column.
    let location = if cells.get(Field::Place).is_some() { whom.location } else { current.or(whom.location) };
    place(ground, &mut cells, current, location);
    overlay(&mut cells, &mut said.form);
    let sensitive = cells.get(Field::CareGroups).is_some();
    let at = current.or(location).map(|l| l.place);
    if sensitive && !at.is_some_and(|place| ground.rights.knows_care_groups(place)) {
        cells.problem(Problem::new("care_groups", "not_yours_to_change"));
    }
    let draft = cells.gather(check_member(kind, &said.form, ground.today));
    let staff = cells.take(check_staff_count(&said.form.staff_count)).flatten();
    let superior = lines.and_then(|lines| lines.superior(&mut cells, whom.id));
    duplicate(&mut cells, whom, location, &said, met);
    if whom.asked {
        // What somebody new would lack says nothing of one who is there; a wrong cell is wrong for either.
        cells.detail.problems.retain(|problem| !problem.value.is_empty());
        return cells.end(Outcome::Asked, None);
    }
    let (Some(draft), Some(location)) = (draft, location) else { return cells.end(Outcome::Refused, None) };
    let member = Member {
        id: whom.id,
        code: said.code.clone(),
        kind,
        sort_key: search::sort_key(&draft.name),
        draft,
        location,
        balance: Balance::default(),
    };
    let groups = match &member.draft.details {
        MemberDetails::Person { care_groups, .. } => care_groups.as_slice(),
        MemberDetails::Organisation { .. } => &[],
    };
    let line = superior.as_ref().map_or(old.line.as_str(), |(_, name)| name);
    let changes = old.changes(ground.roster.kind, &Said::of(&member, Beside { care_groups: groups, staff, line }));
    let outcome = match (before, changes.is_empty()) {
        (None, _) => Outcome::New,
        (Some(_), true) => Outcome::Unchanged,
        (Some(_), false) => Outcome::Updated,
    };
    let changed = |fields: &[Field]| changes.iter().any(|change| fields.contains(&change.field));
    let mut write = Write {
        exists: before.is_some(),
        care_groups: changed(&[Field::CareGroups]),
        standing: changed(&[Field::Name, Field::OrganisationKind, Field::Place]),
        staff: staff.filter(|_| changed(&[Field::StaffCount])),
        standings: None,
        member,
    };
    cells.detail.wrote = vec![Wrote::Member { id: write.member.id, new: !write.exists }];
    if let (Some(lines), Some((superior, _))) = (lines, superior) {
        let standings = cells.take(lines.put_under(&write.member, superior));
        cells.detail.wrote.extend(standings.as_ref().map(|(before, after)| Wrote::standings(before, after)));
        write.standings = standings.map(|(_, after)| after);
    }
    cells.detail.changes = changes;
    let writes = outcome != Outcome::Unchanged;
    cells.end(outcome, writes.then_some(AnyWrite::Member(write)))
}

/// The code stays once it is there.
fn code(cells: &mut Cells<'_>, whom: &Whom, before: Option<&Member>, said: &mut Said, met: &mut Met) {
    let Some(code) = &whom.code else { return };
    match before.and_then(|member| member.code.as_ref()) {
        Some(other) if other != code => cells.problem(Problem::new("code", "code_of_another").with("code", other)),
        _ => said.code = Some(code.clone()),
    }
    if let Some(line) = met.codes.insert(code.clone(), cells.line()) {
        cells.problem(Problem::new("code", "twice_in_file").with("line", line));
    }
}

/// Somebody new needs a place; nobody comes from or goes to a place that is not the importer's.
fn place(ground: &Ground<'_>, cells: &mut Cells<'_>, current: Option<Location>, location: Option<Location>) {
    if location.is_none() && cells.get(Field::Place).is_none() {
        cells.problem(Problem::new("place", "required"));
    }
    let outside = [current, location].into_iter().flatten().find(|l| !ground.rights.imports(l.place));
    if let Some(outside) = outside {
        let name = ground.territory.full_name(outside.place);
        cells.problem(Problem::new("place", "outside_your_places").with("place", name));
    }
}

/// Puts the cells that are not empty over what is there.
fn overlay(cells: &mut Cells<'_>, form: &mut MemberForm) {
    for (field, target) in [
        (Field::Name, &mut form.name),
        (Field::Phone, &mut form.phone),
        (Field::Email, &mut form.email),
        (Field::Contact, &mut form.contact),
        (Field::StaffCount, &mut form.staff_count),
    ] {
        if let Some(cell) = cells.get(field) {
            cell.clone_into(target);
        }
    }
    if let Some(cell) = cells.get(Field::BirthDate) {
        form.birth_date = read_day(cell).map_or_else(|| cell.to_owned(), |day| day.to_string());
    }
    if let Some(code) = cells.code(Field::Sex) {
        form.sex = code;
    }
    if let Some(code) = cells.code(Field::OrganisationKind) {
        form.organisation_kind = code;
    }
    for (field, target) in [(Field::Registered, &mut form.registered), (Field::Retired, &mut form.retired)] {
        if let Some(cell) = cells.get(field) {
            match read_yes_no(cell) {
                Some(yes) => *target = yes,
                None => cells.problem(Problem::new(field.code(), "bad_yes_no")),
            }
        }
    }
    if let Some(cell) = cells.get(Field::CareGroups) {
        form.care_groups = read_list(cell).map(|word| cells.word(Field::CareGroups, word)).collect();
    }
}

/// Two rows of one file that mean the same.
fn duplicate(cells: &mut Cells<'_>, whom: &Whom, location: Option<Location>, said: &Said, met: &mut Met) {
    let line = match whom.same {
        Some(id) => met.subjects.insert(id, cells.line()),
        None if whom.code.is_none() && !whom.asked && cells.choice() != RowChoice::New => {
            let key = (said.form.name.clone(), location.and_then(|l| l.area), said.form.birth_date.clone());
            met.named.insert(key, cells.line())
        }
        None => None,
    };
    if let Some(line) = line {
        cells.problem(
            Problem::new(if whom.code.is_some() { "code" } else { "name" }, "twice_in_file").with("line", line),
        );
    }
}

/// Writes members, those that are new together.
pub(super) async fn write(app: &App, tx: &Tx, writes: &[&Write], done: impl Fn(u64)) -> Result<()> {
    let (community, now_ms) = (app.community_id(), app.now().timestamp_millis());
    let new: Vec<Member> = writes.iter().filter(|write| !write.exists).map(|write| write.member.clone()).collect();
    for chunk in new.chunks(200) {
        people_store::insert(tx, community, chunk, now_ms).await?;
        done(chunk.len() as u64);
    }
    for write in writes.iter().filter(|write| write.exists) {
        people_store::save(tx, community, &write.member, write.care_groups, now_ms).await?;
        if write.standing && write.standings.is_none() {
            follow_member(app, tx, &write.member).await?;
        }
        done(1);
    }
    let moved: Vec<&&Write> = writes.iter().filter(|write| write.standings.is_some()).collect();
    let ids: Vec<Uuid> = moved.iter().map(|write| write.member.id).collect();
    let standings: Vec<Standing> = moved.iter().filter_map(|write| write.standings.clone()).flatten().collect();
    structure::replace_standings(tx, community, &ids, &standings).await?;
    for write in writes.iter().filter(|write| write.staff.is_some()) {
        people_store::set_staff_count(tx, community, write.member.id, write.staff).await?;
    }
    for write in writes.iter().filter(|write| !write.exists || write.standing) {
        let tokens = search::name_tokens(&write.member.draft.name);
        tongxin_store::search::index(tx, community, "member", write.member.id, &tokens).await?;
    }
    Ok(())
}

/// The record of a written member.
pub(super) fn record(
    app: &App,
    author: &Author,
    planned: &Planned,
    kind: RosterKind,
    roster: Uuid,
) -> Option<NewRecord> {
    let Some(AnyWrite::Member(write)) = &planned.write else { return None };
    let fields: Vec<&str> = planned.detail.changes.iter().map(|change| change.field.code()).collect();
    let data = json!({ "roster": roster, "line": planned.row.line, "outcome": planned.outcome, "fields": fields });
    Some(app.new_record(author, &format!("import.{kind}"), "member", write.member.id, &data))
}
