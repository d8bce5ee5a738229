//! Posts of organisations, who holds them, delegations, and why one may do something.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    community::post::{self as cases, AppointmentForm, CrossForm, DelegationForm, Holding, ListedPost, PostFilter},
    policy::why::{self, Thing},
};
use tongxin_core::community::post::{Delegation, Duty, PostKind, duties_at, rules::PostForm};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{DutyCode, PostKindCode},
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created},
    words::Ref,
};
use crate::{Web, error::WebError, paging::ListQuery, path::Path, session::Who};

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

/// A post in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedPostOut {
    /// Its identifier.
    id: Uuid,
    /// The code by which imports know it.
    code: Option<String>,
    /// Its organisation, with its name on the day.
    organisation: Ref,
    /// Its kind.
    #[schema(value_type = PostKindCode)]
    kind: PostKind,
    /// Its title.
    title: String,
    /// How many persons hold it at most.
    seats: u32,
    /// How many hold it on the day.
    held: u32,
    /// The names of those who hold it on the day.
    holders: Vec<String>,
    /// Its term in months.
    term_months: Option<u32>,
    /// What it lets its holder do.
    #[schema(value_type = Vec<DutyCode>)]
    duties: Vec<Duty>,
    /// The first day on which it exists; 1900-01-01 when nobody wrote down since when.
    from: NaiveDate,
    /// The first day after; none while it lasts.
    until: Option<NaiveDate>,
}

impl ListedPostOut {
    fn new((listed, holders): (ListedPost, Vec<String>)) -> Self {
        let post = listed.post;
        Self {
            id: post.id,
            code: post.code,
            organisation: Ref::new(post.organisation, listed.organisation_name),
            kind: post.kind,
            title: post.title,
            seats: post.seats,
            held: listed.held,
            holders,
            term_months: post.term_months,
            duties: duties_at(post.kind, listed.organisation_kind, listed.location).collect(),
            from: post.period.from,
            until: post.period.until,
        }
    }
}

/// Which posts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PostQuery {
    /// A part of the title or of the organisation’s name.
    q: Option<String>,
    /// Of this organisation.
    organisation: Option<String>,
    /// Of this kind.
    #[param(value_type = Option<PostKindCode>)]
    kind: Option<String>,
    /// Of organisations in this place; the community means its own bodies.
    place: Option<String>,
    /// With free seats only: `true`.
    vacant: Option<bool>,
    /// As of this day; today unless said otherwise.
    #[param(format = Date)]
    on: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

#[utoipa::path(get, path = "/api/v1/posts", tag = "posts", operation_id = "listPosts",
    summary = "List posts as of a day, by organisation", params(PostQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<ListedPostOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<PostQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let territory = web.app.territory().await?;
    let place: Option<Uuid> = reader.value("place", query.place.as_ref());
    let (area, place) =
        place.map_or((None, None), |id| if id == territory.root() { (None, Some(id)) } else { territory.scope(id) });
    let filter = PostFilter {
        on: reader.day("on", query.on.as_ref()).unwrap_or_else(|| web.app.today()),
        organisation: reader.value("organisation", query.organisation.as_ref()),
        kind: reader.value("kind", query.kind.as_ref()),
        area,
        place,
        text: query.q,
        vacant: query.vacant.unwrap_or_default(),
    };
    reader.finish()?;
    let ask = PageAsk::new(query.page, query.size);
    let page = cases::list(&web.app, &who, &filter, ask.slice()).await?;
    let items: Vec<ListedPostOut> = page.rows.into_iter().map(ListedPostOut::new).collect();
    Ok(ask.answer(&list, items, page.total))
}

/// A required cross appointment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CrossOut {
    /// Its identifier.
    id: Uuid,
    /// The kind of the other post.
    #[schema(value_type = PostKindCode)]
    kind: PostKind,
    /// The organisation of the other post.
    organisation: Uuid,
    /// The first day.
    from: NaiveDate,
    /// The first day after; none while it is required.
    until: Option<NaiveDate>,
}

