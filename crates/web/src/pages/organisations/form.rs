//! Forms: found an organisation, change it from a day on, correct what was entered, close it.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use chrono::NaiveDate;
use tongxin_app::{
    Error, Viewer,
    community::{
        standing::{self, OrganisationForm, StandingForm},
        structure::{self, OrganisationView, Standing},
    },
};
use tongxin_core::community::OrganisationKind;
use uuid::Uuid;

use super::superiors;
use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    layout::{Shell, page, page_with},
    pages::{
        duplicates::suspects::{self, SuspectLine},
        places::staffed,
    },
    path::Path,
    session::{Who, done},
    words,
};

/// What a form does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    New,
    Change(Uuid),
    Correct(Uuid, NaiveDate),
}

impl Doing {
    fn action(self) -> String {
        match self {
            Self::New => "/organisations/new".to_owned(),
            Self::Change(id) => format!("/organisations/{id}/change"),
            Self::Correct(id, from) => format!("/organisations/{id}/correct/{from}"),
        }
    }

    fn back(self) -> String {
        match self {
            Self::New => "/organisations".to_owned(),
            Self::Change(id) | Self::Correct(id, _) => format!("/organisations/{id}"),
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::New => "organisation-new-title",
            Self::Change(_) => "organisation-change-title",
            Self::Correct(..) => "organisation-correct-title",
        }
    }
}

#[derive(Template)]
#[template(path = "organisations/form.html")]
struct FormPage {
    shell: Shell,
    form: FormState,
    doing: Doing,
    kinds: Vec<Choice>,
    lines: Vec<Choice>,
    places: Vec<Choice>,
    /// Which a new one may be.
    suspects: Vec<SuspectLine>,
}

impl FormPage {
    fn action(&self) -> String {
        self.doing.action()
    }

    fn back(&self) -> String {
        self.doing.back()
    }

    fn is_new(&self) -> bool {
        self.doing == Doing::New
    }

    fn is_correction(&self) -> bool {
        matches!(self.doing, Doing::Correct(..))
    }

    fn lead(&self) -> String {
        self.shell.t(match self.doing {
            Doing::New => "organisation-new-lead",
            Doing::Change(_) => "organisation-change-lead",
            Doing::Correct(..) => "organisation-correct-lead",
        })
    }
}

async fn form_page(web: &Web, who: &Viewer, shell: Shell, doing: Doing, form: FormState) -> Result<FormPage, WebError> {
    let structure = structure::structure(&web.app, who, None).await?;
    let shell = shell.page_key(doing.title(), "organisations");
    Ok(FormPage {
        kinds: words::choices::<OrganisationKind>(shell.locale()),
        lines: superiors(&structure),
        places: staffed(web, who).await?,
        suspects: Vec::new(),
        shell,
        form,
        doing,
    })
}

fn read(form: &mut RawForm) -> OrganisationForm {
    let (line, place) = (form.parse::<Uuid>("line"), form.parse::<Uuid>("place"));
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    OrganisationForm {
        standing: StandingForm {
            name: text("name"),
            kind: text("kind"),
            line_outside: text("line_outside"),
            from: text("from"),
            until: text("until"),
        },
        line,
        place,
        contact: text("contact"),
        phone: text("phone"),
        email: text("email"),
        confirmed_new: form.checked("confirmed_new"),
    }
}

fn filled(standing: &Standing) -> FormState {
    FormState::new()
        .with("name", &standing.name)
        .with("kind", standing.kind.code())
        .with_some("line", standing.line)
        .with_some("line_outside", standing.line_outside.as_ref())
        .with("place", standing.location.place)
}

