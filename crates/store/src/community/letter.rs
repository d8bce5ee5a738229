//! Letters of appointment.

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use tongxin_core::community::letter::AppointmentLetter;
use uuid::Uuid;

use super::structure::to_period;
use crate::{
    Paged, Result, Slice,
    convert::{date, holds_on, lasts_after, like, taken},
    entity::{
        appointment_letter::{Column, Entity, Model},
        member,
    },
    service::page,
};

/// Which letters; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct LetterFilter {
    /// Of enterprises in one of these areas, or of one of these enterprises.
    pub within: Option<(Vec<Uuid>, Vec<Uuid>)>,
    /// Of this enterprise.
    pub enterprise: Option<Uuid>,
    /// To this person.
    pub person: Option<Uuid>,
    /// Those that hold on this day.
    pub on: Option<NaiveDate>,
}

fn to_letter(m: Model) -> Result<AppointmentLetter> {
    let revoked_on = m.revoked_on.as_deref().map(date).transpose()?;
    Ok(AppointmentLetter {
        id: m.id,
        number: m.number,
        enterprise: m.enterprise_id,
        person: m.person_id,
        duties: m.duties,
        signer: m.signer,
        issued_on: date(&m.issued_on)?,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
        revoked: revoked_on.map(|day| (day, m.revoked_reason.unwrap_or_default())),
    })
}

fn row(community: Uuid, l: &AppointmentLetter) -> Model {
    Model {
        community_id: community,
        id: l.id,
        number: l.number.clone(),
        enterprise_id: l.enterprise,
        person_id: l.person,
        duties: l.duties.clone(),
        signer: l.signer.clone(),
        issued_on: l.issued_on.to_string(),
        from_date: l.period.from.to_string(),
        until_date: l.period.until.map(|day| day.to_string()),
        revoked_on: l.revoked.as_ref().map(|(day, _)| day.to_string()),
        revoked_reason: l.revoked.as_ref().map(|(_, reason)| reason.clone()),
    }
}

/// A letter.
///
/// # Errors
/// The database's.
pub async fn letter(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<AppointmentLetter>> {
    Entity::find_by_id((community, id)).one(c).await?.map(to_letter).transpose()
}

/// Letters, the newest first.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &LetterFilter,
    slice: Slice,
) -> Result<Paged<AppointmentLetter>> {
    let mut query = Entity::find().filter(Column::CommunityId.eq(community));
    if let Some((areas, enterprises)) = &filter.within {
        let mut of_areas = member::Entity::find()
            .select_only()
            .column(member::Column::Id)
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::AreaId.is_in(areas.iter().copied()));
        let either = Condition::any()
            .add(Column::EnterpriseId.in_subquery(QuerySelect::query(&mut of_areas).take()))
            .add(Column::EnterpriseId.is_in(enterprises.iter().copied()));
        query = query.filter(either);
    }
    if let Some(enterprise) = filter.enterprise {
        query = query.filter(Column::EnterpriseId.eq(enterprise));
    }
    if let Some(person) = filter.person {
        query = query.filter(Column::PersonId.eq(person));
    }
    if let Some(day) = filter.on {
        query = query.filter(holds(day));
    }
    let query = query.order_by_desc(Column::IssuedOn).order_by_desc(Column::Id);
    page(c, query, Column::Id, slice, to_letter).await
}

fn holds(day: NaiveDate) -> Condition {
    holds_on(Column::FromDate, Column::UntilDate, day).add(lasts_after(Column::RevokedOn, day))
}

/// The letters that hold on a day, in the order of their days.
///
/// # Errors
/// The database's.
pub async fn letters_on(c: &impl ConnectionTrait, community: Uuid, day: NaiveDate) -> Result<Vec<AppointmentLetter>> {
    let query = Entity::find().filter(Column::CommunityId.eq(community)).filter(holds(day));
    let rows = query.order_by_asc(Column::FromDate).order_by_asc(Column::Id).all(c).await?;
    rows.into_iter().map(to_letter).collect()
}

/// The numbers that begin so.
///
/// # Errors
/// The database's.
pub async fn numbers(c: &impl ConnectionTrait, community: Uuid, beginning: &str) -> Result<Vec<String>> {
    let query = Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Number.like(like("", beginning, "%")))
        .select_only()
        .column(Column::Number);
    Ok(query.into_tuple().all(c).await?)
}

/// Adds letters.
///
/// # Errors
/// [`crate::Error::Taken`] when a number is there.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &[AppointmentLetter]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|l| row(community, l).into_active_model());
        Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores that a letter was revoked.
///
/// # Errors
/// The database's.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, changed: &AppointmentLetter) -> Result<()> {
    Entity::update(row(community, changed).into_active_model().reset_all()).exec(c).await?;
    Ok(())
}
