//! Letters of appointment (聘书, S18): an enterprise without a branch appoints a worker for Party building from the residential
//! area's organisations.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use serde_json::json;
pub use tongxin_core::community::{
    letter::{AppointmentLetter, LetterForm},
    structure::Standing,
};
use tongxin_core::{
    community::{
        OrganisationKind,
        coverage::is_enterprise,
        letter::{check_letter, number, serial},
        post::Duty,
    },
    invalid::{Problem, Problems},
    people::MemberKind,
    period::optional_day,
};
pub use tongxin_store::community::letter::LetterFilter;
use tongxin_store::{
    ConnectionTrait, Paged, Slice,
    community::{
        letter as store,
        post::{self, HoldingFilter},
        structure,
    },
    people::{self, party},
};
use uuid::Uuid;

use super::post::Stands;
use crate::{App, Error, Result, Viewer, policy::Resource, record::Author};

/// What the numbers of letters begin with.
const PREFIX: &str = "静党聘";
/// The most enterprises or workers that a form offers.
const OFFERED: usize = 500;

/// A letter with the names on it.
#[derive(Debug, Clone)]
pub struct LetterView {
    /// The letter.
    pub letter: AppointmentLetter,
    /// The name of the enterprise, as on the day of issue.
    pub enterprise: String,
    /// The name of the worker.
    pub person: String,
    /// The organisation and post of the worker on the first day, when it holds one in the area.
    pub post: Option<String>,
    /// Whether the viewer may revoke it.
    pub may_revoke: bool,
}

/// A person who can be appointed.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The person.
    pub person: Uuid,
    /// Its name.
    pub name: String,
    /// Its organisation and post.
    pub post: String,
}

/// What a form for a new letter offers.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The enterprise as it stands today.
    pub enterprise: Standing,
    /// The next number of the year.
    pub number: String,
    /// Those who can be appointed: who holds a post in an organisation of the area.
    pub workers: Vec<Worker>,
}

/// Whether a member of an organisation of this kind may be appointed: the residential area's own organisations.
pub(crate) const fn is_of_area(kind: OrganisationKind) -> bool {
    kind.is_party() || matches!(kind, OrganisationKind::ResidentsCommittee | OrganisationKind::SocialWorkStation)
}

/// Which letters the viewer may see; the same as the policies say of each.
fn within(who: &Viewer) -> Result<Option<(Vec<Uuid>, Vec<Uuid>)>> {
    let actor = who.actor()?;
    if actor.is_subdistrict() {
        return Ok(None);
    }
    let (areas, own): (Vec<Uuid>, Vec<Uuid>) =
        (actor.places_of(Duty::Secretary).collect(), actor.organisations().collect());
    if areas.is_empty() && own.is_empty() { Err(Error::Forbidden) } else { Ok(Some((areas, own))) }
}

/// Letters that the viewer may see, the newest first.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn list(app: &App, who: &Viewer, filter: LetterFilter, slice: Slice) -> Result<Paged<LetterView>> {
    let filter = LetterFilter { within: within(who)?, ..filter };
    let found = store::list(app.read(), app.community_id(), &filter, slice).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    let names = names(app, &found.rows).await?;
    for letter in found.rows {
        let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
        let (enterprise, person) = (name(letter.enterprise), name(letter.person));
        rows.push(LetterView { enterprise, person, post: None, may_revoke: false, letter });
    }
    Ok(Paged { rows, total: found.total })
}

async fn names(app: &App, letters: &[AppointmentLetter]) -> Result<HashMap<Uuid, String>> {
    let ids = letters.iter().flat_map(|l| [l.enterprise, l.person]);
    let names = people::names(app.read(), app.community_id(), ids).await?;
    Ok(names.into_iter().map(|(id, name)| (id, name.name)).collect())
}

/// A letter as it was handed over.
///
/// # Errors
/// [`Error::NotFound`], [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<LetterView> {
    who.actor()?;
    let (c, community) = (app.read(), app.community_id());
    let letter = store::letter(c, community, id).await?.ok_or(Error::NotFound)?;
    let stands = Stands::load(app, c, letter.enterprise).await?;
    app.authorise(who, "ViewLetters", stands.resource()).await?;
    let may_revoke = letter.revoked.is_none() && app.may(who, "RevokeLetter", stands.resource()).await?.is_some();
    let then = standing_on(c, community, letter.enterprise, letter.issued_on).await?;
    let names = names(app, std::slice::from_ref(&letter)).await?;
    let area = then.as_ref().and_then(|s| s.location.area);
    let posts = posts_in(app, area, letter.period.from, Some(letter.person)).await?;
    Ok(LetterView {
        enterprise: then.map(|s| s.name).or_else(|| names.get(&letter.enterprise).cloned()).unwrap_or_default(),
        person: names.get(&letter.person).cloned().unwrap_or_default(),
        post: posts.into_iter().next().map(|worker| worker.post),
        may_revoke,
        letter,
    })
}

