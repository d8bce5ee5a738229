//! Every fault that the domain can tell has its words in every language.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use tongxin_web::i18n::{Locale, Message};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The codes that are written out where a problem is made: `Problem::new(field, "code")`.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    let calls = text.match_indices("Problem::new(").map(|(at, call)| &text[at + call.len()..]);
    calls.filter_map(|rest| rest.split_once(',')?.1.trim_start().strip_prefix('"')?.split('"').next())
}

#[test]
fn every_fault_of_the_domain_has_its_words() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src"), &mut files);
    let texts: Vec<String> = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut missing: Vec<String> = Vec::new();
    for code in texts.iter().flat_map(|text| codes(text)) {
        for locale in Locale::ALL {
            if !locale.has(&format!("invalid-{code}")) {
                missing.push(format!("{code} in {}", locale.tag()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(texts.iter().flat_map(|text| codes(text)).count() > 100, "the codes are found");
}

#[test]
fn a_fault_of_a_charter_names_the_kind_of_matter() {
    let weaker = Message::new("invalid-charter_weaker_than_ordinary").with("matter", "special");
    assert_eq!(weaker.text(Locale::ZhHans), "特别事项的要求不能低于一般事项。");
    assert_eq!(weaker.text(Locale::En), "Special matters can’t ask for less than ordinary matters do.");
}
