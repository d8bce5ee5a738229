//! Figures over the service flow for a period and a place (S5, S29).

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use crate::{Result, convert::millis};

/// What the figures are about: needs handed in, or deliveries made, within a period and a place.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub until: DateTime<Utc>,
    /// The residential area; none for the whole community.
    pub area: Option<Uuid>,
    /// The place within the area.
    pub place: Option<Uuid>,
}

/// By what the needs are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The ten categories.
    Category,
    /// Residential areas, by id in text form.
    Area,
    /// Material or spiritual.
    CareKind,
    /// Care groups of the receiver; a receiver in two is counted in both, one in none under "".
    CareGroup,
    /// Kind of organisation or `person`.
    MemberKind,
}

/// One row of counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// The code or id that it is for.
    pub key: String,
    /// Needs that are open or matched.
    pub open: i64,
    /// Needs that were met.
    pub met: i64,
    /// Needs that expired.
    pub unmet: i64,
}

/// Single figures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Totals {
    /// Needs handed in.
    pub needs: i64,
    /// Offers handed in.
    pub offers: i64,
    /// Deliveries made.
    pub deliveries: i64,
    /// Minutes delivered.
    pub minutes: i64,
    /// Members who received.
    pub receivers: i64,
    /// Members who gave.
    pub givers: i64,
    /// Members who did both.
    pub both: i64,
    /// Ratings given.
    pub ratings: i64,
    /// The mean rating, 1 to 5; none without ratings.
    pub mean_rating: Option<f64>,
    /// Median milliseconds from a need to the acceptance of its match.
    pub median_to_match_ms: Option<i64>,
    /// Median milliseconds from a need to its delivery.
    pub median_to_deliver_ms: Option<i64>,
}

impl Scope {
    /// The `WHERE` of this scope over `time_column`, beginning with the community as `$1`.
    fn condition(&self, community: Uuid, alias: &str, time_column: &str, with_place: bool) -> (String, Vec<Value>) {
        let mut sql = format!("{alias}.community_id = $1 AND {time_column} >= $2 AND {time_column} < $3");
        let mut values: Vec<Value> = vec![community.into(), millis(self.from).into(), millis(self.until).into()];
        if let Some(area) = self.area {
            values.push(area.into());
            sql.push_str(&format!(" AND {alias}.area_id = ${}", values.len()));
        }
        if let (Some(place), true) = (self.place, with_place) {
            values.push(place.into());
            sql.push_str(&format!(" AND {alias}.place_id = ${}", values.len()));
        }
        (sql, values)
    }

    /// The `JOIN` and `WHERE` of this scope over deliveries `d`; a delivery's place is that of its need.
    fn of_deliveries(&self, community: Uuid) -> (&'static str, String, Vec<Value>) {
        let (mut condition, mut values) = self.condition(community, "d", "d.happened_at", false);
        let Some(place) = self.place else {
            return ("", condition, values);
        };
        values.push(place.into());
        condition.push_str(&format!(" AND i.place_id = ${}", values.len()));
        let join = "JOIN service_match m ON m.community_id = d.community_id AND m.id = d.match_id \
             JOIN intent i ON i.community_id = m.community_id AND i.id = m.need_id";
        (join, condition, values)
    }
}

