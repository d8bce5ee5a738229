//! Needs and offers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter,
    QueryOrder, QuerySelect, Select,
    sea_query::{Expr, SimpleExpr},
};
use tongxin_core::{
    community::Location,
    service::{
        CareKind, Category, Intent, IntentDraft, IntentState, Side, Urgency,
        schedule::{Schedule, Slots},
    },
    time::{Window, from_millis},
};
use uuid::Uuid;

use super::{Sight, capped_count};
use crate::{
    Paged, Result, Slice,
    convert::{code, distinct, millis, taken},
    entity::intent,
    search::{self, Rarity},
};

/// Which needs or offers to list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IntentFilter {
    /// Needs or offers.
    pub side: Side,
    /// What the viewer may see.
    pub sight: Sight,
    /// In these states; empty means any.
    pub states: Vec<IntentState>,
    /// Of this category.
    pub category: Option<Category>,
    /// Of this kind of care.
    pub care_kind: Option<CareKind>,
    /// Of this urgency.
    pub urgency: Option<Urgency>,
    /// Of this residential area.
    pub area: Option<Uuid>,
    /// Of this place.
    pub place: Option<Uuid>,
    /// Of this member.
    pub member: Option<Uuid>,
    /// With these tokens.
    pub tokens: Option<String>,
    /// In this order.
    pub sort: IntentSort,
}

