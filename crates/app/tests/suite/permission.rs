//! Who may do what, as a table: every action, every kind of viewer.

use std::collections::BTreeSet;

use tongxin_app::{
    Viewer,
    policy::{Capacity, Resource},
};
use tongxin_core::{
    community::{Location, post::rules::PostForm},
    service::{Intent, IntentForm, Side},
};
use uuid::Uuid;

use crate::world::*;

/// What each viewer's capacity is written as. In a row: guest, Anna, Ben, Carl, Una (for the hotel), worker of A, worker
/// of B, secretary of A, subdistrict.
fn letter(capacity: Option<&Capacity>) -> char {
    match capacity.map(|c| c.word.as_str()) {
        None => '-',
        Some("guest") => 'g',
        Some("self") => 's',
        Some("unit") => 'u',
        Some("social_worker") => 'w',
        Some("party_officer") => 'p',
        Some("secretary") => 'y',
        Some("subdistrict_staff") => 'd',
        Some(other) => panic!("unknown capacity {other}"),
    }
}

async fn row(w: &TestCommunity, viewers: &[Viewer], action: &str, resource: Resource<'_>) -> String {
    let mut row = String::new();
    for who in viewers {
        row.push(letter(w.app.may(who, action, resource).await.unwrap().as_ref()));
    }
    row
}

async fn intent_of(w: &TestCommunity, side: Side, member: Uuid, visibility: &str) -> Intent {
    let form = IntentForm { visibility: visibility.into(), ..form(1) };
    w.load(w.intent(side, member, &form).await).await
}

fn of_match(giver: Uuid, receiver: Uuid, place: Uuid) -> Resource<'static> {
    Resource::Match { id: Uuid::from_u128(0x3A), giver, receiver, place }
}

