//! Reorganisations: who may, what takes effect with them, what is refused, and that the past stays (S7, S8).

use tongxin_app::{
    Viewer,
    community::{
        reorganisation::{self, Fault, ReorganisationForm, ReorganisationState, Step, StepForm},
        structure::{self, Difference},
    },
    people, record, tick,
};
use tongxin_core::{
    community::{
        OrganisationKind,
        post::{Appointment, CrossRequirement, Delegation, PostKind},
    },
    people::membership::{Membership, Relation, Transfer, TransferState},
    period::Period,
};
use tongxin_store::{
    community::{
        hosting::{self, Hosting},
        post::{self, DelegationFilter, HoldingFilter},
    },
    people::party,
};
use uuid::Uuid;

use crate::world::*;

const BRANCH_1: Uuid = Uuid::from_u128(0x41);
const BRANCH_2: Uuid = Uuid::from_u128(0x42);

fn typed(on: &str) -> ReorganisationForm {
    ReorganisationForm { title: "改革".into(), text: "精简".into(), effective_on: on.into() }
}

fn create(name: &str, kind: &str, line: Option<Uuid>, place: Uuid) -> StepForm {
    StepForm {
        step: "create".into(),
        name: name.into(),
        kind: kind.into(),
        line,
        place: Some(place),
        ..StepForm::default()
    }
}

fn merge(from: &[Uuid], into: Uuid) -> StepForm {
    StepForm { step: "merge".into(), from: from.to_vec(), into: Some(into), ..StepForm::default() }
}

fn close(organisation: Uuid, heir: Option<Uuid>) -> StepForm {
    StepForm { step: "close".into(), organisation: Some(organisation), heir, ..StepForm::default() }
}

fn rename(organisation: Uuid, name: &str) -> StepForm {
    StepForm { step: "rename".into(), organisation: Some(organisation), name: name.into(), ..StepForm::default() }
}

fn move_line(organisation: Uuid, line: Option<Uuid>) -> StepForm {
    StepForm { step: "move_line".into(), organisation: Some(organisation), line, ..StepForm::default() }
}

fn of_post(step: &str, post: Uuid, into: Option<Uuid>) -> StepForm {
    StepForm { step: step.into(), post: Some(post), into, ..StepForm::default() }
}

async fn drafted(w: &TestCommunity, on: &str, steps: &[StepForm]) -> Uuid {
    let staff = w.viewer(SUBDISTRICT).await;
    let id = reorganisation::draft(&w.app, &staff, &typed(on)).await.unwrap();
    for step in steps {
        reorganisation::add_step(&w.app, &staff, id, step).await.unwrap();
    }
    id
}

/// The organisation that the first step makes.
async fn first_made(w: &TestCommunity, id: Uuid) -> Uuid {
    let view = reorganisation::show(&w.app, &w.viewer(SUBDISTRICT).await, id).await.unwrap();
    match view.reorganisation.steps.first() {
        Some(Step::Create(new)) => new.id,
        other => panic!("{other:?}"),
    }
}

async fn faults(w: &TestCommunity, id: Uuid) -> Vec<Fault> {
    reorganisation::show(&w.app, &w.viewer(SUBDISTRICT).await, id).await.unwrap().faults
}

async fn names_on(w: &TestCommunity, on: &str) -> Vec<String> {
    let structure = structure::structure(&w.app, &Viewer::Guest, Some(day(on))).await.unwrap();
    structure.all().iter().map(|s| s.name.clone()).collect()
}

/// The organisations of the posts that a person holds on a day.
async fn posts_in(w: &TestCommunity, person: Uuid, on: &str) -> Vec<Uuid> {
    let filter = HoldingFilter { persons: Some(vec![person]), on: Some(day(on)), ..HoldingFilter::default() };
    let held = post::holdings(w.store.read(), COMMUNITY, &filter).await.unwrap();
    held.iter().map(|h| h.post.organisation).collect()
}

