//! Votes: seats, proxies, papers, the Party's and the residents' rules, elections, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

#[path = "support/given.rs"]
mod given;

#[path = "support/ballot_box.rs"]
mod ballot_box;

use std::collections::{BTreeMap, BTreeSet};

use ballot_box::BallotBox;
use given::{at, codes, id};
use proptest::prelude::*;
use tongxin_core::{
    council::{
        Holder, MatterKind, Measure, Office, Secrecy,
        ballot::{
            Method, Question, Vote, VotePlan,
            cast::{OnlineBallot, SheetKey, Turnout},
            entry::{CountedLine, EntryContent, EntryForm, NamedLine, Standing},
            outcome::{Explanation, Reason, Verdict},
            proxy::Proxy,
            receipt::Receipt,
        },
        charter::{Charter, CharterVersion, QuorumBy, Way, found},
        preset::{self, PresetKind},
        roll::{RollEntry, of_owners, of_seats, quorum_figures},
        seat::{Seat, SeatRole, Sitting, speaks_for},
    },
    people::MemberKind,
    period::Period,
    time::Window,
};
use tongxin_tally::count::{Count, Mark, Outcome, Rule};
use uuid::Uuid;

fn version(kind: PresetKind, change: impl Fn(&mut Charter)) -> CharterVersion {
    let mut charter = preset::in_force(kind, at(0).date_naive()).unwrap().charter;
    change(&mut charter);
    found(charter, "2026-06-01".parse().unwrap()).unwrap()
}

fn plan_of(matter: MatterKind, question: Question, ways: &[Way], minutes: i64) -> VotePlan {
    let window = Window::new(at(0), at(minutes)).unwrap();
    VotePlan { matter, proposal: None, questions: vec![question], ways: ways.to_vec(), window }
}

fn yes_no() -> Question {
    Question { text: "是否同意".into(), options: Vec::new(), method: Method::YesNo }
}

fn choice(method: Method, options: usize) -> Question {
    Question { text: "选举".into(), options: (0..options).map(|n| format!("候选人{n}")).collect(), method }
}

fn roll(count: u128) -> Vec<RollEntry> {
    (10..10 + count).map(|n| RollEntry::of(id(n))).collect()
}

fn all(roll: &[RollEntry]) -> BTreeSet<Uuid> {
    roll.iter().map(|entry| entry.voter).collect()
}

fn standing(roll: &[RollEntry]) -> BTreeMap<Uuid, RollEntry> {
    roll.iter().map(|entry| (entry.voter, *entry)).collect()
}

fn online<'a>(entry: &'a RollEntry, by: Uuid, before: Option<&'a Turnout>, mark: Mark) -> OnlineBallot<'a> {
    OnlineBallot { entry, by, proxy: None, before, marks: vec![mark], receipt: None, replaces: None }
}

/// Enters marks by name as one person and confirms them as another.
fn entered(vote: &Vote, stored: &mut BallotBox, roll: &[RollEntry], way: Way, handed_in: i64, lines: Vec<NamedLine>) {
    let of = standing(roll);
    let form = EntryForm { way, content: EntryContent::Named { lines }, handed_in_at: at(handed_in) };
    let entry = id(5_000 + stored.turnouts().len() as u128);
    let standing = Standing { roll: &of, turnouts: stored.turnouts() };
    let (mut entry, turnouts) = vote.enter(entry, form, standing, id(2), at(60)).unwrap();
    stored.enter(turnouts);
    stored.confirm(vote.confirm(&mut entry, &of, id(3), at(61)).unwrap());
}

fn explained(vote: &Vote, stored: &BallotBox, roll: &[RollEntry]) -> Explanation {
    let turned: BTreeSet<Uuid> = stored.turnouts().keys().copied().collect();
    let silent = vote.silent(roll, &turned).unwrap();
    vote.explain(0, &vote.count(0, &stored.sheets(), &silent).unwrap())
}

