//! Party members: branches with their sizes, rolls, a person's page and its next step, transfers, one's own page (S17, S19).

mod add;
mod branches;
mod member;
mod step;
mod transfers;

use axum::{Router, routing::get};
use tongxin_core::people::development::{Stage, rules::Citation};

use crate::{
    Web,
    i18n::{Locale, Message},
    layout::Shell,
    session::problem_message,
};

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/party/branches", get(branches::list))
        .route("/party/branches.xlsx", get(branches::list_file))
        .route("/party/branches.csv", get(branches::list_file))
        .route("/party/branches/{id}", get(branches::roll))
        .route("/party/branches/{id}/roll.xlsx", get(branches::roll_file))
        .route("/party/branches/{id}/roll.csv", get(branches::roll_file))
        .route("/party/branches/{id}/add", get(add::form).post(add::save))
        .route("/party/members/{person}", get(member::show))
        .route("/party/members/{person}/step/{kind}", get(step::form).post(step::save))
        .route("/party/members/{person}/steps/{step}/take-back", get(step::ask_back).post(step::take_back))
        .route("/party/members/{person}/transfer", get(transfers::ask_form).post(transfers::ask))
        .route("/party/members/{person}/end/{membership}", get(member::ask_end).post(member::end))
        .route("/party/transfers", get(transfers::list))
        .route("/party/transfers/{id}", get(transfers::show))
        .route("/party/transfers/{id}/{step}", get(transfers::step_form).post(transfers::step))
        .route("/party/me", get(member::own))
}

/// The tone of a stage's badge.
const fn tone(stage: Option<Stage>) -> &'static str {
    match stage {
        None => "secondary",
        Some(Stage::Applicant | Stage::Activist) => "blue",
        Some(Stage::Candidate) => "purple",
        Some(Stage::Probationary) => "orange",
        Some(Stage::Full) => "red",
    }
}

/// Where a rule stands: document and article.
fn source(citation: &Citation) -> String {
    format!("{}{}", citation.document, citation.article)
}

/// A refusal with the article that it rests on, if it names one.
fn refusal(shell: &Shell, problem: &tongxin_core::invalid::Problem) -> String {
    let arg = |name: &str| problem.args.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str());
    let message: Message = problem_message(problem);
    let text = message.text(shell.locale());
    match arg("document").zip(arg("article")) {
        Some((document, article)) => format!("{text}{}", cite(shell.locale(), document, article)),
        None => text,
    }
}

fn cite(locale: Locale, document: &str, article: &str) -> String {
    locale.tr("party-cited", "source", format!("{document}{article}"))
}