async fn standing_on(
    c: &impl ConnectionTrait,
    community: Uuid,
    organisation: Uuid,
    day: NaiveDate,
) -> Result<Option<Standing>> {
    let all = structure::standings_of(c, community, &[organisation]).await?;
    Ok(all.into_iter().find(|s| s.period.contains(day)))
}

/// Who holds posts in the organisations of an area on a day, or which a person holds there, by the organisation's name.
async fn posts_in(app: &App, area: Option<Uuid>, day: NaiveDate, person: Option<Uuid>) -> Result<Vec<Worker>> {
    let (c, community) = (app.read(), app.community_id());
    let all = structure::standings_on(c, community, day).await?;
    let of_area: HashMap<Uuid, &Standing> = all
        .iter()
        .filter(|s| area.is_some() && s.location.area == area && is_of_area(s.kind))
        .map(|s| (s.organisation, s))
        .collect();
    let organisations: Vec<Uuid> = of_area.keys().copied().collect();
    let posts = post::posts_of(c, community, &organisations).await?;
    let filter = HoldingFilter {
        persons: person.map(|person| vec![person]),
        posts: Some(posts.iter().map(|post| post.id).collect()),
        on: Some(day),
    };
    let holdings = post::holdings(c, community, &filter).await?;
    let names = people::names(c, community, holdings.iter().map(|h| h.appointment.person)).await?;
    let mut workers: Vec<(&str, Worker)> = Vec::new();
    for holding in &holdings {
        let person = holding.appointment.person;
        let (Some(name), Some(standing)) = (names.get(&person), of_area.get(&holding.post.organisation)) else {
            continue;
        };
        let post = titled(&standing.name, &holding.post.title);
        workers.push((standing.name.as_str(), Worker { person, name: name.name.clone(), post }));
    }
    workers.sort_by(|(a, m), (b, n)| (a, &m.post, &m.name).cmp(&(b, &n.post, &n.name)));
    Ok(workers.into_iter().map(|(_, worker)| worker).collect())
}

/// An organisation's name with a title in it; what the name ends with and the title begins with is said once:
/// 美丽园居委会, 居委会主任 → 美丽园居委会主任.
fn titled(organisation: &str, title: &str) -> String {
    let mut common = title
        .char_indices()
        .map(|(at, c)| &title[..at + c.len_utf8()])
        .filter(|beginning| beginning.chars().count() > 1 && organisation.ends_with(beginning));
    let rest = common.next_back().and_then(|twice| title.strip_prefix(twice)).unwrap_or(title);
    format!("{organisation}{rest}")
}

/// The enterprises for which the viewer may issue letters, as they stand today.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn enterprises(app: &App, who: &Viewer) -> Result<Vec<Standing>> {
    let scope = within(who)?;
    let standings = structure::standings_on(app.read(), app.community_id(), app.today()).await?;
    let mut found = Vec::new();
    for standing in standings {
        let mine = scope.as_ref().is_none_or(|(areas, own)| {
            own.contains(&standing.organisation) || standing.location.area.is_some_and(|area| areas.contains(&area))
        });
        if mine && is_enterprise(standing.kind) && standing.location.area.is_some() {
            let resource =
                Resource::Organisation { id: standing.organisation, line: &[], place: standing.location.place };
            if app.may(who, "IssueLetter", resource).await?.is_some() {
                found.push(standing);
            }
        }
        if found.len() >= OFFERED {
            break;
        }
    }
    if found.is_empty() { Err(Error::Forbidden) } else { Ok(found) }
}

/// What a form for a new letter of an enterprise offers.
///
/// # Errors
/// [`Error::NotFound`], [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn proposal(app: &App, who: &Viewer, enterprise: Uuid) -> Result<Proposal> {
    who.actor()?;
    let (c, community, today) = (app.read(), app.community_id(), app.today());
    let stands = Stands::load(app, c, enterprise).await?;
    app.authorise(who, "IssueLetter", stands.resource()).await?;
    let mut workers = posts_in(app, stands.standing.location.area, today, None).await?;
    workers.truncate(OFFERED);
    let mut seen = std::collections::HashSet::new();
    workers.retain(|worker| seen.insert(worker.person));
    Ok(Proposal { number: next_number(c, community, today).await?, enterprise: stands.standing, workers })
}

async fn next_number(c: &impl ConnectionTrait, community: Uuid, today: NaiveDate) -> Result<String> {
    let year = today.year();
    let taken = store::numbers(c, community, &format!("{PREFIX}〔{year}〕")).await?;
    let last = taken.iter().filter_map(|taken| serial(taken, PREFIX, year)).max().unwrap_or(0);
    Ok(number(PREFIX, year, last.saturating_add(1)))
}