/// That another acts in a post for a time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DelegationOut {
    /// Its identifier.
    id: Uuid,
    /// The appointment that is delegated.
    appointment: Uuid,
    /// Who acts.
    to: Uuid,
    /// The first day.
    from: NaiveDate,
    /// The first day after.
    until: Option<NaiveDate>,
    /// Why.
    reason: String,
}

impl DelegationOut {
    fn new(delegation: Delegation) -> Self {
        Self {
            id: delegation.id,
            appointment: delegation.appointment,
            to: delegation.to,
            from: delegation.period.from,
            until: delegation.period.until,
            reason: delegation.reason,
        }
    }
}

/// A post.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PostOut {
    /// Its identifier.
    id: Uuid,
    /// The code by which imports know it.
    code: Option<String>,
    /// Its organisation.
    organisation: Ref,
    /// Its kind.
    #[schema(value_type = PostKindCode)]
    kind: PostKind,
    /// Its title.
    title: String,
    /// How many persons hold it at most.
    seats: u32,
    /// Its term in months.
    term_months: Option<u32>,
    /// The first day on which it exists; 1900-01-01 when nobody wrote down since when.
    from: NaiveDate,
    /// The first day after; none while it lasts.
    until: Option<NaiveDate>,
    /// Who holds and held it.
    holders: Vec<HoldingOut>,
    /// The cross appointments that it asks for.
    cross: Vec<CrossOut>,
    /// To whom it is and was delegated.
    delegations: Vec<DelegationOut>,
    /// Whether the reader may change it.
    may_manage: bool,
}

async fn out(web: &Web, who: &Viewer, id: Uuid) -> Result<PostOut, WebError> {
    let view = cases::show(&web.app, who, id).await?;
    let cross = view.cross.into_iter().map(|required| CrossOut {
        id: required.id,
        kind: required.kind,
        organisation: required.organisation,
        from: required.period.from,
        until: required.period.until,
    });
    Ok(PostOut {
        id,
        code: view.post.code,
        organisation: Ref::new(view.organisation.organisation, view.organisation.name),
        kind: view.post.kind,
        title: view.post.title,
        seats: view.post.seats,
        term_months: view.post.term_months,
        from: view.post.period.from,
        until: view.post.period.until,
        holders: view.held.into_iter().map(HoldingOut::new).collect(),
        cross: cross.collect(),
        delegations: view.delegations.into_iter().map(DelegationOut::new).collect(),
        may_manage: view.may_manage,
    })
}

#[utoipa::path(get, path = "/api/v1/posts/{id}", tag = "posts", operation_id = "showPost",
    summary = "Show a post", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The post", body = PostOut)))]
pub(super) async fn show(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<PostOut>, WebError> {
    out(&web, &who, id).await.map(Json)
}

/// A post to be made or changed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PostInput {
    /// Its organisation; of a new one only.
    organisation: Option<Uuid>,
    /// Its kind.
    #[schema(value_type = PostKindCode, required = true)]
    kind: String,
    /// Its title, at most 40 characters.
    #[schema(required = true)]
    title: String,
    /// How many persons hold it; 1 unless said otherwise.
    #[schema(minimum = 1, maximum = 500)]
    seats: Option<u32>,
    /// Its term in months; none unless said otherwise.
    #[schema(minimum = 1, maximum = 240)]
    term_months: Option<u32>,
    /// The first day; today unless said otherwise.
    #[schema(format = Date)]
    from: String,
    /// The first day after it; empty while it lasts.
    #[schema(format = Date)]
    until: String,
}

impl PostInput {
    fn form(self) -> PostForm {
        let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        PostForm {
            kind: self.kind,
            title: self.title,
            seats: number(self.seats),
            term_months: number(self.term_months),
            from: self.from,
            until: self.until,
        }
    }
}

#[utoipa::path(post, path = "/api/v1/posts", tag = "posts", operation_id = "createPost",
    summary = "Add a post to an organisation", request_body = PostInput,
    responses((status = 201, description = "It was made", body = PostOut)))]
pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    Input(input): Input<PostInput>,
) -> Result<Response, WebError> {
    let organisation = input.organisation.ok_or_else(WebError::not_found)?;
    let id = cases::create(&web.app, &who, organisation, &input.form()).await?;
    Ok(created(&format!("/api/v1/posts/{id}"), out(&web, &who, id).await?))
}

#[utoipa::path(put, path = "/api/v1/posts/{id}", tag = "posts", operation_id = "editPost",
    summary = "Change a post", params(("id" = Uuid, Path, description = "Its identifier")), request_body = PostInput,
    responses((status = 200, description = "As it is now", body = PostOut)))]
pub(super) async fn edit(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<PostInput>,
) -> Result<Json<PostOut>, WebError> {
    cases::edit(&web.app, &who, id, &input.form()).await?;
    out(&web, &who, id).await.map(Json)
}

/// On which day.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EndInput {
    /// The first day on which it no longer holds; today unless said otherwise.
    #[schema(format = Date)]
    until: String,
}

#[utoipa::path(post, path = "/api/v1/posts/{id}/end", tag = "posts", operation_id = "endPost",
    summary = "End a post, and all appointments to it", params(("id" = Uuid, Path, description = "Its identifier")),
    request_body = EndInput, responses((status = 200, description = "As it is now", body = PostOut)))]
pub(super) async fn end(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<EndInput>,
) -> Result<Json<PostOut>, WebError> {
    cases::end(&web.app, &who, id, &input.until).await?;
    out(&web, &who, id).await.map(Json)
}

/// An appointment to be made or corrected.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AppointmentInput {
    /// Who; of a new one only.
    person: Option<Uuid>,
    /// The first day; today unless said otherwise.
    #[schema(format = Date)]
    from: String,
    /// The first day after it; empty while it lasts.
    #[schema(format = Date)]
    until: String,
    /// The decision that it rests on, at most 200 characters.
    note: String,
}

impl AppointmentInput {
    fn form(self) -> AppointmentForm {
        AppointmentForm { person: self.person, from: self.from, until: self.until, note: self.note }
    }
}

#[utoipa::path(post, path = "/api/v1/posts/{id}/appointments", tag = "posts", operation_id = "appoint",
    summary = "Appoint a person to a post", params(("id" = Uuid, Path, description = "The post")),
    request_body = AppointmentInput, responses((status = 201, description = "The post as it is now", body = PostOut)))]
pub(super) async fn appoint(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<AppointmentInput>,
) -> Result<Response, WebError> {
    cases::appoint(&web.app, &who, id, &input.form()).await?;
    Ok(created(&format!("/api/v1/posts/{id}"), out(&web, &who, id).await?))
}

#[utoipa::path(put, path = "/api/v1/appointments/{id}", tag = "posts", operation_id = "correctAppointment",
    summary = "Correct the days and the note of an appointment",
    params(("id" = Uuid, Path, description = "The appointment")), request_body = AppointmentInput,
    responses((status = 204, description = "It is corrected")))]
pub(super) async fn correct(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<AppointmentInput>,
) -> Result<StatusCode, WebError> {
    cases::correct(&web.app, &who, id, &input.form()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/appointments/{id}/end", tag = "posts", operation_id = "endAppointment",
    summary = "End an appointment", params(("id" = Uuid, Path, description = "The appointment")),
    request_body = EndInput, responses((status = 204, description = "It ends on that day")))]
pub(super) async fn end_appointment(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<EndInput>,
) -> Result<StatusCode, WebError> {
    cases::end_appointment(&web.app, &who, id, &input.until).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A cross appointment to be required.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CrossInput {
    /// The kind of the other post.
    #[schema(value_type = PostKindCode, required = true)]
    kind: String,
    /// The organisation of the other post.
    #[schema(value_type = Uuid, required = true)]
    organisation: Option<Uuid>,
    /// The first day; today unless said otherwise.
    #[schema(format = Date)]
    from: String,
    /// The first day after it; empty while it is required.
    #[schema(format = Date)]
    until: String,
}

#[utoipa::path(post, path = "/api/v1/posts/{id}/cross", tag = "posts", operation_id = "requireCross",
    summary = "Require that who holds a post holds another too", params(("id" = Uuid, Path, description = "The post")),
    request_body = CrossInput, responses((status = 201, description = "The post as it is now", body = PostOut)))]
