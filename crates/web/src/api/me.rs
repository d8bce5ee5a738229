//! Oneself: account, posts, tokens.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::{
    community::Territory,
    identity as cases,
    people::{Look, looks_at_me},
    service::matches::waiting_for,
};
use tongxin_core::community::post::{Duty, HeldPost, PostKind};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{DutyCode, PostKindCode},
    extract::{Id, Input, PageAsk, PageOf, Params, created},
    words::Ref,
};
use crate::{Web, error::WebError, paging::ListQuery, session::Who};

/// A post by which one acts today.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldPostOut {
    /// The appointment that it rests on.
    appointment: Uuid,
    /// The post.
    post: Uuid,
    /// Its kind.
    #[schema(value_type = PostKindCode)]
    kind: PostKind,
    /// Its title.
    title: String,
    /// The organisation that it belongs to.
    organisation: Uuid,
    /// What it lets its holder do.
    #[schema(value_type = Vec<DutyCode>)]
    duties: Vec<Duty>,
    /// The place that it covers.
    place: Ref,
    /// The first day: of the appointment, or of the delegation.
    from: NaiveDate,
    /// The first day after it; none while it lasts.
    until: Option<NaiveDate>,
    /// The person who delegated it; none for a post of one’s own.
    delegated_by: Option<Uuid>,
}

impl HeldPostOut {
    fn new(territory: &Territory, post: &HeldPost) -> Self {
        Self {
            appointment: post.appointment,
            post: post.post,
            kind: post.kind,
            title: post.title.clone(),
            organisation: post.organisation,
            duties: post.duties().collect(),
            place: Ref::place(territory, post.covers()),
            from: post.period.from,
            until: post.period.until,
            delegated_by: post.delegated_by,
        }
    }
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MeOut {
    /// The account.
    account: Uuid,
    /// The sign-in name.
    login: String,
    /// The person.
    person: Ref,
    /// The posts held today.
    posts: Vec<HeldPostOut>,
    /// How many matches wait for an answer or a confirmation.
    waiting: usize,
}

/// A token of one's own; the token itself is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenOut {
    /// Its identifier.
    id: Uuid,
    /// Its name.
    name: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

/// A token to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TokenInput {
    /// What one calls it, at most 40 characters.
    #[schema(required = true, example = "roster script")]
    name: String,
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewTokenOut {
    /// The token; it is shown this once only.
    #[schema(example = "tx_…")]
    token: String,
}

#[utoipa::path(get, path = "/api/v1/me", tag = "me", operation_id = "showMe", summary = "Who asks, with the posts of today",
    responses((status = 200, description = "Who asks", body = MeOut)))]
pub(super) async fn show(State(web): State<Web>, Who(who): Who) -> Result<Json<MeOut>, WebError> {
    let actor = who.actor()?;
    let territory = web.app.territory().await?;
    Ok(Json(MeOut {
        account: actor.account,
        login: actor.login.clone(),
        person: Ref::new(actor.person, actor.name.clone()),
        posts: actor.posts.iter().map(|post| HeldPostOut::new(&territory, post)).collect(),
        waiting: waiting_for(&web.app, &who).await?.len(),
    }))
}

/// A look at one's own sensitive data.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LookOut {
    /// When.
    at: DateTime<Utc>,
    /// The name of who looked.
    by: Option<String>,
    /// In which capacity: the code of a post.
    capacity: String,
    /// The reason that was given.
    reason: Option<String>,
}

/// Which page of the looks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LookQuery {
    /// Number of the page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// Entries on a page, 20 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    size: Option<u64>,
}

#[utoipa::path(get, path = "/api/v1/me/looks", tag = "me", operation_id = "listLooks",
    summary = "Who looked at one’s own sensitive data, newest first", params(LookQuery),
    responses((status = 200, description = "A page of the list", body = PageOf<LookOut>)))]
pub(super) async fn looks(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<LookQuery>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let ask = PageAsk::new(query.page, query.size);
    let page = looks_at_me(&web.app, &who, ask.slice()).await?;
    let out =
        |look: Look| LookOut { reason: look.reason(), at: look.record.at, by: look.by, capacity: look.record.capacity };
    Ok(ask.answer(&list, page.rows.into_iter().map(out).collect(), page.total))
}

#[utoipa::path(get, path = "/api/v1/tokens", tag = "me", operation_id = "listTokens", summary = "One’s own tokens",
    responses((status = 200, description = "The tokens", body = Vec<TokenOut>)))]
pub(super) async fn tokens(State(web): State<Web>, Who(who): Who) -> Result<Json<Vec<TokenOut>>, WebError> {
    let tokens = cases::tokens(&web.app, &who).await?.into_iter();
    let tokens =
        tokens.map(|t| TokenOut { id: t.id, name: t.name, created_at: t.created_at, expires_at: t.expires_at });
    Ok(Json(tokens.collect()))
}

#[utoipa::path(post, path = "/api/v1/tokens", tag = "me", operation_id = "createToken",
    summary = "Make a token of one’s own", request_body = TokenInput,
    description = "The first token is made on the page “Mine”. `Idempotency-Key` is not taken here: no trace of a token is kept.",
    responses((status = 201, description = "The token", body = NewTokenOut)))]
pub(super) async fn create_token(
    State(web): State<Web>,
    Who(who): Who,
    Input(input): Input<TokenInput>,
) -> Result<Response, WebError> {
    let token = cases::create_token(&web.app, &who, &input.name).await?;
    Ok(created("/api/v1/tokens", NewTokenOut { token }))
}

#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "me", operation_id = "deleteToken",
    summary = "Remove a token of one’s own", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 204, description = "It no longer opens anything")))]
pub(super) async fn delete_token(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<StatusCode, WebError> {
    cases::delete_token(&web.app, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
