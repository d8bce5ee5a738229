//! Languages: which one the reader gets, and the lookup of messages.
//!
//! Messages live in `locales/<language>/<word>.ftl`, with the same keys in every language. A missing key falls back to
//! zh-Hans and then to the key itself, so that a page never fails over a word.

use std::{borrow::Cow, collections::HashMap, convert::Infallible, sync::LazyLock};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid};

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "zh-Hans",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ZH_HANS: LazyLock<LanguageIdentifier> = LazyLock::new(|| langid!("zh-Hans"));
static EN: LazyLock<LanguageIdentifier> = LazyLock::new(|| langid!("en"));

/// Name of the cookie that keeps the reader's choice of language.
pub const LANG_COOKIE: &str = "lang";

/// A language that the product speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Simplified Chinese, the source language.
    #[default]
    ZhHans,
    /// English.
    En,
}

impl Locale {
    /// Every language, in the order in which the switch shows them.
    pub const ALL: [Self; 2] = [Self::ZhHans, Self::En];

    /// The BCP 47 tag: the value of `lang` in HTML, in the cookie and in the folder of locales.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::En => "en",
        }
    }

    /// The name of the language in itself.
    #[must_use]
    pub fn own_name(self) -> String {
        self.t("language-own-name")
    }

    /// The language for a tag as in a cookie, a form or `Accept-Language`; any Chinese gives zh-Hans.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::ZhHans)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The language of a request: the cookie, else `Accept-Language`, else zh-Hans.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        cookie(headers, LANG_COOKIE)
            .and_then(Self::from_tag)
            .or_else(|| {
                headers
                    .get(header::ACCEPT_LANGUAGE)
                    .and_then(|value| value.to_str().ok())
                    .and_then(Self::from_accept_language)
            })
            .unwrap_or_default()
    }

    fn from_accept_language(value: &str) -> Option<Self> {
        let mut wanted: Vec<(f32, Self)> = value
            .split(',')
            .filter_map(|item| {
                let mut parts = item.trim().split(';');
                let locale = Self::from_tag(parts.next()?.trim())?;
                let weight = parts
                    .find_map(|part| part.trim().strip_prefix("q="))
                    .map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
                (weight > 0.0).then_some((weight, locale))
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.first().map(|(_, locale)| *locale)
    }

    fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Self::ZhHans => &ZH_HANS,
            Self::En => &EN,
        }
    }

    /// The message without arguments.
    #[must_use]
    pub fn t(self, key: impl AsRef<str>) -> String {
        let key = key.as_ref();
        LOCALES.try_lookup(self.identifier(), key).unwrap_or_else(|| key.to_owned())
    }

    /// The message with one argument.
    #[must_use]
    pub fn tr(self, key: impl AsRef<str>, name: &str, value: impl Arg) -> String {
        self.tr_args(key, &[(name, &value)])
    }

    /// The message with two arguments.
    #[must_use]
    pub fn tr2(self, key: impl AsRef<str>, n1: &str, v1: impl Arg, n2: &str, v2: impl Arg) -> String {
        self.tr_args(key, &[(n1, &v1), (n2, &v2)])
    }

    /// The message with three arguments.
    #[must_use]
    #[allow(clippy::too_many_arguments, reason = "templates cannot build a list of mixed values")]
    pub fn tr3(
        self,
        key: impl AsRef<str>,
        n1: &str,
        v1: impl Arg,
        n2: &str,
        v2: impl Arg,
        n3: &str,
        v3: impl Arg,
    ) -> String {
        self.tr_args(key, &[(n1, &v1), (n2, &v2), (n3, &v3)])
    }

    /// The message with any number of arguments.
    #[must_use]
    pub fn tr_args(self, key: impl AsRef<str>, args: &[(&str, &dyn Arg)]) -> String {
        let key = key.as_ref();
        let args: HashMap<Cow<'static, str>, FluentValue<'_>> =
            args.iter().map(|(name, value)| (Cow::Owned((*name).to_owned()), value.arg())).collect();
        LOCALES.try_lookup_with_args(self.identifier(), key, &args).unwrap_or_else(|| key.to_owned())
    }

    /// Whether a message with this key exists in this very language.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        match LOCALES.lookup_single_language::<&str>(self.identifier(), key, None) {
            Ok(_) => true,
            // The message is there and wants arguments. The library keeps the type of this error to itself.
            Err(error) => error.to_string().starts_with("Fluent errors"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Locale {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::from_headers(&parts.headers))
    }
}

/// A value that a message can take. Numbers keep their kind, so that plural forms can be chosen.
pub trait Arg {
    /// The value for Fluent.
    fn arg(&self) -> FluentValue<'static>;
}

impl Arg for str {
    fn arg(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.to_owned()))
    }
}

impl Arg for String {
    fn arg(&self) -> FluentValue<'static> {
        self.as_str().arg()
    }
}

