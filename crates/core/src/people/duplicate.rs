//! Members who may be one and the same: how strongly two look alike, and why. A person decides; nothing is merged by itself.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use uuid::Uuid;

use super::{MemberKind, Sex};
use crate::community::{Closeness, Location};

coded! {
    /// Why two members look alike, or do not.
    Likeness {
        /// The same name.
        SameName => "same_name",
        /// The same name but for its form: a legal form, a place, brackets or blanks left out.
        SameShortName => "same_short_name",
        /// Names that sound the same.
        SameSound => "same_sound",
        /// The same telephone number.
        SamePhone => "same_phone",
        /// The same date of birth.
        SameBirthDate => "same_birth_date",
        /// The same year of birth.
        SameBirthYear => "same_birth_year",
        /// The same place.
        SamePlace => "same_place",
        /// The same residential area.
        SameArea => "same_area",
        /// Another date of birth.
        OtherBirthDate => "other_birth_date",
        /// The other sex.
        OtherSex => "other_sex",
        /// Another name altogether.
        OtherName => "other_name",
    }
}

impl Likeness {
    /// What it weighs. Two are suspected from [`SUSPECTED`] on: a name alone is not enough, since many share one; nor is a
    /// telephone number, which a family shares.
    const fn weight(self) -> i32 {
        match self {
            Self::SameName | Self::SamePhone => 40,
            Self::SameBirthDate | Self::SameShortName => 30,
            Self::SameSound => 25,
            Self::SameBirthYear | Self::SamePlace => 15,
            Self::SameArea => 8,
            Self::OtherBirthDate => -50,
            Self::OtherSex => -60,
            Self::OtherName => -20,
        }
    }
}

/// From this weight on two members are suspected to be one.
pub const SUSPECTED: i32 = 55;

/// What is compared of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// Person or organisation.
    pub kind: MemberKind,
    /// The name.
    pub name: String,
    /// The name in pinyin.
    pub sound: String,
    /// The digits of the telephone number; empty for none.
    pub phone_digits: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Where it is.
    pub location: Location,
}

/// How alike two members are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspicion {
    /// The sum of the weights.
    pub weight: i32,
    /// Why, the heaviest first.
    pub reasons: Vec<Likeness>,
}

/// Compares two members; none when they are not suspected to be one. It is the same whichever comes first.
#[must_use]
pub fn compare(one: &Traits, other: &Traits) -> Option<Suspicion> {
    if one.kind != other.kind {
        return None;
    }
    let mut reasons = vec![names(one, other).unwrap_or(Likeness::OtherName)];
    if one.phone_digits.len() >= PHONE_MIN && one.phone_digits == other.phone_digits {
        reasons.push(Likeness::SamePhone);
    }
    if let (Some(a), Some(b)) = (one.birth_date, other.birth_date) {
        reasons.push(match () {
            () if a == b => Likeness::SameBirthDate,
            // A roster that knows the year alone writes its first day.
            () if a.year() == b.year() && (a.ordinal() == 1 || b.ordinal() == 1) => Likeness::SameBirthYear,
            () => Likeness::OtherBirthDate,
        });
    }
    if let (Some(a), Some(b)) = (one.sex, other.sex)
        && a != b
    {
        reasons.push(Likeness::OtherSex);
    }
    match one.location.closeness(&other.location) {
        Closeness::SameGroup => reasons.push(Likeness::SamePlace),
        Closeness::SameArea => reasons.push(Likeness::SameArea),
        Closeness::SameCommunity => {}
    }
    let weight = reasons.iter().map(|reason| reason.weight()).sum();
    reasons.sort_by_key(|reason| (-reason.weight(), *reason));
    (weight >= SUSPECTED).then_some(Suspicion { weight, reasons })
}

/// A number with fewer digits is an extension, not a telephone.
const PHONE_MIN: usize = 7;

