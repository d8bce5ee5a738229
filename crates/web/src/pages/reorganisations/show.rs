//! A reorganisation: its text, its steps, what is wrong with them, and what is before and after.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::{
    Viewer,
    community::reorganisation::{self, ReorganisationState, ReorganisationView},
};
use uuid::Uuid;

use super::{
    address, fault_text,
    preview::{Preview, levels, preview},
    state,
    step::StepPart,
    step_text, tone,
};
use crate::{
    Web,
    error::WebError,
    form::FormState,
    layout::{Shell, page},
    pages::organisations::trees::Item,
    paging::ListQuery,
    path::Path,
    session::Who,
};

#[derive(Template)]
#[template(path = "reorganisations/show.html")]
pub(super) struct ShowPage {
    shell: Shell,
    view: ReorganisationView,
    steps: Vec<String>,
    faults: Vec<String>,
    levels: String,
    preview: Option<Preview>,
    /// The form of a further step, for who may add one.
    add: Option<StepPart>,
}

impl ShowPage {
    pub(super) async fn new(
        web: &Web,
        who: &Viewer,
        shell: Shell,
        id: Uuid,
        asked: (&str, &str),
        form: FormState,
    ) -> Result<Self, WebError> {
        let view = reorganisation::show(&web.app, who, id).await?;
        let territory = web.app.territory().await?;
        let stored = &view.reorganisation;
        let shell = shell.page(stored.title.clone(), "organisations");
        let is_open = stored.state == ReorganisationState::Draft && view.may_edit;
        let add = if is_open { Some(StepPart::new(web, &shell, &view, asked, form).await?) } else { None };
        Ok(Self {
            steps: stored.steps.iter().map(|step| step_text(&shell, &territory, &view, step)).collect(),
            faults: view.faults.iter().map(|fault| fault_text(&shell, &view, fault)).collect(),
            levels: levels(&shell, &view),
            preview: preview(&shell, &territory, &view),
            add,
            shell,
            view,
        })
    }

    fn path(&self) -> String {
        address(self.view.reorganisation.id)
    }

    fn state(&self) -> String {
        state(&self.shell, &self.view.reorganisation)
    }

    fn tone(&self) -> &'static str {
        tone(self.view.reorganisation.state)
    }

    fn day(&self) -> String {
        self.shell.fmt.day(self.view.reorganisation.effective_on)
    }

    fn ready(&self) -> bool {
        self.add.is_some() && self.faults.is_empty() && !self.steps.is_empty()
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let asked = (list.value("step"), list.value("q"));
    page(&ShowPage::new(&web, &who, shell, id, asked, FormState::new()).await?)
}
