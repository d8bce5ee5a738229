//! Bad input: each field's problem is named, and nothing changes.

use chrono::Duration;
use tongxin_app::{
    community::{self, PlaceForm},
    people,
    service::{
        intents,
        matches::{self, DeliveryForm},
    },
};
use tongxin_core::{
    people::{MemberForm, MemberKind},
    service::{IntentForm, Side},
};
use uuid::Uuid;

use crate::world::*;

fn bad_forms() -> Vec<(IntentForm, Vec<(&'static str, &'static str)>)> {
    let base = || form(1);
    let quantity = |q: &str| (IntentForm { quantity: q.into(), ..form(1) }, vec![("quantity", "bad_quantity")]);
    let mut forms: Vec<_> = ["0", "-1", "1001", "99999999999999999999", "1.5", "一", ""].map(quantity).into();
    forms.extend([
        (IntentForm { title: "长".repeat(61), ..base() }, vec![("title", "too_long")]),
        (IntentForm { title: " \u{202E}\u{200B} ".into(), ..base() }, vec![("title", "required")]),
        (IntentForm { text: "字".repeat(2_001), ..base() }, vec![("text", "too_long")]),
        (IntentForm { until: Some(start()), ..base() }, vec![("until", "end_before_start")]),
        (
            IntentForm { from: Some(start() - hours(2)), until: Some(start() - hours(1)), ..base() },
            vec![("until", "already_past")],
        ),
        (IntentForm { until: Some(start() + Duration::days(900)), ..base() }, vec![("until", "window_too_long")]),
        (IntentForm { from: None, ..base() }, vec![("from", "bad_time")]),
        (IntentForm { rrule: "FREQ=SOMETIMES".into(), ..base() }, vec![("rrule", "bad_rule")]),
        (IntentForm { rrule: "FREQ=MINUTELY".into(), ..base() }, vec![("rrule", "rule_too_often")]),
        (IntentForm { category: "magic".into(), ..base() }, vec![("category", "unknown_choice")]),
        (IntentForm { category: String::new(), ..base() }, vec![("category", "required")]),
        (IntentForm { care_kind: "'; DROP TABLE intent".into(), ..base() }, vec![("care_kind", "unknown_choice")]),
        (IntentForm { visibility: "everyone".into(), ..base() }, vec![("visibility", "unknown_choice")]),
        (
            IntentForm { title: String::new(), category: "x".into(), quantity: "0".into(), until: None, ..base() },
            vec![
                ("category", "unknown_choice"),
                ("title", "required"),
                ("until", "bad_time"),
                ("quantity", "bad_quantity"),
            ],
        ),
    ]);
    forms
}

