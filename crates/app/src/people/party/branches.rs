//! Branches with their sizes, and the roll of one, as of any day.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde_json::json;
use tongxin_core::{
    community::{OrganisationKind, structure::Standing},
    people::{
        MemberKind,
        development::{Development, Next, Stage, Step},
        membership::{Membership, Relation, SIZE_RULES, SizeAdvice, holds_members, size_advice},
    },
};
use tongxin_store::{
    Slice,
    people::{self as persons, Member, MemberFilter, party as store},
};
use uuid::Uuid;

use super::{Branch, Part};
use crate::{App, Result, Viewer, community::structure::structure, record::Author, search};

/// The most persons that a search for somebody to add gives.
const FOUND_MAX: u64 = 20;

/// How many persons belong to a branch on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// Full members.
    pub full: u64,
    /// Probationary members.
    pub probationary: u64,
    /// Applicants, activists and candidates.
    pub developing: u64,
    /// Members of other branches who are registered here.
    pub registered: u64,
}

impl Sizes {
    /// All members whose home it is.
    #[must_use]
    pub const fn members(&self) -> u64 {
        self.full + self.probationary
    }

    fn add(&mut self, relation: Relation, stage: Option<Stage>) {
        let count = match (relation, stage) {
            (Relation::Registered, _) => &mut self.registered,
            (Relation::Development, _) => &mut self.developing,
            (Relation::Home, Some(Stage::Full)) => &mut self.full,
            (Relation::Home, _) => &mut self.probationary,
        };
        *count += 1;
    }
}

/// A branch in the list.
#[derive(Debug, Clone)]
pub struct BranchCard {
    /// As it stood on the day.
    pub standing: Standing,
    /// How deep it is under the highest that the viewer sees.
    pub depth: usize,
    /// How much of it the viewer sees.
    pub part: Part,
    /// How many belong to it; all but the registered are 0 for those who see that part only.
    pub sizes: Sizes,
    /// Full members of it and of those below it.
    pub all_full: u64,
    /// What its size asks for.
    pub advice: Option<SizeAdvice>,
}

/// The branches that the viewer may see, on a day: each before those under it.
#[derive(Debug, Clone)]
pub struct Branches {
    /// The day.
    pub day: NaiveDate,
    /// The branches.
    pub rows: Vec<BranchCard>,
}

/// Who belongs where on a day, with the steps.
struct Belonging {
    memberships: Vec<Membership>,
    steps: HashMap<Uuid, Vec<Step>>,
    day: NaiveDate,
}

impl Belonging {
    async fn load(app: &App, branches: Option<&[Uuid]>, day: NaiveDate) -> Result<Self> {
        let (c, community) = (app.read(), app.community_id());
        let memberships = store::memberships_on(c, community, branches, day).await?;
        let steps = store::steps_on(c, community, branches, day).await?;
        Ok(Self { memberships, steps, day })
    }

    fn development(&self, person: Uuid) -> Development {
        Development::as_of(self.steps.get(&person).into_iter().flatten(), self.day)
    }

    fn sizes(&self) -> HashMap<Uuid, Sizes> {
        let mut sizes: HashMap<Uuid, Sizes> = HashMap::new();
        for m in &self.memberships {
            sizes.entry(m.branch).or_default().add(m.relation, self.development(m.person).stage);
        }
        sizes
    }
}

