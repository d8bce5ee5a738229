//! The chain of records.

use tongxin_core::record::verify_chain;
use tongxin_store::{
    ConnectionTrait, Slice,
    record::{self, NewRecord, RecordFilter},
};

use crate::{common::*, on_both, written};

fn new(n: u64) -> NewRecord {
    NewRecord {
        at: at(n as i64),
        account: n.is_multiple_of(2).then(|| id(6, 1)),
        capacity: "self".into(),
        action: if n.is_multiple_of(3) { "need.create" } else { "offer.create" }.into(),
        subject_kind: "need".into(),
        subject: id(2, n % 4),
        data: format!("{{\"题\":{n}}}"),
    }
}

on_both! {
    async fn the_chain_verifies_and_lists(store) {
        assert_eq!(record::head(store.read(), COMMUNITY).await.unwrap(), (0, String::new()));
        written!(store, tx => record::append(tx, COMMUNITY, (0..3).map(new).collect()).await).unwrap();
        written!(store, tx => {
            record::append(tx, COMMUNITY, (3..10).map(new).collect()).await?;
            record::append(tx, id(9, 9), vec![new(1)]).await
        }).unwrap();
        written!(store, tx => record::append(tx, COMMUNITY, (10..1_210).map(new).collect()).await).unwrap();
        let records = record::after(store.read(), COMMUNITY, 0, 5_000).await.unwrap();
        assert_eq!(records.len(), 1_210);
        let end = verify_chain((0, String::new()), &records).unwrap();
        assert_eq!(end, record::head(store.read(), COMMUNITY).await.unwrap());
        let part = record::after(store.read(), COMMUNITY, 4, 3).await.unwrap();
        assert_eq!(part.iter().map(|r| r.seq).collect::<Vec<_>>(), [5, 6, 7]);
        assert_eq!(verify_chain((4, records[3].hash.clone()), &part).unwrap().0, 7);
        assert_eq!(record::head(store.read(), id(9, 9)).await.unwrap().0, 1);

        let count = |filter| {
            let store = store.clone();
            async move { record::list(store.read(), COMMUNITY, &filter, ALL).await.unwrap().total }
        };
        let wanted = |keep: fn(u64) -> bool| (0..1_210).filter(|n| keep(*n)).count() as u64;
        let base = RecordFilter::default;
        assert_eq!(count(RecordFilter { subject: Some(id(2, 3)), ..base() }).await, wanted(|n| n % 4 == 3));
        assert_eq!(count(RecordFilter { account: Some(id(6, 1)), ..base() }).await, wanted(|n| n % 2 == 0));
        assert_eq!(count(RecordFilter { action: Some("need.".into()), ..base() }).await, wanted(|n| n % 3 == 0));
        assert_eq!(count(RecordFilter { action: Some("n_ed.".into()), ..base() }).await, 0);
        let newest = record::list(store.read(), COMMUNITY, &base(), Slice { offset: 1, limit: 2 }).await.unwrap();
        assert_eq!(newest.rows.iter().map(|r| r.seq).collect::<Vec<_>>(), [1_209, 1_208]);
    }

    async fn tampering_is_found(store) {
        written!(store, tx => record::append(tx, COMMUNITY, (0..9).map(new).collect()).await).unwrap();
        let tamper = [
            ("UPDATE record SET data = '{}' WHERE seq = 4", 4),
            ("DELETE FROM record WHERE seq = 2", 3),
        ];
        for (sql, first_bad) in tamper {
            written!(store, tx => Ok(tx.execute_unprepared(sql).await?)).unwrap();
            let records = record::after(store.read(), COMMUNITY, 0, 99).await.unwrap();
            assert_eq!(verify_chain((0, String::new()), &records), Err(first_bad), "{sql}");
        }
    }
}
