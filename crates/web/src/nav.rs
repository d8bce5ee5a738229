//! The navigation: which entries there are, and who sees which.

/// An entry of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Key by which a page says that it belongs here.
    pub key: &'static str,
    /// Fluent key of the label.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
}

const fn item(key: &'static str, label: &'static str, href: &'static str, icon: &'static str) -> NavItem {
    NavItem { key, label, href, icon }
}

const HOME: NavItem = item("home", "nav-home", "/", "home");
const NEEDS: NavItem = item("needs", "nav-needs", "/needs", "lifebuoy");
const OFFERS: NavItem = item("offers", "nav-offers", "/offers", "heart-handshake");
const PLACES: NavItem = item("places", "nav-places", "/places", "map-pin");
const ME: NavItem = item("me", "nav-me", "/me", "user-circle");
const TODAY: NavItem = item("today", "nav-today", "/today", "calendar-event");
const RUNS: NavItem = item("runs", "nav-runs", "/runs", "affiliate");
const MEMBERS: NavItem = item("members", "nav-members", "/members", "users");
const ORGANISATIONS: NavItem = item("organisations", "nav-organisations", "/organisations", "building");
const OVERVIEW: NavItem = item("overview", "nav-overview", "/overview", "chart-bar");
const RECORDS: NavItem = item("records", "nav-records", "/records", "history");
const ACCOUNTS: NavItem = item("accounts", "nav-accounts", "/accounts", "key");

/// The entries that everybody sees.
#[must_use]
pub fn public(signed_in: bool) -> Vec<NavItem> {
    let mut items = vec![HOME, NEEDS, OFFERS, PLACES, OVERVIEW];
    if signed_in {
        items.push(ME);
    }
    items
}

/// The entries of the workbench; empty for who holds no post.
#[must_use]
pub fn staff(is_staff: bool, is_subdistrict: bool) -> Vec<NavItem> {
    let mut items = Vec::new();
    if is_staff {
        items.extend([TODAY, RUNS, MEMBERS, ORGANISATIONS]);
    }
    if is_subdistrict {
        items.extend([RECORDS, ACCOUNTS]);
    }
    items
}

/// The entries of the bar at the bottom of a phone.
#[must_use]
pub fn bottom(signed_in: bool, is_staff: bool) -> [NavItem; 4] {
    if is_staff {
        [TODAY, NEEDS, OFFERS, OVERVIEW]
    } else if signed_in {
        [HOME, NEEDS, OFFERS, ME]
    } else {
        [HOME, NEEDS, OFFERS, PLACES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    #[test]
    fn labels_exist() {
        for item in public(true).into_iter().chain(staff(true, true)) {
            assert!(Locale::En.has(item.label), "{}", item.label);
        }
    }

    #[test]
    fn guests_see_no_workbench() {
        assert!(staff(false, false).is_empty());
        assert!(!public(false).contains(&ME));
        assert!(!staff(true, false).contains(&ACCOUNTS));
    }
}
