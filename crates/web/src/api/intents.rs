//! Needs and offers: one set of handlers, for each side at its own address.

use axum::{Json, Router, extract::State, http::StatusCode, response::Response, routing::get, routing::post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer, search,
    service::{
        intents::{self as cases, IntentCard, IntentFilter, IntentSort, Sight},
        matches as match_cases, ranking,
    },
};
use tongxin_core::service::{CareKind, Category, IntentForm, IntentState, Reach, Side, Urgency, Visibility};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{
        CareKindCode, CategoryCode, IntentStateCode, MemberKindCode, ReachCode, SideCode, UrgencyCode, VisibilityCode,
    },
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created, instant},
    matches::{MatchDetail, MatchOut, detail as match_detail},
    words::{ReasonOut, Ref},
};
use crate::{Web, error::WebError, layout::Shell, paging::ListQuery, session::Who};

/// Candidates that are given when none is asked for.
const CANDIDATES: usize = 10;

/// A need or an offer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IntentOut {
    /// Its identifier.
    id: Uuid,
    /// Need or offer.
    #[schema(value_type = SideCode)]
    side: Side,
    /// Its category.
    #[schema(value_type = CategoryCode)]
    category: Category,
    /// Its kind of care.
    #[schema(value_type = CareKindCode)]
    care_kind: CareKind,
    /// In a few words.
    title: String,
    /// In full.
    text: String,
    /// The window's beginning.
    from: DateTime<Utc>,
    /// The window's end.
    until: DateTime<Utc>,
    /// RFC 5545 recurrence rule; none for once.
    rrule: Option<String>,
    /// How much is asked for or can be served.
    quantity: i64,
    /// How much of it no match holds yet.
    remaining: i64,
    /// How much of it was delivered and confirmed.
    fulfilled: i64,
    /// How soon.
    #[schema(value_type = UrgencyCode)]
    urgency: Urgency,
    /// How far it serves.
    #[schema(value_type = ReachCode)]
    reach: Reach,
    /// Who may see it.
    #[schema(value_type = VisibilityCode)]
    visibility: Visibility,
    /// Where its life stands.
    #[schema(value_type = IntentStateCode)]
    state: IntentState,
    /// Where.
    place: Ref,
    /// Whose it is; none when a guest may not know.
    member: Option<MemberRef>,
    /// When it was handed in.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// A member by identifier, name and kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberRef {
    /// Its identifier.
    id: Uuid,
    /// Its name.
    name: String,
    /// Person or organisation.
    #[schema(value_type = MemberKindCode)]
    kind: tongxin_core::people::MemberKind,
}

impl From<IntentCard> for IntentOut {
    fn from(card: IntentCard) -> Self {
        let (intent, draft) = (&card.intent, card.intent.draft.clone());
        Self {
            id: intent.id,
            side: intent.side,
            category: draft.category,
            care_kind: draft.care_kind,
            title: draft.title,
            text: draft.text,
            from: draft.schedule.window.from,
            until: draft.schedule.window.until,
            rrule: draft.schedule.rule,
            quantity: draft.quantity,
            remaining: intent.remaining(),
            fulfilled: intent.fulfilled,
            urgency: draft.urgency,
            reach: draft.reach,
            visibility: draft.visibility,
            state: intent.state,
            place: Ref::new(intent.location.place, card.place),
            member: card.member.map(|name| MemberRef { id: intent.member, name: name.name, kind: name.kind }),
            created_at: intent.created_at,
            updated_at: intent.updated_at,
        }
    }
}

/// A need or an offer, with what the caller may do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IntentDetail {
    #[serde(flatten)]
    intent: IntentOut,
    /// Whether the caller may change, withdraw or reopen it.
    may_edit: bool,
    /// Whether the caller may propose a match for it.
    may_propose: bool,
    /// Its matches, for those who may change it.
    matches: Vec<MatchOut>,
}

