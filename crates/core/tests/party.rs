//! Properties of the development of members, of transfers and of branch sizes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use tongxin_core::{
    community::OrganisationKind,
    invalid::Problems,
    people::{
        development::{
            Act, Ballot, Development, Matter, Stage, Step, StepKind,
            belonging::{Change, Standing, changed, check_last, follow, unfollow},
            input::{StepForm, check_step},
            later, notice_ends,
            rules::DevelopmentRules,
        },
        membership::{
            Membership, Relation, SIZE_RULES, Side, SizeAdvice, Transfer, TransferState, TransferStep, check_new,
            moved, size_advice,
        },
    },
    period::Period,
};
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn plus(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap()
}

const UNANIMOUS: Ballot =
    Ballot { entitled: 9, present: 7, in_favour: 7, against: 0, written_in_favour: 1, written_against: 0 };

/// A step of this kind that has all that it needs, but for its day.
fn step(kind: StepKind, on: NaiveDate, stage: Stage) -> Step {
    let act = match (kind, kind.matter()) {
        (_, Some(matter)) => {
            Act::Vote { matter, ballot: UNANIMOUS, months: if matter == Matter::Extension { 6 } else { 0 } }
        }
        (StepKind::Candidate, _) => Act::Candidate { notice_from: on.checked_sub_days(Days::new(8)) },
        (StepKind::Training, _) => Act::Training { days: 3, class_hours: 0 },
        (StepKind::TakenOver, _) => Act::TakenOver { stage },
        (kind, _) => Act::Plain(kind),
    };
    Step { on, act }
}

const BORN: &str = "1990-05-06";
const FAR: &str = "2100-01-01";

fn check(state: &Development, step: &Step) -> Result<(), (&'static str, String)> {
    state.check(step, Some(day(BORN)), 9, day(FAR)).map_err(|p| {
        let earliest = p.args.iter().find(|(name, _)| *name == "earliest").map(|(_, v)| v.clone());
        (p.code, earliest.unwrap_or_default())
    })
}

/// What is tried: the next step, or any; so many days after the last one.
fn tries() -> impl Strategy<Value = Vec<(Option<usize>, u64)>> {
    let any_kind = proptest::option::weighted(0.3, 0..StepKind::ALL.len());
    proptest::collection::vec((any_kind, prop_oneof![0_u64..40, 200_u64..420]), 1..60)
}

