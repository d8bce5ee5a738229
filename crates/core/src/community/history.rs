//! All standings of all organisations, and what may be changed in those of one: no two of it hold on the same day, it stands
//! under an organisation that is there as long as it does, and on no day do organisations stand in a circle.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    Location, OrganisationKind,
    structure::{Standing, Structure},
};
use crate::{
    invalid::{Problem, Problems},
    people::NAME_MAX,
    period::Period,
    text,
};

/// All standings, by organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    of: HashMap<Uuid, Vec<Standing>>,
}

/// Why the standings of an organisation can't be as they were asked to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Two of its standings hold on this day.
    Overlap(NaiveDate),
    /// It is under this organisation, which is not there on the day.
    NoSuperior(Uuid, NaiveDate),
    /// This one is under it on the day, on which it is not there.
    HasBelow(Uuid, NaiveDate),
    /// From the day on these stand in a circle, each under the next, the last under the first.
    Circle(Vec<Uuid>, NaiveDate),
}

impl Fault {
    /// The same as what is wrong with a field, with organisations named by `name`.
    pub fn problem(&self, name: impl Fn(Uuid) -> String) -> Problem {
        match self {
            Self::Overlap(on) => Problem::new("from", "standings_overlap").with("day", on),
            Self::NoSuperior(above, on) => {
                Problem::new("line", "superior_not_there").with("name", name(*above)).with("day", on)
            }
            Self::HasBelow(below, on) => Problem::new("until", "has_below").with("name", name(*below)).with("day", on),
            Self::Circle(all, on) => {
                let names: Vec<String> = all.iter().map(|id| name(*id)).collect();
                Problem::new("line", "line_circle").with("names", names.join(" → ")).with("day", on)
            }
        }
    }
}

impl History {
    /// Gathers standings, in whatever order.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = Standing>) -> Self {
        let mut of: HashMap<Uuid, Vec<Standing>> = HashMap::new();
        for standing in all {
            of.entry(standing.organisation).or_default().push(standing);
        }
        for standings in of.values_mut() {
            standings.sort_by_key(|s| s.period.from);
        }
        Self { of }
    }

    /// The standings of an organisation, the first first.
    #[must_use]
    pub fn of(&self, organisation: Uuid) -> &[Standing] {
        self.of.get(&organisation).map_or(&[], Vec::as_slice)
    }

    /// How an organisation stands on a day.
    #[must_use]
    pub fn on(&self, organisation: Uuid, day: NaiveDate) -> Option<&Standing> {
        self.of(organisation).iter().find(|s| s.period.contains(day))
    }

    /// The structure of a day, organisations in the order of their ids.
    #[must_use]
    pub fn structure(&self, day: NaiveDate) -> Structure {
        let mut all: Vec<&Standing> = self.of.values().flatten().filter(|s| s.period.contains(day)).collect();
        all.sort_by_key(|s| s.organisation);
        Structure::new(day, all.into_iter().cloned())
    }

    /// Replaces the standings of an organisation.
    pub fn replace(&mut self, organisation: Uuid, mut standings: Vec<Standing>) {
        standings.sort_by_key(|s| s.period.from);
        self.of.insert(organisation, standings);
    }

    /// Checks what the standings of one organisation can have broken.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, organisation: Uuid) -> Result<(), Fault> {
        let own = self.of(organisation);
        if let Some(two) = own.windows(2).find(|two| two[0].period.overlaps(&two[1].period)) {
            return Err(Fault::Overlap(two[1].period.from));
        }
        self.check_superiors(organisation)?;
        for below in self.of.values().flatten().filter(|s| s.line == Some(organisation)) {
            if let Some(day) = self.first_without(organisation, below.period) {
                return Err(Fault::HasBelow(below.organisation, day));
            }
        }
        self.check_circles(organisation, &self.days())
    }

    /// Checks what changed superiors can have broken, of many organisations at once: each stands under one that is there, and
    /// not in a circle. Gives the first fault of each that has one, in the order given.
    #[must_use]
    pub fn check_lines(&self, organisations: &[Uuid]) -> Vec<(Uuid, Fault)> {
        let days = self.days();
        let check = |id: &Uuid| self.check_superiors(*id).and_then(|()| self.check_circles(*id, &days));
        organisations.iter().filter_map(|id| Some((*id, check(id).err()?))).collect()
    }

    /// The superiors on a day of an organisation that stands as `standing` says, the nearest first, as far as they are no
    /// circle.
    #[must_use]
    pub fn above(&self, standing: &Standing, day: NaiveDate) -> Vec<Uuid> {
        let mut above = Vec::new();
        let mut next = standing.line;
        while let Some(id) = next.filter(|id| *id != standing.organisation && !above.contains(id)) {
            above.push(id);
            next = self.on(id, day).and_then(|s| s.line);
        }
        above
    }

    fn check_superiors(&self, organisation: Uuid) -> Result<(), Fault> {
        for standing in self.of(organisation) {
            if let Some(above) = standing.line
                && let Some(day) = self.first_without(above, standing.period)
            {
                return Err(Fault::NoSuperior(above, day));
            }
        }
        Ok(())
    }

    /// The days on which some standing begins.
    fn days(&self) -> BTreeSet<NaiveDate> {
        self.of.values().flatten().map(|s| s.period.from).collect()
    }

    /// The first day of `period` on which an organisation is not there.
    fn first_without(&self, organisation: Uuid, period: Period) -> Option<NaiveDate> {
        let mut day = period.from;
        for standing in self.of(organisation) {
            if !standing.period.contains(day) {
                continue;
            }
            day = standing.period.until?;
        }
        period.until.is_none_or(|until| day < until).then_some(day)
    }

    /// A line changes only on a day on which some standing begins, and a new circle goes through the one that changed.
    fn check_circles(&self, organisation: Uuid, days: &BTreeSet<NaiveDate>) -> Result<(), Fault> {
        for day in days {
            let mut way = vec![organisation];
            let mut next = self.on(organisation, *day).and_then(|s| s.line);
            while let Some(id) = next {
                if id == organisation {
                    return Err(Fault::Circle(way, *day));
                }
                if way.contains(&id) {
                    break;
                }
                way.push(id);
                next = self.on(id, *day).and_then(|s| s.line);
            }
        }
        Ok(())
    }
}

