//! Charters to begin with: the laws' rules with their citation, in versions by their days of effect.
//!
//! A preset states which of its rules are the law's, and where each stands ([`Cited`]); every other value is the community's
//! to set, and is filled in so that the charter is whole. A version says whether the text that is in force in its days was
//! compared with its values ([`Preset::compared`]): where it was not, the values are those of the version before.

mod charters;

use chrono::NaiveDate;
use serde::Serialize;

use super::charter::Charter;
use crate::people::development::rules::{Citation, DevelopmentRules};

coded! {
    /// A preset.
    PresetKind {
        /// 业主大会.
        OwnersAssembly => "owners_assembly",
        /// 居民会议.
        ResidentsAssembly => "residents_assembly",
        /// 居民委员会.
        ResidentsCommittee => "residents_committee",
        /// 支部大会讨论接收预备党员.
        PartyAdmission => "party_admission",
        /// 支部党员大会选举.
        PartyElection => "party_election",
        /// 共建理事会.
        CoBuildingCouncil => "co_building_council",
        /// 四位一体党总支班子会议.
        BranchTeam => "branch_team",
    }
}

coded! {
    /// A part of a charter that a law states.
    CharterPart {
        /// Who sits, and how many.
        Body => "body",
        /// The offices.
        Offices => "offices",
        /// The term.
        Term => "term",
        /// On whose proposal a meeting is called.
        Calls => "calls",
        /// The quorum.
        Quorum => "quorum",
        /// The majority of ordinary matters.
        Majority => "majority",
        /// The majority of special matters.
        SpecialMajority => "special_majority",
        /// That candidates are voted on one by one.
        OneByOne => "one_by_one",
        /// That written opinions handed in before count.
        Written => "written",
        /// The kinds of agenda items.
        Agenda => "agenda",
        /// The duty by rotation.
        Duty => "duty",
    }
}

/// Where a part of a preset stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// The part.
    pub part: CharterPart,
    /// Where it stands.
    pub source: Citation,
}

/// A version of a preset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preset {
    /// Which.
    pub kind: PresetKind,
    /// The version of the law: its year. Empty for one that no law sets.
    pub version: &'static str,
    /// The first day on which it is in force.
    pub from: NaiveDate,
    /// The first day after it.
    pub until: Option<NaiveDate>,
    /// Whether the text of these days was compared with the values.
    pub compared: bool,
    /// The parts that a law or the model states.
    pub cited: Vec<Cited>,
    /// The charter.
    pub charter: Charter,
}

/// Every version of every preset, in the order of their kinds, the oldest first.
#[must_use]
pub fn all() -> Vec<Preset> {
    PresetKind::ALL.iter().flat_map(|kind| versions(*kind)).collect()
}

/// The versions of a preset, the oldest first. Their days don't overlap and leave no gap.
#[must_use]
pub fn versions(kind: PresetKind) -> Vec<Preset> {
    match kind {
        PresetKind::OwnersAssembly => vec![owners()],
        PresetKind::ResidentsAssembly => organic_law(kind, &assembly_sources(), &charters::residents_assembly()),
        PresetKind::ResidentsCommittee => organic_law(kind, &committee_sources(), &charters::residents_committee()),
        PresetKind::PartyAdmission => admission(),
        PresetKind::PartyElection => vec![election()],
        PresetKind::CoBuildingCouncil => vec![model(
            kind,
            charters::co_building_council(),
            &[
                (
                    CharterPart::Body,
                    "以街道党工委为核心，由机关、部队、企事业单位和两新组织等不同隶属关系的党组织组成。",
                ),
                (CharterPart::Duty, "轮职（轮值）制度。"),
            ],
        )],
        PresetKind::BranchTeam => vec![model(
            kind,
            charters::branch_team(),
            &[
                (CharterPart::Body, "党总支班子、两新组织专职党群工作者、驻区单位代表和社区民警“四位一体”。"),
                (CharterPart::Agenda, "党建共商、事务共管、难题共解、资源共享。"),
            ],
        )],
    }
}

