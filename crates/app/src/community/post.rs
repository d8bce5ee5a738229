//! Posts of organisations: who holds them, to whom they are delegated, and what is vacant, expiring or missing (S8, S9,
//! S11).

mod change;
mod lists;

pub use change::{
    AppointmentForm, CrossForm, DelegationForm, appoint, correct, create, delegate, edit, end, end_appointment,
    end_cross, end_delegation, require_cross,
};
pub use lists::{Delegated, Expiring, Missing, delegations, expiring, list, missing};

use std::collections::HashMap;

use tongxin_core::{
    community::{
        post::{CrossRequirement, Delegation, Post},
        structure::Standing,
    },
    period::Period,
};
pub use tongxin_store::community::post::{
    Holding, HoldingFilter,
    list::{ListedPost, PostFilter},
};
use tongxin_store::{
    ConnectionTrait,
    community::{
        post::{self as store, DelegationFilter},
        structure,
    },
};
use uuid::Uuid;

use crate::{
    App, Error, Result, Viewer,
    policy::{Capacity, Resource},
};

/// An organisation as it stands today, and the days in which it is there.
pub(super) struct Stands {
    /// As it stands today; of one that is not there today, as it stood last or will stand first.
    pub(super) standing: Standing,
    /// Its days.
    pub(super) days: Vec<Period>,
}

impl Stands {
    pub(super) async fn load(app: &App, c: &impl ConnectionTrait, organisation: Uuid) -> Result<Self> {
        let all = structure::standings_of(c, app.community_id(), &[organisation]).await?;
        let days = all.iter().map(|standing| standing.period).collect();
        let today = app.today();
        let standing = all.iter().rfind(|s| s.period.from <= today).or(all.first()).cloned().ok_or(Error::NotFound)?;
        Ok(Self { standing, days })
    }

    /// As the policies of posts ask for it, which follow the territory alone.
    pub(super) fn resource(&self) -> Resource<'static> {
        Resource::Organisation { id: self.standing.organisation, line: &[], place: self.standing.location.place }
    }

    async fn authorise(app: &App, who: &Viewer, organisation: Uuid, action: &str) -> Result<(Self, Capacity)> {
        // A guest learns nothing of what is there.
        who.actor()?;
        let stands = Self::load(app, app.read(), organisation).await?;
        let capacity = app.authorise(who, action, stands.resource()).await?;
        Ok((stands, capacity))
    }
}

/// A post's page.
#[derive(Debug, Clone)]
pub struct PostView {
    /// The post.
    pub post: Post,
    /// Its organisation, as it stands today.
    pub organisation: Standing,
    /// All its appointments, past and to come too, the first first.
    pub held: Vec<Holding>,
    /// The cross appointments that it asks for, past ones too.
    pub cross: Vec<CrossRequirement>,
    /// To whom it is or was delegated.
    pub delegations: Vec<Delegation>,
    /// The names of all persons and organisations that these name.
    pub names: HashMap<Uuid, String>,
    /// Whether the viewer may change it.
    pub may_manage: bool,
    /// The appointments that the viewer may delegate: its own that hold today or later.
    pub may_delegate: Vec<Uuid>,
}

/// A post's page.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::NotFound`].
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<PostView> {
    let actor = who.actor()?;
    let (c, community, today) = (app.read(), app.community_id(), app.today());
    let post = store::post(c, community, id).await?.ok_or(Error::NotFound)?;
    let (stands, _) = Stands::authorise(app, who, post.organisation, "ViewPosts").await?;
    let filter = HoldingFilter { posts: Some(vec![id]), ..HoldingFilter::default() };
    let held = store::holdings(c, community, &filter).await?;
    let cross = store::cross_requirements(c, community, Some(id)).await?;
    let appointments = Some(held.iter().map(|h| h.appointment.id).collect());
    let filter = DelegationFilter { appointments, ..DelegationFilter::default() };
    let delegations = store::delegations(c, community, &filter).await?;
    let named = held.iter().map(|h| h.appointment.person).chain(delegations.iter().map(|d| d.to));
    let names = names(app, named.chain(cross.iter().map(|r| r.organisation))).await?;
    let lasts = |period: &Period| period.until.is_none_or(|until| today < until);
    let own = held.iter().filter(|h| h.appointment.person == actor.person && lasts(&h.appointment.period));
    Ok(PostView {
        may_manage: app.may(who, "ManagePosts", stands.resource()).await?.is_some(),
        may_delegate: own.map(|h| h.appointment.id).collect(),
        organisation: stands.standing,
        post,
        held,
        cross,
        delegations,
        names,
    })
}

pub(super) async fn names(app: &App, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, String>> {
    let names = tongxin_store::people::names(app.read(), app.community_id(), ids).await?;
    Ok(names.into_iter().map(|(id, name)| (id, name.name)).collect())
}

/// What a person holds and held, the latest first. Who holds a post is known to all members.
///
/// # Errors
/// [`Error::SignInFirst`] and the store's.
pub async fn of_person(app: &App, who: &Viewer, person: Uuid) -> Result<Vec<Holding>> {
    who.actor()?;
    let filter = HoldingFilter { persons: Some(vec![person]), ..HoldingFilter::default() };
    let mut held = store::holdings(app.read(), app.community_id(), &filter).await?;
    held.reverse();
    Ok(held)
}

/// Whether the viewer may add posts to an organisation, which then shows the way to the form.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn may_manage(app: &App, who: &Viewer, organisation: Uuid) -> Result<Standing> {
    Ok(Stands::authorise(app, who, organisation, "ManagePosts").await?.0.standing)
}
