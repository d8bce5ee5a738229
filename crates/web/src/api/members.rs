//! Members: persons and organisations.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tongxin_app::{
    Viewer,
    community::Territory,
    people::{self as cases, Balance, Member, MemberFilter},
    search,
};
use tongxin_core::{
    community::OrganisationKind,
    people::{CareGroup, MemberDetails, MemberForm, MemberKind, Sex},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{CareGroupCode, MemberKindCode, OrganisationKindCode, SexCode},
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created, right_first},
    matches::MatchOut,
    words::Ref,
};
use crate::{Web, error::WebError, layout::Shell, paging::ListQuery, session::Who};

/// A member. Contacts are given only to those who may see them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberOut {
    /// Its identifier.
    id: Uuid,
    /// Person or organisation.
    #[schema(value_type = MemberKindCode)]
    kind: MemberKind,
    /// Full name.
    name: String,
    /// Telephone number.
    phone: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Where it lives, works or sits.
    place: Ref,
    /// The kind of an organisation.
    #[schema(value_type = Option<OrganisationKindCode>)]
    organisation_kind: Option<OrganisationKind>,
    /// The contact person of an organisation.
    contact: Option<String>,
    /// What it gave and received.
    balance: BalanceOut,
}

/// What a member gave and received, in settled deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BalanceOut {
    /// Minutes given.
    given_minutes: i64,
    /// Minutes received.
    received_minutes: i64,
    /// Deliveries given.
    given_count: i64,
    /// Deliveries received.
    received_count: i64,
}

impl From<Balance> for BalanceOut {
    fn from(b: Balance) -> Self {
        Self {
            given_minutes: b.given_minutes,
            received_minutes: b.received_minutes,
            given_count: b.given_count,
            received_count: b.received_count,
        }
    }
}

impl MemberOut {
    pub(super) fn new(territory: &Territory, member: Member) -> Self {
        let (organisation_kind, contact) = match member.draft.details {
            MemberDetails::Organisation { kind, contact } => (Some(kind), contact),
            MemberDetails::Person { .. } => (None, None),
        };
        Self {
            id: member.id,
            kind: member.kind,
            name: member.draft.name,
            phone: member.draft.phone,
            email: member.draft.email,
            place: Ref::place(territory, member.location.place),
            organisation_kind,
            contact,
            balance: member.balance.into(),
        }
    }
}

/// What is particular to a person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonOut {
    /// Date of birth.
    birth_date: Option<NaiveDate>,
    /// Sex.
    #[schema(value_type = Option<SexCode>)]
    sex: Option<Sex>,
    /// Registered here.
    registered: bool,
    /// Retired.
    retired: bool,
}

/// A member, with what the caller may see and do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberDetail {
    #[serde(flatten)]
    member: MemberOut,
    /// What is particular to a person, for those who see its contacts.
    person: Option<PersonOut>,
    /// Its care groups, when they were asked for by one who may see them; the look is recorded.
    #[schema(value_type = Option<Vec<CareGroupCode>>)]
    care_groups: Option<Vec<CareGroup>>,
    /// How many employees an organisation has, when it is known.
    staff_count: Option<i64>,
    /// Whether its contacts are shown.
    sees_contacts: bool,
    /// Whether the caller may change it.
    may_edit: bool,
    /// Whether the caller may hand something in for it.
    may_request: bool,
    /// Its open matters, for those who see its contacts.
    open_matters: Vec<MatchOut>,
    /// What ended, for the same.
    past: Vec<MatchOut>,
}

/// What a member is to be. A change gives all of it: what is left out is emptied.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MemberInput {
    /// Person or organisation; of a new member only.
    #[schema(value_type = Option<MemberKindCode>)]
    kind: String,
    /// Where it lives, works or sits; a change may leave it out.
    place: Option<Uuid>,
    /// Full name, at most 60 characters.
    #[schema(required = true, example = "王秀英")]
    name: String,
    /// Telephone number.
    phone: String,
    /// E-mail address.
    email: String,
    /// Date of birth of a person.
    #[schema(value_type = Option<NaiveDate>)]
    birth_date: String,
    /// Sex of a person.
    #[schema(value_type = Option<SexCode>)]
    sex: String,
    /// Whether a person is registered here.
    registered: bool,
    /// Whether a person is retired.
    retired: bool,
    /// Care groups of a person; changed only by those who may see them.
    #[schema(value_type = Vec<CareGroupCode>)]
    care_groups: Vec<String>,
    /// Kind of an organisation.
    #[schema(value_type = Option<OrganisationKindCode>)]
    organisation_kind: String,
    /// Contact person of an organisation.
    contact: String,
    /// How many employees an organisation has.
    staff_count: Option<i64>,
    /// Of a new member: that it is none of those that `suspected_duplicate` named.
    confirmed_new: bool,
}

