//! Changes of posts, of who holds them and of delegations. Each rule is checked inside its transaction, so that two who
//! give the last seat at once get one yes and one clear no.

use chrono::NaiveDate;
use serde_json::{Value, json};
use tongxin_core::{
    community::post::{
        Appointment, CrossRequirement, Delegation, Post, PostKind,
        rules::{NOTE_MAX, PostForm, check_appointment, check_delegation, check_post, check_post_fits},
    },
    invalid::{Problem, Problems},
    people::MemberKind,
    period::{Period, optional_day},
    text,
};
use tongxin_store::{
    ConnectionTrait, Tx,
    community::post::{self as store, DelegationFilter, Holding, HoldingFilter},
};
use uuid::Uuid;

use super::Stands;
use crate::{App, Error, Result, Viewer, policy::Resource, record::Author};

/// An appointment as typed.
#[derive(Debug, Clone, Default)]
pub struct AppointmentForm {
    /// Who; not asked when an appointment is corrected.
    pub person: Option<Uuid>,
    /// The first day, `YYYY-MM-DD`; empty means today.
    pub from: String,
    /// The first day after it; empty while it lasts.
    pub until: String,
    /// The decision that it rests on; may be empty.
    pub note: String,
}

/// A required cross appointment as typed.
#[derive(Debug, Clone, Default)]
pub struct CrossForm {
    /// Code of the other post's kind.
    pub kind: String,
    /// The other post's organisation.
    pub organisation: Option<Uuid>,
    /// The first day, `YYYY-MM-DD`; empty means today.
    pub from: String,
    /// The first day after it; empty while it is required.
    pub until: String,
}

/// A delegation as typed.
#[derive(Debug, Clone, Default)]
pub struct DelegationForm {
    /// Who acts.
    pub to: Option<Uuid>,
    /// The first day, `YYYY-MM-DD`; empty means today.
    pub from: String,
    /// The first day after it.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// A post with the right to change it.
async fn managed(app: &App, who: &Viewer, post: Uuid) -> Result<(Post, Stands, Author)> {
    let actor = who.actor()?;
    let post = store::post(app.read(), app.community_id(), post).await?.ok_or(Error::NotFound)?;
    let (stands, capacity) = Stands::authorise(app, who, post.organisation, "ManagePosts").await?;
    Ok((post, stands, Author::new(actor, capacity)))
}

async fn holdings(tx: &Tx, app: &App, post: Uuid) -> Result<Vec<Appointment>> {
    let filter = HoldingFilter { posts: Some(vec![post]), ..HoldingFilter::default() };
    let held = store::holdings(tx, app.community_id(), &filter).await?;
    Ok(held.into_iter().map(|holding| holding.appointment).collect())
}

async fn delegations_of(c: &impl ConnectionTrait, app: &App, appointments: Vec<Uuid>) -> Result<Vec<Delegation>> {
    let filter = DelegationFilter { appointments: Some(appointments), ..DelegationFilter::default() };
    Ok(store::delegations(c, app.community_id(), &filter).await?)
}

/// A person that was chosen on a form.
async fn person(app: &App, field: &'static str, chosen: Option<Uuid>) -> Result<Result<Uuid, Problem>> {
    let found = match chosen {
        Some(id) => tongxin_store::people::member(app.read(), app.community_id(), id).await?,
        None => None,
    };
    let found = found.filter(|member| member.kind == MemberKind::Person);
    Ok(found.map(|member| member.id).ok_or_else(|| Problem::new(field, "unknown_choice")))
}

/// Adds a post to an organisation.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn create(app: &App, who: &Viewer, organisation: Uuid, form: &PostForm) -> Result<Uuid> {
    let (stands, capacity) = Stands::authorise(app, who, organisation, "ManagePosts").await?;
    let author = Author::new(who.actor()?, capacity);
    let post = check_post(form, app.today())?.into_post(app.new_id(), None, organisation);
    check_post_fits(&post, &stands.days, &[])?;
    let (id, community, app_in_tx) = (post.id, app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            store::insert_posts(tx, community, std::slice::from_ref(&post)).await?;
            app_in_tx.record(tx, &author, "post.create", ("post", id), &json!(post)).await
        })
    })
    .await?;
    Ok(id)
}

