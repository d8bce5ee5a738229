//! Posts of organisations and who holds them. Authority follows from them: a [`Duty`] is what a post lets its holder do,
//! and where (S8, S9, S11).

pub mod rules;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Location, OrganisationKind};
use crate::period::Period;

coded! {
    /// The kind of a post (职务).
    PostKind {
        /// 书记.
        Secretary => "secretary",
        /// 副书记.
        DeputySecretary => "deputy_secretary",
        /// 主任、部长、站长、院长、经理: the head of an organisation that is no Party organisation.
        Director => "director",
        /// 副主任、副部长、副站长.
        DeputyDirector => "deputy_director",
        /// 委员.
        CommitteeMember => "committee_member",
        /// 两新组织专职党群工作者 (S11).
        PartyMassWorker => "party_mass_worker",
        /// 驻区单位代表 (S11).
        UnitRepresentative => "unit_representative",
        /// 社区民警 (S11).
        PoliceOfficer => "police_officer",
        /// 社工.
        SocialWorker => "social_worker",
        /// 工作人员.
        Staff => "staff",
        /// 经办人: acts for a unit in this program.
        Agent => "agent",
    }
}

coded! {
    /// What a post lets its holder do; `policies/` say what each may, and where.
    Duty {
        /// Acts for its organisation.
        Unit => "unit",
        /// Works in a place as a social worker.
        SocialWorker => "social_worker",
        /// Leads a residential area.
        Secretary => "secretary",
        /// Leads a Party organisation and those below it in the line.
        PartyOfficer => "party_officer",
        /// Works for the subdistrict, in all of the community.
        SubdistrictStaff => "subdistrict_staff",
    }
}

/// The duties of a post of `post` in an organisation of `organisation`. It is a table of the community's own order, in one
/// place, so that a reader can check it.
#[must_use]
pub fn duties(post: PostKind, organisation: OrganisationKind) -> &'static [Duty] {
    use OrganisationKind as O;
    use PostKind as P;
    match (organisation, post) {
        (O::WorkingCommittee | O::AdministrativePartyGroup, P::Secretary | P::DeputySecretary) => {
            &[Duty::SubdistrictStaff, Duty::PartyOfficer]
        }
        (O::WorkingCommittee | O::SubdistrictOffice | O::Department | O::AdministrativePartyGroup, _) => {
            &[Duty::SubdistrictStaff]
        }
        (O::GeneralBranch, P::Secretary | P::DeputySecretary) => &[Duty::Secretary, Duty::PartyOfficer],
        (O::ResidentsCommittee, P::Director | P::DeputyDirector) => &[Duty::Secretary, Duty::Unit],
        // A member of a committee above others decides together with it, and acts for none of those below alone.
        (O::PartyCommittee, P::Secretary | P::DeputySecretary)
        | (O::Branch | O::JointBranch, P::Secretary | P::DeputySecretary | P::CommitteeMember)
        | (O::GeneralBranch, P::CommitteeMember) => &[Duty::PartyOfficer],
        (O::SocialWorkStation, P::Director | P::DeputyDirector) => &[Duty::SocialWorker, Duty::Unit],
        (O::SocialWorkStation, P::SocialWorker | P::Staff) => &[Duty::SocialWorker],
        (_, P::Director | P::DeputyDirector | P::Agent) => &[Duty::Unit],
        _ => &[],
    }
}

/// A post that a signed-in person holds, or holds for another, with what its organisation is on that day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPost {
    /// The appointment that it rests on.
    pub appointment: Uuid,
    /// The post.
    pub post: Uuid,
    /// Its kind.
    pub kind: PostKind,
    /// Its title.
    pub title: String,
    /// The organisation that it belongs to.
    pub organisation: Uuid,
    /// The organisation's kind on that day.
    pub organisation_kind: OrganisationKind,
    /// Where the organisation is on that day.
    pub location: Location,
    /// The days: of the appointment, or of the delegation.
    pub period: Period,
    /// The person who delegated it; none for a post of one's own.
    pub delegated_by: Option<Uuid>,
}

impl HeldPost {
    /// What it lets its holder do; see [`duties_at`].
    pub fn duties(&self) -> impl Iterator<Item = Duty> + use<> {
        duties_at(self.kind, self.organisation_kind, self.location)
    }

    /// Whether it has a duty.
    #[must_use]
    pub fn has(&self, duty: Duty) -> bool {
        self.duties().any(|own| own == duty)
    }

    /// The place that it covers: the residential area of its organisation, or the community.
    #[must_use]
    pub fn covers(&self) -> Uuid {
        self.location.area.unwrap_or(self.location.place)
    }
}

/// The duties of a post of `post` in an organisation of `organisation` that is at `location`. Duties of the subdistrict
/// need an organisation of the community as a whole, and those of a residential area one within an area: a department that
/// somebody founds in an area rules nothing outside it.
pub fn duties_at(
    post: PostKind,
    organisation: OrganisationKind,
    location: Location,
) -> impl Iterator<Item = Duty> + use<> {
    let in_area = location.area.is_some();
    duties(post, organisation).iter().copied().filter(move |duty| match duty {
        Duty::SubdistrictStaff => !in_area,
        Duty::Secretary | Duty::SocialWorker => in_area,
        Duty::Unit | Duty::PartyOfficer => true,
    })
}

/// A post of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its identifier.
    pub id: Uuid,
    /// The code by which imports know it.
    pub code: Option<String>,
    /// The organisation that it belongs to.
    pub organisation: Uuid,
    /// Its kind.
    pub kind: PostKind,
    /// Its title, as the organisation calls it: 部长, 第一书记.
    pub title: String,
    /// How many persons hold it at most at the same time; at least 1.
    pub seats: u32,
    /// The term in months; none when it has no term.
    pub term_months: Option<u32>,
    /// The days in which it exists.
    pub period: Period,
}

/// A required cross appointment (党政交叉任职, S9): who holds the post must hold a post of `kind` in `organisation` too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossRequirement {
    /// Its identifier.
    pub id: Uuid,
    /// The post whose holder it asks.
    pub post: Uuid,
    /// The kind of the other post.
    pub kind: PostKind,
    /// The organisation of the other post.
    pub organisation: Uuid,
    /// The days in which it is required.
    pub period: Period,
}

/// That a person holds a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its identifier.
    pub id: Uuid,
    /// The post.
    pub post: Uuid,
    /// The person.
    pub person: Uuid,
    /// The days.
    pub period: Period,
    /// A note: the decision that it rests on.
    pub note: String,
}

impl Appointment {
    /// The first day after the term of `post`, for one that has a term.
    #[must_use]
    pub fn term_ends(&self, post: &Post) -> Option<NaiveDate> {
        post.term_months.and_then(|months| self.period.from.checked_add_months(Months::new(months)))
    }
}

/// That the holder of a post lets another act in it for a limited time (on leave).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Its identifier.
    pub id: Uuid,
    /// The appointment whose duties are delegated.
    pub appointment: Uuid,
    /// Who acts.
    pub to: Uuid,
    /// The days; always with an end.
    pub period: Period,
    /// Why.
    pub reason: String,
}
