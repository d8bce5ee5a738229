//! When a row of a roster is somebody who is there already: by identifier, then by name, place and year of birth.

use uuid::Uuid;

/// What a row says of whom it means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// The code.
    pub code: Option<String>,
    /// The name.
    pub name: String,
    /// The residential area of its place.
    pub area: Option<Uuid>,
    /// The year of birth.
    pub birth_year: Option<i32>,
    /// The digits of the telephone number.
    pub phone: Option<String>,
}

/// A member that it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its identifier.
    pub id: Uuid,
    /// What is known of it.
    pub is: Sought,
}

/// What a row was recognised as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nobody who is there.
    Nobody,
    /// This one, for certain.
    Same(Uuid),
    /// Perhaps one of these, in the order in which they were given: the reader is asked.
    Perhaps(Vec<Uuid>),
}

/// How a row and a member of the same name go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    Other,
    Perhaps,
    Certain,
}

/// Recognises whom a row means among `known`, which holds at least all members with its code or its name.
///
/// A code decides alone. Without one that is known, somebody of the same name is the same for certain when the telephone
/// number is the same, or when residential area and year of birth are both known and the same; it is another when the years of
/// birth differ, when both have a code, or when the areas differ and nothing else speaks for it; the rest is asked.
/// Organisations have no year of birth: for them the area decides.
#[must_use]
pub fn recognise(sought: &Sought, known: &[Known], persons: bool) -> Found {
    if let Some(code) = &sought.code
        && let Some(same) = known.iter().find(|k| k.is.code.as_ref() == Some(code))
    {
        return Found::Same(same.id);
    }
    let likely: Vec<(Likeness, Uuid)> = known
        .iter()
        .map(|k| (likeness(sought, &k.is, persons), k.id))
        .filter(|(likeness, _)| *likeness > Likeness::Other)
        .collect();
    let mut certain = likely.iter().filter(|(likeness, _)| *likeness == Likeness::Certain);
    match (certain.next(), certain.next()) {
        (Some((_, id)), None) => Found::Same(*id),
        _ if likely.is_empty() => Found::Nobody,
        _ => Found::Perhaps(likely.into_iter().map(|(_, id)| id).collect()),
    }
}

fn likeness(sought: &Sought, known: &Sought, persons: bool) -> Likeness {
    let both = |a: bool, b: bool| a && b;
    if sought.name != known.name || both(sought.code.is_some(), known.code.is_some()) {
        return Likeness::Other;
    }
    let years = sought.birth_year.zip(known.birth_year).map(|(a, b)| a == b);
    if years == Some(false) {
        return Likeness::Other;
    }
    let same_phone = sought.phone.is_some() && sought.phone == known.phone;
    let areas = sought.area.zip(known.area).map(|(a, b)| a == b);
    let same_year = years == Some(true) || !persons;
    match areas {
        _ if same_phone => Likeness::Certain,
        Some(true) if same_year => Likeness::Certain,
        Some(false) if !same_year => Likeness::Other,
        _ => Likeness::Perhaps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sought(code: Option<u8>, area: Option<u8>, year: Option<u8>, phone: Option<u8>) -> Sought {
        Sought {
            code: code.map(|n| format!("P{n}")),
            name: "沈慧芳".to_owned(),
            area: area.map(|n| Uuid::from_u128(n.into())),
            birth_year: year.map(|n| 1950 + i32::from(n)),
            phone: phone.map(|n| format!("6248000{n}")),
        }
    }

    fn option() -> impl Strategy<Value = Option<u8>> {
        proptest::option::of(0_u8..3)
    }

    fn anybody() -> impl Strategy<Value = Sought> {
        (option(), option(), option(), option()).prop_map(|(code, area, year, phone)| sought(code, area, year, phone))
    }

    proptest! {
        #[test]
        fn the_order_of_the_known_does_not_matter(row in anybody(), all in proptest::collection::vec(anybody(), 0..6)) {
            let mut known: Vec<Known> = Vec::new();
            for (n, is) in all.into_iter().enumerate() {
                // Codes are unique in a community.
                if is.code.is_none() || known.iter().all(|k| k.is.code != is.code) {
                    known.push(Known { id: Uuid::from_u128(n as u128 + 1), is });
                }
            }
            let forth = recognise(&row, &known, true);
            known.reverse();
            let back = match recognise(&row, &known, true) {
                Found::Perhaps(mut ids) => { ids.reverse(); Found::Perhaps(ids) }
                other => other,
            };
            prop_assert_eq!(forth, back);
        }

        #[test]
        fn nobody_is_taken_for_one_born_in_another_year(mut row in anybody(), mut other in anybody(), later in 1_i32..9) {
            row.code = None;
            row.birth_year = Some(1950);
            other.birth_year = Some(1950 + later);
            let known = Known { id: Uuid::from_u128(9), is: other };
            prop_assert_eq!(recognise(&row, &[known], true), Found::Nobody);
        }

        #[test]
        fn who_was_written_is_recognised(row in anybody(), others in proptest::collection::vec(anybody(), 0..3)) {
            let mut known = vec![Known { id: Uuid::from_u128(9), is: row.clone() }];
            known.extend(others.into_iter().enumerate().filter(|(_, o)| o.code.is_none() || o.code != row.code)
                .map(|(n, is)| Known { id: Uuid::from_u128(n as u128 + 10), is }));
            if row.code.is_some() {
                prop_assert_eq!(recognise(&row, &known, true), Found::Same(Uuid::from_u128(9)));
            } else {
                prop_assert_ne!(recognise(&row, &known, true), Found::Nobody);
            }
        }
    }

    #[test]
    fn the_rule_by_its_cases() {
        let known = |code, area, year, phone| [Known { id: Uuid::from_u128(9), is: sought(code, area, year, phone) }];
        let same = Found::Same(Uuid::from_u128(9));
        let perhaps = Found::Perhaps(vec![Uuid::from_u128(9)]);
        let ask = |row: Sought, known: &[Known]| recognise(&row, known, true);
        assert_eq!(ask(sought(None, Some(1), Some(2), None), &known(Some(1), Some(1), Some(2), None)), same);
        assert_eq!(ask(sought(None, Some(1), None, None), &known(None, Some(1), Some(2), None)), perhaps);
        assert_eq!(ask(sought(None, Some(1), Some(2), None), &known(None, Some(2), Some(2), None)), perhaps, "moved?");
        assert_eq!(ask(sought(None, Some(1), None, None), &known(None, Some(2), None, None)), Found::Nobody);
        assert_eq!(
            ask(sought(Some(2), Some(1), Some(2), None), &known(Some(1), Some(1), Some(2), None)),
            Found::Nobody
        );
        assert_eq!(ask(sought(None, Some(1), None, Some(1)), &known(None, Some(2), None, Some(1))), same);
        let organisation = recognise(&sought(None, Some(1), None, None), &known(None, Some(1), None, None), false);
        assert_eq!(organisation, same);
    }
}
