//! Rows of persons and organisations.

use std::collections::{HashMap, HashSet};

use chrono::Datelike;
use serde_json::json;
use tongxin_core::{
    community::Location,
    invalid::Problem,
    people::{CareGroup, MemberDetails, MemberForm, MemberKind, check_member},
    roster::{
        Field, Found, Known, Outcome, RosterKind, RowChoice, Sought, read_day, read_list, read_yes_no, recognise,
    },
    text,
};
use tongxin_store::{
    ConnectionTrait, Tx, people as people_store,
    people::{Balance, Member},
    record::NewRecord,
    roster as store,
};
use uuid::Uuid;

use super::{
    Candidate, Change, RosterRow,
    check::{Cells, Ground, Planned, Write as AnyWrite},
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
}

/// Everything that a row can say of a member, as it is typed.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub code: Option<String>,
    pub form: MemberForm,
    pub place: Option<Uuid>,
}

impl Said {
    /// What is stored of a member.
    pub(super) fn of(member: &Member, care_groups: &[CareGroup]) -> Self {
        let mut form = MemberForm {
            name: member.draft.name.clone(),
            phone: member.draft.phone.clone().unwrap_or_default(),
            email: member.draft.email.clone().unwrap_or_default(),
            ..MemberForm::default()
        };
        match &member.draft.details {
            MemberDetails::Person { birth_date, sex, registered, retired, .. } => {
                form.birth_date = birth_date.map(|day| day.to_string()).unwrap_or_default();
                form.sex = sex.map(|sex| sex.code().to_owned()).unwrap_or_default();
                (form.registered, form.retired) = (*registered, *retired);
                form.care_groups = care_groups.iter().map(|group| group.code().to_owned()).collect();
            }
            MemberDetails::Organisation { kind, contact } => {
                form.organisation_kind = kind.code().to_owned();
                form.contact = contact.clone().unwrap_or_default();
            }
        }
        Self { code: member.code.clone(), form, place: Some(member.location.place) }
    }

    /// One field as text.
    pub(super) fn get(&self, field: Field) -> String {
        let yes_no = |yes| if yes { "yes" } else { "no" }.to_owned();
        match field {
            Field::Code => self.code.clone().unwrap_or_default(),
            Field::Name => self.form.name.clone(),
            Field::Place => self.place.map(|place| place.to_string()).unwrap_or_default(),
            Field::BirthDate => self.form.birth_date.clone(),
            Field::Sex => self.form.sex.clone(),
            Field::Phone => self.form.phone.clone(),
            Field::Email => self.form.email.clone(),
            Field::Registered => yes_no(self.form.registered),
            Field::Retired => yes_no(self.form.retired),
            Field::CareGroups => self.form.care_groups.join(";"),
            Field::OrganisationKind => self.form.organisation_kind.clone(),
            Field::Contact => self.form.contact.clone(),
            _ => String::new(),
        }
    }

    /// Sets one field from the text that [`Said::get`] gives.
    pub(super) fn set(&mut self, field: Field, text: &str) {
        match field {
            Field::Code => self.code = (!text.is_empty()).then(|| text.to_owned()),
            Field::Name => text.clone_into(&mut self.form.name),
            Field::Place => self.place = text.parse().ok(),
            Field::BirthDate => text.clone_into(&mut self.form.birth_date),
            Field::Sex => text.clone_into(&mut self.form.sex),
            Field::Phone => text.clone_into(&mut self.form.phone),
            Field::Email => text.clone_into(&mut self.form.email),
            Field::Registered => self.form.registered = text == "yes",
            Field::Retired => self.form.retired = text == "yes",
            Field::CareGroups => self.form.care_groups = read_list(text).map(str::to_owned).collect(),
            Field::OrganisationKind => text.clone_into(&mut self.form.organisation_kind),
            Field::Contact => text.clone_into(&mut self.form.contact),
            _ => {}
        }
    }

