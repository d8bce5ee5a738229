//! Needs and offers: hand in, look at, edit, withdraw, reopen.

use std::collections::HashMap;

use serde_json::json;
use tongxin_core::{
    invalid::{Problem, Problems},
    service::{Category, Intent, IntentForm, IntentState, Side, intent},
};
pub use tongxin_store::service::{
    Sight,
    intents::{IntentFilter, IntentSort},
};
use tongxin_store::{Paged, Slice, Tx, people::Name, service::intents as store, service::matches::MatchFilter};
use uuid::Uuid;

use super::matches::{MatchCard, cards};
use crate::{
    App, Error, Result, Viewer,
    kept::{Kept, LARGE},
    policy::Resource,
    record::Author,
    search,
};

/// A need or an offer in a list.
#[derive(Debug, Clone)]
pub struct IntentCard {
    /// The need or offer.
    pub intent: Intent,
    /// Whose it is; for a guest, a person's name is left out.
    pub member: Option<Name>,
    /// Its place, with the residential area.
    pub place: String,
}

/// A need's or offer's page.
#[derive(Debug, Clone)]
pub struct IntentView {
    /// The need or offer, its member and place.
    pub card: IntentCard,
    /// Whether the viewer may edit, withdraw or reopen it.
    pub may_edit: bool,
    /// Whether the viewer may propose a match for it from either side's list.
    pub may_propose: bool,
    /// Its matches, for those who may edit it.
    pub matches: Vec<MatchCard>,
}

/// Puts members and places beside needs and offers.
pub(crate) async fn with_names(app: &App, who: &Viewer, intents: Vec<Intent>) -> Result<Vec<IntentCard>> {
    let territory = app.territory().await?;
    let names = tongxin_store::people::names(app.read(), app.community_id(), intents.iter().map(|i| i.member)).await?;
    let guest = matches!(who, Viewer::Guest);
    let card = |intent: Intent| {
        let name = names.get(&intent.member).cloned();
        let hidden = guest && name.as_ref().is_some_and(|n| n.kind == tongxin_core::people::MemberKind::Person);
        IntentCard { place: territory.full_name(intent.location.place), member: name.filter(|_| !hidden), intent }
    };
    Ok(intents.into_iter().map(card).collect())
}

/// Needs or offers that the viewer may see. The filter's sight is set here.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, who: &Viewer, mut filter: IntentFilter, slice: Slice) -> Result<Paged<IntentCard>> {
    filter.sight = app.sight(who);
    let rows = store::rows(app.read(), app.community_id(), &filter, slice).await?;
    Ok(Paged { total: total(app, filter, slice, rows.len()).await?, rows: with_names(app, who, rows).await? })
}

/// Counts of needs and offers that are kept for a minute; see [`crate::kept`].
#[derive(Default)]
pub(crate) struct KeptCounts {
    lists: Kept<(IntentFilter, u64), u64>,
    by_category: Kept<(Side, Sight), HashMap<Category, i64>>,
}

/// How many rows the filter leaves in all; not counted when the slice shows the end of the list. What the viewer shares with others
/// is counted once for all of them.
async fn total(app: &App, mut filter: IntentFilter, slice: Slice, shown: usize) -> Result<u64> {
    let shown = u64::try_from(shown).unwrap_or(u64::MAX);
    if shown > 0 && shown < slice.limit {
        return Ok(slice.offset + shown);
    }
    let most = slice.offset + tongxin_store::service::COUNT_BEYOND;
    let (shared, own) = filter.sight.shared_and_own();
    filter.sight = shared;
    let counted = filter.clone();
    let compute = async { Ok(store::count(app.read(), app.community_id(), &counted, slice).await?) };
    let is_many = |total: &u64| if *total >= most { LARGE } else { 0 };
    let total = app.0.counts.lists.get(app, (filter.clone(), slice.offset), is_many, compute).await?.value;
    match own {
        Some(sight) if total < most => {
            let own = store::count(app.read(), app.community_id(), &IntentFilter { sight, ..filter }, slice).await?;
            Ok(most.min(total + own))
        }
        _ => Ok(total),
    }
}

