//! Members: persons and organisations, their pages and their balance of giving and receiving (S1, S3).

pub mod duplicate;
pub mod merge;
pub mod party;

use serde_json::json;
use tongxin_core::{
    invalid::{Problem, Problems},
    people::{CareGroup, MemberDetails, MemberDraft, MemberForm, MemberKind, check_member, check_staff_count},
    record::Record,
    service::MatchState,
};
pub use tongxin_store::people::{Balance, Member, MemberFilter};
use tongxin_store::{Paged, Slice, people as store, record::RecordFilter, service::matches::MatchFilter};
use uuid::Uuid;

use crate::{
    App, Error, Result, Viewer,
    community::standing,
    policy::Resource,
    record::Author,
    search,
    service::matches::{MatchCard, cards},
};

/// A member's page.
#[derive(Debug, Clone)]
pub struct MemberView {
    /// The member; contacts are left out for viewers who may not see them.
    pub member: Member,
    /// The care groups; none for viewers who may not see them.
    pub care_groups: Option<Vec<CareGroup>>,
    /// Whether the contacts are shown.
    pub sees_contacts: bool,
    /// Whether the viewer may read its care groups.
    pub may_see_care_groups: bool,
    /// Whether the viewer may change its care groups.
    pub may_edit_care_groups: bool,
    /// Whether the viewer may edit it.
    pub may_edit: bool,
    /// Whether the viewer may hand in a need or an offer for it.
    pub may_request: bool,
    /// How many employees an organisation has, when it is known.
    pub staff_count: Option<i64>,
    /// Open matters, for viewers who see its contacts: the newest first.
    pub open_matters: Vec<MatchCard>,
    /// What ended, for the same viewers: the newest first.
    pub past: Vec<MatchCard>,
}

/// Members by name. Contacts are left out for viewers who may not see them; filtering by care group is only for staff, within their areas, and recorded.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn list(app: &App, who: &Viewer, mut filter: MemberFilter, slice: Slice) -> Result<Paged<Member>> {
    let actor = who.actor()?;
    filter.there_on = Some(app.today());
    if let Some(group) = filter.care_group {
        use tongxin_core::community::post::Duty::{Secretary, SocialWorker};
        let areas: Vec<Uuid> = [SocialWorker, Secretary].into_iter().flat_map(|duty| actor.places_of(duty)).collect();
        let first = *areas.first().ok_or(Error::Forbidden)?;
        let duty = if actor.places_of(SocialWorker).next().is_some() { SocialWorker } else { Secretary };
        filter.within = Some(areas);
        let author = Author::of(actor.account, crate::policy::Capacity::new(duty.code()));
        look(app, &author, "place", first, &json!({ "care_group": group })).await?;
    }
    let mut page = store::list(app.read(), app.community_id(), &filter, slice).await?;
    let (staffed, own) = (actor.staff_places(), actor.members());
    let sees_contacts = |m: &Member| {
        actor.is_subdistrict()
            || own.contains(&m.id)
            || staffed.contains(&m.location.place)
            || m.location.area.is_some_and(|area| staffed.contains(&area))
    };
    for member in &mut page.rows {
        if !sees_contacts(member) {
            hide_contacts(&mut member.draft);
        }
    }
    Ok(page)
}

async fn look(app: &App, author: &Author, kind: &str, subject: Uuid, data: &serde_json::Value) -> Result<()> {
    let record = app.new_record(author, "sensitive.look", kind, subject, data);
    let community = app.community_id();
    app.write(move |tx| Box::pin(async move { Ok(tongxin_store::record::append(tx, community, vec![record]).await?) }))
        .await
}

/// A look at somebody's sensitive data.
#[derive(Debug, Clone)]
pub struct Look {
    /// Its record.
    pub record: Record,
    /// The name of who looked.
    pub by: Option<String>,
}

impl Look {
    /// The reason that was given, if any.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let data: serde_json::Value = serde_json::from_str(&self.record.data).ok()?;
        data.get("reason")?.as_str().map(str::to_owned)
    }
}

/// Who looked at the viewer's own sensitive data, newest first (PIPL: a look is shown to the person).
///
/// # Errors
/// [`Error::SignInFirst`] and the store's.
pub async fn looks_at_me(app: &App, who: &Viewer, slice: Slice) -> Result<Paged<Look>> {
    let (c, community) = (app.read(), app.community_id());
    let subject = Some(who.actor()?.person);
    let filter = RecordFilter { subject, action: Some("sensitive.look".to_owned()), account: None };
    let found = tongxin_store::record::list(c, community, &filter, slice).await?;
    let accounts = found.rows.iter().filter_map(|record| record.account);
    let persons = tongxin_store::identity::persons(c, community, accounts).await?;
    let names = store::names(c, community, persons.values().copied()).await?;
    let name = |account: Uuid| Some(names.get(persons.get(&account)?)?.name.clone());
    let look = |record: Record| Look { by: record.account.and_then(name), record };
    Ok(Paged { rows: found.rows.into_iter().map(look).collect(), total: found.total })
}

