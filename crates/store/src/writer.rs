//! One writer, group commit: work that waits together runs in one transaction, each in a savepoint of its own, and is
//! acknowledged after the one commit.

use std::{any::Any, future::Future, pin::Pin, sync::Arc, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{Error, Result};

/// The future of a piece of work inside its transaction.
pub type Work<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// How many pieces of work share one commit at most.
const BATCH: usize = 128;
/// How long a batch is filled at most, so that a long piece of work does not hold back the ones before it.
const BATCH_TIME: Duration = Duration::from_millis(15);
/// How many pieces of work may wait.
const QUEUE: usize = 1_024;

#[derive(Clone, Debug)]
pub(crate) struct Writer {
    connection: Arc<DatabaseConnection>,
    queue: mpsc::Sender<Box<dyn Job>>,
}

/// Work whose types are hidden, so that it can wait in a queue.
trait Job: Send {
    /// Runs the work; the box tells its outcome once the batch is committed or lost.
    fn run<'t>(self: Box<Self>, tx: &'t DatabaseTransaction) -> Pin<Box<dyn Future<Output = Ran> + Send + 't>>;
    /// Tells that the work could not even begin.
    fn fail(self: Box<Self>, error: Error);
}

struct Ran {
    keep: bool,
    tell: Box<dyn FnOnce(Option<Error>) + Send>,
}

struct Piece<F, T, E> {
    work: F,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Piece<F, T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: for<'t> FnOnce(&'t DatabaseTransaction) -> Work<'t, T, E> + Send + 'static,
{
    fn run<'t>(self: Box<Self>, tx: &'t DatabaseTransaction) -> Pin<Box<dyn Future<Output = Ran> + Send + 't>> {
        Box::pin(async move {
            let Self { work, answer } = *self;
            let outcome = work(tx).await;
            Ran {
                keep: outcome.is_ok(),
                tell: Box::new(move |lost| {
                    let outcome = match lost {
                        Some(error) => outcome.and(Err(E::from(error))),
                        None => outcome,
                    };
                    let _asker_may_be_gone = answer.send(outcome);
                }),
            }
        })
    }

    fn fail(self: Box<Self>, error: Error) {
        let _asker_may_be_gone = self.answer.send(Err(E::from(error)));
    }
}

impl Writer {
    pub(crate) fn start(connection: DatabaseConnection) -> Self {
        let connection = Arc::new(connection);
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write_batches(Arc::clone(&connection), waiting));
        Self { connection, queue }
    }

    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub(crate) async fn submit<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> Work<'t, T, E> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(Piece { work, answer });
        self.queue.send(job).await.map_err(|_| E::from(Error::Closed))?;
        outcome.await.unwrap_or_else(|_| Err(E::from(Error::Closed)))
    }
}

async fn write_batches(connection: Arc<DatabaseConnection>, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = waiting.recv().await {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        match connection.begin_with_options(options).await {
            Ok(tx) => match wait_for_other_programs(&tx).await {
                Ok(()) => write_batch(tx, first, &mut waiting).await,
                Err(error) => first.fail(error.into()),
            },
            Err(error) => first.fail(error.into()),
        }
    }
}

/// The key of the lock under which the programs that share a PostgreSQL database write, one batch at a time.
const WRITER_LOCK: i64 = 0x746f_6e67_7869_6e00;

/// Writing work reads, decides and saves: two programs that did so at once would lose each other's changes. SQLite's
/// `BEGIN IMMEDIATE` has waited already; on PostgreSQL a lock is held until the batch ends.
async fn wait_for_other_programs(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    if tx.get_database_backend() == DatabaseBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({WRITER_LOCK})");
        tx.execute_unprepared(&lock).await?;
    }
    Ok(())
}

async fn write_batch(tx: DatabaseTransaction, first: Box<dyn Job>, waiting: &mut mpsc::Receiver<Box<dyn Job>>) {
    let started = Instant::now();
    let mut ran = Vec::new();
    let mut next = Some(first);
    let mut broken = None;
    while let Some(job) = next.take() {
        match run_in_savepoint(&tx, job).await {
            Ok(done) => ran.push(done),
            Err(error) => {
                broken = Some(error.to_string());
                break;
            }
        }
        if ran.len() < BATCH && started.elapsed() < BATCH_TIME {
            next = waiting.try_recv().ok();
        }
    }
    let committed = match broken {
        None => tx.commit().await.map_err(|e| e.to_string()),
        Some(message) => tx.rollback().await.map_err(|e| e.to_string()).and(Err(message)),
    };
    for done in ran {
        (done.tell)(committed.as_ref().err().map(|message| Error::Database(DbErr::Custom(message.clone()))));
    }
}

/// Runs one piece of work; what a failed piece did is undone, the batch goes on.
async fn run_in_savepoint(tx: &DatabaseTransaction, job: Box<dyn Job>) -> Result<Ran> {
    tx.execute_unprepared("SAVEPOINT piece").await?;
    // Run in a task's guard: a panic must not take the writer with it.
    let ran = Guarded(job.run(tx)).await;
    let ran = match ran {
        Ok(ran) => ran,
        Err(_panic) => {
            tx.execute_unprepared("ROLLBACK TO SAVEPOINT piece").await?;
            tracing::error!("a piece of writing work panicked");
            return Ok(Ran { keep: false, tell: Box::new(|_| ()) });
        }
    };
    if ran.keep {
        tx.execute_unprepared("RELEASE SAVEPOINT piece").await?;
    } else {
        tx.execute_unprepared("ROLLBACK TO SAVEPOINT piece").await?;
    }
    Ok(ran)
}

/// A future whose panics become errors.
struct Guarded<'t>(Pin<Box<dyn Future<Output = Ran> + Send + 't>>);

impl Future for Guarded<'_> {
    type Output = Result<Ran, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        let inner = self.0.as_mut();
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| inner.poll(context))) {
            Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
            Ok(std::task::Poll::Ready(ran)) => std::task::Poll::Ready(Ok(ran)),
            Err(panic) => std::task::Poll::Ready(Err(panic)),
        }
    }
}
