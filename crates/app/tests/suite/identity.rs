//! Signing in, sessions, API tokens, idempotency keys.

use chrono::Duration;
use tongxin_app::{
    Viewer, identity,
    identity::sign_in,
    once::{self, Once},
    service::intents,
};
use tongxin_core::service::Side;

use crate::world::*;

async fn is_signed_in(w: &TestCommunity, token: &str) -> bool {
    matches!(w.app.viewer(Some(token)).await.unwrap(), Viewer::Actor(_))
}

on_both! {
    async fn five_failures_make_an_account_wait(w) {
        let login = w.login(ANNA);
        for _ in 0..4 {
            assert_eq!(code(sign_in(&w.app, &login, "wrong").await), "bad_credentials");
        }
        // A good one in between begins the count anew.
        sign_in(&w.app, &login, PASSWORD).await.unwrap();
        for _ in 0..5 {
            assert_eq!(code(sign_in(&w.app, &login, "wrong").await), "bad_credentials");
        }
        assert_eq!(code(sign_in(&w.app, &login, PASSWORD).await), "too_many_tries");
        sign_in(&w.app, &w.login(BEN), PASSWORD).await.unwrap();
        w.clock.advance(Duration::minutes(15) - Duration::seconds(1));
        assert_eq!(code(sign_in(&w.app, &login, PASSWORD).await), "too_many_tries");
        w.clock.advance(Duration::seconds(1));
        // One more failure and it waits again.
        assert_eq!(code(sign_in(&w.app, &login, "wrong").await), "bad_credentials");
        assert_eq!(code(sign_in(&w.app, &login, PASSWORD).await), "too_many_tries");
        w.clock.advance(Duration::minutes(15));
        sign_in(&w.app, &login, PASSWORD).await.unwrap();
    }

    async fn tries_at_the_same_time_are_all_counted(w) {
        let tasks: Vec<_> = (0..30)
            .map(|_| {
                let (app, login) = (w.app.clone(), w.login(ANNA));
                tokio::spawn(async move { code(sign_in(&app, &login, "wrong").await) })
            })
            .collect();
        let mut told = 0;
        for task in tasks {
            told += i32::from(task.await.unwrap() == "bad_credentials");
        }
        assert_eq!(told, 5, "no more than five guesses are answered");
        assert_eq!(code(sign_in(&w.app, &w.login(ANNA), PASSWORD).await), "too_many_tries");
    }

    async fn names_are_read_as_typed_and_strangers_told_nothing(w) {
        let typed = format!("  {} ", w.login(ANNA).to_uppercase());
        sign_in(&w.app, &typed, PASSWORD).await.unwrap();
        let before = w.rows().await;
        assert_eq!(code(sign_in(&w.app, "nobody", PASSWORD).await), "bad_credentials");
        assert_eq!(code(sign_in(&w.app, "nobody", &"长".repeat(300)).await), "bad_credentials");
        assert_eq!(code(sign_in(&w.app, "", "").await), "bad_credentials");
        assert_eq!(w.rows().await, before);
        assert_eq!(code(sign_in(&w.app, &w.login(ANNA), &"x".repeat(100_000)).await), "bad_credentials");
    }

    async fn sessions_end(w) {
        let (one, two) = (sign_in(&w.app, &w.login(ANNA), PASSWORD).await.unwrap(), sign_in(&w.app, &w.login(ANNA), PASSWORD).await.unwrap());
        assert_ne!(one, two);
        let records = w.records().await.len();
        identity::sign_out(&w.app, &one).await.unwrap();
        identity::sign_out(&w.app, &one).await.unwrap();
        let records = w.records().await.split_off(records);
        let told: Vec<_> = records.iter().map(|r| (r.action.as_str(), r.account, r.capacity.as_str())).collect();
        assert_eq!(told, [("session.sign_out", Some(w.account(ANNA)), "self")], "once, by the account itself");
        assert!(!is_signed_in(&w, &one).await && is_signed_in(&w, &two).await);
        assert!(!is_signed_in(&w, "").await && !is_signed_in(&w, "forged").await);
        w.clock.advance(Duration::days(14) - Duration::seconds(1));
        assert!(is_signed_in(&w, &two).await);
        w.clock.advance(Duration::seconds(1));
        assert!(!is_signed_in(&w, &two).await);
        let before = w.rows().await["session"];
        tongxin_app::tick::run(&w.app).await.unwrap();
        assert_eq!(w.rows().await["session"], before - 1);
    }

    async fn a_new_password_ends_every_session_and_api_token(w) {
        let (anna, boss) = (w.viewer(ANNA).await, w.viewer(SUBDISTRICT).await);
        let token = sign_in(&w.app, &w.login(ANNA), PASSWORD).await.unwrap();
        let before = w.rows().await;
        assert_eq!(problems(identity::change_password(&w.app, &anna, "wrong", "a new password").await), [("old_password", "wrong_password")]);
        assert_eq!(problems(identity::change_password(&w.app, &anna, PASSWORD, "short").await), [("password", "password_short")]);
        assert_eq!(w.rows().await, before);
        let programs = identity::create_token(&w.app, &anna, "mine").await.unwrap();
        let others = identity::create_token(&w.app, &boss, "another's").await.unwrap();
        identity::change_password(&w.app, &anna, PASSWORD, "a new password").await.unwrap();
        assert_eq!(code(w.app.viewer_by_api_token(&programs).await), "sign_in_first");
        let programs = identity::create_token(&w.app, &anna, "mine").await.unwrap();
        assert!(!is_signed_in(&w, &token).await);
        assert_eq!(code(sign_in(&w.app, &w.login(ANNA), PASSWORD).await), "bad_credentials");
        let token = sign_in(&w.app, &w.login(ANNA), "a new password").await.unwrap();
        assert_eq!(code(identity::reset_password(&w.app, &w.viewer(WORKER_A).await, w.account(ANNA), "another password").await), "forbidden");
        identity::reset_password(&w.app, &boss, w.account(ANNA), "another password").await.unwrap();
        assert_eq!(code(w.app.viewer_by_api_token(&programs).await), "sign_in_first");
        w.app.viewer_by_api_token(&others).await.unwrap();
        assert!(!is_signed_in(&w, &token).await);
        sign_in(&w.app, &w.login(ANNA), "another password").await.unwrap();
    }

    async fn a_disabled_account_does_nothing(w) {
        let (anna, boss) = (w.viewer(ANNA).await, w.viewer(SUBDISTRICT).await);
        let session = sign_in(&w.app, &w.login(ANNA), PASSWORD).await.unwrap();
        let token = identity::create_token(&w.app, &anna, "mine").await.unwrap();
        assert_eq!(code(identity::set_disabled(&w.app, &boss, w.account(SUBDISTRICT), true).await), "own_account");
        identity::set_disabled(&w.app, &boss, w.account(ANNA), true).await.unwrap();
        assert!(!is_signed_in(&w, &session).await);
        assert_eq!(code(w.app.viewer_by_api_token(&token).await), "sign_in_first");
        assert_eq!(code(sign_in(&w.app, &w.login(ANNA), PASSWORD).await), "disabled");
        assert_eq!(code(sign_in(&w.app, &w.login(ANNA), "wrong").await), "bad_credentials");
        identity::set_disabled(&w.app, &boss, w.account(ANNA), false).await.unwrap();
        assert!(!is_signed_in(&w, &session).await);
        sign_in(&w.app, &w.login(ANNA), PASSWORD).await.unwrap();
        assert_eq!(code(w.app.viewer_by_api_token(&token).await), "sign_in_first", "enabled again, its old tokens stay ended");
    }

    async fn api_tokens(w) {
        let (anna, ben) = (w.viewer(ANNA).await, w.viewer(BEN).await);
        assert_eq!(code(identity::create_token(&w.app, &Viewer::Guest, "x").await), "sign_in_first");
        assert_eq!(problems(identity::create_token(&w.app, &anna, " ").await), [("name", "required")]);
        assert_eq!(problems(identity::create_token(&w.app, &anna, &"长".repeat(41)).await), [("name", "too_long")]);
        let token = identity::create_token(&w.app, &anna, "脚本").await.unwrap();
        let Viewer::Actor(actor) = w.app.viewer_by_api_token(&token).await.unwrap() else { panic!() };
        assert_eq!((actor.person, actor.csrf.as_str()), (ANNA, ""));
        assert!(!is_signed_in(&w, &token).await, "an API token is no session");
        let listed = identity::tokens(&w.app, &anna).await.unwrap();
        assert!(listed.len() == 1 && !listed[0].token_hash.contains(&token));
        assert_eq!(identity::tokens(&w.app, &ben).await.unwrap(), []);
        assert_eq!(code(identity::delete_token(&w.app, &ben, listed[0].id).await), "not_found");
        w.clock.advance(Duration::days(365) - Duration::seconds(1));
        w.app.viewer_by_api_token(&token).await.unwrap();
        w.clock.advance(Duration::seconds(1));
        assert_eq!(code(w.app.viewer_by_api_token(&token).await), "sign_in_first");
        let token = identity::create_token(&w.app, &anna, "二").await.unwrap();
        let newest = identity::tokens(&w.app, &anna).await.unwrap()[0].id;
        identity::delete_token(&w.app, &anna, newest).await.unwrap();
        assert_eq!(code(w.app.viewer_by_api_token(&token).await), "sign_in_first");
    }

    async fn a_request_with_a_key_is_done_once(w) {
        let (anna, ben) = (w.viewer(ANNA).await, w.viewer(BEN).await);
        let ask = async |who: &Viewer, hash: &str, quantity| {
            let (app, viewer) = (w.app.clone(), who.clone());
            let request = async move {
                let made = intents::create(&app, &viewer, Side::Need, None, None, &form(quantity)).await;
                let text = made.as_ref().map_or("refused".to_owned(), ToString::to_string);
                (made.map_err(|error| error.code()), text)
            };
            once::once(&w.app, who, "key".into(), hash.into(), request).await
        };
        // Refused, it may be tried again.
        assert_eq!(ask(&anna, "h0", 0).await.unwrap(), Once::Now(Err("invalid")));
        assert_eq!(w.rows().await["idempotency"], 0);
        let (one, two) = tokio::join!(ask(&anna, "h1", 1), ask(&anna, "h1", 1));
        let made = match (one.unwrap(), two.unwrap()) {
            (Once::Now(made), Once::Before(again)) | (Once::Before(again), Once::Now(made)) => {
                assert_eq!(made.unwrap().to_string(), again);
                again
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(ask(&anna, "h1", 1).await.unwrap(), Once::Before(made));
        assert_eq!(code(ask(&anna, "h2", 1).await), "idempotency_key_reused");
        assert_eq!(w.rows().await["intent"], 1);
        assert!(matches!(ask(&ben, "h2", 1).await.unwrap(), Once::Now(Ok(_))), "a key is its account's");
        w.clock.advance(Duration::days(2) + Duration::seconds(1));
        tongxin_app::tick::run(&w.app).await.unwrap();
        assert!(matches!(ask(&anna, "h2", 1).await.unwrap(), Once::Now(_)));
    }

    async fn another_process_with_the_same_key_was_faster(w) {
        let (anna, account) = (w.viewer(ANNA).await, w.account(ANNA));
        let before = w.rows().await;
        for (key, answer) in [("answered", "theirs"), ("crashed", "")] {
            let (app, viewer, store) = (w.app.clone(), anna.clone(), w.store.clone());
            let request = async move {
                let theirs = store.write::<_, tongxin_store::Error, _>(move |tx| Box::pin(async move {
                    tongxin_store::identity::remember(tx, COMMUNITY, account, (key, "h", answer), start()).await
                }));
                theirs.await.unwrap();
                let mine = intents::create(&app, &viewer, Side::Need, None, None, &form(1)).await;
                (mine.is_ok(), "mine".to_owned())
            };
            let done = once::once(&w.app, &anna, key.into(), "h".into(), request).await;
            if answer.is_empty() {
                // It crashed before it had answered: it is done, and who asks is told so.
                assert_eq!(code(done), "answer_not_kept");
            } else {
                assert_eq!(done.unwrap(), Once::Before(answer.into()));
            }
        }
        let after = w.rows().await;
        assert_eq!((after["intent"], after["record"], after["idempotency"]), (before["intent"], before["record"], before["idempotency"] + 2));
    }

    async fn accounts_are_made_for_persons(w) {
        let boss = w.viewer(SUBDISTRICT).await;
        let before = w.rows().await;
        let make = async |person, login: &str, password: &str| identity::create_account(&w.app, &boss, person, login, password).await;
        assert_eq!(problems(make(ANNA, &w.login(ANNA), "a long password").await), [("login", "taken")]);
        assert_eq!(problems(make(HOTEL, "a b", "short").await), [("login", "bad_login"), ("password", "password_short"), ("person", "unknown_choice")]);
        assert_eq!(w.rows().await, before);
        make(ANNA, "Anna.Two", "a long password").await.unwrap();
        sign_in(&w.app, "anna.two", "a long password").await.unwrap();
        let found = identity::accounts(&w.app, &boss, Some("anna"), ALL).await.unwrap();
        assert_eq!(found.rows.iter().map(|a| (a.account.login.as_str(), a.name.as_str())).collect::<Vec<_>>(), [("anna.two", "Anna")]);
    }
}
