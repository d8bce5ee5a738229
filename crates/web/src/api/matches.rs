//! Matches and their deliveries, and the day list.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    service::matches::{self as cases, DeliveryForm, MatchCard, MatchFilter},
};
use tongxin_core::service::{Category, Delivery, MatchState, Party, Side};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{CategoryCode, MatchStateCode, SideCode},
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created, instant},
    words::{ReasonOut, Ref, Span},
};
use crate::{Web, error::WebError, layout::Shell, paging::ListQuery, session::Who};

/// A need matched with an offer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MatchOut {
    /// Its identifier.
    id: Uuid,
    /// The need.
    need: Ref,
    /// The offer.
    offer: Ref,
    /// Who receives.
    receiver: Ref,
    /// Who gives.
    giver: Ref,
    /// The need's place, with its residential area.
    place: String,
    /// The category of both.
    #[schema(value_type = CategoryCode)]
    category: Category,
    /// How much of both it holds.
    quantity: i64,
    /// How much of that was delivered.
    delivered: i64,
    /// Which side is asked to accept.
    #[schema(value_type = SideCode)]
    asked: Side,
    /// Where its life stands.
    #[schema(value_type = MatchStateCode)]
    state: MatchState,
    /// The time arranged.
    arranged: Option<Span>,
    /// Why it was declined or cancelled.
    reason: Option<String>,
    /// Why it was thought to fit.
    reasons: Vec<ReasonOut>,
    /// The run that proposed it.
    run: Option<Uuid>,
    /// When it was proposed.
    proposed_at: DateTime<Utc>,
    /// When it was accepted.
    accepted_at: Option<DateTime<Utc>>,
    /// When it ended.
    closed_at: Option<DateTime<Utc>>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// Its deliveries, oldest first.
    deliveries: Vec<DeliveryOut>,
}

/// One delivery under a match.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryOut {
    /// Its identifier.
    id: Uuid,
    /// When it happened.
    happened_at: DateTime<Utc>,
    /// How long it took, in minutes.
    minutes: i64,
    /// How much of the match it delivered.
    quantity: i64,
    /// A note.
    note: String,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// When the giver confirmed.
    giver_confirmed_at: Option<DateTime<Utc>>,
    /// When the receiver confirmed.
    receiver_confirmed_at: Option<DateTime<Utc>>,
    /// When staff settled it instead.
    settled_at: Option<DateTime<Utc>>,
    /// The receiver's rating, 1 to 5.
    rating: Option<i64>,
    /// The receiver's comment.
    comment: Option<String>,
}

impl From<Delivery> for DeliveryOut {
    fn from(d: Delivery) -> Self {
        Self {
            id: d.id,
            happened_at: d.draft.happened_at,
            minutes: d.draft.minutes,
            quantity: d.draft.quantity,
            note: d.draft.note,
            recorded_at: d.recorded_at,
            giver_confirmed_at: d.giver_confirmed_at,
            receiver_confirmed_at: d.receiver_confirmed_at,
            settled_at: d.settled_at,
            rating: d.rating,
            comment: d.comment,
        }
    }
}

impl MatchOut {
    pub(super) fn new(shell: &Shell, card: MatchCard) -> Self {
        let (stored, life) = (&card.stored, card.stored.life.clone());
        Self {
            id: life.id,
            need: Ref::new(life.need, card.need_title),
            offer: Ref::new(life.offer, card.offer_title),
            receiver: Ref::new(life.receiver, card.receiver),
            giver: Ref::new(life.giver, card.giver),
            place: card.place,
            category: stored.category,
            quantity: life.quantity,
            delivered: life.delivered,
            asked: life.asked,
            state: life.state,
            arranged: life.arranged.map(Span::from),
            reason: life.reason,
            reasons: ReasonOut::all(shell, &stored.reasons),
            run: stored.run,
            proposed_at: life.proposed_at,
            accepted_at: life.accepted_at,
            closed_at: life.closed_at,
            updated_at: life.updated_at,
            deliveries: card.deliveries.into_iter().map(DeliveryOut::from).collect(),
        }
    }
}

/// A match, with what the caller may do now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MatchDetail {
    #[serde(flatten)]
    life: MatchOut,
    /// As whom the caller may act: `giver`, `receiver`, `staff`.
    parties: Vec<String>,
    /// The steps that the caller may take now: `answer`, `arrange`, `deliver`, `cancel`.
    steps: Vec<String>,
    /// The same for each delivery.
    delivery_steps: Vec<DeliverySteps>,
    /// The giver's telephone number, once it is accepted.
    giver_phone: Option<String>,
    /// The receiver's telephone number, once it is accepted.
    receiver_phone: Option<String>,
}

/// What the caller may do now with a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliverySteps {
    /// The delivery.
    id: Uuid,
    /// `confirm`, `settle`, `rate`.
    steps: Vec<String>,
}

fn chosen(steps: &[(&str, bool)]) -> Vec<String> {
    steps.iter().filter(|(_, may)| *may).map(|(name, _)| (*name).to_owned()).collect()
}