proptest! {
    /// Representatives and substitutes of the same seats vote as they like: a seat has one vote, by the last of them where
    /// a vote may be changed, and by the first where not.
    #[test]
    fn a_seat_has_one_vote_whatever_its_substitutes_do(
        change: bool,
        casts in prop::collection::vec((0_usize..3, 0_u128..4, any::<bool>()), 1..20),
    ) {
        let today = at(0).date_naive();
        let since = Period::since("2026-06-01".parse().unwrap());
        let holder = |n| Holder { kind: MemberKind::Organisation, member: id(n) };
        let seats: Vec<Seat> = (0_u32..3).map(|n| Seat {
            id: id(100 + u128::from(n)), number: n + 1, holder: holder(50 + u128::from(n)), office: Office::Member, period: since,
        }).collect();
        let sittings: Vec<Sitting> = seats.iter().zip(0_u128..).flat_map(|(seat, n)| {
            let speaker = move |who: u128, role| Sitting {
                id: id(1_000 + 10 * n + who), seat: id(100 + n), person: id(200 + 10 * n + who), role, period: seat.period,
            };
            [(0, SeatRole::Representative), (1, SeatRole::Substitute), (2, SeatRole::Substitute)].map(|(w, r)| speaker(w, r))
        }).collect();
        let charter = version(PresetKind::CoBuildingCouncil, |charter| {
            charter.voting.change = change;
            charter.decisions.quorum.by = QuorumBy::Present;
        });
        let roll = of_seats(&seats, today);
        let plan = plan_of(MatterKind::Ordinary, yes_no(), &[Way::Online], 600);
        let vote = Vote::open(id(1), plan, &charter, (&roll, all(&roll)), at(0), 0).unwrap();
        let mut stored = BallotBox::default();
        let mut counts: BTreeMap<usize, bool> = BTreeMap::new();
        for (seat, who, yes) in casts {
            let by = id(200 + 10 * seat as u128 + who);
            if speaks_for(&seats[seat], &sittings, by, today).is_none() {
                prop_assert_eq!(who, 3);
                continue;
            }
            let mark = if yes { Mark::Yes } else { Mark::No };
            let ballot = online(&roll[seat], by, stored.turnout(roll[seat].voter), mark);
            match vote.cast(&ballot, at(1)) {
                Ok(accepted) => stored.store(accepted).unwrap(),
                Err(problems) => prop_assert_eq!(problems.0[0].code, "vote_cast_already"),
            }
            if change { counts.insert(seat, yes); } else { counts.entry(seat).or_insert(yes); }
        }
        let explained = explained(&vote, &stored, &roll);
        let Some(Reason::Sums(sums)) = explained.reasons.iter().find(|reason| matches!(reason, Reason::Sums(_))) else {
            unreachable!()
        };
        let yes = counts.values().filter(|yes| **yes).count() as u64;
        prop_assert_eq!((sums.yes, sums.no), (yes, counts.len() as u64 - yes));
        prop_assert_eq!((sums.silent, sums.entitled), (3 - counts.len() as u64, 3));
    }

    /// More than half of those with a vote are there, more than half of all of them say yes; the opinions of the absent,
    /// handed in before, count.
    #[test]
    fn the_party_admits_as_its_rules_say(marks in prop::collection::vec((any::<bool>(), prop::option::of(0_u8..3)), 1..14)) {
        let charter = version(PresetKind::PartyAdmission, |_| {});
        let roll = roll(marks.len() as u128);
        let present: BTreeSet<Uuid> =
            roll.iter().zip(&marks).filter(|(_, (here, _))| *here).map(|(entry, _)| entry.voter).collect();
        let here = present.len();
        let plan = plan_of(MatterKind::Admission, yes_no(), &[Way::Hands, Way::Paper], 60);
        let opened = Vote::open(id(1), plan, &charter, (&roll, present), at(-10), 0);
        if 2 * here <= marks.len() {
            prop_assert_eq!(codes(opened), [("present", "vote_no_quorum")]);
            return Ok(());
        }
        let vote = opened.unwrap();
        let mut stored = BallotBox::default();
        for (entry, (here, mark)) in roll.iter().zip(&marks) {
            let Some(mark) = mark else { continue };
            let marks = vec![[Mark::Yes, Mark::No, Mark::Abstain][usize::from(*mark)].clone()];
            let line = vec![NamedLine { voters: vec![entry.voter], marks }];
            let (way, when) = if *here { (Way::Hands, 5) } else { (Way::Paper, -5) };
            entered(&vote, &mut stored, &roll, way, when, line);
        }
        let yes = marks.iter().filter(|(_, mark)| *mark == Some(0)).count();
        let explained = explained(&vote, &stored, &roll);
        prop_assert_eq!(explained.verdict == Verdict::Passed, 2 * yes > marks.len());
        prop_assert!(matches!(explained.reasons[0], Reason::Quorum(figure) if figure.met && figure.got == here as u64));
    }

    /// More than half of the residents over 18 are there, and more than half of those who are there say yes; who is there and
    /// raises no hand is there.
    #[test]
    fn residents_decide_as_the_law_says(entitled in 1_u128..40, here in 0_u128..40, yes in 0_u128..40) {
        let here = here.min(entitled);
        let yes = yes.min(here);
        let charter = version(PresetKind::ResidentsAssembly, |_| {});
        let roll = roll(entitled);
        let present: BTreeSet<Uuid> = roll.iter().take(here as usize).map(|entry| entry.voter).collect();
        let live = quorum_figures(&charter.charter.decisions.quorum, &roll, &present).unwrap();
        prop_assert_eq!(live[0].met, 2 * here > entitled);
        let plan = plan_of(MatterKind::Ordinary, yes_no(), &[Way::Hands], 60);
        let opened = Vote::open(id(1), plan, &charter, (&roll, present), at(0), 0);
        prop_assert_eq!(opened.is_ok(), 2 * here > entitled);
        let Ok(vote) = opened else { return Ok(()) };
        let mut stored = BallotBox::default();
        if yes > 0 {
            let voters = roll.iter().take(yes as usize).map(|entry| entry.voter).collect();
            entered(&vote, &mut stored, &roll, Way::Hands, 5, vec![NamedLine { voters, marks: vec![Mark::Yes] }]);
        }
        prop_assert_eq!(explained(&vote, &stored, &roll).verdict.is_carried(), 2 * yes > here);
    }

    /// A stored count, read again and counted by whoever reads it, says the same, whatever the method.
    #[test]
    fn the_file_of_a_count_can_be_recounted(
        method in 0_usize..5,
        ballots in prop::collection::vec(prop::collection::btree_map(0_u16..5, 0_u32..4, 0..5), 1..9),
        seed: u64,
    ) {
        let methods = [
            Method::Single { seats: 1 },
            Method::Multiple { seats: 2, most: 3 },
            Method::Ranked,
            Method::Stv { seats: 2 },
            Method::Score { seats: 2, highest: 3 },
        ];
        let question = choice(methods[method], 5);
        let roll = roll(ballots.len() as u128);
        let charter = version(PresetKind::CoBuildingCouncil, |charter| {
            charter.decisions.others.get_mut(&MatterKind::Election).unwrap().secrecy = Some(Secrecy::Open);
            charter.decisions.quorum.thresholds.clear();
        });
        let plan = plan_of(MatterKind::Election, question.clone(), &[Way::Online], 600);
        let vote = Vote::open(id(1), plan, &charter, (&roll, all(&roll)), at(0), seed).unwrap();
        let mut stored = BallotBox::default();
        for (entry, scores) in roll.iter().zip(&ballots) {
            let mark = match method {
                4 => Mark::Scores(scores.iter().map(|(option, score)| (*option, *score)).collect()),
                _ => Mark::Options(scores.keys().copied().collect()),
            };
            let allowed = question.answers(&mark).is_ok();
            let accepted = vote.cast(&online(entry, entry.voter, None, mark), at(1));
            prop_assert_eq!(accepted.is_ok(), allowed);
            accepted.into_iter().for_each(|accepted| stored.store(accepted).unwrap());
        }
        let tallied = vote.count(0, &stored.sheets(), &[0]).unwrap();
        let file: Count = serde_json::from_str(&serde_json::to_string(&tallied.count).unwrap()).unwrap();
        prop_assert_eq!(file.agrees(&file.run().unwrap()), Some(true));
        let explained = vote.explain(0, &tallied);
        prop_assert_eq!(&explained.chosen, &tallied.outcome.elected());
        prop_assert!(explained.chosen.len() <= question.method.seats());
        let chosen = explained.reasons.iter().filter(|reason| matches!(reason, Reason::Option { chosen: true, .. })).count();
        prop_assert_eq!(chosen, explained.chosen.len());
        prop_assert_eq!(vote.orders[0].len(), 5);
    }
}

