//! Forms: a post, an appointment, a required cross appointment, a delegation; and the pages that ask before ending.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use tongxin_app::{
    Error, Slice, Viewer,
    community::post::{self, AppointmentForm, CrossForm, DelegationForm},
    people::{self, MemberFilter},
    search,
};
use tongxin_core::{
    community::post::{PostKind, rules::PostForm},
    people::MemberKind,
};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    layout::{Shell, page, page_with},
    paging::ListQuery,
    path::Path,
    session::{Who, done},
    words,
};

/// How many members a search on a form finds.
const FOUND: u64 = 30;

/// What a form does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Adds a post to an organisation.
    New(Uuid),
    Edit(Uuid),
    Appoint(Uuid),
    Correct(Uuid, Uuid),
    Cross(Uuid),
    Delegate(Uuid, Uuid),
}

impl Doing {
    fn action(self) -> String {
        match self {
            Self::New(organisation) => format!("/posts/new?organisation={organisation}"),
            Self::Edit(id) => format!("/posts/{id}/edit"),
            Self::Appoint(id) => format!("/posts/{id}/appoint"),
            Self::Correct(id, appointment) => format!("/posts/{id}/appointments/{appointment}"),
            Self::Cross(id) => format!("/posts/{id}/cross"),
            Self::Delegate(id, appointment) => format!("/posts/{id}/appointments/{appointment}/delegate"),
        }
    }

    fn back(self) -> String {
        match self {
            Self::New(organisation) => format!("/posts?organisation={organisation}"),
            Self::Edit(id) | Self::Appoint(id) | Self::Correct(id, _) | Self::Cross(id) | Self::Delegate(id, _) => {
                format!("/posts/{id}")
            }
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::New(_) => "post-new-title",
            Self::Edit(_) => "post-edit-title",
            Self::Appoint(_) => "post-appoint-title",
            Self::Correct(..) => "post-correct-title",
            Self::Cross(_) => "post-require-title",
            Self::Delegate(..) => "post-delegate-title",
        }
    }

    /// The field for which a member is searched by name.
    const fn searched(self) -> Option<(&'static str, MemberKind)> {
        match self {
            Self::Appoint(_) => Some(("person", MemberKind::Person)),
            Self::Delegate(..) => Some(("to", MemberKind::Person)),
            Self::Cross(_) => Some(("organisation", MemberKind::Organisation)),
            Self::New(_) | Self::Edit(_) | Self::Correct(..) => None,
        }
    }
}

#[derive(Template)]
#[template(path = "posts/form.html")]
struct FormPage {
    shell: Shell,
    form: FormState,
    doing: Doing,
    lead: String,
    kinds: Vec<Choice>,
    query: String,
    found: Vec<Choice>,
}

impl FormPage {
    fn action(&self) -> String {
        self.doing.action()
    }

    fn back(&self) -> String {
        self.doing.back()
    }

    fn is_post(&self) -> bool {
        matches!(self.doing, Doing::New(_) | Doing::Edit(_))
    }

    fn is_cross(&self) -> bool {
        matches!(self.doing, Doing::Cross(_))
    }

    fn is_delegation(&self) -> bool {
        matches!(self.doing, Doing::Delegate(..))
    }

    fn has_note(&self) -> bool {
        matches!(self.doing, Doing::Appoint(_) | Doing::Correct(..))
    }

    fn makes(&self) -> bool {
        !matches!(self.doing, Doing::Edit(_) | Doing::Correct(..))
    }

    /// The field that a search fills, with its label.
    fn searched(&self) -> Option<(&'static str, String)> {
        self.doing.searched().map(|(field, _)| (field, format!("post-field-{field}")))
    }
}

/// The right to fill the form in, and what it is about: `organisation · post · person`.
async fn lead(web: &Web, who: &Viewer, doing: Doing) -> Result<String, WebError> {
    let id = match doing {
        Doing::New(organisation) => return Ok(post::may_manage(&web.app, who, organisation).await?.name),
        Doing::Edit(id) | Doing::Appoint(id) | Doing::Correct(id, _) | Doing::Cross(id) | Doing::Delegate(id, _) => id,
    };
    let view = post::show(&web.app, who, id).await?;
    let mut lead = format!("{} · {}", view.organisation.name, view.post.title);
    if let Doing::Delegate(_, appointment) | Doing::Correct(_, appointment) = doing {
        let held = view.held.iter().find(|held| held.appointment.id == appointment).ok_or_else(WebError::not_found)?;
        if let Some(name) = view.names.get(&held.appointment.person) {
            lead = format!("{lead} · {name}");
        }
    }
    let may = match doing {
        Doing::Delegate(_, appointment) => view.may_delegate.contains(&appointment),
        _ => view.may_manage,
    };
    if may { Ok(lead) } else { Err(Error::Forbidden.into()) }
}

