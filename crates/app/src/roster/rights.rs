//! What the viewer may bring in, place by place.

use std::collections::HashSet;

use uuid::Uuid;

use crate::{
    App, Error, Result, Viewer,
    policy::{Capacity, Resource},
};

/// What the viewer may bring in.
#[derive(Debug, Clone)]
pub(super) struct Rights {
    /// Who it is.
    pub who: Viewer,
    /// In which capacity the viewer acts.
    pub capacity: Capacity,
    /// The places whose members may be brought in.
    places: HashSet<Uuid>,
    /// The places whose members' care groups may be.
    sensitive: HashSet<Uuid>,
}

impl Rights {
    /// Asks the policies once for each place.
    ///
    /// # Errors
    /// [`Error::SignInFirst`], [`Error::Forbidden`] when there is none.
    pub(super) async fn of(app: &App, who: &Viewer) -> Result<Self> {
        who.actor()?;
        let territory = app.territory().await?;
        let (mut places, mut sensitive, mut capacity) = (HashSet::new(), HashSet::new(), None);
        for place in territory.in_order() {
            let Some(location) = territory.location(place.id) else { continue };
            let Some(found) = app.may(who, "ImportRoster", Resource::Place(place.id)).await? else { continue };
            // A member that is not there yet, in the place: what may be done to all of the place.
            let member = Resource::Member(Uuid::nil(), location);
            let creates = app.may(who, "CreateMember", Resource::Place(place.id)).await?.is_some();
            if !creates || app.may(who, "EditMember", member).await?.is_none() {
                continue;
            }
            capacity.get_or_insert(found);
            places.insert(place.id);
            if app.may(who, "EditSensitive", member).await?.is_some() {
                sensitive.insert(place.id);
            }
        }
        let capacity = capacity.ok_or(Error::Forbidden)?;
        Ok(Self { who: who.clone(), capacity, places, sensitive })
    }

    /// Whether the viewer may bring anything in at all: in one of the places where it is staff. Gives the capacity.
    ///
    /// # Errors
    /// [`Error::SignInFirst`], [`Error::Forbidden`] when not.
    pub(super) async fn any(app: &App, who: &Viewer) -> Result<Capacity> {
        for place in who.actor()?.staff_places() {
            if let Some(capacity) = app.may(who, "ImportRoster", Resource::Place(place)).await? {
                return Ok(capacity);
            }
        }
        Err(Error::Forbidden)
    }

    /// Whether members of a place may be brought in.
    pub(super) fn imports(&self, place: Uuid) -> bool {
        self.places.contains(&place)
    }

    /// Whether their care groups may be.
    pub(super) fn knows_care_groups(&self, place: Uuid) -> bool {
        self.sensitive.contains(&place)
    }
}