impl From<MemberInput> for MemberForm {
    fn from(input: MemberInput) -> Self {
        Self {
            name: input.name,
            phone: input.phone,
            email: input.email,
            birth_date: input.birth_date,
            sex: input.sex,
            registered: input.registered,
            retired: input.retired,
            care_groups: input.care_groups,
            organisation_kind: input.organisation_kind,
            contact: input.contact,
            staff_count: input.staff_count.map(|count| count.to_string()).unwrap_or_default(),
            confirmed_new: input.confirmed_new,
        }
    }
}

/// Which members.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MemberQuery {
    /// Persons or organisations only.
    #[param(value_type = Option<MemberKindCode>)]
    kind: Option<String>,
    /// Organisations of this kind only.
    #[param(value_type = Option<OrganisationKindCode>)]
    organisation_kind: Option<String>,
    /// Of this place: the community, a residential area or a place within it.
    #[param(value_type = Option<Uuid>)]
    place: Option<String>,
    /// In this care group only: for social workers and secretaries, in their areas; the look is recorded.
    #[param(value_type = Option<CareGroupCode>)]
    care_group: Option<String>,
    /// A part of the name, in characters or pinyin.
    q: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

/// What to show of a member.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ShowQuery {
    /// Whether to read its care groups too; the look is recorded.
    sensitive: bool,
}

#[utoipa::path(get, path = "/api/v1/members", tag = "members", operation_id = "listMembers",
    summary = "List members by name", params(MemberQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<MemberOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<MemberQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let territory = web.app.territory().await?;
    let place: Option<Uuid> = reader.value("place", query.place.as_ref());
    let (area, place) = place
        .map_or((None, None), |id| if territory.place(id).is_some() { territory.scope(id) } else { (None, Some(id)) });
    let filter = MemberFilter {
        kind: reader.value("kind", query.kind.as_ref()),
        organisation_kind: reader.value("organisation_kind", query.organisation_kind.as_ref()),
        area,
        place,
        care_group: reader.value("care_group", query.care_group.as_ref()),
        tokens: query.q.as_deref().and_then(search::query_tokens),
        ..MemberFilter::default()
    };
    reader.finish()?;
    let ask = PageAsk::new(query.page, query.size);
    let page = cases::list(&web.app, &who, filter, ask.slice()).await?;
    let items: Vec<MemberOut> = page.rows.into_iter().map(|m| MemberOut::new(&territory, m)).collect();
    Ok(ask.answer(&list, items, page.total))
}

async fn detail(web: &Web, who: &Viewer, shell: &Shell, id: Uuid, sensitive: bool) -> Result<MemberDetail, WebError> {
    let view = cases::show(&web.app, who, id, sensitive).await?;
    let territory = web.app.territory().await?;
    let person = match &view.member.draft.details {
        MemberDetails::Person { birth_date, sex, registered, retired, .. } if view.sees_contacts => {
            Some(PersonOut { birth_date: *birth_date, sex: *sex, registered: *registered, retired: *retired })
        }
        _ => None,
    };
    Ok(MemberDetail {
        person,
        care_groups: view.care_groups,
        staff_count: view.staff_count,
        sees_contacts: view.sees_contacts,
        may_edit: view.may_edit,
        may_request: view.may_request,
        open_matters: view.open_matters.into_iter().map(|card| MatchOut::new(shell, card)).collect(),
        past: view.past.into_iter().map(|card| MatchOut::new(shell, card)).collect(),
        member: MemberOut::new(&territory, view.member),
    })
}

#[utoipa::path(get, path = "/api/v1/members/{id}", tag = "members", operation_id = "showMember", summary = "Show a member",
    params(("id" = Uuid, Path, description = "Its identifier"), ShowQuery),
    responses((status = 200, description = "The member", body = MemberDetail)))]
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Params(query): Params<ShowQuery>,
) -> Result<Json<MemberDetail>, WebError> {
    detail(&web, &who, &shell, id, query.sensitive).await.map(Json)
}

#[utoipa::path(post, path = "/api/v1/members", tag = "members", operation_id = "createMember",
    summary = "Add a member, as staff; when it may be there already, the answer is 409 suspected_duplicate with candidates", request_body = MemberInput,
    responses((status = 201, description = "It was added", body = MemberDetail)))]
pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Input(input): Input<MemberInput>,
) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let kind: Option<MemberKind> = reader.value("kind", Some(&input.kind));
    let required = || WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY).with_field("kind", "invalid-required");
    let kind = reader.finish().and_then(|()| kind.ok_or_else(required));
    let kind = right_first(kind, cases::may_create(&web.app, &who, input.place)).await?;
    let id = cases::create(&web.app, &who, kind, input.place, &input.into()).await?;
    let body = detail(&web, &who, &shell, id, false).await?;
    Ok(created(&format!("/api/v1/members/{id}"), body))
}

#[utoipa::path(put, path = "/api/v1/members/{id}", tag = "members", operation_id = "editMember",
    summary = "Change a member", request_body = MemberInput,
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is now", body = MemberDetail)))]
pub(super) async fn edit(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Input(input): Input<MemberInput>,
) -> Result<Json<MemberDetail>, WebError> {
    cases::edit(&web.app, &who, id, input.place, &input.into()).await?;
    detail(&web, &who, &shell, id, false).await.map(Json)
}
