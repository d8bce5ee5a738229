//! Accounts: sign-in names and passwords. What an account may do follows from posts ([`crate::community::post`]).

use crate::{invalid::Problem, text};

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