proptest! {
    /// However steps come: no stage is reached before the shortest periods have passed, and none is left out.
    #[test]
    fn nobody_is_early(tries in tries(), start in 0_u64..4_000) {
        let mut steps: Vec<Step> = Vec::new();
        let mut state = Development::default();
        let mut today = plus(day("2012-01-01"), start);
        for (kind, wait) in tries {
            today = plus(today, wait);
            let kind = kind.map_or_else(|| state.next(today).map_or(StepKind::Apply, |n| n.kind), |i| StepKind::ALL[i]);
            // Who is taken over from a file has its periods there; here everybody begins with an application.
            if kind == StepKind::TakenOver {
                continue;
            }
            let step = step(kind, today, Stage::Full);
            let before = state;
            if check(&state, &step).is_err() {
                prop_assert_eq!(Development::of(&steps), before);
                continue;
            }
            steps.push(step);
            state = Development::of(&steps);
            prop_assert_eq!(state, Development::as_of(&steps, today));
            let last_of = |kind: StepKind| steps.iter().rev().find(|s| s.kind() == kind).map(|s| s.on);
            if state.stage >= Some(Stage::Activist) {
                prop_assert!(last_of(StepKind::Talk) >= last_of(StepKind::Apply));
            }
            if state.stage >= Some(Stage::Candidate) {
                prop_assert!(last_of(StepKind::Candidate).unwrap() >= later(last_of(StepKind::Activist).unwrap(), 12));
            }
            if state.stage >= Some(Stage::Probationary) {
                prop_assert!(last_of(StepKind::AdmissionVote) >= last_of(StepKind::Training));
                prop_assert!(last_of(StepKind::Approval).is_some());
            }
            if state.stage == Some(Stage::Probationary) {
                let admitted = state.since.unwrap();
                prop_assert!(state.probation_until.unwrap() >= later(admitted, 12));
                prop_assert!(state.probation_until.unwrap() <= later(later(admitted, 12), 12));
            }
            if state.stage == Some(Stage::Full) {
                let admission = steps.iter().rev().find(|s| s.kind() == StepKind::AdmissionVote).unwrap().on;
                prop_assert!(state.since.unwrap() >= later(admission, 12));
                prop_assert!(last_of(StepKind::ConversionVote).unwrap() >= state.since.unwrap());
                prop_assert!(admission >= later(last_of(StepKind::Activist).unwrap(), 12));
            }
        }
    }

    /// The two thresholds are what counting heads one by one says.
    #[test]
    fn votes_are_what_counting_heads_says(heads in proptest::collection::vec(0_u8..6, 1..60)) {
        let count = |what: &[u8]| heads.iter().filter(|h| what.contains(h)).count() as u64;
        // 0 present in favour, 1 present against, 2 present and abstaining, 3 absent with a written yes, 4 with a no, 5 absent.
        let ballot = Ballot {
            entitled: heads.len() as u64,
            present: count(&[0, 1, 2]),
            in_favour: count(&[0]),
            against: count(&[1]),
            written_in_favour: count(&[3]),
            written_against: count(&[4]),
        };
        prop_assert!(ballot.check().is_ok());
        let rules = DevelopmentRules::on(day("2026-06-01"));
        prop_assert_eq!(ballot.is_held(rules.quorum.value), count(&[0, 1, 2]) > count(&[3, 4, 5]));
        prop_assert_eq!(ballot.passes(rules.majority.value), count(&[0, 3]) > count(&[1, 2, 4, 5]));
        for wrong in [
            Ballot { present: ballot.entitled + 1, ..ballot },
            Ballot { in_favour: ballot.present + 1, ..ballot },
            Ballot { against: ballot.present - ballot.in_favour + 1, ..ballot },
            Ballot { written_in_favour: ballot.entitled - ballot.present + 1, ..ballot },
            Ballot { written_against: ballot.entitled - ballot.present - ballot.written_in_favour + 1, ..ballot },
        ] {
            prop_assert_eq!(wrong.check().unwrap_err().code, "party_ballot_count");
        }
    }

    /// A step comes back from what is stored of it.
    #[test]
    fn steps_are_stored_without_loss(kind in 0..StepKind::ALL.len(), stage in 0..Stage::ALL.len(), days in 0_u64..9_000) {
        let kind = StepKind::ALL[kind];
        let step = step(kind, plus(day("2010-01-01"), days), Stage::ALL[stage]);
        prop_assert_eq!(step.kind(), kind);
        let text = serde_json::to_string(&step.data()).unwrap();
        let data = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(Step::from_data(kind, step.on, &data), Some(step));
    }

    /// Whatever memberships are let in, nobody has two homes on any day.
    #[test]
    fn one_home_at_a_time(tried in proptest::collection::vec((0_u64..30, proptest::option::of(1_u64..9), 0_u128..3, 0..3_usize), 0..12)) {
        let mut held: Vec<Membership> = Vec::new();
        for (n, (from, length, branch, relation)) in tried.into_iter().enumerate() {
            let from = plus(day("2026-01-01"), from);
            let new = Membership {
                id: Uuid::from_u128(n as u128),
                person: Uuid::nil(),
                branch: Uuid::from_u128(branch),
                relation: Relation::ALL[relation],
                period: Period { from, until: length.map(|n| plus(from, n)) },
            };
            if check_new(&held, &new).is_ok() {
                held.push(new);
            }
        }
        for n in 0..45 {
            let today = plus(day("2026-01-01"), n);
            let now: Vec<_> = held.iter().filter(|m| m.period.contains(today)).collect();
            prop_assert!(now.iter().filter(|m| m.is_whole()).count() <= 1);
            let mut branches: Vec<_> = now.iter().map(|m| m.branch).collect();
            branches.sort_unstable();
            branches.dedup();
            prop_assert_eq!(branches.len(), now.len(), "in one branch in one way only");
        }
    }

    /// A transfer ends once, by who may end it, and the home is somewhere on every day.
    #[test]
    fn a_transfer_ends_once(steps in proptest::collection::vec((0..4_usize, 0..3_usize, 0_u64..5), 0..12)) {
        let mut transfer = asked();
        let mut on = transfer.asked_on;
        let mut ended = 0;
        for (step, side, wait) in steps {
            let step = TransferStep::ALL[step];
            let side = [Side::Member, Side::From, Side::To][side];
            on = plus(on, wait);
            let before = transfer.clone();
            if transfer.take(step, &[side], on, String::new()).is_err() {
                prop_assert_eq!(&transfer, &before);
                continue;
            }
            prop_assert!(before.state.is_open() && before.allows(step, side));
            ended += usize::from(!transfer.state.is_open());
            if transfer.state == TransferState::Accepted {
                prop_assert!(transfer.handed_over_on.is_some() && side == Side::To);
                let home = home_since("2020-01-01");
                let (old, new) = moved(&transfer, std::slice::from_ref(&home), Uuid::from_u128(77), on).unwrap();
                prop_assert_eq!((old.period.until, new.period, new.branch), (Some(on), Period::since(on), transfer.to));
            }
        }
        prop_assert!(ended <= 1);
    }
}

