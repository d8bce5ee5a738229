//! Authority follows from posts, at once and no further; delegations bear both names; why one may.

use std::collections::BTreeSet;

use tongxin_app::{
    Viewer,
    community::post::{self, AppointmentForm, CrossForm, DelegationForm, PostFilter},
    policy::{
        Resource,
        why::{self, Thing},
    },
    service::intents,
};
use tongxin_core::{
    community::post::{Duty, rules::PostForm},
    service::Side,
};
use uuid::Uuid;

use crate::world::*;

fn person_form(person: Uuid) -> AppointmentForm {
    AppointmentForm { person: Some(person), ..AppointmentForm::default() }
}

fn post_form(kind: &str) -> PostForm {
    PostForm { kind: kind.into(), title: kind.into(), ..PostForm::default() }
}

/// Everything that a person may do, over all actions and some things of both areas: `action thing capacity`.
async fn powers(w: &TestCommunity, person: Uuid) -> BTreeSet<String> {
    let who = w.viewer(person).await;
    let things = [
        ("root", Resource::Place(ROOT)),
        ("area a", Resource::Place(AREA_A)),
        ("area b", Resource::Place(AREA_B)),
        ("anna", Resource::Member(ANNA, location(GROUP_A1))),
        ("carl", Resource::Member(CARL, location(GROUP_B1))),
        ("hotel", Resource::Organisation { id: HOTEL, line: &[], place: AREA_A }),
        ("station b", Resource::Organisation { id: STATION_B, line: &[], place: AREA_B }),
    ];
    let mut powers = BTreeSet::new();
    for action in why::actions(&w.app) {
        for (name, thing) in things {
            // An action that is not done to such a thing says so.
            if let Ok(Some(capacity)) = w.app.may(&who, action, thing).await {
                powers.insert(format!("{action} {name} {}", capacity.word));
            }
        }
    }
    powers
}

