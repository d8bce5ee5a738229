//! The page of one roster: what its step asks, its checked rows, how far writing has come, what came of it.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::{
    Slice,
    community::Territory,
    roster::{self, Candidate, Change, RosterView, RowView},
};
use tongxin_core::roster::{Field, KEPT_DAYS, Outcome, RosterKind, RosterState, RowChoice};
use uuid::Uuid;

use super::words::{self, label};
use crate::{
    Web,
    error::WebError,
    export::{Cell, Table},
    form::{Choice, FormState},
    layout::{Shell, page, page_with},
    pages::duplicates::suspects::reasons,
    paging::{ListQuery, Page},
    path::Path,
    session::Who,
};

/// The most rows of a file of problems.
const PROBLEMS_MAX: u64 = 50_000;

/// A column and what it is read as.
pub(super) struct Column {
    pub number: usize,
    pub name: String,
    pub samples: Vec<String>,
    pub field: String,
}

#[derive(Template)]
#[template(path = "rosters/map.html")]
pub(super) struct MapPage {
    pub shell: Shell,
    pub view: RosterView,
    pub form: FormState,
    pub columns: Vec<Column>,
    pub fields: Vec<Choice>,
    pub sheets: Vec<Choice>,
    pub lines: Vec<Choice>,
    pub places: Vec<Choice>,
}

/// A row of the preview.
struct Row {
    view: RowView,
    problems: Vec<String>,
    changes: Vec<(String, String, String)>,
    choices: Vec<Choice>,
    suspects: Vec<SuspectLine>,
}

/// Somebody that a row may mean.
struct SuspectLine {
    href: String,
    text: String,
    reasons: Vec<(String, &'static str)>,
    elsewhere: bool,
}

#[derive(Template)]
#[template(path = "rosters/check.html")]
struct CheckPage {
    shell: Shell,
    view: RosterView,
    list: ListQuery,
    pages: Page,
    rows: Vec<Row>,
    tabs: Vec<Tab>,
}

#[derive(Template)]
#[template(path = "rosters/run.html")]
struct RunPage {
    shell: Shell,
    view: RosterView,
}

/// The part of the page that is asked for again and again.
#[derive(Template)]
#[template(path = "rosters/progress.html")]
struct ProgressPart {
    shell: Shell,
    view: RosterView,
}

#[derive(Template)]
#[template(path = "rosters/done.html")]
struct DonePage {
    shell: Shell,
    view: RosterView,
    list: ListQuery,
    pages: Page,
    rows: Vec<Row>,
    tabs: Vec<Tab>,
}

/// What the pages of a roster have in common.
trait OfRoster {
    fn of(&self) -> (&Shell, &RosterView);

    fn path(&self) -> String {
        format!("/rosters/{}", self.of().1.roster.id)
    }

    fn at(&self, step: &str) -> String {
        format!("/rosters/{}/{step}", self.of().1.roster.id)
    }

    fn kind(&self) -> String {
        let (shell, view) = self.of();
        shell.t(format!("roster-kind-{}", view.roster.kind))
    }

    fn count(&self, outcome: &str) -> u64 {
        let view = self.of().1;
        outcome.parse().ok().and_then(|outcome: Outcome| view.counts.get(&outcome).copied()).unwrap_or(0)
    }

    /// Until when it is kept as it is, and what becomes of it then.
    fn kept(&self) -> String {
        let (shell, view) = self.of();
        let key = match view.roster.state {
            _ if view.rows_gone => return shell.tr("roster-rows-gone", "days", KEPT_DAYS),
            RosterState::Done => "roster-kept-done",
            RosterState::Undone => "roster-kept-undone",
            _ => "roster-kept-open",
        };
        shell.tr(key, "day", shell.fmt.day(shell.fmt.day_of(view.kept_until())))
    }

