//! Accounts, sessions, tokens, idempotency keys.

use tongxin_store::{
    Slice,
    identity::{self, Account, ApiToken, Session},
};

use crate::{common::*, on_both, written};

fn account(n: u64, login: &str) -> Account {
    Account {
        id: id(6, n),
        login: login.into(),
        password_hash: "$argon2id$…".into(),
        person: id(1, 1),
        disabled: false,
        failures: 0,
        failed_at: None,
        created_at: at(n as i64),
    }
}

async fn add(store: &tongxin_store::Store, new: &Account) -> tongxin_store::Result<()> {
    let new = new.clone();
    written!(store, tx => identity::insert_account(tx, COMMUNITY, &new).await)
}

on_both! {
    async fn accounts(store) {
        found(&store).await;
        add_members(&store, &[person(1, AREA_A, &[])]).await;
        let mut wang = account(1, "wang");
        for new in [&wang, &account(2, "li"), &account(3, "wang.2")] {
            add(&store, new).await.unwrap();
        }
        let again = add(&store, &account(4, "li")).await;
        assert!(is_taken(&again), "{again:?}");
        let read = store.read();
        assert_eq!(identity::account_by_login(read, COMMUNITY, "wang").await.unwrap(), Some(wang.clone()));
        assert_eq!(identity::account_by_login(read, id(9, 9), "wang").await.unwrap(), None);
        wang.failures = 3;
        wang.failed_at = Some(at(77));
        wang.disabled = true;
        let changed = wang.clone();
        written!(store, tx => identity::save_account(tx, COMMUNITY, &changed).await).unwrap();
        assert_eq!(identity::account(read, COMMUNITY, wang.id).await.unwrap(), Some(wang.clone()));
        wang.login = "li".into();
        let taken = written!(store, tx => identity::save_account(tx, COMMUNITY, &wang).await);
        assert!(is_taken(&taken), "{taken:?}");
        add(&store, &account(5, "Zhou")).await.unwrap();
        for (search, offset, logins, total) in [
            (None, 0, vec!["Zhou", "li", "wang", "wang.2"], 4),
            (None, 2, vec!["wang", "wang.2"], 4),
            (Some("ang"), 0, vec!["wang", "wang.2"], 2),
            (Some("w_ng"), 0, vec![], 0),
            (Some("%"), 0, vec![], 0),
        ] {
            let found = identity::accounts(read, COMMUNITY, search, Slice { offset, limit: 9 }).await.unwrap();
            assert_eq!(found.rows.iter().map(|a| a.login.as_str()).collect::<Vec<_>>(), logins, "{search:?}");
            assert_eq!(found.total, total, "{search:?}");
        }
    }

    async fn sessions_end(store) {
        let session = |token: &str, account, expires| Session {
            token_hash: token.into(), account: id(6, account), csrf: "c".into(), expires_at: at(expires),
        };
        let all = [session("a", 1, 10), session("b", 1, 20), session("c", 2, 20)];
        let new = all.clone();
        written!(store, tx => {
            for session in &new {
                identity::insert_session(tx, COMMUNITY, session, at(0)).await?;
            }
            Ok(())
        }).unwrap();
        let valid = |token: &'static str, community, now| {
            let store = store.clone();
            async move { identity::session(store.read(), community, token, at(now)).await.unwrap() }
        };
        assert_eq!(valid("a", COMMUNITY, 9).await, Some(all[0].clone()));
        assert_eq!(valid("a", COMMUNITY, 10).await, None, "expired");
        assert_eq!(valid("a", id(9, 9), 9).await, None, "another community");
        written!(store, tx => identity::delete_session(tx, "a").await).unwrap();
        assert_eq!(valid("a", COMMUNITY, 9).await, None, "ended");
        written!(store, tx => identity::delete_sessions_of(tx, COMMUNITY, id(6, 1)).await).unwrap();
        assert_eq!(valid("b", COMMUNITY, 9).await, None, "all of the account ended");
        assert!(valid("c", COMMUNITY, 9).await.is_some(), "another account's stays");
        written!(store, tx => identity::sweep(tx, at(20), at(0)).await).unwrap();
        assert_eq!(valid("c", COMMUNITY, 9).await, None, "swept");
    }

    async fn api_tokens(store) {
        let token = |n: u64, hash: &str| ApiToken {
            id: id(8, n), account: id(6, 1), name: "接口".into(), token_hash: hash.into(),
            created_at: at(n as i64), expires_at: at(100),
        };
        let all = [token(1, "x"), token(2, "y")];
        let new = all.clone();
        written!(store, tx => {
            for token in &new {
                identity::insert_token(tx, COMMUNITY, token).await?;
            }
            Ok(())
        }).unwrap();
        let read = store.read();
        assert_eq!(identity::token(read, COMMUNITY, "x", at(99)).await.unwrap(), Some(all[0].clone()));
        assert_eq!(identity::token(read, COMMUNITY, "x", at(100)).await.unwrap(), None);
        assert_eq!(identity::token(read, COMMUNITY, "z", at(9)).await.unwrap(), None);
        let newest_first = [all[1].clone(), all[0].clone()];
        assert_eq!(identity::tokens_of(read, COMMUNITY, id(6, 1)).await.unwrap(), newest_first);
        let others = written!(store, tx => identity::delete_token(tx, COMMUNITY, id(6, 2), id(8, 1)).await);
        assert!(!others.unwrap(), "only its owner removes it");
        let own = written!(store, tx => identity::delete_token(tx, COMMUNITY, id(6, 1), id(8, 1)).await);
        assert!(own.unwrap());
        assert_eq!(identity::tokens_of(read, COMMUNITY, id(6, 1)).await.unwrap().len(), 1);
    }

    async fn idempotency_keys(store) {
        let answer = ("key", "hash", "{\"id\":1}");
        written!(store, tx => identity::remember(tx, COMMUNITY, id(6, 1), answer, at(5)).await).unwrap();
        let again = written!(store, tx => identity::remember(tx, COMMUNITY, id(6, 1), answer, at(6)).await);
        assert!(is_taken(&again), "{again:?}");
        let known = identity::idempotent(store.read(), COMMUNITY, id(6, 1), "key").await.unwrap();
        assert_eq!(known, Some(("hash".into(), "{\"id\":1}".into())));
        assert_eq!(identity::idempotent(store.read(), COMMUNITY, id(6, 2), "key").await.unwrap(), None);
        written!(store, tx => identity::remember(tx, COMMUNITY, id(6, 2), ("key", "other", ""), at(5)).await).unwrap();
        written!(store, tx => identity::answer(tx, COMMUNITY, id(6, 1), "key", "later").await).unwrap();
        let answers = async |n| identity::idempotent(store.read(), COMMUNITY, id(6, n), "key").await.unwrap().unwrap().1;
        assert_eq!((answers(1).await.as_str(), answers(2).await.as_str()), ("later", ""), "a key is its account's");
        written!(store, tx => identity::sweep(tx, at(0), at(5)).await).unwrap();
        assert!(identity::idempotent(store.read(), COMMUNITY, id(6, 1), "key").await.unwrap().is_some());
        written!(store, tx => identity::sweep(tx, at(0), at(6)).await).unwrap();
        assert_eq!(identity::idempotent(store.read(), COMMUNITY, id(6, 1), "key").await.unwrap(), None);
    }
}
