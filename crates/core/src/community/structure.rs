//! The two structures in which every organisation stands at once: its line (隶属, whom it belongs to) and its territory
//! (属地, where it is). Both have dates (S6, S7, S10, S15, S16).

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Location, OrganisationKind};
use crate::period::Period;

/// What an organisation was during a period: its name, its kind, and its place in both structures. An organisation's
/// standings do not overlap; where there is none, it was not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The organisation, which keeps its id whatever changes.
    pub organisation: Uuid,
    /// The days.
    pub period: Period,
    /// Its name in these days.
    pub name: String,
    /// Its kind in these days.
    pub kind: OrganisationKind,
    /// Its superior in the line, within the community.
    pub line: Option<Uuid>,
    /// The name of a superior outside the community (a university's Party committee has its own), when it has one.
    pub line_outside: Option<String>,
    /// Where it is.
    pub location: Location,
    /// The reorganisation that put it into force, when one did.
    pub reorganisation: Option<Uuid>,
}

/// The organisations as they stood on one day, with both structures. Deterministic: brothers are in the order of
/// [`Structure::new`]'s input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    day: NaiveDate,
    standings: Vec<Standing>,
    index: HashMap<Uuid, usize>,
    below: HashMap<Uuid, Vec<usize>>,
    tops: Vec<usize>,
}

/// How deep and how wide a line is (S8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// Levels: 1 for an organisation without anything below it.
    pub levels: usize,
    /// The most organisations directly under one.
    pub widest_span: usize,
    /// How many organisations have something under them, by the number directly under them.
    pub spans: BTreeMap<usize, usize>,
    /// Organisations in all.
    pub organisations: usize,
}

coded! {
    /// How an organisation differs between two days.
    Difference {
        /// 新设.
        Founded => "founded",
        /// 撤销.
        Closed => "closed",
        /// 更名.
        Renamed => "renamed",
        /// 变更类型.
        OtherKind => "other_kind",
        /// 调整隶属.
        LineMoved => "line_moved",
        /// 调整属地.
        PlaceMoved => "place_moved",
    }
}

/// A circle in the line: each organisation under the next, the last under the first; the smallest id comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle(pub Vec<Uuid>);

impl Structure {
    /// The structure of `day`, of the standings that hold on it; the others are left out.
    #[must_use]
    pub fn new(day: NaiveDate, standings: impl IntoIterator<Item = Standing>) -> Self {
        let standings: Vec<Standing> = standings.into_iter().filter(|s| s.period.contains(day)).collect();
        let index: HashMap<Uuid, usize> = standings.iter().enumerate().map(|(i, s)| (s.organisation, i)).collect();
        let mut below: HashMap<Uuid, Vec<usize>> = HashMap::new();
        let mut tops = Vec::new();
        for (i, standing) in standings.iter().enumerate() {
            match standing.line.filter(|above| index.contains_key(above)) {
                Some(above) => below.entry(above).or_default().push(i),
                None => tops.push(i),
            }
        }
        Self { day, standings, index, below, tops }
    }

    /// The day that it is of.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// Every organisation of the day.
    #[must_use]
    pub fn all(&self) -> &[Standing] {
        &self.standings
    }

    /// An organisation as it stood on the day.
    #[must_use]
    pub fn get(&self, organisation: Uuid) -> Option<&Standing> {
        self.index.get(&organisation).and_then(|i| self.standings.get(*i))
    }

    /// The organisations without a superior in the community.
    pub fn tops(&self) -> impl Iterator<Item = &Standing> {
        self.tops.iter().filter_map(|i| self.standings.get(*i))
    }

    /// The organisations directly under one, by line.
    pub fn below(&self, organisation: Uuid) -> impl Iterator<Item = &Standing> {
        self.below.get(&organisation).into_iter().flatten().filter_map(|i| self.standings.get(*i))
    }

    /// The superiors of an organisation by line, the nearest first.
    #[must_use]
    pub fn above(&self, organisation: Uuid) -> Vec<&Standing> {
        let mut found: Vec<&Standing> = Vec::new();
        let mut next = self.get(organisation).and_then(|s| s.line);
        while let Some(standing) = next.and_then(|id| self.get(id)) {
            // A stored structure has no circle; one that is being checked may have.
            if found.iter().any(|s| s.organisation == standing.organisation) {
                break;
            }
            found.push(standing);
            next = standing.line;
        }
        found
    }

