//! Papers and shows of hands, entered by one and confirmed by another; and proxies.

use std::collections::BTreeMap;

use tongxin_core::council::{
    ballot::{
        cast::Turnout,
        entry::{Entry, EntryContent, EntryForm, NamedLine, Standing},
        proxy::Proxy,
    },
    charter::Way,
};
use tongxin_store::{
    ConnectionTrait,
    council::{ballot, entry, vote},
};

use super::{
    council::with_council,
    council_votes::{add_vote, cast, owners, owners_vote, vote_id, voter},
};
use crate::{common::*, on_both, written};

/// Entry `n` of papers of these voters, all with the same mark.
async fn papers(store: &tongxin_store::Store, n: u64, voters: &[u64], mark: &str) -> (Entry, Vec<Turnout>) {
    let life = vote::find(store.read(), COMMUNITY, vote_id(1)).await.unwrap().unwrap().life;
    let voters: Vec<_> = voters.iter().map(|n| voter(*n)).collect();
    let roll = vote::roll_of(store.read(), COMMUNITY, vote_id(1), &voters).await.unwrap();
    let lines = vec![NamedLine { voters, marks: serde_json::from_str(mark).unwrap() }];
    let form = EntryForm { way: Way::Paper, content: EntryContent::Named { lines }, handed_in_at: at(90) };
    let standing = Standing { roll: &roll, turnouts: &BTreeMap::new() };
    life.enter(id(63, n), form, standing, id(9, 1), at(95)).unwrap()
}

on_both! {
    async fn papers_count_from_the_second_person_on(store) {
        with_council(&store).await;
        let roll = owners(6);
        add_vote(&store, &owners_vote(1, &roll), &roll).await;
        cast(&store, vote_id(1), 1, r#"["yes"]"#, (None, None)).await.unwrap();
        let (mut one, turnouts) = papers(&store, 1, &[2, 3], r#"["no"]"#).await;
        let (new, took_part) = (one.clone(), turnouts.clone());
        written!(store, tx => entry::insert(tx, COMMUNITY, vote_id(1), &new, &took_part).await).unwrap();
        let read = store.read();
        assert_eq!(entry::find(read, COMMUNITY, id(63, 1)).await.unwrap(), Some((vote_id(1), one.clone())));
        assert_eq!(entry::unconfirmed(read, COMMUNITY, vote_id(1)).await.unwrap(), 1);
        // Who has handed in a paper has voted.
        assert!(cast(&store, vote_id(1), 2, r#"["yes"]"#, (None, None)).await.is_err());
        let found = ballot::turnouts_of(read, COMMUNITY, vote_id(1), &[voter(2), voter(4)]).await.unwrap();
        assert_eq!(found.into_values().collect::<Vec<_>>(), [turnouts[0].clone()]);
        let (again, took_part) = papers(&store, 2, &[1, 4], r#"["no"]"#).await;
        assert!(is_taken(&written!(store, tx => entry::insert(tx, COMMUNITY, vote_id(1), &again, &took_part).await)));
        let life = vote::find(read, COMMUNITY, vote_id(1)).await.unwrap().unwrap().life;
        assert_eq!(ballot::sheets(read, COMMUNITY, &life).await.unwrap().len(), 1);
        // The database asks for two persons as well.
        let same = "UPDATE vote_entry SET state = 'confirmed', decided_by = entered_by, decided_at = 1";
        assert!(written!(store, tx => Ok(tx.execute_unprepared(same).await?)).is_err());
        let of = vote::roll_of(read, COMMUNITY, vote_id(1), &[voter(2), voter(3)]).await.unwrap();
        let sheets = life.confirm(&mut one, &of, id(9, 2), at(99)).unwrap();
        let (confirmed, counted) = (one.clone(), life.clone());
        written!(store, tx => entry::confirm(tx, COMMUNITY, &counted, &confirmed, &sheets).await).unwrap();
        assert_eq!(entry::list(read, COMMUNITY, vote_id(1)).await.unwrap(), [one.clone()]);
        assert_eq!(ballot::sheets(read, COMMUNITY, &life).await.unwrap().len(), 3);
        assert_eq!(entry::unconfirmed(read, COMMUNITY, vote_id(1)).await.unwrap(), 0);
        let (twice, counted) = (one, life);
        assert!(written!(store, tx => entry::confirm(tx, COMMUNITY, &counted, &twice, &[]).await).is_err());
    }

    async fn a_discarded_entry_lets_its_voters_vote(store) {
        with_council(&store).await;
        let roll = owners(6);
        add_vote(&store, &owners_vote(1, &roll), &roll).await;
        let (mut one, turnouts) = papers(&store, 1, &[2, 3], r#"["no"]"#).await;
        let new = one.clone();
        written!(store, tx => entry::insert(tx, COMMUNITY, vote_id(1), &new, &turnouts).await).unwrap();
        let life = vote::find(store.read(), COMMUNITY, vote_id(1)).await.unwrap().unwrap().life;
        life.discard(&mut one, id(9, 1), "录错楼号", at(99)).unwrap();
        let gone = one.clone();
        written!(store, tx => entry::discard(tx, COMMUNITY, vote_id(1), &gone).await).unwrap();
        assert_eq!(ballot::participation(store.read(), COMMUNITY, vote_id(1)).await.unwrap(), []);
        assert_eq!(entry::list(store.read(), COMMUNITY, vote_id(1)).await.unwrap(), [one]);
        assert!(cast(&store, vote_id(1), 2, r#"["yes"]"#, (None, None)).await.unwrap());
    }

    async fn a_proxy_is_given_once_and_taken_back(store) {
        with_council(&store).await;
        let roll = owners(6);
        add_vote(&store, &owners_vote(1, &roll), &roll).await;
        let proxy = |giver, holder| Proxy { giver: voter(giver), holder: voter(holder), at: at(61) };
        written!(store, tx => {
            entry::insert_proxy(tx, COMMUNITY, vote_id(1), &proxy(1, 3)).await?;
            entry::insert_proxy(tx, COMMUNITY, vote_id(1), &proxy(2, 4)).await
        })
        .unwrap();
        assert!(is_taken(&written!(store, tx => entry::insert_proxy(tx, COMMUNITY, vote_id(1), &proxy(1, 4)).await)));
        assert!(written!(store, tx => entry::insert_proxy(tx, COMMUNITY, vote_id(1), &proxy(5, 99)).await).is_err());
        let read = store.read();
        assert_eq!(entry::proxies(read, COMMUNITY, vote_id(1), None).await.unwrap(), [proxy(1, 3), proxy(2, 4)]);
        assert_eq!(entry::proxies(read, COMMUNITY, vote_id(1), Some(voter(4))).await.unwrap(), [proxy(2, 4)]);
        let casting = ballot::casting(read, COMMUNITY, vote_id(1), voter(1)).await.unwrap().unwrap();
        assert_eq!((casting.entry, casting.turnout, casting.proxy), (Some(roll[0]), None, Some(proxy(1, 3))));
        written!(store, tx => entry::delete_proxy(tx, COMMUNITY, vote_id(1), voter(1)).await).unwrap();
        assert_eq!(entry::proxies(read, COMMUNITY, vote_id(1), None).await.unwrap(), [proxy(2, 4)]);
        assert_eq!(ballot::casting(read, COMMUNITY, vote_id(1), voter(99)).await.unwrap().unwrap().entry, None);
        assert!(ballot::casting(read, COMMUNITY, vote_id(2), voter(1)).await.unwrap().is_none());
    }
}
