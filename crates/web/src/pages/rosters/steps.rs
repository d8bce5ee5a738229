//! The steps of a roster: its columns, answers for its rows, writing it, giving it up, taking it back.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use tongxin_app::{
    Error,
    roster::{self, Chosen, MapInput},
};
use tongxin_core::roster::{Field, Outcome, RowChoice};

use super::{show::map_again, words::vocabulary};
use crate::{
    Web,
    error::WebError,
    form::RawForm,
    i18n::Message,
    layout::{Shell, page, see_other},
    path::Path,
    session::{Who, done},
};

fn address(id: uuid::Uuid) -> String {
    format!("/rosters/{id}")
}

/// `POST /rosters/{id}/map`.
pub(super) async fn map(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<uuid::Uuid>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let mut fields = HashMap::new();
    for number in 0..roster::sheet::COLUMNS_MAX as usize {
        if let Some(field) = form.get(&format!("column-{number}")).and_then(|code| code.parse::<Field>().ok()) {
            fields.insert(number, field);
        }
    }
    let input = MapInput {
        sheet: form.get("sheet").and_then(|n| n.parse().ok()).unwrap_or(0),
        line: form.get("line").and_then(|n| n.parse().ok()).unwrap_or(0),
        fields,
        place: form.parse("place"),
    };
    if !form.is_ok() {
        return map_again(&web, &who, shell, id, form.into_state()).await;
    }
    match roster::map(&web.app, &who, id, input, vocabulary()).await {
        Ok(_) => Ok(see_other(&address(id))),
        Err(error @ Error::Invalid(_)) => {
            let error = WebError::from(error);
            let mut state = form.into_state();
            state.message = error.fields().values().next().cloned();
            map_again(&web, &who, shell, id, state).await
        }
        Err(error) => Err(WebError::from(error).back_to(address(id))),
    }
}

/// `POST /rosters/{id}/choose`: a choice for each row of the page, or one for all rows of an outcome.
pub(super) async fn choose(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<uuid::Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let mut choices = Vec::new();
    match form.get("all") {
        Some("skip_refused") => choices.push((Chosen::All(Outcome::Refused), RowChoice::Skip)),
        Some("skip_asked") => choices.push((Chosen::All(Outcome::Asked), RowChoice::Skip)),
        Some("new_asked") => choices.push((Chosen::All(Outcome::Asked), RowChoice::New)),
        Some("open_skipped") => choices.push((Chosen::All(Outcome::Skipped), RowChoice::Open)),
        _ => {
            for line in form.all("line").iter().filter_map(|line| line.parse::<i64>().ok()) {
                let code = form.get(&format!("choice-{line}")).unwrap_or_default();
                let choice = RowChoice::read(code).ok_or_else(|| WebError::from_status(StatusCode::BAD_REQUEST))?;
                choices.push((Chosen::Line(line), choice));
            }
        }
    }
    let back =
        form.get("back").filter(|back| back.starts_with(&address(id))).map_or_else(|| address(id), str::to_owned);
    roster::choose(&web.app, &who, id, choices, vocabulary())
        .await
        .map_err(|error| WebError::from(error).back_to(address(id)))?;
    Ok(see_other(&back))
}

/// `POST /rosters/{id}/run`.
pub(super) async fn run(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<uuid::Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    match roster::run(&web.app, &who, id, vocabulary()).await {
        // The work goes on by itself; the page tells how far it is.
        Ok(_) | Err(Error::Conflict("roster_running")) => Ok(see_other(&address(id))),
        Err(error) => Err(WebError::from(error).back_to(address(id))),
    }
}

#[derive(Template)]
#[template(path = "rosters/ask.html")]
struct AskPage {
    shell: Shell,
    action: String,
    back: String,
    label: &'static str,
    question: &'static str,
    text: String,
}

async fn ask(
    (web, who): (&Web, &tongxin_app::Viewer),
    shell: Shell,
    id: uuid::Uuid,
    [step, label, question, text]: [&'static str; 4],
) -> Result<Response, WebError> {
    let view = roster::show(&web.app, who, id).await?;
    let text = shell.tr2(text, "file", view.roster.file_name.as_str(), "rows", view.writes());
    page(&AskPage {
        shell: shell.page_key(label, "organisations"),
        action: format!("{}/{step}", address(id)),
        back: address(id),
        label,
        question,
        text,
    })
}

/// `GET /rosters/{id}/cancel`.
pub(super) async fn ask_cancel(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<uuid::Uuid>,
) -> Result<Response, WebError> {
    ask((&web, &who), shell, id, ["cancel", "roster-cancel", "roster-cancel-question", "roster-cancel-text"]).await
}

/// `POST /rosters/{id}/cancel`.
pub(super) async fn cancel(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<uuid::Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    roster::cancel(&web.app, &who, id).await.map_err(|error| WebError::from(error).back_to(address(id)))?;
    Ok(done("/rosters", "done-roster-cancelled"))
}

/// `GET /rosters/{id}/undo`.
pub(super) async fn ask_undo(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<uuid::Uuid>,
) -> Result<Response, WebError> {
    ask((&web, &who), shell, id, ["undo", "roster-undo", "roster-undo-question", "roster-undo-text"]).await
}

/// `POST /rosters/{id}/undo`.
pub(super) async fn undo(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<uuid::Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    match roster::undo(&web.app, &who, id).await {
        Ok(undone) => Ok(done(&address(id), Message::new("done-roster-undone").with("rows", undone.rows))),
        Err(Error::Invalid(problems)) => {
            let first = problems.0.first().map(crate::session::problem_message).unwrap_or_default();
            let mut message = Message::new("roster-undo-refused").with("count", problems.0.len());
            message = message.with("first", first.text(shell.locale()));
            Err(WebError::conflict(message).back_to(address(id)))
        }
        Err(error) => Err(WebError::from(error).back_to(address(id))),
    }
}
