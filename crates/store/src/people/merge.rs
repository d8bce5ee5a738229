//! Merging two members and putting it back: what hung on the one that goes is moved, and what was moved is written down.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Statement, Value, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use tongxin_core::{
    community::structure::Standing,
    people::{
        CareGroup, MemberKind,
        merge::{Fields, Obstacle, SetUp},
    },
    time::from_millis,
};
use uuid::Uuid;

use super::Balance;
use crate::{
    Error, Paged, Result, Slice,
    convert::{code, date, taken},
    entity::{care_group, hosting, member, member_merge},
};

/// Where rows name a member by a column of its own, besides their own id.
const NAMED: [(&str, &str); 13] = [
    ("intent", "member_id"),
    ("account", "person_id"),
    ("appointment", "person_id"),
    ("delegation", "to_person_id"),
    ("appointment_letter", "enterprise_id"),
    ("appointment_letter", "person_id"),
    ("party_membership", "person_id"),
    ("party_membership", "branch_id"),
    ("party_step", "person_id"),
    ("party_step", "branch_id"),
    ("party_transfer", "person_id"),
    ("post", "organisation_id"),
    ("cross_requirement", "organisation_id"),
];
/// The branches of a transfer, which are two columns of one row.
const TRANSFERS: [(&str, &str); 2] = [("party_transfer", "from_branch_id"), ("party_transfer", "to_branch_id")];

/// What a merge changed, as far as putting it back needs it. It holds what the members said of themselves and care groups:
/// sensitive, read by the use cases of merging alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeData {
    /// What the kept one said before.
    pub before: Fields,
    /// What it says after.
    pub after: Fields,
    /// What the one that goes says; its row keeps it.
    pub gone: Fields,
    /// The code that the kept one took over.
    pub code: Option<String>,
    /// What the one that goes gave and received.
    pub balance: Balance,
    /// The sums over its settled deliveries at that time.
    pub settled: Balance,
    /// The rows that named the one that goes, by table and column.
    pub moved: BTreeMap<String, Vec<Uuid>>,
    /// The care groups that the kept one was not in.
    pub care_groups: Vec<CareGroup>,
    /// The standings of both before, of two organisations.
    pub standings_before: Vec<Standing>,
    /// The standings of the kept one after.
    pub standings_after: Vec<Standing>,
    /// The standings of others that were under the one that goes.
    pub below: Vec<Standing>,
    /// Where branches were set up before, as far as either has to do with it.
    pub set_up_before: Vec<SetUp>,
    /// The same after.
    pub set_up_after: Vec<SetUp>,
}

/// A merge that was done.
#[derive(Debug, Clone)]
pub struct Merge {
    /// Its identifier.
    pub id: Uuid,
    /// The member that was kept.
    pub kept: Uuid,
    /// The member that went.
    pub gone: Uuid,
    /// What it changed.
    pub data: MergeData,
    /// The account that did it.
    pub by: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was put back, if it was.
    pub undone_at: Option<DateTime<Utc>>,
}

fn to_merge(m: &member_merge::Model) -> Result<Merge> {
    Ok(Merge {
        id: m.id,
        kept: m.kept_id,
        gone: m.gone_id,
        data: serde_json::from_str(&m.data).map_err(|e| Error::Value(format!("merge {}: {e}", m.id)))?,
        by: m.merged_by,
        at: from_millis(m.merged_at),
        undone_at: m.undone_at.map(from_millis),
    })
}