fn names(one: &Traits, other: &Traits) -> Option<Likeness> {
    if one.name == other.name {
        return Some(Likeness::SameName);
    }
    if one.kind == MemberKind::Organisation {
        let (a, b) = (short_name(&one.name), short_name(&other.name));
        if a == b && !a.is_empty() {
            return Some(Likeness::SameShortName);
        }
    }
    (!one.sound.is_empty() && one.sound == other.sound).then_some(Likeness::SameSound)
}

/// What two members must have in common, at the least, to be suspected: nothing else reaches [`SUSPECTED`] without it.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Common {
    Name(String),
    ShortName(String),
    Sound(String),
    Phone(String),
}

fn commons(of: &Traits) -> Vec<Common> {
    let mut commons = vec![Common::Name(of.name.clone())];
    if of.kind == MemberKind::Organisation {
        commons.push(Common::ShortName(short_name(&of.name)));
    }
    if !of.sound.is_empty() {
        commons.push(Common::Sound(of.sound.clone()));
    }
    if of.phone_digits.len() >= PHONE_MIN {
        commons.push(Common::Phone(of.phone_digits.clone()));
    }
    commons
}

/// The most members with the same thing in common that are compared with one: a name that thousands share tells nothing.
pub const ALIKE_MAX: usize = 200;

/// Members in groups by what two of them can have in common, so that the suspects of many are found at once.
#[derive(Debug, Default)]
pub struct Crowd {
    all: Vec<(Uuid, Traits)>,
    by: HashMap<Common, Vec<usize>>,
}

impl Crowd {
    /// Gathers members.
    #[must_use]
    pub fn new(all: Vec<(Uuid, Traits)>) -> Self {
        let mut by: HashMap<Common, Vec<usize>> = HashMap::new();
        for (at, (_, traits)) in all.iter().enumerate() {
            for common in commons(traits) {
                by.entry(common).or_default().push(at);
            }
        }
        Self { all, by }
    }

    /// Whom of them a member is suspected to be ([`compare`]), the most alike first. Of each group the first [`ALIKE_MAX`] are
    /// compared.
    #[must_use]
    pub fn suspects(&self, of: &Traits) -> Vec<(Uuid, Suspicion)> {
        let commons = commons(of);
        let groups = commons.iter().filter_map(|common| self.by.get(common));
        let near: BTreeSet<usize> = groups.flat_map(|group| group.iter().take(ALIKE_MAX).copied()).collect();
        let near = near.into_iter().filter_map(|at| self.all.get(at));
        let mut found: Vec<(Uuid, Suspicion)> =
            near.filter_map(|(id, traits)| Some((*id, compare(of, traits)?))).collect();
        found.sort_by_key(|(id, suspicion)| (-suspicion.weight, *id));
        found
    }
}

/// The legal forms and places that the name of an organisation is written with or without.
const FORMS: [&str; 9] =
    ["股份有限公司", "有限责任公司", "有限公司", "公司", "(普通合伙)", "(特殊普通合伙)", "上海市", "上海", "静安区"];