/// A need or an offer to be handed in.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct IntentInput {
    /// Its category.
    #[schema(value_type = CategoryCode, required = true)]
    category: String,
    /// Its kind of care.
    #[schema(value_type = CareKindCode, required = true)]
    care_kind: String,
    /// In a few words, at most 60 characters.
    #[schema(required = true, example = "请人上门量血压")]
    title: String,
    /// In full, at most 2,000 characters.
    text: String,
    /// The window's beginning, RFC 3339.
    #[schema(required = true, format = DateTime, example = "2026-12-01T09:00:00+08:00")]
    from: String,
    /// The window's end, RFC 3339.
    #[schema(required = true, format = DateTime, example = "2026-12-31T17:00:00+08:00")]
    until: String,
    /// RFC 5545 recurrence rule; empty for once.
    #[schema(example = "FREQ=WEEKLY;BYDAY=TU")]
    rrule: String,
    /// 1 to 1,000.
    #[schema(required = true, example = 1)]
    quantity: i64,
    /// How soon; of needs only.
    #[schema(value_type = UrgencyCode)]
    urgency: String,
    /// How far it serves; of offers only.
    #[schema(value_type = ReachCode)]
    reach: String,
    /// Who may see it; signed-in members unless said otherwise.
    #[schema(value_type = VisibilityCode)]
    visibility: String,
    /// Whose it is, one's own unless said otherwise. Only for a new one.
    member: Option<Uuid>,
    /// Where, the member's place unless said otherwise.
    place: Option<Uuid>,
}

impl IntentInput {
    fn form(&self) -> IntentForm {
        IntentForm {
            category: self.category.clone(),
            care_kind: self.care_kind.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            from: instant(&self.from),
            until: instant(&self.until),
            rrule: self.rrule.clone(),
            quantity: self.quantity.to_string(),
            urgency: self.urgency.clone(),
            reach: self.reach.clone(),
            visibility: self.visibility.clone(),
        }
    }
}

/// An answer to a need or an offer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RespondInput {
    /// For whom one answers, oneself unless said otherwise.
    member: Option<Uuid>,
    /// How much, 1 to 1,000.
    #[schema(required = true, example = 1)]
    quantity: i64,
    /// A word to the other side.
    note: String,
}

/// Filters, order and page of a list of needs or offers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct IntentQuery {
    /// Of this category.
    #[param(value_type = Option<CategoryCode>)]
    category: Option<String>,
    /// Of this kind of care.
    #[param(value_type = Option<CareKindCode>)]
    care_kind: Option<String>,
    /// In one of these states, commas between.
    #[param(example = "open,matched")]
    state: Option<String>,
    /// Of this urgency.
    #[param(value_type = Option<UrgencyCode>)]
    urgency: Option<String>,
    /// Of this place: the community, a residential area or a place within it.
    #[param(value_type = Option<Uuid>)]
    place: Option<String>,
    /// Of this member.
    #[param(value_type = Option<Uuid>)]
    member: Option<String>,
    /// With these words in title or text.
    q: Option<String>,
    /// `newest` (unless said otherwise), `oldest` or `ends_first`.
    sort: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

/// How many candidates to give.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CandidateQuery {
    /// At most so many, 10 unless said otherwise.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<usize>,
}

/// A counterpart that fits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CandidateOut {
    /// The offer or need.
    intent: IntentOut,
    /// How well it fits, in points of 1000.
    points: i64,
    /// Why, strongest first.
    reasons: Vec<ReasonOut>,
}

async fn list_of(web: &Web, who: &Viewer, side: Side, q: &IntentQuery, list: &ListQuery) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let place: Option<Uuid> = reader.value("place", q.place.as_ref());
    let territory = web.app.territory().await?;
    let (area, place) = place
        .map_or((None, None), |id| if territory.place(id).is_some() { territory.scope(id) } else { (None, Some(id)) });
    let sort = match q.sort.as_deref() {
        Some("oldest") => IntentSort::Oldest,
        Some("ends_first") => IntentSort::EndsFirst,
        None | Some("" | "newest") => IntentSort::Newest,
        Some(_) => {
            return Err(
                WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY).with_field("sort", "invalid-unknown_choice")
            );
        }
    };
    let filter = IntentFilter {
        states: reader.values("state", q.state.as_ref()),
        category: reader.value("category", q.category.as_ref()),
        care_kind: reader.value("care_kind", q.care_kind.as_ref()),
        urgency: reader.value("urgency", q.urgency.as_ref()),
        area,
        place,
        member: reader.value("member", q.member.as_ref()),
        tokens: q.q.as_deref().and_then(search::query_tokens),
        sort,
        ..IntentFilter::new(side, Sight::Public)
    };
    reader.finish()?;
    let ask = PageAsk::new(q.page, q.size);
    let page = cases::list(&web.app, who, filter, ask.slice()).await?;
    let items: Vec<IntentOut> = page.rows.into_iter().map(IntentOut::from).collect();
    Ok(ask.answer(list, items, page.total))
}

