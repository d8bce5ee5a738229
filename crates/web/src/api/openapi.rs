//! The OpenAPI document, gathered from the handlers once.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        Content, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder, Schema, Type,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::{
    accounts, duplicates, intents, letters, matches, me, members, organisations, overview, party, places, posts,
    records, reorganisations, rosters, runs,
};

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem {
    /// Where the error is described.
    #[schema(example = "/api/docs#problem-invalid")]
    r#type: String,
    /// In a few words, in the language of the request.
    title: String,
    /// The HTTP status.
    status: u16,
    /// In full, in the language of the request.
    detail: String,
    /// The path of the request.
    instance: String,
    /// A stable code.
    #[schema(example = "invalid")]
    code: String,
    /// What is wrong with which field.
    errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
pub(super) struct FieldProblem {
    /// The field.
    field: String,
    /// A stable code.
    #[schema(example = "invalid-required")]
    code: String,
    /// In full, in the language of the request.
    detail: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tongxin API",
        description = "Needs, offers, matches and deliveries of a community. See /api/docs for tokens, paging, errors and idempotency.",
        version = "1"
    ),
    modifiers(&Common),
    components(schemas(Problem, FieldProblem)),
    security(("token" = [])),
    tags(
        (name = "needs", description = "What members ask for"),
        (name = "offers", description = "What members give"),
        (name = "matches", description = "A need met by an offer, from proposal to end"),
        (name = "deliveries", description = "What was done under a match: confirmed, settled, rated"),
        (name = "runs", description = "The best assignment for all open needs of a place at once"),
        (name = "rosters", description = "Lists from spreadsheets: checked, then written all at once"),
        (name = "members", description = "Persons and organisations"),
        (name = "party", description = "Party members, their development and transfers; every look is recorded"),
        (name = "places", description = "The territory"),
        (name = "organisations", description = "Organisations in line and territory, as of any day"),
        (name = "reorganisations", description = "Reorganisations, drafted and put into force on a day"),
        (name = "overview", description = "Figures"),
        (name = "records", description = "Every change, in a chain that anyone may verify"),
        (name = "me", description = "Oneself and one’s tokens"),
        (name = "posts", description = "Posts of organisations, who holds them, and what follows from them"),
        (name = "accounts", description = "Accounts, for subdistrict staff"),
    ),
    paths(
        intents::needs::list, intents::needs::create, intents::needs::show, intents::needs::edit,
        intents::needs::withdraw, intents::needs::reopen, intents::needs::candidates, intents::needs::respond,
        intents::offers::list, intents::offers::create, intents::offers::show, intents::offers::edit,
        intents::offers::withdraw, intents::offers::reopen, intents::offers::candidates, intents::offers::respond,
        matches::list, matches::propose, matches::show, matches::accept, matches::decline, matches::arrange,
        matches::deliver, matches::cancel, matches::confirm, matches::settle, matches::rate, matches::today,
        rosters::list, rosters::upload, rosters::show, rosters::map, rosters::rows, rosters::choose, rosters::run,
        rosters::cancel, rosters::undo,
        runs::list, runs::start, runs::show, runs::decide,
        members::list, members::create, members::show, members::edit,
        duplicates::list, duplicates::compare, duplicates::apart, duplicates::merge, duplicates::merges, duplicates::undo,
        party::branches, party::roll, party::add, party::member, party::step, party::take_back, party::end, party::own,
        party::transfer_list, party::ask, party::transfer, party::transfer_step,
        places::tree, places::create, places::show, places::edit, places::remove,
        organisations::list, organisations::create, organisations::show, organisations::structure::line, organisations::structure::territory,
        organisations::structure::matrix, organisations::structure::changes, organisations::change, organisations::correct,
        organisations::close, organisations::structure::area,
        reorganisations::list, reorganisations::draft, reorganisations::show, reorganisations::edit,
        reorganisations::add_step, reorganisations::remove_step, reorganisations::advance_step,
        reorganisations::put_in_force, reorganisations::withdraw,
        letters::list, letters::show, letters::issue, letters::revoke, letters::coverage,
        overview::show, records::list, records::verify,
        me::show, me::looks, me::tokens, me::create_token, me::delete_token,
        accounts::list, accounts::create, accounts::show, accounts::disable, accounts::enable,
        posts::list, posts::create, posts::expiring, posts::missing, posts::show, posts::edit, posts::end, posts::appoint,
        posts::require_cross, posts::end_cross, posts::correct, posts::end_appointment, posts::delegate,
        posts::delegations, posts::end_delegation, posts::of_member, posts::explain,
    )
)]
struct Described;

/// What every operation shares: the token, the answer when something is wrong, the key of a post.
struct Common;

impl Modify for Common {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let token = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("tx_…").build();
        api.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(token));
        for item in api.paths.paths.values_mut() {
            let PathItem { get, put, post, delete, .. } = item;
            for (operation, is_post) in [(get, false), (put, false), (post, true), (delete, false)] {
                if let Some(operation) = operation {
                    common(operation, is_post);
                }
            }
        }
    }
}

fn common(operation: &mut Operation, is_post: bool) {
    let problem = Content::new(Some(RefOr::<Schema>::Ref(Ref::from_schema_name("Problem"))));
    let response = ResponseBuilder::new()
        .description("What went wrong; see the list of errors")
        .content("application/problem+json", problem);
    operation.responses.responses.insert("default".to_owned(), RefOr::T(response.build()));
    let secret = matches!(operation.operation_id.as_deref(), Some("createToken" | "createAccount"));
    if is_post && !secret {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("A name for this request, at most 100 characters: sent again, it is not done again."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(100))));
        operation.parameters.get_or_insert_default().push(key.build());
    }
}

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Described::openapi);
static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_pretty_json().unwrap_or_default());

/// The OpenAPI document.
#[must_use]
pub fn document() -> &'static utoipa::openapi::OpenApi {
    &DOCUMENT
}

/// `GET /api/openapi.json`.
pub(super) async fn serve() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, TEXT.as_str()).into_response()
}
