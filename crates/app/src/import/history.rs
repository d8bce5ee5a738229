//! The rows of `matches.csv`: each match's life is played through the rules, then the states of needs and offers are
//! held against what follows from their matches.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use tongxin_core::{
    invalid::Problem,
    service::{
        Delivery, Intent, IntentState, Match, MatchState, Party, Side,
        intent::{Refused, quantity},
        matches::{CONFIRM_WITHIN_DAYS, NOTE_MAX, check_delivery, check_feedback},
    },
    text,
    time::Window,
};
use tongxin_store::{people::Balance, service::matches::StoredMatch};
use uuid::Uuid;

use super::{
    RowProblem,
    plan::Check,
    table::{NEEDS, OFFERS, Row},
};

/// How long an arranged time lasts when nothing says it: one hour.
const ARRANGED_MINUTES: i64 = 60;

/// A match that was checked, with its row.
struct Played {
    row: Row,
    need: usize,
    offer: usize,
    life: Match,
    delivery: Option<Delivery>,
}

/// Checks all matches and what follows from them.
pub(super) fn play(check: &mut Check<'_>, rows: Vec<Row>) {
    let mut played = Vec::with_capacity(rows.len());
    for row in rows {
        match one(check, &row) {
            Some(done) => played.push(done),
            None => doubt(check, &row),
        }
    }
    commit(check, &mut played);
    let mut balances: HashMap<Uuid, Balance> = HashMap::new();
    for done in &played {
        if done.life.state.is_done() {
            let at = done.life.updated_at;
            for intent in [done.need, done.offer] {
                if let Some((intent, _)) = check.plan.intents.get_mut(intent) {
                    let at = intent.updated_at.max(at);
                    intent.fulfil(done.life.quantity, at);
                }
            }
        }
        if let Some(delivery) = done.delivery.as_ref().filter(|d| d.is_settled()) {
            let giver = balances.entry(done.life.giver).or_default();
            giver.given_count += 1;
            giver.given_minutes += delivery.draft.minutes;
            let receiver = balances.entry(done.life.receiver).or_default();
            receiver.received_count += 1;
            receiver.received_minutes += delivery.draft.minutes;
        }
    }
    for member in &mut check.plan.members {
        member.balance = balances.get(&member.id).copied().unwrap_or_default();
    }
    for done in played {
        let Some((need, _)) = check.plan.intents.get(done.need) else { continue };
        let (area, category) = (need.location.area, need.draft.category);
        check.record(done.row.file, done.row.line, "match", done.life.id, done.row.get("need"));
        let stored = StoredMatch { life: done.life, area, category, reasons: Vec::new(), run: None, is_answer: false };
        check.plan.matches.push((stored, done.delivery));
    }
    states(check);
}

/// The need and the offer of a row that has problems: their states can't be told.
fn doubt(check: &mut Check<'_>, row: &Row) {
    for column in ["need", "offer"] {
        if let Some(intent) = check.intents.get_mut(row.get(column)) {
            intent.doubtful = true;
        }
    }
}

