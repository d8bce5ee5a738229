//! What rolls are made from: exclusive parts and residents.

use tongxin_core::{council::roll::of_owners, period::Period};
use tongxin_store::council::part::{self, ExclusivePart, PartFilter};
use uuid::Uuid;

use super::council::{organisation_holder, person_holder, with_council};
use crate::{common::*, on_both, written};

fn a_part(n: u64, place: Uuid, owner: u64, size: u64) -> ExclusivePart {
    let owner = if owner > 10 { organisation_holder(owner) } else { person_holder(owner) };
    let period = Period::since(day("2020-01-01"));
    ExclusivePart { id: id(65, n), code: format!("1号楼{n:03}室"), location: at_place(place), owner, size, period }
}

on_both! {
    async fn owners_are_summed_as_of_a_day(store) {
        with_council(&store).await;
        let sold = ExclusivePart {
            period: Period { from: day("2020-01-01"), until: Some(day("2026-02-01")) },
            ..a_part(3, AREA_A, 2, 5_000)
        };
        let bought = ExclusivePart { id: id(65, 9), period: Period::since(day("2026-02-01")), ..a_part(3, AREA_A, 11, 5_000) };
        let all = [a_part(1, GROUP_A, 1, 9_050), a_part(2, AREA_A, 1, 2_000), sold.clone(), bought, a_part(4, AREA_B, 3, 100)];
        let new = all.clone();
        written!(store, tx => part::insert(tx, COMMUNITY, &new).await).unwrap();
        let read = store.read();
        let owned = async |place, on: &str| {
            let filter = PartFilter { place: Some(place), on: Some(day(on)), ..PartFilter::default() };
            let roll = of_owners(&part::owned(read, COMMUNITY, &filter).await.unwrap()).unwrap();
            roll.into_iter().map(|entry| (entry.voter.as_u128() as u64, entry.area)).collect::<Vec<_>>()
        };
        assert_eq!(owned(AREA_A, "2026-01-31").await, [(1, 11_050), (2, 5_000)]);
        assert_eq!(owned(AREA_A, "2026-02-01").await, [(1, 11_050), (11, 5_000)]);
        assert_eq!(owned(GROUP_A, "2026-02-01").await, [(1, 9_050)]);
        let own = PartFilter { owner: Some(id(1, 1)), ..PartFilter::default() };
        assert_eq!(part::list(read, COMMUNITY, &own, ALL).await.unwrap().rows, all[..2]);
        assert_eq!(part::find(read, COMMUNITY, id(65, 3)).await.unwrap(), Some(sold));
        let twice = [ExclusivePart { id: id(65, 10), period: Period::since(day("2025-01-01")), ..a_part(1, AREA_A, 2, 5) }];
        assert!(is_taken(&written!(store, tx => part::insert(tx, COMMUNITY, &twice).await)));
        let larger = ExclusivePart { size: 9_100, ..all[0].clone() };
        let saved = larger.clone();
        written!(store, tx => part::save(tx, COMMUNITY, &saved).await).unwrap();
        assert_eq!(part::find(read, COMMUNITY, larger.id).await.unwrap(), Some(larger));
    }

    async fn residents_are_old_enough_and_there(store) {
        with_council(&store).await;
        add_members(&store, &[person(7, AREA_B, &[]), person(8, GROUP_A, &[])]).await;
        let found = async |place, born: &str| part::residents(store.read(), COMMUNITY, place, day(born)).await.unwrap().len();
        assert_eq!(found(Some(AREA_A), "1950-02-03").await, 7);
        assert_eq!(found(Some(GROUP_A), "1950-02-03").await, 1);
        assert_eq!(found(None, "1950-02-03").await, 8);
        assert_eq!(found(None, "1950-02-02").await, 0);
    }
}
