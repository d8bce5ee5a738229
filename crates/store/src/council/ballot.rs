//! Ballots: who took part (turnouts) and what was voted (sheets), apart.
//!
//! To cast is a few short statements: one reads the vote, the voter's place on the roll and turnout ([`casting`]), and one row
//! each is written of turnout and sheet ([`cast`]). Nothing is counted up: figures are sums over rows that are small.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, Statement, Value,
};
use tongxin_core::{
    council::{
        Measure, Secrecy,
        ballot::{
            Vote,
            cast::{Accepted, Sheet, SheetKey, Turnout},
            proxy::Proxy,
        },
        charter::Way,
        roll::RollEntry,
    },
    time::from_millis,
};
use uuid::Uuid;

use super::vote::{StoredVote, to_vote};
use crate::{
    Error, Paged, Result, Slice,
    convert::{code, from_json, json, millis, number, steps, stored, taken},
    entity::{turnout, vote, vote_inclusion as inclusion, vote_sheet as sheet},
    parts::by_ids,
    service::page,
};

/// What is needed to take a ballot of a voter.
#[derive(Debug, Clone)]
pub struct Casting {
    /// The vote; who is present is left out.
    pub vote: StoredVote,
    /// The voter's place on the roll; none for who is not on it.
    pub entry: Option<RollEntry>,
    /// That the voter has taken part.
    pub turnout: Option<Turnout>,
    /// The proxy that the voter has given.
    pub proxy: Option<Proxy>,
}

/// What is needed to take a ballot of a voter, in one question to the database. None without the vote.
///
/// # Errors
/// The database's.
pub async fn casting(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, voter: Uuid) -> Result<Option<Casting>> {
    let sql = "SELECT v.*, r.area AS roll_area, t.way AS t_way, t.by_id AS t_by, t.by_proxy AS t_proxy, t.at AS t_at, \
         t.entry_id AS t_entry, p.holder_id AS p_holder, p.at AS p_at FROM vote v \
         LEFT JOIN roll_entry r ON r.community_id = v.community_id AND r.vote_id = v.id AND r.voter_id = $3 \
         LEFT JOIN turnout t ON t.community_id = v.community_id AND t.vote_id = v.id AND t.voter_id = $3 \
         LEFT JOIN vote_proxy p ON p.community_id = v.community_id AND p.vote_id = v.id AND p.giver_id = $3 \
         WHERE v.community_id = $1 AND v.id = $2";
    let values: [Value; 3] = [community.into(), vote.into(), voter.into()];
    let row = c.query_one_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    row.map(|row| to_casting(&row, voter)).transpose()
}

fn to_casting(row: &QueryResult, voter: Uuid) -> Result<Casting> {
    let area: Option<i64> = row.try_get("", "roll_area")?;
    let turnout = match row.try_get::<Option<String>>("", "t_way")? {
        None => None,
        Some(way) => Some(Turnout {
            voter,
            way: code(&way)?,
            by: row.try_get("", "t_by")?,
            proxy: row.try_get("", "t_proxy")?,
            at: from_millis(row.try_get("", "t_at")?),
            entry: row.try_get("", "t_entry")?,
        }),
    };
    let holder: Option<Uuid> = row.try_get("", "p_holder")?;
    let given: Option<i64> = row.try_get("", "p_at")?;
    Ok(Casting {
        vote: to_vote(vote::Model::from_query_result(row, "")?)?,
        entry: area.map(|area| Ok::<_, Error>(RollEntry { voter, area: number(area)? })).transpose()?,
        turnout,
        proxy: holder.zip(given).map(|(holder, at)| Proxy { giver: voter, holder, at: from_millis(at) }),
    })
}

fn turnout_row(community: Uuid, vote: Uuid, t: &Turnout) -> turnout::Model {
    turnout::Model {
        community_id: community,
        vote_id: vote,
        voter_id: t.voter,
        way: t.way.code().to_owned(),
        by_id: t.by,
        by_proxy: t.proxy,
        at: millis(t.at),
        entry_id: t.entry,
    }
}

fn to_turnout(m: &turnout::Model) -> Result<Turnout> {
    Ok(Turnout {
        voter: m.voter_id,
        way: code(&m.way)?,
        by: m.by_id,
        proxy: m.by_proxy,
        at: from_millis(m.at),
        entry: m.entry_id,
    })
}