pub(super) async fn require_cross(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<CrossInput>,
) -> Result<Response, WebError> {
    let CrossInput { kind, organisation, from, until } = input;
    cases::require_cross(&web.app, &who, id, &CrossForm { kind, organisation, from, until }).await?;
    Ok(created(&format!("/api/v1/posts/{id}"), out(&web, &who, id).await?))
}

#[utoipa::path(delete, path = "/api/v1/posts/{id}/cross/{required}", tag = "posts", operation_id = "endCross",
    summary = "Require a cross appointment no longer",
    params(("id" = Uuid, Path, description = "The post"), ("required" = Uuid, Path, description = "What is required")),
    responses((status = 204, description = "It is required no longer")))]
pub(super) async fn end_cross(
    State(web): State<Web>,
    Who(who): Who,
    Path((id, required)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, WebError> {
    cases::end_cross(&web.app, &who, id, required).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An appointment that ends soon or is overdue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExpiringOut {
    /// The post.
    post: Ref,
    /// Its organisation.
    organisation: Ref,
    /// The person.
    person: Ref,
    /// The appointment.
    appointment: Uuid,
    /// The day on which it ends, or on which its term is over.
    ends: NaiveDate,
    /// Whether that day has come.
    overdue: bool,
}

#[utoipa::path(get, path = "/api/v1/posts/expiring", tag = "posts", operation_id = "listExpiring",
    summary = "Appointments that end within 90 days, or whose term is over",
    responses((status = 200, description = "The first first", body = [ExpiringOut])))]
pub(super) async fn expiring(State(web): State<Web>, Who(who): Who) -> Result<Json<Vec<ExpiringOut>>, WebError> {
    let found = cases::expiring(&web.app, &who).await?;
    let rows = found.into_iter().map(|row| ExpiringOut {
        post: Ref::new(row.post.id, row.post.title),
        organisation: Ref::new(row.post.organisation, row.organisation),
        person: Ref::new(row.appointment.person, row.person),
        appointment: row.appointment.id,
        ends: row.ends,
        overdue: row.overdue,
    });
    Ok(Json(rows.collect()))
}

/// A required cross appointment that somebody lacks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MissingOut {
    /// Who lacks it.
    person: Ref,
    /// The post that asks for it.
    post: Ref,
    /// The post’s organisation.
    organisation: Ref,
    /// The kind of the other post.
    #[schema(value_type = PostKindCode)]
    kind: PostKind,
    /// The other post’s organisation.
    other_organisation: Ref,
}

#[utoipa::path(get, path = "/api/v1/posts/cross", tag = "posts", operation_id = "listMissingCross",
    summary = "The cross appointments that are required and missing today",
    responses((status = 200, description = "What is missing", body = [MissingOut])))]
pub(super) async fn missing(State(web): State<Web>, Who(who): Who) -> Result<Json<Vec<MissingOut>>, WebError> {
    let found = cases::missing(&web.app, &who).await?;
    let rows = found.into_iter().map(|row| MissingOut {
        person: Ref::new(row.missing.person, row.person),
        post: Ref::new(row.post.id, row.post.title),
        organisation: Ref::new(row.post.organisation, row.organisation),
        kind: row.missing.requirement.kind,
        other_organisation: Ref::new(row.missing.requirement.organisation, row.other_organisation),
    });
    Ok(Json(rows.collect()))
}

#[utoipa::path(get, path = "/api/v1/members/{id}/posts", tag = "posts", operation_id = "listPostsOfMember",
    summary = "What a person holds and held, the latest first",
    params(("id" = Uuid, Path, description = "The person")),
    responses((status = 200, description = "The appointments", body = [HoldingOut])))]