    /// An organisation and all below it by line, each before those under it, with its depth (0 for itself).
    #[must_use]
    pub fn subtree(&self, organisation: Uuid) -> Vec<(usize, &Standing)> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut stack: Vec<(usize, &Standing)> = self.get(organisation).map(|s| (0, s)).into_iter().collect();
        while let Some((depth, standing)) = stack.pop() {
            if !seen.insert(standing.organisation) {
                continue;
            }
            found.push((depth, standing));
            let under: Vec<_> = self.below(standing.organisation).map(|s| (depth + 1, s)).collect();
            stack.extend(under.into_iter().rev());
        }
        found
    }

    /// How deep and wide the line under (and with) an organisation is.
    #[must_use]
    pub fn shape(&self, organisation: Uuid) -> Shape {
        self.shape_of(&self.subtree(organisation))
    }

    /// How deep and wide all lines together are.
    #[must_use]
    pub fn whole_shape(&self) -> Shape {
        let all: Vec<_> = self.tops().flat_map(|top| self.subtree(top.organisation)).collect();
        self.shape_of(&all)
    }

    fn shape_of(&self, all: &[(usize, &Standing)]) -> Shape {
        let mut spans = BTreeMap::new();
        for (_, standing) in all {
            let width = self.below(standing.organisation).count();
            if width > 0 {
                *spans.entry(width).or_default() += 1;
            }
        }
        Shape {
            levels: all.iter().map(|(depth, _)| depth + 1).max().unwrap_or(0),
            widest_span: spans.keys().max().copied().unwrap_or(0),
            organisations: all.len(),
            spans,
        }
    }

    /// What is otherwise in `after`, in the order of [`Difference`], each group in the order of the ids.
    #[must_use]
    pub fn differences(&self, after: &Self) -> Vec<(Uuid, Difference)> {
        let mut found = Vec::new();
        for standing in &after.standings {
            let id = standing.organisation;
            let Some(was) = self.get(id) else {
                found.push((id, Difference::Founded));
                continue;
            };
            let mut differs = |yes: bool, how| found.extend(yes.then_some((id, how)));
            differs(was.name != standing.name, Difference::Renamed);
            differs(was.kind != standing.kind, Difference::OtherKind);
            let same_line = was.line == standing.line && was.line_outside == standing.line_outside;
            differs(!same_line, Difference::LineMoved);
            differs(was.location.place != standing.location.place, Difference::PlaceMoved);
        }
        let gone = self.standings.iter().map(|s| s.organisation).filter(|id| after.get(*id).is_none());
        found.extend(gone.map(|id| (id, Difference::Closed)));
        found.sort_by_key(|(id, how)| (*how, *id));
        found
    }

    /// The first circle of the line, if there is one.
    #[must_use]
    pub fn cycle(&self) -> Option<Cycle> {
        let mut cleared: HashSet<Uuid> = HashSet::new();
        for standing in &self.standings {
            let mut way = Vec::new();
            let mut next = Some(standing.organisation);
            while let Some(id) = next.filter(|id| !cleared.contains(id)) {
                if let Some(at) = way.iter().position(|seen| *seen == id) {
                    let mut circle = way.split_off(at);
                    let smallest = circle.iter().enumerate().min_by_key(|(_, id)| **id).map_or(0, |(i, _)| i);
                    circle.rotate_left(smallest);
                    return Some(Cycle(circle));
                }
                way.push(id);
                next = self.get(id).and_then(|s| s.line).filter(|above| self.index.contains_key(above));
            }
            cleared.extend(way);
        }
        None
    }

    /// The organisations whose superior is not there on the day.
    pub fn orphans(&self) -> impl Iterator<Item = &Standing> {
        self.standings.iter().filter(|s| s.line.is_some_and(|above| !self.index.contains_key(&above)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn standing(n: u128, line: Option<u128>) -> Standing {
        Standing {
            organisation: id(n),
            period: Period::since(day("2020-01-01")),
            name: n.to_string(),
            kind: OrganisationKind::Department,
            line: line.map(id),
            line_outside: None,
            location: Location { place: id(0), area: None },
            reorganisation: None,
        }
    }

    #[test]
    fn a_line_has_levels_and_spans() {
        let all = [standing(1, None), standing(2, Some(1)), standing(3, Some(1)), standing(4, Some(3))];
        let structure = Structure::new(day("2020-01-01"), all);
        let shape = structure.shape(id(1));
        assert_eq!((shape.levels, shape.widest_span, shape.organisations), (3, 2, 4));
        assert_eq!(shape.spans, BTreeMap::from([(1, 1), (2, 1)]));
        let order: Vec<_> = structure.subtree(id(1)).iter().map(|(d, s)| (*d, s.organisation.as_u128())).collect();
        assert_eq!(order, [(0, 1), (1, 2), (1, 3), (2, 4)]);
        let above: Vec<_> = structure.above(id(4)).iter().map(|s| s.organisation.as_u128()).collect();
        assert_eq!(above, [3, 1]);
        assert_eq!(structure.cycle(), None);
    }

    #[test]
    fn a_circle_and_an_orphan_are_found() {
        let all = [standing(1, Some(3)), standing(2, Some(1)), standing(3, Some(2)), standing(4, Some(9))];
        let structure = Structure::new(day("2020-01-01"), all);
        assert_eq!(structure.cycle(), Some(Cycle(vec![id(1), id(3), id(2)])));
        assert_eq!(structure.orphans().map(|s| s.organisation).collect::<Vec<_>>(), [id(4)]);
        assert_eq!(structure.above(id(1)).len(), 3);
    }

    #[test]
    fn only_what_holds_on_the_day_is_in_it() {
        let mut gone = standing(2, Some(1));
        gone.period.until = Some(day("2021-01-01"));
        let all = [standing(1, None), gone];
        assert_eq!(Structure::new(day("2020-12-31"), all.clone()).all().len(), 2);
        assert_eq!(Structure::new(day("2021-01-01"), all.clone()).all().len(), 1);
        assert!(Structure::new(day("2019-12-31"), all).all().is_empty());
    }
}