/// What a sheet is stored under; the kinds don't meet.
fn stored_key(key: &SheetKey) -> String {
    match key {
        SheetKey::Voter(voter) => format!("voter:{voter}"),
        SheetKey::Secret { label, .. } => format!("{SECRET}{label}"),
        SheetKey::Counted(entry, line) => format!("entry:{entry}:{line}"),
    }
}

const SECRET: &str = "secret:";

fn to_key(key: &str, inclusion: &mut impl Iterator<Item = String>) -> Result<SheetKey> {
    let broken = || Error::Value(format!("key of a ballot {key:?}"));
    if let Some(label) = key.strip_prefix(SECRET) {
        let inclusion = inclusion.next().ok_or_else(broken)?;
        return Ok(SheetKey::Secret { label: label.to_owned(), inclusion });
    }
    if let Some(voter) = key.strip_prefix("voter:") {
        return voter.parse().map(SheetKey::Voter).map_err(|_| broken());
    }
    let (entry, line) = key.strip_prefix("entry:").and_then(|rest| rest.split_once(':')).ok_or_else(broken)?;
    let (entry, line) = entry.parse().ok().zip(line.parse().ok()).ok_or_else(broken)?;
    Ok(SheetKey::Counted(entry, line))
}

/// Every head and every seat weighs 1: only the area is stored.
fn area_of(vote: &Vote, weights: &[u64]) -> Result<i64> {
    let at = vote.rule.measures.iter().position(|measure| *measure == Measure::Area);
    stored(at.and_then(|at| weights.get(at).copied()).unwrap_or(0))
}

fn weights_of(vote: &Vote, area: u64) -> Vec<u64> {
    let weight = |measure: &Measure| if *measure == Measure::Area { area } else { 1 };
    vote.rule.measures.iter().map(weight).collect()
}

fn sheet_row(community: Uuid, vote: &Vote, s: &Sheet) -> Result<sheet::Model> {
    Ok(sheet::Model {
        community_id: community,
        vote_id: vote.id,
        sheet_key: stored_key(&s.key),
        marks: json(&s.marks)?,
        area: area_of(vote, &s.weights)?,
        times: s.times.into(),
    })
}

/// Stores a ballot that was accepted. `before` is the voter's turnout that is stored already. `replaces` is the inclusion
/// number of the secret ballot that it replaces. Says whether the ballot that it replaces was there: when it says no, the
/// whole transaction has to be given up.
///
/// # Errors
/// [`Error::Taken`] when the voter has voted meanwhile; the database's when the vote has ended.
pub async fn cast(
    c: &impl ConnectionTrait,
    community: Uuid,
    vote: &Vote,
    accepted: &Accepted,
    before: Option<&Turnout>,
    replaces: Option<&str>,
) -> Result<bool> {
    if let Some(label) = &accepted.replaces {
        let gone = sheet::Entity::delete_by_id((community, vote.id, format!("{SECRET}{label}"))).exec(c).await?;
        let number = replaces.unwrap_or_default().to_owned();
        let number = inclusion::Entity::delete_by_id((community, vote.id, number)).exec(c).await?;
        if gone.rows_affected != 1 || number.rows_affected != 1 {
            return Ok(false);
        }
    }
    let turnout = turnout_row(community, vote.id, &accepted.turnout).into_active_model();
    let sheet = sheet_row(community, vote, &accepted.sheet)?.into_active_model();
    let open = matches!(accepted.sheet.key, SheetKey::Voter(_));
    if before.is_some() {
        turnout::Entity::update(turnout.reset_all()).exec_without_returning(c).await?;
    } else {
        turnout::Entity::insert(turnout).exec_without_returning(c).await.map_err(taken)?;
    }
    if before.is_some() && open {
        sheet::Entity::update(sheet.reset_all()).exec_without_returning(c).await?;
    } else {
        sheet::Entity::insert(sheet).exec_without_returning(c).await.map_err(taken)?;
    }
    if let SheetKey::Secret { inclusion, .. } = &accepted.sheet.key {
        insert_inclusion(c, community, vote.id, std::slice::from_ref(inclusion)).await?;
    }
    Ok(true)
}

