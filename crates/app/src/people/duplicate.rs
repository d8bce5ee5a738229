//! Members who may be one: asked before somebody is added, and listed for who looks after an area. A person decides.

use std::collections::HashMap;

use chrono::Datelike;
use serde_json::json;
use tongxin_core::{
    invalid::Problem,
    people::{
        MemberDetails, MemberKind,
        duplicate::{Suspicion, compare, short_name},
    },
};
use tongxin_store::{Paged, Slice, people as people_store, people::duplicate as store};
use uuid::Uuid;

use super::{Member, hide_contacts};
use crate::{App, Error, Result, Viewer, policy::Resource, record::Author, search};

/// The most suspects that are shown for one member.
const SHOWN: usize = 8;
/// The most members with one thing in common that are compared with each other.
const GROUP: usize = 40;

/// A member who may be the one that is being added.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// The member; contacts are left out for viewers who may not see them.
    pub member: Member,
    /// The year of birth of a person, which tells most persons of one name apart.
    pub birth_year: Option<i32>,
    /// Whether the contacts are shown.
    pub sees_contacts: bool,
    /// How alike they are, and why.
    pub suspicion: Suspicion,
}

/// Two members who may be one.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The one that has been there for longer.
    pub one: Member,
    /// The other.
    pub other: Member,
    /// How alike they are, and why.
    pub suspicion: Suspicion,
}

/// A page of suspected pairs.
#[derive(Debug, Clone)]
pub struct Pairs {
    /// The pairs of the page.
    pub page: Paged<Pair>,
    /// Whether so many members have something in common that not all of them were compared.
    pub more: bool,
}

/// What a use case on a member is done to: an organisation is judged by its place, whatever line it stands in.
pub(super) fn resource(member: &Member) -> Resource<'_> {
    match member.kind {
        MemberKind::Person => Resource::Member(member.id, member.location),
        MemberKind::Organisation => Resource::Organisation { id: member.id, line: &[], place: member.location.place },
    }
}

async fn suspects(app: &App, who: &Viewer, new: &Member) -> Result<Vec<Suspect>> {
    let is_organisation = new.kind == MemberKind::Organisation;
    let tokens = is_organisation.then(|| search::query_tokens(&short_name(&new.draft.name))).flatten();
    let alike = store::alike(app.read(), app.community_id(), new, tokens.as_deref()).await?;
    let traits = new.traits();
    let mut found: Vec<(Suspicion, Member)> =
        alike.into_iter().filter_map(|member| Some((compare(&traits, &member.traits())?, member))).collect();
    found.sort_by(|(a, m), (b, n)| b.weight.cmp(&a.weight).then_with(|| m.id.cmp(&n.id)));
    let mut suspects = Vec::new();
    for (suspicion, mut member) in found.into_iter().take(SHOWN) {
        let birth_year = match member.draft.details {
            MemberDetails::Person { birth_date, .. } => birth_date.map(|day| day.year()),
            MemberDetails::Organisation { .. } => None,
        };
        let seen = Resource::Member(member.id, member.location);
        let sees_contacts = app.may(who, "ViewContacts", seen).await?.is_some();
        if !sees_contacts {
            hide_contacts(&mut member.draft);
        }
        suspects.push(Suspect { member, birth_year, sees_contacts, suspicion });
    }
    Ok(suspects)
}

/// Asks before `new` is added: whom it may be, unless who adds it says that it is another.
///
/// # Errors
/// [`Error::Suspected`].
pub(crate) async fn ask_first(app: &App, who: &Viewer, new: &Member, confirmed: bool) -> Result<()> {
    if confirmed {
        return Ok(());
    }
    let suspects = suspects(app, who, new).await?;
    if suspects.is_empty() { Ok(()) } else { Err(Error::Suspected(suspects)) }
}

/// Pairs of members who may be one, the likeliest first, of a place or of all that the viewer looks after. Both of a pair are
/// within it. Those that somebody told apart are left out.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn list(app: &App, who: &Viewer, place: Option<Uuid>, slice: Slice) -> Result<Pairs> {
    let areas = app.areas_for(who, "ViewDuplicates", place).await?;
    let (c, community) = (app.read(), app.community_id());
    let (groups, more) = store::groups(c, community, areas.as_deref()).await?;
    let apart = store::told_apart(c, community).await?;
    let mut pairs: HashMap<(Uuid, Uuid), Pair> = HashMap::new();
    for group in &groups {
        let group = &group[..group.len().min(GROUP)];
        for (at, a) in group.iter().enumerate() {
            for b in &group[at + 1..] {
                let (one, other) = if a.id <= b.id { (a, b) } else { (b, a) };
                let key = (one.id, other.id);
                if apart.contains(&key) || pairs.contains_key(&key) {
                    continue;
                }
                if let Some(suspicion) = compare(&one.traits(), &other.traits()) {
                    pairs.insert(key, Pair { one: one.clone(), other: other.clone(), suspicion });
                }
            }
        }
    }
    let mut pairs: Vec<Pair> = pairs.into_values().collect();
    pairs.sort_by(|a, b| {
        let key = |pair: &Pair| (pair.one.sort_key.clone(), pair.one.id, pair.other.id);
        b.suspicion.weight.cmp(&a.suspicion.weight).then_with(|| key(a).cmp(&key(b)))
    });
    let total = pairs.len() as u64;
    let from = usize::try_from(slice.offset).unwrap_or(usize::MAX);
    let rows = pairs.into_iter().skip(from).take(usize::try_from(slice.limit).unwrap_or(usize::MAX)).collect();
    Ok(Pairs { page: Paged { rows, total }, more })
}

/// The two members of a pair, of one kind, for a viewer who may do `action` to both; with the capacity in which it acts.
pub(super) async fn two(
    app: &App,
    who: &Viewer,
    action: &str,
    (a, b): (Uuid, Uuid),
) -> Result<(Member, Member, Author)> {
    let actor = who.actor()?;
    let load = async |id| people_store::member(app.read(), app.community_id(), id).await?.ok_or(Error::NotFound);
    let (one, other) = (load(a).await?, load(b).await?);
    app.authorise(who, action, resource(&other)).await?;
    let capacity = app.authorise(who, action, resource(&one)).await?;
    if one.id == other.id || one.kind != other.kind {
        return Err(Problem::new("merge", "merge_not_alike").into());
    }
    Ok((one, other, Author::new(actor, capacity)))
}

/// Remembers that two members are two, for who may merge them; they are not suspected again.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn tell_apart(app: &App, who: &Viewer, a: Uuid, b: Uuid) -> Result<()> {
    let (one, other, author) = two(app, who, "MergeMembers", (a, b)).await?;
    let data = json!({ "names": [one.draft.name, other.draft.name], "other": other.id });
    let record = app.new_record(&author, "member.tell_apart", "member", one.id, &data);
    let community = app.community_id();
    app.write(move |tx| {
        Box::pin(async move {
            store::tell_apart(tx, community, a, b).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await
}
