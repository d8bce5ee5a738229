//! Which enterprises Party building reaches on a day, and how (S18): from how organisations stand, where branches are set up
//! and which letters hold, in one query each.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
pub use tongxin_core::community::coverage::{Coverage, Reached, StaffSize};
use tongxin_core::community::{
    OrganisationKind,
    coverage::{is_enterprise, reached},
    structure::Standing,
};
use tongxin_store::{
    community::{coverage as store, hosting, letter, structure},
    people,
};
use uuid::Uuid;

use crate::{App, Result, Viewer};

/// An enterprise with what reaches it.
#[derive(Debug, Clone)]
pub struct Enterprise {
    /// How it stands on the day.
    pub standing: Standing,
    /// How many employees it has, as far as it is known today.
    pub staff: Option<i64>,
    /// How large it is.
    pub size: StaffSize,
    /// How it is reached.
    pub reached: Reached,
    /// The name of the branch, or of the appointed worker.
    pub by: Option<String>,
}

/// Coverage on a day.
#[derive(Debug, Clone)]
pub struct CoverageView {
    /// The day.
    pub on: NaiveDate,
    /// The enterprises of the place, by name.
    pub enterprises: Vec<Enterprise>,
}

impl CoverageView {
    /// How many enterprises of a size are reached in a way; of every size or in every way when it is left out.
    #[must_use]
    pub fn count(&self, size: Option<StaffSize>, way: Option<Coverage>) -> usize {
        let fits =
            |e: &&Enterprise| size.is_none_or(|size| e.size == size) && way.is_none_or(|way| e.reached.coverage == way);
        self.enterprises.iter().filter(fits).count()
    }
}

/// Coverage of the enterprises of a place, or of all that the viewer looks after, on a day (today when it is left out).
///
/// # Errors
/// [`crate::Error::SignInFirst`], [`crate::Error::Forbidden`], [`crate::Error::NotFound`].
pub async fn show(app: &App, who: &Viewer, place: Option<Uuid>, on: Option<NaiveDate>) -> Result<CoverageView> {
    let areas = app.areas_for(who, "ViewCoverage", place).await?;
    let (c, community) = (app.read(), app.community_id());
    let day = on.unwrap_or_else(|| app.today());
    let standings = structure::standings_on(c, community, day).await?;
    let hostings = hosting::hostings_on(c, community, day).await?;
    let letters = letter::letters_on(c, community, day).await?;
    let staff = store::staff_counts(c, community).await?;
    let of: HashMap<Uuid, &Standing> = standings.iter().map(|s| (s.organisation, s)).collect();
    let mut units: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    let mut branches: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for hosting in hostings.iter().filter(|h| of.contains_key(&h.branch)) {
        units.entry(hosting.branch).or_default().insert(hosting.unit);
        branches.entry(hosting.unit).or_default().push(hosting.branch);
    }
    let mut appointed: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for letter in &letters {
        appointed.entry(letter.enterprise).or_default().push(letter.id);
    }
    let persons = people::names(c, community, letters.iter().map(|l| l.person)).await?;
    let workers: HashMap<Uuid, &str> =
        letters.iter().filter_map(|letter| Some((letter.id, persons.get(&letter.person)?.name.as_str()))).collect();
    let kind_of = |branch: Uuid| -> Option<(Uuid, OrganisationKind, usize)> {
        Some((branch, of.get(&branch)?.kind, units.get(&branch).map_or(0, HashSet::len)))
    };
    let within = |s: &&Standing| {
        let here = areas.as_ref().is_none_or(|areas| s.location.area.is_some_and(|area| areas.contains(&area)));
        here && is_enterprise(s.kind)
    };
    let mut enterprises: Vec<Enterprise> = standings
        .iter()
        .filter(within)
        .map(|standing| {
            let id = standing.organisation;
            let own: Vec<_> = branches.get(&id).into_iter().flatten().filter_map(|branch| kind_of(*branch)).collect();
            let reached = reached(&own, appointed.get(&id).map_or(&[], Vec::as_slice));
            let branch = reached.branch.and_then(|branch| of.get(&branch)).map(|s| s.name.clone());
            let worker = reached.letter.and_then(|letter| workers.get(&letter)).map(|name| (*name).to_owned());
            let staff = staff.get(&id).copied();
            Enterprise { size: StaffSize::of(staff), staff, by: branch.or(worker), reached, standing: standing.clone() }
        })
        .collect();
    enterprises.sort_by_cached_key(|e| crate::search::sort_key(&e.standing.name));
    Ok(CoverageView { on: day, enterprises })
}
