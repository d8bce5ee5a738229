//! Leaving the rules of unused components out of a style sheet, so that the first page stays small.

use anyhow::{Context, Result};

/// The style sheet without the selectors that name one of these classes; a `*` in a class stands for any characters. A rule without selectors left goes, and so does a block without rules left.
///
/// # Errors
/// When braces, quotes or comments do not pair.
pub fn without_classes(css: &str, classes: &[String]) -> Result<String> {
    if classes.is_empty() {
        return Ok(css.to_owned());
    }
    let mut kept = String::with_capacity(css.len());
    rules(css, classes, &mut kept)?;
    Ok(kept)
}

fn rules(css: &str, classes: &[String], kept: &mut String) -> Result<()> {
    let mut rest = css;
    while let Some((at, mark)) = next_of(rest, &['{', ';'])? {
        if mark == ';' {
            // A statement such as @charset.
            kept.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        let end = block_end(&rest[at..])? + at;
        let (head, body) = (&rest[..at], &rest[at + 1..end]);
        rest = &rest[end + 1..];
        let (comment, prelude) = after_comments(head);
        kept.push_str(comment);
        if prelude.starts_with("@media") || prelude.starts_with("@supports") || prelude.starts_with("@layer") {
            let mut inner = String::new();
            rules(body, classes, &mut inner)?;
            if !inner.trim().is_empty() {
                kept.push_str(&format!("{prelude}{{{inner}}}"));
            }
        } else if prelude.starts_with('@') {
            kept.push_str(&format!("{prelude}{{{body}}}"));
        } else {
            let selectors = split_selectors(prelude)?;
            let left: Vec<_> = selectors.into_iter().filter(|selector| !names(selector, classes)).collect();
            if !left.is_empty() {
                kept.push_str(&format!("{}{{{body}}}", left.join(",")));
            }
        }
    }
    kept.push_str(rest);
    Ok(())
}

/// The comments and spaces that a head opens with, and what follows them.
fn after_comments(head: &str) -> (&str, &str) {
    let mut at = 0;
    loop {
        let rest = &head[at..];
        let spaces = rest.len() - rest.trim_start().len();
        let rest = &rest[spaces..];
        let Some(length) = rest.strip_prefix("/*").and_then(|inner| inner.find("*/")) else {
            return (&head[..at], rest);
        };
        at += spaces + length + 4;
    }
}

fn split_selectors(prelude: &str) -> Result<Vec<&str>> {
    let mut selectors = vec![];
    let mut rest = prelude;
    while let Some((at, _)) = next_of(rest, &[','])? {
        selectors.push(&rest[..at]);
        rest = &rest[at + 1..];
    }
    selectors.push(rest);
    Ok(selectors)
}

/// Whether a selector needs one of the classes; a class within `:not(…)` is not needed.
fn names(selector: &str, classes: &[String]) -> bool {
    let mut rest = selector;
    while let Some(at) = rest.find('.') {
        let excluded = rest[..at].ends_with(":not(");
        let word = &rest[at + 1..];
        let length = word.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(word.len());
        if !excluded && classes.iter().any(|class| matches(class, &word[..length])) {
            return true;
        }
        rest = &word[length..];
    }
    false
}

/// Whether a class fits a pattern, in which `*` stands for any characters.
pub fn matches(pattern: &str, class: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return class == pattern;
    };
    let Some(left) = class.strip_prefix(start) else {
        return false;
    };
    // The star may stand for nothing or for any characters, up to all of them.
    (0..=left.len()).any(|at| left.is_char_boundary(at) && matches(rest, &left[at..]))
}

/// The first of these marks outside quotes, comments and parentheses.
fn next_of(text: &str, marks: &[char]) -> Result<Option<(usize, char)>> {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '"' | '\'' => at += quoted(&text[at..], c)?,
            '/' if text[at..].starts_with("/*") => {
                at += text[at..].find("*/").context("a comment does not end")? + 2;
                continue;
            }
            '\\' => at += text[at + 1..].chars().next().map_or(0, char::len_utf8),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && marks.contains(&c) => return Ok(Some((at, c))),
            _ => {}
        }
        at += c.len_utf8();
    }
    Ok(None)
}

/// The distance from an opening to its closing quotation mark.
fn quoted(text: &str, mark: char) -> Result<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == mark => return Ok(at),
            _ => {}
        }
    }
    anyhow::bail!("a quotation does not end")
}

/// Where the block that `text` opens with ends.
fn block_end(text: &str) -> Result<usize> {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some((next, mark)) = next_of(&text[at..], &['{', '}'])? {
        depth = if mark == '{' { depth + 1 } else { depth - 1 };
        if depth == 0 {
            return Ok(at + next);
        }
        at += next + 1;
    }
    anyhow::bail!("a block does not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(css: &str, classes: &[&str]) -> String {
        without_classes(css, &classes.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn only_the_named_classes_go() {
        assert_eq!(without(".a{x:y}.ab{x:y}.a .c,.d{x:y}p.a:hover{x:y}", &["a"]), ".ab{x:y}.d{x:y}");
        assert_eq!(without(".btn-x{a:b}.btn{a:b}.btn-y:is(.p,.q){a:b}", &["btn-*"]), ".btn{a:b}");
        assert_eq!(without(".c:not(.a){x:y}", &["a"]), ".c:not(.a){x:y}");
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        assert!(matches("*-xxl-*", "col-xxl-3") && matches("a*", "a") && matches("*b", "ab") && matches("a", "a"));
        assert!(!matches("*-xxl-*", "col-xl-3") && !matches("a", "ab") && !matches("a*c", "ab"));
    }

    #[test]
    fn blocks_are_searched_and_empty_ones_go() {
        let css = "@charset \"UTF-8\";/*! notice */:root{--v:'};'}@media print{.a{x:y}}@media screen{.a{x:y}.b{x:y}}";
        assert_eq!(without(css, &["a"]), "@charset \"UTF-8\";/*! notice */:root{--v:'};'}@media screen{.b{x:y}}");
        let frames = "@keyframes a{from{x:y}to{x:z}}";
        assert_eq!(without(frames, &["a"]), frames);
    }

    #[test]
    fn data_addresses_and_escapes_do_not_confuse_it() {
        let css = ".w{background:url(\"data:image/svg+xml,%3csvg d='M0;{'/%3e\")}.sm\\:a{x:y}";
        assert_eq!(without(css, &["z"]), css);
    }

    #[test]
    fn a_broken_sheet_is_refused() {
        assert!(without_classes(".a{x:y", &["b".to_owned()]).is_err());
        assert!(without_classes(".a{x:'y}", &["b".to_owned()]).is_err());
    }
}
