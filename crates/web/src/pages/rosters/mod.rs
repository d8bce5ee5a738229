//! Rosters in (花名册导入): bring a spreadsheet, say which column means what, look at what would change, write it.

mod show;
mod steps;
mod template;
pub(crate) mod words;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Multipart, State, multipart::Field as Part},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use tongxin_app::{
    Slice, Viewer,
    roster::{self, Roster, sheet},
};
use tongxin_core::roster::{KEPT_DAYS, RosterKind, RosterState};

use crate::{
    Web,
    error::WebError,
    form::{CSRF_FIELD, Choice, FormState, csrf_matches},
    layout::{Shell, page, page_with, see_other},
    paging::{ListQuery, Page},
    session::Who,
};

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/rosters", get(list).post(upload).layer(DefaultBodyLimit::disable()))
        .route("/rosters/new", get(new))
        .route("/rosters/template/{file}", get(template::template))
        .route("/rosters/{id}", get(show::show))
        .route("/rosters/{id}/map", post(steps::map))
        .route("/rosters/{id}/choose", post(steps::choose))
        .route("/rosters/{id}/run", post(steps::run))
        .route("/rosters/{id}/cancel", get(steps::ask_cancel).post(steps::cancel))
        .route("/rosters/{id}/undo", get(steps::ask_undo).post(steps::undo))
        .route("/rosters/{id}/progress", get(show::progress))
        .route("/rosters/{id}/problems.xlsx", get(show::problems))
}

#[derive(Template)]
#[template(path = "rosters/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<Roster>,
}

impl ListPage {
    fn kind(&self, row: &Roster) -> String {
        self.shell.t(format!("roster-kind-{}", row.kind))
    }

    fn state(&self, row: &Roster) -> String {
        self.shell.t(format!("roster-state-{}", row.state))
    }

    fn tone(&self, row: &Roster) -> &'static str {
        tone(row.state)
    }
}

/// The tone of a state's badge.
fn tone(state: RosterState) -> &'static str {
    match state {
        RosterState::Uploaded | RosterState::Checked => "blue",
        RosterState::Running => "orange",
        RosterState::Done => "green",
        RosterState::Failed => "red",
        RosterState::Cancelled | RosterState::Undone => "secondary",
    }
}

#[derive(Template)]
#[template(path = "rosters/new.html")]
struct NewPage {
    shell: Shell,
    form: FormState,
    kinds: Vec<Choice>,
    max: usize,
    kept: i64,
}

async fn list(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = roster::list(&web.app, &who, slice).await?;
    page(&ListPage {
        shell: shell.page_key("roster-list-title", "organisations"),
        pages: list.page(found.total),
        rows: found.rows,
        list,
    })
}

fn new_page(shell: Shell, form: FormState) -> NewPage {
    let kind = |kind: &RosterKind| Choice::new(kind, shell.t(format!("roster-kind-{kind}")));
    NewPage {
        kinds: RosterKind::ALL.iter().map(kind).collect(),
        shell: shell.page_key("roster-new-title", "organisations"),
        form,
        max: sheet::FILE_MAX / 1024 / 1024,
        kept: KEPT_DAYS,
    }
}

async fn new(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    roster::list(&web.app, &who, Slice { offset: 0, limit: 1 }).await?;
    let kind = list.get("kind").and_then(|kind| kind.parse().ok()).unwrap_or(RosterKind::Persons);
    page(&new_page(shell, FormState::new().with("kind", kind)))
}

/// What came with an upload.
pub(crate) struct Upload {
    pub kind: String,
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// Reads an upload. `check_csrf` is asked before the file is read, with the token that stands before it.
pub(crate) async fn read_upload(mut parts: Multipart, csrf: Option<&str>) -> Result<Upload, WebError> {
    let mut upload = Upload { kind: String::new(), file_name: String::new(), bytes: Vec::new() };
    let mut trusted = csrf.is_none();
    while let Some(part) = parts.next_field().await.map_err(|e| WebError::from_status(e.status()))? {
        match part.name() {
            Some(CSRF_FIELD) => {
                let token = short(part).await?;
                trusted = trusted || csrf.is_some_and(|expected| csrf_matches(expected, &token));
            }
            Some("kind") => upload.kind = short(part).await?,
            Some("file") => {
                if !trusted {
                    return Err(WebError::csrf());
                }
                upload.file_name = part.file_name().unwrap_or_default().to_owned();
                upload.bytes = part.bytes().await.map_err(|e| WebError::from_status(e.status()))?.to_vec();
            }
            _ => {}
        }
    }
    if trusted { Ok(upload) } else { Err(WebError::csrf()) }
}

/// The longest value of a field beside the file, in bytes.
const SHORT_MAX: usize = 200;

async fn short(mut part: Part<'_>) -> Result<String, WebError> {
    let mut text = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|e| WebError::from_status(e.status()))? {
        if text.len() + chunk.len() > SHORT_MAX {
            return Err(WebError::from_status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        text.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&text).trim().to_owned())
}

async fn upload(State(web): State<Web>, Who(who): Who, shell: Shell, parts: Multipart) -> Result<Response, WebError> {
    // Before any of the file is read: whether the viewer may bring one at all.
    roster::list(&web.app, &who, Slice { offset: 0, limit: 1 }).await?;
    let upload = read_upload(parts, Some(&shell.csrf)).await?;
    let mut form = FormState::new().with("kind", &upload.kind);
    let kind = upload.kind.parse::<RosterKind>();
    if kind.is_err() {
        form.fail("kind", "form-error-choice");
    }
    if upload.bytes.is_empty() && upload.file_name.is_empty() {
        form.fail("file", "roster-choose-file");
    }
    let (Ok(kind), true) = (kind, form.is_ok()) else {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(shell, form));
    };
    match begin(&web, &who, kind, upload).await {
        Ok(id) => Ok(see_other(&format!("/rosters/{id}"))),
        Err(error) if error.status() == StatusCode::UNPROCESSABLE_ENTITY => {
            form.absorb(&error);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(shell, form))
        }
        Err(error) => Err(error.back_to("/rosters")),
    }
}

async fn begin(web: &Web, who: &Viewer, kind: RosterKind, upload: Upload) -> Result<uuid::Uuid, WebError> {
    let words = words::vocabulary();
    Ok(roster::upload(&web.app, who, kind, &upload.file_name, upload.bytes, words).await?)
}