/// Changes a post.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn edit(app: &App, who: &Viewer, id: Uuid, form: &PostForm) -> Result<()> {
    let (before, stands, author) = managed(app, who, id).await?;
    let changed = check_post(form, app.today())?.into_post(id, before.code.clone(), before.organisation);
    let (community, app_in_tx) = (app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            let held = holdings(tx, &app_in_tx, id).await?;
            check_post_fits(&changed, &stands.days, &held)?;
            store::save_post(tx, community, &changed).await?;
            let data = json!({ "before": before, "after": changed });
            app_in_tx.record(tx, &author, "post.edit", ("post", id), &data).await
        })
    })
    .await
}

/// Ends a post on a day, today when none is named, with everything that rests on it.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn end(app: &App, who: &Viewer, id: Uuid, day: &str) -> Result<()> {
    let (post, _, author) = managed(app, who, id).await?;
    let day = optional_day("until", day)?.unwrap_or_else(|| app.today());
    let period = post.period.ended(day).ok_or_else(|| Problem::new("until", "end_before_start"))?;
    let ended = Post { period, ..post };
    let (community, app_in_tx) = (app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            for appointment in holdings(tx, &app_in_tx, id).await? {
                end_one(tx, &app_in_tx, &author, appointment, day).await?;
            }
            store::save_post(tx, community, &ended).await?;
            app_in_tx.record(tx, &author, "post.end", ("post", id), &json!({ "until": day })).await
        })
    })
    .await
}

/// Ends an appointment on a day with its delegations; one that begins later is taken back.
async fn end_one(tx: &Tx, app: &App, author: &Author, appointment: Appointment, day: NaiveDate) -> Result<()> {
    let community = app.community_id();
    let subject = ("member", appointment.person);
    let Some(period) = appointment.period.ended(day) else {
        store::delete_appointment(tx, community, appointment.id).await?;
        return app.record(tx, author, "appointment.remove", subject, &json!(appointment)).await;
    };
    if period == appointment.period {
        return Ok(());
    }
    for delegation in delegations_of(tx, app, vec![appointment.id]).await? {
        match delegation.period.ended(day) {
            Some(period) => store::save_delegation(tx, community, &Delegation { period, ..delegation }).await?,
            None => store::delete_delegation(tx, community, delegation.id).await?,
        }
    }
    let data = json!({ "appointment": appointment.id, "post": appointment.post, "until": day });
    store::save_appointment(tx, community, &Appointment { period, ..appointment }).await?;
    app.record(tx, author, "appointment.end", subject, &data).await
}

/// Appoints a person to a post.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn appoint(app: &App, who: &Viewer, post: Uuid, form: &AppointmentForm) -> Result<Uuid> {
    let (post, stands, author) = managed(app, who, post).await?;
    let mut problems = Problems::default();
    let person = problems.take(person(app, "person", form.person).await?);
    let period = problems.gather(Period::check(&form.from, &form.until, app.today()));
    let note = problems.take(text::optional_line("note", &form.note, NOTE_MAX));
    let (person, period, note) = problems.finish((|| Some((person?, period?, note?.unwrap_or_default())))())?;
    let new = Appointment { id: app.new_id(), post: post.id, person, period, note };
    let (id, community, app_in_tx) = (new.id, app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            let others = holdings(tx, &app_in_tx, post.id).await?;
            check_appointment(&post, &stands.days, &others, &new)?;
            store::insert_appointments(tx, community, std::slice::from_ref(&new)).await?;
            app_in_tx.record(tx, &author, "appointment.create", ("member", person), &described(&new, &post)).await
        })
    })
    .await?;
    Ok(id)
}