/// The page of one, if it is of this side.
async fn detail(web: &Web, who: &Viewer, shell: &Shell, side: Side, id: Uuid) -> Result<IntentDetail, WebError> {
    let view = cases::show(&web.app, who, id).await?;
    if view.card.intent.side != side {
        return Err(WebError::not_found());
    }
    Ok(IntentDetail {
        may_edit: view.may_edit,
        may_propose: view.may_propose,
        matches: view.matches.into_iter().map(|card| MatchOut::new(shell, card)).collect(),
        intent: view.card.into(),
    })
}

macro_rules! side {
    ($name:ident, $side:expr, $tag:tt,
     $list:tt, $item:tt, $withdraw:tt, $reopen:tt, $candidates:tt, $respond:tt,
     [$id_list:tt, $id_create:tt, $id_show:tt, $id_edit:tt, $id_withdraw:tt, $id_reopen:tt, $id_candidates:tt, $id_respond:tt],
     [$s_list:tt, $s_create:tt, $s_show:tt, $s_edit:tt, $s_withdraw:tt, $s_reopen:tt, $s_candidates:tt, $s_respond:tt]) => {
        pub(super) mod $name {
            use super::*;

            pub(super) fn routes() -> Router<Web> {
                Router::new()
                    .route($list, get(list).post(create))
                    .route($item, get(show).put(edit))
                    .route($withdraw, post(withdraw))
                    .route($reopen, post(reopen))
                    .route($candidates, get(candidates))
                    .route($respond, post(respond))
            }

            #[utoipa::path(get, path = $list, tag = $tag, operation_id = $id_list, summary = $s_list,
                params(IntentQuery), security((), ("token" = [])),
                responses((status = 200, description = "A page of the list", body = PageOf<IntentOut>)))]
            pub(in super::super) async fn list(
                State(web): State<Web>, Who(who): Who, Params(query): Params<IntentQuery>, list: ListQuery,
            ) -> Result<Response, WebError> {
                list_of(&web, &who, $side, &query, &list).await
            }

            #[utoipa::path(post, path = $list, tag = $tag, operation_id = $id_create, summary = $s_create,
                request_body = IntentInput,
                responses((status = 201, description = "It was handed in", body = IntentDetail)))]
            pub(in super::super) async fn create(
                State(web): State<Web>, Who(who): Who, shell: Shell, Input(input): Input<IntentInput>,
            ) -> Result<Response, WebError> {
                let id = cases::create(&web.app, &who, $side, input.member, input.place, &input.form()).await?;
                let body = detail(&web, &who, &shell, $side, id).await?;
                Ok(created(&format!(concat!($list, "/{}"), id), body))
            }

            #[utoipa::path(get, path = $item, tag = $tag, operation_id = $id_show, summary = $s_show,
                params(("id" = Uuid, Path, description = "Its identifier")), security((), ("token" = [])),
                responses((status = 200, description = "It", body = IntentDetail)))]
            pub(in super::super) async fn show(
                State(web): State<Web>, Who(who): Who, shell: Shell, Id(id): Id,
            ) -> Result<Json<IntentDetail>, WebError> {
                detail(&web, &who, &shell, $side, id).await.map(Json)
            }

            #[utoipa::path(put, path = $item, tag = $tag, operation_id = $id_edit, summary = $s_edit,
                params(("id" = Uuid, Path, description = "Its identifier")), request_body = IntentInput,
                responses((status = 200, description = "As it is now", body = IntentDetail)))]
            pub(in super::super) async fn edit(
                State(web): State<Web>, Who(who): Who, shell: Shell, Id(id): Id, Input(input): Input<IntentInput>,
            ) -> Result<Json<IntentDetail>, WebError> {
                let before = detail(&web, &who, &shell, $side, id).await?;
                if input.member.is_some() && input.member != before.intent.member.map(|m| m.id) {
                    return Err(WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY)
                        .with_field("member", "api-error-fixed-member"));
                }
                cases::edit(&web.app, &who, id, input.place, &input.form()).await?;
                detail(&web, &who, &shell, $side, id).await.map(Json)
            }

            #[utoipa::path(post, path = $withdraw, tag = $tag, operation_id = $id_withdraw, summary = $s_withdraw,
                params(("id" = Uuid, Path, description = "Its identifier")),
                responses((status = 200, description = "As it is now", body = IntentDetail)))]
            pub(in super::super) async fn withdraw(
                State(web): State<Web>, Who(who): Who, shell: Shell, Id(id): Id,
            ) -> Result<Json<IntentDetail>, WebError> {
                detail(&web, &who, &shell, $side, id).await?;
                cases::withdraw(&web.app, &who, id).await?;
                detail(&web, &who, &shell, $side, id).await.map(Json)
            }

            #[utoipa::path(post, path = $reopen, tag = $tag, operation_id = $id_reopen, summary = $s_reopen,
                params(("id" = Uuid, Path, description = "Its identifier")),
                responses((status = 200, description = "As it is now", body = IntentDetail)))]
            pub(in super::super) async fn reopen(
                State(web): State<Web>, Who(who): Who, shell: Shell, Id(id): Id,
            ) -> Result<Json<IntentDetail>, WebError> {
                detail(&web, &who, &shell, $side, id).await?;
                cases::reopen(&web.app, &who, id).await?;
                detail(&web, &who, &shell, $side, id).await.map(Json)
            }

            #[utoipa::path(get, path = $candidates, tag = $tag, operation_id = $id_candidates, summary = $s_candidates,
                params(("id" = Uuid, Path, description = "Its identifier"), CandidateQuery),
                responses((status = 200, description = "The best, best first", body = Vec<CandidateOut>)))]
            pub(in super::super) async fn candidates(
                State(web): State<Web>, Who(who): Who, shell: Shell, Id(id): Id, Params(query): Params<CandidateQuery>,
            ) -> Result<Json<Vec<CandidateOut>>, WebError> {
                detail(&web, &who, &shell, $side, id).await?;
                let limit = query.limit.unwrap_or(CANDIDATES).clamp(1, 50);
                let found = ranking::best_for(&web.app, &who, id, limit).await?;
                let out = |c: ranking::Candidate| CandidateOut {
                    points: c.fit.points,
                    reasons: ReasonOut::all(&shell, &c.fit.reasons),
                    intent: c.card.into(),
                };
                Ok(Json(found.into_iter().map(out).collect()))
            }

            #[utoipa::path(post, path = $respond, tag = $tag, operation_id = $id_respond, summary = $s_respond,
                params(("id" = Uuid, Path, description = "Its identifier")), request_body = RespondInput,
                responses((status = 201, description = "The match that asks the other side", body = MatchDetail)))]
            pub(in super::super) async fn respond(
                State(web): State<Web>, Who(who): Who, shell: Shell, Id(id): Id, Input(input): Input<RespondInput>,
            ) -> Result<Response, WebError> {
                detail(&web, &who, &shell, $side, id).await?;
                let made =
                    match_cases::respond(&web.app, &who, id, input.member, input.quantity, &input.note).await?;
                let body = match_detail(&web, &who, &shell, made).await?;
                Ok(created(&format!("/api/v1/matches/{made}"), body))
            }
        }
    };
}

