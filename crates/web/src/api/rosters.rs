//! Rosters in.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{FromRequest, Multipart, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    roster::{self as cases, Chosen, MapInput, Roster, RosterView, RowView, sheet},
};
use tongxin_core::{
    people::duplicate::Likeness,
    roster::{Field, Outcome, RosterKind, RowChoice, kept_until},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::LikenessCode,
    extract::{Id, Input, PageAsk, PageOf, Params, created, right_first},
};
use crate::{
    Web,
    error::WebError,
    layout::Shell,
    pages::rosters::{
        read_upload,
        words::{problem, shows_before, vocabulary},
    },
    paging::ListQuery,
    session::Who,
};

/// A roster.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RosterOut {
    /// Its identifier.
    id: Uuid,
    /// `persons`, `organisations`, `posts` or `memberships`.
    kind: String,
    /// The name of its file.
    file_name: String,
    /// `uploaded`, `checked`, `running`, `done`, `failed`, `cancelled` or `undone`.
    state: String,
    /// Rows below its header.
    rows: i64,
    /// When it was brought in.
    created_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Until when it is kept: one that was not written goes then, one that was written loses its rows and can’t be undone.
    kept_until: DateTime<Utc>,
}

impl From<Roster> for RosterOut {
    fn from(r: Roster) -> Self {
        Self {
            id: r.id,
            kind: r.kind.code().to_owned(),
            file_name: r.file_name,
            state: r.state.code().to_owned(),
            rows: r.rows,
            created_at: r.created_at,
            finished_at: r.finished_at,
            kept_until: kept_until(r.state, r.created_at, r.finished_at),
        }
    }
}

/// A roster with its columns and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RosterDetail {
    #[serde(flatten)]
    roster: RosterOut,
    /// The names of its sheets.
    sheets: Vec<String>,
    /// The chosen sheet, from 0.
    sheet: usize,
    /// The line of its header, from 1; 0 when it has none.
    header_line: u32,
    /// Its columns, with what each is read as.
    columns: Vec<ColumnOut>,
    /// The place of rows that name none.
    place: Option<Uuid>,
    /// How many rows have which outcome; empty before the check.
    counts: BTreeMap<String, u64>,
    /// Whether it can be written now.
    may_run: bool,
    /// Why nothing was written, as a code.
    failure: Option<String>,
    /// Rows that are done, while it is being written.
    done: Option<u64>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ColumnOut {
    /// Its header as it stands in the file.
    header: String,
    /// What it is read as; none when it is left out.
    field: Option<String>,
}

impl From<RosterView> for RosterDetail {
    fn from(view: RosterView) -> Self {
        let columns = view.layout.columns.iter().enumerate().map(|(at, header)| ColumnOut {
            header: header.clone(),
            field: view.mapping.fields.get(at).copied().flatten().map(|field| field.code().to_owned()),
        });
        Self {
            columns: columns.collect(),
            may_run: view.may_run(),
            counts: view.counts.iter().map(|(outcome, count)| (outcome.code().to_owned(), *count)).collect(),
            sheets: view.layout.sheets.into_iter().map(|sheet| sheet.name).collect(),
            sheet: view.layout.sheet,
            header_line: view.layout.line,
            place: view.mapping.place,
            failure: view.report.failure,
            done: view.progress.map(|progress| progress.done),
            roster: view.roster.into(),
        }
    }
}

/// A roster as rows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RosterInput {
    /// `persons`, `organisations`, `posts` or `memberships`.
    #[schema(example = "persons")]
    kind: String,
    /// A name by which its reader knows it again.
    #[serde(default)]
    file_name: String,
    /// Its rows, the header first: at most 50,000 with at most 200 cells.
    rows: Vec<Vec<String>>,
}

/// A roster as a file.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the parts of a request, which are read one by one")]
pub(super) struct RosterFile {
    /// `persons`, `organisations`, `posts` or `memberships`.
    kind: String,
    /// `.xlsx`, `.xls`, `.ods` or CSV, at most 10 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What each column means.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingInput {
    /// The sheet, from 0.
    #[serde(default)]
    sheet: usize,
    /// The line of the header, from 1; 0 when there is none.
    header_line: u32,
    /// What the columns mean, in their order; null for one that is left out.
    columns: Vec<Option<String>>,
    /// The place of rows that name none.
    #[serde(default)]
    place: Option<Uuid>,
}

/// A checked row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowOut {
    /// The line in the file.
    line: i64,
    /// Whom or what it is about.
    name: String,
    /// `refused`, `asked`, `new`, `updated`, `unchanged` or `skipped`.
    outcome: String,
    /// What was chosen for it: empty, `new`, `skip`, or whom it means.
    choice: String,
    /// What it was recognised as, or became.
    subject: Option<Uuid>,
    /// What is wrong with it.
    problems: Vec<CellProblemOut>,
    /// What it changes or adds.
    changes: Vec<ChangeOut>,
    /// Whom it may mean.
    candidates: Vec<CandidateOut>,
}

