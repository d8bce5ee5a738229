//! Members: persons and organisations.

pub mod duplicate;
pub mod merge;
pub mod party;
pub mod sort_key;

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use tongxin_core::{
    community::{Location, OrganisationKind, structure::Standing},
    people::{CareGroup, MemberDetails, MemberDraft, MemberKind},
    period::{BEGINNING, Period},
};
use uuid::Uuid;

use crate::{
    Paged, Result, Slice,
    community::structure::insert_standings,
    convert::{code, date, distinct, lasts_after, taken},
    entity::{care_group, member},
};

/// A stored member, without its care groups, which are read apart ([`care_groups`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its identifier.
    pub id: Uuid,
    /// The code by which imports know it.
    pub code: Option<String>,
    /// Person or organisation.
    pub kind: MemberKind,
    /// What it says of itself. Care groups are left empty here.
    pub draft: MemberDraft,
    /// The name in pinyin, by which lists are sorted.
    pub sort_key: String,
    /// Where it lives, works or sits.
    pub location: Location,
    /// What it gave and received so far.
    pub balance: Balance,
}

/// What a member gave and received, in settled deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Balance {
    /// Minutes given.
    pub given_minutes: i64,
    /// Minutes received.
    pub received_minutes: i64,
    /// Deliveries given.
    pub given_count: i64,
    /// Deliveries received.
    pub received_count: i64,
}

/// A member's name and kind, for lists of other things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Person or organisation.
    pub kind: MemberKind,
}

/// Which members to list.
#[derive(Debug, Clone, Default)]
pub struct MemberFilter {
    /// Persons or organisations only.
    pub kind: Option<MemberKind>,
    /// Organisations of this kind only.
    pub organisation_kind: Option<OrganisationKind>,
    /// Of this residential area only.
    pub area: Option<Uuid>,
    /// Of this place only.
    pub place: Option<Uuid>,
    /// Of one of these residential areas only; none means no limit.
    pub within: Option<Vec<Uuid>>,
    /// In this care group only.
    pub care_group: Option<CareGroup>,
    /// Without organisations that were closed by this day.
    pub there_on: Option<NaiveDate>,
    /// With these tokens.
    pub tokens: Option<String>,
}

pub(crate) fn to_member(m: member::Model) -> Result<Member> {
    let kind: MemberKind = code(&m.kind)?;
    let details = match kind {
        MemberKind::Person => MemberDetails::Person {
            birth_date: m.birth_date.as_deref().map(date).transpose()?,
            sex: m.sex.as_deref().map(code).transpose()?,
            registered: m.registered,
            retired: m.retired,
            care_groups: Vec::new(),
        },
        MemberKind::Organisation => MemberDetails::Organisation {
            kind: code(m.organisation_kind.as_deref().unwrap_or_default())?,
            contact: m.contact,
        },
    };
    Ok(Member {
        id: m.id,
        code: m.code,
        kind,
        draft: MemberDraft { name: m.name, phone: m.phone, email: m.email, details },
        sort_key: m.sort_key,
        location: Location { place: m.place_id, area: m.area_id },
        balance: Balance {
            given_minutes: m.given_minutes,
            received_minutes: m.received_minutes,
            given_count: m.given_count,
            received_count: m.received_count,
        },
    })
}

fn row(community: Uuid, m: &Member, now_ms: i64) -> member::Model {
    let mut row = member::Model {
        community_id: community,
        id: m.id,
        kind: m.kind.code().to_owned(),
        code: m.code.clone(),
        name: m.draft.name.clone(),
        sort_key: m.sort_key.clone(),
        place_id: m.location.place,
        area_id: m.location.area,
        phone: m.draft.phone.clone(),
        email: m.draft.email.clone(),
        birth_date: None,
        sex: None,
        registered: false,
        retired: false,
        organisation_kind: None,
        contact: None,
        given_minutes: m.balance.given_minutes,
        received_minutes: m.balance.received_minutes,
        given_count: m.balance.given_count,
        received_count: m.balance.received_count,
        created_at: now_ms,
        updated_at: now_ms,
        staff_count: None,
        closed_on: None,
        merged_into: None,
        phone_digits: m.draft.phone.as_deref().map(digits),
    };
    match &m.draft.details {
        MemberDetails::Person { birth_date, sex, registered, retired, .. } => {
            row.birth_date = birth_date.map(|d| d.to_string());
            row.sex = sex.map(|s| s.code().to_owned());
            row.registered = *registered;
            row.retired = *retired;
        }
        MemberDetails::Organisation { kind, contact } => {
            row.organisation_kind = Some(kind.code().to_owned());
            row.contact.clone_from(contact);
        }
    }
    row
}

