//! Votes: what holds for every vote, whatever is cast, entered and confirmed in whatever order.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

#[path = "support/given.rs"]
mod given;

#[path = "support/ballot_box.rs"]
mod ballot_box;

use std::collections::{BTreeMap, BTreeSet};

use ballot_box::BallotBox;
use chrono::{DateTime, Duration, Utc};
use given::{at, id};
use proptest::prelude::*;
use tongxin_core::{
    council::{
        MatterKind, Measure, Secrecy,
        ballot::{
            Method, Question, Vote, VotePlan, VoteState,
            cast::OnlineBallot,
            count::Tallied,
            entry::{CountedLine, Entry, EntryContent, EntryForm, EntryState, NamedLine, Standing},
            outcome::{Explanation, Reason, Verdict},
            proxy::Proxy,
            receipt::{Published, Receipt, publish},
        },
        charter::{Charter, CharterVersion, QuorumBy, Way, found},
        preset::{self, PresetKind},
        roll::{RollEntry, of_owners},
    },
    invalid::{Problem, Problems},
    time::Window,
};
use tongxin_tally::{count::Mark, majority::Answer};
use uuid::Uuid;

/// The votes of these tests last 14 days.
const LAST: i64 = 14 * 24 * 60;

fn first(problems: &Problems) -> &'static str {
    problems.0[0].code
}

fn version(kind: PresetKind, change: impl Fn(&mut Charter)) -> CharterVersion {
    let mut charter = preset::in_force(kind, at(0).date_naive()).unwrap().charter;
    change(&mut charter);
    found(charter, "2026-01-01".parse().unwrap()).unwrap()
}

fn council() -> CharterVersion {
    version(PresetKind::CoBuildingCouncil, |_| {})
}

fn owners() -> CharterVersion {
    version(PresetKind::OwnersAssembly, |charter| charter.voting.proxies = 2)
}

fn yes_no() -> Question {
    Question { text: "是否同意更换物业公司".into(), options: Vec::new(), method: Method::YesNo }
}

fn choice(method: Method, options: usize) -> Question {
    let options = (0..options).map(|n| format!("候选人{n}")).collect();
    Question { text: "选举".into(), options, method }
}

fn plan_of(matter: MatterKind, question: Question, ways: &[Way]) -> VotePlan {
    let window = Window::new(at(0), at(LAST)).unwrap();
    VotePlan { matter, proposal: None, questions: vec![question], ways: ways.to_vec(), window }
}

/// A vote with what the store holds of it.
struct World {
    vote: Vote,
    roll: Vec<RollEntry>,
    by_voter: BTreeMap<Uuid, RollEntry>,
    stored: BallotBox,
    entries: Vec<Entry>,
    serials: u128,
}

impl World {
    fn open(charter: &CharterVersion, plan: VotePlan, roll: Vec<RollEntry>) -> Self {
        let present: BTreeSet<Uuid> = roll.iter().map(|entry| entry.voter).collect();
        let vote = Vote::open(id(1), plan, charter, (&roll, present), at(0), 7).unwrap();
        let by_voter = roll.iter().map(|entry| (entry.voter, *entry)).collect();
        Self { vote, roll, by_voter, stored: BallotBox::default(), entries: Vec::new(), serials: 0 }
    }

    fn receipt(&mut self) -> Receipt {
        self.serials += 1;
        Receipt::new((self.serials * 0x9E37_79B9_7F4A_7C15).to_be_bytes())
    }

    fn cast(&mut self, voter: usize, mark: Mark, now: DateTime<Utc>) -> Result<Option<Receipt>, Problems> {
        self.cast_instead(voter, mark, None, now)
    }

    fn cast_instead(
        &mut self,
        voter: usize,
        mark: Mark,
        replaces: Option<&Receipt>,
        now: DateTime<Utc>,
    ) -> Result<Option<Receipt>, Problems> {
        let entry = self.roll[voter];
        let receipt = (self.vote.rule.secrecy == Secrecy::Secret).then(|| self.receipt());
        let ballot = OnlineBallot {
            entry: &entry,
            by: entry.voter,
            proxy: None,
            before: self.stored.turnout(entry.voter),
            marks: vec![mark],
            receipt: receipt.as_ref(),
            replaces,
        };
        let accepted = self.vote.cast(&ballot, now)?;
        self.stored.store(accepted).map_err(|problem| Problems(vec![problem]))?;
        Ok(receipt)
    }

