//! Reorganisations: drafted step by step, put into force on a day.

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    community::{
        Territory,
        reorganisation::{
            self as cases, Fault, Reorganisation, ReorganisationForm, ReorganisationState, ReorganisationView, Step,
            StepForm,
        },
        structure::Difference,
    },
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{DifferenceCode, OrganisationKindCode, ReorganisationStateCode},
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created},
    organisations::ShapeOut,
    words::Ref,
};
use crate::{
    Web,
    error::WebError,
    layout::Shell,
    pages::reorganisations::{fault_text, step_text},
    paging::ListQuery,
    path::Path,
    session::Who,
};

/// A reorganisation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReorganisationCard {
    /// Its identifier.
    id: Uuid,
    /// Its title.
    title: String,
    /// Why, in words; may be empty.
    text: String,
    /// The day on which it takes effect.
    effective_on: NaiveDate,
    /// How far it is.
    #[schema(value_type = ReorganisationStateCode)]
    state: ReorganisationState,
    /// How many steps it has.
    step_count: usize,
    /// When it was drafted.
    created_at: DateTime<Utc>,
    /// When it was put into force or withdrawn.
    decided_at: Option<DateTime<Utc>>,
}

impl From<&Reorganisation> for ReorganisationCard {
    fn from(stored: &Reorganisation) -> Self {
        Self {
            id: stored.id,
            title: stored.title.clone(),
            text: stored.text.clone(),
            effective_on: stored.effective_on,
            state: stored.state,
            step_count: stored.steps.len(),
            created_at: stored.created_at,
            decided_at: stored.decided_at,
        }
    }
}

/// One step; which fields count depends on `step`.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StepBody {
    /// `create` (name, kind, line, place), `close` (organisation, heir), `merge` (from, into), `split` (organisation, parts,
    /// goes_on), `rename` (organisation, name, kind), `move_line` (organisation, line), `move_place` (organisation, place),
    /// `move_post` (post, into) or `end_post` (post).
    #[schema(required = true, example = "merge")]
    step: String,
    /// The organisation that it is about; of `create` in an answer the one that is founded.
    organisation: Option<Uuid>,
    /// Those that are merged into another.
    from: Vec<Uuid>,
    /// Into which others are merged, or to which a post goes.
    into: Option<Uuid>,
    /// Who takes over from one that is closed.
    heir: Option<Uuid>,
    /// A new name.
    name: String,
    /// A new kind; of `rename` empty keeps it.
    #[schema(value_type = OrganisationKindCode)]
    kind: String,
    /// The superior in the line; none for one without.
    line: Option<Uuid>,
    /// The place.
    place: Option<Uuid>,
    /// The names of what comes out of a split.
    parts: Vec<String>,
    /// Whether one that is split goes on beside the parts.
    goes_on: bool,
    /// The post that is moved or ended.
    post: Option<Uuid>,
}

impl From<StepBody> for StepForm {
    fn from(body: StepBody) -> Self {
        Self {
            step: body.step,
            organisation: body.organisation,
            from: body.from,
            into: body.into,
            heir: body.heir,
            name: body.name,
            kind: body.kind,
            line: body.line,
            place: body.place,
            parts: body.parts.join("\n"),
            goes_on: body.goes_on,
            post: body.post,
        }
    }
}

impl From<&Step> for StepBody {
    fn from(step: &Step) -> Self {
        let of = |step: &str| Self { step: step.to_owned(), ..Self::default() };
        match step {
            Step::Create(new) => Self {
                organisation: Some(new.id),
                name: new.name.clone(),
                kind: new.kind.code().to_owned(),
                line: new.line,
                place: Some(new.location.place),
                ..of("create")
            },
            Step::Close { organisation, heir } => {
                Self { organisation: Some(*organisation), heir: *heir, ..of("close") }
            }
            Step::Merge { from, into } => Self { from: from.clone(), into: Some(*into), ..of("merge") },
            Step::Split { organisation, parts, goes_on } => Self {
                organisation: Some(*organisation),
                parts: parts.iter().map(|part| part.name.clone()).collect(),
                goes_on: *goes_on,
                ..of("split")
            },
            Step::Rename { organisation, name, kind } => Self {
                organisation: Some(*organisation),
                name: name.clone(),
                kind: kind.code().to_owned(),
                ..of("rename")
            },
            Step::MoveLine { organisation, line } => {
                Self { organisation: Some(*organisation), line: *line, ..of("move_line") }
            }
            Step::MovePlace { organisation, location } => {
                Self { organisation: Some(*organisation), place: Some(location.place), ..of("move_place") }
            }
            Step::MovePost { post, organisation } => {
                Self { post: Some(*post), into: Some(*organisation), ..of("move_post") }
            }
            Step::EndPost { post } => Self { post: Some(*post), ..of("end_post") },
        }
    }
}

