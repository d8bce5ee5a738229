//! Superiors and numbers of employees in rosters of organisations.

use tongxin_app::{
    Error,
    community::standing::{self, OrganisationForm, StandingForm},
    people,
    roster::{self, Chosen},
};
use tongxin_core::{
    community::{OrganisationKind, structure::Standing},
    roster::{Field, Outcome, RosterKind, RosterState, RowChoice},
};
use tongxin_store::{community::structure, people as people_store};
use uuid::Uuid;

use crate::{rosters::*, world::*};

async fn standings(w: &TestCommunity, id: Uuid) -> Vec<Standing> {
    structure::standings_of(w.store.read(), COMMUNITY, &[id]).await.unwrap()
}

async fn staff(w: &TestCommunity, id: Uuid) -> Option<i64> {
    people_store::staff_count(w.store.read(), COMMUNITY, id).await.unwrap()
}

async fn undo(w: &TestCommunity, id: Uuid) -> Result<roster::Undone, Error> {
    roster::undo(&w.app, &w.viewer(SUBDISTRICT).await, id).await
}

on_both! {
    async fn a_roster_says_under_whom_and_how_large(w) {
        // The superior of the second row is the third row; that of the third is there already.
        let csv = "编号,名称,类别,地点,上级组织,职工人数\n\
            H1,Hotel,企业,a,Branch A,120\n\
            O1,某某商贸,企业,a,O2,30\n\
            O2,某某集团,企业,a,Department,\n";
        let before = standings(&w, HOTEL).await;
        let id = checked(&w, SUBDISTRICT, RosterKind::Organisations, csv).await;
        let found = rows(&w, SUBDISTRICT, id).await;
        assert_eq!(told(&found), [(2, "updated", vec![]), (3, "new", vec![]), (4, "new", vec![])]);
        let change = |at: usize, field| {
            let change = found[at].detail.changes.iter().find(|c| c.field == field).unwrap();
            (change.before.clone(), change.after.clone())
        };
        assert_eq!(change(0, Field::Line), (String::new(), "Branch A".to_owned()));
        assert_eq!(change(0, Field::StaffCount), (String::new(), "120".to_owned()));
        assert_eq!(change(1, Field::Line), (String::new(), "某某集团".to_owned()));
        assert_eq!(run(&w, SUBDISTRICT, id).await, RosterState::Done);

        // From the day of the import on; before it nothing is said otherwise.
        let today = w.app.today();
        let after = standings(&w, HOTEL).await;
        let lines: Vec<_> = after.iter().map(|s| (s.period.from, s.line)).collect();
        assert_eq!(lines, [(before[0].period.from, None), (today, Some(BRANCH_A))]);
        assert_eq!(staff(&w, HOTEL).await, Some(120));
        let written = rows(&w, SUBDISTRICT, id).await;
        let (trading, group) = (written[1].detail.subject.unwrap(), written[2].detail.subject.unwrap());
        assert_eq!(standings(&w, trading).await.last().unwrap().line, Some(group));
        assert_eq!(standings(&w, group).await.last().unwrap().line, Some(DEPARTMENT));
        assert_eq!((staff(&w, trading).await, staff(&w, group).await), (Some(30), None));

        // The same again changes nothing; another superior and number do, on another day, with the name corrected at once.
        let again = checked(&w, SUBDISTRICT, RosterKind::Organisations, csv).await;
        assert!(rows(&w, SUBDISTRICT, again).await.iter().all(|row| row.outcome == Outcome::Unchanged));
        w.clock.advance(hours(24 * 3));
        let csv = "编号,名称,上级组织,职工人数\nO1,某某贸易,Department,31\n";
        let second = checked(&w, SUBDISTRICT, RosterKind::Organisations, csv).await;
        let found = rows(&w, SUBDISTRICT, second).await;
        assert_eq!(told(&found), [(2, "updated", vec![])]);
        let line = found[0].detail.changes.iter().find(|c| c.field == Field::Line).unwrap();
        assert_eq!((line.before.as_str(), line.after.as_str()), ("某某集团", "Department"));
        let earlier = standings(&w, trading).await;
        assert_eq!(run(&w, SUBDISTRICT, second).await, RosterState::Done);
        let now = standings(&w, trading).await;
        assert_eq!(now.last().unwrap().line, Some(DEPARTMENT));
        assert_eq!((now.len(), now.last().unwrap().name.as_str()), (3, "某某贸易"));
        assert_eq!(staff(&w, trading).await, Some(31));

        // Taken back one after the other; the first can't be before the second is.
        let Err(Error::Invalid(problems)) = undo(&w, id).await else { panic!("taken back") };
        assert_eq!(problems.0.iter().map(|p| p.code).collect::<Vec<_>>(), ["changed_since"]);
        undo(&w, second).await.unwrap();
        assert_eq!((standings(&w, trading).await, staff(&w, trading).await), (earlier, Some(30)));
        undo(&w, id).await.unwrap();
        assert_eq!((standings(&w, HOTEL).await, staff(&w, HOTEL).await), (before, None));
        assert!(standings(&w, trading).await.is_empty() && standings(&w, group).await.is_empty());
    }

    async fn a_superior_that_is_not_there_or_below_is_refused(w) {
        let csv = "编号,名称,类别,地点,上级组织,职工人数\n\
            O1,甲,企业,a,O2,\n\
            O2,乙,企业,a,O3,\n\
            O3,丙,企业,a,O1,\n\
            O4,丁,企业,a,Nowhere,\n\
            O5,戊,企业,a,O5,\n\
            O6,己,企业,a,,many\n";
        let id = checked(&w, SUBDISTRICT, RosterKind::Organisations, csv).await;
        let found = rows(&w, SUBDISTRICT, id).await;
        let codes: Vec<Vec<String>> = told(&found).into_iter().map(|(_, _, problems)| problems).collect();
        let expected = [
            "line:line_circle", "line:line_circle", "line:line_circle",
            "line:organisation_unknown", "line:line_itself", "staff_count:bad_quantity",
        ];
        assert_eq!(codes, expected.map(|code| vec![code.to_owned()]));
        assert_eq!(found[0].detail.problems[0].args[0].1, "甲 → 乙 → 丙");
        assert!(!show(&w, SUBDISTRICT, id).await.may_run());

        // Of a circle one row is left out: the others stand, under what is there without it.
        let who = w.viewer(SUBDISTRICT).await;
        let skip = vec![(Chosen::Line(4), RowChoice::Skip)];
        roster::choose(&w.app, &who, id, skip, &words()).await.unwrap();
        let codes: Vec<_> = told(&rows(&w, SUBDISTRICT, id).await).into_iter().take(2).collect();
        assert_eq!(codes[0], (2, "new", vec![]));
        assert_eq!(codes[1].2, ["line:organisation_unknown"]);

        // A circle through one that is there; one that is closed; two of a name.
        let form = |name: &str, line| OrganisationForm {
            standing: StandingForm { name: name.into(), kind: OrganisationKind::Branch.code().into(), ..StandingForm::default() },
            line,
            place: Some(AREA_A),
            confirmed_new: true,
            ..OrganisationForm::default()
        };
        standing::create(&w.app, &who, &form("Below", Some(BRANCH_A))).await.unwrap();
        let closed = standing::create(&w.app, &who, &form("Closed", None)).await.unwrap();
        for _ in 0..2 {
            standing::create(&w.app, &who, &form("Twin", None)).await.unwrap();
        }
        w.clock.advance(hours(24));
        standing::close(&w.app, &who, closed, "").await.unwrap();
        let csv = "名称,地点,上级组织\nBranch A,a,Below\nHotel,a,Closed\nStation A,a,Twin\n";
        let id = checked(&w, SUBDISTRICT, RosterKind::Organisations, csv).await;
        let codes: Vec<_> = told(&rows(&w, SUBDISTRICT, id).await).into_iter().map(|(_, _, mut p)| p.remove(0)).collect();
        assert_eq!(codes, ["line:line_circle", "line:superior_not_there", "line:organisation_ambiguous"]);
    }

    async fn only_who_may_change_the_structure_says_under_whom(w) {
        let csv = "名称,地点,上级组织,职工人数\nHotel,a,Branch A,9\n";
        let id = checked(&w, WORKER_A, RosterKind::Organisations, csv).await;
        assert_eq!(told(&rows(&w, WORKER_A, id).await), [(2, "refused", vec!["line:not_yours_to_change".to_owned()])]);
        let id = checked(&w, WORKER_A, RosterKind::Organisations, "名称,地点,职工人数\nHotel,a,9\n").await;
        assert_eq!(told(&rows(&w, WORKER_A, id).await), [(2, "updated", vec![])]);
        let id = checked(&w, SECRETARY_A, RosterKind::Organisations, csv).await;
        assert_eq!(told(&rows(&w, SECRETARY_A, id).await), [(2, "updated", vec![])]);
        assert_eq!(run(&w, SECRETARY_A, id).await, RosterState::Done);
        let view = people::show(&w.app, &w.viewer(SECRETARY_A).await, HOTEL, false).await.unwrap();
        assert_eq!(view.staff_count, Some(9));
    }

    async fn a_superior_that_has_others_under_it_by_now_is_not_taken_back(w) {
        let csv = "名称,类别,地点\n某某集团,企业,a\n";
        let id = checked(&w, SUBDISTRICT, RosterKind::Organisations, csv).await;
        assert_eq!(run(&w, SUBDISTRICT, id).await, RosterState::Done);
        let other = checked(&w, SUBDISTRICT, RosterKind::Organisations, "名称,地点,上级组织\nHotel,a,某某集团\n").await;
        assert_eq!(run(&w, SUBDISTRICT, other).await, RosterState::Done);
        let Err(Error::Invalid(problems)) = undo(&w, id).await else { panic!("taken back") };
        assert_eq!(problems.0[0].code, "still_used");
        undo(&w, other).await.unwrap();
        undo(&w, id).await.unwrap();
    }
}