    fn enter(&mut self, way: Way, content: EntryContent, handed_in: i64, by: u128) -> Result<usize, Problems> {
        let form = EntryForm { way, content, handed_in_at: at(handed_in) };
        let standing = Standing { roll: &self.by_voter, turnouts: self.stored.turnouts() };
        let entry = id(10_000 + self.entries.len() as u128);
        let (entry, turnouts) = self.vote.enter(entry, form, standing, id(by), at(LAST + 10))?;
        self.stored.enter(turnouts);
        self.entries.push(entry);
        Ok(self.entries.len() - 1)
    }

    fn named(&self, voters: &[usize], mark: Mark) -> EntryContent {
        let voters = voters.iter().map(|voter| self.roll[*voter].voter).collect();
        EntryContent::Named { lines: vec![NamedLine { voters, marks: vec![mark] }] }
    }

    fn confirm(&mut self, entry: usize, by: u128) -> Result<(), Problem> {
        let sheets = self.vote.confirm(&mut self.entries[entry], &self.by_voter, id(by), at(LAST + 20))?;
        self.stored.confirm(sheets);
        Ok(())
    }

    fn discard(&mut self, entry: usize) -> Result<(), Problems> {
        self.vote.discard(&mut self.entries[entry], id(3), "录入有误", at(LAST + 20))?;
        self.stored.discard(self.entries[entry].id);
        Ok(())
    }

    fn close(&mut self) {
        let waiting = self.entries.iter().filter(|entry| entry.state == EntryState::Entered).count();
        self.vote.close(at(LAST + 30), self.stored.turnouts().len() as u64, waiting).unwrap();
    }

    fn tallied(&self) -> Tallied {
        let turned: BTreeSet<Uuid> = self.stored.turnouts().keys().copied().collect();
        let silent = self.vote.silent(&self.roll, &turned).unwrap();
        self.vote.count(0, &self.stored.sheets(), &silent).unwrap()
    }

    fn explained(&self) -> Explanation {
        self.vote.explain(0, &self.tallied())
    }
}

fn mark_of(n: u8) -> Mark {
    [Mark::Yes, Mark::No, Mark::Abstain][usize::from(n % 3)].clone()
}

/// What each owner does: nothing, or a mark.
fn doings() -> impl Strategy<Value = Vec<(u64, Option<u8>)>> {
    prop::collection::vec((1_u64..30_000, prop::option::weighted(0.8, 0_u8..3)), 1..16)
}

fn owners_roll(doings: &[(u64, Option<u8>)]) -> Vec<RollEntry> {
    let parts: Vec<(Uuid, u64)> = doings.iter().zip(10..).map(|((area, _), n)| (id(n), *area)).collect();
    of_owners(&parts).unwrap()
}

fn owners_vote(matter: MatterKind, doings: &[(u64, Option<u8>)], order: &[usize]) -> World {
    let plan = plan_of(matter, yes_no(), &[Way::Online, Way::Paper]);
    let mut world = World::open(&owners(), plan, owners_roll(doings));
    for voter in order {
        if let Some(mark) = doings.get(*voter).and_then(|(_, mark)| *mark) {
            world.cast(*voter, mark_of(mark), at(5)).unwrap();
        }
    }
    world
}

