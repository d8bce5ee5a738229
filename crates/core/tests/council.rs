//! Councils: charters, their versions, and the presets.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

#[path = "support/given.rs"]
mod given;

use given::{codes, date, day, id};
use proptest::prelude::*;
use tongxin_core::council::{
    Level, MatterKind, Measure, Office, Secrecy,
    charter::{
        Agenda, Approval, Backers, Body, CallRule, Callers, Carried, Charter, DecisionRule, DutyOrder, DutyRule,
        DutyUnit, ItemRule, Proposer, Public, Quorum, QuorumBy, RollKind, SeatRule, Threshold, VotingRule, Way, adopt,
        found, in_force,
    },
    preset::{self, CharterPart, PresetKind},
};
use tongxin_tally::{
    Fraction,
    majority::{Abstention, Base, Reach, Tie},
};

fn council() -> Charter {
    preset::in_force(PresetKind::CoBuildingCouncil, day(0)).unwrap().charter
}

fn owners() -> Charter {
    preset::in_force(PresetKind::OwnersAssembly, day(0)).unwrap().charter
}

// Charters.

fn fractions() -> impl Strategy<Value = Fraction> {
    (1_u32..20, 1_u32..20).prop_map(|(a, b)| Fraction::new(a.min(b), a.max(b)).unwrap())
}

fn reaches() -> impl Strategy<Value = Reach> {
    prop_oneof![Just(Reach::MoreThan), Just(Reach::AtLeast)]
}

fn measures() -> impl Strategy<Value = Measure> {
    prop::sample::select(Measure::ALL)
}

fn quorums() -> impl Strategy<Value = Quorum> {
    let threshold =
        (measures(), reaches(), fractions()).prop_map(|(measure, reach, share)| Threshold { measure, reach, share });
    (prop::sample::select(QuorumBy::ALL), prop::collection::vec(threshold, 0..3))
        .prop_map(|(by, thresholds)| Quorum { by, thresholds })
}

fn rules() -> impl Strategy<Value = DecisionRule> {
    let bases = prop_oneof![Just(Base::Entitled), Just(Base::Participating), Just(Base::Decided)];
    let approval = (measures(), reaches(), fractions(), bases).prop_map(|(measure, reach, share, of)| Approval {
        measure,
        reach,
        share,
        of,
    });
    let secrecy = prop::option::of(prop::sample::select(Secrecy::ALL));
    (prop::option::of(quorums()), secrecy, prop::collection::vec(approval, 0..3), any::<bool>())
        .prop_map(|(quorum, secrecy, approval, one_by_one)| DecisionRule { quorum, secrecy, approval, one_by_one })
}

fn bodies() -> impl Strategy<Value = Body> {
    let seats = (0_u32..3, 0_u32..3, 0_u32..9, prop::option::of(0_u32..20), 0_u32..3).prop_map(
        |(per_organisation, per_person, least, most, substitutes)| {
            Body::Seats(SeatRule { per_organisation, per_person, least, most, substitutes })
        },
    );
    prop_oneof![seats, prop::sample::select(RollKind::ALL).prop_map(|roll| Body::Roll { roll })]
}

