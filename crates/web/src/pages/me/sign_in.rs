//! Signing in and out.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use tongxin_app::{Error, Viewer, identity};

use crate::{
    Web,
    error::WebError,
    form::{FormState, OpenForm, RawForm},
    i18n::cookie,
    layout::{Shell, page, page_with, safe_path, see_other},
    paging::ListQuery,
    security::SESSION_COOKIE,
    session::{Who, done, session_cookie, set_cookie},
};

#[derive(Template)]
#[template(path = "me/sign-in.html")]
struct SignInPage {
    shell: Shell,
    form: FormState,
}

/// `GET /sign-in?back=…`.
pub(super) async fn form(Who(who): Who, shell: Shell, list: ListQuery) -> Result<Response, WebError> {
    let back = list.value("back");
    if let Viewer::Actor(actor) = who {
        let start = if actor.is_staff() { "/today" } else { "/me" };
        return Ok(see_other(if back.is_empty() { start } else { back }));
    }
    let shell = shell.page_key("sign-in", "");
    page(&SignInPage { form: FormState::new().with("back", back), shell })
}

/// `POST /sign-in`. There is no session yet and so no token; forged requests are refused by their origin.
pub(super) async fn sign_in(
    State(web): State<Web>,
    shell: Shell,
    OpenForm(mut form): OpenForm,
) -> Result<Response, WebError> {
    let shell = shell.page_key("sign-in", "");
    let (login, password) = (form.required("login", 40), form.required("password", 200));
    if !form.is_ok() {
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { form: form.into_state(), shell });
    }
    let token = match identity::sign_in(&web.app, &login, &password).await {
        Ok(token) => token,
        Err(error @ Error::Denied(_)) => {
            let error = WebError::from(error);
            return page_with(error.status(), &SignInPage { form: form.into_state_with(&error), shell });
        }
        Err(error) => return Err(error.into()),
    };
    // A guest page has no way back of its own: `/sign-in` then leads on to where the person starts.
    let back = form.get("back").map_or("/sign-in", safe_path);
    let mut response = done(back, "done-signed-in");
    set_cookie(&mut response, &session_cookie(&web, Some(&token)));
    Ok(response)
}

/// `POST /sign-out`.
pub(super) async fn sign_out(State(web): State<Web>, headers: HeaderMap, _: RawForm) -> Result<Response, WebError> {
    if let Some(token) = cookie(&headers, SESSION_COOKIE) {
        identity::sign_out(&web.app, token).await?;
    }
    let mut response = done("/", "done-signed-out");
    set_cookie(&mut response, &session_cookie(&web, None));
    Ok(response)
}
