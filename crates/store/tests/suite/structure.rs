//! Standings of organisations: as of a day, all of them, and the members' rows that follow.

use tongxin_core::{
    community::{OrganisationKind, structure::Standing},
    people::MemberDetails,
    period::{BEGINNING, Period},
};
use tongxin_store::{
    community::{hosting, structure},
    people,
};
use uuid::Uuid;

use crate::{common::*, on_both, written};

fn standing(n: u64, from: &str, until: Option<&str>, name: &str) -> Standing {
    Standing {
        organisation: id(1, n),
        period: Period { from: day(from), until: until.map(day) },
        name: name.into(),
        kind: OrganisationKind::Department,
        line: (n > 1).then(|| id(1, 1)),
        line_outside: None,
        location: at_place(AREA_A),
        reorganisation: None,
    }
}

async fn names_on(store: &tongxin_store::Store, on: &str) -> Vec<String> {
    let found = structure::standings_on(store.read(), COMMUNITY, day(on)).await.unwrap();
    found.into_iter().map(|s| s.name).collect()
}

on_both! {
    async fn a_day_gives_what_held_on_it(store) {
        found(&store).await;
        let two = [1, 2].map(|n| organisation(n, AREA_A, OrganisationKind::Department));
        add_members(&store, &two).await;
        let first = structure::standings_of(store.read(), COMMUNITY, &[id(1, 2)]).await.unwrap();
        assert_eq!((first.len(), first[0].period), (1, Period::since(BEGINNING)));
        let new = vec![
            standing(1, "2000-01-01", None, "office"),
            standing(2, "2000-01-01", Some("2008-07-01"), "section"),
            standing(2, "2008-07-01", Some("2020-01-01"), "department"),
        ];
        let kept = new.clone();
        written!(store, tx => structure::replace_standings(tx, COMMUNITY, &[id(1, 1), id(1, 2)], &new).await).unwrap();
        assert_eq!(structure::standings_all(store.read(), COMMUNITY).await.unwrap(), kept);
        assert_eq!(names_on(&store, "1999-12-31").await, Vec::<String>::new());
        assert_eq!(names_on(&store, "2008-06-30").await, ["office", "section"]);
        assert_eq!(names_on(&store, "2008-07-01").await, ["office", "department"]);
        assert_eq!(names_on(&store, "2020-01-01").await, ["office"]);
        let all = structure::standings_all(store.read(), COMMUNITY).await.unwrap();
        let later = all.iter().filter(|s| s.period.until.is_none_or(|until| until > day("2010-01-01")));
        assert_eq!(later.count(), 2);
    }

    async fn the_row_of_a_member_follows_its_standing(store) {
        found(&store).await;
        add_members(&store, &[organisation(1, AREA_A, OrganisationKind::Department)]).await;
        let new = vec![standing(1, "2000-01-01", Some("2030-01-01"), "office")];
        let current = new[0].clone();
        written!(store, tx => structure::replace_standings(tx, COMMUNITY, &[id(1, 1)], &new).await).unwrap();
        let due = structure::out_of_step(store.read(), COMMUNITY, day("2026-01-01"), 10).await.unwrap();
        assert_eq!(due, [id(1, 1)]);
        let closed = Some(day("2030-01-01"));
        written!(store, tx => people::put_standing(tx, COMMUNITY, &current, "o", closed, START + 1).await).unwrap();
        let due = structure::out_of_step(store.read(), COMMUNITY, day("2026-01-01"), 10).await.unwrap();
        assert_eq!(due, Vec::<Uuid>::new());
        let member = people::member(store.read(), COMMUNITY, id(1, 1)).await.unwrap().unwrap();
        assert_eq!((member.draft.name.as_str(), member.sort_key.as_str()), ("office", "o"));
        let MemberDetails::Organisation { kind, contact } = member.draft.details else { unreachable!() };
        assert_eq!((kind, contact.as_deref()), (OrganisationKind::Department, Some("李")));
    }

    async fn persons_are_counted_by_place(store) {
        found(&store).await;
        let all = [person(1, GROUP_A, &[]), person(2, GROUP_A, &[]), person(3, AREA_A, &[]), person(4, AREA_B, &[])];
        add_members(&store, &all).await;
        add_members(&store, &[organisation(5, GROUP_A, OrganisationKind::Enterprise)]).await;
        let counts = people::persons_by_place(store.read(), COMMUNITY, AREA_A).await.unwrap();
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_unstable();
        assert_eq!(counts, [(AREA_A, 1), (GROUP_A, 2)]);
        assert!(hosting::hostings_of(store.read(), COMMUNITY, id(1, 5), day("2026-01-01")).await.unwrap().is_empty());
    }
}
