//! Matters between parties (S14).

use chrono::NaiveDate;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use tongxin_core::{
    community::Location,
    council::Level,
    voice::matter::{Agreed, DeliberationMatter, MatterFollowUp, MatterParty, MatterState},
};
use uuid::Uuid;

use crate::{
    Paged, Result, Slice,
    convert::{code, date, from_json, json, optional_day, taken},
    council::holder,
    entity::{matter, matter_follow_up as follow_up, matter_party as party},
    parts::{save_parts, save_revision},
    search,
    service::page,
};

/// A stored matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMatter {
    /// Its code in files.
    pub code: Option<String>,
    /// Where it is.
    pub location: Location,
    /// Whether everybody may see it.
    pub public: bool,
    /// The account that entered it; none for an import.
    pub entered_by: Option<Uuid>,
    /// How often it was changed; 0 for a new one.
    pub revision: i64,
    /// The matter.
    pub life: DeliberationMatter,
}

/// A matter in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterHead {
    /// Its identifier.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// The level on which it is settled.
    pub level: Level,
    /// Where it is.
    pub location: Location,
    /// The member that raised it.
    pub raised_by: Uuid,
    /// On which day.
    pub raised_on: NaiveDate,
    /// How far it is.
    pub state: MatterState,
    /// The first day of what is agreed and not done.
    pub next_due: Option<NaiveDate>,
    /// When it was closed.
    pub closed_on: Option<NaiveDate>,
    /// Whether everybody may see it.
    pub public: bool,
}

/// Which matters; what is none is no limit.
#[derive(Debug, Clone, Default)]
pub struct MatterFilter {
    /// What a viewer sees: public ones, those to which one of the members is a party, and those of the areas.
    pub seen_by: Option<(Vec<Uuid>, Vec<Uuid>)>,
    /// Of this level.
    pub level: Option<Level>,
    /// In one of these residential areas.
    pub areas: Option<Vec<Uuid>>,
    /// At this place itself.
    pub place: Option<Uuid>,
    /// In these states; empty means any.
    pub states: Vec<MatterState>,
    /// To which one of these members is a party, or which one of them raised.
    pub parties: Option<Vec<Uuid>>,
    /// With something that is agreed, not done, and due before this day.
    pub due_before: Option<NaiveDate>,
    /// With all of these search tokens.
    pub tokens: Option<String>,
}

fn row(community: Uuid, s: &StoredMatter, revision: i64) -> Result<matter::Model> {
    let m = &s.life;
    Ok(matter::Model {
        community_id: community,
        id: m.id,
        code: s.code.clone(),
        title: m.title.clone(),
        text: m.text.clone(),
        level: m.level.code().to_owned(),
        place_id: s.location.place,
        area_id: s.location.area,
        raised_kind: m.raised_by.kind.code().to_owned(),
        raised_id: m.raised_by.member,
        raised_on: m.raised_on.to_string(),
        state: m.state.code().to_owned(),
        meetings: json(&m.meetings)?,
        agreed_on: m.outcome.as_ref().map(|agreed| agreed.on.to_string()),
        agreed_text: m.outcome.as_ref().map(|agreed| agreed.text.clone()),
        next_due_on: optional_day(m.pending().map(|pending| pending.due).min()),
        closed_on: optional_day(m.closed_on),
        reopened: json(&m.reopened)?,
        reason: m.reason.clone(),
        is_public: s.public,
        entered_by: s.entered_by,
        revision,
    })
}

fn party_rows(community: Uuid, m: &DeliberationMatter) -> Vec<party::Model> {
    let row = |(own, position): (&MatterParty, i64)| party::Model {
        community_id: community,
        matter_id: m.id,
        position,
        party_kind: own.party.kind.code().to_owned(),
        party_id: own.party.member,
        invited_on: own.invited_on.to_string(),
        answer: own.answer.map(|answer| answer.code().to_owned()),
    };
    m.parties.iter().zip(1..).map(row).collect()
}

fn follow_up_rows(community: Uuid, m: &DeliberationMatter) -> Vec<follow_up::Model> {
    let row = |(own, position): (&MatterFollowUp, i64)| follow_up::Model {
        community_id: community,
        matter_id: m.id,
        position,
        text: own.text.clone(),
        owner_kind: own.owner.kind.code().to_owned(),
        owner_id: own.owner.member,
        due_on: own.due.to_string(),
        done_on: optional_day(own.done_on),
    };
    m.outcome.iter().flat_map(|agreed| &agreed.follow_ups).zip(1..).map(row).collect()
}

/// Adds a matter.
///
/// # Errors
/// [`crate::Error::Taken`] when its code is there.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &StoredMatter) -> Result<()> {
    let row = row(community, new, new.revision)?.into_active_model();
    matter::Entity::insert(row).exec_without_returning(c).await.map_err(taken)?;
    save_all_parts(c, community, None, &new.life).await
}

/// Stores what has changed of a matter since it was read as `before`.
///
/// # Errors
/// The database's; among them that the row is not there when it was changed since it was read.
pub async fn save(
    c: &impl ConnectionTrait,
    community: Uuid,
    before: &StoredMatter,
    changed: &DeliberationMatter,
) -> Result<()> {
    let after = StoredMatter { life: changed.clone(), ..before.clone() };
    let row = row(community, &after, before.revision + 1)?;
    save_revision::<matter::Entity>(c, row, matter::Column::Revision, before.revision).await?;
    save_all_parts(c, community, Some(&before.life), changed).await
}