/// What changes from a day on; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amendment {
    /// Its name.
    pub name: Option<String>,
    /// Its kind.
    pub kind: Option<OrganisationKind>,
    /// Its superior, within the community and outside.
    pub line: Option<(Option<Uuid>, Option<String>)>,
    /// Where it is.
    pub location: Option<Location>,
}

impl Amendment {
    /// Puts what changes into `standing`, as far as it still says what `old` said. What no longer does, nothing later does.
    fn apply(&mut self, old: &Standing, standing: &mut Standing) {
        self.name.take_if(|_| standing.name != old.name);
        self.kind.take_if(|_| standing.kind != old.kind);
        self.line.take_if(|_| standing.line != old.line || standing.line_outside != old.line_outside);
        self.location.take_if(|_| standing.location != old.location);
        if let Some(name) = &self.name {
            standing.name.clone_from(name);
        }
        standing.kind = self.kind.unwrap_or(standing.kind);
        if let Some((line, outside)) = &self.line {
            standing.line = *line;
            standing.line_outside.clone_from(outside);
        }
        standing.location = self.location.unwrap_or(standing.location);
    }
}

/// The standings of an organisation, changed from a day on. A later standing that is already known keeps what it says
/// otherwise: a name that changes next year does not undo a move of this year.
///
/// # Errors
/// `not_there_on_day` when it is not there on the day.
pub fn amended(standings: &[Standing], day: NaiveDate, mut amendment: Amendment) -> Result<Vec<Standing>, Problem> {
    let at = standings.iter().position(|s| s.period.contains(day));
    let at = at.ok_or_else(|| Problem::new("from", "not_there_on_day").with("day", day))?;
    let old = &standings[at];
    let mut changed: Vec<Standing> = standings[..at].to_vec();
    changed.extend(old.period.ended(day).map(|period| Standing { period, ..old.clone() }));
    for (i, later) in standings.iter().enumerate().skip(at) {
        let mut later = later.clone();
        amendment.apply(old, &mut later);
        if i == at {
            later.period.from = day;
            later.reorganisation = later.reorganisation.filter(|_| old.period.from == day);
        }
        changed.push(later);
    }
    Ok(joined(changed))
}

