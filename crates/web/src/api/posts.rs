//! Posts of organisations, who holds them, delegations, and why one may do something.

use chrono::NaiveDate;
use serde::Serialize;
use tongxin_app::community::post::Holding;
use tongxin_core::community::post::PostKind;
use utoipa::ToSchema;
use uuid::Uuid;

use super::codes::PostKindCode;

/// That a person holds or held a post.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldingOut {
    /// The appointment.
    id: Uuid,
    /// The person.
    person: Uuid,
    /// The post.
    post: Uuid,
    /// The organisation that the post belongs to.
    organisation: Uuid,
    /// The post’s kind.
    #[schema(value_type = PostKindCode)]
    kind: PostKind,
    /// The post’s title.
    title: String,
    /// The first day.
    from: NaiveDate,
    /// The first day after it; none while it lasts.
    until: Option<NaiveDate>,
    /// A note: the decision that it rests on.
    note: String,
}

impl HoldingOut {
    pub(super) fn new(held: Holding) -> Self {
        let Holding { post, appointment } = held;
        Self {
            id: appointment.id,
            person: appointment.person,
            post: post.id,
            organisation: post.organisation,
            kind: post.kind,
            title: post.title,
            from: appointment.period.from,
            until: appointment.period.until,
            note: appointment.note,
        }
    }
}
