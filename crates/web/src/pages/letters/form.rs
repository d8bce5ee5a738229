//! The form of a new letter: first the enterprise, then the rest.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{Days, Months};
use tongxin_app::{
    Error, Viewer,
    community::letter::{self, LetterForm, Proposal},
};
use uuid::Uuid;

use super::FORM;
use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    layout::{Shell, page, page_with},
    paging::ListQuery,
    session::{Who, done},
};

#[derive(Template)]
#[template(path = "letters/form.html")]
struct FormPage {
    shell: Shell,
    form: FormState,
    /// The enterprises to choose from, while none is chosen.
    enterprises: Vec<Choice>,
    proposal: Option<Proposal>,
    workers: Vec<Choice>,
}

async fn form_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    enterprise: Option<Uuid>,
    form: FormState,
) -> Result<FormPage, WebError> {
    let shell = shell.page_key("letter-new-title", "organisations");
    let Some(enterprise) = enterprise else {
        let found = letter::enterprises(&web.app, who).await?;
        let territory = web.app.territory().await?;
        let choice = |s: &letter::Standing| {
            Choice::new(s.organisation, format!("{} · {}", s.name, territory.full_name(s.location.place)))
        };
        let enterprises = found.iter().map(choice).collect();
        return Ok(FormPage { shell, form, enterprises, proposal: None, workers: Vec::new() });
    };
    let proposal = letter::proposal(&web.app, who, enterprise).await?;
    let workers = proposal.workers.iter().map(|w| Choice::new(w.person, format!("{} · {}", w.name, w.post))).collect();
    Ok(FormPage { shell, form, enterprises: Vec::new(), proposal: Some(proposal), workers })
}

pub(super) async fn new(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    who.actor()?;
    let enterprise = list.get("enterprise").and_then(|id| id.parse().ok());
    let mut form = form_page(&web, &who, shell, enterprise, FormState::new()).await?;
    if let Some(proposal) = &form.proposal {
        let today = web.app.today();
        let until = today.checked_add_months(Months::new(24)).unwrap_or(today + Days::new(730));
        form.form = FormState::new()
            .with("enterprise", proposal.enterprise.organisation)
            .with("number", &proposal.number)
            .with("duties", FORM.t("letter-duties-usual"))
            .with("issued_on", today)
            .with("from", today)
            .with("until", until);
    }
    page(&form)
}

pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let Some(enterprise) = form.parse::<Uuid>("enterprise") else {
        form.need("enterprise", None::<Uuid>);
        let page = form_page(&web, &who, shell, None, form.into_state()).await?;
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let person = form.parse::<Uuid>("person");
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let asked = LetterForm {
        number: text("number"),
        duties: text("duties"),
        signer: text("signer"),
        issued_on: text("issued_on"),
        from: text("from"),
        until: text("until"),
    };
    match letter::issue(&web.app, &who, enterprise, person, &asked).await {
        Ok(id) => Ok(done(&format!("/letters/{id}"), "done-letter-issued")),
        Err(error @ Error::Invalid(_)) => {
            let form = form.into_state_with(&error.into());
            let page = form_page(&web, &who, shell, Some(enterprise), form).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(WebError::from(error).back_to("/letters")),
    }
}
