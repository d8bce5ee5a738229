//! A step as it is typed, and what it means.

use tongxin_core::{
    community::{Location, OrganisationKind},
    invalid::{Problem, Problems},
    people::NAME_MAX,
    text,
};
use uuid::Uuid;

use super::{NewOrganisation, ReorganisationView, Step, created};
use crate::{App, Result};

/// The most organisations that one is split into.
const PARTS_MAX: usize = 12;

/// A step as typed; which fields count depends on `step`.
#[derive(Debug, Clone, Default)]
pub struct StepForm {
    /// `create`, `close`, `merge`, `split`, `rename`, `move_line`, `move_place`, `move_post` or `end_post`.
    pub step: String,
    /// The organisation that it is about.
    pub organisation: Option<Uuid>,
    /// Those that are merged into another.
    pub from: Vec<Uuid>,
    /// Into which others are merged, or to which a post goes.
    pub into: Option<Uuid>,
    /// Who takes over from one that is closed.
    pub heir: Option<Uuid>,
    /// A new name.
    pub name: String,
    /// Code of [`OrganisationKind`]; empty keeps the kind of one that is there.
    pub kind: String,
    /// The superior in the line; none for one without.
    pub line: Option<Uuid>,
    /// The place.
    pub place: Option<Uuid>,
    /// The names of what comes out of a split, one a line.
    pub parts: String,
    /// Whether one that is split goes on beside the parts.
    pub goes_on: bool,
    /// The post that is moved or ended.
    pub post: Option<Uuid>,
}

/// What a draft knows of the organisations that a further step may speak of.
struct Known<'a>(&'a ReorganisationView);

impl Known<'_> {
    /// Kind and place as the steps so far leave them, as far as they can be taken.
    fn now(&self, id: Uuid) -> Option<(OrganisationKind, Location)> {
        let after = self.0.after.as_ref().and_then(|after| after.get(id));
        let new = self.0.reorganisation.steps.iter().flat_map(created).find(|new| new.id == id);
        let standing = after.or_else(|| self.0.before.get(id)).map(|s| (s.kind, s.location));
        standing.or_else(|| new.map(|new| (new.kind, new.location)))
    }

    fn chosen(&self, field: &'static str, id: Option<Uuid>) -> Result<Uuid, Problem> {
        let id = id.ok_or_else(|| Problem::new(field, "required"))?;
        self.now(id).map(|_| id).ok_or_else(|| Problem::new(field, "unknown_choice"))
    }

    fn optional(&self, field: &'static str, id: Option<Uuid>) -> Result<Option<Uuid>, Problem> {
        id.map(|id| self.chosen(field, Some(id))).transpose()
    }
}

/// Reads a step on what the draft's earlier steps leave.
pub(super) async fn check(app: &App, view: &ReorganisationView, form: &StepForm) -> Result<Step> {
    let known = Known(view);
    let mut problems = Problems::default();
    let territory = app.territory().await?;
    let step = match form.step.as_str() {
        "create" => {
            let name = problems.take(text::line("name", &form.name, NAME_MAX));
            let kind = problems.take(kind(&form.kind));
            let line = problems.take(known.optional("line", form.line));
            let location = problems.take(territory.chosen(form.place));
            (|| {
                Some(Step::Create(NewOrganisation {
                    id: app.new_id(),
                    name: name?,
                    kind: kind?,
                    line: line?,
                    location: location?,
                }))
            })()
        }
        "close" => {
            let organisation = problems.take(known.chosen("organisation", form.organisation));
            let heir = problems.take(known.optional("heir", form.heir));
            organisation.zip(heir).map(|(organisation, heir)| Step::Close { organisation, heir })
        }
        "merge" => {
            let into = problems.take(known.chosen("into", form.into));
            problems.require(!form.from.is_empty(), || Problem::new("from", "required"));
            let from: Vec<Uuid> =
                form.from.iter().filter_map(|id| problems.take(known.chosen("from", Some(*id)))).collect();
            into.map(|into| Step::Merge { from, into })
        }
        "split" => {
            let organisation = problems.take(known.chosen("organisation", form.organisation));
            let names = problems.gather(part_names(&form.parts));
            organisation.zip(names).and_then(|(organisation, names)| {
                let (kind, location) = known.now(organisation)?;
                let part = |name| NewOrganisation { id: app.new_id(), name, kind, line: None, location };
                Some(Step::Split { organisation, parts: names.into_iter().map(part).collect(), goes_on: form.goes_on })
            })
        }
        "rename" => {
            let organisation = problems.take(known.chosen("organisation", form.organisation));
            let name = problems.take(text::line("name", &form.name, NAME_MAX));
            let same = organisation.and_then(|id| known.now(id)).map(|(kind, _)| kind);
            let kind = if form.kind.is_empty() { same } else { problems.take(kind(&form.kind)) };
            (|| Some(Step::Rename { organisation: organisation?, name: name?, kind: kind? }))()
        }
        "move_line" => {
            let organisation = problems.take(known.chosen("organisation", form.organisation));
            let line = problems.take(known.optional("line", form.line));
            organisation.zip(line).map(|(organisation, line)| Step::MoveLine { organisation, line })
        }
        "move_place" => {
            let organisation = problems.take(known.chosen("organisation", form.organisation));
            let location = problems.take(territory.chosen(form.place));
            organisation.zip(location).map(|(organisation, location)| Step::MovePlace { organisation, location })
        }
        "move_post" => {
            let post = problems.take(known_post(app, form.post).await?);
            let organisation = problems.take(known.chosen("into", form.into));
            post.zip(organisation).map(|(post, organisation)| Step::MovePost { post, organisation })
        }
        "end_post" => {
            let post = problems.take(known_post(app, form.post).await?);
            post.map(|post| Step::EndPost { post })
        }
        _ => problems.take(Err(Problem::new("step", "unknown_choice"))),
    };
    Ok(problems.finish(step)?)
}

async fn known_post(app: &App, id: Option<Uuid>) -> Result<Result<Uuid, Problem>> {
    let Some(id) = id else { return Ok(Err(Problem::new("post", "required"))) };
    let found = tongxin_store::community::post::post(app.read(), app.community_id(), id).await?;
    Ok(found.map(|post| post.id).ok_or_else(|| Problem::new("post", "unknown_choice")))
}

fn kind(raw: &str) -> Result<OrganisationKind, Problem> {
    raw.parse().map_err(|_| Problem::new("kind", "unknown_choice"))
}

fn part_names(raw: &str) -> Result<Vec<String>, Problems> {
    let mut problems = Problems::default();
    let lines: Vec<&str> = raw.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    problems.require(!lines.is_empty(), || Problem::new("parts", "required"));
    problems.require(lines.len() <= PARTS_MAX, || Problem::new("parts", "too_many").with("max", PARTS_MAX));
    let names = lines.iter().filter_map(|line| problems.take(text::line("parts", line, NAME_MAX))).collect();
    problems.finish(Some(names))
}
