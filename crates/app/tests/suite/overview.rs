//! The public figures, on a world small enough to count by hand.

use chrono::Duration;
use tongxin_app::{
    Viewer,
    service::{
        intents,
        matches::{self, DeliveryForm},
        overview::{self, Count},
    },
    tick,
};
use tongxin_core::{
    people::CareGroup,
    service::{Intent, IntentForm, Side},
};

use crate::world::*;

fn count<K: ToString + ?Sized>(key: &K, open: i64, met: i64, unmet: i64) -> Count {
    Count { key: key.to_string(), open, met, unmet }
}

/// Delivers all of a match in one visit of `minutes`, both sides confirm, the receiver rates.
async fn deliver(
    w: &TestCommunity,
    id: uuid::Uuid,
    giver: uuid::Uuid,
    receiver: uuid::Uuid,
    minutes: i64,
    rating: &str,
) {
    let who = w.viewer(giver).await;
    let quantity = w.find(id).await.life.quantity.to_string();
    let visit =
        DeliveryForm { happened_at: Some(w.app.now()), minutes: minutes.to_string(), quantity, note: String::new() };
    matches::deliver(&w.app, &who, id, &visit).await.unwrap();
    let delivery = w.deliveries(id).await[0].id;
    let who = w.viewer(receiver).await;
    matches::confirm(&w.app, &who, delivery).await.unwrap();
    matches::rate(&w.app, &who, delivery, rating, "").await.unwrap();
}