fn membership(n: u128, person: Uuid, branch: Uuid, relation: Relation, from: &str) -> Membership {
    Membership { id: Uuid::from_u128(0x4D00 + n), person, branch, relation, period: Period::since(day(from)) }
}

/// Two branches of the Party in area A with members, the first set up in the hotel; a delegation of worker A's post.
async fn with_party(w: &TestCommunity) {
    let work = w.store.write::<_, tongxin_store::Error, _>(move |tx| {
        Box::pin(async move {
            let branches = [
                organisation(BRANCH_1, "Branch 1", AREA_A, OrganisationKind::Branch),
                organisation(BRANCH_2, "Branch 2", AREA_A, OrganisationKind::Branch),
            ];
            tongxin_store::people::insert(tx, COMMUNITY, &branches, start().timestamp_millis()).await?;
            let memberships = [
                membership(1, ANNA, BRANCH_1, Relation::Home, "2020-01-01"),
                membership(2, ANNA, BRANCH_2, Relation::Registered, "2020-01-01"),
                membership(3, BEN, BRANCH_1, Relation::Home, "2026-06-01"),
                membership(4, CARL, BRANCH_2, Relation::Home, "2020-01-01"),
                membership(5, CARL, BRANCH_1, Relation::Registered, "2020-01-01"),
            ];
            party::insert_memberships(tx, COMMUNITY, &memberships).await?;
            let transfer = |n: u128, person, to| Transfer {
                id: Uuid::from_u128(0x7F00 + n),
                person,
                from: BRANCH_1,
                to,
                state: TransferState::Asked,
                reason: "搬家".into(),
                asked_on: day("2026-02-01"),
                handed_over_on: None,
                decided_on: None,
                note: String::new(),
            };
            party::insert_transfers(tx, COMMUNITY, &[transfer(1, ANNA, BRANCH_2), transfer(2, BEN, BRANCH_A)]).await?;
            let period = Period::since(day("2020-01-01"));
            hosting::insert_hostings(tx, COMMUNITY, &[Hosting { branch: BRANCH_1, unit: HOTEL, period }]).await?;
            let (_, held) = holding(WORKER_A, PostKind::SocialWorker, STATION_A, period);
            let delegation = Delegation {
                id: Uuid::from_u128(0xDE),
                appointment: held.id,
                to: BEN,
                period: Period { from: day("2026-02-20"), until: Some(day("2026-03-20")) },
                reason: "休假".into(),
            };
            post::insert_delegations(tx, COMMUNITY, &[delegation]).await?;
            let required = CrossRequirement {
                id: Uuid::from_u128(0xC5),
                post: post_of(SECRETARY_A),
                kind: PostKind::Director,
                organisation: STATION_A,
                period,
            };
            post::insert_cross(tx, COMMUNITY, &[required]).await
        })
    });
    work.await.unwrap();
}

async fn members_on(w: &TestCommunity, branch: Uuid, on: &str) -> Vec<(Uuid, Relation)> {
    let found = party::memberships_on(w.store.read(), COMMUNITY, Some(&[branch]), day(on)).await.unwrap();
    let mut found: Vec<_> = found.iter().map(|m| (m.person, m.relation)).collect();
    found.sort_unstable_by_key(|(person, _)| *person);
    found
}

