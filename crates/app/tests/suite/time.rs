//! What the passing of time does: expiry, reminders, settling, posts that end.

use chrono::Duration;
use tongxin_app::{
    Viewer,
    community::post,
    identity,
    service::{
        intents,
        matches::{self, DeliveryForm},
    },
    tick,
};
use tongxin_core::{
    community::post::rules::PostForm,
    service::{IntentForm, IntentState, MatchState, Side},
};

use crate::world::*;

on_both! {
    async fn a_missing_confirmation_is_reminded_once_and_settled_by_staff_after_7_days(w) {
        let id = w.accepted(ANNA, BEN, &form(1)).await;
        let (ben, worker) = (w.viewer(BEN).await, w.viewer(WORKER_A).await);
        let visit = DeliveryForm { happened_at: Some(w.app.now()), minutes: "45".into(), quantity: "1".into(), note: String::new() };
        matches::deliver(&w.app, &ben, id, &visit).await.unwrap();
        let delivery = w.deliveries(id).await[0].id;
        w.clock.advance(Duration::days(7) - Duration::seconds(1));
        assert_eq!(code(matches::settle(&w.app, &worker, delivery).await), "too_early");
        assert_eq!(tick::run(&w.app).await.unwrap(), tick::Done::default());
        w.clock.advance(Duration::seconds(1));
        assert_eq!(tick::run(&w.app).await.unwrap(), tick::Done { expired: 0, reminded: 1, ..Default::default() });
        assert_eq!(tick::run(&w.app).await.unwrap(), tick::Done::default());
        for person in [ANNA, BEN, CARL, WORKER_B] {
            assert_eq!(code(matches::settle(&w.app, &w.viewer(person).await, delivery).await), "forbidden");
        }
        let page = matches::show(&w.app, &worker, id).await.unwrap();
        assert!(page.delivery_steps[0].settle);
        let list = matches::day_list(&w.app, &worker, w.app.today()).await.unwrap();
        assert_eq!(list.unconfirmed.len(), 1);
        matches::settle(&w.app, &worker, delivery).await.unwrap();
        assert_eq!(code(matches::settle(&w.app, &worker, delivery).await), "wrong_state");
        assert!(matches::confirm(&w.app, &w.viewer(ANNA).await, delivery).await.is_err());
        assert_eq!(w.find(id).await.life.state, MatchState::Settled);
        assert_eq!((w.balance(BEN).await.given_minutes, w.balance(BEN).await.given_count), (45, 1));
        assert_eq!(w.load(w.find(id).await.life.need).await.state, IntentState::Met);
        // Rated after all.
        matches::rate(&w.app, &w.viewer(ANNA).await, delivery, "3", "").await.unwrap();
        assert_eq!(w.balance(BEN).await.given_count, 1);
    }

    async fn what_nobody_matched_expires_once(w) {
        let (anna, worker) = (w.viewer(ANNA).await, w.viewer(WORKER_A).await);
        let short = IntentForm { until: Some(start() + hours(2)), ..form(1) };
        let need = w.intent(Side::Need, ANNA, &short).await;
        let offer = w.intent(Side::Offer, BEN, &form(1)).await;
        let matched = w.proposed(CARL, BEN, &short).await;
        w.clock.advance(hours(2));
        // Between the end of its window and the next tick nothing is matched any more.
        assert_eq!(code(matches::propose(&w.app, &worker, need, offer, 1).await), "wrong_state");
        assert_eq!(problems(matches::respond(&w.app, &w.viewer(BEN).await, need, None, 1, "").await), [("until", "already_past")]);
        assert_eq!(tick::run(&w.app).await.unwrap(), tick::Done { expired: 1, reminded: 0, ..Default::default() });
        assert_eq!(tick::run(&w.app).await.unwrap(), tick::Done::default());
        assert_eq!(w.load(need).await.state, IntentState::Expired);
        assert_eq!(code(intents::reopen(&w.app, &anna, need).await), "wrong_state");
        assert_eq!(code(intents::edit(&w.app, &anna, need, None, &form(1)).await), "wrong_state");
        // A match that holds goes on; called off, both sides expire.
        let life = w.find(matched).await.life;
        assert_eq!(w.load(life.need).await.state, IntentState::Matched);
        matches::cancel(&w.app, &w.viewer(BEN).await, matched, "病了").await.unwrap();
        assert_eq!(tick::run(&w.app).await.unwrap(), tick::Done { expired: 2, reminded: 0, ..Default::default() });
        let last = w.records().await.pop().unwrap();
        assert_eq!((last.account, last.capacity.as_str()), (None, "system"));
    }

    async fn a_post_gives_power_on_its_days_only(w) {
        let boss = w.viewer(SUBDISTRICT).await;
        let post = post::create(&w.app, &boss, STATION_B, &PostForm { kind: "social_worker".into(), title: "社工".into(), ..PostForm::default() }).await.unwrap();
        let ben = post::AppointmentForm { person: Some(BEN), from: "2026-03-04".into(), until: "2026-03-06".into(), note: String::new() };
        post::appoint(&w.app, &boss, post, &ben).await.unwrap();
        let need = w.intent(Side::Need, CARL, &IntentForm { visibility: "staff".into(), ..form(1) }).await;
        let mut seen = Vec::new();
        for _day in 2..8 {
            let ben = w.viewer(BEN).await;
            let Viewer::Actor(actor) = &ben else { panic!() };
            let sees = intents::show(&w.app, &ben, need).await.is_ok();
            assert_eq!(sees, actor.is_staff());
            seen.push(sees);
            w.clock.advance(Duration::days(1));
        }
        assert_eq!(seen, [false, false, true, true, false, false]);

        // Ended today, it gives nothing from now on; handing in for the unit is over too.
        let held = appointment_of(UNA);
        post::end_appointment(&w.app, &boss, held, "").await.unwrap();
        let una = w.viewer(UNA).await;
        assert_eq!(code(intents::create(&w.app, &una, Side::Offer, Some(HOTEL), None, &form(1)).await), "forbidden");
        let account = identity::account(&w.app, &boss, w.account(UNA)).await.unwrap();
        assert_eq!(account.posts[0].appointment.period.until, Some(w.app.today()), "the past is kept");
        assert_eq!(code(post::end_appointment(&w.app, &boss, uuid::Uuid::nil(), "").await), "not_found");
        // Ending it again later does not lengthen it.
        w.clock.advance(Duration::days(3));
        assert_eq!(code(post::end_appointment(&w.app, &boss, held, "").await), "not_found");
        assert_eq!(identity::account(&w.app, &boss, w.account(UNA)).await.unwrap().posts, account.posts);
    }
}
