//! The community: its territory and the kinds of its organisations (S6, S10, S21).

pub mod area;
pub mod coverage;
pub mod history;
pub mod letter;
pub mod matrix;
pub mod post;
pub mod reorganisation;
pub mod structure;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

coded! {
    /// The kind of a place. Every record belongs to one, and figures roll up from building group to community (S21).
    PlaceKind {
        /// 社区（街道）: the root of the territory.
        Community => "community",
        /// 居民区.
        ResidentialArea => "residential_area",
        /// 弄堂、楼组.
        BuildingGroup => "building_group",
        /// 楼宇: an office building.
        OfficeBuilding => "office_building",
    }
}

impl PlaceKind {
    /// The kind of place that this kind lies in; the community lies in none.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Community => None,
            Self::ResidentialArea => Some(Self::Community),
            Self::BuildingGroup | Self::OfficeBuilding => Some(Self::ResidentialArea),
        }
    }
}

/// A place of the territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its identifier.
    pub id: Uuid,
    /// The place that it lies in.
    pub parent: Option<Uuid>,
    /// Its kind.
    pub kind: PlaceKind,
    /// A short code that imports refer to, unique in the community.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// How near two places are, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closeness {
    /// The same building group or building.
    SameGroup,
    /// The same residential area.
    SameArea,
    /// The same community.
    SameCommunity,
}

/// Where something is, at all three levels: enough to tell closeness without a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The place itself.
    pub place: Uuid,
    /// The residential area that it is or lies in; none for the community as a whole.
    pub area: Option<Uuid>,
}

impl Location {
    /// How near `self` is to `other`. What belongs to the community as a whole is equally near to all.
    #[must_use]
    pub fn closeness(&self, other: &Self) -> Closeness {
        if self.place == other.place {
            Closeness::SameGroup
        } else if self.area.is_some() && self.area == other.area {
            Closeness::SameArea
        } else {
            Closeness::SameCommunity
        }
    }
}

coded! {
    /// The kind of an organisation (glossary; S6–S10, S15, S22, S26–S28).
    OrganisationKind {
        /// 党工委.
        WorkingCommittee => "working_committee",
        /// 街道办事处.
        SubdistrictOffice => "subdistrict_office",
        /// 部、科、办公室.
        Department => "department",
        /// 行政党组.
        AdministrativePartyGroup => "administrative_party_group",
        /// 党委.
        PartyCommittee => "party_committee",
        /// 党总支.
        GeneralBranch => "general_branch",
        /// 党支部.
        Branch => "branch",
        /// 联合支部.
        JointBranch => "joint_branch",
        /// 居委会.
        ResidentsCommittee => "residents_committee",
        /// 业委会.
        OwnersCommittee => "owners_committee",
        /// 物业公司.
        PropertyCompany => "property_company",
        /// 社工站.
        SocialWorkStation => "social_work_station",
        /// 社会组织.
        SocialOrganisation => "social_organisation",
        /// 群众团体.
        MassOrganisation => "mass_organisation",
        /// 居民自治团队.
        SelfGovernanceGroup => "self_governance_group",
        /// 企业.
        Enterprise => "enterprise",
        /// 事业单位.
        Institution => "institution",
        /// 机关.
        GovernmentBody => "government_body",
        /// 部队.
        Troops => "troops",
        /// 联合会.
        Federation => "federation",
    }
}

impl OrganisationKind {
    /// Whether it is a Party organisation.
    #[must_use]
    pub const fn is_party(self) -> bool {
        matches!(
            self,
            Self::WorkingCommittee
                | Self::AdministrativePartyGroup
                | Self::PartyCommittee
                | Self::GeneralBranch
                | Self::Branch
                | Self::JointBranch
        )
    }

    /// Whether it is a legal person that sits in the community: 单位, the "three-dimensional" community of buildings (S16).
    #[must_use]
    pub const fn is_unit(self) -> bool {
        matches!(
            self,
            Self::PropertyCompany
                | Self::SocialOrganisation
                | Self::Enterprise
                | Self::Institution
                | Self::GovernmentBody
                | Self::Troops
                | Self::Federation
        )
    }
}
