//! Matches: look, propose, answer, arrange, call off. Their deliveries are in [`super::deliveries`].

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tongxin_core::{
    invalid::{Problem, Problems},
    service::{
        Delivery, Intent, IntentForm, Match, MatchState, Party, Side, intent::Refused, matches::NOTE_MAX,
        matching::Reason,
    },
    text,
    time::Window,
};
pub use tongxin_store::service::matches::{MatchFilter, StoredMatch};
use tongxin_store::{
    Paged, Slice, Tx,
    service::{intents, matches as store},
};
use uuid::Uuid;

pub use super::{
    day_list::{DayList, day_list},
    deliveries::{DeliveryForm, confirm, deliver, deliver_as_arranged, rate, settle},
};
use crate::{App, Error, Result, Viewer, policy::Resource, record::Author};

/// A match in a list.
#[derive(Debug, Clone)]
pub struct MatchCard {
    /// The match.
    pub stored: StoredMatch,
    /// The need's title.
    pub need_title: String,
    /// The offer's title.
    pub offer_title: String,
    /// The giver's name.
    pub giver: String,
    /// The receiver's name.
    pub receiver: String,
    /// The need's place, with the residential area.
    pub place: String,
    /// Its deliveries, oldest first.
    pub deliveries: Vec<Delivery>,
}

/// What the viewer may do now with a match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps {
    /// Accept or decline.
    pub answer: bool,
    /// Arrange a time, or another.
    pub arrange: bool,
    /// Record a delivery.
    pub deliver: bool,
    /// Call it off.
    pub cancel: bool,
}

/// What the viewer may do now with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliverySteps {
    /// The delivery.
    pub id: Uuid,
    /// Confirm it.
    pub confirm: bool,
    /// Settle it, as staff, because a confirmation is missing for 7 days.
    pub settle: bool,
    /// Rate it.
    pub rate: bool,
}

/// A match's page.
#[derive(Debug, Clone)]
pub struct MatchView {
    /// The match.
    pub card: MatchCard,
    /// The need.
    pub need: Intent,
    /// The offer.
    pub offer: Intent,
    /// As which parties the viewer may act.
    pub parties: Vec<Party>,
    /// What the viewer may do now.
    pub steps: Steps,
    /// The same of each delivery.
    pub delivery_steps: Vec<DeliverySteps>,
    /// The giver's and the receiver's telephone numbers, once it is accepted.
    pub phones: Option<(Option<String>, Option<String>)>,
}

/// Puts titles, names, places and deliveries beside matches, in four queries.
pub(crate) async fn cards(app: &App, found: Vec<StoredMatch>) -> Result<Vec<MatchCard>> {
    let (c, community) = (app.read(), app.community_id());
    let territory = app.territory().await?;
    let ids: Vec<Uuid> = found.iter().map(|m| m.life.id).collect();
    let intents = intents::many(c, community, found.iter().flat_map(|m| [m.life.need, m.life.offer])).await?;
    let members = found.iter().flat_map(|m| [m.life.giver, m.life.receiver]);
    let names = tongxin_store::people::names(c, community, members).await?;
    let mut deliveries = store::deliveries_of(c, community, &ids).await?;
    let title = |id: Uuid| intents.get(&id).map(|i| i.draft.title.clone()).unwrap_or_default();
    let name = |id: Uuid| names.get(&id).map(|n| n.name.clone()).unwrap_or_default();
    let card = |stored: StoredMatch| MatchCard {
        need_title: title(stored.life.need),
        offer_title: title(stored.life.offer),
        giver: name(stored.life.giver),
        receiver: name(stored.life.receiver),
        place: intents.get(&stored.life.need).map(|i| territory.full_name(i.location.place)).unwrap_or_default(),
        deliveries: deliveries.remove(&stored.life.id).unwrap_or_default(),
        stored,
    };
    Ok(found.into_iter().map(card).collect())
}

fn resource(life: &Match, need: &Intent) -> Resource<'static> {
    Resource::Match { id: life.id, giver: life.giver, receiver: life.receiver, place: need.location.place }
}

