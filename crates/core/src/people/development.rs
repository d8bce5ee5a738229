//! The development of members (发展党员), step by step: applicant → activist → candidate → probationary → full member (S19).
//! What stands where follows from the steps alone; a step that comes too early, or out of order, is refused with the day
//! from which it is possible. The numbers are data: [`rules`].

pub mod belonging;
pub mod input;
pub mod rules;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::invalid::Problem;
use rules::{DevelopmentRules, MoreThan};

coded! {
    /// Where a person stands.
    Stage {
        /// 入党申请人.
        Applicant => "applicant",
        /// 入党积极分子.
        Activist => "activist",
        /// 发展对象.
        Candidate => "candidate",
        /// 预备党员.
        Probationary => "probationary",
        /// 正式党员.
        Full => "full",
    }
}

impl Stage {
    /// Whether it is a member's: one with a home branch.
    #[must_use]
    pub const fn is_member(self) -> bool {
        matches!(self, Self::Probationary | Self::Full)
    }
}

coded! {
    /// The kind of a step.
    StepKind {
        /// 递交入党申请书.
        Apply => "apply",
        /// 派人谈话.
        Talk => "talk",
        /// 确定为入党积极分子.
        Activist => "activist",
        /// 列为发展对象.
        Candidate => "candidate",
        /// 短期集中培训.
        Training => "training",
        /// 支部大会讨论接收预备党员.
        AdmissionVote => "admission_vote",
        /// 支部大会讨论转正.
        ConversionVote => "conversion_vote",
        /// 支部大会讨论延长预备期.
        ExtensionVote => "extension_vote",
        /// 支部大会讨论取消预备党员资格.
        CancellationVote => "cancellation_vote",
        /// 上级党委批准.
        Approval => "approval",
        /// 上级党委不批准.
        Refusal => "refusal",
        /// 本人撤回申请.
        Withdrawal => "withdrawal",
        /// 不再作为积极分子或发展对象.
        Removal => "removal",
        /// 按档案记载.
        TakenOver => "taken_over",
        /// 停止党籍、退党、出党或去世.
        Left => "left",
    }
}

impl StepKind {
    /// What a meeting of this kind resolves, for a kind that is one.
    #[must_use]
    pub const fn matter(self) -> Option<Matter> {
        match self {
            Self::AdmissionVote => Some(Matter::Admission),
            Self::ConversionVote => Some(Matter::Conversion),
            Self::ExtensionVote => Some(Matter::Extension),
            Self::CancellationVote => Some(Matter::Cancellation),
            _ => None,
        }
    }

    /// Whether the superior committee takes it, not the branch.
    #[must_use]
    pub const fn is_superiors(self) -> bool {
        matches!(self, Self::Approval | Self::Refusal | Self::TakenOver)
    }
}

coded! {
    /// What a branch meeting resolves.
    Matter {
        /// 接收预备党员.
        Admission => "admission",
        /// 转正.
        Conversion => "conversion",
        /// 延长预备期.
        Extension => "extension",
        /// 取消预备党员资格.
        Cancellation => "cancellation",
    }
}

/// The count of a branch meeting's vote, candidates one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ballot {
    /// Full members with a vote who ought to be there (应到会有表决权的正式党员).
    pub entitled: u64,
    /// Of them, present.
    pub present: u64,
    /// Of the present, in favour.
    pub in_favour: u64,
    /// Of the present, against; the others abstained.
    pub against: u64,
    /// Of the absent, in favour by a written opinion that was handed in before.
    pub written_in_favour: u64,
    /// Of the absent, against in the same way.
    pub written_against: u64,
}

impl Ballot {
    /// Whether the numbers fit each other.
    ///
    /// # Errors
    /// `party_ballot_count`, of the field that is too large.
    pub fn check(&self) -> Result<(), Problem> {
        let too_many = |field: &'static str, most: u64| Problem::new(field, "party_ballot_count").with("max", most);
        if self.present > self.entitled {
            return Err(too_many("present", self.entitled));
        }
        if self.in_favour > self.present {
            return Err(too_many("in_favour", self.present));
        }
        if self.against > self.present - self.in_favour {
            return Err(too_many("against", self.present - self.in_favour));
        }
        let absent = self.entitled - self.present;
        if self.written_in_favour > absent {
            return Err(too_many("written_in_favour", absent));
        }
        if self.written_against > absent - self.written_in_favour {
            return Err(too_many("written_against", absent - self.written_in_favour));
        }
        Ok(())
    }

