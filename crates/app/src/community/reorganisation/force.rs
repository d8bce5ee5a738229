//! A reorganisation takes effect: standings, posts with those who hold them, members, and what else hangs on an
//! organisation, in one transaction.

use chrono::NaiveDate;
use serde_json::json;
use tongxin_core::{
    community::{
        post::{Appointment, CrossRequirement, Delegation, Post},
        structure::Standing,
    },
    people::{
        MemberDetails, MemberDraft, MemberKind,
        membership::{Membership, Transfer, TransferState},
    },
    period::Period,
};
use tongxin_store::{
    Slice, Tx,
    community::{
        hosting,
        post::{self, DelegationFilter, HoldingFilter},
        reorganisation as store, structure,
    },
    people::{
        self, Balance, Member,
        party::{self, TransferFilter},
    },
};
use uuid::Uuid;

use super::{NewOrganisation, Plan, ReorganisationState, stored_draft, worked_out};
use crate::{App, Error, Result, community::standing::keep_in_step, record::Author, search};

/// The most open transfers of one branch that go on to its heir; a branch has fewer members.
const TRANSFERS_MAX: u64 = 10_000;

/// Puts the draft into force within `tx`.
pub(super) async fn put(app: &App, tx: &Tx, author: Author, id: Uuid) -> Result<()> {
    let community = app.community_id();
    let mut draft = stored_draft(tx, community, id).await?;
    if draft.steps.is_empty() {
        return Err(Error::Conflict("reorganisation_empty"));
    }
    let plan = worked_out(tx, community, &draft).await?.map_err(|_faults| Error::Conflict("reorganisation_faulty"))?;
    let day = draft.effective_on;
    let founded: Vec<Member> = plan.created.iter().map(founded).collect();
    people::insert(tx, community, &founded, app.now().timestamp_millis()).await?;
    structure::replace_standings(tx, community, &plan.touched, &plan.standings).await?;
    for organisation in &plan.touched {
        let own: Vec<Standing> = plan.standings.iter().filter(|s| s.organisation == *organisation).cloned().collect();
        keep_in_step(app, tx, &own).await?;
        let data = json!({ "reorganisation": id, "on": day, "standing": own.last() });
        app.record(tx, &author, "organisation.reorganise", ("organisation", *organisation), &data).await?;
    }
    let mut posts = PostsOf { app, tx, author: &author, day };
    for post in &plan.ended_posts {
        posts.end(*post).await?;
    }
    for (post, organisation) in &plan.moved_posts {
        posts.hand_over(*post, *organisation).await?;
    }
    posts.pass_requirements(&plan).await?;
    for heirs in &plan.heirs {
        pass_members(app, tx, *heirs, day).await?;
        if day <= app.today() {
            pass_transfers(app, tx, *heirs).await?;
        }
        hosting::pass_hostings(tx, community, *heirs, day).await?;
    }
    draft.state = ReorganisationState::InForce;
    (draft.decided_by, draft.decided_at) = (author.account(), Some(app.now()));
    store::save(tx, community, &draft).await?;
    let data = json!({ "title": draft.title, "effective_on": day, "steps": draft.steps });
    app.record(tx, &author, "reorganisation.put_in_force", ("reorganisation", id), &data).await
}

fn founded(new: &NewOrganisation) -> Member {
    Member {
        id: new.id,
        code: None,
        kind: MemberKind::Organisation,
        sort_key: search::sort_key(&new.name),
        draft: MemberDraft {
            name: new.name.clone(),
            phone: None,
            email: None,
            details: MemberDetails::Organisation { kind: new.kind, contact: None },
        },
        location: new.location,
        balance: Balance::default(),
    }
}

/// The part of `period` before `day`, and the part from it on.
fn cut(period: Period, day: NaiveDate) -> (Option<Period>, Option<Period>) {
    (period.ended(day), Period::new(period.from.max(day), period.until))
}

/// Posts that a reorganisation ends or moves on its day.
struct PostsOf<'a> {
    app: &'a App,
    tx: &'a Tx,
    author: &'a Author,
    day: NaiveDate,
}

