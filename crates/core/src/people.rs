//! Members: persons and organisations alike give and receive (S1, S3).

pub mod development;
pub mod duplicate;
pub mod membership;
pub mod merge;

use chrono::NaiveDate;

use crate::{
    community::OrganisationKind,
    invalid::{Problem, Problems},
    text,
};

coded! {
    /// A member is a person or an organisation.
    MemberKind {
        /// 个人.
        Person => "person",
        /// 单位、组织.
        Organisation => "organisation",
    }
}

coded! {
    /// The groups that are cared for first (S1). Sensitive: shown only to posts that need it.
    CareGroup {
        /// 老人.
        Older => "older",
        /// 儿童.
        Child => "child",
        /// 残疾人.
        Disabled => "disabled",
        /// 优抚对象.
        Preferential => "preferential",
    }
}

coded! {
    /// Sex, as a roster states it.
    Sex {
        /// 女.
        Female => "f",
        /// 男.
        Male => "m",
    }
}

/// The longest name, in characters.
pub const NAME_MAX: usize = 60;
/// The longest telephone number or e-mail address, in characters.
pub const CONTACT_MAX: usize = 120;

/// What a person's or organisation's form holds, as typed.
#[derive(Debug, Clone, Default)]
pub struct MemberForm {
    /// Full name.
    pub name: String,
    /// Telephone number, may be empty.
    pub phone: String,
    /// E-mail address, may be empty.
    pub email: String,
    /// Date of birth `YYYY-MM-DD`, persons only, may be empty.
    pub birth_date: String,
    /// Code of [`Sex`], persons only, may be empty.
    pub sex: String,
    /// Whether the person is registered (户籍) here.
    pub registered: bool,
    /// Whether the person is retired.
    pub retired: bool,
    /// Codes of [`CareGroup`].
    pub care_groups: Vec<String>,
    /// Code of [`OrganisationKind`], organisations only.
    pub organisation_kind: String,
    /// Contact person of an organisation, may be empty.
    pub contact: String,
    /// How many employees an organisation has, may be empty.
    pub staff_count: String,
    /// Whether the one who types has seen whom the new member may be, and says that it is another.
    pub confirmed_new: bool,
}

/// The most employees that an organisation can be said to have.
pub const STAFF_MAX: i64 = 10_000_000;

/// The number of employees of an organisation, as typed; none when it is left empty.
///
/// # Errors
/// `bad_quantity` with `min` and `max`.
pub fn check_staff_count(raw: &str) -> Result<Option<i64>, Problem> {
    match raw.trim() {
        "" => Ok(None),
        typed => typed
            .parse()
            .ok()
            .filter(|count| (0..=STAFF_MAX).contains(count))
            .map(Some)
            .ok_or_else(|| Problem::new("staff_count", "bad_quantity").with("min", 0).with("max", STAFF_MAX)),
    }
}

/// A checked member: what may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDraft {
    /// Full name.
    pub name: String,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// What is particular to the kind.
    pub details: MemberDetails,
}

/// What is particular to a person or an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberDetails {
    /// A person's part.
    Person {
        /// Date of birth.
        birth_date: Option<NaiveDate>,
        /// Sex.
        sex: Option<Sex>,
        /// Registered (户籍) here.
        registered: bool,
        /// Retired.
        retired: bool,
        /// Care groups, in order, each once.
        care_groups: Vec<CareGroup>,
    },
    /// An organisation's part.
    Organisation {
        /// Its kind.
        kind: OrganisationKind,
        /// Contact person.
        contact: Option<String>,
    },
}

