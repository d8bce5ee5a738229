//! Serving, and what else works on the database that is there.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::{net::TcpListener, sync::watch};
use tongxin_app::{App, Outside};
use tongxin_store::Store;

use crate::{config::Config, listen::Limited, say};

/// How often what is due by the passing of time is done.
const TICK: Duration = Duration::from_secs(60);
/// How long requests under way may take when the program stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Opens the database, its tables brought up to date.
pub async fn open(config: &Config) -> Result<Store> {
    let store = Store::open(&config.database()?).await.context("the database can't be opened")?;
    migrated(&store).await?;
    Ok(store)
}

/// Brings the tables up to date, and what is made from their contents where they changed. Gives how many migrations ran.
async fn migrated(store: &Store) -> Result<usize> {
    let ran = store.migrate().await.context("the tables can't be brought up to date")?;
    if ran > 0 {
        tongxin_app::search::renew_sort_keys(store).await.context("the order of names can't be brought up to date")?;
    }
    Ok(ran)
}

async fn app(config: &Config) -> Result<App> {
    let store = open(config).await?;
    match App::open(store, Outside::default()).await {
        Err(tongxin_app::Error::NotFound) => bail!(say::locale().t("program-no-community")),
        other => other.context("the community can't be opened"),
    }
}

/// `tongxin serve`
pub async fn serve(config: &Config) -> Result<ExitCode> {
    let app = app(config).await?;
    let listener = bind(config).await?;
    println!("{}", say::locale().tr("program-serving", "address", address_of(config, &listener)?));
    run(app, config, listener).await
}

/// Takes the port, before anything slow is done.
pub async fn bind(config: &Config) -> Result<TcpListener> {
    let address = config.address()?;
    TcpListener::bind(address).await.with_context(|| format!("listen = {address}"))
}

/// The address that a reader types.
pub fn address_of(config: &Config, listener: &TcpListener) -> Result<String> {
    Ok(match &config.origin {
        Some(origin) => origin.clone(),
        None => format!("http://{}", listener.local_addr()?),
    })
}

/// Serves until the program is asked to stop.
pub async fn run(app: App, config: &Config, listener: TcpListener) -> Result<ExitCode> {
    let settings = tongxin_web::Settings { https: config.https, origin: config.origin.clone() };
    let router = tongxin_web::router(app.clone(), settings);
    let (stop, stopped) = watch::channel(false);
    // The signals are heard before the first request is answered.
    let asked = asked_to_stop();
    tokio::spawn(async move {
        asked.await;
        tracing::info!("stopping");
        stop.send_replace(true);
    });
    let ticking = tokio::spawn(tick(app, stopped.clone()));
    let listener = Limited::new(listener, config.connections);
    let graceful = axum::serve(listener, router).with_graceful_shutdown(until_stopped(stopped.clone()));
    let late = async {
        until_stopped(stopped).await;
        tokio::time::sleep(STOP_WITHIN).await;
    };
    tokio::select! {
        served = graceful => served.context("serving")?,
        () = late => tracing::warn!("some requests were not answered in time"),
    }
    ticking.await.context("the tick failed")?;
    Ok(ExitCode::SUCCESS)
}

async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    // An error means that nobody can ask any more, which is a stop too.
    let _asked = stopped.wait_for(|stopped| *stopped).await;
}

/// Ctrl-C or SIGTERM.
fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        match signals {
            (Ok(mut interrupt), Ok(mut terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => (),
                    _ = terminate.recv() => (),
                }
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, "signals can't be heard; the program has to be killed");
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Does every minute what is due, the first time at once.
async fn tick(app: App, mut stopped: watch::Receiver<bool>) {
    let mut minutes = tokio::time::interval(TICK);
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = minutes.tick() => match tongxin_app::tick::run(&app).await {
                Ok(done) if done == tongxin_app::tick::Done::default() => (),
                Ok(done) => tracing::info!(expired = done.expired, reminded = done.reminded, "tick"),
                Err(error) => tracing::error!(%error, "tick"),
            },
        }
    }
}

/// `tongxin migrate`
pub async fn migrate(config: &Config) -> Result<ExitCode> {
    let store = Store::open(&config.database()?).await.context("the database can't be opened")?;
    let ran = migrated(&store).await?;
    println!("{}", say::locale().tr("program-migrated", "ran", ran as u64));
    Ok(ExitCode::SUCCESS)
}

/// `tongxin verify`
pub async fn verify(config: &Config) -> Result<ExitCode> {
    let app = app(config).await?;
    let verified = tongxin_app::record::verify_all(&app).await?;
    let say = say::locale();
    if let Some(seq) = verified.broken_at {
        eprintln!("{}", say.tr("program-chain-broken", "seq", seq));
        return Ok(ExitCode::FAILURE);
    }
    println!("{}", say.tr2("program-chain-good", "records", verified.records, "hash", verified.hash));
    Ok(ExitCode::SUCCESS)
}
