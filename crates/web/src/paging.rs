//! Lists: which page, how many, in which order, under which filters, and links that keep the rest of the query.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

/// Entries on a page when the reader asks for nothing else.
pub const DEFAULT_SIZE: u64 = 20;
/// The most entries that a page may have.
pub const MAX_SIZE: u64 = 100;

/// Direction of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Smallest, earliest first.
    #[default]
    Asc,
    /// Largest, latest first.
    Desc,
}

impl Direction {
    /// The value in the query: `asc` or `desc`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }
}

/// The query of a list page. As an extractor it never fails: what makes no sense is as if it had not been asked.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    path: String,
    pairs: Vec<(String, String)>,
}

impl ListQuery {
    /// Reads a path with its raw query.
    #[must_use]
    pub fn parse(path: &str, query: &str) -> Self {
        Self {
            path: path.to_owned(),
            pairs: form_urlencoded::parse(query.as_bytes())
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        }
    }

    /// The first value of a filter; empty values count as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, value)| key == name && !value.trim().is_empty()).map(|(_, value)| value.trim())
    }

    /// All values of a filter.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.pairs
            .iter()
            .filter(|(key, value)| key == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim())
            .collect()
    }

    /// The value of a filter or the empty text: for templates.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Whether a filter has this value: for `selected` and `checked` in templates.
    #[must_use]
    pub fn is(&self, name: &str, value: impl AsRef<str>) -> bool {
        self.pairs.iter().any(|(k, v)| k == name && v == value.as_ref())
    }

    /// Every parameter but these (commas between) and the page, for a form that changes them and keeps the rest.
    #[must_use]
    pub fn others(&self, names: &str) -> Vec<(&str, &str)> {
        let kept = |(key, value): &&(String, String)| {
            !value.trim().is_empty() && key != "page" && !names.split(',').any(|name| name == key)
        };
        self.pairs.iter().filter(kept).map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }

    /// The link without one parameter.
    #[must_use]
    pub fn without(&self, name: &str) -> String {
        self.link(&[(name, "")])
    }

    /// The link to another path with what this list says of these parameters.
    #[must_use]
    pub fn carry(&self, path: &str, names: &[&str]) -> String {
        let pairs = self.pairs.iter().filter(|(key, _)| names.contains(&key.as_str())).cloned().collect();
        Self { path: path.to_owned(), pairs }.link(&[])
    }

    /// Whether anything but page, size and order is asked for.
    #[must_use]
    pub fn filtered(&self) -> bool {
        self.pairs
            .iter()
            .any(|(key, value)| !value.trim().is_empty() && !["page", "size", "sort", "dir"].contains(&key.as_str()))
    }

    /// Number of the page, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.get("page").and_then(|v| v.parse().ok()).unwrap_or(1).clamp(1, 1_000_000)
    }

    /// Entries on a page, at most [`MAX_SIZE`].
    #[must_use]
    pub fn size(&self) -> u64 {
        self.get("size").and_then(|v| v.parse().ok()).unwrap_or(DEFAULT_SIZE).clamp(1, MAX_SIZE)
    }

    /// The column to sort by, if it is one of those allowed.
    #[must_use]
    pub fn sort<'a>(&self, allowed: &[&'a str]) -> Option<&'a str> {
        let wanted = self.get("sort")?;
        allowed.iter().find(|column| **column == wanted).copied()
    }

    /// The direction of the order.
    #[must_use]
    pub fn dir(&self) -> Direction {
        if self.get("dir") == Some("desc") { Direction::Desc } else { Direction::Asc }
    }

    /// The page for a total.
    #[must_use]
    pub fn page(&self, total: u64) -> Page {
        Page::new(self.number(), self.size(), total)
    }

    /// This list with other values of some parameters (an empty value takes one away); the rest stays.
    #[must_use]
    pub fn link(&self, changes: &[(&str, &str)]) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (key, value) in &self.pairs {
            if !value.is_empty() && !changes.iter().any(|(name, _)| name == key) {
                out.append_pair(key, value);
            }
        }
        for (key, value) in changes {
            if !value.is_empty() {
                out.append_pair(key, value);
            }
        }
        let query = out.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    /// The link to a page of this list.
    #[must_use]
    pub fn page_link(&self, number: &u64) -> String {
        self.link(&[("page", &number.to_string())])
    }

    /// The link that shows this list without filters.
    #[must_use]
    pub fn clear_link(&self) -> String {
        self.path.clone()
    }

    /// The same list as a file: the path with an ending and the same query, such as `/needs.xlsx?state=open`.
    #[must_use]
    pub fn export_link(&self, ending: &str) -> String {
        let mut other = self.clone();
        other.path = format!("{}.{ending}", self.path.trim_end_matches('/'));
        other.link(&[("page", ""), ("size", "")])
    }

    /// The link that sorts by a column; a second click turns the order round.
    #[must_use]
    pub fn sort_link(&self, column: &str) -> String {
        let dir = if self.get("sort") == Some(column) && self.dir() == Direction::Asc {
            Direction::Desc
        } else {
            Direction::Asc
        };
        self.link(&[("sort", column), ("dir", dir.as_str()), ("page", "")])
    }

    /// The value of `aria-sort` for a column.
    #[must_use]
    pub fn aria_sort(&self, column: &str) -> &'static str {
        match (self.get("sort") == Some(column), self.dir()) {
            (false, _) => "none",
            (true, Direction::Asc) => "ascending",
            (true, Direction::Desc) => "descending",
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::parse(parts.uri.path(), parts.uri.query().unwrap_or_default()))
    }
}