impl PostsOf<'_> {
    async fn stored(&self, post: Uuid) -> Result<Post> {
        post::post(self.tx, self.app.community_id(), post).await?.ok_or(Error::NotFound)
    }

    async fn appointments(&self, post: Uuid) -> Result<Vec<Appointment>> {
        let filter = HoldingFilter { posts: Some(vec![post]), ..HoldingFilter::default() };
        let held = post::holdings(self.tx, self.app.community_id(), &filter).await?;
        Ok(held.into_iter().map(|holding| holding.appointment).collect())
    }

    /// Ends a post with who holds it; a post that would begin later ends on the day on which it begins.
    async fn end(&mut self, id: Uuid) -> Result<()> {
        let (tx, community) = (self.tx, self.app.community_id());
        let post = self.stored(id).await?;
        // One that is to begin later is kept as a post of one day.
        let day = self.day.max(post.period.from.succ_opt().unwrap_or(post.period.from));
        for appointment in self.appointments(id).await? {
            self.end_appointment(appointment, day).await?;
        }
        let period = post.period.ended(day).unwrap_or(post.period);
        post::save_post(tx, community, &Post { period, ..post }).await?;
        let data = json!({ "until": period.until });
        self.app.record(tx, self.author, "post.end", ("post", id), &data).await
    }

    async fn end_appointment(&self, appointment: Appointment, day: NaiveDate) -> Result<()> {
        let Some(period) = appointment.period.ended(day).filter(|period| *period != appointment.period) else {
            return Ok(());
        };
        self.cut_delegations(appointment.id, None, day).await?;
        Ok(post::save_appointment(self.tx, self.app.community_id(), &Appointment { period, ..appointment }).await?)
    }

    /// Ends the delegations of an appointment on the day; those of `to`, another, go on from it.
    async fn cut_delegations(&self, of: Uuid, to: Option<Uuid>, day: NaiveDate) -> Result<()> {
        let (tx, community) = (self.tx, self.app.community_id());
        let filter = DelegationFilter { appointments: Some(vec![of]), from: Some(day), ..DelegationFilter::default() };
        for delegation in post::delegations(tx, community, &filter).await? {
            let (before, after) = cut(delegation.period, day);
            match before {
                Some(period) => {
                    post::save_delegation(tx, community, &Delegation { period, ..delegation.clone() }).await?;
                }
                None => post::delete_delegation(tx, community, delegation.id).await?,
            }
            if let Some((to, period)) = to.zip(after) {
                let goes_on = Delegation { id: self.app.new_id(), appointment: to, period, ..delegation };
                post::insert_delegations(tx, community, &[goes_on]).await?;
            }
        }
        Ok(())
    }

    /// Gives a post to another organisation: what was stays, and a new post with the same holders goes on.
    async fn hand_over(&mut self, id: Uuid, organisation: Uuid) -> Result<()> {
        let (tx, community, day) = (self.tx, self.app.community_id(), self.day);
        let old = self.stored(id).await?;
        let (Some(before), Some(after)) = cut(old.period, day) else {
            // It had not begun: there is no past to keep.
            post::save_post(tx, community, &Post { organisation, ..old.clone() }).await?;
            let data = json!({ "from": old.organisation, "to": organisation, "on": old.period.from });
            return self.app.record(tx, self.author, "post.move", ("post", id), &data).await;
        };
        let new = Post { id: self.app.new_id(), code: None, organisation, period: after, ..old.clone() };
        post::insert_posts(tx, community, std::slice::from_ref(&new)).await?;
        for appointment in self.appointments(id).await? {
            match cut(appointment.period, day) {
                (Some(_), Some(period)) => {
                    let goes_on = Appointment { id: self.app.new_id(), post: new.id, period, ..appointment.clone() };
                    post::insert_appointments(tx, community, std::slice::from_ref(&goes_on)).await?;
                    self.cut_delegations(appointment.id, Some(goes_on.id), day).await?;
                    self.end_appointment(appointment, day).await?;
                }
                (None, _) => {
                    let goes_on = Appointment { post: new.id, ..appointment };
                    post::save_appointment(tx, community, &goes_on).await?;
                }
                (Some(_), None) => {}
            }
        }
        for required in post::cross_requirements(tx, community, Some(id)).await? {
            if let (_, Some(period)) = cut(required.period, day) {
                let goes_on = CrossRequirement { id: self.app.new_id(), post: new.id, period, ..required.clone() };
                post::insert_cross(tx, community, &[goes_on]).await?;
            }
        }
        let data = json!({ "from": old.organisation, "to": organisation, "on": day, "new": new.id });
        post::save_post(tx, community, &Post { period: before, ..old }).await?;
        self.app.record(tx, self.author, "post.move", ("post", id), &data).await
    }

    /// A cross appointment that is required in an organisation that ends is required in its heir from the day on.
    async fn pass_requirements(&self, plan: &Plan) -> Result<()> {
        let (tx, community, day) = (self.tx, self.app.community_id(), self.day);
        for required in post::cross_requirements(tx, community, None).await? {
            let heir = plan.heirs.iter().find(|(gone, _)| *gone == required.organisation);
            let (Some((_, heir)), (before, Some(after))) = (heir, cut(required.period, day)) else { continue };
            let goes_on = CrossRequirement { organisation: *heir, period: after, ..required.clone() };
            match before {
                Some(period) => {
                    post::save_cross(tx, community, &CrossRequirement { period, ..required }).await?;
                    post::insert_cross(tx, community, &[CrossRequirement { id: self.app.new_id(), ..goes_on }]).await?;
                }
                None => post::save_cross(tx, community, &goes_on).await?,
            }
        }
        Ok(())
    }
}