pub(super) async fn detail(web: &Web, who: &Viewer, shell: &Shell, id: Uuid) -> Result<MatchDetail, WebError> {
    let view = cases::show(&web.app, who, id).await?;
    let party = |p: &Party| match p {
        Party::Giver => "giver".to_owned(),
        Party::Receiver => "receiver".to_owned(),
        Party::Staff => "staff".to_owned(),
    };
    let steps = view.steps;
    let of_delivery = |d: &cases::DeliverySteps| DeliverySteps {
        id: d.id,
        steps: chosen(&[("confirm", d.confirm), ("settle", d.settle), ("rate", d.rate)]),
    };
    let (giver_phone, receiver_phone) = view.phones.unwrap_or_default();
    Ok(MatchDetail {
        parties: view.parties.iter().map(party).collect(),
        steps: chosen(&[
            ("answer", steps.answer),
            ("arrange", steps.arrange),
            ("deliver", steps.deliver),
            ("cancel", steps.cancel),
        ]),
        delivery_steps: view.delivery_steps.iter().map(of_delivery).collect(),
        giver_phone,
        receiver_phone,
        life: MatchOut::new(shell, view.card),
    })
}

/// A match to be proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MatchInput {
    /// The need.
    need: Uuid,
    /// The offer.
    offer: Uuid,
    /// How much of both.
    #[schema(example = 1, minimum = 1, maximum = 1000)]
    quantity: i64,
}

/// Why.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReasonInput {
    /// In one line, at most 500 characters.
    #[schema(required = true)]
    reason: String,
}

/// When.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ArrangeInput {
    /// The beginning, RFC 3339.
    #[schema(required = true, format = DateTime, example = "2026-12-01T09:00:00+08:00")]
    from: String,
    /// The end, RFC 3339.
    #[schema(required = true, format = DateTime, example = "2026-12-01T10:00:00+08:00")]
    until: String,
}

/// What was delivered.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeliveryInput {
    /// When, RFC 3339; not in the future.
    #[schema(required = true, format = DateTime, example = "2026-11-24T09:00:00+08:00")]
    happened_at: String,
    /// How long it took: 0 to 1,440 minutes.
    #[schema(required = true, example = 60)]
    minutes: i64,
    /// How much of the match.
    #[schema(required = true, example = 1)]
    quantity: i64,
    /// A note, at most 500 characters.
    note: String,
}

/// What the receiver thinks of a delivery.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RatingInput {
    /// 1 to 5.
    #[schema(required = true, minimum = 1, maximum = 5)]
    rating: i64,
    /// In words, at most 500 characters.
    comment: String,
}

/// Which matches, and which page of them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MatchQuery {
    /// `mine` (unless said otherwise): those in which one has a part; `staff`: those of the areas where one is staff.
    r#as: Option<String>,
    /// In one of these states, commas between.
    #[param(example = "proposed,accepted")]
    state: Option<String>,
    /// Of this need or offer.
    #[param(value_type = Option<Uuid>)]
    intent: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

#[utoipa::path(get, path = "/api/v1/matches", tag = "matches", operation_id = "listMatches", summary = "List matches",
    params(MatchQuery), responses((status = 200, description = "A page of the list", body = PageOf<MatchOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Params(query): Params<MatchQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let as_staff = match query.r#as.as_deref() {
        None | Some("" | "mine") => false,
        Some("staff") => true,
        Some(_) => {
            let error = WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY);
            return Err(error.with_field("as", "invalid-unknown_choice"));
        }
    };
    let filter = MatchFilter {
        states: reader.values("state", query.state.as_ref()),
        intent: reader.value("intent", query.intent.as_ref()),
        ..MatchFilter::default()
    };
    reader.finish()?;
    let ask = PageAsk::new(query.page, query.size);
    let page = cases::list(&web.app, &who, as_staff, filter, ask.slice()).await?;
    let items: Vec<MatchOut> = page.rows.into_iter().map(|card| MatchOut::new(&shell, card)).collect();
    Ok(ask.answer(&list, items, page.total))
}

#[utoipa::path(post, path = "/api/v1/matches", tag = "matches", operation_id = "proposeMatch",
    summary = "Propose a match of a need and an offer", request_body = MatchInput,
    description = "The other side is asked: the giver when staff or the receiver propose, the receiver when the giver does.",
    responses((status = 201, description = "It was proposed", body = MatchDetail)))]
pub(super) async fn propose(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Input(input): Input<MatchInput>,
) -> Result<Response, WebError> {
    let id = cases::propose(&web.app, &who, input.need, input.offer, input.quantity).await?;
    let body = detail(&web, &who, &shell, id).await?;
    Ok(created(&format!("/api/v1/matches/{id}"), body))
}