    /// All in favour, the written opinions with them.
    #[must_use]
    pub const fn all_in_favour(&self) -> u64 {
        self.in_favour + self.written_in_favour
    }

    /// Whether enough are present to hold the meeting.
    #[must_use]
    pub const fn is_held(&self, quorum: MoreThan) -> bool {
        quorum.holds(self.present, self.entitled)
    }

    /// Whether the resolution passes.
    #[must_use]
    pub const fn passes(&self, majority: MoreThan) -> bool {
        majority.holds(self.all_in_favour(), self.entitled)
    }
}

/// What a step says, by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A step without particulars.
    Plain(StepKind),
    /// Listed as a candidate, after a public notice since the day, where the version asks for one.
    Candidate {
        /// The first day of the notice.
        notice_from: Option<NaiveDate>,
    },
    /// A candidate's course.
    Training {
        /// Days.
        days: u32,
        /// Class hours.
        class_hours: u32,
    },
    /// A branch meeting voted.
    Vote {
        /// On what.
        matter: Matter,
        /// The count.
        ballot: Ballot,
        /// Months of an extension; 0 for other matters.
        months: u32,
    },
    /// A stage that the person's file states.
    TakenOver {
        /// Which.
        stage: Stage,
    },
}

/// A step on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The day.
    pub on: NaiveDate,
    /// What was done.
    pub act: Act,
}

impl Step {
    /// A step without particulars.
    #[must_use]
    pub const fn plain(kind: StepKind, on: NaiveDate) -> Self {
        Self { on, act: Act::Plain(kind) }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> StepKind {
        match self.act {
            Act::Plain(kind) => kind,
            Act::Candidate { .. } => StepKind::Candidate,
            Act::Training { .. } => StepKind::Training,
            Act::Vote { matter: Matter::Admission, .. } => StepKind::AdmissionVote,
            Act::Vote { matter: Matter::Conversion, .. } => StepKind::ConversionVote,
            Act::Vote { matter: Matter::Extension, .. } => StepKind::ExtensionVote,
            Act::Vote { matter: Matter::Cancellation, .. } => StepKind::CancellationVote,
            Act::TakenOver { .. } => StepKind::TakenOver,
        }
    }
}

/// A resolution of a branch that waits for its superior's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    /// On what.
    pub matter: Matter,
    /// The day of the meeting.
    pub on: NaiveDate,
    /// Months of an extension.
    pub months: u32,
}

impl Resolution {
    /// The day by which it ought to be decided.
    #[must_use]
    pub fn due(&self) -> NaiveDate {
        let rules = DevelopmentRules::on(self.on);
        let months = match self.matter {
            Matter::Admission => rules.approval_months.value,
            _ => rules.conversion_approval_months.value,
        };
        later(self.on, months)
    }

    /// The last day on which it can be approved; an admission lapses.
    #[must_use]
    pub fn lapses_after(&self) -> Option<NaiveDate> {
        let months = DevelopmentRules::on(self.on).approval_most_months.value;
        (self.matter == Matter::Admission).then(|| later(self.on, months))
    }
}

/// Where a person stands, as the steps say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Development {
    /// The stage; none before an application and after its end.
    pub stage: Option<Stage>,
    /// Since when: for a probationary member the day of the meeting, for a full one the end of probation.
    pub since: Option<NaiveDate>,
    /// When the person applied.
    pub applied_on: Option<NaiveDate>,
    /// When it was talked to.
    pub talked_on: Option<NaiveDate>,
    /// When it did the candidates' course.
    pub trained_on: Option<NaiveDate>,
    /// When its probation ends, of a probationary member.
    pub probation_until: Option<NaiveDate>,
    /// How often the probation was extended.
    pub extensions: u32,
    /// A resolution that waits for its decision.
    pub pending: Option<Resolution>,
    /// The day of the last step.
    pub last: Option<NaiveDate>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The step.
    pub kind: StepKind,
    /// The first day on which it is possible; none when it is so at once.
    pub earliest: Option<NaiveDate>,
    /// The day by which it ought to be done.
    pub due: Option<NaiveDate>,
}