fn hide_contacts(draft: &mut MemberDraft) {
    draft.phone = None;
    draft.email = None;
    match &mut draft.details {
        MemberDetails::Person { birth_date, sex, retired, registered, .. } => {
            (*birth_date, *sex, *retired, *registered) = (None, None, false, false);
        }
        MemberDetails::Organisation { contact, .. } => *contact = None,
    }
}

/// A member's page. With `sensitive`, its care groups are read too, and the look is recorded.
///
/// # Errors
/// [`Error::NotFound`], [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn show(app: &App, who: &Viewer, id: Uuid, sensitive: bool) -> Result<MemberView> {
    let (c, community) = (app.read(), app.community_id());
    let actor = who.actor()?;
    let mut member = store::member(c, community, id).await?.ok_or(Error::NotFound)?;
    let resource = Resource::Member(id, member.location);
    app.authorise(who, "ViewMember", resource).await?;
    let sees_contacts = app.may(who, "ViewContacts", resource).await?.is_some();
    let mut care_groups = None;
    if let (true, MemberKind::Person, Some(capacity)) =
        (sensitive, member.kind, app.may(who, "ViewSensitive", resource).await?)
    {
        care_groups = Some(store::care_groups(c, community, &[id]).await?.remove(&id).unwrap_or_default());
        if actor.person != id {
            look(app, &Author::new(actor, capacity), "member", id, &json!({ "what": "care_groups" })).await?;
        }
    }
    let (mut open_matters, mut past) = (Vec::new(), Vec::new());
    if sees_contacts {
        let filter = MatchFilter { members: Some(vec![id]), ..MatchFilter::default() };
        let found =
            tongxin_store::service::matches::list(c, community, &filter, Slice { offset: 0, limit: 100 }).await?;
        (open_matters, past) =
            cards(app, found.rows).await?.into_iter().partition(|card| card.stored.life.state.is_live());
        past.retain(|card| card.stored.life.state != MatchState::Declined);
    } else {
        hide_contacts(&mut member.draft);
    }
    Ok(MemberView {
        care_groups,
        sees_contacts,
        may_see_care_groups: member.kind == MemberKind::Person
            && app.may(who, "ViewSensitive", resource).await?.is_some(),
        may_edit_care_groups: member.kind == MemberKind::Person
            && app.may(who, "EditSensitive", resource).await?.is_some(),
        may_edit: app.may(who, "EditMember", resource).await?.is_some(),
        may_request: app.may(who, "CreateIntent", resource).await?.is_some(),
        staff_count: store::staff_count(c, community, id).await?,
        open_matters,
        past,
        member,
    })
}

/// The number of employees that a form states, of an organisation.
fn staff_count(kind: MemberKind, form: &MemberForm) -> Result<Option<i64>, Problem> {
    match kind {
        MemberKind::Person => Ok(None),
        MemberKind::Organisation => check_staff_count(&form.staff_count),
    }
}

/// The member that was kept when this one was merged into another, for a signed-in viewer.
///
/// # Errors
/// [`Error::SignInFirst`].
pub async fn merged_into(app: &App, who: &Viewer, id: Uuid) -> Result<Option<Uuid>> {
    who.actor()?;
    Ok(store::merged_into(app.read(), app.community_id(), id).await?)
}

/// Whether the viewer may add members at a place, or anywhere when none is given.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn may_create(app: &App, who: &Viewer, place: Option<Uuid>) -> Result<()> {
    match app.territory().await?.chosen(place) {
        Ok(location) => app.authorise(who, "CreateMember", Resource::Place(location.place)).await.map(|_| ()),
        Err(_) if who.actor()?.is_staff() => Ok(()),
        Err(_) => Err(Error::Forbidden),
    }
}

