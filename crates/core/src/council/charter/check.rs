//! What contradicts itself in a charter.

use tongxin_tally::{
    Fraction,
    majority::{Base, Reach, Tie},
};

use super::{
    Agenda, Approval, Backers, Body, Charter, DAYS_MAX, DutyRule, DutyUnit, HOURS_MAX, MONTHS_MAX, MatterRule,
    PURPOSE_MAX, QuorumBy, SEATS_MAX, SeatRule, Way,
};
use crate::{
    council::{MatterKind, Measure, Office, Secrecy, TITLE_MAX},
    invalid::{Problem, Problems},
    text,
};

/// The most kinds of agenda items of a charter's own.
const AGENDA_MAX: usize = 20;

pub(super) fn check(charter: &Charter) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let purpose = problems.take(text::lines("purpose", &charter.purpose, PURPOSE_MAX));
    problems.require(purpose.is_none_or(|purpose| !purpose.is_empty()), || Problem::new("purpose", "required"));
    match &charter.body {
        Body::Seats(rule) => seats(rule, &mut problems),
        Body::Roll { .. } => {
            problems.require(charter.duty.is_none(), || Problem::new("duty", "charter_duty_without_seats"));
        }
    }
    if let Some(months) = charter.term_months {
        quantity(&mut problems, "term_months", months, 1, MONTHS_MAX);
    }
    if let Some(rule) = &charter.duty {
        duty(rule, charter.term_months, &mut problems);
    }
    if let Agenda::Own(kinds) = &charter.agenda {
        problems.require(!kinds.is_empty(), || Problem::new("agenda", "required"));
        problems.require(kinds.len() <= AGENDA_MAX, || Problem::new("agenda", "too_many").with("max", AGENDA_MAX));
        for kind in kinds {
            problems.take(text::line("agenda", kind, TITLE_MAX));
        }
    }
    items(charter, &mut problems);
    quantity(&mut problems, "notice_days", charter.notice_days, 0, DAYS_MAX);
    let casting = charter.decisions.tie == Tie::CastingVote;
    problems.require(!casting || charter.offices.contains(&Office::Chair), || {
        Problem::new("tie", "charter_casting_without_chair")
    });
    let again = charter.decisions.others.contains_key(&MatterKind::Ordinary);
    problems.require(!again, || Problem::new("others", "charter_ordinary_twice"));
    for (kind, rule) in charter.rules() {
        decision(charter, kind, &rule, &mut problems);
    }
    not_weaker(charter, &mut problems);
    voting(charter, &mut problems);
    problems.finish(Some(()))
}

fn quantity(problems: &mut Problems, field: &'static str, value: u32, min: u32, max: u32) {
    problems.require((min..=max).contains(&value), || {
        Problem::new(field, "bad_quantity").with("min", min).with("max", max)
    });
}

fn seats(rule: &SeatRule, problems: &mut Problems) {
    problems.require(rule.per_organisation + rule.per_person > 0, || Problem::new("seats", "charter_no_seats"));
    let each = rule.per_organisation.max(rule.per_person);
    quantity(problems, "seats", each.max(1), 1, SEATS_MAX);
    quantity(problems, "seats_least", rule.least, 1, SEATS_MAX);
    if let Some(most) = rule.most {
        quantity(problems, "seats_most", most, 1, SEATS_MAX);
        problems.require(rule.least <= most, || {
            Problem::new("seats_most", "charter_seats_range").with("least", rule.least)
        });
    }
    quantity(problems, "substitutes", rule.substitutes, 0, 10);
}

fn duty(rule: &DutyRule, term_months: Option<u32>, problems: &mut Problems) {
    let most = if rule.unit == DutyUnit::Days { DAYS_MAX } else { MONTHS_MAX };
    quantity(problems, "duty_length", rule.length, 1, most);
    let longest = match rule.unit {
        DutyUnit::Days => rule.length.div_ceil(31),
        DutyUnit::Months => rule.length,
    };
    problems.require(term_months.is_none_or(|term| longest <= term), || {
        Problem::new("duty_length", "charter_duty_longer_than_term")
    });
    quantity(problems, "remind_days", rule.remind_days, 0, DAYS_MAX);
}

fn items(charter: &Charter, problems: &mut Problems) {
    problems.require(!charter.items.by.is_empty(), || Problem::new("items", "required"));
    let on_duty = charter.items.by.contains(&super::Proposer::OnDuty);
    problems.require(!on_duty || charter.duty.is_some(), || Problem::new("items", "charter_no_duty"));
    let chair = charter.items.by.contains(&super::Proposer::Chair);
    problems.require(!chair || charter.offices.contains(&Office::Chair), || Problem::new("items", "charter_no_chair"));
    match charter.items.backers {
        Backers::Count(count) => {
            let most = charter.seats().and_then(|rule| rule.most).map_or(u64::MAX, u64::from);
            problems.require(count <= most, || {
                Problem::new("backers", "charter_more_backers_than_seats").with("max", most)
            });
        }
        Backers::Share(share) => share_of(problems, "backers", Reach::AtLeast, share, MatterKind::Ordinary),
    }
    for call in &charter.calls {
        share_of(problems, "calls", Reach::AtLeast, call.share, MatterKind::Ordinary);
    }
}

