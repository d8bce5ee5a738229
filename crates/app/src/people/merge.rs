//! Merging two members that are one, and putting it back: each in one transaction, with everything that hung on either.

use std::collections::BTreeMap;

use serde_json::json;
use tongxin_core::{
    community::{history::History, structure::Standing},
    invalid::{Problem, Problems},
    people::{
        MemberKind,
        duplicate::{Suspicion, compare},
        merge::{Fields, MergeField, Obstacle, doubled, merged_set_ups},
    },
};
pub use tongxin_store::people::merge::Merge;
use tongxin_store::{
    Paged, Slice, Tx,
    community::{
        post::{self, HoldingFilter},
        structure,
    },
    people::{self as people_store, Balance, merge as store, party},
};
use uuid::Uuid;

use super::{Member, duplicate};
use crate::{App, Error, Result, Viewer, community::standing, record::Author, search};

/// One of two members that are looked at side by side.
#[derive(Debug, Clone)]
pub struct Side {
    /// The member.
    pub member: Member,
    /// What merging chooses of it.
    pub fields: Fields,
    /// How much hangs on it, by table.
    pub hangs: BTreeMap<&'static str, u64>,
}

/// Two members side by side.
#[derive(Debug, Clone)]
pub struct SideBySide {
    /// The one.
    pub one: Side,
    /// The other.
    pub other: Side,
    /// How alike they are, and why; none when nothing suggests that they are one.
    pub suspicion: Option<Suspicion>,
    /// What forbids to merge them.
    pub obstacles: Vec<Problem>,
    /// Whether the viewer may merge them.
    pub may_merge: bool,
}

/// A merge with the names of both.
#[derive(Debug, Clone)]
pub struct MergeView {
    /// The merge.
    pub merge: Merge,
    /// The name of the member that was kept.
    pub kept: String,
    /// The name of the member that went, as it was.
    pub gone: String,
    /// The name of who merged.
    pub by: Option<String>,
}

/// Two members side by side, for who looks after the places of both.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`]; [`Error::Invalid`] for a person and an organisation.
pub async fn side_by_side(app: &App, who: &Viewer, a: Uuid, b: Uuid) -> Result<SideBySide> {
    let (one, other, _) = duplicate::two(app, who, "ViewDuplicates", (a, b)).await?;
    let (c, community) = (app.read(), app.community_id());
    let mut sides = Vec::new();
    let suspicion = compare(&one.traits(), &other.traits());
    let obstacles = obstacles(app, c, &one, &other).await?;
    let may = async |member: &Member| app.may(who, "MergeMembers", duplicate::resource(member)).await;
    let may_merge = may(&one).await?.is_some() && may(&other).await?.is_some();
    for member in [one, other] {
        let (fields, _) = store::fields(c, community, member.id).await?.ok_or(Error::NotFound)?;
        sides.push(Side { hangs: store::hangs(c, community, member.id).await?, fields, member });
    }
    let (Some(other), Some(one)) = (sides.pop(), sides.pop()) else { return Err(Error::NotFound) };
    Ok(SideBySide { one, other, suspicion, obstacles, may_merge })
}

