//! Organisations in line and territory, as of any day.

pub(super) mod structure;

use axum::{Json, extract::State, response::Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    community::{
        Territory,
        standing::{self, OrganisationForm, StandingForm},
        structure::{self as cases, Listed, OrganisationFilter, Shape, Standing},
    },
};
use tongxin_core::community::{OrganisationKind, post::PostKind};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{OrganisationKindCode, PostKindCode},
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created},
    words::Ref,
};
use crate::{Web, error::WebError, paging::ListQuery, path::Path, session::Who};

/// What an organisation is in certain days.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct StandingOut {
    /// The organisation.
    id: Uuid,
    /// Its name.
    name: String,
    /// Its kind.
    #[schema(value_type = OrganisationKindCode)]
    kind: OrganisationKind,
    /// Its superior within the community.
    line: Option<Uuid>,
    /// The name of a superior outside the community.
    line_outside: Option<String>,
    /// Where it is.
    place: Ref,
    /// The residential area in which it is; none for the community as a whole.
    area: Option<Uuid>,
    /// The first day; 1900-01-01 when nobody wrote down since when.
    from: NaiveDate,
    /// The first day after; none while it lasts.
    until: Option<NaiveDate>,
    /// The reorganisation by which it became so.
    reorganisation: Option<Uuid>,
}

impl StandingOut {
    fn new(territory: &Territory, standing: &Standing) -> Self {
        Self {
            id: standing.organisation,
            name: standing.name.clone(),
            kind: standing.kind,
            line: standing.line,
            line_outside: standing.line_outside.clone(),
            place: Ref::place(territory, standing.location.place),
            area: standing.location.area,
            from: standing.period.from,
            until: standing.period.until,
            reorganisation: standing.reorganisation,
        }
    }

    fn all<'a>(territory: &Territory, standings: impl IntoIterator<Item = &'a Standing>) -> Vec<Self> {
        standings.into_iter().map(|s| Self::new(territory, s)).collect()
    }
}

/// An organisation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ListedOut {
    #[serde(flatten)]
    standing: StandingOut,
    /// The name of its superior within the community.
    superior: Option<String>,
    /// How many are directly under it.
    below: usize,
}

/// How deep and wide a line is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ShapeOut {
    /// Levels; 1 for an organisation without anything under it.
    levels: usize,
    /// The most organisations directly under one.
    widest_span: usize,
    /// How many organisations in all.
    organisations: usize,
}

impl From<Shape> for ShapeOut {
    fn from(shape: Shape) -> Self {
        Self { levels: shape.levels, widest_span: shape.widest_span, organisations: shape.organisations }
    }
}

/// Which organisations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct OrganisationQuery {
    /// As of this day; today when left out.
    #[param(value_type = Option<NaiveDate>)]
    on: Option<String>,
    /// Of this kind only.
    #[param(value_type = Option<OrganisationKindCode>)]
    kind: Option<String>,
    /// In this place or in what lies in it.
    #[param(value_type = Option<Uuid>)]
    place: Option<String>,
    /// This organisation and those under it by line; `none` for those without a superior within the community.
    line: Option<String>,
    /// A part of the name, in characters or pinyin.
    q: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

/// The day that is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct DayQuery {
    /// As of this day; today when left out.
    #[param(value_type = Option<NaiveDate>)]
    on: Option<String>,
}

impl DayQuery {
    fn day(&self) -> Result<Option<NaiveDate>, WebError> {
        let mut reader = Reader::default();
        let day = reader.day("on", self.on.as_ref());
        reader.finish()?;
        Ok(day)
    }
}

#[utoipa::path(get, path = "/api/v1/organisations", tag = "organisations", operation_id = "listOrganisations",
    summary = "List organisations as of a day, by kind and name", params(OrganisationQuery), security((), ("token" = [])),
    responses((status = 200, description = "A page of the list", body = PageOf<ListedOut>)))]
