//! One need or offer: its page, its best counterparts, withdrawing and reopening.

use askama::Template;
use axum::{Extension, extract::State, http::HeaderMap, response::Response};
use tongxin_app::{
    Viewer,
    service::{
        intents::{self, IntentCard, IntentView},
        ranking::{self, Candidate},
    },
};
use tongxin_core::{
    service::{IntentState, Side},
    time::Window,
};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::RawForm,
    i18n::Message,
    layout::{self, Shell, see_other},
    path::Path,
    session::{Who, done},
};

/// The most occurrences that a page tells.
const OCCURRENCES: u16 = 5;
/// The most counterparts that are ranked for a reader.
const CANDIDATES: usize = 10;

#[derive(Template)]
#[template(path = "intents/show.html")]
struct ShowPage {
    shell: Shell,
    side: Side,
    view: IntentView,
    occurrences: Vec<Window>,
    may_respond: bool,
}

impl ShowPage {
    fn key(&self, key: &str) -> String {
        super::key(self.side, key)
    }

    fn base(&self) -> &'static str {
        super::base(self.side)
    }

    fn at(&self, rest: &str) -> String {
        format!("{}/{rest}", super::href(&self.view.card))
    }

    fn when(&self) -> String {
        super::when(&self.shell, &self.view.card.intent.draft.schedule)
    }

    fn urgency_tone(&self) -> Option<&'static str> {
        super::urgency_tone(self.view.card.intent.draft.urgency)
    }

    fn icon(&self) -> &'static str {
        super::category_icon(self.view.card.intent.draft.category)
    }

    fn member_href(&self) -> String {
        format!("/members/{}", self.view.card.intent.member)
    }

    fn may_withdraw(&self) -> bool {
        let intent = &self.view.card.intent;
        self.view.may_edit && intent.is_alive() && intent.committed <= intent.fulfilled
    }

    fn may_reopen(&self) -> bool {
        let intent = &self.view.card.intent;
        let over = matches!(intent.state, IntentState::Withdrawn | IntentState::Expired);
        self.view.may_edit && over && intent.draft.schedule.window.until > self.shell.fmt.now
    }

    fn proposes(&self) -> bool {
        self.view.may_propose && self.view.card.intent.state == IntentState::Open
    }

    fn is_need(&self) -> bool {
        self.side == Side::Need
    }

    fn history_href(&self) -> String {
        format!("/records?subject={}", self.view.card.intent.id)
    }
}

/// `GET /needs/{id}`, `GET /offers/{id}`.
pub(super) async fn page(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    Path(id): Path<Uuid>,
    shell: Shell,
) -> Result<Response, WebError> {
    let view = intents::show(&web.app, &who, id).await?;
    let intent = &view.card.intent;
    if intent.side != side {
        return Ok(see_other(&super::href(&view.card)));
    }
    let schedule = &intent.draft.schedule;
    let occurrences = match schedule.rule {
        Some(_) => schedule.occurrences(web.app.now(), web.app.zone(), OCCURRENCES).unwrap_or_default(),
        None => Vec::new(),
    };
    let own = matches!(&who, Viewer::Actor(actor) if actor.members().contains(&intent.member));
    layout::page(&ShowPage {
        side,
        occurrences,
        may_respond: !own && intent.state == IntentState::Open,
        shell: shell.page(intent.draft.title.clone(), super::active(side)),
        view,
    })
}

#[derive(Template)]
#[template(path = "intents/matches.html")]
struct MatchesPage {
    shell: Shell,
    of: IntentCard,
    candidates: Vec<Candidate>,
}

#[derive(Template)]
#[template(path = "intents/candidates.html")]
struct CandidateList {
    shell: Shell,
    of: IntentCard,
    candidates: Vec<Candidate>,
}

impl CandidateList {
    fn key(&self, key: &str) -> String {
        super::key(self.of.intent.side, key)
    }

    fn href(&self, card: &IntentCard) -> String {
        super::href(card)
    }

    fn when(&self, card: &IntentCard) -> String {
        super::when(&self.shell, &card.intent.draft.schedule)
    }

    fn need(&self, card: &IntentCard) -> Uuid {
        if self.of.intent.side == Side::Need { self.of.intent.id } else { card.intent.id }
    }

    fn offer(&self, card: &IntentCard) -> Uuid {
        if self.of.intent.side == Side::Offer { self.of.intent.id } else { card.intent.id }
    }

    /// The most that both sides still have.
    fn most(&self, card: &IntentCard) -> i64 {
        self.of.intent.remaining().min(card.intent.remaining()).max(1)
    }
}

impl MatchesPage {
    fn back(&self) -> String {
        super::href(&self.of)
    }

    fn list(&self) -> CandidateList {
        CandidateList { shell: self.shell.clone(), of: self.of.clone(), candidates: self.candidates.clone() }
    }
}

/// `GET /needs/{id}/matches`: the best counterparts, as a page or as the part of one that htmx asks for.
pub(super) async fn candidates(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    shell: Shell,
) -> Result<Response, WebError> {
    let candidates = ranking::best_for(&web.app, &who, id, CANDIDATES).await?;
    let of = intents::show(&web.app, &who, id).await?.card;
    let shell = shell.page_key(&super::key(side, "intent-best"), super::active(side));
    if headers.contains_key("hx-request") {
        return layout::page(&CandidateList { shell, of, candidates });
    }
    layout::page(&MatchesPage { shell, of, candidates })
}

/// `GET /needs/{id}/withdraw`: asks first.
pub(super) async fn ask_withdraw(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    Path(id): Path<Uuid>,
    shell: Shell,
) -> Result<Response, WebError> {
    let view = intents::show(&web.app, &who, id).await?;
    if !view.may_edit {
        who.actor()?;
        return Err(WebError::forbidden().back_to(super::href(&view.card)));
    }
    layout::page(&WithdrawPage {
        shell: shell.page_key(&super::key(side, "intent-withdraw"), super::active(side)),
        card: view.card,
    })
}

#[derive(Template)]
#[template(path = "intents/withdraw.html")]
struct WithdrawPage {
    shell: Shell,
    card: IntentCard,
}

impl WithdrawPage {
    fn href(&self) -> String {
        super::href(&self.card)
    }

    fn action(&self) -> String {
        format!("{}/withdraw", super::href(&self.card))
    }

    fn question(&self) -> String {
        super::key(self.card.intent.side, "intent-withdraw-question")
    }
}

/// `POST /needs/{id}/withdraw`.
pub(super) async fn withdraw(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    Path(id): Path<Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    let back = format!("{}/{id}", super::base(side));
    intents::withdraw(&web.app, &who, id).await.map_err(|e| WebError::from(e).back_to(back.clone()))?;
    Ok(done(&back, Message::new("done-intent-withdrawn")))
}

/// `POST /needs/{id}/reopen`.
pub(super) async fn reopen(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    Path(id): Path<Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    let back = format!("{}/{id}", super::base(side));
    intents::reopen(&web.app, &who, id).await.map_err(|e| WebError::from(e).back_to(back.clone()))?;
    Ok(done(&back, Message::new("done-intent-reopened")))
}