/// The members of a branch that ends are those of its heir from the day on. Who is at home there needs no registration there.
async fn pass_members(app: &App, tx: &Tx, (gone, heir): (Uuid, Uuid), day: NaiveDate) -> Result<()> {
    let community = app.community_id();
    for membership in party::memberships_from(tx, community, &[gone], day).await? {
        let (before, Some(after)) = cut(membership.period, day) else { continue };
        match before {
            Some(period) => {
                party::save_membership(tx, community, &Membership { period, ..membership.clone() }).await?;
            }
            None => party::delete_membership(tx, community, membership.id).await?,
        }
        let goes_on = Membership { id: app.new_id(), branch: heir, period: after, ..membership };
        let mut there = party::memberships_of(tx, community, &[goes_on.person]).await?;
        there.retain(|m| m.branch == heir && m.period.overlaps(&goes_on.period));
        if goes_on.is_whole() {
            for needless in there.into_iter().filter(|m| !m.is_whole()) {
                match needless.period.ended(goes_on.period.from) {
                    Some(period) => {
                        party::save_membership(tx, community, &Membership { period, ..needless }).await?;
                    }
                    None => party::delete_membership(tx, community, needless.id).await?,
                }
            }
        } else if !there.is_empty() {
            continue;
        }
        party::insert_memberships(tx, community, &[goes_on]).await?;
    }
    Ok(())
}

/// Transfers from or to a branch that has ended go on from or to its heir; one that would lead to itself is taken back.
async fn pass_transfers(app: &App, tx: &Tx, (gone, heir): (Uuid, Uuid)) -> Result<()> {
    let filter = TransferFilter { branches: Some(vec![gone]), open: true, ..TransferFilter::default() };
    let slice = Slice { offset: 0, limit: TRANSFERS_MAX };
    for transfer in party::transfers(tx, app.community_id(), &filter, slice).await?.rows {
        let side = |branch: Uuid| if branch == gone { heir } else { branch };
        let mut goes_on = Transfer { from: side(transfer.from), to: side(transfer.to), ..transfer.clone() };
        if goes_on.from == goes_on.to {
            let decided_on = Some(app.today());
            goes_on = Transfer { state: TransferState::Withdrawn, decided_on, ..transfer };
        }
        party::save_transfer(tx, app.community_id(), &goes_on).await?;
    }
    Ok(())
}