/// Checks a member's form. `today` bounds the date of birth.
///
/// # Errors
/// Every problem of the form at once.
pub fn check_member(kind: MemberKind, form: &MemberForm, today: NaiveDate) -> Result<MemberDraft, Problems> {
    let mut problems = Problems::default();
    let name = problems.take(text::line("name", &form.name, NAME_MAX));
    let phone = problems.take(phone(&form.phone)).flatten();
    let email = problems.take(email(&form.email)).flatten();
    let details = match kind {
        MemberKind::Person => person_details(form, today, &mut problems),
        MemberKind::Organisation => {
            let contact = problems.take(text::optional_line("contact", &form.contact, NAME_MAX)).flatten();
            let kind = problems
                .take(form.organisation_kind.parse().map_err(|_| Problem::new("organisation_kind", "unknown_choice")));
            kind.map(|kind| MemberDetails::Organisation { kind, contact })
        }
    };
    let draft = name.zip(details).map(|(name, details)| MemberDraft { name, phone, email, details });
    problems.finish(draft)
}

fn person_details(form: &MemberForm, today: NaiveDate, problems: &mut Problems) -> Option<MemberDetails> {
    let birth_date = problems.take(birth_date(&form.birth_date, today)).flatten();
    let sex = match form.sex.as_str() {
        "" => None,
        code => problems.take(code.parse().map_err(|_| Problem::new("sex", "unknown_choice"))),
    };
    let mut care_groups = Vec::new();
    for code in &form.care_groups {
        match code.parse::<CareGroup>() {
            Ok(group) => care_groups.push(group),
            Err(_) => problems.0.push(Problem::new("care_groups", "unknown_choice")),
        }
    }
    care_groups.sort_unstable();
    care_groups.dedup();
    Some(MemberDetails::Person { birth_date, sex, registered: form.registered, retired: form.retired, care_groups })
}

fn birth_date(raw: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Problem> {
    if raw.trim().is_empty() {
        return Ok(None);
    }
    let date = raw.trim().parse::<NaiveDate>().map_err(|_| Problem::new("birth_date", "bad_date"))?;
    let oldest = today.checked_sub_months(chrono::Months::new(12 * 130)).unwrap_or(NaiveDate::MIN);
    if date > today || date < oldest {
        return Err(Problem::new("birth_date", "date_out_of_range").with("from", oldest).with("until", today));
    }
    Ok(Some(date))
}

fn phone(raw: &str) -> Result<Option<String>, Problem> {
    let Some(phone) = text::optional_line("phone", raw, CONTACT_MAX)? else {
        return Ok(None);
    };
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let allowed = phone.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
    if allowed && (5..=20).contains(&digits) { Ok(Some(phone)) } else { Err(Problem::new("phone", "bad_phone")) }
}

fn email(raw: &str) -> Result<Option<String>, Problem> {
    let Some(email) = text::optional_line("email", raw, CONTACT_MAX)? else {
        return Ok(None);
    };
    match email.split_once('@') {
        Some((user, host)) if !user.is_empty() && host.contains('.') && !email.contains(' ') => Ok(Some(email)),
        _ => Err(Problem::new("email", "bad_email")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
    }

    #[test]
    fn tells_every_problem_at_once() {
        let form = MemberForm {
            birth_date: "2027-01-01".into(),
            phone: "call me".into(),
            care_groups: vec!["tall".into()],
            ..MemberForm::default()
        };
        let Problems(problems) = check_member(MemberKind::Person, &form, today()).unwrap_err();
        let fields: Vec<_> = problems.iter().map(|p| (p.field, p.code)).collect();
        assert_eq!(
            fields,
            [
                ("name", "required"),
                ("phone", "bad_phone"),
                ("birth_date", "date_out_of_range"),
                ("care_groups", "unknown_choice")
            ]
        );
    }

    #[test]
    fn an_organisation_needs_its_kind() {
        let form = MemberForm {
            name: "美丽园龙都大酒店".into(),
            organisation_kind: "enterprise".into(),
            ..MemberForm::default()
        };
        let draft = check_member(MemberKind::Organisation, &form, today()).unwrap();
        assert_eq!(draft.details, MemberDetails::Organisation { kind: OrganisationKind::Enterprise, contact: None });
    }
}
