//! The rules of posts: what a form must hold, who may be appointed and when, what may be delegated, and what is missing.

use std::collections::HashMap;

use chrono::{Duration, NaiveDate};
use uuid::Uuid;

use super::{Appointment, CrossRequirement, Delegation, Post, PostKind};
use crate::{
    invalid::{Problem, Problems},
    period::Period,
    text,
};

/// The longest title, in characters.
pub const TITLE_MAX: usize = 40;
/// The longest note or reason, in characters.
pub const NOTE_MAX: usize = 200;
/// The most seats of a post.
pub const SEATS_MAX: u32 = 500;
/// The longest term, in months.
pub const TERM_MONTHS_MAX: u32 = 240;
/// The longest delegation, in days: who is away for longer leaves the post.
pub const DELEGATION_DAYS_MAX: i64 = 366;
/// How long before its end a term is told to be ending, in days.
pub const EXPIRING_DAYS: i64 = 90;

/// A post as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostForm {
    /// Code of [`PostKind`].
    pub kind: String,
    /// Its title.
    pub title: String,
    /// How many persons hold it; empty means 1.
    pub seats: String,
    /// Its term in months; empty means none.
    pub term_months: String,
    /// The first day, `YYYY-MM-DD`; empty means today.
    pub from: String,
    /// The first day after it; empty while it lasts.
    pub until: String,
}

/// A checked post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostDraft {
    /// Its kind.
    pub kind: PostKind,
    /// Its title.
    pub title: String,
    /// Its seats.
    pub seats: u32,
    /// Its term in months.
    pub term_months: Option<u32>,
    /// Its days.
    pub period: Period,
}

impl PostDraft {
    /// The post of an organisation that it describes.
    #[must_use]
    pub fn into_post(self, id: Uuid, code: Option<String>, organisation: Uuid) -> Post {
        let Self { kind, title, seats, term_months, period } = self;
        Post { id, code, organisation, kind, title, seats, term_months, period }
    }
}

/// Checks a post's form.
///
/// # Errors
/// Every problem at once: `unknown_choice`, `required`, `too_long`, `bad_quantity`, `bad_date`, `end_before_start`.
pub fn check_post(form: &PostForm, today: NaiveDate) -> Result<PostDraft, Problems> {
    let mut problems = Problems::default();
    let kind = problems.take(form.kind.trim().parse().map_err(|_| Problem::new("kind", "unknown_choice")));
    let title = problems.take(text::line("title", &form.title, TITLE_MAX));
    let seats = problems.take(number("seats", &form.seats, SEATS_MAX)).map(|seats| seats.unwrap_or(1));
    let term_months = problems.take(number("term_months", &form.term_months, TERM_MONTHS_MAX));
    let period = problems.gather(Period::check(&form.from, &form.until, today));
    let draft =
        (|| Some(PostDraft { kind: kind?, title: title?, seats: seats?, term_months: term_months?, period: period? }))(
        );
    problems.finish(draft)
}

/// A whole number from 1 to `max`; none when nothing is written.
fn number(field: &'static str, raw: &str, max: u32) -> Result<Option<u32>, Problem> {
    match raw.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .ok()
            .filter(|n| (1..=max).contains(n))
            .map(Some)
            .ok_or_else(|| Problem::new(field, "bad_quantity").with("min", 1).with("max", max)),
    }
}

/// The first day on which more than `seats` of these periods hold.
#[must_use]
pub fn overfull(seats: u32, periods: &[Period]) -> Option<NaiveDate> {
    let limit = usize::try_from(seats).unwrap_or(usize::MAX);
    // The number of those that hold grows on first days only.
    let mut days: Vec<NaiveDate> = periods.iter().map(|period| period.from).collect();
    days.sort_unstable();
    days.into_iter().find(|day| periods.iter().filter(|period| period.contains(*day)).count() > limit)
}

/// The first day of `period` that is in none of `days`.
fn uncovered(period: &Period, days: &[Period]) -> Option<NaiveDate> {
    let mut day = period.from;
    while let Some(around) = days.iter().find(|other| other.contains(day)) {
        match around.until {
            None => return None,
            Some(end) if period.until.is_some_and(|until| until <= end) => return None,
            Some(end) => day = end,
        }
    }
    Some(day)
}

/// Tells that `period` leaves the days in which its organisation is there.
fn within_organisation(period: &Period, organisation: &[Period]) -> Result<(), Problem> {
    let Some(missing) = uncovered(period, organisation) else { return Ok(()) };
    let closed = organisation.iter().any(|days| days.until.is_some_and(|end| end <= missing));
    let code = if closed { "after_organisation_closed" } else { "before_organisation" };
    let field = if missing == period.from { "from" } else { "until" };
    let first = organisation.iter().map(|days| days.from).filter(|from| *from > missing).min();
    Err(Problem::new(field, code).with("day", if closed { missing } else { first.unwrap_or(missing) }))
}