/// As which parties the viewer may act, each with its author.
pub(super) async fn parties(app: &App, who: &Viewer, life: &Match, need: &Intent) -> Result<Vec<(Party, Author)>> {
    let actor = who.actor()?;
    let mut parties = Vec::new();
    for (party, action) in
        [(Party::Giver, "ActAsGiver"), (Party::Receiver, "ActAsReceiver"), (Party::Staff, "ActAsStaff")]
    {
        if let Some(capacity) = app.may(who, action, resource(life, need)).await? {
            parties.push((party, Author::new(actor, capacity)));
        }
    }
    Ok(parties)
}

/// A match's page.
///
/// # Errors
/// [`Error::NotFound`], also when the viewer has no part in it; [`Error::SignInFirst`].
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<MatchView> {
    let (c, community) = (app.read(), app.community_id());
    who.actor()?;
    let stored = store::find(c, community, id).await?.ok_or(Error::NotFound)?;
    let need = intents::intent(c, community, stored.life.need).await?.ok_or(Error::NotFound)?;
    let offer = intents::intent(c, community, stored.life.offer).await?.ok_or(Error::NotFound)?;
    if app.may(who, "ViewMatch", resource(&stored.life, &need)).await?.is_none() {
        return Err(Error::NotFound);
    }
    let parties: Vec<Party> = parties(app, who, &stored.life, &need).await?.into_iter().map(|(p, _)| p).collect();
    let card = cards(app, vec![stored]).await?.pop().ok_or(Error::NotFound)?;
    let life = &card.stored.life;
    let running = matches!(life.state, MatchState::Accepted | MatchState::Arranged);
    let steps = Steps {
        answer: life.state == MatchState::Proposed && parties.iter().any(|p| p.speaks_for(life.asked)),
        arrange: running && !parties.is_empty(),
        deliver: running && parties.iter().any(|p| *p != Party::Receiver),
        cancel: (running || life.state == MatchState::Proposed) && !parties.is_empty(),
    };
    let now = app.now();
    let delivery_steps = card.deliveries.iter().map(|d| delivery_steps(d, &parties, now)).collect();
    let phones = if life.accepted_at.is_some() {
        let mut phones = tongxin_store::people::phones(c, community, &[life.giver, life.receiver]).await?;
        Some((phones.remove(&life.giver), phones.remove(&life.receiver)))
    } else {
        None
    };
    Ok(MatchView { need, offer, parties, steps, delivery_steps, phones, card })
}

/// The page of the match that a delivery belongs to.
///
/// # Errors
/// As [`show`].
pub async fn show_delivery(app: &App, who: &Viewer, delivery: Uuid) -> Result<MatchView> {
    who.actor()?;
    let found = store::delivery(app.read(), app.community_id(), delivery).await?.ok_or(Error::NotFound)?;
    show(app, who, found.match_id).await
}

fn delivery_steps(delivery: &Delivery, parties: &[Party], now: DateTime<Utc>) -> DeliverySteps {
    let open = !delivery.is_settled();
    let giver = parties.contains(&Party::Giver) && delivery.giver_confirmed_at.is_none();
    let receiver = parties.contains(&Party::Receiver) && delivery.receiver_confirmed_at.is_none();
    DeliverySteps {
        id: delivery.id,
        confirm: open && (giver || receiver),
        settle: delivery.is_overdue(now) && parties.contains(&Party::Staff),
        rate: parties.contains(&Party::Receiver),
    }
}

/// Matches in which the viewer has a part: its own, or those of the areas where it is staff when `as_staff`.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn list(
    app: &App,
    who: &Viewer,
    as_staff: bool,
    mut filter: MatchFilter,
    slice: Slice,
) -> Result<Paged<MatchCard>> {
    let actor = who.actor()?;
    if as_staff {
        if !actor.is_staff() {
            return Err(Error::Forbidden);
        }
        filter.areas = if actor.is_subdistrict() { filter.areas } else { Some(actor.staff_places()) };
    } else {
        filter.members = Some(actor.members());
    }
    let page = store::list(app.read(), app.community_id(), &filter, slice).await?;
    Ok(Paged { total: page.total, rows: cards(app, page.rows).await? })
}

