//! Merging members that are one, and putting it back: nothing is lost, and everything is as it was.

use std::collections::BTreeMap;

use sea_orm::{DatabaseBackend, Statement};
use tongxin_app::{
    Error, Viewer,
    people::{self, MemberFilter, duplicate, merge},
    service::matches::{self, DeliveryForm},
};
use tongxin_core::{
    community::{
        OrganisationKind,
        letter::AppointmentLetter,
        post::{Appointment, Delegation, PostKind},
        structure::Standing,
    },
    people::{
        CareGroup, MemberForm, MemberKind,
        membership::{Membership, Relation},
        merge::MergeField,
    },
    period::{BEGINNING, Period},
};
use tongxin_store::{
    ConnectionTrait,
    community::{hosting, letter, post, structure},
    people as store,
};
use uuid::Uuid;

use crate::world::*;

/// Everything that a merge may touch, table by table, with each row as the database writes it.
async fn dump(w: &TestCommunity) -> BTreeMap<&'static str, Vec<String>> {
    let c = w.store.read();
    let mut all = BTreeMap::new();
    let tables = "member standing hosting care_group intent service_match delivery match_run_item account post \
                  appointment cross_requirement delegation appointment_letter party_membership party_step \
                  party_transfer search_doc";
    for table in tables.split_whitespace() {
        let sql = if c.get_database_backend() == DatabaseBackend::Postgres {
            format!("SELECT CAST(t AS TEXT) FROM {table} t")
        } else {
            let sql = format!(
                "SELECT group_concat('quote(' || name || ')', ' || char(10) || ') FROM pragma_table_info('{table}')"
            );
            let row = c.query_one_raw(Statement::from_string(c.get_database_backend(), sql)).await.unwrap().unwrap();
            let columns: String = row.try_get_by_index(0).unwrap();
            format!("SELECT {columns} FROM {table}")
        };
        let rows = c.query_all_raw(Statement::from_string(c.get_database_backend(), sql)).await.unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        rows.sort_unstable();
        all.insert(table, rows);
    }
    all
}

/// Lets every member be found, and settles the moment of their last change.
async fn settle_down(w: &TestCommunity) {
    let now = w.app.now().timestamp_millis();
    let members = store::list(w.store.read(), COMMUNITY, &MemberFilter::default(), ALL).await.unwrap().rows;
    let done = w.store.write::<_, tongxin_store::Error, _>(move |tx| {
        Box::pin(async move {
            for member in members {
                let tokens = tongxin_app::search::name_tokens(&member.draft.name);
                tongxin_store::search::index(tx, COMMUNITY, "member", member.id, &tokens).await?;
            }
            tx.execute_unprepared(&format!("UPDATE member SET updated_at = {now}")).await?;
            Ok(())
        })
    });
    done.await.unwrap();
}

/// How many deliveries say that a member gave.
async fn given_by(w: &TestCommunity, member: Uuid) -> i64 {
    let c = w.store.read();
    let sql = "SELECT COUNT(*) FROM delivery WHERE giver_id = $1";
    let row = c.query_one_raw(Statement::from_sql_and_values(c.get_database_backend(), sql, [member.into()]));
    row.await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x7E57_0000 | n)
}

/// A visit that both sides confirm.
async fn visited(w: &TestCommunity, receiver: Uuid, giver: Uuid, minutes: i64) -> Uuid {
    let id = w.accepted(receiver, giver, &form(2)).await;
    visit(w, id, (receiver, giver), minutes).await;
    id
}

async fn visit(w: &TestCommunity, id: Uuid, (receiver, giver): (Uuid, Uuid), minutes: i64) {
    w.clock.advance(hours(1));
    let staff = w.viewer(SUBDISTRICT).await;
    let done = DeliveryForm {
        happened_at: Some(w.app.now()),
        minutes: minutes.to_string(),
        quantity: "1".into(),
        note: String::new(),
    };
    matches::deliver(&w.app, &staff, id, &done).await.unwrap();
    let last = w.deliveries(id).await.into_iter().filter(|d| !d.is_settled()).map(|d| d.id).next_back().unwrap();
    for person in [receiver, giver] {
        let who = w.viewer(if person == HOTEL { UNA } else { person }).await;
        matches::confirm(&w.app, &who, last).await.unwrap();
    }
}

