//! Why one may or may not do something: which policy permits it, and which posts would.

use std::{cell::RefCell, collections::HashSet};

use cedar_policy::Entity;
use tongxin_core::community::{
    Location,
    post::{Duty, duties_at},
};
use tongxin_store::{
    Slice,
    community::{
        post::list::{ListedPost, PostFilter},
        structure,
    },
};
use uuid::Uuid;

use super::{Capacity, Resource, Types, Under};
use crate::{App, Error, Result, Viewer, community::Territory};

/// The most posts that an explanation names.
const POSTS_MAX: usize = 12;

tokio::task_local! {
    static DENIED: RefCell<Option<Denied>>;
}

/// What was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The action.
    pub action: String,
    /// What it should have been done to.
    pub thing: Thing,
}

/// A thing of which one can ask why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A place.
    Place(Uuid),
    /// A member.
    Member(Uuid),
    /// An organisation in its structures.
    Organisation(Uuid),
}

impl Thing {
    /// The stable code of its kind, and its identifier.
    #[must_use]
    pub fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Place(id) => ("place", id),
            Self::Member(id) => ("member", id),
            Self::Organisation(id) => ("organisation", id),
        }
    }

    /// The thing of these parts, when there is such a kind.
    #[must_use]
    pub fn read(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "place" => Some(Self::Place(id)),
            "member" => Some(Self::Member(id)),
            "organisation" => Some(Self::Organisation(id)),
            _ => None,
        }
    }
}

/// Runs `work` and tells what was refused last in it, of things of which one can ask why.
pub async fn noting_refusals<F: Future>(work: F) -> (F::Output, Option<Denied>) {
    let scope = async {
        let done = work.await;
        (done, DENIED.with(RefCell::take))
    };
    DENIED.scope(RefCell::new(None), scope).await
}

pub(super) fn note(action: &str, resource: &Resource<'_>) {
    let thing = match *resource {
        Resource::Place(id) => Thing::Place(id),
        Resource::Member(id, _) => Thing::Member(id),
        Resource::Organisation { id, .. } => Thing::Organisation(id),
        Resource::Intent(_) | Resource::Match { .. } => return,
    };
    // Outside of a request nobody asks.
    let _noted = DENIED.try_with(|denied| denied.replace(Some(Denied { action: action.to_owned(), thing })));
}

/// The explanation of one decision.
#[derive(Debug, Clone)]
pub struct Why {
    /// In which capacity the viewer may, if it may.
    pub capacity: Option<Capacity>,
    /// The `@id`s of the policies that permit it to the viewer.
    pub permits: Vec<String>,
    /// The `@id`s of the policies that would permit it to another, each with the duty that it asks for.
    pub would: Vec<(String, Option<Duty>)>,
    /// Posts of today that would permit it, with who holds them.
    pub posts: Vec<(ListedPost, Vec<String>)>,
    /// The name of the thing.
    pub name: String,
}

/// The actions of which one can ask, in the order of their names.
#[must_use]
pub fn actions(app: &App) -> Vec<&str> {
    let types = &app.0.policies.types;
    let asked = [&types.place, &types.member, &types.organisation];
    let rules = app.0.policies.actions.iter();
    let mut names: Vec<&str> = rules
        .filter(|(_, rules)| asked.into_iter().any(|kind| rules.resources.contains(kind)))
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names
}

/// The `@id`s of all policies, for their words.
///
/// # Errors
/// [`Error::Internal`] when the policies are wrong.
pub fn policy_ids() -> Result<Vec<String>> {
    let policies = super::Policies::load()?;
    let ids: HashSet<String> =
        policies.actions.values().flat_map(|rules| rules.capacities.keys()).map(ToString::to_string).collect();
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort_unstable();
    Ok(ids)
}

/// The names of all actions, for their words.
///
/// # Errors
/// [`Error::Internal`] when the policies are wrong.
pub fn action_names() -> Result<Vec<String>> {
    let mut names: Vec<String> = super::Policies::load()?.actions.into_keys().collect();
    names.sort_unstable();
    Ok(names)
}

/// A thing with where it is.
struct Placed {
    thing: Thing,
    name: String,
    location: Location,
    line: Vec<Uuid>,
}

impl Placed {
    async fn load(app: &App, thing: Thing) -> Result<Self> {
        let (c, community) = (app.read(), app.community_id());
        let territory = app.territory().await?;
        let (name, location, line) = match thing {
            Thing::Place(id) => (territory.full_name(id), territory.location(id).ok_or(Error::NotFound)?, Vec::new()),
            Thing::Member(id) => {
                let member = tongxin_store::people::member(c, community, id).await?.ok_or(Error::NotFound)?;
                (member.draft.name, member.location, Vec::new())
            }
            Thing::Organisation(id) => {
                let all = structure::standings_on(c, community, app.today()).await?;
                let structure = tongxin_core::community::structure::Structure::new(app.today(), all);
                let standing = structure.get(id).ok_or(Error::NotFound)?;
                let line = structure.above(id).iter().map(|above| above.organisation).collect();
                (standing.name.clone(), standing.location, line)
            }
        };
        Ok(Self { thing, name, location, line })
    }

