//! The form of a step of development, and the question before one is taken back.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use tongxin_app::{
    Error, Viewer,
    people::party::{
        members::{self, MemberPage},
        steps,
    },
};
use tongxin_core::people::development::{StepKind, input::StepForm, rules::DevelopmentRules};
use uuid::Uuid;

use super::refusal;
use crate::{
    Web,
    error::WebError,
    form::{FormState, RawForm},
    layout::{Shell, page, page_with},
    session::{Who, done},
};

#[derive(Template)]
#[template(path = "party/step.html")]
struct StepPage {
    shell: Shell,
    form: FormState,
    kind: StepKind,
    view: MemberPage,
    refused: String,
    action: String,
    back: String,
}

impl StepPage {
    fn is_vote(&self) -> bool {
        self.kind.matter().is_some()
    }

    fn asks_notice(&self) -> bool {
        self.kind == StepKind::Candidate && self.view.rules.notice_working_days.is_some()
    }

    fn needs_note(&self) -> bool {
        use StepKind::{CancellationVote, ExtensionVote, Left, Refusal, Removal};
        matches!(self.kind, Refusal | Removal | Left | ExtensionVote | CancellationVote)
    }

    fn rules(&self) -> &'static DevelopmentRules {
        self.view.rules
    }

    fn hint(&self) -> String {
        format!("party-step-hint-{}", self.kind.code())
    }
}

/// Asks whether a step is to be taken back.
#[derive(Template)]
#[template(path = "party/step-back.html")]
struct BackPage {
    shell: Shell,
    form: FormState,
    action: String,
    back: String,
    what: String,
}

/// A person's page, one's own too, and the way back to it.
async fn view_of(web: &Web, who: &Viewer, id: Uuid) -> Result<(MemberPage, String), WebError> {
    let back = back_to(who, id)?;
    if who.actor()?.person == id {
        let own = members::own(&web.app, who).await?.ok_or_else(WebError::not_found)?;
        return Ok((own.page, back));
    }
    Ok((members::member(&web.app, who, id).await?, back))
}

fn back_to(who: &Viewer, id: Uuid) -> Result<String, WebError> {
    let own = who.actor()?.person == id;
    Ok(if own { "/party/me".to_owned() } else { format!("/party/members/{id}") })
}

async fn step_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    id: Uuid,
    kind: StepKind,
    form: FormState,
) -> Result<StepPage, WebError> {
    let (view, back) = view_of(web, who, id).await?;
    let opening = view.openings.iter().find(|o| o.kind == kind).ok_or_else(WebError::forbidden)?;
    let refused = opening.refused.as_ref().map(|p| refusal(&shell, p)).unwrap_or_default();
    let title = shell.word(&kind);
    Ok(StepPage {
        back,
        action: format!("/party/members/{id}/step/{}", kind.code()),
        shell: shell.page(title, "organisations"),
        refused,
        form,
        kind,
        view,
    })
}

/// `GET /party/members/{person}/step/{kind}`.
pub(super) async fn form(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, kind)): Path<(Uuid, String)>,
) -> Result<Response, WebError> {
    let kind: StepKind = kind.parse().map_err(|_| WebError::not_found())?;
    let form = FormState::new().with("on", web.app.today());
    page(&step_page(&web, &who, shell, id, kind, form).await?)
}

/// `POST /party/members/{person}/step/{kind}`.
pub(super) async fn save(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, kind)): Path<(Uuid, String)>,
    form: RawForm,
) -> Result<Response, WebError> {
    let kind: StepKind = kind.parse().map_err(|_| WebError::not_found())?;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let step = StepForm {
        step: kind.code().to_owned(),
        on: text("on"),
        notice_from: text("notice_from"),
        days: text("days"),
        class_hours: text("class_hours"),
        entitled: text("entitled"),
        present: text("present"),
        in_favour: text("in_favour"),
        against: text("against"),
        written_in_favour: text("written_in_favour"),
        written_against: text("written_against"),
        months: text("months"),
        stage: text("stage"),
        note: text("note"),
    };
    match steps::record_step(&web.app, &who, id, None, &step).await {
        Ok(()) => Ok(done(&back_to(&who, id)?, "done-party-step")),
        Err(error @ Error::Invalid(_)) => {
            let state = form.into_state_with(&error.into());
            let page = step_page(&web, &who, shell, id, kind, state).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

async fn back_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    (id, step): (Uuid, Uuid),
    form: FormState,
) -> Result<BackPage, WebError> {
    let (view, back) = view_of(web, who, id).await?;
    let found = view.steps.iter().find(|s| s.id == step).ok_or_else(WebError::not_found)?;
    let (name, kind) = (view.person.draft.name.as_str(), shell.word(&found.step.kind()));
    let what = shell.tr3("party-step-back-what", "name", name, "step", kind, "day", shell.fmt.day(found.step.on));
    Ok(BackPage {
        shell: shell.page_key("party-step-back-title", "organisations"),
        action: format!("/party/members/{id}/steps/{step}/take-back"),
        form,
        back,
        what,
    })
}

/// `GET /party/members/{person}/steps/{step}/take-back`.
pub(super) async fn ask_back(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(ids): Path<(Uuid, Uuid)>,
) -> Result<Response, WebError> {
    page(&back_page(&web, &who, shell, ids, FormState::new()).await?)
}

/// `POST /party/members/{person}/steps/{step}/take-back`.
pub(super) async fn take_back(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, step)): Path<(Uuid, Uuid)>,
    form: RawForm,
) -> Result<Response, WebError> {
    match steps::take_back(&web.app, &who, id, step, form.get("reason").unwrap_or_default()).await {
        Ok(()) => Ok(done(&back_to(&who, id)?, "done-party-step-back")),
        Err(error @ Error::Invalid(_)) => {
            let state = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &back_page(&web, &who, shell, (id, step), state).await?)
        }
        Err(error) => Err(error.into()),
    }
}
