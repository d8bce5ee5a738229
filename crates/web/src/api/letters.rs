//! Letters of appointment, and the coverage of enterprises.

use axum::{Json, extract::State, response::Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tongxin_app::community::{
    Territory,
    coverage::{self as coverages, Coverage, Enterprise, StaffSize},
    letter::{self as cases, LetterFilter, LetterForm, LetterView},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{CoverageCode, StaffSizeCode},
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created},
    words::Ref,
};
use crate::{Web, error::WebError, paging::ListQuery, session::Who};

/// A letter of appointment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LetterOut {
    /// Its identifier.
    id: Uuid,
    /// Its number.
    number: String,
    /// The enterprise that appoints.
    enterprise: Ref,
    /// The worker who is appointed.
    person: Ref,
    /// What the worker does there.
    duties: String,
    /// Who signs for the enterprise.
    signer: String,
    /// The day on which it was issued.
    issued_on: NaiveDate,
    /// The first day for which it appoints.
    from: NaiveDate,
    /// The first day after; none while it lasts.
    until: Option<NaiveDate>,
    /// From when it was revoked, if it was.
    revoked_on: Option<NaiveDate>,
    /// Why.
    revoked_reason: Option<String>,
}

impl From<LetterView> for LetterOut {
    fn from(view: LetterView) -> Self {
        let letter = view.letter;
        let (revoked_on, revoked_reason) = letter.revoked.unzip();
        Self {
            id: letter.id,
            number: letter.number,
            enterprise: Ref::new(letter.enterprise, view.enterprise),
            person: Ref::new(letter.person, view.person),
            duties: letter.duties,
            signer: letter.signer,
            issued_on: letter.issued_on,
            from: letter.period.from,
            until: letter.period.until,
            revoked_on,
            revoked_reason,
        }
    }
}

/// A letter to be issued.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LetterInput {
    /// The enterprise.
    #[schema(required = true)]
    enterprise: Uuid,
    /// The worker: of an organisation of the enterprise’s area.
    #[schema(required = true)]
    person: Option<Uuid>,
    /// Its number, once only.
    #[schema(required = true, example = "静党聘〔2026〕3号")]
    number: String,
    /// What the worker does, at most 1,000 characters.
    #[schema(required = true)]
    duties: String,
    /// Who signs for the enterprise.
    #[schema(required = true)]
    signer: String,
    /// The day of issue; today when left out.
    #[schema(value_type = Option<NaiveDate>)]
    issued_on: String,
    /// The first day; the day of issue when left out.
    #[schema(value_type = Option<NaiveDate>)]
    from: String,
    /// The first day after.
    #[schema(value_type = Option<NaiveDate>)]
    until: String,
}

/// How a letter is revoked.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RevokeInput {
    /// From which day; today when left out.
    #[schema(value_type = Option<NaiveDate>)]
    on: String,
    /// Why.
    #[schema(required = true)]
    reason: String,
}

/// Which letters.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LetterQuery {
    /// Of this enterprise.
    #[param(value_type = Option<Uuid>)]
    enterprise: Option<String>,
    /// To this person.
    #[param(value_type = Option<Uuid>)]
    person: Option<String>,
    /// In force on this day.
    #[param(value_type = Option<NaiveDate>)]
    on: Option<String>,
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

#[utoipa::path(get, path = "/api/v1/letters", tag = "organisations", operation_id = "listLetters",
    summary = "List the letters of appointment that the caller may see, the newest first", params(LetterQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<LetterOut>)))]
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<LetterQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let mut reader = Reader::default();
    let filter = LetterFilter {
        enterprise: reader.value("enterprise", query.enterprise.as_ref()),
        person: reader.value("person", query.person.as_ref()),
        on: reader.day("on", query.on.as_ref()),
        ..LetterFilter::default()
    };
    reader.finish()?;
    let ask = PageAsk::new(query.page, query.size);
    let found = cases::list(&web.app, &who, filter, ask.slice()).await?;
    let items: Vec<LetterOut> = found.rows.into_iter().map(LetterOut::from).collect();
    Ok(ask.answer(&list, items, found.total))
}

#[utoipa::path(get, path = "/api/v1/letters/{id}", tag = "organisations", operation_id = "showLetter",
    summary = "Show a letter of appointment", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The letter", body = LetterOut)))]