proptest! {
    /// Whatever step comes, taking it back leaves everything as it was before: where the person stands, where it belongs, and
    /// so what is possible and from when. A second step on the same day, and registrations, don't matter.
    #[test]
    fn a_step_taken_back_leaves_nothing_behind(tries in tries(), registered in 0_u64..2_000) {
        let branch = Uuid::from_u128(1);
        let registration = Membership {
            id: Uuid::from_u128(2),
            person: Uuid::nil(),
            branch: Uuid::from_u128(3),
            relation: Relation::Registered,
            period: Period::since(plus(day("2015-01-01"), registered)),
        };
        let (mut steps, mut held) = (Vec::<Step>::new(), vec![registration]);
        let mut on = day("2021-01-04");
        for (n, (any, days)) in tries.into_iter().enumerate() {
            on = plus(on, days);
            let before = Development::of(&steps);
            let next = before.next(on).map_or(StepKind::Apply, |next| next.kind);
            let new = step(any.map_or(next, |at| StepKind::ALL[at]), on, Stage::ALL[n % Stage::ALL.len()]);
            if check(&before, &new).is_err() {
                continue;
            }
            let matter = before.pending.map(|p| p.matter);
            let id = Uuid::from_u128(0x100 + n as u128);
            let fresh = Membership { id, person: Uuid::nil(), branch, relation: Relation::Home, period: Period::since(on) };
            let Ok(done) = follow(&held, (&new, matter), &fresh, on) else { continue };
            let after = changed(held.clone(), &done);
            let undone = unfollow(&after, (&new, matter), branch, on).unwrap();
            prop_assert_eq!(&changed(after.clone(), &undone), &held, "{:?}", new);
            // Another step of the kind is as possible as before.
            prop_assert_eq!(Development::of(&steps), before);
            held = after;
            steps.push(new);
        }
        let whole = |m: &&Membership| m.is_whole();
        for (at, one) in held.iter().filter(whole).enumerate() {
            for other in held.iter().filter(whole).skip(at + 1) {
                prop_assert!(!one.period.overlaps(&other.period));
            }
        }
    }

    /// Only the last step that stands can be taken back, and each once.
    #[test]
    fn only_the_last_step_is_taken_back(mut back in proptest::collection::vec(any::<bool>(), 1..9)) {
        let steps = |back: &[bool]| -> Vec<Standing> {
            back.iter().enumerate().map(|(n, taken_back)| Standing { id: Uuid::from_u128(n as u128), taken_back: *taken_back }).collect()
        };
        let last = back.iter().rposition(|taken_back| !taken_back);
        for at in 0..back.len() {
            let found = check_last(steps(&back), Uuid::from_u128(at as u128)).map_err(|p| p.code);
            let expected = match (back[at], Some(at) == last) {
                (true, _) => Err("party_step_taken_back"),
                (false, true) => Ok(()),
                (false, false) => Err("party_step_not_last"),
            };
            prop_assert_eq!(found, expected);
        }
        if let Some(last) = last {
            back[last] = true;
            prop_assert!(check_last(steps(&back), Uuid::from_u128(last as u128)).is_err());
        }
    }
}

