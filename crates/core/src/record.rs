//! The record of every change: who, what, when, under which post; a hash chain that anyone can verify.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// One record of one change, or of one look at sensitive data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its number in the community's chain, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The account that acted; none for the program itself.
    pub account: Option<Uuid>,
    /// The capacity in which it acted: the code of a post kind, `self`, or `system`.
    pub capacity: String,
    /// What was done, as `word.verb`.
    pub action: String,
    /// The kind of thing it was done to.
    pub subject_kind: String,
    /// The thing it was done to.
    pub subject: Uuid,
    /// The particulars, as JSON text.
    pub data: String,
    /// The chain's hash before this record, in hexadecimal; empty for the first.
    pub previous: String,
    /// The chain's hash after it.
    pub hash: String,
}

impl Record {
    /// The hash that this record ought to carry: SHA-256 over the previous hash and every field, each preceded by its
    /// length so that no two different records are written alike.
    #[must_use]
    pub fn expected_hash(&self) -> String {
        let mut hasher = Sha256::new();
        let account = self.account.map(|a| a.to_string()).unwrap_or_default();
        let fields = [
            self.previous.as_str(),
            &self.seq.to_string(),
            &self.at.timestamp_millis().to_string(),
            &account,
            &self.capacity,
            &self.action,
            &self.subject_kind,
            &self.subject.to_string(),
            &self.data,
        ];
        for field in fields {
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hex(&hasher.finalize())
    }
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Checks that `records`, in order, continue the chain after number `seq` with hash `hash`.
///
/// # Errors
/// The number of the first record that does not fit.
pub fn verify_chain<'a>(
    (mut seq, mut hash): (i64, String),
    records: impl IntoIterator<Item = &'a Record>,
) -> Result<(i64, String), i64> {
    for record in records {
        if record.seq != seq + 1 || record.previous != hash || record.hash != record.expected_hash() {
            return Err(record.seq);
        }
        seq = record.seq;
        hash.clone_from(&record.hash);
    }
    Ok((seq, hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain(data: &[String]) -> Vec<Record> {
        let mut previous = String::new();
        let records = data.iter().enumerate().map(|(i, data)| {
            let mut record = Record {
                seq: i as i64 + 1,
                at: crate::time::from_millis(1_000 * i as i64),
                account: None,
                capacity: "system".into(),
                action: "need.create".into(),
                subject_kind: "need".into(),
                subject: Uuid::nil(),
                data: data.clone(),
                previous: previous.clone(),
                hash: String::new(),
            };
            record.hash = record.expected_hash();
            previous.clone_from(&record.hash);
            record
        });
        records.collect()
    }

    proptest! {
        #[test]
        fn a_changed_record_is_found(data in proptest::collection::vec(".{0,8}", 1..8), at in 0_usize..8) {
            let mut records = chain(&data);
            prop_assert!(verify_chain((0, String::new()), &records).is_ok());
            let at = at % records.len();
            records[at].data.push('x');
            prop_assert_eq!(verify_chain((0, String::new()), &records), Err(at as i64 + 1));
        }

        #[test]
        fn a_missing_record_is_found(data in proptest::collection::vec(".{0,8}", 2..8)) {
            let mut records = chain(&data);
            records.remove(0);
            prop_assert_eq!(verify_chain((0, String::new()), &records), Err(2));
        }
    }
}
