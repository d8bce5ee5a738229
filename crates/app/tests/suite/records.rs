//! Every use case that writes appends its one record, in the capacity that permitted it, and the chain holds.

use sea_orm::ConnectionTrait;
use tongxin_app::{
    community::{self, PlaceForm, post},
    identity, people, record,
    service::{intents, matches, runs},
};
use tongxin_core::{
    community::post::rules::PostForm,
    people::{MemberForm, MemberKind},
    service::Side,
};

use crate::world::*;

/// Expects that exactly these records were appended since the last call: action and capacity, by this person.
async fn appended(w: &TestCommunity, seen: &mut usize, person: uuid::Uuid, expected: &[(&str, &str)]) {
    let records = w.records().await;
    let new: Vec<_> = records[*seen..].iter().map(|r| (r.action.as_str(), r.capacity.as_str())).collect();
    assert_eq!(new, expected);
    for record in &records[*seen..] {
        assert_eq!((record.account, record.at), (Some(w.account(person)), w.app.now()));
    }
    *seen = records.len();
}

fn place(kind: &str, code: &str) -> PlaceForm {
    PlaceForm { kind: kind.into(), code: code.into(), name: "楼".into() }
}

fn person_form() -> MemberForm {
    MemberForm { name: "新".into(), ..MemberForm::default() }
}

