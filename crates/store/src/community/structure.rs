//! The standings of organisations: what each was, from when until when.

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
    Statement, Value,
};
use tongxin_core::{
    community::{Location, structure::Standing},
    period::Period,
};
use uuid::Uuid;

use crate::{
    Result,
    convert::{code, date, holds_on, taken},
    entity::standing::{Column, Entity, Model},
};

pub(crate) fn to_period(from: &str, until: Option<&str>) -> Result<Period> {
    Ok(Period { from: date(from)?, until: until.map(date).transpose()? })
}

fn to_standing(m: Model) -> Result<Standing> {
    Ok(Standing {
        organisation: m.organisation_id,
        period: to_period(&m.from_date, m.until_date.as_deref())?,
        name: m.name,
        kind: code(&m.kind)?,
        line: m.line_id,
        line_outside: m.line_outside,
        location: Location { place: m.place_id, area: m.area_id },
        reorganisation: m.reorganisation_id,
    })
}

fn row(community: Uuid, s: &Standing) -> Model {
    Model {
        community_id: community,
        organisation_id: s.organisation,
        from_date: s.period.from.to_string(),
        until_date: s.period.until.map(|day| day.to_string()),
        name: s.name.clone(),
        kind: s.kind.code().to_owned(),
        line_id: s.line,
        line_outside: s.line_outside.clone(),
        place_id: s.location.place,
        area_id: s.location.area,
        reorganisation_id: s.reorganisation,
    }
}

fn of(community: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::CommunityId.eq(community))
}

/// Every standing that holds on `day`, in the order of the organisations' ids.
///
/// # Errors
/// The database's.
pub async fn standings_on(c: &impl ConnectionTrait, community: Uuid, day: NaiveDate) -> Result<Vec<Standing>> {
    let holds = holds_on(Column::FromDate, Column::UntilDate, day);
    let query = of(community).filter(holds).order_by_asc(Column::OrganisationId);
    query.all(c).await?.into_iter().map(to_standing).collect()
}

/// Every standing of these organisations, the first first.
///
/// # Errors
/// The database's.
pub async fn standings_of(c: &impl ConnectionTrait, community: Uuid, organisations: &[Uuid]) -> Result<Vec<Standing>> {
    let mut found = Vec::new();
    for chunk in organisations.chunks(500) {
        let query = of(community)
            .filter(Column::OrganisationId.is_in(chunk.iter().copied()))
            .order_by_asc(Column::OrganisationId)
            .order_by_asc(Column::FromDate);
        for row in query.all(c).await? {
            found.push(to_standing(row)?);
        }
    }
    Ok(found)
}

/// Every standing of every organisation, past and future ones too.
///
/// # Errors
/// The database's.
pub async fn standings_all(c: &impl ConnectionTrait, community: Uuid) -> Result<Vec<Standing>> {
    let query = of(community).order_by_asc(Column::OrganisationId).order_by_asc(Column::FromDate);
    query.all(c).await?.into_iter().map(to_standing).collect()
}

/// Whether another organisation stands under this one, on whatever day.
///
/// # Errors
/// The database's.
pub async fn has_below(c: &impl ConnectionTrait, community: Uuid, organisation: Uuid) -> Result<bool> {
    let one = of(community).filter(Column::LineId.eq(organisation)).limit(1).one(c).await?;
    Ok(one.is_some())
}

/// The organisations whose row among the members says otherwise than their standing of `day`: those whose next standing has
/// begun, and those that are gone by it and not yet marked so. At most `limit`.
///
/// # Errors
/// The database's.
pub async fn out_of_step(c: &impl ConnectionTrait, community: Uuid, day: NaiveDate, limit: u64) -> Result<Vec<Uuid>> {
    let sql = "SELECT s.organisation_id FROM standing s \
         JOIN member m ON m.community_id = s.community_id AND m.id = s.organisation_id \
         WHERE s.community_id = $1 AND s.from_date <= $2 AND (s.until_date IS NULL OR s.until_date > $2) \
           AND (m.name <> s.name OR m.organisation_kind <> s.kind OR m.place_id <> s.place_id) \
         ORDER BY s.organisation_id LIMIT $3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values: [Value; 3] = [community.into(), day.to_string().into(), limit.into()];
    let rows = c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Adds standings.
///
/// # Errors
/// [`crate::Error::Taken`] when one of an organisation begins on that day already.
pub async fn insert_standings(c: &impl ConnectionTrait, community: Uuid, new: &[Standing]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|s| row(community, s).into_active_model());
        Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Replaces all standings of these organisations by `standings`.
///
/// # Errors
/// The database's.
pub async fn replace_standings(
    c: &impl ConnectionTrait,
    community: Uuid,
    organisations: &[Uuid],
    standings: &[Standing],
) -> Result<()> {
    for chunk in organisations.chunks(500) {
        Entity::delete_many()
            .filter(Column::CommunityId.eq(community))
            .filter(Column::OrganisationId.is_in(chunk.iter().copied()))
            .exec(c)
            .await?;
    }
    insert_standings(c, community, standings).await
}
