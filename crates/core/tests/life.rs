//! Random lives of needs, offers, matches and deliveries: whatever anyone tries, nothing impossible comes of it.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;
use tongxin_core::{
    community::Location,
    service::{
        CareKind, Category, Delivery, DeliveryDraft, Intent, IntentDraft, IntentState, Match, MatchState, Party, Reach,
        Side, Urgency, Visibility,
        intent::Refused,
        schedule::{Schedule, Slots},
    },
    time::Window,
};
use uuid::Uuid;

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 0, 0, 0).unwrap()
}

fn draft(quantity: i64, category: Category) -> IntentDraft {
    IntentDraft {
        category,
        care_kind: CareKind::Material,
        title: "理发".into(),
        text: String::new(),
        schedule: Schedule {
            window: Window::new(start(), start() + Duration::days(10)).unwrap(),
            rule: None,
            slots: Slots::ALL,
        },
        quantity,
        urgency: Urgency::Normal,
        reach: Reach::Community,
        visibility: Visibility::Members,
    }
}

fn intent(quantity: i64) -> Intent {
    Intent {
        id: Uuid::from_u128(1),
        side: Side::Need,
        member: Uuid::from_u128(2),
        entered_by: None,
        location: Location { place: Uuid::from_u128(3), area: None },
        draft: draft(quantity, Category::Convenience),
        committed: 0,
        fulfilled: 0,
        state: IntentState::Open,
        created_at: start(),
        updated_at: start(),
    }
}

