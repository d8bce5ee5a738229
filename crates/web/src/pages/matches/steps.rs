//! The steps of a match: each with its form where something has to be said, and what is done.

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::{DateTime, Duration, Timelike, Utc};
use tongxin_app::{
    Error, Viewer,
    service::matches::{self, DeliveryForm, MatchView},
};
use tongxin_core::time::Window;
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    i18n::Message,
    layout::{Shell, page, page_with, safe_path},
    paging::ListQuery,
    path::Path,
    session::{Who, done},
};

/// A step that has a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Decline,
    Cancel,
    Arrange,
    Deliver,
    Rate,
}

impl Step {
    /// Its part of addresses and Fluent keys.
    const fn code(self) -> &'static str {
        match self {
            Self::Decline => "decline",
            Self::Cancel => "cancel",
            Self::Arrange => "arrange",
            Self::Deliver => "deliver",
            Self::Rate => "rate",
        }
    }

    /// The match that the step is about: `id` is a delivery's where one is rated, else the match's own.
    async fn view(self, web: &Web, who: &Viewer, id: Uuid) -> Result<MatchView, Error> {
        match self {
            Self::Rate => matches::show_delivery(&web.app, who, id).await,
            _ => matches::show(&web.app, who, id).await,
        }
    }
}

#[derive(Template)]
#[template(path = "matches/step.html")]
struct StepPage {
    shell: Shell,
    step: Step,
    view: MatchView,
    form: FormState,
    action: String,
    back: String,
    ratings: Vec<Choice>,
}

fn step_page(shell: Shell, step: Step, view: MatchView, form: FormState, subject: Uuid) -> StepPage {
    let code = step.code();
    let kind = if step == Step::Rate { "deliveries" } else { "matches" };
    let ratings = (1..=5).rev().map(|n| Choice::new(n.to_string(), shell.t(format!("match-rating-{n}"))));
    StepPage {
        action: format!("/{kind}/{subject}/{code}"),
        back: match form.value("back") {
            "" => format!("/matches/{}", view.card.stored.life.id),
            back => safe_path(back).to_owned(),
        },
        ratings: ratings.collect(),
        shell: shell.page_key(&format!("match-{code}-title"), "me"),
        step,
        view,
        form,
    }
}

/// Shows a step's form, if the step is possible now.
async fn ask(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    step: Step,
    id: Uuid,
    fill: impl FnOnce(&MatchView, &Shell) -> FormState,
) -> Result<Response, WebError> {
    let view = step.view(web, who, id).await?;
    let possible = match step {
        Step::Decline => view.steps.answer,
        Step::Cancel => view.steps.cancel,
        Step::Arrange => view.steps.arrange,
        Step::Deliver => view.steps.deliver,
        Step::Rate => view.delivery_steps.iter().any(|s| s.id == id && s.rate),
    };
    if !possible {
        let back = format!("/matches/{}", view.card.stored.life.id);
        return Err(WebError::conflict("refused-wrong_state").back_to(back));
    }
    let form = fill(&view, &shell);
    page(&step_page(shell, step, view, form, id))
}

/// After a step's form: on to where the reader came from, or the form again with what was wrong.
async fn finish(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    step: Step,
    id: Uuid,
    form: RawForm,
    result: Result<(), Error>,
) -> Result<Response, WebError> {
    let error = match result {
        Ok(()) if step == Step::Rate => {
            let view = matches::show_delivery(&web.app, who, id).await?;
            return Ok(done(&back(&form, view.card.stored.life.id), "done-match-rate"));
        }
        Ok(()) => return Ok(done(&back(&form, id), Message::new(format!("done-match-{}", step.code())))),
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Conflict(_))) => WebError::from(error),
        Err(error) => return Err(error.into()),
    };
    let view = step.view(web, who, id).await?;
    let status = error.status();
    page_with(status, &step_page(shell, step, view, form.into_state_with(&error), id))
}

fn back(form: &RawForm, id: Uuid) -> String {
    form.get("back").map_or_else(|| format!("/matches/{id}"), |back| safe_path(back).to_owned())
}

/// After a step without a form.
fn after(form: &RawForm, fallback: &str, key: &'static str, result: Result<(), Error>) -> Result<Response, WebError> {
    let back = form.get("back").map_or(fallback, safe_path);
    match result {
        Ok(()) => Ok(done(back, key)),
        Err(error) => Err(WebError::from(error).back_to(back)),
    }
}

/// `POST /matches` with `need`, `offer` and `quantity`: proposes a match.
pub(super) async fn propose(State(web): State<Web>, Who(who): Who, mut form: RawForm) -> Result<Response, WebError> {
    let (need, offer) = (form.parse::<Uuid>("need"), form.parse::<Uuid>("offer"));
    let (need, offer) = (form.need("need", need), form.need("offer", offer));
    let quantity = if form.get("quantity").is_some() { form.number("quantity", 1, 1000) } else { Some(1) };
    let fallback = form.get("back").map_or_else(
        || need.map_or_else(|| "/needs".to_owned(), |need| format!("/needs/{need}")),
        |back| safe_path(back).to_owned(),
    );
    let (Some(need), Some(offer), Some(quantity)) = (need, offer, quantity) else {
        let mut error = WebError::invalid(std::collections::BTreeMap::new());
        for (name, message) in form.into_state().errors() {
            error = error.with_field(name.clone(), message.clone());
        }
        return Err(error.back_to(fallback));
    };
    match matches::propose(&web.app, &who, need, offer, quantity).await {
        Ok(id) => Ok(done(&format!("/matches/{id}"), "done-match-propose")),
        Err(error) => Err(WebError::from(error).back_to(fallback)),
    }
}

