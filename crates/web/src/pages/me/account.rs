//! One's own account: password, language, posts, API tokens.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use tongxin_app::{Error, identity, people};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::{FormState, RawForm},
    layout::{Shell, page, page_with},
    path::Path,
    session::{Who, done, session_cookie, set_cookie},
};

/// A post that the viewer holds.
struct PostRow {
    title: String,
    place: String,
    organisation: String,
    delegated_by: Option<String>,
    from: String,
    until: Option<String>,
}

/// An API token of the viewer.
struct TokenRow {
    id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "me/account.html")]
struct AccountPage {
    shell: Shell,
    login: String,
    posts: Vec<PostRow>,
    tokens: Vec<TokenRow>,
    password: FormState,
    token: FormState,
    /// A token that was made now: it is shown this once.
    new_token: Option<String>,
}

#[derive(Template)]
#[template(path = "me/delete-token.html")]
struct DeleteTokenPage {
    shell: Shell,
    token: TokenRow,
}

async fn tokens(web: &Web, who: &Who) -> Result<Vec<TokenRow>, WebError> {
    let found = identity::tokens(&web.app, &who.0).await?.into_iter();
    Ok(found.map(|t| TokenRow { id: t.id, name: t.name, created_at: t.created_at, expires_at: t.expires_at }).collect())
}

async fn account(web: &Web, who: &Who, shell: Shell) -> Result<AccountPage, WebError> {
    let actor = who.0.actor()?;
    let territory = web.app.territory().await?;
    let named = actor.posts.iter().flat_map(|post| post.delegated_by.into_iter().chain([post.organisation]));
    let names = people::names(&web.app, &who.0, named).await?;
    let posts = actor.posts.iter().map(|post| PostRow {
        title: post.title.clone(),
        place: territory.full_name(post.covers()),
        organisation: names.get(&post.organisation).cloned().unwrap_or_default(),
        delegated_by: post.delegated_by.and_then(|person| names.get(&person).cloned()),
        from: shell.fmt.day(post.period.from),
        until: post.period.until.map(|day| shell.fmt.day(day)),
    });
    Ok(AccountPage {
        login: actor.login.clone(),
        posts: posts.collect(),
        tokens: tokens(web, who).await?,
        password: FormState::new(),
        token: FormState::new(),
        new_token: None,
        shell: shell.page_key("me-account-title", "me"),
    })
}

/// `GET /me/account`.
pub(super) async fn show(State(web): State<Web>, who: Who, shell: Shell) -> Result<Response, WebError> {
    page(&account(&web, &who, shell).await?)
}

/// `POST /me/account/password`: changes the password, which ends every session, and begins a new one here.
pub(super) async fn password(
    State(web): State<Web>,
    who: Who,
    shell: Shell,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let (old, new) = (form.required("old_password", 200), form.required("password", 200));
    if form.required("password_again", 200) != new && form.is_ok() {
        form.fail("password_again", "me-error-passwords-differ");
    }
    let changed = if form.is_ok() { identity::change_password(&web.app, &who.0, &old, &new).await } else { Ok(()) };
    let state = match changed {
        Ok(()) if form.is_ok() => {
            let token = identity::sign_in(&web.app, &who.0.actor()?.login, &new).await?;
            let mut response = done("/me/account", "done-password-changed");
            set_cookie(&mut response, &session_cookie(&web, Some(&token)));
            return Ok(response);
        }
        Ok(()) => form.into_state(),
        Err(error @ Error::Invalid(_)) => form.into_state_with(&error.into()),
        Err(error) => return Err(error.into()),
    };
    let page = AccountPage { password: state, ..account(&web, &who, shell).await? };
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// `POST /me/account/tokens`: makes a token and shows it this once.
pub(super) async fn create_token(
    State(web): State<Web>,
    who: Who,
    shell: Shell,
    form: RawForm,
) -> Result<Response, WebError> {
    match identity::create_token(&web.app, &who.0, form.get("name").unwrap_or_default()).await {
        Ok(token) => page(&AccountPage { new_token: Some(token), ..account(&web, &who, shell).await? }),
        Err(error @ Error::Invalid(_)) => {
            let token = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &AccountPage { token, ..account(&web, &who, shell).await? })
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /me/account/tokens/{id}/delete`.
pub(super) async fn ask_delete_token(
    State(web): State<Web>,
    who: Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let token = tokens(&web, &who).await?.into_iter().find(|t| t.id == id).ok_or_else(WebError::not_found)?;
    page(&DeleteTokenPage { token, shell: shell.page_key("me-token-delete-title", "me") })
}

/// `POST /me/account/tokens/{id}/delete`.
pub(super) async fn delete_token(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    identity::delete_token(&web.app, &who, id).await?;
    Ok(done("/me/account", "done-token-deleted"))
}
