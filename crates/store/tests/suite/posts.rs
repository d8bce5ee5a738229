//! Posts, appointments, cross requirements, delegations, and what a person holds on a day.

use tongxin_core::{
    community::{
        OrganisationKind,
        post::{Appointment, CrossRequirement, Delegation, Post, PostKind},
        structure::Standing,
    },
    period::{BEGINNING, Period},
};
use tongxin_store::community::{post, structure};
use uuid::Uuid;

use crate::{common::*, on_both, written};

fn new_post(n: u64, organisation: u64, kind: PostKind) -> Post {
    Post {
        id: id(20, n),
        code: Some(format!("C{n}")),
        organisation: id(1, organisation),
        kind,
        title: "书记".into(),
        seats: 2,
        term_months: Some(60),
        period: Period::since(day("2020-01-01")),
    }
}

fn appointment(n: u64, post: u64, person: u64, from: &str, until: Option<&str>) -> Appointment {
    let period = Period { from: day(from), until: until.map(day) };
    Appointment { id: id(21, n), post: id(20, post), person: id(1, person), period, note: "决定".into() }
}

fn delegation(n: u64, appointment: u64, to: u64, from: &str, until: &str) -> Delegation {
    let period = Period { from: day(from), until: Some(day(until)) };
    Delegation { id: id(22, n), appointment: id(21, appointment), to: id(1, to), period, reason: "休假".into() }
}

/// Two persons, a general branch in area A and a department, a post in each.
async fn with_posts(store: &tongxin_store::Store) {
    found(store).await;
    let members = [
        person(1, AREA_A, &[]),
        person(2, AREA_B, &[]),
        organisation(8, AREA_A, OrganisationKind::GeneralBranch),
        organisation(9, ROOT, OrganisationKind::Department),
    ];
    add_members(store, &members).await;
    let posts = [new_post(1, 8, PostKind::Secretary), new_post(2, 9, PostKind::Staff)];
    written!(store, tx => post::insert_posts(tx, COMMUNITY, &posts).await).unwrap();
}

async fn held(store: &tongxin_store::Store, person: u64, on: &str) -> Vec<(u64, Option<Uuid>)> {
    let found = post::held_by(store.read(), COMMUNITY, id(1, person), day(on)).await.unwrap();
    found.iter().map(|h| (h.post.as_u128() as u64, h.delegated_by)).collect()
}

