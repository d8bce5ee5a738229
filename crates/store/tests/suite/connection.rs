//! Connections that are kept between statements.

use std::time::Duration;

use sea_orm::Statement;
use tongxin_store::{ConnectionTrait, Store, community};

use crate::{common::*, on_both, written};

async fn communities(store: &Store) -> usize {
    community::communities(store.read()).await.unwrap().len()
}

on_both! {
    async fn more_askers_than_connections_are_all_answered(store) {
        found(&store).await;
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let store = store.clone();
            asking.spawn(async move { communities(&store).await });
        }
        while let Some(answer) = asking.join_next().await {
            assert_eq!(answer.unwrap(), 1);
        }
    }

    async fn who_fails_or_hangs_up_takes_no_connection_along(store) {
        found(&store).await;
        for n in 0..50 {
            let refused = store.read().execute_unprepared("SELECT nothing FROM nowhere").await;
            assert!(refused.is_err(), "{n}");
            let everything = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n";
            let asked = Statement::from_string(store.read().get_database_backend(), everything);
            // Hung up before, while or after it is answered.
            let _cut_off = tokio::time::timeout(Duration::from_micros(n * 40), store.read().query_all_raw(asked)).await;
        }
        assert_eq!(communities(&store).await, 1);
        assert!(store.is_ready().await);
    }

    async fn what_was_written_is_read_at_once_by_every_connection(store) {
        found(&store).await;
        for n in 0..20 {
            let new = community::Community { id: id(9, n), code: format!("c{n}"), ..the_community() };
            written!(store, tx => community::insert_community(tx, &new, START).await).unwrap();
            let (one, other, another) = tokio::join!(communities(&store), communities(&store), communities(&store));
            assert_eq!([one, other, another], [2 + usize::try_from(n).unwrap(); 3]);
        }
    }
}
