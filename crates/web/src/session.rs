//! Who asks: the middleware that knows the viewer, the extractor that hands it to a page, and messages shown once.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tongxin_app::{Viewer, service::matches::count_waiting};

use crate::{
    Web,
    error::WebError,
    format::Format,
    i18n::{Locale, Message, cookie},
    layout::{Flash, MATTERS_SHOWN, Shell, see_other},
    security::SESSION_COOKIE,
};

/// The cookie that carries a message to the next page.
const FLASH_COOKIE: &str = "tongxin_flash";
/// How long the session's cookie is kept, in seconds: as long as the session.
const SESSION_SECONDS: i64 = 14 * 24 * 3600;

/// Who asks, as an extractor.
#[derive(Debug, Clone)]
pub struct Who(pub Viewer);

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self(Viewer::Guest)))
    }
}

/// Finds out who asks and makes the frame of the page. A guest who asks for a page that needs signing in is led there and
/// back again.
pub async fn know_viewer(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let asks_for_page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    let flash = cookie(headers, FLASH_COOKIE).and_then(read_flash);
    let viewer = match viewer(&web, headers, request.method(), request.uri().path()).await {
        Ok(viewer) => viewer,
        Err(error) => return error.into_response(),
    };
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let mut shell = shell(&web, &viewer, Locale::from_headers(headers), path.clone(), flash.clone());
    if asks_for_page {
        match count_waiting(&web.app, &viewer, MATTERS_SHOWN + 1).await {
            Ok(waiting) => shell.open_matters = waiting,
            Err(error) => return WebError::from(error).into_response(),
        }
    }
    request.extensions_mut().insert(Who(viewer.clone()));
    request.extensions_mut().insert(shell.clone());
    let mut response = next.run(request).await;
    if asks_for_page && response.status() == StatusCode::UNAUTHORIZED && matches!(viewer, Viewer::Guest) {
        let back = form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
        response = see_other(&format!("/sign-in?back={back}"));
    }
    if flash.is_some() && asks_for_page && response.status() == StatusCode::OK {
        set_cookie(&mut response, &format!("{FLASH_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    }
    response.extensions_mut().insert(shell);
    response
}

/// The viewer of a request: for the API by its token, otherwise by the session's cookie. Programs that change something
/// need a token, since a cookie alone would let another site's page act for its reader.
async fn viewer(web: &Web, headers: &HeaderMap, method: &Method, path: &str) -> Result<Viewer, WebError> {
    let is_api = path.starts_with("/api/");
    let bearer =
        headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    if let (true, Some(token)) = (is_api, bearer) {
        return Ok(web.app.viewer_by_api_token(token.trim()).await?);
    }
    if is_api && method != Method::GET {
        return Ok(Viewer::Guest);
    }
    Ok(web.app.viewer(cookie(headers, SESSION_COOKIE)).await?)
}

fn shell(web: &Web, viewer: &Viewer, locale: Locale, path: String, flash: Option<Flash>) -> Shell {
    let community = web.app.community();
    let name = if locale == Locale::En { &community.name_en } else { &community.name };
    let mut shell = Shell::new(Format::new(locale, web.app.zone(), web.app.now()), name.clone());
    shell.path_and_query = path;
    shell.flash = flash;
    if let Viewer::Actor(actor) = viewer {
        shell.user = Some(actor.name.clone());
        shell.is_staff = actor.is_staff();
        shell.is_subdistrict = actor.is_subdistrict();
        shell.csrf.clone_from(&actor.csrf);
        shell.once = web.app.new_id().simple().to_string();
    }
    shell
}

/// Goes on to a page of ours with a message that something was done.
#[must_use]
pub fn done(path: &str, message: impl Into<Message>) -> Response {
    let message: Message = message.into();
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("key", &message.key);
    for (name, value) in &message.args {
        pairs.append_pair(name, value);
    }
    let mut response = see_other(path);
    let value = pairs.finish();
    set_cookie(&mut response, &format!("{FLASH_COOKIE}={value}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"));
    response
}

fn read_flash(value: &str) -> Option<Flash> {
    let mut key = None;
    let mut args = Vec::new();
    for (name, value) in form_urlencoded::parse(value.as_bytes()) {
        if name == "key" { key = Some(value.into_owned()) } else { args.push((name.into_owned(), value.into_owned())) }
    }
    // The cookie comes from outside: only messages that exist are shown, and their arguments are escaped like any text.
    let key = key.filter(|key| key.starts_with("done-") && Locale::En.has(key))?;
    let mut message = Message::new(key);
    for (name, value) in args {
        message = message.with(name, value);
    }
    Some(Flash::success(message))
}

pub(crate) fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// The cookie that keeps a session, or ends it when there is no token.
pub(crate) fn session_cookie(web: &Web, token: Option<&str>) -> String {
    let secure = if web.settings.https { "; Secure" } else { "" };
    let (value, age) = token.map_or(("", 0), |token| (token, SESSION_SECONDS));
    format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

impl From<tongxin_app::Error> for WebError {
    fn from(error: tongxin_app::Error) -> Self {
        use tongxin_app::Error;
        match error {
            Error::NotFound => Self::not_found(),
            Error::SignInFirst => Self::unauthorized(),
            Error::Forbidden => Self::forbidden(),
            Error::Denied(code) => {
                let status =
                    if code == "too_many_tries" { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNAUTHORIZED };
                Self::new(status, code, Message::new(format!("denied-{code}")))
            }
            Error::Invalid(problems) => {
                let fields = problems.0.into_iter().map(|p| (p.field.to_owned(), problem_message(&p))).collect();
                Self::invalid(fields)
            }
            Error::Suspected(suspects) => {
                let candidates = suspects.iter().map(|suspect| {
                    let draft = &suspect.member.draft;
                    serde_json::json!({
                        "id": suspect.member.id,
                        "kind": suspect.member.kind,
                        "name": draft.name,
                        "place": suspect.member.location.place,
                        "birth_year": suspect.birth_year,
                        "phone": draft.phone,
                        "email": draft.email,
                        "reasons": suspect.suspicion.reasons,
                    })
                });
                Self::new(StatusCode::CONFLICT, "suspected_duplicate", "error-suspected-duplicate")
                    .with_more("candidates", candidates.collect())
            }
            Error::Refused(refused) => {
                Self::new(StatusCode::CONFLICT, refused.code(), Message::new(format!("refused-{}", refused.code())))
            }
            Error::Conflict(code) => Self::new(StatusCode::CONFLICT, code, Message::new(format!("conflict-{code}"))),
            Error::Store(cause) => Self::internal(cause),
            Error::Internal(cause) => Self::internal(cause),
        }
    }
}

/// What is wrong with a field, for the reader.
#[must_use]
pub fn problem_message(problem: &tongxin_core::invalid::Problem) -> Message {
    let mut message = Message::new(format!("invalid-{}", problem.code));
    for (name, value) in &problem.args {
        message = message.with(*name, value);
    }
    message
}
