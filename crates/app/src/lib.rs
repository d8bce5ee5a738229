//! The use cases of Tongxin: authorise → load → apply the rule → save → record, one function each.
//!
//! What lives here: who may do what (Cedar, `policies/`), the order of the steps, the records. What may not: SQL, HTTP,
//! languages, rules of the domain (they are in `core`). A page, the API and the command line call the same function.
//!
//! To add a use case: a function in the word's file that takes `&App`, who acts, and checked or raw input; it calls
//! [`policy`] first, writes through [`App::write`] and appends its record in the same transaction; a test for who may and
//! one for who may not.

pub mod community;
pub mod identity;
pub mod import;
mod kept;
pub mod once;
pub mod people;
pub mod policy;
pub mod record;
pub mod roster;
pub mod search;
pub mod secrets;
pub mod service;
pub mod tick;

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
pub use identity::{Actor, Viewer};
pub use kept::AsOf;
use tongxin_core::{
    id::IdSource,
    invalid::{Problem, Problems},
    service::{intent::Refused, matching::MatchingRules},
    time::{Clock, SystemClock},
};
pub use tongxin_store::{Paged, Slice};
use tongxin_store::{Store, Tx, Work, community::Community};
use uuid::Uuid;

/// What can go wrong in a use case.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or not for this viewer.
    #[error("not found")]
    NotFound,
    /// A guest has to sign in first.
    #[error("sign in first")]
    SignInFirst,
    /// No policy permits it.
    #[error("forbidden")]
    Forbidden,
    /// Signing in failed: `bad_credentials`, `too_many_tries`, `disabled`.
    #[error("denied: {0}")]
    Denied(&'static str),
    /// The input has problems.
    #[error("invalid input")]
    Invalid(Problems),
    /// It may be there already: these are alike. Who has seen them may say that it is another.
    #[error("suspected duplicate")]
    Suspected(Vec<people::duplicate::Suspect>),
    /// The rule of the domain refuses the step.
    #[error("refused: {0}")]
    Refused(#[from] Refused),
    /// It conflicts with what is there: `taken`, `in_use`, `idempotency_key_reused`, `answer_not_kept`,
    /// `already_decided`.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(tongxin_store::Error),
    /// Something inside failed.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<tongxin_store::Error> for Error {
    fn from(error: tongxin_store::Error) -> Self {
        match error {
            tongxin_store::Error::Taken => Self::Conflict("taken"),
            other => Self::Store(other),
        }
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Invalid(Problems(vec![problem]))
    }
}

impl Error {
    /// The stable code of the error; the Fluent message is `error-{code}` (for [`Error::Refused`], `refused-{code}`).
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::SignInFirst => "sign_in_first",
            Self::Forbidden => "forbidden",
            Self::Denied(code) | Self::Conflict(code) => code,
            Self::Invalid(_) => "invalid",
            Self::Suspected(_) => "suspected_duplicate",
            Self::Refused(refused) => refused.code(),
            Self::Store(_) | Self::Internal(_) => "internal",
        }
    }
}

/// Result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The application: one community on one store. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Store,
    community: Community,
    zone: Tz,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    secrets: Arc<dyn secrets::Secrets>,
    policies: policy::Policies,
    rules: MatchingRules,
    territory: RwLock<Option<Arc<community::Territory>>>,
    held: identity::HeldPosts,
    writes: AtomicU64,
    figures: service::overview::KeptFigures,
    counts: service::intents::KeptCounts,
    hashing: tokio::sync::Semaphore,
    rosters: roster::Running,
}

/// What the application does not make itself: time, ids and secrets.
#[derive(Clone)]
pub struct Outside {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdSource>,
    /// Makes secrets.
    pub secrets: Arc<dyn secrets::Secrets>,
}

impl Default for Outside {
    /// The system's clock, random ids and secrets.
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(secrets::RandomIds),
            secrets: Arc::new(secrets::SystemSecrets),
        }
    }
}

impl App {
    /// Opens the application on the community that the store holds.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the store holds none, [`Error::Internal`] when its time zone or the policies are wrong.
    pub async fn open(store: Store, outside: Outside) -> Result<Self> {
        let community =
            tongxin_store::community::communities(store.read()).await?.into_iter().next().ok_or(Error::NotFound)?;
        let zone =
            community.time_zone.parse().map_err(|_| Error::Internal(format!("time zone {}", community.time_zone)))?;
        Ok(Self(Arc::new(Inner {
            store,
            community,
            zone,
            clock: outside.clock,
            ids: outside.ids,
            secrets: outside.secrets,
            policies: policy::Policies::load()?,
            rules: MatchingRules::default(),
            territory: RwLock::new(None),
            held: identity::HeldPosts::default(),
            writes: AtomicU64::new(0),
            figures: service::overview::KeptFigures::default(),
            counts: service::intents::KeptCounts::default(),
            hashing: tokio::sync::Semaphore::new(2),
            rosters: roster::Running::default(),
        })))
    }

    /// The community's identifier, which leads every key.
    #[must_use]
    pub fn community_id(&self) -> Uuid {
        self.0.community.id
    }

    /// The community: its names and zone.
    #[must_use]
    pub fn community(&self) -> &Community {
        &self.0.community
    }

    /// The community's time zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.0.zone
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Today in the community's zone.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&self.zone()).date_naive()
    }

    /// The weights of matching.
    #[must_use]
    pub fn matching_rules(&self) -> &MatchingRules {
        &self.0.rules
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.0.store.is_ready().await
    }

    pub(crate) fn read(&self) -> &impl tongxin_store::ConnectionTrait {
        self.0.store.read()
    }

    /// An identifier for something new.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.0.ids.next(self.now())
    }

    /// The rosters that are being written.
    pub(crate) fn running(&self) -> &roster::Running {
        &self.0.rosters
    }

    /// Does `work` in one transaction; see [`Store::write`]. The key of a request that is done once is stored in it too; see
    /// [`once`].
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, Error> + Send + 'static,
    {
        let key = once::key();
        let done = self.0.store.write(once::with_key(self.clone(), key.clone(), work)).await;
        self.0.writes.fetch_add(1, Ordering::Release);
        once::note(key.as_deref(), &done);
        done
    }

    /// How many transactions this process has ended; see [`kept`].
    pub(crate) fn writes(&self) -> u64 {
        self.0.writes.load(Ordering::Acquire)
    }

    /// Does long `work` in a transaction of its own, as [`App::write`] does; see [`Store::write_alone`].
    pub(crate) async fn write_alone<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, Error> + Send + 'static,
    {
        let key = once::key();
        let done = self.0.store.write_alone(once::with_key(self.clone(), key.clone(), work)).await;
        self.0.writes.fetch_add(1, Ordering::Release);
        once::note(key.as_deref(), &done);
        done
    }
}
