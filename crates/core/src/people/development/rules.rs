//! The rules of development as data: each value with the article that it rests on, in versions by their day of effect. A
//! step is judged by the version in force on its own day.

use chrono::NaiveDate;
use serde::Serialize;

/// Where a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Citation {
    /// The document, with its year where it has several versions.
    pub document: &'static str,
    /// The article.
    pub article: &'static str,
    /// What it says, shortened to the rule, in its own language.
    pub text: &'static str,
}

/// A value with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub source: Citation,
}

/// The shortest course: so many days or so many class hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Course {
    /// Days.
    pub days: u32,
    /// Class hours (学时).
    pub class_hours: u32,
}

/// How long a probation may be extended, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Extension {
    /// Months at least.
    pub least_months: u32,
    /// Months at most.
    pub most_months: u32,
    /// How often.
    pub times: u32,
}

/// A share of a whole that has to be exceeded: more than `over` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MoreThan {
    /// The numerator.
    pub over: u64,
    /// The denominator.
    pub of: u64,
}

impl MoreThan {
    /// Whether `part` is more than the share of `whole`.
    #[must_use]
    pub const fn holds(self, part: u64, whole: u64) -> bool {
        part.saturating_mul(self.of) > whole.saturating_mul(self.over)
    }
}

/// A version of the rules of development.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DevelopmentRules {
    /// Its name: the year of the version.
    pub version: &'static str,
    /// The first day on which it is in force.
    pub from: NaiveDate,
    /// The least age of an applicant, in years.
    pub age_years: Rule<u32>,
    /// An applicant is talked to within so many months.
    pub talk_months: Rule<u32>,
    /// An activist is trained and observed for so many months at least before becoming a candidate.
    pub activist_months: Rule<u32>,
    /// Before that, a public notice of so many working days, where the version asks for one.
    pub notice_working_days: Option<Rule<u32>>,
    /// A candidate's course.
    pub course: Rule<Course>,
    /// A meeting is held only with more than this share of the members with a vote present.
    pub quorum: Rule<MoreThan>,
    /// A resolution passes with more than this share of all full members with a vote; written opinions count.
    pub majority: Rule<MoreThan>,
    /// An admission is approved within so many months,
    pub approval_months: Rule<u32>,
    /// and after so many it has lapsed.
    pub approval_most_months: Rule<u32>,
    /// Probation lasts so many months from the meeting on.
    pub probation_months: Rule<u32>,
    /// How a probation may be extended.
    pub extension: Rule<Extension>,
    /// A conversion, extension or cancellation is approved within so many months.
    pub conversion_approval_months: Rule<u32>,
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

const fn rule<T: Copy>(value: T, document: &'static str, article: &'static str, text: &'static str) -> Rule<T> {
    Rule { value, source: Citation { document, article, text } }
}

const DETAILED_2014: &str = "《中国共产党发展党员工作细则》（2014年）";
const DETAILED_2026: &str = "《中国共产党发展党员工作细则》（2026年修订）";

const AGE: &str = "年满十八岁的中国工人、农民、军人、知识分子和其他社会阶层的先进分子，可以申请加入中国共产党。";
const TALK: &str = "党组织收到入党申请书后，应当在一个月内派人同入党申请人谈话。";
const ACTIVIST: &str = "经过一年以上培养教育和考察，基本具备党员条件的，可列为发展对象。";
const COURSE: &str = "对发展对象进行短期集中培训，培训时间一般不少于三天或者不少于二十四个学时。";
const QUORUM: &str = "有表决权的到会人数必须超过应到会有表决权人数的半数。";
const MAJORITY: &str = "赞成人数超过应到会有表决权的正式党员的半数，才能通过决议。因故不能到会的有表决权的正式党员，在支部大会召开前正式向党支部提出书面意见的，应当统计在票数内。";
const APPROVAL: &str = "党委对党支部上报的接收预备党员的决议，应当在三个月内审批。";
const APPROVAL_MOST: &str = "如遇特殊情况可适当延长审批时间，但不得超过六个月。";
const PROBATION: &str = "预备党员的预备期为一年。预备期从支部大会通过其为预备党员之日算起。";
const EXTENSION: &str = "需要继续考察和教育的，可以延长一次预备期，延长时间不能少于半年，最长不超过一年。";
const CONVERSION: &str = "党委对党支部上报的预备党员转正的决议，应当在三个月内审批。";

const HALF: MoreThan = MoreThan { over: 1, of: 2 };
const EXTENDED: Extension = Extension { least_months: 6, most_months: 12, times: 1 };
const THREE_DAYS: Course = Course { days: 3, class_hours: 24 };

/// The versions, the oldest first. What happened before the first is judged by the first.
static VERSIONS: [DevelopmentRules; 2] = [
    DevelopmentRules {
        version: "2014",
        from: day(2014, 5, 28),
        age_years: rule(18, DETAILED_2014, "第五条", AGE),
        talk_months: rule(1, DETAILED_2014, "第七条", TALK),
        activist_months: rule(12, DETAILED_2014, "第十三条", ACTIVIST),
        notice_working_days: None,
        course: rule(THREE_DAYS, DETAILED_2014, "第十七条", COURSE),
        quorum: rule(HALF, DETAILED_2014, "第二十条", QUORUM),
        majority: rule(HALF, DETAILED_2014, "第二十一条", MAJORITY),
        approval_months: rule(3, DETAILED_2014, "第二十六条", APPROVAL),
        approval_most_months: rule(6, DETAILED_2014, "第二十六条", APPROVAL_MOST),
        probation_months: rule(12, DETAILED_2014, "第三十二条", PROBATION),
        extension: rule(EXTENDED, DETAILED_2014, "第三十二条", EXTENSION),
        conversion_approval_months: rule(3, DETAILED_2014, "第三十四条", CONVERSION),
    },
    DevelopmentRules {
        version: "2026",
        from: day(2026, 5, 11),
        age_years: rule(18, DETAILED_2026, "第五条", AGE),
        talk_months: rule(1, DETAILED_2026, "第七条", TALK),
        activist_months: rule(12, DETAILED_2026, "第十三条", ACTIVIST),
        notice_working_days: Some(rule(
            5,
            DETAILED_2026,
            "第十三条",
            "列为发展对象前应当公示，公示期不少于五个工作日。",
        )),
        course: rule(THREE_DAYS, DETAILED_2026, "第十七条", COURSE),
        quorum: rule(HALF, DETAILED_2026, "第十九条", QUORUM),
        majority: rule(HALF, DETAILED_2026, "第二十条", MAJORITY),
        approval_months: rule(3, DETAILED_2026, "第二十五条", APPROVAL),
        approval_most_months: rule(6, DETAILED_2026, "第二十五条", APPROVAL_MOST),
        probation_months: rule(12, DETAILED_2026, "第三十一条", PROBATION),
        extension: rule(EXTENDED, DETAILED_2026, "第三十一条", EXTENSION),
        conversion_approval_months: rule(3, DETAILED_2026, "第三十三条", CONVERSION),
    },
];

impl DevelopmentRules {
    /// The version in force on a day.
    #[must_use]
    pub fn on(day: NaiveDate) -> &'static Self {
        let [first, ..] = &VERSIONS;
        VERSIONS.iter().rev().find(|rules| rules.from <= day).unwrap_or(first)
    }

    /// Every version, the oldest first.
    #[must_use]
    pub fn versions() -> &'static [Self] {
        &VERSIONS
    }
}