impl Next {
    /// Whether it ought to be done already.
    #[must_use]
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.due.is_some_and(|due| due < today)
    }

    /// Whether it is possible on a day.
    #[must_use]
    pub fn is_open(&self, today: NaiveDate) -> bool {
        self.earliest.is_none_or(|earliest| earliest <= today)
    }
}

/// `months` after a day; the last day of a shorter month.
#[must_use]
pub fn later(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// The first day after a notice of `working_days` from `from` on: Monday to Friday count, public holidays are the
/// branch's to heed.
#[must_use]
pub fn notice_ends(from: NaiveDate, working_days: u32) -> NaiveDate {
    let mut left = working_days;
    let mut day = from;
    while left > 0 {
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
        day = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    }
    day
}

impl Development {
    /// Where a person stands after these steps, in order of their days. They were checked when they were taken.
    #[must_use]
    pub fn of<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Self {
        steps.into_iter().fold(Self::default(), Self::after)
    }

    /// The same, as of a day.
    #[must_use]
    pub fn as_of<'a>(steps: impl IntoIterator<Item = &'a Step>, day: NaiveDate) -> Self {
        Self::of(steps.into_iter().filter(|step| step.on <= day))
    }

    fn after(self, step: &Step) -> Self {
        let on = step.on;
        let at = |stage: Stage| Self { stage: Some(stage), since: Some(on), last: Some(on), ..self };
        let over = Self { last: Some(on), ..Self::default() };
        match step.act {
            Act::Plain(StepKind::Apply) => {
                Self { applied_on: Some(on), last: Some(on), ..over.at(Stage::Applicant, on) }
            }
            Act::Plain(StepKind::Talk) => Self { talked_on: Some(on), last: Some(on), ..self },
            Act::Plain(StepKind::Activist) => at(Stage::Activist),
            Act::Candidate { .. } => at(Stage::Candidate),
            Act::Training { .. } => Self { trained_on: Some(on), last: Some(on), ..self },
            Act::Vote { matter, ballot, months } => {
                let passed = ballot.passes(DevelopmentRules::on(on).majority.value);
                Self { pending: passed.then_some(Resolution { matter, on, months }), last: Some(on), ..self }
            }
            Act::Plain(StepKind::Approval) => match self.pending {
                Some(resolution) => Self { pending: None, last: Some(on), ..self.decided(resolution) },
                None => Self { last: Some(on), ..self },
            },
            Act::Plain(StepKind::Refusal) => Self { pending: None, last: Some(on), ..self },
            Act::TakenOver { stage: Stage::Probationary } => Self { last: Some(on), ..self.on_probation(on) },
            Act::TakenOver { stage } => Self { applied_on: (stage == Stage::Applicant).then_some(on), ..at(stage) },
            Act::Plain(_) => over,
        }
    }

    const fn at(self, stage: Stage, on: NaiveDate) -> Self {
        Self { stage: Some(stage), since: Some(on), ..self }
    }

    fn on_probation(self, from: NaiveDate) -> Self {
        let until = later(from, DevelopmentRules::on(from).probation_months.value);
        Self { probation_until: Some(until), extensions: 0, ..self.at(Stage::Probationary, from) }
    }

    fn decided(self, resolution: Resolution) -> Self {
        match resolution.matter {
            Matter::Admission => self.on_probation(resolution.on),
            Matter::Conversion => Self {
                since: self.probation_until.or(Some(resolution.on)),
                stage: Some(Stage::Full),
                probation_until: None,
                ..self
            },
            Matter::Extension => Self {
                probation_until: self.probation_until.map(|until| later(until, resolution.months)),
                extensions: self.extensions + 1,
                ..self
            },
            Matter::Cancellation => Self::default(),
        }
    }

    /// The resolution that a day's step finds open: one that has lapsed is none.
    fn open_resolution(&self, on: NaiveDate) -> Option<Resolution> {
        self.pending.filter(|pending| pending.lapses_after().is_none_or(|last| on <= last))
    }

    /// The first day on which a step of this kind is possible as far as shortest periods go.
    #[must_use]
    pub fn earliest(&self, kind: StepKind) -> Option<NaiveDate> {
        match kind {
            StepKind::Candidate => {
                let since = self.since?;
                // A later version may ask for more: the period is judged by the version in force when it ends.
                let first = later(since, DevelopmentRules::on(since).activist_months.value);
                Some(later(since, DevelopmentRules::on(first).activist_months.value))
            }
            StepKind::ConversionVote | StepKind::ExtensionVote => self.probation_until,
            _ => None,
        }
    }

    /// Checks whether a step of this kind is possible on a day, particulars aside.
    ///
    /// # Errors
    /// `party_before_last`, `party_wrong_stage`, `party_done_already`, `party_talk_first`, `party_training_first`,
    /// `party_too_early`, `party_pending`, `party_nothing_pending`, `party_lapsed`, `party_extended_already`.
    pub fn gate(&self, kind: StepKind, on: NaiveDate) -> Result<(), Problem> {
        if let Some(last) = self.last.filter(|last| on < *last) {
            return Err(Problem::new("on", "party_before_last").with("last", last));
        }
        let refused = |code: &'static str| Err(Problem::new("step", code));
        let stages: &[Option<Stage>] = match kind {
            StepKind::Apply | StepKind::TakenOver => &[None],
            StepKind::Talk | StepKind::Activist => &[Some(Stage::Applicant)],
            StepKind::Candidate => &[Some(Stage::Activist)],
            StepKind::Training | StepKind::AdmissionVote => &[Some(Stage::Candidate)],
            StepKind::ConversionVote | StepKind::ExtensionVote | StepKind::CancellationVote => {
                &[Some(Stage::Probationary)]
            }
            StepKind::Approval | StepKind::Refusal => &[Some(Stage::Candidate), Some(Stage::Probationary)],
            StepKind::Withdrawal => &[Some(Stage::Applicant), Some(Stage::Activist), Some(Stage::Candidate)],
            StepKind::Removal => &[Some(Stage::Activist), Some(Stage::Candidate)],
            StepKind::Left => &[Some(Stage::Probationary), Some(Stage::Full)],
        };
        if !stages.contains(&self.stage) {
            return refused("party_wrong_stage");
        }
        let pending = self.open_resolution(on);
        match kind {
            StepKind::Talk if self.talked_on.is_some() => return refused("party_done_already"),
            StepKind::Activist if self.talked_on.is_none() => return refused("party_talk_first"),
            StepKind::Training if self.trained_on.is_some() => return refused("party_done_already"),
            StepKind::AdmissionVote if self.trained_on.is_none() => return refused("party_training_first"),
            StepKind::Approval | StepKind::Refusal if self.pending.is_none() => {
                return refused("party_nothing_pending");
            }
            StepKind::Approval if pending.is_none() => {
                let lapsed = self.pending.and_then(|p| p.lapses_after()).unwrap_or(on);
                let source = DevelopmentRules::on(on).approval_most_months.source;
                return Err(cited(Problem::new("on", "party_lapsed").with("last", lapsed), source));
            }
            StepKind::Approval | StepKind::Refusal | StepKind::Withdrawal | StepKind::Left => {}
            _ if pending.is_some() => return refused("party_pending"),
            _ => {}
        }
        if let Some(earliest) = self.earliest(kind).filter(|earliest| on < *earliest) {
            let rules = DevelopmentRules::on(on);
            let source =
                if kind == StepKind::Candidate { rules.activist_months.source } else { rules.probation_months.source };
            return Err(cited(Problem::new("on", "party_too_early").with("earliest", earliest), source));
        }
        let extension = DevelopmentRules::on(on).extension;
        if kind == StepKind::ExtensionVote && self.extensions >= extension.value.times {
            return Err(cited(Problem::new("step", "party_extended_already"), extension.source));
        }
        Ok(())
    }

    /// Checks a step with its particulars. `birth_date` is the person's, `full_members` how many full members the branch
    /// has on the day.
    ///
    /// # Errors
    /// Those of [`Development::gate`]; `party_in_the_future`, `party_no_birth_date`, `party_under_age`,
    /// `party_course_short`, `required` and `party_notice_short` of the notice, `party_ballot_count`,
    /// `party_more_than_members`, `party_no_quorum`, `party_extension_months`.
    pub fn check(
        &self,
        step: &Step,
        birth_date: Option<NaiveDate>,
        full_members: u64,
        today: NaiveDate,
    ) -> Result<(), Problem> {
        let on = step.on;
        if on > today {
            return Err(Problem::new("on", "party_in_the_future").with("today", today));
        }
        self.gate(step.kind(), on)?;
        let rules = DevelopmentRules::on(on);
        match step.act {
            Act::Plain(StepKind::Apply) => {
                let born = birth_date.ok_or_else(|| Problem::new("step", "party_no_birth_date"))?;
                let earliest = later(born, rules.age_years.value.saturating_mul(12));
                let problem = Problem::new("on", "party_under_age")
                    .with("years", rules.age_years.value)
                    .with("earliest", earliest);
                if on < earliest { Err(cited(problem, rules.age_years.source)) } else { Ok(()) }
            }
            Act::Candidate { notice_from } => check_notice(rules, notice_from, on),
            Act::Training { days, class_hours } => {
                let course = rules.course.value;
                if days >= course.days || class_hours >= course.class_hours {
                    return Ok(());
                }
                let problem = Problem::new("days", "party_course_short")
                    .with("days", course.days)
                    .with("hours", course.class_hours);
                Err(cited(problem, rules.course.source))
            }
            Act::Vote { matter, ballot, months } => check_vote(rules, matter, &ballot, months, full_members),
            Act::Plain(_) | Act::TakenOver { .. } => Ok(()),
        }
    }

    /// What comes next for the person, if anything does.
    #[must_use]
    pub fn next(&self, today: NaiveDate) -> Option<Next> {
        let next = |kind: StepKind, due: Option<NaiveDate>| Some(Next { kind, earliest: self.earliest(kind), due });
        if let Some(pending) = self.open_resolution(today) {
            return next(StepKind::Approval, Some(pending.due()));
        }
        match self.stage? {
            Stage::Applicant if self.talked_on.is_none() => {
                let since = self.applied_on.or(self.since)?;
                next(StepKind::Talk, Some(later(since, DevelopmentRules::on(since).talk_months.value)))
            }
            Stage::Applicant => next(StepKind::Activist, None),
            Stage::Activist => next(StepKind::Candidate, None),
            Stage::Candidate if self.trained_on.is_none() => next(StepKind::Training, None),
            Stage::Candidate => next(StepKind::AdmissionVote, None),
            Stage::Probationary => next(StepKind::ConversionVote, None),
            Stage::Full => None,
        }
    }
}

