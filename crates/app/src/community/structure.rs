//! The structure of the organisations as of any day: by line, by territory, and both at once (S6, S10, S11, S15, S16).

use std::collections::HashMap;

use chrono::NaiveDate;
pub use tongxin_core::community::{
    area::{AreaSystem, PartySide, Seat, SystemRole, Team, TeamPart},
    matrix::{Line, Matrix},
    structure::{Difference, Shape, Standing, Structure},
};
use tongxin_core::{
    community::{OrganisationKind, Place, PlaceKind, post::Post},
    period::Period,
};
use tongxin_store::{
    Paged, Slice,
    community::{
        hosting,
        post::{self, HoldingFilter},
        structure as store,
    },
    people,
};
use uuid::Uuid;

use super::Territory;
use crate::{App, Error, Result, Viewer, policy::Resource, search};

/// The structure of a day, today when none is named. Organisations are in the order of their kinds, then of their names.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn structure(app: &App, who: &Viewer, on: Option<NaiveDate>) -> Result<Structure> {
    let root = app.territory().await?.root();
    app.authorise(who, "ViewStructure", Resource::Place(root)).await?;
    let day = on.unwrap_or_else(|| app.today());
    let standings = store::standings_on(app.read(), app.community_id(), day).await?;
    Ok(ordered(day, standings))
}

/// The structure of a day, in the order in which organisations are shown.
pub(super) fn ordered(day: NaiveDate, mut standings: Vec<Standing>) -> Structure {
    standings.sort_by_cached_key(|s| (s.kind, search::sort_key(&s.name)));
    Structure::new(day, standings)
}

/// The structures of two days, to be compared.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The earlier day's.
    pub before: Structure,
    /// The later day's.
    pub after: Structure,
    /// What differs.
    pub differences: Vec<(Uuid, Difference)>,
}

impl Comparison {
    /// An organisation as it stands in the later structure, or in the earlier when it is gone.
    #[must_use]
    pub fn standing(&self, organisation: Uuid) -> Option<&Standing> {
        self.after.get(organisation).or_else(|| self.before.get(organisation))
    }
}

/// Compares the structures of two days, in whatever order they are named.
///
/// # Errors
/// As [`structure`].
pub async fn compare(app: &App, who: &Viewer, one: NaiveDate, other: NaiveDate) -> Result<Comparison> {
    let before = structure(app, who, Some(one.min(other))).await?;
    let after = structure(app, who, Some(one.max(other))).await?;
    Ok(Comparison { differences: before.differences(&after), before, after })
}

/// Which organisations to list; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct OrganisationFilter {
    /// As of this day; today when none is named.
    pub on: Option<NaiveDate>,
    /// Of this kind.
    pub kind: Option<OrganisationKind>,
    /// In this place or in what lies in it.
    pub place: Option<Uuid>,
    /// This one and those under it by line.
    pub line: Option<Uuid>,
    /// Without a superior within the community only.
    pub without_superior: bool,
    /// With this in its name, in characters or pinyin.
    pub text: Option<String>,
}

/// An organisation in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// As it stands on the day.
    pub standing: Standing,
    /// The name of its superior within the community.
    pub superior: Option<String>,
    /// How many are directly under it.
    pub below: usize,
}

impl OrganisationFilter {
    fn takes(&self, territory: &Territory, standing: &Standing) -> bool {
        let (area, place) = self.place.map_or((None, None), |id| territory.scope(id));
        self.kind.is_none_or(|kind| standing.kind == kind)
            && !(self.without_superior && standing.line.is_some())
            && area.is_none_or(|area| standing.location.area == Some(area))
            && place.is_none_or(|place| standing.location.place == place)
    }
}

/// Organisations as of a day, by kind and name.
///
/// # Errors
/// As [`structure`].
pub async fn list(app: &App, who: &Viewer, filter: &OrganisationFilter, slice: Slice) -> Result<Paged<Listed>> {
    let structure = structure(app, who, filter.on).await?;
    list_of(app, &structure, filter, slice).await
}

