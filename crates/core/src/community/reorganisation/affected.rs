//! What a reorganisation changes, cut out of the whole so that it can be set side by side (S7, S8).

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::community::structure::{Standing, Structure};

/// The part of the structure that a reorganisation changes, before and after, to be set side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// Before.
    pub before: Structure,
    /// After.
    pub after: Structure,
}

impl Affected {
    /// Of two structures the organisations that are otherwise, those under one whose superior is otherwise, and those above
    /// them as far as something branches off there.
    #[must_use]
    pub fn new(before: &Structure, after: &Structure, touched: &BTreeSet<Uuid>) -> Self {
        let (mut old, mut new) = (part(before, after, touched), part(after, before, touched));
        while let Some(top) = needless_top(&old, touched).filter(|top| needless_top(&new, touched) == Some(*top)) {
            old = without(&old, top);
            new = without(&new, top);
        }
        Self { before: old, after: new }
    }
}

/// The touched organisations of `structure` with those above, and those below where the line is not as in `other`.
fn part(structure: &Structure, other: &Structure, touched: &BTreeSet<Uuid>) -> Structure {
    let mut kept = BTreeSet::new();
    for standing in touched.iter().filter_map(|id| structure.get(*id)) {
        let id = standing.organisation;
        kept.insert(id);
        kept.extend(structure.above(id).iter().map(|s| s.organisation));
        if other.get(id).is_none_or(|there| there.line != standing.line) {
            kept.extend(structure.subtree(id).iter().map(|(_, s)| s.organisation));
        }
    }
    Structure::new(structure.day(), structure.all().iter().filter(|s| kept.contains(&s.organisation)).cloned())
}

/// The only top, when neither it nor the only one under it is touched.
fn needless_top(structure: &Structure, touched: &BTreeSet<Uuid>) -> Option<Uuid> {
    let top = only(structure.tops())?;
    let under = only(structure.below(top.organisation))?;
    let untouched = |standing: &Standing| !touched.contains(&standing.organisation);
    (untouched(top) && untouched(under)).then_some(top.organisation)
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

fn without(structure: &Structure, organisation: Uuid) -> Structure {
    Structure::new(structure.day(), structure.all().iter().filter(|s| s.organisation != organisation).cloned())
}
