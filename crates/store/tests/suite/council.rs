//! Councils, their charters, seats and who speaks for them; and what the other checks of councils begin with.

use tongxin_core::{
    community::OrganisationKind,
    council::{
        Holder, Level, Office,
        charter::{Charter, CharterVersion, found as founding},
        preset::{self, PresetKind},
        seat::{Seat, SeatRole, Sitting},
    },
    people::MemberKind,
    period::Period,
};
use tongxin_store::{
    Store,
    council::{self, Council, CouncilFilter, charter, seat},
    search,
};
use uuid::Uuid;

use crate::{common::*, on_both, written};

pub fn council_id(n: u64) -> Uuid {
    id(50, n)
}

pub fn seat_id(n: u64) -> Uuid {
    id(51, n)
}

pub fn a_council(n: u64, place: Uuid, level: Level, preset: PresetKind) -> Council {
    Council {
        id: council_id(n),
        code: Some(format!("council-{n}")),
        name: format!("理事会{n}"),
        sort_key: format!("lishihui{n:04}"),
        level,
        location: at_place(place),
        preset: Some(preset),
        parent: (n > 1).then(|| council_id(1)),
        convener: None,
        seed: u64::MAX - n,
        period: Period::since(day("2026-01-01")),
    }
}

/// The founding charter of a preset.
pub fn charter_of(kind: PresetKind, change: impl Fn(&mut Charter)) -> CharterVersion {
    let mut charter = preset::in_force(kind, day("2026-01-01")).unwrap().charter;
    change(&mut charter);
    founding(charter, day("2026-01-01")).unwrap()
}

pub fn organisation_holder(n: u64) -> Holder {
    Holder { kind: MemberKind::Organisation, member: id(1, n) }
}

pub fn person_holder(n: u64) -> Holder {
    Holder { kind: MemberKind::Person, member: id(1, n) }
}

pub fn a_seat(n: u64, holder: Holder) -> Seat {
    let office = if n == 1 { Office::Chair } else { Office::Member };
    Seat { id: seat_id(n), number: u32::try_from(n).unwrap(), holder, office, period: Period::since(day("2026-01-01")) }
}

pub fn sitting(n: u64, seat: u64, person: u64, role: SeatRole, from: &str, until: Option<&str>) -> Sitting {
    let period = Period { from: day(from), until: until.map(day) };
    Sitting { id: id(52, n), seat: seat_id(seat), person: id(1, person), role, period }
}

/// The community with persons 1 to 6, organisations 11 to 16, and the co-building council 1 with a seat of each organisation.
pub async fn with_council(store: &Store) {
    found(store).await;
    let persons: Vec<_> = (1..=6).map(|n| person(n, AREA_A, &[])).collect();
    add_members(store, &persons).await;
    let all: Vec<_> = (11..=16).map(|n| organisation(n, AREA_A, OrganisationKind::Enterprise)).collect();
    add_members(store, &all).await;
    let new = a_council(1, AREA_A, Level::ResidentialArea, PresetKind::CoBuildingCouncil);
    let seats: Vec<Seat> = (1..=6).map(|n| a_seat(n, organisation_holder(n + 10))).collect();
    let version = charter_of(PresetKind::CoBuildingCouncil, |_| ());
    written!(store, tx => {
        council::insert(tx, COMMUNITY, &[new]).await?;
        charter::insert(tx, COMMUNITY, council_id(1), &version).await?;
        seat::insert_seats(tx, COMMUNITY, council_id(1), &seats).await
    })
    .unwrap();
}

