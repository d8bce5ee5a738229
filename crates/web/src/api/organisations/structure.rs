//! The structure as a whole, as of any day: trees, matrix, what changed, a residential area's system.

use axum::{Json, extract::State};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tongxin_app::community::{
    Territory,
    structure::{
        self as cases, AreaSystem, Difference, Line, Matrix, PartySide, Standing, Structure, SystemRole, TeamPart,
    },
};
use tongxin_core::community::OrganisationKind;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    super::{
        codes::{DifferenceCode, OrganisationKindCode, PartySideCode, SystemRoleCode, TeamPartCode},
        extract::{Id, Params, Reader},
        words::Ref,
    },
    DayQuery, ShapeOut, StandingOut,
};
use crate::{Web, error::WebError, session::Who};

/// An organisation with those under it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LineNode {
    #[serde(flatten)]
    standing: StandingOut,
    /// Those directly under it.
    #[schema(no_recursion)]
    below: Vec<LineNode>,
}

fn node(territory: &Territory, structure: &Structure, standing: &Standing) -> LineNode {
    let below = structure.below(standing.organisation);
    LineNode {
        standing: StandingOut::new(territory, standing),
        below: below.map(|s| node(territory, structure, s)).collect(),
    }
}

#[utoipa::path(get, path = "/api/v1/organisations/line", tag = "organisations", operation_id = "showLine",
    summary = "The tree of the organisations by line, as of a day", params(DayQuery), security((), ("token" = [])),
    responses((status = 200, description = "Those without a superior, each with those under it", body = [LineNode])))]
pub(in crate::api) async fn line(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<DayQuery>,
) -> Result<Json<Vec<LineNode>>, WebError> {
    let structure = cases::structure(&web.app, &who, query.day()?).await?;
    let territory = web.app.territory().await?;
    Ok(Json(structure.tops().map(|top| node(&territory, &structure, top)).collect()))
}

/// A place with its organisations and the places in it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TerritoryNode {
    /// The place.
    place: Ref,
    /// The organisations at the place itself.
    organisations: Vec<StandingOut>,
    /// The places in it.
    #[schema(no_recursion)]
    inside: Vec<TerritoryNode>,
}

fn place_node(territory: &Territory, structure: &Structure, place: Uuid) -> TerritoryNode {
    let here = structure.all().iter().filter(|s| s.location.place == place);
    TerritoryNode {
        place: Ref::place(territory, place),
        organisations: StandingOut::all(territory, here),
        inside: territory.children(place).iter().map(|p| place_node(territory, structure, p.id)).collect(),
    }
}

#[utoipa::path(get, path = "/api/v1/organisations/territory", tag = "organisations", operation_id = "showTerritoryTree",
    summary = "The organisations by territory, as of a day", params(DayQuery), security((), ("token" = [])),
    responses((status = 200, description = "The community with its places and their organisations", body = TerritoryNode)))]
pub(in crate::api) async fn territory(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<DayQuery>,
) -> Result<Json<TerritoryNode>, WebError> {
    let structure = cases::structure(&web.app, &who, query.day()?).await?;
    let territory = web.app.territory().await?;
    Ok(Json(place_node(&territory, &structure, territory.root())))
}

/// A row of the matrix.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct MatrixRow {
    /// `top` for an organisation without a superior, with those directly under it that have nothing under them; `body` for
    /// one directly under such a one, with all under it; `alone` for those of a kind that have nobody above or below.
    line: &'static str,
    /// The organisation of `top` and `body`.
    organisation: Option<Ref>,
    /// The kind of `alone`.
    #[schema(value_type = Option<OrganisationKindCode>)]
    kind: Option<OrganisationKind>,
    /// Its organisations by residential area; areas without one are left out.
    cells: Vec<MatrixCell>,
}

/// A cell of the matrix.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct MatrixCell {
    /// The residential area; none for the community as a whole.
    area: Option<Ref>,
    /// The organisations.
    organisations: Vec<Ref>,
}

#[utoipa::path(get, path = "/api/v1/organisations/matrix", tag = "organisations", operation_id = "showMatrix",
    summary = "Lines against residential areas, as of a day", params(DayQuery), security((), ("token" = [])),
    responses((status = 200, description = "The rows", body = [MatrixRow])))]
pub(in crate::api) async fn matrix(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<DayQuery>,
) -> Result<Json<Vec<MatrixRow>>, WebError> {
    let structure = cases::structure(&web.app, &who, query.day()?).await?;
    let territory = web.app.territory().await?;
    let matrix = Matrix::new(&structure);
    let reference = |id: Uuid| structure.get(id).map(|s| Ref::new(id, &s.name));
    let areas: Vec<Option<Uuid>> =
        std::iter::once(None).chain(territory.areas().iter().map(|place| Some(place.id))).collect();
    let row = |line: &Line| {
        let (word, organisation, kind) = match line {
            Line::Top(id) => ("top", reference(*id), None),
            Line::Body(id) => ("body", reference(*id), None),
            Line::Alone(kind) => ("alone", None, Some(*kind)),
        };
        let cell = |area: &Option<Uuid>| {
            let organisations: Vec<Ref> =
                matrix.cell(*line, *area).iter().map(|s| Ref::new(s.organisation, &s.name)).collect();
            let area = area.map(|id| Ref::place(&territory, id));
            (!organisations.is_empty()).then_some(MatrixCell { area, organisations })
        };
        MatrixRow { line: word, organisation, kind, cells: areas.iter().filter_map(cell).collect() }
    };
    Ok(Json(matrix.lines.iter().map(row).collect()))
}