async fn insert_inclusion(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, numbers: &[String]) -> Result<()> {
    for chunk in steps(numbers) {
        let row =
            |number: &String| inclusion::Model { community_id: community, vote_id: vote, inclusion: number.clone() };
        let rows = chunk.iter().map(|number| row(number).into_active_model());
        inclusion::Entity::insert_many(rows).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Adds turnouts of an entry.
pub(super) async fn insert_turnouts(
    c: &impl ConnectionTrait,
    community: Uuid,
    vote: Uuid,
    new: &[Turnout],
) -> Result<()> {
    let rows: Vec<_> = new.iter().map(|one| turnout_row(community, vote, one).into_active_model()).collect();
    for chunk in steps(&rows) {
        turnout::Entity::insert_many(chunk.to_vec()).exec_without_returning(c).await.map_err(taken)?;
    }
    Ok(())
}

/// Takes the turnouts of an entry away.
pub(super) async fn delete_turnouts(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, entry: Uuid) -> Result<()> {
    turnout::Entity::delete_many()
        .filter(turnout::Column::CommunityId.eq(community))
        .filter(turnout::Column::VoteId.eq(vote))
        .filter(turnout::Column::EntryId.eq(entry))
        .exec(c)
        .await?;
    Ok(())
}

/// Adds sheets as they are: of an entry that was confirmed, or of a vote that is brought in.
///
/// # Errors
/// [`Error::Taken`] when one is there.
pub async fn insert_sheets(c: &impl ConnectionTrait, community: Uuid, vote: &Vote, new: &[Sheet]) -> Result<()> {
    let rows = new.iter().map(|one| Ok(sheet_row(community, vote, one)?.into_active_model()));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    for chunk in steps(&rows) {
        sheet::Entity::insert_many(chunk.to_vec()).exec_without_returning(c).await.map_err(taken)?;
    }
    let mut numbers: Vec<String> = Vec::new();
    for one in new {
        if let SheetKey::Secret { inclusion, .. } = &one.key {
            numbers.push(inclusion.clone());
        }
    }
    numbers.sort_unstable();
    insert_inclusion(c, community, vote.id, &numbers).await
}

/// All sheets of a vote, by their keys: for the lists that are published and the file that is counted again. Which inclusion
/// number belongs to which label is stored nowhere: here they are put together in their orders, which means nothing.
///
/// # Errors
/// The database's.
pub async fn sheets(c: &impl ConnectionTrait, community: Uuid, vote: &Vote) -> Result<Vec<Sheet>> {
    let mut numbers = Vec::new().into_iter();
    if vote.rule.secrecy == Secrecy::Secret {
        let query = inclusion::Entity::find()
            .select_only()
            .column(inclusion::Column::Inclusion)
            .filter(inclusion::Column::CommunityId.eq(community))
            .filter(inclusion::Column::VoteId.eq(vote.id))
            .order_by_asc(inclusion::Column::Inclusion);
        numbers = query.into_tuple::<String>().all(c).await?.into_iter();
    }
    let query = sheet::Entity::find()
        .filter(sheet::Column::CommunityId.eq(community))
        .filter(sheet::Column::VoteId.eq(vote.id))
        .order_by_asc(sheet::Column::SheetKey);
    let mut found = Vec::new();
    for row in query.all(c).await? {
        found.push(Sheet {
            key: to_key(&row.sheet_key, &mut numbers)?,
            marks: from_json(&row.marks)?,
            weights: weights_of(vote, number(row.area)?),
            times: number(row.times)?,
        });
    }
    Ok(found)
}

/// The sheet of a voter of an open vote.
///
/// # Errors
/// The database's.
pub async fn sheet_of(c: &impl ConnectionTrait, community: Uuid, vote: &Vote, voter: Uuid) -> Result<Option<Sheet>> {
    let key = SheetKey::Voter(voter);
    let Some(row) = sheet::Entity::find_by_id((community, vote.id, stored_key(&key))).one(c).await? else {
        return Ok(None);
    };
    let weights = weights_of(vote, number(row.area)?);
    Ok(Some(Sheet { key, marks: from_json(&row.marks)?, weights, times: number(row.times)? }))
}

/// As few sheets as are counted the same as all of them: those with the same marks are summed up by the database, so that the
/// figures of thousands of ballots are there at once. Their keys mean nothing.
///
/// # Errors
/// The database's.
pub async fn totals(c: &impl ConnectionTrait, community: Uuid, vote: &Vote) -> Result<Vec<Sheet>> {
    let sql = "SELECT marks, CAST(SUM(times) AS BIGINT), CAST(SUM(area * times) AS BIGINT) FROM vote_sheet \
         WHERE community_id = $1 AND vote_id = $2 GROUP BY marks ORDER BY marks";
    let values: [Value; 2] = [community.into(), vote.id.into()];
    let rows = c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    let mut found = Vec::new();
    let mut line = 0;
    for row in rows {
        let marks: String = row.try_get_by_index(0)?;
        let times: u32 = number(row.try_get_by_index(1)?)?;
        let area: u64 = number(row.try_get_by_index(2)?)?;
        // One sheet bears the area of all, so that heads and area both come out right.
        for (times, area) in [(1, area), (times.saturating_sub(1), 0)] {
            if times > 0 {
                let key = SheetKey::Counted(vote.id, line);
                found.push(Sheet { key, marks: from_json(&marks)?, weights: weights_of(vote, area), times });
                line += 1;
            }
        }
    }
    Ok(found)
}

/// Those who are present or represented and have not taken part, for [`Vote::silent`].
///
/// # Errors
/// The database's.
pub async fn silent(c: &impl ConnectionTrait, community: Uuid, vote: Uuid) -> Result<Vec<RollEntry>> {
    let sql = "SELECT r.voter_id, r.area FROM roll_entry r WHERE r.community_id = $1 AND r.vote_id = $2 AND r.present \
         AND NOT EXISTS (SELECT 1 FROM turnout t WHERE t.community_id = r.community_id AND t.vote_id = r.vote_id \
         AND t.voter_id = r.voter_id) ORDER BY r.voter_id";
    let values: [Value; 2] = [community.into(), vote.into()];
    let rows = c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    let entry =
        |row: &QueryResult| Ok(RollEntry { voter: row.try_get_by_index(0)?, area: number(row.try_get_by_index(1)?)? });
    rows.iter().map(entry).collect()
}

/// Who took part in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participation {
    /// The way.
    pub way: Way,
    /// How many voters.
    pub voters: u64,
    /// The area that they own, in 0.01 m².
    pub area: u64,
}

/// How many have taken part, by way; a way that nobody took is left out.
///
/// # Errors
/// The database's.
pub async fn participation(c: &impl ConnectionTrait, community: Uuid, vote: Uuid) -> Result<Vec<Participation>> {
    let sql = "SELECT t.way, COUNT(*), CAST(SUM(r.area) AS BIGINT) FROM turnout t JOIN roll_entry r \
         ON r.community_id = t.community_id AND r.vote_id = t.vote_id AND r.voter_id = t.voter_id \
         WHERE t.community_id = $1 AND t.vote_id = $2 GROUP BY t.way ORDER BY t.way";
    let values: [Value; 2] = [community.into(), vote.into()];
    let rows = c.query_all_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    let one = |row: &QueryResult| {
        Ok(Participation {
            way: code(&row.try_get_by_index::<String>(0)?)?,
            voters: number(row.try_get_by_index(1)?)?,
            area: number(row.try_get_by_index(2)?)?,
        })
    };
    rows.iter().map(one).collect()
}

/// The turnouts of these voters.
///
/// # Errors
/// The database's.
pub async fn turnouts_of(
    c: &impl ConnectionTrait,
    community: Uuid,
    vote: Uuid,
    voters: &[Uuid],
) -> Result<BTreeMap<Uuid, Turnout>> {
    let query = turnout::Entity::find()
        .filter(turnout::Column::CommunityId.eq(community))
        .filter(turnout::Column::VoteId.eq(vote));
    let voters = voters.iter().copied();
    let found = by_ids(c, query, turnout::Column::VoterId, voters, |row| to_turnout(&row)).await?;
    Ok(found.into_iter().map(|turnout| (turnout.voter, turnout)).collect())
}

/// In which of these votes which of these voters have taken part, as pairs of vote and voter.
///
/// # Errors
/// The database's.
pub async fn voted(
    c: &impl ConnectionTrait,
    community: Uuid,
    votes: &[Uuid],
    voters: &[Uuid],
) -> Result<BTreeSet<(Uuid, Uuid)>> {
    let query = turnout::Entity::find()
        .filter(turnout::Column::CommunityId.eq(community))
        .filter(turnout::Column::VoterId.is_in(voters.iter().copied()));
    let votes = votes.iter().copied();
    let found = by_ids(c, query, turnout::Column::VoteId, votes, |row| Ok((row.vote_id, row.voter_id))).await?;
    Ok(found.into_iter().collect())
}

/// Who took part, by voter.
///
/// # Errors
/// The database's.
pub async fn turnouts(c: &impl ConnectionTrait, community: Uuid, vote: Uuid, slice: Slice) -> Result<Paged<Turnout>> {
    let query = turnout::Entity::find()
        .filter(turnout::Column::CommunityId.eq(community))
        .filter(turnout::Column::VoteId.eq(vote))
        .order_by_asc(turnout::Column::VoterId);
    page(c, query, turnout::Column::VoterId, slice, |row| to_turnout(&row)).await
}
