//! Proposals: versions, backers, amendments, comments.

use tongxin_core::council::{
    MatterKind,
    proposal::{Proposal, ProposalState},
};
use tongxin_store::{
    council::{
        comment::{self, Comment},
        proposal::{self, ProposalFilter, StoredProposal},
    },
    search,
};

use super::council::{council_id, seat_id, with_council};
use crate::{common::*, on_both, written};

pub fn draft(n: u64, matter: MatterKind) -> StoredProposal {
    let life = Proposal::draft((id(57, n), seat_id(1)), matter, ("加装充电桩", "在南门\n加装六个"), at(1)).unwrap();
    StoredProposal { council: council_id(1), created_at: at(i64::try_from(n).unwrap()), revision: 0, life }
}

on_both! {
    async fn a_proposal_is_kept_with_all_that_was_said(store) {
        with_council(&store).await;
        let new = draft(1, MatterKind::Ordinary);
        let first = new.clone();
        written!(store, tx => proposal::insert(tx, COMMUNITY, &first).await).unwrap();
        let read = store.read();
        let find = async || proposal::find(read, COMMUNITY, id(57, 1)).await.unwrap().unwrap();
        assert_eq!(find().await, new);
        let mut life = new.life.clone();
        life.rewrite(seat_id(1), "加装充电桩", "在南门加装八个", at(2)).unwrap();
        life.submit(seat_id(1), 3).unwrap();
        life.back(seat_id(2), 3).unwrap();
        life.back(seat_id(3), 3).unwrap();
        life.debate().unwrap();
        life.amend((id(59, 1), seat_id(4)), "在南门加装六个", "地方不够").unwrap();
        life.amend((id(59, 2), seat_id(5)), "不加装", "").unwrap();
        let (before, changed) = (new.clone(), life.clone());
        written!(store, tx => proposal::save(tx, COMMUNITY, &before, &changed, at(20)).await).unwrap();
        let before = find().await;
        assert_eq!((before.revision, &before.life), (1, &life));
        life.accept(id(59, 1), at(30)).unwrap();
        life.vote().unwrap();
        let (old, changed) = (before.clone(), life.clone());
        written!(store, tx => proposal::save(tx, COMMUNITY, &old, &changed, at(31)).await).unwrap();
        assert_eq!(find().await.life, life);
        let changed = life.clone();
        assert!(written!(store, tx => proposal::save(tx, COMMUNITY, &before, &changed, at(32)).await).is_err());
        assert_eq!(proposal::backer_counts(read, COMMUNITY, &[id(57, 1)]).await.unwrap()[&id(57, 1)], 3);
    }

    async fn a_backing_is_taken_back(store) {
        with_council(&store).await;
        let mut new = draft(1, MatterKind::Ordinary);
        new.life.submit(seat_id(1), 3).unwrap();
        new.life.back(seat_id(2), 3).unwrap();
        let first = new.clone();
        written!(store, tx => proposal::insert(tx, COMMUNITY, &first).await).unwrap();
        let mut life = new.life.clone();
        life.unback(seat_id(2)).unwrap();
        let changed = life.clone();
        written!(store, tx => proposal::save(tx, COMMUNITY, &new, &changed, at(5)).await).unwrap();
        assert_eq!(proposal::find(store.read(), COMMUNITY, id(57, 1)).await.unwrap().unwrap().life, life);
    }

    async fn proposals_are_listed_newest_first(store) {
        with_council(&store).await;
        let mut third = draft(3, MatterKind::Special);
        third.life.submit(seat_id(1), 1).unwrap();
        let all = [draft(1, MatterKind::Ordinary), draft(2, MatterKind::Special), third];
        written!(store, tx => {
            for one in &all {
                proposal::insert(tx, COMMUNITY, one).await?;
            }
            search::index(tx, COMMUNITY, "proposal", id(57, 2), "充 电 桩").await
        })
        .unwrap();
        let read = store.read();
        let list = async |filter: ProposalFilter| {
            let found = proposal::list(read, COMMUNITY, &filter, ALL).await.unwrap();
            found.rows.into_iter().map(|head| head.id.as_u128() as u64).collect::<Vec<_>>()
        };
        let any = ProposalFilter::default;
        assert_eq!(list(any()).await, [3, 2, 1]);
        assert_eq!(list(ProposalFilter { states: vec![ProposalState::Backed], ..any() }).await, [3]);
        assert_eq!(list(ProposalFilter { matter: Some(MatterKind::Ordinary), ..any() }).await, [1]);
        assert_eq!(list(ProposalFilter { by: Some(vec![seat_id(2)]), ..any() }).await, [0_u64; 0]);
        assert_eq!(list(ProposalFilter { tokens: Some("电".into()), councils: Some(vec![council_id(1)]), ..any() }).await, [2]);
        assert_eq!(list(ProposalFilter { areas: Some(vec![AREA_B]), ..any() }).await, [0_u64; 0]);
        assert_eq!(proposal::heads(read, COMMUNITY, [id(57, 3)]).await.unwrap()[0].state, ProposalState::Backed);
    }

    async fn comments_are_kept_in_order_and_may_be_taken_back(store) {
        with_council(&store).await;
        let new = draft(1, MatterKind::Ordinary);
        let comment = |n: u64, reply_to| Comment {
            id: id(60, n), proposal: id(57, 1), reply_to, person: id(1, n), text: format!("意见{n}"), at: at(10), taken_back: None,
        };
        let (one, two) = (comment(1, None), comment(2, Some(id(60, 1))));
        let both = [one.clone(), two.clone()];
        written!(store, tx => {
            proposal::insert(tx, COMMUNITY, &new).await?;
            comment::insert(tx, COMMUNITY, &both[0]).await?;
            comment::insert(tx, COMMUNITY, &both[1]).await
        })
        .unwrap();
        let back = Comment { taken_back: Some((at(20), id(9, 9))), ..one };
        let saved = back.clone();
        written!(store, tx => comment::save(tx, COMMUNITY, &saved).await).unwrap();
        let read = store.read();
        assert_eq!(comment::find(read, COMMUNITY, id(60, 1)).await.unwrap(), Some(back.clone()));
        assert_eq!(comment::list(read, COMMUNITY, id(57, 1), ALL).await.unwrap().rows, [back, two]);
    }
}
