//! Figures, against values worked out by hand.

use tongxin_core::{
    community::OrganisationKind,
    people::CareGroup,
    service::{CareKind, Category, IntentState, MatchState, Side},
};
use tongxin_store::{
    Store,
    figures::{Count, Needs, Scope, Totals, deliveries_by_day, needs, totals},
};
use uuid::Uuid;

use crate::{common::*, on_both};

/// Five needs and three offers within the period, one need after it; three matches; three deliveries.
async fn world(store: &Store) {
    found(store).await;
    let (p1, p2, unit) = (id(1, 1), id(1, 2), id(1, 3));
    let members = [
        person(1, GROUP_A, &[CareGroup::Older, CareGroup::Disabled]),
        person(2, AREA_A, &[]),
        organisation(3, AREA_B, OrganisationKind::Enterprise),
    ];
    add_members(store, &members).await;
    let need = |n, member, place, created, category, kind, state| {
        let mut need = intent(Side::Need, n, member, place, created);
        need.draft.category = category;
        need.draft.care_kind = kind;
        need.state = state;
        need
    };
    use CareKind::{Material, Spiritual};
    let needs = [
        need(1, p1, GROUP_A, 0, Category::Education, Material, IntentState::Open),
        need(2, p1, GROUP_A, 10, Category::Education, Spiritual, IntentState::Met),
        need(3, p2, AREA_A, 20, Category::Culture, Material, IntentState::Expired),
        need(4, unit, AREA_B, 30, Category::LegalAid, Material, IntentState::Matched),
        need(5, p2, AREA_A, 40, Category::Culture, Material, IntentState::Withdrawn),
        need(6, p1, GROUP_A, 100_000, Category::Sports, Material, IntentState::Open),
    ];
    let offers = [
        intent(Side::Offer, 11, p2, AREA_A, 5),
        intent(Side::Offer, 12, unit, AREA_B, 6),
        intent(Side::Offer, 13, p1, GROUP_A, 7),
    ];
    add_intents(store, &needs).await;
    add_intents(store, &offers).await;
    let mut matches = [
        matched(1, &needs[1], &offers[0], 70),
        matched(2, &needs[3], &offers[2], 50),
        matched(3, &needs[0], &offers[1], 200),
        matched(4, &needs[2], &offers[1], 300),
    ];
    matches[0].life.state = MatchState::Confirmed;
    matches[3].life.accepted_at = None;
    matches[3].life.state = MatchState::Declined;
    add_matches(store, &matches).await;
    let mut deliveries =
        [delivery(1, &matches[0], 100, 30), delivery(2, &matches[0], 200, 45), delivery(3, &matches[1], 1_380, 60)];
    deliveries[0].rating = Some(5);
    deliveries[1].rating = Some(4);
    add_delivery(store, &deliveries[0], &matches[0]).await;
    add_delivery(store, &deliveries[1], &matches[0]).await;
    add_delivery(store, &deliveries[2], &matches[1]).await;
}

fn scope(area: Option<Uuid>, place: Option<Uuid>) -> Scope {
    Scope { from: at(0), until: at(100_000), area, place }
}

fn count(key: &str, open: i64, met: i64, unmet: i64) -> Count {
    Count { key: key.into(), open, met, unmet }
}

