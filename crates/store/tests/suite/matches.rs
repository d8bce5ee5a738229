//! Matches, deliveries, the facts for matching, runs.

use std::collections::HashMap;

use tongxin_core::{
    people::CareGroup,
    service::{Category, IntentState, MatchState, Side, matching::Reason},
    time::Window,
};
use tongxin_store::{
    Error, Slice,
    service::{
        facts::{self, FactsFilter},
        matches::{self, MatchFilter, StoredMatch},
        runs::{self, Run, RunItem},
    },
};
use uuid::Uuid;

use crate::{common::*, on_both, written};

fn ids(rows: &[StoredMatch]) -> Vec<Uuid> {
    rows.iter().map(|m| m.life.id).collect()
}

/// Three members; needs 1, 2 (areas A, B) and offers 3, 4; four matches in different states.
async fn world(store: &tongxin_store::Store) -> [StoredMatch; 4] {
    found(store).await;
    let members = [person(1, GROUP_A, &[CareGroup::Older]), person(2, AREA_A, &[]), person(3, AREA_B, &[])];
    add_members(store, &members).await;
    let need_a = intent(Side::Need, 1, id(1, 1), GROUP_A, 0);
    let need_b = intent(Side::Need, 2, id(1, 3), AREA_B, 1);
    let offer_2 = intent(Side::Offer, 3, id(1, 2), AREA_A, 2);
    let offer_3 = intent(Side::Offer, 4, id(1, 3), AREA_B, 3);
    add_intents(store, &[need_a.clone(), need_b.clone(), offer_2.clone(), offer_3.clone()]).await;
    let mut all = [
        matched(1, &need_a, &offer_2, 10),
        matched(2, &need_a, &offer_3, 20),
        matched(3, &need_b, &offer_2, 30),
        matched(4, &need_a, &offer_2, 40),
    ];
    all[1].life.state = MatchState::Arranged;
    all[1].life.arranged = Window::new(at(500), at(560));
    all[2].life.state = MatchState::Arranged;
    all[2].life.arranged = Window::new(at(300), at(360));
    all[3].life.state = MatchState::Confirmed;
    all[3].run = Some(id(5, 1));
    add_matches(store, &all).await;
    all
}

