//! Changes of how organisations stand: found one, change it from a day on, correct what was entered, close it. Each is
//! checked against all other organisations on every day, and the organisation's row among the members follows (S6, S15).

use chrono::NaiveDate;
use serde_json::{Value, json};
pub use tongxin_core::community::history::StandingForm;
use tongxin_core::{
    community::{
        Location,
        history::{Amendment, Fault, History, amended, check_standing, closed, corrected},
        structure::Standing,
    },
    invalid::{Problem, Problems},
    people::{MemberDetails, MemberDraft, MemberForm, MemberKind, check_member},
    period::optional_day,
};
use tongxin_store::{
    Tx,
    community::{post, structure as store},
    people::{self, Balance, Member},
};
use uuid::Uuid;

use crate::{App, Error, Result, Viewer, people::duplicate, policy::Resource, record::Author, search};

/// How many organisations whose next standing has begun are dealt with at once.
const BATCH: u64 = 500;

/// What is typed of an organisation.
#[derive(Debug, Clone, Default)]
pub struct OrganisationForm {
    /// Name, kind, days.
    pub standing: StandingForm,
    /// Its superior within the community.
    pub line: Option<Uuid>,
    /// Where it is.
    pub place: Option<Uuid>,
    /// Contact person; of a new one only.
    pub contact: String,
    /// Telephone number; of a new one only.
    pub phone: String,
    /// E-mail address; of a new one only.
    pub email: String,
    /// Whether the one who types has seen which a new one may be, and says that it is another.
    pub confirmed_new: bool,
}

/// Checks the right to change how an organisation stands, as it stands in `standing`.
async fn authorised(app: &App, who: &Viewer, history: &History, standing: &Standing) -> Result<Author> {
    let line = history.above(standing, standing.period.from);
    let resource = Resource::Organisation { id: standing.organisation, line: &line, place: standing.location.place };
    let capacity = app.authorise(who, "EditStructure", resource).await?;
    Ok(Author::new(who.actor()?, capacity))
}

/// A guest, and who works for nobody's place, is told so before anything else.
fn is_staff(who: &Viewer) -> Result<()> {
    if who.actor()?.is_staff() { Ok(()) } else { Err(Error::Forbidden) }
}

async fn checked(app: &App, id: Uuid, form: &OrganisationForm) -> Result<Standing, Problems> {
    let mut problems = Problems::default();
    let territory = app.territory().await.ok();
    let location = territory.as_ref().map(|t| t.chosen(form.place));
    let location = location.and_then(|chosen| problems.take(chosen));
    let nowhere = Location { place: Uuid::nil(), area: None };
    let standing =
        problems.gather(check_standing(&form.standing, (id, form.line, location.unwrap_or(nowhere)), app.today()));
    problems.finish(location.and(standing))
}

async fn history(app: &App) -> Result<History> {
    Ok(History::new(store::standings_all(app.read(), app.community_id()).await?))
}

/// Founds an organisation: it becomes a member of the community.
///
/// # Errors
/// [`Error::Suspected`] when it may be there already, [`Error::Invalid`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn create(app: &App, who: &Viewer, form: &OrganisationForm) -> Result<Uuid> {
    is_staff(who)?;
    let id = app.new_id();
    let mut problems = Problems::default();
    let standing = problems.gather(checked(app, id, form).await);
    let contacts = MemberForm {
        name: form.standing.name.clone(),
        organisation_kind: form.standing.kind.clone(),
        contact: form.contact.clone(),
        phone: form.phone.clone(),
        email: form.email.clone(),
        ..MemberForm::default()
    };
    let draft = check_member(MemberKind::Organisation, &contacts, app.today());
    // Name and kind were checked with the standing already.
    let draft = draft.map_err(|found| {
        Problems(found.0.into_iter().filter(|p| !["name", "organisation_kind"].contains(&p.field)).collect())
    });
    let draft = problems.gather(draft);
    let (standing, draft) = problems.finish(standing.zip(draft))?;
    let author = authorised(app, who, &history(app).await?, &standing).await?;
    let member = new_member(&standing, draft);
    duplicate::ask_first(app, who, &member, form.confirmed_new).await?;
    let data = json!({ "standing": standing });
    write(app, author, "organisation.create", id, data, move |_| Ok(vec![standing.clone()]), Some(member)).await?;
    Ok(id)
}

fn new_member(standing: &Standing, draft: MemberDraft) -> Member {
    Member {
        id: standing.organisation,
        code: None,
        kind: MemberKind::Organisation,
        sort_key: search::sort_key(&draft.name),
        draft,
        location: standing.location,
        balance: Balance::default(),
    }
}

