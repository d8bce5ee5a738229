//! Accounts, sessions, tokens and idempotency keys.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Statement, TryGetable, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Paged, Result, Slice,
    convert::{distinct, instant, like, millis, taken},
    entity::{account, api_token, idempotency, session},
    service::page,
};

/// An account, with what signing in needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its identifier.
    pub id: Uuid,
    /// The sign-in name.
    pub login: String,
    /// The argon2 hash, in PHC form.
    pub password_hash: String,
    /// Whose account it is.
    pub person: Uuid,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// Failed sign-ins since the last good one.
    pub failures: i64,
    /// When the last one failed.
    pub failed_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A session, with the account it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of its token, in hexadecimal.
    pub token_hash: String,
    /// Whose it is.
    pub account: Uuid,
    /// The token that its forms carry.
    pub csrf: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A token for the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its identifier.
    pub id: Uuid,
    /// Whose it is.
    pub account: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the token, in hexadecimal.
    pub token_hash: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

fn to_account(m: account::Model) -> Account {
    Account {
        id: m.id,
        login: m.login,
        password_hash: m.password_hash,
        person: m.person_id,
        disabled: m.disabled,
        failures: m.failures,
        failed_at: instant(m.failed_at),
        created_at: tongxin_core::time::from_millis(m.created_at),
    }
}

fn account_row(community: Uuid, a: &Account) -> account::Model {
    account::Model {
        community_id: community,
        id: a.id,
        login: a.login.clone(),
        password_hash: a.password_hash.clone(),
        person_id: a.person,
        disabled: a.disabled,
        failures: a.failures,
        failed_at: a.failed_at.map(millis),
        created_at: millis(a.created_at),
    }
}

/// The account with this sign-in name.
///
/// # Errors
/// The database's.
pub async fn account_by_login(c: &impl ConnectionTrait, community: Uuid, login: &str) -> Result<Option<Account>> {
    let query = account::Entity::find()
        .filter(account::Column::CommunityId.eq(community))
        .filter(account::Column::Login.eq(login));
    Ok(query.one(c).await?.map(to_account))
}

/// An account.
///
/// # Errors
/// The database's.
pub async fn account(c: &impl ConnectionTrait, community: Uuid, id: Uuid) -> Result<Option<Account>> {
    Ok(account::Entity::find_by_id((community, id)).one(c).await?.map(to_account))
}