/// A step as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepOut {
    /// Its number, from 1.
    number: usize,
    /// The same in words, in the language of the request.
    text: String,
    #[serde(flatten)]
    step: StepBody,
}

/// Why a reorganisation can’t be put into force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FaultOut {
    /// `not_there`, `no_such_post`, `already_there`, `pointless`, `later_change`, `circle`, `orphaned`, `post_left`,
    /// `members_left` or `appointed_later`.
    code: String,
    /// The same in words, in the language of the request.
    text: String,
    /// The number of the step, from 1, when it is one step’s.
    step: Option<usize>,
}

impl FaultOut {
    fn new(shell: &Shell, view: &ReorganisationView, fault: &Fault) -> Self {
        Self { code: fault.code().to_owned(), text: fault_text(shell, view, fault), step: fault.step().map(|n| n + 1) }
    }
}

/// An organisation that is otherwise afterwards.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReorganisationDifference {
    /// The organisation.
    organisation: Ref,
    /// How it differs.
    #[schema(value_type = DifferenceCode)]
    difference: Difference,
}

/// A reorganisation with what it does.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReorganisationOut {
    #[serde(flatten)]
    card: ReorganisationCard,
    /// Its steps, in order.
    steps: Vec<StepOut>,
    /// Why it can’t be put into force.
    faults: Vec<FaultOut>,
    /// How deep and wide the part concerned is before; none while there are faults.
    before: Option<ShapeOut>,
    /// The same afterwards.
    after: Option<ShapeOut>,
    /// The organisations that are otherwise afterwards.
    differences: Vec<ReorganisationDifference>,
    /// Whether the caller may change it and put it into force.
    may_edit: bool,
}

fn whole(shell: &Shell, territory: &Territory, view: &ReorganisationView) -> ReorganisationOut {
    let stored = &view.reorganisation;
    let step = |(place, step): (usize, &Step)| StepOut {
        number: place + 1,
        text: step_text(shell, territory, view, step),
        step: step.into(),
    };
    let difference =
        |(id, difference)| ReorganisationDifference { organisation: Ref::new(id, view.name(id)), difference };
    let shapes = view.shapes();
    ReorganisationOut {
        card: stored.into(),
        steps: stored.steps.iter().enumerate().map(step).collect(),
        faults: view.faults.iter().map(|fault| FaultOut::new(shell, view, fault)).collect(),
        differences: view.differences().into_iter().map(difference).collect(),
        before: shapes.clone().map(|(before, _)| before.into()),
        after: shapes.map(|(_, after)| after.into()),
        may_edit: view.may_edit,
    }
}

async fn out(web: &Web, who: &Viewer, shell: &Shell, id: Uuid) -> Result<ReorganisationOut, WebError> {
    let view = cases::show(&web.app, who, id).await?;
    let territory = web.app.territory().await?;
    Ok(whole(shell, &territory, &view))
}

/// Which reorganisations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReorganisationQuery {
    /// In this state only; who may not reorganise sees those in force.
    #[param(value_type = Option<ReorganisationStateCode>)]
    state: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

#[utoipa::path(get, path = "/api/v1/reorganisations", tag = "reorganisations", operation_id = "listReorganisations",
    summary = "List reorganisations, the latest day first", params(ReorganisationQuery), security((), ("token" = [])),
    responses((status = 200, description = "A page of the list", body = PageOf<ReorganisationCard>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<ReorganisationQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let state = reader.value("state", query.state.as_ref());
    reader.finish()?;
    let ask = PageAsk::new(query.page, query.size);
    let found = cases::list(&web.app, &who, state, ask.slice()).await?;
    Ok(ask.answer(&list, found.rows.iter().map(ReorganisationCard::from).collect(), found.total))
}

#[utoipa::path(get, path = "/api/v1/reorganisations/{id}", tag = "reorganisations", operation_id = "showReorganisation",
    summary = "Show a reorganisation with what it does", security((), ("token" = [])),
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The reorganisation", body = ReorganisationOut)))]
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
) -> Result<Json<ReorganisationOut>, WebError> {
    out(&web, &who, &shell, id).await.map(Json)
}

/// Title, text and day.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReorganisationInput {
    /// Title, at most 80 characters.
    #[schema(required = true, example = "八科一室改为五部一室")]
    title: String,
    /// Why, at most 2,000 characters.
    text: String,
    /// The day on which it takes effect.
    #[schema(value_type = NaiveDate, required = true)]
    effective_on: String,
}

