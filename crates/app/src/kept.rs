//! Results that are costly on a large community, kept for a minute.
//!
//! What is kept is good as long as this process has written nothing since: who does something sees it at once in every count
//! and figure. On a large community somebody writes all the time, and there what was counted over many rows
//! ([`LARGE`]) stays good for [`KEPT_SECONDS`] whatever is written: one more or less among thousands is worth no second
//! count, and the page says of when its figures are. The number of rows decides, not the time that it took, so that the
//! same community always behaves alike. What another process wrote into the same database shows after a minute at the latest.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Duration, Utc};

use crate::{App, Result};

/// How many rows make a result worth keeping although something was written since.
pub(crate) const LARGE: i64 = 5_000;
/// How long a result is kept at most, in seconds.
const KEPT_SECONDS: i64 = 60;
/// How many results of a kind are kept; when there are more, all are forgotten.
const MOST: usize = 512;

/// A result with the moment that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOf<V> {
    /// When it was computed.
    pub at: DateTime<Utc>,
    /// The result.
    pub value: V,
}

struct Stored<V> {
    result: AsOf<V>,
    /// How much this process had written before it was computed.
    writes: u64,
    large: bool,
}

type Slot<V> = Arc<tokio::sync::Mutex<Option<Stored<V>>>>;

/// Results of one kind, by what was asked.
pub(crate) struct Kept<K, V>(Mutex<HashMap<K, Slot<V>>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    fn slot(&self, key: K) -> Slot<V> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(&key) {
            slots.clear();
        }
        Arc::clone(slots.entry(key).or_default())
    }

    /// The kept result for `key`, or a new one. Of those who ask for the same at once, one computes and the others wait for it.
    /// `rows` tells over how many rows a result was counted.
    pub(crate) async fn get(
        &self,
        app: &App,
        key: K,
        rows: impl FnOnce(&V) -> i64,
        compute: impl Future<Output = Result<V>>,
    ) -> Result<AsOf<V>> {
        let slot = self.slot(key);
        let mut held = slot.lock().await;
        // Read before computing: what is written meanwhile may be missing from the result.
        let (now, writes) = (app.now(), app.writes());
        if let Some(stored) = held.as_ref() {
            let age = now - stored.result.at;
            let is_young = age >= Duration::zero() && age < Duration::seconds(KEPT_SECONDS);
            if is_young && (stored.large || stored.writes == writes) {
                return Ok(stored.result.clone());
            }
        }
        let result = AsOf { at: now, value: compute.await? };
        *held = Some(Stored { large: rows(&result.value) >= LARGE, writes, result: result.clone() });
        Ok(result)
    }
}