side!(
    needs,
    Side::Need,
    "needs",
    "/api/v1/needs",
    "/api/v1/needs/{id}",
    "/api/v1/needs/{id}/withdraw",
    "/api/v1/needs/{id}/reopen",
    "/api/v1/needs/{id}/candidates",
    "/api/v1/needs/{id}/respond",
    [
        "listNeeds",
        "createNeed",
        "showNeed",
        "editNeed",
        "withdrawNeed",
        "reopenNeed",
        "needCandidates",
        "respondToNeed"
    ],
    [
        "List needs",
        "Hand in a need",
        "Show a need",
        "Change a need",
        "Withdraw a need",
        "Open a need again",
        "The offers that fit a need best, with the reasons",
        "Answer a need with an offer of one’s own"
    ]
);

side!(
    offers,
    Side::Offer,
    "offers",
    "/api/v1/offers",
    "/api/v1/offers/{id}",
    "/api/v1/offers/{id}/withdraw",
    "/api/v1/offers/{id}/reopen",
    "/api/v1/offers/{id}/candidates",
    "/api/v1/offers/{id}/respond",
    [
        "listOffers",
        "createOffer",
        "showOffer",
        "editOffer",
        "withdrawOffer",
        "reopenOffer",
        "offerCandidates",
        "respondToOffer"
    ],
    [
        "List offers",
        "Hand in an offer",
        "Show an offer",
        "Change an offer",
        "Withdraw an offer",
        "Open an offer again",
        "The needs that an offer serves best, with the reasons",
        "Ask for an offer with a need of one’s own"
    ]
);

pub(super) fn routes() -> Router<Web> {
    needs::routes().merge(offers::routes())
}
