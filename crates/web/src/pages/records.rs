//! The records: who did what, when, in which capacity; and whether their chain is whole.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use tongxin_app::record::{self, Verified};
use tongxin_core::record::Record;
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    export::{Cell, FileKind, Table},
    layout::{Shell, page},
    paging::{ListQuery, Page},
    session::Who,
};

/// The most rows of an export.
const EXPORT_MAX: u64 = 5_000;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/records", get(list))
        .route("/records.xlsx", get(file))
        .route("/records.csv", get(file))
        .route("/records/verify", get(verify))
}

#[derive(Template)]
#[template(path = "records/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    rows: Vec<Line>,
    page: Page,
    verified: Option<Verified>,
}

/// A record with its author's sign-in name.
struct Line {
    record: Record,
    author: String,
    action: String,
    capacity: String,
    href: Option<String>,
}

fn filter(list: &ListQuery) -> record::RecordFilter {
    record::RecordFilter {
        subject: list.get("subject").and_then(|s| s.parse::<Uuid>().ok()),
        account: list.get("account").and_then(|s| s.parse::<Uuid>().ok()),
        action: list.get("action").map(str::to_owned),
    }
}

async fn lines(
    web: &Web,
    who: &Who,
    shell: &Shell,
    list: &ListQuery,
    slice: tongxin_app::Slice,
) -> Result<(Vec<Line>, u64), WebError> {
    let found = record::list(&web.app, &who.0, &filter(list), slice).await?;
    let authors = record::authors(&web.app, &who.0, &found.rows).await?;
    let rows = found.rows.into_iter().map(|record| {
        let author = record.account.and_then(|a| authors.get(&a).cloned());
        Line {
            author: author.unwrap_or_else(|| shell.t("record-system")),
            action: words(shell, "action", &record.action),
            capacity: words(shell, "capacity", &record.capacity),
            href: href(&record),
            record,
        }
    });
    Ok((rows.collect(), found.total))
}

/// The words of a code, or the code itself for one that has none (yet).
pub(super) fn words(shell: &Shell, prefix: &str, code: &str) -> String {
    let key = format!("record-{prefix}-{}", code.replace('.', "-"));
    if shell.locale().has(&key) { shell.t(key) } else { code.to_owned() }
}

/// Where the thing that a record is about has its page.
fn href(record: &Record) -> Option<String> {
    let folder = match record.subject_kind.as_str() {
        "need" => "needs",
        "offer" => "offers",
        "match" => "matches",
        "run" => "runs",
        "member" => "members",
        "place" => "places",
        "organisation" => "organisations",
        "reorganisation" => "reorganisations",
        "account" => "accounts",
        _ => return None,
    };
    Some(format!("/{folder}/{}", record.subject))
}

async fn list(State(web): State<Web>, who: Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    show(web, who, shell, list, false).await
}

async fn verify(State(web): State<Web>, who: Who, shell: Shell) -> Result<Response, WebError> {
    show(web, who, shell, ListQuery::parse("/records", ""), true).await
}

async fn show(web: Web, who: Who, shell: Shell, list: ListQuery, check: bool) -> Result<Response, WebError> {
    let slice = tongxin_app::Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let (rows, total) = lines(&web, &who, &shell, &list, slice).await?;
    let verified = if check { Some(record::verify(&web.app, &who.0).await?) } else { None };
    let shell = shell.page_key("record-title", "records");
    page(&ListPage { page: list.page(total), shell, rows, list, verified })
}

async fn table(web: &Web, who: &Who, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    let slice = tongxin_app::Slice { offset: 0, limit: EXPORT_MAX };
    let (rows, _) = lines(web, who, shell, list, slice).await?;
    let headers = [
        "record-seq",
        "record-at",
        "record-author",
        "record-capacity",
        "record-action",
        "record-subject",
        "record-data",
        "record-hash",
    ];
    let mut table = Table::new(shell.t("record-title"), headers.iter().map(|key| shell.t(key)).collect());
    for line in rows {
        table.push(vec![
            Cell::Int(line.record.seq),
            Cell::Text(shell.datetime(&line.record.at)),
            Cell::Text(line.author),
            Cell::Text(line.capacity),
            Cell::Text(line.action),
            Cell::Text(format!("{} {}", line.record.subject_kind, line.record.subject)),
            Cell::Text(line.record.data),
            Cell::Text(line.record.hash),
        ]);
    }
    Ok(table)
}

async fn file(
    State(web): State<Web>,
    who: Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    table(&web, &who, &shell, &list).await?.response(kind)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use crate::i18n::Locale;

    /// The texts between quotation marks of all Rust files of a folder.
    fn literals(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                literals(&path, found);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_action_that_is_recorded_has_its_words() {
        let mut found = Vec::new();
        literals(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src"), &mut found);
        let is_word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let action = |text: &&String| text.split_once('.').is_some_and(|(word, verb)| is_word(word) && is_word(verb));
        let files = [".csv", ".toml", ".xml", ".cedar", ".txt"];
        let actions: Vec<&String> =
            found.iter().filter(action).filter(|text| !files.iter().any(|end| text.ends_with(end))).collect();
        assert!(actions.len() > 40, "the actions are found where they are written: {actions:?}");
        for action in actions {
            let key = format!("record-action-{}", action.replace('.', "-"));
            assert!(Locale::En.has(&key) && Locale::ZhHans.has(&key), "{key}");
        }
    }
}
