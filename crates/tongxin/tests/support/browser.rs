//! A headless Chromium as a visitor uses it: goes to pages, fills in forms, presses buttons, looks.
//!
//! Every method waits for the page that its action leads to. An error says what was looked for, and on which page.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

const AXE: &str = include_str!("axe.min.js");
/// How long an element may take to appear.
const PATIENCE: Duration = Duration::from_secs(10);
/// Below this width, in CSS pixels, the browser plays a phone.
const PHONE_BELOW: u32 = 768;

/// One window with a profile of its own: nothing is shared with another `Browser`.
pub struct Browser {
    client: Client,
    /// `HOST:PORT` of the WebDriver server.
    server: String,
    session: String,
    width: u32,
    lang: String,
    _profile: TempDir,
}

impl Browser {
    /// Opens a window `width` CSS pixels wide that reads `lang` (`zh-Hans` or `en`), through the WebDriver server in
    /// `TONGXIN_TEST_WEBDRIVER`. `None` without that variable: the journey is skipped, unless
    /// `TONGXIN_TEST_REQUIRE_ALL` is set.
    pub async fn start(width: u32, lang: &str) -> Result<Option<Self>> {
        match std::env::var("TONGXIN_TEST_WEBDRIVER") {
            Ok(webdriver) => Ok(Some(Self::connect(&webdriver, width, lang).await?)),
            Err(_) if std::env::var_os("TONGXIN_TEST_REQUIRE_ALL").is_none() => Ok(None),
            Err(_) => {
                bail!("TONGXIN_TEST_WEBDRIVER is not set: run the tests by `cargo xtask test`")
            }
        }
    }

    /// The same through the WebDriver server at `webdriver`, `http://HOST:PORT`.
    pub async fn connect(webdriver: &str, width: u32, lang: &str) -> Result<Self> {
        let profile = tempfile::Builder::new().prefix("tongxin-profile-").tempdir()?;
        let capabilities = capabilities(profile.path(), width, lang);
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(webdriver).await;
        let client = client.with_context(|| format!("no browser from {webdriver}"))?;
        let session = client.session_id().await?.context("the browser has no session")?;
        let server = webdriver.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Ok(Self { client, server, session, width, lang: lang.to_owned(), _profile: profile })
    }

    /// Shows pages from now on as to a reader whose system prefers the dark.
    pub fn prefer_dark(&self) -> Result<()> {
        let dark = json!({"name": "prefers-color-scheme", "value": "dark"});
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": [dark]})).map(drop)
    }

    /// Goes to an absolute address, in the language of this browser.
    pub async fn goto(&self, url: &str) -> Result<()> {
        self.devtools("Network.setCookie", &json!({"name": "lang", "value": self.lang, "url": url}))?;
        self.client.goto(url).await.with_context(|| format!("cannot go to {url}"))?;
        self.settle().await
    }

    /// Goes to a path of the server that the current page came from.
    pub async fn goto_path(&self, path: &str) -> Result<()> {
        let target = self.client.current_url().await?.join(path)?;
        self.goto(target.as_str()).await
    }

    /// The address of the current page.
    pub async fn url(&self) -> Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// The path of the current page, without the query.
    pub async fn path(&self) -> Result<String> {
        Ok(self.client.current_url().await?.path().to_owned())
    }

