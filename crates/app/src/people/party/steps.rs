//! What is recorded of a person: the steps of development, registrations, and their end.

use chrono::{Days, NaiveDate};
use tongxin_core::{
    invalid::{Problem, Problems},
    people::{
        MemberDetails, MemberKind,
        development::{
            Act, Development, Matter, Stage, StepKind,
            input::{StepForm, check_step},
        },
        membership::{Membership, Relation, check_new},
    },
    period::{Period, optional_day},
    text,
};
use tongxin_store::{
    Tx,
    people::{
        self as persons, Member,
        party::{self as store, StoredStep},
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

/// The branch whose step it is: that to which the person belongs, or the one that is named for one who belongs to none.
async fn branch_of(app: &App, id: Uuid, named: Option<Uuid>) -> Result<Branch> {
    let today = app.today();
    let all = store::memberships_of(app.read(), app.community_id(), &[id]).await?;
    let current = all.iter().find(|m| m.is_whole() && m.period.contains(today)).map(|m| m.branch);
    match (current, named) {
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
    let action = if kind.is_some_and(StepKind::is_superiors) { "ApproveDevelopment" } else { "EditPartyMembers" };
    let author = match app.party_officer(who, &branch, action).await {
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
    let before = Development::of(steps.iter().map(|s| &s.step));
    let MemberDetails::Person { birth_date, .. } = person.draft.details else { return Err(Error::NotFound) };
    let full =
        if step.kind().matter().is_some() { full_members(tx, community, organisation, step.on).await? } else { 0 };
    before.check(&step, birth_date, full, today)?;
    new.position = steps.last().map_or(1, |s| s.position + 1);
    store::insert_steps(tx, community, &[new]).await?;
    let held = store::memberships_of(tx, community, &[person.id]).await?;
    let whole = held.iter().find(|m| m.is_whole() && m.period.contains(today));
    match (step.act, before.pending.map(|p| p.matter)) {
        (Act::Plain(StepKind::Apply), _) => {
            join(app, tx, &held, branch, fresh(membership, person.id, organisation, Relation::Development, step.on))
                .await
        }
        (Act::TakenOver { stage }, _) => {
            let relation = if stage.is_member() { Relation::Home } else { Relation::Development };
            join(app, tx, &held, branch, fresh(membership, person.id, organisation, relation, today)).await
        }
        (Act::Plain(StepKind::Approval), Some(Matter::Admission)) => {
            let Some(development) = whole else { return Ok(()) };
            let home = fresh(membership, person.id, organisation, Relation::Home, step.on);
            match development.period.ended(step.on) {
                Some(period) => {
                    store::save_membership(tx, community, &Membership { period, ..development.clone() }).await?;
                    Ok(store::insert_memberships(tx, community, &[home]).await?)
                }
                // Admitted on the day on which it came: it was never there in development.
                None => {
                    let same = Membership { relation: Relation::Home, ..development.clone() };
                    Ok(store::save_membership(tx, community, &same).await?)
                }
            }
        }
        (Act::Plain(StepKind::Withdrawal | StepKind::Removal), _)
        | (Act::Plain(StepKind::Approval), Some(Matter::Cancellation)) => {
            end_all(tx, community, &held, step.on, true).await
        }
        (Act::Plain(StepKind::Left), _) => end_all(tx, community, &held, step.on, false).await,
        _ => Ok(()),
    }
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

/// Ends what lasts on a day: all memberships, or the whole one only.
async fn end_all(tx: &Tx, community: Uuid, held: &[Membership], on: NaiveDate, whole_only: bool) -> Result<()> {
    for m in held.iter().filter(|m| m.period.until.is_none() && (m.is_whole() || !whole_only)) {
        store::save_membership(tx, community, &Membership { period: ended(m, on), ..m.clone() }).await?;
    }
    Ok(())
}

/// A membership's days, ended on a day; one that began on it or later lasted one day.
fn ended(membership: &Membership, on: NaiveDate) -> Period {
    let next = membership.period.from.checked_add_days(Days::new(1));
    membership.period.ended(on).unwrap_or(Period { until: next, ..membership.period })
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
                let stage = Development::of(steps.iter().map(|s| &s.step)).stage;
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
