//! Matching runs.

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    service::runs::{self as cases, Decided, Decision, RunLine, Summary},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    extract::{Id, Input, PageAsk, PageOf, Params, created},
    intents::IntentOut,
    words::{ReasonOut, Ref},
};
use crate::{Web, error::WebError, layout::Shell, paging::ListQuery, session::Who};

/// A matching run.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunOut {
    /// Its identifier.
    id: Uuid,
    /// The place that it was for.
    place: Ref,
    /// `proposed` until staff decide, then `decided`.
    state: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When staff decided.
    decided_at: Option<DateTime<Utc>>,
    /// Its figures.
    summary: SummaryOut,
}

/// The figures of a run.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SummaryOut {
    /// Open needs that it took.
    needs: usize,
    /// Open offers that it took.
    offers: usize,
    /// Units asked for.
    units: i64,
    /// Units that its proposals serve.
    served_units: i64,
    /// Weight of the units asked for.
    total_weight: i64,
    /// Weight of the units served.
    served_weight: i64,
    /// Fit points of its proposals.
    points: i64,
    /// Milliseconds that solving took.
    millis: i64,
}

impl From<Summary> for SummaryOut {
    fn from(s: Summary) -> Self {
        Self {
            needs: s.needs,
            offers: s.offers,
            units: s.units,
            served_units: s.served_units,
            total_weight: s.total_weight,
            served_weight: s.served_weight,
            points: s.points,
            millis: s.millis,
        }
    }
}

/// A run with all that it proposes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunDetail {
    #[serde(flatten)]
    run: RunOut,
    /// What it proposes.
    proposals: Vec<RunLineOut>,
    /// Needs that stay unmet; `decision` says why.
    unmet: Vec<RunLineOut>,
}

/// One line of a run.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunLineOut {
    /// Its place in the run, from 0.
    position: i64,
    /// The need.
    need: Option<IntentOut>,
    /// The offer; none when the need stays unmet.
    offer: Option<IntentOut>,
    /// How much.
    quantity: i64,
    /// The fit, in points of 1000.
    points: i64,
    /// Why it fits.
    reasons: Vec<ReasonOut>,
    /// `pending`, `accepted`, `rejected` or `outdated`; of an unmet need `no_offer`, `only_own`, `out_of_reach`,
    /// `no_common_time` or `all_taken`.
    decision: String,
    /// The match that it became.
    match_id: Option<Uuid>,
}

/// For which place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunInput {
    /// The community, a residential area or a place within it.
    place: Uuid,
}

/// What is accepted of a run.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DecisionCode {
    /// All of it.
    All,
    /// The proposals at `positions`.
    Some,
    /// None of it.
    None,
}

/// The decision on a run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecideInput {
    /// All, some or none.
    decision: DecisionCode,
    /// With `some`: the positions of the proposals that are accepted.
    #[serde(default)]
    positions: Vec<i64>,
}

/// What became of a run.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecidedOut {
    /// Proposals that became matches.
    accepted: usize,
    /// Proposals that were not accepted.
    rejected: usize,
    /// Proposals that no longer held.
    outdated: usize,
}

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RunQuery {
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

fn run_out(run: cases::Run, summary: Summary, place: String) -> RunOut {
    RunOut {
        id: run.id,
        place: Ref::new(run.place, place),
        state: run.state,
        created_at: run.created_at,
        decided_at: run.decided_at,
        summary: summary.into(),
    }
}

#[utoipa::path(get, path = "/api/v1/runs", tag = "runs", operation_id = "listRuns",
    summary = "List the runs of the places where one is staff", params(RunQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<RunOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<RunQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let ask = PageAsk::new(query.page, query.size);
    let page = cases::list(&web.app, &who, ask.slice()).await?;
    let items: Vec<RunOut> = page.rows.into_iter().map(|c| run_out(c.run, c.summary, c.place)).collect();
    Ok(ask.answer(&list, items, page.total))
}

#[utoipa::path(post, path = "/api/v1/runs", tag = "runs", operation_id = "startRun",
    summary = "Work out the best assignment for a place; nothing is matched yet", request_body = RunInput,
    responses((status = 201, description = "What it proposes", body = RunDetail)))]
pub(super) async fn start(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Input(input): Input<RunInput>,
) -> Result<Response, WebError> {
    let id = cases::start(&web.app, &who, input.place).await?;
    let body = detail(&web, &who, &shell, id).await?;
    Ok(created(&format!("/api/v1/runs/{id}"), body))
}

async fn detail(web: &Web, who: &Viewer, shell: &Shell, id: Uuid) -> Result<RunDetail, WebError> {
    let view = cases::show(&web.app, who, id).await?;
    let line = |line: RunLine| RunLineOut {
        position: line.item.position,
        need: line.need.map(IntentOut::from),
        offer: line.offer.map(IntentOut::from),
        quantity: line.item.quantity,
        points: line.item.points,
        reasons: ReasonOut::all(shell, &line.item.reasons),
        decision: line.item.decision,
        match_id: line.item.match_id,
    };
    Ok(RunDetail {
        proposals: view.proposals.into_iter().map(line).collect(),
        unmet: view.unmet.into_iter().map(line).collect(),
        run: run_out(view.run, view.summary, view.place),
    })
}

#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "runs", operation_id = "showRun", summary = "Show a run",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The run", body = RunDetail)))]
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
) -> Result<Json<RunDetail>, WebError> {
    detail(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/runs/{id}/decide", tag = "runs", operation_id = "decideRun",
    summary = "Decide on a run, once: what is accepted becomes matches, whose givers are asked",
    params(("id" = Uuid, Path, description = "Its identifier")), request_body = DecideInput,
    responses((status = 200, description = "What became of it", body = DecidedOut)))]
pub(super) async fn decide(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<DecideInput>,
) -> Result<Json<DecidedOut>, WebError> {
    let decision = match input.decision {
        DecisionCode::All => Decision::All,
        DecisionCode::Some => Decision::Some(input.positions),
        DecisionCode::None => Decision::None,
    };
    let Decided { accepted, rejected, outdated } = cases::decide(&web.app, &who, id, decision).await?;
    Ok(Json(DecidedOut { accepted, rejected, outdated }))
}