fn charters() -> impl Strategy<Value = Charter> {
    let duty = (0_u32..40, prop::sample::select(DutyUnit::ALL), prop::sample::select(DutyOrder::ALL), any::<bool>())
        .prop_map(|(length, unit, order, swaps)| DutyRule { length, unit, order, swaps, remind_days: length });
    let decisions =
        (quorums(), rules(), prop::collection::btree_map(prop::sample::select(MatterKind::ALL), rules(), 0..4));
    let voting = (prop::sample::subsequence(Way::ALL, 0..=3), 0_u32..50, 0_u32..50, any::<bool>(), 0_u32..3);
    let backers = prop_oneof![(0_u64..9).prop_map(Backers::Count), fractions().prop_map(Backers::Share)];
    let agenda = prop_oneof![Just(Agenda::Together), prop::collection::vec("[a-z]{0,4}", 0..3).prop_map(Agenda::Own)];
    let calls = prop::collection::vec(
        (prop::sample::select(Callers::ALL), fractions()).prop_map(|(of, share)| CallRule { of, share }),
        0..3,
    );
    let items = (prop::sample::subsequence(Proposer::ALL, 0..=4), backers);
    let who = (bodies(), prop::sample::subsequence(Office::ALL, 0..=3), prop::option::of(0_u32..70));
    let rest = (prop::sample::select(Level::ALL), 0_u32..20, prop::sample::subsequence(Public::ALL, 0..=8));
    let ties = prop_oneof![Just(Tie::Fails), Just(Tie::CastingVote)];
    (who, prop::option::of(duty), agenda, items, calls, decisions, voting, rest, ties).prop_map(
        |(who, duty, agenda, items, calls, (quorum, ordinary, others), voting, (level, notice_days, public), tie)| {
            Charter {
                purpose: "共建".into(),
                level,
                body: who.0,
                offices: who.1,
                term_months: who.2,
                duty,
                agenda,
                items: ItemRule { by: items.0, backers: items.1 },
                calls,
                notice_days,
                decisions: tongxin_core::council::charter::Decisions {
                    quorum,
                    secrecy: Secrecy::Open,
                    abstention: Abstention::StaysAway,
                    tie,
                    ordinary,
                    others,
                },
                voting: VotingRule {
                    ways: voting.0,
                    least_hours: voting.1,
                    most_hours: voting.2,
                    change: voting.3,
                    proxies: voting.4,
                    written_before: false,
                },
                public,
            }
        },
    )
}

proptest! {
    #[test]
    fn a_charter_is_the_same_after_it_was_stored(charter in charters()) {
        let text = serde_json::to_string(&charter).unwrap();
        prop_assert_eq!(serde_json::from_str::<Charter>(&text).unwrap(), charter);
    }

    /// Whatever passes the check has no rule that nothing could meet, and none that everything meets.
    #[test]
    fn what_passes_the_check_can_be_decided_under(
        preset in prop::sample::select(preset::all()),
        other in charters(),
        parts in prop::sample::subsequence(vec![0, 1, 2, 3, 4], 0..=2),
    ) {
        let mut charter = preset.charter;
        for part in parts {
            match part {
                0 => charter.body = other.body.clone(),
                1 => charter.decisions.ordinary = other.decisions.ordinary.clone(),
                2 => charter.decisions.others = other.decisions.others.clone(),
                3 => charter.decisions.quorum = other.decisions.quorum.clone(),
                _ => charter.voting = other.voting.clone(),
            }
        }
        if charter.check().is_err() {
            return Ok(());
        }
        for matter in MatterKind::ALL {
            let rule = charter.rule(*matter);
            for approval in rule.approval {
                prop_assert!(charter.body.measures().contains(&approval.measure));
                prop_assert!(approval.share.numerator() > 0);
                let whole = approval.share.numerator() == approval.share.denominator();
                prop_assert!(!(whole && approval.reach == Reach::MoreThan));
            }
            prop_assert!(!rule.approval.is_empty() || *matter == MatterKind::Election);
            if rule.secrecy == Secrecy::Secret {
                prop_assert!(rule.approval.iter().all(|approval| approval.measure != Measure::Area));
            }
        }
    }
}

