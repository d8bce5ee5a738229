//! Answering somebody's need or offer: "I can help", "ask for this".

use askama::Template;
use axum::{Extension, extract::State, http::StatusCode, response::Response};
use tongxin_app::{
    Viewer,
    service::{
        intents::{self, IntentCard},
        matches,
    },
};
use tongxin_core::service::{IntentState, Side, intent::Refused};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    i18n::Message,
    layout::{self, Shell},
    path::Path,
    session::{Who, done},
};

#[derive(Template)]
#[template(path = "intents/respond.html")]
struct RespondPage {
    shell: Shell,
    card: IntentCard,
    members: Vec<Choice>,
    form: FormState,
}

impl RespondPage {
    async fn new(web: &Web, who: &Viewer, shell: Shell, card: IntentCard, form: FormState) -> Result<Self, WebError> {
        let side = card.intent.side;
        let mut members = super::members(web, who, Vec::new(), None).await?;
        members.retain(|m| m.value != card.intent.member.to_string());
        Ok(Self {
            shell: shell.page_key(&super::key(side, "intent-respond"), super::active(side)),
            card,
            members,
            form,
        })
    }

    fn key(&self, key: &str) -> String {
        super::key(self.card.intent.side, key)
    }

    fn href(&self) -> String {
        super::href(&self.card)
    }

    fn when(&self) -> String {
        super::when(&self.shell, &self.card.intent.draft.schedule)
    }

    fn most(&self) -> i64 {
        self.card.intent.remaining().max(1)
    }
}

/// `GET /needs/{id}/respond`.
pub(super) async fn page(
    State(web): State<Web>,
    Who(who): Who,
    Extension(_): Extension<Side>,
    Path(id): Path<Uuid>,
    shell: Shell,
) -> Result<Response, WebError> {
    let actor = who.actor()?;
    let card = intents::show(&web.app, &who, id).await?.card;
    if card.intent.state != IntentState::Open {
        return Err(WebError::from(tongxin_app::Error::Refused(Refused::WrongState)).back_to(super::href(&card)));
    }
    let first = actor.members().into_iter().find(|m| *m != card.intent.member);
    let form = FormState::new().with("quantity", 1).with_some("member", first);
    layout::page(&RespondPage::new(&web, &who, shell, card, form).await?)
}

/// `POST /needs/{id}/respond`.
pub(super) async fn send(
    State(web): State<Web>,
    Who(who): Who,
    Extension(_): Extension<Side>,
    Path(id): Path<Uuid>,
    shell: Shell,
    mut form: RawForm,
) -> Result<Response, WebError> {
    use tongxin_app::Error;
    let card = intents::show(&web.app, &who, id).await?.card;
    let quantity = form.number("quantity", 1, card.intent.remaining().max(1));
    let quantity = form.need("quantity", quantity);
    let note = form.optional("text", 500).unwrap_or_default();
    let member = form.get("member").map(|id| id.parse().unwrap_or_default());
    let Some(quantity) = quantity.filter(|_| form.is_ok()) else {
        let page = RespondPage::new(&web, &who, shell, card, form.into_state()).await?;
        return layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    match matches::respond(&web.app, &who, id, member, quantity, &note).await {
        Ok(made) => {
            let message = super::key(card.intent.side, "done-intent-responded");
            Ok(done(&format!("/matches/{made}"), Message::new(message)))
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Conflict(_))) => {
            let error = WebError::from(error);
            let status = if error.fields().is_empty() { error.status() } else { StatusCode::UNPROCESSABLE_ENTITY };
            let page = RespondPage::new(&web, &who, shell, card, form.into_state_with(&error)).await?;
            layout::page_with(status, &page)
        }
        Err(error) => Err(WebError::from(error).back_to(super::href(&card))),
    }
}