#[test]
fn who_moved_since_cannot_be_put_back() {
    let branch = Uuid::from_u128(1);
    let (apply, left) =
        (Step::plain(StepKind::Apply, day("2024-01-08")), Step::plain(StepKind::Left, day("2025-06-02")));
    let home = home_since("2020-01-01");
    let code = |held: &[Membership], step: &Step| unfollow(held, (step, None), branch, step.on).map_err(|p| p.code);
    assert_eq!(code(&[], &apply), Err("party_moved_since"));
    let approval = Step::plain(StepKind::Approval, day("2025-06-02"));
    let elsewhere = Membership { id: Uuid::from_u128(8), branch: Uuid::from_u128(9), ..home_since("2025-07-01") };
    assert_eq!(
        unfollow(std::slice::from_ref(&elsewhere), (&approval, Some(Matter::Admission)), branch, approval.on)
            .map_err(|p| p.code),
        Err("party_moved_since")
    );
    // At home elsewhere since: two homes can't be.
    let gone = Membership { branch, period: Period { until: Some(left.on), ..home.period }, ..home };
    assert_eq!(code(&[gone.clone(), elsewhere], &left), Err("party_one_home"));
    assert!(matches!(code(&[gone], &left).unwrap().as_slice(), [Change::Become(m)] if m.period.until.is_none()));
}

fn asked() -> Transfer {
    Transfer {
        id: Uuid::from_u128(1),
        person: Uuid::nil(),
        from: Uuid::from_u128(2),
        to: Uuid::from_u128(3),
        state: TransferState::Asked,
        reason: "迁居".into(),
        asked_on: day("2026-03-02"),
        handed_over_on: None,
        decided_on: None,
        note: String::new(),
    }
}

fn home_since(from: &str) -> Membership {
    Membership {
        id: Uuid::from_u128(9),
        person: Uuid::nil(),
        branch: Uuid::from_u128(2),
        relation: Relation::Home,
        period: Period::since(day(from)),
    }
}

/// The whole way, each step on its first possible day; the day before is refused with that day.
#[test]
fn the_shortest_way_takes_two_years() {
    let mut steps: Vec<Step> = Vec::new();
    let way = [
        (StepKind::Apply, "2023-01-10"),
        (StepKind::Talk, "2023-01-10"),
        (StepKind::Activist, "2023-01-31"),
        (StepKind::Candidate, "2024-01-31"),
        (StepKind::Training, "2024-02-05"),
        (StepKind::AdmissionVote, "2024-02-29"),
        (StepKind::Approval, "2024-03-01"),
        (StepKind::ConversionVote, "2025-02-28"),
        (StepKind::Approval, "2025-03-01"),
    ];
    for (kind, on) in way {
        let state = Development::of(&steps);
        let on = day(on);
        let eve = step(kind, on.pred_opt().unwrap(), Stage::Full);
        if matches!(kind, StepKind::Candidate | StepKind::ConversionVote) {
            assert_eq!(check(&state, &eve), Err(("party_too_early", on.to_string())));
        }
        if kind != StepKind::Apply {
            let next = state.next(on).unwrap();
            assert_eq!(next.kind, kind);
            assert!(next.is_open(on) && !next.is_overdue(on));
        }
        let taken = step(kind, on, Stage::Full);
        assert_eq!(check(&state, &taken), Ok(()), "{kind}");
        steps.push(taken);
    }
    let state = Development::of(&steps);
    assert_eq!((state.stage, state.since), (Some(Stage::Full), Some(day("2025-02-28"))));
    assert_eq!(Development::as_of(&steps, day("2024-02-29")).stage, Some(Stage::Candidate));
    assert_eq!(Development::as_of(&steps, day("2024-03-01")).since, Some(day("2024-02-29")));
    assert_eq!(state.next(day(FAR)), None);
}

