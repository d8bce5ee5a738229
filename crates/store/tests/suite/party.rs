//! Party membership, steps, transfers.

use std::collections::HashMap;

use tongxin_core::{
    community::OrganisationKind::Branch,
    people::{
        development::{Act, Ballot, Matter, Stage, Step, StepKind},
        membership::{Membership, Relation, Transfer, TransferState},
    },
    period::Period,
};
use tongxin_store::{
    Slice,
    people::party::{self, StoredStep, TakenBack, TransferFilter},
};
use uuid::Uuid;

use crate::{common::*, on_both, written};

fn membership(n: u64, person: u64, branch: u64, relation: Relation, from: &str, until: Option<&str>) -> Membership {
    Membership {
        id: id(20, n),
        person: id(1, person),
        branch: id(1, branch),
        relation,
        period: Period { from: day(from), until: until.map(day) },
    }
}

fn step(n: u64, person: u64, position: i64, step: Step) -> StoredStep {
    StoredStep {
        id: id(21, n),
        person: id(1, person),
        position,
        branch: id(1, 11),
        step,
        note: format!("记{n}"),
        recorded_by: (n == 1).then(|| id(9, 1)),
        recorded_at: at(5),
        taken_back: None,
    }
}

fn transfer(n: u64, person: u64, state: TransferState) -> Transfer {
    Transfer {
        id: id(22, n),
        person: id(1, person),
        from: id(1, 11),
        to: id(1, 12),
        state,
        reason: "迁居".into(),
        asked_on: day("2026-03-01"),
        handed_over_on: (n > 1).then(|| day("2026-03-04")),
        decided_on: (!state.is_open()).then(|| day("2026-03-09")),
        note: String::new(),
    }
}

/// Three persons and two branches.
async fn world(store: &tongxin_store::Store) {
    found(store).await;
    let mut members = vec![organisation(11, AREA_A, Branch), organisation(12, AREA_B, Branch)];
    members.extend([1, 2, 3].map(|n| person(n, GROUP_A, &[])));
    add_members(store, &members).await;
}

