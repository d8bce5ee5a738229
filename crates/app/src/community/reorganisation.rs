//! Reorganisations: drafted step by step, previewed, and put into force on a day in one transaction (S7, S8).

mod force;
mod step;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde_json::json;
pub use step::StepForm;
pub use tongxin_core::community::reorganisation::{Affected, Fault, NewOrganisation, Plan, ReorganisationState, Step};
use tongxin_core::{
    community::{
        post::Post,
        structure::{Difference, Shape, Structure},
    },
    invalid::{Problem, Problems},
    text,
};
pub use tongxin_store::community::reorganisation::Reorganisation;
use tongxin_store::{
    ConnectionTrait, Paged, Slice, Tx,
    community::{
        post::{self, HoldingFilter},
        reorganisation as store, structure,
    },
    people::{self, party},
};
use uuid::Uuid;

use super::structure as structures;
use crate::{App, Error, Result, Viewer, policy::Resource, record::Author, search};

/// The longest title, in characters.
pub const TITLE_MAX: usize = 80;
/// The longest text, in characters.
pub const TEXT_MAX: usize = 2_000;
/// The most steps of one reorganisation.
pub const STEPS_MAX: usize = 200;

/// The most organisations that are offered for a step at once.
pub const CHOICES_MAX: usize = 200;

/// What is typed of a reorganisation as a whole.
#[derive(Debug, Clone, Default)]
pub struct ReorganisationForm {
    /// Its title.
    pub title: String,
    /// Why; may be empty.
    pub text: String,
    /// The day on which it takes effect, `YYYY-MM-DD`.
    pub effective_on: String,
}

/// A reorganisation with what it does.
#[derive(Debug, Clone)]
pub struct ReorganisationView {
    /// The reorganisation.
    pub reorganisation: Reorganisation,
    /// The structure without it.
    pub before: Structure,
    /// The structure with it; none while it has faults.
    pub after: Option<Structure>,
    /// What it changes, to be set side by side; none while it has faults.
    pub affected: Option<Affected>,
    /// The organisations that it changes.
    pub touched: BTreeSet<Uuid>,
    /// Why it can't be put into force.
    pub faults: Vec<Fault>,
    /// The names of the organisations that it speaks of.
    pub names: HashMap<Uuid, String>,
    /// The posts that it speaks of.
    pub posts: HashMap<Uuid, Post>,
    /// Whether the viewer may change it and put it into force.
    pub may_edit: bool,
}

impl ReorganisationView {
    /// The name of an organisation that it speaks of.
    #[must_use]
    pub fn name(&self, organisation: Uuid) -> &str {
        self.names.get(&organisation).map_or("", String::as_str)
    }

    /// What is otherwise afterwards; nothing while it has faults.
    #[must_use]
    pub fn differences(&self) -> Vec<(Uuid, Difference)> {
        let all = self.after.as_ref().map(|after| self.before.differences(after)).unwrap_or_default();
        all.into_iter().filter(|(id, _)| self.touched.contains(id)).collect()
    }

    /// How deep what it affects is before and after, and how wide the organisations in it are; none while it has faults.
    #[must_use]
    pub fn shapes(&self) -> Option<(Shape, Shape)> {
        let (affected, after) = self.affected.as_ref().zip(self.after.as_ref())?;
        let shape = |part: &Structure, whole: &Structure| {
            let widest = part.all().iter().map(|s| whole.below(s.organisation).count()).max();
            Shape { widest_span: widest.unwrap_or(0), ..part.whole_shape() }
        };
        Some((shape(&affected.before, &self.before), shape(&affected.after, after)))
    }
}

async fn author(app: &App, who: &Viewer) -> Result<Author> {
    let root = app.territory().await?.root();
    let capacity = app.authorise(who, "Reorganise", Resource::Place(root)).await?;
    Ok(Author::new(who.actor()?, capacity))
}