#[test]
fn refusals_say_why_and_from_when() {
    let apply = step(StepKind::Apply, day("2026-01-01"), Stage::Full);
    let none = Development::default();
    let code = |outcome: Result<(), tongxin_core::invalid::Problem>| outcome.unwrap_err().code;
    let child = none.check(&apply, Some(day("2008-02-29")), 9, day(FAR)).unwrap_err();
    assert_eq!((child.code, child.args[1].1.as_str()), ("party_under_age", "2026-02-28"));
    assert!(child.args.iter().any(|(name, value)| *name == "article" && value == "第五条"));
    assert_eq!(code(none.check(&apply, None, 9, day(FAR))), "party_no_birth_date");
    assert_eq!(code(none.check(&apply, Some(day(BORN)), 9, day("2025-12-31"))), "party_in_the_future");
    assert_eq!(
        check(&none, &step(StepKind::Activist, day("2026-01-01"), Stage::Full)).unwrap_err().0,
        "party_wrong_stage"
    );

    let applied = Development::of(&[apply]);
    let talk = applied.next(day("2026-02-02")).unwrap();
    assert_eq!(
        (talk.kind, talk.due, talk.is_overdue(day("2026-02-02"))),
        (StepKind::Talk, Some(day("2026-02-01")), true)
    );
    assert_eq!(
        check(&applied, &step(StepKind::Activist, day("2026-01-02"), Stage::Full)).unwrap_err().0,
        "party_talk_first"
    );
    assert_eq!(
        check(&applied, &step(StepKind::Talk, day("2025-12-31"), Stage::Full)).unwrap_err().0,
        "party_before_last"
    );

    let candidate = Development::of(&[step(StepKind::TakenOver, day("2026-06-01"), Stage::Candidate)]);
    let vote = step(StepKind::AdmissionVote, day("2026-06-09"), Stage::Full);
    assert_eq!(check(&candidate, &vote).unwrap_err().0, "party_training_first");
    let short = Step { on: day("2026-06-02"), act: Act::Training { days: 2, class_hours: 23 } };
    assert_eq!(check(&candidate, &short).unwrap_err().0, "party_course_short");

    let trained = Development::of(&[
        step(StepKind::TakenOver, day("2026-06-01"), Stage::Candidate),
        step(StepKind::Training, day("2026-06-04"), Stage::Full),
    ]);
    let ballot = |ballot: Ballot| Step {
        on: day("2026-06-09"),
        act: Act::Vote { matter: Matter::Admission, ballot, months: 0 },
    };
    let half = Ballot { entitled: 8, present: 4, in_favour: 4, written_in_favour: 4, ..Ballot::default() };
    assert_eq!(check(&trained, &ballot(half)).unwrap_err().0, "party_no_quorum");
    let strangers = Ballot { entitled: 10, present: 10, ..Ballot::default() };
    assert_eq!(check(&trained, &ballot(strangers)).unwrap_err().0, "party_more_than_members");
    // Half of all in favour is not more than half: held, not passed, and voted again another day.
    let split =
        ballot(Ballot { entitled: 8, present: 5, in_favour: 3, against: 1, written_in_favour: 1, ..Ballot::default() });
    assert_eq!(check(&trained, &split), Ok(()));
    let mut steps = vec![split];
    assert_eq!(Development::of(&steps).pending, None);
    steps.insert(0, step(StepKind::TakenOver, day("2026-06-01"), Stage::Candidate));
    steps.insert(1, step(StepKind::Training, day("2026-06-04"), Stage::Full));
    let state = Development::of(&steps);
    assert_eq!(
        check(&state, &step(StepKind::Approval, day("2026-06-10"), Stage::Full)).unwrap_err().0,
        "party_nothing_pending"
    );
    assert_eq!(check(&state, &step(StepKind::AdmissionVote, day("2026-06-10"), Stage::Full)), Ok(()));
}

