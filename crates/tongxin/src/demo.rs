//! `tongxin demo`: the sample community, made once and served.

use std::{io, process::ExitCode};

use anyhow::{Context, Result};
use rust_embed::RustEmbed;
use tongxin_app::{App, Outside, import::Files};

use crate::{config::Config, import, say, serve};

/// The sample community, embedded.
#[derive(RustEmbed)]
#[folder = "../../samples/jingan-temple"]
struct Sample;

impl Files for Sample {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(<Self as RustEmbed>::get(name).map(|file| file.data.into_owned()))
    }
}

/// One account for each role, as the sample's README names them.
const ROLES: [&str; 5] = ["resident", "unit", "worker", "secretary", "staff"];
/// The password of every account of the sample.
const PASSWORD: &str = "tongxin-demo";

pub async fn demo(mut config: Config) -> Result<ExitCode> {
    config.database_url = None;
    let say = say::locale();
    let listener = serve::bind(&config).await?;
    let store = serve::open(&config).await?;
    let outside = Outside::default();
    let there = tongxin_store::community::communities(store.read()).await?;
    let data = config.data.display().to_string();
    if there.is_empty() {
        println!("{}", say.tr("program-demo-making", "data", data));
        let bar = import::Bar::default();
        let report =
            tongxin_app::import::files(&store, &outside, &Sample, &|file, done, total| bar.show(file, done, total))
                .await;
        bar.finish();
        if let Err(error) = import::told(report)? {
            return Ok(error);
        }
    } else {
        println!("{}", say.tr("program-demo-kept", "data", data));
    }
    let app = App::open(store, outside).await.context("the community can't be opened")?;
    println!("{}", say.tr("program-serving", "address", serve::address_of(&config, &listener)?));
    println!("{}", say.tr("program-demo-accounts", "password", PASSWORD));
    for role in ROLES {
        println!("  {role:<10} {}", say.t(format!("program-role-{role}")));
    }
    println!("{}", say.t("program-stop"));
    serve::run(app, &config, listener).await
}
