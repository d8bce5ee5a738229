//! Lists of posts: all, vacant, expiring, with missing cross appointments, delegated.

use std::collections::HashMap;

use chrono::NaiveDate;
use tongxin_core::community::post::{
    Appointment, Delegation, Post,
    rules::{MissingCross, expires, missing_cross},
};
use tongxin_store::{
    Paged, Slice,
    community::post::{
        self as store, DelegationFilter, Holding, HoldingFilter,
        list::{ListedPost, PostFilter},
    },
};
use uuid::Uuid;

use super::{change::by_id, names};
use crate::{App, Result, Viewer};

/// Posts as of a day, by the names of their organisations. Which posts there are, and who holds them, is known to all members.
///
/// # Errors
/// [`crate::Error::SignInFirst`] and the store's.
pub async fn list(
    app: &App,
    who: &Viewer,
    filter: &PostFilter,
    slice: Slice,
) -> Result<Paged<(ListedPost, Vec<String>)>> {
    who.actor()?;
    let page = store::list::list(app.read(), app.community_id(), filter, slice).await?;
    let posts = Some(page.rows.iter().map(|listed| listed.post.id).collect());
    let holders = HoldingFilter { posts, on: Some(filter.on), persons: None };
    let held = store::holdings(app.read(), app.community_id(), &holders).await?;
    let names = names(app, held.iter().map(|h| h.appointment.person)).await?;
    let mut of_post: HashMap<Uuid, Vec<String>> = HashMap::new();
    for holding in &held {
        of_post.entry(holding.post.id).or_default().extend(names.get(&holding.appointment.person).cloned());
    }
    let rows = page.rows.into_iter().map(|listed| {
        let holders = of_post.remove(&listed.post.id).unwrap_or_default();
        (listed, holders)
    });
    Ok(Paged { rows: rows.collect(), total: page.total })
}

async fn held_today(app: &App) -> Result<Vec<Holding>> {
    let filter = HoldingFilter { on: Some(app.today()), ..HoldingFilter::default() };
    Ok(store::holdings(app.read(), app.community_id(), &filter).await?)
}

/// An appointment whose time or term is over soon, or was over.
#[derive(Debug, Clone)]
pub struct Expiring {
    /// The post.
    pub post: Post,
    /// The appointment.
    pub appointment: Appointment,
    /// The day on which it ends, or on which its term is over.
    pub ends: NaiveDate,
    /// Whether the term is over already.
    pub overdue: bool,
    /// The person's name.
    pub person: String,
    /// The organisation's name.
    pub organisation: String,
}

/// Appointments that end within 90 days or whose term is over, the first first.
///
/// # Errors
/// [`crate::Error::SignInFirst`] and the store's.
pub async fn expiring(app: &App, who: &Viewer) -> Result<Vec<Expiring>> {
    who.actor()?;
    let today = app.today();
    let held = held_today(app).await?;
    let mut ending: Vec<(NaiveDate, &Holding)> =
        held.iter().filter_map(|h| Some((expires(&h.post, &h.appointment, today)?, h))).collect();
    ending.sort_by_key(|(ends, holding)| (*ends, holding.appointment.id));
    let named = ending.iter().flat_map(|(_, h)| [h.appointment.person, h.post.organisation]);
    let names = names(app, named).await?;
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
    let expiring = ending.iter().map(|(ends, holding)| Expiring {
        person: name(holding.appointment.person),
        organisation: name(holding.post.organisation),
        post: holding.post.clone(),
        appointment: holding.appointment.clone(),
        ends: *ends,
        overdue: *ends <= today,
    });
    Ok(expiring.collect())
}

/// A required cross appointment that somebody lacks.
#[derive(Debug, Clone)]
pub struct Missing {
    /// What is missing.
    pub missing: MissingCross,
    /// The post that asks for it.
    pub post: Post,
    /// The holder's name.
    pub person: String,
    /// The name of the post's organisation.
    pub organisation: String,
    /// The name of the other post's organisation.
    pub other_organisation: String,
}

/// The cross appointments that are required today and missing.
///
/// # Errors
/// [`crate::Error::SignInFirst`] and the store's.
pub async fn missing(app: &App, who: &Viewer) -> Result<Vec<Missing>> {
    who.actor()?;
    let required = store::cross_requirements(app.read(), app.community_id(), None).await?;
    let held = held_today(app).await?;
    let found = missing_cross(app.today(), &required, &by_id(&held));
    let posts: HashMap<Uuid, &Post> = held.iter().map(|h| (h.post.id, &h.post)).collect();
    let found: Vec<(MissingCross, Post)> = found
        .into_iter()
        .filter_map(|missing| posts.get(&missing.requirement.post).map(|post| (missing, (*post).clone())))
        .collect();
    let named = found.iter().flat_map(|(m, post)| [m.person, m.requirement.organisation, post.organisation]);
    let names = names(app, named).await?;
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
    let all = found.into_iter().map(|(missing, post)| Missing {
        person: name(missing.person),
        organisation: name(post.organisation),
        other_organisation: name(missing.requirement.organisation),
        missing,
        post,
    });
    Ok(all.collect())
}

/// A delegation with its post.
#[derive(Debug, Clone)]
pub struct Delegated {
    /// The delegation.
    pub delegation: Delegation,
    /// The post.
    pub post: Post,
    /// Whose post it is.
    pub from: String,
    /// Who acts.
    pub to: String,
    /// The name of the post's organisation.
    pub organisation: String,
    /// Whether the viewer may end it: its own.
    pub own: bool,
}

/// The delegations that last today or begin later, the first first.
///
/// # Errors
/// [`crate::Error::SignInFirst`] and the store's.
pub async fn delegations(app: &App, who: &Viewer) -> Result<Vec<Delegated>> {
    let actor = who.actor()?;
    let (c, community) = (app.read(), app.community_id());
    let filter = DelegationFilter { from: Some(app.today()), ..DelegationFilter::default() };
    let mut found = Vec::new();
    for delegation in store::delegations(c, community, &filter).await? {
        let Some(held) = store::appointment(c, community, delegation.appointment).await? else { continue };
        let Some(post) = store::post(c, community, held.post).await? else { continue };
        found.push((delegation, held, post));
    }
    let named = found.iter().flat_map(|(d, held, post)| [d.to, held.person, post.organisation]);
    let names = names(app, named).await?;
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
    let all = found.into_iter().map(|(delegation, held, post)| Delegated {
        from: name(held.person),
        to: name(delegation.to),
        organisation: name(post.organisation),
        own: held.person == actor.person,
        delegation,
        post,
    });
    Ok(all.collect())
}
