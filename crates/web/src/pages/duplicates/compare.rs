//! Two members side by side: which is kept, what of each, and merging them.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use tongxin_app::{
    Error, Viewer,
    people::{
        duplicate,
        merge::{self, Side, SideBySide},
    },
};
use tongxin_core::people::merge::{Fields, MergeField};
use uuid::Uuid;

use super::suspects::reasons;
use crate::{
    Web,
    error::WebError,
    form::{FormState, RawForm},
    layout::{Shell, page, page_with},
    path::Path,
    session::{Who, done, problem_message},
};

/// The values of a choice between the two.
const ONE: &str = "one";
const OTHER: &str = "other";

/// What the two say in one field.
struct Line {
    name: &'static str,
    label: String,
    one: String,
    other: String,
    same: bool,
}

impl Line {
    /// What each says, with the value by which it is chosen.
    fn sides(&self) -> [(&'static str, &str); 2] {
        [(ONE, &self.one), (OTHER, &self.other)]
    }
}

#[derive(Template)]
#[template(path = "duplicates/compare.html")]
struct ComparePage {
    shell: Shell,
    view: SideBySide,
    form: FormState,
    lines: Vec<Line>,
    reasons: Vec<(String, &'static str)>,
    obstacles: Vec<String>,
    address: String,
}

/// What a member says in a field, in words.
fn value(shell: &Shell, fields: &Fields, field: MergeField, place: impl Fn(Uuid) -> String) -> String {
    let yes_no = |yes: bool| shell.t(if yes { "member-yes" } else { "member-no" });
    let said = match field {
        MergeField::Name => Some(fields.name.clone()),
        MergeField::Place => Some(place(fields.location.place)),
        MergeField::Phone => fields.phone.clone(),
        MergeField::Email => fields.email.clone(),
        MergeField::BirthDate => fields.birth_date.map(|day| shell.fmt.day(day)),
        MergeField::Sex => fields.sex.map(|sex| shell.word(&sex)),
        MergeField::Registered => Some(yes_no(fields.registered)),
        MergeField::Retired => Some(yes_no(fields.retired)),
        MergeField::Standings => {
            let kind = fields.organisation_kind.map(|kind| shell.word(&kind)).unwrap_or_default();
            Some(format!("{} · {kind} · {}", fields.name, place(fields.location.place)))
        }
        MergeField::Contact => fields.contact.clone(),
        MergeField::StaffCount => fields.staff_count.map(|count| shell.number(count)),
    };
    said.unwrap_or_else(|| shell.t("format-none"))
}

/// Of what only one says, that one is chosen at first; otherwise the one that is kept.
fn first_choice(one: &Fields, other: &Fields, field: MergeField) -> &'static str {
    let empty = |fields: &Fields| match field {
        MergeField::Phone => fields.phone.is_none(),
        MergeField::Email => fields.email.is_none(),
        MergeField::BirthDate => fields.birth_date.is_none(),
        MergeField::Sex => fields.sex.is_none(),
        MergeField::Contact => fields.contact.is_none(),
        MergeField::StaffCount => fields.staff_count.is_none(),
        MergeField::Registered => !fields.registered,
        MergeField::Retired => !fields.retired,
        MergeField::Name | MergeField::Place | MergeField::Standings => false,
    };
    if empty(one) && !empty(other) { OTHER } else { ONE }
}

async fn compare_page(
    web: &Web,
    who: &Viewer,
    shell: Shell,
    (a, b): (Uuid, Uuid),
    form: Option<FormState>,
) -> Result<ComparePage, WebError> {
    let view = merge::side_by_side(&web.app, who, a, b).await?;
    let territory = web.app.territory().await?;
    let shell = shell.page_key("duplicate-compare-title", "organisations");
    let place = |id: Uuid| territory.full_name(id);
    let (one, other) = (&view.one.fields, &view.other.fields);
    let mut first = FormState::new().with("keep", ONE);
    let mut lines = Vec::new();
    for field in MergeField::of(view.one.member.kind) {
        first = first.with(field.code(), first_choice(one, other, *field));
        lines.push(Line {
            name: field.code(),
            label: shell.word(field),
            one: value(&shell, one, *field, place),
            other: value(&shell, other, *field, place),
            same: one.same(other, *field),
        });
    }
    Ok(ComparePage {
        lines,
        form: form.unwrap_or(first),
        reasons: view.suspicion.as_ref().map(|s| reasons(&shell, &s.reasons)).unwrap_or_default(),
        obstacles: view.obstacles.iter().map(|problem| shell.say(&problem_message(problem))).collect(),
        address: format!("/duplicates/{a}/{b}"),
        shell,
        view,
    })
}

impl ComparePage {
    /// The two, with the value by which one is chosen.
    fn sides(&self) -> [(&'static str, &Side); 2] {
        [(ONE, &self.view.one), (OTHER, &self.view.other)]
    }

    /// What hangs on a member, in words.
    fn hangs(&self, side: &Side) -> Vec<String> {
        side.hangs.iter().map(|(table, count)| self.shell.tr(format!("merge-hangs-{table}"), "count", *count)).collect()
    }

    fn apart(&self) -> String {
        format!("{}/apart", self.address)
    }

    fn can_merge(&self) -> bool {
        self.view.may_merge && self.obstacles.is_empty()
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path(two): Path<(Uuid, Uuid)>,
) -> Result<Response, WebError> {
    page(&compare_page(&web, &who, shell, two, None).await?)
}

pub(super) async fn merge(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Path((a, b)): Path<(Uuid, Uuid)>,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let keeps_other = form.get("keep") == Some(OTHER);
    let (kept, gone, from) = if keeps_other { (b, a, ONE) } else { (a, b, OTHER) };
    let from_gone: Vec<MergeField> =
        MergeField::ALL.iter().copied().filter(|field| form.get(field.code()) == Some(from)).collect();
    if !form.checked("sure") {
        form.fail("sure", "merge-sure-needed");
    }
    if form.is_ok() {
        match merge::merge(&web.app, &who, kept, gone, &from_gone).await {
            Ok(_) => return Ok(done(&format!("/members/{kept}"), "done-members-merged")),
            Err(error @ Error::Invalid(_)) => {
                let form = form.into_state_with(&error.into());
                let page = compare_page(&web, &who, shell, (a, b), Some(form)).await?;
                return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
            }
            Err(error) => return Err(WebError::from(error).back_to("/duplicates")),
        }
    }
    let page = compare_page(&web, &who, shell, (a, b), Some(form.into_state())).await?;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

pub(super) async fn apart(
    State(web): State<Web>,
    Who(who): Who,
    Path((a, b)): Path<(Uuid, Uuid)>,
    _: RawForm,
) -> Result<Response, WebError> {
    duplicate::tell_apart(&web.app, &who, a, b).await.map_err(|error| WebError::from(error).back_to("/duplicates"))?;
    Ok(done("/duplicates", "done-members-apart"))
}