/// What forbids to merge two members: the stored facts, and days that would be twice.
async fn obstacles(
    app: &App,
    c: &impl tongxin_store::ConnectionTrait,
    kept: &Member,
    gone: &Member,
) -> Result<Vec<Problem>> {
    let community = app.community_id();
    let found = store::obstacles(c, community, kept.id, gone.id).await?;
    let mut problems: Vec<Problem> = found.into_iter().map(|obstacle| Problem::new("merge", obstacle.code())).collect();
    if kept.kind == MemberKind::Organisation {
        return Ok(problems);
    }
    let filter = HoldingFilter { persons: Some(vec![kept.id, gone.id]), ..HoldingFilter::default() };
    let holdings = post::holdings(c, community, &filter).await?;
    let of = |person: Uuid| -> Vec<_> {
        let own = holdings.iter().filter(|held| held.appointment.person == person);
        own.map(|held| (held.post.id, held.appointment.period)).collect()
    };
    if let Some(twice) = doubled(&of(kept.id), &of(gone.id)) {
        let title = holdings.iter().find(|held| held.post.id == twice).map(|held| held.post.title.clone());
        problems.push(Problem::new("merge", Obstacle::SamePost.code()).with("post", title.unwrap_or_default()));
    }
    let memberships = party::memberships_of(c, community, &[kept.id, gone.id]).await?;
    let whole = |person: Uuid| -> Vec<_> {
        memberships.iter().filter(|m| m.person == person && m.is_whole()).map(|m| ((), m.period)).collect()
    };
    if doubled(&whole(kept.id), &whole(gone.id)).is_some() {
        problems.push(Problem::new("merge", Obstacle::TwoHomes.code()));
    }
    let branches = |person: Uuid| -> Vec<_> {
        memberships.iter().filter(|m| m.person == person && !m.is_whole()).map(|m| (m.branch, m.period)).collect()
    };
    if doubled(&branches(kept.id), &branches(gone.id)).is_some() {
        problems.push(Problem::new("merge", Obstacle::SameRegistration.code()));
    }
    Ok(problems)
}

/// Whether the viewer may merge two members.
///
/// # Errors
/// As [`merge`], of the right.
pub async fn may_merge(app: &App, who: &Viewer, a: Uuid, b: Uuid) -> Result<()> {
    duplicate::two(app, who, "MergeMembers", (a, b)).await.map(|_| ())
}

/// Merges `gone` into `kept`: of the fields in `from_gone` what the one that goes says is kept. Everything that hung on it moves.
/// Its row stays, marked; nothing is deleted, and [`undo`] puts all of it back.
///
/// # Errors
/// [`Error::Invalid`] with what forbids it; [`Error::NotFound`], [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn merge(app: &App, who: &Viewer, kept: Uuid, gone: Uuid, from_gone: &[MergeField]) -> Result<Uuid> {
    let (_, _, author) = duplicate::two(app, who, "MergeMembers", (kept, gone)).await?;
    let (id, inside, from_gone) = (app.new_id(), app.clone(), from_gone.to_vec());
    app.write(move |tx| {
        Box::pin(async move {
            let (app, community) = (&inside, inside.community_id());
            let load = async |id| people_store::member(tx, community, id).await?.ok_or(Error::NotFound);
            let (kept, gone) = (load(kept).await?, load(gone).await?);
            let obstacles = obstacles(app, tx, &kept, &gone).await?;
            if !obstacles.is_empty() {
                return Err(Problems(obstacles).into());
            }
            let done = merged(app, tx, id, (&kept, &gone), &from_gone, author.account()).await?;
            store::insert(tx, community, &done).await?;
            let moved: usize = done.data.moved.values().map(Vec::len).sum();
            let data = json!({
                "merge": id, "gone": gone.id, "names": [kept.draft.name, gone.draft.name], "from_gone": from_gone, "moved": moved,
            });
            app.record(tx, &author, "member.merge", ("member", kept.id), &data).await?;
            Ok(id)
        })
    })
    .await
}