/// Many small flats say yes; a few large ones hold more than half of the area.
#[test]
fn an_owners_vote_passes_on_heads_and_fails_on_area() {
    let areas = [5_000, 5_000, 5_000, 5_000, 5_000, 30_000, 30_000];
    let parts: Vec<(Uuid, u64)> = areas.iter().zip(10..).map(|(area, n)| (id(n), *area)).collect();
    let roll = of_owners(&parts).unwrap();
    let charter = version(PresetKind::OwnersAssembly, |_| {});
    let plan = plan_of(MatterKind::Ordinary, yes_no(), &[Way::Online, Way::Paper], 14 * 24 * 60);
    let vote = Vote::open(id(1), plan, &charter, (&roll, BTreeSet::new()), at(0), 0).unwrap();
    assert_eq!(
        (vote.entitled.clone(), vote.rule.measures.clone()),
        (vec![7, 85_000], vec![Measure::Heads, Measure::Area])
    );
    let mut stored = BallotBox::default();
    for (entry, (_, area)) in roll.iter().zip(&parts) {
        let mark = if *area < 10_000 { Mark::Yes } else { Mark::No };
        stored.store(vote.cast(&online(entry, entry.voter, None, mark), at(1)).unwrap()).unwrap();
    }
    let tallied = vote.count(0, &stored.sheets(), &[0, 0]).unwrap();
    assert!(matches!(&tallied.outcome, Outcome::Majority(_)) && tallied.quorum.iter().all(|figure| figure.met));
    let explained = vote.explain(0, &tallied);
    assert_eq!(explained.verdict, Verdict::Failed);
    let met: Vec<_> = explained
        .reasons
        .iter()
        .filter_map(|reason| match reason {
            Reason::Approval(figure) => Some((figure.measure, figure.got, figure.base, figure.needed, figure.met)),
            _ => None,
        })
        .collect();
    assert_eq!(met, [(Measure::Heads, 5, 7, 4, true), (Measure::Area, 25_000, 85_000, 42_501, false)]);
}

