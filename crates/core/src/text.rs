//! Text that people hand in: cleaned once, at the boundary.

use crate::invalid::Problem;

/// Cleans one line of text: surrounding space, control characters and marks that turn the direction of writing are
/// taken away, runs of white space become one space. Emoji and any script stay.
///
/// # Errors
/// `required` when nothing is left, `too_long` over `max` characters.
pub fn line(field: &'static str, raw: &str, max: usize) -> Result<String, Problem> {
    let cleaned: String = raw.chars().filter(|c| !is_invisible(*c) || c.is_whitespace()).collect();
    let joined = cleaned.split_whitespace().collect::<Vec<_>>().join(" ");
    bounded(field, joined, max)
}

/// Cleans text of several lines in the same way, and keeps its line breaks.
///
/// # Errors
/// `too_long` over `max` characters. Empty text is allowed.
pub fn lines(field: &'static str, raw: &str, max: usize) -> Result<String, Problem> {
    let cleaned: String =
        raw.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || *c == '\t' || !is_invisible(*c)).collect();
    let trimmed = cleaned.trim().to_owned();
    if trimmed.is_empty() { Ok(trimmed) } else { bounded(field, trimmed, max) }
}

/// A line that may be left empty.
///
/// # Errors
/// `too_long` over `max` characters.
pub fn optional_line(field: &'static str, raw: &str, max: usize) -> Result<Option<String>, Problem> {
    match line(field, raw, max) {
        Err(problem) if problem.code == "required" => Ok(None),
        other => other.map(Some),
    }
}

fn bounded(field: &'static str, text: String, max: usize) -> Result<String, Problem> {
    if text.is_empty() {
        return Err(Problem::new(field, "required"));
    }
    if text.chars().count() > max {
        return Err(Problem::new(field, "too_long").with("max", max));
    }
    Ok(text)
}

/// Control characters, and the marks that reverse the direction of writing and so can disguise a text.
/// The zero-width joiner stays: emoji are made with it.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// A stretch of text without a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// A word of a script that sets its words apart, in small letters.
    Word(String),
    /// Chinese characters, which no space sets apart.
    Chinese(Vec<char>),
}

/// The words and the stretches of Chinese in a text, in its order. Signs and spaces part them.
#[must_use]
pub fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut broken = true;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            broken = true;
            continue;
        }
        let chinese = matches!(u32::from(c), 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF);
        match runs.last_mut() {
            Some(Run::Chinese(chars)) if chinese && !broken => chars.push(c),
            Some(Run::Word(word)) if !chinese && !broken => word.extend(c.to_lowercase()),
            _ if chinese => runs.push(Run::Chinese(vec![c])),
            _ => runs.push(Run::Word(c.to_lowercase().collect())),
        }
        broken = false;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_emoji_and_drops_direction_marks() {
        assert_eq!(
            line("title", " 送\u{202E}餐 👨\u{200D}👩\u{200D}👧  上门\n", 20).unwrap(),
            "送餐 👨\u{200D}👩\u{200D}👧 上门"
        );
    }

    #[test]
    fn tells_the_limit() {
        assert_eq!(line("title", "一二三四", 3).unwrap_err(), Problem::new("title", "too_long").with("max", 3));
        assert_eq!(line("title", " \u{202E} ", 3).unwrap_err().code, "required");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(raw in "\\PC{0,60}") {
            if let Ok(once) = line("t", &raw, 100) {
                prop_assert_eq!(line("t", &once, 100).unwrap(), once);
            }
        }
    }
}
