//! Who may be there already is asked while a roster comes in, by the rule by which it is asked on a page.

use tongxin_app::{
    people,
    roster::{self, Chosen},
};
use tongxin_core::{
    people::duplicate::Likeness,
    roster::{Outcome, RosterKind, RosterState, RowChoice},
};

use crate::{rosters::*, world::*};

on_both! {
    async fn somebody_much_alike_is_asked_about(w) {
        let before = persons(&w).await;
        // Mistyped, by the telephone and the date of birth Ben; the second is nobody who is there.
        let csv = "姓名,地点,出生日期,电话\nBenn,a-2,1950-02-03,02162480000\n王小华,a-1,1980-01-05,02162481111\n";
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let found = rows(&w, WORKER_A, id).await;
        assert_eq!(found.iter().map(|row| row.outcome).collect::<Vec<_>>(), [Outcome::Asked, Outcome::New]);
        let first = &found[0].detail.candidates[0];
        assert_eq!((first.id, first.elsewhere), (BEN, false));
        assert!(first.reasons.contains(&Likeness::SamePhone) && first.reasons.contains(&Likeness::SameBirthDate));
        assert!(!show(&w, WORKER_A, id).await.may_run());

        // The same: what the roster says of it goes to the one who is there.
        let who = w.viewer(WORKER_A).await;
        let choose = async |choice| {
            roster::choose(&w.app, &who, id, vec![(Chosen::Line(2), choice)], &words()).await.unwrap();
            rows(&w, WORKER_A, id).await.remove(0)
        };
        let row = choose(RowChoice::Same(BEN)).await;
        assert_eq!((row.outcome, row.detail.subject), (Outcome::Updated, Some(BEN)));
        // Nobody who is not suspected can be chosen.
        assert_eq!(choose(RowChoice::Same(SUBDISTRICT)).await.outcome, Outcome::Asked);
        // Another person.
        assert_eq!(choose(RowChoice::New).await.outcome, Outcome::New);
        assert_eq!(choose(RowChoice::Same(BEN)).await.outcome, Outcome::Updated);
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        assert_eq!(persons(&w).await, before + 1);
        assert_eq!(people::show(&w.app, &who, BEN, false).await.unwrap().member.draft.name, "Benn");
        roster::undo(&w.app, &who, id).await.unwrap();
        assert_eq!(people::show(&w.app, &who, BEN, false).await.unwrap().member.draft.name, "Ben");
    }

    async fn somebody_elsewhere_is_shown_but_not_updated(w) {
        // Carl lives in the other area: his name and telephone are the same.
        let csv = "姓名,地点,电话,出生日期\nCarl,a-1,02162480000,1950-02-03\n";
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let found = rows(&w, WORKER_A, id).await;
        assert_eq!(found[0].outcome, Outcome::Asked);
        let first = &found[0].detail.candidates[0];
        assert_eq!((first.id, first.elsewhere, first.birth_date), (CARL, true, None));
        let who = w.viewer(WORKER_A).await;
        let choice = vec![(Chosen::Line(2), RowChoice::Same(CARL))];
        roster::choose(&w.app, &who, id, choice, &words()).await.unwrap();
        assert_eq!(rows(&w, WORKER_A, id).await[0].outcome, Outcome::Asked);
    }

    async fn an_organisation_is_known_by_its_short_name(w) {
        let csv = "名称,类别,地点,电话\n上海Hotel有限公司,企业,a,02162480000\n";
        let id = checked(&w, SUBDISTRICT, RosterKind::Organisations, csv).await;
        let found = rows(&w, SUBDISTRICT, id).await;
        assert_eq!(found[0].outcome, Outcome::Asked);
        assert_eq!(found[0].detail.candidates[0].id, HOTEL);
        assert!(found[0].detail.candidates[0].reasons.contains(&Likeness::SameShortName));
        // All of them at once: others.
        let who = w.viewer(SUBDISTRICT).await;
        roster::choose(&w.app, &who, id, vec![(Chosen::All(Outcome::Asked), RowChoice::New)], &words()).await.unwrap();
        assert_eq!(run(&w, SUBDISTRICT, id).await, RosterState::Done);
    }

    async fn who_was_added_after_the_check_is_asked_about_too(w) {
        let csv = "姓名,地点,出生日期,电话\n王小华,a-1,1980-01-05,02162481111\n";
        let one = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let two = checked(&w, SECRETARY_A, RosterKind::Persons, &csv.replace("王小华", "王晓华")).await;
        assert_eq!(run(&w, WORKER_A, one).await, RosterState::Done);
        assert_eq!(run(&w, SECRETARY_A, two).await, RosterState::Failed, "it was shown as new, and is suspected now");
        let view = show(&w, SECRETARY_A, two).await;
        map(&w, SECRETARY_A, two, &view).await;
        let found = rows(&w, SECRETARY_A, two).await;
        assert_eq!(found[0].outcome, Outcome::Asked);
        assert!(found[0].detail.candidates[0].reasons.contains(&Likeness::SameSound));
    }
}
