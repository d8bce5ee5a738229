//! What coverage is counted from: where branches are set up, and how large enterprises are.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::structure::{Hosting, to_period};
use crate::{
    Result,
    convert::taken,
    entity::{hosting, member},
};

/// Where branches are set up on a day.
///
/// # Errors
/// The database's.
pub async fn hostings_on(c: &impl ConnectionTrait, community: Uuid, day: NaiveDate) -> Result<Vec<Hosting>> {
    let day = day.to_string();
    let lasts =
        Condition::any().add(hosting::Column::UntilDate.is_null()).add(hosting::Column::UntilDate.gt(day.clone()));
    let query = hosting::Entity::find()
        .filter(hosting::Column::CommunityId.eq(community))
        .filter(hosting::Column::FromDate.lte(day))
        .filter(lasts)
        .order_by_asc(hosting::Column::BranchId)
        .order_by_asc(hosting::Column::UnitId);
    let to_hosting = |m: hosting::Model| {
        let period = to_period(&m.from_date, m.until_date.as_deref())?;
        Ok(Hosting { branch: m.branch_id, unit: m.unit_id, period })
    };
    query.all(c).await?.into_iter().map(to_hosting).collect()
}

/// Sets branches up in units.
///
/// # Errors
/// [`crate::Error::Taken`] when one is set up there from that day already.
pub async fn insert_hostings(c: &impl ConnectionTrait, community: Uuid, new: &[Hosting]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|h| {
            let row = hosting::Model {
                community_id: community,
                branch_id: h.branch,
                unit_id: h.unit,
                from_date: h.period.from.to_string(),
                until_date: h.period.until.map(|day| day.to_string()),
            };
            row.into_active_model()
        });
        hosting::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// How many employees each organisation has of which it is known.
///
/// # Errors
/// The database's.
pub async fn staff_counts(c: &impl ConnectionTrait, community: Uuid) -> Result<HashMap<Uuid, i64>> {
    let query = member::Entity::find()
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::StaffCount.is_not_null())
        .select_only()
        .columns([member::Column::Id, member::Column::StaffCount]);
    let rows: Vec<(Uuid, i64)> = query.into_tuple().all(c).await?;
    Ok(rows.into_iter().collect())
}
