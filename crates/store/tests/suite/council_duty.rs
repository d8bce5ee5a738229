//! The duty rota: turns, reminders and swaps.

use tongxin_core::council::{
    charter::DutyRule,
    duty::{Swap, SwapState, Turn, plan},
    preset::PresetKind,
    seat::Seat,
};
use tongxin_store::council::{duty, seat};

use super::council::{charter_of, council_id, seat_id, with_council};
use crate::{common::*, on_both, written};

fn rule() -> DutyRule {
    charter_of(PresetKind::CoBuildingCouncil, |_| ()).charter.duty.unwrap()
}

fn planned(seats: &[Seat]) -> Vec<Turn> {
    plan(&rule(), seats, &[], (day("2026-01-01"), day("2026-07-01")), 7).unwrap()
}

on_both! {
    async fn turns_are_planned_anew_and_reminded_of_once(store) {
        with_council(&store).await;
        let read = store.read();
        let seats = seat::seats(read, COMMUNITY, council_id(1)).await.unwrap();
        let mut turns = planned(&seats);
        let first = turns[0].seat;
        turns[0].hand_over(first, id(1, 1), "钥匙在门卫室", day("2026-01-20")).unwrap();
        let all = turns.clone();
        written!(store, tx => duty::save_turns(tx, COMMUNITY, council_id(1), &all).await).unwrap();
        assert_eq!(duty::turns(read, COMMUNITY, council_id(1)).await.unwrap(), turns);
        let on = duty::turns_on(read, COMMUNITY, &[council_id(1)], day("2026-03-31")).await.unwrap();
        assert_eq!(on, [(council_id(1), turns[2].clone())]);
        let waiting = async || {
            let days = (day("2026-01-15"), day("2026-03-01"));
            let found = duty::unreminded(read, COMMUNITY, days, 10).await.unwrap();
            found.into_iter().map(|(_, turn)| turn.from.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(waiting().await, ["2026-02-01", "2026-03-01"]);
        written!(store, tx => duty::reminded(tx, COMMUNITY, (council_id(1), day("2026-02-01")), at(0)).await).unwrap();
        assert_eq!(waiting().await, ["2026-03-01"]);
        // Planned anew, the same turn stays reminded of; another seat's is not.
        let all = turns.clone();
        written!(store, tx => duty::save_turns(tx, COMMUNITY, council_id(1), &all).await).unwrap();
        assert_eq!(waiting().await, ["2026-03-01"]);
        turns[1].seat = seat_id(6);
        turns.truncate(4);
        let all = turns.clone();
        written!(store, tx => duty::save_turns(tx, COMMUNITY, council_id(1), &all).await).unwrap();
        assert_eq!(waiting().await, ["2026-02-01", "2026-03-01"]);
        assert_eq!(duty::turns(read, COMMUNITY, council_id(1)).await.unwrap(), turns);
    }

    async fn a_swap_is_asked_for_and_agreed(store) {
        with_council(&store).await;
        let read = store.read();
        let seats = seat::seats(read, COMMUNITY, council_id(1)).await.unwrap();
        let turns = planned(&seats);
        let (own, other) = (turns[1].from, turns[2].from);
        let asked = (id(53, 1), turns[1].seat, "当月有展会");
        let mut swap = Swap::ask(&rule(), &turns, &[], asked, (own, other), day("2026-01-10")).unwrap();
        let new = swap.clone();
        written!(store, tx => duty::insert_swap(tx, COMMUNITY, council_id(1), &new).await).unwrap();
        assert_eq!(duty::swap(read, COMMUNITY, id(53, 1)).await.unwrap(), Some((council_id(1), swap.clone())));
        let changed = swap.agree(turns[2].seat, &turns, &seats, day("2026-01-11")).unwrap();
        let (saved, all) = (swap.clone(), changed.clone());
        written!(store, tx => {
            duty::save_swap(tx, COMMUNITY, council_id(1), &saved).await?;
            duty::save_turns(tx, COMMUNITY, council_id(1), &all).await
        })
        .unwrap();
        assert_eq!(duty::swaps(read, COMMUNITY, council_id(1), Some(SwapState::Asked)).await.unwrap(), []);
        assert_eq!(duty::swaps(read, COMMUNITY, council_id(1), None).await.unwrap(), [swap]);
        assert_eq!(duty::turns(read, COMMUNITY, council_id(1)).await.unwrap(), changed);
    }
}