/// Checks a new or changed post against the days of its organisation and those who hold it.
///
/// # Errors
/// `before_organisation`, `after_organisation_closed`, `seats_taken`, `holders_outside`.
pub fn check_post_fits(post: &Post, organisation: &[Period], held: &[Appointment]) -> Result<(), Problems> {
    let mut problems = Problems::default();
    // A post that has no end ends with its organisation; only its beginning has to be there.
    let first = Period { until: post.period.from.succ_opt(), ..post.period };
    let days = if post.period.until.is_some() { post.period } else { first };
    problems.take(within_organisation(&days, organisation));
    let periods: Vec<Period> = held.iter().map(|appointment| appointment.period).collect();
    if let Some(day) = overfull(post.seats, &periods) {
        problems.0.push(Problem::new("seats", "seats_taken").with("seats", post.seats).with("day", day));
    }
    if let Some(period) = periods.iter().find(|period| !period.within(&post.period)) {
        let field = if period.from < post.period.from { "from" } else { "until" };
        problems.0.push(Problem::new(field, "holders_outside").with("from", period.from));
    }
    problems.finish(Some(()))
}

/// Checks that a person may be appointed: within the days of the post and of its organisation, never more persons than
/// seats on any day, and nobody twice at once. `others` are the other appointments to the post.
///
/// # Errors
/// `before_organisation`, `after_organisation_closed`, `outside_post`, `seats_taken`, `holds_already`.
pub fn check_appointment(
    post: &Post,
    organisation: &[Period],
    others: &[Appointment],
    new: &Appointment,
) -> Result<(), Problems> {
    let mut problems = Problems::default();
    problems.take(within_organisation(&new.period, organisation));
    if !new.period.within(&post.period) {
        let early = new.period.from < post.period.from || post.period.until.is_some_and(|end| end <= new.period.from);
        let problem = Problem::new(if early { "from" } else { "until" }, "outside_post");
        let until = post.period.until.map_or_else(String::new, |until| until.to_string());
        problems.0.push(problem.with("from", post.period.from).with("until", until));
    }
    if others.iter().any(|other| other.person == new.person && other.period.overlaps(&new.period)) {
        problems.0.push(Problem::new("person", "holds_already"));
    } else {
        let periods: Vec<Period> = others.iter().chain([new]).map(|appointment| appointment.period).collect();
        if let Some(day) = overfull(post.seats, &periods) {
            problems.0.push(Problem::new("from", "seats_taken").with("seats", post.seats).with("day", day));
        }
    }
    problems.finish(Some(()))
}

/// Checks that an appointment may be delegated: to another person, for a limited time within it, to one person at a time.
/// `others` are the other delegations of it.
///
/// # Errors
/// `own_person`, `required`, `outside_appointment`, `delegation_too_long`, `delegated_already`.
pub fn check_delegation(appointment: &Appointment, others: &[Delegation], new: &Delegation) -> Result<(), Problems> {
    let mut problems = Problems::default();
    problems.require(new.to != appointment.person, || Problem::new("to", "own_person"));
    match new.period.until {
        None => problems.0.push(Problem::new("until", "required")),
        Some(until) => problems.require(until - new.period.from <= Duration::days(DELEGATION_DAYS_MAX), || {
            Problem::new("until", "delegation_too_long").with("days", DELEGATION_DAYS_MAX)
        }),
    }
    if !new.period.within(&appointment.period) && new.period.until.is_some() {
        let early = new.period.from < appointment.period.from;
        problems.0.push(Problem::new(if early { "from" } else { "until" }, "outside_appointment"));
    }
    if let Some(other) = others.iter().find(|other| other.period.overlaps(&new.period)) {
        problems.0.push(Problem::new("from", "delegated_already").with("day", other.period.from));
    }
    problems.finish(Some(()))
}

/// A required cross appointment that somebody lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingCross {
    /// What is required.
    pub requirement: CrossRequirement,
    /// Who holds the post and lacks the other.
    pub person: Uuid,
}

/// What is missing on `day`: who holds a post that asks for another and does not hold that one. A vacant post misses nothing
/// here. `held` are the appointments of the day with their posts, of all posts and persons concerned.
#[must_use]
pub fn missing_cross(
    day: NaiveDate,
    requirements: &[CrossRequirement],
    held: &[(&Post, &Appointment)],
) -> Vec<MissingCross> {
    let on_the_day = || held.iter().filter(|(_, appointment)| appointment.period.contains(day));
    let mut holders: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    let mut posts: HashMap<Uuid, Vec<(PostKind, Uuid)>> = HashMap::new();
    for (post, appointment) in on_the_day() {
        holders.entry(post.id).or_default().push(appointment.person);
        posts.entry(appointment.person).or_default().push((post.kind, post.organisation));
    }
    let mut missing = Vec::new();
    for requirement in requirements.iter().filter(|requirement| requirement.period.contains(day)) {
        for person in holders.get(&requirement.post).into_iter().flatten() {
            let other = (requirement.kind, requirement.organisation);
            if !posts.get(person).is_some_and(|held| held.contains(&other)) {
                missing.push(MissingCross { requirement: requirement.clone(), person: *person });
            }
        }
    }
    missing
}

/// The day on which an appointment that holds on `today` ends or its term is over, when that is within
/// [`EXPIRING_DAYS`] or past.
#[must_use]
pub fn expires(post: &Post, appointment: &Appointment, today: NaiveDate) -> Option<NaiveDate> {
    let end = [appointment.period.until, appointment.term_ends(post)].into_iter().flatten().min()?;
    (appointment.period.contains(today) && end <= today + Duration::days(EXPIRING_DAYS)).then_some(end)
}