/// The branches that the viewer may see, with their sizes and what these ask for, on a day (today when none is named).
///
/// # Errors
/// [`crate::Error::SignInFirst`]; [`crate::Error::Forbidden`] for who sees none.
pub async fn branches(app: &App, who: &Viewer, on: Option<NaiveDate>) -> Result<Branches> {
    who.actor()?;
    let day = on.unwrap_or_else(|| app.today());
    let structure = structure(app, who, Some(day)).await?;
    let now = self::structure(app, who, None).await?;
    let mut seen: Vec<(usize, Standing, Part)> = Vec::new();
    for top in structure.tops() {
        let mut depths: Vec<usize> = Vec::new();
        for (depth, standing) in structure.subtree(top.organisation) {
            depths.truncate(depths.iter().take_while(|above| **above < depth).count());
            if !holds_members(standing.kind) {
                continue;
            }
            let id = standing.organisation;
            let Some(branch) = Branch::in_structure(&now, id).or_else(|| Branch::in_structure(&structure, id)) else {
                continue;
            };
            if let Some((part, _)) = app.party_part(who, &branch).await? {
                seen.push((depths.len(), standing.clone(), part));
                depths.push(depth);
            }
        }
    }
    if seen.is_empty() {
        return Err(crate::Error::Forbidden);
    }
    let sizes = Belonging::load(app, None, day).await?.sizes();
    let size = |id: Uuid| sizes.get(&id).copied().unwrap_or_default();
    let row = |(depth, standing, part): (usize, Standing, Part)| {
        let id = standing.organisation;
        let all = structure.subtree(id).iter().map(|(_, s)| size(s.organisation).full).sum();
        let sizes = match part {
            Part::Whole => size(id),
            Part::Registered => Sizes { registered: size(id).registered, ..Sizes::default() },
        };
        let whole = part == Part::Whole;
        BranchCard {
            advice: whole.then(|| size_advice(&SIZE_RULES, standing.kind, sizes.full, all)).flatten(),
            all_full: if whole { all } else { 0 },
            standing,
            depth,
            part,
            sizes,
        }
    };
    Ok(Branches { day, rows: seen.into_iter().map(row).collect() })
}

/// Somebody on a roll.
#[derive(Debug, Clone)]
pub struct RollLine {
    /// The person.
    pub person: Member,
    /// How it belongs to the branch.
    pub membership: Membership,
    /// Where it stands.
    pub development: Development,
    /// What comes next.
    pub next: Option<Next>,
}

/// Somebody who is registered at a branch: the part that is that branch's.
#[derive(Debug, Clone)]
pub struct RegisteredLine {
    /// The person.
    pub person: Uuid,
    /// Its name.
    pub name: String,
    /// Its telephone number.
    pub phone: Option<String>,
    /// The registration.
    pub membership: Membership,
}

/// The roll of a branch on a day.
#[derive(Debug, Clone)]
pub struct Roll {
    /// The branch as it stood on the day.
    pub standing: Standing,
    /// Its superiors, the nearest first.
    pub line: Vec<(Uuid, String)>,
    /// The day.
    pub day: NaiveDate,
    /// How much of it the viewer sees.
    pub part: Part,
    /// How many belong to it.
    pub sizes: Sizes,
    /// Full members of it and of those below it.
    pub all_full: u64,
    /// What its size asks for.
    pub advice: Option<SizeAdvice>,
    /// Members whose home it is, by name; none for those who see the registered part only.
    pub home: Vec<RollLine>,
    /// Who is in development, the furthest first.
    pub developing: Vec<RollLine>,
    /// Who is registered, by name.
    pub registered: Vec<RegisteredLine>,
    /// Whether the viewer may change it.
    pub may_edit: bool,
    /// Whether the viewer may take over who comes from outside, and decide on its resolutions.
    pub may_approve: bool,
}

