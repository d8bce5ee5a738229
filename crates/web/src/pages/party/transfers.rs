//! Transfers: asked for, handed over, accepted, declined, taken back; the list for both sides.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use tongxin_app::{
    Error, Slice, Viewer,
    people::party::{
        branches,
        members::{self, MemberPage},
        transfers::{self, TransferCard},
    },
};
use tongxin_core::people::membership::{TransferState, TransferStep};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    i18n::Message,
    layout::{Shell, page, page_with},
    paging::{ListQuery, Page},
    session::{Who, done},
};

#[derive(Template)]
#[template(path = "party/transfers.html")]
struct ListPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    rows: Vec<TransferCard>,
}

#[derive(Template)]
#[template(path = "party/transfer.html")]
struct ShowPage {
    shell: Shell,
    card: TransferCard,
    /// The step whose form is shown, with its form.
    asked: Option<(TransferStep, FormState)>,
    own: bool,
}

#[derive(Template)]
#[template(path = "party/transfer-ask.html")]
struct AskPage {
    shell: Shell,
    form: FormState,
    view: MemberPage,
    branches: Vec<Choice>,
    back: String,
}

const fn tone(state: TransferState) -> &'static str {
    match state {
        TransferState::Asked => "blue",
        TransferState::HandedOver => "orange",
        TransferState::Accepted => "green",
        TransferState::Declined | TransferState::Withdrawn => "secondary",
    }
}

impl ListPage {
    fn tone(&self, card: &TransferCard) -> &'static str {
        tone(card.transfer.state)
    }
}

impl ShowPage {
    fn tone(&self) -> &'static str {
        tone(self.card.transfer.state)
    }

    fn path(&self) -> String {
        format!("/party/transfers/{}", self.card.transfer.id)
    }

    fn back(&self) -> &'static str {
        if self.own { "/party/me" } else { "/party/transfers" }
    }

    fn waits(&self) -> String {
        match self.card.transfer.state {
            TransferState::Asked => self.shell.tr("party-transfer-waits", "branch", self.card.from.as_str()),
            TransferState::HandedOver => self.shell.tr("party-transfer-waits", "branch", self.card.to.as_str()),
            _ => String::new(),
        }
    }
}

/// `GET /party/transfers`.
pub(super) async fn list(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = transfers::list(&web.app, &who, list.is("state", "open"), slice).await?;
    let shell = shell.page_key("party-transfers-title", "organisations");
    page(&ListPage { shell, pages: list.page(found.total), rows: found.rows, list })
}

async fn show_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    id: Uuid,
    asked: Option<(TransferStep, FormState)>,
) -> Result<ShowPage, WebError> {
    let card = transfers::show(&web.app, who, id).await?;
    let own = who.actor()?.person == card.transfer.person;
    let title = shell.tr("party-transfer-title", "name", card.person.as_str());
    Ok(ShowPage { shell: shell.page(title, "organisations"), card, asked, own })
}

/// `GET /party/transfers/{id}`.
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    page(&show_page(&web, &who, shell, id, None).await?)
}

/// `GET /party/transfers/{id}/{step}`.
pub(super) async fn step_form(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, step)): Path<(Uuid, String)>,
) -> Result<Response, WebError> {
    let step: TransferStep = step.parse().map_err(|_| WebError::not_found())?;
    let form = FormState::new().with("on", web.app.today());
    let shown = show_page(&web, &who, shell, id, Some((step, form))).await?;
    if !shown.card.steps.contains(&step) {
        return Err(WebError::conflict("invalid-party_transfer_not_now").back_to(shown.path()));
    }
    page(&shown)
}

/// `POST /party/transfers/{id}/{step}`.
pub(super) async fn step(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, step)): Path<(Uuid, String)>,
    form: RawForm,
) -> Result<Response, WebError> {
    let step: TransferStep = step.parse().map_err(|_| WebError::not_found())?;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    match transfers::step(&web.app, &who, id, step, &text("on"), &text("note")).await {
        Ok(()) => {
            let message = Message::new(format!("done-party-transfer-{}", step.code()));
            Ok(done(&format!("/party/transfers/{id}"), message))
        }
        Err(error @ Error::Invalid(_)) => {
            let state = form.into_state_with(&error.into());
            let shown = show_page(&web, &who, shell, id, Some((step, state))).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask_page(web: &Web, who: &Viewer, shell: Shell, id: Uuid, form: FormState) -> Result<AskPage, WebError> {
    let own = who.actor()?.person == id;
    let view = if own {
        members::own(&web.app, who).await?.ok_or_else(WebError::not_found)?.page
    } else {
        members::member(&web.app, who, id).await?
    };
    if !view.may_transfer {
        return Err(WebError::forbidden());
    }
    let joinable = branches::joinable(&web.app, who).await?;
    let others = joinable.into_iter().filter(|(id, _)| Some(*id) != view.branch);
    Ok(AskPage {
        branches: others.map(|(id, name)| Choice::new(id, name)).collect(),
        back: if own { "/party/me".to_owned() } else { format!("/party/members/{id}") },
        shell: shell.page_key("party-transfer-ask-title", "organisations"),
        form,
        view,
    })
}

/// `GET /party/members/{person}/transfer`.
pub(super) async fn ask_form(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    page(&ask_page(&web, &who, shell, id, FormState::new()).await?)
}

/// `POST /party/members/{person}/transfer`.
pub(super) async fn ask(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let to = form.parse::<Uuid>("to");
    let reason = form.get("reason").unwrap_or_default().to_owned();
    match transfers::ask(&web.app, &who, id, to, &reason).await {
        Ok(transfer) => Ok(done(&format!("/party/transfers/{transfer}"), "done-party-transfer-asked")),
        Err(error @ Error::Invalid(_)) => {
            let state = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &ask_page(&web, &who, shell, id, state).await?)
        }
        Err(error) => Err(error.into()),
    }
}
