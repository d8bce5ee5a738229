//! The system of a residential area (S10): the Party organisation as core, the residents' committee as main body, the
//! owners' committee as foundation, the property company as support, social-work station and social organisations as props;
//! the four-in-one team of its general branch (S11); and the three kinds of Party organisations that stand in it (S16).

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::Serialize;
use uuid::Uuid;

use super::{
    OrganisationKind,
    post::{Appointment, Post, PostKind},
    structure::{Standing, Structure},
};

coded! {
    /// What an organisation is in a residential area's system.
    SystemRole {
        /// 核心.
        Core => "core",
        /// 主体.
        MainBody => "main_body",
        /// 基础.
        Foundation => "foundation",
        /// 保障.
        Support => "support",
        /// 依托: social-work station.
        Station => "station",
        /// 依托: social organisations.
        Props => "props",
    }
}

coded! {
    /// Which of the three kinds a Party organisation in a residential area is.
    PartySide {
        /// 居民区党组织.
        Residential => "residential",
        /// 两新党组织.
        TwoNew => "two_new",
        /// 驻区单位党组织.
        ResidentUnit => "resident_unit",
    }
}

coded! {
    /// A part of the four-in-one team (四位一体).
    TeamPart {
        /// 党总支班子.
        BranchOfficers => "branch_officers",
        /// 两新组织专职党群工作者.
        PartyMassWorker => "party_mass_worker",
        /// 驻区单位代表.
        UnitRepresentative => "unit_representative",
        /// 社区民警.
        PoliceOfficer => "police_officer",
    }
}

/// The system of a residential area on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaSystem<'a> {
    /// Every role with who is in it; a role without anybody is missing.
    pub roles: Vec<(SystemRole, Vec<&'a Standing>)>,
    /// The Party organisations by side.
    pub party: Vec<(PartySide, Vec<&'a Standing>)>,
    /// The other organisations of the area: its units and groups.
    pub others: Vec<&'a Standing>,
}

impl<'a> AreaSystem<'a> {
    /// The system of `area` in the structure of a day.
    #[must_use]
    pub fn new(structure: &'a Structure, area: Uuid) -> Self {
        let here: Vec<&Standing> = structure.all().iter().filter(|s| s.location.area == Some(area)).collect();
        let core = core(structure, area, &here);
        let mut residential: HashSet<Uuid> = HashSet::new();
        for standing in &core {
            residential.extend(structure.subtree(standing.organisation).iter().map(|(_, s)| s.organisation));
        }
        let mut system = Self {
            roles: SystemRole::ALL.iter().map(|role| (*role, Vec::new())).collect(),
            party: PartySide::ALL.iter().map(|side| (*side, Vec::new())).collect(),
            others: Vec::new(),
        };
        for standing in here {
            let id = standing.organisation;
            let role =
                if core.iter().any(|c| c.organisation == id) { Some(SystemRole::Core) } else { role(standing.kind) };
            if standing.kind.is_party() {
                let side = if residential.contains(&id) {
                    PartySide::Residential
                } else if standing.line.is_none() && standing.line_outside.is_some() {
                    PartySide::ResidentUnit
                } else {
                    PartySide::TwoNew
                };
                put(&mut system.party, side, standing);
            }
            match role {
                Some(role) => put(&mut system.roles, role, standing),
                None if !standing.kind.is_party() => system.others.push(standing),
                None => {}
            }
        }
        system
    }

    /// The organisations in a role.
    #[must_use]
    pub fn of(&self, role: SystemRole) -> &[&'a Standing] {
        self.roles.iter().find(|(r, _)| *r == role).map_or(&[], |(_, all)| all.as_slice())
    }

    /// The roles that nobody is in.
    pub fn missing(&self) -> impl Iterator<Item = SystemRole> {
        self.roles.iter().filter(|(_, all)| all.is_empty()).map(|(role, _)| *role)
    }
}

fn put<'a, K: PartialEq + Copy>(lists: &mut [(K, Vec<&'a Standing>)], key: K, standing: &'a Standing) {
    if let Some((_, list)) = lists.iter_mut().find(|(k, _)| *k == key) {
        list.push(standing);
    }
}

/// The role that the kind alone gives.
const fn role(kind: OrganisationKind) -> Option<SystemRole> {
    match kind {
        OrganisationKind::ResidentsCommittee => Some(SystemRole::MainBody),
        OrganisationKind::OwnersCommittee => Some(SystemRole::Foundation),
        OrganisationKind::PropertyCompany => Some(SystemRole::Support),
        OrganisationKind::SocialWorkStation => Some(SystemRole::Station),
        OrganisationKind::SocialOrganisation => Some(SystemRole::Props),
        _ => None,
    }
}

/// The Party organisations that are the area's own: those at the area itself (not in one of its buildings) whose line leads
/// out of the area but not out of the community, of the highest kind that there is: general branch, committee, branch.
fn core<'a>(structure: &Structure, area: Uuid, here: &[&'a Standing]) -> Vec<&'a Standing> {
    let own = |s: &&&Standing| {
        let above = s.line.and_then(|line| structure.get(line));
        s.location.place == area && s.line_outside.is_none() && above.is_none_or(|a| a.location.area != Some(area))
    };
    let own: Vec<&Standing> = here.iter().filter(own).copied().collect();
    [OrganisationKind::GeneralBranch, OrganisationKind::PartyCommittee, OrganisationKind::Branch]
        .into_iter()
        .map(|kind| own.iter().filter(|s| s.kind == kind).copied().collect::<Vec<_>>())
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// Who is in a part of the team: a post with an appointment that holds on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// The post.
    pub post: Uuid,
    /// Its kind.
    pub kind: PostKind,
    /// The person.
    pub person: Uuid,
}

/// The four-in-one team of a general branch on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Team {
    /// Every part with who is in it; a part without anybody is not filled.
    pub parts: Vec<(TeamPart, Vec<Seat>)>,
}

impl Team {
    /// The team of `branch` on `day`, of its posts and who is appointed to them; others are left out.
    #[must_use]
    pub fn new(branch: Uuid, day: NaiveDate, posts: &[Post], appointments: &[Appointment]) -> Self {
        let mut parts: Vec<(TeamPart, Vec<Seat>)> = TeamPart::ALL.iter().map(|part| (*part, Vec::new())).collect();
        for post in posts.iter().filter(|p| p.organisation == branch && p.period.contains(day)) {
            let Some(part) = part(post.kind) else { continue };
            let held = appointments.iter().filter(|a| a.post == post.id && a.period.contains(day));
            let seats = held.map(|a| Seat { post: post.id, kind: post.kind, person: a.person });
            if let Some((_, list)) = parts.iter_mut().find(|(p, _)| *p == part) {
                list.extend(seats);
            }
        }
        for (_, seats) in &mut parts {
            seats.sort_by_key(|seat| seat.kind);
        }
        Self { parts }
    }

    /// The parts that nobody fills.
    pub fn missing(&self) -> impl Iterator<Item = TeamPart> {
        self.parts.iter().filter(|(_, seats)| seats.is_empty()).map(|(part, _)| *part)
    }
}

/// The part of the team that a post of the branch belongs to.
const fn part(kind: PostKind) -> Option<TeamPart> {
    match kind {
        PostKind::Secretary | PostKind::DeputySecretary | PostKind::CommitteeMember => Some(TeamPart::BranchOfficers),
        PostKind::PartyMassWorker => Some(TeamPart::PartyMassWorker),
        PostKind::UnitRepresentative => Some(TeamPart::UnitRepresentative),
        PostKind::PoliceOfficer => Some(TeamPart::PoliceOfficer),
        _ => None,
    }
}
