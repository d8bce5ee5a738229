//! Transfers from one home branch to another: asked for, handed over, accepted or declined, or taken back (S17).

use tongxin_core::{
    invalid::{Problem, Problems},
    people::membership::{Membership, Side, Transfer, TransferState, TransferStep, check_new, moved},
    text,
};
use tongxin_store::{
    Paged, Slice,
    people::{
        self as persons,
        party::{self as store, TransferFilter},
    },
};
use uuid::Uuid;

use super::{Branch, Part, changed, joinable, steps::NOTE_MAX, steps::past_day};
use crate::{App, Error, Result, Viewer, community::structure::structure, record::Author};

/// A transfer with the names, and what the viewer may do.
#[derive(Debug, Clone)]
pub struct TransferCard {
    /// The transfer.
    pub transfer: Transfer,
    /// The person's name.
    pub person: String,
    /// The old branch's name.
    pub from: String,
    /// The new branch's name.
    pub to: String,
    /// The steps that the viewer may take now.
    pub steps: Vec<TransferStep>,
}

/// The sides for which the viewer speaks, each with who acts.
async fn sides(app: &App, who: &Viewer, transfer: &Transfer) -> Result<Vec<(Side, Author)>> {
    let actor = who.actor()?;
    let mut sides = Vec::new();
    for (side, branch) in [(Side::From, transfer.from), (Side::To, transfer.to)] {
        let branch = app.party_branch(branch).await?;
        if let Some(capacity) = app.may(who, "EditPartyMembers", branch.resource()).await? {
            sides.push((side, Author::new(actor, capacity)));
        }
    }
    if actor.person == transfer.person {
        sides.push((Side::Member, Author::account_itself(actor.account)));
    }
    Ok(sides)
}

fn possible(transfer: &Transfer, sides: &[(Side, Author)]) -> Vec<TransferStep> {
    let allowed = |step: &TransferStep| sides.iter().any(|(side, _)| transfer.allows(*step, *side));
    TransferStep::ALL.iter().copied().filter(allowed).collect()
}

async fn cards(app: &App, who: &Viewer, transfers: Vec<Transfer>) -> Result<Vec<TransferCard>> {
    let mentioned = transfers.iter().flat_map(|t| [t.person, t.from, t.to]);
    let names = persons::names(app.read(), app.community_id(), mentioned).await?;
    let name = |id: Uuid| names.get(&id).map(|n| n.name.clone()).unwrap_or_default();
    let mut cards = Vec::with_capacity(transfers.len());
    for transfer in transfers {
        let steps =
            if transfer.state.is_open() { possible(&transfer, &sides(app, who, &transfer).await?) } else { Vec::new() };
        let (person, from, to) = (name(transfer.person), name(transfer.from), name(transfer.to));
        cards.push(TransferCard { person, from, to, steps, transfer });
    }
    Ok(cards)
}

/// The transfers from and to the branches whose officer the viewer is (or above which), those first in which somebody has
/// still to act.
///
/// # Errors
/// [`Error::SignInFirst`]; [`Error::Forbidden`] for who is an officer of none.
pub async fn list(app: &App, who: &Viewer, open: bool, slice: Slice) -> Result<Paged<TransferCard>> {
    who.actor()?;
    let structure = structure(app, who, None).await?;
    let mut branches = Vec::new();
    for standing in structure.all() {
        let Some(branch) = Branch::in_structure(&structure, standing.organisation) else { continue };
        if tongxin_core::people::membership::holds_members(standing.kind)
            && matches!(app.party_part(who, &branch).await?, Some((Part::Whole, _)))
        {
            branches.push(standing.organisation);
        }
    }
    if branches.is_empty() {
        return Err(Error::Forbidden);
    }
    let filter = TransferFilter { branches: Some(branches), person: None, open };
    let found = store::transfers(app.read(), app.community_id(), &filter, slice).await?;
    Ok(Paged { total: found.total, rows: cards(app, who, found.rows).await? })
}

/// A transfer, for the member and the officers of both branches.
///
/// # Errors
/// [`Error::NotFound`] also for who has no part in it; [`Error::SignInFirst`].
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<TransferCard> {
    who.actor()?;
    let transfer = store::transfer(app.read(), app.community_id(), id).await?.ok_or(Error::NotFound)?;
    if sides(app, who, &transfer).await?.is_empty() {
        return Err(Error::NotFound);
    }
    cards(app, who, vec![transfer]).await?.pop().ok_or(Error::NotFound)
}

