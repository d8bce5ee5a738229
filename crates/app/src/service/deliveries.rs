//! Deliveries of matches: record, confirm, settle, rate.

use chrono::{DateTime, Utc};
use serde_json::json;
use tongxin_core::{
    invalid::Problems,
    service::{
        Delivery, DeliveryDraft, Party,
        intent::Refused,
        matches::{check_delivery, check_feedback},
        schedule::Schedule,
    },
    time::Window,
};
use tongxin_store::{
    Tx,
    service::{intents, matches as store},
};
use uuid::Uuid;

use super::matches::{parties, step};
use crate::{App, Error, Result, Viewer, record::Author};

/// A delivery as typed.
#[derive(Debug, Clone, Default)]
pub struct DeliveryForm {
    /// When it happened; none when it could not be read.
    pub happened_at: Option<DateTime<Utc>>,
    /// Minutes, a whole number.
    pub minutes: String,
    /// How much of the match, a whole number.
    pub quantity: String,
    /// A note.
    pub note: String,
}

/// The giver, or staff, records a delivery. When the need recurs and some is left, the next time is arranged.
///
/// # Errors
/// [`Error::Invalid`]; as [`accept`].
pub async fn deliver(app: &App, who: &Viewer, id: Uuid, form: &DeliveryForm) -> Result<()> {
    let form = form.clone();
    let draft = move |now| check_delivery(form.happened_at, &form.minutes, &form.quantity, &form.note, now);
    deliver_as(app, who, id, draft).await
}

/// Records what `draft` gives for the time of now; it is asked after the right.
async fn deliver_as(
    app: &App,
    who: &Viewer,
    id: Uuid,
    draft: impl FnOnce(DateTime<Utc>) -> Result<DeliveryDraft, Problems> + Send + 'static,
) -> Result<()> {
    step(
        app,
        who,
        id,
        "match.deliver",
        |p, _| p != Party::Receiver,
        move |app, tx, party, author, stored| {
            Box::pin(async move {
                let now = app.now();
                let draft = draft(now)?;
                let need = app.intent_in(tx, stored.life.need).await?;
                let schedule = &need.draft.schedule;
                let next = next_visit(schedule, stored.life.arranged, draft.happened_at, now, app.zone());
                let data =
                    json!({ "minutes": draft.minutes, "quantity": draft.quantity, "happened_at": draft.happened_at });
                let delivery = stored.life.deliver(party, app.new_id(), draft, next, now)?;
                store::insert_delivery(tx, app.community_id(), &delivery, stored, author.account()).await?;
                Ok(data)
            })
        },
    )
    .await
}

/// The first visit of a recurring need after the one that happened: it is not over yet, and it is not the same visit,
/// whose time may still be running when it is recorded.
fn next_visit(
    schedule: &Schedule,
    arranged: Option<Window>,
    happened: DateTime<Utc>,
    now: DateTime<Utc>,
    zone: chrono_tz::Tz,
) -> Option<Window> {
    schedule.rule.as_ref()?;
    let meant = arranged.filter(|w| w.from - chrono::Duration::hours(12) <= happened);
    let done = meant.map_or(happened, |w| w.until.max(happened));
    let coming = schedule.occurrences(now.max(happened), zone, 8)?;
    coming.into_iter().find(|w| w.from > happened && w.from >= done)
}

/// One tap on the day list: the arranged visit took place as arranged, all that was due of it now (one visit of a
/// recurring need, otherwise what is left).
///
/// # Errors
/// [`Error::Refused`] when no time is arranged or it is for a later day; as [`accept`].
pub async fn deliver_as_arranged(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let (c, community) = (app.read(), app.community_id());
    let stored = store::find(c, community, id).await?.ok_or(Error::NotFound)?;
    let need = intents::intent(c, community, stored.life.need).await?.ok_or(Error::NotFound)?;
    if parties(app, who, &stored.life, &need).await?.is_empty() {
        return Err(Error::Forbidden);
    }
    let window = stored.life.arranged.ok_or(Refused::WrongState)?;
    if window.from.with_timezone(&app.zone()).date_naive() > app.today() {
        return Err(Refused::WrongState.into());
    }
    let left = stored.life.quantity - stored.life.delivered;
    let quantity = if need.draft.schedule.rule.is_some() { left.min(1) } else { left };
    let draft = DeliveryDraft {
        happened_at: window.from.min(app.now()),
        minutes: (window.until - window.from).num_minutes(),
        quantity,
        note: String::new(),
    };
    deliver_as(app, who, id, move |_| Ok(draft)).await
}

