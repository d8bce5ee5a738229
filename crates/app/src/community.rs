//! The territory: community → residential area → building group or office building; and the organisations in it.

pub mod coverage;
pub mod letter;
pub mod post;
pub mod reorganisation;
pub mod standing;
pub mod structure;

use std::{collections::HashMap, sync::Arc};

use serde_json::json;
use tongxin_core::{
    community::{Location, Place, PlaceKind},
    invalid::{Problem, Problems},
    text,
};
use uuid::Uuid;

use crate::{App, Error, Result, Viewer, policy::Resource, record::Author};

/// Up to how many places a filter shows all: a longer list is slow to read and to send.
const CHOICES_MAX: usize = 100;

/// All places of the community, held in memory.
#[derive(Debug)]
pub struct Territory {
    places: Vec<Place>,
    index: HashMap<Uuid, usize>,
    /// The places directly in a place, by code.
    inside: HashMap<Uuid, Vec<usize>>,
    root: Uuid,
}

impl Territory {
    fn new(places: Vec<Place>) -> Result<Self> {
        let index = places.iter().enumerate().map(|(i, p)| (p.id, i)).collect();
        let root = places.iter().find(|p| p.parent.is_none()).map(|p| p.id).ok_or(Error::NotFound)?;
        let mut inside: HashMap<Uuid, Vec<usize>> = HashMap::new();
        for (i, place) in places.iter().enumerate() {
            if let Some(parent) = place.parent {
                inside.entry(parent).or_default().push(i);
            }
        }
        Ok(Self { places, index, inside, root })
    }

    /// The community as a place.
    #[must_use]
    pub fn root(&self) -> Uuid {
        self.root
    }

    /// A place.
    #[must_use]
    pub fn place(&self, id: Uuid) -> Option<&Place> {
        self.index.get(&id).and_then(|i| self.places.get(*i))
    }

    /// The place that a place lies in.
    #[must_use]
    pub fn parent(&self, id: Uuid) -> Option<Uuid> {
        self.place(id)?.parent
    }

    /// The places directly in a place, by code.
    #[must_use]
    pub fn children(&self, id: Uuid) -> Vec<&Place> {
        self.inside.get(&id).into_iter().flatten().filter_map(|i| self.places.get(*i)).collect()
    }

    /// Every place: each followed by those in it.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Place> {
        let mut ordered = Vec::with_capacity(self.places.len());
        let mut stack = vec![self.root];
        while let Some(id) = stack.pop() {
            ordered.extend(self.place(id));
            stack.extend(self.children(id).into_iter().rev().map(|p| p.id));
        }
        ordered
    }

    /// The places that a list can be filtered by, each followed by those in it: all when they are few, otherwise the
    /// residential areas, and what lies in the area of `chosen`.
    #[must_use]
    pub fn choices(&self, chosen: Option<Uuid>) -> Vec<&Place> {
        let mut places = self.in_order();
        if places.len() > CHOICES_MAX {
            let area = chosen.and_then(|id| self.location(id)?.area);
            places.retain(|p| {
                matches!(p.kind, PlaceKind::Community | PlaceKind::ResidentialArea)
                    || p.parent == area
                    || Some(p.id) == chosen
            });
        }
        places
    }

    /// The residential areas, by code.
    #[must_use]
    pub fn areas(&self) -> Vec<&Place> {
        self.places.iter().filter(|p| p.kind == PlaceKind::ResidentialArea).collect()
    }

    /// The place's location: itself and its residential area.
    #[must_use]
    pub fn location(&self, id: Uuid) -> Option<Location> {
        let place = self.place(id)?;
        let area = match place.kind {
            PlaceKind::Community => None,
            PlaceKind::ResidentialArea => Some(id),
            PlaceKind::BuildingGroup | PlaceKind::OfficeBuilding => place.parent,
        };
        Some(Location { place: id, area })
    }

    /// The location of a place that was chosen on a form.
    ///
    /// # Errors
    /// `unknown_choice` when none was chosen, or one that is not there.
    pub fn chosen(&self, place: Option<Uuid>) -> std::result::Result<Location, Problem> {
        place.and_then(|id| self.location(id)).ok_or_else(|| Problem::new("place", "unknown_choice"))
    }

    /// Its name, with the residential area before it: `美丽园居民区 · 美丽园大楼3号楼组`.
    #[must_use]
    pub fn full_name(&self, id: Uuid) -> String {
        let Some(place) = self.place(id) else { return String::new() };
        match place.parent.and_then(|p| self.place(p)) {
            Some(parent) if parent.kind == PlaceKind::ResidentialArea => format!("{} · {}", parent.name, place.name),
            _ => place.name.clone(),
        }
    }

    /// The area and place by which a list is filtered for a place: nothing for the community, the area for an area, the
    /// place itself otherwise.
    #[must_use]
    pub fn scope(&self, id: Uuid) -> (Option<Uuid>, Option<Uuid>) {
        match self.place(id).map(|p| p.kind) {
            Some(PlaceKind::ResidentialArea) => (Some(id), None),
            Some(PlaceKind::BuildingGroup | PlaceKind::OfficeBuilding) => (None, Some(id)),
            Some(PlaceKind::Community) | None => (None, None),
        }
    }
}