/// The digits of a telephone number, by which the same number is found however it is written.
#[must_use]
pub fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// The standing of an organisation of which nothing else is known: as it is now, since the beginning.
#[must_use]
pub fn first_standing(new: &Member) -> Option<Standing> {
    let MemberDetails::Organisation { kind, .. } = &new.draft.details else { return None };
    Some(Standing {
        organisation: new.id,
        period: Period::since(BEGINNING),
        name: new.draft.name.clone(),
        kind: *kind,
        line: None,
        line_outside: None,
        location: new.location,
        reorganisation: None,
    })
}

/// Adds members, with their care groups; an organisation with its first standing.
///
/// # Errors
/// [`crate::Error::Taken`] when a code is there.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &[Member], now_ms: i64) -> Result<()> {
    for chunk in new.chunks(200) {
        let rows = chunk.iter().map(|m| row(community, m, now_ms).into_active_model());
        member::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
        let standings: Vec<Standing> = chunk.iter().filter_map(first_standing).collect();
        insert_standings(c, community, &standings).await?;
        for new in chunk {
            insert_care_groups(c, community, new).await?;
        }
    }
    Ok(())
}

async fn insert_care_groups(c: &impl ConnectionTrait, community: Uuid, member: &Member) -> Result<()> {
    let MemberDetails::Person { care_groups, .. } = &member.draft.details else {
        return Ok(());
    };
    if care_groups.is_empty() {
        return Ok(());
    }
    let rows = care_groups.iter().map(|group| care_group::ActiveModel {
        community_id: Set(community),
        member_id: Set(member.id),
        care_group: Set(group.code().to_owned()),
    });
    care_group::Entity::insert_many(rows).exec_without_returning(c).await?;
    Ok(())
}

/// Stores a member's changes; its balance, its size, and whether it was closed or merged stay. With `replace_care_groups`, its care groups too.
///
/// # Errors
/// The database's.
pub async fn save(
    c: &impl ConnectionTrait,
    community: Uuid,
    changed: &Member,
    replace_care_groups: bool,
    now_ms: i64,
) -> Result<()> {
    let mut row = row(community, changed, now_ms).into_active_model().reset_all();
    row.created_at = sea_orm::ActiveValue::NotSet;
    for column in [
        member::Column::GivenMinutes,
        member::Column::ReceivedMinutes,
        member::Column::GivenCount,
        member::Column::ReceivedCount,
        member::Column::StaffCount,
        member::Column::ClosedOn,
        member::Column::MergedInto,
    ] {
        row.not_set(column);
    }
    member::Entity::update(row).exec(c).await.map_err(taken)?;
    if replace_care_groups {
        care_group::Entity::delete_many()
            .filter(care_group::Column::CommunityId.eq(community))
            .filter(care_group::Column::MemberId.eq(changed.id))
            .exec(c)
            .await?;
        insert_care_groups(c, community, changed).await?;
    }
    Ok(())
}

/// Puts an organisation's row in step with its standing: name, kind and place of the day, and the day on which it was closed.
///
/// # Errors
/// The database's.
pub async fn put_standing(
    c: &impl ConnectionTrait,
    community: Uuid,
    standing: &Standing,
    sort_key: &str,
    closed_on: Option<NaiveDate>,
    now_ms: i64,
) -> Result<()> {
    let row = member::ActiveModel {
        name: Set(standing.name.clone()),
        sort_key: Set(sort_key.to_owned()),
        organisation_kind: Set(Some(standing.kind.code().to_owned())),
        place_id: Set(standing.location.place),
        area_id: Set(standing.location.area),
        closed_on: Set(closed_on.map(|day| day.to_string())),
        updated_at: Set(now_ms),
        ..Default::default()
    };
    member::Entity::update_many()
        .set(row)
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::Id.eq(standing.organisation))
        .exec(c)
        .await?;
    Ok(())
}