async fn merged(
    app: &App,
    tx: &Tx,
    id: Uuid,
    (kept, gone): (&Member, &Member),
    from_gone: &[MergeField],
    by: Option<Uuid>,
) -> Result<Merge> {
    let (community, now) = (app.community_id(), app.now());
    let fields = async |id| store::fields(tx, community, id).await?.ok_or(Error::NotFound);
    let ((before, code_kept), (gone_fields, code_gone)) = (fields(kept.id).await?, fields(gone.id).await?);
    let after = before.chosen(&gone_fields, from_gone);
    let code = if code_kept.is_none() { code_gone } else { None };
    let (moved, settled) = store::move_rows(tx, community, kept.id, gone.id).await?;
    let groups = people_store::care_groups(tx, community, &[gone.id]).await?.remove(&gone.id).unwrap_or_default();
    let mut data = store::MergeData {
        before,
        after,
        gone: gone_fields,
        balance: gone.balance,
        settled,
        moved,
        care_groups: store::add_care_groups(tx, community, kept.id, &groups).await?,
        standings_before: Vec::new(),
        standings_after: Vec::new(),
        below: Vec::new(),
        set_up_before: Vec::new(),
        set_up_after: Vec::new(),
        code,
    };
    if kept.kind == MemberKind::Organisation {
        let whose = if from_gone.contains(&MergeField::Standings) { gone.id } else { kept.id };
        merge_structure(app, tx, (kept.id, gone.id), whose, &mut data).await?;
    }
    // The code goes before it comes: two members never have the same.
    store::mark(tx, community, gone.id, Some(kept.id), data.code.as_ref().map(|_| None)).await?;
    if let Some(code) = &data.code {
        store::mark(tx, community, kept.id, None, Some(Some(code))).await?;
    }
    store::save_fields(tx, community, kept.id, &data.after, now.timestamp_millis()).await?;
    store::add_balance(tx, community, gone.id, negative(gone.balance)).await?;
    store::add_balance(tx, community, kept.id, gone.balance).await?;
    let tokens = search::name_tokens(&data.after.name);
    tongxin_store::search::index(tx, community, "member", kept.id, &tokens).await?;
    tongxin_store::search::index(tx, community, "member", gone.id, "").await?;
    Ok(Merge { id, kept: kept.id, gone: gone.id, data, by, at: now, undone_at: None })
}

const fn negative(b: Balance) -> Balance {
    Balance {
        given_minutes: -b.given_minutes,
        received_minutes: -b.received_minutes,
        given_count: -b.given_count,
        received_count: -b.received_count,
    }
}

/// The kept organisation stands as `whose` says; what was under the one that goes is under the kept one; where branches are
/// set up moves.
async fn merge_structure(
    app: &App,
    tx: &Tx,
    (kept, gone): (Uuid, Uuid),
    whose: Uuid,
    data: &mut store::MergeData,
) -> Result<()> {
    let community = app.community_id();
    let all = structure::standings_all(tx, community).await?;
    let of = |ids: &[Uuid]| all.iter().filter(|s| ids.contains(&s.organisation)).cloned().collect::<Vec<_>>();
    data.standings_before = of(&[kept, gone]);
    let line = |line: Option<Uuid>| line.map(|id| if id == gone { kept } else { id });
    data.standings_after = of(&[whose])
        .into_iter()
        .map(|s| Standing { organisation: kept, line: line(s.line).filter(|id| *id != kept), ..s })
        .collect();
    let is_below = |s: &&Standing| s.line == Some(gone) && s.organisation != kept;
    data.below = all.iter().filter(is_below).cloned().collect();
    let mut history = History::new(all.iter().cloned());
    history.replace(gone, Vec::new());
    history.replace(kept, data.standings_after.clone());
    structure::replace_standings(tx, community, &[kept, gone], &data.standings_after).await?;
    let moved = |s: &Standing| Standing { line: line(s.line), ..s.clone() };
    replace_lines(tx, community, &mut history, &data.below, moved).await?;
    check(tx, community, &history, kept).await?;
    standing::posts_end(tx, community, kept, &data.standings_after).await?;
    standing::keep_in_step(app, tx, &data.standings_after).await?;
    data.set_up_before = store::set_ups(tx, community, [kept, gone]).await?;
    data.set_up_after = merged_set_ups(&data.set_up_before, kept, gone);
    Ok(store::replace_set_ups(tx, community, [kept, gone], &data.set_up_after).await?)
}

async fn check(tx: &Tx, community: Uuid, history: &History, id: Uuid) -> Result<()> {
    match history.check(id) {
        Ok(()) => Ok(()),
        Err(fault) => Err(Problem { field: "merge", ..standing::told(tx, community, history, &fault).await? }.into()),
    }
}

