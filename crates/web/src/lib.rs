//! Pages, JSON API, feeds, assets and translations of Tongxin.
//!
//! # What lives here
//! - The frame: [`layout`] and [`nav`] (what surrounds a page), [`i18n`] and [`format`] (the reader's language), [`form`] and
//!   [`paging`] (what comes in), [`error`] and [`export`] (what goes out), [`assets`] and [`security`];
//!   [`stack`] puts the site into its layers.
//! - One module per domain word for its pages and one for its JSON API, with templates in `templates/<word>/` and
//!   messages in `locales/*/<word>.ftl`.
//!
//! # What may not live here
//! Rules, queries and permissions. A handler reads the request, calls **one** use case of the app, and shows the result;
//! it never touches the store, and text for readers stands in Fluent files only. There is no inline script or style: the
//! security policy forbids both.
//!
//! # How to add a page
//! ```ignore
//! #[derive(Template)]
//! #[template(path = "needs/new.html")]
//! struct NewPage { shell: Shell, form: FormState, categories: Vec<Choice> }
//!
//! async fn new(shell: Shell) -> Result<Response, WebError> {
//!     page(&NewPage { shell: shell.page_key("need-new-title", "needs"), form: FormState::new(), categories: vec![] })
//! }
//! // `RawForm` has refused a form without the token of the session; one whose fields nobody reads is `_: RawForm`.
//! async fn create(State(web): State<Web>, viewer: Viewer, shell: Shell, mut form: RawForm) -> Result<Response, WebError> {
//!     let input = NewNeed { title: form.required("title", 80), until: form.datetime("until", shell.zone()) };
//!     if !form.is_ok() {
//!         return page_with(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { form: form.into_state(), shell, categories: vec![] });
//!     }
//!     let id = web.app.create_need(&viewer, input).await?; // its field errors: `form.into_state_with(&error)`
//!     Ok(see_other(&format!("/needs/{id}")))
//! }
//! ```
//! ```html
//! {% extends "layout.html" %}
//! {% import "macros/ui.html" as ui %}
//! {% block content %}
//! {% call ui::page_header(shell, back="/needs") %}{% endcall %}
//! <form method="post" action="/needs/new" novalidate>
//! {% call ui::csrf(shell) %}{% endcall %}
//! {% call ui::form_errors(shell, form, labels="need-field-") %}{% endcall %}
//! {% call ui::text(shell, form, "title", "need-field-title", required=true, hint="need-hint-title", max=80) %}{% endcall %}
//! {% call ui::select(shell, form, "category", "need-field-category", categories, required=true) %}{% endcall %}
//! {% call ui::datetime(shell, form, "until", "need-field-until") %}{% endcall %}
//! {% call ui::submit(shell, "action-save", back="/needs") %}{% endcall %}
//! </form>
//! {% endblock %}
//! ```
//! Words of macros (`label`, `hint`, `title`, …) are Fluent keys. A list page takes [`paging::ListQuery`] as an
//! extractor, asks the app for `list.size()` entries of page `list.number()`, and gives `list` and `list.page(total)` to
//! `ui::filter_bar` and `ui::pager`. What cannot be undone has a page that asks: `GET /x/{id}/withdraw` shows
//! `ui::confirm_page`, whose form posts to the same address; `ui::confirm_button` links to it.

pub mod api;
pub mod assets;
pub mod error;
pub mod export;
pub mod form;
pub mod format;
pub mod i18n;
pub mod layout;
pub mod nav;
pub mod once;
pub mod pages;
pub mod paging;
pub mod path;
pub mod security;
pub mod session;
pub mod stack;
pub mod words;

use axum::{Router, extract::State, http::StatusCode, middleware, routing::get};

/// How the site is reached.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether readers reach it by HTTPS.
    pub https: bool,
    /// The origin that readers see, when a proxy stands before it: `https://tongxin.example`.
    pub origin: Option<String>,
}

/// What every handler can reach.
#[derive(Clone)]
pub struct Web {
    /// The application.
    pub app: tongxin_app::App,
    /// How the site is reached.
    pub settings: Settings,
}

/// The whole site.
pub fn router(app: tongxin_app::App, settings: Settings) -> Router {
    let security = security::Security { https: settings.https, origin: settings.origin.clone() };
    let web = Web { app, settings };
    let known = Router::new()
        .merge(pages::routes().route_layer(middleware::from_fn_with_state(web.clone(), once::form)))
        .merge(api::routes(&web))
        .fallback(|| async { error::WebError::not_found() })
        .layer(middleware::from_fn_with_state(web.clone(), session::know_viewer));
    let site = Router::new()
        .merge(known)
        .merge(stack::routes())
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .with_state(web);
    stack::dress(site, security)
}

/// Whether the database answers.
async fn ready(State(web): State<Web>) -> (StatusCode, &'static str) {
    if web.app.is_ready().await { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") }
}
