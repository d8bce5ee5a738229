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
    /// them as far as something branches off there; each on both sides, when it is there.
    #[must_use]
    pub fn new(before: &Structure, after: &Structure, touched: &BTreeSet<Uuid>) -> Self {
        let kept = kept(before, after, touched);
        let part = |structure: &Structure| {
            let standings = structure.all().iter().filter(|s| kept.contains(&s.organisation));
            Structure::new(structure.day(), standings.cloned())
        };
        let (mut old, mut new) = (part(before), part(after));
        while let Some(top) = needless_top(&old, touched).filter(|top| needless_top(&new, touched) == Some(*top)) {
            old = without(&old, top);
            new = without(&new, top);
        }
        Self { before: old, after: new }
    }
}

/// The touched organisations, those below one where the line is otherwise, and all above them in either structure.
fn kept(before: &Structure, after: &Structure, touched: &BTreeSet<Uuid>) -> BTreeSet<Uuid> {
    let mut kept = touched.clone();
    for id in touched {
        let lines = [before, after].map(|structure| structure.get(*id).map(|s| s.line));
        if lines[0] != lines[1] {
            let below = [before, after].into_iter().flat_map(|structure| structure.subtree(*id));
            kept.extend(below.map(|(_, s)| s.organisation));
        }
    }
    loop {
        let above = |id: &Uuid| [before.above(*id), after.above(*id)].concat();
        let more: Vec<Uuid> = kept.iter().flat_map(above).map(|s| s.organisation).collect();
        let known = kept.len();
        kept.extend(more);
        if kept.len() == known {
            return kept;
        }
    }
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
