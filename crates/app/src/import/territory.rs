//! The rows of `places.csv`.

use std::collections::HashMap;

use tongxin_core::{
    community::{Location, Place, PlaceKind},
    invalid::Problem,
    text,
};

use super::{
    plan::{Check, Named},
    table::{PLACES, Row, whole_row},
};

/// A place's longest name, in characters.
const NAME_MAX: usize = 60;

/// Checks the places, in whatever order they stand. Without the file there is the community as a place, and no other.
pub(super) fn places(check: &mut Check<'_>, rows: Option<Vec<Row>>) {
    let Some(rows) = rows else {
        root_alone(check);
        return;
    };
    // What the kind column says of each code, so that a parent's kind is known before its own row was reached.
    let mut kinds: HashMap<&str, Option<PlaceKind>> = HashMap::new();
    for row in &rows {
        kinds.entry(row.get("code")).or_insert_with(|| row.get("kind").parse().ok());
    }
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|row| match row.get("kind").parse::<PlaceKind>() {
        Ok(PlaceKind::Community) => 0,
        Ok(PlaceKind::ResidentialArea) => 1,
        _ => 2,
    });
    let mut root = None;
    for row in sorted {
        let before = check.problems.len();
        let code = check.code(row);
        let name = check.take(row, text::line("name", row.get("name"), NAME_MAX));
        let kind = row.get("kind").parse::<PlaceKind>();
        let kind = check.take(row, kind.map_err(|_| Problem::new("kind", "unknown_choice")));
        let parent = kind.and_then(|kind| parent(check, row, kind, &kinds));
        if kind == Some(PlaceKind::Community) {
            if let Some(first) = root {
                check.problem(row, Problem::new("kind", "second_community").with("line", first));
            }
            root.get_or_insert(row.line);
        }
        let Some(code) = code else { continue };
        if let Some(first) = check.places.get(&code).map(|named| named.line) {
            check.problem(row, Problem::new("code", "duplicate").with("line", first));
            continue;
        }
        let found = (check.problems.len() == before).then_some(()).and_then(|()| {
            let (name, kind) = name.zip(kind)?;
            let place =
                Place { id: check.id(check.now), parent: parent.map(|p| p.place), kind, code: code.clone(), name };
            let area = match kind {
                PlaceKind::Community => None,
                PlaceKind::ResidentialArea => Some(place.id),
                PlaceKind::BuildingGroup | PlaceKind::OfficeBuilding => parent.map(|p| p.place),
            };
            let location = Location { place: place.id, area };
            check.record(row.file, row.line, "place", place.id, &code);
            check.plan.places.push((place, area));
            Some(location)
        });
        check.places.insert(code, Named { line: row.line, found });
    }
    if root.is_none() {
        check.problems.push(whole_row(PLACES.file, 1, "no_community_place", "kind"));
    }
}

/// The parent that the row names, of the kind that its own kind lies in.
fn parent(
    check: &mut Check<'_>,
    row: &Row,
    kind: PlaceKind,
    kinds: &HashMap<&str, Option<PlaceKind>>,
) -> Option<Location> {
    let raw = row.get("parent");
    let result = match (kind.parent(), raw) {
        (None, "") => return None,
        (None, _) => Err(Problem::new("parent", "must_be_empty")),
        (Some(_), "") => Err(Problem::new("parent", "required")),
        (Some(wanted), _) => match kinds.get(raw) {
            None => Err(Problem::new("parent", "unknown_reference")),
            Some(Some(kind)) if *kind != wanted => Err(Problem::new("parent", "wrong_parent").with("kind", wanted)),
            Some(_) => Ok(check.places.get(raw).and_then(|named| named.found)),
        },
    };
    check.take(row, result).flatten()
}

fn root_alone(check: &mut Check<'_>) {
    let community = &check.plan.community;
    let (code, name) = (community.code.clone(), community.name.clone());
    let place = Place { id: check.id(check.now), parent: None, kind: PlaceKind::Community, code: code.clone(), name };
    let location = Location { place: place.id, area: None };
    check.plan.places.push((place, None));
    check.places.insert(code, Named { line: 1, found: Some(location) });
}