proptest! {
    #[test]
    fn the_order_of_ballots_never_matters(
        doings in doings(),
        order in Just((0..16).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let listed: Vec<usize> = (0..16).collect();
        let one = owners_vote(MatterKind::Ordinary, &doings, &listed);
        let other = owners_vote(MatterKind::Ordinary, &doings, &order);
        prop_assert_eq!(one.tallied().count, other.tallied().count);
        prop_assert_eq!(one.explained(), other.explained());
        let mut turned = one.stored.sheets();
        turned.reverse();
        prop_assert_eq!(one.vote.count(0, &turned, &[0, 0]).unwrap(), one.tallied());
    }

    /// Civil Code, art. 278: both thresholds of taking part, both of saying yes, told each with its numbers.
    #[test]
    fn owners_decide_as_the_law_says(doings in doings(), special: bool) {
        let matter = if special { MatterKind::Special } else { MatterKind::Ordinary };
        let world = owners_vote(matter, &doings, &(0..16).collect::<Vec<_>>());
        let sum = |which: &dyn Fn(Option<u8>) -> bool| -> (u64, u64) {
            let of = doings.iter().filter(|(_, mark)| which(*mark));
            of.fold((0, 0), |(heads, area), (own, _)| (heads + 1, area + own))
        };
        let (all, part, yes) = (sum(&|_| true), sum(&|mark| mark.is_some()), sum(&|mark| mark == Some(0)));
        let takes_part = 3 * part.0 >= 2 * all.0 && 3 * part.1 >= 2 * all.1;
        let enough = if special {
            4 * yes.0 >= 3 * part.0 && 4 * yes.1 >= 3 * part.1 && yes.0 > 0
        } else {
            2 * yes.0 > part.0 && 2 * yes.1 > part.1
        };
        let explained = world.explained();
        prop_assert_eq!(explained.verdict.is_carried(), takes_part && enough);
        prop_assert_eq!(explained.verdict == Verdict::NoQuorum, !takes_part);
        let figures = explained.reasons.iter().filter(|reason| matches!(reason, Reason::Quorum(_) | Reason::Approval(_)));
        prop_assert_eq!(figures.count(), 4);
        for reason in &explained.reasons {
            let by = |measure| if measure == Measure::Heads { (all.0, part.0, yes.0) } else { (all.1, part.1, yes.1) };
            match reason {
                Reason::Quorum(figure) => {
                    prop_assert_eq!((figure.entitled, figure.got), (by(figure.measure).0, by(figure.measure).1));
                    prop_assert_eq!(figure.met, figure.got >= figure.needed);
                }
                Reason::Approval(figure) => {
                    prop_assert_eq!((figure.base, figure.got), (by(figure.measure).1, by(figure.measure).2));
                }
                _ => {}
            }
        }
    }

    /// A yes in place of a no, of an abstention or of nothing never turns what passed into what failed.
    #[test]
    fn a_yes_never_harms(doings in doings(), more in 0_usize..16, special: bool) {
        let matter = if special { MatterKind::Special } else { MatterKind::Ordinary };
        let order: Vec<usize> = (0..16).collect();
        let before = owners_vote(matter, &doings, &order).explained();
        let mut after = doings;
        let at = more % after.len();
        after[at].1 = Some(0);
        let after = owners_vote(matter, &after, &order).explained();
        prop_assert!(!before.verdict.is_carried() || after.verdict.is_carried());
    }

    /// Nobody is counted twice across all ways, whatever is tried in whatever order.
    #[test]
    fn nobody_votes_twice(
        change: bool,
        tried in prop::collection::vec((0_u8..5, prop::collection::vec(0_usize..6, 1..4), 0_u8..3), 1..30),
    ) {
        let charter = version(PresetKind::CoBuildingCouncil, |charter| {
            charter.voting.change = change;
            charter.decisions.quorum.by = QuorumBy::Present;
        });
        let roll: Vec<RollEntry> = (10..16).map(|n| RollEntry::of(id(n))).collect();
        let plan = plan_of(MatterKind::Ordinary, yes_no(), &[Way::Online, Way::Paper, Way::Hands]);
        let mut world = World::open(&charter, plan, roll);
        let mut online: BTreeMap<usize, Mark> = BTreeMap::new();
        for (what, voters, mark) in tried {
            let (voter, mark) = (voters[0], mark_of(mark));
            match what {
                0 => {
                    let taken = world.cast(voter, mark.clone(), at(3)).is_ok();
                    prop_assert!(!taken || change || !online.contains_key(&voter));
                    if taken {
                        online.insert(voter, mark);
                    }
                }
                1 | 2 => {
                    let way = if what == 1 { Way::Paper } else { Way::Hands };
                    let content = world.named(&voters, mark);
                    let already = world.stored.turnouts().clone();
                    if world.enter(way, content, 4, 2).is_ok() {
                        let mut distinct = voters.clone();
                        distinct.sort_unstable();
                        distinct.dedup();
                        prop_assert_eq!(distinct.len(), voters.len());
                        prop_assert!(voters.iter().all(|voter| !already.contains_key(&world.roll[*voter].voter)));
                    }
                }
                3 if !world.entries.is_empty() => {
                    let entry = voter % world.entries.len();
                    prop_assert!(world.confirm(entry, 2).is_err(), "by the one who entered it");
                    let _decided = world.confirm(entry, 3).is_err();
                }
                4 if !world.entries.is_empty() => {
                    let _decided = world.discard(voter % world.entries.len()).is_err();
                }
                _ => {}
            }
        }
        for entry in 0..world.entries.len() {
            let _decided = world.confirm(entry, 3).is_err();
        }
        world.close();
        let sheets = world.stored.sheets();
        prop_assert_eq!(sheets.len(), world.stored.turnouts().len());
        let Reason::Sums(sums) = world.explained().reasons.into_iter().find(|r| matches!(r, Reason::Sums(_))).unwrap() else {
            unreachable!()
        };
        prop_assert_eq!(sums.yes + sums.no + sums.abstain, sheets.len() as u64);
        prop_assert_eq!(sums.yes + sums.no + sums.abstain + sums.silent, 6);
        // The last online ballot of a voter is the one that counts.
        for (voter, mark) in online {
            let key = tongxin_core::council::ballot::cast::SheetKey::Voter(world.roll[voter].voter);
            prop_assert_eq!(&sheets.iter().find(|sheet| sheet.key == key).unwrap().marks, &vec![mark]);
        }
    }

    /// Secret ballots, with papers: each receipt finds its own ballot, the lists fit, and the count is that of the marks.
    #[test]
    fn a_receipt_finds_its_ballot(
        marks in prop::collection::vec(prop::collection::vec(0_u16..3, 0..2), 6),
        papers in 0_usize..3,
        changes in prop::collection::vec((0_usize..6, 0_u16..3), 0..4),
    ) {
        let roll: Vec<RollEntry> = (10..16 + papers as u128).map(|n| RollEntry::of(id(n))).collect();
        let question = choice(Method::Single { seats: 1 }, 3);
        let plan = plan_of(MatterKind::Election, question, &[Way::Online, Way::Paper]);
        let mut world = World::open(&council(), plan, roll);
        let mut kept: Vec<(Vec<u16>, Receipt)> = Vec::new();
        for (voter, mark) in marks.into_iter().enumerate() {
            let receipt = world.cast(voter, Mark::Options(mark.clone()), at(3)).unwrap().unwrap();
            kept.push((mark, receipt));
        }
        for (voter, option) in changes {
            prop_assert_eq!(first(&world.cast(voter, Mark::Options(vec![0]), at(4)).unwrap_err()), "receipt_needed");
            let mark = Mark::Options(vec![option]);
            let old = kept[voter].1.clone();
            let receipt = world.cast_instead(voter, mark.clone(), Some(&old), at(4)).unwrap().unwrap();
            prop_assert_eq!(first(&world.cast_instead(voter, mark, Some(&old), at(4)).unwrap_err()), "receipt_unknown");
            kept[voter] = (vec![option], receipt);
        }
        if papers > 0 {
            let voters = (0..papers).map(|n| world.roll[6 + n].voter).collect();
            let lines = vec![CountedLine { marks: vec![Mark::Options(vec![2])], times: papers as u32 }];
            let entry = world.enter(Way::Paper, EntryContent::Counted { voters, lines }, 5, 2).unwrap();
            world.confirm(entry, 3).unwrap();
        }
        prop_assert_eq!(publish(&world.vote, &world.stored.sheets()).unwrap_err().code, "vote_not_closed");
        world.close();
        let sheets = world.stored.sheets();
        let published = publish(&world.vote, &sheets).unwrap();
        prop_assert!(published.fits(world.stored.turnouts().len() as u64));
        prop_assert_eq!(published.ballots.iter().filter(|ballot| ballot.label.is_some()).count(), 6);
        for (mark, receipt) in &kept {
            let own = published.ballot(receipt).unwrap();
            prop_assert_eq!(&own.marks, &vec![Mark::Options(mark.clone())]);
            let inclusion = receipt.inclusion(world.vote.id);
            prop_assert!(published.includes(&inclusion));
            prop_assert!(published.ballots.iter().all(|ballot| ballot.label.as_ref() != Some(&inclusion)));
            prop_assert_eq!(Receipt::parse(&receipt.shown().to_uppercase()).unwrap(), receipt.clone());
        }
        // What is published says the same, in whatever order the ballots came, and names nobody.
        let mut turned = sheets;
        turned.reverse();
        prop_assert_eq!(&publish(&world.vote, &turned).unwrap(), &published);
        let text = serde_json::to_string(&published).unwrap();
        prop_assert!(world.roll.iter().all(|entry| !text.contains(&entry.voter.to_string())));
        prop_assert_eq!(serde_json::from_str::<Published>(&text).unwrap(), published);
        let first_option = kept.iter().filter(|(mark, _)| mark.first() == Some(&0)).count() as u64;
        let Reason::Option { votes, .. } = world.explained().reasons.into_iter().find(|r| matches!(r, Reason::Option { .. })).unwrap() else {
            unreachable!()
        };
        prop_assert_eq!(votes.to_u64(), Some(first_option));
    }

    /// After it was closed, or called off, nothing of a vote changes any more.
    #[test]
    fn a_closed_vote_cannot_change(cancelled: bool, minutes in 0_i64..(2 * LAST)) {
        let roll: Vec<RollEntry> = (10..14).map(|n| RollEntry::of(id(n))).collect();
        let plan = plan_of(MatterKind::Ordinary, yes_no(), &[Way::Online, Way::Paper]);
        let mut world = World::open(&council(), plan, roll);
        world.cast(0, Mark::Yes, at(3)).unwrap();
        let waiting = world.enter(Way::Paper, world.named(&[1], Mark::No), 4, 2).unwrap();
        prop_assert_eq!(world.vote.close(at(LAST), 2, 1).unwrap_err().code, "vote_unconfirmed");
        let left = world.enter(Way::Paper, world.named(&[3], Mark::No), 4, 2).unwrap();
        if cancelled {
            world.vote.cancel("改期", at(LAST)).unwrap();
        } else {
            world.confirm(waiting, 3).unwrap();
            world.confirm(left, 3).unwrap();
            world.close();
        }
        let (vote, stored, counted) = (world.vote.clone(), world.stored.clone(), world.tallied());
        prop_assert_eq!(first(&world.cast(2, Mark::Yes, at(minutes)).unwrap_err()), "vote_closed");
        prop_assert_eq!(first(&world.cast(0, Mark::No, at(minutes)).unwrap_err()), "vote_closed");
        prop_assert_eq!(first(&world.enter(Way::Paper, world.named(&[2], Mark::No), 4, 2).unwrap_err()), "vote_closed");
        prop_assert_eq!(world.confirm(waiting, 3).unwrap_err().code, "vote_closed");
        prop_assert_eq!(first(&world.discard(waiting).unwrap_err()), "vote_closed");
        prop_assert_eq!(world.vote.arrives(&RollEntry::of(id(13))).unwrap_err().code, "vote_closed");
        prop_assert_eq!(world.vote.close(at(minutes), 4, 0).unwrap_err().code, "vote_closed");
        prop_assert_eq!(first(&world.vote.cancel("再改", at(minutes)).unwrap_err()), "vote_closed");
        let proxy = Proxy { giver: id(12), holder: id(11), at: at(1) };
        prop_assert_eq!(first(&world.vote.check_proxy(&[], None, &proxy).unwrap_err()), "vote_closed");
        prop_assert_eq!((world.vote.clone(), world.stored.clone(), world.tallied()), (vote, stored, counted));
    }
}

#[test]
fn the_closing_instant_is_not_in_the_window() {
    let roll: Vec<RollEntry> = (10..13).map(|n| RollEntry::of(id(n))).collect();
    let plan = plan_of(MatterKind::Ordinary, yes_no(), &[Way::Online, Way::Paper]);
    let mut world = World::open(&council(), plan, roll);
    let early = world.cast(0, Mark::Yes, at(0) - Duration::milliseconds(1));
    assert_eq!(first(&early.unwrap_err()), "vote_not_yet");
    assert!(world.cast(0, Mark::Yes, at(0)).is_ok());
    assert!(world.cast(1, Mark::Yes, at(LAST) - Duration::milliseconds(1)).is_ok());
    assert_eq!(first(&world.cast(2, Mark::Yes, at(LAST)).unwrap_err()), "vote_over");
    assert_eq!(first(&world.cast(0, Mark::No, at(LAST)).unwrap_err()), "vote_over", "nor may it be changed");
    let paper = world.named(&[2], Mark::Yes);
    assert_eq!(first(&world.enter(Way::Paper, paper.clone(), LAST, 2).unwrap_err()), "entry_time");
    assert!(world.enter(Way::Paper, paper, LAST - 1, 2).is_ok(), "what was handed in before is entered later");
    assert_eq!(world.vote.close(at(LAST) - Duration::milliseconds(1), 2, 0).unwrap_err().code, "vote_still_open");
    assert!(world.vote.clone().close(at(5), 3, 0).is_ok(), "everybody has voted");
    assert!(world.vote.close(at(LAST), 2, 0).is_ok());
    assert_eq!(world.vote.state, VoteState::Closed);
}

#[test]
fn a_vote_is_stored_as_it_is() {
    let roll: Vec<RollEntry> = (10..13).map(|n| RollEntry::of(id(n))).collect();
    let plan = plan_of(MatterKind::Election, choice(Method::Stv { seats: 2 }, 4), &[Way::Online, Way::Paper]);
    let mut world = World::open(&council(), plan, roll);
    world.cast(0, Mark::Options(vec![3, 1]), at(1)).unwrap();
    let text = serde_json::to_string(&world.vote).unwrap();
    assert_eq!(serde_json::from_str::<Vote>(&text).unwrap(), world.vote);
    let sheets = world.stored.sheets();
    let text = serde_json::to_string(&sheets).unwrap();
    assert_eq!(serde_json::from_str::<Vec<tongxin_core::council::ballot::cast::Sheet>>(&text).unwrap(), sheets);
    assert!(!text.contains(&id(10).to_string()), "a secret sheet names no voter");
    let explained = world.explained();
    let text = serde_json::to_string(&explained).unwrap();
    assert_eq!(serde_json::from_str::<Explanation>(&text).unwrap(), explained);
}

#[test]
fn a_tie_is_for_the_casting_vote_and_for_nothing_else() {
    let roll: Vec<RollEntry> = (10..14).map(|n| RollEntry::of(id(n))).collect();
    let plan = || plan_of(MatterKind::Ordinary, yes_no(), &[Way::Online]);
    let mut world = World::open(&council(), plan(), roll.clone());
    for (voter, mark) in [Mark::Yes, Mark::Yes, Mark::No, Mark::No].into_iter().enumerate() {
        world.cast(voter, mark, at(1)).unwrap();
    }
    let explained = world.explained();
    let early = world.vote.cast_the_casting_vote(0, Answer::Yes, &explained);
    assert_eq!(early.unwrap_err().code, "vote_not_closed");
    world.close();
    assert_eq!(explained.verdict, Verdict::FailedByTie);
    world.vote.cast_the_casting_vote(0, Answer::Yes, &explained).unwrap();
    assert_eq!(world.explained().verdict, Verdict::PassedByCastingVote);
    assert!(world.explained().reasons.contains(&Reason::Tie { casting: Some(Answer::Yes) }));
    let again = world.vote.cast_the_casting_vote(0, Answer::No, &explained);
    assert_eq!(again.unwrap_err().code, "vote_casting_given");
    let mut clear = World::open(&council(), plan(), roll);
    clear.cast(0, Mark::No, at(1)).unwrap();
    clear.close();
    let (mut vote, explained) = (clear.vote.clone(), clear.explained());
    assert_eq!(vote.cast_the_casting_vote(0, Answer::Yes, &explained).unwrap_err().code, "vote_no_tie");
}
