//! Letters of appointment: who may issue, see and revoke them, and what they need; coverage of enterprises.

use tongxin_app::{
    Error, Viewer,
    community::{
        coverage::{self, Coverage},
        letter::{self, LetterFilter, LetterForm},
    },
    people,
};
use tongxin_core::people::MemberForm;

use crate::world::*;

fn form(number: &str) -> LetterForm {
    LetterForm {
        number: number.into(),
        duties: "联系职工，培养入党积极分子".into(),
        signer: "Una".into(),
        until: "2028-03-02".into(),
        ..LetterForm::default()
    }
}

fn outcome<T>(result: Result<T, Error>) -> &'static str {
    result.map_or_else(|e| e.code(), |_| "yes")
}

on_both! {
    async fn a_unit_and_the_secretary_of_its_area_issue_letters(w) {
        let mut table = Vec::new();
        for (n, who) in w.everyone().await.into_iter().enumerate() {
            let issued = letter::issue(&w.app, &who, HOTEL, Some(WORKER_A), &form(&format!("静党聘〔2026〕{}号", n + 1))).await;
            let listed = letter::list(&w.app, &who, LetterFilter::default(), ALL).await;
            table.push([outcome(letter::proposal(&w.app, &who, HOTEL).await), outcome(issued), outcome(listed)]);
        }
        let (guest, no, yes) = (["sign_in_first"; 3], ["forbidden"; 3], ["yes"; 3]);
        assert_eq!(table, [guest, no, no, no, yes, no, no, yes, ["forbidden", "forbidden", "yes"]]);
        let staff = w.viewer(SUBDISTRICT).await;
        let all = letter::list(&w.app, &staff, LetterFilter::default(), ALL).await.unwrap();
        assert_eq!(all.rows.iter().map(|v| v.letter.number.as_str()).collect::<Vec<_>>(), ["静党聘〔2026〕8号", "静党聘〔2026〕5号"]);
        let proposal = letter::proposal(&w.app, &w.viewer(UNA).await, HOTEL).await.unwrap();
        assert_eq!(proposal.number, "静党聘〔2026〕9号");
        let workers: Vec<_> = proposal.workers.iter().map(|worker| worker.person).collect();
        assert_eq!(workers, [SECRETARY_A, WORKER_A], "who holds a post in the area's own organisations");
    }

    async fn what_a_letter_needs(w) {
        let una = w.viewer(UNA).await;
        let issue = async |person, form: &LetterForm| letter::issue(&w.app, &una, HOTEL, person, form).await;
        assert_eq!(problems(issue(Some(WORKER_B), &form("1")).await), [("person", "letter_not_of_area")]);
        assert_eq!(problems(issue(Some(ANNA), &form("1")).await), [("person", "letter_not_of_area")]);
        assert_eq!(problems(issue(None, &form("1")).await), [("person", "required")]);
        let early = LetterForm { issued_on: "1899-12-31".into(), from: "2026-03-02".into(), ..form("1") };
        assert_eq!(problems(issue(Some(WORKER_A), &early).await), [("issued_on", "not_there_on_day")]);
        issue(Some(WORKER_A), &form("1")).await.unwrap();
        assert_eq!(problems(issue(Some(WORKER_A), &form("1")).await), [("number", "taken")]);
        let secretary = w.viewer(SECRETARY_A).await;
        let of_station = letter::issue(&w.app, &secretary, STATION_A, Some(WORKER_A), &form("2")).await;
        assert_eq!(problems(of_station), [("enterprise", "letter_no_enterprise")]);
    }

    async fn a_letter_is_revoked_with_a_reason_and_covers_until_then(w) {
        let una = w.viewer(UNA).await;
        let staff = w.viewer(SUBDISTRICT).await;
        let way = async |on: Option<&str>| {
            let view = coverage::show(&w.app, &staff, None, on.map(day)).await.unwrap();
            assert_eq!(view.enterprises.len(), 1);
            (view.enterprises[0].reached.coverage, view.enterprises[0].by.clone())
        };
        assert_eq!(way(None).await, (Coverage::Nothing, None));
        let id = letter::issue(&w.app, &una, HOTEL, Some(WORKER_A), &form("1")).await.unwrap();
        assert_eq!(way(None).await, (Coverage::AppointedWorker, Some("Worker A".into())));
        assert_eq!(way(Some("2026-03-01")).await.0, Coverage::Nothing);
        for (who, refused) in [(Viewer::Guest, "sign_in_first"), (staff.clone(), "forbidden"), (w.viewer(BEN).await, "forbidden")] {
            assert_eq!(code(letter::revoke(&w.app, &who, id, "", "调离").await), refused);
        }
        assert_eq!(problems(letter::revoke(&w.app, &una, id, "2026-03-10", "").await), [("reason", "required")]);
        letter::revoke(&w.app, &una, id, "2026-03-10", "调离").await.unwrap();
        assert_eq!(problems(letter::revoke(&w.app, &una, id, "2026-03-10", "调离").await), [("on", "already_revoked")]);
        assert_eq!(way(Some("2026-03-09")).await.0, Coverage::AppointedWorker);
        assert_eq!(way(Some("2026-03-10")).await.0, Coverage::Nothing);
        let actions: Vec<String> = w.records().await.into_iter().map(|r| r.action).collect();
        assert_eq!(actions, ["letter.issue", "letter.revoke"]);
    }

    async fn who_sees_coverage_and_where(w) {
        let mut table = Vec::new();
        for who in w.everyone().await {
            let count = async |place| match coverage::show(&w.app, &who, place, None).await {
                Ok(view) => if view.enterprises.is_empty() { "none" } else { "one" },
                Err(error) => error.code(),
            };
            table.push([count(None).await, count(Some(AREA_A)).await]);
        }
        let no = ["forbidden"; 2];
        assert_eq!(table, [["sign_in_first"; 2], no, no, no, no, ["one", "one"], ["none", "forbidden"], ["one", "one"], ["one", "one"]]);
    }

    async fn the_size_of_a_unit_is_kept_on_its_page(w) {
        let una = w.viewer(UNA).await;
        let asked = |count: &str| MemberForm {
            name: "Hotel".into(),
            organisation_kind: "enterprise".into(),
            staff_count: count.into(),
            ..MemberForm::default()
        };
        assert_eq!(problems(people::edit(&w.app, &una, HOTEL, None, &asked("many")).await), [("staff_count", "bad_quantity")]);
        people::edit(&w.app, &una, HOTEL, None, &asked("120")).await.unwrap();
        assert_eq!(people::show(&w.app, &una, HOTEL, false).await.unwrap().staff_count, Some(120));
        let view = coverage::show(&w.app, &w.viewer(SECRETARY_A).await, None, None).await.unwrap();
        assert_eq!(view.count(Some(coverage::StaffSize::Large), Some(Coverage::Nothing)), 1);
        people::edit(&w.app, &una, HOTEL, None, &asked("")).await.unwrap();
        assert_eq!(people::show(&w.app, &una, HOTEL, false).await.unwrap().staff_count, None);
    }
}
