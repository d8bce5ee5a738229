//! The records of every change.

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::record::{self as cases, RecordFilter};
use tongxin_core::record::Record;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::extract::{PageAsk, PageOf, Params, Reader};
use crate::{Web, error::WebError, paging::ListQuery, session::Who};

/// One record of one change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecordOut {
    /// Its number in the chain, from 1.
    seq: i64,
    /// When.
    at: DateTime<Utc>,
    /// The account that acted; none for the program itself.
    account: Option<Uuid>,
    /// In which capacity: the code of a post, `self`, or `system`.
    capacity: String,
    /// What was done, as `word.verb`.
    action: String,
    /// The kind of thing.
    subject_kind: String,
    /// The thing.
    subject: Uuid,
    /// The particulars.
    #[schema(value_type = Object)]
    data: serde_json::Value,
    /// The chain's hash before it.
    previous: String,
    /// The chain's hash after it.
    hash: String,
}

impl From<Record> for RecordOut {
    fn from(r: Record) -> Self {
        Self {
            data: serde_json::from_str(&r.data).unwrap_or_default(),
            seq: r.seq,
            at: r.at,
            account: r.account,
            capacity: r.capacity,
            action: r.action,
            subject_kind: r.subject_kind,
            subject: r.subject,
            previous: r.previous,
            hash: r.hash,
        }
    }
}

/// Which records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RecordQuery {
    /// Of this thing only.
    #[param(value_type = Option<Uuid>)]
    subject: Option<String>,
    /// By this account only.
    #[param(value_type = Option<Uuid>)]
    account: Option<String>,
    /// Of this action only, such as `need.create`, or of a word, such as `need.`.
    action: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

/// What verifying found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerifiedOut {
    /// How many records were read.
    records: i64,
    /// The hash of the last one.
    hash: String,
    /// The number of the first record that does not fit; none when the chain holds.
    broken_at: Option<i64>,
}

#[utoipa::path(get, path = "/api/v1/records", tag = "records", operation_id = "listRecords",
    summary = "List records, newest first, for those who may read them", params(RecordQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<RecordOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<RecordQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let filter = RecordFilter {
        subject: reader.value("subject", query.subject.as_ref()),
        account: reader.value("account", query.account.as_ref()),
        action: query.action.filter(|a| !a.trim().is_empty()),
    };
    reader.finish()?;
    let ask = PageAsk::new(query.page, query.size);
    let page = cases::list(&web.app, &who, &filter, ask.slice()).await?;
    let items: Vec<RecordOut> = page.rows.into_iter().map(RecordOut::from).collect();
    Ok(ask.answer(&list, items, page.total))
}

#[utoipa::path(get, path = "/api/v1/records/verify", tag = "records", operation_id = "verifyRecords",
    summary = "Verify the whole chain of records",
    responses((status = 200, description = "What was found", body = VerifiedOut)))]
pub(super) async fn verify(State(web): State<Web>, Who(who): Who) -> Result<Json<VerifiedOut>, WebError> {
    let cases::Verified { records, hash, broken_at } = cases::verify(&web.app, &who).await?;
    Ok(Json(VerifiedOut { records, hash, broken_at }))
}