/// Asks for a transfer of a member to another branch: the member itself, or an officer of its branch.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`] also for who may not know of the member, [`Error::SignInFirst`].
pub async fn ask(app: &App, who: &Viewer, person: Uuid, to: Option<Uuid>, reason: &str) -> Result<Uuid> {
    let (community, today, actor) = (app.community_id(), app.today(), who.actor()?);
    let held = store::memberships_of(app.read(), community, &[person]).await?;
    let home = held.iter().find(|m| m.is_whole() && m.period.contains(today)).ok_or(Error::NotFound)?;
    let old = app.party_branch(home.branch).await?;
    let author = match app.party_officer(who, &old, "EditPartyMembers").await {
        Err(Error::Forbidden) if actor.person == person => Author::account_itself(actor.account),
        Err(Error::Forbidden) => return Err(Error::NotFound),
        other => other?,
    };
    let mut problems = Problems::default();
    let reason = problems.take(text::line("reason", reason, NOTE_MAX));
    let other = to.filter(|to| *to != home.branch);
    let other = problems.take(other.ok_or_else(|| Problem::new("to", "unknown_choice")));
    let (reason, other) = problems.finish(reason.zip(other))?;
    let new_home = app.party_branch(other).await.map_err(|_| Problem::new("to", "unknown_choice"))?;
    joinable(&new_home, today).map_err(|problem| Problem { field: "to", ..problem })?;
    let transfer = Transfer {
        id: app.new_id(),
        person,
        from: home.branch,
        to: other,
        state: TransferState::Asked,
        reason,
        asked_on: today,
        handed_over_on: None,
        decided_on: None,
        note: String::new(),
    };
    let (id, inside) = (transfer.id, app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            let open = TransferFilter { person: Some(person), open: true, ..TransferFilter::default() };
            let one = Slice { offset: 0, limit: 1 };
            if !store::transfers(tx, community, &open, one).await?.rows.is_empty() {
                return Err(Problem::new("to", "party_transfer_open").into());
            }
            store::insert_transfers(tx, community, std::slice::from_ref(&transfer)).await?;
            let subject = ("organisation", transfer.from);
            inside.record(tx, &author, "party.transfer_ask", subject, &changed("transfer", id)).await
        })
    })
    .await?;
    Ok(id)
}

/// Takes a step of a transfer on a day (today when it is left out). When it is accepted, the home moves on that day, in the
/// same transaction.
///
/// # Errors
/// [`Error::Invalid`] when it is not this side's turn, or the home changed meanwhile; [`Error::NotFound`] for who has no
/// part in it; [`Error::SignInFirst`].
pub async fn step(app: &App, who: &Viewer, id: Uuid, step: TransferStep, on: &str, note: &str) -> Result<()> {
    let community = app.community_id();
    let transfer = store::transfer(app.read(), community, id).await?.ok_or(Error::NotFound)?;
    let sides = sides(app, who, &transfer).await?;
    if sides.is_empty() {
        return Err(Error::NotFound);
    }
    let mut problems = Problems::default();
    let on = problems.take(past_day(app, "on", on));
    let note = if step == TransferStep::Decline {
        problems.take(text::line("note", note, NOTE_MAX))
    } else {
        problems.take(text::optional_line("note", note, NOTE_MAX)).map(Option::unwrap_or_default)
    };
    let (on, note) = problems.finish(on.zip(note))?;
    let new_home = app.party_branch(transfer.to).await?;
    let (inside, membership) = (app.clone(), app.new_id());
    app.write(move |tx| {
        Box::pin(async move {
            let mut transfer = store::transfer(tx, community, id).await?.ok_or(Error::NotFound)?;
            let author = sides.iter().find(|(side, _)| transfer.allows(step, *side)).map(|(_, author)| author.clone());
            let speaks: Vec<Side> = sides.iter().map(|(side, _)| *side).collect();
            transfer.take(step, &speaks, on, note)?;
            let author = author.ok_or(Error::Forbidden)?;
            if transfer.state == TransferState::Accepted {
                joinable(&new_home, on)?;
                let held = store::memberships_of(tx, community, &[transfer.person]).await?;
                let (old, new) = moved(&transfer, &held, membership, on)?;
                let others: Vec<Membership> = held.into_iter().filter(|m| m.id != old.id).collect();
                registration_becomes_home(tx, community, &others, &new).await?;
                store::save_membership(tx, community, &old).await?;
                store::insert_memberships(tx, community, &[new]).await?;
            }
            store::save_transfer(tx, community, &transfer).await?;
            let action = format!("party.transfer_{}", step.code());
            let branch = if step == TransferStep::Accept { transfer.to } else { transfer.from };
            inside.record(tx, &author, &action, ("organisation", branch), &changed("transfer", id)).await
        })
    })
    .await
}

/// A member who was registered at its new home is at home there now: the registration ends on that day.
async fn registration_becomes_home(
    tx: &tongxin_store::Tx,
    community: Uuid,
    others: &[Membership],
    new: &Membership,
) -> Result<()> {
    let on = new.period.from;
    let (mut left, mut kept) = (Vec::new(), Vec::new());
    for m in others {
        if m.branch == new.branch && m.period.contains(on) && !m.is_whole() {
            left.push(m);
        } else {
            kept.push(m.clone());
        }
    }
    for m in left {
        let period =
            m.period.ended(on).ok_or_else(|| Problem::new("on", "party_registered_at_home").with("from", on))?;
        store::save_membership(tx, community, &Membership { period, ..m.clone() }).await?;
    }
    Ok(check_new(&kept, new)?)
}
