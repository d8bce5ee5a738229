//! A person's page: where it belongs, its steps, what is possible next; and one's own page.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde_json::json;
use tongxin_core::{
    invalid::Problem,
    people::{
        development::{Development, Next, StepKind, rules::DevelopmentRules},
        membership::{Membership, Relation, Transfer},
    },
    record::Record,
};
pub use tongxin_store::people::party::StoredStep;
use tongxin_store::{
    Slice,
    people::{
        self as persons, Member,
        party::{self as store, TransferFilter},
    },
    record::RecordFilter,
};
use uuid::Uuid;

use super::{Part, steps};
use crate::{App, Error, Result, Viewer, people::Look, policy::Capacity, record::Author};

/// The most transfers and looks on a page.
const SHOWN_MAX: Slice = Slice { offset: 0, limit: 50 };

/// A step that the viewer may record, and what stands against it today.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The step.
    pub kind: StepKind,
    /// Why it is not possible today.
    pub refused: Option<Problem>,
    /// The first day on which it is possible as far as shortest periods go.
    pub earliest: Option<NaiveDate>,
}

/// A person's page. Who sees the registered part only finds name, telephone and registration on it.
#[derive(Debug, Clone)]
pub struct MemberPage {
    /// The person; contacts and dates are left out where they are not the viewer's to see.
    pub person: Member,
    /// How much the viewer sees.
    pub part: Part,
    /// Where it belonged and belongs, the first first.
    pub memberships: Vec<Membership>,
    /// The names of the organisations that are mentioned.
    pub names: HashMap<Uuid, String>,
    /// The steps, in their order.
    pub steps: Vec<StoredStep>,
    /// The names of those who recorded them or took them back, by account.
    pub recorders: HashMap<Uuid, String>,
    /// Where it stands today.
    pub development: Development,
    /// What comes next.
    pub next: Option<Next>,
    /// The branch to which it belongs today, at home or in development.
    pub branch: Option<Uuid>,
    /// What the viewer may record, possible or not.
    pub openings: Vec<Opening>,
    /// The last step, where the viewer may take it back.
    pub may_take_back: Option<Uuid>,
    /// Its transfers, open ones first.
    pub transfers: Vec<Transfer>,
    /// Whether the viewer may ask for a transfer.
    pub may_transfer: bool,
    /// Whether the viewer may end the membership, by its identifier.
    pub may_end: Vec<Uuid>,
    /// The rules of the day.
    pub rules: &'static DevelopmentRules,
}

/// What somebody's looks and steps need of a person.
struct Facts {
    person: Member,
    memberships: Vec<Membership>,
    steps: Vec<StoredStep>,
}

impl Facts {
    async fn load(app: &App, id: Uuid) -> Result<Self> {
        let (c, community) = (app.read(), app.community_id());
        let person = persons::member(c, community, id).await?.ok_or(Error::NotFound)?;
        let memberships = store::memberships_of(c, community, &[id]).await?;
        let steps = store::steps_of(c, community, &[id]).await?;
        Ok(Self { person, memberships, steps })
    }

    /// Where it belongs wholly on a day, or did last.
    fn whole(&self, day: NaiveDate) -> Option<&Membership> {
        let whole = || self.memberships.iter().filter(|m| m.is_whole());
        whole().find(|m| m.period.contains(day)).or_else(|| whole().max_by_key(|m| m.period.from))
    }

    /// The branch whose person it is: where it belongs or did last, else where the application was that was taken back.
    fn branch(&self, day: NaiveDate) -> Option<Uuid> {
        self.whole(day).map(|m| m.branch).or_else(|| self.steps.last().map(|s| s.branch))
    }
}

/// The branches through which the viewer sees a person: the part, the capacity, and of a registered part the branch.
async fn seen(app: &App, who: &Viewer, facts: &Facts) -> Result<Option<(Part, Capacity, Option<Uuid>)>> {
    let today = app.today();
    if let Some(branch) = facts.branch(today) {
        let branch = app.party_branch(branch).await?;
        if let Some((Part::Whole, capacity)) = app.party_part(who, &branch).await? {
            return Ok(Some((Part::Whole, capacity, None)));
        }
    }
    for m in facts.memberships.iter().filter(|m| m.relation == Relation::Registered && m.period.contains(today)) {
        let branch = app.party_branch(m.branch).await?;
        if let Some((_, capacity)) = app.party_part(who, &branch).await? {
            return Ok(Some((Part::Registered, capacity, Some(m.branch))));
        }
    }
    Ok(None)
}

/// A person's page; the look is recorded and shown to the person.
///
/// # Errors
/// [`Error::NotFound`] also for a person of whom the viewer may not know whether it is a member; [`Error::SignInFirst`].
pub async fn member(app: &App, who: &Viewer, id: Uuid) -> Result<MemberPage> {
    let actor = who.actor()?;
    let facts = Facts::load(app, id).await?;
    let Some((part, capacity, only)) = seen(app, who, &facts).await? else {
        // Whether there is something to see is itself sensitive.
        return Err(Error::NotFound);
    };
    let page = page(app, who, facts, part, only).await?;
    if actor.person != id {
        let what = if part == Part::Whole { "party" } else { "party_registered" };
        app.party_look(&Author::new(actor, capacity), ("member", id), json!({ "what": what })).await?;
    }
    Ok(page)
}

/// One's own page, with who looked at the rolls of one's branches lately.
#[derive(Debug, Clone)]
pub struct OwnPage {
    /// The page.
    pub page: MemberPage,
    /// Looks at the rolls on which one stands, newest first.
    pub looks: Vec<Look>,
}

