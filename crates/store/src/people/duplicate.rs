//! Members who may be one and the same: found by what they have in common, compared by the rules of the core.

use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Statement, Value,
    sea_query::OnConflict,
};
use tongxin_core::{
    community::Location,
    people::{MemberDetails, MemberKind, duplicate::Traits},
};
use uuid::Uuid;

use super::{Member, digits, members, to_member};
use crate::{
    Result,
    convert::{code, date},
    entity::{member, not_duplicate},
    search,
};

/// The most members with the same thing in common that are looked at for one.
const ALIKE: u64 = 60;
/// The most members with something in common that are looked at in a scan, for each such thing.
const SCANNED: usize = 2_000;
/// A number with fewer digits is no telephone number that anybody could have in common.
const PHONE_MIN: usize = 7;

impl Member {
    /// What is compared of it.
    #[must_use]
    pub fn traits(&self) -> Traits {
        let (birth_date, sex) = match self.draft.details {
            MemberDetails::Person { birth_date, sex, .. } => (birth_date, sex),
            MemberDetails::Organisation { .. } => (None, None),
        };
        Traits {
            kind: self.kind,
            name: self.draft.name.clone(),
            sound: sound(&self.sort_key, &self.draft.name),
            phone_digits: self.draft.phone.as_deref().map(digits).unwrap_or_default(),
            birth_date,
            sex,
            location: self.location,
        }
    }
}

/// The sound of a name: the key by which it is sorted is the sound with the name after it.
#[must_use]
pub fn sound(sort_key: &str, name: &str) -> String {
    sort_key.strip_suffix(name).unwrap_or_default().to_owned()
}

/// What is compared of all members of a kind, in the order of their ids. For asking about many at once: it reads all of them.
///
/// # Errors
/// The database's.
pub async fn all_traits(c: &impl ConnectionTrait, community: Uuid, kind: MemberKind) -> Result<Vec<(Uuid, Traits)>> {
    use member::Column;
    type Row = (Uuid, String, String, Option<String>, Option<String>, Option<String>, Uuid, Option<Uuid>);
    let columns = [
        Column::Id,
        Column::Name,
        Column::SortKey,
        Column::PhoneDigits,
        Column::BirthDate,
        Column::Sex,
        Column::PlaceId,
        Column::AreaId,
    ];
    let query = of_kind(community, kind).select_only().columns(columns).order_by_asc(Column::Id);
    let rows: Vec<Row> = query.into_tuple().all(c).await?;
    rows.into_iter()
        .map(|(id, name, sort_key, phone_digits, birth_date, sex, place, area)| {
            let traits = Traits {
                kind,
                sound: sound(&sort_key, &name),
                name,
                phone_digits: phone_digits.unwrap_or_default(),
                birth_date: birth_date.as_deref().map(date).transpose()?,
                sex: sex.as_deref().map(code).transpose()?,
                location: Location { place, area },
            };
            Ok((id, traits))
        })
        .collect()
}

fn of_kind(community: Uuid, kind: MemberKind) -> Select<member::Entity> {
    member::Entity::find()
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::Kind.eq(kind.code()))
        .filter(member::Column::MergedInto.is_null())
}

/// The members that have something in common with `new` by which they could be one: name, sound, telephone number, and for an
/// organisation the words of its short name, `tokens`. Itself is left out. Each way looks at a bounded number, so that
/// it takes a few milliseconds however large the community is.
///
/// # Errors
/// The database's.
pub async fn alike(
    c: &impl ConnectionTrait,
    community: Uuid,
    new: &Member,
    tokens: Option<&str>,
) -> Result<Vec<Member>> {
    use member::Column;
    let traits = new.traits();
    let base = || of_kind(community, new.kind);
    let same_name = || base().filter(Column::SortKey.eq(new.sort_key.as_str()));
    let mut ways = vec![same_name().filter(Column::PlaceId.eq(new.location.place)), same_name()];
    if traits.phone_digits.len() >= PHONE_MIN {
        ways.push(base().filter(Column::PhoneDigits.eq(traits.phone_digits.as_str())));
    }
    if !traits.sound.is_empty() {
        let sounds = || {
            base().filter(Column::SortKey.gte(traits.sound.as_str())).filter(Column::SortKey.lt(after(&traits.sound)))
        };
        if let Some(born) = traits.birth_date {
            ways.push(sounds().filter(Column::BirthDate.eq(born.to_string())));
        }
        ways.push(sounds());
    }
    if let Some(tokens) = tokens {
        let backend = c.get_database_backend();
        ways.push(base().filter(search::matches(backend, community, "member", "member.id", tokens)));
    }
    let mut found = Vec::new();
    let mut seen = HashSet::from([new.id]);
    for way in ways {
        let rows = way.order_by_asc(Column::SortKey).order_by_asc(Column::Id).limit(ALIKE).all(c).await?;
        for row in rows {
            if seen.insert(row.id) {
                found.push(to_member(row)?);
            }
        }
    }
    Ok(found)
}