#[test]
fn what_contradicts_itself_is_told_all_at_once() {
    let share = |numerator, denominator| Fraction::new(numerator, denominator).unwrap();
    let mut charter = owners();
    charter.purpose = " ".into();
    charter.duty = council().duty;
    charter.items.by.push(Proposer::OnDuty);
    charter.decisions.secrecy = Secrecy::Secret;
    charter.decisions.quorum.by = QuorumBy::Represented;
    charter.voting = VotingRule { ways: vec![Way::Hands], least_hours: 9, most_hours: 8, proxies: 0, ..charter.voting };
    let special = charter.decisions.others.get_mut(&MatterKind::Special).unwrap();
    special.approval[1].share = share(1, 3);
    let found = codes(charter.check());
    for expected in [
        ("purpose", "required"),
        ("duty", "charter_duty_without_seats"),
        ("quorum", "charter_represented_without_proxies"),
        ("secrecy", "charter_secret_by_area"),
        ("secrecy", "charter_secret_by_hands"),
        ("approval", "charter_weaker_than_ordinary"),
        ("most_hours", "charter_window_range"),
        ("change", "charter_change_not_online"),
    ] {
        assert!(found.contains(&expected), "{expected:?} is not among {found:?}");
    }

    let mut charter = council();
    charter.offices = vec![Office::Member];
    charter.duty = None;
    charter.body =
        Body::Seats(SeatRule { per_organisation: 0, per_person: 0, least: 5, most: Some(3), substitutes: 0 });
    charter.decisions.ordinary.approval =
        vec![Approval { measure: Measure::Area, reach: Reach::MoreThan, share: share(1, 1), of: Base::Entitled }];
    charter.decisions.others.insert(MatterKind::Ordinary, DecisionRule::default());
    charter.agenda = Agenda::Own(Vec::new());
    charter.items.backers = Backers::Count(4);
    let found = codes(charter.check());
    for expected in [
        ("seats", "charter_no_seats"),
        ("seats_most", "charter_seats_range"),
        ("agenda", "required"),
        ("items", "charter_no_duty"),
        ("items", "charter_no_chair"),
        ("backers", "charter_more_backers_than_seats"),
        ("tie", "charter_casting_without_chair"),
        ("others", "charter_ordinary_twice"),
        ("approval", "charter_share_impossible"),
        ("approval", "charter_measure_unfit"),
        ("approval", "charter_no_majority"),
    ] {
        assert!(found.contains(&expected), "{expected:?} is not among {found:?}");
    }
}

#[test]
fn a_stronger_base_or_reach_is_not_weaker() {
    let half = |reach, of| Approval { measure: Measure::Seats, reach, share: Fraction::HALF, of };
    let mut charter = council();
    let special = |charter: &mut Charter, approval| {
        charter.decisions.others.get_mut(&MatterKind::Special).unwrap().approval = vec![approval];
        charter.check()
    };
    assert!(special(&mut charter, half(Reach::MoreThan, Base::Entitled)).is_ok());
    assert_eq!(
        codes(special(&mut charter, half(Reach::AtLeast, Base::Participating))),
        [("approval", "charter_weaker_than_ordinary")]
    );
    assert!(special(&mut charter, half(Reach::MoreThan, Base::Decided)).is_err());
}

#[test]
fn a_charter_changes_by_a_resolution_under_it() {
    let first = found(council(), date("2026-01-01")).unwrap();
    let mut changed = council();
    changed.notice_days = 10;
    let carried =
        Carried { resolution: id(7), matter: MatterKind::CharterChange, passed: true, on: date("2026-03-01") };
    let versions = [first];
    let second = adopt(&versions, changed.clone(), date("2026-04-01"), carried).unwrap();
    assert_eq!((second.number, second.resolution), (2, Some(id(7))));
    let not = |by, from: &str| codes(adopt(&versions, changed.clone(), date(from), by));
    assert_eq!(not(Carried { passed: false, ..carried }, "2026-04-01"), [("resolution", "charter_not_resolved")]);
    let ordinary = Carried { matter: MatterKind::Ordinary, ..carried };
    assert_eq!(not(ordinary, "2026-04-01"), [("resolution", "charter_not_resolved")]);
    assert_eq!(not(carried, "2026-02-28"), [("from", "charter_before_resolution")]);
    let early = Carried { on: date("2025-12-01"), ..carried };
    assert_eq!(not(early, "2026-01-01"), [("from", "charter_before_last")]);
    assert_eq!(codes(adopt(&versions, council(), date("2026-04-01"), carried)), [("charter", "nothing_changes")]);

    let versions = [versions[0].clone(), second];
    let on = |text: &str| in_force(&versions, date(text)).map(|version| version.number);
    assert_eq!(
        (on("2025-12-31"), on("2026-01-01"), on("2026-03-31"), on("2026-04-01")),
        (None, Some(1), Some(1), Some(2))
    );
}