pub(in crate::api) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<OrganisationQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let none = query.line.as_deref() == Some("none");
    let filter = OrganisationFilter {
        on: reader.day("on", query.on.as_ref()),
        kind: reader.value("kind", query.kind.as_ref()),
        place: reader.value("place", query.place.as_ref()),
        line: if none { None } else { reader.value("line", query.line.as_ref()) },
        without_superior: none,
        text: query.q,
    };
    reader.finish()?;
    let ask = PageAsk::new(query.page, query.size);
    let page = cases::list(&web.app, &who, &filter, ask.slice()).await?;
    let territory = web.app.territory().await?;
    let out = |listed: Listed| ListedOut {
        standing: StandingOut::new(&territory, &listed.standing),
        superior: listed.superior,
        below: listed.below,
    };
    Ok(ask.answer(&list, page.rows.into_iter().map(out).collect(), page.total))
}

/// A post with who holds it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct OrganisationPost {
    /// Its identifier.
    id: Uuid,
    /// Its kind.
    #[schema(value_type = PostKindCode)]
    kind: PostKind,
    /// Its title.
    title: String,
    /// How many persons hold it at most at the same time.
    seats: u32,
    /// Who holds it on the day.
    holders: Vec<Ref>,
}

/// An organisation as of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct OrganisationOut {
    /// Its identifier.
    id: Uuid,
    /// The day.
    on: NaiveDate,
    /// As it stands on the day; none when it is not there.
    now: Option<StandingOut>,
    /// All that it was and will be, the first first.
    history: Vec<StandingOut>,
    /// Its superiors, the nearest first.
    superiors: Vec<Ref>,
    /// Those directly under it.
    below: Vec<StandingOut>,
    /// How deep and wide its own line is.
    shape: ShapeOut,
    /// Its posts on the day; none for callers who may not see them.
    posts: Option<Vec<OrganisationPost>>,
    /// The units that it is set up in, and the branches that are set up in it.
    hosts: Vec<Ref>,
    /// Whether the caller may change how it stands.
    may_edit: bool,
}

async fn out(web: &Web, who: &Viewer, id: Uuid, on: Option<NaiveDate>) -> Result<OrganisationOut, WebError> {
    let view = cases::organisation(&web.app, who, id, on).await?;
    let territory = web.app.territory().await?;
    let post = |entry: cases::PostOf| OrganisationPost {
        id: entry.post.id,
        kind: entry.post.kind,
        title: entry.post.title,
        seats: entry.post.seats,
        holders: entry.holders.into_iter().map(|(id, name, _)| Ref::new(id, name)).collect(),
    };
    Ok(OrganisationOut {
        id,
        on: view.day,
        now: view.now.as_ref().map(|s| StandingOut::new(&territory, s)),
        history: StandingOut::all(&territory, &view.history),
        superiors: view.superiors.iter().map(|s| Ref::new(s.organisation, &s.name)).collect(),
        below: StandingOut::all(&territory, &view.below),
        shape: view.shape.into(),
        posts: view.posts.map(|posts| posts.into_iter().map(post).collect()),
        hosts: view.hosts.into_iter().map(|(id, name)| Ref::new(id, name)).collect(),
        may_edit: view.may_edit,
    })
}

#[utoipa::path(get, path = "/api/v1/organisations/{id}", tag = "organisations", operation_id = "showOrganisation",
    summary = "Show an organisation as of a day", security((), ("token" = [])),
    params(("id" = Uuid, Path, description = "Its identifier"), DayQuery),
    responses((status = 200, description = "The organisation", body = OrganisationOut)))]
pub(in crate::api) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Params(query): Params<DayQuery>,
) -> Result<Json<OrganisationOut>, WebError> {
    out(&web, &who, id, query.day()?).await.map(Json)
}