#[test]
fn who_owns_several_parts_is_one_head() {
    let roll = of_owners(&[(id(1), 5_000), (id(2), 6_000), (id(1), 700)]).unwrap();
    assert_eq!(roll, [RollEntry { voter: id(1), area: 5_700 }, RollEntry { voter: id(2), area: 6_000 }]);
    assert_eq!(of_owners(&[(id(1), u64::MAX), (id(1), 1)]).unwrap_err().code, "roll_too_large");
}

#[test]
fn an_election_without_enough_there_chooses_nobody() {
    let roll = roll(9);
    let charter = version(PresetKind::OwnersAssembly, |_| {});
    let plan = plan_of(MatterKind::Ordinary, choice(Method::Single { seats: 1 }, 2), &[Way::Online], 14 * 24 * 60);
    let vote = Vote::open(id(1), plan, &charter, (&roll, BTreeSet::new()), at(0), 0).unwrap();
    let mut stored = BallotBox::default();
    for entry in &roll[..5] {
        stored.store(vote.cast(&online(entry, entry.voter, None, Mark::Options(vec![1])), at(1)).unwrap()).unwrap();
    }
    let explained = explained(&vote, &stored, &roll);
    assert_eq!((explained.verdict, explained.chosen.as_slice()), (Verdict::NoQuorum, [].as_slice()));
    let short = explained.reasons.iter().find_map(|reason| match reason {
        Reason::Quorum(figure) if figure.measure == Measure::Heads => Some((figure.got, figure.needed)),
        _ => None,
    });
    assert_eq!(short, Some((5, 6)));
}