on_both! {
    async fn every_action_and_every_viewer(w) {
        let viewers = w.everyone().await;
        let [staff, members, public] = [
            intent_of(&w, Side::Need, ANNA, "staff").await,
            intent_of(&w, Side::Need, ANNA, "members").await,
            intent_of(&w, Side::Need, ANNA, "public").await,
        ];
        let hotel = intent_of(&w, Side::Offer, HOTEL, "staff").await;
        let carl = intent_of(&w, Side::Offer, CARL, "staff").await;
        let member = |id, place| Resource::Member(id, location(place));
        let community_wide = Resource::Member(Uuid::from_u128(0x77), Location { place: ROOT, area: None });
        let table = [
            ("ViewIntent", Resource::Intent(&staff), "-s---w-yd"),
            ("ViewIntent", Resource::Intent(&members), "-ssssssss"),
            ("ViewIntent", Resource::Intent(&public), "ggggggggg"),
            ("ViewIntent", Resource::Intent(&hotel), "----uw-yd"),
            ("ViewIntent", Resource::Intent(&carl), "---s--w-d"),
            ("EditIntent", Resource::Intent(&public), "-s---w-yd"),
            ("EditIntent", Resource::Intent(&hotel), "----uw-yd"),
            ("EditIntent", Resource::Intent(&carl), "---s--w-d"),
            ("ProposeMatch", Resource::Intent(&public), "-s---w-yd"),
            ("ProposeMatch", Resource::Intent(&hotel), "----uw-yd"),
            ("ProposeMatch", Resource::Intent(&carl), "---s--w-d"),
            ("CreateIntent", member(ANNA, GROUP_A1), "-s---w-yd"),
            ("CreateIntent", member(HOTEL, AREA_A), "----uw-yd"),
            ("CreateIntent", member(CARL, GROUP_B1), "---s--w-d"),
            ("CreateIntent", community_wide, "--------d"),
            ("ViewMatch", of_match(HOTEL, ANNA, GROUP_A1), "-s--uw-yd"),
            ("ViewMatch", of_match(ANNA, CARL, GROUP_B1), "-s-s--w-d"),
            ("ActAsGiver", of_match(HOTEL, ANNA, GROUP_A1), "----u----"),
            ("ActAsGiver", of_match(ANNA, CARL, GROUP_B1), "-s-------"),
            ("ActAsReceiver", of_match(HOTEL, ANNA, GROUP_A1), "-s-------"),
            ("ActAsReceiver", of_match(ANNA, HOTEL, AREA_A), "----u----"),
            ("ActAsReceiver", of_match(ANNA, CARL, GROUP_B1), "---s-----"),
            ("ActAsStaff", of_match(HOTEL, ANNA, GROUP_A1), "-----w-yd"),
            ("ActAsStaff", of_match(ANNA, CARL, GROUP_B1), "------w-d"),
            ("RunMatching", Resource::Place(GROUP_A1), "-----w-yd"),
            ("RunMatching", Resource::Place(AREA_A), "-----w-yd"),
            ("RunMatching", Resource::Place(AREA_B), "------w-d"),
            ("RunMatching", Resource::Place(ROOT), "--------d"),
            ("ViewDayList", Resource::Place(AREA_A), "-----w-yd"),
            ("ViewDayList", Resource::Place(ROOT), "--------d"),
            ("CreateMember", Resource::Place(GROUP_A2), "-----w-yd"),
            ("CreateMember", Resource::Place(GROUP_B1), "------w-d"),
            ("CreateMember", Resource::Place(ROOT), "--------d"),
            ("ViewOverview", Resource::Place(ROOT), "ggggggggg"),
            ("ViewOverview", Resource::Place(GROUP_B1), "ggggggggg"),
            ("EditPlace", Resource::Place(AREA_A), "--------d"),
            ("ManageAccounts", Resource::Place(ROOT), "--------d"),
            ("ViewRecords", Resource::Place(ROOT), "--------d"),
            ("ViewMember", member(ANNA, GROUP_A1), "-ssssssss"),
            ("ViewContacts", member(ANNA, GROUP_A1), "-s---w-yd"),
            ("ViewContacts", member(HOTEL, AREA_A), "----uw-yd"),
            ("ViewSensitive", member(ANNA, GROUP_A1), "-s---w-y-"),
            ("ViewSensitive", member(CARL, GROUP_B1), "---s--w--"),
            ("EditMember", member(ANNA, GROUP_A1), "-s---w-yd"),
            ("EditMember", member(HOTEL, AREA_A), "----uw-yd"),
            ("EditMember", member(CARL, GROUP_B1), "---s--w-d"),
            ("EditSensitive", member(ANNA, GROUP_A1), "-----w-y-"),
            ("EditSensitive", member(CARL, GROUP_B1), "------w--"),
        ];
        let organisation = |id: Uuid, line: &'static [Uuid], place: Uuid| Resource::Organisation { id, line, place };
        let matrix = [
            ("ViewStructure", Resource::Place(ROOT), "ggggggggg"),
            ("EditStructure", organisation(HOTEL, &[], AREA_A), "-------yd"),
            ("EditStructure", Resource::Place(AREA_B), "--------d"),
            ("Reorganise", Resource::Place(ROOT), "--------d"),
            ("ViewPosts", organisation(DEPARTMENT, &[], ROOT), "-ssssssss"),
            ("ManagePosts", organisation(STATION_A, &[], AREA_A), "-------yd"),
            ("ManagePosts", organisation(STATION_B, &[], AREA_B), "--------d"),
            ("ManagePosts", organisation(DEPARTMENT, &[], ROOT), "--------d"),
            ("Delegate", member(ANNA, GROUP_A1), "-s-------"),
            ("ViewPartyMembers", organisation(BRANCH_A, &[], AREA_A), "-------p-"),
            ("ViewPartyMembers", organisation(HOTEL, &[BRANCH_A], AREA_B), "-------p-"),
            ("ViewPartyMembers", organisation(HOTEL, &[], AREA_A), "-------y-"),
            ("EditPartyMembers", organisation(HOTEL, &[BRANCH_A], AREA_B), "-------p-"),
            ("EditPartyMembers", organisation(HOTEL, &[], AREA_A), "---------"),
            // A general branch is no committee, and nobody approves what its own branch decided.
            ("ApproveDevelopment", organisation(HOTEL, &[BRANCH_A], AREA_A), "---------"),
            ("ViewOwnParty", member(ANNA, GROUP_A1), "-s-------"),
            ("IssueLetter", organisation(HOTEL, &[], AREA_A), "----u--y-"),
            ("RevokeLetter", organisation(HOTEL, &[], AREA_A), "----u--y-"),
            ("ViewLetters", organisation(HOTEL, &[], AREA_A), "----u--yd"),
            ("ViewCoverage", Resource::Place(AREA_A), "-----w-yd"),
            ("ViewCoverage", Resource::Place(ROOT), "--------d"),
            ("ImportRoster", Resource::Place(AREA_A), "-----w-yd"),
            ("ViewDuplicates", Resource::Place(AREA_A), "-----w-yd"),
            ("ViewDuplicates", member(CARL, GROUP_B1), "------w-d"),
            ("MergeMembers", member(CARL, GROUP_B1), "------w-d"),
            ("MergeMembers", organisation(HOTEL, &[], AREA_A), "-------yd"),
        ];
        let mut tried = BTreeSet::new();
        for (action, resource, expected) in table.into_iter().chain(matrix) {
            assert_eq!(row(&w, &viewers, action, resource).await, expected, "{action} {resource:?}");
            tried.insert(action);
        }
        let schema = include_str!("../../../../policies/tongxin.cedarschema");
        let actions = schema.lines().filter_map(|l| l.strip_prefix("action ")?.split_once(" appliesTo"));
        let actions: BTreeSet<&str> = actions.flat_map(|(names, _)| names.split(", ")).collect();
        assert_eq!(tried, actions, "an action is missing in the table");
    }

    /// What a use case refuses is the guest's sign-in or a plain refusal, and changes nothing.
    async fn use_cases_refuse_strangers(w) {
        use tongxin_app::{community::{self, post}, identity, people, record, service::{intents, matches, runs}};
        let id = w.proposed(ANNA, BEN, &form(1)).await;
        let need = w.find(id).await.life.need;
        let before = w.rows().await;
        let app = &w.app;
        for (who, refused) in [(Viewer::Guest, "sign_in_first"), (w.viewer(CARL).await, "forbidden"), (w.viewer(WORKER_B).await, "forbidden")] {
            let who = &who;
            assert_eq!(code(intents::create(app, who, Side::Need, Some(ANNA), None, &form(1)).await), refused);
            assert_eq!(code(intents::edit(app, who, need, None, &form(1)).await), refused);
            assert_eq!(code(intents::withdraw(app, who, need).await), refused);
            assert_eq!(code(intents::reopen(app, who, need).await), refused);
            assert_eq!(code(matches::accept(app, who, id).await), refused);
            assert_eq!(code(matches::decline(app, who, id, "no").await), refused);
            assert_eq!(code(matches::cancel(app, who, id, "no").await), refused);
            let visit = matches::DeliveryForm { happened_at: Some(start()), minutes: "1".into(), quantity: "1".into(), note: String::new() };
            assert_eq!(code(matches::deliver(app, who, id, &visit).await), refused);
            assert_eq!(code(matches::deliver_as_arranged(app, who, id).await), refused);
            assert_eq!(code(matches::arrange(app, who, id, Some(start()), Some(start() + hours(1))).await), refused);
            assert_eq!(code(runs::start(app, who, AREA_A).await), refused);
            assert_eq!(code(people::create(app, who, tongxin_core::people::MemberKind::Person, Some(AREA_A), &tongxin_core::people::MemberForm::default()).await), refused);
            assert_eq!(code(people::edit(app, who, ANNA, None, &tongxin_core::people::MemberForm::default()).await), refused);
            assert_eq!(code(community::create_place(app, who, AREA_A, &community::PlaceForm::default()).await), refused);
            assert_eq!(code(community::edit_place(app, who, AREA_A, &community::PlaceForm::default()).await), refused);
            assert_eq!(code(community::remove_place(app, who, GROUP_B1).await), refused);
            assert_eq!(code(identity::accounts(app, who, None, ALL).await), refused);
            assert_eq!(code(identity::create_account(app, who, ANNA, "x", "a long password").await), refused);
            assert_eq!(code(identity::set_disabled(app, who, w.account(ANNA), true).await), refused);
            assert_eq!(code(identity::reset_password(app, who, w.account(ANNA), "a long password").await), refused);
            let held = appointment_of(SECRETARY_A);
            assert_eq!(code(post::create(app, who, BRANCH_A, &PostForm::default()).await), refused);
            assert_eq!(code(post::edit(app, who, post_of(SECRETARY_A), &PostForm::default()).await), refused);
            assert_eq!(code(post::end(app, who, post_of(SECRETARY_A), "").await), refused);
            assert_eq!(code(post::appoint(app, who, post_of(SECRETARY_A), &post::AppointmentForm::default()).await), refused);
            assert_eq!(code(post::correct(app, who, held, &post::AppointmentForm::default()).await), refused);
            assert_eq!(code(post::end_appointment(app, who, held, "").await), refused);
            assert_eq!(code(post::require_cross(app, who, post_of(SECRETARY_A), &post::CrossForm::default()).await), refused);
            assert_eq!(code(post::delegate(app, who, held, &post::DelegationForm::default()).await), refused);
            assert_eq!(code(record::list(app, who, &record::RecordFilter::default(), ALL).await), refused);
            assert_eq!(code(record::verify(app, who).await), refused);
        }
        assert_eq!(code(matches::show(app, &w.viewer(CARL).await, id).await), "not_found");
        assert_eq!(w.rows().await, before);
    }
}
