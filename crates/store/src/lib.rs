//! Entities, migrations and queries on SQLite and PostgreSQL.
//!
//! What lives here: tables, and the queries and writes that use cases need, one file a word. What may not: rules
//! (they are in `core`), permissions (in `app`), and any text for a reader. Nothing outside sees an entity: functions take
//! and give `core` types and the views defined beside them.
//!
//! To add a table: a numbered file in `migrations/` that runs on both databases, its entity, its queries in the word's
//! file, and a test in `tests/` that runs on both. A migration that was released is never changed: expand first, contract
//! in a later release, so that the old program keeps working during an upgrade.
//!
//! Reads go to a pool ([`Store::read`]). Writes go through one writer ([`Store::write`]) that lets writers who wait
//! together share one commit; so writes of one process never race, and an acknowledged write is on the disk.

mod connection;
mod convert;
mod entity;
mod migration;
mod parts;
mod tx;
mod writer;

pub mod community;
pub mod council;
pub mod figures;
pub mod identity;
pub mod people;
pub mod record;
pub mod roster;
pub mod search;
pub mod service;
pub mod voice;

use std::time::Duration;

use connection::Pool;
pub use connection::Readers;
pub use sea_orm::ConnectionTrait;
use sea_orm::{ConnectOptions, Database, DatabaseBackend, DbErr, sqlx};
use sea_orm_migration::MigratorTrait;
pub use tx::Tx;
pub use writer::Work;

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// A stored value that the program can't read.
    #[error("stored value: {0}")]
    Value(String),
    /// Something with this unique value is there already.
    #[error("already there")]
    Taken,
    /// The writer has stopped.
    #[error("the store is closed")]
    Closed,
}

impl From<tongxin_core::UnknownCode> for Error {
    fn from(error: tongxin_core::UnknownCode) -> Self {
        Self::Value(error.to_string())
    }
}

/// Result of the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A page of a list: the rows, and how many there are in all.
#[derive(Debug, Clone)]
pub struct Paged<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// How many rows the filters leave in all.
    pub total: u64,
}

/// Which rows of a list: `offset` rows are left out, at most `limit` given.
#[derive(Debug, Clone, Copy)]
pub struct Slice {
    /// Rows left out.
    pub offset: u64,
    /// Rows given at most.
    pub limit: u64,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    readers: Readers,
    writer: writer::Writer,
}

impl Store {
    /// Opens the database at `url`: `sqlite:PATH` or `postgres://…`. A SQLite file is made when it is missing.
    ///
    /// # Errors
    /// When it can't be reached.
    pub async fn open(url: &str) -> Result<Self> {
        let sqlite = url.starts_with("sqlite:");
        let write = Database::connect(options(url, 1, false)).await?;
        let connections = if sqlite { 4 } else { 12 };
        let read = Database::connect(options(url, connections, sqlite)).await?;
        Ok(Self { readers: Readers::new(Pool::of(&read), connections), writer: writer::Writer::start(write) })
    }

    /// Brings the tables to the program's version, and lets SQLite look at what they hold, so that it chooses indexes well
    /// (PostgreSQL does so by itself). Gives how many migrations ran.
    ///
    /// # Errors
    /// When one fails; it is rolled back.
    pub async fn migrate(&self) -> Result<usize> {
        let connection = self.writer.connection();
        let pending = migration::Migrator::get_pending_migrations(connection).await?.len();
        migration::Migrator::up(connection, None).await?;
        if connection.get_database_backend() == DatabaseBackend::Sqlite {
            // All tables whose size has changed much since the last look, by a sample that bounds the work.
            connection.execute_unprepared("PRAGMA optimize = 0x10002").await?;
        }
        Ok(pending)
    }

    /// A connection for reading.
    #[must_use]
    pub fn read(&self) -> &Readers {
        &self.readers
    }

    /// Does `work` in a transaction: all of it is on the disk when this returns, or none of it happened.
    ///
    /// # Errors
    /// The work's own, or the store's as the work's error.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E> + Send + 'static,
    {
        self.writer.submit(work, false).await
    }

    /// As [`Store::write`], in a transaction that no other work shares: for long work. In a shared one, SQLite's time would
    /// grow with the square of the work's length.
    ///
    /// # Errors
    /// The work's own, or the store's as the work's error.
    pub async fn write_alone<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E> + Send + 'static,
    {
        self.writer.submit(work, true).await
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.readers.is_ready().await
    }
}

fn options(url: &str, connections: usize, read_only: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(u32::try_from(connections).unwrap_or(1))
        .min_connections(1)
        .connect_timeout(Duration::from_secs(10))
        .acquire_timeout(Duration::from_secs(20))
        .test_before_acquire_if_idle_for(connection::IDLE)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(!read_only)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
                .pragma("cache_size", if read_only { "-16000" } else { "-8000" })
                .pragma("temp_store", "memory")
                .pragma("query_only", if read_only { "on" } else { "off" })
        });
    options
}
