//! Lists of posts as of a day.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use tongxin_core::{
    community::{
        Location, OrganisationKind,
        post::{Post, PostKind},
    },
    period::Period,
};
use uuid::Uuid;

use crate::{
    Paged, Result, Slice,
    convert::{code, date, number},
    service::COUNT_BEYOND,
};

/// Which posts; what is none is no limit.
#[derive(Debug, Clone)]
pub struct PostFilter {
    /// As of this day.
    pub on: NaiveDate,
    /// Of this organisation.
    pub organisation: Option<Uuid>,
    /// Of this kind.
    pub kind: Option<PostKind>,
    /// Of organisations in this residential area.
    pub area: Option<Uuid>,
    /// Of organisations in this place.
    pub place: Option<Uuid>,
    /// With this in the title or in the organisation's name.
    pub text: Option<String>,
    /// With free seats only.
    pub vacant: bool,
}

impl PostFilter {
    /// All posts of a day.
    #[must_use]
    pub fn on(on: NaiveDate) -> Self {
        Self { on, organisation: None, kind: None, area: None, place: None, text: None, vacant: false }
    }
}

/// A post in a list, with its organisation as of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPost {
    /// The post.
    pub post: Post,
    /// The organisation's name.
    pub organisation_name: String,
    /// The organisation's kind.
    pub organisation_kind: OrganisationKind,
    /// Where the organisation is.
    pub location: Location,
    /// How many persons hold it.
    pub held: u32,
}

const COLUMNS: &str = "p.id, p.code, p.organisation_id, p.kind, p.title, p.seats, p.term_months, p.from_date, \
     p.until_date, s.name, s.kind, s.place_id, s.area_id";
const HELD: &str = "(SELECT COUNT(*) FROM appointment a WHERE a.community_id = p.community_id AND a.post_id = p.id \
     AND a.from_date <= $2 AND (a.until_date IS NULL OR a.until_date > $2))";
const FROM: &str = "FROM post p JOIN standing s ON s.community_id = p.community_id \
       AND s.organisation_id = p.organisation_id \
       AND s.from_date <= $2 AND (s.until_date IS NULL OR s.until_date > $2) \
     JOIN member m ON m.community_id = p.community_id AND m.id = p.organisation_id \
     WHERE p.community_id = $1 AND p.from_date <= $2 AND (p.until_date IS NULL OR p.until_date > $2)";

/// Posts by the names of their organisations, each organisation's in the order in which they were entered.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &PostFilter,
    slice: Slice,
) -> Result<Paged<ListedPost>> {
    let mut values: Vec<Value> = vec![community.into(), filter.on.to_string().into()];
    let mut conditions = String::new();
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        conditions.push_str(&condition.replace('?', &format!("${}", values.len())));
    };
    if let Some(organisation) = filter.organisation {
        add(" AND p.organisation_id = ?", organisation.into());
    }
    if let Some(kind) = filter.kind {
        add(" AND p.kind = ?", kind.code().into());
    }
    if let Some(area) = filter.area {
        add(" AND s.area_id = ?", area.into());
    }
    if let Some(place) = filter.place {
        add(" AND s.place_id = ?", place.into());
    }
    if let Some(text) = &filter.text {
        let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        add(" AND (p.title LIKE ? ESCAPE '!' OR s.name LIKE ? ESCAPE '!')", format!("%{escaped}%").into());
    }
    if filter.vacant {
        conditions.push_str(&format!(" AND {HELD} < p.seats"));
    }
    let backend = c.get_database_backend();
    let most = slice.offset.saturating_add(COUNT_BEYOND);
    let count = format!("SELECT COUNT(*) FROM (SELECT 1 AS one {FROM}{conditions} LIMIT {most}) AS counted");
    let row = c.query_one_raw(Statement::from_sql_and_values(backend, count, values.clone())).await?;
    let total: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    let sql = format!(
        "SELECT {COLUMNS}, {HELD} {FROM}{conditions} ORDER BY m.sort_key, p.organisation_id, p.id LIMIT {} OFFSET {}",
        slice.limit, slice.offset
    );
    let rows = c.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(Paged { rows: rows.iter().map(to_listed).collect::<Result<_>>()?, total: u64::try_from(total).unwrap_or(0) })
}

fn to_listed(row: &QueryResult) -> Result<ListedPost> {
    let text = |at: usize| row.try_get_by_index::<String>(at);
    let post = Post {
        id: row.try_get_by_index(0)?,
        code: row.try_get_by_index(1)?,
        organisation: row.try_get_by_index(2)?,
        kind: code(&text(3)?)?,
        title: text(4)?,
        seats: number(row.try_get_by_index(5)?)?,
        term_months: row.try_get_by_index::<Option<i64>>(6)?.map(number).transpose()?,
        period: Period {
            from: date(&text(7)?)?,
            until: row.try_get_by_index::<Option<String>>(8)?.as_deref().map(date).transpose()?,
        },
    };
    Ok(ListedPost {
        post,
        organisation_name: text(9)?,
        organisation_kind: code(&text(10)?)?,
        location: Location { place: row.try_get_by_index(11)?, area: row.try_get_by_index(12)? },
        held: number(row.try_get_by_index(13)?)?,
    })
}
