//! What is recorded of a person: the steps of development, registrations, and their end.

use chrono::NaiveDate;
use tongxin_core::{
    invalid::{Problem, Problems},
    people::{
        MemberDetails, MemberKind,
        development::{
            Act, Development, Stage, StepKind,
            belonging::{Change, Standing, check_last, follow, unfollow},
            input::{StepForm, check_step},
        },
        membership::{Membership, Relation, check_new},
    },
    period::{Period, optional_day},
    text,
};
use tongxin_store::{
    Slice, Tx,
    people::{
        self as persons, Member,
        party::{self as store, StoredStep, TakenBack, TransferFilter},
    },
};
use uuid::Uuid;

use super::{Branch, changed, joinable};
use crate::{App, Error, Result, Viewer, record::Author};

/// The longest note, in characters.
pub const NOTE_MAX: usize = 500;

/// A person by its identifier.
async fn person(app: &App, id: Uuid) -> Result<Member> {
    let found = persons::member(app.read(), app.community_id(), id).await?.ok_or(Error::NotFound)?;
    if found.kind == MemberKind::Person { Ok(found) } else { Err(Problem::new("person", "unknown_choice").into()) }
}

/// The branch to which a person belongs today, at home or in development.
async fn current_branch(app: &App, id: Uuid) -> Result<Option<Uuid>> {
    let today = app.today();
    let all = store::memberships_of(app.read(), app.community_id(), &[id]).await?;
    Ok(all.iter().find(|m| m.is_whole() && m.period.contains(today)).map(|m| m.branch))
}

/// The branch whose step it is: that to which the person belongs, or the one that is named for one who belongs to none.
async fn branch_of(app: &App, id: Uuid, named: Option<Uuid>) -> Result<Branch> {
    match (current_branch(app, id).await?, named) {
        (Some(current), Some(named)) if current != named => Err(Problem::new("branch", "party_home_changed").into()),
        (Some(branch), _) | (None, Some(branch)) => app.party_branch(branch).await,
        (None, None) => Err(Problem::new("branch", "required").into()),
    }
}

/// Records a step of a person's development. The branch has to be named for a person who belongs to none: one who applies,
/// or who is taken over from a file. What the superior committee decides, an officer of it records.
///
/// # Errors
/// [`Error::Invalid`] with why it is not possible and from when; [`Error::NotFound`], [`Error::Forbidden`],
/// [`Error::SignInFirst`].
pub async fn record_step(app: &App, who: &Viewer, id: Uuid, branch: Option<Uuid>, form: &StepForm) -> Result<()> {
    let actor = who.actor()?;
    let kind: Option<StepKind> = form.step.trim().parse().ok();
    let branch = branch_of(app, id, branch).await?;
    let author = match app.party_officer(who, &branch, kind.map_or("EditPartyMembers", action_of)).await {
        // The application is the person's own to take back.
        Err(Error::Forbidden) if kind == Some(StepKind::Withdrawal) && actor.person == id => {
            Author::account_itself(actor.account)
        }
        other => other?,
    };
    let mut problems = Problems::default();
    let step = problems.gather(check_step(form));
    let note = problems.take(text::lines("note", &form.note, NOTE_MAX));
    let (step, note) = problems.finish(step.zip(note))?;
    let person = person(app, id).await?;
    let (inside, step_id, membership_id) = (app.clone(), app.new_id(), app.new_id());
    app.write(move |tx| {
        Box::pin(async move {
            let new = StoredStep {
                id: step_id,
                person: id,
                position: 0,
                branch: branch.standing.organisation,
                step,
                note,
                recorded_by: author.account(),
                recorded_at: inside.now(),
                taken_back: None,
            };
            take(&inside, tx, &branch, &person, new, membership_id).await?;
            let subject = ("organisation", branch.standing.organisation);
            inside.record(tx, &author, "party.step", subject, &changed("step", step_id)).await
        })
    })
    .await
}

/// Checks and stores a step, and lets the membership follow.
async fn take(
    app: &App,
    tx: &Tx,
    branch: &Branch,
    person: &Member,
    mut new: StoredStep,
    membership: Uuid,
) -> Result<()> {
    let (community, today, step) = (app.community_id(), app.today(), new.step);
    let organisation = branch.standing.organisation;
    let steps = store::steps_of(tx, community, &[person.id]).await?;
    let before = Development::of(store::standing(&steps));
    let MemberDetails::Person { birth_date, .. } = person.draft.details else { return Err(Error::NotFound) };
    let full =
        if step.kind().matter().is_some() { full_members(tx, community, organisation, step.on).await? } else { 0 };
    before.check(&step, birth_date, full, today)?;
    match step.act {
        Act::Plain(StepKind::Apply) => joinable(branch, step.on)?,
        Act::TakenOver { .. } => joinable(branch, today)?,
        _ => {}
    }
    new.position = steps.last().map_or(1, |s| s.position + 1);
    store::insert_steps(tx, community, &[new]).await?;
    let held = store::memberships_of(tx, community, &[person.id]).await?;
    let new = fresh(membership, person.id, organisation, Relation::Development, today);
    make(tx, community, &follow(&held, (&step, before.pending.map(|p| p.matter)), &new, today)?).await
}

