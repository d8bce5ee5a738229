//! What was acknowledged survives the abrupt end of the program (SQLite).

use std::{
    collections::HashSet,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use tongxin_core::record::verify_chain;
use tongxin_store::{
    Store, community,
    community::Community,
    record::{self, NewRecord},
};

use crate::{common::*, written};

const DATABASE: &str = "TONGXIN_TEST_CRASH_DATABASE";

/// Not a test by itself: the program that [`acknowledged_writes_survive_a_kill`] starts and kills. Writes for ever, and
/// prints the number of each write that was acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn write_until_killed() {
    let Ok(url) = std::env::var(DATABASE) else {
        return;
    };
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let writers: Vec<_> = (0..8_u64)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in writer * 1_000_000.. {
                    written!(store, tx => {
                        let new = Community { id: id(9, n), code: n.to_string(), ..the_community() };
                        community::insert_community(tx, &new, START).await?;
                        let record = NewRecord {
                            at: at(0), account: None, capacity: "system".into(), action: "community.found".into(),
                            subject_kind: "community".into(), subject: new.id, data: n.to_string(),
                        };
                        record::append(tx, COMMUNITY, vec![record]).await
                    })
                    .unwrap();
                    println!("acknowledged {n}");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("crash.db").display());
    let mut acknowledged = HashSet::new();
    for kill_after in [50, 400] {
        // A second run begins where the first was killed, but its first numbers are taken: so a new file each time.
        let url = format!("{url}.{kill_after}");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::write_until_killed", "--nocapture"])
            .env(DATABASE, &url)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        acknowledged.clear();
        let mut line = String::new();
        while output.read_line(&mut line).unwrap() > 0 {
            // A line without its end was cut by the kill.
            if let (Some((_, n)), true) = (line.trim_end().split_once("acknowledged "), line.ends_with('\n')) {
                acknowledged.insert(n.parse::<u64>().unwrap());
                if acknowledged.len() == kill_after {
                    child.kill().unwrap();
                }
            }
            line.clear();
        }
        child.wait().unwrap();
        assert!(acknowledged.len() >= kill_after, "the writer ended by itself");

        let store = Store::open(&url).await.unwrap();
        assert_eq!(store.migrate().await.unwrap(), 0);
        let stored: HashSet<_> =
            community::communities(store.read()).await.unwrap().into_iter().map(|c| c.id).collect();
        for n in &acknowledged {
            assert!(stored.contains(&id(9, *n)), "{n} was acknowledged and is lost");
        }
        let records = record::after(store.read(), COMMUNITY, 0, 1_000_000).await.unwrap();
        verify_chain((0, String::new()), &records).expect("the chain is whole");
        assert_eq!(
            records.iter().map(|r| r.subject).collect::<HashSet<_>>(),
            stored,
            "a row and its record go together"
        );
    }
}