/// The version that is in force on a day; none before the first.
#[must_use]
pub fn in_force(kind: PresetKind, day: NaiveDate) -> Option<Preset> {
    versions(kind).into_iter().find(|preset| preset.from <= day && preset.until.is_none_or(|until| day < until))
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

const fn cited(part: CharterPart, document: &'static str, article: &'static str, text: &'static str) -> Cited {
    Cited { part, source: Citation { document, article, text } }
}

const CIVIL_CODE: &str = "《中华人民共和国民法典》（2020年）";

fn owners() -> Preset {
    let article = "第二百七十八条";
    Preset {
        kind: PresetKind::OwnersAssembly,
        version: "2020",
        from: day(2021, 1, 1),
        until: None,
        compared: true,
        cited: vec![
            cited(
                CharterPart::Quorum,
                CIVIL_CODE,
                article,
                "业主共同决定事项，应当由专有部分面积占比三分之二以上的业主且人数占比三分之二以上的业主参与表决。",
            ),
            cited(
                CharterPart::SpecialMajority,
                CIVIL_CODE,
                article,
                "筹集建筑物及其附属设施的维修资金，改建、重建建筑物及其附属设施，改变共有部分的用途或者利用共有部分从事经营活动，应当经参与表决专有部分面积四分之三以上的业主且参与表决人数四分之三以上的业主同意。",
            ),
            cited(
                CharterPart::Majority,
                CIVIL_CODE,
                article,
                "决定其他事项，应当经参与表决专有部分面积过半数的业主且参与表决人数过半数的业主同意。",
            ),
        ],
        charter: charters::owners_assembly(),
    }
}

const ORGANIC_LAW: &str = "《中华人民共和国城市居民委员会组织法》（2018年修正）";

fn assembly_sources() -> Vec<Cited> {
    vec![
        cited(CharterPart::Body, ORGANIC_LAW, "第九条", "居民会议由十八周岁以上的居民组成。"),
        cited(
            CharterPart::Calls,
            ORGANIC_LAW,
            "第十条",
            "有五分之一以上的十八周岁以上的居民、五分之一以上的户或者三分之一以上的居民小组提议，应当召集居民会议。",
        ),
        cited(
            CharterPart::Quorum,
            ORGANIC_LAW,
            "第九条",
            "居民会议必须有全体十八周岁以上的居民的过半数出席，才能举行。",
        ),
        cited(CharterPart::Majority, ORGANIC_LAW, "第九条", "会议的决定，由出席人的过半数通过。"),
    ]
}

fn committee_sources() -> Vec<Cited> {
    let members = "居民委员会由主任、副主任和委员共五至九人组成。";
    vec![
        cited(CharterPart::Body, ORGANIC_LAW, "第七条", members),
        cited(CharterPart::Offices, ORGANIC_LAW, "第七条", members),
        cited(CharterPart::Term, ORGANIC_LAW, "第八条", "居民委员会每届任期五年。"),
    ]
}

/// The text of 2018 until the end of 2025, and the revised one since then, whose articles on this were not compared.
fn organic_law(kind: PresetKind, sources: &[Cited], charter: &Charter) -> Vec<Preset> {
    let change = day(2026, 1, 1);
    let version = |version, from, until, compared| Preset {
        kind,
        version,
        from,
        until,
        compared,
        cited: sources.to_vec(),
        charter: charter.clone(),
    };
    vec![version("2018", day(2018, 12, 29), Some(change), true), version("2025", change, None, false)]
}

/// The versions of the rules of development, whose quorum and majority these are.
fn admission() -> Vec<Preset> {
    let rules = DevelopmentRules::versions();
    let versions = rules.iter().enumerate().map(|(at, version)| {
        let (quorum, majority) = (version.quorum.source, version.majority.source);
        Preset {
            kind: PresetKind::PartyAdmission,
            version: version.version,
            from: version.from,
            until: rules.get(at + 1).map(|next| next.from),
            compared: true,
            cited: vec![
                Cited { part: CharterPart::Quorum, source: quorum },
                Cited { part: CharterPart::Majority, source: majority },
                Cited { part: CharterPart::Written, source: majority },
            ],
            charter: charters::party_admission(version),
        }
    });
    versions.collect()
}

fn election() -> Preset {
    Preset {
        kind: PresetKind::PartyElection,
        version: "2020",
        from: day(2020, 7, 13),
        until: None,
        compared: true,
        cited: vec![cited(
            CharterPart::Quorum,
            "《中国共产党基层组织选举工作条例》（2020年）",
            "",
            "有选举权的到会人数不少于应到会人数的五分之四，会议有效。",
        )],
        charter: charters::party_election(),
    }
}

/// What the model of 2011 asks for, without numbers.
fn model(kind: PresetKind, charter: Charter, parts: &[(CharterPart, &'static str)]) -> Preset {
    let source = |(part, text): &(CharterPart, &'static str)| cited(*part, "“同心家园”建设模式", "", text);
    Preset {
        kind,
        version: "",
        from: crate::period::BEGINNING,
        until: None,
        compared: true,
        cited: parts.iter().map(source).collect(),
        charter,
    }
}
