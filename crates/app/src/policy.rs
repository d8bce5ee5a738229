//! Who may do what: Cedar policies of `policies/`, checked against their schema when the program starts. What no policy
//! permits is forbidden. The policy that permits also names the capacity in which the account acts, for the record.

use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use tongxin_core::{community::Location, identity::PostKind, service::Intent};
use uuid::Uuid;

use crate::{Actor, App, Error, Result, Viewer};

const SCHEMA: &str = include_str!("../../../policies/tongxin.cedarschema");
const POLICIES: [&str; 2] =
    [include_str!("../../../policies/service.cedar"), include_str!("../../../policies/community.cedar")];

/// The loaded policies.
pub(crate) struct Policies {
    schema: Schema,
    set: PolicySet,
}

/// In which capacity an account acts: the `@capacity` of the policy that permits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity(pub String);

/// What an action is done to.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// A place.
    Place(Uuid),
    /// A member, with where it is.
    Member(Uuid, Location),
    /// A need or an offer.
    Intent(&'a Intent),
    /// A match: giver, receiver, and where the need is.
    Match {
        /// Its identifier.
        id: Uuid,
        /// Who gives.
        giver: Uuid,
        /// Who receives.
        receiver: Uuid,
        /// The need's place.
        place: Uuid,
    },
}

impl Policies {
    pub(crate) fn load() -> Result<Self> {
        let internal = |e: String| Error::Internal(format!("policies: {e}"));
        let (schema, _warnings) = Schema::from_cedarschema_str(SCHEMA).map_err(|e| internal(e.to_string()))?;
        let set = PolicySet::from_str(&POLICIES.join("\n")).map_err(|e| internal(e.to_string()))?;
        let checked = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        if !checked.validation_passed() {
            return Err(internal(checked.to_string()));
        }
        Ok(Self { schema, set })
    }

    fn decide(
        &self,
        principal: Entity,
        action: &str,
        resource: EntityUid,
        mut entities: Vec<Entity>,
    ) -> Result<Option<Capacity>> {
        let internal = |e: String| Error::Internal(format!("authorise {action}: {e}"));
        let action = uid("Action", action)?;
        let request = Request::new(principal.uid(), action, resource, Context::empty(), Some(&self.schema))
            .map_err(|e| internal(e.to_string()))?;
        entities.push(principal);
        let entities = Entities::from_entities(entities, None).map_err(|e| internal(e.to_string()))?;
        let response = Authorizer::new().is_authorized(&request, &self.set, &entities);
        if response.decision() == Decision::Deny {
            return Ok(None);
        }
        // Of several policies that permit, the nearest capacity is recorded: self before unit before a post.
        let capacities: HashSet<&str> =
            response.diagnostics().reason().filter_map(|id| self.set.policy(id)?.annotation("capacity")).collect();
        let order = ["guest", "self", "unit", "social_worker", "secretary", "subdistrict_staff"];
        let capacity = order.iter().find(|c| capacities.contains(**c)).copied().unwrap_or("self");
        Ok(Some(Capacity(capacity.to_owned())))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "callers hand over ids and names as they are")]
fn uid(kind: &str, id: impl ToString) -> Result<EntityUid> {
    let kind = EntityTypeName::from_str(kind).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id.to_string())))
}

fn uids(kind: &str, ids: impl IntoIterator<Item = Uuid>) -> Result<RestrictedExpression> {
    let ids = ids
        .into_iter()
        .map(|id| Ok(RestrictedExpression::new_entity_uid(uid(kind, id)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(RestrictedExpression::new_set(ids))
}

fn entity(
    uid: EntityUid,
    attributes: impl IntoIterator<Item = (&'static str, RestrictedExpression)>,
    parents: impl IntoIterator<Item = EntityUid>,
) -> Result<Entity> {
    let attributes: HashMap<String, RestrictedExpression> =
        attributes.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    Entity::new(uid, attributes, parents.into_iter().collect()).map_err(|e| Error::Internal(e.to_string()))
}

impl App {
    /// In which capacity `who` may do `action` to `resource`, or none.
    ///
    /// # Errors
    /// [`Error::Internal`] only.
    pub async fn may(&self, who: &Viewer, action: &str, resource: Resource<'_>) -> Result<Option<Capacity>> {
        let territory = self.territory().await?;
        let principal = match who {
            Viewer::Guest if !matches!(action, "ViewIntent" | "ViewOverview") => return Ok(None),
            Viewer::Guest => entity(uid("Guest", "guest")?, [], [])?,
            Viewer::Actor(actor) => account(actor)?,
        };
        let (resource, place, attributes) = match resource {
            Resource::Place(id) => (uid("Place", id)?, territory.parent(id), vec![]),
            Resource::Member(id, location) => (uid("Member", id)?, Some(location.place), vec![]),
            Resource::Intent(intent) => {
                let owner = RestrictedExpression::new_entity_uid(uid("Member", intent.member)?);
                let visibility = RestrictedExpression::new_string(intent.draft.visibility.code().to_owned());
                (
                    uid("Intent", intent.id)?,
                    Some(intent.location.place),
                    vec![("owner", owner), ("visibility", visibility)],
                )
            }
            Resource::Match { id, giver, receiver, place } => {
                let giver = RestrictedExpression::new_entity_uid(uid("Member", giver)?);
                let receiver = RestrictedExpression::new_entity_uid(uid("Member", receiver)?);
                (uid("Match", id)?, Some(place), vec![("giver", giver), ("receiver", receiver)])
            }
        };
        let parent = place.map(|p| uid("Place", p)).transpose()?;
        let mut entities = vec![entity(resource.clone(), attributes, parent)?];
        let mut above = place;
        while let Some(place) = above {
            above = territory.parent(place);
            let parent = above.map(|p| uid("Place", p)).transpose()?;
            entities.push(entity(uid("Place", place)?, [], parent)?);
        }
        self.0.policies.decide(principal, action, resource, entities)
    }

    /// The same, as an error when it is none: a guest is asked to sign in.
    ///
    /// # Errors
    /// [`Error::SignInFirst`], [`Error::Forbidden`].
    pub async fn authorise(&self, who: &Viewer, action: &str, resource: Resource<'_>) -> Result<Capacity> {
        match (self.may(who, action, resource).await?, who) {
            (Some(capacity), _) => Ok(capacity),
            (None, Viewer::Guest) => Err(Error::SignInFirst),
            (None, Viewer::Actor(_)) => Err(Error::Forbidden),
        }
    }
}

fn account(actor: &Actor) -> Result<Entity> {
    let places = |kind: PostKind| uids("Place", actor.places_of(kind));
    entity(
        uid("Account", actor.account)?,
        [
            ("person", RestrictedExpression::new_entity_uid(uid("Member", actor.person)?)),
            ("organisations", uids("Member", actor.organisations())?),
            ("social_worker_of", places(PostKind::SocialWorker)?),
            ("secretary_of", places(PostKind::Secretary)?),
            ("subdistrict_of", places(PostKind::SubdistrictStaff)?),
        ],
        [],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_fit_their_schema_and_name_a_capacity() {
        let policies = Policies::load().unwrap();
        for policy in policies.set.policies() {
            assert!(policy.annotation("capacity").is_some(), "{}", policy.id());
        }
    }
}