/// Whether the viewer may draft reorganisations and put them into force.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn may_edit(app: &App, who: &Viewer) -> Result<bool> {
    let root = app.territory().await?.root();
    app.authorise(who, "ViewStructure", Resource::Place(root)).await?;
    Ok(app.may(who, "Reorganise", Resource::Place(root)).await?.is_some())
}

/// Reorganisations, the latest day first; drafts and withdrawn ones for those who may reorganise.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn list(
    app: &App,
    who: &Viewer,
    state: Option<ReorganisationState>,
    slice: Slice,
) -> Result<Paged<Reorganisation>> {
    let state = if may_edit(app, who).await? { state } else { Some(ReorganisationState::InForce) };
    Ok(store::list(app.read(), app.community_id(), state, slice).await?)
}

/// A reorganisation with what it does.
///
/// # Errors
/// [`Error::NotFound`], also for a draft and a viewer who may not reorganise; as [`list`].
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<ReorganisationView> {
    let may_edit = may_edit(app, who).await?;
    let (c, community) = (app.read(), app.community_id());
    let found = store::reorganisation(c, community, id).await?.ok_or(Error::NotFound)?;
    if !may_edit && found.state != ReorganisationState::InForce {
        return Err(Error::NotFound);
    }
    let worked = worked_out_to_show(c, community, &found).await?;
    let Shown { before, after, touched, faults } = worked;
    let affected = after.as_ref().map(|after| {
        let Affected { before, after } = Affected::new(&before, after, &touched);
        let show = |part: Structure| structures::ordered(part.day(), part.all().to_vec());
        Affected { before: show(before), after: show(after) }
    });
    let named = found.steps.iter().filter_map(post_of).chain(faults.iter().filter_map(Fault::post));
    let posts = post::posts_by_id(c, community, named).await?;
    let mut names = names(app, &found, [&before].into_iter().chain(&after)).await?;
    let homes: Vec<Uuid> = posts.values().map(|p| p.organisation).filter(|id| !names.contains_key(id)).collect();
    names.extend(people::names(c, community, homes).await?.into_iter().map(|(id, name)| (id, name.name)));
    Ok(ReorganisationView { reorganisation: found, before, after, affected, touched, faults, names, posts, may_edit })
}

/// What a reorganisation does, as it is shown.
struct Shown {
    before: Structure,
    after: Option<Structure>,
    touched: BTreeSet<Uuid>,
    faults: Vec<Fault>,
}

/// Works a draft out; of one that is in force, what is stored tells.
async fn worked_out_to_show(c: &impl ConnectionTrait, community: Uuid, found: &Reorganisation) -> Result<Shown> {
    let day = found.effective_on;
    let of_day = async |day: NaiveDate| -> Result<Structure> {
        Ok(Structure::new(day, structure::standings_on(c, community, day).await?))
    };
    if found.state == ReorganisationState::InForce {
        let before = of_day(day.pred_opt().unwrap_or(day)).await?;
        let after = of_day(day).await?;
        let named: BTreeSet<Uuid> = found.steps.iter().flat_map(organisations).collect();
        // Another organisation may have changed on the same day for itself.
        let by_this = |id: &Uuid| after.get(*id).map_or(named.contains(id), |s| s.reorganisation == Some(found.id));
        let touched = before.differences(&after).into_iter().map(|(id, _)| id).filter(by_this).collect();
        return Ok(Shown { before, after: Some(after), touched, faults: Vec::new() });
    }
    Ok(match worked_out(c, community, found).await? {
        Ok(plan) => Shown {
            touched: plan.touched.into_iter().collect(),
            before: plan.before,
            after: Some(plan.after),
            faults: Vec::new(),
        },
        Err(faults) => Shown { before: of_day(day).await?, after: None, touched: BTreeSet::new(), faults },
    })
}

fn post_of(step: &Step) -> Option<Uuid> {
    match step {
        Step::MovePost { post, .. } | Step::EndPost { post } => Some(*post),
        _ => None,
    }
}

