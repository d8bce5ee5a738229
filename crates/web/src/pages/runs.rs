//! Matching runs: start one, look at what it proposes, accept all of it, some of it or none (S3).

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use tongxin_app::{
    Error, Paged, Slice, Viewer,
    service::{
        intents::IntentCard,
        runs::{self, Decision, RunCard, RunLine, RunView},
    },
};
use tongxin_core::service::assignment::Why;
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    export::{Cell, FileKind, Table},
    form::{Choice, FormState, RawForm},
    i18n::{Locale, Message},
    layout::{Shell, page, page_with},
    pages::places::staffed,
    paging::{ListQuery, Page},
    path::Path,
    session::{Who, done},
    words,
};

/// The most runs that one file holds.
const EXPORT_MAX: u64 = 50_000;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/runs", get(list).post(start))
        .route("/runs.xlsx", get(list_file))
        .route("/runs.csv", get(list_file))
        .route("/runs/{id}", get(show))
        .route("/runs/{id}/decide", post(decide))
        .route("/runs/{id}/none", get(ask_none))
        .route("/runs/{id}/run.xlsx", get(file))
        .route("/runs/{id}/run.csv", get(file))
}

#[derive(Template)]
#[template(path = "runs/list.html")]
struct ListPage {
    shell: Shell,
    form: FormState,
    places: Vec<Choice>,
    list: ListQuery,
    pages: Page,
    rows: Vec<RunCard>,
}

#[derive(Template)]
#[template(path = "runs/show.html")]
struct ShowPage {
    shell: Shell,
    view: RunView,
    problem: Option<Message>,
}

#[derive(Template)]
#[template(path = "runs/none.html")]
struct NonePage {
    shell: Shell,
    view: RunView,
}

impl ListPage {
    fn state(&self, row: &RunCard) -> String {
        self.shell.t(format!("run-state-{}", row.run.state))
    }
}

impl NonePage {
    fn path(&self) -> String {
        format!("/runs/{}", self.view.run.id)
    }

    fn action(&self) -> String {
        format!("/runs/{}/decide", self.view.run.id)
    }
}

impl ShowPage {
    fn open(&self) -> bool {
        self.view.run.state == "proposed"
    }

    fn needs(&self) -> String {
        self.shell.number(self.view.summary.needs)
    }

    fn offers(&self) -> String {
        self.shell.number(self.view.summary.offers)
    }

    fn units(&self) -> String {
        let summary = &self.view.summary;
        format!("{} / {}", self.shell.number(summary.served_units), self.shell.number(summary.units))
    }

    fn served(&self) -> String {
        self.shell.percent(&ratio(self.view.summary.served_weight, self.view.summary.total_weight))
    }

    fn fit(&self) -> String {
        self.shell.percent(&ratio(self.view.summary.points, self.view.summary.served_units.saturating_mul(1_000)))
    }

    fn millis(&self) -> String {
        match self.view.summary.millis {
            0 => "< 1".to_owned(),
            millis => self.shell.number(millis),
        }
    }

    fn none_path(&self) -> String {
        format!("/runs/{}/none", self.view.run.id)
    }

    fn decision(&self, line: &RunLine) -> String {
        self.shell.t(format!("run-decision-{}", line.item.decision))
    }

    fn why(&self, line: &RunLine) -> String {
        why(self.shell.locale(), line)
    }
}

#[allow(clippy::cast_precision_loss, reason = "a percentage needs no more digits")]
fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

fn why(locale: Locale, line: &RunLine) -> String {
    line.item.decision.parse::<Why>().map(|why| words::say(locale, why)).unwrap_or_default()
}

async fn list_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    list: ListQuery,
    form: FormState,
) -> Result<ListPage, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let Paged { rows, total } = runs::list(&web.app, who, slice).await?;
    let places = staffed(web, who).await?;
    let form = match (form.value("place").is_empty(), places.first()) {
        (true, Some(first)) => form.with("place", &first.value),
        _ => form,
    };
    Ok(ListPage { shell: shell.page_key("run-list-title", "runs"), form, places, pages: list.page(total), list, rows })
}

async fn list(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    page(&list_page(&web, &who, shell, list, FormState::new()).await?)
}

