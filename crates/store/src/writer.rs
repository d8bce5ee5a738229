//! One writer, group commit: work that waits together runs in one transaction, each in a savepoint of its own, and is
//! acknowledged after the one commit. The first needs no savepoint: when it fails, the transaction holds nothing else.

use std::{any::Any, future::Future, pin::Pin, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};

use crate::{
    Error, Result, Tx,
    connection::{Connection, IDLE, Pool},
    record::Heads,
};

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
    connection: DatabaseConnection,
    queue: mpsc::Sender<Box<dyn Job>>,
}

/// Work whose types are hidden, so that it can wait in a queue.
trait Job: Send {
    /// Whether no other work may share its transaction.
    fn is_alone(&self) -> bool;
    /// Runs the work; the box tells its outcome once the batch is committed or lost.
    fn run<'t>(self: Box<Self>, tx: &'t Tx) -> Pin<Box<dyn Future<Output = Ran> + Send + 't>>;
    /// Tells that the work could not even begin.
    fn fail(self: Box<Self>, error: Error);
}

struct Ran {
    keep: bool,
    tell: Box<dyn FnOnce(Option<Error>) + Send>,
}

struct Piece<F, T, E> {
    work: F,
    alone: bool,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Piece<F, T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E> + Send + 'static,
{
    fn is_alone(&self) -> bool {
        self.alone
    }

    fn run<'t>(self: Box<Self>, tx: &'t Tx) -> Pin<Box<dyn Future<Output = Ran> + Send + 't>> {
        Box::pin(async move {
            let Self { work, answer, .. } = *self;
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
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write_batches(Pool::of(&connection), waiting));
        Self { connection, queue }
    }

    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub(crate) async fn submit<T, E, F>(&self, work: F, alone: bool) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(Piece { work, alone, answer });
        self.queue.send(job).await.map_err(|_| E::from(Error::Closed))?;
        outcome.await.unwrap_or_else(|_| Err(E::from(Error::Closed)))
    }
}

async fn write_batches(pool: Pool, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    let mut heads = Heads::default();
    let mut held_over = None;
    let mut kept = None;
    loop {
        let first = match held_over.take() {
            Some(job) => job,
            None => match next(&mut waiting, &mut kept).await {
                Some(job) => job,
                None => return,
            },
        };
        match begin(&pool, kept.take()).await {
            Ok(tx) => (held_over, kept) = write_batch(tx, first, &mut waiting, &mut heads).await,
            Err(error) => first.fail(error.into()),
        }
    }
}

/// The next piece of work. While nothing is to do for a while, the connection goes back to its pool, which tests it.
async fn next(waiting: &mut mpsc::Receiver<Box<dyn Job>>, kept: &mut Option<Connection>) -> Option<Box<dyn Job>> {
    if kept.is_some() {
        if let Ok(job) = timeout(IDLE, waiting.recv()).await {
            return job;
        }
        *kept = None;
    }
    waiting.recv().await
}

async fn begin(pool: &Pool, kept: Option<Connection>) -> Result<Tx, DbErr> {
    let connection = match kept {
        Some(connection) => connection,
        None => pool.connect().await?,
    };
    Tx::begin(connection).await
}

/// Runs `first` and what waits, unless one of them has to be alone, and commits. Gives work that was taken from the queue
/// and has to be alone, and the connection when it is of use.
async fn write_batch(
    tx: Tx,
    first: Box<dyn Job>,
    waiting: &mut mpsc::Receiver<Box<dyn Job>>,
    heads: &mut Heads,
) -> (Option<Box<dyn Job>>, Option<Connection>) {
    let started = Instant::now();
    let is_alone = first.is_alone();
    let first = run(&tx, first).await;
    if !first.keep {
        let (undone, connection) = tx.rollback().await;
        if let Err(error) = undone {
            // The database has given the transaction up already; nothing of it stays.
            tracing::warn!(%error, "a transaction could not be rolled back");
        }
        (first.tell)(None);
        return (None, connection);
    }
    let mut ran = vec![first];
    let mut savepoint = Savepoint::None;
    let mut held_over = None;
    let mut broken = None;
    while !is_alone && ran.len() < BATCH && started.elapsed() < BATCH_TIME {
        let Ok(job) = waiting.try_recv() else { break };
        if job.is_alone() {
            held_over = Some(job);
            break;
        }
        match run_in_savepoint(&tx, job, &mut savepoint).await {
            Ok(done) => ran.push(done),
            Err(error) => {
                broken = Some(Error::from(error));
                break;
            }
        }
    }
    let (committed, connection) = match broken {
        None => tx.commit(heads).await,
        // Whether or not it can be rolled back: nothing was committed.
        Some(error) => (Err(error), tx.rollback().await.1),
    };
    let lost = committed.err().map(|error| error.to_string());
    for done in ran {
        (done.tell)(lost.as_ref().map(|message| Error::Database(DbErr::Custom(message.clone()))));
    }
    (held_over, connection)
}

/// Runs one piece of work. A panic must not take the writer with it.
async fn run(tx: &Tx, job: Box<dyn Job>) -> Ran {
    Guarded(job.run(tx)).await.unwrap_or_else(|_panic| {
        tracing::error!("a piece of writing work panicked");
        Ran { keep: false, tell: Box::new(|_| ()) }
    })
}

/// The savepoint of a batch.
enum Savepoint {
    /// There is none yet.
    None,
    /// It stands where the batch stands.
    Fresh,
    /// It stands before work that is kept.
    Passed,
}

/// Runs one piece of work; what a failed piece did is undone, the batch goes on.
async fn run_in_savepoint(tx: &Tx, job: Box<dyn Job>, savepoint: &mut Savepoint) -> Result<Ran, DbErr> {
    let step = match savepoint {
        Savepoint::None => Some("SAVEPOINT piece"),
        Savepoint::Passed => Some("RELEASE SAVEPOINT piece; SAVEPOINT piece"),
        Savepoint::Fresh => None,
    };
    if let Some(step) = step {
        tx.execute_unprepared(step).await?;
    }
    let mark = tx.mark();
    let ran = run(tx, job).await;
    if ran.keep {
        *savepoint = Savepoint::Passed;
    } else {
        tx.execute_unprepared("ROLLBACK TO SAVEPOINT piece").await?;
        tx.forget_after(&mark);
        *savepoint = Savepoint::Fresh;
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
