//! Writing a roster: all of it in one transaction, or nothing.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::json;
use tokio::task::JoinHandle;
use tongxin_core::roster::{Outcome, RosterKind, RosterState};
use tongxin_store::{Tx, record::NewRecord, roster as store};
use uuid::Uuid;

use super::{
    Layout, Report, Rights, Roster, Vocabulary,
    check::{Plan, Planned, Write, plan, rows_to_keep},
    from_json, members, memberships, own, posts, to_json,
};
use crate::{App, Error, Result, Viewer, record::Author};

/// How far writing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows done.
    pub done: u64,
    /// Rows in all.
    pub total: u64,
}

/// The rosters that this program is writing. Another program that shares the database does not see them: there they look
/// interrupted, and starting them again does nothing but wait for the first to end.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<HashMap<Uuid, Arc<Counter>>>);

#[derive(Debug, Default)]
struct Counter {
    done: AtomicU64,
    total: AtomicU64,
}

impl Running {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Arc<Counter>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins; none when it is under way already.
    fn begin(&self, roster: Uuid) -> Option<Arc<Counter>> {
        let mut all = self.all();
        if all.contains_key(&roster) {
            return None;
        }
        let counter = Arc::new(Counter::default());
        all.insert(roster, Arc::clone(&counter));
        Some(counter)
    }

    fn end(&self, roster: Uuid) {
        self.all().remove(&roster);
    }

    pub(super) fn progress(&self, roster: Uuid) -> Option<Progress> {
        let counter = self.all().get(&roster).cloned()?;
        let (done, total) = (counter.done.load(Ordering::Relaxed), counter.total.load(Ordering::Relaxed));
        Some(Progress { done: done.min(total), total })
    }
}

/// Begins to write a checked roster, or one whose writing failed or was interrupted. The work goes on by itself, whatever
/// becomes of the caller; its end is the state of the roster, which the handle waits for.
///
/// # Errors
/// [`Error::Conflict`] `roster_not_ready` when a row holds it up or none would write anything, `roster_running`,
/// `roster_over`; [`Error::NotFound`], [`Error::Forbidden`].
pub async fn run(app: &App, who: &Viewer, id: Uuid, words: &Vocabulary) -> Result<JoinHandle<()>> {
    let rights = Rights::of(app, who).await?;
    let roster = own(app, who, app.read(), id).await?;
    let counter = app.running().begin(id).ok_or(Error::Conflict("roster_running"))?;
    let begun = begin(app, &roster).await;
    if let Err(error) = begun {
        app.running().end(id);
        return Err(error);
    }
    let author = Author::new(who.actor()?, rights.capacity.clone());
    let (app, words) = (app.clone(), words.clone());
    Ok(tokio::spawn(async move {
        let written = write_all(&app, &rights, id, &words, &author, &counter).await;
        if let Err(error) = written {
            tracing::warn!(%error, roster = %id, "a roster was not written");
            if let Err(error) = failed(&app, id, &error).await {
                tracing::error!(%error, roster = %id, "the end of a roster was not stored");
            }
        }
        app.running().end(id);
    }))
}

/// Notes that it is being written.
async fn begin(app: &App, roster: &Roster) -> Result<()> {
    let (community, id) = (app.community_id(), roster.id);
    app.write(move |tx| {
        Box::pin(async move {
            let mut roster = store::roster(tx, community, id).await?.ok_or(Error::NotFound)?;
            if !roster.state.may_become(RosterState::Running) {
                let code = if roster.state.is_over() { "roster_over" } else { "roster_not_ready" };
                return Err(Error::Conflict(code));
            }
            let sheet = from_json::<Layout>(&roster.header)?.number();
            let counts = store::counts(tx, community, id, sheet).await?;
            let writes = counts.contains_key(&Outcome::New) || counts.contains_key(&Outcome::Updated);
            if !writes || counts.keys().any(|outcome| outcome.holds_up()) {
                return Err(Error::Conflict("roster_not_ready"));
            }
            roster.state = RosterState::Running;
            roster.report = to_json(&Report::default())?;
            Ok(store::save(tx, community, &roster).await?)
        })
    })
    .await
}

