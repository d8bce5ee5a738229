//! Posts of organisations: who holds them, which cross appointments they ask for, and to whom they are delegated.

pub mod list;

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QueryResult,
    Statement, Value,
};
use tongxin_core::{
    community::{
        Location,
        post::{Appointment, CrossRequirement, Delegation, HeldPost, Post},
    },
    period::Period,
};
use uuid::Uuid;

use super::structure::to_period;
use crate::{
    Result,
    convert::{code, date, distinct, holds_on, number, taken},
    entity::{appointment, cross_requirement, delegation, post},
};

/// A post with one of its appointments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The post.
    pub post: Post,
    /// Who holds it, and when.
    pub appointment: Appointment,
}

/// Which appointments; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct HoldingFilter {
    /// Of these persons.
    pub persons: Option<Vec<Uuid>>,
    /// To these posts.
    pub posts: Option<Vec<Uuid>>,
    /// Those that hold on this day.
    pub on: Option<NaiveDate>,
}

fn until(period: &Period) -> Option<String> {
    period.until.map(|day| day.to_string())
}

fn to_post(m: post::Model) -> Result<Post> {
    Ok(Post {
        id: m.id,
        code: m.code,
        organisation: m.organisation_id,
        kind: code(&m.kind)?,
        title: m.title,
        seats: number(m.seats)?,
        term_months: m.term_months.map(number).transpose()?,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
    })
}

fn post_row(community: Uuid, p: &Post) -> post::Model {
    post::Model {
        community_id: community,
        id: p.id,
        code: p.code.clone(),
        organisation_id: p.organisation,
        kind: p.kind.code().to_owned(),
        title: p.title.clone(),
        seats: i64::from(p.seats),
        term_months: p.term_months.map(i64::from),
        from_date: p.period.from.to_string(),
        until_date: until(&p.period),
    }
}

fn to_appointment(m: appointment::Model) -> Result<Appointment> {
    Ok(Appointment {
        id: m.id,
        post: m.post_id,
        person: m.person_id,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
        note: m.note,
    })
}

fn appointment_row(community: Uuid, a: &Appointment) -> appointment::Model {
    appointment::Model {
        community_id: community,
        id: a.id,
        post_id: a.post,
        person_id: a.person,
        from_date: a.period.from.to_string(),
        until_date: until(&a.period),
        note: a.note.clone(),
    }
}

fn to_cross(m: &cross_requirement::Model) -> Result<CrossRequirement> {
    Ok(CrossRequirement {
        id: m.id,
        post: m.post_id,
        kind: code(&m.kind)?,
        organisation: m.organisation_id,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
    })
}

fn cross_row(community: Uuid, r: &CrossRequirement) -> cross_requirement::Model {
    cross_requirement::Model {
        community_id: community,
        id: r.id,
        post_id: r.post,
        kind: r.kind.code().to_owned(),
        organisation_id: r.organisation,
        from_date: r.period.from.to_string(),
        until_date: until(&r.period),
    }
}

fn to_delegation(m: delegation::Model) -> Result<Delegation> {
    Ok(Delegation {
        id: m.id,
        appointment: m.appointment_id,
        to: m.to_person_id,
        period: to_period(&m.from_date, Some(&m.until_date))?,
        reason: m.reason,
    })
}

fn delegation_row(community: Uuid, d: &Delegation) -> delegation::Model {
    delegation::Model {
        community_id: community,
        id: d.id,
        appointment_id: d.appointment,
        to_person_id: d.to,
        from_date: d.period.from.to_string(),
        // A delegation always ends; one without an end would be a post of its own.
        until_date: d.period.until.unwrap_or(d.period.from).to_string(),
        reason: d.reason.clone(),
    }
}

/// The columns of a held post, its own days aside.
const HELD: &str = "a.id, p.id, p.kind, p.title, p.organisation_id, s.kind, s.place_id, s.area_id";

/// An appointment `a` with its post `p` and the standing `s` of the organisation, all as of the day `$3`.
const STANDS: &str = "JOIN post p ON p.community_id = a.community_id AND p.id = a.post_id \
       AND p.from_date <= $3 AND (p.until_date IS NULL OR p.until_date > $3) \
     JOIN standing s ON s.community_id = p.community_id AND s.organisation_id = p.organisation_id \
       AND s.from_date <= $3 AND (s.until_date IS NULL OR s.until_date > $3)";