on_both! {
    async fn needs_and_offers(w) {
        let anna = w.viewer(ANNA).await;
        let there = w.intent(Side::Need, ANNA, &form(1)).await;
        let (before, as_it_was) = (w.rows().await, w.load(there).await);
        for (form, expected) in bad_forms() {
            assert_eq!(problems(intents::create(&w.app, &anna, Side::Need, None, None, &form).await), expected);
            assert_eq!(problems(intents::edit(&w.app, &anna, there, None, &form).await), expected);
        }
        let elsewhere = Some(Uuid::from_u128(0xBAD));
        assert_eq!(problems(intents::create(&w.app, &anna, Side::Need, None, elsewhere, &form(1)).await), [("place", "unknown_choice")]);
        assert_eq!(problems(intents::edit(&w.app, &anna, there, elsewhere, &form(1)).await), [("place", "unknown_choice")]);
        assert_eq!(problems(intents::create(&w.app, &anna, Side::Need, elsewhere, None, &form(1)).await), [("member", "unknown_choice")]);
        assert_eq!(code(intents::show(&w.app, &anna, Uuid::nil()).await), "not_found");
        assert_eq!(code(intents::edit(&w.app, &anna, Uuid::nil(), None, &form(1)).await), "not_found");
        assert_eq!((w.rows().await, w.load(there).await), (before, as_it_was));
    }

    async fn any_script_and_emoji_are_kept(w) {
        let titles = ["👨‍👩‍👧 理发 ✂️", "مساعدة في المنزل", "עזרה", "Pomoc sąsiedzka", "𠮷野家", "'; DROP TABLE intent; --", "<script>alert(1)</script>", "%_\\"];
        for title in titles {
            let id = w.intent(Side::Need, ANNA, &IntentForm { title: title.into(), ..form(1) }).await;
            assert_eq!(w.load(id).await.draft.title, title);
        }
        let longest = IntentForm { title: "😀".repeat(60), text: "字".repeat(2_000), quantity: "1000".into(), ..form(1) };
        let id = w.intent(Side::Offer, ANNA, &longest).await;
        assert_eq!((w.load(id).await.draft.title.chars().count(), w.load(id).await.draft.quantity), (60, 1000));
        let turned = IntentForm { title: "abc\u{202E}cba".into(), ..form(1) };
        assert_eq!(w.load(w.intent(Side::Need, ANNA, &turned).await).await.draft.title, "abccba");
    }

    async fn an_edit_below_what_is_matched(w) {
        let id = w.proposed(ANNA, BEN, &form(3)).await;
        let need = w.find(id).await.life.need;
        let (anna, before) = (w.viewer(ANNA).await, w.rows().await);
        assert_eq!(code(intents::edit(&w.app, &anna, need, None, &form(2)).await), "below_committed");
        let other = IntentForm { category: "sports".into(), ..form(3) };
        assert_eq!(code(intents::edit(&w.app, &anna, need, None, &other).await), "other_category");
        assert_eq!(w.rows().await, before);
    }

    async fn times_deliveries_and_ratings(w) {
        let id = w.accepted(ANNA, BEN, &form(2)).await;
        let ben = w.viewer(BEN).await;
        let good = DeliveryForm { happened_at: Some(start()), minutes: "30".into(), quantity: "1".into(), note: String::new() };
        matches::deliver(&w.app, &ben, id, &good).await.unwrap();
        let (delivery, before) = (w.deliveries(id).await[0].clone(), w.rows().await);
        let arrange = async |from, until| problems(matches::arrange(&w.app, &ben, id, from, until).await);
        assert_eq!(arrange(None, None).await, [("from", "bad_time"), ("until", "bad_time")]);
        assert_eq!(arrange(Some(start() + hours(2)), Some(start() + hours(1))).await, [("until", "end_before_start")]);
        assert_eq!(arrange(Some(start() - hours(2)), Some(start() - hours(1))).await, [("until", "already_past")]);
        assert_eq!(arrange(Some(start()), Some(start() + hours(25))).await, [("until", "visit_too_long")]);
        let deliver = async |form: DeliveryForm| problems(matches::deliver(&w.app, &ben, id, &form).await);
        assert_eq!(deliver(DeliveryForm { happened_at: Some(start() + hours(1)), ..good.clone() }).await, [("happened_at", "in_the_future")]);
        assert_eq!(deliver(DeliveryForm { happened_at: None, minutes: "1441".into(), quantity: "0".into(), note: "长".repeat(501) }).await,
            [("happened_at", "bad_time"), ("minutes", "bad_quantity"), ("quantity", "bad_quantity"), ("note", "too_long")]);
        let anna = w.viewer(ANNA).await;
        for rating in ["0", "6", "", "five"] {
            assert_eq!(problems(matches::rate(&w.app, &anna, delivery.id, rating, "").await), [("rating", "bad_quantity")]);
        }
        assert_eq!(problems(matches::rate(&w.app, &anna, delivery.id, "5", &"长".repeat(501)).await), [("comment", "too_long")]);
        assert_eq!(problems(matches::cancel(&w.app, &anna, id, "").await), [("reason", "required")]);
        assert_eq!((w.rows().await, w.deliveries(id).await), (before, vec![delivery]));
    }

    async fn members_and_places(w) {
        let (worker, boss, before) = (w.viewer(WORKER_A).await, w.viewer(SUBDISTRICT).await, w.rows().await);
        let bad = MemberForm {
            name: "长".repeat(61), phone: "call".into(), email: "x".into(), birth_date: "2026-03-03".into(), sex: "x".into(),
            care_groups: vec!["tall".into()], ..MemberForm::default()
        };
        let expected = [("name", "too_long"), ("phone", "bad_phone"), ("email", "bad_email"), ("birth_date", "date_out_of_range"), ("sex", "unknown_choice"), ("care_groups", "unknown_choice")];
        assert_eq!(problems(people::create(&w.app, &worker, MemberKind::Person, Some(AREA_A), &bad).await), expected);
        assert_eq!(problems(people::edit(&w.app, &worker, ANNA, None, &bad).await), expected);
        let named = MemberForm { name: "新".into(), ..MemberForm::default() };
        assert_eq!(problems(people::create(&w.app, &worker, MemberKind::Person, Some(Uuid::nil()), &named).await), [("place", "unknown_choice")]);
        assert_eq!(problems(people::create(&w.app, &worker, MemberKind::Organisation, Some(AREA_A), &named).await), [("organisation_kind", "unknown_choice")]);
        assert_eq!(code(people::edit(&w.app, &worker, Uuid::nil(), None, &named).await), "not_found");

        let place = |kind: &str, code: &str| PlaceForm { kind: kind.into(), code: code.into(), name: "楼".into() };
        assert_eq!(problems(community::create_place(&w.app, &boss, ROOT, &place("building_group", "x")).await), [("kind", "unknown_choice")]);
        assert_eq!(problems(community::create_place(&w.app, &boss, AREA_A, &place("building_group", "a-1")).await), [("code", "taken")]);
        assert_eq!(problems(community::edit_place(&w.app, &boss, GROUP_A2, &place("", "a-1")).await), [("code", "taken")]);
        assert_eq!(problems(community::edit_place(&w.app, &boss, GROUP_A2, &PlaceForm::default()).await), [("code", "required"), ("name", "required")]);
        for place in [ROOT, AREA_A, GROUP_A1] {
            assert_eq!(code(community::remove_place(&w.app, &boss, place).await), "in_use");
        }
        assert_eq!(w.rows().await, before);
        assert_eq!(w.app.territory().await.unwrap().place(GROUP_A2).unwrap().code, "a-2");
    }
}
