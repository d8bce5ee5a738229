//! The transaction in which writing work runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, ExecResult, QueryResult, Statement};
use uuid::Uuid;

use crate::{
    Result,
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
    inner: DatabaseTransaction,
    later: Mutex<Later>,
}

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
    pub(crate) fn new(inner: DatabaseTransaction) -> Self {
        Self { inner, later: Mutex::default() }
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

    /// Stores what was laid aside and commits. `heads` are the chain's heads as last known.
    pub(crate) async fn commit(self, heads: &mut Heads) -> Result<()> {
        let Self { inner, later } = self;
        let later = later.into_inner().unwrap_or_else(PoisonError::into_inner);
        search::store(&inner, later.documents).await?;
        record::store(&inner, later.records, heads).await?;
        Ok(inner.commit().await?)
    }

    pub(crate) async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}
