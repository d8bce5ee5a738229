//! Many at once: capacity is never given twice, and nothing that was acknowledged is lost.

use tongxin_app::{Error, record, service::matches};
use tongxin_core::service::Side;
use tongxin_store::service::matches::MatchFilter;

use crate::world::*;

on_both! {
    async fn of_twenty_proposals_for_the_last_place_one_wins(w) {
        let offer = w.intent(Side::Offer, BEN, &form(1)).await;
        let worker = w.viewer(WORKER_A).await;
        let mut tasks = Vec::new();
        for _ in 0..20 {
            let need = w.intent(Side::Need, ANNA, &form(1)).await;
            let (app, worker) = (w.app.clone(), worker.clone());
            tasks.push(tokio::spawn(async move { matches::propose(&app, &worker, need, offer, 1).await }));
        }
        let (mut won, mut refused) = (Vec::new(), 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(id) => won.push(id),
                Err(Error::Refused(_)) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((won.len(), refused), (1, 19));
        assert_eq!(w.load(offer).await.committed, 1);
        let all = tongxin_store::service::matches::list(w.store.read(), COMMUNITY, &MatchFilter::default(), ALL).await.unwrap();
        assert_eq!(all.rows.iter().map(|m| m.life.id).collect::<Vec<_>>(), won);
    }

    async fn capacity_is_used_up_exactly(w) {
        let offer = w.intent(Side::Offer, BEN, &form(7)).await;
        let tasks: Vec<_> = (0..20)
            .map(|i| {
                let app = w.app.clone();
                let login = w.login(if i % 2 == 0 { ANNA } else { CARL });
                tokio::spawn(async move {
                    let who = app.viewer(Some(&login)).await.unwrap();
                    matches::respond(&app, &who, offer, None, 2, "").await.is_ok()
                })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            won += i64::from(task.await.unwrap());
        }
        // Three times two of seven; the one left is too little for any.
        assert_eq!((won, w.load(offer).await.committed), (3, 6));
        let rows = w.rows().await;
        assert_eq!((rows["service_match"], rows["intent"]), (3, 4), "who lost leaves no need behind");
        assert_eq!(rows["record"], 1 + 2 * 3);
        assert_eq!(record::verify_all(&w.app).await.unwrap().broken_at, None);
    }

    async fn both_sides_confirm_at_once_and_it_counts_once(w) {
        let id = w.accepted(ANNA, BEN, &form(1)).await;
        let worker = w.viewer(WORKER_A).await;
        let visit = matches::DeliveryForm { happened_at: Some(w.app.now()), minutes: "30".into(), quantity: "1".into(), note: String::new() };
        matches::deliver(&w.app, &worker, id, &visit).await.unwrap();
        let delivery = w.deliveries(id).await[0].id;
        let mut tasks = Vec::new();
        for person in [ANNA, BEN, ANNA, BEN, ANNA, BEN] {
            let (app, who) = (w.app.clone(), w.viewer(person).await);
            tasks.push(tokio::spawn(async move { matches::confirm(&app, &who, delivery).await.is_ok() }));
        }
        let mut confirmed = 0;
        for task in tasks {
            confirmed += i32::from(task.await.unwrap());
        }
        assert_eq!(confirmed, 2);
        assert_eq!((w.balance(ANNA).await.received_minutes, w.balance(BEN).await.given_count), (30, 1));
    }

    async fn accepting_and_cancelling_at_once_ends_in_one_state(w) {
        let id = w.proposed(ANNA, BEN, &form(2)).await;
        let (ben, anna) = (w.viewer(BEN).await, w.viewer(ANNA).await);
        let (accepted, cancelled) = tokio::join!(
            matches::accept(&w.app, &ben, id),
            matches::cancel(&w.app, &anna, id, "不用了")
        );
        assert!(cancelled.is_ok(), "a match may be called off before and after it is accepted");
        let life = w.find(id).await.life;
        assert_eq!(life.accepted_at.is_some(), accepted.is_ok());
        assert_eq!(w.load(life.need).await.committed, 0);
        assert_eq!(w.load(life.offer).await.committed, 0);
    }
}