#[utoipa::path(get, path = "/api/v1/matches/{id}", tag = "matches", operation_id = "showMatch", summary = "Show a match",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The match", body = MatchDetail)))]
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
) -> Result<Json<MatchDetail>, WebError> {
    detail(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/matches/{id}/accept", tag = "matches", operation_id = "acceptMatch",
    summary = "Accept, as the side that is asked", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is now", body = MatchDetail)))]
pub(super) async fn accept(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
) -> Result<Json<MatchDetail>, WebError> {
    cases::accept(&web.app, &who, id).await?;
    detail(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/matches/{id}/decline", tag = "matches", operation_id = "declineMatch",
    summary = "Decline, as the side that is asked", params(("id" = Uuid, Path, description = "Its identifier")),
    request_body = ReasonInput, responses((status = 200, description = "As it is now", body = MatchDetail)))]
pub(super) async fn decline(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Input(input): Input<ReasonInput>,
) -> Result<Json<MatchDetail>, WebError> {
    cases::decline(&web.app, &who, id, &input.reason).await?;
    detail(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/matches/{id}/cancel", tag = "matches", operation_id = "cancelMatch",
    summary = "Call a match off", params(("id" = Uuid, Path, description = "Its identifier")),
    request_body = ReasonInput, responses((status = 200, description = "As it is now", body = MatchDetail)))]
pub(super) async fn cancel(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Input(input): Input<ReasonInput>,
) -> Result<Json<MatchDetail>, WebError> {
    cases::cancel(&web.app, &who, id, &input.reason).await?;
    detail(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/matches/{id}/arrange", tag = "matches", operation_id = "arrangeMatch",
    summary = "Arrange a time, or another", params(("id" = Uuid, Path, description = "Its identifier")),
    request_body = ArrangeInput, responses((status = 200, description = "As it is now", body = MatchDetail)))]
pub(super) async fn arrange(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Input(input): Input<ArrangeInput>,
) -> Result<Json<MatchDetail>, WebError> {
    cases::arrange(&web.app, &who, id, instant(&input.from), instant(&input.until)).await?;
    detail(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/matches/{id}/deliver", tag = "matches", operation_id = "deliverMatch",
    summary = "Record a delivery, as giver or staff", params(("id" = Uuid, Path, description = "Its identifier")),
    request_body = DeliveryInput, responses((status = 200, description = "As it is now", body = MatchDetail)))]
pub(super) async fn deliver(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Input(input): Input<DeliveryInput>,
) -> Result<Json<MatchDetail>, WebError> {
    let form = DeliveryForm {
        happened_at: instant(&input.happened_at),
        minutes: input.minutes.to_string(),
        quantity: input.quantity.to_string(),
        note: input.note,
    };
    cases::deliver(&web.app, &who, id, &form).await?;
    detail(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/deliveries/{id}/confirm", tag = "deliveries", operation_id = "confirmDelivery",
    summary = "Confirm a delivery, as giver or receiver", params(("id" = Uuid, Path, description = "The delivery")),
    responses((status = 204, description = "It is confirmed")))]
pub(super) async fn confirm(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<StatusCode, WebError> {
    cases::confirm(&web.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/deliveries/{id}/settle", tag = "deliveries", operation_id = "settleDelivery",
    summary = "Settle a delivery, as staff, when a confirmation is missing for 7 days",
    params(("id" = Uuid, Path, description = "The delivery")),
    responses((status = 204, description = "It is settled")))]
pub(super) async fn settle(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<StatusCode, WebError> {
    cases::settle(&web.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/deliveries/{id}/rate", tag = "deliveries", operation_id = "rateDelivery",
    summary = "Rate a delivery, as receiver", params(("id" = Uuid, Path, description = "The delivery")),
    request_body = RatingInput, responses((status = 204, description = "It is rated")))]
pub(super) async fn rate(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<RatingInput>,
) -> Result<StatusCode, WebError> {
    cases::rate(&web.app, &who, id, &input.rating.to_string(), &input.comment).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which day.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DayQuery {
    /// The day, `YYYY-MM-DD`; today unless said otherwise.
    #[param(value_type = Option<NaiveDate>)]
    day: Option<String>,
}

/// The day list of a social worker.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TodayOut {
    /// The day.
    day: NaiveDate,
    /// Visits arranged for the day, earliest first.
    visits: Vec<MatchOut>,
    /// Visits arranged for earlier days that nobody recorded.
    overdue: Vec<MatchOut>,
    /// Matches with a delivery whose confirmation is missing for 7 days.
    unconfirmed: Vec<MatchOut>,
    /// Proposals that nobody answered yet.
    unanswered: Vec<MatchOut>,
}

#[utoipa::path(get, path = "/api/v1/today", tag = "matches", operation_id = "showDayList",
    summary = "The day list of the places where one is staff", params(DayQuery),
    responses((status = 200, description = "The day list", body = TodayOut)))]
pub(super) async fn today(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Params(query): Params<DayQuery>,
) -> Result<Json<TodayOut>, WebError> {
    let mut reader = Reader::default();
    let day = reader.day("day", query.day.as_ref());
    reader.finish()?;
    let list = cases::day_list(&web.app, &who, day.unwrap_or_else(|| web.app.today())).await?;
    let out = |cards: Vec<MatchCard>| cards.into_iter().map(|card| MatchOut::new(&shell, card)).collect();
    Ok(Json(TodayOut {
        day: list.day,
        visits: out(list.visits),
        overdue: out(list.overdue),
        unconfirmed: out(list.unconfirmed),
        unanswered: out(list.unanswered),
    }))
}