async fn rows(c: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Result<Vec<sea_orm::QueryResult>> {
    Ok(c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?)
}

/// Needs open, met and unmet, by one dimension.
///
/// # Errors
/// The database's.
pub async fn needs_by(c: &impl ConnectionTrait, community: Uuid, scope: &Scope, by: By) -> Result<Vec<Count>> {
    let (condition, values) = scope.condition(community, "i", "i.created_at", true);
    let (key, join) = match by {
        By::Category => ("i.category", ""),
        By::CareKind => ("i.care_kind", ""),
        By::Area => ("i.area_id", ""),
        By::CareGroup => (
            "COALESCE(g.care_group, '')",
            "LEFT JOIN care_group g ON g.community_id = i.community_id AND g.member_id = i.member_id",
        ),
        By::MemberKind => (
            "COALESCE(m.organisation_kind, 'person')",
            "JOIN member m ON m.community_id = i.community_id AND m.id = i.member_id",
        ),
    };
    let sql = format!(
        "SELECT {key} AS k, \
         SUM(CASE WHEN i.state IN ('open', 'matched') THEN 1 ELSE 0 END), \
         SUM(CASE WHEN i.state = 'met' THEN 1 ELSE 0 END), \
         SUM(CASE WHEN i.state = 'expired' THEN 1 ELSE 0 END) \
         FROM intent i {join} WHERE i.side = 'need' AND {condition} GROUP BY {key} ORDER BY 1 NULLS LAST"
    );
    let mut counts = Vec::new();
    for row in rows(c, sql, values).await? {
        let key = if by == By::Area {
            row.try_get_by_index::<Option<Uuid>>(0)?.map(|id| id.to_string()).unwrap_or_default()
        } else {
            row.try_get_by_index(0)?
        };
        counts.push(Count {
            key,
            open: row.try_get_by_index(1)?,
            met: row.try_get_by_index(2)?,
            unmet: row.try_get_by_index(3)?,
        });
    }
    Ok(counts)
}

/// How many members of each care group asked for something within the scope.
///
/// # Errors
/// The database's.
pub async fn receivers_by_care_group(
    c: &impl ConnectionTrait,
    community: Uuid,
    scope: &Scope,
) -> Result<std::collections::HashMap<String, i64>> {
    let (condition, values) = scope.condition(community, "i", "i.created_at", true);
    let sql = format!(
        "SELECT g.care_group, COUNT(DISTINCT i.member_id) FROM intent i \
         JOIN care_group g ON g.community_id = i.community_id AND g.member_id = i.member_id \
         WHERE i.side = 'need' AND {condition} GROUP BY g.care_group"
    );
    let found = rows(c, sql, values).await?;
    found.iter().map(|r| Ok((r.try_get_by_index(0)?, r.try_get_by_index(1)?))).collect()
}

/// The single figures.
///
/// # Errors
/// The database's.
pub async fn totals(c: &impl ConnectionTrait, community: Uuid, scope: &Scope) -> Result<Totals> {
    let mut totals = Totals::default();
    let (condition, values) = scope.condition(community, "i", "i.created_at", true);
    let sql = format!("SELECT i.side, COUNT(*) FROM intent i WHERE {condition} GROUP BY i.side");
    for row in rows(c, sql, values).await? {
        let n: i64 = row.try_get_by_index(1)?;
        if row.try_get_by_index::<String>(0)? == "need" {
            totals.needs = n;
        } else {
            totals.offers = n;
        }
    }
    let (place_join, condition, values) = scope.of_deliveries(community);
    let sql = format!(
        "SELECT COUNT(*), CAST(COALESCE(SUM(d.minutes), 0) AS BIGINT), COUNT(DISTINCT d.receiver_id), COUNT(DISTINCT d.giver_id), \
         COUNT(d.rating), CAST(AVG(d.rating) AS DOUBLE PRECISION) FROM delivery d {place_join} WHERE {condition}"
    );
    if let Some(row) = rows(c, sql, values.clone()).await?.first() {
        totals.deliveries = row.try_get_by_index(0)?;
        totals.minutes = row.try_get_by_index(1)?;
        totals.receivers = row.try_get_by_index(2)?;
        totals.givers = row.try_get_by_index(3)?;
        totals.ratings = row.try_get_by_index(4)?;
        totals.mean_rating = row.try_get_by_index(5)?;
    }
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT DISTINCT d.giver_id FROM delivery d {place_join} WHERE {condition} \
         AND d.giver_id IN (SELECT d.receiver_id FROM delivery d {place_join} WHERE {condition})) both_sides"
    );
    if let Some(row) = rows(c, sql, values).await?.first() {
        totals.both = row.try_get_by_index(0)?;
    }
    totals.median_to_match_ms = median(c, community, scope, "m.accepted_at", "").await?;
    let delivery = "JOIN delivery d ON d.community_id = m.community_id AND d.match_id = m.id";
    totals.median_to_deliver_ms = median(c, community, scope, "d.happened_at", delivery).await?;
    Ok(totals)
}

/// The median of `time` minus the need's beginning, over needs of the scope.
async fn median(
    c: &impl ConnectionTrait,
    community: Uuid,
    scope: &Scope,
    time: &str,
    join: &str,
) -> Result<Option<i64>> {
    let (condition, values) = scope.condition(community, "i", "i.created_at", true);
    // The difference is compared, not the two times: SQLite would take the comparison for a range of an index on `time`, and
    // go through all later deliveries for each need.
    let from = format!(
        "FROM intent i JOIN service_match m ON m.community_id = i.community_id AND m.need_id = i.id {join} \
         WHERE i.side = 'need' AND {condition} AND {time} - i.created_at >= 0"
    );
    let count = rows(c, format!("SELECT COUNT(*) {from}"), values.clone()).await?;
    let count: i64 = count.first().map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0);
    if count == 0 {
        return Ok(None);
    }
    let sql = format!("SELECT {time} - i.created_at {from} ORDER BY 1 LIMIT 1 OFFSET {}", (count - 1) / 2);
    let found = rows(c, sql, values).await?;
    Ok(found.first().map(|r| r.try_get_by_index(0)).transpose()?)
}

/// Deliveries and minutes of each day of the scope: `(days since 1970, deliveries, minutes)`, in the zone whose offset from UTC
/// is `offset_ms`.
///
/// # Errors
/// The database's.
pub async fn deliveries_by_day(
    c: &impl ConnectionTrait,
    community: Uuid,
    scope: &Scope,
    offset_ms: i64,
) -> Result<Vec<(i64, i64, i64)>> {
    let (place_join, condition, values) = scope.of_deliveries(community);
    let sql = format!(
        "SELECT (d.happened_at + {offset_ms}) / 86400000 AS day, COUNT(*), CAST(SUM(d.minutes) AS BIGINT) \
         FROM delivery d {place_join} WHERE {condition} GROUP BY 1 ORDER BY 1"
    );
    let found = rows(c, sql, values).await?;
    found.iter().map(|r| Ok((r.try_get_by_index(0)?, r.try_get_by_index(1)?, r.try_get_by_index(2)?))).collect()
}