/// A share that says something: above 0, and within reach.
fn share_of(problems: &mut Problems, field: &'static str, reach: Reach, share: Fraction, matter: MatterKind) {
    let whole = share.numerator() == share.denominator();
    problems.require(share.numerator() > 0 || reach == Reach::MoreThan, || {
        Problem::new(field, "charter_share_zero").with("matter", matter)
    });
    problems.require(!(whole && reach == Reach::MoreThan), || {
        Problem::new(field, "charter_share_impossible").with("matter", matter)
    });
}

fn decision(charter: &Charter, matter: MatterKind, rule: &MatterRule<'_>, problems: &mut Problems) {
    let fits = charter.body.measures();
    let mut seen = Vec::new();
    for threshold in &rule.quorum.thresholds {
        share_of(problems, "quorum", threshold.reach, threshold.share, matter);
        measure(problems, "quorum", fits.contains(&threshold.measure), matter);
        problems.require(!seen.contains(&threshold.measure), || {
            Problem::new("quorum", "charter_condition_twice").with("matter", matter)
        });
        seen.push(threshold.measure);
    }
    let represented = rule.quorum.by == QuorumBy::Represented;
    problems.require(!represented || charter.voting.proxies > 0, || {
        Problem::new("quorum", "charter_represented_without_proxies").with("matter", matter)
    });
    problems.require(!rule.approval.is_empty() || matter == MatterKind::Election, || {
        Problem::new("approval", "charter_no_majority").with("matter", matter)
    });
    let mut seen = Vec::new();
    for approval in rule.approval {
        share_of(problems, "approval", approval.reach, approval.share, matter);
        measure(problems, "approval", fits.contains(&approval.measure), matter);
        let of = (approval.measure, approval.of);
        problems.require(!seen.contains(&of), || {
            Problem::new("approval", "charter_condition_twice").with("matter", matter)
        });
        seen.push(of);
    }
    if rule.secrecy == Secrecy::Secret {
        let area = rule.quorum.thresholds.iter().map(|threshold| threshold.measure);
        let mut area = area.chain(rule.approval.iter().map(|approval| approval.measure));
        problems.require(area.all(|measure| measure != Measure::Area), || {
            Problem::new("secrecy", "charter_secret_by_area").with("matter", matter)
        });
        problems.require(charter.voting.ways.iter().any(|way| *way != Way::Hands), || {
            Problem::new("secrecy", "charter_secret_by_hands").with("matter", matter)
        });
    }
}

fn measure(problems: &mut Problems, field: &'static str, fits: bool, matter: MatterKind) {
    problems.require(fits, || Problem::new(field, "charter_measure_unfit").with("matter", matter));
}

/// Special matters, changes of the charter and removals ask for no less than ordinary ones.
fn not_weaker(charter: &Charter, problems: &mut Problems) {
    for matter in [MatterKind::Special, MatterKind::CharterChange, MatterKind::Removal] {
        let Some(rule) = charter.decisions.others.get(&matter) else { continue };
        let holds = |ordinary: &Approval| rule.approval.iter().any(|own| implies(own, ordinary));
        problems.require(charter.decisions.ordinary.approval.iter().all(holds), || {
            Problem::new("approval", "charter_weaker_than_ordinary").with("matter", matter)
        });
    }
}

/// Whether what meets `strong` always meets `weak`.
fn implies(strong: &Approval, weak: &Approval) -> bool {
    let size = |base: Base| match base {
        Base::Entitled => 2,
        Base::Participating => 1,
        Base::Decided => 0,
    };
    let cross = |a: Fraction, b: Fraction| u64::from(a.numerator()) * u64::from(b.denominator());
    let (own, other) = (cross(strong.share, weak.share), cross(weak.share, strong.share));
    let reaches = own > other || (own == other && (strong.reach == Reach::MoreThan || weak.reach == Reach::AtLeast));
    strong.measure == weak.measure && size(strong.of) >= size(weak.of) && reaches
}

fn voting(charter: &Charter, problems: &mut Problems) {
    let voting = &charter.voting;
    problems.require(!voting.ways.is_empty(), || Problem::new("ways", "required"));
    quantity(problems, "least_hours", voting.least_hours, 0, HOURS_MAX);
    quantity(problems, "most_hours", voting.most_hours, 1, HOURS_MAX);
    problems.require(voting.least_hours <= voting.most_hours, || {
        Problem::new("most_hours", "charter_window_range").with("least", voting.least_hours)
    });
    problems.require(!voting.change || voting.ways.contains(&Way::Online), || {
        Problem::new("change", "charter_change_not_online")
    });
    problems.require(!voting.written_before || voting.ways.contains(&Way::Paper), || {
        Problem::new("written_before", "charter_written_without_paper")
    });
    quantity(problems, "proxies", voting.proxies, 0, 20);
}
