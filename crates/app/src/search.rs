//! The tokens that search stores and asks for: words as they are; Chinese as single characters and pairs, and the pinyin
//! of names, in full and as initials. No dictionary has to be loaded, and a part of a word is found too.

use pinyin::ToPinyin;
use tongxin_core::{
    number::{Part, parts, sortable},
    text::{Run, runs},
};
use tongxin_store::{Store, people::sort_key as stored};

use crate::{Error, Result};

/// The tokens of `text` for the index, a space between.
#[must_use]
pub fn index_tokens(text: &str) -> String {
    let mut tokens = Vec::new();
    for run in runs(text) {
        match run {
            Run::Word(word) => tokens.push(word),
            Run::Chinese(chars) => {
                tokens.extend(chars.iter().map(char::to_string));
                tokens.extend(chars.windows(2).map(|pair| pair.iter().collect()));
            }
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens.join(" ")
}

/// The tokens of a name: as [`index_tokens`], with its pinyin in full and as initials.
#[must_use]
pub fn name_tokens(name: &str) -> String {
    let full: String = name.chars().filter_map(|c| c.to_pinyin()).map(pinyin::Pinyin::plain).collect();
    let initials: String = name.chars().filter_map(|c| c.to_pinyin()).map(pinyin::Pinyin::first_letter).collect();
    format!("{} {full} {initials}", index_tokens(name)).trim().to_owned()
}

/// The key by which names are sorted: pinyin, numbers by their value, then the name itself.
#[must_use]
pub fn sort_key(name: &str) -> String {
    let mut key = String::new();
    for part in parts(name) {
        match part {
            Part::Number(digits) => key.push_str(&sortable(&digits)),
            Part::Character(c) => match c.to_pinyin() {
                Some(p) => {
                    key.push_str(p.plain());
                    key.push(' ');
                }
                None => key.extend(c.to_lowercase()),
            },
        }
    }
    key.push_str(name);
    key.chars().take(200).collect()
}

/// Makes the stored keys anew that an earlier version made otherwise. Gives how many.
///
/// # Errors
/// The store's.
pub async fn renew_sort_keys(store: &Store) -> Result<usize> {
    let mut stale = Vec::new();
    for (community, id, name, key) in stored::all(store.read()).await? {
        let new = sort_key(&name);
        if new != key {
            stale.push((community, id, new));
        }
    }
    let count = stale.len();
    if count > 0 {
        let write = store.write_alone::<_, Error, _>(|tx| Box::pin(async move { Ok(stored::put(tx, &stale).await?) }));
        write.await?;
    }
    Ok(count)
}

/// What to look for when a reader types `text`; nothing when it holds no word.
#[must_use]
pub fn query_tokens(text: &str) -> Option<String> {
    let mut tokens = Vec::new();
    for run in runs(text) {
        match run {
            Run::Word(word) => tokens.push(word),
            Run::Chinese(chars) if chars.len() == 1 => tokens.extend(chars.iter().map(char::to_string)),
            Run::Chinese(chars) => tokens.extend(chars.windows(2).map(|pair| pair.iter().collect())),
        }
    }
    tokens.truncate(12);
    (!tokens.is_empty()).then(|| tokens.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_pinyin() {
        assert_eq!(query_tokens("量血压 Home-visit").unwrap(), "量血 血压 home visit");
        assert_eq!(query_tokens("…"), None);
        let tokens = name_tokens("沈慧芳");
        for expected in ["沈", "慧芳", "shenhuifang", "shf"] {
            assert!(tokens.split(' ').any(|t| t == expected), "{expected} in {tokens}");
        }
    }

    #[test]
    fn names_sort_by_pinyin() {
        let mut names = ["张伟", "安静", "Bob", "沈慧芳"];
        names.sort_by_key(|n| sort_key(n));
        assert_eq!(names, ["安静", "Bob", "沈慧芳", "张伟"]);
        let mut names = ["10号楼", "第十居民区", "第二居民区", "第一居民区", "2号楼", "第2居民区", "第11居民区"];
        names.sort_by_cached_key(|n| sort_key(n));
        let expected = ["2号楼", "10号楼", "第一居民区", "第2居民区", "第二居民区", "第十居民区", "第11居民区"];
        assert_eq!(names, expected);
    }
}
