//! The charters of the presets. Shares and numbers that a law states are named where they stand; the others are a beginning
//! that a community changes.

use std::collections::BTreeMap;

use tongxin_tally::{
    Fraction,
    majority::{Abstention, Base, Reach, Tie},
};

use crate::{
    council::{
        Level, MatterKind, Measure, Office, Secrecy,
        charter::{
            Agenda, Approval, Backers, Body, CallRule, Callers, Charter, DecisionRule, Decisions, DutyOrder, DutyRule,
            DutyUnit, ItemRule, Proposer, Public, Quorum, QuorumBy, RollKind, SeatRule, Threshold, VotingRule, Way,
        },
    },
    people::development::rules::{DevelopmentRules, MoreThan},
};

/// A share of a table; one that were none would be refused by [`Charter::check`], which a test runs on each.
fn share(numerator: u32, denominator: u32) -> Fraction {
    Fraction::new(numerator, denominator).unwrap_or(Fraction::HALF)
}

fn quorum(by: QuorumBy, reach: Reach, share: Fraction, measures: &[Measure]) -> Quorum {
    Quorum { by, thresholds: measures.iter().map(|measure| Threshold { measure: *measure, reach, share }).collect() }
}

fn approval(reach: Reach, share: Fraction, of: Base, measures: &[Measure]) -> DecisionRule {
    let approval = measures.iter().map(|measure| Approval { measure: *measure, reach, share, of }).collect();
    DecisionRule { approval, ..DecisionRule::default() }
}

fn decisions(quorum: Quorum, ordinary: DecisionRule, others: Vec<(MatterKind, DecisionRule)>) -> Decisions {
    Decisions {
        quorum,
        secrecy: Secrecy::Open,
        abstention: Abstention::TakesPart,
        tie: Tie::Fails,
        ordinary,
        others: BTreeMap::from_iter(others),
    }
}

/// A charter of a body that meets, without what is particular to it.
fn meeting(purpose: &str, level: Level, body: Body, decisions: Decisions) -> Charter {
    Charter {
        purpose: purpose.to_owned(),
        level,
        body,
        offices: vec![Office::Chair, Office::Member],
        term_months: None,
        duty: None,
        agenda: Agenda::Together,
        items: ItemRule { by: vec![Proposer::Member, Proposer::Chair], backers: Backers::Count(1) },
        calls: Vec::new(),
        notice_days: 7,
        decisions,
        voting: VotingRule {
            ways: vec![Way::Hands, Way::Paper],
            least_hours: 0,
            most_hours: 24,
            change: false,
            proxies: 0,
            written_before: false,
        },
        public: vec![Public::Seats, Public::Agenda, Public::Resolutions, Public::Results],
    }
}

/// Civil Code, art. 278.
pub(super) fn owners_assembly() -> Charter {
    let both = [Measure::Heads, Measure::Area];
    let special = || approval(Reach::AtLeast, share(3, 4), Base::Participating, &both);
    let decisions = decisions(
        quorum(QuorumBy::TakingPart, Reach::AtLeast, share(2, 3), &both),
        approval(Reach::MoreThan, Fraction::HALF, Base::Participating, &both),
        vec![(MatterKind::Special, special())],
    );
    let body = Body::Roll { roll: RollKind::Owners };
    let owners = meeting("业主共同决定建筑区划内的重大事项。", Level::ResidentialArea, body, decisions);
    Charter {
        offices: vec![Office::Chair, Office::ViceChair, Office::Member],
        notice_days: 15,
        voting: VotingRule {
            ways: vec![Way::Online, Way::Paper],
            least_hours: 24 * 7,
            most_hours: 24 * 60,
            change: true,
            proxies: 3,
            written_before: false,
        },
        ..owners
    }
}

/// Organic Law of Urban Residents' Committees, 2018 text, art. 9 and 10.
pub(super) fn residents_assembly() -> Charter {
    let decisions = decisions(
        quorum(QuorumBy::Present, Reach::MoreThan, Fraction::HALF, &[Measure::Heads]),
        approval(Reach::MoreThan, Fraction::HALF, Base::Participating, &[Measure::Heads]),
        Vec::new(),
    );
    let body = Body::Roll { roll: RollKind::Residents };
    let call = |of, numerator, denominator| CallRule { of, share: share(numerator, denominator) };
    Charter {
        calls: vec![call(Callers::Heads, 1, 5), call(Callers::Households, 1, 5), call(Callers::Groups, 1, 3)],
        ..meeting("居民讨论决定涉及全体居民利益的重要问题。", Level::ResidentialArea, body, decisions)
    }
}

/// The same law, art. 7 and 8; how the committee decides is its own.
pub(super) fn residents_committee() -> Charter {
    let decisions = decisions(
        quorum(QuorumBy::Present, Reach::MoreThan, Fraction::HALF, &[Measure::Seats]),
        approval(Reach::MoreThan, Fraction::HALF, Base::Entitled, &[Measure::Seats]),
        Vec::new(),
    );
    let rule = SeatRule { per_organisation: 0, per_person: 1, least: 5, most: Some(9), substitutes: 0 };
    let purpose = "居民自我管理、自我教育、自我服务。";
    Charter {
        offices: vec![Office::Chair, Office::ViceChair, Office::Member],
        term_months: Some(60),
        notice_days: 3,
        ..meeting(purpose, Level::ResidentialArea, Body::Seats(rule), decisions)
    }
}