impl IntentFilter {
    /// All of one side that `sight` allows, newest first.
    #[must_use]
    pub const fn new(side: Side, sight: Sight) -> Self {
        Self {
            side,
            sight,
            states: Vec::new(),
            category: None,
            care_kind: None,
            urgency: None,
            area: None,
            place: None,
            member: None,
            tokens: None,
            sort: IntentSort::Newest,
        }
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IntentSort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first: who waits longest.
    Oldest,
    /// Whose window ends first.
    EndsFirst,
}

pub(crate) fn to_intent(m: intent::Model) -> Result<Intent> {
    Ok(Intent {
        id: m.id,
        side: code(&m.side)?,
        member: m.member_id,
        entered_by: m.entered_by,
        location: Location { place: m.place_id, area: m.area_id },
        draft: IntentDraft {
            category: code(&m.category)?,
            care_kind: code(&m.care_kind)?,
            title: m.title,
            text: m.text,
            schedule: Schedule {
                window: Window { from: from_millis(m.from_at), until: from_millis(m.until_at) },
                rule: m.rrule,
                slots: Slots(u32::try_from(m.slots).unwrap_or(0)),
            },
            quantity: m.quantity,
            urgency: code(&m.urgency)?,
            reach: code(&m.reach)?,
            visibility: code(&m.visibility)?,
        },
        committed: m.committed,
        fulfilled: m.fulfilled,
        state: code(&m.state)?,
        created_at: from_millis(m.created_at),
        updated_at: from_millis(m.updated_at),
    })
}

fn row(community: Uuid, i: &Intent, code: Option<String>) -> intent::Model {
    intent::Model {
        community_id: community,
        id: i.id,
        side: i.side.code().to_owned(),
        code,
        member_id: i.member,
        entered_by: i.entered_by,
        place_id: i.location.place,
        area_id: i.location.area,
        category: i.draft.category.code().to_owned(),
        care_kind: i.draft.care_kind.code().to_owned(),
        title: i.draft.title.clone(),
        text: i.draft.text.clone(),
        from_at: millis(i.draft.schedule.window.from),
        until_at: millis(i.draft.schedule.window.until),
        rrule: i.draft.schedule.rule.clone(),
        slots: i64::from(i.draft.schedule.slots.0),
        quantity: i.draft.quantity,
        urgency: i.draft.urgency.code().to_owned(),
        reach: i.draft.reach.code().to_owned(),
        visibility: i.draft.visibility.code().to_owned(),
        committed: i.committed,
        fulfilled: i.fulfilled,
        state: i.state.code().to_owned(),
        created_at: millis(i.created_at),
        updated_at: millis(i.updated_at),
    }
}

/// Adds needs and offers, each with the code by which an import knows it.
///
/// # Errors
/// [`crate::Error::Taken`] when a code is there.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: Vec<(Intent, Option<String>)>) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|(intent, code)| row(community, intent, code.clone()).into_active_model());
        intent::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// A need or an offer.
///
/// # Errors
/// The database's.
pub async fn intent(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Intent>> {
    intent::Entity::find_by_id((community, id)).one(c).await?.map(to_intent).transpose()
}

/// These needs and offers, in no order.
///
/// # Errors
/// The database's.
pub async fn many(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Intent>> {
    let ids = distinct(ids);
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows = intent::Entity::find()
            .filter(intent::Column::CommunityId.eq(community))
            .filter(intent::Column::Id.is_in(chunk.iter().copied()))
            .all(c)
            .await?;
        for row in rows {
            found.insert(row.id, to_intent(row)?);
        }
    }
    Ok(found)
}

/// Stores a need's or offer's changes.
///
/// # Errors
/// The database's.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, changed: &Intent) -> Result<()> {
    let mut row = row(community, changed, None).into_active_model().reset_all();
    row.code = sea_orm::ActiveValue::NotSet;
    intent::Entity::update(row).exec(c).await?;
    Ok(())
}

/// The condition that lets a viewer see only what the sight allows.
fn seen(sight: &Sight) -> Condition {
    match sight {
        Sight::All => Condition::all(),
        Sight::Public => Condition::all().add(intent::Column::Visibility.eq("public")),
        Sight::Member { members, areas } => {
            let mut any = Condition::any().add(intent::Column::Visibility.is_in(["public", "members"]));
            if !members.is_empty() {
                any = any.add(intent::Column::MemberId.is_in(members.iter().copied()));
            }
            if !areas.is_empty() {
                any = any.add(intent::Column::AreaId.is_in(areas.iter().copied()));
            }
            any
        }
        Sight::Own { members, areas } => {
            let area = intent::Column::AreaId;
            Condition::all()
                .add(intent::Column::MemberId.is_in(members.iter().copied()))
                .add(intent::Column::Visibility.is_not_in(["public", "members"]))
                .add(Condition::any().add(area.is_null()).add(area.is_not_in(areas.iter().copied())))
        }
    }
}

/// The rows that the filter leaves, its tokens aside.
fn filtered(community: Uuid, filter: &IntentFilter) -> Select<intent::Entity> {
    let mut query = intent::Entity::find()
        .filter(intent::Column::CommunityId.eq(community))
        .filter(intent::Column::Side.eq(filter.side.code()))
        .filter(seen(&filter.sight));
    match filter.states.as_slice() {
        [] => {}
        [one] => query = query.filter(intent::Column::State.eq(one.code())),
        several => {
            query = query.filter(intent::Column::State.is_in(several.iter().map(|s| s.code())));
        }
    }
    if let Some(category) = filter.category {
        query = query.filter(intent::Column::Category.eq(category.code()));
    }
    if let Some(kind) = filter.care_kind {
        query = query.filter(intent::Column::CareKind.eq(kind.code()));
    }
    if let Some(urgency) = filter.urgency {
        query = query.filter(intent::Column::Urgency.eq(urgency.code()));
    }
    if let Some(area) = filter.area {
        query = query.filter(intent::Column::AreaId.eq(area));
    }
    if let Some(place) = filter.place {
        query = query.filter(intent::Column::PlaceId.eq(place));
    }
    if let Some(member) = filter.member {
        query = query.filter(intent::Column::MemberId.eq(member));
    }
    query
}

/// The condition that a row has the tokens that are asked for.
fn found(c: &impl ConnectionTrait, community: Uuid, filter: &IntentFilter, rarity: Rarity) -> Option<SimpleExpr> {
    let tokens = filter.tokens.as_ref()?;
    let matches = match rarity {
        Rarity::Rare => search::matches,
        Rarity::Frequent => search::matches_by_row,
    };
    Some(matches(c.get_database_backend(), community, filter.side.code(), "intent.id", tokens))
}

/// How many rows the filter leaves in all, but at most [`super::COUNT_BEYOND`] beyond the slice.
///
/// # Errors
/// The database's.
pub async fn count(c: &impl ConnectionTrait, community: Uuid, filter: &IntentFilter, slice: Slice) -> Result<u64> {
    // A member's own are few: each is asked for the tokens.
    let rarity = if matches!(filter.sight, Sight::Own { .. }) { Rarity::Frequent } else { Rarity::Rare };
    let query = filtered(community, filter).select_only().column(intent::Column::Id);
    let query = query.filter(Condition::all().add_option(found(c, community, filter, rarity)));
    capped_count(c, query, slice).await
}

/// The needs or offers of a slice.
///
/// # Errors
/// The database's.
pub async fn rows(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &IntentFilter,
    slice: Slice,
) -> Result<Vec<Intent>> {
    let (column, order) = match filter.sort {
        IntentSort::Newest => (intent::Column::CreatedAt, Order::Desc),
        IntentSort::Oldest => (intent::Column::CreatedAt, Order::Asc),
        IntentSort::EndsFirst => (intent::Column::UntilAt, Order::Asc),
    };
    let rarity = match &filter.tokens {
        Some(tokens) => search::rarity(c, community, tokens).await?,
        None => Rarity::Rare,
    };
    let rows = filtered(community, filter)
        .filter(Condition::all().add_option(found(c, community, filter, rarity)))
        .order_by(column, order.clone())
        .order_by(intent::Column::Id, order)
        .offset(slice.offset)
        .limit(slice.limit)
        .all(c)
        .await?;
    rows.into_iter().map(to_intent).collect()
}

/// Needs or offers, and how many there are in all.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &IntentFilter,
    slice: Slice,
) -> Result<Paged<Intent>> {
    let total = count(c, community, filter, slice).await?;
    Ok(Paged { rows: rows(c, community, filter, slice).await?, total })
}