async fn form_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    doing: Doing,
    (form, query): (FormState, String),
) -> Result<FormPage, WebError> {
    let lead = lead(web, who, doing).await?;
    let found = match doing.searched() {
        Some((_, kind)) if !query.is_empty() => members(web, who, kind, &query).await?,
        _ => Vec::new(),
    };
    let shell = shell.page_key(doing.title(), "organisations");
    Ok(FormPage { kinds: words::choices::<PostKind>(shell.locale()), form, doing, lead, query, found, shell })
}

async fn members(web: &Web, who: &Viewer, kind: MemberKind, query: &str) -> Result<Vec<Choice>, WebError> {
    let Some(tokens) = search::query_tokens(query) else { return Ok(Vec::new()) };
    let filter = MemberFilter { kind: Some(kind), tokens: Some(tokens), ..MemberFilter::default() };
    let page = people::list(&web.app, who, filter, Slice { offset: 0, limit: FOUND }).await?;
    let territory = web.app.territory().await?;
    let choice =
        |m: people::Member| Choice::new(m.id, format!("{} · {}", m.draft.name, territory.full_name(m.location.place)));
    Ok(page.rows.into_iter().map(choice).collect())
}

fn text(form: &RawForm, name: &str) -> String {
    form.get(name).unwrap_or_default().to_owned()
}

fn post_form(form: &RawForm) -> PostForm {
    PostForm {
        kind: text(form, "kind"),
        title: text(form, "title"),
        seats: text(form, "seats"),
        term_months: text(form, "term_months"),
        from: text(form, "from"),
        until: text(form, "until"),
    }
}

fn appointment_form(form: &RawForm) -> AppointmentForm {
    AppointmentForm {
        person: text(form, "person").parse().ok(),
        from: text(form, "from"),
        until: text(form, "until"),
        note: text(form, "note"),
    }
}

/// Does it; gives the page to go to.
async fn act(web: &Web, who: &Viewer, doing: Doing, form: &RawForm) -> Result<String, Error> {
    let app = &web.app;
    match doing {
        Doing::New(organisation) => {
            let id = post::create(app, who, organisation, &post_form(form)).await?;
            return Ok(format!("/posts/{id}"));
        }
        Doing::Edit(id) => post::edit(app, who, id, &post_form(form)).await?,
        Doing::Appoint(id) => {
            post::appoint(app, who, id, &appointment_form(form)).await?;
        }
        Doing::Correct(_, appointment) => post::correct(app, who, appointment, &appointment_form(form)).await?,
        Doing::Cross(id) => {
            let organisation = text(form, "organisation").parse().ok();
            let input = CrossForm {
                kind: text(form, "kind"),
                organisation,
                from: text(form, "from"),
                until: text(form, "until"),
            };
            post::require_cross(app, who, id, &input).await?;
        }
        Doing::Delegate(_, appointment) => {
            let input = DelegationForm {
                to: text(form, "to").parse().ok(),
                from: text(form, "from"),
                until: text(form, "until"),
                reason: text(form, "reason"),
            };
            post::delegate(app, who, appointment, &input).await?;
        }
    }
    Ok(doing.back())
}

async fn take(web: &Web, who: &Viewer, shell: Shell, doing: Doing, form: RawForm) -> Result<Response, WebError> {
    match act(web, who, doing, &form).await {
        Ok(path) => Ok(done(&path, "done-saved")),
        Err(error @ Error::Invalid(_)) => {
            let query = text(&form, "q");
            let state = form.into_state_with(&error.into());
            let page = form_page(web, who, shell, doing, (state, query)).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// The organisation of `/posts/new?organisation=…`.
fn organisation(list: &ListQuery) -> Result<Uuid, WebError> {
    list.get("organisation").and_then(|id| id.parse().ok()).ok_or_else(WebError::not_found)
}

pub(super) async fn new(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    who.actor()?;
    let doing = Doing::New(organisation(&list)?);
    let form = FormState::new().with("seats", 1);
    page(&form_page(&web, &who, shell, doing, (form, String::new())).await?)
}

pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
    form: RawForm,
) -> Result<Response, WebError> {
    let doing = Doing::New(organisation(&list)?);
    take(&web, &who, shell, doing, form).await
}

pub(super) async fn edit(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let post = post::show(&web.app, &who, id).await?.post;
    let form = FormState::new()
        .with("kind", post.kind)
        .with("title", post.title)
        .with("seats", post.seats)
        .with_some("term_months", post.term_months)
        .with("from", post.period.from)
        .with_some("until", post.period.until);
    page(&form_page(&web, &who, shell, Doing::Edit(id), (form, String::new())).await?)
}

pub(super) async fn save(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    take(&web, &who, shell, Doing::Edit(id), form).await
}

pub(super) async fn ask_appoint(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let filled = (FormState::new(), list.value("q").to_owned());
    page(&form_page(&web, &who, shell, Doing::Appoint(id), filled).await?)
}

pub(super) async fn appoint(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    take(&web, &who, shell, Doing::Appoint(id), form).await
}

pub(super) async fn ask_correct(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, appointment)): Path<(Uuid, Uuid)>,
) -> Result<Response, WebError> {
    let view = post::show(&web.app, &who, id).await?;
    let held = view.held.into_iter().find(|held| held.appointment.id == appointment).ok_or_else(WebError::not_found)?;
    let form = FormState::new()
        .with("from", held.appointment.period.from)
        .with_some("until", held.appointment.period.until)
        .with("note", held.appointment.note);
    page(&form_page(&web, &who, shell, Doing::Correct(id, appointment), (form, String::new())).await?)
}

