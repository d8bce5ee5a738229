//! Rosters that are brought in: their rows, how their columns are read, and whom their rows may mean.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use tongxin_core::{
    people::MemberKind,
    roster::{Outcome, RosterKind, RosterState, RowChoice},
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Error, Paged, Result, Slice, Tx,
    convert::{code, instant, millis, steps},
    entity::{care_group, member, party_membership, post, roster, roster_mapping, roster_row, standing},
    people::{Member, to_member},
};

/// A roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Its identifier.
    pub id: Uuid,
    /// What it lists.
    pub kind: RosterKind,
    /// The name of the file that it came in.
    pub file_name: String,
    /// How far it has come.
    pub state: RosterState,
    /// Its sheets and the header, as JSON of the app.
    pub header: String,
    /// How its columns are read, as JSON of the app.
    pub mapping: String,
    /// How many rows the chosen sheet has below its header.
    pub rows: i64,
    /// How many of them are written.
    pub done: i64,
    /// What came of it, as JSON of the app.
    pub report: String,
    /// The account that brought it in.
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A row of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRow {
    /// The sheet, from 0.
    pub sheet: i64,
    /// The line in the sheet, from 1.
    pub line: i64,
    /// The cells as they stand in the file.
    pub cells: Vec<String>,
    /// What the reader chose for it.
    pub choice: RowChoice,
    /// What becomes of it; none before it is checked.
    pub outcome: Option<Outcome>,
    /// The particulars of that, as JSON of the app.
    pub detail: String,
}

fn to_roster(m: roster::Model) -> Result<Roster> {
    Ok(Roster {
        id: m.id,
        kind: code(&m.kind)?,
        file_name: m.file_name,
        state: code(&m.state)?,
        header: m.header,
        mapping: m.mapping,
        rows: m.row_count,
        done: m.done_count,
        report: m.report,
        created_by: m.created_by,
        created_at: from_millis(m.created_at),
        finished_at: instant(m.finished_at),
    })
}

fn row(community: Uuid, r: &Roster) -> roster::Model {
    roster::Model {
        community_id: community,
        id: r.id,
        kind: r.kind.code().to_owned(),
        file_name: r.file_name.clone(),
        state: r.state.code().to_owned(),
        header: r.header.clone(),
        mapping: r.mapping.clone(),
        row_count: r.rows,
        done_count: r.done,
        report: r.report.clone(),
        created_by: r.created_by,
        created_at: millis(r.created_at),
        finished_at: r.finished_at.map(millis),
    }
}

fn to_row(m: roster_row::Model) -> Result<RosterRow> {
    Ok(RosterRow {
        sheet: m.sheet,
        line: m.line,
        cells: serde_json::from_str(&m.cells).map_err(|e| Error::Value(e.to_string()))?,
        choice: RowChoice::read(&m.choice).ok_or_else(|| Error::Value(format!("choice {:?}", m.choice)))?,
        outcome: if m.outcome.is_empty() { None } else { Some(code(&m.outcome)?) },
        detail: m.detail,
    })
}

/// Adds a roster.
///
/// # Errors
/// The database's.
pub async fn insert(c: &impl ConnectionTrait, community: Uuid, new: &Roster) -> Result<()> {
    roster::Entity::insert(row(community, new).into_active_model()).exec_without_returning(c).await?;
    Ok(())
}

/// Stores a roster's changes.
///
/// # Errors
/// The database's.
pub async fn save(c: &impl ConnectionTrait, community: Uuid, changed: &Roster) -> Result<()> {
    roster::Entity::update(row(community, changed).into_active_model().reset_all()).exec(c).await?;
    Ok(())
}