    fn resource(&self) -> Resource<'_> {
        match self.thing {
            Thing::Place(id) => Resource::Place(id),
            Thing::Member(id) => Resource::Member(id, self.location),
            Thing::Organisation(id) => Resource::Organisation { id, line: &self.line, place: self.location.place },
        }
    }

    /// Somebody who has this duty wherever it could matter for the thing.
    fn imagined(&self, types: &Types, territory: &Territory, duty: Option<Duty>) -> Result<Entity> {
        let id = self.thing.parts().1;
        let mut under = Under { person: if duty.is_none() { id } else { Uuid::nil() }, ..Under::default() };
        match duty {
            None => {}
            Some(Duty::Unit) => under.organisations.push(id),
            Some(Duty::SocialWorker) => under.social_worker_of.extend(self.location.area),
            Some(Duty::Secretary) => under.secretary_of.extend(self.location.area),
            Some(Duty::SubdistrictStaff) => under.subdistrict_of.push(territory.root()),
            Some(Duty::PartyOfficer) => {
                under.party_officer_of.extend(self.line.iter().copied().chain([id]));
                under.committee_officer_of.extend(self.line.iter().copied());
            }
        }
        types.account(Uuid::nil(), &under)
    }
}

/// Explains whether and why the viewer may do `action` to `thing`, and which posts would permit it. Only what all members
/// know is told: who holds which posts.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::NotFound`].
pub async fn explain(app: &App, who: &Viewer, action: &str, thing: Thing) -> Result<Why> {
    who.actor()?;
    let policies = &app.0.policies;
    let rules = policies.actions.get(action).ok_or(Error::NotFound)?;
    let placed = Placed::load(app, thing).await?;
    let resource = placed.resource();
    let territory = app.territory().await?;
    let entity = policies.types.resource(&territory, &resource)?;
    if !rules.resources.contains(entity.uid().type_name()) {
        return Err(Error::NotFound);
    }
    let (capacity, permits) = app.decide(who, rules, &entity)?.map_or((None, Vec::new()), |(c, ids)| (Some(c), ids));
    let (mut would, mut duties) = (Vec::new(), Vec::new());
    for duty in std::iter::once(None).chain(Duty::ALL.iter().copied().map(Some)) {
        let imagined = placed.imagined(&policies.types, &territory, duty)?;
        if let Some((word, ids)) = policies.decide(rules, imagined, entity.clone())? {
            duties.extend(duty.filter(|_| word != "self"));
            would.extend(ids.into_iter().map(|id| (id, duty)));
        }
    }
    // A policy that asks for no duty permits it in every capacity: it is told once.
    let mut seen = HashSet::new();
    would.retain(|(id, _)| seen.insert(id.clone()));
    duties.retain(|duty| would.iter().any(|(_, asked)| *asked == Some(*duty)));
    let posts = posts_with(app, who, &placed, &duties).await?;
    Ok(Why { capacity, permits, would, posts, name: placed.name })
}

/// The posts of today that have one of these duties for the thing.
async fn posts_with(
    app: &App,
    who: &Viewer,
    placed: &Placed,
    duties: &[Duty],
) -> Result<Vec<(ListedPost, Vec<String>)>> {
    let root = app.territory().await?.root();
    let everything = Slice { offset: 0, limit: 500 };
    let mut found: Vec<(ListedPost, Vec<String>)> = Vec::new();
    for duty in duties {
        let day = PostFilter::on(app.today());
        let own = std::iter::once(placed.thing.parts().1);
        let filters: Vec<PostFilter> = match duty {
            Duty::SocialWorker | Duty::Secretary => vec![PostFilter { area: placed.location.area, ..day }],
            Duty::SubdistrictStaff => vec![PostFilter { place: Some(root), ..day }],
            Duty::Unit => own.map(|id| PostFilter { organisation: Some(id), ..day.clone() }).collect(),
            Duty::PartyOfficer => own
                .chain(placed.line.iter().copied())
                .map(|id| PostFilter { organisation: Some(id), ..day.clone() })
                .collect(),
        };
        for filter in filters {
            let page = crate::community::post::list(app, who, &filter, everything).await?;
            let with_duty = page.rows.into_iter().filter(|(listed, _)| has(listed, *duty));
            found.extend(with_duty);
        }
    }
    let mut seen = HashSet::new();
    found.retain(|(listed, _)| seen.insert(listed.post.id));
    // Those that somebody holds first: these can be asked.
    found.sort_by_key(|(_, holders)| holders.is_empty());
    found.truncate(POSTS_MAX);
    Ok(found)
}

fn has(listed: &ListedPost, duty: Duty) -> bool {
    duties_at(listed.post.kind, listed.organisation_kind, listed.location).any(|own| own == duty)
}