pub(super) async fn correct(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, appointment)): Path<(Uuid, Uuid)>,
    form: RawForm,
) -> Result<Response, WebError> {
    take(&web, &who, shell, Doing::Correct(id, appointment), form).await
}

pub(super) async fn ask_cross(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let filled = (FormState::new(), list.value("q").to_owned());
    page(&form_page(&web, &who, shell, Doing::Cross(id), filled).await?)
}

pub(super) async fn require_cross(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    take(&web, &who, shell, Doing::Cross(id), form).await
}

pub(super) async fn ask_delegate(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, appointment)): Path<(Uuid, Uuid)>,
    list: ListQuery,
) -> Result<Response, WebError> {
    let filled = (FormState::new(), list.value("q").to_owned());
    page(&form_page(&web, &who, shell, Doing::Delegate(id, appointment), filled).await?)
}

pub(super) async fn delegate(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, appointment)): Path<(Uuid, Uuid)>,
    form: RawForm,
) -> Result<Response, WebError> {
    take(&web, &who, shell, Doing::Delegate(id, appointment), form).await
}

#[derive(Template)]
#[template(path = "posts/end.html")]
struct EndPage {
    shell: Shell,
    form: FormState,
    action: String,
    back: String,
    lead: String,
    label: &'static str,
    question: &'static str,
}

async fn end_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    (post, appointment): (Uuid, Option<Uuid>),
    form: FormState,
) -> Result<EndPage, WebError> {
    let doing = appointment.map_or(Doing::Edit(post), |appointment| Doing::Correct(post, appointment));
    let (label, question) = match appointment {
        None => ("post-end", "post-end-question"),
        Some(_) => ("post-end-appointment", "post-end-appointment-question"),
    };
    let action = match appointment {
        None => format!("/posts/{post}/end"),
        Some(appointment) => format!("/posts/{post}/appointments/{appointment}/end"),
    };
    let lead = lead(web, who, doing).await?;
    let shell = shell.page_key(label, "organisations");
    Ok(EndPage { shell, form, action, back: format!("/posts/{post}"), lead, label, question })
}

async fn end_at(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    (id, appointment): (Uuid, Option<Uuid>),
    form: RawForm,
) -> Result<Response, WebError> {
    let day = text(&form, "until");
    let ended = match appointment {
        None => post::end(&web.app, who, id, &day).await,
        Some(appointment) => post::end_appointment(&web.app, who, appointment, &day).await,
    };
    match ended {
        Ok(()) => Ok(done(&format!("/posts/{id}"), "done-saved")),
        Err(error @ Error::Invalid(_)) => {
            let state = form.into_state_with(&error.into());
            let page = end_page(web, who, shell, (id, appointment), state).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn ask_end(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let form = FormState::new().with("until", web.app.today());
    page(&end_page(&web, &who, shell, (id, None), form).await?)
}

pub(super) async fn end(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    end_at(&web, &who, shell, (id, None), form).await
}

pub(super) async fn ask_end_appointment(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, appointment)): Path<(Uuid, Uuid)>,
) -> Result<Response, WebError> {
    let form = FormState::new().with("until", web.app.today());
    page(&end_page(&web, &who, shell, (id, Some(appointment)), form).await?)
}

pub(super) async fn end_appointment(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, appointment)): Path<(Uuid, Uuid)>,
    form: RawForm,
) -> Result<Response, WebError> {
    end_at(&web, &who, shell, (id, Some(appointment)), form).await
}

pub(super) async fn end_cross(
    State(web): State<Web>,
    Who(who): Who,
    Path((id, required)): Path<(Uuid, Uuid)>,
    _: RawForm,
) -> Result<Response, WebError> {
    post::end_cross(&web.app, &who, id, required).await?;
    Ok(done(&format!("/posts/{id}"), "done-saved"))
}

pub(super) async fn end_delegation(
    State(web): State<Web>,
    Who(who): Who,
    Path(id): Path<Uuid>,
    _: RawForm,
) -> Result<Response, WebError> {
    post::end_delegation(&web.app, &who, id).await?;
    Ok(done("/delegations", "done-saved"))
}
