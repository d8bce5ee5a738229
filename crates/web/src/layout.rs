//! The frame around every page: what it knows of the reader, its navigation, and how a template is sent.

use askama::{Template, filters::Safe};
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::convert::Infallible;

use crate::{
    assets::asset,
    error::WebError,
    form::OpenForm,
    format::Format,
    i18n::{Arg, LANG_COOKIE, Locale, Message},
    nav::{self, NavItem},
};

/// The tone of a flash message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    /// Something was done.
    Success,
    /// Something to know.
    Info,
    /// Something to look after.
    Warning,
    /// Something was not done.
    Danger,
}

impl FlashKind {
    /// The name in class names and in storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }

    /// The icon beside the text.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Self::Success => "check",
            Self::Info => "info-circle",
            Self::Warning | Self::Danger => "alert-triangle",
        }
    }
}

/// A message that is shown once, on the next page.
#[derive(Clone, Debug)]
pub struct Flash {
    /// Its tone.
    pub kind: FlashKind,
    /// What it says.
    pub message: Message,
}

impl Flash {
    /// A message that something was done.
    #[must_use]
    pub fn success(message: impl Into<Message>) -> Self {
        Self { kind: FlashKind::Success, message: message.into() }
    }
}

/// What the frame around a page shows. Made once per request by the middleware that knows the viewer; a handler takes
/// it as an extractor and names its page with [`Shell::page_key`] or [`Shell::page`].
#[derive(Clone, Debug)]
pub struct Shell {
    /// Language, zone and moment.
    pub fmt: Format,
    /// Path with query of this request, for the way back.
    pub path_and_query: String,
    /// Name of the community.
    pub community: String,
    /// Title of the page, in the reader's language.
    pub title: String,
    /// Key of the navigation entry to which the page belongs.
    pub active: &'static str,
    /// Name of who is signed in.
    pub user: Option<String>,
    /// Whether the viewer holds a post as worker, secretary or subdistrict staff.
    pub is_staff: bool,
    /// Whether the viewer holds a post at the subdistrict.
    pub is_subdistrict: bool,
    /// The session's token against forged requests.
    pub csrf: String,
    /// The id that a form of this page carries, so that it is taken once.
    pub once: String,
    /// A message to show once.
    pub flash: Option<Flash>,
    /// Matters that wait for the viewer, counted to one more than [`MATTERS_SHOWN`].
    pub open_matters: u64,
}

/// The most open matters that the navigation shows as a number.
pub const MATTERS_SHOWN: u64 = 99;

impl Shell {
    /// A frame for a viewer who is not signed in; the caller fills in what it knows.
    #[must_use]
    pub fn new(fmt: Format, community: impl Into<String>) -> Self {
        Self {
            fmt,
            path_and_query: "/".to_owned(),
            community: community.into(),
            title: String::new(),
            active: "",
            user: None,
            is_staff: false,
            is_subdistrict: false,
            csrf: String::new(),
            once: String::new(),
            flash: None,
            open_matters: 0,
        }
    }

    /// The frame when nothing is known but the language: for errors before the viewer is known.
    #[must_use]
    pub fn guest(locale: Locale) -> Self {
        let fmt = Format::new(locale, chrono_tz::Asia::Shanghai, DateTime::<Utc>::UNIX_EPOCH);
        Self::new(fmt, locale.t("app-name"))
    }

    /// Names the page by a title in the reader's language and by its navigation entry.
    #[must_use]
    pub fn page(mut self, title: impl Into<String>, active: &'static str) -> Self {
        self.title = title.into();
        self.active = active;
        self
    }

    /// Names the page by the Fluent key of its title and by its navigation entry.
    #[must_use]
    pub fn page_key(self, key: &str, active: &'static str) -> Self {
        let title = self.locale().t(key);
        self.page(title, active)
    }

