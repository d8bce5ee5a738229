//! The notice (通知) of a reorganisation, to be printed on A4.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::community::reorganisation::{self, ReorganisationState, ReorganisationView};
use uuid::Uuid;

use super::{address, preview::levels, step_text};
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    path::Path,
    session::Who,
};

#[derive(Template)]
#[template(path = "reorganisations/notice.html")]
struct NoticePage {
    shell: Shell,
    view: ReorganisationView,
    steps: Vec<String>,
    levels: String,
}

impl NoticePage {
    fn back(&self) -> String {
        address(self.view.reorganisation.id)
    }

    fn heading(&self) -> String {
        self.shell.tr("reorganisation-notice-heading", "title", self.view.reorganisation.title.as_str())
    }

    fn paragraphs(&self) -> Vec<&str> {
        self.view.reorganisation.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }

    fn opening(&self) -> String {
        let key = if self.steps.is_empty() { "reorganisation-notice-nothing" } else { "reorganisation-notice-opening" };
        self.shell.tr(key, "day", self.shell.fmt.day(self.view.reorganisation.effective_on))
    }

    /// Why it is no notice yet, or no more.
    fn caveat(&self) -> Option<String> {
        match self.view.reorganisation.state {
            ReorganisationState::Draft => Some(self.shell.t("reorganisation-notice-draft")),
            ReorganisationState::Withdrawn => Some(self.shell.t("reorganisation-notice-withdrawn")),
            ReorganisationState::InForce => None,
        }
    }

    fn signed_on(&self) -> String {
        let decided = self.view.reorganisation.decided_at;
        let day = decided.map_or(self.view.reorganisation.effective_on, |at| self.shell.fmt.day_of(at));
        self.shell.fmt.day(day)
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = reorganisation::show(&web.app, &who, id).await?;
    let territory = web.app.territory().await?;
    let steps = view.reorganisation.steps.iter().map(|step| step_text(&shell, &territory, &view, step)).collect();
    let levels = levels(&shell, &view);
    let title = shell.t("reorganisation-notice");
    page(&NoticePage { shell: shell.page(title, "organisations"), view, steps, levels })
}
