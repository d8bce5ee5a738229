//! What a row says of a member, and what is stored of it, as the same texts: what differs is what the row changes.

use tongxin_core::{
    people::{CareGroup, MemberDetails, MemberForm},
    roster::{Field, RosterKind, read_list},
};
use tongxin_store::people::Member;
use uuid::Uuid;

use super::Change;

/// Everything that a row can say of a member, as it is typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    pub code: Option<String>,
    pub form: MemberForm,
    pub place: Option<Uuid>,
    /// The name of the superior of an organisation.
    pub line: String,
}

/// What is stored beside the row of a member.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    pub care_groups: &'a [CareGroup],
    /// How many employees an organisation has.
    pub staff: Option<i64>,
    /// The name of its superior.
    pub line: &'a str,
}

impl Said {
    /// What is stored of a member.
    pub(super) fn of(member: &Member, beside: Beside<'_>) -> Self {
        let mut form = MemberForm {
            name: member.draft.name.clone(),
            phone: member.draft.phone.clone().unwrap_or_default(),
            email: member.draft.email.clone().unwrap_or_default(),
            ..MemberForm::default()
        };
        match &member.draft.details {
            MemberDetails::Person { birth_date, sex, registered, retired, .. } => {
                form.birth_date = birth_date.map(|day| day.to_string()).unwrap_or_default();
                form.sex = sex.map(|sex| sex.code().to_owned()).unwrap_or_default();
                (form.registered, form.retired) = (*registered, *retired);
                form.care_groups = beside.care_groups.iter().map(|group| group.code().to_owned()).collect();
            }
            MemberDetails::Organisation { kind, contact } => {
                form.organisation_kind = kind.code().to_owned();
                form.contact = contact.clone().unwrap_or_default();
                form.staff_count = beside.staff.map(|count| count.to_string()).unwrap_or_default();
            }
        }
        Self { code: member.code.clone(), form, place: Some(member.location.place), line: beside.line.to_owned() }
    }

    /// One field as text.
    pub(super) fn get(&self, field: Field) -> String {
        let yes_no = |yes| if yes { "yes" } else { "no" }.to_owned();
        match field {
            Field::Code => self.code.clone().unwrap_or_default(),
            Field::Name => self.form.name.clone(),
            Field::Place => self.place.map(|place| place.to_string()).unwrap_or_default(),
            Field::BirthDate => self.form.birth_date.clone(),
            Field::Sex => self.form.sex.clone(),
            Field::Phone => self.form.phone.clone(),
            Field::Email => self.form.email.clone(),
            Field::Registered => yes_no(self.form.registered),
            Field::Retired => yes_no(self.form.retired),
            Field::CareGroups => self.form.care_groups.join(";"),
            Field::OrganisationKind => self.form.organisation_kind.clone(),
            Field::Contact => self.form.contact.clone(),
            Field::Line => self.line.clone(),
            Field::StaffCount => self.form.staff_count.clone(),
            _ => String::new(),
        }
    }

    /// Sets one field from the text that [`Said::get`] gives.
    pub(super) fn set(&mut self, field: Field, text: &str) {
        match field {
            Field::Code => self.code = (!text.is_empty()).then(|| text.to_owned()),
            Field::Name => text.clone_into(&mut self.form.name),
            Field::Place => self.place = text.parse().ok(),
            Field::BirthDate => text.clone_into(&mut self.form.birth_date),
            Field::Sex => text.clone_into(&mut self.form.sex),
            Field::Phone => text.clone_into(&mut self.form.phone),
            Field::Email => text.clone_into(&mut self.form.email),
            Field::Registered => self.form.registered = text == "yes",
            Field::Retired => self.form.retired = text == "yes",
            Field::CareGroups => self.form.care_groups = read_list(text).map(str::to_owned).collect(),
            Field::OrganisationKind => text.clone_into(&mut self.form.organisation_kind),
            Field::Contact => text.clone_into(&mut self.form.contact),
            Field::Line => text.clone_into(&mut self.line),
            Field::StaffCount => text.clone_into(&mut self.form.staff_count),
            _ => {}
        }
    }

    /// The fields in which it differs from `other`.
    pub(super) fn changes(&self, kind: RosterKind, other: &Self) -> Vec<Change> {
        let fields = kind.fields().iter().map(|field| Change {
            field: *field,
            before: self.get(*field),
            after: other.get(*field),
        });
        fields.filter(|change| change.before != change.after).collect()
    }
}