#[test]
fn an_approval_is_due_in_three_months_and_lapses_after_six() {
    let steps = [
        step(StepKind::TakenOver, day("2025-01-06"), Stage::Candidate),
        step(StepKind::Training, day("2025-01-09"), Stage::Full),
        step(StepKind::AdmissionVote, day("2025-01-10"), Stage::Full),
    ];
    let state = Development::of(&steps);
    let next = state.next(day("2025-04-11")).unwrap();
    assert_eq!(
        (next.kind, next.due, next.is_overdue(day("2025-04-11"))),
        (StepKind::Approval, Some(day("2025-04-10")), true)
    );
    let on = |kind, text: &str| check(&state, &step(kind, day(text), Stage::Full)).map_err(|(code, _)| code);
    assert_eq!(on(StepKind::Approval, "2025-07-10"), Ok(()));
    assert_eq!(on(StepKind::Approval, "2025-07-11"), Err("party_lapsed"));
    assert_eq!(on(StepKind::AdmissionVote, "2025-07-10"), Err("party_pending"));
    assert_eq!(on(StepKind::AdmissionVote, "2025-07-11"), Ok(()), "a lapsed one is voted on again");
    assert_eq!(state.next(day("2025-07-11")).unwrap().kind, StepKind::AdmissionVote);
}

#[test]
fn a_probation_is_extended_once_or_cancelled() {
    let mut steps = vec![step(StepKind::TakenOver, day("2024-03-01"), Stage::Probationary)];
    let state = Development::of(&steps);
    assert_eq!(
        check(&state, &step(StepKind::ExtensionVote, day("2025-02-28"), Stage::Full)).unwrap_err().1,
        "2025-03-01"
    );
    let vote = |months| Step {
        on: day("2025-03-03"),
        act: Act::Vote { matter: Matter::Extension, ballot: UNANIMOUS, months },
    };
    for months in [5, 13] {
        assert_eq!(check(&state, &vote(months)).unwrap_err().0, "party_extension_months");
    }
    steps.push(vote(6));
    steps.push(step(StepKind::Approval, day("2025-03-20"), Stage::Full));
    let state = Development::of(&steps);
    assert_eq!((state.stage, state.probation_until), (Some(Stage::Probationary), Some(day("2025-09-01"))));
    let on = |kind| check(&state, &step(kind, day("2025-09-01"), Stage::Full));
    assert_eq!(on(StepKind::ExtensionVote).unwrap_err().0, "party_extended_already");
    assert_eq!(on(StepKind::ConversionVote), Ok(()));
    assert_eq!(check(&state, &step(StepKind::CancellationVote, day("2025-04-01"), Stage::Full)), Ok(()));
    steps.push(step(StepKind::CancellationVote, day("2025-04-01"), Stage::Full));
    steps.push(step(StepKind::Approval, day("2025-04-09"), Stage::Full));
    let state = Development::of(&steps);
    assert_eq!((state.stage, state.last), (None, Some(day("2025-04-09"))));
    assert_eq!(check(&state, &step(StepKind::Apply, day("2025-04-09"), Stage::Full)), Ok(()), "and may begin anew");
}