/// Changes name, kind, line or territory of an organisation from a day on.
///
/// # Errors
/// [`Error::Invalid`] also when nothing would be otherwise; [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn change(app: &App, who: &Viewer, id: Uuid, form: &OrganisationForm) -> Result<()> {
    is_staff(who)?;
    let history = history(app).await?;
    let last = history.of(id).last().ok_or(Error::NotFound)?;
    authorised(app, who, &history, last).await?;
    let mut form = form.clone();
    form.standing.until.clear();
    let new = checked(app, id, &form).await?;
    let day = new.period.from;
    let Some(old) = history.on(id, day) else {
        return Err(Problem::new("from", "not_there_on_day").with("day", day).into());
    };
    authorised(app, who, &history, old).await?;
    let author = authorised(app, who, &history, &new).await?;
    let same_line = new.line == old.line && new.line_outside == old.line_outside;
    let amendment = Amendment {
        name: (new.name != old.name).then(|| new.name.clone()),
        kind: (new.kind != old.kind).then_some(new.kind),
        line: (!same_line).then(|| (new.line, new.line_outside.clone())),
        location: (new.location != old.location).then_some(new.location),
    };
    if amendment == Amendment::default() {
        return Err(Problem::new("from", "nothing_changes").into());
    }
    let data = json!({ "from": day, "before": old, "after": new });
    let rule = move |own: &[Standing]| amended(own, day, amendment.clone());
    write(app, author, "organisation.change", id, data, rule, None).await
}

/// Corrects the standing that begins on `from`, as it was entered.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn correct(app: &App, who: &Viewer, id: Uuid, from: NaiveDate, form: &OrganisationForm) -> Result<()> {
    is_staff(who)?;
    let history = history(app).await?;
    let wrong = history.of(id).iter().find(|s| s.period.from == from).ok_or(Error::NotFound)?;
    authorised(app, who, &history, wrong).await?;
    let right = Standing { reorganisation: wrong.reorganisation, ..checked(app, id, form).await? };
    let author = authorised(app, who, &history, &right).await?;
    let data = json!({ "before": wrong, "after": right });
    let rule = move |own: &[Standing]| corrected(own, from, right.clone());
    write(app, author, "organisation.correct", id, data, rule, None).await
}

/// Closes an organisation: `on` (`YYYY-MM-DD`, today when empty) is the first day on which it is no longer there.
///
/// # Errors
/// [`Error::Invalid`] also when something is under it or its posts last longer; [`Error::NotFound`], [`Error::Forbidden`],
/// [`Error::SignInFirst`].
pub async fn close(app: &App, who: &Viewer, id: Uuid, on: &str) -> Result<()> {
    is_staff(who)?;
    let history = history(app).await?;
    let last = history.of(id).last().ok_or(Error::NotFound)?;
    let author = authorised(app, who, &history, last).await?;
    let day = optional_day("from", on)?.unwrap_or_else(|| app.today());
    let data = json!({ "on": day, "name": last.name });
    write(app, author, "organisation.close", id, data, move |own| closed(own, day), None).await
}

/// Applies a rule to an organisation's standings, checks the whole of them, stores them with the record, and lets the member
/// follow. `new` is the member of one that is being founded.
async fn write(
    app: &App,
    author: Author,
    action: &'static str,
    id: Uuid,
    data: Value,
    rule: impl Fn(&[Standing]) -> Result<Vec<Standing>, Problem> + Send + Sync + 'static,
    new: Option<Member>,
) -> Result<()> {
    let (community, inside) = (app.community_id(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            let app = &inside;
            let mut history = History::new(store::standings_all(tx, community).await?);
            let standings = rule(history.of(id))?;
            history.replace(id, standings.clone());
            if let Err(fault) = history.check(id) {
                return Err(told(tx, community, &history, &fault).await?.into());
            }
            posts_end(tx, community, id, &standings).await?;
            if let Some(member) = new {
                people::insert(tx, community, &[member], app.now().timestamp_millis()).await?;
            }
            store::replace_standings(tx, community, &[id], &standings).await?;
            keep_in_step(app, tx, &standings).await?;
            app.record(tx, &author, action, ("organisation", id), &data).await
        })
    })
    .await
}

/// A fault with the names of the organisations.
///
/// # Errors
/// The store's.
pub(crate) async fn told(tx: &Tx, community: Uuid, history: &History, fault: &Fault) -> Result<Problem> {
    let all = match fault {
        Fault::Overlap(_) => Vec::new(),
        Fault::NoSuperior(id, _) | Fault::HasBelow(id, _) => vec![*id],
        Fault::Circle(all, _) => all.clone(),
    };
    let names = people::names(tx, community, all).await?;
    let name = |id: Uuid| {
        let entered = history.of(id).last().map(|s| s.name.clone());
        names.get(&id).map(|n| n.name.clone()).or(entered).unwrap_or_default()
    };
    Ok(fault.problem(name))
}

