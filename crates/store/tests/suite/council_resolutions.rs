//! Resolutions: progress, and the register with its filters.

use tongxin_core::council::{
    Level, MatterKind,
    resolution::{Resolution, ResolutionForm, ResolutionState},
};
use tongxin_store::{
    council::resolution::{self, ResolutionFilter, StoredResolution},
    search,
};

use super::council::{council_id, organisation_holder, with_council};
use crate::{common::*, on_both, written};

/// Resolution `n` of council 1, which organisation 12 carries out within 2026.
pub fn resolution(n: u64, on: &str) -> StoredResolution {
    let number = format!("同建决〔2026〕{n}号");
    let form = ResolutionForm {
        number: &number,
        title: "加装充电桩",
        text: "在南门加装八个。",
        owner: Some(organisation_holder(12)),
        due: Some(day("2026-12-31")),
    };
    let what = (Level::ResidentialArea, MatterKind::Ordinary, 1);
    StoredResolution {
        council: council_id(1),
        location: at_place(AREA_A),
        meeting: None,
        proposal: None,
        vote: None,
        public: n.is_multiple_of(2),
        revision: 0,
        life: Resolution::take(id(58, n), what, &form, day(on)).unwrap(),
    }
}

on_both! {
    async fn progress_is_kept(store) {
        with_council(&store).await;
        let new = resolution(1, "2026-03-01");
        let first = new.clone();
        written!(store, tx => resolution::insert(tx, COMMUNITY, &first).await).unwrap();
        let read = store.read();
        let find = async || resolution::find(read, COMMUNITY, id(58, 1)).await.unwrap().unwrap();
        assert_eq!(find().await, new);
        let mut life = new.life.clone();
        life.report(id(1, 1), "已招标", at(10)).unwrap();
        life.finish(id(1, 1), "", at(20)).unwrap();
        let (before, changed) = (new.clone(), life.clone());
        written!(store, tx => resolution::save(tx, COMMUNITY, &before, &changed).await).unwrap();
        let now = find().await;
        assert_eq!((now.revision, &now.life), (1, &life));
        let changed = life.clone();
        assert!(written!(store, tx => resolution::save(tx, COMMUNITY, &new, &changed).await).is_err());
        life.accept(id(1, 2), "", at(30)).unwrap();
        let changed = life.clone();
        written!(store, tx => resolution::save(tx, COMMUNITY, &now, &changed).await).unwrap();
        assert_eq!(find().await.life, life);
        let twice = StoredResolution { life: Resolution { id: id(58, 2), ..life }, ..resolution(1, "2026-03-01") };
        assert!(is_taken(&written!(store, tx => resolution::insert(tx, COMMUNITY, &twice).await)));
        let numbers = resolution::numbers(read, COMMUNITY, council_id(1), "同建决〔2026〕").await.unwrap();
        assert_eq!(numbers, ["同建决〔2026〕1号"]);
    }

    async fn the_register_is_filtered(store) {
        with_council(&store).await;
        let mut free = resolution(3, "2026-05-01");
        (free.life.owner, free.life.due, free.life.state) = (None, None, ResolutionState::Accepted);
        let mut soon = resolution(2, "2026-04-01");
        soon.life.due = Some(day("2026-05-01"));
        let all = [resolution(1, "2026-03-01"), soon, free];
        written!(store, tx => {
            for one in &all {
                resolution::insert(tx, COMMUNITY, one).await?;
            }
            search::index(tx, COMMUNITY, "resolution", id(58, 2), "充 电").await
        })
        .unwrap();
        let read = store.read();
        let list = async |filter: ResolutionFilter| {
            let found = resolution::list(read, COMMUNITY, &filter, ALL).await.unwrap();
            found.rows.into_iter().map(|one| one.life.id.as_u128() as u64).collect::<Vec<_>>()
        };
        let any = ResolutionFilter::default;
        assert_eq!(list(any()).await, [3, 2, 1]);
        assert_eq!(list(ResolutionFilter { by_due: true, ..any() }).await, [2, 1, 3]);
        assert_eq!(list(ResolutionFilter { seen_by: Some(vec![]), ..any() }).await, [2]);
        assert_eq!(list(ResolutionFilter { seen_by: Some(vec![council_id(1)]), ..any() }).await, [3, 2, 1]);
        assert_eq!(list(ResolutionFilter { councils: Some(vec![council_id(2)]), ..any() }).await, [0_u64; 0]);
        assert_eq!(list(ResolutionFilter { level: Some(Level::Community), ..any() }).await, [0_u64; 0]);
        let here = ResolutionFilter { level: Some(Level::ResidentialArea), areas: Some(vec![AREA_A]), place: Some(AREA_A), ..any() };
        assert_eq!(list(here).await, [3, 2, 1]);
        assert_eq!(list(ResolutionFilter { states: vec![ResolutionState::Open], ..any() }).await, [2, 1]);
        assert_eq!(list(ResolutionFilter { owners: Some(vec![id(1, 12)]), matter: Some(MatterKind::Ordinary), ..any() }).await, [2, 1]);
        assert_eq!(list(ResolutionFilter { due_before: Some(day("2026-06-01")), ..any() }).await, [2]);
        assert_eq!(list(ResolutionFilter { from: Some(day("2026-04-01")), until: Some(day("2026-05-01")), ..any() }).await, [2]);
        assert_eq!(list(ResolutionFilter { tokens: Some("电".into()), ..any() }).await, [2]);
    }
}