async fn write_all(
    app: &App,
    rights: &Rights,
    id: Uuid,
    words: &Vocabulary,
    author: &Author,
    counter: &Arc<Counter>,
) -> Result<()> {
    let (rights, words, author, counter) = (rights.clone(), words.clone(), author.clone(), Arc::clone(counter));
    let inside = app.clone();
    app.write_alone(move |tx| {
        Box::pin(async move {
            let (app, community) = (&inside, inside.community_id());
            let mut roster = store::roster(tx, community, id).await?.ok_or(Error::NotFound)?;
            if roster.state != RosterState::Running {
                return Err(Error::Conflict("roster_over"));
            }
            let plan =
                plan(app, tx, &rights, &roster, &words, |rows| counter.total.store(rows, Ordering::Relaxed)).await?;
            if plan.rows.iter().any(differs) {
                return Err(Error::Conflict("roster_changed"));
            }
            let silent = plan.rows.iter().filter(|planned| planned.write.is_none()).count() as u64;
            counter.done.fetch_add(silent, Ordering::Relaxed);
            let done = |rows: u64| {
                counter.done.fetch_add(rows, Ordering::Relaxed);
            };
            write(app, tx, &plan.rows, done).await?;
            let mut records = vec![];
            let mut written: BTreeMap<String, u64> = BTreeMap::new();
            for planned in &plan.rows {
                *written.entry(planned.outcome.code().to_owned()).or_default() += 1;
                records.extend(record(app, &author, planned, &roster));
            }
            let data = json!({ "kind": roster.kind, "file": roster.file_name, "rows": written });
            records.insert(0, app.new_record(&author, "roster.import", "roster", id, &data));
            roster.state = RosterState::Done;
            roster.done = i64::try_from(plan.rows.len()).unwrap_or(i64::MAX);
            roster.finished_at = Some(app.now());
            let capacity = Some(rights.capacity.word.clone());
            roster.report = to_json(&Report { failure: None, written, capacity })?;
            let rows = rows_to_keep(subjects(plan))?;
            store::delete_rows(tx, community, id, None).await?;
            store::insert_rows(tx, community, id, &rows).await?;
            store::save(tx, community, &roster).await?;
            Ok(tongxin_store::record::append(tx, community, records).await?)
        })
    })
    .await
}

/// Whether something else would become of a row than its reader was shown.
fn differs(planned: &Planned) -> bool {
    let shown: Option<super::RowDetail> = from_json(&planned.row.detail).ok();
    planned.row.outcome != Some(planned.outcome)
        || shown.is_none_or(|shown| shown.subject != planned.detail.subject || shown.changes != planned.detail.changes)
}

async fn write(app: &App, tx: &Tx, rows: &[Planned], done: impl Fn(u64)) -> Result<()> {
    let (mut of_members, mut of_posts, mut of_memberships) = (Vec::new(), Vec::new(), Vec::new());
    for planned in rows {
        match &planned.write {
            Some(Write::Member(write)) => of_members.push(write),
            Some(Write::Post(write)) => of_posts.push(write),
            Some(Write::Membership(write)) => of_memberships.push(write),
            None => {}
        }
    }
    members::write(app, tx, &of_members, &done).await?;
    posts::write(app, tx, &of_posts, &done).await?;
    memberships::write(app, tx, &of_memberships, &done).await
}

fn record(app: &App, author: &Author, planned: &Planned, roster: &Roster) -> Vec<NewRecord> {
    match roster.kind {
        RosterKind::Persons | RosterKind::Organisations => {
            members::record(app, author, planned, roster.kind, roster.id).into_iter().collect()
        }
        RosterKind::Posts => posts::records(app, author, planned, roster.id),
        RosterKind::Memberships => memberships::record(app, author, planned, roster.id).into_iter().collect(),
    }
}

/// The plan with what each row became.
fn subjects(mut plan: Plan) -> Plan {
    for planned in &mut plan.rows {
        let id = match &planned.write {
            Some(Write::Member(write)) => Some(write.member.id),
            Some(Write::Post(write)) => write.post.as_ref().map(|(post, _)| post.id),
            Some(Write::Membership(write)) => Some(write.membership.person),
            None => None,
        };
        planned.detail.subject = id.or(planned.detail.subject);
    }
    plan
}

/// Notes that nothing was written, and why. What has changed since the check is checked again by the reader.
async fn failed(app: &App, id: Uuid, error: &Error) -> Result<()> {
    let community = app.community_id();
    let failure = Some(error.code().to_owned());
    app.write(move |tx| {
        Box::pin(async move {
            let mut roster = store::roster(tx, community, id).await?.ok_or(Error::NotFound)?;
            if !roster.state.may_become(RosterState::Failed) {
                return Ok(());
            }
            roster.state = RosterState::Failed;
            roster.report = to_json(&Report { failure, ..Report::default() })?;
            Ok(store::save(tx, community, &roster).await?)
        })
    })
    .await
}