    fn failure(&self) -> Option<String> {
        let (shell, view) = self.of();
        view.report.failure.as_ref().map(|code| {
            let key = format!("conflict-{code}");
            if shell.locale().has(&key) { shell.t(key) } else { shell.t("roster-failure-other") }
        })
    }
}

macro_rules! of_roster {
    ($($page:ty),+) => {$(
        impl OfRoster for $page {
            fn of(&self) -> (&Shell, &RosterView) {
                (&self.shell, &self.view)
            }
        }
    )+};
}
of_roster!(MapPage, CheckPage, RunPage, ProgressPart, DonePage);

/// The list of outcomes whose rows are shown; none means all.
fn outcome(list: &ListQuery) -> Option<Outcome> {
    list.get("outcome").and_then(|code| code.parse().ok())
}

fn tone(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Refused => "red",
        Outcome::Asked => "orange",
        Outcome::New => "green",
        Outcome::Updated => "blue",
        Outcome::Unchanged | Outcome::Skipped => "secondary",
    }
}

impl DonePage {
    /// What became of a roster that was not written in the end.
    fn ended(&self) -> String {
        self.shell.t(format!("roster-text-{}", self.view.roster.state))
    }
}

impl CheckPage {
    /// Whether what is asked is who somebody is: only then somebody new may be the answer.
    fn asks_for_members(&self) -> bool {
        matches!(self.view.roster.kind, RosterKind::Persons | RosterKind::Organisations)
    }
}

impl Row {
    fn tone(&self) -> &'static str {
        tone(self.view.outcome)
    }
}

impl MapPage {
    pub(super) async fn new(
        web: &Web,
        who: &tongxin_app::Viewer,
        shell: Shell,
        view: RosterView,
        form: FormState,
    ) -> Result<Self, WebError> {
        let territory = web.app.territory().await?;
        let locale = shell.locale();
        let kind = view.roster.kind;
        let mut columns = Vec::new();
        for (number, header) in view.layout.columns.iter().enumerate() {
            let cell = |row: &roster::RosterRow| row.cells.get(number).cloned().unwrap_or_default();
            let samples: Vec<String> = view.samples.iter().map(cell).filter(|cell| !cell.is_empty()).collect();
            if header.is_empty() && samples.is_empty() {
                continue;
            }
            let known = view.mapping.fields.get(number).copied().flatten().map_or("", Field::code);
            let field = if form.is_ok() { known.to_owned() } else { form.value(format!("column-{number}")).to_owned() };
            let name =
                if header.is_empty() { shell.tr("roster-column-number", "number", number + 1) } else { header.clone() };
            columns.push(Column { number, name, samples, field });
        }
        let sheets = view.layout.sheets.iter().enumerate();
        let sheets = sheets.map(|(number, sheet)| {
            Choice::new(number, shell.tr2("roster-sheet", "name", sheet.name.as_str(), "rows", sheet.rows))
        });
        let sheets = sheets.collect();
        let text =
            |cells: &[String]| cells.iter().filter(|c| !c.is_empty()).take(4).cloned().collect::<Vec<_>>().join(" · ");
        let line = |row: &roster::RosterRow| {
            Choice::new(row.line, shell.tr2("roster-line", "line", row.line, "text", text(&row.cells)))
        };
        let mut lines = vec![Choice::new(0, shell.t("roster-no-header"))];
        lines.extend(view.top.iter().map(line));
        let allowed = roster::places(&web.app, who).await?;
        // What was chosen before, unless the form says something by now.
        let form = if form.value("line").is_empty() {
            let form = form.with("sheet", view.layout.sheet).with("line", view.layout.line);
            form.with_some("place", view.mapping.place)
        } else {
            form
        };
        Ok(Self {
            fields: kind.fields().iter().map(|field| Choice::new(field, label(locale, kind, *field))).collect(),
            places: allowed.into_iter().map(|id| Choice::new(id, territory.full_name(id))).collect(),
            form,
            shell: shell.page_key("roster-map-title", "organisations"),
            columns,
            sheets,
            lines,
            view,
        })
    }

    fn has_place(&self) -> bool {
        self.view.roster.kind.fields().contains(&Field::Place)
    }
}