async fn save_all_parts(
    c: &impl ConnectionTrait,
    community: Uuid,
    before: Option<&DeliberationMatter>,
    after: &DeliberationMatter,
) -> Result<()> {
    let old = before.map(|m| party_rows(community, m)).unwrap_or_default();
    save_parts::<party::Entity, _>(c, old, party_rows(community, after), |row| row.position).await?;
    let old = before.map(|m| follow_up_rows(community, m)).unwrap_or_default();
    save_parts::<follow_up::Entity, _>(c, old, follow_up_rows(community, after), |row| row.position).await
}

fn to_party(m: &party::Model) -> Result<MatterParty> {
    Ok(MatterParty {
        party: holder(&m.party_kind, m.party_id)?,
        invited_on: date(&m.invited_on)?,
        answer: m.answer.as_deref().map(code).transpose()?,
    })
}

fn to_follow_up(m: follow_up::Model) -> Result<MatterFollowUp> {
    Ok(MatterFollowUp {
        owner: holder(&m.owner_kind, m.owner_id)?,
        due: date(&m.due_on)?,
        done_on: m.done_on.as_deref().map(date).transpose()?,
        text: m.text,
    })
}

/// A matter as a whole.
///
/// # Errors
/// The database's.
pub async fn find(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<StoredMatter>> {
    let Some(m) = matter::Entity::find_by_id((community, id)).one(c).await? else { return Ok(None) };
    let parties = party::Entity::find()
        .filter(party::Column::CommunityId.eq(community))
        .filter(party::Column::MatterId.eq(id))
        .order_by_asc(party::Column::Position);
    let follow_ups = follow_up::Entity::find()
        .filter(follow_up::Column::CommunityId.eq(community))
        .filter(follow_up::Column::MatterId.eq(id))
        .order_by_asc(follow_up::Column::Position);
    let parties = parties.all(c).await?.iter().map(to_party).collect::<Result<_>>()?;
    let outcome = match m.agreed_on.as_deref().zip(m.agreed_text) {
        None => None,
        Some((on, text)) => {
            let follow_ups = follow_ups.all(c).await?.into_iter().map(to_follow_up).collect::<Result<_>>()?;
            Some(Agreed { on: date(on)?, text, follow_ups })
        }
    };
    Ok(Some(StoredMatter {
        code: m.code,
        location: Location { place: m.place_id, area: m.area_id },
        public: m.is_public,
        entered_by: m.entered_by,
        revision: m.revision,
        life: DeliberationMatter {
            id: m.id,
            title: m.title,
            text: m.text,
            level: code(&m.level)?,
            raised_by: holder(&m.raised_kind, m.raised_id)?,
            raised_on: date(&m.raised_on)?,
            state: code(&m.state)?,
            parties,
            meetings: from_json(&m.meetings)?,
            outcome,
            closed_on: m.closed_on.as_deref().map(date).transpose()?,
            reopened: from_json(&m.reopened)?,
            reason: m.reason,
        },
    }))
}

fn to_head(m: matter::Model) -> Result<MatterHead> {
    Ok(MatterHead {
        id: m.id,
        title: m.title,
        level: code(&m.level)?,
        location: Location { place: m.place_id, area: m.area_id },
        raised_by: m.raised_id,
        raised_on: date(&m.raised_on)?,
        state: code(&m.state)?,
        next_due: m.next_due_on.as_deref().map(date).transpose()?,
        closed_on: m.closed_on.as_deref().map(date).transpose()?,
        public: m.is_public,
    })
}

/// Matters to which one of these members is a party, or which one of them raised.
fn of_parties(community: Uuid, members: &[Uuid]) -> Condition {
    let parties = party::Entity::find()
        .select_only()
        .column(party::Column::MatterId)
        .filter(party::Column::CommunityId.eq(community))
        .filter(party::Column::PartyId.is_in(members.iter().copied()));
    Condition::any()
        .add(matter::Column::RaisedId.is_in(members.iter().copied()))
        .add(matter::Column::Id.in_subquery(parties.into_query()))
}

/// Matters, the newest first.
///
/// # Errors
/// The database's.
pub async fn list(
    c: &impl ConnectionTrait,
    community: Uuid,
    filter: &MatterFilter,
    slice: Slice,
) -> Result<Paged<MatterHead>> {
    use matter::Column;
    let mut query = matter::Entity::find().filter(Column::CommunityId.eq(community));
    if let Some((members, areas)) = &filter.seen_by {
        let seen = of_parties(community, members).add(Column::IsPublic.eq(true));
        query = query.filter(seen.add(Column::AreaId.is_in(areas.iter().copied())));
    }
    if let Some(level) = filter.level {
        query = query.filter(Column::Level.eq(level.code()));
    }
    if let Some(areas) = &filter.areas {
        query = query.filter(Column::AreaId.is_in(areas.iter().copied()));
    }
    if let Some(place) = filter.place {
        query = query.filter(Column::PlaceId.eq(place));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.code())));
    }
    if let Some(members) = &filter.parties {
        query = query.filter(of_parties(community, members));
    }
    if let Some(day) = filter.due_before {
        query = query.filter(Column::NextDueOn.lt(day.to_string()));
    }
    if let Some(tokens) = &filter.tokens {
        let backend = c.get_database_backend();
        query = query.filter(search::matches(backend, community, "matter", "matter.id", tokens));
    }
    let query = query.order_by_desc(Column::RaisedOn).order_by_desc(Column::Id);
    page(c, query, Column::Id, slice, to_head).await
}
