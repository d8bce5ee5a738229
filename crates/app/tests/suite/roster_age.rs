//! How long rosters are kept.

use tongxin_app::{Error, roster, tick};
use tongxin_core::roster::{Outcome, RosterKind, RosterState};

use crate::{rosters::*, world::*};

const CSV: &str = "姓名,地点,出生日期\n王小华,a-1,1980-01-05\n";

on_both! {
    async fn what_was_not_written_goes_after_thirty_days(w) {
        let open = checked(&w, WORKER_A, RosterKind::Persons, CSV).await;
        let given_up = checked(&w, WORKER_A, RosterKind::Persons, CSV).await;
        let who = w.viewer(WORKER_A).await;
        roster::cancel(&w.app, &who, given_up).await.unwrap();
        w.clock.advance(hours(24 * 30));
        assert_eq!(tick::run(&w.app).await.unwrap().forgotten, 0, "to the day");
        assert_eq!(rows(&w, WORKER_A, open).await.len(), 1);
        w.clock.advance(hours(1));
        let later = checked(&w, WORKER_A, RosterKind::Persons, CSV).await;
        assert_eq!(tick::run(&w.app).await.unwrap().forgotten, 2);
        assert_eq!(tick::run(&w.app).await.unwrap().forgotten, 0);
        for gone in [open, given_up] {
            assert!(matches!(roster::show(&w.app, &who, gone).await, Err(Error::NotFound)));
        }
        assert_eq!(show(&w, WORKER_A, later).await.roster.state, RosterState::Checked);
        assert_eq!(actions(&w, "roster.drop").await, 2);
    }

    async fn what_was_written_loses_its_rows_and_keeps_its_counts(w) {
        let id = checked(&w, WORKER_A, RosterKind::Persons, CSV).await;
        let before = persons(&w).await;
        w.clock.advance(hours(24 * 29));
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        w.clock.advance(hours(24 * 29));
        assert_eq!(tick::run(&w.app).await.unwrap().forgotten, 0, "from its end on, not from its beginning");
        w.clock.advance(hours(25));
        assert_eq!(tick::run(&w.app).await.unwrap().forgotten, 1);
        assert_eq!(tick::run(&w.app).await.unwrap().forgotten, 0);
        assert_eq!(persons(&w).await, before + 1, "who was brought in stays");
        let view = show(&w, WORKER_A, id).await;
        assert_eq!((view.roster.state, view.rows_gone), (RosterState::Done, true));
        assert_eq!(view.counts.get(&Outcome::New), Some(&1));
        assert!(rows(&w, WORKER_A, id).await.is_empty() && view.samples.is_empty());
        let undone = roster::undo(&w.app, &w.viewer(WORKER_A).await, id).await;
        assert!(matches!(undone, Err(Error::Conflict("roster_rows_gone"))));
        assert_eq!(actions(&w, "roster.forget_rows").await, 1);
    }

    async fn what_was_taken_back_loses_its_rows_too(w) {
        let id = checked(&w, WORKER_A, RosterKind::Persons, CSV).await;
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        roster::undo(&w.app, &w.viewer(WORKER_A).await, id).await.unwrap();
        w.clock.advance(hours(24 * 30 + 1));
        assert_eq!(tick::run(&w.app).await.unwrap().forgotten, 1);
        let view = show(&w, WORKER_A, id).await;
        assert_eq!((view.roster.state, view.rows_gone), (RosterState::Undone, true));
    }
}
