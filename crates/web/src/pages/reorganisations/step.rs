//! The steps of a draft: the form of a further one, its kind chosen first, and taking one out or earlier.

use axum::{extract::State, http::StatusCode, response::Response};
use tongxin_app::{
    Error, Viewer,
    community::reorganisation::{self, CHOICES_MAX, ReorganisationView, StepForm},
};
use tongxin_core::community::OrganisationKind;
use uuid::Uuid;

use super::{address, show::ShowPage};
use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, RawForm},
    layout::{Shell, page_with},
    pages::organisations::places,
    path::Path,
    session::{Who, done},
    words,
};

/// The kinds of steps, in the order in which they are offered.
const KINDS: [&str; 9] =
    ["create", "merge", "split", "rename", "close", "move_line", "move_place", "move_post", "end_post"];

/// The form of a further step.
pub(super) struct StepPart {
    /// Whether it is this one, label, address.
    pub kinds: Vec<(bool, String, String)>,
    /// The chosen kind; empty while none is.
    pub step: &'static str,
    pub named: String,
    pub form: FormState,
    pub organisations: Vec<Choice>,
    pub posts: Vec<Choice>,
    pub organisation_kinds: Vec<Choice>,
    pub places: Vec<Choice>,
    /// Whether there are more organisations than are offered.
    pub more: bool,
}

impl StepPart {
    pub(super) async fn new(
        web: &Web,
        shell: &Shell,
        view: &ReorganisationView,
        (step, named): (&str, &str),
        form: FormState,
    ) -> Result<Self, WebError> {
        let step = KINDS.into_iter().find(|kind| *kind == step).unwrap_or_default();
        let base = address(view.reorganisation.id);
        let link = |kind: &str| {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("step", kind)
                .append_pair("q", named)
                .finish();
            format!("{base}?{query}#add")
        };
        let kinds = KINDS.map(|kind| (kind == step, shell.t(format!("reorganisation-step-{kind}-title")), link(kind)));
        let mut part = Self {
            kinds: kinds.into(),
            step,
            named: named.to_owned(),
            form,
            organisations: Vec::new(),
            posts: Vec::new(),
            organisation_kinds: words::choices::<OrganisationKind>(shell.locale()),
            places: Vec::new(),
            more: false,
        };
        if step.is_empty() {
            return Ok(part);
        }
        let found = reorganisation::choices(&web.app, view, named).await?;
        let post = |post: &tongxin_core::community::post::Post| {
            let home = found.organisations.iter().find(|(id, _)| *id == post.organisation)?;
            let text = shell.tr2("reorganisation-post", "organisation", home.1.as_str(), "post", post.title.as_str());
            Some(Choice::new(post.id, text))
        };
        part.posts = found.posts.iter().filter_map(post).collect();
        part.organisations = found.organisations.iter().map(|(id, name)| Choice::new(id, name)).collect();
        part.more = found.more;
        let territory = web.app.territory().await?;
        part.places = places(&territory);
        Ok(part)
    }

    /// The words of the chosen kind.
    pub(super) fn key(&self, part: &str) -> String {
        format!("reorganisation-step-{}-{part}", self.step)
    }

    pub(super) fn most(&self) -> usize {
        CHOICES_MAX
    }

    /// Whether the step has a field.
    pub(super) fn has(&self, field: &str) -> bool {
        let fields: &[&str] = match self.step {
            "create" => &["name", "kind", "line", "place"],
            "merge" => &["from", "into"],
            "split" => &["organisation", "parts", "goes_on"],
            "rename" => &["organisation", "name", "kind"],
            "close" => &["organisation", "heir"],
            "move_line" => &["organisation", "line"],
            "move_place" => &["organisation", "place"],
            "move_post" => &["post", "into"],
            "end_post" => &["post"],
            _ => &[],
        };
        fields.contains(&field)
    }
}

fn read(form: &mut RawForm) -> StepForm {
    let id = |form: &mut RawForm, name: &str| form.get(name).map(|id| id.parse::<Uuid>().unwrap_or_default());
    let from = form.all("from").into_iter().map(|id| id.parse().unwrap_or_default()).collect();
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    StepForm {
        step: text("step"),
        name: text("name"),
        kind: text("kind"),
        parts: text("parts"),
        goes_on: form.checked("goes_on"),
        from,
        organisation: id(form, "organisation"),
        into: id(form, "into"),
        heir: id(form, "heir"),
        line: id(form, "line"),
        place: id(form, "place"),
        post: id(form, "post"),
    }
}

pub(super) async fn add(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(id): Path<Uuid>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let asked = read(&mut form);
    match reorganisation::add_step(&web.app, &who, id, &asked).await {
        Ok(()) => Ok(done(&format!("{}#steps", address(id)), "done-reorganisation-step-added")),
        Err(error @ Error::Invalid(_)) => {
            let named = form.get("q").unwrap_or_default().to_owned();
            let form = form.into_state_with(&error.into());
            let page = ShowPage::new(&web, &who, shell, id, (&asked.step, &named), form).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(WebError::from(error).back_to(address(id))),
    }
}

/// The number of a step as it is shown is one more than its place.
async fn change(web: &Web, who: &Viewer, id: Uuid, number: usize, remove: bool) -> Result<Response, WebError> {
    let place = number.checked_sub(1).ok_or_else(WebError::not_found)?;
    let (outcome, message) = if remove {
        (reorganisation::remove_step(&web.app, who, id, place).await, "done-reorganisation-step-removed")
    } else {
        (reorganisation::advance_step(&web.app, who, id, place).await, "done-reorganisation-step-earlier")
    };
    outcome.map_err(|error| WebError::from(error).back_to(address(id)))?;
    Ok(done(&format!("{}#steps", address(id)), message))
}

pub(super) async fn remove(
    State(web): State<Web>,
    Who(who): Who,
    Path((id, number)): Path<(Uuid, usize)>,
    _: RawForm,
) -> Result<Response, WebError> {
    change(&web, &who, id, number, true).await
}

pub(super) async fn earlier(
    State(web): State<Web>,
    Who(who): Who,
    Path((id, number)): Path<(Uuid, usize)>,
    _: RawForm,
) -> Result<Response, WebError> {
    change(&web, &who, id, number, false).await
}
