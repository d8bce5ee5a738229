//! Writes a checked import in one transaction.

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tongxin_core::service::Side;
use tongxin_store::{self as store, Store, Tx};
use uuid::Uuid;

use super::{
    ImportError, Progress, Report,
    plan::Plan,
    standings::needs_to_follow,
    table::{
        ACCOUNTS, APPOINTMENTS, CROSS, DELEGATIONS, LETTERS, MATCHES, NEEDS, OFFERS, ORGANISATIONS, PARTY, PARTY_STEPS,
        PERSONS, PLACES, POSTS, REORGANISATION_STEPS, REORGANISATIONS, STANDINGS, TRANSFERS,
    },
};
use crate::{Error, Outside, Result, community::standing::put_in_step, search, secrets};

/// How many rows are told of at once.
const STEP: usize = 100;

/// Tells that so many more rows of a file are done.
type Told = UnboundedSender<(&'static str, u64)>;

pub(super) async fn write(
    store: &Store,
    outside: &Outside,
    mut plan: Plan,
    progress: Progress<'_>,
) -> Result<Report, ImportError> {
    let counts = plan.counts.clone();
    let total = |file: &str| counts.iter().find(|(name, _)| *name == file).map_or(0, |(_, rows)| *rows);
    for (file, rows) in &counts {
        progress(file, 0, *rows);
    }
    hash_passwords(outside, &mut plan).await?;
    let community = plan.community.code.clone();
    let (tell, mut told) = unbounded_channel();
    let writing = store.write_alone(move |tx| Box::pin(async move { all(tx, plan, &tell).await }));
    tokio::pin!(writing);
    let mut done = std::collections::HashMap::<&str, u64>::new();
    let mut note = |(file, rows): (&'static str, u64)| {
        let sum = done.entry(file).or_default();
        *sum += rows;
        progress(file, *sum, total(file));
    };
    loop {
        tokio::select! {
            Some(step) = told.recv() => note(step),
            written = &mut writing => {
                written.map_err(|error: Error| match error {
                    Error::Conflict("taken") => ImportError::AlreadyThere(community.clone()),
                    other => ImportError::App(other),
                })?;
                break;
            }
        }
    }
    while let Ok(step) = told.try_recv() {
        note(step);
    }
    Ok(Report::new(community, &counts))
}

/// Hashes the passwords, each with a salt of its own, on as many threads as there are processors, at most four: each
/// hash takes some memory.
async fn hash_passwords(outside: &Outside, plan: &mut Plan) -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let share = plan.accounts.len().div_ceil(threads).max(1);
    let mut tasks = Vec::new();
    for chunk in plan.accounts.chunks(share) {
        let work: Vec<(String, [u8; 16])> = chunk
            .iter()
            .map(|(_, password)| {
                let mut salt = [0_u8; 16];
                outside.secrets.fill(&mut salt);
                (password.clone(), salt)
            })
            .collect();
        tasks.push(tokio::task::spawn_blocking(move || {
            work.into_iter().map(|(password, salt)| secrets::hash_password(&password, salt)).collect::<Result<Vec<_>>>()
        }));
    }
    let mut hashes = Vec::with_capacity(plan.accounts.len());
    for task in tasks {
        hashes.extend(task.await.map_err(|e| Error::Internal(e.to_string()))??);
    }
    for ((account, password), hash) in plan.accounts.iter_mut().zip(hashes) {
        account.password_hash = hash;
        password.clear();
    }
    Ok(())
}

async fn all(tx: &Tx, plan: Plan, tell: &Told) -> Result<()> {
    let (community, now) = (plan.community.id, plan.now);
    let done = |file: &'static str, rows: usize| {
        // Nobody may listen any more; the work goes on.
        let _told = tell.send((file, rows as u64));
    };
    store::community::insert_community(tx, &plan.community, now.timestamp_millis()).await?;
    done(super::COMMUNITY, 1);
    for (place, area) in &plan.places {
        store::community::insert_place(tx, community, place, *area).await?;
        done(PLACES.file, 1);
    }
    for chunk in plan.members.chunks(STEP) {
        store::people::insert(tx, community, chunk, now.timestamp_millis()).await?;
        for member in chunk {
            let tokens = search::name_tokens(&member.draft.name);
            store::search::index(tx, community, "member", member.id, &tokens).await?;
        }
        let organisations = chunk.iter().filter(|m| m.kind == tongxin_core::people::MemberKind::Organisation).count();
        done(ORGANISATIONS.file, organisations);
        done(PERSONS.file, chunk.len() - organisations);
    }
    standings(tx, &plan, done).await?;
    party(tx, community, &plan, done).await?;
    posts(tx, community, &plan, done).await?;
    coverage(tx, community, &plan, done).await?;
    for reorganisation in &plan.reorganisations {
        store::community::reorganisation::insert(tx, community, reorganisation).await?;
        done(REORGANISATIONS.file, 1);
        done(REORGANISATION_STEPS.file, reorganisation.steps.len());
    }
    for (account, _) in &plan.accounts {
        store::identity::insert_account(tx, community, account).await?;
        done(ACCOUNTS.file, 1);
    }
    intents(tx, community, &plan, done).await?;
    for chunk in plan.matches.chunks(STEP) {
        let matches: Vec<_> = chunk.iter().map(|(stored, _)| stored.clone()).collect();
        store::service::matches::insert(tx, community, &matches).await?;
        for (stored, delivery) in chunk {
            if let Some(delivery) = delivery {
                store::service::matches::insert_delivery(tx, community, delivery, stored, None).await?;
            }
        }
        done(MATCHES.file, chunk.len());
    }
    Ok(store::record::append(tx, community, plan.records).await?)
}