/// Adds a member.
///
/// # Errors
/// [`Error::Suspected`] when it may be there already, [`Error::Invalid`]; [`Error::Forbidden`].
pub async fn create(app: &App, who: &Viewer, kind: MemberKind, place: Option<Uuid>, form: &MemberForm) -> Result<Uuid> {
    let mut problems = Problems::default();
    let location = problems.take(app.territory().await?.chosen(place));
    let capacity = match location {
        Some(location) => Some(app.authorise(who, "CreateMember", Resource::Place(location.place)).await?),
        None if who.actor()?.is_staff() => None,
        None => return Err(Error::Forbidden),
    };
    let draft = problems.gather(check_member(kind, form, app.today()));
    let staff = problems.take(staff_count(kind, form));
    let (((location, capacity), draft), staff) = problems.finish(location.zip(capacity).zip(draft).zip(staff))?;
    let author = Author::new(who.actor()?, capacity);
    let member = Member {
        id: app.new_id(),
        code: None,
        kind,
        sort_key: search::sort_key(&draft.name),
        draft,
        location,
        balance: Balance::default(),
    };
    duplicate::ask_first(app, who, &member, form.confirmed_new).await?;
    let id = member.id;
    let record =
        app.new_record(&author, "member.create", "member", id, &json!({ "kind": kind, "name": member.draft.name }));
    let (community, now_ms) = (app.community_id(), app.now().timestamp_millis());
    app.write(move |tx| {
        Box::pin(async move {
            store::insert(tx, community, std::slice::from_ref(&member), now_ms).await?;
            if staff.is_some() {
                store::set_staff_count(tx, community, id, staff).await?;
            }
            tongxin_store::search::index(tx, community, "member", id, &search::name_tokens(&member.draft.name)).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await?;
    Ok(id)
}

/// Changes a member. Care groups change only for those who may see them; to move it, one must be allowed to add members at
/// the new place too.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn edit(app: &App, who: &Viewer, id: Uuid, place: Option<Uuid>, form: &MemberForm) -> Result<()> {
    let community = app.community_id();
    let before = store::member(app.read(), community, id).await?.ok_or(Error::NotFound)?;
    let resource = Resource::Member(id, before.location);
    let capacity = app.authorise(who, "EditMember", resource).await?;
    let sensitive = app.may(who, "EditSensitive", resource).await?.is_some();
    let author = Author::new(who.actor()?, capacity);
    let mut problems = Problems::default();
    let location = problems.take(app.territory().await?.chosen(place.or(Some(before.location.place))));
    let draft = problems.gather(check_member(before.kind, form, app.today()));
    let staff = problems.take(staff_count(before.kind, form));
    let ((location, draft), staff) = problems.finish(location.zip(draft).zip(staff))?;
    if location != before.location {
        app.authorise(who, "CreateMember", Resource::Place(location.place)).await?;
    }
    let name = draft.name.clone();
    let member = Member { sort_key: search::sort_key(&name), draft, location, ..before.clone() };
    let data = json!({ "name": [before.draft.name, name], "place": [before.location.place, location.place], "care_groups_changed": sensitive });
    let record = app.new_record(&author, "member.edit", "member", id, &data);
    let (now_ms, inside) = (app.now().timestamp_millis(), app.clone());
    app.write(move |tx| {
        Box::pin(async move {
            store::save(tx, community, &member, sensitive, now_ms).await?;
            store::set_staff_count(tx, community, id, staff).await?;
            standing::follow_member(&inside, tx, &member).await?;
            tongxin_store::search::index(tx, community, "member", id, &search::name_tokens(&name)).await?;
            Ok(tongxin_store::record::append(tx, community, vec![record]).await?)
        })
    })
    .await
}

/// The most members that [`choose`] finds.
pub const CHOICES: usize = 20;

/// The members for whom the viewer may hand something in, by a part of the name: for choosing on a form, at most
/// [`CHOICES`]. Without a name, or for who holds no post as staff, those for whom it acts itself.
///
/// # Errors
/// [`Error::SignInFirst`].
pub async fn choose(app: &App, who: &Viewer, part: &str) -> Result<Vec<Member>> {
    let actor = who.actor()?;
    let territory = app.territory().await?;
    let there_on = Some(app.today());
    let mut filter = MemberFilter { tokens: search::query_tokens(part), there_on, ..MemberFilter::default() };
    if part.trim().is_empty() || !actor.is_staff() {
        let mut own = Vec::new();
        for id in actor.members() {
            own.extend(store::member(app.read(), app.community_id(), id).await?);
        }
        return Ok(own);
    }
    if filter.tokens.is_none() {
        return Ok(Vec::new());
    }
    if !actor.staff_places().contains(&territory.root()) {
        filter.within = Some(actor.staff_places());
    }
    Ok(store::list(app.read(), app.community_id(), &filter, Slice { offset: 0, limit: CHOICES as u64 }).await?.rows)
}

/// The names of these members, for a signed-in viewer.
///
/// # Errors
/// [`Error::SignInFirst`].
pub async fn names(
    app: &App,
    who: &Viewer,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<std::collections::HashMap<Uuid, String>> {
    who.actor()?;
    let names = store::names(app.read(), app.community_id(), ids).await?;
    Ok(names.into_iter().map(|(id, name)| (id, name.name)).collect())
}