/// How many open needs or offers of each category the viewer may see.
///
/// # Errors
/// The store's.
pub async fn open_by_category(app: &App, who: &Viewer, side: Side) -> Result<HashMap<Category, i64>> {
    let count = async |sight| Ok(store::open_by_category(app.read(), app.community_id(), side, &sight).await?);
    let (shared, own) = app.sight(who).shared_and_own();
    let all = |counts: &HashMap<Category, i64>| counts.values().sum();
    let kept = app.0.counts.by_category.get(app, (side, shared.clone()), all, count(shared)).await?;
    let mut counts = kept.value;
    if let Some(own) = own {
        for (category, more) in count(own).await? {
            *counts.entry(category).or_default() += more;
        }
    }
    Ok(counts)
}

/// How many open needs or offers of each place the viewer may see.
///
/// # Errors
/// The store's.
pub async fn open_by_place(app: &App, who: &Viewer, side: Side) -> Result<HashMap<Uuid, i64>> {
    Ok(store::open_by_place(app.read(), app.community_id(), side, &app.sight(who)).await?)
}

/// A need's or offer's page. One that the viewer may not see is as good as not there.
///
/// # Errors
/// [`Error::NotFound`], [`Error::SignInFirst`] for a guest.
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<IntentView> {
    let (c, community) = (app.read(), app.community_id());
    let intent = store::intent(c, community, id).await?.ok_or(Error::NotFound)?;
    let resource = Resource::Intent(&intent);
    if app.may(who, "ViewIntent", resource).await?.is_none() {
        return Err(if matches!(who, Viewer::Guest) { Error::SignInFirst } else { Error::NotFound });
    }
    let may_edit = app.may(who, "EditIntent", resource).await?.is_some();
    let may_propose = app.may(who, "ProposeMatch", resource).await?.is_some();
    let matches = if may_edit {
        let filter = MatchFilter { intent: Some(id), ..MatchFilter::default() };
        let found =
            tongxin_store::service::matches::list(c, community, &filter, Slice { offset: 0, limit: 100 }).await?;
        cards(app, found.rows).await?
    } else {
        Vec::new()
    };
    let card = with_names(app, who, vec![intent]).await?.pop().ok_or(Error::NotFound)?;
    Ok(IntentView { card, may_edit, may_propose, matches })
}

/// Hands in a need or an offer for `member`, at `place` or where the member is.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Forbidden`].
pub async fn create(
    app: &App,
    who: &Viewer,
    side: Side,
    member: Option<Uuid>,
    place: Option<Uuid>,
    form: &IntentForm,
) -> Result<Uuid> {
    let (intent, author) = check_new(app, who, side, member, place, form).await?;
    let id = intent.id;
    let app_in_tx = app.clone();
    app.write(move |tx| Box::pin(async move { app_in_tx.insert_intent(tx, intent, &author).await })).await?;
    Ok(id)
}

/// Checks a new need or offer and who hands it in.
pub(crate) async fn check_new(
    app: &App,
    who: &Viewer,
    side: Side,
    member: Option<Uuid>,
    place: Option<Uuid>,
    form: &IntentForm,
) -> Result<(Intent, Author)> {
    let actor = who.actor()?;
    let mut problems = Problems::default();
    let member = member.unwrap_or(actor.person);
    let known = tongxin_store::people::member(app.read(), app.community_id(), member).await?;
    let Some(known) = known else { return Err(Problem::new("member", "unknown_choice").into()) };
    let capacity = app.authorise(who, "CreateIntent", Resource::Member(member, known.location)).await?;
    let territory = app.territory().await?;
    let location = problems.take(territory.chosen(place.or(Some(known.location.place))));
    let draft = problems.gather(intent::check(side, form, app.zone(), Some(app.now())));
    let (location, draft) = problems.finish(location.zip(draft))?;
    let now = app.now();
    let intent = Intent {
        id: app.new_id(),
        side,
        member,
        entered_by: Some(actor.account),
        location,
        draft,
        committed: 0,
        fulfilled: 0,
        state: IntentState::Open,
        created_at: now,
        updated_at: now,
    };
    Ok((intent, Author::new(actor, capacity)))
}