    /// The fields in which it differs from `other`.
    fn changes(&self, kind: RosterKind, other: &Self) -> Vec<Change> {
        let fields = kind.fields().iter().map(|field| Change {
            field: *field,
            before: self.get(*field),
            after: other.get(*field),
        });
        fields.filter(|change| change.before != change.after).collect()
    }
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
        phone: member.draft.phone.as_deref().map(digits),
    };
    Known { id: member.id, is }
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
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
    let known = KnownMembers::load(c, ground.community(), kind, codes, names).await?;
    let mut recognised = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = Cells::new(ground, row);
        let whom = whom(ground, &mut cells, &known, kind);
        recognised.push((cells, whom));
    }
    let looked_at: Vec<Uuid> = recognised
        .iter()
        .filter(|(cells, _)| cells.get(Field::CareGroups).is_some())
        .filter_map(|(_, whom)| whom.same)
        .filter(|id| known.get(*id).is_some_and(|member| ground.rights.knows_care_groups(member.location.place)))
        .collect();
    let care_groups = people_store::care_groups(c, ground.community(), &looked_at).await?;
    let mut met = Met::default();
    let planned = recognised
        .into_iter()
        .map(|(cells, whom)| {
            let before = whom.same.and_then(|id| known.get(id));
            let groups = before.and_then(|member| care_groups.get(&member.id)).map_or(&[][..], Vec::as_slice);
            row(ground, cells, (kind, &whom), before.map(|member| (member, groups)), &mut met)
        })
        .collect();
    Ok((planned, looked_at))
}

/// Whom a row means.
struct Whom {
    code: Option<String>,
    location: Option<Location>,
    same: Option<Uuid>,
    asked: bool,
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
        phone: cells.get(Field::Phone).map(digits).filter(|digits| !digits.is_empty()),
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
    Whom { code, location, same, asked }
}

/// Checks one row whose subject is known.
fn row(
    ground: &Ground<'_>,
    mut cells: Cells<'_>,
    (kind, whom): (MemberKind, &Whom),
    before: Option<(&Member, &[CareGroup])>,
    met: &mut Met,
) -> Planned {
    if cells.choice() == RowChoice::Skip {
        return cells.end(Outcome::Skipped, None);
    }
    let old = before.map(|(member, groups)| Said::of(member, groups));
    let mut said = old.clone().unwrap_or_else(|| Said { code: None, form: MemberForm::default(), place: None });
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
    duplicate(&mut cells, whom, location, &said, met);
    if whom.asked {
        // What somebody new would lack says nothing of one who is there; a wrong cell is wrong for either.
        cells.detail.problems.retain(|problem| !problem.value.is_empty());
        return cells.end(Outcome::Asked, None);
    }
    let (Some(draft), Some(location)) = (draft, location) else { return cells.end(Outcome::Refused, None) };
    let member = Member {
        id: before.map_or_else(|| ground.app.new_id(), |(member, _)| member.id),
        code: said.code.clone(),
        kind,
        sort_key: search::sort_key(&draft.name),
        draft,
        location,
        balance: Balance::default(),
    };
    let groups = match &member.draft.details {
        MemberDetails::Person { care_groups, .. } => care_groups.clone(),
        MemberDetails::Organisation { .. } => Vec::new(),
    };
    let now = Said::of(&member, &groups);
    let empty = Said { code: None, form: MemberForm::default(), place: None };
    let changes = old.as_ref().unwrap_or(&empty).changes(ground.roster.kind, &now);
    let outcome = match (before, changes.is_empty()) {
        (None, _) => Outcome::New,
        (Some(_), true) => Outcome::Unchanged,
        (Some(_), false) => Outcome::Updated,
    };
    let changed = |fields: &[Field]| changes.iter().any(|change| fields.contains(&change.field));
    let write = Write {
        exists: before.is_some(),
        care_groups: changed(&[Field::CareGroups]),
        standing: changed(&[Field::Name, Field::OrganisationKind, Field::Place]),
        member,
    };
    cells.detail.changes = changes;
    cells.detail.wrote = vec![Wrote::Member { id: write.member.id, new: !write.exists }];
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
        if write.standing {
            follow_member(app, tx, &write.member).await?;
        }
        done(1);
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
