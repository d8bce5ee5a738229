//! The one writer: each piece of work happens wholly or not at all, whatever its neighbours do.

use std::{ops::Range, time::Duration};

use sea_orm::Statement;
use tongxin_core::{record::verify_chain, service::Side};
use tongxin_store::{
    ConnectionTrait, Error, Store, Tx, community,
    community::Community,
    record::{self, NewRecord},
    search,
    service::intents,
};

use crate::{common::*, on_both, written};

/// Founds community `n` within a transaction, records it in the chain and lets it be found by a word; then fails when told
/// to.
async fn found_in(tx: &Tx, n: u64, fail: Option<&'static str>) -> Result<(), Error> {
    let new = Community { id: id(9, n), code: format!("c{n}"), ..the_community() };
    community::insert_community(tx, &new, START + n as i64).await?;
    let record = NewRecord {
        at: at(0),
        account: None,
        capacity: "system".into(),
        action: "community.found".into(),
        subject_kind: "community".into(),
        subject: new.id,
        data: n.to_string(),
    };
    record::append(tx, COMMUNITY, vec![record]).await?;
    search::index(tx, COMMUNITY, "community", new.id, "founded").await?;
    match fail {
        None => Ok(()),
        Some("taken") => community::insert_community(tx, &new, START).await,
        Some("panic") => panic!("on purpose"),
        Some(other) => Err(Error::Value(other.into())),
    }
}

async fn found_one(store: &Store, n: u64, fail: Option<&'static str>) -> Result<(), Error> {
    written!(store, tx => found_in(tx, n, fail).await)
}

/// Founds the communities of `range` in a transaction that nobody shares; then fails when told to.
async fn found_alone(store: &Store, range: Range<u64>, fail: Option<&'static str>) -> Result<(), Error> {
    let last = range.end - 1;
    store
        .write_alone(move |tx| {
            Box::pin(async move {
                for n in range {
                    found_in(tx, n, fail.filter(|_| n == last)).await?;
                    tokio::task::yield_now().await;
                }
                Ok(())
            })
        })
        .await
}

/// Checks that exactly the communities `expected` are there, each with its one record and its word, the chain whole.
async fn only(store: &Store, expected: impl IntoIterator<Item = u64>) {
    let expected: Vec<_> = expected.into_iter().map(|n| id(9, n)).collect();
    let stored = community::communities(store.read()).await.unwrap();
    assert_eq!(stored.iter().map(|c| c.id).collect::<Vec<_>>(), expected);
    let records = record::after(store.read(), COMMUNITY, 0, 10_000).await.unwrap();
    verify_chain((0, String::new()), &records).expect("the chain is whole");
    let mut recorded: Vec<_> = records.iter().map(|r| r.subject).collect();
    recorded.sort_unstable();
    assert_eq!(recorded, expected);
    let sql = "SELECT COUNT(*) AS n FROM search_doc WHERE tokens = 'founded'";
    let counted = Statement::from_string(store.read().get_database_backend(), sql);
    let counted: i64 = store.read().query_one_raw(counted).await.unwrap().unwrap().try_get("", "n").unwrap();
    assert_eq!(counted, expected.len() as i64);
}