on_both! {
    async fn memberships_are_asked_for_as_of_a_day(store) {
        world(&store).await;
        let all = [
            membership(1, 1, 11, Relation::Home, "2020-01-01", Some("2026-03-01")),
            membership(2, 1, 12, Relation::Home, "2026-03-01", None),
            membership(3, 2, 11, Relation::Registered, "2026-02-01", None),
            membership(4, 3, 11, Relation::Development, "2026-01-01", Some("2026-02-15")),
        ];
        let new = all.to_vec();
        written!(store, tx => party::insert_memberships(tx, COMMUNITY, &new).await).unwrap();
        let on = |branches: Option<Vec<Uuid>>, text: &'static str| {
            let store = store.clone();
            async move {
                let found = party::memberships_on(store.read(), COMMUNITY, branches.as_deref(), day(text)).await.unwrap();
                found.iter().map(|m| m.id.as_u128() as u64).collect::<Vec<_>>()
            }
        };
        assert_eq!(on(None, "2019-12-31").await, Vec::<u64>::new());
        assert_eq!(on(None, "2026-02-14").await, [1, 3, 4]);
        assert_eq!(on(None, "2026-02-15").await, [1, 3]);
        assert_eq!(on(Some(vec![id(1, 11)]), "2026-03-01").await, [3]);
        assert_eq!(on(Some(vec![id(1, 11), id(1, 12)]), "2026-03-01").await, [2, 3]);
        let own = party::memberships_of(store.read(), COMMUNITY, &[id(1, 1)]).await.unwrap();
        assert_eq!(own, all[..2]);

        let second = membership(5, 1, 11, Relation::Home, "2026-04-01", None);
        assert!(is_taken(&written!(store, tx => party::insert_memberships(tx, COMMUNITY, &[second]).await)), "two homes");
        let mut ended = all[1].clone();
        ended.period.until = Some(day("2026-05-01"));
        let changed = ended.clone();
        written!(store, tx => party::save_membership(tx, COMMUNITY, &changed).await).unwrap();
        assert_eq!(party::memberships_of(store.read(), COMMUNITY, &[id(1, 1)]).await.unwrap()[1], ended);
        let found = party::persons(store.read(), COMMUNITY, [id(1, 1), id(1, 1), id(1, 99)]).await.unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), [&id(1, 1)]);
    }

    async fn steps_keep_their_order_and_particulars(store) {
        world(&store).await;
        let ballot = Ballot { entitled: 9, present: 7, in_favour: 6, against: 1, written_in_favour: 1, written_against: 0 };
        let on = day("2026-03-02");
        // The same day and moment: the number alone tells the order.
        let all = [
            step(9, 1, 1, Step { on, act: Act::TakenOver { stage: Stage::Candidate } }),
            step(5, 1, 2, Step { on, act: Act::Training { days: 0, class_hours: 24 } }),
            step(1, 1, 3, Step { on, act: Act::Vote { matter: Matter::Admission, ballot, months: 0 } }),
            step(2, 2, 1, Step::plain(StepKind::Apply, on)),
        ];
        let mut new = all.to_vec();
        new.reverse();
        written!(store, tx => party::insert_steps(tx, COMMUNITY, &new).await).unwrap();
        assert_eq!(party::steps_of(store.read(), COMMUNITY, &[id(1, 1), id(1, 2), id(1, 3)]).await.unwrap(), all);
        let again = step(7, 1, 3, Step::plain(StepKind::Approval, on));
        assert!(is_taken(&written!(store, tx => party::insert_steps(tx, COMMUNITY, &[again]).await)), "the third step twice");

        let members = vec![
            membership(1, 1, 11, Relation::Development, "2026-01-01", None),
            membership(2, 2, 12, Relation::Development, "2026-01-01", Some("2026-02-01")),
        ];
        written!(store, tx => party::insert_memberships(tx, COMMUNITY, &members).await).unwrap();
        let steps: Vec<Step> = all[..3].iter().map(|s| s.step).collect();
        let of = |branches: Option<Vec<Uuid>>, text: &'static str| {
            let store = store.clone();
            async move { party::steps_on(store.read(), COMMUNITY, branches.as_deref(), day(text)).await.unwrap() }
        };
        assert_eq!(of(None, "2026-02-01").await, HashMap::from([(id(1, 1), steps.clone())]));
        assert_eq!(of(Some(vec![id(1, 11)]), "2026-01-31").await, HashMap::from([(id(1, 1), steps)]));
        assert_eq!(of(Some(vec![id(1, 12)]), "2026-02-01").await, HashMap::new());
        assert_eq!(of(None, "2026-01-31").await.len(), 2);

        // One that was taken back stays, but no longer counts.
        let taken_back = TakenBack { at: at(9), by: id(9, 1), reason: "登记有误".into() };
        let stored = taken_back.clone();
        written!(store, tx => party::take_step_back(tx, COMMUNITY, id(21, 1), &stored).await).unwrap();
        let kept = party::steps_of(store.read(), COMMUNITY, &[id(1, 1)]).await.unwrap();
        assert_eq!(kept[2], StoredStep { taken_back: Some(taken_back), ..all[2].clone() });
        assert_eq!((kept[..2].to_vec(), party::standing(&kept).count()), (all[..2].to_vec(), 2));
        assert_eq!(of(None, "2026-02-01").await[&id(1, 1)].len(), 2);
    }

    async fn transfers_are_listed_open_ones_first(store) {
        world(&store).await;
        let all = [
            transfer(1, 1, TransferState::Asked),
            transfer(2, 2, TransferState::HandedOver),
            transfer(3, 1, TransferState::Declined),
        ];
        let new = all.to_vec();
        written!(store, tx => party::insert_transfers(tx, COMMUNITY, &new).await).unwrap();
        let base = TransferFilter::default;
        let cases: [(&str, TransferFilter, &[u64]); 5] = [
            ("all", base(), &[2, 1, 3]),
            ("open", TransferFilter { open: true, ..base() }, &[2, 1]),
            ("of a person", TransferFilter { person: Some(id(1, 1)), ..base() }, &[1, 3]),
            ("to a branch", TransferFilter { branches: Some(vec![id(1, 12)]), ..base() }, &[2, 1, 3]),
            ("of no branch", TransferFilter { branches: Some(vec![]), ..base() }, &[]),
        ];
        for (what, filter, expected) in cases {
            let found = party::transfers(store.read(), COMMUNITY, &filter, ALL).await.unwrap();
            assert_eq!(found.rows.iter().map(|t| t.id.as_u128() as u64).collect::<Vec<_>>(), expected, "{what}");
            assert_eq!(found.total, expected.len() as u64);
        }
        let page = party::transfers(store.read(), COMMUNITY, &base(), Slice { offset: 1, limit: 1 }).await.unwrap();
        assert_eq!((page.rows, page.total), (vec![all[0].clone()], 3));
        let mut changed = all[1].clone();
        changed.state = TransferState::Accepted;
        changed.decided_on = Some(day("2026-03-10"));
        let new = changed.clone();
        written!(store, tx => party::save_transfer(tx, COMMUNITY, &new).await).unwrap();
        assert_eq!(party::transfer(store.read(), COMMUNITY, changed.id).await.unwrap(), Some(changed));
        assert_eq!(party::transfer(store.read(), COMMUNITY, id(22, 9)).await.unwrap(), None);
    }
}
