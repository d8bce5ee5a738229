//! Reorganisations as they are stored, and what hangs on organisations that end.

use tongxin_core::{
    community::{
        OrganisationKind,
        reorganisation::{NewOrganisation, ReorganisationState, Step},
    },
    people::membership::{Membership, Relation},
    period::Period,
};
use tongxin_store::{
    Slice,
    community::{
        hosting::{self, Hosting},
        reorganisation::{self, Reorganisation},
    },
    people::party,
};

use crate::{common::*, on_both, written};

fn draft(n: u64, on: &str) -> Reorganisation {
    let new = NewOrganisation {
        id: id(1, 9),
        name: "社区服务部".into(),
        kind: OrganisationKind::Department,
        line: Some(id(1, 1)),
        location: at_place(AREA_A),
    };
    Reorganisation {
        id: id(30, n),
        title: format!("改革 {n}"),
        text: "因为\n所以".into(),
        effective_on: day(on),
        state: ReorganisationState::Draft,
        steps: vec![
            Step::Create(new.clone()),
            Step::Close { organisation: id(1, 2), heir: Some(id(1, 9)) },
            Step::Merge { from: vec![id(1, 3), id(1, 4)], into: id(1, 9) },
            Step::Split { organisation: id(1, 5), parts: vec![new], goes_on: true },
            Step::Rename { organisation: id(1, 1), name: "办".into(), kind: OrganisationKind::SubdistrictOffice },
            Step::MoveLine { organisation: id(1, 5), line: None },
            Step::MovePlace { organisation: id(1, 5), location: at_place(GROUP_A) },
            Step::MovePost { post: id(20, 1), organisation: id(1, 5) },
            Step::EndPost { post: id(20, 2) },
        ],
        created_by: None,
        created_at: at(n as i64),
        decided_by: None,
        decided_at: None,
    }
}

fn hosting(branch: u64, unit: u64, from: &str, until: Option<&str>) -> Hosting {
    Hosting { branch: id(1, branch), unit: id(1, unit), period: Period { from: day(from), until: until.map(day) } }
}

async fn hosted_on(store: &tongxin_store::Store, on: &str) -> Vec<(u64, u64)> {
    let found = hosting::hostings_on(store.read(), COMMUNITY, day(on)).await.unwrap();
    let mut pairs: Vec<_> = found.iter().map(|h| (h.branch.as_u128() as u64, h.unit.as_u128() as u64)).collect();
    pairs.sort_unstable();
    pairs
}

on_both! {
    async fn a_draft_is_kept_with_every_kind_of_step(store) {
        found(&store).await;
        let drafts = [draft(1, "2026-05-01"), draft(2, "2027-01-01"), draft(3, "2026-05-01")];
        let kept = drafts.clone();
        written!(store, tx => {
            for one in &drafts {
                reorganisation::insert(tx, COMMUNITY, one).await?;
            }
            Ok(())
        })
        .unwrap();
        let read = store.read();
        assert_eq!(reorganisation::reorganisation(read, COMMUNITY, id(30, 1)).await.unwrap(), Some(kept[0].clone()));
        assert_eq!(reorganisation::reorganisation(read, COMMUNITY, id(30, 9)).await.unwrap(), None);
        let mut changed = kept[1].clone();
        changed.steps.truncate(1);
        (changed.state, changed.decided_at) = (ReorganisationState::InForce, Some(at(9)));
        let saved = changed.clone();
        written!(store, tx => reorganisation::save(tx, COMMUNITY, &saved).await).unwrap();
        let all = reorganisation::list(read, COMMUNITY, None, ALL).await.unwrap();
        assert_eq!(all.rows.iter().map(|r| r.title.as_str()).collect::<Vec<_>>(), ["改革 2", "改革 3", "改革 1"]);
        assert_eq!(all.rows[0], changed);
        let slice = Slice { offset: 1, limit: 1 };
        let page = reorganisation::list(read, COMMUNITY, Some(ReorganisationState::Draft), slice).await.unwrap();
        assert_eq!((page.total, page.rows[0].title.as_str()), (2, "改革 1"));
    }

    async fn what_was_set_up_in_units_goes_on_at_the_heir(store) {
        found(&store).await;
        let all: Vec<_> = (1..=5).map(|n| organisation(n, AREA_A, OrganisationKind::Branch)).collect();
        add_members(&store, &all).await;
        // Branch 1 ends, branch 2 takes over; 3 to 5 are units.
        let set_up = [
            hosting(1, 3, "2020-01-01", None),
            hosting(1, 4, "2020-01-01", Some("2022-01-01")),
            hosting(1, 5, "2027-01-01", None),
            hosting(2, 3, "2024-01-01", None),
        ];
        written!(store, tx => hosting::insert_hostings(tx, COMMUNITY, &set_up).await).unwrap();
        let heirs = (id(1, 1), id(1, 2));
        written!(store, tx => hosting::pass_hostings(tx, COMMUNITY, heirs, day("2026-07-01")).await).unwrap();
        assert_eq!(hosted_on(&store, "2021-01-01").await, [(1, 3), (1, 4)]);
        assert_eq!(hosted_on(&store, "2026-06-30").await, [(1, 3), (2, 3)]);
        assert_eq!(hosted_on(&store, "2026-07-01").await, [(2, 3)]);
        assert_eq!(hosted_on(&store, "2027-01-01").await, [(2, 3), (2, 5)]);
        // The same for a unit that ends.
        let heirs = (id(1, 5), id(1, 4));
        written!(store, tx => hosting::pass_hostings(tx, COMMUNITY, heirs, day("2027-06-01")).await).unwrap();
        assert_eq!(hosted_on(&store, "2027-05-31").await, [(2, 3), (2, 5)]);
        assert_eq!(hosted_on(&store, "2027-06-01").await, [(2, 3), (2, 4)]);
        assert_eq!(hosting::hostings_of(store.read(), COMMUNITY, id(1, 5), day("2027-06-01")).await.unwrap(), []);
    }

    async fn memberships_that_last_or_begin_later_are_found(store) {
        found(&store).await;
        let branch = organisation(9, AREA_A, OrganisationKind::Branch);
        add_members(&store, &[person(1, AREA_A, &[]), person(2, AREA_A, &[]), person(3, AREA_A, &[]), branch]).await;
        let membership = |n: u64, from: &str, until: Option<&str>| Membership {
            id: id(40, n),
            person: id(1, n),
            branch: id(1, 9),
            relation: Relation::Registered,
            period: Period { from: day(from), until: until.map(day) },
        };
        let all = [
            membership(1, "2020-01-01", Some("2026-07-01")),
            membership(2, "2020-01-01", None),
            membership(3, "2027-01-01", None),
        ];
        written!(store, tx => party::insert_memberships(tx, COMMUNITY, &all).await).unwrap();
        let persons = async |on: &str| {
            let found = party::memberships_from(store.read(), COMMUNITY, &[id(1, 9)], day(on)).await.unwrap();
            let mut persons: Vec<_> = found.iter().map(|m| m.person.as_u128() as u64).collect();
            persons.sort_unstable();
            persons
        };
        assert_eq!(persons("2026-06-30").await, [1, 2, 3]);
        assert_eq!(persons("2026-07-01").await, [2, 3]);
        let none = party::memberships_from(store.read(), COMMUNITY, &[], day("2026-07-01")).await.unwrap();
        assert_eq!(none, []);
        written!(store, tx => party::delete_membership(tx, COMMUNITY, id(40, 3)).await).unwrap();
        assert_eq!(persons("2026-07-01").await, [2]);
    }
}
