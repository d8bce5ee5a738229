//! Needs, offers, matches, deliveries, matching runs.

pub mod facts;
pub mod intents;
pub mod matches;
pub mod runs;

use sea_orm::{ConnectionTrait, QuerySelect, QueryTrait, Select, sea_query};
use uuid::Uuid;

use crate::{Paged, Result, Slice};

/// How far beyond the slice a list is counted: a count stays quick however long the list grows.
pub const COUNT_BEYOND: u64 = 1_000;

/// Counts the rows of `query`, but at most [`COUNT_BEYOND`] beyond the slice.
pub(crate) async fn capped_count<E: sea_orm::EntityTrait>(
    c: &impl ConnectionTrait,
    query: Select<E>,
    slice: Slice,
) -> Result<u64> {
    count_rows(c, query.limit(slice.offset + COUNT_BEYOND).into_query()).await
}

/// The rows of a slice of `query`, which is in its order, and how many there are in all, capped as in [`capped_count`]. They
/// are counted only when the slice does not show the end of the list.
pub(crate) async fn page<E: sea_orm::EntityTrait, T>(
    c: &impl ConnectionTrait,
    query: Select<E>,
    id: E::Column,
    slice: Slice,
    to: impl Fn(E::Model) -> Result<T>,
) -> Result<Paged<T>> {
    let rows = query.clone().offset(slice.offset).limit(slice.limit).all(c).await?;
    let shown = rows.len() as u64;
    let total = if shown < slice.limit && (shown > 0 || slice.offset == 0) {
        slice.offset + shown
    } else {
        let mut counted = query.select_only().column(id);
        QueryTrait::query(&mut counted).clear_order_by();
        capped_count(c, counted, slice).await?
    };
    Ok(Paged { rows: rows.into_iter().map(to).collect::<Result<_>>()?, total })
}

/// Counts the rows that `inner` gives.
pub(crate) async fn count_rows(c: &impl ConnectionTrait, inner: sea_query::SelectStatement) -> Result<u64> {
    let mut outer = sea_query::Query::select();
    outer.expr(sea_query::Expr::cust("COUNT(*)")).from_subquery(inner, "counted");
    let row = c.query_one(&outer).await?;
    let count: i64 = row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What part of the needs and offers a viewer may see. The app derives it from the posts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Public ones only.
    Public,
    /// Public ones, those for members, those of `members`, and all of `areas`.
    Member {
        /// The members that the viewer is or acts for.
        members: Vec<Uuid>,
        /// The residential areas in which the viewer is staff.
        areas: Vec<Uuid>,
    },
    /// What [`Sight::Member`] with the same contents has more than one with the same `areas` and without `members`: their own
    /// that others don't see. A count that many share is completed with it.
    Own {
        /// The members that the viewer is or acts for.
        members: Vec<Uuid>,
        /// The residential areas in which the viewer is staff.
        areas: Vec<Uuid>,
    },
    /// All.
    All,
}

impl Sight {
    /// The sight in two parts that have nothing in common: what all who are staff in the same areas see, and what is the
    /// viewer's own.
    #[must_use]
    pub fn shared_and_own(self) -> (Self, Option<Self>) {
        match self {
            Self::Member { members, areas } if !members.is_empty() => {
                (Self::Member { members: vec![], areas: areas.clone() }, Some(Self::Own { members, areas }))
            }
            other => (other, None),
        }
    }
}
