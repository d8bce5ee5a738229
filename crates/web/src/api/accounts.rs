//! Accounts, for subdistrict staff.

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    identity::{self as cases, AccountView},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    extract::{Id, Input, PageAsk, PageOf, Params, created},
    posts::HoldingOut,
    words::Ref,
};
use crate::{Web, error::WebError, paging::ListQuery, session::Who};

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountOut {
    /// Its identifier.
    id: Uuid,
    /// The sign-in name.
    login: String,
    /// Whose it is.
    person: Ref,
    /// Whether it may not sign in.
    disabled: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// The person's posts, past ones too.
    posts: Vec<HoldingOut>,
}

impl AccountOut {
    fn new(view: AccountView) -> Self {
        Self {
            id: view.account.id,
            person: Ref::new(view.account.person, view.name),
            login: view.account.login,
            disabled: view.account.disabled,
            created_at: view.account.created_at,
            posts: view.posts.into_iter().map(HoldingOut::new).collect(),
        }
    }
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountInput {
    /// For whom.
    person: Uuid,
    /// The sign-in name: letters, digits and `. _ - @`, at most 40 characters.
    login: String,
    /// The first password: 10 to 200 characters.
    #[schema(format = Password)]
    password: String,
}

/// Which accounts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AccountQuery {
    /// A part of the sign-in name.
    q: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", operation_id = "listAccounts",
    summary = "List accounts by sign-in name", params(AccountQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<AccountOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<AccountQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let ask = PageAsk::new(query.page, query.size);
    let search = query.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let page = cases::accounts(&web.app, &who, search, ask.slice()).await?;
    let items: Vec<AccountOut> = page.rows.into_iter().map(AccountOut::new).collect();
    Ok(ask.answer(&list, items, page.total))
}

async fn detail(web: &Web, who: &Viewer, id: Uuid) -> Result<AccountOut, WebError> {
    let view = cases::account(&web.app, who, id).await?;
    Ok(AccountOut::new(view))
}

#[utoipa::path(get, path = "/api/v1/accounts/{id}", tag = "accounts", operation_id = "showAccount",
    summary = "Show an account", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The account", body = AccountOut)))]
pub(super) async fn show(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<AccountOut>, WebError> {
    detail(&web, &who, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", operation_id = "createAccount",
    summary = "Make an account for a person", request_body = AccountInput,
    description = "`Idempotency-Key` is not taken here: no trace of a password is kept. A sign-in name is given once only.",
    responses((status = 201, description = "It was made", body = AccountOut)))]
pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    Input(input): Input<AccountInput>,
) -> Result<Response, WebError> {
    let id = cases::create_account(&web.app, &who, input.person, &input.login, &input.password).await?;
    let body = detail(&web, &who, id).await?;
    Ok(created(&format!("/api/v1/accounts/{id}"), body))
}

#[utoipa::path(post, path = "/api/v1/accounts/{id}/disable", tag = "accounts", operation_id = "disableAccount",
    summary = "Let an account sign in no longer", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is now", body = AccountOut)))]
pub(super) async fn disable(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<AccountOut>, WebError> {
    cases::set_disabled(&web.app, &who, id, true).await?;
    detail(&web, &who, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/accounts/{id}/enable", tag = "accounts", operation_id = "enableAccount",
    summary = "Let an account sign in again", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is now", body = AccountOut)))]
pub(super) async fn enable(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<AccountOut>, WebError> {
    cases::set_disabled(&web.app, &who, id, false).await?;
    detail(&web, &who, id).await.map(Json)
}
