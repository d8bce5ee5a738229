//! Members who may be one, and merging them.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    community::Territory,
    people::{
        duplicate::{self as suspected, Pair},
        merge::{self as cases, MergeView},
    },
};
use tongxin_core::people::{
    duplicate::{Likeness, Suspicion},
    merge::MergeField,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{LikenessCode, MergeFieldCode},
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created, right_first},
    members::MemberOut,
    words::Ref,
};
use crate::{
    Web,
    error::WebError,
    layout::Shell,
    paging::ListQuery,
    path::Path,
    session::{Who, problem_message},
};

/// Two members who may be one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PairOut {
    /// The one that has been there for longer.
    one: MemberOut,
    /// The other.
    other: MemberOut,
    /// How alike they are; from 55 on they are suspected to be one.
    weight: i32,
    /// Why, the weightiest first.
    #[schema(value_type = Vec<LikenessCode>)]
    reasons: Vec<Likeness>,
}

impl PairOut {
    fn new(territory: &Territory, pair: Pair) -> Self {
        let Suspicion { weight, reasons } = pair.suspicion;
        let out = |member| MemberOut::new(territory, member);
        Self { one: out(pair.one), other: out(pair.other), weight, reasons }
    }
}

/// Two members side by side.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CompareOut {
    /// The one.
    one: MemberOut,
    /// The other.
    other: MemberOut,
    /// The fields in which they differ: for each, one is chosen.
    #[schema(value_type = Vec<MergeFieldCode>)]
    differ: Vec<MergeField>,
    /// Why they look alike.
    #[schema(value_type = Vec<LikenessCode>)]
    reasons: Vec<Likeness>,
    /// What forbids to merge them, in words; empty when nothing does.
    obstacles: Vec<String>,
    /// Whether the caller may merge them.
    may_merge: bool,
}

/// A merge that was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MergeOut {
    /// Its identifier.
    id: Uuid,
    /// The member that was kept.
    kept: Ref,
    /// The member that was merged into it.
    gone: Ref,
    /// Who did it.
    by: Option<String>,
    /// When.
    at: DateTime<Utc>,
    /// When it was undone, if it was.
    undone_at: Option<DateTime<Utc>>,
}

impl From<MergeView> for MergeOut {
    fn from(view: MergeView) -> Self {
        Self {
            id: view.merge.id,
            kept: Ref::new(view.merge.kept, view.kept),
            gone: Ref::new(view.merge.gone, view.gone),
            by: view.by,
            at: view.merge.at,
            undone_at: view.merge.undone_at,
        }
    }
}

/// Of which place.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PlaceQuery {
    /// Of this residential area; all that the caller looks after when left out.
    #[param(value_type = Option<Uuid>)]
    place: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

impl PlaceQuery {
    fn read(&self) -> Result<(Option<Uuid>, PageAsk), WebError> {
        let mut reader = Reader::default();
        let place = reader.value("place", self.place.as_ref());
        reader.finish()?;
        Ok((place, PageAsk::new(self.page, self.size)))
    }
}

/// How to merge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MergeInput {
    /// Which of the two is kept.
    kept: Uuid,
    /// The fields of which the other’s entry is kept.
    #[serde(default)]
    #[schema(value_type = Vec<MergeFieldCode>)]
    from_other: Vec<MergeField>,
}

#[utoipa::path(get, path = "/api/v1/duplicates", tag = "members", operation_id = "listDuplicates",
    summary = "List pairs of members who may be one, the likeliest first, as staff", params(PlaceQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<PairOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<PlaceQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let (place, ask) = query.read()?;
    let territory = web.app.territory().await?;
    let found = suspected::list(&web.app, &who, place, ask.slice()).await?.page;
    let items: Vec<PairOut> = found.rows.into_iter().map(|pair| PairOut::new(&territory, pair)).collect();
    Ok(ask.answer(&list, items, found.total))
}

#[utoipa::path(get, path = "/api/v1/duplicates/{a}/{b}", tag = "members", operation_id = "compareMembers",
    summary = "Show two members side by side, as staff",
    params(("a" = Uuid, Path, description = "The one"), ("b" = Uuid, Path, description = "The other")),
    responses((status = 200, description = "Both, and how they differ", body = CompareOut)))]
pub(super) async fn compare(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((a, b)): Path<(Uuid, Uuid)>,
) -> Result<Json<CompareOut>, WebError> {
    let view = cases::side_by_side(&web.app, &who, a, b).await?;
    let territory = web.app.territory().await?;
    let fields = MergeField::of(view.one.member.kind).iter().copied();
    Ok(Json(CompareOut {
        differ: fields.filter(|field| !view.one.fields.same(&view.other.fields, *field)).collect(),
        reasons: view.suspicion.map(|s| s.reasons).unwrap_or_default(),
        obstacles: view.obstacles.iter().map(|problem| shell.say(&problem_message(problem))).collect(),
        may_merge: view.may_merge,
        one: MemberOut::new(&territory, view.one.member),
        other: MemberOut::new(&territory, view.other.member),
    }))
}

#[utoipa::path(post, path = "/api/v1/duplicates/{a}/{b}/apart", tag = "members", operation_id = "tellMembersApart",
    summary = "Note that two members are two, as staff",
    params(("a" = Uuid, Path, description = "The one"), ("b" = Uuid, Path, description = "The other")),
    responses((status = 204, description = "They are not suspected again")))]
pub(super) async fn apart(
    State(web): State<Web>,
    Who(who): Who,
    Path((a, b)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, WebError> {
    suspected::tell_apart(&web.app, &who, a, b).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/duplicates/{a}/{b}/merge", tag = "members", operation_id = "mergeMembers",
    summary = "Merge two members with everything that hangs on them, as staff", request_body = MergeInput,
    params(("a" = Uuid, Path, description = "The one"), ("b" = Uuid, Path, description = "The other")),
    responses((status = 201, description = "They were merged", body = MergeOut)))]
pub(super) async fn merge(
    State(web): State<Web>,
    Who(who): Who,
    Path((a, b)): Path<(Uuid, Uuid)>,
    Input(input): Input<MergeInput>,
) -> Result<Response, WebError> {
    let gone = match input.kept {
        kept if kept == a => Ok(b),
        kept if kept == b => Ok(a),
        _ => {
            let error = WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY);
            Err(error.with_field("kept", "invalid-unknown_choice"))
        }
    };
    let gone = right_first(gone, cases::may_merge(&web.app, &who, a, b)).await?;
    let id = cases::merge(&web.app, &who, input.kept, gone, &input.from_other).await?;
    let body = MergeOut::from(cases::show(&web.app, &who, id).await?);
    Ok(created("/api/v1/merges", body))
}

#[utoipa::path(get, path = "/api/v1/merges", tag = "members", operation_id = "listMerges",
    summary = "List the merges that were done, the newest first, as staff", params(PlaceQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<MergeOut>)))]
pub(super) async fn merges(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<PlaceQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let (place, ask) = query.read()?;
    let found = cases::list(&web.app, &who, place, ask.slice()).await?;
    let items: Vec<MergeOut> = found.rows.into_iter().map(MergeOut::from).collect();
    Ok(ask.answer(&list, items, found.total))
}

#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", tag = "members", operation_id = "undoMerge",
    summary = "Undo a merge, as staff", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "It was undone", body = MergeOut)))]
pub(super) async fn undo(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<MergeOut>, WebError> {
    cases::undo(&web.app, &who, id).await?;
    Ok(Json(cases::show(&web.app, &who, id).await?.into()))
}
