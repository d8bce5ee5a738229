//! Party members: who sees what, steps and their refusals, transfers, and the looks that are recorded.

use tongxin_app::{
    Error, Viewer,
    people::{
        looks_at_me,
        party::{Part, branches, members, steps, transfers},
    },
};
use tongxin_core::{
    community::{
        OrganisationKind,
        post::{Appointment, Post, PostKind},
        structure::Standing,
    },
    people::{
        development::{Stage, Step, StepKind, input::StepForm},
        membership::{Membership, Relation, SizeAdvice, TransferState, TransferStep},
    },
    period::{BEGINNING, Period},
};
use tongxin_store::{
    community::{post, structure},
    people::{
        self,
        party::{self, StoredStep},
    },
};
use uuid::Uuid;

use crate::world::*;

/// A committee of the community, whose secretary is the worker of B, with the general branch of A and a branch of area B
/// under it; under the general branch one branch more, whose secretary is Carl. The branch of B has Una.
const COMMITTEE: Uuid = Uuid::from_u128(0x61);
const BRANCH_ONE: Uuid = Uuid::from_u128(0x62);
const BRANCH_B: Uuid = Uuid::from_u128(0x63);
/// Five full members of branch one, and Dora, who wants to become one.
const DORA: Uuid = Uuid::from_u128(0x70);

fn old(n: u128) -> Uuid {
    Uuid::from_u128(0x71 + n)
}

fn standing(id: Uuid, kind: OrganisationKind, line: Option<Uuid>, place: Uuid) -> Standing {
    Standing {
        organisation: id,
        period: Period::since(BEGINNING),
        name: format!("{kind}"),
        kind,
        line,
        line_outside: None,
        location: location(place),
        reorganisation: None,
    }
}

fn membership(n: u128, person: Uuid, branch: Uuid, relation: Relation) -> Membership {
    let period = Period::since(day("2020-01-01"));
    Membership { id: Uuid::from_u128(0xE000 + n), person, branch, relation, period }
}

async fn found_party(w: &TestCommunity) {
    use OrganisationKind::{Branch, GeneralBranch, PartyCommittee};
    let work = w.store.write::<_, tongxin_store::Error, _>(|tx| {
        Box::pin(async move {
            let now = start().timestamp_millis();
            let standings = [
                standing(COMMITTEE, PartyCommittee, None, ROOT),
                standing(BRANCH_A, GeneralBranch, Some(COMMITTEE), AREA_A),
                standing(BRANCH_ONE, Branch, Some(BRANCH_A), AREA_A),
                standing(BRANCH_B, Branch, Some(COMMITTEE), AREA_B),
            ];
            let mut new: Vec<_> = standings[..1].iter().chain(&standings[2..]).map(organisation_of).collect();
            new.extend((0..5).map(|n| person(old(n), &format!("Old {n}"), GROUP_A1, &[])));
            new.push(person(DORA, "Dora", GROUP_A1, &[]));
            people::insert(tx, COMMUNITY, &new, now).await?;
            structure::replace_standings(tx, COMMUNITY, &standings.clone().map(|s| s.organisation), &standings).await?;
            for (n, organisation, who) in [(1, COMMITTEE, WORKER_B), (2, BRANCH_ONE, CARL), (3, BRANCH_B, UNA)] {
                let post = Post {
                    id: Uuid::from_u128(0xF000 + n),
                    code: None,
                    organisation,
                    kind: PostKind::Secretary,
                    title: "书记".into(),
                    seats: 1,
                    term_months: None,
                    period: Period::since(BEGINNING),
                };
                let id = Uuid::from_u128(0xF100 + n);
                let period = Period::since(BEGINNING);
                let appointment = Appointment { id, post: post.id, person: who, period, note: String::new() };
                post::insert_posts(tx, COMMUNITY, &[post]).await?;
                post::insert_appointments(tx, COMMUNITY, &[appointment]).await?;
            }
            let full = |n: u128| StoredStep {
                id: Uuid::from_u128(0xE100 + n),
                person: old(n),
                position: 1,
                branch: BRANCH_ONE,
                step: taken_over(),
                note: String::new(),
                recorded_by: None,
                recorded_at: start(),
                taken_back: None,
            };
            let steps: Vec<_> = (0..5).map(full).collect();
            party::insert_steps(tx, COMMUNITY, &steps).await?;
            let mut held: Vec<_> = (0..5).map(|n| membership(n, old(n), BRANCH_ONE, Relation::Home)).collect();
            held.push(membership(10, old(0), BRANCH_B, Relation::Registered));
            held.push(membership(11, ANNA, BRANCH_ONE, Relation::Registered));
            party::insert_memberships(tx, COMMUNITY, &held).await
        })
    });
    work.await.unwrap();
}