on_both! {
    async fn matches_are_listed_by_every_filter(store) {
        let all = world(&store).await;
        let base = MatchFilter::default;
        let cases: [(&str, MatchFilter, &[u64]); 9] = [
            ("newest change first", base(), &[4, 3, 2, 1]),
            ("arranged first", MatchFilter { by_arranged_time: true, ..base() }, &[3, 2, 1, 4]),
            ("of a need", MatchFilter { intent: Some(id(2, 2)), ..base() }, &[3]),
            ("of an offer", MatchFilter { intent: Some(id(2, 3)), ..base() }, &[4, 3, 1]),
            ("of a member", MatchFilter { members: Some(vec![id(1, 3)]), ..base() }, &[3, 2]),
            ("of nobody", MatchFilter { members: Some(vec![]), ..base() }, &[]),
            ("of areas", MatchFilter { areas: Some(vec![AREA_A]), ..base() }, &[4, 2, 1]),
            ("in states", MatchFilter { states: vec![MatchState::Arranged, MatchState::Confirmed], ..base() }, &[4, 3, 2]),
            ("arranged before", MatchFilter { arranged_before: Some(at(500)), ..base() }, &[3]),
        ];
        for (what, filter, expected) in cases {
            let got = matches::list(store.read(), COMMUNITY, &filter, ALL).await.unwrap();
            assert_eq!(ids(&got.rows), expected.iter().map(|n| id(3, *n)).collect::<Vec<_>>(), "{what}");
            assert_eq!(got.total, expected.len() as u64, "{what}");
        }
        let page = matches::list(store.read(), COMMUNITY, &base(), Slice { offset: 1, limit: 2 }).await.unwrap();
        assert_eq!((ids(&page.rows), page.total), (vec![id(3, 3), id(3, 2)], 4));

        let mut changed = all[0].clone();
        changed.life.state = MatchState::Cancelled;
        changed.life.reason = Some("病了".into());
        changed.life.closed_at = Some(at(50));
        changed.life.delivered = 1;
        let new = changed.clone();
        written!(store, tx => matches::save(tx, COMMUNITY, &new).await).unwrap();
        assert_eq!(matches::find(store.read(), COMMUNITY, changed.life.id).await.unwrap(), Some(changed.clone()));
        assert_eq!(matches::find(store.read(), COMMUNITY, id(3, 9)).await.unwrap(), None);
        changed.life.delivered = 3;
        let over = written!(store, tx => matches::save(tx, COMMUNITY, &changed).await);
        assert!(matches!(over, Err(Error::Database(_))), "more than the match holds: {over:?}");
    }

    async fn deliveries(store) {
        let all = world(&store).await;
        let mut late = delivery(1, &all[3], 200, 30);
        let early = delivery(2, &all[3], 100, 45);
        let other = delivery(3, &all[2], 150, 0);
        add_delivery(&store, &late, &all[3]).await;
        add_delivery(&store, &early, &all[3]).await;
        add_delivery(&store, &other, &all[2]).await;
        let of = matches::deliveries_of(store.read(), COMMUNITY, &[all[3].life.id, all[0].life.id]).await.unwrap();
        assert_eq!(of, HashMap::from([(all[3].life.id, vec![early.clone(), late.clone()])]));

        late.receiver_confirmed_at = Some(at(210));
        late.rate(5, Some("很好".into()));
        let (new, match_of) = (late.clone(), all[3].clone());
        written!(store, tx => matches::save_delivery(tx, COMMUNITY, &new, &match_of).await).unwrap();
        assert_eq!(matches::delivery(store.read(), COMMUNITY, late.id).await.unwrap(), Some(late));
        let open = |before, areas: Option<Vec<Uuid>>, limit| {
            let store = store.clone();
            async move {
                let found = matches::unsettled(store.read(), COMMUNITY, at(before), areas.as_deref(), limit).await.unwrap();
                found.into_iter().map(|d| d.id).collect::<Vec<_>>()
            }
        };
        assert_eq!(open(1_000, None, 9).await, [early.id, other.id]);
        assert_eq!(open(149, None, 9).await, [early.id]);
        assert_eq!(open(1_000, Some(vec![AREA_B]), 9).await, [other.id]);
        assert_eq!(open(1_000, None, 1).await, [early.id]);

        let (mut reminded, of) = (early.clone(), all[3].clone());
        reminded.reminded_at = Some(at(900));
        written!(store, tx => matches::save_delivery(tx, COMMUNITY, &reminded, &of).await).unwrap();
        let missing = matches::unreminded(store.read(), COMMUNITY, at(1_000), 1).await.unwrap();
        assert_eq!(missing.iter().map(|d| d.id).collect::<Vec<_>>(), [other.id], "what was reminded takes no place");

        let (mut bad, of) = (delivery(4, &all[0], 1, -1), all[0].clone());
        let refused = written!(store, tx => matches::insert_delivery(tx, COMMUNITY, &bad, &of, None).await);
        assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
        bad = delivery(4, &all[0], 1, 1);
        bad.match_id = id(3, 99);
        let of = all[0].clone();
        let refused = written!(store, tx => matches::insert_delivery(tx, COMMUNITY, &bad, &of, None).await);
        assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
    }

    async fn facts_for_matching(store) {
        found(&store).await;
        let mut members = [person(1, GROUP_A, &[CareGroup::Older]), person(2, AREA_A, &[]), person(3, AREA_B, &[])];
        members[1].balance.received_minutes = 90;
        members[1].balance.given_minutes = 20;
        add_members(&store, &members).await;
        let mut offers = [
            intent(Side::Offer, 1, id(1, 3), AREA_B, 0),
            intent(Side::Offer, 2, id(1, 2), AREA_A, 1),
            intent(Side::Offer, 3, id(1, 2), GROUP_A, 2),
            intent(Side::Offer, 4, id(1, 3), ROOT, 3),
            intent(Side::Offer, 5, id(1, 2), GROUP_A, 4),
            intent(Side::Offer, 6, id(1, 2), AREA_A, 5),
        ];
        offers[1].committed = 2;
        offers[4].state = IntentState::Withdrawn;
        offers[5].draft.category = Category::LegalAid;
        add_intents(&store, &offers).await;
        let mut needs = [intent(Side::Need, 11, id(1, 1), GROUP_A, 6), intent(Side::Need, 12, id(1, 2), AREA_A, 7)];
        needs[1].state = IntentState::Matched;
        needs[1].committed = 3;
        add_intents(&store, &needs).await;
        let read = store.read();
        let order = |found: Vec<tongxin_core::service::matching::OfferFacts>| {
            found.into_iter().map(|o| o.id.as_u128() as u64).collect::<Vec<_>>()
        };
        let base = FactsFilter::default;
        let found = facts::offers(read, COMMUNITY, &base(), 99).await.unwrap();
        assert_eq!((found[1].remaining, found[1].received_more_minutes), (1, 70));
        assert_eq!(found[0].received_more_minutes, 0);
        assert_eq!(order(found), [1, 2, 3, 4, 6], "open ones, oldest first");
        let near = |place| FactsFilter { near: Some(at_place(place)), ..base() };
        let cases: [(&str, FactsFilter, &[u64]); 6] = [
            ("near a group", near(GROUP_A), &[3, 2, 6, 1, 4]),
            ("near an area", near(AREA_A), &[2, 6, 3, 1, 4]),
            ("near the whole community", near(ROOT), &[4, 1, 2, 3, 6]),
            ("category", FactsFilter { category: Some(Category::LegalAid), ..base() }, &[6]),
            ("area", FactsFilter { area: Some(AREA_B), ..base() }, &[1]),
            ("one in any state", FactsFilter { id: Some(id(2, 5)), ..base() }, &[5]),
        ];
        for (what, filter, expected) in cases {
            assert_eq!(order(facts::offers(read, COMMUNITY, &filter, 99).await.unwrap()), expected, "{what}");
        }
        assert_eq!(order(facts::offers(read, COMMUNITY, &near(GROUP_A), 2).await.unwrap()), [3, 2]);
        let found = facts::needs(read, COMMUNITY, &base(), 99).await.unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].in_care_group);
        assert_eq!((found[0].member, found[0].location, found[0].remaining), (id(1, 1), at_place(GROUP_A), 3));
        let one = facts::needs(read, COMMUNITY, &FactsFilter { id: Some(id(2, 12)), ..base() }, 9).await.unwrap();
        assert_eq!((one[0].remaining, one[0].in_care_group), (0, false));
    }

    async fn history_counts_what_ended_well(store) {
        found(&store).await;
        add_members(&store, &[1, 2, 3].map(|n| person(n, AREA_A, &[]))).await;
        let needs = [intent(Side::Need, 1, id(1, 1), AREA_A, 0), intent(Side::Need, 2, id(1, 2), AREA_A, 0)];
        let offer = intent(Side::Offer, 3, id(1, 3), AREA_A, 0);
        add_intents(&store, &[needs[0].clone(), needs[1].clone(), offer.clone()]).await;
        let states = [MatchState::Confirmed, MatchState::Settled, MatchState::Cancelled, MatchState::Delivered, MatchState::Confirmed];
        let all: Vec<_> = states.iter().zip(1..).map(|(state, n)| {
            let mut m = matched(n, &needs[usize::from(n == 5)], &offer, 10);
            m.life.state = *state;
            m
        }).collect();
        add_matches(&store, &all).await;
        let (p1, p2, p3) = (id(1, 1), id(1, 2), id(1, 3));
        let history = facts::history(store.read(), COMMUNITY, None).await.unwrap();
        assert_eq!(history, HashMap::from([((p3, p1), 2), ((p3, p2), 1)]));
        let history = facts::history(store.read(), COMMUNITY, Some(p2)).await.unwrap();
        assert_eq!(history, HashMap::from([((p3, p2), 1)]));
    }

    async fn matching_runs(store) {
        found(&store).await;
        let run = |n: u64, place| Run {
            id: id(5, n), place, state: "proposed".into(), summary: "{\"needs\":2}".into(),
            created_by: None, created_at: at(n as i64), decided_at: None,
        };
        let item = |position, offer| RunItem {
            position, need: id(2, position as u64), offer, quantity: 1, points: 870,
            reasons: vec![Reason::SameGroup, Reason::OnlyPart { left: 2 }], decision: "pending".into(), match_id: None,
        };
        let mut first = run(1, AREA_A);
        let mut items: Vec<_> = (0..700).map(|n| item(n, (n % 2 == 0).then(|| id(2, 9)))).collect();
        let (stored, stored_items, second) = (first.clone(), items.clone(), run(2, AREA_B));
        written!(store, tx => {
            runs::insert(tx, COMMUNITY, &stored, &stored_items).await?;
            runs::insert(tx, COMMUNITY, &second, &[]).await
        }).unwrap();
        assert_eq!(runs::run(store.read(), COMMUNITY, first.id).await.unwrap(), Some(first.clone()));
        assert_eq!(runs::items(store.read(), COMMUNITY, first.id).await.unwrap(), items);
        first.state = "decided".into();
        first.decided_at = Some(at(9));
        items[3].decision = "accepted".into();
        items[3].match_id = Some(id(3, 1));
        let (stored, changed) = (first.clone(), vec![items[3].clone()]);
        written!(store, tx => runs::save(tx, COMMUNITY, &stored, &changed).await).unwrap();
        assert_eq!(runs::run(store.read(), COMMUNITY, first.id).await.unwrap(), Some(first));
        assert_eq!(runs::items(store.read(), COMMUNITY, id(5, 1)).await.unwrap(), items);
        for (places, expected) in [(None, vec![2, 1]), (Some(vec![AREA_A]), vec![1]), (Some(vec![]), vec![])] {
            let found = runs::list(store.read(), COMMUNITY, places.as_deref(), ALL).await.unwrap();
            assert_eq!(found.total, expected.len() as u64);
            assert_eq!(found.rows.iter().map(|r| r.id).collect::<Vec<_>>(), expected.into_iter().map(|n| id(5, n)).collect::<Vec<_>>());
        }
    }
}