/// What waits for the viewer: proposals to answer and deliveries to confirm, at most 200, the newest change first.
///
/// # Errors
/// The store's.
pub async fn waiting_for(app: &App, who: &Viewer) -> Result<Vec<MatchCard>> {
    let Viewer::Actor(actor) = who else { return Ok(Vec::new()) };
    let filter = MatchFilter { waiting_for: Some(actor.members()), ..MatchFilter::default() };
    let found = store::list(app.read(), app.community_id(), &filter, Slice { offset: 0, limit: 200 }).await?;
    cards(app, found.rows).await
}

/// How many matters wait for the viewer, counted to `most`: for the frame of every page.
///
/// # Errors
/// The store's.
pub async fn count_waiting(app: &App, who: &Viewer, most: u64) -> Result<u64> {
    let Viewer::Actor(actor) = who else { return Ok(0) };
    Ok(store::count_waiting(app.read(), app.community_id(), &actor.members(), most).await?)
}

/// Proposes a match of a need and an offer. The other side is asked: the giver when staff or the receiver proposes, the
/// receiver when the giver does.
///
/// # Errors
/// [`Error::Refused`] when the rules do not allow it, [`Error::Forbidden`], [`Error::NotFound`].
pub async fn propose(app: &App, who: &Viewer, need: Uuid, offer: Uuid, quantity: i64) -> Result<Uuid> {
    let (c, community) = (app.read(), app.community_id());
    let need = intents::intent(c, community, need).await?.filter(|i| i.side == Side::Need).ok_or(Error::NotFound)?;
    let offer = intents::intent(c, community, offer).await?.filter(|i| i.side == Side::Offer).ok_or(Error::NotFound)?;
    let for_need = app.may(who, "ProposeMatch", Resource::Intent(&need)).await?;
    let for_offer = app.may(who, "ProposeMatch", Resource::Intent(&offer)).await?;
    // Who proposes must speak for one side, and see the other.
    let (seen, asked, capacity) = match (for_need, for_offer) {
        (Some(capacity), _) => (&offer, Side::Offer, capacity),
        (None, Some(capacity)) => (&need, Side::Need, capacity),
        (None, None) => return Err(if matches!(who, Viewer::Guest) { Error::SignInFirst } else { Error::Forbidden }),
    };
    app.authorise(who, "ViewIntent", Resource::Intent(seen)).await?;
    let author = Author::new(who.actor()?, capacity);
    let reasons = super::ranking::reasons(app, &need, &offer).await?;
    let id = app.new_id();
    let new = NewMatch { id, need: need.id, offer: offer.id, quantity, asked, reasons, run: None, is_answer: false };
    let app_in_tx = app.clone();
    app.write(move |tx| Box::pin(async move { app_in_tx.insert_match(tx, new, &author).await })).await?;
    Ok(id)
}

/// A match to be stored.
pub(crate) struct NewMatch {
    pub id: Uuid,
    pub need: Uuid,
    pub offer: Uuid,
    pub quantity: i64,
    pub asked: Side,
    pub reasons: Vec<Reason>,
    pub run: Option<Uuid>,
    pub is_answer: bool,
}

impl App {
    /// Holds the quantity on both sides, stores the match and its record.
    pub(crate) async fn insert_match(&self, tx: &Tx, new: NewMatch, author: &Author) -> Result<()> {
        let (community, now) = (self.community_id(), self.now());
        let mut need = self.intent_in(tx, new.need).await?;
        let mut offer = self.intent_in(tx, new.offer).await?;
        if need.member == offer.member {
            return Err(Refused::SameMember.into());
        }
        if need.draft.category != offer.draft.category {
            return Err(Refused::OtherCategory.into());
        }
        need.commit(new.quantity, now)?;
        offer.commit(new.quantity, now)?;
        intents::save(tx, community, &need).await?;
        intents::save(tx, community, &offer).await?;
        let life = Match {
            id: new.id,
            need: need.id,
            offer: offer.id,
            receiver: need.member,
            giver: offer.member,
            quantity: new.quantity,
            delivered: 0,
            asked: new.asked,
            state: MatchState::Proposed,
            arranged: None,
            reason: None,
            proposed_at: now,
            accepted_at: None,
            closed_at: None,
            updated_at: now,
        };
        let data = json!({ "need": need.id, "offer": offer.id, "quantity": new.quantity, "run": new.run });
        let stored = StoredMatch {
            life,
            area: need.location.area,
            category: need.draft.category,
            reasons: new.reasons,
            run: new.run,
            is_answer: new.is_answer,
        };
        store::insert(tx, community, &[stored]).await?;
        self.record(tx, author, "match.propose", ("match", new.id), &data).await
    }