on_both! {
    async fn of_many_at_once_the_failed_leave_nothing(store) {
        let plan = |n: u64| match n % 5 {
            0 => Some("value"),
            3 => Some("taken"),
            _ => None,
        };
        let tasks: Vec<_> = (0..200_u64).map(|n| {
            let store = store.clone();
            tokio::spawn(async move { found_one(&store, n, plan(n)).await })
        }).collect();
        for (task, n) in tasks.into_iter().zip(0_u64..) {
            let outcome = task.await.unwrap();
            match plan(n) {
                None => assert!(outcome.is_ok(), "{n}: {outcome:?}"),
                Some("taken") => assert!(is_taken(&outcome), "{n}: {outcome:?}"),
                Some(_) => assert!(matches!(outcome, Err(Error::Value(_))), "{n}: {outcome:?}"),
            }
        }
        only(&store, (0..200).filter(|n| plan(*n).is_none())).await;
    }

    async fn a_panic_stops_neither_the_writer_nor_its_neighbours(store) {
        let tasks: Vec<_> = (0..30_u64).map(|n| {
            let store = store.clone();
            tokio::spawn(async move { found_one(&store, n, n.is_multiple_of(7).then_some("panic")).await })
        }).collect();
        for (task, n) in tasks.into_iter().zip(0_u64..) {
            assert_eq!(task.await.unwrap().is_err(), n.is_multiple_of(7), "{n}");
        }
        found_one(&store, 30, None).await.unwrap();
        only(&store, (0..=30).filter(|n| n % 7 != 0)).await;
    }

    async fn work_alone_happens_wholly_or_not_at_all_and_others_go_on(store) {
        let plan = |n: u64| match n {
            0 => Some("value"),
            1 => Some("taken"),
            2 => Some("panic"),
            _ => None,
        };
        let long: Vec<_> = (0..5_u64).map(|n| {
            let store = store.clone();
            tokio::spawn(async move { found_alone(&store, 1_000 + n * 10..1_010 + n * 10, plan(n)).await })
        }).collect();
        let short: Vec<_> = (0..60_u64).map(|n| {
            let store = store.clone();
            tokio::spawn(async move { found_one(&store, n, (n % 9 == 4).then_some("value")).await })
        }).collect();
        for (task, n) in short.into_iter().zip(0_u64..) {
            assert_eq!(task.await.unwrap().is_err(), n % 9 == 4, "{n}");
        }
        for (task, n) in long.into_iter().zip(0_u64..) {
            assert_eq!(task.await.unwrap().is_err(), plan(n).is_some(), "{n}");
        }
        found_one(&store, 60, None).await.unwrap();
        only(&store, (0..=60).filter(|n| n % 9 != 4).chain(1_030..1_050)).await;
    }

    async fn the_first_that_fails_by_itself_leaves_nothing(store) {
        for (n, fail) in (0..).zip(["value", "taken", "panic"]) {
            assert!(found_one(&store, n, Some(fail)).await.is_err());
            assert!(found_alone(&store, n..n + 1, Some(fail)).await.is_err());
        }
        only(&store, []).await;
        found_alone(&store, 0..3, None).await.unwrap();
        only(&store, 0..3).await;
    }

    async fn a_transaction_lost_under_the_writer_does_not_stop_it(store) {
        found_one(&store, 0, None).await.unwrap();
        let lost = written!(store, tx => {
            let sql = match tx.get_database_backend() {
                sea_orm::DatabaseBackend::Postgres => "SELECT pg_terminate_backend(pg_backend_pid())",
                _ => "ROLLBACK",
            };
            tx.execute_unprepared(sql).await?;
            Ok(())
        });
        assert!(lost.is_err());
        tokio::time::sleep(Duration::from_millis(50)).await;
        tokio::time::timeout(Duration::from_secs(30), found_one(&store, 1, None)).await.expect("in time").unwrap();
        only(&store, [0, 1]).await;
    }

    async fn one_who_stops_waiting_does_no_harm(store) {
        for n in 0..40 {
            let outcome = tokio::time::timeout(Duration::from_micros(n * 20), found_one(&store, n, None)).await;
            drop(outcome);
        }
        found_one(&store, 40, None).await.unwrap();
        let stored = community::communities(store.read()).await.unwrap();
        let records = record::after(store.read(), COMMUNITY, 0, 10_000).await.unwrap();
        assert_eq!(records.len(), stored.len());
        verify_chain((0, String::new()), &records).expect("the chain is whole");
    }

    async fn programs_that_share_a_database_lose_no_change(store) {
        found(&store).await;
        add_members(&store, &[person(1, AREA_A, &[])]).await;
        let mut need = intent(Side::Need, 1, id(1, 1), AREA_A, 0);
        need.draft.quantity = 1_000;
        add_intents(&store, &[need]).await;
        let other = opened_again(&store).await;
        let tasks: Vec<_> = (0..100_u64).map(|n| {
            let store = if n.is_multiple_of(2) { store.clone() } else { other.clone() };
            tokio::spawn(async move {
                written!(store, tx => {
                    // Read, change, save: as a use case does.
                    let mut need = intents::intent(tx, COMMUNITY, id(2, 1)).await?.expect("is there");
                    need.commit(1, at(n as i64)).expect("enough is left");
                    intents::save(tx, COMMUNITY, &need).await?;
                    let record = NewRecord {
                        at: at(0), account: None, capacity: "system".into(), action: "need.commit".into(),
                        subject_kind: "need".into(), subject: need.id, data: n.to_string(),
                    };
                    record::append(tx, COMMUNITY, vec![record]).await
                })
            })
        }).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let need = intents::intent(store.read(), COMMUNITY, id(2, 1)).await.unwrap().unwrap();
        assert_eq!(need.committed, 100);
        let records = record::after(store.read(), COMMUNITY, 0, 10_000).await.unwrap();
        assert_eq!(verify_chain((0, String::new()), &records).expect("the chain is whole").0, 100);
    }

    async fn readers_see_a_write_once_it_is_acknowledged(store) {
        for n in 0..20 {
            found_one(&store, n, None).await.unwrap();
            assert_eq!(community::communities(store.read()).await.unwrap().len() as u64, n + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_readers_cannot_write() {
    on_sqlite(|store| async move {
        store.migrate().await.unwrap();
        let refused = store.read().execute_unprepared("DELETE FROM community").await;
        assert!(refused.is_err());
    })
    .await;
}