/// What is wrong with a cell.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CellProblemOut {
    /// The field.
    field: String,
    /// The column, from 0, when it is in the file.
    column: Option<usize>,
    /// A stable code.
    code: String,
    /// In full, in the language of the request.
    detail: String,
    /// What stands there.
    value: String,
}

/// What a row changes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangeOut {
    /// The field.
    field: String,
    /// What stands there now; none when nothing does, or when it is sensitive.
    before: Option<String>,
    /// What will stand there.
    after: String,
}

/// Somebody that a row may mean.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CandidateOut {
    /// Who.
    id: Uuid,
    /// The name.
    name: String,
    /// The code.
    code: Option<String>,
    /// Where.
    place: Uuid,
    /// The day of birth.
    birth_date: Option<chrono::NaiveDate>,
    /// Why it is suspected to be the same; empty for one of the same name.
    #[schema(value_type = Vec<LikenessCode>)]
    reasons: Vec<Likeness>,
    /// Whether it is in a place that is not the caller’s: the row can’t be said to mean it.
    elsewhere: bool,
}

fn row_out(shell: &Shell, row: RowView) -> RowOut {
    let detail = row.detail;
    RowOut {
        line: row.line,
        name: detail.name,
        outcome: row.outcome.code().to_owned(),
        choice: row.choice.code(),
        subject: detail.subject,
        problems: detail
            .problems
            .into_iter()
            .map(|p| CellProblemOut {
                detail: problem(shell.locale(), &p),
                field: p.field,
                column: p.column,
                code: p.code,
                value: p.value,
            })
            .collect(),
        changes: detail
            .changes
            .into_iter()
            .map(|change| ChangeOut {
                field: change.field.code().to_owned(),
                before: shows_before(&change).then(|| change.before.clone()),
                after: change.after,
            })
            .collect(),
        candidates: detail
            .candidates
            .into_iter()
            .map(|c| CandidateOut {
                id: c.id,
                name: c.name,
                code: c.code,
                place: c.place,
                birth_date: c.birth_date,
                reasons: c.reasons,
                elsewhere: c.elsewhere,
            })
            .collect(),
    }
}

/// Which page of the rosters.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RosterQuery {
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RowQuery {
    /// With this outcome only.
    outcome: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

/// An answer for a row, or for all rows of an outcome.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoiceInput {
    /// The line of the row; left out for all rows with `outcome`.
    line: Option<i64>,
    /// For all rows with this outcome.
    outcome: Option<String>,
    /// Empty (as the program finds), `new`, `skip`, or the identifier of whom it means.
    choice: String,
}

/// Answers for rows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoicesInput {
    /// The answers.
    choices: Vec<ChoiceInput>,
}

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UndoneOut {
    /// How many rows.
    rows: usize,
}

fn unknown(field: &str) -> WebError {
    WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY).with_field(field, "invalid-unknown_choice")
}

/// Whether it is one of the caller's own.
async fn own(web: &Web, who: &Viewer, id: Uuid) -> Result<(), WebError> {
    cases::show(&web.app, who, id).await?;
    Ok(())
}

async fn detail(web: &Web, who: &Viewer, id: Uuid) -> Result<RosterDetail, WebError> {
    Ok(cases::show(&web.app, who, id).await?.into())
}

#[utoipa::path(get, path = "/api/v1/rosters", tag = "rosters", operation_id = "listRosters",
    summary = "List the rosters that one has brought in", params(RosterQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<RosterOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<RosterQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let ask = PageAsk::new(query.page, query.size);
    let page = cases::list(&web.app, &who, ask.slice()).await?;
    Ok(ask.answer(&list, page.rows.into_iter().map(RosterOut::from).collect(), page.total))
}

#[utoipa::path(post, path = "/api/v1/rosters", tag = "rosters", operation_id = "uploadRoster",
    summary = "Bring in a roster, as a file or as rows; nothing is written yet",
    request_body(content((RosterInput = "application/json"), (RosterFile = "multipart/form-data"))),
    responses((status = 201, description = "The roster, its columns guessed", body = RosterDetail)))]
pub(super) async fn upload(State(web): State<Web>, Who(who): Who, request: Request) -> Result<Response, WebError> {
    // Before any of the body is read: whether the caller may bring one at all.
    cases::list(&web.app, &who, PageAsk::new(None, Some(1)).slice()).await?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let parse = |kind: &str| kind.parse::<RosterKind>().map_err(|_| unknown("kind"));
    let id = if kind.starts_with("multipart/form-data") {
        let parts = Multipart::from_request(request, &web).await.map_err(|e| WebError::from_status(e.status()))?;
        // A program signs in with a token, not with a cookie: there is no form to be forged.
        let upload = read_upload(parts, None).await?;
        let kind = parse(&upload.kind)?;
        cases::upload(&web.app, &who, kind, &upload.file_name, upload.bytes, vocabulary()).await?
    } else {
        let Input(input) = Input::<RosterInput>::from_request(request, &web).await?;
        let kind = parse(&input.kind)?;
        let sheets = sheet::from_rows(&input.rows).map_err(tongxin_app::Error::from)?;
        cases::enter(&web.app, &who, kind, &input.file_name, sheets, vocabulary()).await?
    };
    Ok(created(&format!("/api/v1/rosters/{id}"), detail(&web, &who, id).await?))
}

