//! Adding somebody to a branch: an applicant, a registration, a member who comes from outside.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use tongxin_app::{
    Error, Viewer,
    people::party::{branches, branches::Roll, steps},
};
use tongxin_core::people::development::{Stage, input::StepForm};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    layout::{Shell, page, page_with},
    paging::ListQuery,
    session::{Who, done},
    words,
};

/// What somebody is added as.
const WAYS: [&str; 4] = ["apply", "registered", "taken_over", "home"];

#[derive(Template)]
#[template(path = "party/add.html")]
struct AddPage {
    shell: Shell,
    form: FormState,
    roll: Roll,
    query: String,
    persons: Vec<Choice>,
    ways: Vec<Choice>,
    stages: Vec<Choice>,
}

impl AddPage {
    fn path(&self) -> String {
        format!("/party/branches/{}/add", self.roll.standing.organisation)
    }

    fn back(&self) -> String {
        format!("/party/branches/{}", self.roll.standing.organisation)
    }
}

async fn add_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    id: Uuid,
    query: &str,
    form: FormState,
) -> Result<AddPage, WebError> {
    let territory = web.app.territory().await?;
    let found = branches::find_person(&web.app, who, id, query).await?;
    let roll = branches::roll(&web.app, who, id, None).await?;
    let person = |m: &tongxin_app::people::Member| {
        Choice::new(m.id, format!("{} · {}", m.draft.name, territory.full_name(m.location.place)))
    };
    let ways = WAYS.iter().filter(|way| **way != "taken_over" || roll.may_approve);
    Ok(AddPage {
        persons: found.iter().map(person).collect(),
        ways: ways.map(|way| Choice::new(*way, shell.t(format!("party-way-{way}")))).collect(),
        stages: words::choices::<Stage>(shell.locale()),
        shell: shell.page_key("party-add-title", "organisations"),
        query: query.to_owned(),
        form,
        roll,
    })
}

/// `GET /party/branches/{id}/add?q=`.
pub(super) async fn form(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let form = FormState::new().with("on", web.app.today());
    page(&add_page(&web, &who, shell, id, list.value("q"), form).await?)
}

/// `POST /party/branches/{id}/add`.
pub(super) async fn save(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let query = form.get("q").unwrap_or_default().to_owned();
    let person = form.parse::<Uuid>("person");
    let person = if form.is_ok() { form.need("person", person) } else { None };
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (way, on) = (text("way"), text("on"));
    let result = match (person, way.as_str()) {
        (None, _) => Ok(None),
        (Some(person), "apply" | "taken_over") => {
            let step = StepForm { step: way, on, stage: text("stage"), note: text("note"), ..StepForm::default() };
            steps::record_step(&web.app, &who, person, Some(id), &step).await.map(|()| Some(person))
        }
        (Some(person), way) => {
            let relation = if WAYS.contains(&way) { way } else { "" };
            steps::add(&web.app, &who, id, Some(person), relation, &on).await.map(|_| Some(person))
        }
    };
    let state = match result {
        Ok(Some(person)) => return Ok(done(&format!("/party/members/{person}"), "done-party-added")),
        Ok(None) => form.into_state(),
        Err(error @ Error::Invalid(_)) => {
            let mut state = form.into_state_with(&error.into());
            // What the steps call "step" and the registrations "relation" is the way here.
            for field in ["step", "relation", "from"] {
                if let Some(message) = state.error(field).cloned() {
                    state.fail(if field == "from" { "on" } else { "way" }, message);
                }
            }
            state
        }
        Err(error) => return Err(error.into()),
    };
    page_with(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &add_page(&web, &who, shell, id, &query, state).await?)
}

/// The codes that [`WAYS`] shares with the words of the core.
#[cfg(test)]
mod tests {
    use tongxin_core::people::{development::StepKind, membership::Relation};

    use super::*;

    #[test]
    fn ways_are_codes_of_the_core() {
        let steps = [StepKind::Apply.code(), StepKind::TakenOver.code()];
        let relations = [Relation::Registered.code(), Relation::Home.code()];
        assert!(WAYS.iter().all(|way| steps.contains(way) || relations.contains(way)));
    }
}