/// The problem with the article that it rests on.
fn cited(problem: Problem, source: rules::Citation) -> Problem {
    problem.with("document", source.document).with("article", source.article)
}

fn check_notice(rules: &DevelopmentRules, notice_from: Option<NaiveDate>, on: NaiveDate) -> Result<(), Problem> {
    let Some(notice) = rules.notice_working_days else { return Ok(()) };
    let from = notice_from.ok_or_else(|| Problem::new("notice_from", "required"))?;
    let earliest = notice_ends(from, notice.value);
    let problem = Problem::new("on", "party_notice_short").with("days", notice.value).with("earliest", earliest);
    if on < earliest { Err(cited(problem, notice.source)) } else { Ok(()) }
}

fn check_vote(
    rules: &DevelopmentRules,
    matter: Matter,
    ballot: &Ballot,
    months: u32,
    full_members: u64,
) -> Result<(), Problem> {
    ballot.check()?;
    if ballot.entitled > full_members {
        return Err(Problem::new("entitled", "party_more_than_members").with("max", full_members));
    }
    if !ballot.is_held(rules.quorum.value) {
        let problem = Problem::new("present", "party_no_quorum").with("entitled", ballot.entitled);
        return Err(cited(problem, rules.quorum.source));
    }
    let extension = rules.extension.value;
    if matter == Matter::Extension && !(extension.least_months..=extension.most_months).contains(&months) {
        let problem = Problem::new("months", "party_extension_months")
            .with("min", extension.least_months)
            .with("max", extension.most_months);
        return Err(cited(problem, rules.extension.source));
    }
    Ok(())
}