impl App {
    /// The residential areas of which a list is shown to who may do `action` there: of the place that was asked for, or of all
    /// that the viewer's posts cover. None means the whole community.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such place; [`Error::SignInFirst`], [`Error::Forbidden`].
    pub(crate) async fn areas_for(&self, who: &Viewer, action: &str, asked: Option<Uuid>) -> Result<Option<Vec<Uuid>>> {
        let territory = self.territory().await?;
        let area = |place: Uuid| territory.location(place).and_then(|location| location.area);
        if let Some(place) = asked {
            let known = territory.place(place).ok_or(Error::NotFound)?.id;
            self.authorise(who, action, Resource::Place(known)).await?;
            return Ok(area(known).map(|area| vec![area]));
        }
        let mut areas = Vec::new();
        for place in who.actor()?.staff_places() {
            if self.may(who, action, Resource::Place(place)).await?.is_some() {
                match area(place) {
                    Some(area) => areas.push(area),
                    None => return Ok(None),
                }
            }
        }
        if areas.is_empty() { Err(Error::Forbidden) } else { Ok(Some(areas)) }
    }

    /// The territory.
    ///
    /// # Errors
    /// The store's; [`Error::NotFound`] when it has no root.
    pub async fn territory(&self) -> Result<Arc<Territory>> {
        let held = self.0.territory.read().ok().and_then(|t| t.clone());
        if let Some(territory) = held {
            return Ok(territory);
        }
        let places = tongxin_store::community::places(self.read(), self.community_id()).await?;
        let territory = Arc::new(Territory::new(places)?);
        if let Ok(mut held) = self.0.territory.write() {
            *held = Some(Arc::clone(&territory));
        }
        Ok(territory)
    }

    fn forget_territory(&self) {
        if let Ok(mut held) = self.0.territory.write() {
            *held = None;
        }
    }
}

/// A place as typed.
#[derive(Debug, Clone, Default)]
pub struct PlaceForm {
    /// Code of [`PlaceKind`]; only for a new place.
    pub kind: String,
    /// A short code.
    pub code: String,
    /// Its name.
    pub name: String,
}

fn check(form: &PlaceForm) -> (Problems, Option<(String, String)>) {
    let mut problems = Problems::default();
    let code = problems.take(text::line("code", &form.code, 20));
    let name = problems.take(text::line("name", &form.name, 40));
    (problems, code.zip(name))
}

/// Adds a place to another.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`].
pub async fn create_place(app: &App, who: &Viewer, parent: Uuid, form: &PlaceForm) -> Result<Uuid> {
    let capacity = app.authorise(who, "EditPlace", Resource::Place(parent)).await?;
    let author = Author::new(who.actor()?, capacity);
    let territory = app.territory().await?;
    let above = territory.place(parent).ok_or(Error::NotFound)?;
    let (mut problems, named) = check(form);
    let kind = problems.take(
        form.kind
            .parse::<PlaceKind>()
            .ok()
            .filter(|k| k.parent() == Some(above.kind))
            .ok_or_else(|| Problem::new("kind", "unknown_choice")),
    );
    let (kind, (code, name)) = problems.finish(kind.zip(named))?;
    let place = Place { id: app.new_id(), parent: Some(parent), kind, code, name };
    let id = place.id;
    let area = if kind == PlaceKind::ResidentialArea { Some(id) } else { Some(parent) };
    let record = app.new_record(&author, "place.create", "place", id, &json!(place));
    let community = app.community_id();
    let written = app
        .write(move |tx| {
            Box::pin(async move {
                tongxin_store::community::insert_place(tx, community, &place, area).await?;
                Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
            })
        })
        .await;
    app.forget_territory();
    code_taken(written)?;
    Ok(id)
}