/// Everything that can hang on a person hangs on Carl.
async fn laden(w: &TestCommunity) {
    let (_, anna) = holding(ANNA, PostKind::CommitteeMember, BRANCH_A, Period::since(BEGINNING));
    let done = w.store.write::<_, tongxin_store::Error, _>(move |tx| {
        Box::pin(async move {
            let period = Period { from: day("2026-01-01"), until: Some(day("2027-01-01")) };
            let (post_b, held) = holding(CARL, PostKind::SocialWorker, STATION_B, period);
            let (post_a, _) = holding(ANNA, PostKind::CommitteeMember, BRANCH_A, Period::since(BEGINNING));
            post::insert_posts(tx, COMMUNITY, &[post_a, post_b]).await?;
            post::insert_appointments(tx, COMMUNITY, &[held, anna.clone()]).await?;
            let to_carl = Delegation { id: id(1), appointment: anna.id, to: CARL, period, reason: "年休假".into() };
            post::insert_delegations(tx, COMMUNITY, &[to_carl]).await?;
            let membership = Membership { id: id(2), person: CARL, branch: BRANCH_A, relation: Relation::Home, period };
            store::party::insert_memberships(tx, COMMUNITY, &[membership]).await?;
            let appointed = AppointmentLetter {
                id: id(3),
                number: "静党聘〔2026〕1号".into(),
                enterprise: HOTEL,
                person: CARL,
                duties: "联系职工".into(),
                signer: "Una".into(),
                issued_on: period.from,
                period,
                revoked: None,
            };
            letter::insert(tx, COMMUNITY, &[appointed]).await?;
            store::merge::add_care_groups(tx, COMMUNITY, CARL, &[CareGroup::Older, CareGroup::Disabled]).await?;
            store::merge::add_care_groups(tx, COMMUNITY, BEN, &[CareGroup::Older]).await?;
            store::merge::mark(tx, COMMUNITY, CARL, None, Some(Some("P9"))).await
        })
    });
    done.await.unwrap();
}