    /// The reader's language.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.fmt.locale
    }

    /// The community's zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.fmt.zone
    }

    /// The languages of the switch.
    #[must_use]
    pub fn locales(&self) -> [Locale; 2] {
        Locale::ALL
    }

    /// A message.
    #[must_use]
    pub fn t(&self, key: impl AsRef<str>) -> String {
        self.locale().t(key)
    }

    /// A message with one argument.
    #[must_use]
    pub fn tr(&self, key: impl AsRef<str>, name: &str, value: impl Arg) -> String {
        self.locale().tr(key, name, value)
    }

    /// A message with two arguments.
    #[must_use]
    pub fn tr2(&self, key: impl AsRef<str>, n1: &str, v1: impl Arg, n2: &str, v2: impl Arg) -> String {
        self.locale().tr2(key, n1, v1, n2, v2)
    }

    /// A message with three arguments.
    #[must_use]
    #[allow(clippy::too_many_arguments, reason = "templates cannot build a list of mixed values")]
    pub fn tr3(
        &self,
        key: impl AsRef<str>,
        n1: &str,
        v1: impl Arg,
        n2: &str,
        v2: impl Arg,
        n3: &str,
        v3: impl Arg,
    ) -> String {
        self.locale().tr3(key, n1, v1, n2, v2, n3, v3)
    }

    /// The text of a message that was made elsewhere.
    #[must_use]
    pub fn say(&self, message: &Message) -> String {
        message.text(self.locale())
    }

    /// The label of a field with a colon, for a list of errors: the message `prefix` + name, if there is one.
    #[must_use]
    pub fn field_label(&self, prefix: &str, field: &str) -> Option<String> {
        let key = format!("{prefix}{}", field.replace('_', "-"));
        let known = !prefix.is_empty() && self.locale().has(&key);
        known.then(|| self.tr("form-error-field", "label", self.t(key)))
    }

    /// The address of an asset, with its hash.
    #[must_use]
    pub fn asset(&self, path: &str) -> String {
        asset(path)
    }

    /// A decorative icon of the sprite; the text beside it says what it means.
    #[must_use]
    pub fn icon(&self, name: impl AsRef<str>) -> Safe<String> {
        let name: String = name.as_ref().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        Safe(format!(
            "<svg class=\"icon\" aria-hidden=\"true\" focusable=\"false\"><use href=\"{}#{name}\"/></svg>",
            asset("vendor/tabler-icons/icons.svg"),
        ))
    }

    /// The day of an instant.
    #[must_use]
    pub fn date(&self, at: &DateTime<Utc>) -> String {
        self.fmt.date(*at)
    }

    /// The last day of a period that is over on `until`, as readers count it.
    #[must_use]
    pub fn last_day(&self, until: NaiveDate) -> String {
        self.fmt.day(until.pred_opt().unwrap_or(until))
    }

    /// Day and time of an instant.
    #[must_use]
    pub fn datetime(&self, at: &DateTime<Utc>) -> String {
        self.fmt.datetime(*at)
    }

    /// The time of an instant.
    #[must_use]
    pub fn time(&self, at: &DateTime<Utc>) -> String {
        self.fmt.time(*at)
    }

    /// The day of an instant as seen from today.
    #[must_use]
    pub fn relative(&self, at: &DateTime<Utc>) -> String {
        self.fmt.relative(*at)
    }

    /// A time window.
    #[must_use]
    pub fn window(&self, from: &DateTime<Utc>, until: &DateTime<Utc>) -> String {
        self.fmt.window(*from, *until)
    }

    /// The value of a `<time datetime>`.
    #[must_use]
    pub fn machine(&self, at: &DateTime<Utc>) -> String {
        self.fmt.machine(*at)
    }

    /// Minutes as hours and minutes.
    #[must_use]
    pub fn duration(&self, minutes: impl TryInto<i64>) -> String {
        self.fmt.duration(minutes.try_into().unwrap_or_default())
    }

    /// A whole number with its thousands set apart.
    #[must_use]
    pub fn number(&self, number: impl TryInto<i64>) -> String {
        self.fmt.number(number.try_into().unwrap_or_default())
    }

    /// A ratio as a percentage.
    #[must_use]
    pub fn percent(&self, ratio: &f64) -> String {
        self.fmt.percent(*ratio)
    }

    /// A number with one decimal.
    #[must_use]
    pub fn decimal(&self, number: &f64) -> String {
        self.fmt.decimal(*number)
    }

    /// The number of open matters for the navigation; none when nothing waits.
    #[must_use]
    pub fn open_matters(&self) -> Option<String> {
        match self.open_matters {
            0 => None,
            1..=MATTERS_SHOWN => Some(self.open_matters.to_string()),
            _ => Some(format!("{MATTERS_SHOWN}+")),
        }
    }

    /// The entries that everybody sees.
    #[must_use]
    pub fn public_nav(&self) -> Vec<NavItem> {
        nav::public(self.user.is_some())
    }

    /// The entries of the workbench; empty for who holds no post.
    #[must_use]
    pub fn staff_nav(&self) -> Vec<NavItem> {
        nav::staff(self.is_staff || self.is_subdistrict, self.is_subdistrict)
    }

    /// The entries of the bar at the bottom of a phone.
    #[must_use]
    pub fn bottom_nav(&self) -> [NavItem; 4] {
        nav::bottom(self.user.is_some(), self.is_staff || self.is_subdistrict)
    }

    /// Whether the page belongs to an entry.
    #[must_use]
    pub fn is_active(&self, item: &NavItem) -> bool {
        self.active == item.key
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Shell {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self::guest(Locale::from_headers(&parts.headers))))
    }
}

