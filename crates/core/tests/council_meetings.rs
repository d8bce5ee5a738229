//! Meetings, proposals with their amendments, resolutions, and matters between parties: allowed moves only.

#![allow(clippy::unwrap_used, reason = "a test that fails says so")]

#[path = "support/given.rs"]
mod given;

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Asia::Shanghai;
use given::{codes, date, id};
use proptest::prelude::*;
use tongxin_core::{
    council::{
        Holder, Level, MatterKind,
        charter::{Agenda, Charter, Quorum},
        diff::{Change, DiffLine, diff},
        meeting::{Answer, ItemKind, ItemOutcome, Meeting, MeetingState, Together},
        preset::{self, PresetKind},
        proposal::{Proposal, ProposalState},
        resolution::{Resolution, ResolutionForm, ResolutionState},
        roll::{RollEntry, is_quorate},
    },
    invalid::Problems,
    people::MemberKind,
    voice::matter::{DeliberationKind, DeliberationMatter, MatterState, PartyAnswer},
};
use uuid::Uuid;

fn at(hours: i64) -> DateTime<Utc> {
    given::at(hours * 60)
}

fn holder(n: u128) -> Holder {
    Holder { kind: MemberKind::Organisation, member: id(n) }
}

fn team() -> Charter {
    preset::in_force(PresetKind::BranchTeam, date("2026-09-01")).unwrap().charter
}

fn meeting() -> Meeting {
    Meeting::draft(id(1), ("九月例会", "居民区党群服务站"), (at(100), at(102)), None).unwrap()
}

fn result(text: &str) -> Option<ItemOutcome> {
    Some(ItemOutcome::Result { text: text.into(), resolution: None })
}

