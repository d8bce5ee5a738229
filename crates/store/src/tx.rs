//! The transaction in which writing work runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, ExecResult, QueryResult, Statement};
use uuid::Uuid;

use crate::{
    Result,
    connection::Connection,
    record::{self, Heads, NewRecord},
    search::{self, Document},
};

/// A transaction of the one writer ([`crate::Store::write`]).
///
/// Records and search tokens are laid aside and stored just before the commit, those of all the work that shares it
/// together: so a batch reads and moves the head of the chain once and gives the search index one piece to merge. They
/// are in the same transaction as the work, which the database does or leaves as a whole; a query inside the work does
/// not see them yet.
pub struct Tx {
    connection: tokio::sync::Mutex<Connection>,
    backend: DatabaseBackend,
    later: Mutex<Later>,
}

/// The key of the lock under which the programs that share a PostgreSQL database write, one batch at a time.
const WRITER_LOCK: i64 = 0x746f_6e67_7869_6e00;

/// What is stored just before the commit, in the order in which it was laid aside.
#[derive(Default)]
pub(crate) struct Later {
    /// Records, each with its community.
    pub(crate) records: Vec<(Uuid, NewRecord)>,
    /// Search tokens.
    pub(crate) documents: Vec<Document>,
}

/// How much was laid aside at some moment.
pub(crate) struct Mark {
    records: usize,
    documents: usize,
}

impl Tx {
    /// Begins a transaction. Writing work reads, decides and saves: two programs that did so at once would lose each
    /// other's changes. SQLite's `BEGIN IMMEDIATE` waits for the other; on PostgreSQL a lock is held until the end, and
    /// asked for together with the beginning, which saves a way to the server and back.
    pub(crate) async fn begin(mut connection: Connection) -> Result<Self, DbErr> {
        let backend = connection.backend();
        let begun = if backend == DatabaseBackend::Postgres {
            let sql = format!("BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK})");
            connection.execute_unprepared(&sql).await
        } else {
            connection.execute_unprepared("BEGIN IMMEDIATE").await
        };
        match begun {
            Ok(_) => Ok(Self { connection: connection.into(), backend, later: Mutex::default() }),
            Err(error) => {
                connection.abandon();
                Err(error)
            }
        }
    }

    pub(crate) fn later(&self) -> MutexGuard<'_, Later> {
        self.later.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn mark(&self) -> Mark {
        let later = self.later();
        Mark { records: later.records.len(), documents: later.documents.len() }
    }

    /// Forgets what was laid aside after `mark`: its work failed.
    pub(crate) fn forget_after(&self, mark: &Mark) {
        let mut later = self.later();
        later.records.truncate(mark.records);
        later.documents.truncate(mark.documents);
    }

    /// Stores what was laid aside and commits. `heads` are the chain's heads as last known. Gives the connection back,
    /// outside of a transaction, unless it is of no more use.
    pub(crate) async fn commit(self, heads: &mut Heads) -> (Result<()>, Option<Connection>) {
        match self.store_and_commit(heads).await {
            Ok(()) => (Ok(()), Some(self.connection.into_inner())),
            Err(error) => {
                // Whether or not it can be rolled back: nothing was committed.
                let (_, connection) = self.rollback().await;
                (Err(error), connection)
            }
        }
    }

    async fn store_and_commit(&self, heads: &mut Heads) -> Result<()> {
        let later = std::mem::take(&mut *self.later());
        search::store(self, later.documents).await?;
        record::store(self, later.records, heads).await?;
        self.execute_unprepared("COMMIT").await?;
        Ok(())
    }

    /// Undoes everything. Gives the connection back as [`Tx::commit`] does.
    pub(crate) async fn rollback(self) -> (Result<(), DbErr>, Option<Connection>) {
        let mut connection = self.connection.into_inner();
        match connection.execute_unprepared("ROLLBACK").await {
            Ok(_) => (Ok(()), Some(connection)),
            Err(error) => {
                connection.abandon();
                (Err(error), None)
            }
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.connection.lock().await.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.connection.lock().await.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.connection.lock().await.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.connection.lock().await.query_all(statement).await
    }
}