on_both! {
    async fn everything_moves_to_the_one_that_is_kept_and_back(w) {
        laden(&w).await;
        let given = visited(&w, ANNA, CARL, 40).await;
        visited(&w, CARL, ANNA, 25).await;
        visited(&w, BEN, ANNA, 15).await;
        w.proposed(CARL, HOTEL, &form(1)).await;
        settle_down(&w).await;
        let before = dump(&w).await;
        let staff = w.viewer(SUBDISTRICT).await;

        let chosen = [MergeField::Name, MergeField::Place];
        let done = merge::merge(&w.app, &staff, BEN, CARL, &chosen).await.unwrap();
        let ben = people::show(&w.app, &staff, BEN, false).await.unwrap().member;
        assert_eq!((ben.draft.name.as_str(), ben.location, ben.code.as_deref()), ("Carl", location(GROUP_B1), Some("P9")));
        let balance = w.balance(BEN).await;
        assert_eq!((balance.given_minutes, balance.received_minutes, balance.received_count), (40, 40, 2));
        assert_eq!(w.find(given).await.life.giver, BEN);
        assert_eq!((given_by(&w, BEN).await, given_by(&w, CARL).await), (1, 0));
        assert_eq!(code(people::show(&w.app, &staff, CARL, false).await), "not_found");
        assert_eq!(people::merged_into(&w.app, &staff, CARL).await.unwrap(), Some(BEN));
        let listed = people::list(&w.app, &staff, MemberFilter::default(), ALL).await.unwrap();
        assert!(listed.rows.iter().all(|m| m.id != CARL));
        let codes = store::ids_by_code(w.store.read(), COMMUNITY).await.unwrap();
        assert_eq!(codes.get("P9"), Some(&BEN));
        let groups = store::care_groups(w.store.read(), COMMUNITY, &[BEN]).await.unwrap();
        assert_eq!(groups[&BEN], [CareGroup::Disabled, CareGroup::Older]);
        let Viewer::Actor(actor) = w.viewer(CARL).await else { unreachable!() };
        assert_eq!(actor.person, BEN, "who signed in as the one that went is the kept one");
        assert_eq!(actor.posts.len(), 2, "its post, and the delegated one");

        merge::undo(&w.app, &staff, done).await.unwrap();
        let after = dump(&w).await;
        for (table, rows) in &before {
            assert_eq!(rows, &after[table], "{table}");
        }
        assert_eq!(code(merge::undo(&w.app, &staff, done).await), "already_decided");
        let actions: Vec<String> = w.records().await.into_iter().map(|r| r.action).filter(|a| a.starts_with("member.")).collect();
        assert_eq!(actions, ["member.merge", "member.unmerge"]);
    }

    async fn what_is_done_after_a_merge_goes_back_with_what_it_was_done_for(w) {
        let id = visited(&w, ANNA, CARL, 40).await;
        let staff = w.viewer(SUBDISTRICT).await;
        let done = merge::merge(&w.app, &staff, BEN, CARL, &[]).await.unwrap();
        visit(&w, id, (ANNA, BEN), 20).await;
        assert_eq!(w.balance(BEN).await.given_minutes, 60);
        merge::undo(&w.app, &staff, done).await.unwrap();
        assert_eq!((w.balance(BEN).await.given_minutes, w.balance(CARL).await.given_minutes), (0, 60));
        assert_eq!((given_by(&w, BEN).await, given_by(&w, CARL).await), (0, 2));
    }

    async fn organisations_are_merged_in_both_structures_and_back(w) {
        let twin = id(8);
        let below = id(9);
        let branch = id(10);
        let now = w.app.now().timestamp_millis();
        let done = w.store.write::<_, tongxin_store::Error, _>(move |tx| {
            Box::pin(async move {
                let new = [
                    organisation(twin, "美丽园大酒店", AREA_B, OrganisationKind::Enterprise),
                    organisation(below, "Restaurant", AREA_B, OrganisationKind::Enterprise),
                    organisation(branch, "Joint", AREA_A, OrganisationKind::JointBranch),
                ];
                store::insert(tx, COMMUNITY, &new, now).await?;
                let mut standings = structure::standings_of(tx, COMMUNITY, &[below]).await?;
                standings[0].line = Some(twin);
                structure::replace_standings(tx, COMMUNITY, &[below], &standings).await?;
                let set_up = |unit, from: &str, until: Option<&str>| hosting::Hosting {
                    branch,
                    unit,
                    period: Period { from: day(from), until: until.map(day) },
                };
                let all = [set_up(HOTEL, "2010-01-01", Some("2020-01-01")), set_up(twin, "2015-01-01", None), set_up(below, "2015-01-01", None)];
                hosting::insert_hostings(tx, COMMUNITY, &all).await?;
                let (post, _) = holding(twin, PostKind::Agent, twin, Period::since(BEGINNING));
                post::insert_posts(tx, COMMUNITY, std::slice::from_ref(&post)).await?;
                let held = Appointment { id: id(11), post: post.id, person: BEN, period: Period::since(day("2026-01-01")), note: String::new() };
                post::insert_appointments(tx, COMMUNITY, &[held]).await
            })
        });
        done.await.unwrap();
        settle_down(&w).await;
        let before = dump(&w).await;
        let staff = w.viewer(SUBDISTRICT).await;
        let done = merge::merge(&w.app, &staff, HOTEL, twin, &[MergeField::Standings]).await.unwrap();
        let c = w.store.read();
        let of = async |id| -> Vec<Standing> { structure::standings_of(c, COMMUNITY, &[id]).await.unwrap() };
        let hotel = of(HOTEL).await;
        assert_eq!((hotel.len(), hotel[0].name.as_str(), hotel[0].location), (1, "美丽园大酒店", location(AREA_B)));
        assert!(of(twin).await.is_empty());
        assert_eq!(of(below).await[0].line, Some(HOTEL));
        let member = people::show(&w.app, &staff, HOTEL, false).await.unwrap().member;
        assert_eq!((member.draft.name.as_str(), member.location), ("美丽园大酒店", location(AREA_B)));
        let set_up = hosting::hostings_of(c, COMMUNITY, HOTEL, day("2026-01-01")).await.unwrap();
        assert_eq!(set_up.iter().map(|h| h.period).collect::<Vec<_>>(), [Period::since(day("2010-01-01"))]);
        let Viewer::Actor(actor) = w.viewer(BEN).await else { unreachable!() };
        assert_eq!(actor.organisations().collect::<Vec<_>>(), [HOTEL], "who acts for the one that went acts for the kept one");

        merge::undo(&w.app, &staff, done).await.unwrap();
        let after = dump(&w).await;
        for (table, rows) in &before {
            assert_eq!(rows, &after[table], "{table}");
        }
    }

    async fn what_forbids_it_is_told_and_nothing_changes(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        w.proposed(ANNA, BEN, &form(1)).await;
        assert_eq!(problems(merge::merge(&w.app, &staff, ANNA, BEN, &[]).await), [("merge", "merge_match_between")]);
        assert_eq!(problems(merge::merge(&w.app, &staff, ANNA, HOTEL, &[]).await), [("merge", "merge_not_alike")]);
        assert_eq!(problems(merge::merge(&w.app, &staff, ANNA, ANNA, &[]).await), [("merge", "merge_not_alike")]);
        laden(&w).await;
        let done = w.store.write::<_, tongxin_store::Error, _>(move |tx| {
            Box::pin(async move {
                let period = Period::since(day("2026-06-01"));
                let twice = Appointment { id: id(20), post: post_of(CARL), person: ANNA, period, note: String::new() };
                post::insert_appointments(tx, COMMUNITY, &[twice]).await?;
                let home = Membership { id: id(21), person: ANNA, branch: BRANCH_A, relation: Relation::Development, period };
                store::party::insert_memberships(tx, COMMUNITY, &[home]).await
            })
        });
        done.await.unwrap();
        let found = problems(merge::merge(&w.app, &staff, ANNA, CARL, &[]).await);
        let codes: Vec<&str> = found.iter().map(|(_, code)| *code).collect();
        assert_eq!(codes, ["merge_own_delegation", "merge_same_post", "merge_two_homes"]);
        let view = merge::side_by_side(&w.app, &staff, ANNA, CARL).await.unwrap();
        assert_eq!(view.obstacles.len(), 3);
    }

    async fn a_merge_on_which_something_was_built_is_not_undone(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        let first = merge::merge(&w.app, &staff, BEN, CARL, &[MergeField::Name]).await.unwrap();
        people::edit(&w.app, &staff, BEN, None, &MemberForm { name: "Carlo".into(), ..MemberForm::default() }).await.unwrap();
        assert_eq!(problems(merge::undo(&w.app, &staff, first).await), [("name", "merge_changed_since")]);
        people::edit(&w.app, &staff, BEN, None, &MemberForm { name: "Carl".into(), ..MemberForm::default() }).await.unwrap();
        let second = merge::merge(&w.app, &staff, ANNA, BEN, &[]).await.unwrap();
        assert_eq!(people::merged_into(&w.app, &staff, CARL).await.unwrap(), Some(ANNA), "two merges in a row");
        assert_eq!(problems(merge::undo(&w.app, &staff, first).await), [("merge", "merge_merged_again")]);
        merge::undo(&w.app, &staff, second).await.unwrap();
        let undone = people::show(&w.app, &staff, BEN, false).await.unwrap().member;
        assert_eq!(undone.draft.name, "Carl");
    }

    async fn who_may_merge_and_see_what_looks_alike(w) {
        let mut table = Vec::new();
        for who in w.everyone().await {
            let outcome = |result: Result<(), Error>| result.map_or_else(|e| e.code(), |()| "yes");
            table.push([
                outcome(duplicate::list(&w.app, &who, None, ALL).await.map(|_| ())),
                outcome(duplicate::list(&w.app, &who, Some(AREA_A), ALL).await.map(|_| ())),
                outcome(merge::side_by_side(&w.app, &who, ANNA, BEN).await.map(|_| ())),
                outcome(merge::side_by_side(&w.app, &who, ANNA, CARL).await.map(|_| ())),
                outcome(duplicate::tell_apart(&w.app, &who, HOTEL, STATION_A).await),
                outcome(merge::list(&w.app, &who, None, ALL).await.map(|_| ())),
            ]);
        }
        let (guest, no, yes) = ("sign_in_first", "forbidden", "yes");
        let expected = [
            [guest; 6],
            [no; 6],
            [no; 6],
            [no; 6],
            [no; 6],
            [yes, yes, yes, no, no, yes],
            [yes, no, no, no, no, yes],
            [yes, yes, yes, no, yes, yes],
            [yes; 6],
        ];
        assert_eq!(table, expected);
    }

    async fn who_is_added_twice_is_asked_about(w) {
        let worker = w.viewer(WORKER_A).await;
        let twin = MemberForm { name: "Anna".into(), birth_date: "1950-02-03".into(), ..MemberForm::default() };
        let Err(Error::Suspected(found)) = people::create(&w.app, &worker, MemberKind::Person, Some(GROUP_A2), &twin).await else {
            panic!("not suspected")
        };
        assert_eq!(found.iter().map(|s| (s.member.id, s.birth_year, s.sees_contacts)).collect::<Vec<_>>(), [(ANNA, Some(1950), true)]);
        let other = w.viewer(WORKER_B).await;
        let Err(Error::Suspected(found)) = people::create(&w.app, &other, MemberKind::Person, Some(GROUP_B1), &twin).await else {
            panic!("not suspected")
        };
        assert!(!found[0].sees_contacts && found[0].member.draft.phone.is_none());
        let confirmed = MemberForm { confirmed_new: true, ..twin };
        let new = people::create(&w.app, &worker, MemberKind::Person, Some(GROUP_A2), &confirmed).await.unwrap();
        let pairs = duplicate::list(&w.app, &worker, None, ALL).await.unwrap();
        let of_anna = |pairs: &duplicate::Pairs| pairs.page.rows.iter().any(|p| p.one.id == ANNA && p.other.id == new);
        assert!(of_anna(&pairs));
        duplicate::tell_apart(&w.app, &worker, new, ANNA).await.unwrap();
        assert!(!of_anna(&duplicate::list(&w.app, &worker, None, ALL).await.unwrap()));
    }
}