proptest! {
    /// Whatever is tried in whatever order, a meeting moves only as it may; what is refused changes nothing.
    #[test]
    fn a_meeting_moves_only_as_it_may(tried in prop::collection::vec((0_u8..12, 0_i64..200), 1..40)) {
        let charter = team();
        let mut meeting = meeting();
        let mut now = at(0);
        for (what, hours) in tried {
            let before = meeting.clone();
            now += Duration::hours(hours / 40);
            let today = now.with_timezone(&Shanghai).date_naive();
            let moved = match what {
                0 => meeting.add_item(&charter, id(9), (ItemKind::Together(Together::Solve), "停车"), (None, None)).is_ok(),
                1 => meeting.call(&charter, &[id(20), id(21)], now, Shanghai).is_ok(),
                2 => { now = now.max(at(99)); meeting.open(now).is_ok() }
                3 => meeting.close(now).is_ok(),
                4 => meeting.submit_minutes("纪要").is_ok(),
                5 => meeting.approve_minutes(id(3), now).is_ok(),
                6 => hours < 3 && meeting.cancel("改期").is_ok(),
                7 => meeting.write(id(9), "讨论", result("同意"), today).is_ok(),
                8 => meeting.return_minutes().is_ok(),
                9 => meeting.arrive(id(20), id(200), now).is_ok(),
                10 => meeting.leave(id(20), id(200), now).is_ok(),
                _ => meeting.answer(id(20), Answer::Comes, now).is_ok(),
            };
            if moved {
                prop_assert!(meeting.state == before.state || before.state.next().contains(&meeting.state));
                prop_assert!(!matches!(before.state, MeetingState::Approved | MeetingState::Cancelled));
            } else {
                prop_assert_eq!(&meeting, &before);
            }
            if meeting.state == MeetingState::Approved {
                prop_assert_eq!(meeting.unsettled().count(), 0);
            }
            let text = serde_json::to_string(&meeting).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Meeting>(&text).unwrap(), &meeting);
        }
    }

    #[test]
    fn a_difference_gives_both_texts_back(old in "[甲乙\n]{0,40}", new in "[甲乙\n]{0,40}") {
        let lines = diff(&old, &new);
        let side = |change| -> Vec<String> {
            lines.iter().filter(|line| line.change == Change::Same || line.change == change).map(DiffLine::text).collect()
        };
        let whole = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(side(Change::Removed), whole(&old));
        prop_assert_eq!(side(Change::Added), whole(&new));
        if old == new {
            prop_assert!(lines.iter().all(|line| line.change == Change::Same));
        }
    }

    #[test]
    fn a_proposal_moves_only_as_it_may(
        needed in 1_u64..4,
        tried in prop::collection::vec((0_u8..13, 1_u128..5), 1..40),
    ) {
        let mut proposal =
            Proposal::draft((id(1), id(1)), MatterKind::Ordinary, ("加装电梯", "一\n二\n三"), at(0)).unwrap();
        for (what, who) in tried {
            let before = proposal.clone();
            let last = proposal.amendments.last().map_or(id(0), |amendment| amendment.id);
            let moved = match what {
                0 => proposal.submit(id(who), needed).is_ok(),
                1 => proposal.back(id(who), needed).is_ok(),
                2 => proposal.unback(id(who)).is_ok(),
                3 => proposal.debate().is_ok(),
                4 => proposal.amend((id(50 + before.amendments.len() as u128), id(who)), &format!("一\n{who}"), "").is_ok(),
                5 => proposal.accept(last, at(1)).is_ok(),
                6 => proposal.reject(last).is_ok(),
                7 => proposal.vote().is_ok(),
                8 => proposal.resolve(who > 2).is_ok(),
                9 => proposal.carry_out().is_ok(),
                10 => proposal.rewrite(id(who), "加装电梯", "新", at(1)).is_ok(),
                11 => proposal.take_back(last, id(who)).is_ok(),
                _ => who == 4 && proposal.resume_debate().is_ok(),
            };
            if !moved {
                prop_assert_eq!(&proposal, &before);
                continue;
            }
            prop_assert!(proposal.state == before.state || before.state.next().contains(&proposal.state));
            let backed = !matches!(proposal.state, ProposalState::Draft | ProposalState::Submitted);
            prop_assert!(!backed || proposal.backers.len() as u64 >= needed);
            let debated = matches!(before.state, ProposalState::Draft | ProposalState::Debated);
            prop_assert!(debated || proposal.versions == before.versions, "the text stands still");
            let text = serde_json::to_string(&proposal).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Proposal>(&text).unwrap(), &proposal);
        }
    }

    #[test]
    fn a_resolution_moves_only_as_it_may(tried in prop::collection::vec((0_u8..6, 1_u128..4), 1..20)) {
        let form = ResolutionForm {
            number: "共建〔2026〕3号", title: "开放操场", text: "", owner: Some(holder(5)), due: Some(date("2026-10-01")),
        };
        let about = (Level::Community, MatterKind::Ordinary, 1);
        let mut resolution = Resolution::take(id(1), about, &form, date("2026-09-01")).unwrap();
        for (what, who) in tried {
            let before = resolution.clone();
            let moved = match what {
                0 => resolution.report(id(who), "已联系学校", at(1)).is_ok(),
                1 => resolution.finish(id(who), "", at(1)).is_ok(),
                2 => resolution.accept(id(who), "", at(1)).is_ok(),
                3 => resolution.send_back(id(who), "还没有开放", at(1)).is_ok(),
                4 => who == 1 && resolution.drop_it(id(who), "学校迁走", at(1)).is_ok(),
                _ => resolution.assign(holder(who), date("2026-11-01")).is_ok(),
            };
            if !moved {
                prop_assert_eq!(&resolution, &before);
                continue;
            }
            prop_assert!(!matches!(before.state, ResolutionState::Accepted | ResolutionState::Dropped));
            if resolution.state == ResolutionState::Accepted {
                let by: Vec<Uuid> = resolution.progress.iter().rev().take(2).map(|note| note.by).collect();
                prop_assert!(by[0] != by[1], "not by the one who said that it is done");
                prop_assert!(!resolution.is_overdue(date("2027-01-01")));
            }
            let text = serde_json::to_string(&resolution).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Resolution>(&text).unwrap(), &resolution);
        }
    }

    #[test]
    fn a_matter_moves_only_as_it_may(tried in prop::collection::vec((0_u8..8, 0_u64..40), 1..40)) {
        let mut today = date("2026-09-01");
        let mut matter =
            DeliberationMatter::raise(id(1), ("停车", "车位不够"), Level::ResidentialArea, holder(1), today).unwrap();
        for (what, days) in tried {
            let before = matter.clone();
            today = today + chrono::Days::new(days / 8);
            let both = [holder(1), holder(2)];
            let moved = match what {
                0 => matter.invite(&[holder(2)], today).is_ok(),
                1 => matter.answer(holder(2), PartyAnswer::Comes).is_ok(),
                2 => matter.meet(DeliberationKind::Coordination, today, &both, "各方意见", today).is_ok(),
                3 => {
                    let follow_ups = [("划线".to_owned(), holder(2), today + chrono::Days::new(7))];
                    matter.agree(today, "重新划线", &follow_ups, today).is_ok()
                }
                4 => matter.done(0, today, today).is_ok(),
                5 => matter.close(today).is_ok(),
                6 => matter.reopen("没有划线", at(0), today).is_ok(),
                _ => days == 0 && matter.withdraw("已自行解决").is_ok(),
            };
            if !moved {
                prop_assert_eq!(&matter, &before);
                continue;
            }
            prop_assert!(matter.state == before.state || before.state.next().contains(&matter.state));
            if matter.state == MatterState::Closed {
                prop_assert_eq!(matter.pending().count(), 0);
            }
            if matter.state == MatterState::Reopened && before.state == MatterState::Agreed {
                prop_assert!(before.is_overdue(today), "only when something was not done in time");
            }
            let text = serde_json::to_string(&matter).unwrap();
            prop_assert_eq!(&serde_json::from_str::<DeliberationMatter>(&text).unwrap(), &matter);
        }
    }
}