impl App {
    /// Stores a checked need or offer with its search tokens and its record.
    pub(crate) async fn insert_intent(&self, tx: &Tx, intent: Intent, author: &Author) -> Result<()> {
        let community = self.community_id();
        let (id, kind) = (intent.id, intent.side.code());
        let tokens = tokens(&intent);
        let data = json!({ "member": intent.member, "category": intent.draft.category, "title": intent.draft.title, "quantity": intent.draft.quantity });
        store::insert(tx, community, vec![(intent, None)]).await?;
        tongxin_store::search::index(tx, community, kind, id, &tokens).await?;
        self.record(tx, author, &format!("{kind}.create"), (kind, id), &data).await
    }

    /// Loads a need or an offer within a transaction.
    pub(crate) async fn intent_in(&self, tx: &Tx, id: Uuid) -> Result<Intent> {
        store::intent(tx, self.community_id(), id).await?.ok_or(Error::NotFound)
    }
}

fn tokens(intent: &Intent) -> String {
    search::index_tokens(&format!("{} {}", intent.draft.title, intent.draft.text))
}

async fn authorise_edit(app: &App, who: &Viewer, id: Uuid) -> Result<(Intent, Author)> {
    let intent = store::intent(app.read(), app.community_id(), id).await?.ok_or(Error::NotFound)?;
    let capacity = app.authorise(who, "EditIntent", Resource::Intent(&intent)).await?;
    Ok((intent, Author::new(who.actor()?, capacity)))
}

/// Says something else in a need or an offer.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Refused`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn edit(app: &App, who: &Viewer, id: Uuid, place: Option<Uuid>, form: &IntentForm) -> Result<()> {
    let (before, author) = authorise_edit(app, who, id).await?;
    let territory = app.territory().await?;
    let mut problems = Problems::default();
    let location = problems.take(territory.chosen(place.or(Some(before.location.place))));
    let draft = problems.gather(intent::check(before.side, form, app.zone(), Some(app.now())));
    let (location, draft) = problems.finish(location.zip(draft))?;
    let (app_in_tx, now) = (app.clone(), app.now());
    app.write(move |tx| {
        Box::pin(async move {
            let community = app_in_tx.community_id();
            let mut intent = app_in_tx.intent_in(tx, id).await?;
            let old = intent.draft.clone();
            intent.edit(draft, now)?;
            intent.location = location;
            store::save(tx, community, &intent).await?;
            let kind = intent.side.code();
            tongxin_store::search::index(tx, community, kind, id, &tokens(&intent)).await?;
            let data = json!({ "before": old, "after": intent.draft });
            app_in_tx.record(tx, &author, &format!("{kind}.edit"), (kind, id), &data).await
        })
    })
    .await
}

/// Takes a need or an offer back.
///
/// # Errors
/// [`Error::Refused`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn withdraw(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    step(app, who, id, "withdraw", Intent::withdraw).await
}

/// Opens a withdrawn or expired need or offer again.
///
/// # Errors
/// [`Error::Refused`], [`Error::Forbidden`], [`Error::NotFound`].
pub async fn reopen(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    step(app, who, id, "reopen", Intent::reopen).await
}

type Step = fn(&mut Intent, chrono::DateTime<chrono::Utc>) -> std::result::Result<(), intent::Refused>;

async fn step(app: &App, who: &Viewer, id: Uuid, verb: &'static str, step: Step) -> Result<()> {
    let (_, author) = authorise_edit(app, who, id).await?;
    let (app_in_tx, now) = (app.clone(), app.now());
    app.write(move |tx| {
        Box::pin(async move {
            let mut intent = app_in_tx.intent_in(tx, id).await?;
            step(&mut intent, now)?;
            store::save(tx, app_in_tx.community_id(), &intent).await?;
            let kind = intent.side.code();
            app_in_tx.record(tx, &author, &format!("{kind}.{verb}"), (kind, id), &json!({})).await
        })
    })
    .await
}