/// Stores these standings of others with what `change` makes of them.
async fn replace_lines(
    tx: &Tx,
    community: Uuid,
    history: &mut History,
    below: &[Standing],
    change: impl Fn(&Standing) -> Standing,
) -> Result<()> {
    let mut organisations: Vec<Uuid> = below.iter().map(|s| s.organisation).collect();
    organisations.dedup();
    for id in organisations {
        let is_one = |s: &Standing| below.iter().any(|b| b.organisation == id && b.period.from == s.period.from);
        let standings: Vec<Standing> =
            history.of(id).iter().map(|s| if is_one(s) { change(s) } else { s.clone() }).collect();
        structure::replace_standings(tx, community, &[id], &standings).await?;
        history.replace(id, standings);
    }
    Ok(())
}

/// Puts a merge back, for who may merge: everything is as it was, and what came since to what was moved goes with it.
///
/// # Errors
/// [`Error::Invalid`] with what has changed since; [`Error::Conflict`] when it was put back already; [`Error::NotFound`],
/// [`Error::Forbidden`], [`Error::SignInFirst`].
pub async fn undo(app: &App, who: &Viewer, id: Uuid) -> Result<()> {
    let actor = who.actor()?;
    let (c, community) = (app.read(), app.community_id());
    let done = store::merge(c, community, id).await?.ok_or(Error::NotFound)?;
    let both = people_store::members(c, community, &[done.kept, done.gone]).await?;
    let (mut author, mut names) = (None, Vec::new());
    for member in &both {
        let capacity = app.authorise(who, "MergeMembers", duplicate::resource(member)).await?;
        author = Some(Author::new(actor, capacity));
        names.push(member.draft.name.clone());
    }
    let author = author.ok_or(Error::NotFound)?;
    let inside = app.clone();
    app.write(move |tx| {
        Box::pin(async move {
            let app = &inside;
            put_back(app, tx, id).await?;
            store::undone(tx, community, id, app.now()).await?;
            let data = json!({ "merge": id, "gone": done.gone, "names": names });
            app.record(tx, &author, "member.unmerge", ("member", done.kept), &data).await
        })
    })
    .await
}

async fn put_back(app: &App, tx: &Tx, id: Uuid) -> Result<()> {
    let (community, now_ms) = (app.community_id(), app.now().timestamp_millis());
    let Merge { kept, gone, data, undone_at, .. } = store::merge(tx, community, id).await?.ok_or(Error::NotFound)?;
    if undone_at.is_some() {
        return Err(Error::Conflict("already_decided"));
    }
    let Some(member) = people_store::member(tx, community, kept).await? else {
        return Err(Problem::new("merge", "merge_merged_again").into());
    };
    let mut problems = Problems::default();
    let (changed, settled) = store::move_back(tx, community, (kept, gone), &data.moved).await?;
    problems.0.extend(changed.into_iter().map(|table| Problem::new(table, "merge_changed_since")));
    let (now, code) = store::fields(tx, community, kept).await?.ok_or(Error::NotFound)?;
    let restored = now.restored(&data.before, &data.after, member.kind);
    let restored = restored.map_err(|fields| {
        problems.0.extend(fields.into_iter().map(|field| Problem::new(field.code(), "merge_changed_since")));
    });
    problems.require(data.code.is_none() || data.code == code, || Problem::new("code", "merge_changed_since"));
    if member.kind == MemberKind::Organisation {
        structure_back(app, tx, (kept, gone), &data, &mut problems).await?;
    }
    let restored = problems.finish(restored.ok())?;
    if data.code.is_some() {
        store::mark(tx, community, kept, None, Some(None)).await?;
    }
    store::mark(tx, community, gone, None, data.code.as_deref().map(Some)).await?;
    store::save_fields(tx, community, kept, &restored, now_ms).await?;
    store::save_fields(tx, community, gone, &data.gone, now_ms).await?;
    store::remove_care_groups(tx, community, kept, &data.care_groups).await?;
    // What was settled since with what goes back goes back too.
    let back = Balance {
        given_minutes: data.balance.given_minutes + settled.given_minutes - data.settled.given_minutes,
        received_minutes: data.balance.received_minutes + settled.received_minutes - data.settled.received_minutes,
        given_count: data.balance.given_count + settled.given_count - data.settled.given_count,
        received_count: data.balance.received_count + settled.received_count - data.settled.received_count,
    };
    store::add_balance(tx, community, kept, negative(back)).await?;
    store::add_balance(tx, community, gone, back).await?;
    for (id, name) in [(kept, &restored.name), (gone, &data.gone.name)] {
        tongxin_store::search::index(tx, community, "member", id, &search::name_tokens(name)).await?;
    }
    Ok(())
}