#[test]
fn four_fifths_have_to_be_there_for_a_party_election() {
    let charter = version(PresetKind::PartyElection, |_| {});
    let roll = roll(10);
    let open = |here: usize| {
        let present = roll.iter().take(here).map(|entry| entry.voter).collect();
        let plan = plan_of(MatterKind::Election, choice(Method::Multiple { seats: 2, most: 2 }, 3), &[Way::Paper], 60);
        Vote::open(id(1), plan, &charter, (&roll, present), at(0), 0)
    };
    assert_eq!(codes(open(7)), [("present", "vote_no_quorum")]);
    let vote = open(8).unwrap();
    let of = standing(&roll);
    let line = |marks: Vec<u16>, times| CountedLine { marks: vec![Mark::Options(marks)], times };
    let lines = vec![line(vec![0, 2], 5), line(vec![1], 2), line(Vec::new(), 1)];
    let content = EntryContent::Counted { voters: roll[..8].iter().map(|entry| entry.voter).collect(), lines };
    let form = EntryForm { way: Way::Paper, content, handed_in_at: at(9) };
    let none = BTreeMap::new();
    let given = Standing { roll: &of, turnouts: &none };
    let (mut entry, turnouts) = vote.enter(id(90), form.clone(), given, id(2), at(20)).unwrap();
    let mut stored = BallotBox::default();
    stored.enter(turnouts);
    stored.confirm(vote.confirm(&mut entry, &of, id(3), at(30)).unwrap());
    assert!(stored.sheets().iter().all(|sheet| matches!(sheet.key, SheetKey::Counted(..))));
    let explained = explained(&vote, &stored, &roll);
    assert_eq!((explained.verdict, explained.chosen.as_slice()), (Verdict::Chosen, [0, 2].as_slice()));
    assert!(explained.reasons.contains(&Reason::Blank { ballots: 1 }));

    let wrong = |content| {
        let form = EntryForm { content, ..form.clone() };
        codes(vote.enter(id(91), form, given, id(2), at(20)))
    };
    let voters: Vec<Uuid> = roll[..3].iter().map(|entry| entry.voter).collect();
    let lines = vec![line(vec![0], 2)];
    assert_eq!(
        wrong(EntryContent::Counted { voters: voters.clone(), lines: lines.clone() }),
        [("content", "entry_sums_differ")]
    );
    let lines = vec![NamedLine { voters: voters.clone(), marks: vec![Mark::Options(vec![0])] }];
    assert_eq!(wrong(EntryContent::Named { lines }), [("content", "entry_kind")]);
    let lines = vec![line(vec![7], 1), line(vec![0, 1, 2], 1), line(vec![1, 1], 1)];
    assert_eq!(
        wrong(EntryContent::Counted { voters, lines }),
        [("marks", "ballot_unknown_option"), ("marks", "ballot_too_many"), ("marks", "ballot_option_twice")]
    );
}

#[test]
fn the_opinion_of_who_is_absent_is_handed_in_before() {
    let charter = version(PresetKind::PartyAdmission, |_| {});
    let roll = roll(5);
    let plan = plan_of(MatterKind::Admission, yes_no(), &[Way::Hands, Way::Paper], 60);
    let present = roll[..3].iter().map(|entry| entry.voter).collect();
    let vote = Vote::open(id(1), plan, &charter, (&roll, present), at(-5), 0).unwrap();
    let (of, none) = (standing(&roll), BTreeMap::new());
    let enter = |way, voter: usize, when| {
        let lines = vec![NamedLine { voters: vec![roll[voter].voter], marks: vec![Mark::Yes] }];
        let form = EntryForm { way, content: EntryContent::Named { lines }, handed_in_at: at(when) };
        vote.enter(id(90), form, Standing { roll: &of, turnouts: &none }, id(2), at(30)).map(|_| ())
    };
    assert_eq!(enter(Way::Paper, 4, -1), Ok(()));
    assert_eq!(codes(enter(Way::Paper, 4, 0)), [("handed_in_at", "entry_not_before")]);
    assert_eq!(codes(enter(Way::Hands, 4, 5)), [("voters", "entry_absent")]);
    assert_eq!(codes(enter(Way::Hands, 1, -1)), [("handed_in_at", "entry_time")]);
    assert_eq!(codes(enter(Way::Online, 1, 1)), [("way", "vote_way_not_allowed")]);
    assert_eq!(codes(enter(Way::Hands, 1, 31)), [("handed_in_at", "in_the_future")]);
    assert_eq!(enter(Way::Hands, 1, 0), Ok(()));
    let stranger = vec![NamedLine { voters: vec![id(99), id(99)], marks: vec![Mark::Yes] }];
    let form = EntryForm { way: Way::Paper, content: EntryContent::Named { lines: stranger }, handed_in_at: at(-1) };
    let found = vote.enter(id(90), form, Standing { roll: &of, turnouts: &none }, id(2), at(30));
    assert_eq!(codes(found), [("voters", "entry_twice"), ("voters", "vote_not_on_roll")]);
}

