//! Party members: rolls of branches, the development of members, transfers (S17, S19).
//!
//! Who is a Party member is sensitive. The officers of a branch and of those above it in the line see its members whole;
//! where a member is registered, name, telephone and registration; the member sees its own. Every look at a roll or at a
//! person's page is recorded and shown to the person. The records of changes lie with the branch and name a step or a
//! transfer by its identifier alone: what they say of whom, only those see who may see the person's page.

pub mod branches;
pub mod members;
pub mod steps;
pub mod transfers;

use chrono::NaiveDate;
use serde_json::{Value, json};
use tongxin_core::{
    community::structure::{Standing, Structure},
    invalid::Problem,
    people::membership::holds_members,
};
use tongxin_store::community::structure as standings;
use uuid::Uuid;

use crate::{
    App, Error, Result, Viewer,
    policy::{Capacity, Resource},
    record::Author,
};

/// How much of a branch somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Who is registered there, with name and telephone.
    Registered,
    /// All of it.
    Whole,
}

/// A Party organisation as it stands on a day, with its superiors' identifiers, the nearest first.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    standing: Standing,
    line: Vec<Uuid>,
}

impl Branch {
    fn in_structure(structure: &Structure, id: Uuid) -> Option<Self> {
        let standing = structure.get(id)?.clone();
        Some(Self { line: structure.above(id).iter().map(|s| s.organisation).collect(), standing })
    }

    fn resource(&self) -> Resource<'_> {
        let place = self.standing.location.place;
        Resource::Organisation { id: self.standing.organisation, line: &self.line, place }
    }
}

impl App {
    /// A Party organisation with its line as of today, or as it last stood when it is gone.
    async fn party_branch(&self, id: Uuid) -> Result<Branch> {
        let (c, community, today) = (self.read(), self.community_id(), self.today());
        let mut line = Vec::new();
        let mut standing: Option<Standing> = None;
        let mut next = Some(id);
        while let Some(above) = next.filter(|id| !line.contains(id)) {
            let all = standings::standings_of(c, community, &[above]).await?;
            let Some(now) = all.iter().find(|s| s.period.contains(today)).or(all.last()).cloned() else { break };
            line.push(above);
            next = now.line;
            standing.get_or_insert(now);
        }
        let standing = standing.filter(|s| holds_members(s.kind)).ok_or(Error::NotFound)?;
        line.remove(0);
        Ok(Branch { standing, line })
    }

    /// How much of a branch the viewer sees, and in which capacity; none when nothing.
    async fn party_part(&self, who: &Viewer, branch: &Branch) -> Result<Option<(Part, Capacity)>> {
        let capacity = self.may(who, "ViewPartyMembers", branch.resource()).await?;
        let part = |capacity: &Capacity| if capacity.word == "party_officer" { Part::Whole } else { Part::Registered };
        Ok(capacity.map(|capacity| (part(&capacity), capacity)))
    }

    /// Checks the right to change what a branch holds.
    async fn party_officer(&self, who: &Viewer, branch: &Branch, action: &'static str) -> Result<Author> {
        let capacity = self.authorise(who, action, branch.resource()).await?;
        Ok(Author::new(who.actor()?, capacity))
    }

    /// Records a look at sensitive data.
    async fn party_look(&self, author: &Author, (kind, subject): (&str, Uuid), data: Value) -> Result<()> {
        let record = self.new_record(author, "sensitive.look", kind, subject, &data);
        let community = self.community_id();
        self.write(move |tx| {
            Box::pin(async move { Ok(tongxin_store::record::append(tx, community, vec![record]).await?) })
        })
        .await
    }
}

/// Records of a change say where it was made and which row tells what.
fn changed(what: &str, id: Uuid) -> Value {
    json!({ what: id })
}

/// A branch that members may join on a day.
fn joinable(branch: &Branch, day: NaiveDate) -> Result<(), Problem> {
    if branch.standing.period.contains(day) { Ok(()) } else { Err(Problem::new("branch", "party_branch_not_there")) }
}