/// Which two days to compare.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct CompareQuery {
    /// One day.
    #[param(value_type = NaiveDate, required = true)]
    with: Option<String>,
    /// The other day; today when left out.
    #[param(value_type = Option<NaiveDate>)]
    on: Option<String>,
}

/// How an organisation differs between two days.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ChangeOut {
    /// In what.
    #[schema(value_type = DifferenceCode)]
    difference: Difference,
    /// As it stands on the earlier day; none when it is not there.
    before: Option<StandingOut>,
    /// As it stands on the later day; none when it is not there.
    after: Option<StandingOut>,
}

/// The structures of two days, compared.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct CompareOut {
    /// The earlier day.
    before: NaiveDate,
    /// The later day.
    after: NaiveDate,
    /// Levels and spans of the earlier day.
    shape_before: ShapeOut,
    /// Levels and spans of the later day.
    shape_after: ShapeOut,
    /// What differs.
    changes: Vec<ChangeOut>,
}

#[utoipa::path(get, path = "/api/v1/organisations/changes", tag = "organisations", operation_id = "compareStructures",
    summary = "What changed between two days", params(CompareQuery), security((), ("token" = [])),
    responses((status = 200, description = "Levels, spans and every organisation that differs", body = CompareOut)))]
pub(in crate::api) async fn changes(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<CompareQuery>,
) -> Result<Json<CompareOut>, WebError> {
    let mut reader = Reader::default();
    let (on, with) = (reader.day("on", query.on.as_ref()), reader.day("with", query.with.as_ref()));
    reader.finish()?;
    let with = with.ok_or_else(|| {
        WebError::from_status(axum::http::StatusCode::UNPROCESSABLE_ENTITY).with_field("with", "invalid-required")
    })?;
    let compared = cases::compare(&web.app, &who, with, on.unwrap_or_else(|| web.app.today())).await?;
    let territory = web.app.territory().await?;
    let standing = |structure: &Structure, id| structure.get(id).map(|s| StandingOut::new(&territory, s));
    let change = |(id, difference): &(Uuid, Difference)| ChangeOut {
        difference: *difference,
        before: standing(&compared.before, *id),
        after: standing(&compared.after, *id),
    };
    Ok(Json(CompareOut {
        before: compared.before.day(),
        after: compared.after.day(),
        shape_before: compared.before.whole_shape().into(),
        shape_after: compared.after.whole_shape().into(),
        changes: compared.differences.iter().map(change).collect(),
    }))
}

/// A role in a residential area's system.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RoleOut {
    /// The role.
    #[schema(value_type = SystemRoleCode)]
    role: SystemRole,
    /// The organisations in it; empty when it is missing.
    organisations: Vec<Ref>,
}

/// Party organisations of one side.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct SideOut {
    /// The side.
    #[schema(value_type = PartySideCode)]
    side: PartySide,
    /// The organisations.
    organisations: Vec<Ref>,
}

/// A part of the four-in-one team.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PartOut {
    /// The part.
    #[schema(value_type = TeamPartCode)]
    part: TeamPart,
    /// How many persons fill it.
    filled: usize,
    /// Who; empty for callers who may not see posts.
    persons: Vec<Ref>,
}

/// The four-in-one team of a general branch.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TeamOut {
    /// The branch.
    branch: Ref,
    /// Its four parts.
    parts: Vec<PartOut>,
}

/// The system of a residential area.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct AreaOut {
    /// The residential area.
    area: Ref,
    /// The day.
    on: NaiveDate,
    /// Every role.
    roles: Vec<RoleOut>,
    /// The roles that nobody is in.
    #[schema(value_type = Vec<SystemRoleCode>)]
    missing: Vec<SystemRole>,
    /// The teams of the area's own Party organisations.
    teams: Vec<TeamOut>,
    /// The Party organisations in the area, by side.
    party: Vec<SideOut>,
    /// The other organisations of the area.
    others: Vec<Ref>,
    /// Natural persons in the area; none for a guest.
    persons: Option<i64>,
}

#[utoipa::path(get, path = "/api/v1/areas/{id}/system", tag = "organisations", operation_id = "showAreaSystem",
    summary = "The system of a residential area, as of a day", security((), ("token" = [])),
    params(("id" = Uuid, Path, description = "The residential area"), DayQuery),
    responses((status = 200, description = "Roles, what is missing, teams, Party organisations", body = AreaOut)))]
pub(in crate::api) async fn area(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Params(query): Params<DayQuery>,
) -> Result<Json<AreaOut>, WebError> {
    let view = cases::area(&web.app, &who, id, query.day()?).await?;
    let system = AreaSystem::new(&view.structure, id);
    let refs = |all: &[&Standing]| all.iter().map(|s| Ref::new(s.organisation, &s.name)).collect::<Vec<_>>();
    let part = |(part, seats): &(TeamPart, Vec<cases::Seat>)| PartOut {
        part: *part,
        filled: seats.len(),
        persons: seats.iter().filter_map(|s| Some(Ref::new(s.person, view.names.get(&s.person)?))).collect(),
    };
    let teams = view.teams.iter().filter_map(|(branch, team)| {
        let name = &view.structure.get(*branch)?.name;
        Some(TeamOut { branch: Ref::new(*branch, name), parts: team.parts.iter().map(part).collect() })
    });
    Ok(Json(AreaOut {
        area: Ref::new(id, &view.area.name),
        on: view.structure.day(),
        missing: system.missing().collect(),
        teams: teams.collect(),
        party: system.party.iter().map(|(side, all)| SideOut { side: *side, organisations: refs(all) }).collect(),
        others: refs(&system.others),
        persons: view.persons.as_ref().map(|persons| persons.values().sum()),
        roles: system.roles.iter().map(|(role, all)| RoleOut { role: *role, organisations: refs(all) }).collect(),
    }))
}