/// The roll of a branch on a day (today when none is named); the look is recorded.
///
/// # Errors
/// [`crate::Error::NotFound`], [`crate::Error::Forbidden`], [`crate::Error::SignInFirst`].
pub async fn roll(app: &App, who: &Viewer, branch: Uuid, on: Option<NaiveDate>) -> Result<Roll> {
    let actor = who.actor()?;
    let now = app.party_branch(branch).await?;
    let (part, capacity) = app.party_part(who, &now).await?.ok_or(crate::Error::Forbidden)?;
    let day = on.unwrap_or_else(|| app.today());
    let structure = structure(app, who, Some(day)).await?;
    let standing = structure.get(branch).cloned().ok_or(crate::Error::NotFound)?;
    let under: Vec<Uuid> = structure.subtree(branch).iter().map(|(_, s)| s.organisation).collect();
    let belonging = Belonging::load(app, Some(&under), day).await?;
    let sizes = belonging.sizes();
    let own = sizes.get(&branch).copied().unwrap_or_default();
    let all_full = sizes.values().map(|s| s.full).sum();
    let ids: HashSet<Uuid> = belonging.memberships.iter().filter(|m| m.branch == branch).map(|m| m.person).collect();
    let mut found = store::persons(app.read(), app.community_id(), ids).await?;
    let mut roll = Roll {
        line: structure.above(branch).iter().map(|s| (s.organisation, s.name.clone())).collect(),
        advice: None,
        home: Vec::new(),
        developing: Vec::new(),
        registered: Vec::new(),
        may_edit: app.may(who, "EditPartyMembers", now.resource()).await?.is_some(),
        may_approve: app.may(who, "ApproveDevelopment", now.resource()).await?.is_some(),
        sizes: own,
        all_full,
        standing,
        day,
        part,
    };
    for membership in belonging.memberships.iter().filter(|m| m.branch == branch) {
        let Some(person) = found.remove(&membership.person) else { continue };
        match membership.relation {
            Relation::Registered => roll.registered.push(RegisteredLine {
                person: person.id,
                name: person.draft.name,
                phone: person.draft.phone,
                membership: membership.clone(),
            }),
            _ if part == Part::Registered => {}
            relation => {
                let development = belonging.development(membership.person);
                let line =
                    RollLine { next: development.next(day), development, membership: membership.clone(), person };
                if relation == Relation::Home { roll.home.push(line) } else { roll.developing.push(line) }
            }
        }
    }
    roll.home.sort_by(|a, b| a.person.sort_key.cmp(&b.person.sort_key));
    roll.developing.sort_by_key(|line| (std::cmp::Reverse(line.development.stage), line.development.since));
    roll.registered.sort_by_cached_key(|line| search::sort_key(&line.name));
    if part == Part::Registered {
        roll.sizes = Sizes { registered: own.registered, ..Sizes::default() };
        roll.all_full = 0;
    } else {
        roll.advice = size_advice(&SIZE_RULES, roll.standing.kind, own.full, all_full);
    }
    let what = if part == Part::Whole { "party_roll" } else { "party_registered" };
    let author = Author::new(actor, capacity);
    app.party_look(&author, ("organisation", branch), json!({ "what": what, "on": day })).await?;
    Ok(roll)
}

/// The branches to which a person can be transferred or added today, by name.
///
/// # Errors
/// [`crate::Error::SignInFirst`].
pub async fn joinable(app: &App, who: &Viewer) -> Result<Vec<(Uuid, String)>> {
    who.actor()?;
    let structure = structure(app, who, None).await?;
    let joinable = |s: &&Standing| holds_members(s.kind) && s.kind != OrganisationKind::PartyCommittee;
    Ok(structure.all().iter().filter(joinable).map(|s| (s.organisation, s.name.clone())).collect())
}

/// Persons by a part of the name, for an officer who adds one to a branch. At most 20.
///
/// # Errors
/// [`crate::Error::NotFound`], [`crate::Error::Forbidden`], [`crate::Error::SignInFirst`].
pub async fn find_person(app: &App, who: &Viewer, branch: Uuid, part: &str) -> Result<Vec<Member>> {
    let branch = app.party_branch(branch).await?;
    app.party_officer(who, &branch, "EditPartyMembers").await?;
    let Some(tokens) = search::query_tokens(part) else { return Ok(Vec::new()) };
    let filter = MemberFilter { kind: Some(MemberKind::Person), tokens: Some(tokens), ..MemberFilter::default() };
    let slice = Slice { offset: 0, limit: FOUND_MAX };
    Ok(persons::list(app.read(), app.community_id(), &filter, slice).await?.rows)
}
