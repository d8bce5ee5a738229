//! One flow of service: need and offer → match → delivery → confirmation → feedback (S1–S3, S5, S24).
//!
//! A need and an offer are both an [`Intent`] (the ValueFlows word for what a member asks or gives), told apart by their
//! [`Side`]; so every rule, page and query exists once.

pub mod affinity;
pub mod assignment;
pub mod intent;
pub mod matches;
pub mod matching;
pub mod schedule;

pub use intent::{Intent, IntentDraft, IntentForm};
pub use matches::{Delivery, DeliveryDraft, Match, Party};

coded! {
    /// Whether a member asks or gives.
    Side {
        /// 需求.
        Need => "need",
        /// 资源、供给.
        Offer => "offer",
    }
}

impl Side {
    /// The side that answers this one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Need => Self::Offer,
            Self::Offer => Self::Need,
        }
    }
}

coded! {
    /// The ten categories of resources (S24): six that the article names, four of ours.
    Category {
        /// 教育.
        Education => "education",
        /// 文化.
        Culture => "culture",
        /// 医疗.
        MedicalCare => "medical_care",
        /// 科普.
        PopularScience => "popular_science",
        /// 便民服务.
        Convenience => "convenience",
        /// 帮困.
        HardshipHelp => "hardship_help",
        /// 法律援助.
        LegalAid => "legal_aid",
        /// 体育健身.
        Sports => "sports",
        /// 就业技能.
        JobsSkills => "jobs_skills",
        /// 平安环境.
        SafetyEnvironment => "safety_environment",
    }
}

coded! {
    /// Material or spiritual care (S2).
    CareKind {
        /// 物质关怀.
        Material => "material",
        /// 精神关怀.
        Spiritual => "spiritual",
    }
}

coded! {
    /// How soon a need has to be met.
    Urgency {
        /// 一般.
        Normal => "normal",
        /// 较急.
        Soon => "soon",
        /// 紧急.
        Urgent => "urgent",
    }
}

coded! {
    /// Who may see a need or an offer.
    Visibility {
        /// Anyone, signed in or not.
        Public => "public",
        /// Members who are signed in.
        Members => "members",
        /// The parties and the staff of the place.
        Staff => "staff",
    }
}

coded! {
    /// How far from its own place an offer serves.
    Reach {
        /// Its own building group.
        BuildingGroup => "building_group",
        /// Its own residential area.
        ResidentialArea => "residential_area",
        /// The whole community.
        Community => "community",
    }
}

coded! {
    /// The life of a need or an offer.
    IntentState {
        /// Something of it is still to be matched.
        Open => "open",
        /// All of it is matched, not all delivered.
        Matched => "matched",
        /// All of it was delivered and confirmed.
        Met => "met",
        /// Taken back by its member or by staff.
        Withdrawn => "withdrawn",
        /// Its window passed before all of it was matched.
        Expired => "expired",
    }
}

coded! {
    /// The life of a match.
    MatchState {
        /// The other side is asked.
        Proposed => "proposed",
        /// Agreed; no time arranged yet.
        Accepted => "accepted",
        /// A time is arranged.
        Arranged => "arranged",
        /// All of it was delivered; a confirmation is missing.
        Delivered => "delivered",
        /// Both sides confirmed.
        Confirmed => "confirmed",
        /// Staff settled it after 7 days without a confirmation.
        Settled => "settled",
        /// The side that was asked declined.
        Declined => "declined",
        /// Called off after it was proposed.
        Cancelled => "cancelled",
    }
}

impl MatchState {
    /// Whether the match holds capacity that a later step may still return.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted | Self::Arranged | Self::Delivered)
    }

    /// Whether the match ended well.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Confirmed | Self::Settled)
    }
}
