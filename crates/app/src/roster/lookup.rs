//! Organisations and persons that rows of posts and memberships name.

use std::collections::{HashMap, HashSet};

use chrono::Datelike;
use tongxin_core::{
    community::structure::Structure,
    invalid::Problem,
    people::MemberKind,
    period::Period,
    roster::{Field, Found, Known, RowChoice, Sought, read_day, recognise},
    text,
};
use tongxin_store::{ConnectionTrait, community::structure, people::Member};
use uuid::Uuid;

use super::{
    RosterRow,
    check::{Cells, Ground},
    members::{KnownMembers, candidate, traits},
};
use crate::{Result, policy::Resource};

/// The organisations and persons of a roster's rows, and what the importer may do in each organisation.
pub(super) struct Lookup {
    organisations: KnownMembers,
    persons: KnownMembers,
    permitted: HashSet<Uuid>,
    /// The days on which each organisation is there.
    pub days: HashMap<Uuid, Vec<Period>>,
}

impl Lookup {
    /// Loads whom the column of organisations `field` and the column of persons name, and asks whether `action` may be
    /// done to each organisation.
    pub(super) async fn load(
        ground: &Ground<'_>,
        c: &impl ConnectionTrait,
        rows: &[RosterRow],
        field: Field,
        action: &str,
    ) -> Result<Self> {
        let named = |field: Field| -> HashSet<String> {
            let cells = rows.iter().filter_map(|row| Cells::new(ground, row).get(field).map(str::to_owned));
            cells.filter_map(|cell| text::line("name", &cell, 80).ok()).collect()
        };
        let (organisations, persons) = (named(field), named(Field::Person));
        let community = ground.community();
        let organisations =
            KnownMembers::load(c, community, MemberKind::Organisation, organisations.clone(), organisations).await?;
        let persons = KnownMembers::load(c, community, MemberKind::Person, persons.clone(), persons).await?;
        let ids: Vec<Uuid> = organisations.all().map(|member| member.id).collect();
        let mut days: HashMap<Uuid, Vec<Period>> = HashMap::new();
        for standing in structure::standings_of(c, community, &ids).await? {
            days.entry(standing.organisation).or_default().push(standing.period);
        }
        let today = Structure::new(ground.today, structure::standings_on(c, community, ground.today).await?);
        let mut permitted = HashSet::new();
        for member in organisations.all() {
            let line: Vec<Uuid> = today.above(member.id).iter().map(|standing| standing.organisation).collect();
            let place = today.get(member.id).map_or(member.location.place, |standing| standing.location.place);
            let resource = Resource::Organisation { id: member.id, line: &line, place };
            if ground.app.may(&ground.rights.who, action, resource).await?.is_some() {
                permitted.insert(member.id);
            }
        }
        Ok(Self { organisations, persons, permitted, days })
    }

    /// The ids of the organisations in which the importer may do it.
    pub(super) fn permitted(&self) -> Vec<Uuid> {
        self.organisations.all().map(|member| member.id).filter(|id| self.permitted.contains(id)).collect()
    }

    /// The organisation that a row names by code or name, in which the importer may do it.
    pub(super) fn organisation(&self, cells: &mut Cells<'_>, field: Field) -> Option<&Member> {
        let Some(cell) = cells.get(field).and_then(|cell| text::line("name", cell, 80).ok()) else {
            cells.problem(Problem::new(field.code(), "required"));
            return None;
        };
        let found = match (self.organisations.with_code(&cell), self.organisations.named(&cell)) {
            (Some(one), _) => one,
            (None, one) if one.len() == 1 => one.first().copied()?,
            (None, none) => {
                let code = if none.is_empty() { "organisation_unknown" } else { "organisation_ambiguous" };
                cells.problem(Problem::new(field.code(), code));
                return None;
            }
        };
        if self.permitted.contains(&found.id) {
            return Some(found);
        }
        cells.problem(Problem::new(field.code(), "not_yours_to_change"));
        None
    }

    /// The person that a row names by code, or by name and year of birth; asked when that is not certain.
    pub(super) fn person(&self, ground: &Ground<'_>, cells: &mut Cells<'_>) -> Person<'_> {
        let Some(cell) = cells.get(Field::Person).and_then(|cell| text::line("name", cell, 80).ok()) else {
            return Person::None;
        };
        cells.detail.name.clone_from(&cell);
        if let Some(one) = self.persons.with_code(&cell) {
            return Person::One(one);
        }
        let near: Vec<&Member> = self
            .persons
            .named(&cell)
            .into_iter()
            .filter(|member| ground.rights.imports(member.location.place))
            .collect();
        if let RowChoice::Same(id) = cells.choice()
            && let Some(one) = near.iter().find(|member| member.id == id)
        {
            return Person::One(one);
        }
        let birth_year = cells.get(Field::BirthDate).and_then(read_day).map(|day| day.year());
        let sought = Sought { name: cell, birth_year, ..Sought::default() };
        let known: Vec<Known> = near.iter().map(|member| traits(member)).collect();
        let of_year =
            |id: &Uuid| known.iter().any(|k| k.id == *id && birth_year.is_some() && k.is.birth_year == birth_year);
        let ids = match recognise(&sought, &known, true) {
            Found::Same(id) => vec![id],
            Found::Perhaps(ids) => ids,
            Found::Nobody => Vec::new(),
        };
        match ids.as_slice() {
            [] => {
                cells.problem(Problem::new("person", "person_unknown"));
                Person::None
            }
            // Nobody else of that name, born in that year.
            [one] if of_year(one) => {
                near.into_iter().find(|member| member.id == *one).map_or(Person::None, Person::One)
            }
            _ => {
                cells.detail.candidates = near.into_iter().filter(|m| ids.contains(&m.id)).map(candidate).collect();
                Person::Asked
            }
        }
    }
}

/// Whom a row names.
pub(super) enum Person<'a> {
    /// Nobody, or nobody who is known: told already.
    None,
    /// This one.
    One(&'a Member),
    /// The reader is asked.
    Asked,
}
