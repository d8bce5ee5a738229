//! The numbered migrations of `migrations/`, each run once, in order.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            same("0001_foundation", include_str!("../migrations/0001_foundation.sql")),
            Box::new(Sql {
                name: "0002_search",
                sqlite: include_str!("../migrations/0002_search_sqlite.sql"),
                postgres: include_str!("../migrations/0002_search_postgres.sql"),
            }),
            same("0003_indexes", include_str!("../migrations/0003_indexes.sql")),
            same("0004_covering_indexes", include_str!("../migrations/0004_covering_indexes.sql")),
            same("0005_figures", include_str!("../migrations/0005_figures.sql")),
            same("0006_answers", include_str!("../migrations/0006_answers.sql")),
            same("0007_matrix", include_str!("../migrations/0007_matrix.sql")),
            same("0008_steps_taken_back", include_str!("../migrations/0008_steps_taken_back.sql")),
            same("0009_councils", include_str!("../migrations/0009_councils.sql")),
            Box::new(Sql {
                name: "0010_ended_votes",
                sqlite: include_str!("../migrations/0010_ended_votes_sqlite.sql"),
                postgres: include_str!("../migrations/0010_ended_votes_postgres.sql"),
            }),
        ]
    }
}

/// A migration whose text is the same for both databases.
fn same(name: &'static str, sql: &'static str) -> Box<dyn MigrationTrait> {
    Box::new(Sql { name, sqlite: sql, postgres: sql })
}

/// A migration that is plain SQL.
struct Sql {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

impl MigrationName for Sql {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sql {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            // PostgreSQL keeps no table in the order of its key.
            connection.execute_unprepared(&self.postgres.replace(" WITHOUT ROWID", "")).await?;
        } else {
            // SQLite has no UUID type, its 16 bytes are stored as they are; and it compares text byte by byte unasked.
            let sql = self.sqlite.replace(" UUID", " BLOB").replace(" BYTEA", " BLOB");
            connection.execute_unprepared(&sql.replace(" COLLATE \"C\"", "")).await?;
        }
        Ok(())
    }
}