/// Checks one row and plays its match.
fn one(check: &mut Check<'_>, row: &Row) -> Option<Played> {
    let before = check.problems.len();
    let need = side(check, row, "need", Side::Need);
    let offer = side(check, row, "offer", Side::Offer);
    if let Some((need, offer)) = need.as_ref().zip(offer.as_ref()) {
        if need.member == offer.member {
            check.problem(row, Problem::new("offer", Refused::SameMember.code()));
        }
        if need.category != offer.category {
            check.problem(row, Problem::new("offer", Refused::OtherCategory.code()));
        }
    }
    let quantity = check.take(row, quantity("quantity", row.get("quantity")));
    let state = row.get("state").parse::<MatchState>();
    let state = check.take(row, state.map_err(|_| Problem::new("state", "unknown_choice")));
    if let Some(state) = state {
        fields(check, row, state);
    }
    let times = Times::read(check, row);
    let delivered = match row.get("delivered_at") {
        "" => None,
        _ => {
            let draft =
                check_delivery(times.delivered, row.get("minutes"), row.get("quantity"), row.get("note"), check.now);
            match draft {
                Ok(draft) => Some(draft),
                Err(mut problems) => {
                    // The quantity and an unreadable time were told above.
                    let told = |field| field == "quantity" || (field == "happened_at" && times.delivered.is_none());
                    problems.0.retain(|p| !told(p.field));
                    check.problems(row, problems, &[("happened_at", "delivered_at")]);
                    None
                }
            }
        }
    };
    let feedback = match (row.get("rating"), row.get("comment")) {
        ("", "") => None,
        (rating, comment) => match check_feedback(rating, comment) {
            Ok(feedback) => Some(feedback),
            Err(problems) => {
                check.problems(row, problems, &[]);
                None
            }
        },
    };
    let reason = check.take(row, text::optional_line("reason", row.get("reason"), NOTE_MAX)).flatten();
    if check.problems.len() != before {
        return None;
    }
    let (need, offer) = (need?.at?, offer?.at?);
    let (need_intent, offer_intent) = (&check.plan.intents.get(need)?.0, &check.plan.intents.get(offer)?.0);
    let proposed_at = times.proposed?;
    // Who came later approached the other: that side was asked.
    let asked = if need_intent.created_at > offer_intent.created_at { Side::Offer } else { Side::Need };
    let life = Match {
        id: check.id(proposed_at),
        need: need_intent.id,
        offer: offer_intent.id,
        receiver: need_intent.member,
        giver: offer_intent.member,
        quantity: quantity?,
        delivered: 0,
        asked,
        state: MatchState::Proposed,
        arranged: None,
        reason: None,
        proposed_at,
        accepted_at: None,
        closed_at: None,
        updated_at: proposed_at,
    };
    let mut delivery = None;
    let mut moved = Moves { life, delivery: &mut delivery };
    let happened = delivered.map(|draft| (check.id(draft.happened_at), draft));
    match moved.play(state?, &times, happened, reason.unwrap_or_default(), check.now) {
        Ok(life) => {
            if let (Some(delivery), Some((rating, comment))) = (&mut delivery, feedback) {
                delivery.rate(rating, comment);
            }
            Some(Played { row: row.clone(), need, offer, life, delivery })
        }
        Err(refused) => {
            check.problem(row, Problem::new("state", refused.code()));
            None
        }
    }
}

/// What a match needs to know of a need or an offer.
struct Named {
    member: String,
    category: String,
    at: Option<usize>,
}

fn side(check: &mut Check<'_>, row: &Row, column: &'static str, side: Side) -> Option<Named> {
    let code = row.get(column);
    let result = match check.intents.get(code) {
        _ if code.is_empty() => Err(Problem::new(column, "required")),
        Some(named) if named.side == side => {
            Ok(Named { member: named.member.clone(), category: named.category.clone(), at: named.at })
        }
        _ => Err(Problem::new(column, "unknown_reference")),
    };
    check.take(row, result)
}

