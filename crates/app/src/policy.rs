//! Who may do what: Cedar policies of `policies/`, checked against their schema when the program starts. What no policy
//! permits is forbidden. The policy that permits also names the capacity in which the account acts, for the record.

pub mod why;

use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
    sync::{Arc, OnceLock},
};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use tongxin_core::{
    community::{
        Location, OrganisationKind,
        post::{Duty, HeldPost},
    },
    service::Intent,
};
use uuid::Uuid;

use crate::{Actor, App, Error, Result, Viewer, community::Territory};

const SCHEMA: &str = include_str!("../../../policies/tongxin.cedarschema");
const POLICIES: [&str; 3] = [
    include_str!("../../../policies/service.cedar"),
    include_str!("../../../policies/community.cedar"),
    include_str!("../../../policies/matrix.cedar"),
];

/// The capacities, the nearest first: of several policies that permit, the record names the nearest.
const CAPACITIES: [&str; 7] =
    ["guest", "self", "unit", "social_worker", "party_officer", "secretary", "subdistrict_staff"];

/// The loaded policies.
pub(crate) struct Policies {
    types: Types,
    actions: HashMap<String, Rules>,
    authorizer: Authorizer,
}

/// What can be said of one action.
struct Rules {
    action: EntityUid,
    /// The policies that name it: the others can't permit it.
    set: PolicySet,
    /// The capacity that each of them names.
    capacities: HashMap<PolicyId, &'static str>,
    /// Whether it can be asked for a guest.
    for_guests: bool,
    /// To what it can be done.
    resources: HashSet<EntityTypeName>,
}

/// The names of the types of the schema, parsed once.
struct Types {
    guest: EntityTypeName,
    account: EntityTypeName,
    place: EntityTypeName,
    member: EntityTypeName,
    organisation: EntityTypeName,
    intent: EntityTypeName,
    exchange: EntityTypeName,
}

/// In which capacity an account acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// The `@capacity` of the policy that permits it.
    pub word: String,
    /// The person in whose delegated post it acts; none in posts of one's own.
    pub on_behalf_of: Option<Uuid>,
}

impl Capacity {
    /// A capacity of one's own.
    #[must_use]
    pub fn new(word: &str) -> Self {
        Self { word: word.to_owned(), on_behalf_of: None }
    }
}

/// What an action is done to.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// A place.
    Place(Uuid),
    /// A member, with where it is.
    Member(Uuid, Location),
    /// An organisation in both structures.
    Organisation {
        /// Its identifier.
        id: Uuid,
        /// Its superiors in the line, the nearest first.
        line: &'a [Uuid],
        /// Where it is.
        place: Uuid,
    },
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

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("policies: {error}"))
}

impl Types {
    fn load() -> Result<Self> {
        let name = |kind: &str| EntityTypeName::from_str(kind).map_err(internal);
        Ok(Self {
            guest: name("Guest")?,
            account: name("Account")?,
            place: name("Place")?,
            member: name("Member")?,
            organisation: name("Organisation")?,
            intent: name("Intent")?,
            exchange: name("Match")?,
        })
    }
}

impl Policies {
    pub(crate) fn load() -> Result<Self> {
        let (schema, _warnings) = Schema::from_cedarschema_str(SCHEMA).map_err(internal)?;
        let set = PolicySet::from_str(&POLICIES.join("\n")).map_err(internal)?;
        let checked = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        if !checked.validation_passed() {
            return Err(internal(checked));
        }
        let types = Types::load()?;
        let mut actions = HashMap::new();
        for action in schema.actions() {
            let for_guests = schema.principals_for_action(action).into_iter().flatten().any(|p| *p == types.guest);
            let resources = schema.resources_for_action(action).into_iter().flatten().cloned().collect();
            let rules = Rules::new(action.clone(), &set, for_guests, resources)?;
            actions.insert(action.id().unescaped().to_owned(), rules);
        }
        Ok(Self { types, actions, authorizer: Authorizer::new() })
    }

    fn rules(&self, action: &str) -> Result<&Rules> {
        self.actions.get(action).ok_or_else(|| internal(format!("no action {action}")))
    }

    /// The policies that permit `principal` to do what `rules` are of, and the nearest capacity that they name.
    fn decide(
        &self,
        rules: &Rules,
        principal: Entity,
        resource: Entity,
    ) -> Result<Option<(&'static str, Vec<String>)>> {
        let request = Request::new(principal.uid(), rules.action.clone(), resource.uid(), Context::empty(), None)
            .map_err(internal)?;
        let entities = Entities::from_entities([principal, resource], None).map_err(internal)?;
        let response = self.authorizer.is_authorized(&request, &rules.set, &entities);
        if response.decision() == Decision::Deny {
            return Ok(None);
        }
        let reasons: Vec<&PolicyId> = response.diagnostics().reason().collect();
        let names = |word: &&str| reasons.iter().any(|id| rules.capacities.get(*id) == Some(word));
        let word = CAPACITIES.into_iter().find(names);
        Ok(word.map(|word| (word, reasons.into_iter().map(ToString::to_string).collect())))
    }
}