#[test]
fn a_kind_without_a_rule_of_its_own_is_decided_as_the_next() {
    let council = council();
    let own = |matter| council.rule(matter).approval;
    assert_eq!(own(MatterKind::Removal), own(MatterKind::Special));
    assert_eq!(own(MatterKind::Admission), own(MatterKind::Ordinary));
    assert_eq!(council.rule(MatterKind::Election).secrecy, Secrecy::Secret);
    assert_eq!(Backers::Share(Fraction::new(1, 5).unwrap()).needed(11), 3);
    assert_eq!(Backers::Count(3).needed(100), 3);
}

// Presets.

#[test]
fn every_preset_passes_its_check_and_has_no_gap() {
    for kind in PresetKind::ALL {
        let versions = preset::versions(*kind);
        assert!(!versions.is_empty());
        for version in &versions {
            assert_eq!(version.charter.check(), Ok(()), "{kind} {}", version.version);
            assert!(!version.cited.is_empty(), "{kind}");
            let text = serde_json::to_string(&version.charter).unwrap();
            assert_eq!(serde_json::from_str::<Charter>(&text).unwrap(), version.charter);
        }
        for two in versions.windows(2) {
            assert_eq!(two[0].until, Some(two[1].from));
        }
        assert_eq!(versions.last().unwrap().until, None);
    }
    assert_eq!(preset::all().len(), 10);
}

#[test]
fn a_day_has_the_version_of_its_law() {
    let version = |kind, text: &str| preset::in_force(kind, date(text)).map(|preset| (preset.version, preset.compared));
    assert_eq!(version(PresetKind::OwnersAssembly, "2020-12-31"), None);
    assert_eq!(version(PresetKind::OwnersAssembly, "2021-01-01"), Some(("2020", true)));
    assert_eq!(version(PresetKind::ResidentsAssembly, "2025-12-31"), Some(("2018", true)));
    assert_eq!(version(PresetKind::ResidentsCommittee, "2026-01-01"), Some(("2025", false)));
    assert_eq!(version(PresetKind::PartyAdmission, "2026-05-10"), Some(("2014", true)));
    assert_eq!(version(PresetKind::PartyAdmission, "2026-05-11"), Some(("2026", true)));
}

#[test]
fn presets_say_what_the_laws_say() {
    let at = |kind| preset::in_force(kind, date("2025-06-01")).unwrap();
    let share = |numerator, denominator| Fraction::new(numerator, denominator).unwrap();
    let owners = at(PresetKind::OwnersAssembly);
    let thresholds = &owners.charter.decisions.quorum.thresholds;
    assert!(thresholds.iter().all(|t| (t.reach, t.share) == (Reach::AtLeast, share(2, 3))) && thresholds.len() == 2);
    let special = owners.charter.rule(MatterKind::Special).approval;
    assert!(special.iter().all(|a| (a.reach, a.share, a.of) == (Reach::AtLeast, share(3, 4), Base::Participating)));
    assert!(owners.cited.iter().all(|cited| cited.source.article == "第二百七十八条"));

    let assembly = at(PresetKind::ResidentsAssembly).charter;
    let met = |of, asking, all| assembly.calls.iter().any(|call| call.of == of && call.is_met(asking, all));
    assert!(met(Callers::Heads, 200, 1_000) && !met(Callers::Heads, 199, 1_000));
    assert!(met(Callers::Households, 21, 101) && !met(Callers::Households, 20, 101));
    assert!(met(Callers::Groups, 4, 10) && !met(Callers::Groups, 3, 10));

    let committee = at(PresetKind::ResidentsCommittee);
    let seats = committee.charter.seats().unwrap();
    assert_eq!((seats.least, seats.most, committee.charter.term_months), (5, Some(9), Some(60)));
    assert!(committee.cited.iter().all(|cited| cited.part != CharterPart::Majority), "the law was not quoted on it");

    let admission = at(PresetKind::PartyAdmission).charter;
    let rule = admission.rule(MatterKind::Admission);
    assert!(rule.one_by_one && admission.voting.written_before);
    assert_eq!((rule.approval[0].of, rule.approval[0].share), (Base::Entitled, Fraction::HALF));
    let election = at(PresetKind::PartyElection).charter;
    let quorum = election.rule(MatterKind::Election).quorum;
    assert_eq!((quorum.thresholds[0].reach, quorum.thresholds[0].share), (Reach::AtLeast, share(4, 5)));
}