fn more_than(rule: MoreThan) -> Fraction {
    let part = |number: u64| u32::try_from(number).unwrap_or(0);
    share(part(rule.over), part(rule.of))
}

/// The rules of development of a version: its quorum and its majority of all full members with a vote.
pub(super) fn party_admission(rules: &DevelopmentRules) -> Charter {
    let majority = || approval(Reach::MoreThan, more_than(rules.majority.value), Base::Entitled, &[Measure::Heads]);
    let decisions = Decisions {
        secrecy: Secrecy::Open,
        ..decisions(
            quorum(QuorumBy::Present, Reach::MoreThan, more_than(rules.quorum.value), &[Measure::Heads]),
            majority(),
            vec![(MatterKind::Admission, DecisionRule { one_by_one: true, ..majority() })],
        )
    };
    let body = Body::Roll { roll: RollKind::FullMembers };
    let branch = meeting("支部大会讨论接收预备党员和其他事项。", Level::ResidentialArea, body, decisions);
    Charter { voting: VotingRule { written_before: true, ..branch.voting }, public: Vec::new(), ..branch }
}

/// Who is elected is said by the method; that four fifths have to be there is the rule's.
pub(super) fn party_election() -> Charter {
    let election = DecisionRule {
        quorum: Some(quorum(QuorumBy::Present, Reach::AtLeast, share(4, 5), &[Measure::Heads])),
        secrecy: Some(Secrecy::Secret),
        ..DecisionRule::default()
    };
    let decisions = decisions(
        quorum(QuorumBy::Present, Reach::MoreThan, Fraction::HALF, &[Measure::Heads]),
        approval(Reach::MoreThan, Fraction::HALF, Base::Entitled, &[Measure::Heads]),
        vec![(MatterKind::Election, election)],
    );
    let body = Body::Roll { roll: RollKind::FullMembers };
    Charter {
        public: Vec::new(), ..meeting("支部党员大会选举支部委员会。", Level::ResidentialArea, body, decisions)
    }
}

/// S22: all of it is set by the charter.
pub(super) fn co_building_council() -> Charter {
    let special = || approval(Reach::AtLeast, share(2, 3), Base::Entitled, &[Measure::Seats]);
    let election = DecisionRule { secrecy: Some(Secrecy::Secret), ..DecisionRule::default() };
    let decisions = Decisions {
        tie: Tie::CastingVote,
        ..decisions(
            quorum(QuorumBy::TakingPart, Reach::AtLeast, share(2, 3), &[Measure::Seats]),
            approval(Reach::MoreThan, Fraction::HALF, Base::Participating, &[Measure::Seats]),
            vec![
                (MatterKind::Special, special()),
                (MatterKind::CharterChange, special()),
                (MatterKind::Election, election),
            ],
        )
    };
    let rule = SeatRule { per_organisation: 1, per_person: 1, least: 5, most: None, substitutes: 2 };
    let purpose = "社区单位共商共建、资源共享、轮值履职，服务社区群众。";
    let council = meeting(purpose, Level::Community, Body::Seats(rule), decisions);
    Charter {
        offices: vec![Office::Chair, Office::ViceChair, Office::Member],
        term_months: Some(36),
        duty: Some(DutyRule {
            length: 1,
            unit: DutyUnit::Months,
            order: DutyOrder::Listed,
            swaps: true,
            remind_days: 14,
        }),
        items: ItemRule { by: vec![Proposer::Member, Proposer::Chair, Proposer::OnDuty], backers: Backers::Count(3) },
        calls: vec![CallRule { of: Callers::Seats, share: share(1, 3) }],
        voting: VotingRule {
            ways: vec![Way::Online, Way::Paper, Way::Hands],
            most_hours: 24 * 14,
            change: true,
            ..council.voting
        },
        public: vec![
            Public::Seats,
            Public::Rota,
            Public::Agenda,
            Public::Minutes,
            Public::Resolutions,
            Public::Results,
            Public::Ballots,
        ],
        ..council
    }
}

/// S11: the four-in-one team of a general branch; its items are of the four kinds.
pub(super) fn branch_team() -> Charter {
    let decisions = decisions(
        quorum(QuorumBy::Present, Reach::MoreThan, Fraction::HALF, &[Measure::Seats]),
        approval(Reach::MoreThan, Fraction::HALF, Base::Participating, &[Measure::Seats]),
        Vec::new(),
    );
    let rule = SeatRule { per_organisation: 0, per_person: 1, least: 4, most: Some(20), substitutes: 1 };
    let purpose = "党建共商、事务共管、难题共解、资源共享。";
    Charter {
        notice_days: 2,
        public: vec![Public::Seats, Public::Resolutions],
        ..meeting(purpose, Level::ResidentialArea, Body::Seats(rule), decisions)
    }
}