/// An organisation's name without its form.
#[must_use]
pub fn short_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            c => c,
        })
        .collect();
    let short = FORMS.iter().fold(plain.clone(), |name, form| name.replace(form, ""));
    if short.is_empty() { plain } else { short }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn place(n: u128) -> Location {
        Location { place: Uuid::from_u128(n), area: Some(Uuid::from_u128(n / 10)) }
    }

    fn person(name: &str, phone: &str, born: Option<&str>, at: u128) -> Traits {
        Traits {
            kind: MemberKind::Person,
            name: name.into(),
            sound: name.into(),
            phone_digits: phone.into(),
            birth_date: born.map(|day| day.parse().unwrap()),
            sex: None,
            location: place(at),
        }
    }

    #[test]
    fn a_name_alone_or_a_number_alone_is_not_enough() {
        let wang = person("王芳", "02162480001", Some("1950-02-03"), 11);
        assert_eq!(compare(&wang, &person("王芳", "", None, 92)), None);
        assert_eq!(compare(&wang, &person("李强", "02162480001", Some("1980-05-06"), 11)), None);
        let same = compare(&wang, &person("王芳", "", None, 11)).unwrap();
        assert_eq!(same.reasons, [Likeness::SameName, Likeness::SamePlace]);
        let moved = compare(&wang, &person("王芳", "02162480001", None, 92)).unwrap();
        assert_eq!(moved.weight, 80);
    }

    #[test]
    fn a_family_with_one_telephone_is_not_one_person() {
        let wang = person("王芳", "02162480001", None, 11);
        assert_eq!(compare(&wang, &person("李强", "02162480001", None, 11)), None);
        let born = person("王芳", "02162480001", Some("1950-02-03"), 11);
        let mistyped = compare(&born, &person("王方方", "02162480001", Some("1950-02-03"), 11)).unwrap();
        assert_eq!(mistyped.reasons.last(), Some(&Likeness::OtherName));
    }

    #[test]
    fn another_date_of_birth_speaks_against_it() {
        let wang = person("王芳", "02162480001", Some("1950-02-03"), 11);
        assert_eq!(compare(&wang, &person("王芳", "", Some("1981-02-03"), 11)), None);
        let year_alone = compare(&wang, &person("王芳", "", Some("1950-01-01"), 92)).unwrap();
        assert_eq!(year_alone.reasons, [Likeness::SameName, Likeness::SameBirthYear]);
    }

    #[test]
    fn an_organisation_is_known_without_its_legal_form() {
        let mut hotel = person("上海美丽园龙都大酒店有限公司", "", None, 11);
        hotel.kind = MemberKind::Organisation;
        let mut other =
            Traits { name: "美丽园龙都大酒店".into(), phone_digits: "02162480001".into(), ..hotel.clone() };
        assert_eq!(compare(&hotel, &other), None, "a short name and a place are not enough");
        hotel.phone_digits = other.phone_digits.clone();
        assert!(compare(&hotel, &other).is_some());
        other.kind = MemberKind::Person;
        assert_eq!(compare(&hotel, &other), None);
        assert_eq!(short_name("有限公司"), "有限公司");
        assert_eq!(short_name("明理 律师事务所（普通合伙）"), "明理律师事务所");
    }

    proptest! {
        #[test]
        fn a_crowd_gives_whom_each_alone_would_give(
            all in proptest::collection::vec(("[王汪李]", "(6248000[12])?", 10_u128..13, proptest::option::of(1_u32..4)), 0..30),
            organisations in any::<bool>(),
        ) {
            let mut all: Vec<Traits> = all
                .into_iter()
                .map(|(name, phone, at, born)| Traits {
                    birth_date: born.and_then(|n| NaiveDate::from_num_days_from_ce_opt(700_000 + n as i32)),
                    sound: name.replace('汪', "王"),
                    ..person(&if organisations { format!("{name}有限公司") } else { name }, &phone, None, at)
                })
                .collect();
            if organisations {
                all.iter_mut().for_each(|one| one.kind = MemberKind::Organisation);
            }
            let Some(sought) = all.pop() else { return Ok(()) };
            let ids: Vec<(Uuid, Traits)> = (1_u128..).map(Uuid::from_u128).zip(all).collect();
            let mut alone: Vec<(Uuid, Suspicion)> =
                ids.iter().filter_map(|(id, one)| Some((*id, compare(&sought, one)?))).collect();
            alone.sort_by_key(|(id, suspicion)| (-suspicion.weight, *id));
            prop_assert_eq!(Crowd::new(ids).suspects(&sought), alone);
        }

        #[test]
        fn it_is_the_same_either_way(
            a in ("[王李]", "[0-9]{0,8}", 0_u128..30, proptest::option::of(1_u32..400)),
            b in ("[王李]", "[0-9]{0,8}", 0_u128..30, proptest::option::of(1_u32..400)),
        ) {
            let traits = |(name, phone, at, born): (String, String, u128, Option<u32>)| Traits {
                birth_date: born.and_then(|n| NaiveDate::from_num_days_from_ce_opt(700_000 + n as i32)),
                ..person(&name, &phone, None, at)
            };
            let (a, b) = (traits(a), traits(b));
            prop_assert_eq!(compare(&a, &b), compare(&b, &a));
        }
    }
}