/// The first text after all those that begin with `prefix`.
fn after(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// Members that have something in common, in groups by what it is: name and place, sound and date of birth, name and year of
/// birth, telephone number. Of `areas` only when they are given. At most [`SCANNED`] for each; the second value tells whether
/// there are more.
///
/// # Errors
/// The database's.
pub async fn groups(
    c: &impl ConnectionTrait,
    community: Uuid,
    areas: Option<&[Uuid]>,
) -> Result<(Vec<Vec<Member>>, bool)> {
    const SOUND: &str = "CASE WHEN length(sort_key) > length(name) THEN substr(sort_key, 1, length(sort_key) - length(name)) ELSE name END";
    let ways = [
        ("kind, place_id, name".to_owned(), "name <> ''".to_owned()),
        (format!("kind, birth_date, {SOUND}"), "birth_date IS NOT NULL".to_owned()),
        ("kind, substr(birth_date, 1, 4), name".to_owned(), "birth_date IS NOT NULL".to_owned()),
        ("kind, phone_digits".to_owned(), format!("length(phone_digits) >= {PHONE_MIN}")),
    ];
    let (mut groups, mut more) = (Vec::new(), false);
    for (key, condition) in ways {
        let rows = in_common(c, community, areas, (&key, &condition)).await?;
        more |= rows.len() > SCANNED;
        let ids: Vec<Uuid> = rows.iter().take(SCANNED).map(|(id, _)| *id).collect();
        let all = members(c, community, &ids).await?;
        let member = |id: &Uuid| all.binary_search_by_key(id, |m| m.id).ok().map(|at| all[at].clone());
        for group in rows[..rows.len().min(SCANNED)].chunk_by(|a, b| a.1 == b.1) {
            groups.push(group.iter().filter_map(|(id, _)| member(id)).collect());
        }
    }
    Ok((groups, more))
}

/// The members whose key is that of another too, with the number of the key.
async fn in_common(
    c: &impl ConnectionTrait,
    community: Uuid,
    areas: Option<&[Uuid]>,
    (key, condition): (&str, &str),
) -> Result<Vec<(Uuid, i64)>> {
    let mut values: Vec<Value> = vec![community.into()];
    let within = areas.map_or_else(String::new, |areas| {
        let places: Vec<String> = areas
            .iter()
            .map(|area| {
                values.push((*area).into());
                format!("${}", values.len())
            })
            .collect();
        if places.is_empty() { "AND 1 = 0".to_owned() } else { format!("AND area_id IN ({})", places.join(", ")) }
    });
    let sql = format!(
        "SELECT id, place FROM (SELECT id, COUNT(*) OVER (PARTITION BY {key}) AS twins, DENSE_RANK() OVER (ORDER BY {key}) AS place \
         FROM member WHERE community_id = $1 AND merged_into IS NULL AND {condition} {within}) keyed \
         WHERE twins > 1 ORDER BY place, id LIMIT {}",
        SCANNED + 1
    );
    let rows = c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

const fn pair(a: Uuid, b: Uuid) -> (Uuid, Uuid) {
    if a.as_u128() <= b.as_u128() { (a, b) } else { (b, a) }
}

/// Remembers that two members are two.
///
/// # Errors
/// The database's.
pub async fn tell_apart(c: &impl ConnectionTrait, community: Uuid, a: Uuid, b: Uuid) -> Result<()> {
    let (one_id, other_id) = pair(a, b);
    let row = not_duplicate::Model { community_id: community, one_id, other_id };
    use not_duplicate::Column;
    let keys = [Column::CommunityId, Column::OneId, Column::OtherId];
    not_duplicate::Entity::insert(sea_orm::IntoActiveModel::into_active_model(row))
        .on_conflict(OnConflict::columns(keys).do_nothing().to_owned())
        .exec_without_returning(c)
        .await?;
    Ok(())
}

/// The pairs that somebody found to be two; the smaller id first.
///
/// # Errors
/// The database's.
pub async fn told_apart(c: &impl ConnectionTrait, community: Uuid) -> Result<HashSet<(Uuid, Uuid)>> {
    let rows = not_duplicate::Entity::find().filter(not_duplicate::Column::CommunityId.eq(community)).all(c).await?;
    Ok(rows.into_iter().map(|row| (row.one_id, row.other_id)).collect())
}