/// The list as a file.
async fn list_file(State(web): State<Web>, Who(who): Who, shell: Shell, kind: FileKind) -> Result<Response, WebError> {
    let found = runs::list(&web.app, &who, Slice { offset: 0, limit: EXPORT_MAX }).await?;
    let headers = [
        "run-column-place",
        "run-column-when",
        "run-needs",
        "run-offers",
        "run-units-served",
        "run-units-needed",
        "run-column-state",
    ];
    let headers = headers.iter().map(|key| shell.t(*key)).collect();
    let mut table = Table::new(shell.tr("run-list-file", "day", web.app.today().to_string()), headers);
    for RunCard { run, summary, place } in found.rows {
        table.push(vec![
            place.into(),
            run.created_at.with_timezone(&shell.fmt.zone).naive_local().into(),
            i64::try_from(summary.needs).ok().into(),
            i64::try_from(summary.offers).ok().into(),
            summary.served_units.into(),
            summary.units.into(),
            shell.t(format!("run-state-{}", run.state)).into(),
        ]);
    }
    table.response(kind)
}

async fn start(State(web): State<Web>, Who(who): Who, shell: Shell, mut form: RawForm) -> Result<Response, WebError> {
    let place = form.parse::<Uuid>("place");
    let place = if form.is_ok() { form.need("place", place) } else { place };
    let (status, form) = match place {
        None => (StatusCode::UNPROCESSABLE_ENTITY, form.into_state()),
        Some(place) => match runs::start(&web.app, &who, place).await {
            Ok(id) => return Ok(done(&format!("/runs/{id}"), "done-run-started")),
            Err(error @ Error::Conflict(_)) => (StatusCode::CONFLICT, form.into_state_with(&error.into())),
            Err(error) => return Err(error.into()),
        },
    };
    page_with(status, &list_page(&web, &who, shell, ListQuery::parse("/runs", ""), form).await?)
}

fn show_page(shell: Shell, view: RunView, problem: Option<Message>) -> ShowPage {
    let title = shell.tr("run-title", "place", view.place.as_str());
    ShowPage { shell: shell.page(title, "runs"), view, problem }
}

async fn show(State(web): State<Web>, Who(who): Who, shell: Shell, Path(id): Path<Uuid>) -> Result<Response, WebError> {
    page(&show_page(shell, runs::show(&web.app, &who, id).await?, None))
}

async fn ask_none(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = runs::show(&web.app, &who, id).await?;
    page(&NonePage { shell: shell.page_key("run-accept-none", "runs"), view })
}

async fn decide(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let chosen: Vec<i64> = form.all("position").iter().filter_map(|p| p.parse().ok()).collect();
    let decision = match form.get("decision") {
        Some("all") => Decision::All,
        Some("none") => Decision::None,
        Some("some") if !chosen.is_empty() => Decision::Some(chosen),
        _ => {
            let view = runs::show(&web.app, &who, id).await?;
            let problem = Some("run-choose-one".into());
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &show_page(shell, view, problem));
        }
    };
    let back = format!("/runs/{id}");
    let decided = runs::decide(&web.app, &who, id, decision)
        .await
        .map_err(|error| WebError::from(error).back_to(back.clone()))?;
    let message = Message::new("done-run-decided")
        .with("accepted", decided.accepted)
        .with("rejected", decided.rejected)
        .with("outdated", decided.outdated);
    Ok(done(&back, message))
}

fn table(shell: &Shell, view: &RunView) -> Table {
    let heading = |key: &str| shell.t(key);
    let headers = ["need", "receiver", "need-place", "offer", "giver", "offer-place", "quantity", "points", "reasons"];
    let mut headers: Vec<String> = headers.iter().map(|h| heading(&format!("run-column-{h}"))).collect();
    headers.push(heading("run-column-state"));
    let name =
        shell.tr2("run-file", "place", view.place.as_str(), "day", shell.fmt.day_of(view.run.created_at).to_string());
    let mut table = Table::new(name, headers);
    let about = |card: &Option<IntentCard>| -> [Cell; 3] {
        let Some(card) = card else { return [Cell::Empty, Cell::Empty, Cell::Empty] };
        let member = card.member.as_ref().map(|m| m.name.clone());
        [card.intent.draft.title.clone().into(), member.into(), card.place.clone().into()]
    };
    for line in view.proposals.iter().chain(&view.unmet) {
        let item = &line.item;
        let mut row: Vec<Cell> = about(&line.need).into_iter().chain(about(&line.offer)).collect();
        let reasons: Vec<String> = item.reasons.iter().map(|r| shell.reason(r)).collect();
        let (points, state) = if item.offer.is_some() {
            (Cell::Int(item.points), shell.t(format!("run-decision-{}", item.decision)))
        } else {
            (Cell::Empty, why(shell.locale(), line))
        };
        row.extend([Cell::Int(item.quantity), points, reasons.join(&shell.t("list-separator")).into(), state.into()]);
        table.push(row);
    }
    table
}

async fn file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    kind: FileKind,
) -> Result<Response, WebError> {
    table(&shell, &runs::show(&web.app, &who, id).await?).response(kind)
}
