//! Rosters in: from a file to what is stored, again and again without doubling, and back.

use tongxin_app::{
    Error, Slice,
    people::{self, MemberFilter},
    record,
    roster::{self, Chosen, MapInput, RosterView, RowView, Vocabulary, sheet},
};
use tongxin_core::{
    people::{MemberDetails, MemberKind},
    roster::{Field, Outcome, RosterKind, RosterState, RowChoice},
};
use tongxin_store::record::RecordFilter;
use uuid::Uuid;

use crate::world::*;

const FIRST: Slice = Slice { offset: 0, limit: 100 };

pub fn words() -> Vocabulary {
    let mut words = Vocabulary::default();
    for (field, text, code) in [
        (Field::Sex, "女", "f"),
        (Field::CareGroups, "老人", "older"),
        (Field::OrganisationKind, "企业", "enterprise"),
        (Field::PostKind, "委员", "committee_member"),
        (Field::PostKind, "书记", "secretary"),
    ] {
        words.value(field, text, code);
    }
    words
}

/// Uploads CSV and checks it as its header says.
pub async fn checked(w: &TestCommunity, person: Uuid, kind: RosterKind, csv: &str) -> Uuid {
    let who = w.viewer(person).await;
    let id = roster::upload(&w.app, &who, kind, "list.csv", csv.as_bytes().to_vec(), &words()).await.unwrap();
    let view = roster::show(&w.app, &who, id).await.unwrap();
    map(w, person, id, &view).await;
    id
}

pub async fn map(w: &TestCommunity, person: Uuid, id: Uuid, view: &RosterView) {
    let input = input(view);
    assert!(roster::map(&w.app, &w.viewer(person).await, id, input, &words()).await.unwrap());
}

fn input(view: &RosterView) -> MapInput {
    let fields = view.mapping.fields.iter().enumerate().filter_map(|(at, field)| Some((at, (*field)?))).collect();
    MapInput { sheet: view.layout.sheet, line: view.layout.line, fields, place: view.mapping.place }
}

pub async fn show(w: &TestCommunity, person: Uuid, id: Uuid) -> RosterView {
    roster::show(&w.app, &w.viewer(person).await, id).await.unwrap()
}

pub async fn rows(w: &TestCommunity, person: Uuid, id: Uuid) -> Vec<RowView> {
    roster::rows(&w.app, &w.viewer(person).await, id, Outcome::ALL, FIRST).await.unwrap()
}

/// Writes it and waits for its end.
pub async fn run(w: &TestCommunity, person: Uuid, id: Uuid) -> RosterState {
    roster::run(&w.app, &w.viewer(person).await, id, &words()).await.unwrap().await.unwrap();
    show(w, person, id).await.roster.state
}

/// What becomes of each row, and what is wrong with it.
pub fn told(rows: &[RowView]) -> Vec<(i64, &'static str, Vec<String>)> {
    rows.iter()
        .map(|row| {
            let problems = row.detail.problems.iter().map(|p| format!("{}:{}", p.field, p.code)).collect();
            (row.line, row.outcome.code(), problems)
        })
        .collect()
}

pub async fn persons(w: &TestCommunity) -> u64 {
    let filter = MemberFilter { kind: Some(MemberKind::Person), ..MemberFilter::default() };
    people::list(&w.app, &w.viewer(SUBDISTRICT).await, filter, ALL).await.unwrap().total
}

pub async fn actions(w: &TestCommunity, action: &str) -> usize {
    let filter = RecordFilter { action: Some(action.to_owned()), ..RecordFilter::default() };
    record::list(&w.app, &w.viewer(SUBDISTRICT).await, &filter, ALL).await.unwrap().rows.len()
}