/// Changes a place's code and name.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`].
pub async fn edit_place(app: &App, who: &Viewer, id: Uuid, form: &PlaceForm) -> Result<()> {
    let capacity = app.authorise(who, "EditPlace", Resource::Place(id)).await?;
    let author = Author::new(who.actor()?, capacity);
    let before = app.territory().await?.place(id).cloned().ok_or(Error::NotFound)?;
    let (problems, named) = check(form);
    let (code, name) = problems.finish(named)?;
    let place = Place { code, name, ..before.clone() };
    let record = app.new_record(&author, "place.edit", "place", id, &json!({ "before": before, "after": place }));
    let community = app.community_id();
    let written = app
        .write(move |tx| {
            Box::pin(async move {
                tongxin_store::community::save_place(tx, community, &place).await?;
                Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
            })
        })
        .await;
    app.forget_territory();
    code_taken(written)
}

fn code_taken(written: Result<()>) -> Result<()> {
    match written {
        Err(Error::Conflict("taken")) => Err(Problem::new("code", "taken").into()),
        other => other,
    }
}

/// Removes a place that nothing belongs to.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`]; [`Error::Conflict`] `in_use` when something does.
pub async fn remove_place(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let capacity = app.authorise(who, "EditPlace", Resource::Place(id)).await?;
    let author = Author::new(who.actor()?, capacity);
    let territory = app.territory().await?;
    let place = territory.place(id).cloned().ok_or(Error::NotFound)?;
    if id == territory.root() || !territory.children(id).is_empty() {
        return Err(Error::Conflict("in_use"));
    }
    let record = app.new_record(&author, "place.remove", "place", id, &json!(place));
    let community = app.community_id();
    let written = app
        .write(move |tx| {
            Box::pin(async move {
                tongxin_store::community::delete_place(tx, community, id).await?;
                Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
            })
        })
        .await;
    app.forget_territory();
    match written {
        Err(Error::Store(tongxin_store::Error::Database(_))) => Err(Error::Conflict("in_use")),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: Uuid = Uuid::from_u128(1);

    /// A community of `areas` residential areas with `groups` building groups each.
    fn territory(areas: u128, groups: u128) -> Territory {
        let place = |id: Uuid, parent, kind| Place { id, parent, kind, code: id.to_string(), name: id.to_string() };
        let mut places = vec![place(ROOT, None, PlaceKind::Community)];
        for area in 1..=areas {
            let id = Uuid::from_u128(area << 32);
            places.push(place(id, Some(ROOT), PlaceKind::ResidentialArea));
            let group = |n: u128| place(Uuid::from_u128(area << 32 | n), Some(id), PlaceKind::BuildingGroup);
            places.extend((1..=groups).map(group));
        }
        Territory::new(places).unwrap()
    }

    #[test]
    fn a_filter_offers_all_places_when_they_are_few() {
        let few = territory(3, 4);
        assert_eq!(few.choices(None), few.in_order());
        assert_eq!(few.in_order().len(), 1 + 3 + 12);
    }

    #[test]
    fn of_many_places_a_filter_offers_the_areas_and_what_lies_in_the_chosen_one() {
        let many = territory(10, 20);
        let (area, group) = (Uuid::from_u128(2 << 32), Uuid::from_u128(2 << 32 | 7));
        for (chosen, offered) in [(None, 11), (Some(ROOT), 11), (Some(area), 31), (Some(group), 31)] {
            let choices = many.choices(chosen);
            assert_eq!(choices.len(), offered, "{chosen:?}");
            assert!(chosen.is_none_or(|id| choices.iter().any(|p| p.id == id)));
        }
        assert_eq!(many.choices(Some(Uuid::from_u128(99))).len(), 11, "a place that is not there");
    }
}
