//! The rows of `posts.csv`, `appointments.csv`, `cross.csv` and `delegations.csv`.

use tongxin_core::{
    community::post::{
        Appointment, CrossRequirement, Delegation, Post,
        rules::{NOTE_MAX, PostForm, check_appointment, check_delegation, check_post, check_post_fits},
    },
    invalid::Problem,
    people::MemberKind,
    period::{BEGINNING, Period},
    text,
};
use uuid::Uuid;

use super::{
    plan::{Check, Named, named},
    table::Row,
};

/// Checks a post.
pub(super) fn post(check: &mut Check<'_>, row: &Row) {
    let before = check.problems.len();
    let code = check.code(row);
    let organisation = check.member(row, "organisation", Some(MemberKind::Organisation));
    let form = PostForm {
        kind: row.text("kind"),
        title: row.text("title"),
        seats: row.text("seats"),
        term_months: row.text("term_months"),
        from: row.text("from"),
        until: row.text("until"),
    };
    let draft = check_post(&form, BEGINNING).map_err(|problems| check.problems(row, problems, &[])).ok();
    let Some(code) = code else { return };
    if let Some(first) = check.posts.get(&code).map(|named| named.line) {
        check.problem(row, Problem::new("code", "duplicate").with("line", first));
        return;
    }
    let id = check.id(check.now);
    if let (Some(draft), Some(organisation)) = (draft, organisation) {
        let post = draft.into_post(id, Some(code.clone()), organisation.id);
        if let Err(problems) = check_post_fits(&post, &check.days_of(organisation.id), &[]) {
            check.problems(row, problems, &[]);
        } else if check.problems.len() == before {
            check.record(row.file, row.line, "post", id, &code);
            check.plan.posts.push(post);
        }
    }
    let good = check.problems.len() == before;
    let found = good.then(|| check.plan.posts.len() - 1);
    check.posts.insert(code, Named { line: row.line, found });
}

/// The post that a row names.
fn the_post(check: &mut Check<'_>, row: &Row) -> Option<Post> {
    let found = named(&check.posts, "post", row.get("post"));
    let at = check.take(row, found)??;
    check.plan.posts.get(at).cloned()
}

/// The days of a row, which must say when it begins.
fn days(check: &mut Check<'_>, row: &Row) -> Option<Period> {
    if row.get("from").is_empty() {
        check.problem(row, Problem::new("from", "required"));
    }
    let period = Period::check(row.get("from"), row.get("until"), BEGINNING);
    period.map_err(|problems| check.problems(row, problems, &[])).ok()
}

/// Checks an appointment.
pub(super) fn appointment(check: &mut Check<'_>, row: &Row) {
    let before = check.problems.len();
    let post = the_post(check, row);
    let person = check.member(row, "person", Some(MemberKind::Person));
    let period = days(check, row);
    let note = check.take(row, text::optional_line("note", row.get("note"), NOTE_MAX)).flatten();
    let (true, Some(post), Some(person), Some(period)) = (check.problems.len() == before, post, person, period) else {
        return;
    };
    let new = Appointment {
        id: check.id(check.now),
        post: post.id,
        person: person.id,
        period,
        note: note.unwrap_or_default(),
    };
    let others = check.holders(post.id);
    if let Err(problems) = check_appointment(&post, &check.days_of(post.organisation), &others, &new) {
        check.problems(row, problems, &[]);
        return;
    }
    check.record(row.file, row.line, "appointment", new.id, row.get("post"));
    check.holders.entry(post.id).or_default().push(check.plan.appointments.len());
    check.plan.appointments.push(new);
}

/// Checks a required cross appointment.
pub(super) fn cross(check: &mut Check<'_>, row: &Row) {
    let before = check.problems.len();
    let post = the_post(check, row);
    let kind = row.get("kind").parse().map_err(|_| Problem::new("kind", "unknown_choice"));
    let kind = check.take(row, kind);
    let organisation = check.member(row, "organisation", Some(MemberKind::Organisation));
    let period = Period::check(row.get("from"), row.get("until"), BEGINNING);
    let period = period.map_err(|problems| check.problems(row, problems, &[])).ok();
    let good = check.problems.len() == before;
    if let (true, Some(post), Some(kind), Some(organisation), Some(period)) = (good, post, kind, organisation, period) {
        let id = check.id(check.now);
        check.record(row.file, row.line, "post", post.id, row.get("post"));
        check.plan.cross.push(CrossRequirement { id, post: post.id, kind, organisation: organisation.id, period });
    }
}

/// Checks a delegation: the appointment is the person's to the post that holds on its first day.
pub(super) fn delegation(check: &mut Check<'_>, row: &Row) {
    let before = check.problems.len();
    let post = the_post(check, row);
    let person = check.member(row, "person", Some(MemberKind::Person));
    let to = check.member(row, "to", Some(MemberKind::Person));
    let period = days(check, row);
    let reason = check.take(row, text::line("reason", row.get("reason"), NOTE_MAX));
    let good = check.problems.len() == before;
    let (true, Some(post), Some(person), Some(to), Some(period), Some(reason)) =
        (good, post, person, to, period, reason)
    else {
        return;
    };
    let held = check.holders(post.id);
    let held = held.iter().find(|held| held.person == person.id && held.period.contains(period.from));
    let Some(held) = held else {
        check.problem(row, Problem::new("person", "not_in_this_post"));
        return;
    };
    let new = Delegation { id: check.id(check.now), appointment: held.id, to: to.id, period, reason };
    let others: Vec<Delegation> =
        check.plan.delegations.iter().filter(|other| other.appointment == held.id).cloned().collect();
    if let Err(problems) = check_delegation(held, &others, &new) {
        check.problems(row, problems, &[]);
        return;
    }
    check.record(row.file, row.line, "delegation", new.id, row.get("post"));
    check.plan.delegations.push(new);
}

impl Check<'_> {
    /// The days in which an organisation is there.
    fn days_of(&self, organisation: Uuid) -> Vec<Period> {
        self.standing_days.get(&organisation).cloned().unwrap_or_else(|| vec![Period::since(BEGINNING)])
    }

    /// The appointments to a post so far.
    fn holders(&self, post: Uuid) -> Vec<Appointment> {
        let held = self.holders.get(&post).into_iter().flatten();
        held.filter_map(|at| self.plan.appointments.get(*at)).cloned().collect()
    }
}