/// How an organisation is to stand.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct StandingInput {
    /// Name, at most 60 characters.
    #[schema(required = true, example = "社区服务部")]
    name: String,
    /// Its kind.
    #[schema(value_type = OrganisationKindCode, required = true)]
    kind: String,
    /// Its superior within the community.
    line: Option<Uuid>,
    /// The name of a superior outside the community.
    line_outside: String,
    /// Where it is.
    #[schema(required = true)]
    place: Option<Uuid>,
    /// The first day; today when left out.
    #[schema(value_type = Option<NaiveDate>)]
    from: String,
    /// Of a correction: the first day after, none while it lasts.
    #[schema(value_type = Option<NaiveDate>)]
    until: String,
    /// Of a new one: the contact person.
    contact: String,
    /// Of a new one: the telephone number.
    phone: String,
    /// Of a new one: the e-mail address.
    email: String,
    /// Of a new one: that it is none of those that `suspected_duplicate` named.
    confirmed_new: bool,
}

impl From<StandingInput> for OrganisationForm {
    fn from(input: StandingInput) -> Self {
        Self {
            standing: StandingForm {
                name: input.name,
                kind: input.kind,
                line_outside: input.line_outside,
                from: input.from,
                until: input.until,
            },
            line: input.line,
            place: input.place,
            contact: input.contact,
            phone: input.phone,
            email: input.email,
            confirmed_new: input.confirmed_new,
        }
    }
}

#[utoipa::path(post, path = "/api/v1/organisations", tag = "organisations", operation_id = "createOrganisation",
    summary = "Found an organisation, as staff; when it may be there already, the answer is 409 suspected_duplicate with candidates", request_body = StandingInput,
    responses((status = 201, description = "It was founded", body = OrganisationOut)))]
pub(in crate::api) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    Input(input): Input<StandingInput>,
) -> Result<Response, WebError> {
    let id = standing::create(&web.app, &who, &input.into()).await?;
    let body = out(&web, &who, id, None).await?;
    Ok(created(&format!("/api/v1/organisations/{id}"), body))
}

#[utoipa::path(post, path = "/api/v1/organisations/{id}/change", tag = "organisations", operation_id = "changeOrganisation",
    summary = "Change an organisation’s name, kind, line or place from a day on, as staff", request_body = StandingInput,
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is", body = OrganisationOut)))]
pub(in crate::api) async fn change(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<StandingInput>,
) -> Result<Json<OrganisationOut>, WebError> {
    standing::change(&web.app, &who, id, &input.into()).await?;
    out(&web, &who, id, None).await.map(Json)
}

#[utoipa::path(put, path = "/api/v1/organisations/{id}/standings/{from}", tag = "organisations",
    operation_id = "correctStanding", summary = "Correct what was entered from a day on, as staff",
    request_body = StandingInput,
    params(("id" = Uuid, Path, description = "The organisation"), ("from" = NaiveDate, Path, description = "The first day of the entry")),
    responses((status = 200, description = "As it is", body = OrganisationOut)))]
pub(in crate::api) async fn correct(
    State(web): State<Web>,
    Who(who): Who,
    Path((id, from)): Path<(Uuid, NaiveDate)>,
    Input(input): Input<StandingInput>,
) -> Result<Json<OrganisationOut>, WebError> {
    standing::correct(&web.app, &who, id, from, &input.into()).await?;
    out(&web, &who, id, None).await.map(Json)
}

/// When to close.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct CloseInput {
    /// The first day on which it is no longer there; today when left out.
    #[schema(value_type = Option<NaiveDate>)]
    on: String,
}

#[utoipa::path(post, path = "/api/v1/organisations/{id}/close", tag = "organisations", operation_id = "closeOrganisation",
    summary = "Close an organisation, as staff", request_body = CloseInput,
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is", body = OrganisationOut)))]
pub(in crate::api) async fn close(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<CloseInput>,
) -> Result<Json<OrganisationOut>, WebError> {
    standing::close(&web.app, &who, id, &input.on).await?;
    out(&web, &who, id, None).await.map(Json)
}