    pub(super) async fn match_in(&self, tx: &Tx, id: Uuid) -> Result<StoredMatch> {
        store::find(tx, self.community_id(), id).await?.ok_or(Error::NotFound)
    }

    /// Gives `quantity` back to both sides of a match. What was handed in for this match alone is withdrawn, unless
    /// something else still holds some of it: nobody meant to offer or ask for it beyond the answer.
    async fn release_both(&self, tx: &Tx, author: &Author, stored: &StoredMatch, quantity: i64) -> Result<()> {
        let life = &stored.life;
        for id in [life.need, life.offer] {
            let mut intent = self.intent_in(tx, id).await?;
            intent.release(quantity, self.now());
            let made_for_it = stored.is_answer && intent.side != life.asked;
            if made_for_it && intent.withdraw(self.now()).is_ok() {
                let kind = intent.side.code();
                let data = json!({ "match": life.id });
                self.record(tx, author, &format!("{kind}.withdraw"), (kind, id), &data).await?;
            }
            intents::save(tx, self.community_id(), &intent).await?;
        }
        Ok(())
    }
}

/// Answers somebody's need or offer with one's own: an offer or a need made from it for `member`, and a match that asks the
/// other side. When that match is declined or called off, what was made for it is withdrawn.
///
/// # Errors
/// As [`propose`] and [`super::intents::create`].
pub async fn respond(
    app: &App,
    who: &Viewer,
    to: Uuid,
    member: Option<Uuid>,
    quantity: i64,
    note: &str,
) -> Result<Uuid> {
    let (c, community) = (app.read(), app.community_id());
    let asked = intents::intent(c, community, to).await?.ok_or(Error::NotFound)?;
    app.authorise(who, "ViewIntent", Resource::Intent(&asked)).await?;
    let draft = &asked.draft;
    let form = IntentForm {
        category: draft.category.code().to_owned(),
        care_kind: draft.care_kind.code().to_owned(),
        title: draft.title.clone(),
        text: note.to_owned(),
        from: Some(draft.schedule.window.from),
        until: Some(draft.schedule.window.until),
        rrule: draft.schedule.rule.clone().unwrap_or_default(),
        quantity: quantity.to_string(),
        visibility: "staff".to_owned(),
        ..IntentForm::default()
    };
    let (own, author) = super::intents::check_new(app, who, asked.side.other(), member, None, &form).await?;
    let (need, offer) = if asked.side == Side::Need { (asked.id, own.id) } else { (own.id, asked.id) };
    let id = app.new_id();
    let new =
        NewMatch { id, need, offer, quantity, asked: asked.side, reasons: Vec::new(), run: None, is_answer: true };
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            app_in_tx.insert_intent(tx, own, &author).await?;
            app_in_tx.insert_match(tx, new, &author).await
        })
    })
    .await?;
    Ok(id)
}

