//! The rows of `organisations.csv`, `persons.csv` and `accounts.csv`.

use tongxin_core::{
    identity::{check_login, check_password},
    invalid::Problem,
    people::{MemberForm, MemberKind, check_member},
};
use tongxin_store::{
    identity::Account,
    people::{Balance, Member},
};

use super::{
    plan::{Check, Named, NamedMember},
    table::Row,
};
use crate::search;

/// Checks a person or an organisation.
pub(super) fn member(check: &mut Check<'_>, kind: MemberKind, row: &Row) {
    let before = check.problems.len();
    let code = check.code(row);
    let location = check.place(row);
    let registered = yes_no(check, row, "registered");
    let retired = yes_no(check, row, "retired");
    let form = MemberForm {
        name: row.text("name"),
        phone: row.text("phone"),
        email: row.text("email"),
        birth_date: row.text("birth_date"),
        sex: row.text("sex"),
        registered,
        retired,
        care_groups: row
            .get("care_groups")
            .split(';')
            .map(str::trim)
            .filter(|g| !g.is_empty())
            .map(str::to_owned)
            .collect(),
        organisation_kind: if kind == MemberKind::Organisation { row.text("kind") } else { String::new() },
        contact: row.text("contact"),
        ..MemberForm::default()
    };
    let draft = match check_member(kind, &form, check.today) {
        Ok(draft) => Some(draft),
        Err(problems) => {
            check.problems(row, problems, &[("organisation_kind", "kind")]);
            None
        }
    };
    let Some(code) = code else { return };
    if let Some(first) = check.people.get(&code).map(|named| named.line) {
        check.problem(row, Problem::new("code", "duplicate").with("line", first));
        return;
    }
    let id = check.id(check.now);
    let good = check.problems.len() == before;
    if let (true, Some(draft), Some(location)) = (good, draft, location) {
        check.record(row.file, row.line, "member", id, &code);
        check.plan.members.push(Member {
            id,
            code: Some(code.clone()),
            kind,
            sort_key: search::sort_key(&draft.name),
            draft,
            location,
            balance: Balance::default(),
        });
    }
    let found = good.then_some(NamedMember { id, kind });
    check.people.insert(code, Named { line: row.line, found });
}

fn yes_no(check: &mut Check<'_>, row: &Row, column: &'static str) -> bool {
    let value = match row.get(column) {
        "yes" => Ok(true),
        "no" | "" => Ok(false),
        _ => Err(Problem::new(column, "bad_yes_no")),
    };
    check.take(row, value).unwrap_or_default()
}

/// Checks an account.
pub(super) fn account(check: &mut Check<'_>, row: &Row) {
    let before = check.problems.len();
    let login = check.take(row, check_login(row.get("login")));
    let person = check.member(row, "person", Some(MemberKind::Person));
    let password = row.text("password");
    let long_enough = check_password(&password);
    check.take(row, long_enough);
    let Some(login) = login else { return };
    if let Some(first) = check.logins.get(&login).map(|named| named.line) {
        check.problem(row, Problem::new("login", "duplicate").with("line", first));
        return;
    }
    let id = check.id(check.now);
    let good = check.problems.len() == before;
    if let (true, Some(person)) = (good, person) {
        check.record(row.file, row.line, "account", id, &login);
        let account = Account {
            id,
            login: login.clone(),
            password_hash: String::new(),
            person: person.id,
            disabled: false,
            failures: 0,
            failed_at: None,
            created_at: check.now,
        };
        check.plan.accounts.push((account, password));
    }
    check.logins.insert(login, Named { line: row.line, found: good.then_some(id) });
}