#[test]
fn proxies_are_limited_and_never_overrule_the_voter() {
    let charter = version(PresetKind::OwnersAssembly, |charter| charter.voting.proxies = 2);
    let roll: Vec<RollEntry> = (10..16).map(|n| RollEntry { voter: id(n), area: 100 }).collect();
    let plan = plan_of(MatterKind::Ordinary, yes_no(), &[Way::Online], 14 * 24 * 60);
    let vote = Vote::open(id(1), plan.clone(), &charter, (&roll, BTreeSet::new()), at(0), 0).unwrap();
    let proxy = |giver, holder| Proxy { giver: id(giver), holder: id(holder), at: at(-3) };
    let held = [proxy(11, 10), proxy(12, 10)];
    let check = |new| codes(vote.check_proxy(&held, None, &new));
    assert_eq!(check(proxy(13, 10)), [("holder", "proxy_too_many")]);
    assert_eq!(check(proxy(11, 13)), [("giver", "proxy_given_already")]);
    assert_eq!(check(proxy(13, 13)), [("holder", "proxy_own")]);
    assert_eq!(check(proxy(13, 12)), [("holder", "proxy_chain")]);
    assert_eq!(check(proxy(10, 13)), [("holder", "proxy_chain")]);
    assert_eq!(vote.check_proxy(&held, None, &proxy(13, 14)), Ok(()));

    let mut stored = BallotBox::default();
    let by_proxy = |stored: &BallotBox, proxy: &Proxy, mark| {
        let entry = &roll[1];
        let ballot = OnlineBallot { proxy: Some(proxy), ..online(entry, id(10), stored.turnout(entry.voter), mark) };
        vote.cast(&ballot, at(1))
    };
    stored.store(by_proxy(&stored, &held[0], Mark::No).unwrap()).unwrap();
    assert_eq!(codes(by_proxy(&stored, &held[1], Mark::No)), [("proxy", "proxy_not_allowed")]);
    let own = vote.cast(&online(&roll[1], id(11), stored.turnout(id(11)), Mark::Yes), at(2)).unwrap();
    stored.store(own).unwrap();
    assert_eq!(codes(by_proxy(&stored, &held[0], Mark::No)), [("voter", "vote_cast_already")]);
    assert_eq!(codes(vote.check_proxy(&held[1..], stored.turnout(id(11)), &proxy(11, 14))), [("giver", "proxy_voted")]);

    let without = version(PresetKind::OwnersAssembly, |charter| charter.voting.proxies = 0);
    let vote = Vote::open(id(1), plan, &without, (&roll, BTreeSet::new()), at(0), 0).unwrap();
    assert_eq!(codes(vote.check_proxy(&[], None, &proxy(13, 14))), [("holder", "proxy_not_allowed")]);
}