/// Columns that a state asks for, and those that it excludes.
fn fields(check: &mut Check<'_>, row: &Row, state: MatchState) {
    use MatchState::{Accepted, Arranged, Cancelled, Confirmed, Declined, Delivered, Proposed, Settled};
    const HAPPENED: [&str; 7] =
        ["delivered_at", "minutes", "note", "confirmed_giver_at", "confirmed_receiver_at", "rating", "comment"];
    let (required, excluded): (&[&'static str], &[&'static str]) = match state {
        Proposed | Accepted => (&["proposed_at"], &["arranged_at", "reason"]),
        Arranged => (&["proposed_at", "arranged_at"], &["reason"]),
        Delivered | Settled => (&["proposed_at", "delivered_at", "minutes"], &["reason"]),
        Confirmed => {
            (&["proposed_at", "delivered_at", "minutes", "confirmed_giver_at", "confirmed_receiver_at"], &["reason"])
        }
        Declined => (&["proposed_at", "reason"], &["arranged_at"]),
        Cancelled => (&["proposed_at", "reason"], &[]),
    };
    for column in required.iter().filter(|column| row.get(column).is_empty()) {
        // An empty number is told by its own check.
        if *column != "minutes" || row.get("delivered_at").is_empty() {
            check.problem(row, Problem::new(column, "required"));
        }
    }
    let not_delivered = !matches!(state, Delivered | Confirmed | Settled);
    let excluded = excluded.iter().chain(HAPPENED.iter().filter(|_| not_delivered));
    for column in excluded.filter(|column| !row.get(column).is_empty()) {
        check.problem(row, Problem::new(column, "not_in_this_state").with("state", state));
    }
    let both = !row.get("confirmed_giver_at").is_empty() && !row.get("confirmed_receiver_at").is_empty();
    if both && matches!(state, Delivered | Settled) {
        check.problem(row, Problem::new("state", "both_confirmed"));
    }
}

/// The times of a row.
struct Times {
    proposed: Option<DateTime<Utc>>,
    arranged: Option<DateTime<Utc>>,
    delivered: Option<DateTime<Utc>>,
    giver: Option<DateTime<Utc>>,
    receiver: Option<DateTime<Utc>>,
}

impl Times {
    fn read(check: &mut Check<'_>, row: &Row) -> Self {
        let times = Self {
            proposed: check.past_time(row, "proposed_at"),
            arranged: check.time(row, "arranged_at"),
            delivered: check.time(row, "delivered_at"),
            giver: check.past_time(row, "confirmed_giver_at"),
            receiver: check.past_time(row, "confirmed_receiver_at"),
        };
        let order = [
            ("arranged_at", times.arranged, "proposed_at", times.proposed),
            ("delivered_at", times.delivered, "proposed_at", times.proposed),
            ("delivered_at", times.delivered, "arranged_at", times.arranged),
            ("confirmed_giver_at", times.giver, "delivered_at", times.delivered),
            ("confirmed_receiver_at", times.receiver, "delivered_at", times.delivered),
        ];
        for (column, at, earlier_column, earlier) in order {
            if at.zip(earlier).is_some_and(|(at, earlier)| at < earlier) {
                check.problem(row, Problem::new(column, "out_of_order").with("after", earlier_column));
            }
        }
        times
    }
}

/// The moves that lead a match to its stated state.
struct Moves<'d> {
    life: Match,
    delivery: &'d mut Option<Delivery>,
}

impl Moves<'_> {
    /// Plays them by the rules. A time that the file has no column for is the latest one known before it.
    fn play(
        &mut self,
        state: MatchState,
        times: &Times,
        happened: Option<(Uuid, tongxin_core::service::DeliveryDraft)>,
        reason: String,
        now: DateTime<Utc>,
    ) -> Result<Match, Refused> {
        let life = &mut self.life;
        let proposed = life.proposed_at;
        match state {
            MatchState::Proposed => return Ok(life.clone()),
            MatchState::Declined => {
                life.decline(Party::Staff, reason, proposed)?;
                return Ok(life.clone());
            }
            _ if state == MatchState::Cancelled && times.arranged.is_none() => {
                life.cancel(reason, proposed)?;
                return Ok(life.clone());
            }
            _ => life.accept(Party::Staff, proposed)?,
        }
        if let Some(from) = times.arranged {
            let minutes = happened.as_ref().map_or(0, |(_, draft)| draft.minutes);
            let length = Duration::minutes(if minutes > 0 { minutes } else { ARRANGED_MINUTES });
            let window = Window::new(from, from + length).ok_or(Refused::WrongState)?;
            life.arrange(window, proposed)?;
        }
        if state == MatchState::Cancelled {
            let at = times.arranged.map_or(proposed, |at| at.min(now));
            life.cancel(reason, at)?;
        }
        if let Some((id, draft)) = happened {
            let at = draft.happened_at;
            let mut delivery = life.deliver(Party::Staff, id, draft, None, at)?;
            for (party, at) in [(Party::Giver, times.giver), (Party::Receiver, times.receiver)] {
                if let Some(at) = at {
                    delivery.confirm(party, at)?;
                }
            }
            let mut closed = times.giver.max(times.receiver).unwrap_or(at);
            if state == MatchState::Settled {
                closed = at + Duration::days(CONFIRM_WITHIN_DAYS);
                if closed > now {
                    return Err(Refused::TooEarly);
                }
                delivery.settle(closed)?;
            }
            life.close_if_settled(std::slice::from_ref(&delivery), closed);
            *self.delivery = Some(delivery);
        }
        if life.state == state { Ok(life.clone()) } else { Err(Refused::WrongState) }
    }
}