impl Rules {
    fn new(action: EntityUid, all: &PolicySet, for_guests: bool, resources: HashSet<EntityTypeName>) -> Result<Self> {
        let (mut set, mut capacities) = (PolicySet::new(), HashMap::new());
        for policy in all.policies() {
            let names_it = match policy.action_constraint() {
                ActionConstraint::Any => true,
                ActionConstraint::Eq(one) => one == action,
                ActionConstraint::In(some) => some.contains(&action),
            };
            if !names_it {
                continue;
            }
            let id = policy.annotation("id").ok_or_else(|| internal(format!("{} has no id", policy.id())))?;
            let word = CAPACITIES.into_iter().find(|word| policy.annotation("capacity") == Some(word));
            let word = word.ok_or_else(|| internal(format!("{id} names no capacity")))?;
            let policy = policy.new_id(PolicyId::new(id));
            capacities.insert(policy.id().clone(), word);
            set.add(policy).map_err(internal)?;
        }
        Ok(Self { action, set, capacities, for_guests, resources })
    }
}

fn uid(kind: &EntityTypeName, id: Uuid) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id.to_string()))
}

fn reference(kind: &EntityTypeName, id: Uuid) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid(kind, id))
}

fn references(kind: &EntityTypeName, ids: impl IntoIterator<Item = Uuid>) -> RestrictedExpression {
    RestrictedExpression::new_set(ids.into_iter().map(|id| reference(kind, id)))
}

fn entity<const N: usize>(
    uid: EntityUid,
    attributes: [(&'static str, RestrictedExpression); N],
    above: HashSet<EntityUid>,
) -> Result<Entity> {
    let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Entity::new(uid, attributes, above).map_err(internal)
}

/// What posts give, by duty.
#[derive(Debug, Default)]
struct Under {
    person: Uuid,
    organisations: Vec<Uuid>,
    social_worker_of: Vec<Uuid>,
    secretary_of: Vec<Uuid>,
    subdistrict_of: Vec<Uuid>,
    party_officer_of: Vec<Uuid>,
    committee_officer_of: Vec<Uuid>,
}

impl Under {
    fn new<'p>(person: Uuid, posts: impl Iterator<Item = &'p HeldPost>) -> Self {
        use OrganisationKind::{AdministrativePartyGroup, PartyCommittee, WorkingCommittee};
        let mut under = Self { person, ..Self::default() };
        for post in posts {
            for duty in post.duties() {
                match duty {
                    Duty::Unit => under.organisations.push(post.organisation),
                    Duty::SocialWorker => under.social_worker_of.push(post.covers()),
                    Duty::Secretary => under.secretary_of.push(post.covers()),
                    Duty::SubdistrictStaff => under.subdistrict_of.push(post.covers()),
                    Duty::PartyOfficer => {
                        under.party_officer_of.push(post.organisation);
                        if let AdministrativePartyGroup | PartyCommittee | WorkingCommittee = post.organisation_kind {
                            under.committee_officer_of.push(post.organisation);
                        }
                    }
                }
            }
        }
        under
    }
}

/// An account as what its own posts make of it, and as what each holder's delegated posts do: made at the first decision of
/// a request, used by all of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Principals(Arc<OnceLock<Vec<Principal>>>);

#[derive(Debug)]
struct Principal {
    on_behalf_of: Option<Uuid>,
    entity: Entity,
}

impl Types {
    /// As whom an actor may act, its own posts first.
    fn principals<'a>(&self, actor: &'a Actor) -> Result<&'a [Principal]> {
        if let Some(made) = actor.principals.0.get() {
            return Ok(made);
        }
        let mut holders: Vec<Option<Uuid>> = vec![None];
        holders.extend(actor.posts.iter().filter_map(|post| post.delegated_by).map(Some));
        holders.sort_unstable();
        holders.dedup();
        let principal = |on_behalf_of: Option<Uuid>| {
            let posts = actor.posts.iter().filter(|post| post.delegated_by == on_behalf_of);
            let entity = self.account(actor.account, &Under::new(actor.person, posts))?;
            Ok(Principal { on_behalf_of, entity })
        };
        let made = holders.into_iter().map(principal).collect::<Result<_>>()?;
        Ok(actor.principals.0.get_or_init(|| made))
    }

    /// The account with what posts give.
    fn account(&self, account: Uuid, under: &Under) -> Result<Entity> {
        let members = |ids: &[Uuid]| references(&self.member, ids.iter().copied());
        let places = |ids: &[Uuid]| references(&self.place, ids.iter().copied());
        let organisations = |ids: &[Uuid]| references(&self.organisation, ids.iter().copied());
        entity(
            uid(&self.account, account),
            [
                ("person", reference(&self.member, under.person)),
                ("organisations", members(&under.organisations)),
                ("social_worker_of", places(&under.social_worker_of)),
                ("secretary_of", places(&under.secretary_of)),
                ("subdistrict_of", places(&under.subdistrict_of)),
                ("party_officer_of", organisations(&under.party_officer_of)),
                ("committee_officer_of", organisations(&under.committee_officer_of)),
            ],
            HashSet::new(),
        )
    }

    /// What the action is done to, with all that it lies in as its parents: nothing else of the community is needed.
    fn resource(&self, territory: &Territory, resource: &Resource<'_>) -> Result<Entity> {
        let within = |place: Uuid| -> HashSet<EntityUid> {
            std::iter::successors(Some(place), |place| territory.parent(*place)).map(|p| uid(&self.place, p)).collect()
        };
        match *resource {
            Resource::Place(id) => {
                entity(uid(&self.place, id), [], territory.parent(id).map(within).unwrap_or_default())
            }
            Resource::Member(id, location) => entity(uid(&self.member, id), [], within(location.place)),
            Resource::Organisation { id, line, place } => {
                let above = line.iter().map(|superior| uid(&self.organisation, *superior));
                let superiors = references(&self.organisation, line.iter().copied());
                let attributes = [("member", reference(&self.member, id)), ("superiors", superiors)];
                entity(uid(&self.organisation, id), attributes, within(place).into_iter().chain(above).collect())
            }
            Resource::Intent(intent) => {
                let visibility = RestrictedExpression::new_string(intent.draft.visibility.code().to_owned());
                let attributes = [("owner", reference(&self.member, intent.member)), ("visibility", visibility)];
                entity(uid(&self.intent, intent.id), attributes, within(intent.location.place))
            }
            Resource::Match { id, giver, receiver, place } => {
                let attributes =
                    [("giver", reference(&self.member, giver)), ("receiver", reference(&self.member, receiver))];
                entity(uid(&self.exchange, id), attributes, within(place))
            }
        }
    }
}

