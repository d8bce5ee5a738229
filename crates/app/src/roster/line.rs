//! The superiors that rows of organisations name: those that are there, and those that the same file adds. From the day of
//! the import on an organisation stands under the one that its row names.

use std::collections::{BTreeSet, HashMap, HashSet};

use tongxin_core::{
    community::{
        history::{Fault, History},
        structure::Standing,
    },
    invalid::Problem,
    people::MemberKind,
    roster::{Field, RowChoice},
    text,
};
use tongxin_store::{
    ConnectionTrait,
    community::structure,
    people::{Member, first_standing},
};
use uuid::Uuid;

use super::{
    check::{Cells, Ground, Planned, Write},
    members::{KnownMembers, Whom},
};
use crate::{Result, community::standing::put_under, policy::Resource};

/// The longest code or name of a superior, in characters.
const NAME_MAX: usize = 80;

/// The superiors that a roster's rows may name, and the structure before it is written.
pub(super) struct Lines {
    known: KnownMembers,
    /// Those of the same file.
    by_code: HashMap<String, Uuid>,
    by_name: HashMap<String, Vec<Uuid>>,
    names: HashMap<Uuid, String>,
    history: History,
    today: chrono::NaiveDate,
}

impl Lines {
    /// Loads them; none when the roster has no such column.
    pub(super) async fn load(
        ground: &Ground<'_>,
        c: &impl ConnectionTrait,
        rows: &[(Cells<'_>, Whom)],
    ) -> Result<Option<Self>> {
        if ground.mapping.column(Field::Line).is_none() {
            return Ok(None);
        }
        let community = ground.community();
        let cells = rows.iter().filter_map(|(cells, _)| text::line("line", cells.get(Field::Line)?, NAME_MAX).ok());
        let named: HashSet<String> = cells.collect();
        let known = KnownMembers::load(c, community, MemberKind::Organisation, named.clone(), named).await?;
        let history = History::new(structure::standings_all(c, community).await?);
        let mut lines = Self {
            known,
            by_code: HashMap::new(),
            by_name: HashMap::new(),
            names: HashMap::new(),
            history,
            today: ground.today,
        };
        for (cells, whom) in rows.iter().filter(|(cells, _)| cells.choice() != RowChoice::Skip) {
            let name = cells.detail.name.clone();
            lines.by_code.extend(whom.code.clone().map(|code| (code, whom.id)));
            lines.by_name.entry(name.clone()).or_default().push(whom.id);
            lines.names.insert(whom.id, name);
        }
        Ok(Some(lines))
    }

    /// What an organisation is called.
    fn name(&self, id: Uuid) -> &str {
        let standing = || self.history.on(id, self.today).or_else(|| self.history.of(id).last());
        self.names.get(&id).map(String::as_str).or_else(|| standing().map(|s| s.name.as_str())).unwrap_or_default()
    }

    /// Under whom an organisation stands today, within the community or outside.
    pub(super) fn now(&self, id: Uuid) -> Option<(Option<Uuid>, &str)> {
        let standing = self.history.on(id, self.today)?;
        let name = standing.line.map(|line| self.name(line)).or(standing.line_outside.as_deref());
        Some((standing.line, name.unwrap_or_default()))
    }

    /// Under whom a row puts the organisation `own`, when it stands under another one today: whom, and what it is called.
    pub(super) fn superior(&self, cells: &mut Cells<'_>, own: Uuid) -> Option<(Uuid, String)> {
        let cell = cells.get(Field::Line)?;
        let cell = cells.take(text::line("line", cell, NAME_MAX))?;
        let found = cells.take(self.find(&cell))?;
        if found == own {
            cells.problem(Problem::new("line", "line_itself"));
            return None;
        }
        let now = self.now(own);
        if now.is_some_and(|(line, _)| line == Some(found)) {
            return None;
        }
        // Another of the same name was found by its code.
        let name = self.name(found);
        let name =
            if now.is_some_and(|(_, other)| other == name) { format!("{name} ({cell})") } else { name.to_owned() };
        Some((found, name))
    }

    fn find(&self, cell: &str) -> Result<Uuid, Problem> {
        if let Some(one) =
            self.known.with_code(cell).map(|member| member.id).or_else(|| self.by_code.get(cell).copied())
        {
            return Ok(one);
        }
        let mut ids: BTreeSet<Uuid> = self.known.named(cell).into_iter().map(|member| member.id).collect();
        // One that is closed gives way to one of its name that is there.
        if ids.iter().any(|id| self.history.on(*id, self.today).is_some()) {
            ids.retain(|id| self.history.on(*id, self.today).is_some());
        }
        ids.extend(self.by_name.get(cell).into_iter().flatten());
        match (ids.pop_first(), ids.is_empty()) {
            (Some(one), true) => Ok(one),
            (None, _) => Err(Problem::new("line", "organisation_unknown")),
            _ => Err(Problem::new("line", "organisation_ambiguous")),
        }
    }

    /// The standings of an organisation before and after it comes under `superior` today.
    ///
    /// # Errors
    /// `not_there_on_day` when it is closed.
    pub(super) fn put_under(
        &self,
        member: &Member,
        superior: Uuid,
    ) -> std::result::Result<(Vec<Standing>, Vec<Standing>), Problem> {
        let before = match self.history.of(member.id) {
            [] => first_standing(member).into_iter().collect(),
            known => known.to_vec(),
        };
        let after = put_under(&before, member, superior, self.today)?;
        Ok((before, after))
    }

    /// Checks all rows together: superiors are there, nobody stands in a circle, and who imports may change the structure where
    /// it changes.
    pub(super) async fn check(mut self, ground: &Ground<'_>, planned: &mut [Planned]) -> Result<()> {
        let before = self.history.clone();
        let mut moved: HashMap<Uuid, usize> = HashMap::new();
        // Whoever is refused or asked holds the roster up; those under it are not told so once more.
        let mut open: HashSet<Uuid> = self.names.keys().copied().filter(|id| before.of(*id).is_empty()).collect();
        for (at, row) in planned.iter().enumerate() {
            let Some(Write::Member(write)) = &row.write else { continue };
            open.remove(&write.member.id);
            if let Some(standings) = &write.standings {
                self.history.replace(write.member.id, standings.clone());
                moved.insert(write.member.id, at);
            } else if !write.exists {
                self.history.replace(write.member.id, first_standing(&write.member).into_iter().collect());
            }
        }
        let mut ids: Vec<Uuid> = moved.keys().copied().collect();
        ids.sort_unstable_by_key(|id| moved[id]);
        for (id, fault) in self.history.check_lines(&ids) {
            if !matches!(&fault, Fault::NoSuperior(above, _) if open.contains(above)) {
                let problem = fault.problem(|id| self.name(id).to_owned());
                planned[moved[&id]].refuse(ground, problem);
            }
        }
        for id in ids {
            let stands = [before.on(id, self.today), self.history.on(id, self.today)];
            for standing in stands.into_iter().flatten() {
                let line = self.history.above(standing, self.today);
                let place = standing.location.place;
                let resource = Resource::Organisation { id, line: &line, place };
                if ground.app.may(&ground.rights.who, "EditStructure", resource).await?.is_none() {
                    planned[moved[&id]].refuse(ground, Problem::new("line", "not_yours_to_change"));
                    break;
                }
            }
        }
        Ok(())
    }
}
