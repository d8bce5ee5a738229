//! Records: written by every use case in its own transaction; read by those who may; verified by anyone who may read.

use std::collections::HashMap;

use serde_json::Value;
use tongxin_core::record::{Record, verify_chain};
pub use tongxin_store::record::RecordFilter;
use tongxin_store::{Paged, Slice, Tx, record::NewRecord};
use uuid::Uuid;

use crate::{
    Actor, App, Result, Viewer,
    policy::{Capacity, Resource},
};

/// Who acts, in which capacity: what a record says of its author.
#[derive(Debug, Clone)]
pub struct Author {
    account: Option<Uuid>,
    capacity: String,
    on_behalf_of: Option<Uuid>,
}

impl Author {
    /// An account that acts in `capacity`.
    #[must_use]
    pub fn new(actor: &Actor, capacity: Capacity) -> Self {
        Self::of(actor.account, capacity)
    }

    pub(crate) fn of(account: Uuid, capacity: Capacity) -> Self {
        Self { account: Some(account), capacity: capacity.word, on_behalf_of: capacity.on_behalf_of }
    }

    /// The program itself.
    #[must_use]
    pub fn system() -> Self {
        Self { account: None, capacity: "system".to_owned(), on_behalf_of: None }
    }

    pub(crate) fn account(&self) -> Option<Uuid> {
        self.account
    }
}

impl App {
    /// A record of `action` on `subject`, to be appended.
    pub(crate) fn new_record(
        &self,
        author: &Author,
        action: &str,
        kind: &str,
        subject: Uuid,
        data: &Value,
    ) -> NewRecord {
        let mut data = data.clone();
        if let (Some(person), Some(fields)) = (author.on_behalf_of, data.as_object_mut()) {
            fields.insert("on_behalf_of".to_owned(), person.to_string().into());
        }
        NewRecord {
            at: self.now(),
            account: author.account,
            capacity: author.capacity.clone(),
            action: action.to_owned(),
            subject_kind: kind.to_owned(),
            subject,
            data: data.to_string(),
        }
    }

    /// Appends one record within a transaction.
    pub(crate) async fn record(
        &self,
        tx: &Tx,
        author: &Author,
        action: &str,
        (kind, subject): (&str, Uuid),
        data: &Value,
    ) -> Result<()> {
        let new = self.new_record(author, action, kind, subject, data);
        Ok(tongxin_store::record::append(tx, self.community_id(), vec![new]).await?)
    }
}

/// Records, newest first, for those who may read them.
///
/// # Errors
/// [`crate::Error::Forbidden`] and the store's.
pub async fn list(app: &App, who: &Viewer, filter: &RecordFilter, slice: Slice) -> Result<Paged<Record>> {
    let root = app.territory().await?.root();
    app.authorise(who, "ViewRecords", Resource::Place(root)).await?;
    Ok(tongxin_store::record::list(app.read(), app.community_id(), filter, slice).await?)
}

/// The sign-in names of the accounts that these records name, for those who may read them.
///
/// # Errors
/// [`crate::Error::Forbidden`] and the store's.
pub async fn authors(app: &App, who: &Viewer, records: &[Record]) -> Result<HashMap<Uuid, String>> {
    let root = app.territory().await?.root();
    app.authorise(who, "ViewRecords", Resource::Place(root)).await?;
    let ids = records.iter().filter_map(|r| r.account);
    Ok(tongxin_store::identity::logins(app.read(), app.community_id(), ids).await?)
}

/// What verifying the chain found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// How many records were read.
    pub records: i64,
    /// The hash of the last one.
    pub hash: String,
    /// The number of the first record that does not fit.
    pub broken_at: Option<i64>,
}

/// Verifies the whole chain, for those who may read it.
///
/// # Errors
/// [`crate::Error::Forbidden`] and the store's.
pub async fn verify(app: &App, who: &Viewer) -> Result<Verified> {
    let root = app.territory().await?.root();
    app.authorise(who, "ViewRecords", Resource::Place(root)).await?;
    verify_all(app).await
}

/// Verifies the whole chain, for the command line.
///
/// # Errors
/// The store's.
pub async fn verify_all(app: &App) -> Result<Verified> {
    let mut at = (0_i64, String::new());
    loop {
        let records = tongxin_store::record::after(app.read(), app.community_id(), at.0, 2_000).await?;
        if records.is_empty() {
            break;
        }
        match verify_chain(at.clone(), &records) {
            Ok(next) => at = next,
            Err(seq) => return Ok(Verified { records: at.0, hash: at.1, broken_at: Some(seq) }),
        }
    }
    let head = tongxin_store::record::head(app.read(), app.community_id()).await?;
    let broken_at = (head != at).then_some(at.0 + 1);
    Ok(Verified { records: at.0, hash: at.1, broken_at })
}