/// How organisations stand; the members of which the files tell a history, or an end, follow it.
async fn standings(tx: &Tx, plan: &Plan, done: impl Fn(&'static str, usize)) -> Result<()> {
    let (community, now_ms) = (plan.community.id, plan.now.timestamp_millis());
    let organisations: Vec<Uuid> = plan.standings.iter().map(|s| s.organisation).collect();
    store::community::structure::replace_standings(tx, community, &organisations, &plan.standings).await?;
    for of_one in plan.standings.chunk_by(|a, b| a.organisation == b.organisation) {
        if needs_to_follow(of_one) {
            put_in_step(tx, community, (plan.today, now_ms), of_one).await?;
        }
    }
    let told = plan.counts.iter().find(|(file, _)| *file == STANDINGS.file);
    done(STANDINGS.file, told.map_or(0, |(_, rows)| usize::try_from(*rows).unwrap_or(0)));
    Ok(())
}

async fn party(tx: &Tx, community: Uuid, plan: &Plan, done: impl Fn(&'static str, usize)) -> Result<()> {
    let told = |file: &str| {
        let rows = plan.counts.iter().find(|(name, _)| *name == file).map_or(0, |(_, rows)| *rows);
        usize::try_from(rows).unwrap_or(usize::MAX)
    };
    store::people::party::insert_memberships(tx, community, &plan.party.memberships).await?;
    done(PARTY.file, told(PARTY.file));
    store::people::party::insert_steps(tx, community, &plan.party.steps).await?;
    done(PARTY_STEPS.file, told(PARTY_STEPS.file));
    store::people::party::insert_transfers(tx, community, &plan.party.transfers).await?;
    done(TRANSFERS.file, told(TRANSFERS.file));
    Ok(())
}

async fn coverage(tx: &Tx, community: Uuid, plan: &Plan, done: impl Fn(&'static str, usize)) -> Result<()> {
    let super::coverage::Coverage { staff, hostings, letters } = &plan.coverage;
    for (organisation, count) in staff {
        store::people::set_staff_count(tx, community, *organisation, Some(*count)).await?;
    }
    store::community::hosting::insert_hostings(tx, community, hostings).await?;
    store::community::letter::insert(tx, community, letters).await?;
    done(LETTERS.file, letters.len());
    Ok(())
}

async fn posts(tx: &Tx, community: Uuid, plan: &Plan, done: impl Fn(&'static str, usize)) -> Result<()> {
    for chunk in plan.posts.chunks(STEP) {
        store::community::post::insert_posts(tx, community, chunk).await?;
        done(POSTS.file, chunk.len());
    }
    for chunk in plan.appointments.chunks(STEP) {
        store::community::post::insert_appointments(tx, community, chunk).await?;
        done(APPOINTMENTS.file, chunk.len());
    }
    store::community::post::insert_cross(tx, community, &plan.cross).await?;
    done(CROSS.file, plan.cross.len());
    store::community::post::insert_delegations(tx, community, &plan.delegations).await?;
    done(DELEGATIONS.file, plan.delegations.len());
    Ok(())
}

async fn intents(tx: &Tx, community: Uuid, plan: &Plan, done: impl Fn(&'static str, usize)) -> Result<()> {
    for chunk in plan.intents.chunks(STEP) {
        store::service::intents::insert(tx, community, chunk.to_vec()).await?;
        for (intent, _) in chunk {
            let tokens = search::index_tokens(&format!("{} {}", intent.draft.title, intent.draft.text));
            store::search::index(tx, community, intent.side.code(), intent.id, &tokens).await?;
        }
        let needs = chunk.iter().filter(|(intent, _)| intent.side == Side::Need).count();
        done(NEEDS.file, needs);
        done(OFFERS.file, chunk.len() - needs);
    }
    Ok(())
}