/// Issues a letter. The enterprise is there on the day and lies in a residential area; the worker holds a post, or is a Party
/// member, in an organisation of that area on the first day.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn issue(app: &App, who: &Viewer, enterprise: Uuid, person: Option<Uuid>, form: &LetterForm) -> Result<Uuid> {
    let actor = who.actor()?;
    let community = app.community_id();
    let stands = Stands::load(app, app.read(), enterprise).await?;
    let author = Author::new(actor, app.authorise(who, "IssueLetter", stands.resource()).await?);
    let mut problems = Problems::default();
    let id = app.new_id();
    let letter = problems.gather(check_letter(form, id, (enterprise, person.unwrap_or_default()), app.today()));
    problems.require(person.is_some(), || Problem::new("person", "required"));
    let letter = problems.finish(letter)?;
    let inside = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let app = &inside;
            check_sides(app, tx, &letter).await?;
            let taken = store::numbers(tx, community, &letter.number).await?;
            if taken.contains(&letter.number) {
                return Err(Problem::new("number", "taken").into());
            }
            store::insert(tx, community, std::slice::from_ref(&letter)).await?;
            let data = json!({ "number": letter.number, "enterprise": letter.enterprise, "person": letter.person });
            app.record(tx, &author, "letter.issue", ("letter", id), &data).await?;
            Ok(id)
        })
    })
    .await
}

/// Whether the enterprise is one and there, and the worker is of the area's organisations.
async fn check_sides(app: &App, c: &impl ConnectionTrait, letter: &AppointmentLetter) -> Result<()> {
    let community = app.community_id();
    let Some(standing) = standing_on(c, community, letter.enterprise, letter.issued_on).await? else {
        return Err(Problem::new("issued_on", "not_there_on_day").with("day", letter.issued_on).into());
    };
    let mut problems = Problems::default();
    let in_area = is_enterprise(standing.kind) && standing.location.area.is_some();
    problems.require(in_area, || Problem::new("enterprise", "letter_no_enterprise"));
    let worker = people::member(c, community, letter.person).await?;
    let is_person = worker.is_some_and(|member| member.kind == MemberKind::Person);
    let day = letter.period.from;
    let belongs = is_person && belongs_to_area(c, community, letter.person, standing.location.area, day).await?;
    problems.require(belongs, || Problem::new("person", "letter_not_of_area").with("day", day));
    Ok(problems.finish(Some(()))?)
}

async fn belongs_to_area(
    c: &impl ConnectionTrait,
    community: Uuid,
    person: Uuid,
    area: Option<Uuid>,
    day: NaiveDate,
) -> Result<bool> {
    let filter = HoldingFilter { persons: Some(vec![person]), posts: None, on: Some(day) };
    let mut organisations: Vec<Uuid> =
        post::holdings(c, community, &filter).await?.into_iter().map(|h| h.post.organisation).collect();
    let memberships = party::memberships_of(c, community, &[person]).await?;
    organisations.extend(memberships.into_iter().filter(|m| m.period.contains(day)).map(|m| m.branch));
    let standings = structure::standings_of(c, community, &organisations).await?;
    Ok(standings
        .iter()
        .any(|s| s.period.contains(day) && area.is_some() && s.location.area == area && is_of_area(s.kind)))
}

/// Revokes a letter from `on` (`YYYY-MM-DD`, today when empty).
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn revoke(app: &App, who: &Viewer, id: Uuid, on: &str, reason: &str) -> Result<()> {
    let actor = who.actor()?;
    let (c, community) = (app.read(), app.community_id());
    let letter = store::letter(c, community, id).await?.ok_or(Error::NotFound)?;
    let stands = Stands::load(app, c, letter.enterprise).await?;
    let author = Author::new(actor, app.authorise(who, "RevokeLetter", stands.resource()).await?);
    let day = optional_day("on", on)?.unwrap_or_else(|| app.today());
    let (inside, reason) = (app.clone(), reason.to_owned());
    app.write(move |tx| {
        Box::pin(async move {
            let letter = store::letter(tx, community, id).await?.ok_or(Error::NotFound)?;
            let revoked = letter.revoke(day, &reason)?;
            store::save(tx, community, &revoked).await?;
            let data = json!({ "number": revoked.number, "on": day, "reason": revoked.revoked.as_ref().map(|r| &r.1) });
            inside.record(tx, &author, "letter.revoke", ("letter", id), &data).await
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::titled;

    #[test]
    fn what_name_and_title_share_is_said_once() {
        assert_eq!(titled("美丽园居委会", "居委会主任"), "美丽园居委会主任");
        assert_eq!(titled("愚谷居民区党总支", "党总支书记"), "愚谷居民区党总支书记");
        assert_eq!(titled("美丽园社工站", "站长"), "美丽园社工站站长");
    }
}
