//! Members: contacts and care groups are seen by those whose post needs them, and each look is recorded.

use tongxin_app::{
    Viewer, people,
    people::{Member, MemberFilter},
    record::{self, RecordFilter},
};
use tongxin_core::people::{CareGroup, MemberDetails, MemberForm, MemberKind};

use crate::world::*;

fn shows_contacts(member: &Member) -> bool {
    let private = match &member.draft.details {
        MemberDetails::Person { birth_date, sex, registered, retired, .. } => {
            birth_date.is_some() || sex.is_some() || *registered || *retired
        }
        MemberDetails::Organisation { contact, .. } => contact.is_some(),
    };
    private || member.draft.phone.is_some() || member.draft.email.is_some()
}

fn person_form(name: &str) -> MemberForm {
    MemberForm { name: name.into(), care_groups: vec!["child".into()], ..MemberForm::default() }
}

on_both! {
    async fn contacts_are_hidden_in_lists_as_on_pages(w) {
        for who in w.everyone().await {
            if matches!(who, Viewer::Guest) {
                assert_eq!(code(people::list(&w.app, &who, MemberFilter::default(), ALL).await), "sign_in_first");
                assert_eq!(code(people::show(&w.app, &who, ANNA, false).await), "sign_in_first");
                continue;
            }
            let listed = people::list(&w.app, &who, MemberFilter::default(), ALL).await.unwrap();
            assert_eq!(listed.total, 13);
            for member in &listed.rows {
                let resource = tongxin_app::policy::Resource::Member(member.id, member.location);
                let may = w.app.may(&who, "ViewContacts", resource).await.unwrap().is_some();
                assert_eq!(shows_contacts(member), may, "{} for {who:?}", member.draft.name);
                let page = people::show(&w.app, &who, member.id, false).await.unwrap();
                assert_eq!((shows_contacts(&page.member), page.sees_contacts), (may, may));
                assert_eq!(page.care_groups, None, "not asked for, not read");
            }
        }
        assert_eq!(w.records().await, []);
    }

    async fn a_look_at_care_groups_is_recorded_and_shown_to_the_person(w) {
        let (anna, ben, worker, secretary) = (w.viewer(ANNA).await, w.viewer(BEN).await, w.viewer(WORKER_A).await, w.viewer(SECRETARY_A).await);
        for who in [&ben, &w.viewer(WORKER_B).await, &w.viewer(SUBDISTRICT).await] {
            let page = people::show(&w.app, who, ANNA, true).await.unwrap();
            assert!(page.care_groups.is_none() && !page.may_see_care_groups);
        }
        // One's own is no look.
        let page = people::show(&w.app, &anna, ANNA, true).await.unwrap();
        assert_eq!(page.care_groups, Some(vec![CareGroup::Older]));
        assert_eq!(people::looks_at_me(&w.app, &anna, ALL).await.unwrap().total, 0);

        people::show(&w.app, &worker, ANNA, true).await.unwrap();
        people::show(&w.app, &secretary, ANNA, true).await.unwrap();
        let looks = people::looks_at_me(&w.app, &anna, ALL).await.unwrap();
        let by: Vec<_> = looks.rows.iter().map(|l| (l.record.account.unwrap(), l.record.capacity.as_str())).collect();
        assert_eq!(by, [(w.account(SECRETARY_A), "secretary"), (w.account(WORKER_A), "social_worker")]);
        let names: Vec<_> = looks.rows.iter().map(|l| l.by.clone()).collect();
        let name = |who: &Viewer| Some(who.actor().unwrap().name.clone());
        assert_eq!(names, [name(&secretary), name(&worker)]);
        assert_eq!(looks.rows[0].reason(), None);
        assert_eq!(people::looks_at_me(&w.app, &ben, ALL).await.unwrap().total, 0);
        assert_eq!(code(people::looks_at_me(&w.app, &Viewer::Guest, ALL).await), "sign_in_first");
        let filter = RecordFilter { action: Some("sensitive.look".into()), ..RecordFilter::default() };
        let all = record::list(&w.app, &w.viewer(SUBDISTRICT).await, &filter, ALL).await.unwrap();
        assert_eq!(all.total, 2);
    }

    async fn a_list_by_care_group_is_for_the_areas_staff_and_recorded(w) {
        let older = || MemberFilter { care_group: Some(CareGroup::Older), ..MemberFilter::default() };
        for person in [ANNA, BEN, UNA, SUBDISTRICT] {
            assert_eq!(code(people::list(&w.app, &w.viewer(person).await, older(), ALL).await), "forbidden");
        }
        assert_eq!(w.records().await, []);
        for (person, found, capacity) in [(WORKER_A, 1, "social_worker"), (SECRETARY_A, 1, "secretary"), (WORKER_B, 0, "social_worker")] {
            // A wider area than one's own is not given, even when asked for.
            let filter = MemberFilter { within: Some(vec![AREA_A, AREA_B]), ..older() };
            assert_eq!(people::list(&w.app, &w.viewer(person).await, filter, ALL).await.unwrap().total, found);
            let last = w.records().await.pop().unwrap();
            assert_eq!((last.action.as_str(), last.capacity.as_str(), last.account), ("sensitive.look", capacity, Some(w.account(person))));
        }
        assert_eq!(w.records().await.len(), 3);
    }

    async fn members_are_added_and_changed_by_who_may(w) {
        let (worker, anna, una, boss) = (w.viewer(WORKER_A).await, w.viewer(ANNA).await, w.viewer(UNA).await, w.viewer(SUBDISTRICT).await);
        assert_eq!(code(people::create(&w.app, &worker, MemberKind::Person, Some(GROUP_B1), &person_form("新")).await), "forbidden");
        let id = people::create(&w.app, &worker, MemberKind::Person, Some(GROUP_A1), &person_form("王小明")).await.unwrap();
        let page = people::show(&w.app, &worker, id, true).await.unwrap();
        assert_eq!(page.care_groups, Some(vec![CareGroup::Child]));
        let found = people::list(&w.app, &anna, MemberFilter { tokens: tongxin_app::search::query_tokens("wxm"), ..MemberFilter::default() }, ALL).await.unwrap();
        assert_eq!(found.rows.iter().map(|m| m.id).collect::<Vec<_>>(), [id]);

        // The subdistrict changes the name, not the care groups; a resident neither moves nor sets care groups.
        people::edit(&w.app, &boss, id, None, &MemberForm { care_groups: vec![], ..person_form("王大明") }).await.unwrap();
        let page = people::show(&w.app, &worker, id, true).await.unwrap();
        assert_eq!((page.member.draft.name.as_str(), page.care_groups), ("王大明", Some(vec![CareGroup::Child])));
        assert_eq!(code(people::edit(&w.app, &anna, ANNA, Some(GROUP_B1), &person_form("Anna")).await), "forbidden");
        people::edit(&w.app, &anna, ANNA, None, &person_form("Anna")).await.unwrap();
        assert_eq!(people::show(&w.app, &anna, ANNA, true).await.unwrap().care_groups, Some(vec![CareGroup::Older]));
        // Staff move within what is theirs, not into another's area.
        assert_eq!(code(people::edit(&w.app, &worker, BEN, Some(GROUP_B1), &person_form("Ben")).await), "forbidden");
        people::edit(&w.app, &worker, BEN, Some(GROUP_A1), &person_form("Ben")).await.unwrap();
        people::edit(&w.app, &boss, BEN, Some(GROUP_B1), &person_form("Ben")).await.unwrap();
        assert_eq!(code(people::edit(&w.app, &worker, BEN, Some(GROUP_A1), &person_form("Ben")).await), "forbidden");
        let hotel = MemberForm { organisation_kind: "enterprise".into(), ..person_form("大酒店") };
        people::edit(&w.app, &una, HOTEL, None, &hotel).await.unwrap();
        assert_eq!(code(people::edit(&w.app, &una, ANNA, None, &person_form("Anna")).await), "forbidden");

        // For whom one may hand in.
        let names = |members: Vec<Member>| members.into_iter().map(|m| m.draft.name).collect::<Vec<_>>();
        assert_eq!(names(people::choose(&w.app, &una, "anna").await.unwrap()), ["Una", "大酒店"]);
        assert_eq!(names(people::choose(&w.app, &worker, "王").await.unwrap()), ["王大明"]);
        assert_eq!(names(people::choose(&w.app, &w.viewer(WORKER_B).await, "王").await.unwrap()), Vec::<String>::new());
    }
}