/// Stores changes of where a person belongs, in their order.
async fn make(tx: &Tx, community: Uuid, changes: &[Change]) -> Result<()> {
    for change in changes {
        match change {
            Change::Begin(new) => store::insert_memberships(tx, community, std::slice::from_ref(new)).await?,
            Change::Become(changed) => store::save_membership(tx, community, changed).await?,
            Change::Void(id) => store::delete_membership(tx, community, *id).await?,
        }
    }
    Ok(())
}

/// Who may take a step back: who may enter it; an application that the person itself withdrew, also the person.
async fn corrector(app: &App, who: &Viewer, branch: &Branch, step: &StoredStep) -> Result<Author> {
    let (actor, kind) = (who.actor()?, step.step.kind());
    match app.party_officer(who, branch, action_of(kind)).await {
        Err(Error::Forbidden)
            if kind == StepKind::Withdrawal
                && actor.person == step.person
                && step.recorded_by == Some(actor.account) =>
        {
            Ok(Author::account_itself(actor.account))
        }
        other => other,
    }
}

/// The action that entering a step of a kind is.
pub(super) const fn action_of(kind: StepKind) -> &'static str {
    if kind.is_superiors() { "ApproveDevelopment" } else { "EditPartyMembers" }
}

/// Whether the viewer may take a person's last step back; `branch` is that to which the person belongs.
pub(super) async fn may_take_back(
    app: &App,
    who: &Viewer,
    branch: &Branch,
    steps: &[StoredStep],
) -> Result<Option<Uuid>> {
    let Some(last) = steps.iter().rfind(|s| s.taken_back.is_none()) else { return Ok(None) };
    match corrector(app, who, branch, last).await {
        Ok(_) => Ok(Some(last.id)),
        Err(Error::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes the last step of a person back, which was entered by mistake: it stays in the history as taken back, no longer
/// counts, and the person belongs where it belonged before.
///
/// # Errors
/// [`Error::Invalid`] without a reason, when a later step stands on it, when it was taken back already, and when the person
/// has moved since; [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn take_back(app: &App, who: &Viewer, id: Uuid, step: Uuid, reason: &str) -> Result<()> {
    let actor = who.actor()?.account;
    let community = app.community_id();
    let steps = store::steps_of(app.read(), community, &[id]).await?;
    let found = steps.iter().find(|s| s.id == step).ok_or(Error::NotFound)?;
    let branch = current_branch(app, id).await?.unwrap_or(found.branch);
    let author = corrector(app, who, &app.party_branch(branch).await?, found).await?;
    let reason = text::lines("reason", reason, NOTE_MAX)?;
    if reason.is_empty() {
        return Err(Problem::new("reason", "required").into());
    }
    let inside = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let steps = store::steps_of(tx, community, &[id]).await?;
            check_last(steps.iter().map(|s| Standing { id: s.id, taken_back: s.taken_back.is_some() }), step)?;
            let last = steps.iter().find(|s| s.id == step).ok_or(Error::NotFound)?;
            let open = TransferFilter { person: Some(id), open: true, ..TransferFilter::default() };
            if store::transfers(tx, community, &open, Slice { offset: 0, limit: 1 }).await?.total > 0 {
                return Err(Problem::new("step", "party_transfer_open").into());
            }
            let before: Vec<_> = steps.iter().take_while(|s| s.id != step).cloned().collect();
            let held = store::memberships_of(tx, community, &[id]).await?;
            let recorded_on = last.recorded_at.with_timezone(&inside.zone()).date_naive();
            let matter = Development::of(store::standing(&before)).pending.map(|p| p.matter);
            make(tx, community, &unfollow(&held, (&last.step, matter), last.branch, recorded_on)?).await?;
            store::take_step_back(tx, community, step, &TakenBack { at: inside.now(), by: actor, reason }).await?;
            let subject = ("organisation", last.branch);
            inside.record(tx, &author, "party.step_back", subject, &changed("step", step)).await
        })
    })
    .await
}

