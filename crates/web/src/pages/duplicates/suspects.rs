//! Members who may be the one that somebody is adding, as the form shows them.

use tongxin_app::{
    community::Territory,
    people::{Member, duplicate::Suspect},
};
use tongxin_core::people::{MemberDetails, MemberKind, duplicate::Likeness};

use crate::layout::Shell;

/// A member with what tells it apart from others of its name.
pub(crate) struct MemberLine {
    pub href: String,
    pub name: String,
    pub kind: String,
    pub place: String,
    pub born: Option<String>,
    pub phone: Option<String>,
}

impl MemberLine {
    /// A member with the contacts that the viewer was given.
    pub(super) fn new(shell: &Shell, territory: &Territory, member: &Member) -> Self {
        let (kind, born) = match &member.draft.details {
            MemberDetails::Person { birth_date, .. } => {
                (shell.word(&MemberKind::Person), birth_date.map(|day| shell.fmt.day(day)))
            }
            MemberDetails::Organisation { kind, .. } => (shell.word(kind), None),
        };
        Self {
            href: format!("/members/{}", member.id),
            name: member.draft.name.clone(),
            kind,
            place: territory.full_name(member.location.place),
            born,
            phone: member.draft.phone.clone(),
        }
    }
}

/// A suspect on a form.
pub(crate) struct SuspectLine {
    pub member: MemberLine,
    pub reasons: Vec<(String, &'static str)>,
}

impl SuspectLine {
    pub(crate) fn member(&self) -> &MemberLine {
        &self.member
    }
}

/// The suspects for a form.
pub(crate) fn lines(shell: &Shell, territory: &Territory, suspects: &[Suspect]) -> Vec<SuspectLine> {
    let line = |suspect: &Suspect| {
        let mut member = MemberLine::new(shell, territory, &suspect.member);
        if member.born.is_none() {
            member.born = suspect.birth_year.map(|year| shell.tr("duplicate-born-in", "year", year.to_string()));
        }
        SuspectLine { member, reasons: reasons(shell, &suspect.suspicion.reasons) }
    };
    suspects.iter().map(line).collect()
}

/// Why two look alike, in words, each with the tone of its badge: what speaks against it is red.
pub(crate) fn reasons(shell: &Shell, reasons: &[Likeness]) -> Vec<(String, &'static str)> {
    let tone = |reason: &Likeness| match reason {
        Likeness::OtherBirthDate | Likeness::OtherSex | Likeness::OtherName => "red",
        Likeness::SameName | Likeness::SamePhone | Likeness::SameBirthDate => "blue",
        _ => "secondary",
    };
    reasons.iter().map(|reason| (shell.word(reason), tone(reason))).collect()
}
