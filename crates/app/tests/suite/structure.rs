//! Organisations in line and territory: who may change how they stand, what is refused, and what a day gives afterwards.

use tongxin_app::{
    Viewer,
    community::{
        standing::{self, OrganisationForm, StandingForm},
        structure::{self, AreaSystem, Difference, OrganisationFilter, SystemRole, TeamPart},
    },
    people::{self, MemberFilter},
    search, tick,
};
use tongxin_core::{
    community::OrganisationKind,
    people::{MemberDetails, MemberForm},
};
use tongxin_store::people::sort_key;
use uuid::Uuid;

use crate::world::*;

fn form(name: &str, kind: &str, line: Option<Uuid>, place: Uuid, from: &str) -> OrganisationForm {
    OrganisationForm {
        standing: StandingForm { name: name.into(), kind: kind.into(), from: from.into(), ..StandingForm::default() },
        line,
        place: Some(place),
        ..OrganisationForm::default()
    }
}

async fn names_on(w: &TestCommunity, on: &str) -> Vec<String> {
    let structure = structure::structure(&w.app, &Viewer::Guest, Some(day(on))).await.unwrap();
    structure.all().iter().map(|s| s.name.clone()).collect()
}

on_both! {
    async fn numbers_in_names_sort_by_value(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        for name in ["第十支部", "第二支部", "10号楼自治小组", "第一支部", "2号楼自治小组"] {
            standing::create(&w.app, &staff, &form(name, "social_organisation", None, AREA_A, "2026-01-01")).await.unwrap();
        }
        let numbered = |names: Vec<String>| -> Vec<String> {
            names.into_iter().filter(|name| name.contains("支部") || name.contains("号楼")).collect()
        };
        let expected = ["2号楼自治小组", "10号楼自治小组", "第一支部", "第二支部", "第十支部"];
        let listed = || async {
            let all = people::list(&w.app, &staff, MemberFilter::default(), ALL).await.unwrap().rows;
            numbered(all.into_iter().map(|m| m.draft.name).collect())
        };
        assert_eq!((numbered(names_on(&w, "2026-02-01").await), listed().await), (expected.map(str::to_owned).to_vec(), expected.map(str::to_owned).to_vec()));

        // Keys of an earlier version are made anew, once.
        let all = sort_key::all(w.store.read()).await.unwrap();
        let old: Vec<_> = all.into_iter().map(|(community, id, name, _)| (community, id, name)).collect();
        let count = old.len();
        let work = w.store.write::<_, tongxin_store::Error, _>(|tx| Box::pin(async move { sort_key::put(tx, &old).await }));
        work.await.unwrap();
        assert_eq!(listed().await[0], "10号楼自治小组");
        assert_eq!(search::renew_sort_keys(&w.store).await.unwrap(), count);
        assert_eq!(search::renew_sort_keys(&w.store).await.unwrap(), 0);
        assert_eq!(listed().await, expected);
    }

    async fn who_may_found_and_close(w) {
        for (n, who) in w.everyone().await.iter().enumerate() {
            let name = format!("Club {n}");
            let outcome = standing::create(&w.app, who, &form(&name, "social_organisation", None, AREA_A, "2026-01-01")).await;
            let expected = match n {
                0 => "sign_in_first",
                7 | 8 => "",
                _ => "forbidden",
            };
            assert_eq!(outcome.as_ref().map_or_else(tongxin_app::Error::code, |_| ""), expected, "{who:?}");
            let closing = standing::close(&w.app, who, HOTEL, "2026-03-01").await;
            if expected.is_empty() {
                assert_eq!(problems(closing), [("from", "posts_last_longer")]);
                let club = outcome.unwrap();
                standing::close(&w.app, who, club, "2026-03-01").await.unwrap();
                let listed = people::list(&w.app, who, MemberFilter::default(), ALL).await.unwrap();
                assert!(listed.rows.iter().all(|m| m.id != club), "what is closed is no member any more");
            } else {
                assert_eq!(code(closing), expected);
            }
        }
        // A secretary's right ends at its area.
        let secretary = w.viewer(SECRETARY_A).await;
        let outside = form("Club B", "social_organisation", None, AREA_B, "2026-01-01");
        assert_eq!(code(standing::create(&w.app, &secretary, &outside).await), "forbidden");
        let away = form("Station A", "social_work_station", None, AREA_B, "2026-03-02");
        assert_eq!(code(standing::change(&w.app, &secretary, STATION_A, &away).await), "forbidden");
        assert_eq!(code(standing::close(&w.app, &secretary, STATION_B, "").await), "forbidden");
        let actions: Vec<String> = w.records().await.into_iter().map(|r| r.action).collect();
        assert_eq!(actions.iter().filter(|a| *a == "organisation.create").count(), 2);
        assert_eq!(actions.iter().filter(|a| *a == "organisation.close").count(), 2);
    }

    async fn a_past_day_gives_what_it_gave(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        let before = names_on(&w, "2026-03-01").await;
        let moved = form("Station A", "social_work_station", Some(DEPARTMENT), AREA_A, "2026-03-02");
        standing::change(&w.app, &staff, STATION_A, &moved).await.unwrap();
        let renamed = form("House A", "social_work_station", Some(DEPARTMENT), AREA_A, "2026-06-01");
        standing::change(&w.app, &staff, STATION_A, &renamed).await.unwrap();
        let same = standing::change(&w.app, &staff, STATION_A, &renamed).await;
        assert_eq!(problems(same), [("from", "nothing_changes")]);
        assert_eq!(names_on(&w, "2026-03-01").await, before);
        let view = structure::organisation(&w.app, &staff, STATION_A, Some(day("2026-03-01"))).await.unwrap();
        assert_eq!((view.superiors.len(), view.history.len()), (0, 3));
        let view = structure::organisation(&w.app, &staff, STATION_A, Some(day("2026-06-01"))).await.unwrap();
        assert_eq!((view.superiors[0].organisation, view.now.unwrap().name.as_str()), (DEPARTMENT, "House A"));
        // What is known of later days goes on after an earlier change.
        let wider = form("Station A", "social_work_station", Some(BRANCH_A), AREA_A, "2026-04-01");
        standing::change(&w.app, &staff, STATION_A, &wider).await.unwrap();
        let view = structure::organisation(&w.app, &staff, STATION_A, Some(day("2026-06-01"))).await.unwrap();
        let now = view.now.unwrap();
        assert_eq!((now.line, now.name.as_str()), (Some(BRANCH_A), "House A"));
        let compared = structure::compare(&w.app, &staff, day("2026-06-01"), day("2026-03-01")).await.unwrap();
        assert_eq!(compared.differences, [(STATION_A, Difference::Renamed), (STATION_A, Difference::LineMoved)]);
        assert_eq!((compared.before.whole_shape().levels, compared.after.whole_shape().levels), (1, 2));
    }

    async fn what_breaks_the_structure_is_refused_and_changes_nothing(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        let under = |line, from: &str| form("Department", "department", Some(line), ROOT, from);
        standing::change(&w.app, &staff, BRANCH_A, &form("Branch A", "general_branch", Some(DEPARTMENT), AREA_A, "2026-05-01"))
            .await
            .unwrap();
        let (rows, records) = (w.rows().await, w.records().await.len());
        assert_eq!(problems(standing::change(&w.app, &staff, DEPARTMENT, &under(BRANCH_A, "2026-03-02")).await), [("line", "line_circle")]);
        assert_eq!(problems(standing::change(&w.app, &staff, DEPARTMENT, &under(DEPARTMENT, "")).await), [("line", "line_itself")]);
        assert_eq!(problems(standing::change(&w.app, &staff, DEPARTMENT, &under(Uuid::from_u128(9), "")).await), [("line", "superior_not_there")]);
        assert_eq!(problems(standing::change(&w.app, &staff, DEPARTMENT, &under(BRANCH_A, "1899-01-01")).await), [("from", "not_there_on_day")]);
        assert_eq!(problems(standing::close(&w.app, &staff, BRANCH_A, "2026-04-01").await), [("from", "later_change")]);
        assert_eq!(problems(standing::close(&w.app, &staff, DEPARTMENT, "2026-06-01").await), [("until", "has_below")]);
        assert_eq!(problems(standing::close(&w.app, &staff, STATION_B, "soon").await), [("from", "bad_date")]);
        let gone = form("", "", None, AREA_A, "2026-02-30");
        assert_eq!(
            problems(standing::create(&w.app, &staff, &gone).await),
            [("name", "required"), ("kind", "unknown_choice"), ("from", "bad_date")]
        );
        assert_eq!(code(standing::change(&w.app, &staff, ANNA, &under(BRANCH_A, "")).await), "not_found");
        assert_eq!((w.rows().await, w.records().await.len()), (rows, records));
    }

    async fn a_correction_keeps_its_neighbours(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        let renamed = form("House A", "social_work_station", None, AREA_A, "2026-04-01");
        standing::change(&w.app, &staff, STATION_A, &renamed).await.unwrap();
        let right = form("Home A", "social_work_station", None, AREA_A, "2026-03-15");
        standing::correct(&w.app, &staff, STATION_A, day("2026-04-01"), &right).await.unwrap();
        let view = structure::organisation(&w.app, &staff, STATION_A, None).await.unwrap();
        let days: Vec<_> = view.history.iter().map(|s| (s.period.from.to_string(), s.period.until, s.name.as_str())).collect();
        assert_eq!(days[1], ("2026-03-15".to_owned(), None, "Home A"));
        assert_eq!((days.len(), days[0].1), (2, Some(day("2026-03-15"))));
        assert_eq!(code(standing::correct(&w.app, &staff, STATION_A, day("2026-04-01"), &right).await), "not_found");
    }

    async fn the_member_follows_on_the_day(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        let name = async |id| people::show(&w.app, &staff, id, false).await.unwrap().member.draft.name;
        standing::change(&w.app, &staff, STATION_A, &form("House A", "social_work_station", None, GROUP_A1, "2026-03-04")).await.unwrap();
        assert_eq!(name(STATION_A).await, "Station A");
        assert_eq!(tick::run(&w.app).await.unwrap().followed, 0);
        w.clock.advance(hours(48));
        assert_eq!(tick::run(&w.app).await.unwrap().followed, 1);
        assert_eq!(tick::run(&w.app).await.unwrap().followed, 0);
        assert_eq!(name(STATION_A).await, "House A");
        let tokens = search::query_tokens("House");
        let found = people::list(&w.app, &staff, MemberFilter { tokens, ..MemberFilter::default() }, ALL).await.unwrap();
        assert_eq!((found.total, found.rows[0].location.place), (1, GROUP_A1));
        // Who edits the member's page corrects how it stands today.
        let edited = MemberForm { name: "Home A".into(), organisation_kind: "social_work_station".into(), ..MemberForm::default() };
        people::edit(&w.app, &staff, STATION_A, None, &edited).await.unwrap();
        let view = structure::organisation(&w.app, &staff, STATION_A, None).await.unwrap();
        assert_eq!((view.now.unwrap().name.as_str(), view.history.len()), ("Home A", 2));
        assert_eq!(view.history[0].name, "Station A");
    }

    async fn a_new_organisation_is_a_member(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        let new = OrganisationForm { contact: "王".into(), phone: "021 6248".into(), ..form("Office", "department", Some(DEPARTMENT), ROOT, "2026-05-01") };
        let id = standing::create(&w.app, &staff, &new).await.unwrap();
        let member = people::show(&w.app, &staff, id, false).await.unwrap().member;
        let MemberDetails::Organisation { kind, contact } = member.draft.details else { unreachable!() };
        assert_eq!((kind, contact.as_deref()), (OrganisationKind::Department, Some("王")));
        let view = structure::organisation(&w.app, &staff, id, None).await.unwrap();
        assert!(view.now.is_none() && view.may_edit);
        let view = structure::organisation(&w.app, &staff, DEPARTMENT, Some(day("2026-05-01"))).await.unwrap();
        assert_eq!((view.below.len(), view.shape.levels), (1, 2));
        let bad = OrganisationForm { phone: "call".into(), place: None, ..new };
        assert_eq!(problems(standing::create(&w.app, &staff, &bad).await), [("place", "unknown_choice"), ("phone", "bad_phone")]);
    }

    async fn lists_are_filtered_as_of_a_day(w) {
        let staff = w.viewer(SUBDISTRICT).await;
        standing::change(&w.app, &staff, STATION_A, &form("Station A", "social_work_station", Some(DEPARTMENT), GROUP_A1, "2026-06-01")).await.unwrap();
        let list = async |filter: OrganisationFilter| {
            let found = structure::list(&w.app, &Viewer::Guest, &filter, ALL).await.unwrap();
            found.rows.iter().map(|l| l.standing.organisation).collect::<Vec<_>>()
        };
        let on = Some(day("2026-06-01"));
        assert_eq!(list(OrganisationFilter { line: Some(DEPARTMENT), ..Default::default() }).await, [DEPARTMENT]);
        assert_eq!(list(OrganisationFilter { line: Some(DEPARTMENT), on, ..Default::default() }).await, [DEPARTMENT, STATION_A]);
        assert_eq!(list(OrganisationFilter { place: Some(GROUP_A1), on, ..Default::default() }).await, [STATION_A]);
        assert_eq!(list(OrganisationFilter { place: Some(AREA_B), ..Default::default() }).await, [STATION_B]);
        assert_eq!(list(OrganisationFilter { kind: Some(OrganisationKind::Enterprise), ..Default::default() }).await, [HOTEL]);
        assert_eq!(list(OrganisationFilter { text: Some("hot".into()), ..Default::default() }).await, [HOTEL]);
        assert_eq!(list(OrganisationFilter { without_superior: true, on, ..Default::default() }).await.len(), 4);
    }

    async fn an_area_tells_what_is_missing(w) {
        let secretary = w.viewer(SECRETARY_A).await;
        let view = structure::area(&w.app, &secretary, AREA_A, None).await.unwrap();
        let system = AreaSystem::new(&view.structure, AREA_A);
        let missing: Vec<_> = system.missing().collect();
        assert_eq!(missing, [SystemRole::MainBody, SystemRole::Foundation, SystemRole::Support, SystemRole::Props]);
        let (branch, team) = &view.teams[0];
        assert_eq!((*branch, view.names.get(&SECRETARY_A).map(String::as_str)), (BRANCH_A, Some("Secretary A")));
        let unfilled: Vec<_> = team.missing().collect();
        assert_eq!(unfilled, [TeamPart::PartyMassWorker, TeamPart::UnitRepresentative, TeamPart::PoliceOfficer]);
        assert_eq!(view.persons.unwrap()[&GROUP_A2], 3);
        let guest = structure::area(&w.app, &Viewer::Guest, AREA_A, None).await.unwrap();
        assert!(guest.persons.is_none() && guest.names.is_empty());
        assert_eq!(code(structure::area(&w.app, &secretary, GROUP_A1, None).await), "not_found");
    }
}
