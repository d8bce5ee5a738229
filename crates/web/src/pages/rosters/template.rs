//! Templates to fill in: one a kind, with an example and the words that its columns allow.

use axum::response::Response;
use tongxin_core::roster::{Field, RosterKind};

use super::words::{choices, label};
use crate::{
    error::WebError,
    export::{Cell, Table, book_response},
    layout::Shell,
    path::Path,
    session::Who,
};

/// `GET /rosters/template/{file}`, such as `persons.xlsx`.
pub(super) async fn template(Who(who): Who, shell: Shell, Path(file): Path<String>) -> Result<Response, WebError> {
    who.actor()?;
    let (kind, ending) = file.split_once('.').ok_or_else(WebError::not_found)?;
    let kind: RosterKind = kind.parse().map_err(|_| WebError::not_found())?;
    let locale = shell.locale();
    let name = shell.tr("roster-template-file", "kind", shell.t(format!("roster-kind-{kind}")));
    let headers = kind.fields().iter().map(|field| label(locale, kind, *field)).collect();
    let mut table = Table::new(shell.t(format!("roster-kind-{kind}")), headers);
    table.push(kind.fields().iter().map(|field| example(&shell, kind, *field)).collect());
    match ending {
        "csv" => Table { name, ..table }.csv_response(),
        "xlsx" => book_response(&name, &[table, notes(&shell, kind)]),
        _ => Err(WebError::not_found()),
    }
}

/// What stands in a column of the example.
fn example(shell: &Shell, kind: RosterKind, field: Field) -> Cell {
    let first = choices(shell.locale(), field).into_iter().next();
    match (kind, field) {
        (RosterKind::Organisations, Field::OrganisationKind) => shell.t("organisation-kind-enterprise").into(),
        (_, Field::CareGroups | Field::Relation | Field::Sex | Field::PostKind) => first.map(|c| c.label).into(),
        (_, Field::Registered) => shell.t("roster-yes").into(),
        (_, Field::Retired) => shell.t("roster-no").into(),
        (_, Field::BirthDate) => "1950-02-03".into(),
        (_, Field::From) => "2026-01-01".into(),
        (_, Field::Until) => Cell::Empty,
        (_, Field::Phone) => "021-6248-0000".into(),
        (_, Field::Email) => "name@example.org".into(),
        (_, Field::StaffCount) => Cell::Int(20),
        (_, Field::Seats) => Cell::Int(1),
        (_, Field::TermMonths) => Cell::Int(60),
        _ => {
            let own = format!("roster-example-{kind}-{field}");
            let key = if shell.locale().has(&own) { own } else { format!("roster-example-{field}") };
            shell.t(key).into()
        }
    }
}

/// The second sheet: what each column means, and what it allows.
fn notes(shell: &Shell, kind: RosterKind) -> Table {
    let headers = ["column", "meaning", "allowed"].map(|key| shell.t(format!("roster-notes-{key}"))).to_vec();
    let mut table = Table::new(shell.t("roster-notes"), headers);
    let needed = kind.needed();
    for field in kind.fields() {
        let allowed: Vec<String> = choices(shell.locale(), *field).into_iter().map(|choice| choice.label).collect();
        let own = format!("roster-note-{kind}-{field}");
        let key = if shell.locale().has(&own) { own } else { format!("roster-note-{field}") };
        let mut meaning = shell.t(key);
        if needed.iter().any(|group| group.contains(field)) {
            meaning = shell.tr("roster-note-needed", "meaning", meaning);
        }
        let allowed = allowed.join(&shell.t("list-separator"));
        table.push(vec![label(shell.locale(), kind, *field).into(), meaning.into(), allowed.into()]);
    }
    table.push(vec![Cell::Empty, shell.t("roster-note-example").into(), Cell::Empty]);
    table
}
