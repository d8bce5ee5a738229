//! What is wrong with an input: which field, what, and what would be right, as codes with arguments.

use serde::Serialize;

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The field's name, as in forms, the API and the columns of an import.
    pub field: &'static str,
    /// What is wrong, as a stable code; the Fluent message is `invalid-{code}`.
    pub code: &'static str,
    /// The arguments of the message: limits, allowed values.
    pub args: Vec<(&'static str, String)>,
}

impl Problem {
    /// A problem without arguments.
    #[must_use]
    pub fn new(field: &'static str, code: &'static str) -> Self {
        Self { field, code, args: Vec::new() }
    }

    /// The same with an argument added.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "callers hand over numbers and texts as they are")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// Collects the problems of one input, so that all are told at once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Keeps the value, or notes the problem.
    pub fn take<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|p| self.0.push(p)).ok()
    }

    /// Keeps the value, or notes all that a check of its own found.
    pub fn gather<T>(&mut self, result: Result<T, Self>) -> Option<T> {
        result.map_err(|Self(more)| self.0.extend(more)).ok()
    }

    /// Notes `problem` unless `holds`.
    pub fn require(&mut self, holds: bool, problem: impl FnOnce() -> Problem) {
        if !holds {
            self.0.push(problem());
        }
    }

    /// The value if nothing was wrong.
    ///
    /// # Errors
    /// Itself, when something was wrong or the value is missing.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}
