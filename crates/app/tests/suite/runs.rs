//! Ranking and matching runs.

use tongxin_app::service::{
    matches, ranking,
    runs::{self, Decided, Decision},
};
use tongxin_core::service::{IntentForm, MatchState, Side, matching::Reason};

use crate::world::*;

fn titled(title: &str, quantity: i64) -> IntentForm {
    IntentForm { title: title.into(), ..form(quantity) }
}

on_both! {
    async fn the_best_offers_come_first_with_their_reasons(w) {
        let need = w.intent(Side::Need, ANNA, &form(2)).await;
        let far = w.intent(Side::Offer, CARL, &form(2)).await;
        let near = w.intent(Side::Offer, BEN, &form(1)).await;
        let hidden = w.intent(Side::Offer, CARL, &IntentForm { visibility: "staff".into(), ..form(2) }).await;
        // Another category, out of reach, no time in common, her own: none of these can serve.
        w.intent(Side::Offer, BEN, &IntentForm { category: "sports".into(), ..form(1) }).await;
        w.intent(Side::Offer, CARL, &IntentForm { reach: "residential_area".into(), ..form(1) }).await;
        w.intent(Side::Offer, BEN, &IntentForm { from: Some(start() + chrono::Duration::days(11)), until: Some(start() + chrono::Duration::days(12)), ..form(1) }).await;
        w.intent(Side::Offer, ANNA, &form(1)).await;

        let worker = w.viewer(WORKER_A).await;
        let best = ranking::best_for(&w.app, &worker, need, 10).await.unwrap();
        let ids: Vec<_> = best.iter().map(|c| c.card.intent.id).collect();
        assert_eq!(ids, [near, far]);
        assert!(best[0].fit.points > best[1].fit.points);
        assert_eq!(best[0].fit.reasons, [Reason::SameArea, Reason::SharedDays { days: vec![] }, Reason::OnlyPart { left: 1 }]);
        assert_eq!(best[1].fit.reasons, [Reason::SameCommunity, Reason::SharedDays { days: vec![] }]);
        let all = ranking::best_for(&w.app, &w.viewer(SUBDISTRICT).await, need, 10).await.unwrap();
        assert!(all.iter().any(|c| c.card.intent.id == hidden));
        let one = ranking::best_for(&w.app, &worker, need, 1).await.unwrap();
        assert_eq!(one.len(), 1);
        // From the offer's side the same need is found; who may not propose is told nothing.
        let needs = ranking::best_for(&w.app, &w.viewer(BEN).await, near, 10).await.unwrap();
        assert_eq!(needs.iter().map(|c| c.card.intent.id).collect::<Vec<_>>(), [need]);
        assert_eq!(code(ranking::best_for(&w.app, &w.viewer(BEN).await, need, 10).await), "forbidden");
        // The stored match keeps its reasons.
        let id = matches::propose(&w.app, &worker, need, near, 1).await.unwrap();
        assert_eq!(w.find(id).await.reasons, best[0].fit.reasons);
    }

    async fn having_helped_before_and_owing_count(w) {
        let before = w.accepted(ANNA, BEN, &form(1)).await;
        let visit = matches::DeliveryForm { happened_at: Some(w.app.now()), minutes: "60".into(), quantity: "1".into(), note: String::new() };
        matches::deliver(&w.app, &w.viewer(BEN).await, before, &visit).await.unwrap();
        matches::confirm(&w.app, &w.viewer(ANNA).await, w.deliveries(before).await[0].id).await.unwrap();
        let need = w.intent(Side::Need, ANNA, &form(1)).await;
        w.intent(Side::Offer, BEN, &form(1)).await;
        let best = ranking::best_for(&w.app, &w.viewer(WORKER_A).await, need, 10).await.unwrap();
        assert!(best[0].fit.reasons.contains(&Reason::HelpedBefore { times: 1 }));
        assert!(!best[0].fit.reasons.contains(&Reason::GivesBack));
        // Anna received more than she gave.
        let need = w.intent(Side::Need, BEN, &form(1)).await;
        w.intent(Side::Offer, ANNA, &form(1)).await;
        let best = ranking::best_for(&w.app, &w.viewer(WORKER_A).await, need, 10).await.unwrap();
        assert!(best[0].fit.reasons.contains(&Reason::GivesBack));
    }

    async fn a_run_is_decided_once(w) {
        let worker = w.viewer(WORKER_A).await;
        assert_eq!(code(runs::start(&w.app, &worker, AREA_A).await), "nothing_to_match");
        w.intent(Side::Need, ANNA, &titled("一", 1)).await;
        w.intent(Side::Need, BEN, &titled("二", 1)).await;
        let elsewhere = w.intent(Side::Need, CARL, &titled("三", 1)).await;
        let unmet = w.intent(Side::Need, ANNA, &IntentForm { category: "legal_aid".into(), ..form(1) }).await;
        let offer = w.intent(Side::Offer, HOTEL, &form(5)).await;

        let id = runs::start(&w.app, &worker, AREA_A).await.unwrap();
        assert_eq!(w.rows().await["service_match"], 0, "a run only proposes");
        let run = runs::show(&w.app, &worker, id).await.unwrap();
        assert_eq!((run.summary.needs, run.summary.offers, run.summary.units, run.summary.served_units), (3, 1, 3, 2));
        assert_eq!(run.proposals.len(), 2);
        assert!(run.proposals.iter().all(|l| l.item.need != elsewhere && l.item.offer == Some(offer)));
        assert_eq!(run.unmet.iter().map(|l| l.item.need).collect::<Vec<_>>(), [unmet]);
        assert_ne!(run.unmet[0].item.decision, "pending");
        // In area B nobody sees or decides it.
        let other = w.viewer(WORKER_B).await;
        assert_eq!(code(runs::show(&w.app, &other, id).await), "forbidden");
        assert_eq!(code(runs::decide(&w.app, &other, id, Decision::All).await), "forbidden");
        assert_eq!(runs::list(&w.app, &other, ALL).await.unwrap().total, 0);
        assert_eq!(runs::list(&w.app, &worker, ALL).await.unwrap().total, 1);

        let first = run.proposals[0].item.position;
        let decided = runs::decide(&w.app, &worker, id, Decision::Some(vec![first, 99])).await.unwrap();
        assert_eq!(decided, Decided { accepted: 1, rejected: 1, outdated: 0 });
        assert_eq!(code(runs::decide(&w.app, &worker, id, Decision::All).await), "already_decided");
        let run = runs::show(&w.app, &worker, id).await.unwrap();
        let stored = w.find(run.proposals[0].item.match_id.unwrap()).await;
        assert_eq!((stored.life.state, stored.life.asked, stored.run), (MatchState::Proposed, Side::Offer, Some(id)));
        assert_eq!(w.load(offer).await.committed, 1);

        let id = runs::start(&w.app, &worker, AREA_A).await.unwrap();
        let decided = runs::decide(&w.app, &worker, id, Decision::None).await.unwrap();
        assert_eq!(decided, Decided { accepted: 0, rejected: 1, outdated: 0 });
        let id = runs::start(&w.app, &w.viewer(SUBDISTRICT).await, ROOT).await.unwrap();
        let decided = runs::decide(&w.app, &w.viewer(SUBDISTRICT).await, id, Decision::All).await.unwrap();
        assert_eq!(decided, Decided { accepted: 2, rejected: 0, outdated: 0 });
        assert_eq!(w.load(offer).await.committed, 3);
    }

    async fn what_no_longer_holds_is_outdated(w) {
        let worker = w.viewer(WORKER_A).await;
        let gone = w.intent(Side::Need, ANNA, &titled("一", 2)).await;
        let short = IntentForm { until: Some(start() + hours(3)), ..titled("二", 1) };
        let past = w.intent(Side::Need, BEN, &short).await;
        let kept = w.intent(Side::Need, WORKER_A, &titled("三", 1)).await;
        let offer = w.intent(Side::Offer, HOTEL, &form(4)).await;
        let id = runs::start(&w.app, &worker, AREA_A).await.unwrap();
        assert_eq!(runs::show(&w.app, &worker, id).await.unwrap().summary.served_units, 4);
        // One need is partly matched elsewhere; another one's window passes.
        matches::respond(&w.app, &w.viewer(CARL).await, gone, None, 1, "").await.unwrap();
        w.clock.advance(hours(4));
        let decided = runs::decide(&w.app, &worker, id, Decision::All).await.unwrap();
        assert_eq!(decided, Decided { accepted: 1, rejected: 0, outdated: 2 });
        assert_eq!((w.load(kept).await.committed, w.load(past).await.committed, w.load(offer).await.committed), (1, 0, 1));
    }

    async fn two_decisions_at_once(w) {
        let worker = w.viewer(WORKER_A).await;
        w.intent(Side::Need, ANNA, &form(1)).await;
        w.intent(Side::Offer, HOTEL, &form(5)).await;
        let id = runs::start(&w.app, &worker, AREA_A).await.unwrap();
        let (a, b) = tokio::join!(runs::decide(&w.app, &worker, id, Decision::All), runs::decide(&w.app, &worker, id, Decision::All));
        assert_eq!(i32::from(a.is_ok()) + i32::from(b.is_ok()), 1);
        assert_eq!(w.rows().await["service_match"], 1);
    }
}