pub(super) async fn of_member(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
) -> Result<Json<Vec<HoldingOut>>, WebError> {
    let held = cases::of_person(&web.app, &who, id).await?;
    Ok(Json(held.into_iter().map(HoldingOut::new).collect()))
}

#[utoipa::path(get, path = "/api/v1/delegations", tag = "posts", operation_id = "listDelegations",
    summary = "The delegations that last today or begin later",
    responses((status = 200, description = "The first first", body = [DelegationOut])))]
pub(super) async fn delegations(State(web): State<Web>, Who(who): Who) -> Result<Json<Vec<DelegationOut>>, WebError> {
    let found = cases::delegations(&web.app, &who).await?;
    Ok(Json(found.into_iter().map(|row| DelegationOut::new(row.delegation)).collect()))
}

/// A delegation to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DelegationInput {
    /// Who acts.
    #[schema(value_type = Uuid, required = true)]
    to: Option<Uuid>,
    /// The first day; today unless said otherwise.
    #[schema(format = Date)]
    from: String,
    /// The first day after it, at most 366 days later.
    #[schema(format = Date, required = true)]
    until: String,
    /// Why, at most 200 characters.
    #[schema(required = true)]
    reason: String,
}

#[utoipa::path(post, path = "/api/v1/appointments/{id}/delegations", tag = "posts", operation_id = "delegate",
    summary = "Let another act in a post of one’s own", params(("id" = Uuid, Path, description = "The appointment")),
    request_body = DelegationInput, responses((status = 201, description = "It was made", body = Uuid)))]
pub(super) async fn delegate(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<DelegationInput>,
) -> Result<Response, WebError> {
    let DelegationInput { to, from, until, reason } = input;
    let new = cases::delegate(&web.app, &who, id, &DelegationForm { to, from, until, reason }).await?;
    Ok(created("/api/v1/delegations", new))
}

#[utoipa::path(post, path = "/api/v1/delegations/{id}/end", tag = "posts", operation_id = "endDelegation",
    summary = "End a delegation today", params(("id" = Uuid, Path, description = "The delegation")),
    responses((status = 204, description = "It has ended")))]
pub(super) async fn end_delegation(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<StatusCode, WebError> {
    cases::end_delegation(&web.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What to explain.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WhyQuery {
    /// The action, as `policies/` name it.
    #[param(required = true, example = "EditMember")]
    action: String,
    /// The kind of the thing: `place`, `member` or `organisation`.
    #[param(required = true)]
    kind: String,
    /// The thing.
    #[param(value_type = Uuid, required = true)]
    id: String,
}

/// Why one may or may not.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhyOut {
    /// Whether the reader may.
    may: bool,
    /// In which capacity.
    capacity: Option<String>,
    /// The person in whose delegated post.
    on_behalf_of: Option<Uuid>,
    /// The policies that permit it to the reader.
    permits: Vec<String>,
    /// The policies that permit it to somebody.
    would: Vec<String>,
    /// Posts that permit it.
    posts: Vec<ListedPostOut>,
}

#[utoipa::path(get, path = "/api/v1/why", tag = "posts", operation_id = "explain",
    summary = "Why the reader may or may not do something, and which posts permit it", params(WhyQuery),
    responses((status = 200, description = "The explanation", body = WhyOut)))]
pub(super) async fn explain(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<WhyQuery>,
) -> Result<Json<WhyOut>, WebError> {
    who.actor()?;
    let thing = query.id.parse().ok().and_then(|id| Thing::read(&query.kind, id)).ok_or_else(WebError::not_found)?;
    let found = why::explain(&web.app, &who, &query.action, thing).await?;
    Ok(Json(WhyOut {
        may: found.capacity.is_some(),
        on_behalf_of: found.capacity.as_ref().and_then(|capacity| capacity.on_behalf_of),
        capacity: found.capacity.map(|capacity| capacity.word),
        permits: found.permits,
        would: found.would.into_iter().map(|(id, _)| id).collect(),
        posts: found.posts.into_iter().map(ListedPostOut::new).collect(),
    }))
}
