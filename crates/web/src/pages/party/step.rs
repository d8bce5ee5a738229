//! The form of a step of development.

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

async fn step_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    id: Uuid,
    kind: StepKind,
    form: FormState,
) -> Result<StepPage, WebError> {
    let own = who.actor()?.person == id;
    let view = if own {
        members::own(&web.app, who).await?.ok_or_else(WebError::not_found)?.page
    } else {
        members::member(&web.app, who, id).await?
    };
    let opening = view.openings.iter().find(|o| o.kind == kind).ok_or_else(WebError::forbidden)?;
    let refused = opening.refused.as_ref().map(|p| refusal(&shell, p)).unwrap_or_default();
    let title = shell.word(&kind);
    Ok(StepPage {
        back: if own { "/party/me".to_owned() } else { format!("/party/members/{id}") },
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
        Ok(()) => {
            let own = who.actor()?.person == id;
            let back = if own { "/party/me".to_owned() } else { format!("/party/members/{id}") };
            Ok(done(&back, "done-party-step"))
        }
        Err(error @ Error::Invalid(_)) => {
            let state = form.into_state_with(&error.into());
            let page = step_page(&web, &who, shell, id, kind, state).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