/// The same of a structure that the viewer has already: its day counts, not the filter's.
///
/// # Errors
/// The store's.
pub async fn list_of(
    app: &App,
    structure: &Structure,
    filter: &OrganisationFilter,
    slice: Slice,
) -> Result<Paged<Listed>> {
    let territory = app.territory().await?;
    let words: Vec<String> = filter
        .text
        .as_deref()
        .and_then(search::query_tokens)
        .map(|tokens| tokens.split(' ').map(str::to_owned).collect())
        .unwrap_or_default();
    let all: Vec<&Standing> = match filter.line {
        Some(line) => structure.subtree(line).into_iter().map(|(_, s)| s).collect(),
        None => structure.all().iter().collect(),
    };
    let found: Vec<&Standing> =
        all.into_iter().filter(|s| filter.takes(&territory, s) && is_named(&s.name, &words)).collect();
    let listed = |standing: &&Standing| Listed {
        superior: standing.line.and_then(|line| structure.get(line)).map(|s| s.name.clone()),
        below: structure.below(standing.organisation).count(),
        standing: (*standing).clone(),
    };
    let offset = usize::try_from(slice.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(slice.limit).unwrap_or(usize::MAX);
    Ok(Paged { rows: found.iter().skip(offset).take(limit).map(listed).collect(), total: found.len() as u64 })
}

/// Whether each word opens a token of the name.
pub(super) fn is_named(name: &str, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let tokens = search::name_tokens(name);
    words.iter().all(|word| tokens.split(' ').any(|token| token.starts_with(word.as_str())))
}

/// A post with who holds it on the day.
#[derive(Debug, Clone)]
pub struct PostOf {
    /// The post.
    pub post: Post,
    /// Who holds it, and since when: person, name, days.
    pub holders: Vec<(Uuid, String, Period)>,
}

/// An organisation's page.
#[derive(Debug, Clone)]
pub struct OrganisationView {
    /// Its identifier.
    pub id: Uuid,
    /// The day that the page is of.
    pub day: NaiveDate,
    /// As it stands on the day; none when it is not there.
    pub now: Option<Standing>,
    /// All that it was and will be, the first first.
    pub history: Vec<Standing>,
    /// Its superiors, the nearest first.
    pub superiors: Vec<Standing>,
    /// Those directly under it.
    pub below: Vec<Standing>,
    /// How deep and wide its own line is.
    pub shape: Shape,
    /// Its posts on the day; none for viewers who may not see them.
    pub posts: Option<Vec<PostOf>>,
    /// The units that it is set up in, and the branches that are set up in it.
    pub hosts: Vec<(Uuid, String)>,
    /// The names of the superiors in its history.
    pub names: HashMap<Uuid, String>,
    /// Whether the viewer may change how it stands.
    pub may_edit: bool,
}

/// An organisation as of a day.
///
/// # Errors
/// [`Error::NotFound`]; as [`structure`].
pub async fn organisation(app: &App, who: &Viewer, id: Uuid, on: Option<NaiveDate>) -> Result<OrganisationView> {
    let structure = structure(app, who, on).await?;
    let (c, community, day) = (app.read(), app.community_id(), structure.day());
    let history = store::standings_of(c, community, &[id]).await?;
    let last = history.last().ok_or(Error::NotFound)?;
    let now = structure.get(id).cloned();
    let superiors: Vec<Standing> = structure.above(id).into_iter().cloned().collect();
    let line: Vec<Uuid> = superiors.iter().map(|s| s.organisation).collect();
    let place = now.as_ref().unwrap_or(last).location.place;
    let resource = Resource::Organisation { id, line: &line, place };
    let posts = match app.may(who, "ViewPosts", resource).await? {
        Some(_) => Some(posts(app, id, day).await?),
        None => None,
    };
    let hostings = hosting::hostings_of(c, community, id, day).await?;
    let others: Vec<Uuid> = hostings.iter().map(|h| if h.branch == id { h.unit } else { h.branch }).collect();
    let known = others.iter().copied().chain(history.iter().filter_map(|s| s.line));
    let names: HashMap<Uuid, String> =
        people::names(c, community, known).await?.into_iter().map(|(id, name)| (id, name.name)).collect();
    let name = |id: Uuid| structure.get(id).map(|s| s.name.clone()).or_else(|| names.get(&id).cloned());
    Ok(OrganisationView {
        id,
        day,
        below: structure.below(id).cloned().collect(),
        shape: structure.shape(id),
        posts,
        hosts: others.iter().filter_map(|id| Some((*id, name(*id)?))).collect(),
        may_edit: app.may(who, "EditStructure", resource).await?.is_some(),
        names,
        superiors,
        history,
        now,
    })
}

async fn posts(app: &App, organisation: Uuid, day: NaiveDate) -> Result<Vec<PostOf>> {
    let (c, community) = (app.read(), app.community_id());
    let mut posts = post::posts_of(c, community, &[organisation]).await?;
    posts.retain(|p| p.period.contains(day));
    posts.sort_by_key(|p| (p.kind, p.id));
    let ids = posts.iter().map(|p| p.id).collect();
    let filter = HoldingFilter { posts: Some(ids), on: Some(day), ..HoldingFilter::default() };
    let held = post::holdings(c, community, &filter).await?;
    let names = people::names(c, community, held.iter().map(|h| h.appointment.person)).await?;
    let holders = |post: &Post| {
        let of_post = held.iter().filter(|h| h.post.id == post.id);
        let named = of_post.filter_map(|h| {
            let person = h.appointment.person;
            Some((person, names.get(&person)?.name.clone(), h.appointment.period))
        });
        named.collect()
    };
    Ok(posts.into_iter().map(|post| PostOf { holders: holders(&post), post }).collect())
}

/// A residential area's system, ready for [`AreaSystem::new`].
#[derive(Debug, Clone)]
pub struct AreaView {
    /// The residential area.
    pub area: Place,
    /// The structure of the day.
    pub structure: Structure,
    /// The teams of the Party organisations that are the area's core.
    pub teams: Vec<(Uuid, Team)>,
    /// The names of who is in the teams; empty for viewers who may not see posts.
    pub names: HashMap<Uuid, String>,
    /// How many persons each place has; none for a guest.
    pub persons: Option<HashMap<Uuid, i64>>,
}

/// The system of a residential area as of a day.
///
/// # Errors
/// [`Error::NotFound`] when it is no residential area; as [`structure`].
pub async fn area(app: &App, who: &Viewer, area: Uuid, on: Option<NaiveDate>) -> Result<AreaView> {
    let structure = structure(app, who, on).await?;
    let (c, community, day) = (app.read(), app.community_id(), structure.day());
    let territory = app.territory().await?;
    let place = territory.place(area).filter(|p| p.kind == PlaceKind::ResidentialArea).ok_or(Error::NotFound)?;
    let core: Vec<Uuid> =
        AreaSystem::new(&structure, area).of(SystemRole::Core).iter().map(|s| s.organisation).collect();
    let posts = post::posts_of(c, community, &core).await?;
    let filter =
        HoldingFilter { posts: Some(posts.iter().map(|p| p.id).collect()), on: Some(day), ..HoldingFilter::default() };
    let held: Vec<_> =
        post::holdings(c, community, &filter).await?.into_iter().map(|holding| holding.appointment).collect();
    let teams: Vec<(Uuid, Team)> = core.iter().map(|id| (*id, Team::new(*id, day, &posts, &held))).collect();
    let mut names = HashMap::new();
    if let Some(first) = core.first() {
        let resource = Resource::Organisation { id: *first, line: &[], place: area };
        if app.may(who, "ViewPosts", resource).await?.is_some() {
            let seats = teams.iter().flat_map(|(_, team)| &team.parts).flat_map(|(_, seats)| seats);
            let found = people::names(c, community, seats.map(|seat| seat.person)).await?;
            names = found.into_iter().map(|(id, name)| (id, name.name)).collect();
        }
    }
    let persons = match who {
        Viewer::Guest => None,
        Viewer::Actor(_) => Some(people::persons_by_place(c, community, area).await?),
    };
    Ok(AreaView { area: place.clone(), teams, names, persons, structure })
}