on_both! {
    async fn one_record_for_each_write(w) {
        let app = &w.app;
        let (anna, ben, una) = (w.viewer(ANNA).await, w.viewer(BEN).await, w.viewer(UNA).await);
        let (worker, secretary, boss) = (w.viewer(WORKER_A).await, w.viewer(SECRETARY_A).await, w.viewer(SUBDISTRICT).await);
        let mut seen = 0;

        let need = intents::create(app, &worker, Side::Need, Some(ANNA), None, &form(3)).await.unwrap();
        appended(&w, &mut seen, WORKER_A, &[("need.create", "social_worker")]).await;
        intents::edit(app, &anna, need, None, &form(4)).await.unwrap();
        appended(&w, &mut seen, ANNA, &[("need.edit", "self")]).await;
        intents::withdraw(app, &secretary, need).await.unwrap();
        appended(&w, &mut seen, SECRETARY_A, &[("need.withdraw", "secretary")]).await;
        intents::reopen(app, &boss, need).await.unwrap();
        appended(&w, &mut seen, SUBDISTRICT, &[("need.reopen", "subdistrict_staff")]).await;
        let offer = intents::create(app, &una, Side::Offer, Some(HOTEL), None, &form(3)).await.unwrap();
        appended(&w, &mut seen, UNA, &[("offer.create", "unit")]).await;

        let id = matches::propose(app, &secretary, need, offer, 1).await.unwrap();
        appended(&w, &mut seen, SECRETARY_A, &[("match.propose", "secretary")]).await;
        matches::decline(app, &una, id, "没有空").await.unwrap();
        appended(&w, &mut seen, UNA, &[("match.decline", "unit")]).await;
        let id = matches::propose(app, &anna, need, offer, 1).await.unwrap();
        appended(&w, &mut seen, ANNA, &[("match.propose", "self")]).await;
        matches::accept(app, &worker, id).await.unwrap();
        appended(&w, &mut seen, WORKER_A, &[("match.accept", "social_worker")]).await;
        matches::arrange(app, &anna, id, Some(start()), Some(start() + hours(1))).await.unwrap();
        appended(&w, &mut seen, ANNA, &[("match.arrange", "self")]).await;
        w.clock.advance(hours(1));
        matches::deliver_as_arranged(app, &worker, id).await.unwrap();
        appended(&w, &mut seen, WORKER_A, &[("match.deliver", "social_worker")]).await;
        let delivery = w.deliveries(id).await[0].id;
        matches::confirm(app, &una, delivery).await.unwrap();
        appended(&w, &mut seen, UNA, &[("delivery.confirm", "unit")]).await;
        matches::rate(app, &anna, delivery, "5", "").await.unwrap();
        appended(&w, &mut seen, ANNA, &[("delivery.rate", "self")]).await;
        w.clock.advance(chrono::Duration::days(7));
        matches::settle(app, &boss, delivery).await.unwrap();
        appended(&w, &mut seen, SUBDISTRICT, &[("delivery.settle", "subdistrict_staff")]).await;
        let id = matches::respond(app, &ben, need, None, 1, "").await.unwrap();
        appended(&w, &mut seen, BEN, &[("offer.create", "self"), ("match.propose", "self")]).await;
        matches::cancel(app, &ben, id, "不行").await.unwrap();
        appended(&w, &mut seen, BEN, &[("offer.withdraw", "self"), ("match.cancel", "self")]).await;

        let run = runs::start(app, &worker, AREA_A).await.unwrap();
        appended(&w, &mut seen, WORKER_A, &[("run.start", "social_worker")]).await;
        runs::decide(app, &secretary, run, runs::Decision::None).await.unwrap();
        appended(&w, &mut seen, SECRETARY_A, &[("run.decide", "secretary")]).await;

        let new = people::create(app, &secretary, MemberKind::Person, Some(GROUP_A1), &person_form()).await.unwrap();
        appended(&w, &mut seen, SECRETARY_A, &[("member.create", "secretary")]).await;
        people::edit(app, &worker, new, None, &person_form()).await.unwrap();
        appended(&w, &mut seen, WORKER_A, &[("member.edit", "social_worker")]).await;

        let group = community::create_place(app, &boss, AREA_A, &place("building_group", "a-9")).await.unwrap();
        community::edit_place(app, &boss, group, &place("", "a-8")).await.unwrap();
        community::remove_place(app, &boss, group).await.unwrap();
        let staff = "subdistrict_staff";
        appended(&w, &mut seen, SUBDISTRICT, &[("place.create", staff), ("place.edit", staff), ("place.remove", staff)]).await;

        let account = identity::create_account(app, &boss, new, "new", "a long password").await.unwrap();
        let form = PostForm { kind: "staff".into(), title: "科员".into(), ..PostForm::default() };
        let post = post::create(app, &boss, DEPARTMENT, &form).await.unwrap();
        let form = post::AppointmentForm { person: Some(new), ..post::AppointmentForm::default() };
        let held = post::appoint(app, &boss, post, &form).await.unwrap();
        let form = post::AppointmentForm { until: "2027-01-01".into(), ..form };
        post::correct(app, &boss, held, &form).await.unwrap();
        post::end_appointment(app, &boss, held, "2026-12-01").await.unwrap();
        post::end(app, &boss, post, "2026-12-01").await.unwrap();
        identity::set_disabled(app, &boss, account, true).await.unwrap();
        identity::set_disabled(app, &boss, account, false).await.unwrap();
        identity::reset_password(app, &boss, account, "another password").await.unwrap();
        let expected = ["account.create", "post.create", "appointment.create", "appointment.edit", "appointment.end", "post.end", "account.disable", "account.enable", "account.password"].map(|a| (a, staff));
        appended(&w, &mut seen, SUBDISTRICT, &expected).await;
        identity::sign_in(app, &w.login(ANNA), PASSWORD).await.unwrap();
        assert!(identity::sign_in(app, &w.login(ANNA), "wrong").await.is_err());
        identity::create_token(app, &anna, "t").await.unwrap();
        let token = identity::tokens(app, &anna).await.unwrap()[0].id;
        identity::delete_token(app, &anna, token).await.unwrap();
        identity::change_password(app, &anna, PASSWORD, "another password").await.unwrap();
        let expected = ["session.sign_in", "session.fail", "token.create", "token.delete", "account.password"].map(|a| (a, "self"));
        appended(&w, &mut seen, ANNA, &expected).await;

        let secrets = ["another password", PASSWORD, "argon2"];
        assert!(w.records().await.iter().all(|r| secrets.iter().all(|s| !r.data.contains(s))), "no record holds a secret");
        let verified = record::verify(app, &boss).await.unwrap();
        assert_eq!((usize::try_from(verified.records).unwrap(), verified.broken_at), (seen, None));
        let names = record::authors(app, &boss, &w.records().await).await.unwrap();
        assert_eq!(names[&w.account(UNA)], w.login(UNA));
    }

    async fn a_changed_record_breaks_the_chain(w) {
        for _ in 0..3 {
            w.intent(Side::Need, ANNA, &form(1)).await;
        }
        let change = |sql: &'static str| w.store.write::<_, tongxin_store::Error, _>(move |tx| {
            Box::pin(async move { tx.execute_unprepared(sql).await?; Ok(()) })
        });
        if change("UPDATE record SET capacity = 'unit' WHERE seq = 2").await.is_ok() {
            assert_eq!(record::verify_all(&w.app).await.unwrap().broken_at, Some(2));
        } else {
            assert_eq!(record::verify_all(&w.app).await.unwrap().broken_at, None, "the database itself refused");
        }
    }
}
