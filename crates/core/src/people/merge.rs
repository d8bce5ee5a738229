//! Two members that are one: which of what they say is kept, what forbids to merge them, and what can be put back.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{MemberKind, Sex};
use crate::{
    community::{Location, OrganisationKind},
    period::Period,
};

coded! {
    /// What two members can say differently, and one chooses.
    MergeField {
        /// A person's name.
        Name => "name",
        /// Where a person lives.
        Place => "place",
        /// Telephone number.
        Phone => "phone",
        /// E-mail address.
        Email => "email",
        /// Date of birth.
        BirthDate => "birth_date",
        /// Sex.
        Sex => "sex",
        /// Registered here.
        Registered => "registered",
        /// Retired.
        Retired => "retired",
        /// How an organisation stands and stood: name, kind, superior and place on every day.
        Standings => "standings",
        /// Contact person of an organisation.
        Contact => "contact",
        /// Number of employees of an organisation.
        StaffCount => "staff_count",
    }
}

impl MergeField {
    /// The fields of a kind of member.
    #[must_use]
    pub const fn of(kind: MemberKind) -> &'static [Self] {
        match kind {
            MemberKind::Person => &[
                Self::Name,
                Self::Place,
                Self::Phone,
                Self::Email,
                Self::BirthDate,
                Self::Sex,
                Self::Registered,
                Self::Retired,
            ],
            MemberKind::Organisation => &[Self::Standings, Self::Contact, Self::Phone, Self::Email, Self::StaffCount],
        }
    }
}

coded! {
    /// What forbids to merge two members, or to undo it.
    Obstacle {
        /// One gave or gives to the other.
        MatchBetween => "merge_match_between",
        /// Both hold the same post at the same time.
        SamePost => "merge_same_post",
        /// One acts in a post that the other delegated.
        OwnDelegation => "merge_own_delegation",
        /// Both have a home branch at the same time.
        TwoHomes => "merge_two_homes",
        /// Both are registered with the same branch at the same time.
        SameRegistration => "merge_same_registration",
        /// The development of both is recorded.
        TwoDevelopments => "merge_two_developments",
        /// A transfer of each is open.
        TwoTransfers => "merge_two_transfers",
        /// A transfer leads from one to the other.
        TransferBetween => "merge_transfer_between",
        /// A reorganisation that is being drafted names the one that goes.
        InDraft => "merge_in_draft",
    }
}

/// What a member says of itself, as far as merging chooses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    /// The name.
    pub name: String,
    /// The key by which it is sorted.
    pub sort_key: String,
    /// Where it is.
    pub location: Location,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Registered here.
    pub registered: bool,
    /// Retired.
    pub retired: bool,
    /// Kind of an organisation.
    pub organisation_kind: Option<OrganisationKind>,
    /// Contact person.
    pub contact: Option<String>,
    /// Number of employees.
    pub staff_count: Option<i64>,
}

impl Fields {
    fn copy(&mut self, field: MergeField, from: &Self) {
        match field {
            MergeField::Name => {
                self.name.clone_from(&from.name);
                self.sort_key.clone_from(&from.sort_key);
            }
            MergeField::Place => self.location = from.location,
            MergeField::Phone => self.phone.clone_from(&from.phone),
            MergeField::Email => self.email.clone_from(&from.email),
            MergeField::BirthDate => self.birth_date = from.birth_date,
            MergeField::Sex => self.sex = from.sex,
            MergeField::Registered => self.registered = from.registered,
            MergeField::Retired => self.retired = from.retired,
            MergeField::Standings => {
                self.copy(MergeField::Name, from);
                self.copy(MergeField::Place, from);
                self.organisation_kind = from.organisation_kind;
            }
            MergeField::Contact => self.contact.clone_from(&from.contact),
            MergeField::StaffCount => self.staff_count = from.staff_count,
        }
    }

    /// Whether both say the same in a field.
    #[must_use]
    pub fn same(&self, other: &Self, field: MergeField) -> bool {
        let mut copy = self.clone();
        copy.copy(field, other);
        copy == *self
    }

    /// These, with the fields `chosen` of `gone`.
    #[must_use]
    pub fn chosen(&self, gone: &Self, chosen: &[MergeField]) -> Self {
        let mut merged = self.clone();
        for field in chosen {
            merged.copy(*field, gone);
        }
        merged
    }

    /// What a merge changed is put back: these are as of now, `before` and `after` as the merge left them. What it left as it
    /// was stays as it is now.
    ///
    /// # Errors
    /// The fields that it changed and that somebody changed again since.
    pub fn restored(&self, before: &Self, after: &Self, kind: MemberKind) -> Result<Self, Vec<MergeField>> {
        let changed = MergeField::of(kind).iter().copied().filter(|field| !before.same(after, *field));
        let (mut restored, mut again) = (self.clone(), Vec::new());
        for field in changed {
            if !self.same(after, field) {
                again.push(field);
            }
            restored.copy(field, before);
        }
        if again.is_empty() { Ok(restored) } else { Err(again) }
    }
}

/// That a branch is set up in a unit on some days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetUp {
    /// The branch.
    pub branch: Uuid,
    /// The unit.
    pub unit: Uuid,
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub until: Option<NaiveDate>,
}