/// The posts by which a person acts on `day`: its own, then those that others delegated to it. A post or an organisation
/// that is not there on that day gives nothing.
///
/// # Errors
/// The database's.
pub async fn held_by(c: &impl ConnectionTrait, community: Uuid, person: Uuid, day: NaiveDate) -> Result<Vec<HeldPost>> {
    let holds = "a.from_date <= $3 AND (a.until_date IS NULL OR a.until_date > $3)";
    let own = format!(
        "SELECT 0 AS borrowed, {HELD}, a.from_date, a.until_date, a.person_id FROM appointment a {STANDS} \
         WHERE a.community_id = $1 AND a.person_id = $2 AND {holds}"
    );
    let delegated = format!(
        "SELECT 1 AS borrowed, {HELD}, d.from_date, d.until_date, a.person_id FROM delegation d \
         JOIN appointment a ON a.community_id = d.community_id AND a.id = d.appointment_id AND {holds} {STANDS} \
         WHERE d.community_id = $1 AND d.to_person_id = $2 AND d.from_date <= $3 AND d.until_date > $3"
    );
    let sql = format!("{own} UNION ALL {delegated} ORDER BY 1, 10, 2");
    let values: [Value; 3] = [community.into(), person.into(), day.to_string().into()];
    let rows = c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    rows.iter().map(to_held).collect()
}

fn to_held(row: &QueryResult) -> Result<HeldPost> {
    let text = |at: usize| row.try_get_by_index::<String>(at);
    let borrowed: i32 = row.try_get_by_index(0)?;
    let person: Uuid = row.try_get_by_index(11)?;
    Ok(HeldPost {
        appointment: row.try_get_by_index(1)?,
        post: row.try_get_by_index(2)?,
        kind: code(&text(3)?)?,
        title: text(4)?,
        organisation: row.try_get_by_index(5)?,
        organisation_kind: code(&text(6)?)?,
        location: Location { place: row.try_get_by_index(7)?, area: row.try_get_by_index(8)? },
        period: Period {
            from: date(&text(9)?)?,
            until: row.try_get_by_index::<Option<String>>(10)?.as_deref().map(date).transpose()?,
        },
        delegated_by: (borrowed == 1).then_some(person),
    })
}

/// Appointments with their posts, the first first.
///
/// # Errors
/// The database's.
pub async fn holdings(c: &impl ConnectionTrait, community: Uuid, filter: &HoldingFilter) -> Result<Vec<Holding>> {
    use appointment::Column;
    let mut query = appointment::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(persons) = &filter.persons {
        query = query.filter(Column::PersonId.is_in(persons.iter().copied()));
    }
    if let Some(posts) = &filter.posts {
        query = query.filter(Column::PostId.is_in(posts.iter().copied()));
    }
    if let Some(day) = filter.on {
        query = query.filter(holds_on(Column::FromDate, Column::UntilDate, day));
    }
    let rows = query.order_by_asc(Column::FromDate).order_by_asc(Column::Id).all(c).await?;
    let posts = posts_by_id(c, community, rows.iter().map(|row| row.post_id)).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(post) = posts.get(&row.post_id) {
            found.push(Holding { post: post.clone(), appointment: to_appointment(row)? });
        }
    }
    Ok(found)
}

/// These posts, by their ids.
///
/// # Errors
/// The database's.
pub async fn posts_by_id(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<std::collections::HashMap<Uuid, Post>> {
    let ids = distinct(ids);
    let mut posts = std::collections::HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let query = post::Entity::find()
            .filter(post::Column::CommunityId.eq(community))
            .filter(post::Column::Id.is_in(chunk.iter().copied()));
        for row in query.all(c).await? {
            posts.insert(row.id, to_post(row)?);
        }
    }
    Ok(posts)
}

/// A post.
///
/// # Errors
/// The database's.
pub async fn post(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Post>> {
    post::Entity::find_by_id((community, id)).one(c).await?.map(to_post).transpose()
}

/// All posts that these organisations have or had, the first first.
///
/// # Errors
/// The database's.
pub async fn posts_of(c: &impl ConnectionTrait, community: Uuid, organisations: &[Uuid]) -> Result<Vec<Post>> {
    let mut found = Vec::new();
    for chunk in organisations.chunks(500) {
        let query = post::Entity::find()
            .filter(post::Column::CommunityId.eq(community))
            .filter(post::Column::OrganisationId.is_in(chunk.iter().copied()))
            .order_by_asc(post::Column::FromDate)
            .order_by_asc(post::Column::Id);
        for row in query.all(c).await? {
            found.push(to_post(row)?);
        }
    }
    Ok(found)
}

/// Adds posts.
///
/// # Errors
/// [`crate::Error::Taken`] when a code is there.
pub async fn insert_posts(c: &impl ConnectionTrait, community: Uuid, new: &[Post]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|p| post_row(community, p).into_active_model());
        post::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores a post's changes.
///
/// # Errors
/// [`crate::Error::Taken`] when its code is another's.
pub async fn save_post(c: &impl ConnectionTrait, community: Uuid, changed: &Post) -> Result<()> {
    post::Entity::update(post_row(community, changed).into_active_model().reset_all()).exec(c).await.map_err(taken)?;
    Ok(())
}

/// An appointment.
///
/// # Errors
/// The database's.
pub async fn appointment(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Appointment>> {
    appointment::Entity::find_by_id((community, id)).one(c).await?.map(to_appointment).transpose()
}

/// Adds appointments.
///
/// # Errors
/// The database's.
pub async fn insert_appointments(c: &impl ConnectionTrait, community: Uuid, new: &[Appointment]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|a| appointment_row(community, a).into_active_model());
        appointment::Entity::insert_many(rows).exec_without_returning(c).await?;
    }
    Ok(())
}

