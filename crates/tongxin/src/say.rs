//! The language in which the program speaks to who runs it.

use tongxin_web::i18n::Locale;

/// The language of the terminal: Chinese where `LC_ALL`, `LC_MESSAGES` or `LANG` says so, English elsewhere.
pub fn locale() -> Locale {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .and_then(|value| Locale::from_tag(value.split('.').next().unwrap_or_default()))
        .unwrap_or(Locale::En)
}
