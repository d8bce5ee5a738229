//! The words by which cells and headers say codes.

use std::collections::HashMap;

use tongxin_core::roster::{Field, normal};

/// What headers and cells may say, in any language, beside the codes themselves. Made by who knows the languages.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// Headers in normal form ([`normal`]).
    pub headers: Vec<(String, Field)>,
    /// Words of cells in normal form, by field.
    values: HashMap<(Field, String), String>,
}

impl Vocabulary {
    /// Adds a header.
    pub fn header(&mut self, field: Field, text: &str) {
        self.headers.push((normal(text), field));
    }

    /// Adds a word for a code.
    pub fn value(&mut self, field: Field, text: &str, code: &str) {
        self.values.insert((field, normal(text)), code.to_owned());
    }

    /// The code that a cell says; what is not known stays as it stands, for the rule of the field to judge.
    pub(super) fn code(&self, field: Field, cell: &str) -> String {
        let cell = cell.trim();
        self.values.get(&(field, normal(cell))).cloned().unwrap_or_else(|| cell.to_owned())
    }
}