async fn rows(
    web: &Web,
    who: &tongxin_app::Viewer,
    shell: &Shell,
    view: &RosterView,
    list: &ListQuery,
) -> Result<(Vec<Row>, u64), WebError> {
    let chosen = outcome(list);
    let outcomes = chosen.map_or_else(|| Outcome::ALL.to_vec(), |outcome| vec![outcome]);
    let total = outcomes.iter().filter_map(|outcome| view.counts.get(outcome)).sum();
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = roster::rows(&web.app, who, view.roster.id, &outcomes, slice).await?;
    let territory = web.app.territory().await?;
    let rows = found.into_iter().map(|row| {
        let changes =
            row.detail.changes.iter().map(|change| said(shell, view.roster.kind, change, &territory)).collect();
        Row {
            problems: row.detail.problems.iter().map(|problem| told(shell, view, problem)).collect(),
            changes,
            choices: choices(shell, view.roster.kind, &row, &territory),
            suspects: row.detail.candidates.iter().map(|one| suspect(shell, one, &territory)).collect(),
            view: row,
        }
    });
    Ok((rows.collect(), total))
}

/// A problem with the column that it stands in.
fn told(shell: &Shell, view: &RosterView, problem: &roster::CellProblem) -> String {
    let text = words::problem(shell.locale(), problem);
    let column = problem.column.and_then(|at| view.layout.columns.get(at)).filter(|name| !name.is_empty());
    let column = column
        .cloned()
        .or_else(|| problem.field.parse().ok().map(|field| label(shell.locale(), view.roster.kind, field)));
    match column {
        Some(column) => shell.tr2("roster-problem", "column", column, "text", text),
        None => text,
    }
}

/// A change: the column, what stands there now, what will.
fn said(shell: &Shell, kind: RosterKind, change: &Change, territory: &Territory) -> (String, String, String) {
    let place = |id: &str| id.parse().map_or_else(|_| id.to_owned(), |id: Uuid| territory.full_name(id));
    let before = if words::shows_before(change) {
        words::value(shell, change.field, &change.before, place)
    } else {
        String::new()
    };
    (label(shell.locale(), kind, change.field), before, words::value(shell, change.field, &change.after, place))
}

/// Who somebody is: name, day of birth, place, code.
fn who_is(shell: &Shell, candidate: &Candidate, territory: &Territory) -> String {
    let mut parts = vec![candidate.name.clone()];
    parts.extend(candidate.birth_date.map(|day| shell.fmt.day(day)));
    parts.push(territory.full_name(candidate.place));
    parts.extend(candidate.code.clone());
    parts.join(" · ")
}

fn suspect(shell: &Shell, candidate: &Candidate, territory: &Territory) -> SuspectLine {
    SuspectLine {
        href: format!("/members/{}", candidate.id),
        text: who_is(shell, candidate, territory),
        reasons: reasons(shell, &candidate.reasons),
        elsewhere: candidate.elsewhere,
    }
}

/// What may be chosen for a row.
fn choices(shell: &Shell, kind: RosterKind, row: &RowView, territory: &Territory) -> Vec<Choice> {
    let person = |candidate: &Candidate| {
        let who = who_is(shell, candidate, territory);
        Choice::new(candidate.id, shell.tr("roster-choice-same", "who", who))
    };
    let here = row.detail.candidates.iter().filter(|candidate| !candidate.elsewhere);
    let mut choices: Vec<Choice> = here.map(person).collect();
    if let (RowChoice::Same(id), true) = (row.choice, choices.is_empty()) {
        choices.push(Choice::new(id, shell.tr("roster-choice-same", "who", row.detail.name.as_str())));
    }
    let asked = !row.detail.candidates.is_empty() || row.choice != RowChoice::Open;
    if matches!(kind, RosterKind::Persons | RosterKind::Organisations) && asked {
        choices.push(Choice::new("new", shell.t("roster-choice-new")));
    }
    choices.push(Choice::new("skip", shell.t("roster-choice-skip")));
    choices
}

/// One outcome of which rows are shown.
struct Tab {
    text: String,
    count: String,
    href: String,
    active: bool,
    /// Whether it is all of them.
    all: bool,
}

