//! Proxies (委托投票): a voter lets another voter vote for it in one vote.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Vote, cast::Turnout};
use crate::invalid::{Problem, Problems};

/// A proxy in one vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    /// Whose vote it is.
    pub giver: Uuid,
    /// Who casts it: another on the roll.
    pub holder: Uuid,
    /// When it was given.
    pub at: DateTime<Utc>,
}

impl Vote {
    /// Checks a new proxy. `others` are the proxies of this vote that hold; `voted` is the giver's turnout.
    ///
    /// # Errors
    /// `vote_closed`, `vote_over`; `proxy_not_allowed`; `proxy_own`; `proxy_given_already`; `proxy_too_many` with `max`;
    /// `proxy_chain` when the holder has given its own away or the giver holds others'; `proxy_voted` when the giver has
    /// voted.
    pub fn check_proxy(&self, others: &[Proxy], voted: Option<&Turnout>, new: &Proxy) -> Result<(), Problems> {
        let mut problems = Problems::default();
        problems.take(self.takes(new.at.max(self.plan.window.from)));
        let max = self.rule.proxies;
        problems.require(max > 0, || Problem::new("holder", "proxy_not_allowed"));
        problems.require(new.giver != new.holder, || Problem::new("holder", "proxy_own"));
        let given = others.iter().any(|other| other.giver == new.giver);
        problems.require(!given, || Problem::new("giver", "proxy_given_already"));
        let held = others.iter().filter(|other| other.holder == new.holder).count();
        problems.require(max == 0 || held < max as usize, || Problem::new("holder", "proxy_too_many").with("max", max));
        let chain = others.iter().any(|other| other.giver == new.holder || other.holder == new.giver);
        problems.require(!chain, || Problem::new("holder", "proxy_chain"));
        problems.require(voted.is_none(), || Problem::new("giver", "proxy_voted"));
        problems.finish(Some(()))
    }
}
