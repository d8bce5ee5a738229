//! Councils decide by charter (S11, S21–S23): one engine of decision for co-building councils and their branches,
//! general-branch teams, assemblies of residents and owners, committees and groups.
//!
//! A [`charter::Charter`] is data that says who sits and how is decided; the laws' thresholds are [`preset`]s with their
//! citation. Everything else follows the charter: [`seat`]s and who speaks for them, the [`duty`] rota, [`meeting`]s,
//! [`proposal`]s, votes ([`ballot`]) on a [`roll`], and [`resolution`]s that are followed up.

pub mod ballot;
pub mod charter;
pub mod diff;
pub mod duty;
pub mod meeting;
pub mod preset;
pub mod proposal;
pub mod resolution;
pub mod roll;
pub mod seat;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{community::PlaceKind, people::MemberKind};

/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// The longest text of a proposal, of minutes or of a hand-over, in characters.
pub const TEXT_MAX: usize = 20_000;
/// The longest reason or note, in characters.
pub const REASON_MAX: usize = 1_000;

coded! {
    /// The level of a council and of what it decides (S21).
    Level {
        /// 社区.
        Community => "community",
        /// 居民区.
        ResidentialArea => "residential_area",
        /// 弄堂、楼组、楼宇.
        BuildingGroup => "building_group",
    }
}

impl Level {
    /// The level of a place.
    #[must_use]
    pub const fn of(place: PlaceKind) -> Self {
        match place {
            PlaceKind::Community => Self::Community,
            PlaceKind::ResidentialArea => Self::ResidentialArea,
            PlaceKind::BuildingGroup | PlaceKind::OfficeBuilding => Self::BuildingGroup,
        }
    }
}

coded! {
    /// What votes and quorums are measured by.
    Measure {
        /// 人数.
        Heads => "heads",
        /// 专有部分面积, in 0.01 m².
        Area => "area",
        /// 席位.
        Seats => "seats",
    }
}

coded! {
    /// The kind of a matter; a charter may state a majority for each.
    MatterKind {
        /// 一般事项.
        Ordinary => "ordinary",
        /// 特别事项.
        Special => "special",
        /// 选举.
        Election => "election",
        /// 修改章程.
        CharterChange => "charter_change",
        /// 接收、吸收成员.
        Admission => "admission",
        /// 罢免、终止成员资格.
        Removal => "removal",
    }
}

coded! {
    /// Whether who voted what is known.
    Secrecy {
        /// 记名.
        Open => "open",
        /// 无记名.
        Secret => "secret",
    }
}

coded! {
    /// An office in a council.
    Office {
        /// 主任、理事长、会议主持人.
        Chair => "chair",
        /// 副主任、副理事长.
        ViceChair => "vice_chair",
        /// 委员、理事.
        Member => "member",
    }
}

/// A member that holds a seat, owns a resolution or is a party: a person or an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Holder {
    /// Whether it is a person or an organisation.
    pub kind: MemberKind,
    /// The member.
    pub member: Uuid,
}
