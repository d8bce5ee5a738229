//! Accounts and the first, simple form of posts. Authority comes from posts alone; nobody "is an admin".

use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

use crate::{invalid::Problem, text};

coded! {
    /// The kind of a post. What its holder may do is written in `policies/`.
    PostKind {
        /// 居民.
        Resident => "resident",
        /// 单位经办人: acts for an organisation.
        Unit => "unit",
        /// 社工, of a residential area.
        SocialWorker => "social_worker",
        /// 居民区书记, of a residential area.
        Secretary => "secretary",
        /// 街道工作人员, of the community.
        SubdistrictStaff => "subdistrict_staff",
    }
}

/// A post that a person holds, with its dates and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldPost {
    /// Its identifier.
    pub id: Uuid,
    /// Its kind.
    pub kind: PostKind,
    /// The place that it covers, with everything in it.
    pub place: Uuid,
    /// The organisation that a [`PostKind::Unit`] acts for.
    pub organisation: Option<Uuid>,
    /// The first day.
    pub from: NaiveDate,
    /// The first day after it; none while it lasts.
    pub until: Option<NaiveDate>,
}

impl HeldPost {
    /// Whether the post is held on `day`.
    #[must_use]
    pub fn is_held_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// The shortest password, in characters.
pub const PASSWORD_MIN: usize = 10;
/// The longest password, in characters: it bounds the work of hashing.
pub const PASSWORD_MAX: usize = 200;

/// Checks a new password.
///
/// # Errors
/// `password_short` or `too_long`.
pub fn check_password(raw: &str) -> Result<(), Problem> {
    match raw.chars().count() {
        n if n < PASSWORD_MIN => Err(Problem::new("password", "password_short").with("min", PASSWORD_MIN)),
        n if n > PASSWORD_MAX => Err(Problem::new("password", "too_long").with("max", PASSWORD_MAX)),
        _ => Ok(()),
    }
}

/// Checks a sign-in name: a line of at most 40 characters without spaces, kept in lower case.
///
/// # Errors
/// `required`, `too_long` or `bad_login`.
pub fn check_login(raw: &str) -> Result<String, Problem> {
    let login = text::line("login", raw, 40)?.to_lowercase();
    let allowed = login.chars().all(|c| c.is_alphanumeric() || "._-@".contains(c));
    if allowed { Ok(login) } else { Err(Problem::new("login", "bad_login")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_ends_before_its_until_day() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        let post = HeldPost {
            id: Uuid::nil(),
            kind: PostKind::Resident,
            place: Uuid::nil(),
            organisation: None,
            from: day(2),
            until: Some(day(4)),
        };
        assert_eq!([1, 2, 3, 4].map(|d| post.is_held_on(day(d))), [false, true, true, false]);
    }
}
