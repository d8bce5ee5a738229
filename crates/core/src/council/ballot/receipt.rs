//! Receipts of secret ballots.
//!
//! **How it works.** For each secret ballot that is cast online the program draws a random serial of 128 bits, gives it to
//! the voter as the receipt, and does not keep it. Of the serial and the vote's identifier it computes two hashes (SHA-256),
//! neither of which tells the other or the serial:
//! - the **label**, under which the ballot is published with its marks;
//! - the **inclusion number**, which is published in a list of its own, without marks.
//!
//! Once the vote is closed, both lists are published sorted by hash, so that their order says nothing about who or when
//! ([`publish`]). There is one label for each inclusion number, and with the papers as many ballots as there were voters.
//!
//! **What it proves.** With the serial the voter finds his or her ballot under its label, sees that it is marked as cast, and
//! anybody can recount all of the ballots with the same outcome. The voter can show the inclusion number to anybody: it proves that
//! a ballot with it is among those counted, and shows nothing of the choice, because the label cannot be computed from it.
//!
//! **What it does not prove.**
//! - *Coercion and bought votes.* Who hands over the serial itself shows the choice; the program can't keep a voter from
//!   doing so, nor from being watched while voting. Where the charter lets votes be changed, a later change with the same
//!   receipt helps against a watcher who leaves, not against one who takes the receipt away. Papers behind a screen are the
//!   way for who is under pressure.
//! - *Who may vote, and stuffed ballots.* The lists say nothing about the roll; that there are as many ballots as voters took
//!   part follows from the list of turnouts, which names voters and no ballot.
//! - *Disputes.* A receipt is not signed: that a serial which is in no list was ever given out can't be shown.
//! - *The running program.* Who controls the machine while a ballot is cast sees it. What is stored does not join voter and
//!   ballot: a turnout has a time and no ballot, a sheet has neither time nor voter, and its key is a hash.
//! - *Papers* that were entered as sums have no receipt.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tongxin_tally::count::Mark;
use uuid::Uuid;

use super::{
    Vote, VoteState,
    cast::{Sheet, SheetKey},
};
use crate::{council::Secrecy, invalid::Problem, record::hex};

/// The serial of a secret ballot, in hexadecimal: what the voter keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(String);

impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Receipt(…)")
    }
}

impl Receipt {
    /// The receipt of random bytes, which are passed in.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(hex(&random))
    }

    /// Reads a receipt as a voter types it: spaces and hyphens don't matter.
    ///
    /// # Errors
    /// `receipt_malformed`.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let typed = raw.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let serial: String = typed.map(|c| c.to_ascii_lowercase()).collect();
        let right = serial.len() == 32 && serial.chars().all(|c| c.is_ascii_hexdigit());
        if right { Ok(Self(serial)) } else { Err(Problem::new("receipt", "receipt_malformed")) }
    }

    /// The serial in groups of four, to be read and typed.
    #[must_use]
    pub fn shown(&self) -> String {
        let digits: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
        groups.join("-")
    }

    /// The label under which its ballot is published. It shows the choice to who knows it.
    #[must_use]
    pub fn label(&self, vote: Uuid) -> String {
        self.hash("tongxin ballot", vote)
    }

    /// The inclusion number, which may be shown to anybody.
    #[must_use]
    pub fn inclusion(&self, vote: Uuid) -> String {
        self.hash("tongxin inclusion", vote)
    }

    fn hash(&self, purpose: &str, vote: Uuid) -> String {
        // Purpose and identifier are of known lengths, so that no two inputs are written alike.
        hex(&Sha256::new().chain_update(purpose).chain_update(vote.as_bytes()).chain_update(&self.0).finalize())
    }
}

/// A ballot as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedBallot {
    /// Its label; none of papers that were entered as sums.
    pub label: Option<String>,
    /// Its marks, one for each question.
    pub marks: Vec<Mark>,
    /// How many are the same; more than 1 only without a label.
    pub times: u32,
}

/// The two lists of a secret vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The vote.
    pub vote: Uuid,
    /// The ballots, sorted by label.
    pub ballots: Vec<PublishedBallot>,
    /// The inclusion numbers, sorted.
    pub inclusion: Vec<String>,
}

/// The lists of a closed secret vote.
///
/// # Errors
/// `vote_not_closed`; `vote_not_secret`.
pub fn publish(vote: &Vote, sheets: &[Sheet]) -> Result<Published, Problem> {
    if vote.state != VoteState::Closed {
        return Err(Problem::new("state", "vote_not_closed"));
    }
    if vote.rule.secrecy != Secrecy::Secret {
        return Err(Problem::new("state", "vote_not_secret"));
    }
    let mut inclusion = Vec::new();
    let mut ballots: Vec<(Vec<u8>, PublishedBallot)> = Vec::new();
    for sheet in sheets {
        let label = match &sheet.key {
            SheetKey::Secret { label, inclusion: number } => {
                inclusion.push(number.clone());
                Some(label.clone())
            }
            SheetKey::Voter(_) | SheetKey::Counted(..) => None,
        };
        let ballot = PublishedBallot { label, marks: sheet.marks.clone(), times: sheet.times };
        ballots.push((serde_json::to_vec(&ballot).unwrap_or_default(), ballot));
    }
    inclusion.sort_unstable();
    ballots.sort_by(|(key, ballot), (other_key, other)| {
        ballot.label.is_none().cmp(&other.label.is_none()).then_with(|| key.cmp(other_key))
    });
    Ok(Published { vote: vote.id, ballots: ballots.into_iter().map(|(_, ballot)| ballot).collect(), inclusion })
}

impl Published {
    /// The ballot of a receipt.
    #[must_use]
    pub fn ballot(&self, receipt: &Receipt) -> Option<&PublishedBallot> {
        let label = receipt.label(self.vote);
        self.ballots.iter().find(|ballot| ballot.label.as_ref() == Some(&label))
    }

    /// Whether a ballot with this inclusion number is among those counted.
    #[must_use]
    pub fn includes(&self, inclusion: &str) -> bool {
        self.inclusion.binary_search_by(|own| own.as_str().cmp(inclusion)).is_ok()
    }

    /// Whether the lists fit each other and the number of those who voted: each label and each inclusion number once, as many
    /// of one as of the other, and as many ballots as voters.
    #[must_use]
    pub fn fits(&self, turnout: u64) -> bool {
        let labels: std::collections::BTreeSet<_> =
            self.ballots.iter().filter_map(|ballot| ballot.label.as_ref()).collect();
        let labelled = self.ballots.iter().filter(|ballot| ballot.label.is_some()).count();
        let distinct = self.inclusion.windows(2).all(|two| two[0] < two[1]);
        let ballots: u64 = self.ballots.iter().map(|ballot| u64::from(ballot.times)).sum();
        labels.len() == labelled && labelled == self.inclusion.len() && distinct && ballots == turnout
    }
}
