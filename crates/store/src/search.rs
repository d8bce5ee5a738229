//! Full-text search over tokens that the app makes: FTS5 on SQLite, `tsvector` on PostgreSQL.

use std::collections::HashSet;

use sea_orm::{
    ConnectionTrait, DatabaseBackend, Statement,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

use crate::{Result, Tx, convert::steps};

/// The tokens of a subject, to be stored.
#[derive(Debug)]
pub(crate) struct Document {
    community: Uuid,
    kind: String,
    subject: Uuid,
    tokens: String,
}

/// Stores the tokens of a subject, replacing what was there; this happens just before the transaction's commit. `kind` is
/// the word: `need`, `offer`, `member`.
///
/// # Errors
/// None; a database that can't store them fails the whole transaction.
pub async fn index(tx: &Tx, community: Uuid, kind: &str, subject: Uuid, tokens: &str) -> Result<()> {
    let tokens = words(tokens).join(" ");
    tx.later().documents.push(Document { community, kind: kind.to_owned(), subject, tokens });
    Ok(())
}

/// Stores documents; of two of the same subject the later one stays.
pub(crate) async fn store(c: &impl ConnectionTrait, documents: Vec<Document>) -> Result<()> {
    let mut seen = HashSet::with_capacity(documents.len());
    let mut documents: Vec<_> =
        documents.into_iter().rev().filter(|document| seen.insert((document.community, document.subject))).collect();
    documents.reverse();
    for documents in steps(&documents) {
        let places: Vec<String> = (0..documents.len())
            .map(|row| format!("(${}, ${}, ${}, ${})", row * 4 + 1, row * 4 + 2, row * 4 + 3, row * 4 + 4))
            .collect();
        let sql = format!(
            "INSERT INTO search_doc (community_id, subject_id, kind, tokens) VALUES {} \
             ON CONFLICT (community_id, subject_id) DO UPDATE SET tokens = excluded.tokens",
            places.join(", ")
        );
        let values = documents.iter().flat_map(|document| -> [sea_orm::Value; 4] {
            let Document { community, kind, subject, tokens } = document;
            [(*community).into(), (*subject).into(), kind.as_str().into(), tokens.as_str().into()]
        });
        c.execute_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

/// The longest word that is indexed or asked for, in characters: PostgreSQL refuses very long ones.
const WORD_MAX: usize = 64;

/// The words of a text, alike for both databases and for what is stored and what is asked: runs of letters and digits, in
/// lower case.
fn words(tokens: &str) -> Vec<String> {
    tokens
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().chars().take(WORD_MAX).collect())
        .collect()
}

/// A condition on `column`: the subjects of `kind` that have every token of `tokens` (plain words, space between), the last
/// of them also as the beginning of a word. Without a word, nothing is found.
pub(crate) fn matches(backend: DatabaseBackend, community: Uuid, kind: &str, column: &str, tokens: &str) -> SimpleExpr {
    let words = words(tokens);
    if words.is_empty() {
        return Expr::cust("1 = 0");
    }
    let values: [sea_orm::Value; 3] = [community.into(), kind.into(), query(backend, &words).into()];
    // A custom expression numbers its values on PostgreSQL only.
    let sql = if backend == DatabaseBackend::Postgres {
        format!(
            "{column} IN (SELECT subject_id FROM search_doc WHERE community_id = $1 AND kind = $2 AND vector @@ CAST($3 AS tsquery))"
        )
    } else {
        // CROSS JOIN fixes the order: the other way round, the index is asked once for every document.
        format!(
            "{column} IN (SELECT d.subject_id FROM search_index i CROSS JOIN search_doc d ON d.id = i.rowid \
             WHERE d.community_id = ? AND d.kind = ? AND search_index MATCH ?)"
        )
    };
    Expr::cust_with_values(sql, values)
}

/// The tokens as a query: each quoted, the last also as the beginning of a word.
fn query(backend: DatabaseBackend, words: &[String]) -> String {
    let last = words.len().saturating_sub(1);
    let quoted = words.iter().enumerate().map(|(i, word)| match (backend, i == last) {
        (DatabaseBackend::Postgres, false) => format!("'{word}'"),
        (DatabaseBackend::Postgres, true) => format!("'{word}':*"),
        (_, false) => format!("\"{word}\""),
        (_, true) => format!("\"{word}\"*"),
    });
    quoted.collect::<Vec<_>>().join(if backend == DatabaseBackend::Postgres { " & " } else { " " })
}