/// Holds the quantities of live and done matches, in the order in which they were proposed.
fn commit(check: &mut Check<'_>, played: &mut Vec<Played>) {
    let mut order: Vec<usize> = (0..played.len()).collect();
    order.sort_by_key(|at| played.get(*at).map(|p| p.life.proposed_at));
    let mut refused = Vec::new();
    for at in order {
        let Some(done) = played.get(at) else { continue };
        if !done.life.state.is_live() && !done.life.state.is_done() {
            continue;
        }
        let (quantity, proposed) = (done.life.quantity, done.life.proposed_at);
        let mut tries = [done.need, done.offer].map(|i| check.plan.intents.get(i).map(|(intent, _)| intent.clone()));
        let outcome =
            tries.iter_mut().flatten().try_for_each(|intent| intent.commit(quantity, proposed.max(intent.updated_at)));
        match outcome {
            Ok(()) => {
                for (i, intent) in [done.need, done.offer].into_iter().zip(tries) {
                    if let (Some((kept, _)), Some(intent)) = (check.plan.intents.get_mut(i), intent) {
                        *kept = intent;
                    }
                }
            }
            Err(code) => refused.push((at, code)),
        }
    }
    for (at, code) in &refused {
        if let Some(done) = played.get(*at) {
            let row = done.row.clone();
            check.problem(&row, Problem::new("quantity", code.code()));
            doubt(check, &row);
        }
    }
    let mut at = 0;
    played.retain(|_| {
        at += 1;
        !refused.iter().any(|(refused, _)| refused + 1 == at)
    });
}

/// Brings each need and offer to the state that its row states, or notes that its matches contradict it.
fn states(check: &mut Check<'_>) {
    let mut problems = Vec::new();
    for (code, named) in &check.intents {
        let (Some(at), Some(stated), false) = (named.at, named.stated, named.doubtful) else { continue };
        let Some((intent, _)) = check.plan.intents.get_mut(at) else { continue };
        debug_assert_eq!(intent.side, named.side, "{code}");
        if let Err(follows) = settle(intent, stated, check.now) {
            let file = match named.side {
                Side::Need => NEEDS.file,
                Side::Offer => OFFERS.file,
            };
            let problem = Problem::new("state", "contradicts_matches").with("follows", follows);
            problems.push(RowProblem { value: stated.to_string(), ..RowProblem::new(file, named.line, problem) });
        }
    }
    check.problems.append(&mut problems);
}

/// "Open" says that its life goes on: with all of it matched it becomes "matched". The other states must be what follows
/// from the matches, or a move that the rules allow.
fn settle(intent: &mut Intent, stated: IntentState, now: DateTime<Utc>) -> Result<(), IntentState> {
    let follows = intent.state;
    let at = intent.draft.schedule.window.until.min(now).max(intent.updated_at);
    let agrees = match stated {
        IntentState::Open => intent.is_alive(),
        IntentState::Matched | IntentState::Met => follows == stated,
        IntentState::Withdrawn => intent.withdraw(intent.updated_at).is_ok(),
        IntentState::Expired => intent.draft.schedule.window.until <= now && intent.expire(at),
    };
    if agrees { Ok(()) } else { Err(follows) }
}