on_both! {
    async fn moving_a_person_changes_what_it_may_do_at_once_and_only_that(w) {
        let boss = w.viewer(SUBDISTRICT).await;
        let (before, other) = (powers(&w, WORKER_A).await, powers(&w, WORKER_B).await);
        let (ben, secretary) = (powers(&w, BEN).await, powers(&w, SECRETARY_A).await);
        // Who is signed in all the while: the session stays.
        post::end_appointment(&w.app, &boss, appointment_of(WORKER_A), "").await.unwrap();
        let plain = powers(&w, WORKER_A).await;
        assert!(plain.iter().all(|power| power.ends_with("self") || power.ends_with("guest")), "{plain:?}");
        let in_b = post::create(&w.app, &boss, STATION_B, &post_form("social_worker")).await.unwrap();
        post::appoint(&w.app, &boss, in_b, &person_form(WORKER_A)).await.unwrap();
        let after = powers(&w, WORKER_A).await;
        assert_ne!(after, before);
        let of_b: BTreeSet<_> = after.difference(&plain).cloned().collect();
        let others: BTreeSet<_> = other.iter().filter(|power| power.ends_with("social_worker")).cloned().collect();
        assert_eq!(of_b, others, "exactly what a social worker of B may do");
        for (person, powers_before) in [(WORKER_B, other), (BEN, ben), (SECRETARY_A, secretary)] {
            assert_eq!(powers(&w, person).await, powers_before, "nobody else gains or loses");
        }
    }

    async fn a_delegate_acts_for_the_holder_and_the_record_bears_both_names(w) {
        let secretary = w.viewer(SECRETARY_A).await;
        let before = powers(&w, WORKER_A).await;
        let lent = DelegationForm { to: Some(WORKER_A), until: "2026-03-05".into(), reason: "年休假".into(), ..DelegationForm::default() };
        let own = appointment_of(SECRETARY_A);
        assert_eq!(code(post::delegate(&w.app, &w.viewer(ANNA).await, own, &lent).await), "forbidden");
        let boss = w.viewer(SUBDISTRICT).await;
        assert_eq!(code(post::delegate(&w.app, &boss, own, &lent).await), "forbidden", "only one's own post");
        post::delegate(&w.app, &secretary, own, &lent).await.unwrap();

        let delegate = w.viewer(WORKER_A).await;
        let with_both = powers(&w, WORKER_A).await;
        assert!(with_both.is_superset(&before) && with_both.contains("ManagePosts hotel secretary"));
        let post = post::create(&w.app, &delegate, HOTEL, &post_form("agent")).await.unwrap();
        let record = w.records().await.pop().unwrap();
        assert_eq!((record.account, record.capacity.as_str()), (Some(w.account(WORKER_A)), "secretary"));
        assert!(record.data.contains(&format!("\"on_behalf_of\":\"{SECRETARY_A}\"")), "{}", record.data);
        // What the own post permits is done in the own post.
        intents::create(&w.app, &delegate, Side::Need, Some(ANNA), None, &form(1)).await.unwrap();
        let record = w.records().await.pop().unwrap();
        assert_eq!((record.capacity.as_str(), record.data.contains("on_behalf_of")), ("social_worker", false));
        // A post that was delegated is not delegated on.
        let on = DelegationForm { to: Some(BEN), ..lent };
        assert_eq!(code(post::delegate(&w.app, &delegate, own, &on).await), "forbidden");

        w.clock.advance(chrono::Duration::days(3));
        assert_eq!(powers(&w, WORKER_A).await, before, "it ends by itself");
        assert_eq!(code(post::end(&w.app, &w.viewer(WORKER_A).await, post, "").await), "forbidden");
    }

    async fn a_delegation_can_be_ended_early(w) {
        let secretary = w.viewer(SECRETARY_A).await;
        let before = powers(&w, BEN).await;
        let form = DelegationForm { to: Some(BEN), until: "2026-04-01".into(), reason: "学习".into(), ..DelegationForm::default() };
        let id = post::delegate(&w.app, &secretary, appointment_of(SECRETARY_A), &form).await.unwrap();
        assert_ne!(powers(&w, BEN).await, before);
        let listed = post::delegations(&w.app, &secretary).await.unwrap();
        assert_eq!((listed.len(), listed[0].own, listed[0].to.as_str()), (1, true, "Ben"));
        assert_eq!(code(post::end_delegation(&w.app, &w.viewer(CARL).await, id).await), "forbidden");
        post::end_delegation(&w.app, &secretary, id).await.unwrap();
        assert_eq!(powers(&w, BEN).await, before);
        assert_eq!(w.records().await.pop().unwrap().action, "delegation.end");
        // The end of an appointment ends what rests on it.
        post::delegate(&w.app, &secretary, appointment_of(SECRETARY_A), &form).await.unwrap();
        post::end_appointment(&w.app, &w.viewer(SUBDISTRICT).await, appointment_of(SECRETARY_A), "").await.unwrap();
        assert_eq!(powers(&w, BEN).await, before);
    }

    async fn two_who_are_appointed_to_the_last_seat_at_once_get_one_yes(w) {
        let boss = w.viewer(SUBDISTRICT).await;
        let post = post::create(&w.app, &boss, BRANCH_A, &post_form("police_officer")).await.unwrap();
        let (one, two) = (person_form(ANNA), person_form(BEN));
        let (a, b) = tokio::join!(
            post::appoint(&w.app, &boss, post, &one),
            post::appoint(&w.app, &boss, post, &two),
        );
        assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1);
        let refused = if a.is_ok() { b } else { a };
        assert_eq!(problems(refused), [("from", "seats_taken")]);
    }

    async fn wrong_appointments_are_refused_and_change_nothing(w) {
        let boss = w.viewer(SUBDISTRICT).await;
        let post = post_of(SECRETARY_A);
        let before = w.rows().await;
        let day = |from: &str, until: &str| AppointmentForm { from: from.into(), until: until.into(), ..person_form(BEN) };
        assert_eq!(problems(post::appoint(&w.app, &boss, post, &day("", "2026-01-01")).await), [("until", "end_before_start")]);
        assert_eq!(problems(post::appoint(&w.app, &boss, post, &day("soon", "")).await), [("from", "bad_date")]);
        assert_eq!(problems(post::appoint(&w.app, &boss, post, &day("", "")).await), [("from", "seats_taken")]);
        let nobody = AppointmentForm::default();
        assert_eq!(problems(post::appoint(&w.app, &boss, post, &nobody).await), [("person", "unknown_choice")]);
        assert_eq!(problems(post::appoint(&w.app, &boss, post, &person_form(HOTEL)).await), [("person", "unknown_choice")]);
        assert_eq!(problems(post::appoint(&w.app, &boss, post, &person_form(SECRETARY_A)).await), [("person", "holds_already")]);
        let small = PostForm { seats: "0".into(), ..post_form("secretary") };
        assert_eq!(problems(post::edit(&w.app, &boss, post, &small).await), [("seats", "bad_quantity")]);
        let late = PostForm { from: "2026-02-01".into(), ..post_form("secretary") };
        assert_eq!(problems(post::edit(&w.app, &boss, post, &late).await), [("from", "holders_outside")]);
        assert_eq!(code(post::appoint(&w.app, &boss, Uuid::nil(), &person_form(BEN)).await), "not_found");
        assert_eq!(w.rows().await, before);
    }

    async fn lists_show_what_is_vacant_expiring_and_missing(w) {
        let boss = w.viewer(SUBDISTRICT).await;
        let anna = w.viewer(ANNA).await;
        let today = w.app.today();
        let all = post::list(&w.app, &anna, &PostFilter::on(today), ALL).await.unwrap();
        assert_eq!(all.rows.iter().map(|(listed, _)| listed.post.id).collect::<BTreeSet<_>>(), [UNA, WORKER_A, WORKER_B, SECRETARY_A, SUBDISTRICT].map(post_of).into());
        let vacant = PostFilter { vacant: true, ..PostFilter::on(today) };
        assert_eq!(post::list(&w.app, &anna, &vacant, ALL).await.unwrap().total, 0);
        let director = PostForm { term_months: "3".into(), ..post_form("director") };
        let director = post::create(&w.app, &boss, DEPARTMENT, &director).await.unwrap();
        assert_eq!(post::list(&w.app, &anna, &vacant, ALL).await.unwrap().rows[0].0.post.id, director);
        post::appoint(&w.app, &boss, director, &person_form(BEN)).await.unwrap();
        assert_eq!(post::list(&w.app, &anna, &vacant, ALL).await.unwrap().total, 0);
        assert!(post::expiring(&w.app, &anna).await.unwrap().is_empty());
        w.clock.advance(chrono::Duration::days(3));
        let expiring = post::expiring(&w.app, &anna).await.unwrap();
        assert_eq!((expiring.len(), expiring[0].person.as_str(), expiring[0].overdue), (1, "Ben", false));
        let cross = CrossForm { kind: "secretary".into(), organisation: Some(BRANCH_A), ..CrossForm::default() };
        let required = post::require_cross(&w.app, &boss, director, &cross).await.unwrap();
        let missing = post::missing(&w.app, &anna).await.unwrap();
        assert_eq!((missing.len(), missing[0].person.as_str(), missing[0].other_organisation.as_str()), (1, "Ben", "Branch A"));
        w.clock.advance(chrono::Duration::days(1));
        post::end_cross(&w.app, &boss, director, required).await.unwrap();
        assert!(post::missing(&w.app, &anna).await.unwrap().is_empty());
        let area = PostFilter { area: Some(AREA_A), ..PostFilter::on(today) };
        assert_eq!(post::list(&w.app, &anna, &area, ALL).await.unwrap().total, 3);
        assert_eq!(code(post::list(&w.app, &Viewer::Guest, &area, ALL).await), "sign_in_first");
    }

    async fn why_tells_who_may(w) {
        let anna = w.viewer(ANNA).await;
        let found = why::explain(&w.app, &anna, "EditMember", Thing::Member(BEN)).await.unwrap();
        assert!(found.capacity.is_none() && found.permits.is_empty());
        let would: BTreeSet<_> = found.would.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(would, ["own-page", "secretary-members", "subdistrict-members", "unit-page", "worker-members"].into());
        let posts: BTreeSet<_> = found.posts.iter().map(|(listed, _)| listed.post.id).collect();
        assert_eq!(posts, [WORKER_A, SECRETARY_A, SUBDISTRICT].map(post_of).into());
        let own = why::explain(&w.app, &anna, "EditMember", Thing::Member(ANNA)).await.unwrap();
        assert_eq!((own.capacity.unwrap().word.as_str(), own.permits), ("self", vec!["own-page".to_owned()]));
        let party = why::explain(&w.app, &anna, "ViewPartyMembers", Thing::Organisation(BRANCH_A)).await.unwrap();
        assert_eq!(party.would.iter().map(|(_, duty)| *duty).collect::<BTreeSet<_>>(), [Some(Duty::Secretary), Some(Duty::PartyOfficer)].into());
        assert_eq!(code(why::explain(&w.app, &anna, "Fly", Thing::Member(BEN)).await), "not_found");
        assert_eq!(code(why::explain(&w.app, &anna, "EditMember", Thing::Place(ROOT)).await), "not_found");
        assert_eq!(code(why::explain(&w.app, &Viewer::Guest, "EditMember", Thing::Member(BEN)).await), "sign_in_first");
        let refused = why::noting_refusals(w.app.authorise(&anna, "Reorganise", Resource::Place(ROOT))).await.1.unwrap();
        assert_eq!((refused.action.as_str(), refused.thing), ("Reorganise", Thing::Place(ROOT)));
    }
}
