//! Figures over the service flow for a period and a place (S5, S29).

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::{Error, Result, convert::millis};

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

/// Needs handed in, by every dimension; each list in the order of its keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// By the ten categories.
    pub by_category: Vec<Count>,
    /// By residential area, its id in text form; those of none under "", last.
    pub by_area: Vec<Count>,
    /// Material or spiritual.
    pub by_care_kind: Vec<Count>,
    /// By care group of the receiver; a receiver in two is counted in both, one in none under "".
    pub by_care_group: Vec<Count>,
    /// By kind of organisation, or `person`.
    pub by_member_kind: Vec<Count>,
    /// How many members of each care group asked for something.
    pub receivers: HashMap<String, i64>,
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

async fn rows(c: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Result<Vec<QueryResult>> {
    Ok(c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?)
}

/// How many needs `i` are open, met, unmet and there at all, as columns.
const STATES: &str = "SUM(CASE WHEN i.state IN ('open', 'matched') THEN 1 ELSE 0 END), \
     SUM(CASE WHEN i.state = 'met' THEN 1 ELSE 0 END), \
     SUM(CASE WHEN i.state = 'expired' THEN 1 ELSE 0 END), COUNT(*)";

/// Counts of needs while they are summed.
#[derive(Clone, Copy, Default)]
struct Sum {
    open: i64,
    met: i64,
    unmet: i64,
    all: i64,
}

impl Sum {
    /// The four columns of [`STATES`] that begin at `first`. Over no row, a sum is none.
    fn read(row: &QueryResult, first: usize) -> Result<Self> {
        let column = |n| Ok::<_, Error>(row.try_get_by_index::<Option<i64>>(first + n)?.unwrap_or(0));
        Ok(Self { open: column(0)?, met: column(1)?, unmet: column(2)?, all: column(3)? })
    }

    fn add(&mut self, other: Self) {
        self.open += other.open;
        self.met += other.met;
        self.unmet += other.unmet;
        self.all += other.all;
    }

    fn without(self, other: Self) -> Self {
        Self {
            open: self.open - other.open,
            met: self.met - other.met,
            unmet: self.unmet - other.unmet,
            all: self.all - other.all,
        }
    }
}

/// Sums in the order of their keys.
type Sums = BTreeMap<String, Sum>;

fn counts(sums: Sums) -> Vec<Count> {
    let count = |(key, sum): (String, Sum)| Count { key, open: sum.open, met: sum.met, unmet: sum.unmet };
    sums.into_iter().filter(|(_, sum)| sum.all > 0).map(count).collect()
}

/// Needs open, met and unmet, by every dimension. One pass counts category, care kind and area together; organisations and
/// members of care groups are few, so their needs are looked up, and those of all others are what is left.
///
/// # Errors
/// The database's.
pub async fn needs(c: &impl ConnectionTrait, community: Uuid, scope: &Scope) -> Result<Needs> {
    let (condition, values) = scope.condition(community, "i", "i.created_at", true);
    let sql = format!(
        "SELECT i.category, i.care_kind, i.area_id, {STATES} FROM intent i WHERE i.side = 'need' AND {condition} GROUP BY 1, 2, 3"
    );
    let (mut category, mut care_kind, mut area, mut all) = (Sums::new(), Sums::new(), Sums::new(), Sum::default());
    for row in rows(c, sql, values.clone()).await? {
        let sum = Sum::read(&row, 3)?;
        category.entry(row.try_get_by_index(0)?).or_default().add(sum);
        care_kind.entry(row.try_get_by_index(1)?).or_default().add(sum);
        let id: Option<Uuid> = row.try_get_by_index(2)?;
        area.entry(id.map(|id| id.to_string()).unwrap_or_default()).or_default().add(sum);
        all.add(sum);
    }
    let of_no_area = area.remove("");
    let mut by_area = counts(area);
    by_area.extend(counts(of_no_area.map(|sum| (String::new(), sum)).into_iter().collect()));

    // CROSS JOIN lets SQLite begin with the few members.
    let sql = format!(
        "SELECT m.organisation_kind, {STATES} FROM member m CROSS JOIN intent i \
         WHERE m.community_id = $1 AND m.kind = 'organisation' AND i.member_id = m.id AND i.side = 'need' AND {condition} GROUP BY 1"
    );
    let (mut member_kind, mut organisations) = (Sums::new(), Sum::default());
    for row in rows(c, sql, values.clone()).await? {
        let sum = Sum::read(&row, 1)?;
        let kind: Option<String> = row.try_get_by_index(0)?;
        member_kind.entry(kind.unwrap_or_default()).or_default().add(sum);
        organisations.add(sum);
    }
    member_kind.entry("person".to_owned()).or_default().add(all.without(organisations));

    let sql = format!(
        "SELECT g.care_group, {STATES}, COUNT(DISTINCT i.member_id) FROM care_group g CROSS JOIN intent i \
         WHERE g.community_id = $1 AND i.member_id = g.member_id AND i.side = 'need' AND {condition} GROUP BY 1"
    );
    let (mut care_group, mut receivers) = (Sums::new(), HashMap::new());
    for row in rows(c, sql, values.clone()).await? {
        let group: String = row.try_get_by_index(0)?;
        receivers.insert(group.clone(), row.try_get_by_index(5)?);
        care_group.insert(group, Sum::read(&row, 1)?);
    }
    let sql = format!(
        "SELECT {STATES} FROM (SELECT DISTINCT member_id FROM care_group WHERE community_id = $1) g CROSS JOIN intent i \
         WHERE i.member_id = g.member_id AND i.side = 'need' AND {condition}"
    );
    let in_any = rows(c, sql, values).await?.first().map(|row| Sum::read(row, 0)).transpose()?.unwrap_or_default();
    care_group.insert(String::new(), all.without(in_any));
    Ok(Needs {
        by_category: counts(category),
        by_area,
        by_care_kind: counts(care_kind),
        by_care_group: counts(care_group),
        by_member_kind: counts(member_kind),
        receivers,
    })
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
    let sql = format!(
        "SELECT took FROM (SELECT {time} - i.created_at AS took, ROW_NUMBER() OVER (ORDER BY {time} - i.created_at) AS place, \
         COUNT(*) OVER () AS times {from}) placed WHERE place = (times + 1) / 2"
    );
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