on_both! {
    async fn a_post_is_kept_and_changed(store) {
        with_posts(&store).await;
        let read = store.read();
        let mut kept = new_post(1, 8, PostKind::Secretary);
        assert_eq!(post::post(read, COMMUNITY, kept.id).await.unwrap(), Some(kept.clone()));
        kept.term_months = None;
        kept.period.until = Some(day("2027-01-01"));
        let changed = kept.clone();
        written!(store, tx => post::save_post(tx, COMMUNITY, &changed).await).unwrap();
        assert_eq!(post::posts_of(read, COMMUNITY, &[id(1, 8)]).await.unwrap(), [kept]);
        let again = new_post(3, 8, PostKind::Staff);
        let twice = Post { code: Some("C2".into()), ..again };
        let outcome = written!(store, tx => post::insert_posts(tx, COMMUNITY, &[twice]).await);
        assert!(is_taken(&outcome), "{outcome:?}");
    }

    async fn a_person_holds_what_holds_on_the_day(store) {
        with_posts(&store).await;
        let all = [
            appointment(1, 1, 1, "2021-01-01", Some("2024-01-01")),
            appointment(2, 2, 1, "2023-01-01", None),
            appointment(3, 1, 2, "2024-01-01", None),
        ];
        let new = all.clone();
        written!(store, tx => post::insert_appointments(tx, COMMUNITY, &new).await).unwrap();
        assert_eq!(held(&store, 1, "2020-12-31").await, []);
        assert_eq!(held(&store, 1, "2023-06-01").await, [(1, None), (2, None)]);
        assert_eq!(held(&store, 1, "2024-01-01").await, [(2, None)]);
        assert_eq!(held(&store, 2, "2024-01-01").await, [(1, None)]);
        let found = post::held_by(store.read(), COMMUNITY, id(1, 2), day("2024-01-01")).await.unwrap();
        assert_eq!(found[0].organisation_kind, OrganisationKind::GeneralBranch);
        assert_eq!(found[0].location, at_place(AREA_A));
        assert_eq!((found[0].appointment, found[0].period), (id(21, 3), Period::since(day("2024-01-01"))));

        let filter = post::HoldingFilter { posts: Some(vec![id(20, 1)]), ..post::HoldingFilter::default() };
        let holdings = post::holdings(store.read(), COMMUNITY, &filter).await.unwrap();
        assert_eq!(holdings.iter().map(|h| h.appointment.clone()).collect::<Vec<_>>(), [all[0].clone(), all[2].clone()]);
        let filter = post::HoldingFilter { persons: Some(vec![id(1, 1)]), on: Some(day("2025-01-01")), posts: None };
        let holdings = post::holdings(store.read(), COMMUNITY, &filter).await.unwrap();
        assert_eq!(holdings.iter().map(|h| h.post.id).collect::<Vec<_>>(), [id(20, 2)]);

        let mut ended = all[1].clone();
        ended.period.until = Some(day("2024-06-01"));
        let save = ended.clone();
        written!(store, tx => post::save_appointment(tx, COMMUNITY, &save).await).unwrap();
        assert_eq!(post::appointment(store.read(), COMMUNITY, ended.id).await.unwrap(), Some(ended));
        assert_eq!(held(&store, 1, "2024-06-01").await, []);
    }

    async fn a_closed_organisation_or_post_gives_nothing(store) {
        with_posts(&store).await;
        let all = [appointment(1, 1, 1, "2021-01-01", None), appointment(2, 2, 1, "2021-01-01", None)];
        let until = Post { period: Period { from: day("2020-01-01"), until: Some(day("2025-01-01")) }, ..new_post(2, 9, PostKind::Staff) };
        let standing = Standing {
            organisation: id(1, 8),
            period: Period { from: BEGINNING, until: Some(day("2024-01-01")) },
            name: "总支".into(),
            kind: OrganisationKind::GeneralBranch,
            line: None,
            line_outside: None,
            location: at_place(AREA_A),
            reorganisation: None,
        };
        written!(store, tx => {
            post::insert_appointments(tx, COMMUNITY, &all).await?;
            post::save_post(tx, COMMUNITY, &until).await?;
            structure::replace_standings(tx, COMMUNITY, &[id(1, 8)], &[standing]).await
        }).unwrap();
        assert_eq!(held(&store, 1, "2023-12-31").await, [(1, None), (2, None)]);
        assert_eq!(held(&store, 1, "2024-01-01").await, [(2, None)]);
        assert_eq!(held(&store, 1, "2025-01-01").await, []);
    }

    async fn a_delegation_lends_a_post_for_its_days(store) {
        with_posts(&store).await;
        let held_now = appointment(1, 1, 1, "2021-01-01", Some("2026-05-01"));
        let own = appointment(2, 2, 2, "2021-01-01", None);
        let lent = delegation(1, 1, 2, "2026-01-01", "2026-06-01");
        let mut ended = lent.clone();
        written!(store, tx => {
            post::insert_appointments(tx, COMMUNITY, &[held_now, own]).await?;
            post::insert_delegations(tx, COMMUNITY, &[lent]).await
        }).unwrap();
        assert_eq!(held(&store, 2, "2025-12-31").await, [(2, None)]);
        assert_eq!(held(&store, 2, "2026-01-01").await, [(2, None), (1, Some(id(1, 1)))]);
        assert_eq!(held(&store, 1, "2026-01-01").await, [(1, None)], "who delegates keeps the post");
        assert_eq!(held(&store, 2, "2026-05-01").await, [(2, None)], "it ends with the appointment");
        let read = store.read();
        let to = post::DelegationFilter { to: Some(id(1, 2)), from: Some(day("2026-05-31")), appointments: None };
        assert_eq!(post::delegations(read, COMMUNITY, &to).await.unwrap(), [ended.clone()]);
        let past = post::DelegationFilter { from: Some(day("2026-06-01")), ..to };
        assert_eq!(post::delegations(read, COMMUNITY, &past).await.unwrap(), []);
        ended.period.until = Some(day("2026-02-01"));
        let save = ended.clone();
        written!(store, tx => post::save_delegation(tx, COMMUNITY, &save).await).unwrap();
        assert_eq!(post::delegation(read, COMMUNITY, ended.id).await.unwrap(), Some(ended.clone()));
        assert_eq!(held(&store, 2, "2026-02-01").await, [(2, None)]);
        written!(store, tx => post::delete_appointment(tx, COMMUNITY, id(21, 1)).await).unwrap();
        assert_eq!(post::delegation(read, COMMUNITY, ended.id).await.unwrap(), None);
    }

    async fn cross_appointments_are_required_for_a_time(store) {
        with_posts(&store).await;
        let mut required = CrossRequirement {
            id: id(23, 1),
            post: id(20, 1),
            kind: PostKind::Director,
            organisation: id(1, 9),
            period: Period::since(day("2022-01-01")),
        };
        let new = required.clone();
        written!(store, tx => post::insert_cross(tx, COMMUNITY, &[new]).await).unwrap();
        let read = store.read();
        assert_eq!(post::cross_requirements(read, COMMUNITY, None).await.unwrap(), [required.clone()]);
        assert_eq!(post::cross_requirements(read, COMMUNITY, Some(id(20, 2))).await.unwrap(), []);
        required.period.until = Some(day("2023-01-01"));
        let save = required.clone();
        written!(store, tx => post::save_cross(tx, COMMUNITY, &save).await).unwrap();
        assert_eq!(post::cross_requirements(read, COMMUNITY, Some(id(20, 1))).await.unwrap(), [required]);
    }
}