/// What a member says of itself, with its code; merged ones too.
///
/// # Errors
/// The database's.
pub async fn fields(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<(Fields, Option<String>)>> {
    let Some(m) = member::Entity::find_by_id((community, id)).one(c).await? else { return Ok(None) };
    let fields = Fields {
        name: m.name,
        sort_key: m.sort_key,
        location: tongxin_core::community::Location { place: m.place_id, area: m.area_id },
        phone: m.phone,
        email: m.email,
        birth_date: m.birth_date.as_deref().map(date).transpose()?,
        sex: m.sex.as_deref().map(code).transpose()?,
        registered: m.registered,
        retired: m.retired,
        organisation_kind: m.organisation_kind.as_deref().map(code).transpose()?,
        contact: m.contact,
        staff_count: m.staff_count,
    };
    Ok(Some((fields, m.code)))
}

/// Stores what a member says of itself.
///
/// # Errors
/// The database's.
pub async fn save_fields(
    c: &impl ConnectionTrait,
    community: Uuid,
    id: Uuid,
    fields: &Fields,
    now_ms: i64,
) -> Result<()> {
    let row = member::ActiveModel {
        community_id: Set(community),
        id: Set(id),
        name: Set(fields.name.clone()),
        sort_key: Set(fields.sort_key.clone()),
        place_id: Set(fields.location.place),
        area_id: Set(fields.location.area),
        phone: Set(fields.phone.clone()),
        phone_digits: Set(fields.phone.as_deref().map(super::digits)),
        email: Set(fields.email.clone()),
        birth_date: Set(fields.birth_date.map(|day| day.to_string())),
        sex: Set(fields.sex.map(|sex| sex.code().to_owned())),
        registered: Set(fields.registered),
        retired: Set(fields.retired),
        organisation_kind: Set(fields.organisation_kind.map(|kind| kind.code().to_owned())),
        contact: Set(fields.contact.clone()),
        staff_count: Set(fields.staff_count),
        updated_at: Set(now_ms),
        ..Default::default()
    };
    member::Entity::update(row).exec(c).await?;
    Ok(())
}

async fn run(c: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Result<u64> {
    let done = c.execute_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    Ok(done.rows_affected())
}

async fn is_there(c: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<bool> {
    let sql = format!("SELECT 1 WHERE EXISTS ({sql})");
    Ok(c.query_one_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?.is_some())
}

/// What of the stored forbids to merge `gone` into `kept`, except for posts and memberships, whose days the core compares.
///
/// # Errors
/// The database's.
pub async fn obstacles(c: &impl ConnectionTrait, community: Uuid, kept: Uuid, gone: Uuid) -> Result<Vec<Obstacle>> {
    let both = "IN ($2, $3)";
    let questions = [
        (
            Obstacle::MatchBetween,
            format!(
                "SELECT 1 FROM service_match WHERE community_id = $1 AND receiver_id {both} AND giver_id {both} \
                 AND receiver_id <> giver_id AND state NOT IN ('declined', 'cancelled')"
            ),
        ),
        (
            Obstacle::OwnDelegation,
            format!(
                "SELECT 1 FROM delegation d JOIN appointment a ON a.community_id = d.community_id AND a.id = d.appointment_id \
                 WHERE d.community_id = $1 AND d.to_person_id {both} AND a.person_id {both} AND a.person_id <> d.to_person_id"
            ),
        ),
        (
            Obstacle::TwoDevelopments,
            "SELECT 1 FROM party_step a JOIN party_step b ON b.community_id = a.community_id AND b.person_id = $3 \
             WHERE a.community_id = $1 AND a.person_id = $2"
                .to_owned(),
        ),
        (
            Obstacle::TwoTransfers,
            "SELECT 1 FROM party_transfer a JOIN party_transfer b ON b.community_id = a.community_id AND b.person_id = $3 \
             AND b.state IN ('asked', 'handed_over') \
             WHERE a.community_id = $1 AND a.person_id = $2 AND a.state IN ('asked', 'handed_over')"
                .to_owned(),
        ),
        (
            Obstacle::TransferBetween,
            format!(
                "SELECT 1 FROM party_transfer WHERE community_id = $1 AND from_branch_id {both} AND to_branch_id {both} \
                 AND from_branch_id <> to_branch_id"
            ),
        ),
        (
            Obstacle::SameRegistration,
            "SELECT 1 FROM party_membership a JOIN party_membership b ON b.community_id = a.community_id \
             AND b.person_id = a.person_id AND b.branch_id = $3 \
             AND (a.until_date IS NULL OR b.from_date < a.until_date) \
             AND (b.until_date IS NULL OR a.from_date < b.until_date) \
             WHERE a.community_id = $1 AND a.branch_id = $2"
                .to_owned(),
        ),
    ];
    let mut found = Vec::new();
    for (obstacle, sql) in questions {
        if is_there(c, &sql, vec![community.into(), kept.into(), gone.into()]).await? {
            found.push(obstacle);
        }
    }
    let drafted = "SELECT 1 FROM reorganisation WHERE community_id = $1 AND state = 'draft' AND steps LIKE $2";
    if is_there(c, drafted, vec![community.into(), format!("%{gone}%").into()]).await? {
        found.push(Obstacle::InDraft);
    }
    Ok(found)
}

/// Lets matches and deliveries say that `to` gave and received what `owner` handed in.
async fn follow_intents(c: &impl ConnectionTrait, community: Uuid, owner: Uuid, to: Uuid) -> Result<()> {
    for (side, intent) in [("receiver_id", "need_id"), ("giver_id", "offer_id")] {
        let own = format!("{intent} IN (SELECT id FROM intent WHERE community_id = $1 AND member_id = $2)");
        let values = || -> Vec<Value> { vec![community.into(), owner.into(), to.into()] };
        let matches = format!("UPDATE service_match SET {side} = $3 WHERE community_id = $1 AND {own}");
        let deliveries = format!(
            "UPDATE delivery SET {side} = $3 WHERE community_id = $1 AND match_id IN \
             (SELECT id FROM service_match WHERE community_id = $1 AND {own})"
        );
        run(c, matches, values()).await?;
        run(c, deliveries, values()).await?;
    }
    Ok(())
}

/// The sums over the settled deliveries of what `owner` handed in.
async fn settled(c: &impl ConnectionTrait, community: Uuid, owner: Uuid) -> Result<Balance> {
    let mut sums = [(0, 0), (0, 0)];
    for (sum, intent) in sums.iter_mut().zip(["offer_id", "need_id"]) {
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(d.minutes), 0) AS BIGINT), COUNT(*) FROM intent i \
             JOIN service_match m ON m.community_id = i.community_id AND m.{intent} = i.id \
             JOIN delivery d ON d.community_id = m.community_id AND d.match_id = m.id \
             WHERE i.community_id = $1 AND i.member_id = $2 AND d.settled"
        );
        let values: [Value; 2] = [community.into(), owner.into()];
        let row = c.query_one_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
        if let Some(row) = row {
            *sum = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    let [(given_minutes, given_count), (received_minutes, received_count)] = sums;
    Ok(Balance { given_minutes, received_minutes, given_count, received_count })
}

async fn ids_naming(
    c: &impl ConnectionTrait,
    community: Uuid,
    (table, column): (&str, &str),
    id: Uuid,
) -> Result<Vec<Uuid>> {
    let sql = format!("SELECT id FROM {table} WHERE community_id = $1 AND {column} = $2 ORDER BY id");
    let values: [Value; 2] = [community.into(), id.into()];
    let rows = c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// How many rows hang on a member, by table, those that tell of Party membership left out.
///
/// # Errors
/// The database's.
pub async fn hangs(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<BTreeMap<&'static str, u64>> {
    let mut counts = BTreeMap::new();
    for (table, column) in NAMED.into_iter().filter(|(table, _)| !table.starts_with("party_")) {
        let found = ids_naming(c, community, (table, column), id).await?.len() as u64;
        *counts.entry(table).or_default() += found;
    }
    counts.retain(|_, count| *count > 0);
    Ok(counts)
}

/// Moves every row that names `gone` to `kept`, with what follows from it; gives which.
///
/// # Errors
/// [`Error::Taken`] when a unique constraint forbids it.
pub async fn move_rows(
    c: &impl ConnectionTrait,
    community: Uuid,
    kept: Uuid,
    gone: Uuid,
) -> Result<(BTreeMap<String, Vec<Uuid>>, Balance)> {
    let sums = settled(c, community, gone).await?;
    follow_intents(c, community, gone, kept).await?;
    let mut moved = BTreeMap::new();
    for (table, column) in NAMED.into_iter().chain(TRANSFERS) {
        let ids = ids_naming(c, community, (table, column), gone).await?;
        if ids.is_empty() {
            continue;
        }
        let sql = format!("UPDATE {table} SET {column} = $3 WHERE community_id = $1 AND {column} = $2");
        let values: [Value; 3] = [community.into(), gone.into(), kept.into()];
        let statement = Statement::from_sql_and_values(c.get_database_backend(), sql, values);
        c.execute_raw(statement).await.map_err(taken)?;
        moved.insert(format!("{table}.{column}"), ids);
    }
    Ok((moved, sums))
}

/// Moves the rows back. Gives the tables of which a row no longer names `kept`: something else was done with it since; then
/// the caller gives the transaction up.
///
/// # Errors
/// The database's.
pub async fn move_back(
    c: &impl ConnectionTrait,
    community: Uuid,
    (kept, gone): (Uuid, Uuid),
    moved: &BTreeMap<String, Vec<Uuid>>,
) -> Result<(Vec<&'static str>, Balance)> {
    let mut changed = Vec::new();
    for (name, ids) in moved {
        let known = NAMED.into_iter().chain(TRANSFERS).find(|(table, column)| format!("{table}.{column}") == *name);
        let Some((table, column)) = known else {
            return Err(Error::Value(format!("merge moved {name}")));
        };
        let mut back = 0;
        for chunk in ids.chunks(500) {
            let mut values: Vec<Value> = vec![community.into(), kept.into(), gone.into()];
            values.extend(chunk.iter().map(|id| Value::from(*id)));
            let places: Vec<String> = (4..=values.len()).map(|n| format!("${n}")).collect();
            let sql = format!(
                "UPDATE {table} SET {column} = $3 WHERE community_id = $1 AND {column} = $2 AND id IN ({})",
                places.join(", ")
            );
            back += run(c, sql, values).await?;
        }
        if back != ids.len() as u64 {
            changed.push(table);
        }
    }
    follow_intents(c, community, gone, gone).await?;
    Ok((changed, settled(c, community, gone).await?))
}

/// Adds `by` to a member's balance.
///
/// # Errors
/// The database's.
pub async fn add_balance(c: &impl ConnectionTrait, community: Uuid, id: Uuid, by: Balance) -> Result<()> {
    use member::Column;
    let parts = [
        (Column::GivenMinutes, by.given_minutes),
        (Column::ReceivedMinutes, by.received_minutes),
        (Column::GivenCount, by.given_count),
        (Column::ReceivedCount, by.received_count),
    ];
    let mut update = member::Entity::update_many();
    for (column, value) in parts {
        update = update.col_expr(column, Expr::col(column).add(value));
    }
    update.filter(Column::CommunityId.eq(community)).filter(Column::Id.eq(id)).exec(c).await?;
    Ok(())
}

/// Puts a member in these care groups too; gives those in which it was not.
///
/// # Errors
/// The database's.
pub async fn add_care_groups(
    c: &impl ConnectionTrait,
    community: Uuid,
    kept: Uuid,
    groups: &[CareGroup],
) -> Result<Vec<CareGroup>> {
    let own = super::care_groups(c, community, &[kept]).await?.remove(&kept).unwrap_or_default();
    let new: Vec<CareGroup> = groups.iter().copied().filter(|group| !own.contains(group)).collect();
    for group in &new {
        let row = care_group::Model { community_id: community, member_id: kept, care_group: group.code().to_owned() };
        care_group::Entity::insert(row.into_active_model()).exec_without_returning(c).await?;
    }
    Ok(new)
}

/// Takes a member out of these care groups.
///
/// # Errors
/// The database's.
pub async fn remove_care_groups(
    c: &impl ConnectionTrait,
    community: Uuid,
    kept: Uuid,
    groups: &[CareGroup],
) -> Result<()> {
    care_group::Entity::delete_many()
        .filter(care_group::Column::CommunityId.eq(community))
        .filter(care_group::Column::MemberId.eq(kept))
        .filter(care_group::Column::CareGroup.is_in(groups.iter().map(|group| group.code())))
        .exec(c)
        .await?;
    Ok(())
}

/// Marks a member as merged into another, or as itself again, and gives or takes its code.
///
/// # Errors
/// [`Error::Taken`] when the code is another's.
pub async fn mark(
    c: &impl ConnectionTrait,
    community: Uuid,
    id: Uuid,
    into: Option<Uuid>,
    code: Option<Option<&str>>,
) -> Result<()> {
    let mut row =
        member::ActiveModel { community_id: Set(community), id: Set(id), merged_into: Set(into), ..Default::default() };
    if let Some(code) = code {
        row.code = Set(code.map(str::to_owned));
    }
    row.update(c).await.map_err(taken)?;
    Ok(())
}

fn about(community: Uuid, two: [Uuid; 2]) -> sea_orm::Select<hosting::Entity> {
    let either = Condition::any().add(hosting::Column::BranchId.is_in(two)).add(hosting::Column::UnitId.is_in(two));
    hosting::Entity::find().filter(hosting::Column::CommunityId.eq(community)).filter(either)
}

/// Where branches are set up, as far as one of the two is the branch or the unit.
///
/// # Errors
/// The database's.
pub async fn set_ups(c: &impl ConnectionTrait, community: Uuid, two: [Uuid; 2]) -> Result<Vec<SetUp>> {
    let mut found = Vec::new();
    for row in about(community, two).all(c).await? {
        let until = row.until_date.as_deref().map(date).transpose()?;
        found.push(SetUp { branch: row.branch_id, unit: row.unit_id, from: date(&row.from_date)?, until });
    }
    found.sort_unstable();
    Ok(found)
}

/// Replaces them.
///
/// # Errors
/// The database's.
pub async fn replace_set_ups(c: &impl ConnectionTrait, community: Uuid, two: [Uuid; 2], new: &[SetUp]) -> Result<()> {
    for row in about(community, two).all(c).await? {
        hosting::Entity::delete_by_id((community, row.branch_id, row.unit_id, row.from_date)).exec(c).await?;
    }
    for set_up in new {
        let row = hosting::Model {
            community_id: community,
            branch_id: set_up.branch,
            unit_id: set_up.unit,
            from_date: set_up.from.to_string(),
            until_date: set_up.until.map(|day| day.to_string()),
        };
        hosting::Entity::insert(row.into_active_model()).exec_without_returning(c).await?;
    }
    Ok(())
}

/// Writes a merge down.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &Merge) -> Result<()> {
    let row = member_merge::Model {
        community_id: community,
        id: new.id,
        kept_id: new.kept,
        gone_id: new.gone,
        data: serde_json::to_string(&new.data).map_err(|e| Error::Value(e.to_string()))?,
        merged_by: new.by,
        merged_at: new.at.timestamp_millis(),
        undone_at: new.undone_at.map(|at| at.timestamp_millis()),
    };
    member_merge::Entity::insert(row.into_active_model()).exec_without_returning(c).await?;
    Ok(())
}

/// Notes that a merge was put back.
///
/// # Errors
/// The database's.
pub async fn undone(c: &impl ConnectionTrait, community: Uuid, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    let row = member_merge::ActiveModel {
        community_id: Set(community),
        id: Set(id),
        undone_at: Set(Some(at.timestamp_millis())),
        ..Default::default()
    };
    row.update(c).await?;
    Ok(())
}

/// A merge.
///
/// # Errors
/// The database's.
pub async fn merge(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Merge>> {
    member_merge::Entity::find_by_id((community, id)).one(c).await?.as_ref().map(to_merge).transpose()
}

/// Merges, the newest first; of members kept in `areas` only when they are given.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    areas: Option<&[Uuid]>,
    slice: Slice,
) -> Result<Paged<Merge>> {
    let mut query = member_merge::Entity::find().filter(member_merge::Column::CommunityId.eq(community));
    if let Some(areas) = areas {
        let mut within = member::Entity::find()
            .select_only()
            .column(member::Column::Id)
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::AreaId.is_in(areas.iter().copied()));
        query = query.filter(member_merge::Column::KeptId.in_subquery(QuerySelect::query(&mut within).take()));
    }
    let query = query.order_by_desc(member_merge::Column::MergedAt).order_by_desc(member_merge::Column::Id);
    crate::service::page(c, query, member_merge::Column::Id, slice, |row| to_merge(&row)).await
}

/// The kind of a member, merged ones too.
///
/// # Errors
/// The database's.
pub async fn kind(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<MemberKind>> {
    let row = member::Entity::find_by_id((community, id)).one(c).await?;
    row.map(|row| code(&row.kind)).transpose()
}