/// The names of all organisations of the structures and of the steps, as they were before, else as they are after.
async fn names(
    app: &App,
    reorganisation: &Reorganisation,
    structures: impl Iterator<Item = &Structure>,
) -> Result<HashMap<Uuid, String>> {
    let mut names: HashMap<Uuid, String> = HashMap::new();
    for standing in structures.flat_map(|s| s.all().iter()) {
        names.entry(standing.organisation).or_insert_with(|| standing.name.clone());
    }
    for new in reorganisation.steps.iter().flat_map(created) {
        names.entry(new.id).or_insert_with(|| new.name.clone());
    }
    let unknown: BTreeSet<Uuid> =
        reorganisation.steps.iter().flat_map(organisations).filter(|id| !names.contains_key(id)).collect();
    let found = people::names(app.read(), app.community_id(), unknown).await?;
    names.extend(found.into_iter().map(|(id, name)| (id, name.name)));
    Ok(names)
}

/// What a step can be about.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// Organisations as the steps so far leave them, by kind and name.
    pub organisations: Vec<(Uuid, String)>,
    /// The posts of these organisations on the day.
    pub posts: Vec<Post>,
    /// Whether there are more than are given.
    pub more: bool,
}

/// The organisations that a further step of a draft can be about: with any of the words of `named`, which may be several
/// names, in their name; at most [`CHOICES_MAX`].
///
/// # Errors
/// The store's.
pub async fn choices(app: &App, view: &ReorganisationView, named: &str) -> Result<Choices> {
    let wanted: Vec<Vec<String>> = named
        .split(|c: char| c.is_whitespace() || "、，,；;".contains(c))
        .filter_map(search::query_tokens)
        .map(|tokens| tokens.split(' ').map(str::to_owned).collect())
        .collect();
    let structure = view.after.as_ref().unwrap_or(&view.before);
    let ordered = structures::ordered(structure.day(), structure.all().to_vec());
    let mut all: Vec<(Uuid, String)> = ordered.all().iter().map(|s| (s.organisation, s.name.clone())).collect();
    // While there are faults, the organisations that the steps make stand in no structure.
    let made = view
        .reorganisation
        .steps
        .iter()
        .flat_map(created)
        .filter(|new| view.after.is_none() && structure.get(new.id).is_none());
    all.extend(made.map(|new| (new.id, new.name.clone())));
    let takes = |name: &str| wanted.is_empty() || wanted.iter().any(|words| structures::is_named(name, words));
    all.retain(|(_, name)| takes(name));
    let more = all.len() > CHOICES_MAX;
    all.truncate(CHOICES_MAX);
    let ids: Vec<Uuid> = all.iter().map(|(id, _)| *id).collect();
    let mut posts = post::posts_of(app.read(), app.community_id(), &ids).await?;
    let place = |post: &Post| ids.iter().position(|id| *id == post.organisation);
    posts.retain(|p| p.period.until.is_none_or(|until| until > structure.day()));
    posts.sort_by_cached_key(|p| (place(p), p.kind, p.id));
    Ok(Choices { organisations: all, posts, more })
}

/// The organisations that a step makes.
#[must_use]
pub fn created(step: &Step) -> &[NewOrganisation] {
    match step {
        Step::Create(new) => std::slice::from_ref(new),
        Step::Split { parts, .. } => parts,
        _ => &[],
    }
}

/// The organisations that a step speaks of.
fn organisations(step: &Step) -> Vec<Uuid> {
    match step {
        Step::Create(new) => new.line.into_iter().collect(),
        Step::Close { organisation, heir } => [*organisation].into_iter().chain(*heir).collect(),
        Step::Merge { from, into } => from.iter().copied().chain([*into]).collect(),
        Step::MoveLine { organisation, line } => [*organisation].into_iter().chain(*line).collect(),
        Step::Split { organisation, .. }
        | Step::Rename { organisation, .. }
        | Step::MovePlace { organisation, .. }
        | Step::MovePost { organisation, .. } => vec![*organisation],
        Step::EndPost { .. } => Vec::new(),
    }
}