pub(super) async fn show(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<LetterOut>, WebError> {
    Ok(Json(cases::show(&web.app, &who, id).await?.into()))
}

#[utoipa::path(post, path = "/api/v1/letters", tag = "organisations", operation_id = "issueLetter",
    summary = "Issue a letter of appointment, for the enterprise or as secretary of its area", request_body = LetterInput,
    responses((status = 201, description = "It was issued", body = LetterOut)))]
pub(super) async fn issue(
    State(web): State<Web>,
    Who(who): Who,
    Input(input): Input<LetterInput>,
) -> Result<Response, WebError> {
    let form = LetterForm {
        number: input.number,
        duties: input.duties,
        signer: input.signer,
        issued_on: input.issued_on,
        from: input.from,
        until: input.until,
    };
    let id = cases::issue(&web.app, &who, input.enterprise, input.person, &form).await?;
    let body = LetterOut::from(cases::show(&web.app, &who, id).await?);
    Ok(created(&format!("/api/v1/letters/{id}"), body))
}

#[utoipa::path(post, path = "/api/v1/letters/{id}/revoke", tag = "organisations", operation_id = "revokeLetter",
    summary = "Revoke a letter of appointment, for the enterprise or as secretary of its area", request_body = RevokeInput,
    params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "As it is now", body = LetterOut)))]
pub(super) async fn revoke(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<RevokeInput>,
) -> Result<Json<LetterOut>, WebError> {
    cases::revoke(&web.app, &who, id, &input.on, &input.reason).await?;
    Ok(Json(cases::show(&web.app, &who, id).await?.into()))
}

/// An enterprise, with what reaches it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnterpriseOut {
    /// The enterprise.
    enterprise: Ref,
    /// Where it is.
    place: Ref,
    /// How many employees it has, when it is known.
    staff_count: Option<i64>,
    /// How large it is.
    #[schema(value_type = StaffSizeCode)]
    size: StaffSize,
    /// How it is reached.
    #[schema(value_type = CoverageCode)]
    way: Coverage,
    /// The branch that reaches it.
    branch: Option<Uuid>,
    /// The letter that does.
    letter: Option<Uuid>,
    /// The name of the branch or of the worker.
    by: Option<String>,
}

impl EnterpriseOut {
    fn new(territory: &Territory, found: Enterprise) -> Self {
        Self {
            place: Ref::place(territory, found.standing.location.place),
            enterprise: Ref::new(found.standing.organisation, found.standing.name),
            staff_count: found.staff,
            size: found.size,
            way: found.reached.coverage,
            branch: found.reached.branch,
            letter: found.reached.letter,
            by: found.by,
        }
    }
}

/// Coverage on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CoverageOut {
    /// The day.
    on: NaiveDate,
    /// The enterprises, by name.
    enterprises: Vec<EnterpriseOut>,
}

/// Which coverage.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CoverageQuery {
    /// On this day; today when left out.
    #[param(value_type = Option<NaiveDate>)]
    on: Option<String>,
    /// Of this place; all that the caller looks after when left out.
    #[param(value_type = Option<Uuid>)]
    place: Option<String>,
    /// Reached in this way only.
    #[param(value_type = Option<CoverageCode>)]
    way: Option<String>,
}

#[utoipa::path(get, path = "/api/v1/coverage", tag = "organisations", operation_id = "showCoverage",
    summary = "Show how Party building reaches enterprises on a day, as staff", params(CoverageQuery),
    responses((status = 200, description = "Every enterprise, with what reaches it", body = CoverageOut)))]
pub(super) async fn coverage(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<CoverageQuery>,
) -> Result<Json<CoverageOut>, WebError> {
    let mut reader = Reader::default();
    let place = reader.value("place", query.place.as_ref());
    let on = reader.day("on", query.on.as_ref());
    let way: Option<Coverage> = reader.value("way", query.way.as_ref());
    reader.finish()?;
    let view = coverages::show(&web.app, &who, place, on).await?;
    let territory = web.app.territory().await?;
    let fits = |e: &Enterprise| way.is_none_or(|way| e.reached.coverage == way);
    let enterprises = view.enterprises.into_iter().filter(fits);
    Ok(Json(CoverageOut { on: view.on, enterprises: enterprises.map(|e| EnterpriseOut::new(&territory, e)).collect() }))
}