/// One's own page; none for who has nothing to do with it.
///
/// # Errors
/// [`Error::SignInFirst`].
pub async fn own(app: &App, who: &Viewer) -> Result<Option<OwnPage>> {
    let actor = who.actor()?;
    let facts = Facts::load(app, actor.person).await?;
    let resource = crate::policy::Resource::Member(actor.person, facts.person.location);
    app.authorise(who, "ViewOwnParty", resource).await?;
    if facts.memberships.is_empty() && facts.steps.is_empty() {
        return Ok(None);
    }
    let (c, community) = (app.read(), app.community_id());
    let mut looks = Vec::new();
    let mut branches: Vec<&Membership> = facts.memberships.iter().collect();
    branches.sort_by_key(|m| m.branch);
    branches.dedup_by_key(|m| m.branch);
    for m in branches {
        let filter = RecordFilter { subject: Some(m.branch), action: Some("sensitive.look".to_owned()), account: None };
        let found = tongxin_store::record::list(c, community, &filter, SHOWN_MAX).await?.rows;
        let zone = app.zone();
        looks.extend(found.into_iter().filter(|r| m.period.contains(r.at.with_timezone(&zone).date_naive())));
    }
    looks.sort_by_key(|r| std::cmp::Reverse(r.seq));
    let names = account_names(app, looks.iter().filter_map(|r| r.account)).await?;
    let look = |record: Record| Look { by: record.account.and_then(|a| names.get(&a).cloned()), record };
    let looks = looks.into_iter().map(look).collect();
    Ok(Some(OwnPage { page: page(app, who, facts, Part::Whole, None).await?, looks }))
}

/// The persons' names behind accounts.
async fn account_names(app: &App, accounts: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, String>> {
    let (c, community) = (app.read(), app.community_id());
    let of = tongxin_store::identity::persons(c, community, accounts).await?;
    let names = persons::names(c, community, of.values().copied()).await?;
    let name = |(account, person): (Uuid, Uuid)| Some((account, names.get(&person)?.name.clone()));
    Ok(of.into_iter().filter_map(name).collect())
}

async fn page(app: &App, who: &Viewer, facts: Facts, part: Part, only: Option<Uuid>) -> Result<MemberPage> {
    let (c, community, today) = (app.read(), app.community_id(), app.today());
    let actor = who.actor()?;
    let own = actor.person == facts.person.id;
    let current = facts.whole(today).filter(|m| m.period.contains(today)).map(|m| m.branch);
    let last = facts.branch(today);
    let Facts { mut person, mut memberships, mut steps } = facts;
    let development = Development::of(store::standing(&steps));
    let mut transfers = Vec::new();
    if part == Part::Whole {
        let filter = TransferFilter { person: Some(person.id), ..TransferFilter::default() };
        transfers = store::transfers(c, community, &filter, SHOWN_MAX).await?.rows;
    } else {
        memberships.retain(|m| m.relation == Relation::Registered && Some(m.branch) == only);
        steps.clear();
        let phone = person.draft.phone.clone();
        crate::people::hide_contacts(&mut person.draft);
        person.draft.phone = phone;
    }
    let (mut openings, mut may_take_back) = (Vec::new(), None);
    let mut may_transfer = own && current.is_some();
    if let (Part::Whole, Some(id)) = (part, last) {
        let branch = app.party_branch(id).await?;
        may_take_back = steps::may_take_back(app, who, &branch, &steps).await?;
        let edits = app.may(who, "EditPartyMembers", branch.resource()).await?.is_some();
        let approves = app.may(who, "ApproveDevelopment", branch.resource()).await?.is_some();
        may_transfer |= edits && current.is_some();
        let may = |kind: StepKind| {
            let as_officer = if kind.is_superiors() { approves } else { edits };
            as_officer || (own && kind == StepKind::Withdrawal)
        };
        openings =
            StepKind::ALL.iter().filter(|kind| may(**kind)).map(|kind| opening(&development, *kind, today)).collect();
    }
    may_transfer &= transfers.iter().all(|t| !t.state.is_open());
    let mut may_end = Vec::new();
    for m in memberships.iter().filter(|m| m.relation != Relation::Development && m.period.until.is_none()) {
        let branch = app.party_branch(m.branch).await?;
        if app.may(who, "EditPartyMembers", branch.resource()).await?.is_some() {
            may_end.push(m.id);
        }
    }
    let mentioned = memberships.iter().map(|m| m.branch).chain(steps.iter().map(|s| s.branch));
    let mentioned = mentioned.chain(transfers.iter().flat_map(|t| [t.from, t.to]));
    let names = persons::names(c, community, mentioned).await?;
    Ok(MemberPage {
        recorders: account_names(app, steps.iter().flat_map(named).flatten()).await?,
        names: names.into_iter().map(|(id, name)| (id, name.name)).collect(),
        next: if part == Part::Whole { development.next(today) } else { None },
        development: if part == Part::Whole { development } else { Development::default() },
        branch: if part == Part::Whole { current } else { None },
        rules: DevelopmentRules::on(today),
        person,
        part,
        memberships,
        steps,
        openings,
        may_take_back,
        transfers,
        may_transfer,
        may_end,
    })
}

/// The accounts that a step names.
fn named(step: &StoredStep) -> [Option<Uuid>; 2] {
    [step.recorded_by, step.taken_back.as_ref().map(|t| t.by)]
}

fn opening(development: &Development, kind: StepKind, today: NaiveDate) -> Opening {
    Opening { kind, refused: development.gate(kind, today).err(), earliest: development.earliest(kind) }
}

impl MemberPage {
    /// The name of an organisation that the page mentions.
    #[must_use]
    pub fn name_of(&self, organisation: &Uuid) -> &str {
        self.names.get(organisation).map_or("", String::as_str)
    }
}