/// `POST /matches/{id}/accept`.
pub(super) async fn accept(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let result = matches::accept(&web.app, &who, id).await;
    after(&form, &format!("/matches/{id}"), "done-match-accept", result)
}

/// `GET /matches/{id}/decline`.
pub(super) async fn ask_decline(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    ask(&web, &who, shell, Step::Decline, id, |_, _| FormState::new()).await
}

/// `POST /matches/{id}/decline`.
pub(super) async fn decline(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let result = matches::decline(&web.app, &who, id, form.get("reason").unwrap_or_default()).await;
    finish(&web, &who, shell, Step::Decline, id, form, result).await
}

/// `GET /matches/{id}/cancel`.
pub(super) async fn ask_cancel(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    ask(&web, &who, shell, Step::Cancel, id, |_, _| FormState::new()).await
}

/// `POST /matches/{id}/cancel`.
pub(super) async fn cancel(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let result = matches::cancel(&web.app, &who, id, form.get("reason").unwrap_or_default()).await;
    finish(&web, &who, shell, Step::Cancel, id, form, result).await
}

/// The time to propose: the one arranged before, else the need's next time, cut to an hour when it spans days.
fn proposed_window(view: &MatchView, shell: &Shell, now: DateTime<Utc>) -> Option<Window> {
    let ahead = |w: &Window| w.until > now;
    if let Some(window) = view.card.stored.life.arranged.filter(ahead) {
        return Some(window);
    }
    let next = view.need.draft.schedule.next(now, shell.zone())?;
    if next.until - next.from <= Duration::hours(6) {
        return Some(next);
    }
    let hour = now.with_minute(0)?.with_second(0)?.with_nanosecond(0)? + Duration::hours(1);
    let from = next.from.max(hour);
    Window::new(from, next.until.min(from + Duration::hours(1)))
}

/// `GET /matches/{id}/arrange`.
pub(super) async fn ask_arrange(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let now = web.app.now();
    ask(&web, &who, shell, Step::Arrange, id, |view, shell| {
        let window = proposed_window(view, shell, now);
        FormState::new()
            .with_some("from", window.map(|w| shell.fmt.input_datetime(w.from)))
            .with_some("until", window.map(|w| shell.fmt.input_datetime(w.until)))
    })
    .await
}

/// `POST /matches/{id}/arrange`.
pub(super) async fn arrange(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let (from, until) = (form.datetime("from", shell.zone()), form.datetime("until", shell.zone()));
    let result = matches::arrange(&web.app, &who, id, from, until).await;
    finish(&web, &who, shell, Step::Arrange, id, form, result).await
}

/// `GET /matches/{id}/deliver?back=…`.
pub(super) async fn ask_deliver(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let now = web.app.now();
    ask(&web, &who, shell, Step::Deliver, id, |view, shell| {
        let life = &view.card.stored.life;
        let left = life.quantity - life.delivered;
        let recurs = view.need.draft.schedule.rule.is_some();
        let minutes = life.arranged.map_or(60, |w| (w.until - w.from).num_minutes());
        FormState::new()
            .with("back", list.value("back"))
            .with("happened_at", shell.fmt.input_datetime(life.arranged.map_or(now, |w| w.from.min(now))))
            .with("minutes", minutes)
            .with("quantity", if recurs { left.min(1) } else { left })
    })
    .await
}

/// `POST /matches/{id}/deliver`.
pub(super) async fn deliver(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let typed = DeliveryForm {
        happened_at: form.datetime("happened_at", shell.zone()),
        minutes: form.get("minutes").unwrap_or_default().to_owned(),
        quantity: form.get("quantity").unwrap_or_default().to_owned(),
        note: form.get("note").unwrap_or_default().to_owned(),
    };
    let result = matches::deliver(&web.app, &who, id, &typed).await;
    finish(&web, &who, shell, Step::Deliver, id, form, result).await
}

/// `POST /matches/{id}/delivered`: the arranged visit took place as arranged.
pub(super) async fn delivered(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let result = matches::deliver_as_arranged(&web.app, &who, id).await;
    after(&form, &format!("/matches/{id}"), "done-match-deliver", result)
}

/// `POST /deliveries/{id}/confirm`.
pub(super) async fn confirm(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let result = matches::confirm(&web.app, &who, id).await;
    after(&form, "/me", "done-match-confirm", result)
}

/// `POST /deliveries/{id}/settle`.
pub(super) async fn settle(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let result = matches::settle(&web.app, &who, id).await;
    after(&form, "/today", "done-match-settle", result)
}

/// `GET /deliveries/{id}/rate`.
pub(super) async fn ask_rate(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    ask(&web, &who, shell, Step::Rate, id, |view, _| {
        let before = view.card.deliveries.iter().find(|d| d.id == id);
        FormState::new()
            .with_some("rating", before.and_then(|d| d.rating))
            .with_some("comment", before.and_then(|d| d.comment.as_deref()))
    })
    .await
}

/// `POST /deliveries/{id}/rate`.
pub(super) async fn rate(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    let (rating, comment) = (form.get("rating").unwrap_or_default(), form.get("comment").unwrap_or_default());
    let result = matches::rate(&web.app, &who, id, rating, comment).await;
    finish(&web, &who, shell, Step::Rate, id, form, result).await
}