/// How many persons each place of a residential area has.
///
/// # Errors
/// The database's.
pub async fn persons_by_place(c: &impl ConnectionTrait, community: Uuid, area: Uuid) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<(Uuid, i64)> = member::Entity::find()
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::AreaId.eq(area))
        .filter(member::Column::Kind.eq(MemberKind::Person.code()))
        .filter(member::Column::MergedInto.is_null())
        .select_only()
        .column(member::Column::PlaceId)
        .column_as(member::Column::Id.count(), "persons")
        .group_by(member::Column::PlaceId)
        .into_tuple()
        .all(c)
        .await?;
    Ok(rows.into_iter().collect())
}

/// A member; none for one that was merged into another ([`merged_into`]).
///
/// # Errors
/// The database's.
pub async fn member(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Member>> {
    let query = member::Entity::find_by_id((community, id)).filter(member::Column::MergedInto.is_null());
    query.one(c).await?.map(to_member).transpose()
}

/// The members with these ids, merged ones too, in the order of their ids.
///
/// # Errors
/// The database's.
pub async fn members(c: &impl ConnectionTrait, community: Uuid, ids: &[Uuid]) -> Result<Vec<Member>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let query = member::Entity::find()
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::Id.is_in(chunk.iter().copied()));
        for row in query.all(c).await? {
            found.push(to_member(row)?);
        }
    }
    found.sort_unstable_by_key(|m| m.id);
    Ok(found)
}

/// The member into which this one was merged, if it was; the last of several merges in a row.
///
/// # Errors
/// The database's.
pub async fn merged_into(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Uuid>> {
    let mut last = None;
    let mut next = id;
    while let Some(row) = member::Entity::find_by_id((community, next)).one(c).await?
        && let Some(into) = row.merged_into
    {
        last = Some(into);
        next = into;
    }
    Ok(last)
}

/// How many employees an organisation has, when it is known.
///
/// # Errors
/// The database's.
pub async fn staff_count(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<i64>> {
    let count = member::Entity::find_by_id((community, id)).select_only().column(member::Column::StaffCount);
    Ok(count.into_tuple::<Option<i64>>().one(c).await?.flatten())
}

/// The same of many organisations; those of which it is not known are left out.
///
/// # Errors
/// The database's.
pub async fn staff_counts(c: &impl ConnectionTrait, community: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let mut counts = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<(Uuid, Option<i64>)> = member::Entity::find()
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::Id.is_in(chunk.iter().copied()))
            .filter(member::Column::StaffCount.is_not_null())
            .select_only()
            .columns([member::Column::Id, member::Column::StaffCount])
            .into_tuple()
            .all(c)
            .await?;
        counts.extend(rows.into_iter().filter_map(|(id, count)| Some((id, count?))));
    }
    Ok(counts)
}

/// Stores how many employees an organisation has.
///
/// # Errors
/// The database's.
pub async fn set_staff_count(c: &impl ConnectionTrait, community: Uuid, id: Uuid, count: Option<i64>) -> Result<()> {
    member::Entity::update_many()
        .col_expr(member::Column::StaffCount, Expr::value(count))
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::Id.eq(id))
        .exec(c)
        .await?;
    Ok(())
}

/// The members with these codes: `code → id`; a code of one that was merged leads to the one that was kept.
///
/// # Errors
/// The database's.
pub async fn ids_by_code(c: &impl ConnectionTrait, community: Uuid) -> Result<HashMap<String, Uuid>> {
    let rows: Vec<(Option<String>, Uuid, Option<Uuid>)> = member::Entity::find()
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::Code.is_not_null())
        .select_only()
        .columns([member::Column::Code, member::Column::Id, member::Column::MergedInto])
        .into_tuple()
        .all(c)
        .await?;
    let mut ids = HashMap::with_capacity(rows.len());
    for (code, id, into) in rows {
        let Some(code) = code else { continue };
        let kept = if into.is_some() { merged_into(c, community, id).await?.unwrap_or(id) } else { id };
        ids.insert(code, kept);
    }
    Ok(ids)
}

/// The names of these members.
///
/// # Errors
/// The database's.
pub async fn names(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Name>> {
    let ids = distinct(ids);
    let mut names = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows: Vec<(Uuid, String, String)> = member::Entity::find()
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::Id.is_in(chunk.iter().copied()))
            .select_only()
            .columns([member::Column::Id, member::Column::Name, member::Column::Kind])
            .into_tuple()
            .all(c)
            .await?;
        for (id, name, kind) in rows {
            names.insert(id, Name { name, kind: code(&kind)? });
        }
    }
    Ok(names)
}