/// How many open needs or offers of each category a viewer may see.
///
/// # Errors
/// The database's.
pub async fn open_by_category(
    c: &impl ConnectionTrait,
    community: Uuid,
    side: Side,
    sight: &Sight,
) -> Result<HashMap<Category, i64>> {
    let mut filter = IntentFilter::new(side, sight.clone());
    filter.states = vec![IntentState::Open];
    let rows: Vec<(String, i64)> = filtered(community, &filter)
        .select_only()
        .column(intent::Column::Category)
        .column_as(Expr::cust("COUNT(*)"), "n")
        .group_by(intent::Column::Category)
        .into_tuple()
        .all(c)
        .await?;
    rows.into_iter().map(|(category, n)| Ok((code(&category)?, n))).collect()
}

/// How many open needs or offers of each place a viewer may see.
///
/// # Errors
/// The database's.
pub async fn open_by_place(
    c: &impl ConnectionTrait,
    community: Uuid,
    side: Side,
    sight: &Sight,
) -> Result<HashMap<Uuid, i64>> {
    let mut filter = IntentFilter::new(side, sight.clone());
    filter.states = vec![IntentState::Open];
    let rows: Vec<(Uuid, i64)> = filtered(community, &filter)
        .select_only()
        .column(intent::Column::PlaceId)
        .column_as(Expr::cust("COUNT(*)"), "n")
        .group_by(intent::Column::PlaceId)
        .into_tuple()
        .all(c)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Open ones whose window has passed, at most `limit`.
///
/// # Errors
/// The database's.
pub async fn past_their_window(
    c: &impl ConnectionTrait,
    community: Uuid,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Intent>> {
    let rows = intent::Entity::find()
        .filter(intent::Column::CommunityId.eq(community))
        .filter(intent::Column::State.eq(IntentState::Open.code()))
        .filter(intent::Column::UntilAt.lte(millis(now)))
        .order_by_asc(intent::Column::UntilAt)
        .limit(limit)
        .all(c)
        .await?;
    rows.into_iter().map(to_intent).collect()
}