/// A step on a match: authorised as a party that `fits`, done and recorded in one transaction.
pub(super) async fn step<F>(
    app: &App,
    who: &Viewer,
    id: Uuid,
    action: &'static str,
    fits: fn(Party, &Match) -> bool,
    change: F,
) -> Result<()>
where
    F: for<'t> FnOnce(&'t App, &'t Tx, Party, Author, &'t mut StoredMatch) -> tongxin_store::Work<'t, Value, Error>
        + Send
        + 'static,
{
    let (c, community) = (app.read(), app.community_id());
    let stored = store::find(c, community, id).await?.ok_or(Error::NotFound)?;
    let need = intents::intent(c, community, stored.life.need).await?.ok_or(Error::NotFound)?;
    let parties = parties(app, who, &stored.life, &need).await?;
    if parties.is_empty() {
        return Err(Error::Forbidden);
    }
    let (party, author) =
        parties.into_iter().find(|(p, _)| fits(*p, &stored.life)).ok_or(Error::Refused(Refused::NotYourStep))?;
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let mut stored = app_in_tx.match_in(tx, id).await?;
            let data = change(&app_in_tx, tx, party, author.clone(), &mut stored).await?;
            store::save(tx, app_in_tx.community_id(), &stored).await?;
            app_in_tx.record(tx, &author, action, ("match", id), &data).await
        })
    })
    .await
}

/// The side that was asked accepts.
///
/// # Errors
/// [`Error::Refused`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn accept(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let asked = |p: Party, life: &Match| p.speaks_for(life.asked);
    step(app, who, id, "match.accept", asked, |app, _, party, _, stored| {
        Box::pin(async move {
            stored.life.accept(party, app.now())?;
            Ok(json!({}))
        })
    })
    .await
}

/// The side that was asked declines, with a reason.
///
/// # Errors
/// [`Error::Invalid`] without a reason; as [`accept`].
pub async fn decline(app: &App, who: &Viewer, id: Uuid, reason: &str) -> Result<()> {
    let reason = text::line("reason", reason, NOTE_MAX)?;
    let asked = |p: Party, life: &Match| p.speaks_for(life.asked);
    step(app, who, id, "match.decline", asked, |app, tx, party, author, stored| {
        Box::pin(async move {
            stored.life.decline(party, reason.clone(), app.now())?;
            app.release_both(tx, &author, stored, stored.life.quantity).await?;
            Ok(json!({ "reason": reason }))
        })
    })
    .await
}

/// Either side, or staff, calls it off, with a reason.
///
/// # Errors
/// [`Error::Invalid`] without a reason; as [`accept`].
pub async fn cancel(app: &App, who: &Viewer, id: Uuid, reason: &str) -> Result<()> {
    let reason = text::line("reason", reason, NOTE_MAX)?;
    step(
        app,
        who,
        id,
        "match.cancel",
        |_, _| true,
        |app, tx, _, author, stored| {
            Box::pin(async move {
                let left = stored.life.cancel(reason.clone(), app.now())?;
                app.release_both(tx, &author, stored, left).await?;
                Ok(json!({ "reason": reason, "released": left }))
            })
        },
    )
    .await
}

/// Either side, or staff, arranges a time, or another one.
///
/// # Errors
/// [`Error::Invalid`] when the times are missing, turned round or past; as [`accept`].
pub async fn arrange(
    app: &App,
    who: &Viewer,
    id: Uuid,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
) -> Result<()> {
    step(
        app,
        who,
        id,
        "match.arrange",
        |_, _| true,
        move |app, _, _, _, stored| {
            Box::pin(async move {
                let window = check_visit(from, until, app.now())?;
                stored.life.arrange(window, app.now())?;
                Ok(json!({ "from": window.from, "until": window.until }))
            })
        },
    )
    .await
}

/// When a visit is to be, from the times that were typed.
fn check_visit(
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Window, Problems> {
    let mut problems = Problems::default();
    let from = problems.take(from.ok_or_else(|| Problem::new("from", "bad_time")));
    let until = problems.take(until.ok_or_else(|| Problem::new("until", "bad_time")));
    let window = from.zip(until).and_then(|(from, until)| {
        problems.take(Window::new(from, until).ok_or_else(|| Problem::new("until", "end_before_start")))
    });
    if let Some(window) = window {
        problems.require(window.until > now, || Problem::new("until", "already_past"));
        let longest = chrono::Duration::hours(24);
        problems
            .require(window.until - window.from <= longest, || Problem::new("until", "visit_too_long").with("max", 24));
    }
    problems.finish(window)
}
