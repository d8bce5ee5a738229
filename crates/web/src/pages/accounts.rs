//! Accounts, for subdistrict staff. What they may do follows from the posts of their persons, which have pages of their own.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use tongxin_app::{
    Slice,
    identity::{self, AccountView},
    people,
};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    export::{Cell, FileKind, Table},
    form::{Choice, FormState, RawForm},
    layout::{Shell, page, page_with},
    pages::posts::{HoldingLine, holding_lines},
    paging::{ListQuery, Page},
    path::Path,
    session::{Who, done},
};

/// The most accounts that one file holds.
const EXPORT_MAX: u64 = 50_000;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/accounts", get(list))
        .route("/accounts.xlsx", get(file))
        .route("/accounts.csv", get(file))
        .route("/accounts/new", get(new).post(create))
        .route("/accounts/{id}", get(show))
        .route("/accounts/{id}/password", post(password))
        .route("/accounts/{id}/disable", get(ask_disable).post(disable))
        .route("/accounts/{id}/enable", post(enable))
}

#[derive(Template)]
#[template(path = "accounts/list.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    rows: Vec<AccountView>,
    page: Page,
}

async fn list(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = identity::accounts(&web.app, &who, list.get("q"), slice).await?;
    let shell = shell.page_key("account-title", "accounts");
    page(&ListPage { page: list.page(found.total), rows: found.rows, shell, list })
}

/// The list as a file, filtered as on the page.
async fn file(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    kind: FileKind,
) -> Result<Response, WebError> {
    let slice = Slice { offset: 0, limit: EXPORT_MAX };
    let found = identity::accounts(&web.app, &who, list.get("q"), slice).await?;
    let headers = ["login", "person", "posts", "state"].map(|column| shell.t(format!("account-{column}")));
    let mut table = Table::new(shell.tr("account-file", "day", web.app.today().to_string()), headers.to_vec());
    for row in found.rows {
        let posts: Vec<&str> = row.posts.iter().map(|held| held.post.title.as_str()).collect();
        let state = if row.account.disabled { "account-disabled" } else { "account-enabled" };
        let cells: [Cell; 4] = [
            row.account.login.into(),
            row.name.into(),
            posts.join(&shell.t("list-separator")).into(),
            shell.t(state).into(),
        ];
        table.push(cells.to_vec());
    }
    table.response(kind)
}

#[derive(Template)]
#[template(path = "accounts/new.html")]
struct NewPage {
    shell: Shell,
    form: FormState,
    query: String,
    persons: Vec<Choice>,
}

/// The persons whose name fits the search on the form.
async fn persons(web: &Web, who: &tongxin_app::Viewer, query: &str) -> Result<Vec<Choice>, WebError> {
    let found = people::choose(&web.app, who, query).await?;
    let territory = web.app.territory().await?;
    let persons = found.into_iter().filter(|m| m.kind == tongxin_core::people::MemberKind::Person);
    Ok(persons
        .map(|m| Choice::new(m.id, format!("{} · {}", m.draft.name, territory.full_name(m.location.place))))
        .collect())
}

async fn new(State(web): State<Web>, Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    // Who may not manage accounts is told so here, not after filling the form in.
    identity::accounts(&web.app, &who, None, Slice { offset: 0, limit: 1 }).await?;
    let query = list.value("q").to_owned();
    let persons = if query.is_empty() { Vec::new() } else { persons(&web, &who, &query).await? };
    page(&NewPage { shell: shell.page_key("account-new-title", "accounts"), form: FormState::new(), query, persons })
}

async fn create(State(web): State<Web>, Who(who): Who, shell: Shell, mut form: RawForm) -> Result<Response, WebError> {
    let login = form.required("login", 40);
    let password = form.get("password").unwrap_or_default().to_owned();
    let person = form.parse::<Uuid>("person");
    let person = form.need("person", person);
    let error = match (person, form.is_ok()) {
        (Some(person), true) => match identity::create_account(&web.app, &who, person, &login, &password).await {
            Ok(id) => return Ok(done(&format!("/accounts/{id}"), "done-account-created")),
            Err(error @ tongxin_app::Error::Invalid(_)) => Some(WebError::from(error)),
            Err(error) => return Err(error.into()),
        },
        _ => None,
    };
    let query = form.get("q").unwrap_or_default().to_owned();
    let persons = persons(&web, &who, &query).await?;
    let form = error.map_or_else(|| form.clone().into_state(), |error| form.clone().into_state_with(&error));
    let shell = shell.page_key("account-new-title", "accounts");
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { shell, form, query, persons })
}

#[derive(Template)]
#[template(path = "accounts/show.html")]
struct ShowPage {
    shell: Shell,
    view: AccountView,
    posts: Vec<HoldingLine>,
    password_form: FormState,
    enable_path: String,
    disable_path: String,
}

async fn show_page(
    web: &Web,
    who: &tongxin_app::Viewer,
    shell: Shell,
    id: Uuid,
    password_form: FormState,
) -> Result<ShowPage, WebError> {
    let view = identity::account(&web.app, who, id).await?;
    Ok(ShowPage {
        posts: holding_lines(web, who, &shell, &view.posts).await?,
        shell: shell.page(view.name.clone(), "accounts"),
        password_form,
        enable_path: format!("/accounts/{id}/enable"),
        disable_path: format!("/accounts/{id}/disable"),
        view,
    })
}

async fn show(State(web): State<Web>, Who(who): Who, shell: Shell, Path(id): Path<Uuid>) -> Result<Response, WebError> {
    page(&show_page(&web, &who, shell, id, FormState::new()).await?)
}

async fn password(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    match identity::reset_password(&web.app, &who, id, form.get("password").unwrap_or_default()).await {
        Ok(()) => Ok(done(&format!("/accounts/{id}"), "done-password-reset")),
        Err(error @ tongxin_app::Error::Invalid(_)) => {
            let form = form.into_state_with(&error.into());
            let page = show_page(&web, &who, shell, id, form).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "accounts/confirm.html")]
struct ConfirmPage {
    shell: Shell,
    action: String,
    label: &'static str,
    question: &'static str,
    back: String,
}

async fn ask_disable(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = identity::account(&web.app, &who, id).await?;
    page(&ConfirmPage {
        shell: shell.page(view.name, "accounts"),
        action: format!("/accounts/{id}/disable"),
        label: "account-disable",
        question: "account-disable-question",
        back: format!("/accounts/{id}"),
    })
}

async fn disable(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    identity::set_disabled(&web.app, &who, id, true).await?;
    Ok(done(&format!("/accounts/{id}"), "done-account-disabled"))
}

async fn enable(State(web): State<Web>, Who(who): Who, Path(id): Path<Uuid>, _: RawForm) -> Result<Response, WebError> {
    identity::set_disabled(&web.app, &who, id, false).await?;
    Ok(done(&format!("/accounts/{id}"), "done-account-enabled"))
}