#[test]
fn a_meeting_is_called_with_notice() {
    let mut charter = team();
    charter.notice_days = 5;
    let mut meeting = meeting();
    assert_eq!(
        codes(meeting.call(&charter, &[], at(0), Shanghai)),
        [("items", "meeting_no_items"), ("invited", "meeting_nobody"), ("from", "meeting_notice_short")]
    );
    meeting.add_item(&charter, id(9), (ItemKind::Together(Together::Consult), "换届"), (None, None)).unwrap();
    // The meeting is on 5 September; with five days' notice it is called on 31 August.
    assert_eq!(meeting.call_by(&charter, Shanghai), date("2026-08-31"));
    let Problems(problems) = meeting.call(&charter, &[id(20)], at(0), Shanghai).unwrap_err();
    assert_eq!(problems[0].args, [("days", "5".to_owned()), ("earliest", "2026-09-06".to_owned())]);
    meeting.call(&charter, &[id(20)], at(-10), Shanghai).unwrap();
    assert_eq!(codes(meeting.call(&charter, &[id(20)], at(-10), Shanghai)), [("state", "meeting_not_now")]);
    assert_eq!(meeting.open(at(97)).unwrap_err().code, "meeting_too_early");
    assert!(meeting.open(at(98)).is_ok());
    let mut late = self::meeting();
    late.add_item(&charter, id(9), (ItemKind::Together(Together::Consult), "换届"), (None, None)).unwrap();
    assert!(codes(late.call(&charter, &[id(20)], at(100), Shanghai)).contains(&("from", "already_past")));
}

#[test]
fn items_are_of_the_charters_kinds_and_lead_to_something() {
    let mut charter = team();
    let mut meeting = meeting();
    let own = || ItemKind::Own("通报".into());
    assert_eq!(
        codes(meeting.add_item(&charter, id(9), (own(), " "), (None, None))),
        [("kind", "meeting_item_kind"), ("title", "required")]
    );
    for (n, kind) in (9..).zip(Together::ALL) {
        meeting.add_item(&charter, id(n), (ItemKind::Together(*kind), "议题"), (None, None)).unwrap();
    }
    meeting.call(&charter, &[id(20)], at(0), Shanghai).unwrap();
    meeting.open(at(100)).unwrap();
    assert_eq!(codes(meeting.write(id(99), "", None, date("2026-09-05"))), [("item", "meeting_no_such_item")]);
    let late = ItemOutcome::FollowUp { text: " ".into(), owner: holder(1), due: date("2026-09-04") };
    assert_eq!(
        codes(meeting.write(id(9), "", Some(late), date("2026-09-05"))),
        [("due", "already_past"), ("outcome", "required")]
    );
    let follow_up = ItemOutcome::FollowUp { text: "联系学校".into(), owner: holder(1), due: date("2026-09-30") };
    meeting.write(id(9), "同意", Some(follow_up), date("2026-09-05")).unwrap();
    meeting.close(at(102)).unwrap();
    meeting.submit_minutes("").unwrap();
    let problem = meeting.approve_minutes(id(3), at(103)).unwrap_err();
    assert_eq!((problem.code, problem.args[0].clone()), ("meeting_unsettled", ("count", "3".to_owned())));
    assert_eq!(codes(meeting.write(id(10), "", result("知悉"), date("2026-09-06"))), [("state", "meeting_not_now")]);
    meeting.return_minutes().unwrap();
    for n in 10..13 {
        meeting.write(id(n), "", result("知悉"), date("2026-09-06")).unwrap();
    }
    meeting.submit_minutes("").unwrap();
    meeting.approve_minutes(id(3), at(103)).unwrap();

    charter.agenda = Agenda::Own(vec!["通报".into()]);
    let mut other = self::meeting();
    other.add_item(&charter, id(9), (own(), "财务"), (None, None)).unwrap();
    let kind = (ItemKind::Together(Together::Share), "财务");
    assert_eq!(codes(other.add_item(&charter, id(9), kind, (None, None))), [("kind", "meeting_item_kind")]);
    assert_eq!(serde_json::to_string(&other.items[0].kind).unwrap(), "\"通报\"");
    assert_eq!(serde_json::from_str::<ItemKind>("\"solve\"").unwrap(), ItemKind::Together(Together::Solve));
}

