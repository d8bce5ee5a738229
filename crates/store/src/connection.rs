//! Connections that are kept between statements.
//!
//! sqlx tests a connection whenever it goes back to its pool. A page asks a dozen short questions, and the test of each costs
//! about as much as its answer. So a connection that did well is kept at hand, up to [`IDLE`]; one that failed, or whose
//! asker hung up, goes back to the pool and is tested there.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sea_query::Values,
    sqlx::{
        self, AssertSqlSafe, Executor, PgPool, Postgres, Sqlite, SqlitePool, pool::PoolConnection, query::Query,
        query_with,
    },
};
use sea_query_sqlx::SqlxValues;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

/// How long a kept connection may rest before it is tested again: the database may have gone in the meantime.
pub(crate) const IDLE: Duration = Duration::from_secs(1);

/// The connections to a database, opened when they are needed.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// One open connection.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Pool {
    pub(crate) fn of(connection: &DatabaseConnection) -> Self {
        match connection.get_database_backend() {
            DatabaseBackend::Postgres => Self::Postgres(connection.get_postgres_connection_pool().clone()),
            _ => Self::Sqlite(connection.get_sqlite_connection_pool().clone()),
        }
    }

    fn backend(&self) -> DatabaseBackend {
        match self {
            Self::Sqlite(_) => DatabaseBackend::Sqlite,
            Self::Postgres(_) => DatabaseBackend::Postgres,
        }
    }

    /// A connection that was just opened or tested.
    pub(crate) async fn connect(&self) -> Result<Connection, DbErr> {
        let connected = match self {
            Self::Sqlite(pool) => pool.acquire().await.map(Connection::Sqlite),
            Self::Postgres(pool) => pool.acquire().await.map(Connection::Postgres),
        };
        connected.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
    }
}

fn query<'q, DB>(statement: Statement) -> Query<'q, DB, SqlxValues>
where
    DB: sqlx::Database,
    SqlxValues: sqlx::IntoArguments<DB>,
{
    // Without its values: what readers search for and write is not for the log.
    tracing::trace!(sql = statement.sql, "statement");
    query_with(AssertSqlSafe(statement.sql), SqlxValues(statement.values.unwrap_or(Values(Vec::new()))))
}

fn executed(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

fn queried(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

impl Connection {
    pub(crate) fn backend(&self) -> DatabaseBackend {
        match self {
            Self::Sqlite(_) => DatabaseBackend::Sqlite,
            Self::Postgres(_) => DatabaseBackend::Postgres,
        }
    }

    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sqlite(one) => query(statement).execute(&mut **one).await.map(Into::into).map_err(executed),
            Self::Postgres(one) => query(statement).execute(&mut **one).await.map(Into::into).map_err(executed),
        }
    }

    /// Executes statements that have no values, several at once with `;` between.
    pub(crate) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(one) => one.execute(sql).await.map(Into::into).map_err(executed),
            Self::Postgres(one) => one.execute(sql).await.map(Into::into).map_err(executed),
        }
    }

    pub(crate) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(one) => {
                Ok(query(statement).fetch_optional(&mut **one).await.map_err(queried)?.map(Into::into))
            }
            Self::Postgres(one) => {
                Ok(query(statement).fetch_optional(&mut **one).await.map_err(queried)?.map(Into::into))
            }
        }
    }

    pub(crate) async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Sqlite(one) => {
                Ok(query(statement).fetch_all(&mut **one).await.map_err(queried)?.into_iter().map(Into::into).collect())
            }
            Self::Postgres(one) => {
                Ok(query(statement).fetch_all(&mut **one).await.map_err(queried)?.into_iter().map(Into::into).collect())
            }
        }
    }

    /// Closes it instead of giving it back: it may be within a transaction.
    pub(crate) fn abandon(mut self) {
        match &mut self {
            Self::Sqlite(one) => one.close_on_drop(),
            Self::Postgres(one) => one.close_on_drop(),
        }
    }
}

/// Connections for reading.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: Pool,
    /// As many as the pool has connections: who holds a turn finds one kept, or the pool can give one.
    turns: Semaphore,
    kept: Mutex<Vec<(Connection, Instant)>>,
}

/// A connection that goes back to those that are kept when its statement did well.
struct Turn<'r> {
    readers: &'r Inner,
    connection: Connection,
    _turn: SemaphorePermit<'r>,
}

impl Readers {
    pub(crate) fn new(pool: Pool, connections: usize) -> Self {
        Self(Arc::new(Inner { pool, turns: Semaphore::new(connections), kept: Mutex::default() }))
    }

    async fn turn(&self) -> Result<Turn<'_>, DbErr> {
        let readers = &*self.0;
        let turn = readers.turns.acquire().await.map_err(|error| DbErr::Custom(error.to_string()))?;
        let connection = match readers.rested_little() {
            Some(connection) => connection,
            None => readers.pool.connect().await?,
        };
        Ok(Turn { readers, connection, _turn: turn })
    }

    /// Whether the database answers.
    pub(crate) async fn is_ready(&self) -> bool {
        self.execute_unprepared("SELECT 1").await.is_ok()
    }
}

impl Inner {
    /// A kept connection. One that rested too long goes back to the pool, which tests it.
    fn rested_little(&self) -> Option<Connection> {
        let (connection, since) = self.kept().pop()?;
        (since.elapsed() < IDLE).then_some(connection)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Keeps the connection after a statement that did well.
    fn end<T>(self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        if outcome.is_ok() {
            self.readers.kept().push((self.connection, Instant::now()));
        }
        outcome
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.0.pool.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut turn = self.turn().await?;
        let outcome = turn.connection.execute(statement).await;
        turn.end(outcome)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut turn = self.turn().await?;
        let outcome = turn.connection.execute_unprepared(sql).await;
        turn.end(outcome)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut turn = self.turn().await?;
        let outcome = turn.connection.query_one(statement).await;
        turn.end(outcome)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut turn = self.turn().await?;
        let outcome = turn.connection.query_all(statement).await;
        turn.end(outcome)
    }
}