#[test]
fn a_step_is_judged_by_the_version_of_its_day() {
    assert_eq!(DevelopmentRules::on(day("2026-05-10")).version, "2014");
    assert_eq!(DevelopmentRules::on(day("2026-05-11")).version, "2026");
    assert_eq!(DevelopmentRules::on(day("1985-07-01")).version, "2014");
    let versions = DevelopmentRules::versions();
    assert!(versions.windows(2).all(|two| two[0].from < two[1].from));
    // Friday to Thursday are five working days; the Friday after is the first day.
    assert_eq!(notice_ends(day("2026-05-15"), 5), day("2026-05-22"));
    let activist = Development::of(&[step(StepKind::TakenOver, day("2025-05-01"), Stage::Activist)]);
    let listed = |on: &str, notice: Option<&str>| {
        let step = Step { on: day(on), act: Act::Candidate { notice_from: notice.map(day) } };
        check(&activist, &step)
    };
    assert_eq!(listed("2026-05-10", None), Ok(()), "the version of 2014 asks for no notice");
    assert_eq!(listed("2026-05-22", None).unwrap_err().0, "required");
    assert_eq!(listed("2026-05-21", Some("2026-05-15")), Err(("party_notice_short", "2026-05-22".into())));
    assert_eq!(listed("2026-05-22", Some("2026-05-15")), Ok(()));
}

#[test]
fn a_form_tells_every_problem_at_once() {
    let codes = |form: &StepForm| {
        let Problems(problems) = check_step(form).unwrap_err();
        problems.iter().map(|p| (p.field, p.code)).collect::<Vec<_>>()
    };
    let form = |step: &str| StepForm { step: step.into(), on: "2026-03-02".into(), ..StepForm::default() };
    assert_eq!(codes(&StepForm::default()), [("step", "unknown_choice"), ("on", "required")]);
    assert_eq!(codes(&form("left")), [("note", "required")]);
    assert_eq!(codes(&form("admission_vote")), [("entitled", "required"), ("present", "required")]);
    let bad = StepForm { days: "three".into(), class_hours: "-1".into(), on: "2026-02-30".into(), ..form("training") };
    assert_eq!(codes(&bad), [("on", "bad_date"), ("days", "bad_quantity"), ("class_hours", "bad_quantity")]);
    let vote = StepForm { entitled: "9".into(), present: "7".into(), in_favour: "6".into(), ..form("admission_vote") };
    let Act::Vote { ballot, matter, months } = check_step(&vote).unwrap().act else { unreachable!() };
    assert_eq!((ballot.entitled, ballot.present, ballot.in_favour, matter, months), (9, 7, 6, Matter::Admission, 0));
}

#[test]
fn sizes_ask_for_what_the_thresholds_say() {
    use OrganisationKind::{Branch, Enterprise, GeneralBranch, JointBranch, PartyCommittee};
    let advice = |kind, own, all| size_advice(&SIZE_RULES, kind, own, all);
    assert_eq!([2, 3, 50].map(|n| advice(Branch, n, n)), [Some(SizeAdvice::MergeIntoJoint), None, None]);
    assert_eq!(advice(JointBranch, 51, 51), Some(SizeAdvice::BecomeGeneralBranch));
    assert_eq!(advice(Branch, 100, 100), Some(SizeAdvice::BecomeGeneralBranch));
    assert_eq!(advice(Branch, 101, 101), Some(SizeAdvice::BecomeCommittee));
    assert_eq!(
        [0, 2, 3].map(|own| advice(GeneralBranch, own, 60)),
        [None, Some(SizeAdvice::MergeIntoJoint), Some(SizeAdvice::FoundBranch)]
    );
    assert_eq!(advice(GeneralBranch, 0, 101), Some(SizeAdvice::BecomeCommittee));
    assert_eq!((advice(PartyCommittee, 0, 400), advice(Enterprise, 1, 1)), (None, None));
}

#[test]
fn a_home_that_changed_meanwhile_does_not_move() {
    let transfer = asked();
    let on = day("2026-03-05");
    let ended = Membership { period: Period { from: day("2020-01-01"), until: Some(on) }, ..home_since("2020-01-01") };
    for held in [vec![], vec![ended], vec![home_since("2026-03-05")]] {
        assert_eq!(moved(&transfer, &held, Uuid::nil(), on).unwrap_err().code, "party_home_changed");
    }
}