#[test]
fn an_agenda_is_put_in_order_before_the_meeting() {
    let charter = team();
    let mut meeting = meeting();
    for n in 9..12 {
        meeting.add_item(&charter, id(n), (ItemKind::Together(Together::Solve), "议题"), (None, None)).unwrap();
    }
    let order = |meeting: &Meeting| meeting.items.iter().map(|item| item.id.as_u128()).collect::<Vec<_>>();
    meeting.order_items(&[id(11), id(9), id(10)]).unwrap();
    assert_eq!(order(&meeting), [11, 9, 10]);
    for wrong in [vec![id(11), id(9)], vec![id(11), id(9), id(9)], vec![id(11), id(9), id(12)]] {
        assert_eq!(meeting.order_items(&wrong).unwrap_err().code, "meeting_no_such_item");
    }
    assert_eq!(
        codes(meeting.revise(("", "礼堂"), (at(5), at(5)), None)),
        [("title", "required"), ("until", "end_before_start")]
    );
    meeting.revise(("例会", "礼堂"), (at(110), at(112)), Some(id(20))).unwrap();
    assert_eq!((meeting.place.as_str(), meeting.convener), ("礼堂", Some(id(20))));
    meeting.call(&charter, &[id(20)], at(0), Shanghai).unwrap();
    meeting.remove_item(id(9)).unwrap();
    meeting.remove_item(id(10)).unwrap();
    assert_eq!(meeting.remove_item(id(9)).unwrap_err().code, "meeting_no_such_item");
    assert_eq!(meeting.remove_item(id(11)).unwrap_err().code, "meeting_no_items");
    assert_eq!(codes(meeting.revise(("例会", "礼堂"), (at(110), at(112)), None)), [("state", "meeting_not_now")]);
    meeting.open(at(110)).unwrap();
    assert_eq!(meeting.remove_item(id(11)).unwrap_err().code, "meeting_not_now");
    assert_eq!(meeting.order_items(&[id(11)]).unwrap_err().code, "meeting_not_now");
}

#[test]
fn the_quorum_is_shown_live_by_seat() {
    let charter = team();
    let mut meeting = meeting();
    meeting.add_item(&charter, id(9), (ItemKind::Together(Together::Solve), "停车"), (None, None)).unwrap();
    let roll: Vec<RollEntry> = (20..25).map(|n| RollEntry::of(id(n))).collect();
    let voters: Vec<Uuid> = roll.iter().map(|entry| entry.voter).collect();
    meeting.call(&charter, &voters, at(0), Shanghai).unwrap();
    meeting.answer(id(21), Answer::SendsSubstitute, at(1)).unwrap();
    assert_eq!(meeting.answer(id(99), Answer::Comes, at(1)).unwrap_err().code, "meeting_not_invited");
    assert_eq!(meeting.arrive(id(20), id(200), at(1)).unwrap_err().code, "meeting_not_now");
    meeting.open(at(100)).unwrap();
    let quorum = &charter.decisions.quorum;
    let live = |meeting: &Meeting, quorum: &Quorum, proxies: &[(Uuid, Uuid)]| {
        let figures = meeting.quorum(quorum, &roll, proxies).unwrap();
        (figures[0].got, figures[0].needed, is_quorate(&figures))
    };
    // The representative and the substitute of a seat are there, and it is there once.
    for (voter, person) in [(20, 200), (20, 201), (21, 210)] {
        meeting.arrive(id(voter), id(person), at(100)).unwrap();
    }
    assert_eq!(live(&meeting, quorum, &[]), (2, 3, false));
    assert_eq!(meeting.arrive(id(20), id(201), at(100)).unwrap_err().code, "meeting_here_already");
    assert_eq!(meeting.arrive(id(99), id(201), at(100)).unwrap_err().code, "meeting_not_invited");
    meeting.arrive(id(22), id(220), at(100)).unwrap();
    assert_eq!(live(&meeting, quorum, &[]), (3, 3, true));
    meeting.leave(id(20), id(200), at(101)).unwrap();
    assert_eq!(live(&meeting, quorum, &[]), (3, 3, true), "its substitute is still there");
    meeting.leave(id(20), id(201), at(101)).unwrap();
    assert_eq!(meeting.leave(id(20), id(201), at(101)).unwrap_err().code, "meeting_not_here");
    let given = [(id(23), id(22)), (id(24), id(20))];
    assert_eq!(live(&meeting, quorum, &given), (2, 3, false));
    let represented = Quorum { by: tongxin_core::council::charter::QuorumBy::Represented, ..quorum.clone() };
    assert_eq!(live(&meeting, &represented, &given), (3, 3, true), "only while the holder is there");
    meeting.close(at(102)).unwrap();
    assert_eq!(meeting.present(), BTreeSet::from([id(20), id(21), id(22)]));
}