async fn structure_back(
    app: &App,
    tx: &Tx,
    (kept, gone): (Uuid, Uuid),
    data: &store::MergeData,
    problems: &mut Problems,
) -> Result<()> {
    let community = app.community_id();
    let changed = |field: &'static str| Problem::new(field, "merge_changed_since");
    let mut history = History::new(structure::standings_all(tx, community).await?);
    let stands = history.of(kept) == data.standings_after && history.of(gone).is_empty();
    problems.require(stands, || changed("standings"));
    let moved = |s: &Standing| Standing { line: Some(kept), ..s.clone() };
    let below = data.below.iter().all(|s| history.of(s.organisation).contains(&moved(s)));
    problems.require(below, || changed("below"));
    let set_ups = store::set_ups(tx, community, [kept, gone]).await?;
    problems.require(set_ups == data.set_up_after, || changed("set_up"));
    if !(stands && below && set_ups == data.set_up_after) {
        return Ok(());
    }
    let of = |id: Uuid| data.standings_before.iter().filter(|s| s.organisation == id).cloned().collect::<Vec<_>>();
    structure::replace_standings(tx, community, &[kept, gone], &data.standings_before).await?;
    for id in [kept, gone] {
        history.replace(id, of(id));
        standing::keep_in_step(app, tx, &of(id)).await?;
    }
    let back = |s: &Standing| Standing { line: Some(gone), ..s.clone() };
    replace_lines(tx, community, &mut history, &data.below, back).await?;
    for id in [kept, gone] {
        check(tx, community, &history, id).await?;
    }
    Ok(store::replace_set_ups(tx, community, [kept, gone], &data.set_up_before).await?)
}

/// Merges, the newest first, of a place or of all that the viewer looks after.
///
/// # Errors
/// [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn list(app: &App, who: &Viewer, place: Option<Uuid>, slice: Slice) -> Result<Paged<MergeView>> {
    let areas = app.areas_for(who, "ViewDuplicates", place).await?;
    let found = store::list(app.read(), app.community_id(), areas.as_deref(), slice).await?;
    Ok(Paged { rows: views(app, found.rows).await?, total: found.total })
}

/// One merge, for who looks after the place of the kept member.
///
/// # Errors
/// [`Error::NotFound`], [`Error::SignInFirst`], [`Error::Forbidden`].
pub async fn show(app: &App, who: &Viewer, id: Uuid) -> Result<MergeView> {
    who.actor()?;
    let (c, community) = (app.read(), app.community_id());
    let merge = store::merge(c, community, id).await?.ok_or(Error::NotFound)?;
    let kept = people_store::members(c, community, &[merge.kept]).await?.pop().ok_or(Error::NotFound)?;
    app.authorise(who, "ViewDuplicates", duplicate::resource(&kept)).await?;
    views(app, vec![merge]).await?.pop().ok_or(Error::NotFound)
}

async fn views(app: &App, merges: Vec<Merge>) -> Result<Vec<MergeView>> {
    let (c, community) = (app.read(), app.community_id());
    let persons = tongxin_store::identity::persons(c, community, merges.iter().filter_map(|m| m.by)).await?;
    let ids = merges.iter().flat_map(|m| [m.kept, m.gone]).chain(persons.values().copied());
    let names = people_store::names(c, community, ids).await?;
    let name = |id: &Uuid| names.get(id).map(|n| n.name.clone());
    let view = |merge: Merge| MergeView {
        kept: name(&merge.kept).unwrap_or_default(),
        gone: name(&merge.gone).unwrap_or_default(),
        by: merge.by.and_then(|account| name(persons.get(&account)?)),
        merge,
    };
    Ok(merges.into_iter().map(view).collect())
}