#[utoipa::path(get, path = "/api/v1/rosters/{id}", tag = "rosters", operation_id = "showRoster",
    summary = "Show a roster: its columns, its counts, how far it has come",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The roster", body = RosterDetail)))]
pub(super) async fn show(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<RosterDetail>, WebError> {
    detail(&web, &who, id).await.map(Json)
}

#[utoipa::path(put, path = "/api/v1/rosters/{id}/mapping", tag = "rosters", operation_id = "mapRoster",
    summary = "Say which column means what, and check every row; with another sheet or header, its columns are only guessed",
    params(("id" = Uuid, Path, description = "Its identifier")), request_body = MappingInput,
    responses((status = 200, description = "The roster; its state is `checked`, or `uploaded` when columns were guessed anew", body = RosterDetail)))]
pub(super) async fn map(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<MappingInput>,
) -> Result<Json<RosterDetail>, WebError> {
    let columns = input.columns.iter().enumerate();
    let fields = columns.filter_map(|(at, code)| Some((at, code.as_ref()?)));
    let fields = fields.map(|(at, code)| Ok((at, code.parse::<Field>().map_err(|_| unknown("columns"))?))).collect();
    let fields = right_first(fields, own(&web, &who, id)).await?;
    let input = MapInput { sheet: input.sheet, line: input.header_line, fields, place: input.place };
    cases::map(&web.app, &who, id, input, vocabulary()).await?;
    detail(&web, &who, id).await.map(Json)
}

#[utoipa::path(get, path = "/api/v1/rosters/{id}/rows", tag = "rosters", operation_id = "listRosterRows",
    summary = "List the checked rows: what would become of each, and what is wrong with it",
    params(("id" = Uuid, Path, description = "Its identifier"), RowQuery),
    responses((status = 200, description = "A page of the rows", body = PageOf<RowOut>)))]
pub(super) async fn rows(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Params(query): Params<RowQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let outcomes = match query.outcome.as_deref() {
        None | Some("") => Ok(Outcome::ALL.to_vec()),
        Some(code) => code.parse().map(|one| vec![one]).map_err(|_| unknown("outcome")),
    };
    let outcomes = right_first(outcomes, own(&web, &who, id)).await?;
    let ask = PageAsk::new(query.page, query.size);
    let counts = cases::show(&web.app, &who, id).await?.counts;
    let total = outcomes.iter().filter_map(|outcome| counts.get(outcome)).sum();
    let rows = cases::rows(&web.app, &who, id, &outcomes, ask.slice()).await?;
    Ok(ask.answer(&list, rows.into_iter().map(|row| row_out(&shell, row)).collect(), total))
}

#[utoipa::path(put, path = "/api/v1/rosters/{id}/choices", tag = "rosters", operation_id = "chooseRosterRows",
    summary = "Answer for rows that are asked or refused, and check again",
    params(("id" = Uuid, Path, description = "Its identifier")), request_body = ChoicesInput,
    responses((status = 200, description = "The roster", body = RosterDetail)))]
pub(super) async fn choose(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<ChoicesInput>,
) -> Result<Json<RosterDetail>, WebError> {
    let choices = input.choices.into_iter().map(|one| {
        let choice = RowChoice::read(&one.choice).ok_or_else(|| unknown("choice"))?;
        let of = match (one.line, one.outcome) {
            (Some(line), None) => Chosen::Line(line),
            (None, Some(code)) => Chosen::All(code.parse().map_err(|_| unknown("outcome"))?),
            _ => return Err(unknown("line")),
        };
        Ok((of, choice))
    });
    let choices = right_first(choices.collect(), own(&web, &who, id)).await?;
    cases::choose(&web.app, &who, id, choices, vocabulary()).await?;
    detail(&web, &who, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/rosters/{id}/run", tag = "rosters", operation_id = "runRoster",
    summary = "Write all of it in one transaction; the work goes on after the answer",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 202, description = "It has begun; ask for the roster to see how far it is", body = RosterDetail)))]
pub(super) async fn run(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Response, WebError> {
    cases::run(&web.app, &who, id, vocabulary()).await?;
    Ok((StatusCode::ACCEPTED, Json(detail(&web, &who, id).await?)).into_response())
}

#[utoipa::path(post, path = "/api/v1/rosters/{id}/cancel", tag = "rosters", operation_id = "cancelRoster",
    summary = "Give it up before it is written; its rows are deleted",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The roster", body = RosterDetail)))]
pub(super) async fn cancel(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<RosterDetail>, WebError> {
    cases::cancel(&web.app, &who, id).await?;
    detail(&web, &who, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/rosters/{id}/undo", tag = "rosters", operation_id = "undoRoster",
    summary = "Take back what it wrote, as long as none of it has changed since",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "What was taken back", body = UndoneOut)))]
pub(super) async fn undo(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<UndoneOut>, WebError> {
    let undone = cases::undo(&web.app, &who, id).await?;
    Ok(Json(UndoneOut { rows: undone.rows }))
}