/// The sign-in names of these accounts.
///
/// # Errors
/// The database's.
pub async fn logins(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>> {
    of_accounts(c, community, ids, account::Column::Login).await
}

/// The persons of these accounts.
///
/// # Errors
/// The database's.
pub async fn persons(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Uuid>> {
    of_accounts(c, community, ids, account::Column::PersonId).await
}

/// One column of these accounts.
async fn of_accounts<T: TryGetable>(
    c: &impl ConnectionTrait,
    community: Uuid,
    ids: impl IntoIterator<Item = Uuid>,
    column: account::Column,
) -> Result<HashMap<Uuid, T>> {
    let ids = distinct(ids);
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows: Vec<(Uuid, T)> = account::Entity::find()
            .filter(account::Column::CommunityId.eq(community))
            .filter(account::Column::Id.is_in(chunk.iter().copied()))
            .select_only()
            .columns([account::Column::Id, column])
            .into_tuple()
            .all(c)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// Accounts by sign-in name; `search` is a part of it.
///
/// # Errors
/// The database's.
pub async fn accounts(
    c: &impl ConnectionTrait,
    community: Uuid,
    search: Option<&str>,
    slice: Slice,
) -> Result<Paged<Account>> {
    let mut query = account::Entity::find().filter(account::Column::CommunityId.eq(community));
    if let Some(part) = search {
        query = query.filter(account::Column::Login.like(like("%", part, "%")));
    }
    let query = query.order_by_asc(account::Column::Login);
    page(c, query, account::Column::Id, slice, |row| Ok(to_account(row))).await
}

/// Adds an account.
///
/// # Errors
/// [`crate::Error::Taken`] when the name is there.
pub async fn insert_account(c: &impl ConnectionTrait, community: Uuid, new: &Account) -> Result<()> {
    account::Entity::insert(account_row(community, new).into_active_model())
        .exec_without_returning(c)
        .await
        .map_err(taken)?;
    Ok(())
}

/// Stores an account's changes.
///
/// # Errors
/// The database's.
pub async fn save_account(c: &impl ConnectionTrait, community: Uuid, changed: &Account) -> Result<()> {
    account::Entity::update(account_row(community, changed).into_active_model().reset_all())
        .exec(c)
        .await
        .map_err(taken)?;
    Ok(())
}

/// Opens a session.
///
/// # Errors
/// The database's.
pub async fn insert_session(
    c: &impl ConnectionTrait,
    community: Uuid,
    new: &Session,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = session::Model {
        token_hash: new.token_hash.clone(),
        community_id: community,
        account_id: new.account,
        csrf: new.csrf.clone(),
        created_at: millis(now),
        expires_at: millis(new.expires_at),
    };
    session::Entity::insert(row.into_active_model()).exec_without_returning(c).await?;
    Ok(())
}

/// The session with this token hash, if it lasts.
///
/// # Errors
/// The database's.
pub async fn session(
    c: &impl ConnectionTrait,
    community: Uuid,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<Session>> {
    let row = session::Entity::find_by_id(token_hash.to_owned()).one(c).await?;
    let row = row.filter(|m| m.community_id == community && m.expires_at > millis(now));
    Ok(row.map(|m| Session {
        token_hash: m.token_hash,
        account: m.account_id,
        csrf: m.csrf,
        expires_at: tongxin_core::time::from_millis(m.expires_at),
    }))
}

/// Who stands behind a session or an API token, read at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The account, which may sign in.
    pub account: Uuid,
    /// The sign-in name.
    pub login: String,
    /// The person.
    pub person: Uuid,
    /// The person's name.
    pub name: String,
    /// The token that the session's forms carry; empty for an API token.
    pub csrf: String,
    /// The number of the last record. Each change comes with one: while it stays, what was read stays true.
    pub head: i64,
}

/// Who stands behind the session with this token hash, if it lasts and the account may sign in.
///
/// # Errors
/// The database's.
pub async fn signed_in_by_session(
    c: &impl ConnectionTrait,
    community: Uuid,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<SignedIn>> {
    signed_in(c, "session", "t.csrf", (community, token_hash, now)).await
}

/// The same for an API token.
///
/// # Errors
/// The database's.
pub async fn signed_in_by_token(
    c: &impl ConnectionTrait,
    community: Uuid,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<SignedIn>> {
    signed_in(c, "api_token", "''", (community, token_hash, now)).await
}

async fn signed_in(
    c: &impl ConnectionTrait,
    table: &str,
    csrf: &str,
    (community, token_hash, now): (Uuid, &str, DateTime<Utc>),
) -> Result<Option<SignedIn>> {
    let sql = format!(
        "SELECT a.id, a.login, a.person_id, m.name, {csrf}, COALESCE(h.seq, 0) FROM {table} t \
         JOIN account a ON a.community_id = t.community_id AND a.id = t.account_id AND NOT a.disabled \
         JOIN member m ON m.community_id = a.community_id AND m.id = a.person_id \
         LEFT JOIN chain_head h ON h.community_id = t.community_id \
         WHERE t.token_hash = $1 AND t.community_id = $2 AND t.expires_at > $3"
    );
    let values: [sea_orm::Value; 3] = [token_hash.into(), community.into(), millis(now).into()];
    let row = c.query_one_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(SignedIn {
        account: row.try_get_by_index(0)?,
        login: row.try_get_by_index(1)?,
        person: row.try_get_by_index(2)?,
        name: row.try_get_by_index(3)?,
        csrf: row.try_get_by_index(4)?,
        head: row.try_get_by_index(5)?,
    }))
}

/// Ends one session.
///
/// # Errors
/// The database's.
pub async fn delete_session(c: &impl ConnectionTrait, token_hash: &str) -> Result<()> {
    session::Entity::delete_by_id(token_hash.to_owned()).exec(c).await?;
    Ok(())
}

/// Ends every session of an account.
///
/// # Errors
/// The database's.
pub async fn delete_sessions_of(c: &impl ConnectionTrait, community: Uuid, account: Uuid) -> Result<()> {
    session::Entity::delete_many()
        .filter(session::Column::CommunityId.eq(community))
        .filter(session::Column::AccountId.eq(account))
        .exec(c)
        .await?;
    Ok(())
}

/// Removes what has expired: sessions, and idempotency keys older than `keys_before`.
///
/// # Errors
/// The database's.
pub async fn sweep(c: &impl ConnectionTrait, now: DateTime<Utc>, keys_before: DateTime<Utc>) -> Result<()> {
    session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(millis(now))).exec(c).await?;
    idempotency::Entity::delete_many().filter(idempotency::Column::CreatedAt.lt(millis(keys_before))).exec(c).await?;
    Ok(())
}

fn to_token(m: api_token::Model) -> ApiToken {
    ApiToken {
        id: m.id,
        account: m.account_id,
        name: m.name,
        token_hash: m.token_hash,
        created_at: tongxin_core::time::from_millis(m.created_at),
        expires_at: tongxin_core::time::from_millis(m.expires_at),
    }
}

/// Stores an API token.
///
/// # Errors
/// The database's.
pub async fn insert_token(c: &impl ConnectionTrait, community: Uuid, new: &ApiToken) -> Result<()> {
    let row = api_token::Model {
        community_id: community,
        id: new.id,
        account_id: new.account,
        name: new.name.clone(),
        token_hash: new.token_hash.clone(),
        created_at: millis(new.created_at),
        expires_at: millis(new.expires_at),
    };
    api_token::Entity::insert(row.into_active_model()).exec_without_returning(c).await?;
    Ok(())
}

/// The API token with this hash, if it lasts.
///
/// # Errors
/// The database's.
pub async fn token(
    c: &impl ConnectionTrait,
    community: Uuid,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<ApiToken>> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::TokenHash.eq(token_hash))
        .filter(api_token::Column::CommunityId.eq(community))
        .filter(api_token::Column::ExpiresAt.gt(millis(now)));
    Ok(query.one(c).await?.map(to_token))
}

/// The API tokens of an account, newest first.
///
/// # Errors
/// The database's.
pub async fn tokens_of(c: &impl ConnectionTrait, community: Uuid, account: Uuid) -> Result<Vec<ApiToken>> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::CommunityId.eq(community))
        .filter(api_token::Column::AccountId.eq(account))
        .order_by_desc(api_token::Column::CreatedAt);
    Ok(query.all(c).await?.into_iter().map(to_token).collect())
}