/// The telephone numbers of these members; those without one are left out.
///
/// # Errors
/// The database's.
pub async fn phones(c: &impl ConnectionTrait, community: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let mut phones = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<(Uuid, Option<String>)> = member::Entity::find()
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::Id.is_in(chunk.iter().copied()))
            .filter(member::Column::Phone.is_not_null())
            .select_only()
            .columns([member::Column::Id, member::Column::Phone])
            .into_tuple()
            .all(c)
            .await?;
        phones.extend(rows.into_iter().filter_map(|(id, phone)| Some((id, phone?))));
    }
    Ok(phones)
}

/// Members by name.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &MemberFilter,
    slice: Slice,
) -> Result<Paged<Member>> {
    let mut query = member::Entity::find()
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::MergedInto.is_null());
    if let Some(kind) = filter.kind {
        query = query.filter(member::Column::Kind.eq(kind.code()));
    }
    if let Some(kind) = filter.organisation_kind {
        query = query.filter(member::Column::OrganisationKind.eq(kind.code()));
    }
    if let Some(area) = filter.area {
        query = query.filter(member::Column::AreaId.eq(area));
    }
    if let Some(place) = filter.place {
        query = query.filter(member::Column::PlaceId.eq(place));
    }
    if let (Some(day), true) = (filter.there_on, filter.kind != Some(MemberKind::Person)) {
        query = query.filter(lasts_after(member::Column::ClosedOn, day));
    }
    if let Some(areas) = &filter.within {
        query = query.filter(member::Column::AreaId.is_in(areas.iter().copied()));
    }
    if let Some(group) = filter.care_group {
        // A custom expression numbers its values on PostgreSQL only.
        let in_group = match c.get_database_backend() {
            DatabaseBackend::Postgres => {
                "member.id IN (SELECT member_id FROM care_group WHERE community_id = $1 AND care_group = $2)"
            }
            _ => "member.id IN (SELECT member_id FROM care_group WHERE community_id = ? AND care_group = ?)",
        };
        let values: [sea_orm::Value; 2] = [community.into(), group.code().into()];
        query = query.filter(Expr::cust_with_values(in_group, values));
    }
    if let Some(tokens) = &filter.tokens {
        query =
            query.filter(crate::search::matches(c.get_database_backend(), community, "member", "member.id", tokens));
    }
    let query = query.order_by_asc(member::Column::SortKey).order_by_asc(member::Column::Id);
    crate::service::page(c, query, member::Column::Id, slice, to_member).await
}

/// The care groups of these members. Sensitive: the caller has authorised and records the look.
///
/// # Errors
/// The database's.
pub async fn care_groups(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<CareGroup>>> {
    let mut groups: HashMap<Uuid, Vec<CareGroup>> = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows = care_group::Entity::find()
            .filter(care_group::Column::CommunityId.eq(community))
            .filter(care_group::Column::MemberId.is_in(chunk.iter().copied()))
            .order_by_asc(care_group::Column::CareGroup)
            .all(c)
            .await?;
        for row in rows {
            groups.entry(row.member_id).or_default().push(code(&row.care_group)?);
        }
    }
    Ok(groups)
}

/// Adds a settled delivery to the balance of giver and receiver.
///
/// # Errors
/// The database's.
pub async fn add_to_balance(
    c: &impl ConnectionTrait,
    community: Uuid,
    giver: Uuid,
    receiver: Uuid,
    minutes: i64,
) -> Result<()> {
    let parts = [
        (giver, member::Column::GivenMinutes, member::Column::GivenCount),
        (receiver, member::Column::ReceivedMinutes, member::Column::ReceivedCount),
    ];
    for (id, minutes_column, count_column) in parts {
        member::Entity::update_many()
            .col_expr(minutes_column, Expr::col(minutes_column).add(minutes))
            .col_expr(count_column, Expr::col(count_column).add(1_i64))
            .filter(member::Column::CommunityId.eq(community))
            .filter(member::Column::Id.eq(id))
            .exec(c)
            .await?;
    }
    Ok(())
}