/// Works a draft out on what is stored now.
async fn worked_out(
    c: &impl ConnectionTrait,
    community: Uuid,
    draft: &Reorganisation,
) -> Result<std::result::Result<Plan, Vec<Fault>>> {
    let history = structure::standings_all(c, community).await?;
    let named: BTreeSet<Uuid> = draft.steps.iter().flat_map(organisations).collect();
    let named: Vec<Uuid> = named.into_iter().collect();
    let mut posts = post::posts_of(c, community, &named).await?;
    // A post that a step names may belong to an organisation that none does.
    let known: BTreeSet<Uuid> = posts.iter().map(|p| p.id).collect();
    let others = draft.steps.iter().filter_map(post_of).filter(|id| !known.contains(id));
    posts.extend(post::posts_by_id(c, community, others).await?.into_values());
    posts.sort_by_key(|p| p.id);
    let day = draft.effective_on;
    let plan = match tongxin_core::community::reorganisation::plan(day, &draft.steps, &history, &posts, draft.id) {
        Ok(plan) => plan,
        Err(faults) => return Ok(Err(faults)),
    };
    let faults = left_behind(c, community, day, &plan).await?;
    Ok(if faults.is_empty() { Ok(plan) } else { Err(faults) })
}

/// Members of whom nobody takes care, and appointments that would be lost.
async fn left_behind(c: &impl ConnectionTrait, community: Uuid, day: NaiveDate, plan: &Plan) -> Result<Vec<Fault>> {
    let has_heir: BTreeSet<Uuid> = plan.heirs.iter().map(|(gone, _)| *gone).collect();
    let without_heir: Vec<Uuid> = plan.closed.iter().copied().filter(|id| !has_heir.contains(id)).collect();
    let mut members: BTreeMap<Uuid, usize> = BTreeMap::new();
    for membership in party::memberships_from(c, community, &without_heir, day).await? {
        *members.entry(membership.branch).or_default() += 1;
    }
    let left = members.into_iter().map(|(organisation, members)| Fault::MembersLeft { organisation, members });
    let mut faults: BTreeSet<Fault> = left.collect();
    let filter = HoldingFilter { posts: Some(plan.ended_posts.clone()), ..HoldingFilter::default() };
    for held in post::holdings(c, community, &filter).await? {
        let on = held.appointment.period.from;
        faults.extend((on >= day).then_some(Fault::AppointedLater { post: held.post.id, on }));
    }
    Ok(faults.into_iter().collect())
}

fn check(form: &ReorganisationForm) -> Result<(String, String, NaiveDate), Problems> {
    let mut problems = Problems::default();
    let title = problems.take(text::line("title", &form.title, TITLE_MAX));
    let text = problems.take(text::lines("text", &form.text, TEXT_MAX));
    let day = form.effective_on.trim();
    let day = problems.take(if day.is_empty() {
        Err(Problem::new("effective_on", "required"))
    } else {
        day.parse::<NaiveDate>().map_err(|_| Problem::new("effective_on", "bad_date"))
    });
    problems.finish((|| Some((title?, text?, day?)))())
}