/// Stores an appointment's changes.
///
/// # Errors
/// The database's.
pub async fn save_appointment(c: &impl ConnectionTrait, community: Uuid, changed: &Appointment) -> Result<()> {
    let row = appointment_row(community, changed).into_active_model().reset_all();
    appointment::Entity::update(row).exec(c).await?;
    Ok(())
}

/// Takes an appointment back that was never in force, with its delegations.
///
/// # Errors
/// The database's.
pub async fn delete_appointment(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<()> {
    delegation::Entity::delete_many()
        .filter(delegation::Column::CommunityId.eq(community))
        .filter(delegation::Column::AppointmentId.eq(id))
        .exec(c)
        .await?;
    appointment::Entity::delete_by_id((community, id)).exec(c).await?;
    Ok(())
}

/// The cross appointments that are or were required, of one post or of all; the first first.
///
/// # Errors
/// The database's.
pub async fn cross_requirements(
    c: &impl ConnectionTrait,
    community: Uuid,
    post: Option<Uuid>,
) -> Result<Vec<CrossRequirement>> {
    use cross_requirement::Column;
    let mut query = cross_requirement::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(post) = post {
        query = query.filter(Column::PostId.eq(post));
    }
    let rows = query.order_by_asc(Column::FromDate).order_by_asc(Column::Id).all(c).await?;
    rows.iter().map(to_cross).collect()
}

/// Requires cross appointments.
///
/// # Errors
/// The database's.
pub async fn insert_cross(c: &impl ConnectionTrait, community: Uuid, new: &[CrossRequirement]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|r| cross_row(community, r).into_active_model());
        cross_requirement::Entity::insert_many(rows).exec_without_returning(c).await?;
    }
    Ok(())
}

/// Stores the changes of a required cross appointment.
///
/// # Errors
/// The database's.
pub async fn save_cross(c: &impl ConnectionTrait, community: Uuid, changed: &CrossRequirement) -> Result<()> {
    let row = cross_row(community, changed).into_active_model().reset_all();
    cross_requirement::Entity::update(row).exec(c).await?;
    Ok(())
}

/// Which delegations; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct DelegationFilter {
    /// Of these appointments.
    pub appointments: Option<Vec<Uuid>>,
    /// To this person.
    pub to: Option<Uuid>,
    /// Those that last on this day or begin later.
    pub from: Option<NaiveDate>,
}

/// Delegations, the first first.
///
/// # Errors
/// The database's.
pub async fn delegations(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &DelegationFilter,
) -> Result<Vec<Delegation>> {
    use delegation::Column;
    let mut query = delegation::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some(appointments) = &filter.appointments {
        query = query.filter(Column::AppointmentId.is_in(appointments.iter().copied()));
    }
    if let Some(person) = filter.to {
        query = query.filter(Column::ToPersonId.eq(person));
    }
    if let Some(day) = filter.from {
        query = query.filter(Column::UntilDate.gt(day.to_string()));
    }
    let rows = query.order_by_asc(Column::FromDate).order_by_asc(Column::Id).all(c).await?;
    rows.into_iter().map(to_delegation).collect()
}

/// A delegation.
///
/// # Errors
/// The database's.
pub async fn delegation(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Delegation>> {
    delegation::Entity::find_by_id((community, id)).one(c).await?.map(to_delegation).transpose()
}

/// Adds delegations.
///
/// # Errors
/// The database's.
pub async fn insert_delegations(c: &impl ConnectionTrait, community: Uuid, new: &[Delegation]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|d| delegation_row(community, d).into_active_model());
        delegation::Entity::insert_many(rows).exec_without_returning(c).await?;
    }
    Ok(())
}

/// Stores a delegation's changes.
///
/// # Errors
/// The database's.
pub async fn save_delegation(c: &impl ConnectionTrait, community: Uuid, changed: &Delegation) -> Result<()> {
    let row = delegation_row(community, changed).into_active_model().reset_all();
    delegation::Entity::update(row).exec(c).await?;
    Ok(())
}

/// Takes a delegation back that was never in force.
///
/// # Errors
/// The database's.
pub async fn delete_delegation(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<()> {
    delegation::Entity::delete_by_id((community, id)).exec(c).await?;
    Ok(())
}