/// Sends a page.
///
/// # Errors
/// When the template fails, which is our fault: 500.
pub fn page(template: &impl Template) -> Result<Response, WebError> {
    page_with(StatusCode::OK, template)
}

/// Sends a page with a status: 422 for a form with errors.
///
/// # Errors
/// As [`page`].
pub fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, WebError> {
    Ok((status, Html(template.render()?)).into_response())
}

/// Goes on to a page of ours after a form was taken.
#[must_use]
pub fn see_other(path: &str) -> Response {
    Redirect::to(safe_path(path)).into_response()
}

/// A path within this site, or `/` when the text would lead elsewhere.
#[must_use]
pub fn safe_path(path: &str) -> &str {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.chars().all(|c| !c.is_control() && c.is_ascii());
    if local { path } else { "/" }
}

/// Handler of `POST /locale`: keeps the choice of language for a year and returns to the page.
///
/// It takes no token: it changes nothing but the look, and a foreign page cannot send it ([`crate::security`]).
///
/// # Errors
/// 400 when the language is not one of ours.
pub async fn set_locale(OpenForm(form): OpenForm) -> Result<Response, WebError> {
    let locale =
        form.get("lang").and_then(Locale::from_tag).ok_or_else(|| WebError::from_status(StatusCode::BAD_REQUEST))?;
    let mut response = see_other(form.get("back").unwrap_or("/"));
    let cookie = format!("{LANG_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", locale.tag());
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        form::{Choice, FormState, RawForm},
        paging::{ListQuery, Page},
    };

    #[derive(Template)]
    #[template(
        ext = "html",
        source = r#"{% extends "layout.html" %}{% import "macros/ui.html" as ui %}{% block content %}
{% call ui::page_header(shell, back="/needs", lead="<b>") %}<a href="/needs/new">+</a>{% endcall %}
{% call ui::form_errors(shell, form, labels="nav-") %}{% endcall %}
{% call ui::text(shell, form, "title", "nav-needs", required=true, hint="nav-home") %}{% endcall %}
{% call ui::textarea(shell, form, "text", "nav-needs") %}{% endcall %}
{% call ui::select(shell, form, "category", "nav-needs", choices, empty="nav-home") %}{% endcall %}
{% call ui::radios(shell, form, "kind", "nav-needs", choices) %}{% endcall %}
{% call ui::checkbox(shell, form, "agree", "nav-needs") %}{% endcall %}
{% call ui::datetime(shell, form, "from", "nav-needs") %}{% endcall %}
{% call ui::number(shell, form, "count", "nav-needs", min=1, max=9) %}{% endcall %}
{% call ui::submit(shell, "action-save") %}{% endcall %}
{% call ui::badge("x") %}{% endcall %}{% call ui::badge("x", tone="green") %}{% endcall %}
{% call ui::filter_bar(shell, list) %}{% call ui::filter_select(shell, list, "state", "nav-needs", choices) %}{% endcall %}{% endcall %}
{% call ui::pager(shell, list, pages) %}{% endcall %}
{% call ui::empty_state(shell, "list", "nav-needs", text="nav-home", href="/", action="nav-home") %}{% endcall %}
{% call ui::stat("a", shell.number(12345), note="n") %}{% endcall %}
{% call ui::sort_heading(shell, list, "title", "nav-needs") %}{% endcall %}
{% call ui::post_button(shell, "/x/1/accept", "action-save") %}{% endcall %}
{% call ui::confirm_button(shell, "/x/1/withdraw", "action-withdraw") %}{% endcall %}
{% call ui::confirm_page(shell, "/x/1/withdraw", "action-withdraw", "confirm-question", "/x/1") %}{% endcall %}
{{ shell.tr2("pager-page", "number", pages.number, "last", pages.last()) }}
{% endblock %}"#
    )]
    struct Sample {
        shell: Shell,
        form: FormState,
        choices: Vec<Choice>,
        list: ListQuery,
        pages: Page,
    }

    fn sample(locale: Locale) -> String {
        let mut shell = Shell::guest(locale);
        shell.user = Some("王<芳>".to_owned());
        shell.is_subdistrict = true;
        shell.csrf = "token".to_owned();
        shell.flash = Some(Flash::success("action-save"));
        shell.open_matters = 3;
        let mut form = FormState::new().with("title", "\"<script>").with("category", "b");
        form.fail("title", "form-error-required");
        form.fail("needs", "form-error-choice");
        let list = ListQuery::parse("/needs", "q=a&page=2&size=10");
        let pages = list.page(45);
        Sample {
            shell: shell.page_key("nav-needs", "needs"),
            form,
            choices: vec![Choice::new("a", "A"), Choice::new("b", "B")],
            list,
            pages,
        }
        .render()
        .unwrap()
    }

    #[test]
    fn every_macro_renders_and_escapes() {
        for locale in Locale::ALL {
            let html = sample(locale);
            assert!(html.contains(&format!("<html lang=\"{}\"", locale.tag())));
            assert!(!html.contains("<script>") && !html.contains("王<芳>") && !html.contains("<b>"));
            assert!(html.contains("value=\"b\" selected"));
            assert!(html.contains("aria-invalid=\"true\""));
            let named = locale.tr("form-error-field", "label", locale.t("nav-needs"));
            assert!(html.contains(&named), "{named}");
            assert!(html.contains("name=\"csrf\" value=\"token\""));
            assert!(html.contains("href=\"/needs?q=a&#38;size=10&#38;page=3\""), "{html}");
            assert!(html.contains("aria-current=\"page\""));
            assert!(html.contains("href=\"/accounts\""));
        }
    }

    #[test]
    fn nothing_is_inline_and_ids_are_unique() {
        let html = sample(Locale::ZhHans);
        assert!(!html.contains("style=\"") && !html.contains("<style") && !html.contains(" onclick"));
        for (at, _) in html.match_indices("<script") {
            let script = html[at..].replacen("<script defer src=", "<script src=", 1);
            assert!(script.starts_with("<script src=\"/assets/"));
        }
        let mut ids: Vec<&str> =
            html.match_indices(" id=\"").filter_map(|(at, _)| html[at + 5..].split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{ids:?}");
    }

    #[test]
    fn the_way_back_stays_here() {
        assert_eq!(safe_path("/needs?q=1"), "/needs?q=1");
        for bad in ["//evil.example", "https://evil.example", "", "/\\evil", "/a\r\nb", "javascript:1"] {
            assert_eq!(safe_path(bad), "/", "{bad:?}");
        }
    }

    /// Icons that a text names between a call and the next quotation mark.
    fn icons_in(text: &str, call: &str, found: &mut Vec<String>) {
        for (at, _) in text.match_indices(call) {
            found.extend(text[at + call.len()..].split('"').next().map(str::to_owned));
        }
    }

    #[test]
    fn icons_are_in_the_sprite() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let sprite = std::fs::read_to_string(root.join("assets/vendor/tabler-icons/icons.svg")).unwrap();
        let mut found = Vec::new();
        let mut folders = vec![root.join("templates")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for call in [".icon(\"", "icon=\"", "empty_state(shell, \""] {
                        icons_in(&text, call, &mut found);
                    }
                }
            }
        }
        let html = sample(Locale::En);
        let version = asset("vendor/tabler-icons/icons.svg");
        icons_in(&html, &format!("{version}#"), &mut found);
        found.retain(|name| !sprite.contains(&format!("id=\"{name}\"")));
        assert!(found.is_empty(), "not in the sprite: {found:?}");
    }

    #[tokio::test]
    async fn the_language_is_kept() {
        let pairs = vec![("lang".to_owned(), "en".to_owned()), ("back".to_owned(), "//evil.example".to_owned())];
        let response = set_locale(OpenForm(RawForm::from_pairs(pairs))).await.unwrap();
        assert_eq!(response.headers()[header::LOCATION], "/");
        assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("lang=en;"));
        assert!(set_locale(OpenForm(RawForm::from_pairs(Vec::new()))).await.is_err());
    }
}