on_both! {
    async fn councils_are_found_by_level_place_member_and_words(store) {
        with_council(&store).await;
        let branch = Council { convener: Some(id(1, 11)), ..a_council(2, GROUP_A, Level::BuildingGroup, PresetKind::BranchTeam) };
        let ended = Council {
            period: Period { from: day("2020-01-01"), until: Some(day("2026-01-01")) },
            ..a_council(3, AREA_B, Level::ResidentialArea, PresetKind::OwnersAssembly)
        };
        let new = [branch.clone(), ended];
        written!(store, tx => {
            council::insert(tx, COMMUNITY, &new).await?;
            search::index(tx, COMMUNITY, "council", council_id(2), "楼 组").await?;
            seat::insert_sittings(tx, COMMUNITY, council_id(1), &[sitting(1, 1, 1, SeatRole::Representative, "2026-02-01", None)]).await
        })
        .unwrap();
        let read = store.read();
        assert_eq!(council::council(read, COMMUNITY, council_id(2)).await.unwrap(), Some(branch.clone()));
        let list = async |filter: CouncilFilter| {
            let found = council::list(read, COMMUNITY, &filter, ALL).await.unwrap();
            found.rows.into_iter().map(|c| c.id.as_u128() as u64).collect::<Vec<_>>()
        };
        let any = CouncilFilter::default;
        assert_eq!(list(any()).await, [1, 2, 3]);
        assert_eq!(list(CouncilFilter { level: Some(Level::ResidentialArea), ..any() }).await, [1, 3]);
        assert_eq!(list(CouncilFilter { areas: Some(vec![AREA_A]), ..any() }).await, [1, 2]);
        assert_eq!(list(CouncilFilter { place: Some(GROUP_A), ..any() }).await, [2]);
        assert_eq!(list(CouncilFilter { preset: Some(PresetKind::OwnersAssembly), ..any() }).await, [3]);
        assert_eq!(list(CouncilFilter { parent: Some(council_id(1)), ..any() }).await, [2, 3]);
        assert_eq!(list(CouncilFilter { on: Some(day("2026-01-01")), ..any() }).await, [1, 2]);
        assert_eq!(list(CouncilFilter { tokens: Some("组".into()), ..any() }).await, [2]);
        let of = |n, on: &str| CouncilFilter { of: Some((vec![id(1, n)], day(on))), ..any() };
        assert_eq!(list(of(1, "2026-01-31")).await, [0_u64; 0]);
        assert_eq!(list(of(1, "2026-02-01")).await, [1]);
        assert_eq!(list(of(11, "2026-01-01")).await, [1]);
        let renamed = Council { name: "楼组自治小组".into(), parent: None, ..branch };
        let saved = renamed.clone();
        written!(store, tx => council::save(tx, COMMUNITY, &saved).await).unwrap();
        assert_eq!(council::many(read, COMMUNITY, [council_id(2), council_id(9)]).await.unwrap(), std::slice::from_ref(&renamed));
        let twice = Council { id: council_id(9), ..renamed };
        assert!(is_taken(&written!(store, tx => council::insert(tx, COMMUNITY, &[twice]).await)));
    }

    async fn a_charter_holds_from_its_day_on(store) {
        with_council(&store).await;
        let first = charter_of(PresetKind::CoBuildingCouncil, |_| ());
        let later = charter_of(PresetKind::CoBuildingCouncil, |charter| charter.notice_days = 3);
        let second = CharterVersion { number: 2, from: day("2026-06-01"), resolution: Some(id(58, 1)), ..later };
        let taken = crate::council_resolutions::resolution(1, "2026-05-20");
        let new = second.clone();
        written!(store, tx => {
            council::resolution::insert(tx, COMMUNITY, &taken).await?;
            charter::insert(tx, COMMUNITY, council_id(1), &new).await
        })
        .unwrap();
        let read = store.read();
        let on = async |text: &str| charter::in_force(read, COMMUNITY, council_id(1), day(text)).await.unwrap();
        assert_eq!(on("2025-12-31").await, None);
        assert_eq!(on("2026-05-31").await, Some(first.clone()));
        assert_eq!(on("2026-06-01").await, Some(second.clone()));
        assert_eq!(charter::version(read, COMMUNITY, council_id(1), 1).await.unwrap(), Some(first.clone()));
        assert_eq!(charter::versions(read, COMMUNITY, council_id(1)).await.unwrap(), [first, second.clone()]);
        let twice = CharterVersion { number: 3, ..second.clone() };
        assert!(is_taken(&written!(store, tx => charter::insert(tx, COMMUNITY, council_id(1), &twice).await)));
        let unresolved = CharterVersion { number: 3, from: day("2026-07-01"), resolution: None, ..second };
        assert!(written!(store, tx => charter::insert(tx, COMMUNITY, council_id(1), &unresolved).await).is_err());
    }

    async fn a_seat_has_one_representative_and_a_person_one_seat(store) {
        with_council(&store).await;
        let new = [
            sitting(1, 1, 1, SeatRole::Representative, "2026-01-01", None),
            sitting(2, 1, 2, SeatRole::Substitute, "2026-02-01", Some("2026-03-01")),
        ];
        let kept = new.to_vec();
        written!(store, tx => seat::insert_sittings(tx, COMMUNITY, council_id(1), &new).await).unwrap();
        let read = store.read();
        assert_eq!(seat::sittings(read, COMMUNITY, council_id(1)).await.unwrap(), kept);
        let second = [sitting(3, 1, 3, SeatRole::Representative, "2026-04-01", None)];
        assert!(is_taken(&written!(store, tx => seat::insert_sittings(tx, COMMUNITY, council_id(1), &second).await)));
        let elsewhere = [sitting(3, 2, 1, SeatRole::Representative, "2026-04-01", None)];
        assert!(is_taken(&written!(store, tx => seat::insert_sittings(tx, COMMUNITY, council_id(1), &elsewhere).await)));
        let ended = Sitting { period: Period { until: Some(day("2026-04-01")), ..kept[0].period }, ..kept[0].clone() };
        let follows = [sitting(3, 1, 3, SeatRole::Representative, "2026-04-01", None)];
        written!(store, tx => {
            seat::save_sitting(tx, COMMUNITY, council_id(1), &ended).await?;
            seat::insert_sittings(tx, COMMUNITY, council_id(1), &follows).await?;
            seat::delete_sitting(tx, COMMUNITY, id(52, 2)).await
        })
        .unwrap();
        let of = async |n, on: &str| {
            let sits = seat::of_person(read, COMMUNITY, id(1, n), day(on)).await.unwrap();
            (sits.seats.len(), sits.sittings.iter().map(|(council, one)| (*council, one.seat)).collect::<Vec<_>>())
        };
        assert_eq!(of(1, "2026-03-31").await, (0, vec![(council_id(1), seat_id(1))]));
        assert_eq!(of(1, "2026-04-01").await, (0, vec![]));
        assert_eq!(of(2, "2026-02-01").await, (0, vec![]));
        assert_eq!(of(3, "2026-04-01").await, (0, vec![(council_id(1), seat_id(1))]));
    }

    async fn a_number_is_one_seat_at_a_time(store) {
        with_council(&store).await;
        let read = store.read();
        let own = a_seat(7, person_holder(4));
        let twice = [Seat { id: seat_id(8), number: 1, ..own.clone() }];
        assert!(is_taken(&written!(store, tx => seat::insert_seats(tx, COMMUNITY, council_id(1), &twice).await)));
        let new = [own.clone()];
        written!(store, tx => seat::insert_seats(tx, COMMUNITY, council_id(1), &new).await).unwrap();
        let sits = seat::of_person(read, COMMUNITY, id(1, 4), day("2026-05-01")).await.unwrap();
        assert_eq!(sits.seats.iter().map(|held| held.seat.clone()).collect::<Vec<_>>(), std::slice::from_ref(&own));
        let ended = Seat { period: Period { until: Some(day("2026-05-01")), ..own.period }, ..own };
        let saved = ended.clone();
        written!(store, tx => seat::save_seat(tx, COMMUNITY, council_id(1), &saved).await).unwrap();
        assert_eq!(seat::seat(read, COMMUNITY, seat_id(7)).await.unwrap().unwrap().seat, ended);
        assert_eq!(seat::seats(read, COMMUNITY, council_id(1)).await.unwrap().len(), 7);
        assert_eq!(seat::seats_on(read, COMMUNITY, &[council_id(1)], day("2026-05-01")).await.unwrap().len(), 6);
        assert_eq!(seat::many(read, COMMUNITY, [seat_id(7), seat_id(99)]).await.unwrap().len(), 1);
    }
}
