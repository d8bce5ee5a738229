//! The units that Party branches are set up in, with dates (S18).

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, Select,
};
use tongxin_core::period::Period;
use uuid::Uuid;

use super::structure::to_period;
use crate::{
    Result,
    convert::{holds_on, lasts_after, taken},
    entity::hosting::{Column, Entity, Model},
};

/// That a Party branch is set up in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hosting {
    /// The branch.
    pub branch: Uuid,
    /// The unit.
    pub unit: Uuid,
    /// The days.
    pub period: Period,
}

fn of(community: Uuid) -> Select<Entity> {
    Entity::find().filter(Column::CommunityId.eq(community))
}

/// What is on either side: set up in `organisation`, or a unit of it.
fn on_either_side(organisation: Uuid) -> Condition {
    Condition::any().add(Column::BranchId.eq(organisation)).add(Column::UnitId.eq(organisation))
}

async fn ordered(c: &impl ConnectionTrait, query: Select<Entity>) -> Result<Vec<Hosting>> {
    let to_hosting = |m: Model| {
        let period = to_period(&m.from_date, m.until_date.as_deref())?;
        Ok(Hosting { branch: m.branch_id, unit: m.unit_id, period })
    };
    let query = query.order_by_asc(Column::BranchId).order_by_asc(Column::UnitId);
    query.all(c).await?.into_iter().map(to_hosting).collect()
}

/// Where branches are set up on a day.
///
/// # Errors
/// The database's.
pub async fn hostings_on(c: &impl ConnectionTrait, community: Uuid, day: NaiveDate) -> Result<Vec<Hosting>> {
    ordered(c, of(community).filter(holds_on(Column::FromDate, Column::UntilDate, day))).await
}

/// The units that a branch is set up in, and the branches that are set up in a unit, on `day`.
///
/// # Errors
/// The database's.
pub async fn hostings_of(
    c: &impl ConnectionTrait,
    community: Uuid,
    organisation: Uuid,
    day: NaiveDate,
) -> Result<Vec<Hosting>> {
    let holds = holds_on(Column::FromDate, Column::UntilDate, day);
    ordered(c, of(community).filter(on_either_side(organisation)).filter(holds)).await
}

/// Sets branches up in units.
///
/// # Errors
/// [`crate::Error::Taken`] when one is set up there from that day already.
pub async fn insert_hostings(c: &impl ConnectionTrait, community: Uuid, new: &[Hosting]) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|h| {
            let row = Model {
                community_id: community,
                branch_id: h.branch,
                unit_id: h.unit,
                from_date: h.period.from.to_string(),
                until_date: h.period.until.map(|day| day.to_string()),
            };
            row.into_active_model()
        });
        Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// From `day` on, what was set up in units by or for `gone` is so by or for `heir`: a branch's units, and a unit's branches.
/// What `heir` has already, it keeps as it is.
///
/// # Errors
/// The database's.
pub async fn pass_hostings(
    c: &impl ConnectionTrait,
    community: Uuid,
    (gone, heir): (Uuid, Uuid),
    day: NaiveDate,
) -> Result<()> {
    let lasts = || lasts_after(Column::UntilDate, day);
    let found = of(community).filter(lasts()).filter(on_either_side(gone)).all(c).await?;
    let day = day.to_string();
    let side = |id: Uuid| if id == gone { heir } else { id };
    for old in found {
        let new = Model {
            branch_id: side(old.branch_id),
            unit_id: side(old.unit_id),
            from_date: old.from_date.clone().max(day.clone()),
            ..old.clone()
        };
        let key = (community, old.branch_id, old.unit_id, old.from_date.clone());
        if old.from_date < day {
            let mut ended = old.into_active_model();
            ended.until_date = Set(Some(day.clone()));
            ended.update(c).await?;
        } else {
            Entity::delete_by_id(key).exec(c).await?;
        }
        let there = of(community)
            .filter(Column::BranchId.eq(new.branch_id))
            .filter(Column::UnitId.eq(new.unit_id))
            .filter(lasts());
        if new.branch_id != new.unit_id && there.one(c).await?.is_none() {
            Entity::insert(new.into_active_model()).exec_without_returning(c).await?;
        }
    }
    Ok(())
}
