//! The territory.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use tongxin_app::community::{self as cases, PlaceForm, Territory};
use tongxin_core::community::PlaceKind;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    codes::PlaceKindCode,
    extract::{Id, Input, created},
};
use crate::{Web, error::WebError, session::Who};

/// A place, with those in it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaceOut {
    /// Its identifier.
    id: Uuid,
    /// The place that it lies in; none for the community.
    parent: Option<Uuid>,
    /// Its kind.
    #[schema(value_type = PlaceKindCode)]
    kind: PlaceKind,
    /// A short code, unique in the community.
    code: String,
    /// Its name.
    name: String,
    /// The places in it, by code.
    #[schema(no_recursion)]
    children: Vec<PlaceOut>,
}

/// A place to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPlace {
    /// The place that it lies in.
    parent: Uuid,
    /// Its kind: one that lies in the kind of the parent.
    #[schema(value_type = PlaceKindCode)]
    kind: String,
    /// A short code, at most 20 characters.
    code: String,
    /// Its name, at most 40 characters.
    name: String,
}

/// A place's code and name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceInput {
    /// A short code, at most 20 characters.
    code: String,
    /// Its name, at most 40 characters.
    name: String,
}

fn out(territory: &Territory, id: Uuid) -> Result<PlaceOut, WebError> {
    let place = territory.place(id).ok_or_else(WebError::not_found)?;
    let children = territory.children(id).into_iter().map(|child| out(territory, child.id));
    Ok(PlaceOut {
        id,
        parent: place.parent,
        kind: place.kind,
        code: place.code.clone(),
        name: place.name.clone(),
        children: children.collect::<Result<_, _>>()?,
    })
}

#[utoipa::path(get, path = "/api/v1/places", tag = "places", operation_id = "showTerritory",
    summary = "The territory as a tree", security((), ("token" = [])),
    responses((status = 200, description = "The community, with the places in it", body = PlaceOut)))]
pub(super) async fn tree(State(web): State<Web>) -> Result<Json<PlaceOut>, WebError> {
    let territory = web.app.territory().await?;
    out(&territory, territory.root()).map(Json)
}

#[utoipa::path(get, path = "/api/v1/places/{id}", tag = "places", operation_id = "showPlace", summary = "Show a place",
    params(("id" = Uuid, Path, description = "Its identifier")), security((), ("token" = [])),
    responses((status = 200, description = "The place", body = PlaceOut)))]
pub(super) async fn show(State(web): State<Web>, Id(id): Id) -> Result<Json<PlaceOut>, WebError> {
    out(&*web.app.territory().await?, id).map(Json)
}

#[utoipa::path(post, path = "/api/v1/places", tag = "places", operation_id = "createPlace",
    summary = "Add a place, as subdistrict staff", request_body = NewPlace,
    responses((status = 201, description = "It was added", body = PlaceOut)))]
pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    Input(input): Input<NewPlace>,
) -> Result<Response, WebError> {
    let form = PlaceForm { kind: input.kind, code: input.code, name: input.name };
    let id = cases::create_place(&web.app, &who, input.parent, &form).await?;
    let body = out(&*web.app.territory().await?, id)?;
    Ok(created(&format!("/api/v1/places/{id}"), body))
}

#[utoipa::path(put, path = "/api/v1/places/{id}", tag = "places", operation_id = "editPlace",
    summary = "Change a place’s code and name, as subdistrict staff", request_body = PlaceInput,
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is now", body = PlaceOut)))]
pub(super) async fn edit(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<PlaceInput>,
) -> Result<Json<PlaceOut>, WebError> {
    let form = PlaceForm { kind: String::new(), code: input.code, name: input.name };
    cases::edit_place(&web.app, &who, id, &form).await?;
    out(&*web.app.territory().await?, id).map(Json)
}

#[utoipa::path(delete, path = "/api/v1/places/{id}", tag = "places", operation_id = "removePlace",
    summary = "Remove a place that nothing belongs to, as subdistrict staff",
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 204, description = "It is removed")))]
pub(super) async fn remove(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<StatusCode, WebError> {
    cases::remove_place(&web.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
