//! Letters of appointment (聘书): the list, a letter as it is handed over, issuing and revoking one (S18).

mod form;

use askama::Template;
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use chrono::NaiveDate;
use tongxin_app::{
    Error, Slice,
    community::letter::{self, AppointmentLetter, LetterFilter, LetterView},
};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    export::{FileKind, Table},
    form::{FormState, RawForm},
    format::Format,
    i18n::Locale,
    layout::{Shell, page, page_with},
    pages::organisations::asked_day,
    paging::{ListQuery, Page},
    path::Path,
    session::{Who, done},
};

/// The most letters that one file holds.
const EXPORT_MAX: u64 = 50_000;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/letters", get(list))
        .route("/letters.xlsx", get(file))
        .route("/letters.csv", get(file))
        .route("/letters/new", get(form::new).post(form::create))
        .route("/letters/{id}", get(show))
        .route("/letters/{id}/revoke", get(ask_revoke).post(revoke))
}

/// What is with a letter today: the end of its key, and the tone of its badge.
fn state(letter: &AppointmentLetter, today: NaiveDate) -> (&'static str, &'static str) {
    match &letter.revoked {
        _ if letter.holds_on(today) => ("holds", "green"),
        Some((day, _)) if *day <= today => ("revoked", "red"),
        _ if today < letter.period.from => ("coming", "blue"),
        _ => ("ended", "secondary"),
    }
}

struct Row {
    view: LetterView,
    days: String,
    state: String,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "letters/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<Row>,
    may_issue: bool,
}

fn filter(list: &ListQuery) -> LetterFilter {
    LetterFilter {
        enterprise: list.get("enterprise").and_then(|id| id.parse().ok()),
        person: list.get("person").and_then(|id| id.parse().ok()),
        on: asked_day(list, "on"),
        ..LetterFilter::default()
    }
}

/// The days of a letter in words.
fn days(shell: &Shell, letter: &AppointmentLetter) -> String {
    let from = shell.fmt.day(letter.period.from);
    match letter.period.until {
        Some(until) => shell.tr2("letter-days-until", "from", from, "until", shell.last_day(until)),
        None => shell.tr("letter-days-since", "from", from),
    }
}

async fn list(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = letter::list(&web.app, &who, filter(&list), slice).await?;
    let may_issue = letter::enterprises(&web.app, &who).await.is_ok();
    let today = web.app.today();
    let row = |view: LetterView| {
        let (key, tone) = state(&view.letter, today);
        Row { days: days(&shell, &view.letter), state: shell.t(format!("letter-state-{key}")), tone, view }
    };
    page(&ListPage {
        rows: found.rows.into_iter().map(row).collect(),
        pages: list.page(found.total),
        may_issue,
        shell: shell.page_key("letter-list-title", "organisations"),
        list,
    })
}

async fn table(web: &Web, who: &tongxin_app::Viewer, shell: &Shell, list: &ListQuery) -> Result<Table, WebError> {
    let found = letter::list(&web.app, who, filter(list), Slice { offset: 0, limit: EXPORT_MAX }).await?;
    let columns =
        ["number", "enterprise", "person", "duties", "signer", "issued-on", "from", "until", "revoked-on", "reason"];
    let headers = columns.iter().map(|c| shell.t(format!("letter-field-{c}"))).collect();
    let mut table = Table::new(shell.tr("letter-file", "day", web.app.today().to_string()), headers);
    for LetterView { letter, enterprise, person, .. } in found.rows {
        let (revoked_on, reason) = letter.revoked.unzip();
        table.push(vec![
            letter.number.into(),
            enterprise.into(),
            person.into(),
            letter.duties.into(),
            letter.signer.into(),
            letter.issued_on.into(),
            letter.period.from.into(),
            letter.period.until.into(),
            revoked_on.into(),
            reason.into(),
        ]);
    }
    Ok(table)
}

async fn file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    table(&web, &who, &shell, &list).await?.response(kind)
}

#[derive(Template)]
#[template(path = "letters/show.html")]
struct ShowPage {
    shell: Shell,
    view: LetterView,
    state: String,
    tone: &'static str,
    revoked: Option<String>,
}

/// The letter is a Chinese document in every language of the page.
const FORM: Locale = Locale::ZhHans;

impl ShowPage {
    fn zh(&self, key: &str) -> String {
        FORM.t(key)
    }

    fn zh_day(&self, day: NaiveDate) -> String {
        Format { locale: FORM, ..self.shell.fmt }.day(day)
    }

    /// The sentence that appoints, with the days.
    fn appoints(&self) -> String {
        let period = self.view.letter.period;
        let from = self.zh_day(period.from);
        match period.until.and_then(|day| day.pred_opt()) {
            Some(last) => FORM.tr2("letter-form-appoints-until", "from", from, "last", self.zh_day(last)),
            None => FORM.tr("letter-form-appoints-since", "from", from),
        }
    }

    fn issued_on(&self) -> String {
        self.zh_day(self.view.letter.issued_on)
    }

    fn duties(&self) -> Vec<&str> {
        self.view.letter.duties.lines().filter(|line| !line.trim().is_empty()).collect()
    }

    fn worker(&self) -> String {
        let name = self.view.person.as_str();
        match &self.view.post {
            Some(post) => FORM.tr2("letter-form-worker-with-post", "name", name, "post", post.as_str()),
            None => FORM.tr("letter-form-worker", "name", name),
        }
    }

    fn revoke_path(&self) -> String {
        format!("/letters/{}/revoke", self.view.letter.id)
    }
}

async fn show(State(web): State<Web>, Who(who): Who, shell: Shell, Path(id): Path<Uuid>) -> Result<Response, WebError> {
    let view = letter::show(&web.app, &who, id).await?;
    let (key, tone) = state(&view.letter, web.app.today());
    let revoked = view.letter.revoked.as_ref();
    let revoked = revoked
        .map(|(day, reason)| shell.tr2("letter-revoked-on", "day", shell.fmt.day(*day), "reason", reason.as_str()));
    page(&ShowPage {
        state: shell.t(format!("letter-state-{key}")),
        tone,
        revoked,
        shell: shell.page(view.letter.number.clone(), "organisations"),
        view,
    })
}

#[derive(Template)]
#[template(path = "letters/revoke.html")]
struct RevokePage {
    shell: Shell,
    form: FormState,
    view: LetterView,
}

impl RevokePage {
    fn new(shell: Shell, view: LetterView, form: FormState) -> Self {
        let title = shell.tr("letter-revoke-title", "number", view.letter.number.as_str());
        Self { shell: shell.page(title, "organisations"), form, view }
    }

    fn action(&self) -> String {
        format!("/letters/{}/revoke", self.view.letter.id)
    }

    fn back(&self) -> String {
        format!("/letters/{}", self.view.letter.id)
    }
}

async fn ask_revoke(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = letter::show(&web.app, &who, id).await?;
    if !view.may_revoke {
        return Err(WebError::forbidden().back_to(format!("/letters/{id}")));
    }
    page(&RevokePage::new(shell, view, FormState::new().with("on", web.app.today())))
}

async fn revoke(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let (on, reason) = (form.get("on").unwrap_or_default(), form.get("reason").unwrap_or_default());
    match letter::revoke(&web.app, &who, id, on, reason).await {
        Ok(()) => Ok(done(&format!("/letters/{id}"), "done-letter-revoked")),
        Err(error @ Error::Invalid(_)) => {
            let view = letter::show(&web.app, &who, id).await?;
            let form = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &RevokePage::new(shell, view, form))
        }
        Err(error) => Err(WebError::from(error).back_to(format!("/letters/{id}"))),
    }
}
