//! Matters between parties, through their whole life and in lists.

use tongxin_core::{
    council::Level,
    voice::matter::{DeliberationKind, DeliberationMatter, MatterState, PartyAnswer},
};
use tongxin_store::voice::matter::{self, MatterFilter, StoredMatter};

use super::council::{organisation_holder, person_holder, with_council};
use crate::{common::*, on_both, written};

fn raised(n: u64, by: u64) -> StoredMatter {
    let text = ("楼道堆物", "三号楼楼道堆放杂物。");
    let life = DeliberationMatter::raise(id(64, n), text, Level::BuildingGroup, person_holder(by), day("2026-03-01"));
    StoredMatter {
        code: Some(format!("m{n}")),
        location: at_place(GROUP_A),
        public: n.is_multiple_of(2),
        entered_by: None,
        revision: 0,
        life: life.unwrap(),
    }
}

on_both! {
    async fn a_matter_is_kept_through_its_whole_life(store) {
        with_council(&store).await;
        let new = raised(1, 1);
        let first = new.clone();
        written!(store, tx => matter::insert(tx, COMMUNITY, &first).await).unwrap();
        let read = store.read();
        let find = async || matter::find(read, COMMUNITY, id(64, 1)).await.unwrap().unwrap();
        assert_eq!(find().await, new);
        let today = day("2026-04-01");
        let mut life = new.life.clone();
        life.invite(&[organisation_holder(11)], day("2026-03-02")).unwrap();
        life.answer(organisation_holder(11), PartyAnswer::Comes).unwrap();
        let both = [person_holder(1), organisation_holder(11)];
        life.meet(DeliberationKind::Coordination, day("2026-03-10"), &both, "双方到场", today).unwrap();
        let tasks = [
            ("清理".to_owned(), organisation_holder(11), day("2026-03-20")),
            ("巡查".to_owned(), person_holder(1), day("2026-06-01")),
        ];
        life.agree(day("2026-03-10"), "物业清理，居民巡查", &tasks, today).unwrap();
        life.done(0, day("2026-03-18"), today).unwrap();
        let (before, changed) = (new.clone(), life.clone());
        written!(store, tx => matter::save(tx, COMMUNITY, &before, &changed).await).unwrap();
        let now = find().await;
        assert_eq!((now.revision, &now.life), (1, &life));
        let head = matter::list(read, COMMUNITY, &MatterFilter::default(), ALL).await.unwrap().rows.remove(0);
        assert_eq!((head.next_due, head.state), (Some(day("2026-06-01")), MatterState::Agreed));
        let changed = life.clone();
        assert!(written!(store, tx => matter::save(tx, COMMUNITY, &new, &changed).await).is_err());
        life.reopen("又堆了", at(9), day("2026-06-02")).unwrap();
        let changed = life.clone();
        written!(store, tx => matter::save(tx, COMMUNITY, &now, &changed).await).unwrap();
        let again = find().await;
        assert_eq!(again.life, life);
        life.meet(DeliberationKind::Review, day("2026-06-03"), &both, "再议", day("2026-06-03")).unwrap();
        life.agree(day("2026-06-03"), "加装储物柜", &[], day("2026-06-03")).unwrap();
        life.close(day("2026-06-04")).unwrap();
        let changed = life.clone();
        written!(store, tx => matter::save(tx, COMMUNITY, &again, &changed).await).unwrap();
        assert_eq!(find().await.life, life);
    }

    async fn matters_are_listed_by_who_sees_them_and_what_is_due(store) {
        with_council(&store).await;
        let mut due = raised(3, 2);
        let today = day("2026-03-05");
        due.life.invite(&[organisation_holder(12)], today).unwrap();
        let both = [person_holder(2), organisation_holder(12)];
        due.life.meet(DeliberationKind::Hearing, today, &both, "听证", today).unwrap();
        due.life.agree(today, "整改", &[("整改".to_owned(), both[1], day("2026-04-01"))], today).unwrap();
        let all = [raised(1, 1), raised(2, 1), due];
        written!(store, tx => {
            for one in &all {
                matter::insert(tx, COMMUNITY, one).await?;
            }
            tongxin_store::search::index(tx, COMMUNITY, "matter", id(64, 2), "楼 道").await
        })
        .unwrap();
        let read = store.read();
        let list = async |filter: MatterFilter| {
            let found = matter::list(read, COMMUNITY, &filter, ALL).await.unwrap();
            found.rows.into_iter().map(|head| head.id.as_u128() as u64).collect::<Vec<_>>()
        };
        let any = MatterFilter::default;
        assert_eq!(list(any()).await, [3, 2, 1]);
        assert_eq!(list(MatterFilter { seen_by: Some((vec![], vec![])), ..any() }).await, [2]);
        assert_eq!(list(MatterFilter { seen_by: Some((vec![id(1, 12)], vec![])), ..any() }).await, [3, 2]);
        assert_eq!(list(MatterFilter { seen_by: Some((vec![], vec![AREA_A])), ..any() }).await, [3, 2, 1]);
        assert_eq!(list(MatterFilter { parties: Some(vec![id(1, 1)]), ..any() }).await, [2, 1]);
        assert_eq!(list(MatterFilter { states: vec![MatterState::Agreed], level: Some(Level::BuildingGroup), ..any() }).await, [3]);
        assert_eq!(list(MatterFilter { due_before: Some(day("2026-04-02")), ..any() }).await, [3]);
        assert_eq!(list(MatterFilter { due_before: Some(day("2026-04-01")), ..any() }).await, [0_u64; 0]);
        assert_eq!(list(MatterFilter { areas: Some(vec![AREA_A]), place: Some(GROUP_A), ..any() }).await, [3, 2, 1]);
        assert_eq!(list(MatterFilter { tokens: Some("道".into()), ..any() }).await, [2]);
        let twice = StoredMatter { code: Some("m1".into()), ..raised(4, 1) };
        assert!(is_taken(&written!(store, tx => matter::insert(tx, COMMUNITY, &twice).await)));
    }
}