impl App {
    /// In which capacity `who` may do `action` to `resource`, or none. Posts of one's own are tried first; those that others
    /// delegated only when these do not permit it.
    ///
    /// # Errors
    /// [`Error::Internal`] only.
    pub async fn may(&self, who: &Viewer, action: &str, resource: Resource<'_>) -> Result<Option<Capacity>> {
        let policies = &self.0.policies;
        let rules = policies.rules(action)?;
        let resource = policies.types.resource(&*self.territory().await?, &resource)?;
        if !rules.resources.contains(resource.uid().type_name()) {
            return Err(internal(format!("{action} is not done to {}", resource.uid())));
        }
        Ok(self.decide(who, rules, &resource)?.map(|(capacity, _)| capacity))
    }

    /// In which capacity, and by which policies.
    fn decide(&self, who: &Viewer, rules: &Rules, resource: &Entity) -> Result<Option<(Capacity, Vec<String>)>> {
        let policies = &self.0.policies;
        let actor = match who {
            Viewer::Guest if !rules.for_guests => return Ok(None),
            Viewer::Guest => {
                let guest = EntityUid::from_type_name_and_id(policies.types.guest.clone(), EntityId::new("guest"));
                let decided = policies.decide(rules, entity(guest, [], HashSet::new())?, resource.clone())?;
                return Ok(decided.map(|(word, ids)| (Capacity::new(word), ids)));
            }
            Viewer::Actor(actor) => actor,
        };
        for Principal { on_behalf_of, entity } in policies.types.principals(actor)? {
            if let Some((word, ids)) = policies.decide(rules, entity.clone(), resource.clone())? {
                return Ok(Some((Capacity { word: word.to_owned(), on_behalf_of: *on_behalf_of }, ids)));
            }
        }
        Ok(None)
    }

    /// The same, as an error when it is none: a guest is asked to sign in.
    ///
    /// # Errors
    /// [`Error::SignInFirst`], [`Error::Forbidden`].
    pub async fn authorise(&self, who: &Viewer, action: &str, resource: Resource<'_>) -> Result<Capacity> {
        match (self.may(who, action, resource).await?, who) {
            (Some(capacity), _) => Ok(capacity),
            (None, Viewer::Guest) => Err(Error::SignInFirst),
            (None, Viewer::Actor(_)) => {
                why::note(action, &resource);
                Err(Error::Forbidden)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_fit_their_schema_and_name_a_capacity() {
        let policies = Policies::load().unwrap();
        let nobody: Vec<_> = policies.actions.iter().filter(|(_, rules)| rules.set.is_empty()).collect();
        assert!(nobody.is_empty(), "what nobody may do: {:?}", nobody.iter().map(|(name, _)| name).collect::<Vec<_>>());
    }
}