#[test]
fn an_amendment_is_to_the_text_that_stands() {
    let mut proposal =
        Proposal::draft((id(1), id(1)), MatterKind::Special, ("公约", "楼道不堆物。\n垃圾分类。"), at(0)).unwrap();
    assert_eq!(proposal.submit(id(2), 1).unwrap_err().code, "proposal_not_yours");
    proposal.submit(id(1), 1).unwrap();
    assert_eq!(proposal.state, ProposalState::Backed);
    proposal.debate().unwrap();
    assert_eq!(codes(proposal.amend((id(50), id(2)), "楼道不堆物。\n垃圾分类。", "")), [("text", "nothing_changes")]);
    proposal.amend((id(50), id(2)), "楼道不堆杂物。\n垃圾分类。", "写清楚").unwrap();
    proposal.amend((id(51), id(3)), "楼道不堆物。\n垃圾定点分类。", "").unwrap();
    let pieces: Vec<(Change, String)> = proposal
        .changes(&proposal.amendments[0])
        .into_iter()
        .flat_map(|line| line.pieces)
        .map(|piece| (piece.change, piece.text))
        .collect();
    assert_eq!(
        pieces,
        [
            (Change::Same, "楼道不堆物。".into()),
            (Change::Same, "楼道不堆".into()),
            (Change::Added, "杂".into()),
            (Change::Same, "物。".into()),
            (Change::Same, "垃圾分类。".into()),
        ]
    );
    assert_eq!(proposal.vote().unwrap_err().code, "proposal_open_amendments");
    proposal.accept(id(50), at(1)).unwrap();
    assert_eq!((proposal.text(), proposal.version()), ("楼道不堆杂物。\n垃圾分类。", 1));
    assert!(proposal.is_outdated(&proposal.amendments[1]));
    assert_eq!(proposal.accept(id(51), at(1)).unwrap_err().code, "amendment_outdated");
    assert_eq!(proposal.reject(id(50)).unwrap_err().code, "amendment_decided");
    assert_eq!(proposal.take_back(id(51), id(2)).unwrap_err().code, "proposal_not_yours");
    proposal.vote().unwrap();
    assert_eq!(codes(proposal.amend((id(52), id(2)), "无", "")), [("state", "proposal_not_now")]);
    assert_eq!(codes(proposal.withdraw(id(1), "")), [("state", "proposal_not_now"), ("reason", "required")]);
    proposal.resolve(true).unwrap();
    proposal.carry_out().unwrap();
}

#[test]
fn long_texts_are_shown_as_a_whole() {
    let (old, new) = ("甲".repeat(3_000), "乙".repeat(3_000));
    let lines = diff(&old, &new);
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.pieces.len() == 1));
    let many = "甲\n".repeat(3_000);
    assert_eq!(diff(&many, &"乙\n".repeat(3_000)).len(), 6_000);
}