/// The standings of an organisation that is closed on a day, the first on which it is no longer there.
///
/// # Errors
/// `not_there_on_day` when it is not there the day before, `later_change` when something of a later day is known.
pub fn closed(standings: &[Standing], day: NaiveDate) -> Result<Vec<Standing>, Problem> {
    if let Some(later) = standings.iter().find(|s| s.period.from >= day) {
        return Err(Problem::new("from", "later_change").with("day", later.period.from));
    }
    match standings.last().filter(|last| last.period.until.is_none_or(|until| day < until)) {
        None => Err(Problem::new("from", "not_there_on_day").with("day", day)),
        Some(last) => {
            let mut ended = standings.to_vec();
            ended.pop();
            ended.extend(last.period.ended(day).map(|period| Standing { period, ..last.clone() }));
            Ok(ended)
        }
    }
}

/// The standings of an organisation in which the one that begins on `from` is corrected. A neighbour that touched it goes on
/// touching it: to correct the day of a move is to correct it on both sides.
///
/// # Errors
/// `no_such_standing`; `swallows_another` when the corrected days leave nothing of a neighbour.
pub fn corrected(standings: &[Standing], from: NaiveDate, right: Standing) -> Result<Vec<Standing>, Problem> {
    let at = standings.iter().position(|s| s.period.from == from);
    let at = at.ok_or_else(|| Problem::new("from", "no_such_standing").with("day", from))?;
    let wrong = standings[at].period;
    let (begins, ends) = (right.period.from, right.period.until);
    let mut all = standings.to_vec();
    all[at] = right;
    let swallowed = |field| Problem::new(field, "swallows_another");
    if let Some(before) = at.checked_sub(1).and_then(|i| all.get_mut(i))
        && before.period.until == Some(wrong.from)
    {
        before.period = Period::new(before.period.from, Some(begins)).ok_or_else(|| swallowed("from"))?;
    }
    if let Some(after) = all.get_mut(at + 1)
        && wrong.until == Some(after.period.from)
    {
        let next = ends.ok_or_else(|| swallowed("until"))?;
        after.period = Period::new(next, after.period.until).ok_or_else(|| swallowed("until"))?;
    }
    Ok(joined(all))
}

/// Standings that touch and say the same become one.
fn joined(standings: Vec<Standing>) -> Vec<Standing> {
    let mut joined: Vec<Standing> = Vec::with_capacity(standings.len());
    for standing in standings {
        match joined.last_mut() {
            Some(last)
                if last.period.until == Some(standing.period.from)
                    && *last
                        == (Standing {
                            period: last.period,
                            reorganisation: last.reorganisation,
                            ..standing.clone()
                        }) =>
            {
                last.period.until = standing.period.until;
            }
            _ => joined.push(standing),
        }
    }
    joined
}

/// What is typed of an organisation's standing.
#[derive(Debug, Clone, Default)]
pub struct StandingForm {
    /// Its name.
    pub name: String,
    /// Code of [`OrganisationKind`].
    pub kind: String,
    /// The name of a superior outside the community, may be empty.
    pub line_outside: String,
    /// The first day, `YYYY-MM-DD`; today when empty.
    pub from: String,
    /// The first day after, may be empty.
    pub until: String,
}

/// Checks a standing's form; line and location were chosen from lists.
///
/// # Errors
/// Every problem at once.
pub fn check_standing(
    form: &StandingForm,
    (organisation, line, location): (Uuid, Option<Uuid>, Location),
    today: NaiveDate,
) -> Result<Standing, Problems> {
    let mut problems = Problems::default();
    let name = problems.take(text::line("name", &form.name, NAME_MAX));
    let kind = problems.take(form.kind.parse().map_err(|_| Problem::new("kind", "unknown_choice")));
    let line_outside = problems.take(text::optional_line("line_outside", &form.line_outside, NAME_MAX));
    problems.require(line != Some(organisation), || Problem::new("line", "line_itself"));
    let period = problems.gather(Period::check(&form.from, &form.until, today));
    let standing = name.zip(kind).zip(line_outside).zip(period).map(|(((name, kind), line_outside), period)| {
        Standing { organisation, period, name, kind, line, line_outside, location, reorganisation: None }
    });
    problems.finish(standing)
}