    /// Writes into the first visible field with this name: types text; chooses an option, a radio button or the state
    /// of a checkbox (`true` or `false`, or the value of the box to tick); sets a date or time in its ISO form.
    pub async fn fill(&self, name: &str, value: &str) -> Result<()> {
        let css = format!("[name=\"{name}\"]");
        let start = Instant::now();
        loop {
            let done = self.script(FILL, vec![json!(css), json!(value)]).await?;
            if done.as_str() == Some("set") {
                return Ok(());
            }
            if done.as_str() == Some("type") {
                let field = Element::from_element_id(self.client.clone(), self.active().await?);
                return field.send_keys(value).await.with_context(|| format!("cannot type into {name}"));
            }
            let refused = done.as_str().is_some_and(|said| said.starts_with("has no choice"));
            if refused || start.elapsed() > PATIENCE {
                bail!("field {name} {} on {}", done.as_str().unwrap_or("is not there"), self.url().await?);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Chooses the first option that has this text in the first visible list with this name.
    pub async fn choose(&self, name: &str, text: &str) -> Result<()> {
        let script = "const all = [...document.getElementsByName(arguments[0])].flatMap(e => [...(e.options || [])]); \
            return all.find(o => o.text.includes(arguments[1]))?.value ?? null";
        match self.script(script, vec![json!(name), json!(text)]).await?.as_str() {
            Some(value) => self.fill(name, value).await,
            None => bail!("field {name} has no choice {text} on {}", self.url().await?),
        }
    }

    /// Puts a file into the field with this name.
    pub async fn attach(&self, name: &str, file: &Path) -> Result<()> {
        let field = self.find_by(Locator::Css(&format!("input[type=file][name=\"{name}\"]"))).await?;
        let path = file.to_str().context("the path of the file is no text")?;
        field.send_keys(path).await.with_context(|| format!("cannot attach {path}"))
    }

    /// Presses the first submit button of the form that `css` selects.
    pub async fn submit(&self, css: &str) -> Result<()> {
        let buttons: Vec<_> = ["button:not([type])", "[type=submit]", "[type=image]"]
            .iter()
            .map(|button| format!("{css} {button}"))
            .collect();
        self.click(&buttons.join(", ")).await
    }

    /// Presses the first visible element that `css` selects, then waits for what it leads to.
    pub async fn click(&self, css: &str) -> Result<()> {
        let element = self.find_visible(css).await?;
        self.press(&element).await.with_context(|| format!("cannot press {css}"))
    }

    /// The same for an element whose script asks whether the reader is sure; answers yes.
    pub async fn click_and_accept(&self, css: &str) -> Result<()> {
        let element = self.find_visible(css).await?;
        self.script(BEFORE_PRESS, vec![serde_json::to_value(&element)?]).await?;
        element.click().await?;
        self.client.accept_alert().await.with_context(|| format!("{css} asked nothing"))?;
        self.leave().await;
        self.settle().await
    }

    /// Presses the first visible link or button with exactly this text.
    pub async fn click_text(&self, text: &str) -> Result<()> {
        ensure!(!text.contains('"'), "a text with a quotation mark can't be looked for");
        let path = format!("//*[self::a or self::button or self::summary][normalize-space(.)=\"{text}\"]");
        let element = self.find_by(Locator::XPath(&path)).await?;
        self.press(&element).await.with_context(|| format!("cannot press {text}"))
    }

    /// The text of the first visible element that `css` selects, as a reader sees it.
    pub async fn text(&self, css: &str) -> Result<String> {
        Ok(self.find_visible(css).await?.text().await?)
    }

    /// The texts of all elements that `css` selects now, which may be none.
    pub async fn texts(&self, css: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText.trim())";
        Ok(serde_json::from_value(self.script(script, vec![json!(css)]).await?)?)
    }

    /// How many elements `css` selects now.
    pub async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// What the first field with this name holds now.
    pub async fn value(&self, name: &str) -> Result<String> {
        let field = self.find_by(Locator::Css(&format!("[name=\"{name}\"]"))).await?;
        Ok(field.prop("value").await?.unwrap_or_default())
    }

    /// Waits until `css` selects a visible element.
    pub async fn wait_for(&self, css: &str) -> Result<()> {
        self.find_visible(css).await.map(|_| ())
    }

    /// Runs a function body in the page and gives what it returns.
    pub async fn script(&self, body: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(body, arguments).await?)
    }

    /// What axe-core holds against the page, one line for each element; empty when it is accessible.
    pub async fn axe(&self) -> Result<Vec<String>> {
        if self.script("return typeof window.axe", vec![]).await? != json!("object") {
            self.script(AXE, vec![]).await?;
        }
        let found = self.client.execute_async(RUN_AXE, vec![]).await?;
        serde_json::from_value(found).context("axe-core did not answer with a list")
    }

    /// How many CSS pixels the page is wider than the window; 0 when it fits.
    pub async fn overflow(&self) -> Result<u64> {
        let script = "const e = document.documentElement; return Math.max(0, e.scrollWidth - e.clientWidth)";
        Ok(self.script(script, vec![]).await?.as_u64().unwrap_or(0))
    }

    /// Errors that the browser has reported since this was last asked (scripts, blocked content, missing files).
    /// Leaves out the status of the page itself, which a refused form has on purpose.
    pub async fn console_errors(&self) -> Result<Vec<String>> {
        let entries = self.post("se/log", &json!({"type": "browser"}))?;
        let page = self.url().await?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let errors = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        let messages = errors.filter_map(|entry| entry["message"].as_str().map(ToOwned::to_owned));
        Ok(messages.filter(|text| !is_status_of(text, &page)).collect())
    }

    /// Saves a picture of the whole page as a PNG file.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        let script = "return Math.min(6000, Math.max(innerHeight, document.documentElement.scrollHeight))";
        let height = self.script(script, vec![]).await?;
        let phone = self.width < PHONE_BELOW;
        let scale = if phone { 2 } else { 1 };
        let size = json!({"width": self.width, "height": height, "deviceScaleFactor": scale, "mobile": phone});
        self.devtools("Emulation.setDeviceMetricsOverride", &size)?;
        tokio::time::sleep(Duration::from_millis(150)).await;
        let picture = self.client.screenshot().await?;
        self.devtools("Emulation.setDeviceMetricsOverride", &window(self.width))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, picture).with_context(|| format!("cannot write {}", path.display()))
    }

    async fn press(&self, element: &Element) -> Result<()> {
        let leaves = self.script(BEFORE_PRESS, vec![serde_json::to_value(element)?]).await?;
        element.click().await?;
        if leaves == json!(true) {
            self.leave().await;
        }
        self.settle().await
    }

    /// Waits until the marked page is gone; not for long, as a link may also start a download.
    async fn leave(&self) {
        let start = Instant::now();
        // A script fails while one page gives way to the next.
        while self.script("return window.txPressed === true", vec![]).await.ok() != Some(json!(false)) {
            if start.elapsed() > PATIENCE / 3 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until the page has loaded and htmx has nothing under way.
    async fn settle(&self) -> Result<()> {
        let script = "return document.readyState === 'complete' \
            && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')";
        let start = Instant::now();
        // A script fails while one page gives way to the next: that is not settled either.
        while self.script(script, vec![]).await.ok() != Some(json!(true)) {
            if start.elapsed() > PATIENCE {
                bail!("the page did not come to rest: {}", self.url().await?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    async fn find_visible(&self, css: &str) -> Result<Element> {
        self.find_by(Locator::Css(css)).await
    }

    async fn find_by(&self, locator: Locator<'_>) -> Result<Element> {
        let start = Instant::now();
        loop {
            for element in self.client.find_all(locator).await.unwrap_or_default() {
                if element.is_displayed().await.unwrap_or(false) {
                    return Ok(element);
                }
            }
            if start.elapsed() > PATIENCE {
                bail!("nothing visible is {locator:?} on {}", self.url().await?);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn active(&self) -> Result<fantoccini::elements::ElementRef> {
        Ok(self.client.active_element().await?.element_id())
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Orders that only Chromium's driver knows.
    fn post(&self, order: &str, body: &Value) -> Result<Value> {
        request(&self.server, "POST", &format!("/session/{}/{order}", self.session), &body.to_string())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Nothing can be done when the driver is gone, and then its browsers are too.
        let _ = request(&self.server, "DELETE", &format!("/session/{}", self.session), "");
    }
}

fn capabilities(profile: &Path, width: u32, lang: &str) -> serde_json::Map<String, Value> {
    let (languages, locale) = if lang == "en" { ("en,en-US", "en-US") } else { ("zh-CN,zh", "zh-CN") };
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--force-color-profile=srgb",
    ]
    .map(ToOwned::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--window-size={width},900"));
    arguments.push(format!("--lang={locale}"));
    let mut options = json!({
        "binary": "/usr/bin/chromium",
        "args": arguments,
        "prefs": {"intl.accept_languages": languages, "credentials_enable_service": false},
    });
    if width < PHONE_BELOW {
        options["mobileEmulation"] =
            json!({"deviceMetrics": {"width": width, "height": 844, "pixelRatio": 2.0, "touch": true, "mobile": true}});
    }
    let mut all = serde_json::Map::new();
    all.insert("browserName".into(), json!("chrome"));
    all.insert("goog:chromeOptions".into(), options);
    all.insert("goog:loggingPrefs".into(), json!({"browser": "ALL"}));
    all
}

/// The size of the window as the DevTools protocol wants it.
fn window(width: u32) -> Value {
    let phone = width < PHONE_BELOW;
    let (height, scale) = if phone { (844, 2) } else { (900, 1) };
    json!({"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone})
}

/// Whether a message of the console only says which status the page at `url` has.
fn is_status_of(message: &str, url: &str) -> bool {
    let address = url.split('#').next().unwrap_or(url);
    message.contains("the server responded with a status of 4") && message.split(' ').next() == Some(address)
}

/// One request to the WebDriver server at `HOST:PORT`; the `value` of its answer.
pub fn request(server: &str, method: &str, path: &str, body: &str) -> Result<Value> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    // The driver keeps the connection open, whatever it is asked: the length tells where the answer ends.
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut body: Value =
        serde_json::from_slice(&body).with_context(|| format!("{method} {path}: {}", status.trim()))?;
    ensure!(status.contains(" 200 "), "{method} {path}: {body}");
    Ok(body["value"].take())
}

/// Sets the field `arguments[0]` to `arguments[1]`, or empties and focuses it and answers `type`.
const FILL: &str = include_str!("fill.js");

/// Marks the page, brings the element into view, and tells whether pressing it leads to another page.
const BEFORE_PRESS: &str = include_str!("press.js");

const RUN_AXE: &str = include_str!("axe-run.js");

#[cfg(test)]
mod tests {
    use super::is_status_of;

    #[test]
    fn only_the_status_of_the_page_itself_is_left_out() {
        let message = "http://h/a - Failed to load resource: the server responded with a status of 422 ()";
        assert!(is_status_of(message, "http://h/a"));
        assert!(is_status_of(message, "http://h/a#form"));
        assert!(!is_status_of(message, "http://h/b"));
        assert!(!is_status_of("http://h/a 3:2 Uncaught TypeError", "http://h/a"));
    }
}
