//! Pages of matches: the list, the story of one, and the steps that each side takes.

mod list;
mod show;
mod steps;

use axum::{
    Router,
    routing::{get, post},
};

pub(crate) use show::as_arranged;

use crate::Web;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/matches", get(list::show).post(steps::propose))
        .route("/matches.xlsx", get(list::file))
        .route("/matches.csv", get(list::file))
        .route("/matches/{id}", get(show::show))
        .route("/matches/{id}/accept", post(steps::accept))
        .route("/matches/{id}/decline", get(steps::ask_decline).post(steps::decline))
        .route("/matches/{id}/cancel", get(steps::ask_cancel).post(steps::cancel))
        .route("/matches/{id}/arrange", get(steps::ask_arrange).post(steps::arrange))
        .route("/matches/{id}/deliver", get(steps::ask_deliver).post(steps::deliver))
        .route("/matches/{id}/delivered", post(steps::delivered))
        .route("/deliveries/{id}/confirm", post(steps::confirm))
        .route("/deliveries/{id}/settle", post(steps::settle))
        .route("/deliveries/{id}/rate", get(steps::ask_rate).post(steps::rate))
}

/// A button of a page: it does a step at once, or leads to its form.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    /// Where it leads.
    pub href: String,
    /// Fluent key of its label.
    pub label: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Whether it does the step at once.
    pub post: bool,
    /// Whether it is the one to take.
    pub primary: bool,
    /// Fluent key of the question before it; empty for none.
    pub confirm: &'static str,
}

impl Action {
    /// A button that does a step at once.
    pub(crate) const fn post(href: String, label: &'static str, icon: &'static str) -> Self {
        Self { href, label, icon, post: true, primary: false, confirm: "" }
    }

    /// A button that leads to a form.
    pub(crate) const fn link(href: String, label: &'static str, icon: &'static str) -> Self {
        Self { href, label, icon, post: false, primary: false, confirm: "" }
    }

    /// The one to take.
    pub(crate) const fn primary(mut self) -> Self {
        self.primary = true;
        self
    }

    /// With a question before it.
    pub(crate) const fn asking(mut self, question: &'static str) -> Self {
        self.confirm = question;
        self
    }
}