impl From<ReorganisationInput> for ReorganisationForm {
    fn from(input: ReorganisationInput) -> Self {
        Self { title: input.title, text: input.text, effective_on: input.effective_on }
    }
}

#[utoipa::path(post, path = "/api/v1/reorganisations", tag = "reorganisations", operation_id = "draftReorganisation",
    summary = "Draft a reorganisation, as subdistrict staff", request_body = ReorganisationInput,
    responses((status = 201, description = "It was drafted", body = ReorganisationOut)))]
pub(super) async fn draft(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Input(input): Input<ReorganisationInput>,
) -> Result<Response, WebError> {
    let id = cases::draft(&web.app, &who, &input.into()).await?;
    let body = out(&web, &who, &shell, id).await?;
    Ok(created(&format!("/api/v1/reorganisations/{id}"), body))
}

#[utoipa::path(put, path = "/api/v1/reorganisations/{id}", tag = "reorganisations", operation_id = "editReorganisation",
    summary = "Change title, text and day of a draft, as subdistrict staff", request_body = ReorganisationInput,
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is", body = ReorganisationOut)))]
pub(super) async fn edit(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Input(input): Input<ReorganisationInput>,
) -> Result<Json<ReorganisationOut>, WebError> {
    cases::edit(&web.app, &who, id, &input.into()).await?;
    out(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/reorganisations/{id}/steps", tag = "reorganisations",
    operation_id = "addReorganisationStep", summary = "Add a step to a draft, as its last, as subdistrict staff",
    request_body = StepBody, params(("id" = Uuid, Path, description = "The reorganisation")),
    responses((status = 200, description = "As it is", body = ReorganisationOut)))]
pub(super) async fn add_step(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Input(input): Input<StepBody>,
) -> Result<Json<ReorganisationOut>, WebError> {
    cases::add_step(&web.app, &who, id, &input.into()).await?;
    out(&web, &who, &shell, id).await.map(Json)
}

/// The place of a step, from 0, of its number.
fn place(number: usize) -> Result<usize, WebError> {
    number.checked_sub(1).ok_or_else(WebError::not_found)
}

#[utoipa::path(delete, path = "/api/v1/reorganisations/{id}/steps/{number}", tag = "reorganisations",
    operation_id = "removeReorganisationStep", summary = "Take a step out of a draft, as subdistrict staff",
    params(("id" = Uuid, Path, description = "The reorganisation"), ("number" = usize, Path, description = "The step’s number, from 1")),
    responses((status = 200, description = "As it is", body = ReorganisationOut)))]
pub(super) async fn remove_step(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, number)): Path<(Uuid, usize)>,
) -> Result<Json<ReorganisationOut>, WebError> {
    cases::remove_step(&web.app, &who, id, place(number)?).await?;
    out(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/reorganisations/{id}/steps/{number}/earlier", tag = "reorganisations",
    operation_id = "advanceReorganisationStep", summary = "Take a step of a draft one place earlier, as subdistrict staff",
    params(("id" = Uuid, Path, description = "The reorganisation"), ("number" = usize, Path, description = "The step’s number, from 1")),
    responses((status = 200, description = "As it is", body = ReorganisationOut)))]
pub(super) async fn advance_step(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, number)): Path<(Uuid, usize)>,
) -> Result<Json<ReorganisationOut>, WebError> {
    cases::advance_step(&web.app, &who, id, place(number)?).await?;
    out(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/reorganisations/{id}/put-in-force", tag = "reorganisations",
    operation_id = "putReorganisationInForce", summary = "Put a draft into force, as subdistrict staff",
    params(("id" = Uuid, Path, description = "The reorganisation")),
    responses((status = 200, description = "As it is", body = ReorganisationOut)))]
pub(super) async fn put_in_force(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
) -> Result<Json<ReorganisationOut>, WebError> {
    cases::put_in_force(&web.app, &who, id).await?;
    out(&web, &who, &shell, id).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/reorganisations/{id}/withdraw", tag = "reorganisations",
    operation_id = "withdrawReorganisation", summary = "Withdraw a draft, as subdistrict staff",
    params(("id" = Uuid, Path, description = "The reorganisation")),
    responses((status = 200, description = "As it is", body = ReorganisationOut)))]
pub(super) async fn withdraw(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
) -> Result<Json<ReorganisationOut>, WebError> {
    cases::withdraw(&web.app, &who, id).await?;
    out(&web, &who, &shell, id).await.map(Json)
}