#[derive(Debug, Clone)]
enum Move {
    Edit(i64, bool),
    Commit(i64),
    Release(i64),
    Fulfil(i64),
    Withdraw,
    Expire,
    Reopen,
    Wait(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let quantity = -1_i64..12;
    let one = prop_oneof![
        (1_i64..12, any::<bool>()).prop_map(|(q, other)| Move::Edit(q, other)),
        quantity.prop_map(Move::Commit),
        (1_i64..6).prop_map(Move::Release),
        (1_i64..6).prop_map(Move::Fulfil),
        Just(Move::Withdraw),
        Just(Move::Expire),
        Just(Move::Reopen),
        (0_i64..3).prop_map(Move::Wait),
    ];
    proptest::collection::vec(one, 0..40)
}

fn check_intent(intent: &Intent) -> Result<(), TestCaseError> {
    let (quantity, committed, fulfilled) = (intent.draft.quantity, intent.committed, intent.fulfilled);
    prop_assert!(
        0 <= fulfilled && fulfilled <= committed && committed <= quantity,
        "{fulfilled} of {committed} of {quantity}"
    );
    prop_assert_eq!(intent.remaining(), quantity - committed);
    match intent.state {
        IntentState::Open => prop_assert!(committed < quantity),
        IntentState::Matched => prop_assert!(committed == quantity && fulfilled < quantity),
        IntentState::Met => prop_assert!(fulfilled == quantity),
        IntentState::Withdrawn => prop_assert!(fulfilled < quantity),
        IntentState::Expired => prop_assert!(fulfilled < quantity),
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_quantities_of_an_intent_always_agree(quantity in 1_i64..10, moves in moves()) {
        let mut intent = intent(quantity);
        let mut now = start();
        for step in moves {
            let before = intent.clone();
            let outcome = match step.clone() {
                Move::Edit(quantity, other) => {
                    let category = if other { Category::Culture } else { Category::Convenience };
                    intent.edit(draft(quantity, category), now)
                }
                Move::Commit(quantity) => intent.commit(quantity, now),
                Move::Release(quantity) => { intent.release(quantity, now); Ok(()) }
                Move::Fulfil(quantity) => { intent.fulfil(quantity, now); Ok(()) }
                Move::Withdraw => intent.withdraw(now),
                Move::Expire => { intent.expire(now); Ok(()) }
                Move::Reopen => intent.reopen(now),
                Move::Wait(days) => { now += Duration::days(days); Ok(()) }
            };
            check_intent(&intent).map_err(|e| TestCaseError::fail(format!("after {step:?} of {before:?}: {e}")))?;
            if outcome.is_err() {
                prop_assert_eq!(&intent, &before, "what is refused changes nothing");
            }
            if before.state == IntentState::Met {
                prop_assert_eq!(intent.state, IntentState::Met);
            }
            if let Move::Reopen = step && outcome.is_ok() {
                prop_assert!(intent.is_alive() && now < intent.draft.schedule.window.until);
            }
        }
    }

    #[test]
    fn two_who_take_the_last_capacity_do_not_both_get_it(quantity in 1_i64..10, first in 1_i64..10, second in 1_i64..10) {
        let mut offer = intent(quantity);
        let got = [first, second].map(|q| offer.commit(q, start()).map_or(0, |()| q));
        prop_assert!(got[0] + got[1] <= quantity);
        prop_assert_eq!(offer.committed, got[0] + got[1]);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Accept,
    Decline,
    Arrange,
    Cancel,
    Deliver(i64, bool),
    Confirm(usize),
    Settle(usize),
    Close,
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<(Party, Step)>> {
    let party = prop_oneof![Just(Party::Receiver), Just(Party::Giver), Just(Party::Staff)];
    let step = prop_oneof![
        3 => Just(Step::Accept),
        1 => Just(Step::Decline),
        2 => Just(Step::Arrange),
        1 => Just(Step::Cancel),
        6 => (-1_i64..4, any::<bool>()).prop_map(|(q, next)| Step::Deliver(q, next)),
        6 => (0_usize..4).prop_map(Step::Confirm),
        3 => (0_usize..4).prop_map(Step::Settle),
        3 => Just(Step::Close),
        2 => (1_i64..9).prop_map(Step::Wait),
    ];
    proptest::collection::vec((party, step), 0..60)
}

fn proposed(quantity: i64, asked: Side) -> Match {
    Match {
        id: Uuid::from_u128(7),
        need: Uuid::from_u128(8),
        offer: Uuid::from_u128(9),
        receiver: Uuid::from_u128(10),
        giver: Uuid::from_u128(11),
        quantity,
        delivered: 0,
        asked,
        state: MatchState::Proposed,
        arranged: None,
        reason: None,
        proposed_at: start(),
        accepted_at: None,
        closed_at: None,
        updated_at: start(),
    }
}

/// The states that may follow each state.
fn may_follow(from: MatchState, to: MatchState) -> bool {
    use MatchState::{Accepted, Arranged, Cancelled, Confirmed, Declined, Delivered, Proposed, Settled};
    from == to
        || match from {
            Proposed => matches!(to, Accepted | Declined | Cancelled),
            Accepted | Arranged => matches!(to, Accepted | Arranged | Delivered | Cancelled),
            Delivered => matches!(to, Confirmed | Settled),
            Confirmed | Settled | Declined | Cancelled => false,
        }
}

fn check_match(it: &Match, deliveries: &[Delivery]) -> Result<(), TestCaseError> {
    let delivered: i64 = deliveries.iter().map(|d| d.draft.quantity).sum();
    prop_assert_eq!(it.delivered, delivered);
    prop_assert!(0 <= it.delivered && it.delivered <= it.quantity);
    prop_assert!(deliveries.iter().all(|d| d.draft.quantity > 0));
    prop_assert_eq!(it.state.is_live(), it.closed_at.is_none());
    let complete = it.delivered == it.quantity;
    match it.state {
        MatchState::Proposed | MatchState::Declined => {
            prop_assert!(it.delivered == 0 && it.accepted_at.is_none());
        }
        MatchState::Accepted => prop_assert!(!complete && it.accepted_at.is_some()),
        MatchState::Arranged => prop_assert!(!complete && it.arranged.is_some()),
        MatchState::Delivered => prop_assert!(complete),
        MatchState::Confirmed => {
            prop_assert!(complete && deliveries.iter().all(|d| d.settled_at.is_none()));
        }
        MatchState::Settled => {
            prop_assert!(complete && deliveries.iter().any(|d| d.settled_at.is_some()));
        }
        MatchState::Cancelled => prop_assert!(!complete),
    }
    if it.state.is_done() {
        prop_assert!(deliveries.iter().all(Delivery::is_settled));
    }
    prop_assert_eq!(it.reason.is_some(), matches!(it.state, MatchState::Declined | MatchState::Cancelled));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn no_party_brings_a_match_into_an_impossible_state(
        quantity in 1_i64..6,
        asked in prop_oneof![Just(Side::Need), Just(Side::Offer)],
        steps in steps(),
    ) {
        let mut it = proposed(quantity, asked);
        let mut deliveries: Vec<Delivery> = Vec::new();
        let mut now = start();
        let window = Window::new(start(), start() + Duration::hours(1)).unwrap();
        for (by, step) in steps {
            let (before, settled_before) = (it.clone(), deliveries.iter().filter(|d| d.is_settled()).count());
            let outcome: Result<(), Refused> = match step.clone() {
                Step::Accept => it.accept(by, now),
                Step::Decline => it.decline(by, "没空".into(), now),
                Step::Arrange => it.arrange(window, now),
                Step::Cancel => it.cancel("改期".into(), now).map(|released| {
                    assert_eq!(released, before.quantity - before.delivered);
                }),
                Step::Deliver(quantity, next) => {
                    let draft = DeliveryDraft { happened_at: now, minutes: 30, quantity, note: String::new() };
                    it.deliver(by, Uuid::from_u128(20), draft, next.then_some(window), now)
                        .map(|delivery| deliveries.push(delivery))
                }
                Step::Confirm(index) => deliveries.get_mut(index).map_or(Ok(()), |d| d.confirm(by, now).map(|_| ())),
                Step::Settle(index) => deliveries.get_mut(index).map_or(Ok(()), |d| d.settle(now)),
                Step::Close => {
                    let all = deliveries.iter().all(Delivery::is_settled);
                    let closed = it.close_if_settled(&deliveries, now);
                    prop_assert_eq!(closed, all && before.state == MatchState::Delivered);
                    Ok(())
                }
                Step::Wait(days) => { now += Duration::days(days); Ok(()) }
            };
            check_match(&it, &deliveries).map_err(|e| TestCaseError::fail(format!("after {by:?} {step:?} of {before:?}: {e}")))?;
            prop_assert!(may_follow(before.state, it.state), "{:?} -> {:?}", before.state, it.state);
            prop_assert!(deliveries.iter().filter(|d| d.is_settled()).count() >= settled_before);
            if outcome.is_err() || !before.state.is_live() {
                prop_assert_eq!(&it, &before, "what is refused, and what is over, changes nothing");
            }
            match step {
                Step::Accept | Step::Decline if outcome.is_ok() => prop_assert!(by.speaks_for(asked)),
                Step::Deliver(..) if outcome.is_ok() => prop_assert!(by != Party::Receiver),
                Step::Confirm(index) if outcome.is_ok() && index < deliveries.len() => prop_assert!(by != Party::Staff),
                _ => {}
            }
        }
    }

    #[test]
    fn staff_settle_only_after_seven_days(hours in 0_i64..400, by_giver in any::<bool>()) {
        let mut it = proposed(1, Side::Offer);
        it.accept(Party::Staff, start()).unwrap();
        let draft = DeliveryDraft { happened_at: start(), minutes: 0, quantity: 1, note: String::new() };
        let by = if by_giver { Party::Giver } else { Party::Staff };
        let mut delivery = it.deliver(by, Uuid::from_u128(20), draft, None, start()).unwrap();
        let now = start() + Duration::hours(hours);
        prop_assert_eq!(delivery.is_overdue(now), hours >= 7 * 24);
        let outcome = delivery.settle(now);
        prop_assert_eq!(outcome, if hours >= 7 * 24 { Ok(()) } else { Err(Refused::TooEarly) });
        prop_assert_eq!(it.close_if_settled(&[delivery], now), hours >= 7 * 24);
    }
}

#[test]
fn both_sides_confirm_in_either_order() {
    for order in [[Party::Giver, Party::Receiver], [Party::Receiver, Party::Giver]] {
        let mut it = proposed(2, Side::Need);
        it.accept(Party::Receiver, start()).unwrap();
        let draft = DeliveryDraft { happened_at: start(), minutes: 45, quantity: 2, note: String::new() };
        let id = Uuid::from_u128(20);
        let mut delivery = it.deliver(Party::Staff, id, draft, None, start()).unwrap();
        assert_eq!(delivery.confirm(order[0], start()), Ok(false));
        assert_eq!(delivery.confirm(order[0], start()), Err(Refused::WrongState));
        assert!(!it.close_if_settled(std::slice::from_ref(&delivery), start()));
        assert_eq!(delivery.confirm(order[1], start()), Ok(true));
        assert!(it.close_if_settled(&[delivery], start()));
        assert_eq!(it.state, MatchState::Confirmed);
    }
}