#[test]
fn a_vote_keeps_to_its_charter() {
    let council = version(PresetKind::CoBuildingCouncil, |_| {});
    let check = |matter, question, ways: &[Way], minutes| {
        codes(plan_of(matter, question, ways, minutes).check(&council.charter))
    };
    let online = [Way::Online];
    let single = || choice(Method::Single { seats: 1 }, 2);
    assert_eq!(check(MatterKind::CharterChange, single(), &online, 60), [("questions", "vote_must_be_yes_no")]);
    assert_eq!(check(MatterKind::Election, yes_no(), &online, 60), [("questions", "vote_no_majority")]);
    assert_eq!(check(MatterKind::Election, single(), &[Way::Hands], 60), [("ways", "vote_secret_by_hands")]);
    assert_eq!(check(MatterKind::Ordinary, yes_no(), &online, 15 * 24 * 60), [("closes", "vote_window_hours")]);
    assert_eq!(check(MatterKind::Ordinary, yes_no(), &[], 60), [("ways", "required")]);
    let faulty =
        Question { options: vec!["甲".into(), "甲".into()], ..choice(Method::Multiple { seats: 3, most: 0 }, 0) };
    let found = check(MatterKind::Ordinary, faulty, &online, 60);
    assert_eq!(found, [("options", "vote_option_twice"), ("seats", "bad_quantity"), ("most", "bad_quantity")]);
    let none = choice(Method::Score { seats: 1, highest: 200 }, 1);
    assert_eq!(
        check(MatterKind::Ordinary, none, &online, 60),
        [("options", "vote_options_few"), ("highest", "bad_quantity")]
    );
    let crowd = choice(Method::Ranked, 101);
    assert_eq!(check(MatterKind::Ordinary, crowd, &online, 60), [("options", "too_many")]);
    let mut many = plan_of(MatterKind::Ordinary, yes_no(), &online, 60);
    many.questions = vec![yes_no(); 21];
    assert_eq!(codes(many.check(&council.charter)), [("questions", "too_many")]);
    let branch = version(PresetKind::PartyAdmission, |_| {});
    let mut two = plan_of(MatterKind::Admission, yes_no(), &[Way::Hands], 60);
    two.questions.push(yes_no());
    assert_eq!(codes(two.check(&branch.charter)), [("questions", "vote_one_by_one")]);
    let owners = version(PresetKind::OwnersAssembly, |_| {});
    let hands = plan_of(MatterKind::Ordinary, yes_no(), &[Way::Hands], 14 * 24 * 60);
    assert_eq!(codes(hands.check(&owners.charter)), [("ways", "vote_way_not_allowed")]);

    let plan = plan_of(MatterKind::Ordinary, yes_no(), &online, 60);
    let nobody = Vote::open(id(1), plan.clone(), &council, (&[], BTreeSet::new()), at(0), 0);
    assert!(codes(nobody).contains(&("roll", "vote_empty_roll")));
    let twice = [RollEntry::of(id(10)), RollEntry::of(id(10))];
    let twice = Vote::open(id(1), plan.clone(), &council, (&twice, BTreeSet::new()), at(0), 0);
    assert!(codes(twice).contains(&("roll", "roll_twice")));
    let roll = roll(3);
    let late = Vote::open(id(1), plan, &council, (&roll, all(&roll)), at(1), 0);
    assert_eq!(codes(late), [("opens", "already_past")]);
}

/// Exact fractions, and the five places of the Scottish rules where there are too many seats for them.
#[test]
fn transferred_votes_are_exact_for_few_seats() {
    let charter = version(PresetKind::CoBuildingCouncil, |_| {});
    let roll = roll(3);
    for (seats, expected) in [(2, None), (12, None), (13, Some(5))] {
        let plan = plan_of(MatterKind::Election, choice(Method::Stv { seats }, 14), &[Way::Online], 60);
        let vote = Vote::open(id(1), plan, &charter, (&roll, BTreeSet::new()), at(0), 0).unwrap();
        let counted = vote.count(0, &[], &[0]).unwrap();
        assert_eq!(counted.count.rule, Rule::Stv { seats, places: expected });
    }
}

#[test]
fn a_ballot_answers_its_questions() {
    let council = version(PresetKind::CoBuildingCouncil, |_| {});
    let roll = roll(3);
    let mut plan = plan_of(MatterKind::Election, choice(Method::Ranked, 3), &[Way::Online], 60);
    plan.questions.push(choice(Method::Score { seats: 1, highest: 5 }, 3));
    let vote = Vote::open(id(1), plan, &council, (&roll, all(&roll)), at(0), 0).unwrap();
    let receipt = Receipt::new([7; 16]);
    let cast = |marks: Vec<Mark>| {
        let ballot = OnlineBallot { marks, receipt: Some(&receipt), ..online(&roll[0], id(10), None, Mark::Yes) };
        vote.cast(&ballot, at(1)).map(|_| ())
    };
    let good = Mark::Scores(vec![(0, 5), (2, 1)]);
    assert_eq!(cast(vec![Mark::Options(vec![2, 0]), good.clone()]), Ok(()));
    assert_eq!(codes(cast(vec![good.clone()])), [("marks", "ballot_answers")]);
    assert_eq!(codes(cast(vec![Mark::Yes, good.clone()])), [("marks", "ballot_kind")]);
    assert_eq!(codes(cast(vec![Mark::Options(vec![2, 2]), good])), [("marks", "ballot_option_twice")]);
    let high = Mark::Scores(vec![(0, 6)]);
    assert_eq!(codes(cast(vec![Mark::Options(Vec::new()), high])), [("marks", "ballot_score")]);
    let without = online(&roll[0], id(10), None, Mark::Yes);
    assert!(codes(vote.cast(&without, at(1))).contains(&("receipt", "receipt_needed")));
    assert_eq!(Receipt::parse("12-34").unwrap_err().code, "receipt_malformed");
}