on_both! {
    async fn a_roster_is_written_once_and_comes_again_without_doubling(w) {
        let before = persons(&w).await;
        let csv = "编号,姓名,地点,出生日期,性别,联系电话,重点人群\n\
            P1,沈慧芳,地 a-1,1950年2月3日,女,021 62480001,老人\n\
            ,王小华,a-2,1980/1/5,,,\n";
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let view = show(&w, WORKER_A, id).await;
        assert_eq!((view.roster.state, view.writes()), (RosterState::Checked, 2));
        assert!(view.may_run());
        assert_eq!(persons(&w).await, before, "nothing is written by the check");
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        assert_eq!(persons(&w).await, before + 2);
        assert_eq!((actions(&w, "roster.import").await, actions(&w, "import.persons").await), (1, 2));

        let found = rows(&w, WORKER_A, id).await;
        let shen = found[0].detail.subject.unwrap();
        let page = people::show(&w.app, &w.viewer(WORKER_A).await, shen, true).await.unwrap();
        assert_eq!(page.member.draft.name, "沈慧芳");
        assert_eq!(page.care_groups.unwrap().len(), 1);

        // The same again, from its other account: nobody is new, nothing changes.
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let again = rows(&w, WORKER_A, id).await;
        assert_eq!(told(&again), [(2, "unchanged", vec![]), (3, "unchanged", vec![])]);
        assert!(!show(&w, WORKER_A, id).await.may_run());

        // By the code the name may change; an empty cell changes nothing; the phone is told before and after.
        let csv = "编号,姓名,联系电话,性别\nP1,沈惠芳,021 62480002,\n";
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let found = rows(&w, WORKER_A, id).await;
        assert_eq!(told(&found), [(2, "updated", vec![])]);
        let changes: Vec<_> = found[0].detail.changes.iter().map(|c| (c.field, c.before.as_str(), c.after.as_str())).collect();
        assert_eq!(changes, [(Field::Name, "沈慧芳", "沈惠芳"), (Field::Phone, "021 62480001", "021 62480002")]);
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        let page = people::show(&w.app, &w.viewer(WORKER_A).await, shen, true).await.unwrap();
        assert_eq!(page.member.draft.name, "沈惠芳");
        assert_eq!(page.care_groups.unwrap().len(), 1, "an unmapped column stays");
        let MemberDetails::Person { sex, .. } = page.member.draft.details else { panic!("a person") };
        assert!(sex.is_some());
        assert_eq!(persons(&w).await, before + 2);
    }

    async fn every_wrong_cell_is_told_and_nothing_is_written(w) {
        let before = persons(&w).await;
        let csv = "姓名,地点,出生日期,性别,电话,户籍,编号\n\
            ,a-1,,,,,\n\
            李一,某处,2026-02-30,高,call me,也许,\n\
            李二,b-1,,,,,\n\
            李三,a-1,#REF!,,,,\n\
            李四,a-1,1990-01-01,,,,X1\n\
            李五,a-1,1990-01-01,,,,X1\n";
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let found = rows(&w, WORKER_A, id).await;
        let told = told(&found);
        let expected: [(i64, &str, &[&str]); 6] = [
            (2, "refused", &["name:required"]),
            (3, "refused", &["place:place_unknown", "registered:bad_yes_no", "phone:bad_phone", "birth_date:bad_date", "sex:unknown_choice"]),
            (4, "refused", &["place:outside_your_places"]),
            (5, "refused", &["birth_date:formula_error"]),
            (6, "new", &[]),
            (7, "refused", &["code:twice_in_file"]),
        ];
        for ((line, outcome, problems), (l, o, p)) in told.iter().zip(expected) {
            assert_eq!((*line, *outcome, problems.as_slice()), (l, o, p.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>().as_slice()));
        }
        let view = show(&w, WORKER_A, id).await;
        assert!(!view.may_run());
        let refused = roster::run(&w.app, &w.viewer(WORKER_A).await, id, &words()).await;
        assert!(matches!(refused, Err(Error::Conflict("roster_not_ready"))));
        assert_eq!(persons(&w).await, before);

        // What is wrong may be left out, by the reader's own choice.
        let who = w.viewer(WORKER_A).await;
        roster::choose(&w.app, &who, id, vec![(Chosen::All(Outcome::Refused), RowChoice::Skip)], &words()).await.unwrap();
        assert_eq!(show(&w, WORKER_A, id).await.counts.get(&Outcome::Skipped), Some(&5));
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        assert_eq!(persons(&w).await, before + 1);
    }

    async fn who_may_be_somebody_is_asked(w) {
        let csv = "姓名,地点,电话\nBen,a-2,\nAnna,a-1,021 6248 0000\nCarl,a-1,\n";
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let found = rows(&w, WORKER_A, id).await;
        // Ben without a year of birth may be Ben; Anna is known by her telephone; Carl lives elsewhere, and is not theirs to find.
        let outcomes: Vec<_> = found.iter().map(|row| row.outcome).collect();
        assert_eq!(outcomes, [Outcome::Asked, Outcome::Unchanged, Outcome::New]);
        assert_eq!(found[0].detail.candidates.iter().map(|c| c.id).collect::<Vec<_>>(), [BEN]);
        assert_eq!(found[1].detail.subject, Some(ANNA));
        let who = w.viewer(WORKER_A).await;
        let choose = |choice| roster::choose(&w.app, &who, id, vec![(Chosen::Line(2), choice)], &WORDS);
        static WORDS: std::sync::LazyLock<Vocabulary> = std::sync::LazyLock::new(words);
        choose(RowChoice::Same(BEN)).await.unwrap();
        assert_eq!(rows(&w, WORKER_A, id).await[0].outcome, Outcome::Unchanged);
        // Somebody who was not offered can't be chosen.
        choose(RowChoice::Same(CARL)).await.unwrap();
        assert_eq!(rows(&w, WORKER_A, id).await[0].outcome, Outcome::Asked);
        choose(RowChoice::New).await.unwrap();
        assert_eq!(rows(&w, WORKER_A, id).await[0].outcome, Outcome::New);
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
    }

    async fn a_roster_is_its_own_accounts_only(w) {
        let csv = "姓名,地点\n王小华,a-1\n";
        for guest in [ANNA, UNA] {
            let refused = roster::upload(&w.app, &w.viewer(guest).await, RosterKind::Persons, "a.csv", csv.into(), &words()).await;
            assert!(matches!(refused, Err(Error::Forbidden)));
        }
        let refused = roster::upload(&w.app, &tongxin_app::Viewer::Guest, RosterKind::Persons, "a.csv", csv.into(), &words()).await;
        assert!(matches!(refused, Err(Error::SignInFirst)));
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        for other in [SECRETARY_A, SUBDISTRICT, WORKER_B] {
            let who = w.viewer(other).await;
            assert!(matches!(roster::show(&w.app, &who, id).await, Err(Error::NotFound)));
            assert!(matches!(roster::run(&w.app, &who, id, &words()).await, Err(Error::NotFound)));
            assert!(matches!(roster::cancel(&w.app, &who, id).await, Err(Error::NotFound)));
            assert!(matches!(roster::undo(&w.app, &who, id).await, Err(Error::NotFound)));
        }
    }

    async fn care_groups_are_for_those_who_may(w) {
        let csv = "姓名,地点,出生日期,重点人群\nAnna,a-1,1950-02-03,老人\n";
        let id = checked(&w, SUBDISTRICT, RosterKind::Persons, csv).await;
        assert_eq!(told(&rows(&w, SUBDISTRICT, id).await), [(2, "refused", vec!["care_groups:not_yours_to_change".to_owned()])]);
        let before = actions(&w, "sensitive.look").await;
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        assert_eq!(told(&rows(&w, WORKER_A, id).await), [(2, "unchanged", vec![])]);
        assert_eq!(actions(&w, "sensitive.look").await, before + 1, "comparing is a look");
    }

    async fn organisations_follow_into_their_standing(w) {
        let csv = "名称,类别,地点,联系人\n某某商贸,企业,地 a,王\nHotel,,,李经理\n";
        let id = checked(&w, SUBDISTRICT, RosterKind::Organisations, csv).await;
        // Hotel without a place may be the one in area A: a name alone is not certain.
        let found = rows(&w, SUBDISTRICT, id).await;
        assert_eq!(found.iter().map(|row| row.outcome).collect::<Vec<_>>(), [Outcome::New, Outcome::Asked]);
        let who = w.viewer(SUBDISTRICT).await;
        let choice = vec![(Chosen::Line(3), RowChoice::Same(HOTEL))];
        roster::choose(&w.app, &who, id, choice, &words()).await.unwrap();
        assert_eq!(run(&w, SUBDISTRICT, id).await, RosterState::Done);
        let new = rows(&w, SUBDISTRICT, id).await[0].detail.subject.unwrap();
        let standings = tongxin_store::community::structure::standings_of(w.store.read(), COMMUNITY, &[new]).await.unwrap();
        assert_eq!((standings.len(), standings[0].name.as_str()), (1, "某某商贸"));
        let page = people::show(&w.app, &who, HOTEL, false).await.unwrap();
        assert_eq!(page.member.draft.details, MemberDetails::Organisation { kind: tongxin_core::community::OrganisationKind::Enterprise, contact: Some("李经理".into()) });
    }

    async fn what_changed_since_the_check_is_not_written_over(w) {
        let csv = "编号,姓名,地点\nP1,王小华,a-1\n";
        let one = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        let two = checked(&w, SECRETARY_A, RosterKind::Persons, csv).await;
        assert_eq!(run(&w, WORKER_A, one).await, RosterState::Done);
        let before = persons(&w).await;
        assert_eq!(run(&w, SECRETARY_A, two).await, RosterState::Failed, "it was shown as new and is there now");
        assert_eq!(persons(&w).await, before);
        let view = show(&w, SECRETARY_A, two).await;
        assert_eq!(view.report.failure.as_deref(), Some("roster_changed"));
        map(&w, SECRETARY_A, two, &view).await;
        assert_eq!(told(&rows(&w, SECRETARY_A, two).await), [(2, "unchanged", vec![])]);
    }

    async fn a_run_that_was_interrupted_can_be_started_again(w) {
        let id = checked(&w, WORKER_A, RosterKind::Persons, "姓名,地点\n王小华,a-1\n").await;
        // As a program that stopped leaves it: running, and nobody is writing.
        w.store
            .write::<_, tongxin_store::Error, _>(move |tx| {
                Box::pin(async move {
                    let mut roster = tongxin_store::roster::roster(tx, COMMUNITY, id).await?.unwrap();
                    roster.state = RosterState::Running;
                    tongxin_store::roster::save(tx, COMMUNITY, &roster).await
                })
            })
            .await
            .unwrap();
        let before = persons(&w).await;
        assert!(show(&w, WORKER_A, id).await.may_run());
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        assert_eq!(persons(&w).await, before + 1);
        let again = roster::run(&w.app, &w.viewer(WORKER_A).await, id, &words()).await;
        assert!(matches!(again, Err(Error::Conflict("roster_over"))));
        assert_eq!(persons(&w).await, before + 1);
    }

    async fn an_import_is_taken_back_while_nothing_has_changed(w) {
        let before = persons(&w).await;
        let csv = "姓名,地点,出生日期,电话\n王小华,a-1,1980-01-05,\nBen,a-2,1950-02-03,021 62481234\n";
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        let who = w.viewer(WORKER_A).await;
        assert_eq!(people::show(&w.app, &who, BEN, false).await.unwrap().member.draft.phone.as_deref(), Some("021 62481234"));
        assert_eq!(roster::undo(&w.app, &who, id).await.unwrap().rows, 2);
        assert_eq!(persons(&w).await, before);
        assert_eq!(people::show(&w.app, &who, BEN, false).await.unwrap().member.draft.phone.as_deref(), Some("021 6248 0000"));
        assert!(matches!(roster::undo(&w.app, &who, id).await, Err(Error::Conflict("roster_not_done"))));

        // Somebody who has changed since stays, and with it all of the import.
        let id = checked(&w, WORKER_A, RosterKind::Persons, csv).await;
        assert_eq!(run(&w, WORKER_A, id).await, RosterState::Done);
        let other = checked(&w, WORKER_A, RosterKind::Persons, "姓名,地点,出生日期,电话\nBen,a-2,1950-02-03,021 62485678\n").await;
        assert_eq!(run(&w, WORKER_A, other).await, RosterState::Done);
        let Err(Error::Invalid(problems)) = roster::undo(&w.app, &who, id).await else { panic!("taken back") };
        assert_eq!(problems.0.iter().map(|p| p.code).collect::<Vec<_>>(), ["changed_since"]);
        assert_eq!(persons(&w).await, before + 1);
        assert_eq!(show(&w, WORKER_A, id).await.roster.state, RosterState::Done);
    }

    async fn posts_and_memberships_come_in_by_those_who_keep_them(w) {
        let csv = "组织,职务类别,职务名称,职数,姓名,任职日期\n\
            Branch A,委员,组织委员,2,Anna,2026-01-01\n\
            Branch A,委员,组织委员,,Ben,2026-02-01\n\
            Branch A,委员,组织委员,,Worker A,2026-02-01\n\
            Nowhere,委员,,,Anna,2026-01-01\n";
        let id = checked(&w, SUBDISTRICT, RosterKind::Posts, csv).await;
        let who = w.viewer(SUBDISTRICT).await;
        let asked: Vec<_> = rows(&w, SUBDISTRICT, id).await.iter().map(|row| row.outcome).collect();
        assert_eq!(asked[0], Outcome::Asked, "a name alone is not certain");
        let choices = [(2, ANNA), (3, BEN), (4, WORKER_A)].map(|(line, id)| (Chosen::Line(line), RowChoice::Same(id)));
        roster::choose(&w.app, &who, id, choices.to_vec(), &words()).await.unwrap();
        let told = told(&rows(&w, SUBDISTRICT, id).await);
        assert_eq!(told[0..2], [(2, "new", vec![]), (3, "new", vec![])]);
        assert_eq!(told[2], (4, "refused", vec!["from:seats_taken".to_owned()]));
        assert_eq!(told[3].2, ["organisation:organisation_unknown"]);
        roster::choose(&w.app, &who, id, vec![(Chosen::All(Outcome::Refused), RowChoice::Skip)], &words()).await.unwrap();
        assert_eq!(run(&w, SUBDISTRICT, id).await, RosterState::Done);
        let held = tongxin_store::community::post::holdings(w.store.read(), COMMUNITY, &tongxin_store::community::post::HoldingFilter { persons: Some(vec![ANNA, BEN]), ..Default::default() }).await.unwrap();
        assert_eq!(held.len(), 2);
        assert_eq!(held[0].post.id, held[1].post.id, "one post, two who hold it");
        assert_eq!(held[0].post.seats, 2);
        // Taken back: both appointments, then the post.
        roster::undo(&w.app, &who, id).await.unwrap();
        let held = tongxin_store::community::post::holdings(w.store.read(), COMMUNITY, &tongxin_store::community::post::HoldingFilter { persons: Some(vec![ANNA, BEN]), ..Default::default() }).await.unwrap();
        assert!(held.is_empty());

        // A social worker keeps neither posts nor Party members.
        for (kind, csv) in [
            (RosterKind::Posts, "组织,职务类别\nBranch A,委员\n"),
            (RosterKind::Memberships, "姓名,出生日期,党支部,开始日期\nAnna,1950-02-03,Branch A,2020-01-01\n"),
        ] {
            let id = checked(&w, WORKER_A, kind, csv).await;
            let found = rows(&w, WORKER_A, id).await;
            assert!(found[0].detail.problems.iter().any(|p| p.code == "not_yours_to_change"), "{kind}");
        }
        let csv = "姓名,出生日期,党支部,开始日期\nAnna,1950-02-03,Branch A,2020-01-01\nHotel,,Branch A,2020-01-01\nBen,1950-02-03,Hotel,2020-01-01\n";
        let id = checked(&w, SECRETARY_A, RosterKind::Memberships, csv).await;
        let found = rows(&w, SECRETARY_A, id).await;
        let told = self::told(&found);
        assert_eq!(told[0], (2, "new", vec![]));
        assert_eq!(told[1].2, ["person:person_unknown"]);
        assert_eq!(told[2].1, "refused");
        let who = w.viewer(SECRETARY_A).await;
        roster::choose(&w.app, &who, id, vec![(Chosen::All(Outcome::Refused), RowChoice::Skip)], &words()).await.unwrap();
        assert_eq!(run(&w, SECRETARY_A, id).await, RosterState::Done);
        let again = checked(&w, SECRETARY_A, RosterKind::Memberships, "姓名,出生日期,党支部,开始日期\nAnna,1950-02-03,Branch A,2020-01-01\n").await;
        assert_eq!(self::told(&rows(&w, SECRETARY_A, again).await), [(2, "unchanged", vec![])]);
        // A second home is refused by the rule of memberships.
        let twice = checked(&w, SECRETARY_A, RosterKind::Memberships, "姓名,出生日期,党支部,开始日期\nAnna,1950-02-03,Branch A,2018-01-01\n").await;
        assert_eq!(self::told(&rows(&w, SECRETARY_A, twice).await)[0].1, "refused");
    }

    async fn columns_are_remembered_and_another_sheet_can_be_chosen(w) {
        let rows = |all: &[&[&str]]| -> Vec<sheet::SheetRow> {
            (1..).zip(all).map(|(line, cells)| sheet::SheetRow { line, cells: cells.iter().map(|c| (*c).to_owned()).collect() }).collect()
        };
        let sheets = || vec![
            sheet::Sheet { name: "说明".into(), rows: rows(&[&["请填写"]]), cut: false },
            sheet::Sheet { name: "名单".into(), rows: rows(&[&["某居民区名单"], &["姓名", "所属片区"], &["王小华", "a-1"]]), cut: false },
        ];
        let who = w.viewer(WORKER_A).await;
        let enter = || roster::enter(&w.app, &who, RosterKind::Persons, "book.xlsx", sheets(), &WORDS);
        static WORDS: std::sync::LazyLock<Vocabulary> = std::sync::LazyLock::new(words);
        let id = enter().await.unwrap();
        let view = show(&w, WORKER_A, id).await;
        assert_eq!((view.layout.sheet, view.layout.line, view.roster.rows), (1, 2, 1), "the header is found below a title");
        assert_eq!(view.mapping.fields, [Some(Field::Name), None]);
        let mut chosen = input(&view);
        chosen.fields.insert(1, Field::Place);
        assert!(roster::map(&w.app, &who, id, chosen.clone(), &WORDS).await.unwrap());
        assert_eq!(show(&w, WORKER_A, id).await.writes(), 1);
        let next = enter().await.unwrap();
        assert_eq!(show(&w, WORKER_A, next).await.mapping.fields, [Some(Field::Name), Some(Field::Place)], "remembered");
        // Another sheet is only guessed at first; two columns that mean the same are refused.
        let other = MapInput { sheet: 0, line: 1, ..MapInput::default() };
        assert!(!roster::map(&w.app, &who, next, other, &WORDS).await.unwrap());
        assert_eq!(show(&w, WORKER_A, next).await.layout.columns, ["请填写"]);
        let nothing = roster::map(&w.app, &who, next, MapInput { sheet: 0, line: 1, ..MapInput::default() }, &WORDS).await;
        assert!(matches!(nothing, Err(Error::Invalid(_))));
        roster::cancel(&w.app, &who, next).await.unwrap();
        assert!(matches!(roster::map(&w.app, &who, next, chosen, &WORDS).await, Err(Error::Conflict("roster_over"))));
    }
}