on_both! {
    async fn who_may_draft_and_decide(w) {
        let draft = drafted(&w, "2026-03-01", &[rename(STATION_A, "House A"), rename(STATION_B, "House B")]).await;
        for (n, who) in w.everyone().await.iter().enumerate() {
            let expected = match n {
                0 => "sign_in_first",
                8 => continue,
                _ => "forbidden",
            };
            let app = &w.app;
            let outcomes = [
                reorganisation::draft(app, who, &typed("2026-03-01")).await.map(|_| ()),
                reorganisation::edit(app, who, draft, &typed("2026-03-01")).await,
                reorganisation::add_step(app, who, draft, &rename(HOTEL, "Inn")).await,
                reorganisation::remove_step(app, who, draft, 0).await,
                reorganisation::advance_step(app, who, draft, 1).await,
                reorganisation::withdraw(app, who, draft).await,
                reorganisation::put_in_force(app, who, draft).await,
            ];
            for outcome in outcomes {
                assert_eq!(code(outcome), expected, "{who:?}");
            }
            // Who may not reorganise knows nothing of a draft.
            assert_eq!(code(reorganisation::show(app, who, draft).await.map(|_| ())), "not_found");
            assert_eq!(reorganisation::list(app, who, None, ALL).await.unwrap().total, 0);
            let asked = Some(ReorganisationState::Draft);
            assert_eq!(reorganisation::list(app, who, asked, ALL).await.unwrap().total, 0);
        }
        let staff = w.viewer(SUBDISTRICT).await;
        assert_eq!(reorganisation::list(&w.app, &staff, None, ALL).await.unwrap().total, 1);
        reorganisation::put_in_force(&w.app, &staff, draft).await.unwrap();
        let seen = reorganisation::show(&w.app, &Viewer::Guest, draft).await.unwrap();
        assert!(!seen.may_edit);
        assert_eq!(seen.differences(), [(STATION_A, Difference::Renamed), (STATION_B, Difference::Renamed)]);
        assert_eq!(reorganisation::list(&w.app, &Viewer::Guest, None, ALL).await.unwrap().total, 1);
    }

    async fn everything_follows_and_the_past_stays(w) {
        with_party(&w).await;
        let before = names_on(&w, "2026-02-28").await;
        let id = drafted(&w, "2026-03-01", &[
            create("Station", "social_work_station", Some(DEPARTMENT), AREA_A),
            merge(&[BRANCH_1], BRANCH_2),
            move_line(BRANCH_2, Some(BRANCH_A)),
        ])
        .await;
        let (staff, station) = (w.viewer(SUBDISTRICT).await, first_made(&w, id).await);
        reorganisation::add_step(&w.app, &staff, id, &merge(&[STATION_A], station)).await.unwrap();
        assert_eq!(faults(&w, id).await, []);
        let preview = reorganisation::show(&w.app, &staff, id).await.unwrap();
        reorganisation::put_in_force(&w.app, &staff, id).await.unwrap();

        // The day is as the preview said, and the day before as it was.
        let stored = reorganisation::show(&w.app, &staff, id).await.unwrap();
        assert_eq!(stored.differences(), preview.differences());
        assert_eq!(stored.shapes(), preview.shapes());
        assert_eq!(names_on(&w, "2026-02-28").await, before);
        let now = names_on(&w, "2026-03-01").await;
        assert!(now.contains(&"Station".to_owned()) && !now.iter().any(|n| n == "Station A" || n == "Branch 1"));
        let view = structure::organisation(&w.app, &staff, station, None).await.unwrap();
        assert_eq!(view.history[0].reorganisation, Some(id));

        // Who held the post holds it there, and so does who stands in for them.
        assert_eq!(posts_in(&w, WORKER_A, "2026-02-28").await, [STATION_A]);
        assert_eq!(posts_in(&w, WORKER_A, "2026-03-01").await, [station]);
        let filter = DelegationFilter { to: Some(BEN), ..DelegationFilter::default() };
        let acts = post::delegations(w.store.read(), COMMUNITY, &filter).await.unwrap();
        let days: Vec<_> = acts.iter().map(|d| (d.period.from.to_string(), d.period.until.unwrap().to_string())).collect();
        assert_eq!(days, [("2026-02-20".into(), "2026-03-01".into()), ("2026-03-01".into(), "2026-03-20".to_owned())]);
        assert!(w.viewer(WORKER_A).await.actor().unwrap().is_staff() && w.viewer(BEN).await.actor().unwrap().is_staff());
        let required = post::cross_requirements(w.store.read(), COMMUNITY, None).await.unwrap();
        let at: Vec<_> = required.iter().map(|r| (r.organisation, r.period.until)).collect();
        assert_eq!(at, [(STATION_A, Some(day("2026-03-01"))), (station, None)]);

        // Members, their transfers and what the branch was set up in.
        let home = Relation::Home;
        assert_eq!(members_on(&w, BRANCH_1, "2026-02-28").await, [(ANNA, home), (CARL, Relation::Registered)]);
        assert_eq!(members_on(&w, BRANCH_2, "2026-02-28").await, [(ANNA, Relation::Registered), (CARL, home)]);
        assert_eq!(members_on(&w, BRANCH_2, "2026-03-01").await, [(ANNA, home), (CARL, home)]);
        assert_eq!(members_on(&w, BRANCH_2, "2026-06-01").await, [(ANNA, home), (BEN, home), (CARL, home)]);
        assert_eq!(members_on(&w, BRANCH_1, "2026-06-01").await, []);
        let transfer = async |n: u128| {
            let found = party::transfer(w.store.read(), COMMUNITY, Uuid::from_u128(0x7F00 + n)).await.unwrap().unwrap();
            (found.from, found.to, found.state)
        };
        assert_eq!(transfer(1).await, (BRANCH_1, BRANCH_2, TransferState::Withdrawn));
        assert_eq!(transfer(2).await, (BRANCH_2, BRANCH_A, TransferState::Asked));
        let hosted = async |on| hosting::hostings_on(w.store.read(), COMMUNITY, day(on)).await.unwrap()[0].branch;
        assert_eq!((hosted("2026-02-28").await, hosted("2026-03-01").await), (BRANCH_1, BRANCH_2));

        // Done once, with its records.
        assert_eq!(code(reorganisation::put_in_force(&w.app, &staff, id).await), "reorganisation_decided");
        assert_eq!(code(reorganisation::withdraw(&w.app, &staff, id).await), "reorganisation_decided");
        assert_eq!(code(reorganisation::add_step(&w.app, &staff, id, &rename(HOTEL, "Inn")).await), "reorganisation_decided");
        let actions: Vec<String> = w.records().await.into_iter().map(|r| r.action).collect();
        let count = |action: &str| actions.iter().filter(|a| *a == action).count();
        assert_eq!(count("organisation.reorganise"), 4);
        assert_eq!((count("post.move"), count("reorganisation.put_in_force")), (1, 1));
        assert_eq!(record::verify_all(&w.app).await.unwrap().broken_at, None);
    }

    async fn what_can_not_be_is_refused_and_changes_nothing(w) {
        with_party(&w).await;
        let staff = w.viewer(SUBDISTRICT).await;
        let later = Appointment {
            id: Uuid::from_u128(0xA1),
            post: post_of(UNA),
            person: CARL,
            period: Period { from: day("2026-05-01"), until: None },
            note: String::new(),
        };
        let work = w.store.write::<_, tongxin_store::Error, _>(move |tx| {
            Box::pin(async move { post::insert_appointments(tx, COMMUNITY, &[later]).await })
        });
        work.await.unwrap();
        let cases: [(Vec<StepForm>, Vec<Fault>); 6] = [
            (vec![close(STATION_A, None)], vec![Fault::PostLeft { post: post_of(WORKER_A) }]),
            (vec![close(BRANCH_1, None)], vec![Fault::MembersLeft { organisation: BRANCH_1, members: 3 }]),
            (
                vec![of_post("end_post", post_of(UNA), None)],
                vec![Fault::AppointedLater { post: post_of(UNA), on: day("2026-05-01") }],
            ),
            (
                vec![move_line(BRANCH_1, Some(BRANCH_A)), move_line(BRANCH_A, Some(BRANCH_1))],
                vec![Fault::Circle { organisations: vec![BRANCH_1, BRANCH_A] }],
            ),
            (
                vec![close(STATION_A, Some(STATION_B)), rename(STATION_A, "House A")],
                vec![Fault::NotThere { step: 1, organisation: STATION_A }],
            ),
            (vec![], vec![]),
        ];
        for (steps, expected) in cases {
            let id = drafted(&w, "2026-03-01", &steps).await;
            assert_eq!(faults(&w, id).await, expected);
            let (rows, records, before) = (w.rows().await, w.records().await.len(), names_on(&w, "2026-03-01").await);
            let refused = if expected.is_empty() { "reorganisation_empty" } else { "reorganisation_faulty" };
            assert_eq!(code(reorganisation::put_in_force(&w.app, &staff, id).await), refused);
            assert_eq!((w.rows().await, w.records().await.len()), (rows, records));
            assert_eq!(names_on(&w, "2026-03-01").await, before);
        }
    }

    async fn a_later_day_comes_by_itself(w) {
        let id = drafted(&w, "2026-03-04", &[
            create("Bureau", "department", Some(DEPARTMENT), ROOT),
            rename(STATION_A, "House A"),
            of_post("move_post", post_of(WORKER_B), Some(STATION_A)),
        ])
        .await;
        let staff = w.viewer(SUBDISTRICT).await;
        reorganisation::put_in_force(&w.app, &staff, id).await.unwrap();
        let name = async |id| people::show(&w.app, &staff, id, false).await.unwrap().member.draft.name;
        assert_eq!((name(STATION_A).await.as_str(), tick::run(&w.app).await.unwrap().followed), ("Station A", 0));
        assert!(!names_on(&w, "2026-03-03").await.contains(&"Bureau".to_owned()));
        assert_eq!(posts_in(&w, WORKER_B, "2026-03-03").await, [STATION_B]);
        assert_eq!(posts_in(&w, WORKER_B, "2026-03-04").await, [STATION_A]);
        // A second one may build on it, and must not overrun it.
        let sooner = drafted(&w, "2026-03-03", &[rename(STATION_A, "Home A")]).await;
        assert_eq!(faults(&w, sooner).await, [Fault::LaterChange { organisation: STATION_A, on: day("2026-03-04") }]);
        let after = drafted(&w, "2026-03-05", &[rename(STATION_A, "Home A")]).await;
        reorganisation::put_in_force(&w.app, &staff, after).await.unwrap();
        let first = reorganisation::show(&w.app, &staff, id).await.unwrap();
        let bureau = first_made(&w, id).await;
        assert_eq!(first.differences(), [(bureau, Difference::Founded), (STATION_A, Difference::Renamed)]);
        w.clock.advance(hours(48));
        assert_eq!(tick::run(&w.app).await.unwrap().followed, 1);
        assert_eq!((name(STATION_A).await.as_str(), name(bureau).await.as_str()), ("House A", "Bureau"));
        w.clock.advance(hours(24));
        assert_eq!(tick::run(&w.app).await.unwrap().followed, 1);
        assert_eq!(tick::run(&w.app).await.unwrap().followed, 0);
        assert_eq!(name(STATION_A).await, "Home A");
    }

    async fn a_closed_one_keeps_its_member_row(w) {
        let id = drafted(&w, "2026-03-01", &[close(STATION_A, Some(STATION_B)), of_post("end_post", post_of(UNA), None)]).await;
        let staff = w.viewer(SUBDISTRICT).await;
        reorganisation::put_in_force(&w.app, &staff, id).await.unwrap();
        let kept = people::show(&w.app, &staff, STATION_A, false).await.unwrap();
        assert_eq!(kept.member.draft.name, "Station A");
        let view = structure::organisation(&w.app, &staff, STATION_A, None).await.unwrap();
        assert_eq!((view.now, view.history.len()), (None, 1));
        assert_eq!(posts_in(&w, WORKER_A, "2026-03-01").await, [STATION_B]);
        assert_eq!((posts_in(&w, UNA, "2026-02-28").await, posts_in(&w, UNA, "2026-03-01").await), (vec![HOTEL], vec![]));
        let actions: Vec<String> = w.records().await.into_iter().map(|r| r.action).collect();
        assert!(actions.contains(&"post.end".to_owned()));
    }

    async fn a_draft_is_changed_step_by_step(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        let bad = ReorganisationForm { title: " ".into(), text: "字".repeat(2_001), effective_on: "2026-02-30".into() };
        let told = [("title", "required"), ("text", "too_long"), ("effective_on", "bad_date")];
        assert_eq!(problems(reorganisation::draft(&w.app, &staff, &bad).await), told);
        let split = |parts: &str| StepForm {
            step: "split".into(),
            organisation: Some(DEPARTMENT),
            parts: parts.into(),
            goes_on: true,
            ..StepForm::default()
        };
        let id = drafted(&w, "2026-03-05", &[split("First\n\nSecond "), rename(HOTEL, "Inn"), rename(HOTEL, "House")]).await;
        assert_eq!(problems(reorganisation::edit(&w.app, &staff, id, &bad).await), told);
        let refused = async |step: StepForm| problems(reorganisation::add_step(&w.app, &staff, id, &step).await);
        assert_eq!(refused(StepForm { step: "fold".into(), ..StepForm::default() }).await, [("step", "unknown_choice")]);
        assert_eq!(
            refused(StepForm { step: "create".into(), ..StepForm::default() }).await,
            [("name", "required"), ("kind", "unknown_choice"), ("place", "unknown_choice")]
        );
        assert_eq!(refused(merge(&[], HOTEL)).await, [("from", "required")]);
        assert_eq!(refused(close(Uuid::from_u128(9), None)).await, [("organisation", "unknown_choice")]);
        assert_eq!(refused(split(&"x\n".repeat(13))).await, [("parts", "too_many")]);
        assert_eq!(refused(split("")).await, [("parts", "required")]);
        assert_eq!(refused(of_post("end_post", Uuid::nil(), None)).await, [("post", "unknown_choice")]);

        reorganisation::advance_step(&w.app, &staff, id, 2).await.unwrap();
        assert_eq!(code(reorganisation::advance_step(&w.app, &staff, id, 0).await), "not_found");
        let view = reorganisation::show(&w.app, &staff, id).await.unwrap();
        let Step::Split { parts, .. } = &view.reorganisation.steps[0] else { panic!("{view:?}") };
        assert_eq!(parts.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["First", "Second"]);
        assert_eq!(view.after.unwrap().get(HOTEL).unwrap().name, "Inn");
        reorganisation::remove_step(&w.app, &staff, id, 2).await.unwrap();
        assert_eq!(code(reorganisation::remove_step(&w.app, &staff, id, 2).await), "not_found");
        // A further step may be about what an earlier one makes, and is found by its name.
        let view = reorganisation::show(&w.app, &staff, id).await.unwrap();
        let found = reorganisation::choices(&w.app, &view, "second 、hou").await.unwrap();
        let names: Vec<_> = found.organisations.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["Second", "House"]);
        assert_eq!((found.posts.len(), found.posts[0].id, found.more), (1, post_of(UNA), false));
        reorganisation::add_step(&w.app, &staff, id, &merge(&[HOTEL], found.organisations[0].0)).await.unwrap();
        assert_eq!(faults(&w, id).await, []);

        reorganisation::withdraw(&w.app, &staff, id).await.unwrap();
        assert_eq!(code(reorganisation::put_in_force(&w.app, &staff, id).await), "reorganisation_decided");
        let view = reorganisation::show(&w.app, &staff, id).await.unwrap();
        assert_eq!(view.reorganisation.state, ReorganisationState::Withdrawn);
        let none = reorganisation::show(&w.app, &staff, Uuid::nil()).await;
        assert_eq!(code(none.map(|_| ())), "not_found");
    }
}
