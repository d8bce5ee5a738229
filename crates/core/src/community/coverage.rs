//! Which enterprises Party building reaches, and how (S18).

use serde::Serialize;
use uuid::Uuid;

use super::OrganisationKind;

coded! {
    /// How Party building reaches an enterprise: the closest of the ways that hold on a day.
    Coverage {
        /// 单独组建: a branch of its own.
        OwnBranch => "own_branch",
        /// 联合组建: a branch together with other units.
        JointBranch => "joint_branch",
        /// 聘任指导: a worker whom it appointed by letter.
        AppointedWorker => "appointed_worker",
        /// 未覆盖.
        Nothing => "nothing",
    }
}

coded! {
    /// How large an enterprise is, by the number of its employees.
    StaffSize {
        /// 1 to 9.
        Micro => "micro",
        /// 10 to 49.
        Small => "small",
        /// 50 to 99.
        Medium => "medium",
        /// 100 and more.
        Large => "large",
        /// Not known.
        Unknown => "unknown",
    }
}

impl StaffSize {
    /// The size of `staff` employees; none when the number is not known.
    #[must_use]
    pub const fn of(staff: Option<i64>) -> Self {
        match staff {
            Some(100..) => Self::Large,
            Some(50..) => Self::Medium,
            Some(10..) => Self::Small,
            Some(0..) => Self::Micro,
            _ => Self::Unknown,
        }
    }
}

/// Whether a unit of this kind is one of those whose coverage is asked for.
#[must_use]
pub const fn is_enterprise(kind: OrganisationKind) -> bool {
    matches!(kind, OrganisationKind::Enterprise | OrganisationKind::PropertyCompany)
}

/// What reaches one enterprise on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// How.
    pub coverage: Coverage,
    /// The branch, for the first two ways.
    pub branch: Option<Uuid>,
    /// The letter, for the third.
    pub letter: Option<Uuid>,
}

/// How an enterprise is reached: by `branches`, each with its kind and how many units it is set up in, and by `letters`, of
/// those that hold on the day.
#[must_use]
pub fn reached(branches: &[(Uuid, OrganisationKind, usize)], letters: &[Uuid]) -> Reached {
    let own =
        |(_, kind, units): &&(Uuid, OrganisationKind, usize)| *kind != OrganisationKind::JointBranch && *units <= 1;
    let (coverage, branch) = match (branches.iter().find(own), branches.first()) {
        (Some(own), _) => (Coverage::OwnBranch, Some(own.0)),
        (None, Some(joint)) => (Coverage::JointBranch, Some(joint.0)),
        (None, None) if letters.is_empty() => (Coverage::Nothing, None),
        (None, None) => (Coverage::AppointedWorker, None),
    };
    let letter = (coverage == Coverage::AppointedWorker).then(|| letters.first().copied()).flatten();
    Reached { coverage, branch, letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn the_closest_way_counts() {
        let own = (id(1), OrganisationKind::Branch, 1);
        let joint = (id(2), OrganisationKind::JointBranch, 4);
        let shared = (id(3), OrganisationKind::Branch, 2);
        assert_eq!(reached(&[joint, own], &[id(9)]).branch, Some(id(1)));
        assert_eq!(reached(&[joint], &[id(9)]).coverage, Coverage::JointBranch);
        assert_eq!(reached(&[shared], &[]).coverage, Coverage::JointBranch);
        let worker = reached(&[], &[id(9)]);
        assert_eq!((worker.coverage, worker.letter), (Coverage::AppointedWorker, Some(id(9))));
        assert_eq!(reached(&[], &[]).coverage, Coverage::Nothing);
    }

    #[test]
    fn sizes_meet_without_a_gap() {
        let sizes = [None, Some(0), Some(9), Some(10), Some(49), Some(50), Some(99), Some(100)].map(StaffSize::of);
        use StaffSize::{Large, Medium, Micro, Small, Unknown};
        assert_eq!(sizes, [Unknown, Micro, Micro, Small, Small, Medium, Medium, Large]);
    }
}
