//! The flow of service, from a need to its rating.

use chrono::Duration;
use tongxin_app::service::{
    intents,
    matches::{self, DeliveryForm, MatchFilter},
};
use tongxin_core::{
    service::{IntentForm, IntentState, MatchState, Party, Side},
    time::Window,
};
use tongxin_store::people::Balance;

use crate::world::*;

/// A visit that ended now.
fn visit(w: &TestCommunity, minutes: i64, quantity: i64) -> DeliveryForm {
    DeliveryForm {
        happened_at: Some(w.app.now()),
        minutes: minutes.to_string(),
        quantity: quantity.to_string(),
        note: String::new(),
    }
}

on_both! {
    async fn from_a_need_on_behalf_to_its_rating(w) {
        let (anna, una, worker, ben) = (w.viewer(ANNA).await, w.viewer(UNA).await, w.viewer(WORKER_A).await, w.viewer(BEN).await);
        let need = intents::create(&w.app, &worker, Side::Need, Some(ANNA), None, &form(2)).await.unwrap();
        let stored = w.load(need).await;
        assert_eq!((stored.member, stored.entered_by, stored.location), (ANNA, Some(w.account(WORKER_A)), location(GROUP_A1)));
        let offer = w.intent(Side::Offer, HOTEL, &form(5)).await;

        let id = matches::propose(&w.app, &worker, need, offer, 2).await.unwrap();
        assert_eq!((w.load(need).await.state, w.load(need).await.committed), (IntentState::Matched, 2));
        assert_eq!((w.load(offer).await.state, w.load(offer).await.committed), (IntentState::Open, 2));
        assert_eq!(matches::waiting_for(&w.app, &una).await.unwrap().len(), 1);
        assert_eq!(matches::waiting_for(&w.app, &anna).await.unwrap().len(), 0);
        let page = matches::show(&w.app, &una, id).await.unwrap();
        assert!(page.steps.answer && page.steps.cancel && !page.steps.arrange && !page.steps.deliver);
        assert_eq!(page.phones, None, "before it is accepted nobody is told a number");

        // The receiver's own side was not asked; no step before its time.
        assert_eq!(code(matches::accept(&w.app, &anna, id).await), "not_your_step");
        assert_eq!(code(matches::decline(&w.app, &anna, id, "换个时间").await), "not_your_step");
        assert_eq!(code(matches::accept(&w.app, &ben, id).await), "forbidden");
        let (from, until) = (start() + hours(2), start() + hours(3));
        assert_eq!(code(matches::arrange(&w.app, &una, id, Some(from), Some(until)).await), "wrong_state");
        assert_eq!(code(matches::deliver(&w.app, &una, id, &visit(&w, 30, 1)).await), "wrong_state");
        matches::accept(&w.app, &una, id).await.unwrap();
        assert_eq!(code(matches::accept(&w.app, &una, id).await), "wrong_state");
        let page = matches::show(&w.app, &anna, id).await.unwrap();
        assert!(page.phones.is_some() && page.steps.arrange && !page.steps.deliver && page.parties == [Party::Receiver]);

        matches::arrange(&w.app, &anna, id, Some(from), Some(until)).await.unwrap();
        assert_eq!(w.find(id).await.life.arranged, Window::new(from, until));
        w.clock.advance(hours(3));
        assert_eq!(code(matches::deliver(&w.app, &anna, id, &visit(&w, 30, 1)).await), "not_your_step");
        assert_eq!(code(matches::deliver(&w.app, &una, id, &visit(&w, 30, 3)).await), "not_enough_left");
        matches::deliver(&w.app, &una, id, &visit(&w, 40, 1)).await.unwrap();
        assert_eq!((w.find(id).await.life.state, w.find(id).await.life.delivered), (MatchState::Accepted, 1));
        matches::deliver(&w.app, &worker, id, &visit(&w, 20, 1)).await.unwrap();
        assert_eq!(w.find(id).await.life.state, MatchState::Delivered);

        // The giver confirmed its own record; staff confirmed nobody's.
        let by = |minutes, all: &[tongxin_core::service::Delivery]| all.iter().find(|d| d.draft.minutes == minutes).unwrap().clone();
        let all = w.deliveries(id).await;
        let (first, second) = (by(40, &all), by(20, &all));
        assert!(first.giver_confirmed_at.is_some() && second.giver_confirmed_at.is_none());
        assert_eq!(code(matches::confirm(&w.app, &una, first.id).await), "not_your_step");
        assert_eq!(code(matches::confirm(&w.app, &worker, first.id).await), "not_your_step");
        assert_eq!(code(matches::confirm(&w.app, &ben, first.id).await), "forbidden");
        assert_eq!(w.balance(ANNA).await, Balance::default());
        matches::confirm(&w.app, &anna, first.id).await.unwrap();
        assert_eq!((w.load(need).await.fulfilled, w.load(need).await.state), (1, IntentState::Matched));
        assert!(matches::confirm(&w.app, &anna, first.id).await.is_err());
        matches::confirm(&w.app, &anna, second.id).await.unwrap();
        assert_eq!(w.find(id).await.life.state, MatchState::Delivered);
        matches::confirm(&w.app, &una, second.id).await.unwrap();

        assert_eq!(w.find(id).await.life.state, MatchState::Confirmed);
        assert_eq!((w.load(need).await.fulfilled, w.load(need).await.state), (2, IntentState::Met));
        assert_eq!((w.load(offer).await.fulfilled, w.load(offer).await.state), (2, IntentState::Open));
        assert_eq!(w.balance(ANNA).await, Balance { received_minutes: 60, received_count: 2, ..Balance::default() });
        assert_eq!(w.balance(HOTEL).await, Balance { given_minutes: 60, given_count: 2, ..Balance::default() });

        for who in [&una, &worker, &ben] {
            assert_eq!(code(matches::rate(&w.app, who, first.id, "5", "").await), "forbidden");
        }
        matches::rate(&w.app, &anna, first.id, "4", "很好").await.unwrap();
        matches::rate(&w.app, &anna, first.id, "5", "").await.unwrap();
        let all = w.deliveries(id).await;
        assert_eq!((by(40, &all).rating, by(40, &all).comment, by(20, &all).rating), (Some(5), None, None));
        assert_eq!(w.balance(ANNA).await.received_minutes, 60);
        assert_eq!(code(matches::cancel(&w.app, &anna, id, "太晚").await), "wrong_state");
    }

    async fn a_recurring_need_goes_on_to_its_next_visit(w) {
        // Mondays, 11 to 12 o'clock, from today on: 2, 9, 16 and 23 March.
        let weekly = IntentForm {
            from: Some(start() + hours(1)),
            until: Some(start() + hours(2) + Duration::weeks(3)),
            rrule: "FREQ=WEEKLY;BYDAY=MO".into(),
            ..form(3)
        };
        let id = w.accepted(ANNA, BEN, &weekly).await;
        let ben = w.viewer(BEN).await;
        let monday = |n: i64| Window::new(start() + hours(1) + Duration::weeks(n), start() + hours(2) + Duration::weeks(n));
        assert_eq!(code(matches::deliver_as_arranged(&w.app, &ben, id).await), "wrong_state");
        matches::arrange(&w.app, &ben, id, monday(0).map(|w| w.from), monday(0).map(|w| w.until)).await.unwrap();

        // One tap while the visit's time still runs: what comes next is the next Monday, not this one again.
        w.clock.advance(Duration::minutes(105));
        matches::deliver_as_arranged(&w.app, &ben, id).await.unwrap();
        let life = w.find(id).await.life;
        assert_eq!((life.state, life.delivered, life.arranged), (MatchState::Arranged, 1, monday(1)));
        assert_eq!(code(matches::deliver_as_arranged(&w.app, &ben, id).await), "wrong_state", "next week is not yet");
        assert_eq!(w.deliveries(id).await[0].draft.minutes, 60);

        // The second is recorded a day late, typed in with its own time.
        w.clock.advance(Duration::days(8));
        let late = DeliveryForm { happened_at: monday(1).map(|w| w.from), ..visit(&w, 50, 1) };
        matches::deliver(&w.app, &ben, id, &late).await.unwrap();
        assert_eq!(w.find(id).await.life.arranged, monday(2));
        // Put off to the day after; then the last one.
        let put_off = Window::new(start() + Duration::days(15), start() + Duration::days(15) + hours(1));
        matches::arrange(&w.app, &ben, id, put_off.map(|w| w.from), put_off.map(|w| w.until)).await.unwrap();
        w.clock.advance(Duration::days(7));
        matches::deliver_as_arranged(&w.app, &ben, id).await.unwrap();
        assert_eq!(w.find(id).await.life.state, MatchState::Delivered);
        assert_eq!(w.deliveries(id).await.len(), 3);
    }

    async fn declining_and_cancelling_release(w) {
        let (ben, anna, worker) = (w.viewer(BEN).await, w.viewer(ANNA).await, w.viewer(WORKER_A).await);
        let id = w.proposed(ANNA, BEN, &form(2)).await;
        let (need, offer) = (w.find(id).await.life.need, w.find(id).await.life.offer);
        assert_eq!(code(intents::withdraw(&w.app, &anna, need).await), "live_matches");
        assert_eq!(code(intents::withdraw(&w.app, &ben, offer).await), "live_matches");
        assert_eq!(problems(matches::decline(&w.app, &ben, id, " ").await), [("reason", "required")]);
        matches::decline(&w.app, &ben, id, "没有时间").await.unwrap();
        for intent in [need, offer] {
            assert_eq!((w.load(intent).await.committed, w.load(intent).await.state), (0, IntentState::Open));
        }
        assert_eq!(w.find(id).await.life.reason.as_deref(), Some("没有时间"));

        // Cancelled after one of two was delivered: one is given back; the delivered one is still confirmed and counted.
        let id = matches::propose(&w.app, &worker, need, offer, 2).await.unwrap();
        matches::accept(&w.app, &ben, id).await.unwrap();
        matches::deliver(&w.app, &ben, id, &visit(&w, 30, 1)).await.unwrap();
        matches::cancel(&w.app, &anna, id, "不需要了").await.unwrap();
        assert_eq!((w.load(need).await.committed, w.load(need).await.state), (1, IntentState::Open));
        assert_eq!(code(intents::withdraw(&w.app, &anna, need).await), "live_matches");
        matches::confirm(&w.app, &anna, w.deliveries(id).await[0].id).await.unwrap();
        assert_eq!((w.load(need).await.fulfilled, w.find(id).await.life.state), (1, MatchState::Cancelled));
        assert_eq!(w.balance(BEN).await.given_minutes, 30);
        intents::withdraw(&w.app, &anna, need).await.unwrap();
        assert_eq!(code(matches::propose(&w.app, &worker, need, offer, 1).await), "wrong_state");
        intents::reopen(&w.app, &anna, need).await.unwrap();
        assert_eq!((w.load(need).await.state, w.load(need).await.remaining()), (IntentState::Open, 1));
    }

    async fn each_side_may_answer_the_other(w) {
        let (ben, anna, carl) = (w.viewer(BEN).await, w.viewer(ANNA).await, w.viewer(CARL).await);
        let need = w.intent(Side::Need, ANNA, &form(3)).await;
        let id = matches::respond(&w.app, &ben, need, None, 2, "我可以").await.unwrap();
        let life = w.find(id).await.life;
        assert_eq!((life.giver, life.receiver, life.asked, life.quantity), (BEN, ANNA, Side::Need, 2));
        assert_eq!((w.load(need).await.remaining(), w.load(life.offer).await.state), (1, IntentState::Matched));
        assert_eq!(code(matches::accept(&w.app, &ben, id).await), "not_your_step");
        matches::accept(&w.app, &anna, id).await.unwrap();

        // What was made for the answer alone goes when it comes to nothing, whoever ends it; an intent of its own stays.
        let told = async |id: uuid::Uuid| w.records().await.into_iter().filter(|r| r.subject == id).map(|r| r.action).collect::<Vec<_>>();
        let id = matches::respond(&w.app, &carl, need, None, 1, "").await.unwrap();
        let made = w.find(id).await.life.offer;
        matches::decline(&w.app, &anna, id, "不巧").await.unwrap();
        assert_eq!(w.load(made).await.state, IntentState::Withdrawn);
        assert_eq!(told(made).await, ["offer.create", "offer.withdraw"]);
        assert_eq!(w.load(need).await.remaining(), 1, "the need goes on");
        let id = matches::respond(&w.app, &carl, need, None, 1, "").await.unwrap();
        let made = w.find(id).await.life.offer;
        matches::cancel(&w.app, &carl, id, "病了").await.unwrap();
        assert_eq!(w.load(made).await.state, IntentState::Withdrawn);
        assert_eq!((w.load(need).await.remaining(), w.load(need).await.state), (1, IntentState::Open));
        assert_eq!(told(need).await, ["need.create"]);

        let offer = w.intent(Side::Offer, ANNA, &form(1)).await;
        let id = matches::respond(&w.app, &carl, offer, None, 1, "").await.unwrap();
        let life = w.find(id).await.life;
        assert_eq!((life.giver, life.receiver, life.asked), (ANNA, CARL, Side::Offer));
        assert_eq!(code(matches::accept(&w.app, &carl, id).await), "not_your_step");
        matches::accept(&w.app, &anna, id).await.unwrap();

        // Too much, one's own, for another, or what one may not see: nothing is left behind.
        let hidden = w.intent(Side::Need, ANNA, &IntentForm { visibility: "staff".into(), ..form(1) }).await;
        let before = w.rows().await;
        assert_eq!(code(matches::respond(&w.app, &ben, need, None, 2, "").await), "not_enough_left");
        assert_eq!(code(matches::respond(&w.app, &anna, need, None, 1, "").await), "same_member");
        assert_eq!(code(matches::respond(&w.app, &ben, need, Some(CARL), 1, "").await), "forbidden");
        assert_eq!(code(matches::respond(&w.app, &ben, hidden, None, 1, "").await), "forbidden");
        assert_eq!(code(matches::respond(&w.app, &tongxin_app::Viewer::Guest, need, None, 1, "").await), "sign_in_first");
        assert_eq!(w.rows().await, before);
    }

    async fn proposals_that_cannot_be(w) {
        let worker = w.viewer(WORKER_A).await;
        let need = w.intent(Side::Need, ANNA, &form(1)).await;
        let own = w.intent(Side::Offer, ANNA, &form(1)).await;
        let other = w.intent(Side::Offer, BEN, &IntentForm { category: "sports".into(), ..form(1) }).await;
        let offer = w.intent(Side::Offer, BEN, &form(1)).await;
        let far = w.intent(Side::Offer, CARL, &IntentForm { visibility: "staff".into(), ..form(1) }).await;
        let before = w.rows().await;
        assert_eq!(code(matches::propose(&w.app, &worker, need, own, 1).await), "same_member");
        assert_eq!(code(matches::propose(&w.app, &worker, need, other, 1).await), "other_category");
        for quantity in [0, -1, 2, i64::MAX] {
            assert_eq!(code(matches::propose(&w.app, &worker, need, offer, quantity).await), "not_enough_left");
        }
        assert_eq!(code(matches::propose(&w.app, &worker, offer, need, 1).await), "not_found");
        assert_eq!(code(matches::propose(&w.app, &worker, need, far, 1).await), "forbidden");
        assert_eq!(code(matches::propose(&w.app, &w.viewer(CARL).await, need, offer, 1).await), "forbidden");
        assert_eq!(w.rows().await, before);
    }

    async fn lists_of_matches_hold_ones_own_or_ones_areas(w) {
        let in_a = w.proposed(ANNA, BEN, &form(1)).await;
        let in_b = w.proposed(CARL, ANNA, &form(1)).await;
        let expected: [(_, &[_], Option<&[_]>); 5] = [
            (ANNA, &[in_b, in_a], None),
            (BEN, &[in_a], None),
            (WORKER_A, &[], Some(&[in_a])),
            (WORKER_B, &[], Some(&[in_b])),
            (SUBDISTRICT, &[], Some(&[in_b, in_a])),
        ];
        for (person, own, as_staff) in expected {
            let who = w.viewer(person).await;
            let ids = |cards: Vec<matches::MatchCard>| { let mut ids: Vec<_> = cards.iter().map(|c| c.stored.life.id).collect(); ids.sort(); ids };
            let sorted = |ids: &[_]| { let mut ids = ids.to_vec(); ids.sort(); ids };
            let listed = matches::list(&w.app, &who, false, MatchFilter::default(), ALL).await.unwrap();
            assert_eq!(ids(listed.rows), sorted(own));
            match (matches::list(&w.app, &who, true, MatchFilter::default(), ALL).await, as_staff) {
                (Ok(listed), Some(expected)) => assert_eq!(ids(listed.rows), sorted(expected)),
                (outcome, None) => assert_eq!(code(outcome), "forbidden"),
                (outcome, _) => panic!("{outcome:?}"),
            }
        }
        let list = matches::day_list(&w.app, &w.viewer(WORKER_A).await, w.app.today()).await.unwrap();
        assert_eq!(list.unanswered.len(), 1);
        assert_eq!(code(matches::day_list(&w.app, &w.viewer(ANNA).await, w.app.today()).await), "forbidden");
    }
}
