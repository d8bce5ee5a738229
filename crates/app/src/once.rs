//! A request that may come twice is done once.
//!
//! Who sends a request may not know whether it got through, and send it again: a program with its idempotency key, a form
//! with the id that it carries. [`once`] does the request with its key at hand, and [`App::write`] stores the key in the
//! transaction of the use case. So the key is there exactly when the work is done: no crash can come between, and of two
//! requests at one moment, in whatever process, the second finds the key inside its own transaction and leaves nothing
//! behind. What was refused, or changed nothing, stores no key and may be tried again.
//!
//! The answer is filled in just afterwards. When a crash comes between, the work is done and its answer lost: who asks
//! again is told so, and nothing is done a second time.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Mutex, MutexGuard};
use tongxin_store::{Tx, Work, identity as store};
use uuid::Uuid;

use crate::{App, Error, Result, Viewer};

/// How often it is looked whether another process has filled the answer in.
const LOOKS: u32 = 20;
/// How long to wait between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// The conflict of a request that was done and whose answer is lost.
const LOST: Error = Error::Conflict("answer_not_kept");

/// Two requests of this process with one key: the second waits for the first. A fixed number of locks, so that keys cost
/// nothing.
static TURNS: LazyLock<Vec<Mutex<()>>> = LazyLock::new(|| (0..256).map(|_| Mutex::new(())).collect());

tokio::task_local! {
    static KEY: Arc<Key>;
}

/// What came of a request that is done once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once<T> {
    /// It was done, or refused, now.
    Now(T),
    /// It was done before: this was answered.
    Before(String),
}

/// The key of a request, which belongs to an account.
pub(crate) struct Key {
    account: Uuid,
    key: String,
    request_hash: String,
    stored: AtomicBool,
    found: AtomicBool,
}

/// The key of the request that is being done.
pub(crate) fn key() -> Option<Arc<Key>> {
    KEY.try_with(Arc::clone).ok()
}

/// `work`, with the key stored as its first step.
pub(crate) fn with_key<T, F>(
    app: App,
    key: Option<Arc<Key>>,
    work: F,
) -> impl for<'t> FnOnce(&'t Tx) -> Work<'t, T, Error> + Send + 'static
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, Error> + Send + 'static,
{
    move |tx| {
        Box::pin(async move {
            if let Some(key) = key {
                key.store(&app, tx).await?;
            }
            work(tx).await
        })
    }
}

/// Notes that work was committed with the key, unless it failed.
pub(crate) fn note<T>(key: Option<&Key>, done: &Result<T>) {
    if let (Some(key), Ok(_)) = (key, done) {
        key.stored.store(true, Ordering::Release);
    }
}

impl Key {
    async fn store(&self, app: &App, tx: &Tx) -> Result<()> {
        if self.stored.load(Ordering::Acquire) {
            return Ok(());
        }
        let community = app.community_id();
        if store::idempotent(tx, community, self.account, &self.key).await?.is_some() {
            self.found.store(true, Ordering::Release);
            return Err(LOST);
        }
        Ok(store::remember(tx, community, self.account, (&self.key, &self.request_hash, ""), app.now()).await?)
    }

    async fn turn(&self) -> Option<MutexGuard<'static, ()>> {
        let mut hasher = DefaultHasher::new();
        (self.account, &self.key).hash(&mut hasher);
        let slot = usize::try_from(hasher.finish() % 256).unwrap_or(0);
        match TURNS.get(slot) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }

    /// What was answered to the key; nothing when nothing was done with it.
    async fn answer(&self, app: &App) -> Result<Option<String>> {
        for _ in 0..LOOKS {
            match store::idempotent(app.read(), app.community_id(), self.account, &self.key).await? {
                None => return Ok(None),
                Some((hash, _)) if hash != self.request_hash => return Err(Error::Conflict("idempotency_key_reused")),
                Some((_, answer)) if answer.is_empty() => tokio::time::sleep(LOOK).await,
                Some((_, answer)) => return Ok(Some(answer)),
            }
        }
        Err(LOST)
    }

    async fn fill(&self, app: &App, answer: String) -> Result<()> {
        let (community, account, key) = (app.community_id(), self.account, self.key.clone());
        app.write(move |tx| Box::pin(async move { Ok(store::answer(tx, community, account, &key, &answer).await?) }))
            .await
    }
}

/// Does `request` unless it was done with this `key` of the viewer's account before. It gives a value and the text to
/// answer with when it comes again; `request_hash` tells it from others. It runs in a task of its own, to its end also
/// when the caller hangs up.
///
/// # Errors
/// [`Error::SignInFirst`] for a guest; [`Error::Conflict`] with `idempotency_key_reused` when the key came with another
/// request, `answer_not_kept` when it was done and its answer is lost.
pub async fn once<T: Send + 'static>(
    app: &App,
    who: &Viewer,
    key: String,
    request_hash: String,
    request: impl Future<Output = (T, String)> + Send + 'static,
) -> Result<Once<T>> {
    let (account, app) = (who.actor()?.account, app.clone());
    let key = Arc::new(Key { account, key, request_hash, stored: AtomicBool::default(), found: AtomicBool::default() });
    let task = tokio::spawn(async move {
        let _turn = key.turn().await;
        if let Some(answer) = key.answer(&app).await? {
            return Ok(Once::Before(answer));
        }
        let (value, answer) = KEY.scope(Arc::clone(&key), request).await;
        if key.found.load(Ordering::Acquire) {
            return key.answer(&app).await?.map(Once::Before).ok_or(LOST);
        }
        if key.stored.load(Ordering::Acquire)
            && let Err(error) = key.fill(&app, answer).await
        {
            // The request itself is done, and its answer stays true.
            tracing::warn!(%error, "the answer to an idempotency key was not kept");
        }
        Ok(Once::Now(value))
    });
    task.await.map_err(|error| Error::Internal(error.to_string()))?
}
