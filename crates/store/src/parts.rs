//! Things that are stored as a row with rows that are its parts: only what has changed is written.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, QueryFilter, Select, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    Result,
    convert::{distinct, steps, taken},
};

/// The rows of `query` that have one of `ids` in `column`, asked for in portions, each in the order of the query.
pub(crate) async fn by_ids<E: EntityTrait, T>(
    c: &impl ConnectionTrait,
    query: Select<E>,
    column: E::Column,
    ids: impl IntoIterator<Item = Uuid>,
    to: impl Fn(E::Model) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for chunk in distinct(ids).chunks(500) {
        for row in query.clone().filter(column.is_in(chunk.iter().copied())).all(c).await? {
            found.push(to(row)?);
        }
    }
    Ok(found)
}

/// Stores what has changed among the parts of one thing: takes away those that are gone, and writes those that are new or
/// other. `key` tells them apart.
pub(crate) async fn save_parts<E, K>(
    c: &impl ConnectionTrait,
    before: Vec<E::Model>,
    after: Vec<E::Model>,
    key: impl Fn(&E::Model) -> K,
) -> Result<()>
where
    E: EntityTrait,
    E::Model: PartialEq + IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
    K: Ord,
{
    let mut before: BTreeMap<K, E::Model> = before.into_iter().map(|row| (key(&row), row)).collect();
    let mut changed = Vec::new();
    for row in after {
        let same = before.remove(&key(&row)).is_some_and(|old| old == row);
        if !same {
            changed.push(row.into_active_model());
        }
    }
    for gone in before.into_values() {
        E::delete(gone.into_active_model()).exec(c).await?;
    }
    let keys: Vec<E::Column> = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
    let is_key = |column: &E::Column| keys.iter().any(|key| key.as_str() == column.as_str());
    let others: Vec<E::Column> = E::Column::iter().filter(|column| !is_key(column)).collect();
    for rows in steps(&changed) {
        let mut replace = OnConflict::columns(keys.iter().copied());
        if others.is_empty() {
            replace.do_nothing();
        } else {
            replace.update_columns(others.iter().copied());
        }
        E::insert_many(rows.to_vec()).on_conflict(replace).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Stores a row that was read with the revision `read`.
///
/// # Errors
/// The database's word for a row that is not there when it has another revision by now.
pub(crate) async fn save_revision<E>(
    c: &impl ConnectionTrait,
    row: E::Model,
    revision: E::Column,
    read: i64,
) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    let update = E::update(row.into_active_model().reset_all()).validate()?.filter(revision.eq(read));
    update.exec_without_returning(c).await.map_err(taken)?;
    Ok(())
}
