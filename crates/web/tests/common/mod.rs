//! The site on the sample community, for tests of pages and of the API. Each [`Site`] has a database of its own.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tongxin_app::{App, Outside, Viewer, identity, import};
use tongxin_core::{
    id::CountingIds,
    time::{Clock, ManualClock, SystemClock},
};
use tongxin_store::Store;
use tongxin_web::{Settings, router, security::SESSION_COOKIE};
use tower::ServiceExt;

/// A site to be asked.
pub struct Site {
    pub app: App,
    pub router: Router,
    sessions: Mutex<HashMap<String, (String, String)>>,
    _folder: TempDir,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Where it leads on.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }
}

static SAMPLE: OnceCell<TempDir> = OnceCell::const_new();

/// The site with the sample community; `login` in the methods is `resident`, `unit`, `worker`, `secretary`, `staff`, or
/// empty for a guest.
pub async fn site() -> Site {
    site_in(Outside::default()).await
}

/// The same, with a clock that the test moves on.
pub async fn site_with_clock() -> (Site, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    (site_in(Outside { clock: clock.clone(), ..Outside::default() }).await, clock)
}

async fn site_in(outside: Outside) -> Site {
    // Ids that count, so that what is ordered by them is in the same order each time.
    let importer = || Outside { ids: Arc::new(CountingIds::default()), ..Outside::default() };
    site_of(SAMPLE.get_or_init(|| import_sample(importer())).await, outside).await
}

/// A site on a copy of an imported sample.
pub async fn site_of(sample: &TempDir, outside: Outside) -> Site {
    let folder = TempDir::new().unwrap();
    for entry in std::fs::read_dir(sample.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let store = open(folder.path()).await;
    let app = App::open(store, outside).await.unwrap();
    let router = router(app.clone(), Settings::default());
    Site { app, router, sessions: Mutex::default(), _folder: folder }
}

async fn open(folder: &Path) -> Store {
    Store::open(&format!("sqlite:{}", folder.join("tongxin.db").display())).await.unwrap()
}

/// Imports the sample into a folder, as of the clock of `outside`.
pub async fn import_sample(outside: Outside) -> TempDir {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    store.migrate().await.unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/jingan-temple");
    import::folder(&store, &outside, &sample, &|_, _, _| {}).await.unwrap();
    drop(store);
    whole(&folder).await;
    folder
}

/// Waits until a database whose store was dropped is whole: its connections close by themselves, and the last one moves
/// the log into it. Of two that close at one instant each may take the other for the last; then it is opened once more.
pub async fn whole(folder: &TempDir) {
    let log = folder.path().join("tongxin.db-wal");
    for waited in 1_u32.. {
        if !log.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        if waited.is_multiple_of(200) {
            let store = open(folder.path()).await;
            assert!(store.is_ready().await);
        }
    }
}

impl Site {
    /// The cookie and the token against forged requests of a login.
    pub async fn session(&self, login: &str) -> (String, String) {
        if let Some(found) = self.sessions.lock().unwrap().get(login) {
            return found.clone();
        }
        let token = identity::sign_in(&self.app, login, "tongxin-demo").await.unwrap();
        let Viewer::Actor(actor) = self.app.viewer(Some(&token)).await.unwrap() else { panic!("{login}: no session") };
        let session = (format!("{SESSION_COOKIE}={token}"), actor.csrf);
        self.sessions.lock().unwrap().insert(login.to_owned(), session.clone());
        session
    }

    /// Lets a login use a session that is there already.
    pub async fn enter(&self, login: &str, token: &str) {
        let Viewer::Actor(actor) = self.app.viewer(Some(token)).await.unwrap() else { panic!("{login}: no session") };
        let session = (format!("{SESSION_COOKIE}={token}"), actor.csrf);
        self.sessions.lock().unwrap().insert(login.to_owned(), session);
    }

    /// The viewer behind a login.
    pub async fn viewer(&self, login: &str) -> Viewer {
        if login.is_empty() {
            return Viewer::Guest;
        }
        let (cookie, _) = self.session(login).await;
        self.app.viewer(cookie.split_once('=').map(|(_, token)| token)).await.unwrap()
    }

    /// Sends a request as it stands.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 26).await.unwrap().to_vec();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, body, bytes }
    }

    /// `GET path` in Chinese.
    pub async fn get(&self, login: &str, path: &str) -> (StatusCode, String) {
        let answer = self.get_in(login, path, "zh-Hans").await;
        (answer.status, answer.body)
    }

    /// `GET path` in a language.
    pub async fn get_in(&self, login: &str, path: &str, lang: &str) -> Answer {
        let mut cookies = format!("lang={lang}");
        if !login.is_empty() {
            cookies = format!("{cookies}; {}", self.session(login).await.0);
        }
        let request = Request::builder().uri(path).header(header::COOKIE, cookies);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// `POST path` with form fields; the token is added.
    pub async fn post(&self, login: &str, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let answer = self.post_answer(login, path, fields).await;
        (answer.status, answer.body)
    }

    /// The same, with the headers of the answer.
    pub async fn post_answer(&self, login: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let (_, csrf) = if login.is_empty() { (String::new(), String::new()) } else { self.session(login).await };
        self.post_with_token(login, path, &csrf, fields).await
    }

    /// The same with whatever token.
    pub async fn post_with_token(&self, login: &str, path: &str, csrf: &str, fields: &[(&str, &str)]) -> Answer {
        let cookie = if login.is_empty() { String::new() } else { self.session(login).await.0 };
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", csrf);
        body.extend_pairs(fields);
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header(header::COOKIE, format!("lang=zh-Hans; {cookie}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.finish())).unwrap()).await
    }
}