/// An appointment for the record, with what a reader asks first.
fn described(appointment: &Appointment, post: &Post) -> Value {
    json!({
        "appointment": appointment.id,
        "post": post.id,
        "organisation": post.organisation,
        "kind": post.kind,
        "from": appointment.period.from,
        "until": appointment.period.until,
    })
}

/// Corrects the days and the note of an appointment.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn correct(app: &App, who: &Viewer, id: Uuid, form: &AppointmentForm) -> Result<()> {
    let (post, stands, author) = managed_appointment(app, who, id).await?;
    let mut problems = Problems::default();
    let period = problems.gather(Period::check(&form.from, &form.until, app.today()));
    let note = problems.take(text::optional_line("note", &form.note, NOTE_MAX));
    let (period, note) = problems.finish(period.zip(note.map(Option::unwrap_or_default)))?;
    let (community, app_in_tx) = (app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            let mut others = holdings(tx, &app_in_tx, post.id).await?;
            let at = others.iter().position(|other| other.id == id).ok_or(Error::NotFound)?;
            let before = others.remove(at);
            let changed = Appointment { period, note, ..before.clone() };
            check_appointment(&post, &stands.days, &others, &changed)?;
            let lent = delegations_of(tx, &app_in_tx, vec![id]).await?;
            if lent.iter().any(|delegation| !delegation.period.within(&changed.period)) {
                return Err(Problem::new("until", "delegated_beyond").into());
            }
            store::save_appointment(tx, community, &changed).await?;
            let data = json!({ "before": before, "after": changed });
            app_in_tx.record(tx, &author, "appointment.edit", ("member", before.person), &data).await
        })
    })
    .await
}

async fn managed_appointment(app: &App, who: &Viewer, id: Uuid) -> Result<(Post, Stands, Author)> {
    who.actor()?;
    let appointment = store::appointment(app.read(), app.community_id(), id).await?.ok_or(Error::NotFound)?;
    managed(app, who, appointment.post).await
}

/// Ends an appointment on a day, today when none is named; one that has not begun by then is taken back. One that has ended
/// stays as it is.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn end_appointment(app: &App, who: &Viewer, id: Uuid, day: &str) -> Result<()> {
    let (_, _, author) = managed_appointment(app, who, id).await?;
    let day = optional_day("until", day)?.unwrap_or_else(|| app.today());
    let (community, app_in_tx) = (app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            let appointment = store::appointment(tx, community, id).await?.ok_or(Error::NotFound)?;
            if appointment.period.until.is_some_and(|until| until <= day) {
                return Err(Error::NotFound);
            }
            end_one(tx, &app_in_tx, &author, appointment, day).await
        })
    })
    .await
}

/// Requires that who holds a post holds another too (S9).
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn require_cross(app: &App, who: &Viewer, post: Uuid, form: &CrossForm) -> Result<Uuid> {
    let (post, _, author) = managed(app, who, post).await?;
    let mut problems = Problems::default();
    let kind = form.kind.parse::<PostKind>().map_err(|_| Problem::new("kind", "unknown_choice"));
    let kind = problems.take(kind);
    let known = match form.organisation {
        Some(id) => tongxin_store::people::member(app.read(), app.community_id(), id).await?,
        None => None,
    };
    let organisation = known.filter(|member| member.kind == MemberKind::Organisation).map(|member| member.id);
    problems.require(organisation.is_some(), || Problem::new("organisation", "unknown_choice"));
    let period = problems.gather(Period::check(&form.from, &form.until, app.today()));
    let (kind, organisation, period) = problems.finish((|| Some((kind?, organisation?, period?)))())?;
    let new = CrossRequirement { id: app.new_id(), post: post.id, kind, organisation, period };
    let (id, community, app_in_tx) = (new.id, app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            store::insert_cross(tx, community, std::slice::from_ref(&new)).await?;
            app_in_tx.record(tx, &author, "post.require_cross", ("post", post.id), &json!(new)).await
        })
    })
    .await?;
    Ok(id)
}