/// Where a page stands in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Number of the page, from 1; never beyond the last.
    pub number: u64,
    /// Entries on a page.
    pub size: u64,
    /// Entries in the whole list.
    pub total: u64,
}

impl Page {
    /// A page; its number is brought within the list.
    #[must_use]
    pub fn new(number: u64, size: u64, total: u64) -> Self {
        let size = size.clamp(1, MAX_SIZE);
        let last = total.div_ceil(size).max(1);
        Self { number: number.clamp(1, last), size, total }
    }

    /// Number of pages, at least 1.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.total.div_ceil(self.size).max(1)
    }

    /// Entries before this page.
    #[must_use]
    pub fn offset(&self) -> u64 {
        (self.number - 1) * self.size
    }

    /// The page before.
    #[must_use]
    pub fn prev(&self) -> Option<u64> {
        (self.number > 1).then(|| self.number - 1)
    }

    /// The page after.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        (self.number < self.last()).then(|| self.number + 1)
    }

    /// The numbers to show: first, last, and those around; `None` stands for a gap.
    #[must_use]
    pub fn pages(&self) -> Vec<Option<u64>> {
        let last = self.last();
        let mut out = Vec::new();
        let mut before = 0;
        for number in 1..=last {
            if number == 1 || number == last || number.abs_diff(self.number) <= 1 {
                if number - before == 2 {
                    out.push(Some(number - 1));
                } else if number - before > 2 {
                    out.push(None);
                }
                out.push(Some(number));
                before = number;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senseless_queries_are_brought_within_bounds() {
        for query in ["page=0&size=0", "page=-1&size=x", "page=&size="] {
            let list = ListQuery::parse("/needs", query);
            assert_eq!(list.number(), 1, "{query}");
            assert!(list.size() >= 1 && list.size() <= MAX_SIZE);
        }
        let list = ListQuery::parse("/needs", "page=99999999999&size=100000&sort=secret&dir=up");
        assert_eq!(list.size(), MAX_SIZE);
        assert_eq!(list.page(250).number, 3);
        assert_eq!(list.sort(&["title"]), None);
        assert_eq!(list.dir(), Direction::Asc);
    }

    #[test]
    fn links_keep_the_filters() {
        let list = ListQuery::parse("/needs", "q=%E7%90%86%E5%8F%91&state=open&state=met&page=2&empty=");
        assert_eq!(list.page_link(&3), "/needs?q=%E7%90%86%E5%8F%91&state=open&state=met&page=3");
        assert_eq!(list.export_link("csv"), "/needs.csv?q=%E7%90%86%E5%8F%91&state=open&state=met");
        assert_eq!(list.clear_link(), "/needs");
        assert_eq!(list.value("q"), "理发");
        assert_eq!(list.all("state"), ["open", "met"]);
        assert!(list.is("state", "met") && list.filtered());
    }

    #[test]
    fn a_second_click_turns_the_order() {
        let list = ListQuery::parse("/needs", "sort=title&page=4");
        assert_eq!(list.sort_link("title"), "/needs?sort=title&dir=desc");
        assert_eq!(list.sort_link("due"), "/needs?sort=due&dir=asc");
        assert_eq!(list.aria_sort("title"), "ascending");
    }

    #[test]
    fn page_numbers_have_gaps() {
        let page = Page::new(6, 10, 200);
        assert_eq!(page.pages(), [Some(1), None, Some(5), Some(6), Some(7), None, Some(20)]);
        assert_eq!(Page::new(3, 10, 50).pages(), [1, 2, 3, 4, 5].map(Some));
        assert_eq!((page.prev(), page.next(), page.offset()), (Some(5), Some(7), 50));
        let empty = Page::new(9, 10, 0);
        assert_eq!((empty.number, empty.last(), empty.prev(), empty.next()), (1, 1, None, None));
    }
}