const fn fresh(id: Uuid, person: Uuid, branch: Uuid, relation: Relation, from: NaiveDate) -> Membership {
    Membership { id, person, branch, relation, period: Period::since(from) }
}

/// Full members whose home is a branch on a day.
async fn full_members(tx: &Tx, community: Uuid, branch: Uuid, day: NaiveDate) -> Result<u64> {
    let members = store::memberships_on(tx, community, Some(&[branch]), day).await?;
    let steps = store::steps_on(tx, community, Some(&[branch]), day).await?;
    let is_full = |m: &&Membership| {
        m.relation == Relation::Home
            && Development::as_of(steps.get(&m.person).into_iter().flatten(), day).stage == Some(Stage::Full)
    };
    Ok(members.iter().filter(is_full).count() as u64)
}

async fn join(app: &App, tx: &Tx, held: &[Membership], branch: &Branch, new: Membership) -> Result<()> {
    joinable(branch, new.period.from)?;
    check_new(held, &new)?;
    Ok(store::insert_memberships(tx, app.community_id(), &[new]).await?)
}

/// A day of a form that may not be in the future; today when it is left out.
pub(super) fn past_day(app: &App, field: &'static str, raw: &str) -> Result<NaiveDate, Problem> {
    let today = app.today();
    let day = optional_day(field, raw)?.unwrap_or(today);
    if day > today { Err(Problem::new(field, "party_in_the_future").with("today", today)) } else { Ok(day) }
}

/// Registers a member at a branch where it lives or works, or puts a member of the Party without a home in the community
/// (one who moved away and came back) at home there, from a day on (today when it is left out).
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn add(app: &App, who: &Viewer, branch: Uuid, id: Option<Uuid>, relation: &str, from: &str) -> Result<Uuid> {
    let branch = app.party_branch(branch).await?;
    let author = app.party_officer(who, &branch, "EditPartyMembers").await?;
    let mut problems = Problems::default();
    let id = problems.take(id.ok_or_else(|| Problem::new("person", "required")));
    let from = problems.take(past_day(app, "from", from));
    let relation: Option<Relation> =
        problems.take(relation.parse().map_err(|_| Problem::new("relation", "unknown_choice")));
    let (id, (from, relation)) = problems.finish(id.zip(from.zip(relation)))?;
    let person = person(app, id).await?;
    let organisation = branch.standing.organisation;
    let (community, inside, new) = (app.community_id(), app.clone(), app.new_id());
    app.write(move |tx| {
        Box::pin(async move {
            let held = store::memberships_of(tx, community, &[person.id]).await?;
            if relation != Relation::Registered {
                let steps = store::steps_of(tx, community, &[person.id]).await?;
                let stage = Development::of(store::standing(&steps)).stage;
                let fits = stage.is_some_and(|stage| stage.is_member() == (relation == Relation::Home));
                if !fits {
                    return Err(Problem::new("relation", "party_not_at_this_stage").into());
                }
            }
            join(&inside, tx, &held, &branch, fresh(new, person.id, organisation, relation, from)).await?;
            inside.record(tx, &author, "party.join", ("organisation", organisation), &changed("membership", new)).await
        })
    })
    .await?;
    Ok(new)
}

/// Ends a home or a registration on a day (today when it is left out): the member moved out of the community, or no longer
/// lives or works there.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn end(app: &App, who: &Viewer, id: Uuid, membership: Uuid, on: &str) -> Result<()> {
    let (community, actor) = (app.community_id(), who.actor()?);
    let held = store::memberships_of(app.read(), community, &[id]).await?;
    let found = held.into_iter().find(|m| m.id == membership).ok_or(Error::NotFound)?;
    let branch = app.party_branch(found.branch).await?;
    let author = match app.party_officer(who, &branch, "EditPartyMembers").await {
        Err(Error::Forbidden) if actor.person == id && found.relation == Relation::Registered => {
            Author::account_itself(actor.account)
        }
        other => other?,
    };
    let on = past_day(app, "on", on)?;
    let inside = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let held = store::memberships_of(tx, community, &[id]).await?;
            let found = held.iter().find(|m| m.id == membership).ok_or(Error::NotFound)?;
            if found.relation == Relation::Development {
                return Err(Problem::new("relation", "party_not_at_this_stage").into());
            }
            let period = found.period.until.is_none().then(|| found.period.ended(on)).flatten();
            let period = period.ok_or_else(|| Problem::new("on", "end_before_start"))?;
            store::save_membership(tx, community, &Membership { period, ..found.clone() }).await?;
            let data = changed("membership", membership);
            inside.record(tx, &author, "party.leave", ("organisation", found.branch), &data).await
        })
    })
    .await
}