/// Where branches are set up when `gone` is one with `kept`: days of the same branch and unit that meet become one stretch, and
/// a branch set up in itself is left out.
#[must_use]
pub fn merged_set_ups(all: &[SetUp], kept: Uuid, gone: Uuid) -> Vec<SetUp> {
    let one = |id: Uuid| if id == gone { kept } else { id };
    let mut moved: Vec<SetUp> = all
        .iter()
        .map(|s| SetUp { branch: one(s.branch), unit: one(s.unit), ..s.clone() })
        .filter(|s| s.branch != s.unit)
        .collect();
    moved.sort_unstable();
    let mut merged: Vec<SetUp> = Vec::new();
    for next in moved {
        match merged.last_mut() {
            Some(last)
                if (last.branch, last.unit) == (next.branch, next.unit)
                    && last.until.is_none_or(|until| next.from <= until) =>
            {
                last.until = last.until.zip(next.until).map(|(a, b)| a.max(b));
            }
            _ => merged.push(next),
        }
    }
    merged
}

/// Whether two who are one would hold or be the same thing twice on some day: `a` and `b` are what each has, with its days.
#[must_use]
pub fn doubled<K: PartialEq + Copy>(a: &[(K, Period)], b: &[(K, Period)]) -> Option<K> {
    a.iter().find(|(thing, days)| b.iter().any(|(other, also)| thing == other && days.overlaps(also))).map(|(k, _)| *k)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn fields(name: &str, phone: Option<&str>) -> Fields {
        Fields {
            name: name.into(),
            sort_key: name.to_lowercase(),
            location: Location { place: Uuid::nil(), area: None },
            phone: phone.map(str::to_owned),
            email: None,
            birth_date: Some(day("1950-02-03")),
            sex: None,
            registered: true,
            retired: false,
            organisation_kind: None,
            contact: None,
            staff_count: None,
        }
    }

    #[test]
    fn what_changed_since_is_not_put_back_over_it() {
        let (before, gone) = (fields("王芳", None), fields("王方", Some("1")));
        let after = before.chosen(&gone, &[MergeField::Phone]);
        assert_eq!((after.name.as_str(), after.phone.as_deref()), ("王芳", Some("1")));
        assert_eq!(after.restored(&before, &after, MemberKind::Person), Ok(before.clone()));
        let renamed = Fields { name: "王小芳".into(), ..after.clone() };
        let restored = renamed.restored(&before, &after, MemberKind::Person).unwrap();
        assert_eq!((restored.name.as_str(), restored.phone), ("王小芳", None));
        let called = Fields { phone: Some("2".into()), ..after.clone() };
        assert_eq!(called.restored(&before, &after, MemberKind::Person), Err(vec![MergeField::Phone]));
    }

    fn set_up(unit: u128, from: &str, until: Option<&str>) -> SetUp {
        SetUp { branch: Uuid::from_u128(9), unit: Uuid::from_u128(unit), from: day(from), until: until.map(day) }
    }

    #[test]
    fn days_that_meet_become_one_stretch() {
        let all = [
            set_up(1, "2010-01-01", Some("2015-01-01")),
            set_up(2, "2014-01-01", Some("2020-01-01")),
            set_up(2, "2022-01-01", None),
            set_up(9, "2022-01-01", None),
        ];
        let merged = merged_set_ups(&all, Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(merged, [set_up(1, "2010-01-01", Some("2020-01-01")), set_up(1, "2022-01-01", None)]);
    }

    #[test]
    fn the_same_post_twice_on_a_day_is_found() {
        let days = |from, until: Option<&str>| Period { from: day(from), until: until.map(day) };
        let own = [(1, days("2010-01-01", Some("2015-01-01"))), (2, days("2010-01-01", None))];
        assert_eq!(doubled(&own, &[(1, days("2015-01-01", None))]), None);
        assert_eq!(doubled(&own, &[(2, days("2015-01-01", None))]), Some(2));
    }

    proptest! {
        #[test]
        fn set_ups_hold_on_the_same_days_as_before(
            all in proptest::collection::vec((1_u128..4, 0_u64..40, proptest::option::of(1_u64..20)), 0..8),
            asked in 0_u64..60,
        ) {
            let at = |n: u64| day("2020-01-01") + chrono::Days::new(n);
            let all: Vec<SetUp> = all.into_iter().map(|(unit, from, length)| SetUp {
                branch: Uuid::from_u128(9),
                unit: Uuid::from_u128(unit),
                from: at(from),
                until: length.map(|l| at(from + l)),
            }).collect();
            let merged = merged_set_ups(&all, Uuid::from_u128(1), Uuid::from_u128(2));
            let on = |all: &[SetUp], units: &[u128]| all.iter()
                .filter(|s| units.contains(&s.unit.as_u128()))
                .filter(|s| Period { from: s.from, until: s.until }.contains(at(asked))).count();
            prop_assert_eq!(on(&merged, &[1]) > 0, on(&all, &[1, 2]) > 0);
            prop_assert!(on(&merged, &[1]) <= 1);
            prop_assert_eq!(on(&merged, &[3]) > 0, on(&all, &[3]) > 0);
        }
    }
}
