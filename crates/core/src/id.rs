//! Identifiers: UUIDv7, made only by an [`IdSource`] that is passed in.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Makes new identifiers. The program's source is random; a test's source counts.
pub trait IdSource: Send + Sync {
    /// A new UUIDv7 whose time part is `now`.
    fn next(&self, now: DateTime<Utc>) -> Uuid;
}

/// Identifiers that repeat exactly: the time given and a counter. For tests, samples and generators.
#[derive(Debug, Default)]
pub struct CountingIds(std::sync::atomic::AtomicU64);

impl IdSource for CountingIds {
    fn next(&self, now: DateTime<Utc>) -> Uuid {
        let count = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let mut random = [0_u8; 10];
        random[2..].copy_from_slice(&count.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_ids_are_version_7_and_differ() {
        let ids = CountingIds::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let (a, b) = (ids.next(now), ids.next(now));
        assert_ne!(a, b);
        assert_eq!(a.get_version_num(), 7);
        assert!(a < b);
    }
}
