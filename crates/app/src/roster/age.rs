//! Rosters that have come of age: rows hold personal data, and are forgotten when nobody needs them any more.

use chrono::Duration;
use serde_json::json;
use tongxin_core::roster::{KEPT_DAYS, kept_until};
use tongxin_store::roster as store;

use crate::{App, Result, record::Author};

/// How many are dealt with at once.
const BATCH: u64 = 50;

/// Drops rosters that were not written in time, and forgets the rows of those that were written long ago ([`kept_until`]).
/// Gives how many; doing it twice changes nothing.
///
/// # Errors
/// The store's.
pub(crate) async fn forget(app: &App) -> Result<usize> {
    let (community, now) = (app.community_id(), app.now());
    let before = now - Duration::days(KEPT_DAYS);
    let due = store::aged(app.read(), community, before, BATCH).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let inside = app.clone();
    app.write_alone(move |tx| {
        Box::pin(async move {
            let mut forgotten = 0;
            for due in due {
                let Some(roster) = store::roster(tx, community, due.id).await? else { continue };
                let is_due = now > kept_until(roster.state, roster.created_at, roster.finished_at);
                if !is_due || inside.running().progress(roster.id).is_some() {
                    continue;
                }
                let action = if roster.state.was_written() {
                    store::delete_rows(tx, community, roster.id, None).await?;
                    "roster.forget_rows"
                } else {
                    store::forget(tx, community, roster.id).await?;
                    "roster.drop"
                };
                let data = json!({ "kind": roster.kind, "rows": roster.rows });
                inside.record(tx, &Author::system(), action, ("roster", roster.id), &data).await?;
                forgotten += 1;
            }
            Ok(forgotten)
        })
    })
    .await
}
