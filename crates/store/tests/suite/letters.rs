//! Letters of appointment, and what coverage is counted from.

use tongxin_core::{
    community::{OrganisationKind, letter::AppointmentLetter},
    period::Period,
};
use tongxin_store::{
    Error,
    community::{
        coverage::staff_counts,
        hosting::{Hosting, hostings_on, insert_hostings},
        letter::{self, LetterFilter},
    },
    people,
};

use crate::{common::*, on_both, written};

fn a_letter(n: u64, enterprise: u64, from: &str, until: Option<&str>) -> AppointmentLetter {
    AppointmentLetter {
        id: id(7, n),
        number: format!("静党聘〔2026〕{n}号"),
        enterprise: id(1, enterprise),
        person: id(1, 9),
        duties: "联系职工".into(),
        signer: "李".into(),
        issued_on: day(from),
        period: Period { from: day(from), until: until.map(day) },
        revoked: None,
    }
}

on_both! {
    async fn letters_hold_on_their_days(store) {
        found(&store).await;
        let all = [organisation(1, AREA_A, OrganisationKind::Enterprise), organisation(2, AREA_B, OrganisationKind::Enterprise)];
        add_members(&store, &all).await;
        add_members(&store, &[person(9, AREA_A, &[])]).await;
        let new = [a_letter(1, 1, "2026-01-01", Some("2026-07-01")), a_letter(2, 2, "2026-03-01", None)];
        let kept = new.clone();
        written!(store, tx => letter::insert(tx, COMMUNITY, &new).await).unwrap();
        let twice = [AppointmentLetter { id: id(7, 3), ..kept[0].clone() }];
        assert!(matches!(written!(store, tx => letter::insert(tx, COMMUNITY, &twice).await), Err(Error::Taken)));
        let revoked = kept[1].clone().revoke(day("2026-05-01"), "调离").unwrap();
        let changed = revoked.clone();
        written!(store, tx => letter::save(tx, COMMUNITY, &changed).await).unwrap();
        assert_eq!(letter::letter(store.read(), COMMUNITY, id(7, 2)).await.unwrap(), Some(revoked));
        let on = async |text: &str| letter::letters_on(store.read(), COMMUNITY, day(text)).await.unwrap().len();
        assert_eq!((on("2025-12-31").await, on("2026-04-30").await, on("2026-05-01").await, on("2026-07-01").await), (0, 2, 1, 0));
        let list = async |filter: LetterFilter| {
            let found = letter::list(store.read(), COMMUNITY, &filter, ALL).await.unwrap();
            assert_eq!(found.total, found.rows.len() as u64);
            found.rows.into_iter().map(|l| l.id).collect::<Vec<_>>()
        };
        assert_eq!(list(LetterFilter::default()).await, [id(7, 2), id(7, 1)]);
        let within = |areas: &[_], own: &[_]| LetterFilter { within: Some((areas.to_vec(), own.to_vec())), ..LetterFilter::default() };
        assert_eq!(list(within(&[AREA_A], &[])).await, [id(7, 1)]);
        assert_eq!(list(within(&[], &[id(1, 2)])).await, [id(7, 2)]);
        assert_eq!(list(LetterFilter { on: Some(day("2026-06-01")), ..LetterFilter::default() }).await, [id(7, 1)]);
        let mut numbers = letter::numbers(store.read(), COMMUNITY, "静党聘〔2026〕").await.unwrap();
        numbers.sort_unstable();
        assert_eq!(numbers, ["静党聘〔2026〕1号", "静党聘〔2026〕2号"]);
    }

    async fn sizes_and_set_ups_are_read(store) {
        found(&store).await;
        let all = [organisation(1, AREA_A, OrganisationKind::Enterprise), organisation(2, AREA_A, OrganisationKind::JointBranch)];
        add_members(&store, &all).await;
        written!(store, tx => people::set_staff_count(tx, COMMUNITY, id(1, 1), Some(12)).await).unwrap();
        let counts = staff_counts(store.read(), COMMUNITY).await.unwrap();
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [(id(1, 1), 12)]);
        assert_eq!(people::staff_count(store.read(), COMMUNITY, id(1, 1)).await.unwrap(), Some(12));
        assert_eq!(people::staff_count(store.read(), COMMUNITY, id(1, 2)).await.unwrap(), None);
        let period = Period { from: day("2020-01-01"), until: Some(day("2024-01-01")) };
        let set_up = Hosting { branch: id(1, 2), unit: id(1, 1), period };
        written!(store, tx => insert_hostings(tx, COMMUNITY, &[set_up]).await).unwrap();
        assert_eq!(hostings_on(store.read(), COMMUNITY, day("2023-12-31")).await.unwrap(), [set_up]);
        assert!(hostings_on(store.read(), COMMUNITY, day("2024-01-01")).await.unwrap().is_empty());
    }
}