/// Ends a required cross appointment today.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`].
pub async fn end_cross(app: &App, who: &Viewer, post: Uuid, id: Uuid) -> Result<()> {
    let (post, _, author) = managed(app, who, post).await?;
    let all = store::cross_requirements(app.read(), app.community_id(), Some(post.id)).await?;
    let required = all.into_iter().find(|required| required.id == id).ok_or(Error::NotFound)?;
    let today = app.today();
    // One that begins later is required on no day any more: it ends where it begins.
    let first_day = Period { until: required.period.from.succ_opt(), ..required.period };
    let period = required.period.ended(today).unwrap_or(first_day);
    let ended = CrossRequirement { period, ..required };
    let (community, app_in_tx) = (app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            store::save_cross(tx, community, &ended).await?;
            let data = json!({ "requirement": id, "until": today });
            app_in_tx.record(tx, &author, "post.end_cross", ("post", post.id), &data).await
        })
    })
    .await
}

/// Lets another act in a post of one's own for a limited time.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn delegate(app: &App, who: &Viewer, appointment: Uuid, form: &DelegationForm) -> Result<Uuid> {
    let actor = who.actor()?;
    let (c, community) = (app.read(), app.community_id());
    let held = store::appointment(c, community, appointment).await?.ok_or(Error::NotFound)?;
    let owner = tongxin_store::people::member(c, community, held.person).await?.ok_or(Error::NotFound)?;
    let capacity = app.authorise(who, "Delegate", Resource::Member(owner.id, owner.location)).await?;
    let author = Author::new(actor, capacity);
    let mut problems = Problems::default();
    let to = problems.take(person(app, "to", form.to).await?);
    let period = problems.gather(Period::check(&form.from, &form.until, app.today()));
    let reason = problems.take(text::line("reason", &form.reason, NOTE_MAX));
    let (to, period, reason) = problems.finish((|| Some((to?, period?, reason?)))())?;
    let new = Delegation { id: app.new_id(), appointment, to, period, reason };
    let (id, app_in_tx) = (new.id, app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            let held = store::appointment(tx, community, appointment).await?.ok_or(Error::NotFound)?;
            let others = delegations_of(tx, &app_in_tx, vec![appointment]).await?;
            check_delegation(&held, &others, &new)?;
            store::insert_delegations(tx, community, std::slice::from_ref(&new)).await?;
            let data = json!({ "delegation": new, "post": held.post });
            app_in_tx.record(tx, &author, "delegation.create", ("member", to), &data).await
        })
    })
    .await?;
    Ok(id)
}

/// Ends a delegation today: by who delegated it, or by who manages the post.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`].
pub async fn end_delegation(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let actor = who.actor()?;
    let (c, community, today) = (app.read(), app.community_id(), app.today());
    let delegation = store::delegation(c, community, id).await?.ok_or(Error::NotFound)?;
    let held = store::appointment(c, community, delegation.appointment).await?.ok_or(Error::NotFound)?;
    let owner = tongxin_store::people::member(c, community, held.person).await?.ok_or(Error::NotFound)?;
    let author = match app.may(who, "Delegate", Resource::Member(owner.id, owner.location)).await? {
        Some(capacity) => Author::new(actor, capacity),
        None => managed(app, who, held.post).await?.2,
    };
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let delegation = store::delegation(tx, community, id).await?.ok_or(Error::NotFound)?;
            match delegation.period.ended(today) {
                Some(period) if period == delegation.period => return Err(Error::NotFound),
                Some(period) => {
                    store::save_delegation(tx, community, &Delegation { period, ..delegation.clone() }).await?;
                }
                None => store::delete_delegation(tx, community, id).await?,
            }
            let data = json!({ "delegation": id, "post": held.post, "until": today });
            app_in_tx.record(tx, &author, "delegation.end", ("member", delegation.to), &data).await
        })
    })
    .await
}

/// The posts that somebody has when a list of all is asked for.
pub(super) fn by_id(held: &[Holding]) -> Vec<(&Post, &Appointment)> {
    held.iter().map(|holding| (&holding.post, &holding.appointment)).collect()
}
