//! What happens by the passing of time: needs and offers expire, missing confirmations are reminded, organisations become
//! what they were to become, rosters and old sessions go.

use chrono::Duration;
use serde_json::json;
use tongxin_core::service::matches::CONFIRM_WITHIN_DAYS;
use tongxin_store::service::{intents, matches};

use crate::{App, Result, community::standing, record::Author, roster};

/// How many of each are dealt with in one tick.
const BATCH: u64 = 500;

/// What a tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Needs and offers that expired.
    pub expired: usize,
    /// Deliveries whose missing side was reminded.
    pub reminded: usize,
    /// Organisations whose next standing has begun.
    pub followed: usize,
    /// Rosters that were dropped, or whose rows were forgotten.
    pub forgotten: usize,
}

/// Does what is due now. Doing it twice changes nothing.
///
/// # Errors
/// The store's.
pub async fn run(app: &App) -> Result<Done> {
    let (community, now) = (app.community_id(), app.now());
    let overdue = now - Duration::days(CONFIRM_WITHIN_DAYS);
    let due = intents::past_their_window(app.read(), community, now, BATCH).await?;
    let missing = matches::unreminded(app.read(), community, overdue, BATCH).await?;
    let followed = standing::follow_the_days(app).await?;
    let forgotten = roster::forget(app).await?;
    let app_in_tx = app.clone();
    app.write_alone(move |tx| {
        Box::pin(async move {
            let app = &app_in_tx;
            let author = Author::system();
            let mut done = Done { followed, forgotten, ..Done::default() };
            let mut records = Vec::new();
            for due in due {
                let mut intent = app.intent_in(tx, due.id).await?;
                if intent.expire(now) {
                    intents::save(tx, community, &intent).await?;
                    let kind = intent.side.code();
                    records.push(app.new_record(&author, &format!("{kind}.expire"), kind, intent.id, &json!({})));
                    done.expired += 1;
                }
            }
            for delivery in missing {
                let found = matches::delivery(tx, community, delivery.id).await?;
                let Some(mut delivery) = found.filter(|d| d.is_overdue(now) && d.reminded_at.is_none()) else {
                    continue;
                };
                let Some(of) = matches::find(tx, community, delivery.match_id).await? else { continue };
                delivery.reminded_at = Some(now);
                matches::save_delivery(tx, community, &delivery, &of).await?;
                let data = json!({ "delivery": delivery.id });
                records.push(app.new_record(&author, "delivery.remind", "match", delivery.match_id, &data));
                done.reminded += 1;
            }
            if !records.is_empty() {
                tongxin_store::record::append(tx, community, records).await?;
            }
            tongxin_store::identity::sweep(tx, now, now - Duration::days(2)).await?;
            Ok(done)
        })
    })
    .await
}
