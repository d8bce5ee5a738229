//! A small load generator: clients that keep their connection and ask again as soon as they are answered.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How long things took, sorted, and how long all of it took.
pub struct Outcome {
    times: Vec<Duration>,
    whole: Duration,
}

impl Outcome {
    /// Sorts the times.
    pub fn new(mut times: Vec<Duration>, whole: Duration) -> Self {
        times.sort_unstable();
        Self { times, whole }
    }

    /// How many a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.whole.as_secs_f64()
    }

    /// The time in milliseconds within which this part of a hundred was done.
    pub fn percentile(&self, percent: usize) -> f64 {
        let last = self.times.len().saturating_sub(1);
        let at = (self.times.len() * percent / 100).min(last);
        self.times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
    }
}

/// The figures of an outcome in words.
pub fn figures(outcome: &Outcome) -> String {
    format!("{:.0}/s; p50 {:.2} ms, p99 {:.2} ms", outcome.rate(), outcome.percentile(50), outcome.percentile(99))
}

/// One request as a client sends it.
#[derive(Clone)]
pub struct Ask {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for none.
    pub body: String,
    /// The status that counts as answered well.
    pub expected: u16,
}

impl Ask {
    /// Asks for a page, with a session's cookie or none, compressed as browsers ask for it.
    pub fn page(path: impl Into<String>, session: Option<&str>) -> Self {
        let mut headers = vec![("accept", "text/html".to_owned()), ("accept-encoding", "gzip".to_owned())];
        if let Some(session) = session {
            headers.push(("cookie", format!("tongxin_session={session}")));
        }
        Self { method: "GET", path: path.into(), headers, body: String::new(), expected: 200 }
    }
}

/// An answer, whole.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body as it came over the wire.
    pub body: Bytes,
}

/// A connection that is kept.
pub struct Client {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { address, sender })
    }

    /// Asks and reads the whole answer.
    pub async fn ask(&mut self, ask: &Ask) -> Result<Answer> {
        let mut request = Request::builder().method(ask.method).uri(&ask.path);
        request = request.header(header::HOST, self.address.to_string());
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(ask.body.clone())))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body })
    }
}

/// What the `n`th request of client `c` asks.
pub type Script = Arc<dyn Fn(usize, usize) -> Ask + Send + Sync>;

/// Lets `clients` ask for `seconds`; each waits `pause` between an answer and the next request. The first tenth of the time
/// warms up and is not counted.
pub async fn run(
    address: SocketAddr,
    clients: usize,
    seconds: u64,
    pause: Duration,
    script: Script,
) -> Result<Outcome> {
    let whole = Duration::from_secs(seconds);
    let warm = whole / 10;
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for client in 0..clients {
        let script = Arc::clone(&script);
        tasks.spawn(async move {
            let mut connection = Client::connect(address).await?;
            let mut times = Vec::new();
            // Clients that pause begin one after the other, as readers do.
            tokio::time::sleep(pause * u32::try_from(client)? / u32::try_from(clients)?).await;
            let mut n = 0;
            while start.elapsed() < whole + warm {
                let ask = script(client, n);
                let one = Instant::now();
                let answer = connection.ask(&ask).await.with_context(|| ask.path.clone())?;
                if answer.status.as_u16() != ask.expected {
                    bail!("{} {} answered {}", ask.method, ask.path, answer.status);
                }
                if start.elapsed() > warm {
                    times.push(one.elapsed());
                }
                n += 1;
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
            }
            Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        times.extend(done??);
    }
    Ok(Outcome::new(times, start.elapsed().saturating_sub(warm)))
}