impl Arg for Cow<'_, str> {
    fn arg(&self) -> FluentValue<'static> {
        self.as_ref().arg()
    }
}

impl<T: Arg + ?Sized> Arg for &T {
    fn arg(&self) -> FluentValue<'static> {
        (**self).arg()
    }
}

macro_rules! number_arg {
    ($($kind:ty),+) => {$(
        impl Arg for $kind {
            fn arg(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )+};
}
number_arg!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64);

/// A message that is not yet in a language: a key with its arguments. Errors and flashes carry these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The Fluent key.
    pub key: Cow<'static, str>,
    /// Arguments by name, as text.
    pub args: Vec<(Cow<'static, str>, String)>,
}

impl Message {
    /// A message without arguments.
    #[must_use]
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.into(), args: Vec::new() }
    }

    /// Adds an argument.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "callers hand over numbers and texts as they are")]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl ToString) -> Self {
        self.args.push((name.into(), value.to_string()));
        self
    }

    /// The text in a language.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        let args: Vec<(&str, &dyn Arg)> =
            self.args.iter().map(|(name, value)| (name.as_ref(), value as &dyn Arg)).collect();
        locale.tr_args(&self.key, &args)
    }
}

impl From<&'static str> for Message {
    fn from(key: &'static str) -> Self {
        Self::new(key)
    }
}

/// The value of a request's cookie.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    fn files(dir: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, ending, found);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
        found.sort();
    }

    fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
    }

    /// File name → keys, for one language.
    fn keys(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
        let mut found = Vec::new();
        files(&root().join("locales").join(locale.tag()), "ftl", &mut found);
        let mut all = BTreeSet::new();
        found
            .iter()
            .map(|path| {
                let text = fs::read_to_string(path).unwrap();
                let mut keys = BTreeSet::new();
                for line in text.lines() {
                    let starts = line.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '-');
                    if let (true, Some((key, _))) = (starts, line.split_once('=')) {
                        let key = key.trim().to_owned();
                        assert!(all.insert(key.clone()), "{key} stands twice in {}", locale.tag());
                        keys.insert(key);
                    }
                }
                (path.file_name().unwrap().to_string_lossy().into_owned(), keys)
            })
            .collect()
    }

    #[test]
    fn languages_have_the_same_keys_in_every_file() {
        let source = keys(Locale::ZhHans);
        let english = keys(Locale::En);
        assert_eq!(source.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "files");
        for (file, keys) in &source {
            let missing: Vec<_> = keys.symmetric_difference(&english[file]).collect();
            assert!(missing.is_empty(), "{file}: only in one language: {missing:?}");
        }
    }

    #[test]
    fn every_key_that_is_used_exists() {
        let known: BTreeSet<String> = keys(Locale::ZhHans).into_values().flatten().collect();
        let mut sources = Vec::new();
        files(&root().join("src"), "rs", &mut sources);
        files(&root().join("templates"), "html", &mut sources);
        let mut missing = Vec::new();
        for path in sources {
            let text = fs::read_to_string(&path).unwrap();
            for call in [".t(", ".tr(", ".tr2(", ".tr3(", ".tr_args(", "Message::new("] {
                for (at, _) in text.match_indices(call) {
                    let rest = text[at + call.len()..].trim_start();
                    let Some((key, _)) = rest.strip_prefix('"').and_then(|r| r.split_once('"')) else {
                        continue;
                    };
                    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                    if is_key && !known.contains(key) && !key.starts_with("no-such-") {
                        missing.push(format!("{}: {key}", path.display()));
                    }
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn every_file_parses_and_every_message_resolves() {
        for locale in Locale::ALL {
            for key in keys(locale).into_values().flatten() {
                if !key.starts_with('-') {
                    assert!(locale.has(&key), "{key} is broken in {}", locale.tag());
                }
            }
        }
    }

    #[test]
    fn cookie_beats_header_and_weights_count() {
        let mut headers = HeaderMap::new();
        assert_eq!(Locale::from_headers(&headers), Locale::ZhHans);
        headers.insert(header::ACCEPT_LANGUAGE, "fr, zh-CN;q=0.3, en-GB;q=0.8".parse().unwrap());
        assert_eq!(Locale::from_headers(&headers), Locale::En);
        headers.insert(header::COOKIE, "a=b; lang=zh-Hans".parse().unwrap());
        assert_eq!(Locale::from_headers(&headers), Locale::ZhHans);
        headers.insert(header::COOKIE, "lang=<script>".parse().unwrap());
        assert_eq!(Locale::from_headers(&headers), Locale::En);
    }

    #[test]
    fn missing_key_shows_itself() {
        assert_eq!(Locale::En.t("no-such-key"), "no-such-key");
    }

    #[test]
    fn arguments_are_put_in_and_plurals_chosen() {
        assert_eq!(Locale::En.tr("pager-total", "total", 1_u32), "1 entry");
        assert_eq!(Locale::En.tr("pager-total", "total", 3_u32), "3 entries");
    }
}