/// A roster.
///
/// # Errors
/// The database's.
pub async fn roster(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Roster>> {
    roster::Entity::find_by_id((community, id)).one(c).await?.map(to_roster).transpose()
}

/// The rosters that an account brought in, newest first.
///
/// # Errors
/// The database's.
pub async fn list(c: &impl ConnectionTrait, community: Uuid, account: Uuid, slice: Slice) -> Result<Paged<Roster>> {
    let query = roster::Entity::find()
        .filter(roster::Column::CommunityId.eq(community))
        .filter(roster::Column::CreatedBy.eq(account));
    let query = query.order_by_desc(roster::Column::CreatedAt).order_by_desc(roster::Column::Id);
    crate::service::page(c, query, roster::Column::Id, slice, to_roster).await
}

/// Adds rows.
///
/// # Errors
/// The database's.
pub async fn insert_rows(c: &impl ConnectionTrait, community: Uuid, roster: Uuid, new: &[RosterRow]) -> Result<()> {
    for chunk in steps(new) {
        let mut rows = Vec::with_capacity(chunk.len());
        for row in chunk {
            rows.push(roster_row::ActiveModel {
                community_id: Set(community),
                roster_id: Set(roster),
                sheet: Set(row.sheet),
                line: Set(row.line),
                cells: Set(serde_json::to_string(&row.cells).map_err(|e| Error::Value(e.to_string()))?),
                choice: Set(row.choice.code()),
                outcome: Set(row.outcome.map(|o| o.code().to_owned()).unwrap_or_default()),
                detail: Set(row.detail.clone()),
            });
        }
        roster_row::Entity::insert_many(rows).exec_without_returning(c).await?;
    }
    Ok(())
}

/// Takes away rows: those of a roster, or of one of its sheets.
///
/// # Errors
/// The database's.
pub async fn delete_rows(c: &impl ConnectionTrait, community: Uuid, roster: Uuid, sheet: Option<i64>) -> Result<()> {
    let mut query = roster_row::Entity::delete_many()
        .filter(roster_row::Column::CommunityId.eq(community))
        .filter(roster_row::Column::RosterId.eq(roster));
    if let Some(sheet) = sheet {
        query = query.filter(roster_row::Column::Sheet.eq(sheet));
    }
    query.exec(c).await?;
    Ok(())
}

/// The rosters that came in, or when they were written ended, before `before`, and of which there is still something to
/// forget: those that were not written, and those that were and have rows. The oldest first, at most `limit`.
///
/// # Errors
/// The database's.
pub async fn aged(c: &impl ConnectionTrait, community: Uuid, before: DateTime<Utc>, limit: u64) -> Result<Vec<Roster>> {
    use roster::Column;
    let written = RosterState::ALL.iter().filter(|state| state.was_written()).map(|state| state.code());
    let written = Column::State.is_in(written);
    let has_rows = Expr::cust(
        "EXISTS (SELECT 1 FROM roster_row r WHERE r.community_id = roster.community_id AND r.roster_id = roster.id)",
    );
    let never = written.clone().not().and(Column::CreatedAt.lt(millis(before)));
    let once = written.and(Column::FinishedAt.lt(millis(before))).and(has_rows);
    let query = roster::Entity::find().filter(Column::CommunityId.eq(community)).filter(never.or(once));
    let rows = query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).limit(limit).all(c).await?;
    rows.into_iter().map(to_roster).collect()
}

/// Takes a roster away, with its rows.
///
/// # Errors
/// The database's.
pub async fn forget(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<()> {
    delete_rows(c, community, id, None).await?;
    roster::Entity::delete_by_id((community, id)).exec(c).await?;
    Ok(())
}

fn of(community: Uuid, roster: Uuid, sheet: i64) -> sea_orm::Select<roster_row::Entity> {
    roster_row::Entity::find()
        .filter(roster_row::Column::CommunityId.eq(community))
        .filter(roster_row::Column::RosterId.eq(roster))
        .filter(roster_row::Column::Sheet.eq(sheet))
}

/// At most `limit` rows of a sheet after `line`, in order.
///
/// # Errors
/// The database's.
pub async fn rows_after(
    c: &impl ConnectionTrait,
    community: Uuid,
    roster: Uuid,
    (sheet, line): (i64, i64),
    limit: u64,
) -> Result<Vec<RosterRow>> {
    let query = of(community, roster, sheet).filter(roster_row::Column::Line.gt(line));
    let rows = query.order_by_asc(roster_row::Column::Line).limit(limit).all(c).await?;
    rows.into_iter().map(to_row).collect()
}

/// The checked rows of a sheet in order, those with one of `outcomes` only.
///
/// # Errors
/// The database's.
pub async fn rows_with(
    c: &impl ConnectionTrait,
    community: Uuid,
    roster: Uuid,
    sheet: i64,
    outcomes: &[Outcome],
    slice: Slice,
) -> Result<Vec<RosterRow>> {
    let query =
        of(community, roster, sheet).filter(roster_row::Column::Outcome.is_in(outcomes.iter().map(|o| o.code())));
    let rows = query.order_by_asc(roster_row::Column::Line).offset(slice.offset).limit(slice.limit).all(c).await?;
    rows.into_iter().map(to_row).collect()
}

/// How many rows of a sheet have which outcome.
///
/// # Errors
/// The database's.
pub async fn counts(
    c: &impl ConnectionTrait,
    community: Uuid,
    roster: Uuid,
    sheet: i64,
) -> Result<BTreeMap<Outcome, u64>> {
    let rows: Vec<(String, i64)> = of(community, roster, sheet)
        .filter(roster_row::Column::Outcome.ne(""))
        .select_only()
        .column(roster_row::Column::Outcome)
        .column_as(Expr::cust("COUNT(*)"), "count")
        .group_by(roster_row::Column::Outcome)
        .into_tuple()
        .all(c)
        .await?;
    rows.into_iter().map(|(outcome, n)| Ok((code(&outcome)?, u64::try_from(n).unwrap_or(0)))).collect()
}

/// Notes what the reader chose: for the row at `line`, or for all rows with an outcome.
///
/// # Errors
/// The database's.
pub async fn choose(
    c: &impl ConnectionTrait,
    community: Uuid,
    roster: Uuid,
    sheet: i64,
    of: Chosen,
    choice: RowChoice,
) -> Result<()> {
    let mut query = roster_row::Entity::update_many()
        .col_expr(roster_row::Column::Choice, Expr::value(choice.code()))
        .filter(roster_row::Column::CommunityId.eq(community))
        .filter(roster_row::Column::RosterId.eq(roster))
        .filter(roster_row::Column::Sheet.eq(sheet));
    query = match of {
        Chosen::Line(line) => query.filter(roster_row::Column::Line.eq(line)),
        Chosen::All(outcome) => query.filter(roster_row::Column::Outcome.eq(outcome.code())),
    };
    query.exec(c).await?;
    Ok(())
}

/// For which rows something is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// The row of this line.
    Line(i64),
    /// Every row that was checked with this outcome.
    All(Outcome),
}