/// No post of an organisation lasts longer than it does.
///
/// # Errors
/// `posts_last_longer`, and the store's.
pub(crate) async fn posts_end(tx: &Tx, community: Uuid, id: Uuid, standings: &[Standing]) -> Result<()> {
    let Some(end) = standings.last().and_then(|s| s.period.until) else { return Ok(()) };
    let posts = post::posts_of(tx, community, &[id]).await?;
    let left = posts.iter().filter(|p| p.period.until.is_none_or(|until| until > end)).count();
    if left > 0 {
        return Err(Problem::new("from", "posts_last_longer").with("count", left).with("day", end).into());
    }
    Ok(())
}

/// Puts an organisation's row among the members in step with its standings.
///
/// # Errors
/// The store's.
pub(crate) async fn keep_in_step(app: &App, tx: &Tx, standings: &[Standing]) -> Result<()> {
    put_in_step(tx, app.community_id(), (app.today(), app.now().timestamp_millis()), standings).await
}

/// The same for `community` on a day, at an instant in milliseconds: name, kind and place are as of the day (or of the day
/// next to it), and since when it is closed is noted.
///
/// # Errors
/// The store's.
pub(crate) async fn put_in_step(
    tx: &Tx,
    community: Uuid,
    (today, now_ms): (NaiveDate, i64),
    standings: &[Standing],
) -> Result<()> {
    let begun = standings.iter().rev().find(|s| s.period.from <= today);
    let Some(current) = begun.or_else(|| standings.first()) else { return Ok(()) };
    let closed_on = standings.last().and_then(|s| s.period.until);
    people::put_standing(tx, community, current, &search::sort_key(&current.name), closed_on, now_ms).await?;
    let tokens = search::name_tokens(&current.name);
    Ok(tongxin_store::search::index(tx, community, "member", current.organisation, &tokens).await?)
}

/// Corrects the standing of today when an organisation's page was edited: who corrects a name there founds no history.
///
/// # Errors
/// The store's.
pub(crate) async fn follow_member(app: &App, tx: &Tx, member: &Member) -> Result<()> {
    if member.kind != MemberKind::Organisation {
        return Ok(());
    }
    let standings = store::standings_of(tx, app.community_id(), &[member.id]).await?;
    let right = as_edited(&standings, member, app.today());
    if standings == right {
        return Ok(());
    }
    Ok(store::replace_standings(tx, app.community_id(), &[member.id], &right).await?)
}

/// The standings of an organisation, that of `today` as its row among the members says.
fn as_edited(standings: &[Standing], member: &Member, today: NaiveDate) -> Vec<Standing> {
    let mut right = standings.to_vec();
    if let MemberDetails::Organisation { kind, .. } = &member.draft.details
        && let Some(current) = right.iter_mut().find(|s| s.period.contains(today))
    {
        (current.kind, current.location) = (*kind, member.location);
        current.name.clone_from(&member.draft.name);
    }
    right
}

/// The standings of an organisation whose row among the members is edited, and which is under `line` from `today` on.
///
/// # Errors
/// `not_there_on_day` when it is not there today.
pub(crate) fn put_under(
    standings: &[Standing],
    member: &Member,
    line: Uuid,
    today: NaiveDate,
) -> Result<Vec<Standing>, Problem> {
    let amendment = Amendment { line: Some((Some(line), None)), ..Amendment::default() };
    let changed = amended(&as_edited(standings, member, today), today, amendment);
    changed.map_err(|problem| Problem { field: "line", ..problem })
}

/// Puts organisations in step whose next standing has begun. Gives how many; doing it twice changes nothing.
///
/// # Errors
/// The store's.
pub(crate) async fn follow_the_days(app: &App) -> Result<usize> {
    let (community, today) = (app.community_id(), app.today());
    let due = store::out_of_step(app.read(), community, today, BATCH).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let inside = app.clone();
    app.write_alone(move |tx| {
        Box::pin(async move {
            for id in &due {
                let standings = store::standings_of(tx, community, &[*id]).await?;
                keep_in_step(&inside, tx, &standings).await?;
                let begun = standings.iter().find(|s| s.period.contains(today));
                let data = json!({ "standing": begun });
                inside.record(tx, &Author::system(), "organisation.follow", ("organisation", *id), &data).await?;
            }
            Ok(due.len())
        })
    })
    .await
}