/// Loads a delivery with its match and need, and the parties as which the viewer may act.
async fn delivery_parties(app: &App, who: &Viewer, id: Uuid) -> Result<Vec<(Party, Author)>> {
    let (c, community) = (app.read(), app.community_id());
    who.actor()?;
    let delivery = store::delivery(c, community, id).await?.ok_or(Error::NotFound)?;
    let stored = store::find(c, community, delivery.match_id).await?.ok_or(Error::NotFound)?;
    let need = intents::intent(c, community, stored.life.need).await?.ok_or(Error::NotFound)?;
    let parties = parties(app, who, &stored.life, &need).await?;
    if parties.is_empty() { Err(Error::Forbidden) } else { Ok(parties) }
}

/// The author of a step on a delivery that only `party` may take.
async fn author_as(app: &App, who: &Viewer, delivery: Uuid, party: Party) -> Result<Author> {
    let parties = delivery_parties(app, who, delivery).await?;
    parties.into_iter().find(|(p, _)| *p == party).map(|(_, author)| author).ok_or(Error::Forbidden)
}

impl App {
    /// Stores a delivery that changed; when it is settled now, counts it and ends the match if it was the last.
    async fn save_delivery(&self, tx: &Tx, delivery: &Delivery, settled_now: bool) -> Result<()> {
        let (community, now) = (self.community_id(), self.now());
        let mut stored = self.match_in(tx, delivery.match_id).await?;
        store::save_delivery(tx, community, delivery, &stored).await?;
        if !settled_now {
            return Ok(());
        }
        let life = &stored.life;
        tongxin_store::people::add_to_balance(tx, community, life.giver, life.receiver, delivery.draft.minutes).await?;
        for id in [life.need, life.offer] {
            let mut intent = self.intent_in(tx, id).await?;
            intent.fulfil(delivery.draft.quantity, now);
            intents::save(tx, community, &intent).await?;
        }
        let all = store::deliveries_of(tx, community, &[life.id]).await?.remove(&life.id).unwrap_or_default();
        if stored.life.close_if_settled(&all, now) {
            store::save(tx, community, &stored).await?;
        }
        Ok(())
    }
}

/// One's side confirms a delivery.
///
/// # Errors
/// [`Error::Refused`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn confirm(app: &App, who: &Viewer, delivery: Uuid) -> Result<()> {
    let parties = delivery_parties(app, who, delivery).await?;
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let app = &app_in_tx;
            let mut found = store::delivery(tx, app.community_id(), delivery).await?.ok_or(Error::NotFound)?;
            let side = parties.into_iter().find(|(p, _)| match p {
                Party::Giver => found.giver_confirmed_at.is_none(),
                Party::Receiver => found.receiver_confirmed_at.is_none(),
                Party::Staff => false,
            });
            let (party, author) = side.ok_or(Refused::NotYourStep)?;
            let settled = found.confirm(party, app.now())?;
            app.save_delivery(tx, &found, settled).await?;
            let data = json!({ "delivery": delivery, "as": party });
            app.record(tx, &author, "delivery.confirm", ("match", found.match_id), &data).await
        })
    })
    .await
}

/// Staff settle a delivery whose confirmation is missing for 7 days.
///
/// # Errors
/// [`Error::Refused`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn settle(app: &App, who: &Viewer, delivery: Uuid) -> Result<()> {
    let author = author_as(app, who, delivery, Party::Staff).await?;
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let app = &app_in_tx;
            let mut found = store::delivery(tx, app.community_id(), delivery).await?.ok_or(Error::NotFound)?;
            found.settle(app.now())?;
            app.save_delivery(tx, &found, true).await?;
            app.record(tx, &author, "delivery.settle", ("match", found.match_id), &json!({ "delivery": delivery }))
                .await
        })
    })
    .await
}

/// The receiver rates a delivery from 1 to 5, with a comment; later ratings replace earlier ones.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn rate(app: &App, who: &Viewer, delivery: Uuid, rating: &str, comment: &str) -> Result<()> {
    let (rating, comment) = check_feedback(rating, comment)?;
    let author = author_as(app, who, delivery, Party::Receiver).await?;
    let app_in_tx = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let app = &app_in_tx;
            let mut found = store::delivery(tx, app.community_id(), delivery).await?.ok_or(Error::NotFound)?;
            let before = found.rating;
            found.rate(rating, comment);
            app.save_delivery(tx, &found, false).await?;
            let data = json!({ "delivery": delivery, "rating": rating, "before": before });
            app.record(tx, &author, "delivery.rate", ("match", found.match_id), &data).await
        })
    })
    .await
}