fn tabs(shell: &Shell, view: &RosterView, list: &ListQuery) -> Vec<Tab> {
    let tab = |outcome: Option<Outcome>, count: u64| {
        let code = outcome.map_or("", Outcome::code);
        Tab {
            text: shell.t(format!("roster-outcome-{}", if code.is_empty() { "all" } else { code })),
            count: shell.number(count),
            href: list.link(&[("outcome", code), ("page", "")]),
            active: list.value("outcome") == code,
            all: outcome.is_none(),
        }
    };
    let mut tabs = vec![tab(None, view.counts.values().sum())];
    tabs.extend(Outcome::ALL.iter().filter_map(|outcome| Some(tab(Some(*outcome), *view.counts.get(outcome)?))));
    tabs
}

/// `GET /rosters/{id}`.
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let view = roster::show(&web.app, &who, id).await?;
    let columns = list.get("step") == Some("columns");
    match view.roster.state {
        RosterState::Uploaded => page(&MapPage::new(&web, &who, shell, view, FormState::new()).await?),
        RosterState::Checked | RosterState::Failed if columns => {
            page(&MapPage::new(&web, &who, shell, view, FormState::new()).await?)
        }
        RosterState::Checked | RosterState::Failed => {
            let (rows, total) = rows(&web, &who, &shell, &view, &list).await?;
            let tabs = tabs(&shell, &view, &list);
            let shell = shell.page_key("roster-check-title", "organisations");
            page(&CheckPage { pages: list.page(total), shell, view, list, rows, tabs })
        }
        RosterState::Running => page(&RunPage { shell: shell.page_key("roster-run-title", "organisations"), view }),
        RosterState::Done | RosterState::Cancelled | RosterState::Undone => {
            let (rows, total) = rows(&web, &who, &shell, &view, &list).await?;
            let tabs = tabs(&shell, &view, &list);
            let title = format!("roster-title-{}", view.roster.state);
            let shell = shell.page_key(&title, "organisations");
            page(&DonePage { pages: list.page(total), shell, view, list, rows, tabs })
        }
    }
}

/// Shows the columns again with what was chosen and what is wrong.
pub(super) async fn map_again(
    web: &Web,
    who: &tongxin_app::Viewer,
    shell: Shell,
    id: Uuid,
    form: FormState,
) -> Result<Response, WebError> {
    let view = roster::show(&web.app, who, id).await?;
    let page = MapPage::new(web, who, shell, view, form).await?;
    page_with(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// `GET /rosters/{id}/progress`: how far writing has come, for a page that asks again and again; when it has ended, the
/// page is loaded anew.
pub(super) async fn progress(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = roster::show(&web.app, &who, id).await?;
    let running = view.roster.state == RosterState::Running;
    let mut response = page(&ProgressPart { shell, view })?;
    if !running {
        response.headers_mut().insert("hx-refresh", axum::http::HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// `GET /rosters/{id}/problems.xlsx`: the rows that hold it up as they stand in the file, the wrong cells marked.
pub(super) async fn problems(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = roster::show(&web.app, &who, id).await?;
    let slice = Slice { offset: 0, limit: PROBLEMS_MAX };
    let rows = roster::rows(&web.app, &who, id, &[Outcome::Refused, Outcome::Asked], slice).await?;
    let mut headers = vec![shell.t("roster-column-line"), shell.t("roster-column-problems")];
    headers.extend(view.layout.columns.iter().cloned());
    let mut table = Table::new(shell.tr("roster-problems-file", "file", view.roster.file_name.as_str()), headers);
    for row in rows {
        let mut texts: Vec<String> = row.detail.problems.iter().map(|problem| told(&shell, &view, problem)).collect();
        if row.outcome == Outcome::Asked {
            texts.push(shell.t("roster-asked-text"));
        }
        let mut cells: Vec<Cell> = vec![Cell::Int(row.line), texts.join("\n").into()];
        for at in 0..view.layout.columns.len() {
            let text = row.cells.get(at).cloned().unwrap_or_default();
            let wrong = row.detail.problems.iter().any(|problem| problem.column == Some(at));
            cells.push(if wrong { Cell::Wrong(text) } else { text.into() });
        }
        table.push(cells);
    }
    table.xlsx_response()
}
