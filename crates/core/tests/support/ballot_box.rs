//! What a store keeps of one vote, in memory.

#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;

use tongxin_core::{
    council::ballot::cast::{Accepted, Sheet, SheetKey, Turnout},
    invalid::Problem,
};
use uuid::Uuid;

/// At most one turnout for each voter, and the sheets by their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BallotBox {
    turnouts: BTreeMap<Uuid, Turnout>,
    sheets: BTreeMap<SheetKey, Sheet>,
}

impl BallotBox {
    /// The turnout of a voter.
    pub fn turnout(&self, voter: Uuid) -> Option<&Turnout> {
        self.turnouts.get(&voter)
    }

    /// All turnouts, by voter.
    pub const fn turnouts(&self) -> &BTreeMap<Uuid, Turnout> {
        &self.turnouts
    }

    /// The sheets, by their keys.
    pub fn sheets(&self) -> Vec<Sheet> {
        self.sheets.values().cloned().collect()
    }

    /// Stores a ballot that was accepted.
    ///
    /// # Errors
    /// `receipt_unknown` when the sheet that it replaces is not there; then nothing is stored.
    pub fn store(&mut self, accepted: Accepted) -> Result<(), Problem> {
        if let Some(label) = &accepted.replaces {
            let old = self.sheets.keys().find(|key| matches!(key, SheetKey::Secret { label: own, .. } if own == label));
            let old = old.cloned().ok_or_else(|| Problem::new("receipt", "receipt_unknown"))?;
            self.sheets.remove(&old);
        }
        self.turnouts.insert(accepted.turnout.voter, accepted.turnout);
        self.sheets.insert(accepted.sheet.key.clone(), accepted.sheet);
        Ok(())
    }

    /// Stores the turnouts of an entry.
    pub fn enter(&mut self, turnouts: Vec<Turnout>) {
        self.turnouts.extend(turnouts.into_iter().map(|turnout| (turnout.voter, turnout)));
    }

    /// Stores the sheets of an entry that was confirmed.
    pub fn confirm(&mut self, sheets: Vec<Sheet>) {
        self.sheets.extend(sheets.into_iter().map(|sheet| (sheet.key.clone(), sheet)));
    }

    /// Takes the turnouts of an entry away that was discarded.
    pub fn discard(&mut self, entry: Uuid) {
        self.turnouts.retain(|_, turnout| turnout.entry != Some(entry));
    }
}