#[test]
fn a_resolution_has_an_owner_and_a_day() {
    let about = (Level::ResidentialArea, MatterKind::Ordinary, 2);
    let form = ResolutionForm { number: "", title: "开放操场", text: "", owner: Some(holder(5)), due: None };
    let taken = |form: &ResolutionForm<'_>| Resolution::take(id(1), about, form, date("2026-09-01"));
    assert_eq!(codes(taken(&form)), [("number", "required"), ("due", "required")]);
    let early = ResolutionForm { number: "1", due: Some(date("2026-08-31")), ..form };
    assert_eq!(codes(taken(&early)), [("due", "resolution_due_early")]);
    let nobody = ResolutionForm { owner: None, due: Some(date("2026-09-30")), ..early };
    assert_eq!(codes(taken(&nobody)), [("due", "resolution_due_without_owner")]);
    let settled = taken(&ResolutionForm { due: None, ..nobody }).unwrap();
    assert_eq!(settled.state, ResolutionState::Accepted);
    let mut open = taken(&ResolutionForm { due: Some(date("2026-09-30")), ..early }).unwrap();
    assert!(!open.is_overdue(date("2026-09-30")) && open.is_overdue(date("2026-10-01")));
    assert_eq!(codes(open.report(id(1), " ", at(1))), [("note", "required")]);
    assert_eq!(codes(open.accept(id(1), "", at(1))), [("state", "resolution_not_now")]);
    open.finish(id(1), "", at(1)).unwrap();
    assert_eq!(codes(open.accept(id(1), "", at(1))), [("state", "resolution_own_work")]);
    open.accept(id(2), "", at(1)).unwrap();
}

#[test]
fn what_was_not_done_is_taken_up_again() {
    let today = date("2026-09-01");
    let mut matter =
        DeliberationMatter::raise(id(1), ("停车", "车位不够"), Level::ResidentialArea, holder(1), today).unwrap();
    assert_eq!(codes(matter.invite(&[], today)), [("parties", "matter_one_party")]);
    matter.invite(&[holder(2)], today).unwrap();
    assert_eq!(matter.parties.len(), 2);
    assert_eq!(codes(matter.invite(&[holder(2)], today)), [("parties", "matter_party_twice")]);
    assert_eq!(matter.answer(holder(9), PartyAnswer::Comes).unwrap_err().code, "matter_no_party");
    let both = [holder(1), holder(2)];
    let held = |matter: &mut DeliberationMatter, on: &str, came: &[Holder]| {
        matter.meet(DeliberationKind::Hearing, date(on), came, "意见", date("2026-09-10"))
    };
    assert_eq!(codes(held(&mut matter, "2026-09-11", &both)), [("on", "date_out_of_range")]);
    assert_eq!(codes(held(&mut matter, "2026-09-05", &[holder(1), holder(1)])), [("came", "matter_one_party")]);
    assert_eq!(codes(held(&mut matter, "2026-09-05", &[holder(1), holder(7)])), [("came", "matter_no_party")]);
    held(&mut matter, "2026-09-05", &both).unwrap();
    let follow_ups = [("划线".to_owned(), holder(2), date("2026-09-20"))];
    let agree =
        |matter: &mut DeliberationMatter, on: &str| matter.agree(date(on), "划线", &follow_ups, date("2026-09-10"));
    assert_eq!(codes(agree(&mut matter, "2026-09-04")), [("on", "date_out_of_range")]);
    agree(&mut matter, "2026-09-05").unwrap();
    assert_eq!(matter.close(date("2026-09-10")).unwrap_err().code, "matter_pending");
    let reopened = matter.reopen("没有划线", at(0), date("2026-09-20"));
    assert_eq!(codes(reopened), [("state", "matter_not_due")]);
    matter.reopen("没有划线", at(0), date("2026-09-21")).unwrap();
    assert_eq!((matter.state, matter.outcome.is_none(), matter.reopened.len()), (MatterState::Reopened, true, 1));
    held(&mut matter, "2026-09-10", &both).unwrap();
    agree(&mut matter, "2026-09-10").unwrap();
    assert_eq!(matter.done(3, date("2026-09-10"), date("2026-09-10")).unwrap_err().code, "matter_no_follow_up");
    matter.done(0, date("2026-09-10"), date("2026-09-10")).unwrap();
    assert_eq!(matter.done(0, date("2026-09-10"), date("2026-09-10")).unwrap_err().code, "matter_done_already");
    matter.close(date("2026-09-11")).unwrap();
    assert_eq!(matter.state, MatterState::Closed);
}