/// The page of what was done, or the form again with what was wrong.
async fn answer(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    (doing, form): (Doing, RawForm),
    outcome: Result<(Uuid, &'static str), Error>,
) -> Result<Response, WebError> {
    match outcome {
        Ok((id, message)) => Ok(done(&format!("/organisations/{id}"), message)),
        Err(error @ Error::Invalid(_)) => {
            let form = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &form_page(web, who, shell, doing, form).await?)
        }
        Err(Error::Suspected(found)) => {
            let mut page = form_page(web, who, shell, doing, form.into_state()).await?;
            page.suspects = suspects::lines(&page.shell, &*web.app.territory().await?, &found);
            page_with(StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(WebError::from(error).back_to(doing.back())),
    }
}

pub(super) async fn new(State(web): State<Web>, Who(who): Who, shell: Shell) -> Result<Response, WebError> {
    if !who.actor()?.is_staff() {
        return Err(WebError::forbidden().back_to("/organisations"));
    }
    let form = FormState::new().with("from", web.app.today());
    page(&form_page(&web, &who, shell, Doing::New, form).await?)
}

pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let asked = read(&mut form);
    let outcome = standing::create(&web.app, &who, &asked).await.map(|id| (id, "done-organisation-created"));
    answer(&web, &who, shell, (Doing::New, form), outcome).await
}

/// The organisation, for who may change it.
async fn editable(web: &Web, who: &Viewer, id: Uuid) -> Result<OrganisationView, WebError> {
    who.actor()?;
    let view = structure::organisation(&web.app, who, id, None).await?;
    if view.may_edit { Ok(view) } else { Err(WebError::forbidden().back_to(format!("/organisations/{id}"))) }
}

pub(super) async fn change(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = editable(&web, &who, id).await?;
    let standing = view.now.as_ref().or(view.history.last()).ok_or_else(WebError::not_found)?;
    let form = filled(standing).with("from", web.app.today());
    page(&form_page(&web, &who, shell, Doing::Change(id), form).await?)
}

pub(super) async fn save_change(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let asked = read(&mut form);
    let outcome = standing::change(&web.app, &who, id, &asked).await.map(|()| (id, "done-organisation-changed"));
    answer(&web, &who, shell, (Doing::Change(id), form), outcome).await
}

pub(super) async fn correct(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, from)): Path<(Uuid, NaiveDate)>,
) -> Result<Response, WebError> {
    let view = editable(&web, &who, id).await?;
    let standing = view.history.iter().find(|s| s.period.from == from).ok_or_else(WebError::not_found)?;
    let form = filled(standing).with("from", standing.period.from).with_some("until", standing.period.until);
    page(&form_page(&web, &who, shell, Doing::Correct(id, from), form).await?)
}

pub(super) async fn save_correction(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((id, from)): Path<(Uuid, NaiveDate)>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let asked = read(&mut form);
    let outcome =
        standing::correct(&web.app, &who, id, from, &asked).await.map(|()| (id, "done-organisation-corrected"));
    answer(&web, &who, shell, (Doing::Correct(id, from), form), outcome).await
}

#[derive(Template)]
#[template(path = "organisations/close.html")]
struct ClosePage {
    shell: Shell,
    form: FormState,
    id: Uuid,
    below: Vec<Standing>,
}

impl ClosePage {
    fn new(shell: Shell, view: OrganisationView, form: FormState) -> Self {
        let name = view.now.as_ref().or(view.history.last()).map_or("", |s| s.name.as_str());
        let title = shell.tr("organisation-close-title", "name", name);
        Self { shell: shell.page(title, "organisations"), form, id: view.id, below: view.below }
    }

    fn action(&self) -> String {
        format!("/organisations/{}/close", self.id)
    }

    fn back(&self) -> String {
        format!("/organisations/{}", self.id)
    }
}

pub(super) async fn ask_close(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let view = editable(&web, &who, id).await?;
    page(&ClosePage::new(shell, view, FormState::new().with("from", web.app.today())))
}

pub(super) async fn close(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    form: RawForm,
) -> Result<Response, WebError> {
    match standing::close(&web.app, &who, id, form.get("from").unwrap_or_default()).await {
        Ok(()) => Ok(done(&format!("/organisations/{id}"), "done-organisation-closed")),
        Err(error @ Error::Invalid(_)) => {
            let view = editable(&web, &who, id).await?;
            let form = form.into_state_with(&error.into());
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &ClosePage::new(shell, view, form))
        }
        Err(error) => Err(WebError::from(error).back_to(format!("/organisations/{id}"))),
    }
}
