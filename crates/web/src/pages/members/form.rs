//! The form of a member: add one, change one.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use tongxin_app::{
    Error, Viewer,
    people::{self, MemberView},
};
use tongxin_core::{
    community::OrganisationKind,
    people::{CareGroup, MemberDetails, MemberForm, MemberKind, Sex},
};
use uuid::Uuid;

use super::knows_care_groups;
use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    i18n::Message,
    layout::{Shell, page, page_with},
    pages::{
        duplicates::suspects::{self, SuspectLine},
        places::staffed,
    },
    paging::ListQuery,
    path::Path,
    session::{Who, done},
    words,
};

#[derive(Template)]
#[template(path = "members/form.html")]
struct FormPage {
    shell: Shell,
    form: FormState,
    /// The member that changes; none for a new one.
    id: Option<Uuid>,
    kind: MemberKind,
    places: Vec<Choice>,
    sexes: Vec<Choice>,
    organisation_kinds: Vec<Choice>,
    /// Empty for who may not change them.
    care_groups: Vec<Choice>,
    /// Whom a new one may be.
    suspects: Vec<SuspectLine>,
}

impl FormPage {
    fn action(&self) -> String {
        self.id.map_or_else(|| "/members/new".to_owned(), |id| format!("/members/{id}/edit"))
    }

    fn back(&self) -> String {
        self.id.map_or_else(|| "/members".to_owned(), |id| format!("/members/{id}"))
    }

    fn is_person(&self) -> bool {
        self.kind == MemberKind::Person
    }
}

/// What was typed, for the use case.
fn read(form: &RawForm, with_care_groups: bool) -> MemberForm {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    MemberForm {
        name: text("name"),
        phone: text("phone"),
        email: text("email"),
        birth_date: text("birth_date"),
        sex: text("sex"),
        registered: form.checked("registered"),
        retired: form.checked("retired"),
        care_groups: if with_care_groups {
            form.all("care_groups").into_iter().map(str::to_owned).collect()
        } else {
            Vec::new()
        },
        organisation_kind: text("organisation_kind"),
        contact: text("contact"),
        staff_count: text("staff_count"),
        confirmed_new: form.checked("confirmed_new"),
    }
}

async fn form_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    (id, kind): (Option<Uuid>, MemberKind),
    with_care_groups: bool,
    form: FormState,
) -> Result<FormPage, WebError> {
    let title = match (id, kind) {
        (Some(_), _) => "member-edit-title",
        (None, MemberKind::Person) => "member-new-person",
        (None, MemberKind::Organisation) => "member-new-organisation",
    };
    let shell = shell.page_key(title, "members");
    let locale = shell.locale();
    Ok(FormPage {
        places: staffed(web, who).await?,
        sexes: words::choices::<Sex>(locale),
        organisation_kinds: words::choices::<OrganisationKind>(locale),
        care_groups: if with_care_groups && kind == MemberKind::Person {
            words::choices::<CareGroup>(locale)
        } else {
            Vec::new()
        },
        suspects: Vec::new(),
        shell,
        form,
        id,
        kind,
    })
}

fn asked_kind(code: Option<&str>) -> MemberKind {
    code.and_then(|code| code.parse().ok()).unwrap_or(MemberKind::Person)
}

pub(super) async fn new(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    if !who.actor()?.is_staff() {
        return Err(WebError::forbidden());
    }
    let kind = asked_kind(list.get("kind"));
    let form = FormState::new().with_some("place", list.get("place"));
    page(&form_page(&web, &who, shell, (None, kind), knows_care_groups(&who), form).await?)
}

pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let kind = asked_kind(form.get("kind"));
    let with_care_groups = knows_care_groups(&who);
    let place = form.parse::<Uuid>("place");
    match people::create(&web.app, &who, kind, place, &read(&form, with_care_groups)).await {
        Ok(id) => {
            let name = form.get("name").unwrap_or_default();
            Ok(done(&format!("/members/{id}"), Message::new("done-member-created").with("name", name)))
        }
        Err(error @ Error::Invalid(_)) => {
            let form = form.into_state_with(&error.into());
            let page = form_page(&web, &who, shell, (None, kind), with_care_groups, form).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(Error::Suspected(found)) => {
            let mut page = form_page(&web, &who, shell, (None, kind), with_care_groups, form.into_state()).await?;
            page.suspects = suspects::lines(&page.shell, &*web.app.territory().await?, &found);
            page_with(StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(WebError::from(error).back_to("/members")),
    }
}

/// The form as the member stands.
fn filled(view: &MemberView) -> FormState {
    let draft = &view.member.draft;
    let form = FormState::new()
        .with("name", &draft.name)
        .with("place", view.member.location.place)
        .with_some("phone", draft.phone.as_ref())
        .with_some("email", draft.email.as_ref());
    match &draft.details {
        MemberDetails::Person { birth_date, sex, registered, retired, .. } => form
            .with_some("birth_date", *birth_date)
            .with_some("sex", sex.map(Sex::code))
            .with_some("registered", registered.then_some("on"))
            .with_some("retired", retired.then_some("on"))
            .with_all("care_groups", view.care_groups.iter().flatten().map(|g| g.code())),
        MemberDetails::Organisation { kind, contact } => {
            let form = form.with("organisation_kind", kind.code()).with_some("contact", contact.as_ref());
            form.with_some("staff_count", view.staff_count)
        }
    }
}

pub(super) async fn edit(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
) -> Result<Response, WebError> {
    let mut view = people::show(&web.app, &who, id, false).await?;
    if !view.may_edit {
        return Err(WebError::forbidden().back_to(format!("/members/{id}")));
    }
    let with_care_groups = view.may_edit_care_groups;
    if with_care_groups {
        // The form shows them, so this is a look like any other, and is recorded.
        view = people::show(&web.app, &who, id, true).await?;
    }
    let form = filled(&view);
    page(&form_page(&web, &who, shell, (Some(id), view.member.kind), with_care_groups, form).await?)
}

pub(super) async fn save(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let place = form.parse::<Uuid>("place");
    match people::edit(&web.app, &who, id, place, &read(&form, true)).await {
        Ok(()) => Ok(done(&format!("/members/{id}"), "done-member-saved")),
        Err(error @ Error::Invalid(_)) => {
            let view = people::show(&web.app, &who, id, false).await?;
            let form = form.into_state_with(&error.into());
            let page =
                form_page(&web, &who, shell, (Some(id), view.member.kind), view.may_edit_care_groups, form).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(WebError::from(error).back_to(format!("/members/{id}"))),
    }
}