on_both! {
    async fn needs_by_every_dimension(store) {
        world(&store).await;
        let (a, b) = (AREA_A.to_string(), AREA_B.to_string());
        let all = needs(store.read(), COMMUNITY, &scope(None, None)).await.unwrap();
        assert_eq!(all.by_category, [count("culture", 0, 0, 1), count("education", 1, 1, 0), count("legal_aid", 1, 0, 0)]);
        assert_eq!(all.by_care_kind, [count("material", 2, 0, 1), count("spiritual", 0, 1, 0)]);
        assert_eq!(all.by_area, [count(&a, 1, 1, 1), count(&b, 1, 0, 0)]);
        assert_eq!(all.by_care_group, [count("", 1, 0, 1), count("disabled", 1, 1, 0), count("older", 1, 1, 0)]);
        assert_eq!(all.by_member_kind, [count("enterprise", 1, 0, 0), count("person", 1, 1, 1)]);
        assert_eq!(all.receivers, [("disabled".to_owned(), 1), ("older".to_owned(), 1)].into());
        let in_a = needs(store.read(), COMMUNITY, &scope(Some(AREA_A), None)).await.unwrap();
        assert_eq!(in_a.by_category, [count("culture", 0, 0, 1), count("education", 1, 1, 0)]);
        assert_eq!(in_a.by_member_kind, [count("person", 1, 1, 1)], "no organisation of another area");
        let in_group = needs(store.read(), COMMUNITY, &scope(Some(AREA_A), Some(GROUP_A))).await.unwrap();
        assert_eq!(in_group.by_category, [count("education", 1, 1, 0)]);
        assert_eq!(in_group.by_care_group, [count("disabled", 1, 1, 0), count("older", 1, 1, 0)], "none without a group");
        let mut of_root = intent(Side::Need, 50, id(1, 1), ROOT, 60);
        of_root.location.area = None;
        add_intents(&store, &[of_root]).await;
        let all = needs(store.read(), COMMUNITY, &scope(None, None)).await.unwrap();
        assert_eq!(all.by_area, [count(&a, 1, 1, 1), count(&b, 1, 0, 0), count("", 1, 0, 0)]);
        let none = needs(store.read(), id(9, 9), &scope(None, None)).await.unwrap();
        assert_eq!(none, Needs::default());
    }

    async fn totals_with_and_without_a_place(store) {
        world(&store).await;
        let minutes = |n: i64| Some(n * MINUTE);
        let cases = [
            (scope(None, None), Totals {
                needs: 5, offers: 3, deliveries: 3, minutes: 135, receivers: 2, givers: 2, both: 1,
                ratings: 2, mean_rating: Some(4.5), median_to_match_ms: minutes(60), median_to_deliver_ms: minutes(190),
            }),
            (scope(Some(AREA_A), None), Totals {
                needs: 4, offers: 2, deliveries: 2, minutes: 75, receivers: 1, givers: 1, both: 0,
                ratings: 2, mean_rating: Some(4.5), median_to_match_ms: minutes(60), median_to_deliver_ms: minutes(90),
            }),
            (scope(Some(AREA_A), Some(GROUP_A)), Totals {
                needs: 2, offers: 1, deliveries: 2, minutes: 75, receivers: 1, givers: 1, both: 0,
                ratings: 2, mean_rating: Some(4.5), median_to_match_ms: minutes(60), median_to_deliver_ms: minutes(90),
            }),
            (scope(None, Some(AREA_A)), Totals { needs: 2, offers: 1, ..Totals::default() }),
            (scope(Some(AREA_B), None), Totals {
                needs: 1, offers: 1, deliveries: 1, minutes: 60, receivers: 1, givers: 1, both: 0,
                ratings: 0, mean_rating: None, median_to_match_ms: minutes(20), median_to_deliver_ms: minutes(1_350),
            }),
            (Scope { from: at(200_000), until: at(300_000), area: None, place: None }, Totals::default()),
        ];
        for (scope, expected) in cases {
            assert_eq!(totals(store.read(), COMMUNITY, &scope).await.unwrap(), expected, "{scope:?}");
        }
        assert_eq!(totals(store.read(), id(9, 9), &scope(None, None)).await.unwrap(), Totals::default());
    }

    async fn deliveries_of_each_day(store) {
        world(&store).await;
        let by_day = |scope: Scope, offset_ms| {
            let store = store.clone();
            async move { deliveries_by_day(store.read(), COMMUNITY, &scope, offset_ms).await.unwrap() }
        };
        assert_eq!(by_day(scope(None, None), 0).await, [(20_454, 3, 135)]);
        let shanghai = 8 * 60 * MINUTE;
        assert_eq!(by_day(scope(None, None), shanghai).await, [(20_454, 2, 75), (20_455, 1, 60)]);
        assert_eq!(by_day(scope(Some(AREA_B), None), shanghai).await, [(20_455, 1, 60)]);
        assert_eq!(by_day(scope(Some(AREA_A), Some(GROUP_A)), shanghai).await, [(20_454, 2, 75)]);
        assert_eq!(by_day(scope(None, Some(AREA_A)), shanghai).await, []);
        let narrow = Scope { from: at(101), until: at(1_380), ..scope(None, None) };
        assert_eq!(by_day(narrow, 0).await, [(20_454, 1, 45)], "until is not in the period");
    }
}
