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

/// How many documents have the tokens that are asked for. It decides from which side rows are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rarity {
    /// At most [`RARE`]: all of them are taken from the index of words, and their rows looked up and put in order.
    Rare,
    /// More: the rows are gone through in their order, and each is asked for the tokens until a page is full.
    Frequent,
}

/// Up to how many documents are rare. Looking up so many takes about as long as going through a list of 200,000 until a page is
/// full of what so many of them have.
const RARE: i64 = 1_500;

/// Whether the tokens are rare, over all kinds.
///
/// # Errors
/// The database's.
pub(crate) async fn rarity(c: &impl ConnectionTrait, community: Uuid, tokens: &str) -> Result<Rarity> {
    let backend = c.get_database_backend();
    let words = words(tokens);
    if words.is_empty() {
        return Ok(Rarity::Rare);
    }
    let (found, mut values) = if backend == DatabaseBackend::Postgres {
        ("search_doc WHERE community_id = $2 AND vector @@ CAST($1 AS tsquery)", vec![community.into()])
    } else {
        // The index of words alone is asked; of other communities' documents in the same file some may be counted too.
        ("search_index WHERE search_index MATCH $1", vec![])
    };
    values.insert(0, query(backend, &words).into());
    let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {found} LIMIT {}) found", RARE + 1);
    let row = c.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let count: i64 = row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(if count > RARE { Rarity::Frequent } else { Rarity::Rare })
}

/// A condition on `column`: the subjects of `kind` that have every token of `tokens` (plain words, space between), the last
/// of them also as the beginning of a word. Without a word, nothing is found. It is a set from the index of words.
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

/// The same condition as [`matches`], asked of each row: for tokens that are frequent.
pub(crate) fn matches_by_row(
    backend: DatabaseBackend,
    community: Uuid,
    kind: &str,
    column: &str,
    tokens: &str,
) -> SimpleExpr {
    let words = words(tokens);
    let Some(last) = words.len().checked_sub(1) else { return Expr::cust("1 = 0") };
    let mut values: Vec<sea_orm::Value> = vec![community.into(), kind.into()];
    // A subquery that gives a value, not a set, is asked row by row.
    let document = format!("SELECT d.subject_id FROM search_doc d WHERE d.subject_id = {column}");
    let sql = if backend == DatabaseBackend::Postgres {
        values.push(query(backend, &words).into());
        format!("({document} AND d.community_id = $1 AND d.kind = $2 AND d.vector @@ CAST($3 AS tsquery)) IS NOT NULL")
    } else {
        // The tokens are stored as one text with a space between: a word begins and ends at a space.
        let end = |i| if i == last { "" } else { " " };
        values.extend(words.iter().enumerate().map(|(i, word)| format!(" {word}{}", end(i)).into()));
        let has = "AND instr(' ' || d.tokens || ' ', ?) > 0 ".repeat(words.len());
        format!("({document} AND d.community_id = ? AND d.kind = ? {has}) IS NOT NULL")
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