/// Removes an API token of an account. Tells whether it was there.
///
/// # Errors
/// The database's.
pub async fn delete_token(c: &impl ConnectionTrait, community: Uuid, account: Uuid, id: Uuid) -> Result<bool> {
    let done = api_token::Entity::delete_many()
        .filter(api_token::Column::CommunityId.eq(community))
        .filter(api_token::Column::AccountId.eq(account))
        .filter(api_token::Column::Id.eq(id))
        .exec(c)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Removes every API token of an account.
///
/// # Errors
/// The database's.
pub async fn delete_tokens_of(c: &impl ConnectionTrait, community: Uuid, account: Uuid) -> Result<()> {
    api_token::Entity::delete_many()
        .filter(api_token::Column::CommunityId.eq(community))
        .filter(api_token::Column::AccountId.eq(account))
        .exec(c)
        .await?;
    Ok(())
}

/// What was answered to a request with this idempotency key: the request's hash and the answer, which is empty until it is
/// filled in.
///
/// # Errors
/// The database's.
pub async fn idempotent(
    c: &impl ConnectionTrait,
    community: Uuid,
    account: Uuid,
    key: &str,
) -> Result<Option<(String, String)>> {
    let row = idempotency::Entity::find_by_id((community, account, key.to_owned())).one(c).await?;
    Ok(row.map(|m| (m.request_hash, m.response)))
}

/// Remembers a request with an idempotency key, and its answer; an empty one is filled in later by [`answer`].
///
/// # Errors
/// [`crate::Error::Taken`] when the key is there.
pub async fn remember(
    c: &impl ConnectionTrait,
    community: Uuid,
    account: Uuid,
    (key, request_hash, response): (&str, &str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    let row = idempotency::Model {
        community_id: community,
        account_id: account,
        idempotency_key: key.to_owned(),
        request_hash: request_hash.to_owned(),
        response: response.to_owned(),
        created_at: millis(now),
    };
    idempotency::Entity::insert(row.into_active_model()).exec_without_returning(c).await.map_err(taken)?;
    Ok(())
}

/// Fills in the answer to a request that is remembered.
///
/// # Errors
/// The database's.
pub async fn answer(c: &impl ConnectionTrait, community: Uuid, account: Uuid, key: &str, response: &str) -> Result<()> {
    idempotency::Entity::update_many()
        .col_expr(idempotency::Column::Response, Expr::value(response))
        .filter(idempotency::Column::CommunityId.eq(community))
        .filter(idempotency::Column::AccountId.eq(account))
        .filter(idempotency::Column::IdempotencyKey.eq(key))
        .exec(c)
        .await?;
    Ok(())
}