on_both! {
    async fn figures_counted_by_hand(w) {
        // 2 March: Anna (A1) asks Ben, accepted at once, delivered after 2 hours, 30 minutes, rated 5.
        let one = w.accepted(ANNA, BEN, &form(1)).await;
        w.clock.advance(hours(2));
        deliver(&w, one, BEN, ANNA, 30, "5").await;
        // Ben asks Carl, delivered after 4 hours, 60 minutes, rated 4: Ben gave and received.
        let two = w.accepted(BEN, CARL, &IntentForm { category: "education".into(), care_kind: "spiritual".into(), ..form(1) }).await;
        w.clock.advance(hours(4));
        deliver(&w, two, CARL, BEN, 60, "4").await;
        // Carl's need (B1) nobody matches: it expires. The hotel's stays open, Anna's second is withdrawn.
        w.intent(Side::Need, CARL, &IntentForm { from: Some(w.app.now()), until: Some(w.app.now() + hours(1)), ..form(1) }).await;
        w.intent(Side::Need, HOTEL, &form(2)).await;
        let back = w.intent(Side::Need, ANNA, &form(1)).await;
        intents::withdraw(&w.app, &w.viewer(ANNA).await, back).await.unwrap();
        w.clock.advance(hours(1));
        assert_eq!(tick::run(&w.app).await.unwrap().expired, 1);

        let (first, last) = (day("2026-03-01"), day("2026-03-31"));
        let all = overview::show(&w.app, &Viewer::Guest, None, first, last).await.unwrap();
        let t = &all.totals;
        assert_eq!((t.needs, t.offers, t.deliveries, t.minutes), (5, 2, 2, 90));
        assert_eq!((t.receivers, t.givers, t.both, t.ratings, t.mean_rating), (2, 2, 1, 2, Some(4.5)));
        assert_eq!((t.median_to_match_ms, t.median_to_deliver_ms), (Some(0), Some(2 * 3_600_000)));
        assert_eq!(all.by_category, [count("convenience", 1, 1, 1), count("education", 0, 1, 0)]);
        assert_eq!(all.by_care_kind, [count("material", 1, 1, 1), count("spiritual", 0, 1, 0)]);
        assert_eq!(all.by_area, [count(&AREA_A, 1, 2, 0), count(&AREA_B, 0, 0, 1)]);
        assert_eq!(all.by_member_kind, [count("enterprise", 1, 0, 0), count("person", 0, 2, 1)]);
        assert!(all.by_care_group.iter().all(|c| c.key.is_empty()), "a group of one is not shown: {:?}", all.by_care_group);
        assert_eq!(all.by_month, [(first, 2, 90)]);

        let area = overview::show(&w.app, &Viewer::Guest, Some(AREA_B), first, last).await.unwrap();
        assert_eq!((area.totals.needs, area.totals.offers, area.totals.deliveries, area.totals.minutes), (1, 1, 0, 0));
        assert_eq!(area.totals.mean_rating, None);
        let group = overview::show(&w.app, &Viewer::Guest, Some(GROUP_A1), first, last).await.unwrap();
        assert_eq!((group.totals.needs, group.totals.offers, group.totals.deliveries, group.totals.minutes), (2, 0, 1, 30));
        let later = overview::show(&w.app, &Viewer::Guest, None, day("2026-03-03"), last).await.unwrap();
        assert_eq!((later.totals.needs, later.totals.deliveries, later.by_category), (0, 0, vec![]));
        // The last day counts whole; days turned round are one day.
        let one_day = overview::show(&w.app, &Viewer::Guest, None, day("2026-03-02"), first).await.unwrap();
        assert_eq!((one_day.totals.needs, one_day.to), (5, day("2026-03-02")));
        assert_eq!(code(overview::show(&w.app, &Viewer::Guest, Some(uuid::Uuid::nil()), first, last).await), "not_found");
    }

    async fn one_receiver_with_many_needs_is_still_a_small_group(w) {
        for _ in 0..4 {
            w.intent(Side::Need, ANNA, &form(1)).await;
        }
        let all = overview::show(&w.app, &Viewer::Guest, None, day("2026-03-01"), day("2026-03-31")).await.unwrap();
        assert!(all.by_care_group.iter().all(|c| c.key != "older"), "only Anna is in it: {:?}", all.by_care_group);
        // With three receivers the group is shown.
        let more = [person(uuid::Uuid::from_u128(0x31), "Dora", GROUP_A1, &[CareGroup::Older]), person(uuid::Uuid::from_u128(0x32), "Emil", GROUP_A1, &[CareGroup::Older])];
        let added = w.store.write::<_, tongxin_store::Error, _>(move |tx| {
            Box::pin(async move { tongxin_store::people::insert(tx, COMMUNITY, &more, start().timestamp_millis()).await })
        });
        added.await.unwrap();
        let worker = w.viewer(WORKER_A).await;
        for n in [0x31, 0x32] {
            intents::create(&w.app, &worker, Side::Need, Some(uuid::Uuid::from_u128(n)), None, &form(1)).await.unwrap();
        }
        let all = overview::show(&w.app, &Viewer::Guest, None, day("2026-03-01"), day("2026-03-31")).await.unwrap();
        assert!(all.by_care_group.contains(&count("older", 6, 0, 0)));
    }

    async fn months_are_those_of_the_communitys_zone(w) {
        // 31 March 23:30 in Shanghai is 15:30 UTC; 1 April 00:30 is 16:30 UTC the day before.
        let until_march_ends = chrono::DateTime::parse_from_rfc3339("2026-03-31T23:30:00+08:00").unwrap().to_utc() - start();
        let later = || IntentForm { until: Some(start() + Duration::days(40)), ..form(1) };
        let (one, two) = (w.accepted(ANNA, BEN, &later()).await, w.accepted(ANNA, BEN, &later()).await);
        w.clock.advance(until_march_ends);
        deliver(&w, one, BEN, ANNA, 10, "5").await;
        w.clock.advance(hours(1));
        deliver(&w, two, BEN, ANNA, 20, "5").await;
        let all = overview::show(&w.app, &Viewer::Guest, None, day("2026-03-01"), day("2026-04-30")).await.unwrap();
        assert_eq!(all.by_month, [(day("2026-03-01"), 1, 10), (day("2026-04-01"), 1, 20)]);
        let march = overview::show(&w.app, &Viewer::Guest, None, day("2026-03-01"), day("2026-03-31")).await.unwrap();
        assert_eq!(march.totals.minutes, 10);
    }

    async fn figures_are_kept_while_nothing_is_written_and_for_a_minute_at_most(w) {
        let march = || overview::show(&w.app, &Viewer::Guest, None, day("2026-03-01"), day("2026-03-31"));
        let first = w.intent(Side::Need, ANNA, &form(1)).await;
        let begun = w.app.now();
        assert_eq!((march().await.unwrap().totals.needs, march().await.unwrap().as_of), (1, begun));
        // Another program writes into the same database: it shows after a minute.
        copies(&w, first, 1..2).await;
        w.clock.advance(Duration::seconds(59));
        let kept = march().await.unwrap();
        assert_eq!((kept.totals.needs, kept.as_of), (1, begun));
        w.clock.advance(Duration::seconds(1));
        let counted = march().await.unwrap();
        assert_eq!((counted.totals.needs, counted.as_of), (2, w.app.now()));
        // What this program writes shows at once, in the single figures too.
        w.intent(Side::Need, ANNA, &form(1)).await;
        assert_eq!(march().await.unwrap().totals.needs, 3);
        let totals = overview::totals(&w.app, &Viewer::Guest, None, day("2026-03-01"), day("2026-03-31")).await.unwrap();
        assert_eq!((totals.value.needs, totals.at), (3, w.app.now()));
    }

    async fn many_rows_are_counted_once_a_minute_whatever_is_written(w) {
        let march = || overview::show(&w.app, &Viewer::Guest, None, day("2026-03-01"), day("2026-03-31"));
        let first = w.intent(Side::Need, ANNA, &form(1)).await;
        copies(&w, first, 1..5_000).await;
        assert_eq!(march().await.unwrap().totals.needs, 5_000);
        w.intent(Side::Need, ANNA, &form(1)).await;
        assert_eq!(march().await.unwrap().totals.needs, 5_000);
        let area = overview::show(&w.app, &Viewer::Guest, Some(AREA_B), day("2026-03-01"), day("2026-03-31")).await.unwrap();
        assert_eq!(area.totals.needs, 0, "another place is another question");
        w.clock.advance(Duration::seconds(60));
        assert_eq!(march().await.unwrap().totals.needs, 5_001);
    }
}

/// Copies of a need, written past the application as another program would.
async fn copies(w: &TestCommunity, of: uuid::Uuid, numbers: std::ops::Range<u128>) {
    let need = tongxin_store::service::intents::intent(w.store.read(), COMMUNITY, of).await.unwrap().unwrap();
    let copies = numbers.map(|n| (Intent { id: uuid::Uuid::from_u128(0xC0_0000 + n), ..need.clone() }, None)).collect();
    let written = w.store.write::<_, tongxin_store::Error, _>(move |tx| {
        Box::pin(async move { tongxin_store::service::intents::insert(tx, COMMUNITY, copies).await })
    });
    written.await.unwrap();
}
