//! What differs between two versions of a text, by lines, and within a changed line by characters: Chinese has no spaces
//! between its words.

use serde::Serialize;
use similar::{ChangeTag, DiffTag, TextDiff};

coded! {
    /// What became of a line or of a piece of it.
    Change {
        /// It stayed.
        Same => "same",
        /// It is gone.
        Removed => "removed",
        /// It is new.
        Added => "added",
    }
}

/// Two lists are compared only while the product of their lengths is at most this: the time grows with it.
const COMPARED_MAX: usize = 4_000_000;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// What became of it.
    pub change: Change,
    /// The text, without a line break.
    pub text: String,
}

/// A line of one of the two versions, or of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffLine {
    /// What became of it.
    pub change: Change,
    /// Its pieces; those that are not `same` are what differs from the line that it stands for.
    pub pieces: Vec<Piece>,
}

impl DiffLine {
    fn whole(change: Change, line: &str) -> Self {
        let text = line.trim_end_matches(['\n', '\r']).to_owned();
        let pieces = if text.is_empty() { Vec::new() } else { vec![Piece { change, text }] };
        Self { change, pieces }
    }

    /// The line's text.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.text.as_str()).collect()
    }
}

/// The differences from `old` to `new`, as lines in their order: a changed line is a removed one and an added one, whose
/// pieces show what differs. What is too long to be compared is shown as a whole, gone and new.
#[must_use]
pub fn diff(old: &str, new: &str) -> Vec<DiffLine> {
    if old.lines().count().saturating_mul(new.lines().count()) > COMPARED_MAX {
        let whole = |change, text: &str| text.lines().map(|line| DiffLine::whole(change, line)).collect::<Vec<_>>();
        return [whole(Change::Removed, old), whole(Change::Added, new)].concat();
    }
    let lines = TextDiff::from_lines(old, new);
    let (before, after) = (lines.old_slices(), lines.new_slices());
    let mut all = Vec::new();
    for op in lines.ops() {
        let (removed, added) = (&before[op.old_range()], &after[op.new_range()]);
        match op.tag() {
            DiffTag::Equal => all.extend(removed.iter().map(|line| DiffLine::whole(Change::Same, line))),
            DiffTag::Delete => all.extend(removed.iter().map(|line| DiffLine::whole(Change::Removed, line))),
            DiffTag::Insert => all.extend(added.iter().map(|line| DiffLine::whole(Change::Added, line))),
            DiffTag::Replace => replace(removed, added, &mut all),
        }
    }
    all
}

/// Lines that replace others stand for each other in their order; what is left over is new or gone.
fn replace(removed: &[&str], added: &[&str], all: &mut Vec<DiffLine>) {
    let both = removed.len().min(added.len());
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for (old_line, new_line) in removed.iter().zip(added) {
        let (old_line, new_line) = two(old_line, new_line);
        gone.push(old_line);
        new.push(new_line);
    }
    gone.extend(removed[both..].iter().map(|line| DiffLine::whole(Change::Removed, line)));
    new.extend(added[both..].iter().map(|line| DiffLine::whole(Change::Added, line)));
    all.append(&mut gone);
    all.append(&mut new);
}

fn two(old: &str, new: &str) -> (DiffLine, DiffLine) {
    let (old, new) = (old.trim_end_matches(['\n', '\r']), new.trim_end_matches(['\n', '\r']));
    if old.chars().count().saturating_mul(new.chars().count()) > COMPARED_MAX {
        return (DiffLine::whole(Change::Removed, old), DiffLine::whole(Change::Added, new));
    }
    let chars = TextDiff::from_chars(old, new);
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for change in chars.iter_all_changes() {
        let tag = change.tag();
        if tag != ChangeTag::Insert {
            put(&mut removed, if tag == ChangeTag::Equal { Change::Same } else { Change::Removed }, change.value());
        }
        if tag != ChangeTag::Delete {
            put(&mut added, if tag == ChangeTag::Equal { Change::Same } else { Change::Added }, change.value());
        }
    }
    (DiffLine { change: Change::Removed, pieces: removed }, DiffLine { change: Change::Added, pieces: added })
}

fn put(pieces: &mut Vec<Piece>, change: Change, text: &str) {
    match pieces.last_mut() {
        Some(last) if last.change == change => last.text.push_str(text),
        _ => pieces.push(Piece { change, text: text.to_owned() }),
    }
}