fn organisation_of(s: &Standing) -> people::Member {
    use tongxin_core::people::{MemberDetails, MemberDraft, MemberKind};
    people::Member {
        id: s.organisation,
        code: None,
        kind: MemberKind::Organisation,
        draft: MemberDraft {
            name: s.name.clone(),
            phone: None,
            email: None,
            details: MemberDetails::Organisation { kind: s.kind, contact: None },
        },
        sort_key: s.name.clone(),
        location: s.location,
        balance: people::Balance::default(),
    }
}

fn taken_over() -> Step {
    use tongxin_core::people::development::Act;
    Step { on: day("1990-07-01"), act: Act::TakenOver { stage: Stage::Full } }
}

fn step(kind: &str, on: &str) -> StepForm {
    StepForm { step: kind.into(), on: on.into(), ..StepForm::default() }
}

fn vote(kind: &str, on: &str, present: u32, favour: u32) -> StepForm {
    StepForm { entitled: "5".into(), present: present.to_string(), in_favour: favour.to_string(), ..step(kind, on) }
}

on_both! {
    async fn branches_are_seen_by_line_and_registrations_by_territory(w) {
        found_party(&w).await;
        let [carl, una, boss, secretary, anna, sub] = [
            w.viewer(CARL).await, w.viewer(UNA).await, w.viewer(WORKER_B).await,
            w.viewer(SECRETARY_A).await, w.viewer(ANNA).await, w.viewer(SUBDISTRICT).await,
        ];
        let seen = |who: Viewer| {
            let app = w.app.clone();
            async move {
                let found = branches::branches(&app, &who, None).await?;
                Ok::<_, Error>(found.rows.iter().map(|r| (r.standing.organisation, r.depth, r.part)).collect::<Vec<_>>())
            }
        };
        use Part::Whole;
        assert_eq!(seen(carl.clone()).await.unwrap(), [(BRANCH_ONE, 0, Whole)]);
        assert_eq!(seen(una).await.unwrap(), [(BRANCH_B, 0, Whole)]);
        assert_eq!(seen(secretary.clone()).await.unwrap(), [(BRANCH_A, 0, Whole), (BRANCH_ONE, 1, Whole)]);
        assert_eq!(seen(boss.clone()).await.unwrap().len(), 4);
        for who in [anna.clone(), sub] {
            assert_eq!(code(seen(who).await), "forbidden");
        }
        assert_eq!(code(seen(Viewer::Guest).await), "sign_in_first");

        let before = w.records().await.len();
        let roll = branches::roll(&w.app, &carl, BRANCH_ONE, None).await.unwrap();
        assert_eq!((roll.home.len(), roll.registered.len(), roll.sizes.full, roll.advice), (5, 1, 5, None));
        assert_eq!(roll.registered[0].person, ANNA);
        let look = w.records().await.pop().unwrap();
        assert_eq!((look.action.as_str(), look.subject, look.capacity.as_str()), ("sensitive.look", BRANCH_ONE, "party_officer"));
        assert_eq!(w.records().await.len(), before + 1);
        // Before anybody came there, the roll is empty.
        assert_eq!(branches::roll(&w.app, &carl, BRANCH_ONE, Some(day("2019-12-31"))).await.unwrap().sizes.full, 0);
        assert_eq!(code(branches::roll(&w.app, &carl, BRANCH_B, None).await), "forbidden");
        assert_eq!(code(branches::roll(&w.app, &anna, BRANCH_ONE, None).await), "forbidden");
        assert_eq!(code(branches::roll(&w.app, &carl, HOTEL, None).await), "not_found");
        let all = branches::branches(&w.app, &boss, None).await.unwrap();
        assert_eq!((all.rows[0].all_full, all.rows[0].sizes.full), (5, 0));
        let small = all.rows.iter().find(|r| r.standing.organisation == BRANCH_B).unwrap();
        assert_eq!(small.advice, Some(SizeAdvice::MergeIntoJoint));
    }

    async fn each_branch_sees_its_part_and_the_person_sees_who_looked(w) {
        found_party(&w).await;
        let [carl, una, anna] = [w.viewer(CARL).await, w.viewer(UNA).await, w.viewer(ANNA).await];
        let page = members::member(&w.app, &carl, old(0)).await.unwrap();
        assert_eq!((page.part, page.steps.len(), page.memberships.len()), (Part::Whole, 1, 2));
        assert_eq!(page.development.stage, Some(Stage::Full));
        // Where he is registered: name, telephone, registration.
        let page = members::member(&w.app, &una, old(0)).await.unwrap();
        assert_eq!((page.part, page.steps.len(), page.memberships.len(), page.development.stage), (Part::Registered, 0, 1, None));
        assert!(page.person.draft.phone.is_some() && page.person.draft.email.is_none() && page.openings.is_empty());
        // For others there is nothing, whether somebody is a member or not.
        for (who, whom) in [(&una, old(1)), (&anna, old(0)), (&w.viewer(SUBDISTRICT).await, old(0)), (&carl, BEN)] {
            assert_eq!(code(members::member(&w.app, who, whom).await), "not_found");
        }
        members::member(&w.app, &carl, ANNA).await.unwrap();
        let looks = looks_at_me(&w.app, &anna, ALL).await.unwrap();
        assert_eq!(looks.rows.iter().map(|l| l.by.as_deref()).collect::<Vec<_>>(), [Some("Carl")]);
        branches::roll(&w.app, &carl, BRANCH_ONE, None).await.unwrap();
        let own = members::own(&w.app, &anna).await.unwrap().unwrap();
        assert_eq!((own.looks.len(), own.looks[0].by.as_deref()), (1, Some("Carl")));
        assert_eq!(own.page.memberships.len(), 1);
        assert!(members::own(&w.app, &w.viewer(BEN).await).await.unwrap().is_none());
        assert_eq!(code(members::own(&w.app, &Viewer::Guest).await), "sign_in_first");
    }

    async fn a_person_is_developed_step_by_step(w) {
        found_party(&w).await;
        let [carl, boss, secretary, una] =
            [w.viewer(CARL).await, w.viewer(WORKER_B).await, w.viewer(SECRETARY_A).await, w.viewer(UNA).await];
        let app = &w.app;
        let take = |who: &Viewer, form: StepForm| {
            let (app, who) = (app.clone(), who.clone());
            async move { steps::record_step(&app, &who, DORA, Some(BRANCH_ONE), &form).await }
        };
        let why = |outcome: Result<(), Error>| problems(outcome)[0].1;
        for (who, refused) in [(&Viewer::Guest, "sign_in_first"), (&una, "forbidden"), (&w.viewer(ANNA).await, "forbidden")] {
            assert_eq!(code(take(who, step("apply", "2024-01-08")).await), refused);
        }
        take(&carl, step("apply", "2024-01-08")).await.unwrap();
        assert_eq!(why(take(&carl, step("activist", "2024-02-01")).await), "party_talk_first");
        take(&carl, step("talk", "2024-01-20")).await.unwrap();
        take(&secretary, step("activist", "2024-02-01")).await.unwrap();
        assert_eq!(why(take(&carl, step("candidate", "2025-01-31")).await), "party_too_early");
        let page = members::member(app, &carl, DORA).await.unwrap();
        let listed = page.openings.iter().find(|o| o.kind == StepKind::Candidate).unwrap();
        assert_eq!((listed.refused.clone(), listed.earliest), (None, Some(day("2025-02-01"))));
        take(&carl, step("candidate", "2025-02-01")).await.unwrap();
        take(&carl, StepForm { class_hours: "24".into(), ..step("training", "2025-02-10") }).await.unwrap();
        assert_eq!(why(take(&carl, vote("admission_vote", "2025-02-20", 2, 2)).await), "party_no_quorum");
        let six = StepForm { entitled: "6".into(), ..vote("admission_vote", "2025-02-20", 5, 5) };
        assert_eq!(why(take(&carl, six).await), "party_more_than_members");
        take(&carl, vote("admission_vote", "2025-02-20", 4, 3)).await.unwrap();
        // Neither the branch nor the general branch approves.
        for who in [&carl, &secretary] {
            assert_eq!(code(take(who, step("approval", "2025-03-10")).await), "forbidden");
        }
        take(&boss, step("approval", "2025-03-10")).await.unwrap();
        let held = party::memberships_of(w.store.read(), COMMUNITY, &[DORA]).await.unwrap();
        let told: Vec<_> = held.iter().map(|m| (m.relation, m.period.from, m.period.until)).collect();
        assert_eq!(told, [
            (Relation::Development, day("2024-01-08"), Some(day("2025-03-10"))),
            (Relation::Home, day("2025-03-10"), None),
        ]);
        let roll = branches::roll(app, &carl, BRANCH_ONE, Some(day("2025-03-09"))).await.unwrap();
        assert_eq!((roll.sizes.developing, roll.sizes.probationary), (1, 0));
        assert_eq!(branches::roll(app, &carl, BRANCH_ONE, None).await.unwrap().sizes.probationary, 1);
        assert_eq!(why(take(&carl, vote("conversion_vote", "2026-02-19", 5, 5)).await), "party_too_early");
        take(&carl, vote("conversion_vote", "2026-02-20", 5, 5)).await.unwrap();
        take(&boss, step("approval", "2026-02-27")).await.unwrap();
        let page = members::member(app, &carl, DORA).await.unwrap();
        assert_eq!((page.development.stage, page.development.since), (Some(Stage::Full), Some(day("2026-02-20"))));
        assert_eq!(page.recorders.get(&w.account(CARL)).map(String::as_str), Some("Carl"));

        // The records name the branch and the step, never what was said of whom.
        let records: Vec<_> = w.records().await.into_iter().filter(|r| r.action.starts_with("party.")).collect();
        assert_eq!(records.len(), 9);
        assert!(records.iter().all(|r| r.subject == BRANCH_ONE && !r.data.contains(&DORA.to_string()) && !r.data.contains("vote")));
        assert_eq!(records.last().unwrap().capacity, "party_officer");
    }

    async fn an_application_is_the_persons_to_take_back(w) {
        found_party(&w).await;
        let [carl, ben] = [w.viewer(CARL).await, w.viewer(BEN).await];
        let take = |who: &Viewer, form: StepForm| {
            let (app, who) = (w.app.clone(), who.clone());
            async move { steps::record_step(&app, &who, BEN, Some(BRANCH_ONE), &form).await }
        };
        take(&carl, step("apply", "2026-02-02")).await.unwrap();
        assert_eq!(code(take(&ben, step("talk", "2026-02-03")).await), "forbidden");
        take(&ben, step("withdrawal", "2026-02-09")).await.unwrap();
        let own = members::own(&w.app, &ben).await.unwrap().unwrap().page;
        assert_eq!((own.development.stage, own.branch, own.steps.len()), (None, None, 2));
        // And may apply anew; nothing changes when a step is refused.
        let before = w.rows().await;
        assert_eq!(problems(take(&carl, step("apply", "2026-02-08")).await), [("on", "party_before_last")]);
        assert_eq!(problems(take(&carl, step("apply", "2026-03-03")).await), [("on", "party_in_the_future")]);
        assert_eq!(w.rows().await, before);
        take(&carl, step("apply", "2026-03-02")).await.unwrap();
    }

    async fn a_step_entered_by_mistake_is_taken_back(w) {
        found_party(&w).await;
        let [carl, boss, secretary, una, dora_sees_not] =
            [w.viewer(CARL).await, w.viewer(WORKER_B).await, w.viewer(SECRETARY_A).await, w.viewer(UNA).await, w.viewer(ANNA).await];
        let app = &w.app;
        let take = |who: &Viewer, form: StepForm| {
            let (app, who) = (app.clone(), who.clone());
            async move { steps::record_step(&app, &who, DORA, Some(BRANCH_ONE), &form).await }
        };
        let back = |who: &Viewer, step: Uuid, reason: &'static str| {
            let (app, who) = (app.clone(), who.clone());
            async move { steps::take_back(&app, &who, DORA, step, reason).await }
        };
        let stored = || async { party::steps_of(w.store.read(), COMMUNITY, &[DORA]).await.unwrap() };
        let held = || async { party::memberships_of(w.store.read(), COMMUNITY, &[DORA]).await.unwrap() };
        let (apply, talk) = (step("apply", "2024-01-08"), step("talk", "2024-01-20"));
        for form in [apply, talk.clone(), step("activist", "2024-02-01")] {
            take(&carl, form).await.unwrap();
        }
        let ids: Vec<Uuid> = stored().await.iter().map(|s| s.id).collect();
        for (who, refused) in [(&Viewer::Guest, "sign_in_first"), (&una, "forbidden"), (&dora_sees_not, "forbidden")] {
            assert_eq!(code(back(who, ids[2], "误登").await), refused);
        }
        let before = w.rows().await;
        assert_eq!(problems(back(&carl, ids[2], " ").await), [("reason", "required")]);
        assert_eq!(problems(back(&carl, ids[1], "误登").await), [("step", "party_step_not_last")]);
        assert_eq!(code(back(&carl, COMMITTEE, "误登").await), "not_found");
        assert_eq!(w.rows().await, before);
        back(&carl, ids[2], "误登").await.unwrap();
        assert_eq!(problems(back(&carl, ids[2], "误登").await), [("step", "party_step_taken_back")]);
        let page = members::member(app, &carl, DORA).await.unwrap();
        assert_eq!((page.development.stage, page.may_take_back), (Some(Stage::Applicant), Some(ids[1])));
        let gone = page.steps[2].taken_back.clone().unwrap();
        assert_eq!((gone.reason.as_str(), gone.by, gone.at), ("误登", w.account(CARL), app.now()));
        // The later of the two counts for the shortest period; the rule reads the step that stands.
        take(&secretary, step("activist", "2024-03-01")).await.unwrap();
        assert_eq!(problems(take(&carl, step("candidate", "2025-02-01")).await), [("on", "party_too_early")]);
        take(&carl, step("candidate", "2025-03-01")).await.unwrap();
        take(&carl, StepForm { class_hours: "24".into(), ..step("training", "2025-03-10") }).await.unwrap();
        take(&carl, vote("admission_vote", "2025-03-20", 5, 5)).await.unwrap();
        let developing = held().await;
        take(&boss, step("approval", "2025-04-10")).await.unwrap();
        assert_eq!(branches::roll(app, &carl, BRANCH_ONE, None).await.unwrap().sizes.probationary, 1);
        // What the committee decided, its officers take back; where Dora belongs follows.
        let approval = stored().await.pop().unwrap().id;
        assert_eq!(members::member(app, &carl, DORA).await.unwrap().may_take_back, None);
        assert_eq!(code(back(&carl, approval, "误登").await), "forbidden");
        back(&boss, approval, "误登").await.unwrap();
        assert_eq!(held().await, developing);
        let sizes = branches::roll(app, &carl, BRANCH_ONE, None).await.unwrap().sizes;
        assert_eq!((sizes.probationary, sizes.developing), (0, 1));
        let page = members::member(app, &carl, DORA).await.unwrap();
        assert_eq!((page.development.pending.is_some(), page.steps.len()), (true, 8));
        let last = w.records().await.into_iter().rfind(|r| r.action.starts_with("party.")).unwrap();
        assert_eq!((last.action.as_str(), last.subject, last.capacity.as_str()), ("party.step_back", BRANCH_ONE, "party_officer"));
        assert!(!last.data.contains("误登") && !last.data.contains(&DORA.to_string()));
    }

    async fn an_application_or_an_exit_by_mistake_leaves_the_member_where_it_was(w) {
        found_party(&w).await;
        let [carl, ben, una] = [w.viewer(CARL).await, w.viewer(BEN).await, w.viewer(UNA).await];
        let app = &w.app;
        let held = |person: Uuid| {
            let store = w.store.clone();
            async move { party::memberships_of(store.read(), COMMUNITY, &[person]).await.unwrap() }
        };
        let last = |person: Uuid| {
            let store = w.store.clone();
            async move {
                let steps = party::steps_of(store.read(), COMMUNITY, &[person]).await.unwrap();
                steps.iter().rfind(|s| s.taken_back.is_none()).unwrap().id
            }
        };
        steps::record_step(app, &carl, BEN, Some(BRANCH_ONE), &step("apply", "2026-02-02")).await.unwrap();
        // One's own withdrawal is one's own to take back; that which the branch entered is not.
        steps::record_step(app, &ben, BEN, None, &step("withdrawal", "2026-02-09")).await.unwrap();
        let own = members::own(app, &ben).await.unwrap().unwrap().page;
        assert_eq!(own.may_take_back, Some(last(BEN).await));
        steps::take_back(app, &ben, BEN, last(BEN).await, "想好了").await.unwrap();
        steps::record_step(app, &carl, BEN, None, &step("withdrawal", "2026-02-10")).await.unwrap();
        assert_eq!(code(steps::take_back(app, &ben, BEN, last(BEN).await, "想好了").await), "forbidden");
        for _ in 0..2 {
            steps::take_back(app, &carl, BEN, last(BEN).await, "误登").await.unwrap();
        }
        assert_eq!(held(BEN).await, []);
        assert!(members::own(app, &ben).await.unwrap().unwrap().page.development.stage.is_none());

        let before = held(old(0)).await;
        let left = StepForm { note: "去世".into(), ..step("left", "2026-02-20") };
        steps::record_step(app, &carl, old(0), None, &left).await.unwrap();
        assert!(held(old(0)).await.iter().all(|m| m.period.until == Some(day("2026-02-20"))));
        steps::take_back(app, &carl, old(0), last(old(0)).await, "登记错人").await.unwrap();
        assert_eq!(held(old(0)).await, before);
        // Not while a transfer is under way, and not what an import brought from elsewhere.
        transfers::ask(app, &carl, old(0), Some(BRANCH_B), "迁居").await.unwrap();
        let boss = w.viewer(WORKER_B).await;
        assert_eq!(problems(steps::take_back(app, &boss, old(0), last(old(0)).await, "误登").await), [("step", "party_transfer_open")]);
        assert_eq!(problems(steps::take_back(app, &boss, old(1), last(old(1)).await, "误登").await), [("step", "party_moved_since")]);
        assert_eq!(code(steps::take_back(app, &una, old(1), last(old(1)).await, "误登").await), "forbidden");
    }

    async fn a_member_moves_when_both_branches_agree(w) {
        found_party(&w).await;
        let [carl, una, anna, boss] =
            [w.viewer(CARL).await, w.viewer(UNA).await, w.viewer(ANNA).await, w.viewer(WORKER_B).await];
        let app = &w.app;
        for who in [&una, &anna] {
            assert_eq!(code(transfers::ask(app, who, old(0), Some(BRANCH_B), "迁居").await), "not_found");
        }
        assert_eq!(problems(transfers::ask(app, &carl, old(0), Some(BRANCH_ONE), "").await), [("reason", "required"), ("to", "unknown_choice")]);
        assert_eq!(problems(transfers::ask(app, &carl, old(0), Some(HOTEL), "迁居").await), [("to", "unknown_choice")]);
        let id = transfers::ask(app, &carl, old(0), Some(BRANCH_B), "迁居").await.unwrap();
        assert_eq!(problems(transfers::ask(app, &carl, old(0), Some(BRANCH_B), "迁居").await), [("to", "party_transfer_open")]);
        let go = |who: &Viewer, taken: TransferStep, note: &'static str| {
            let (app, who) = (app.clone(), who.clone());
            async move { transfers::step(&app, &who, id, taken, "", note).await }
        };
        assert_eq!(problems(go(&una, TransferStep::Accept, "").await), [("step", "party_transfer_not_now")]);
        assert_eq!(code(go(&anna, TransferStep::HandOver, "").await), "not_found");
        assert_eq!(code(transfers::show(app, &anna, id).await), "not_found");
        go(&carl, TransferStep::HandOver, "").await.unwrap();
        assert_eq!(problems(go(&una, TransferStep::Decline, "").await), [("note", "required")]);
        let card = transfers::show(app, &una, id).await.unwrap();
        assert_eq!((card.steps, card.transfer.state), (vec![TransferStep::Accept, TransferStep::Decline], TransferState::HandedOver));
        assert_eq!(transfers::list(app, &boss, true, ALL).await.unwrap().total, 1);
        go(&una, TransferStep::Accept, "").await.unwrap();
        assert_eq!(transfers::list(app, &boss, true, ALL).await.unwrap().total, 0);
        assert_eq!(code(transfers::list(app, &anna, false, ALL).await), "forbidden");

        // The home has moved on that day, the registration there is over, and each branch sees what is its own now.
        let today = w.app.today();
        let held = party::memberships_of(w.store.read(), COMMUNITY, &[old(0)]).await.unwrap();
        let now: Vec<_> = held.iter().filter(|m| m.period.contains(today)).map(|m| (m.branch, m.relation)).collect();
        assert_eq!(now, [(BRANCH_B, Relation::Home)]);
        assert!(held.iter().filter(|m| m.branch == BRANCH_ONE).all(|m| m.period.until == Some(today)));
        assert_eq!(code(members::member(app, &carl, old(0)).await), "not_found");
        assert_eq!(members::member(app, &una, old(0)).await.unwrap().steps.len(), 1);
        let roll = |who: Viewer, branch, on: &'static str| {
            let app = app.clone();
            async move { branches::roll(&app, &who, branch, Some(day(on))).await.unwrap().sizes.full }
        };
        assert_eq!((roll(carl.clone(), BRANCH_ONE, "2026-03-01").await, roll(carl, BRANCH_ONE, "2026-03-02").await), (5, 4));
        assert_eq!(roll(una, BRANCH_B, "2026-03-02").await, 1);
    }

    async fn registrations_begin_and_end(w) {
        found_party(&w).await;
        let [carl, una, anna] = [w.viewer(CARL).await, w.viewer(UNA).await, w.viewer(ANNA).await];
        let app = &w.app;
        let add = |who: &Viewer, branch, person, relation: &'static str| {
            let (app, who) = (app.clone(), who.clone());
            async move { steps::add(&app, &who, branch, person, relation, "").await }
        };
        assert_eq!(code(add(&carl, BRANCH_B, Some(old(1)), "registered").await), "forbidden");
        assert_eq!(problems(add(&una, BRANCH_B, None, "friend").await), [("person", "required"), ("relation", "unknown_choice")]);
        assert_eq!(problems(add(&una, BRANCH_B, Some(HOTEL), "registered").await), [("person", "unknown_choice")]);
        assert_eq!(problems(add(&una, BRANCH_B, Some(old(0)), "registered").await), [("branch", "party_registered_already")]);
        assert_eq!(problems(add(&carl, BRANCH_ONE, Some(old(0)), "registered").await), [("branch", "party_registered_at_home")]);
        assert_eq!(problems(add(&una, BRANCH_B, Some(old(1)), "home").await), [("branch", "party_one_home")]);
        assert_eq!(problems(add(&una, BRANCH_B, Some(BEN), "home").await), [("relation", "party_not_at_this_stage")]);
        let new = add(&una, BRANCH_B, Some(old(1)), "registered").await.unwrap();
        assert_eq!(problems(steps::end(app, &una, old(1), new, "").await), [("on", "end_before_start")], "it began today");
        let annas = Uuid::from_u128(0xE000 + 11);
        assert_eq!(code(steps::end(app, &una, ANNA, annas, "").await), "forbidden");
        steps::end(app, &anna, ANNA, annas, "2026-03-01").await.unwrap();
        assert_eq!(branches::roll(app, &carl, BRANCH_ONE, None).await.unwrap().registered.len(), 0);
        assert_eq!(code(branches::find_person(app, &anna, BRANCH_ONE, "Dora").await), "forbidden");
    }
}