/// How an account read columns of such a header the last time, as JSON of the app.
///
/// # Errors
/// The database's.
pub async fn remembered(
    c: &impl ConnectionTrait,
    community: Uuid,
    account: Uuid,
    kind: RosterKind,
    header_hash: &str,
) -> Result<Option<String>> {
    let key = (community, account, kind.code().to_owned(), header_hash.to_owned());
    Ok(roster_mapping::Entity::find_by_id(key).one(c).await?.map(|m| m.mapping))
}

/// Remembers how an account reads columns of such a header.
///
/// # Errors
/// The database's.
pub async fn remember(
    c: &impl ConnectionTrait,
    community: Uuid,
    account: Uuid,
    kind: RosterKind,
    (header_hash, mapping): (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    use roster_mapping::Column;
    let row = roster_mapping::ActiveModel {
        community_id: Set(community),
        account_id: Set(account),
        kind: Set(kind.code().to_owned()),
        header_hash: Set(header_hash.to_owned()),
        mapping: Set(mapping.to_owned()),
        used_at: Set(millis(now)),
    };
    let replace = OnConflict::columns([Column::CommunityId, Column::AccountId, Column::Kind, Column::HeaderHash])
        .update_columns([Column::Mapping, Column::UsedAt])
        .to_owned();
    roster_mapping::Entity::insert(row).on_conflict(replace).exec_without_returning(c).await?;
    Ok(())
}

/// The members of a kind that have one of these codes or one of these names. Those that were merged into another
/// are left out.
///
/// # Errors
/// The database's.
pub async fn members_like(
    c: &impl ConnectionTrait,
    community: Uuid,
    kind: MemberKind,
    codes: &[String],
    names: &[String],
) -> Result<Vec<Member>> {
    let mut found = BTreeMap::new();
    let all = member::Entity::find()
        .filter(member::Column::CommunityId.eq(community))
        .filter(member::Column::Kind.eq(kind.code()))
        .filter(member::Column::MergedInto.is_null());
    let by_code = codes.chunks(500).map(|chunk| member::Column::Code.is_in(chunk));
    let by_name = names.chunks(500).map(|chunk| member::Column::Name.is_in(chunk));
    for condition in by_code.chain(by_name).collect::<Vec<_>>() {
        for row in all.clone().filter(condition).all(c).await? {
            found.insert(row.id, to_member(row)?);
        }
    }
    Ok(found.into_values().collect())
}

/// The posts with these codes: `code → id`.
///
/// # Errors
/// The database's.
pub async fn posts_with_codes(
    c: &impl ConnectionTrait,
    community: Uuid,
    codes: &[String],
) -> Result<HashMap<String, Uuid>> {
    let mut found = HashMap::new();
    for chunk in codes.chunks(500) {
        let rows: Vec<(Option<String>, Uuid)> = post::Entity::find()
            .filter(post::Column::CommunityId.eq(community))
            .filter(post::Column::Code.is_in(chunk))
            .select_only()
            .columns([post::Column::Code, post::Column::Id])
            .into_tuple()
            .all(c)
            .await?;
        found.extend(rows.into_iter().filter_map(|(code, id)| Some((code?, id))));
    }
    Ok(found)
}

/// Takes away a member that nothing else refers to, with what belongs to it alone.
///
/// # Errors
/// The database's, when something does.
pub async fn forget_member(tx: &Tx, community: Uuid, id: Uuid) -> Result<()> {
    care_group::Entity::delete_many()
        .filter(care_group::Column::CommunityId.eq(community))
        .filter(care_group::Column::MemberId.eq(id))
        .exec(tx)
        .await?;
    standing::Entity::delete_many()
        .filter(standing::Column::CommunityId.eq(community))
        .filter(standing::Column::OrganisationId.eq(id))
        .exec(tx)
        .await?;
    let sql = "DELETE FROM search_doc WHERE community_id = $1 AND subject_id = $2";
    let values: [sea_orm::Value; 2] = [community.into(), id.into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    member::Entity::delete_by_id((community, id)).exec(tx).await?;
    Ok(())
}

/// Takes away a post that nobody holds or held.
///
/// # Errors
/// The database's, when somebody does.
pub async fn forget_post(tx: &Tx, community: Uuid, id: Uuid) -> Result<()> {
    post::Entity::delete_by_id((community, id)).exec(tx).await?;
    Ok(())
}

/// Takes away a membership.
///
/// # Errors
/// The database's.
pub async fn forget_membership(tx: &Tx, community: Uuid, id: Uuid) -> Result<()> {
    party_membership::Entity::delete_by_id((community, id)).exec(tx).await?;
    Ok(())
}