/// Drafts a reorganisation. Gives its id.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn draft(app: &App, who: &Viewer, form: &ReorganisationForm) -> Result<Uuid> {
    let author = author(app, who).await?;
    let (title, text, effective_on) = check(form)?;
    let new = Reorganisation {
        id: app.new_id(),
        title,
        text,
        effective_on,
        state: ReorganisationState::Draft,
        steps: Vec::new(),
        created_by: author.account(),
        created_at: app.now(),
        decided_by: None,
        decided_at: None,
    };
    let (id, community) = (new.id, app.community_id());
    let data = json!({ "title": new.title, "effective_on": effective_on });
    let record = app.new_record(&author, "reorganisation.draft", "reorganisation", id, &data);
    app.write(move |tx| {
        Box::pin(async move {
            store::insert(tx, community, &new).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await?;
    Ok(id)
}

/// The draft as it is stored now.
async fn stored_draft(tx: &Tx, community: Uuid, id: Uuid) -> Result<Reorganisation> {
    let found = store::reorganisation(tx, community, id).await?.ok_or(Error::NotFound)?;
    if found.state == ReorganisationState::Draft { Ok(found) } else { Err(Error::Conflict("reorganisation_decided")) }
}

/// Changes a draft within one transaction, with the record of what it is afterwards.
async fn change(
    app: &App,
    author: Author,
    id: Uuid,
    action: &'static str,
    with: impl FnOnce(&mut Reorganisation) -> Result<()> + Send + 'static,
) -> Result<()> {
    let (community, inside) = (app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            let mut draft = stored_draft(tx, community, id).await?;
            with(&mut draft)?;
            store::save(tx, community, &draft).await?;
            let data = json!({
                "title": draft.title, "effective_on": draft.effective_on, "state": draft.state, "steps": draft.steps,
            });
            inside.record(tx, &author, action, ("reorganisation", id), &data).await
        })
    })
    .await
}

/// Changes the title, the text and the day of a draft.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::Conflict`] `reorganisation_decided`; [`Error::NotFound`], [`Error::Forbidden`].
pub async fn edit(app: &App, who: &Viewer, id: Uuid, form: &ReorganisationForm) -> Result<()> {
    let author = author(app, who).await?;
    let (title, text, effective_on) = check(form)?;
    change(app, author, id, "reorganisation.edit", move |draft| {
        (draft.title, draft.text, draft.effective_on) = (title, text, effective_on);
        Ok(())
    })
    .await
}

/// Adds a step to a draft, as its last.
///
/// # Errors
/// As [`edit`].
pub async fn add_step(app: &App, who: &Viewer, id: Uuid, form: &StepForm) -> Result<()> {
    let author = author(app, who).await?;
    let view = show(app, who, id).await?;
    let step = step::check(app, &view, form).await?;
    change(app, author, id, "reorganisation.edit", move |draft| {
        if draft.steps.len() >= STEPS_MAX {
            return Err(Problem::new("step", "too_many").with("max", STEPS_MAX).into());
        }
        draft.steps.push(step);
        Ok(())
    })
    .await
}

/// Takes a step, by its number from 0, out of a draft.
///
/// # Errors
/// As [`edit`].
pub async fn remove_step(app: &App, who: &Viewer, id: Uuid, number: usize) -> Result<()> {
    let author = author(app, who).await?;
    change(app, author, id, "reorganisation.edit", move |draft| {
        if number >= draft.steps.len() {
            return Err(Error::NotFound);
        }
        draft.steps.remove(number);
        Ok(())
    })
    .await
}

/// Takes a step, by its number from 0, one place earlier.
///
/// # Errors
/// As [`edit`].
pub async fn advance_step(app: &App, who: &Viewer, id: Uuid, number: usize) -> Result<()> {
    let author = author(app, who).await?;
    change(app, author, id, "reorganisation.edit", move |draft| {
        if number == 0 || number >= draft.steps.len() {
            return Err(Error::NotFound);
        }
        draft.steps.swap(number - 1, number);
        Ok(())
    })
    .await
}

/// Withdraws a draft. It stays to be read.
///
/// # Errors
/// As [`edit`].
pub async fn withdraw(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let author = author(app, who).await?;
    let (account, now) = (author.account(), app.now());
    change(app, author, id, "reorganisation.withdraw", move |draft| {
        draft.state = ReorganisationState::Withdrawn;
        (draft.decided_by, draft.decided_at) = (account, Some(now));
        Ok(())
    })
    .await
}

/// Puts a draft into force: from its day on the structure is as it says. All of it in one transaction, or nothing.
///
/// # Errors
/// [`Error::Conflict`] `reorganisation_faulty` when it can't be (the page tells why), `reorganisation_decided`;
/// [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn put_in_force(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let author = author(app, who).await?;
    let inside = app.clone();
    app.write_alone(move |tx| Box::pin(async move { force::put(&inside, tx, author, id).await })).await
}
