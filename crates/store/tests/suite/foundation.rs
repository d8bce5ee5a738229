//! Migrations, community, places, members.

use tongxin_core::{
    community::OrganisationKind,
    people::{CareGroup, MemberDetails, MemberKind},
};
use tongxin_store::{
    Error, Slice, community,
    people::{self, Balance, MemberFilter},
};

use crate::{common::*, on_both, written};

on_both! {
    async fn migrating_again_does_nothing(store) {
        assert_eq!(store.migrate().await.unwrap(), 0);
        assert!(store.is_ready().await);
        assert!(community::communities(store.read()).await.unwrap().is_empty());
    }

    async fn community_and_places(store) {
        found(&store).await;
        assert_eq!(community::communities(store.read()).await.unwrap(), [the_community()]);
        let mut expected = places();
        expected.sort_by(|a, b| a.code.cmp(&b.code));
        assert_eq!(community::places(store.read(), COMMUNITY).await.unwrap(), expected);

        let again = written!(store, tx => community::insert_community(tx, &the_community(), 1).await);
        assert!(is_taken(&again), "{again:?}");
        let mut twin = places().remove(1);
        twin.id = id(9, 1);
        let again = written!(store, tx => community::insert_place(tx, COMMUNITY, &twin, None).await);
        assert!(is_taken(&again), "{again:?}");

        let mut renamed = places().remove(3);
        renamed.name = "新名".into();
        renamed.code = "a-9".into();
        let new = renamed.clone();
        written!(store, tx => community::save_place(tx, COMMUNITY, &new).await).unwrap();
        assert!(community::places(store.read(), COMMUNITY).await.unwrap().contains(&renamed));
        renamed.code = "b".into();
        let taken = written!(store, tx => community::save_place(tx, COMMUNITY, &renamed).await);
        assert!(is_taken(&taken), "{taken:?}");

        let used = written!(store, tx => community::delete_place(tx, COMMUNITY, AREA_A).await);
        assert!(matches!(used, Err(Error::Database(_))), "{used:?}");
        written!(store, tx => community::delete_place(tx, COMMUNITY, GROUP_A).await).unwrap();
        assert_eq!(community::places(store.read(), COMMUNITY).await.unwrap().len(), 3);
    }

    async fn members_are_listed_by_every_filter(store) {
        found(&store).await;
        let members = [
            person(1, GROUP_A, &[CareGroup::Older, CareGroup::Disabled]),
            person(2, AREA_A, &[]),
            person(3, AREA_B, &[CareGroup::Older]),
            organisation(4, AREA_B, OrganisationKind::Enterprise),
            organisation(5, ROOT, OrganisationKind::Institution),
        ];
        add_members(&store, &members).await;
        let all = MemberFilter::default;
        let cases: [(&str, MemberFilter, &[u64]); 11] = [
            ("all, by sort key", all(), &[4, 5, 1, 2, 3]),
            ("kind", MemberFilter { kind: Some(MemberKind::Person), ..all() }, &[1, 2, 3]),
            ("organisation kind", MemberFilter { organisation_kind: Some(OrganisationKind::Enterprise), ..all() }, &[4]),
            ("area", MemberFilter { area: Some(AREA_A), ..all() }, &[1, 2]),
            ("place", MemberFilter { place: Some(GROUP_A), ..all() }, &[1]),
            ("within", MemberFilter { within: Some(vec![AREA_A, AREA_B]), ..all() }, &[4, 1, 2, 3]),
            ("within nothing", MemberFilter { within: Some(vec![]), ..all() }, &[]),
            ("care group", MemberFilter { care_group: Some(CareGroup::Older), ..all() }, &[1, 3]),
            ("care group none has", MemberFilter { care_group: Some(CareGroup::Child), ..all() }, &[]),
            ("care group and area", MemberFilter { care_group: Some(CareGroup::Older), area: Some(AREA_B), ..all() }, &[3]),
            ("care group after several", MemberFilter {
                kind: Some(MemberKind::Person), area: Some(AREA_A), place: Some(GROUP_A),
                within: Some(vec![AREA_A]), care_group: Some(CareGroup::Disabled), ..all()
            }, &[1]),
        ];
        for (what, filter, expected) in cases {
            let found = people::list(store.read(), COMMUNITY, &filter, ALL).await.unwrap();
            let ids: Vec<_> = found.rows.iter().map(|m| m.id).collect();
            assert_eq!(ids, expected.iter().map(|n| id(1, *n)).collect::<Vec<_>>(), "{what}");
            assert_eq!(found.total, expected.len() as u64, "{what}");
        }
        let page = people::list(store.read(), COMMUNITY, &all(), Slice { offset: 1, limit: 2 }).await.unwrap();
        assert_eq!(page.rows.iter().map(|m| m.id).collect::<Vec<_>>(), [id(1, 5), id(1, 1)]);
        assert_eq!(page.total, 5);
        let elsewhere = people::list(store.read(), id(9, 9), &all(), ALL).await.unwrap();
        assert_eq!(elsewhere.total, 0);
    }

    async fn lists_are_ordered_byte_by_byte(store) {
        found(&store).await;
        let keys = ["Zz", "a b", "a-b", "ab", "b", "张"];
        let members: Vec<_> = keys.iter().zip([3, 1, 6, 2, 5, 4]).map(|(key, n)| {
            people::Member { sort_key: (*key).to_owned(), ..person(n, AREA_A, &[]) }
        }).collect();
        add_members(&store, &members).await;
        let listed = people::list(store.read(), COMMUNITY, &MemberFilter::default(), ALL).await.unwrap();
        assert_eq!(listed.rows.iter().map(|m| m.sort_key.as_str()).collect::<Vec<_>>(), keys);
        let mut capital = places().remove(3);
        capital.id = id(9, 1);
        capital.code = "Z-1".into();
        written!(store, tx => community::insert_place(tx, COMMUNITY, &capital, Some(AREA_A)).await).unwrap();
        let places = community::places(store.read(), COMMUNITY).await.unwrap();
        assert_eq!(places.iter().map(|p| p.code.as_str()).collect::<Vec<_>>(), ["Z-1", "a", "a-1", "b", "root"]);
    }

    async fn a_member_comes_back_as_it_was_stored(store) {
        found(&store).await;
        let person = person(1, GROUP_A, &[CareGroup::Older, CareGroup::Disabled]);
        let unit = organisation(2, AREA_B, OrganisationKind::Troops);
        add_members(&store, &[person.clone(), unit.clone()]).await;
        let read = store.read();
        let mut stored = people::member(read, COMMUNITY, person.id).await.unwrap().unwrap();
        if let MemberDetails::Person { care_groups, .. } = &mut stored.draft.details {
            assert!(care_groups.is_empty(), "care groups are read apart");
            *care_groups = vec![CareGroup::Older, CareGroup::Disabled];
        }
        assert_eq!(stored, person);
        assert_eq!(people::member(read, COMMUNITY, unit.id).await.unwrap(), Some(unit.clone()));
        assert_eq!(people::member(read, COMMUNITY, id(1, 99)).await.unwrap(), None);
        assert_eq!(people::member(read, id(9, 9), unit.id).await.unwrap(), None);
        let groups = people::care_groups(read, COMMUNITY, &[person.id, unit.id]).await.unwrap();
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[&person.id].len(), 2);
        let codes = people::ids_by_code(read, COMMUNITY).await.unwrap();
        assert_eq!(codes.into_iter().collect::<Vec<_>>(), [("p1".to_owned(), person.id)]);
        let names = people::names(read, COMMUNITY, [unit.id, person.id, unit.id, id(1, 99)]).await.unwrap();
        assert_eq!(names.len(), 2);
        assert_eq!((names[&unit.id].name.as_str(), names[&unit.id].kind), ("单位2", MemberKind::Organisation));

        let mut twin = person;
        twin.id = id(1, 3);
        let again = written!(store, tx => people::insert(tx, COMMUNITY, &[twin], START).await);
        assert!(is_taken(&again), "{again:?}");
    }

    async fn saving_a_member_keeps_its_balance(store) {
        found(&store).await;
        let (a, b) = (person(1, GROUP_A, &[CareGroup::Older]), person(2, AREA_A, &[]));
        add_members(&store, &[a.clone(), b.clone()]).await;
        let (giver, receiver) = (a.id, b.id);
        for minutes in [30, 45] {
            written!(store, tx => people::add_to_balance(tx, COMMUNITY, giver, receiver, minutes).await).unwrap();
        }
        let mut changed = a.clone();
        changed.draft.name = "王新".into();
        changed.sort_key = "wang".into();
        changed.draft.details = MemberDetails::Person {
            birth_date: None, sex: None, registered: true, retired: false, care_groups: vec![CareGroup::Child],
        };
        let first = changed.clone();
        written!(store, tx => people::save(tx, COMMUNITY, &first, false, START + 1).await).unwrap();
        let groups = people::care_groups(store.read(), COMMUNITY, &[a.id]).await.unwrap();
        assert_eq!(groups[&a.id], [CareGroup::Older], "left alone");
        let second = changed.clone();
        written!(store, tx => people::save(tx, COMMUNITY, &second, true, START + 1).await).unwrap();
        let groups = people::care_groups(store.read(), COMMUNITY, &[a.id]).await.unwrap();
        assert_eq!(groups[&a.id], [CareGroup::Child], "replaced");
        let stored = people::member(store.read(), COMMUNITY, a.id).await.unwrap().unwrap();
        assert_eq!(stored.draft.name, "王新");
        assert_eq!(stored.balance, Balance { given_minutes: 75, given_count: 2, ..Balance::default() });
        let other = people::member(store.read(), COMMUNITY, b.id).await.unwrap().unwrap();
        assert_eq!(other.balance, Balance { received_minutes: 75, received_count: 2, ..Balance::default() });
    }
}
