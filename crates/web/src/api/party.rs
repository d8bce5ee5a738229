//! Party members: branches and rolls, steps of development, transfers. Every look at a roll or at a person is recorded.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tongxin_app::people::party::{
    Part,
    branches::{self as branch_cases, BranchCard, RollLine, Sizes},
    members::{self, MemberPage},
    steps,
    transfers::{self, TransferCard},
};
use tongxin_core::{
    community::OrganisationKind,
    people::{
        development::{
            Development, Next, Stage, StepKind,
            input::{StepData, StepForm},
        },
        membership::{Membership, Relation, SizeAdvice, TransferState, TransferStep},
    },
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    codes::{
        OrganisationKindCode, RelationCode, SizeAdviceCode, StageCode, StepKindCode, TransferStateCode,
        TransferStepCode,
    },
    extract::{Id, Input, PageAsk, PageOf, Params, Reader, created},
    words::Ref,
};
use crate::{
    Web,
    error::WebError,
    layout::Shell,
    paging::ListQuery,
    session::{Who, problem_message},
};

/// How many persons belong to a branch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SizesOut {
    /// Full members.
    full: u64,
    /// Probationary members.
    probationary: u64,
    /// Applicants, activists and candidates.
    developing: u64,
    /// Members of other branches who are registered here.
    registered: u64,
}

impl From<Sizes> for SizesOut {
    fn from(s: Sizes) -> Self {
        Self { full: s.full, probationary: s.probationary, developing: s.developing, registered: s.registered }
    }
}

/// A Party organisation that holds members.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BranchOut {
    /// Its identifier and name.
    #[serde(flatten)]
    branch: Ref,
    /// Its kind.
    #[schema(value_type = OrganisationKindCode)]
    kind: OrganisationKind,
    /// Its superior in the line.
    line: Option<Uuid>,
    /// Whether only the registered part is shown: all other figures are 0 then.
    registered_part_only: bool,
    /// How many belong to it.
    sizes: SizesOut,
    /// Full members of it and of those below it.
    full_with_below: u64,
    /// What its size asks for.
    #[schema(value_type = Option<SizeAdviceCode>)]
    advice: Option<SizeAdvice>,
}

impl BranchOut {
    fn new(card: BranchCard) -> Self {
        Self {
            branch: Ref::new(card.standing.organisation, card.standing.name),
            kind: card.standing.kind,
            line: card.standing.line,
            registered_part_only: card.part == Part::Registered,
            sizes: card.sizes.into(),
            full_with_below: card.all_full,
            advice: card.advice,
        }
    }
}

/// The branches of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BranchesOut {
    /// The day.
    on: NaiveDate,
    /// The branches, each before those under it.
    items: Vec<BranchOut>,
}

/// Where a person stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DevelopmentOut {
    /// The stage; none before an application and after its end.
    #[schema(value_type = Option<StageCode>)]
    stage: Option<Stage>,
    /// Since when.
    since: Option<NaiveDate>,
    /// When a probation ends.
    probation_until: Option<NaiveDate>,
    /// What comes next.
    #[schema(value_type = Option<StepKindCode>)]
    next: Option<StepKind>,
    /// The first day on which that is possible.
    earliest: Option<NaiveDate>,
    /// The day by which it ought to be done.
    due: Option<NaiveDate>,
}

impl DevelopmentOut {
    fn new(development: &Development, next: Option<Next>) -> Self {
        Self {
            stage: development.stage,
            since: development.since,
            probation_until: development.probation_until,
            next: next.map(|n| n.kind),
            earliest: next.and_then(|n| n.earliest),
            due: next.and_then(|n| n.due),
        }
    }
}

/// That a person belongs to a branch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MembershipOut {
    /// Its identifier.
    id: Uuid,
    /// The branch.
    branch: Uuid,
    /// How.
    #[schema(value_type = RelationCode)]
    relation: Relation,
    /// The first day.
    from: NaiveDate,
    /// The first day after it; none while it lasts.
    until: Option<NaiveDate>,
}

impl From<&Membership> for MembershipOut {
    fn from(m: &Membership) -> Self {
        Self { id: m.id, branch: m.branch, relation: m.relation, from: m.period.from, until: m.period.until }
    }
}

/// Somebody on a roll.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RollLineOut {
    /// The person.
    person: Ref,
    /// Its telephone number.
    phone: Option<String>,
    /// How it belongs to the branch.
    membership: MembershipOut,
    /// Where it stands; none of those who are registered only.
    development: Option<DevelopmentOut>,
}

impl RollLineOut {
    fn new(line: &RollLine) -> Self {
        Self {
            person: Ref::new(line.person.id, &line.person.draft.name),
            phone: line.person.draft.phone.clone(),
            membership: (&line.membership).into(),
            development: Some(DevelopmentOut::new(&line.development, line.next)),
        }
    }
}

/// The roll of a branch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RollOut {
    /// The branch.
    branch: Ref,
    /// The day.
    on: NaiveDate,
    /// Whether only the registered part is shown.
    registered_part_only: bool,
    /// How many belong to it.
    sizes: SizesOut,
    /// What its size asks for.
    #[schema(value_type = Option<SizeAdviceCode>)]
    advice: Option<SizeAdvice>,
    /// Members whose home it is.
    home: Vec<RollLineOut>,
    /// Who is in development.
    developing: Vec<RollLineOut>,
    /// Who is registered: name, telephone and registration only.
    registered: Vec<RollLineOut>,
}

/// A step of development.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepOut {
    /// Its identifier.
    id: Uuid,
    /// What was done.
    #[schema(value_type = StepKindCode)]
    step: StepKind,
    /// The day.
    on: NaiveDate,
    /// The branch.
    branch: Uuid,
    /// Its particulars: the notice, the course, the ballot, the months, the stage.
    #[schema(value_type = Object)]
    data: StepData,
    /// A note.
    note: String,
    /// That it was taken back: it no longer counts.
    taken_back: Option<TakenBackOut>,
}

/// That a step was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TakenBackOut {
    /// When.
    at: DateTime<Utc>,
    /// Who did it, by name.
    by: Option<String>,
    /// Why.
    reason: String,
}

/// A step that the caller may record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpeningOut {
    /// The step.
    #[schema(value_type = StepKindCode)]
    step: StepKind,
    /// Why it is not possible today, in the language of the request; none when it is.
    refused: Option<String>,
    /// The first day on which it is possible as far as shortest periods go.
    earliest: Option<NaiveDate>,
}

/// A person's Party page.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartyMemberOut {
    /// The person.
    person: Ref,
    /// Its telephone number.
    phone: Option<String>,
    /// Whether only a registered part is shown.
    registered_part_only: bool,
    /// Where it stands.
    development: DevelopmentOut,
    /// Where it belonged and belongs.
    memberships: Vec<MembershipOut>,
    /// The steps, in their order.
    steps: Vec<StepOut>,
    /// What the caller may record.
    openings: Vec<OpeningOut>,
    /// The last step, where the caller may take it back.
    may_take_back: Option<Uuid>,
    /// The version of the rules in force.
    #[schema(example = "2026")]
    rules: String,
}

impl PartyMemberOut {
    fn new(shell: &Shell, page: &MemberPage) -> Self {
        let opening = |o: &members::Opening| OpeningOut {
            step: o.kind,
            refused: o.refused.as_ref().map(|p| problem_message(p).text(shell.locale())),
            earliest: o.earliest,
        };
        Self {
            person: Ref::new(page.person.id, &page.person.draft.name),
            phone: page.person.draft.phone.clone(),
            registered_part_only: page.part == Part::Registered,
            development: DevelopmentOut::new(&page.development, page.next),
            memberships: page.memberships.iter().map(Into::into).collect(),
            steps: page.steps.iter().map(|step| StepOut::new(step, page)).collect(),
            openings: page.openings.iter().map(opening).collect(),
            may_take_back: page.may_take_back,
            rules: page.rules.version.to_owned(),
        }
    }
}

impl StepOut {
    fn new(stored: &members::StoredStep, page: &MemberPage) -> Self {
        Self {
            taken_back: stored.taken_back.as_ref().map(|back| TakenBackOut {
                at: back.at,
                by: page.recorders.get(&back.by).cloned(),
                reason: back.reason.clone(),
            }),
            id: stored.id,
            step: stored.step.kind(),
            on: stored.step.on,
            branch: stored.branch,
            data: stored.step.data(),
            note: stored.note.clone(),
        }
    }
}

/// A transfer from one home branch to another.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TransferOut {
    /// Its identifier.
    id: Uuid,
    /// The person.
    person: Ref,
    /// The old home.
    from: Ref,
    /// The new home.
    to: Ref,
    /// Where it stands.
    #[schema(value_type = TransferStateCode)]
    state: TransferState,
    /// Why it was asked for.
    reason: String,
    /// The day on which it was asked for.
    asked_on: NaiveDate,
    /// The day of the handing over.
    handed_over_on: Option<NaiveDate>,
    /// The day on which it ended.
    decided_on: Option<NaiveDate>,
    /// What was said at the end.
    note: String,
    /// The steps that the caller may take now.
    #[schema(value_type = Vec<TransferStepCode>)]
    steps: Vec<TransferStep>,
}

impl From<TransferCard> for TransferOut {
    fn from(card: TransferCard) -> Self {
        let t = card.transfer;
        Self {
            id: t.id,
            person: Ref::new(t.person, card.person),
            from: Ref::new(t.from, card.from),
            to: Ref::new(t.to, card.to),
            state: t.state,
            reason: t.reason,
            asked_on: t.asked_on,
            handed_over_on: t.handed_over_on,
            decided_on: t.decided_on,
            note: t.note,
            steps: card.steps,
        }
    }
}

/// Which day.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DayQuery {
    /// As of this day; today when left out.
    on: Option<String>,
}

impl DayQuery {
    fn day(&self) -> Result<Option<NaiveDate>, WebError> {
        let mut reader = Reader::default();
        let day = reader.day("on", self.on.as_ref());
        reader.finish()?;
        Ok(day)
    }
}

/// Which transfers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TransfersQuery {
    /// Only those in which somebody has still to act.
    open: bool,
    /// Number of the page, from 1.
    page: Option<u64>,
    /// Entries on a page, at most 100.
    size: Option<u64>,
}

/// Somebody to be added to a branch.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AddInput {
    /// The person.
    #[schema(required = true)]
    person: Option<Uuid>,
    /// `registered`, or `home` for a member who comes back.
    #[schema(required = true, value_type = RelationCode)]
    relation: String,
    /// The first day; today when left out.
    #[schema(value_type = Option<NaiveDate>)]
    from: String,
}

/// A step to be recorded. Which fields it asks for follows from its kind.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StepInput {
    /// What was done.
    #[schema(required = true, value_type = StepKindCode)]
    step: String,
    /// The day.
    #[schema(required = true, value_type = NaiveDate)]
    on: String,
    /// The branch, for a person who belongs to none: one who applies or is taken over.
    branch: Option<Uuid>,
    /// First day of the public notice, of a candidate.
    #[schema(value_type = Option<NaiveDate>)]
    notice_from: String,
    /// Days of a course.
    days: Option<u32>,
    /// Class hours of a course.
    class_hours: Option<u32>,
    /// Full members with a vote.
    entitled: Option<u32>,
    /// Of them, present.
    present: Option<u32>,
    /// Of the present, in favour.
    in_favour: Option<u32>,
    /// Of the present, against.
    against: Option<u32>,
    /// Of the absent, in favour in writing.
    written_in_favour: Option<u32>,
    /// Of the absent, against in writing.
    written_against: Option<u32>,
    /// Months of an extension.
    months: Option<u32>,
    /// The stage that is taken over from the file.
    #[schema(value_type = Option<StageCode>)]
    stage: String,
    /// A note.
    note: String,
}

impl StepInput {
    fn form(&self) -> StepForm {
        let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        StepForm {
            step: self.step.clone(),
            on: self.on.clone(),
            notice_from: self.notice_from.clone(),
            days: number(self.days),
            class_hours: number(self.class_hours),
            entitled: number(self.entitled),
            present: number(self.present),
            in_favour: number(self.in_favour),
            against: number(self.against),
            written_in_favour: number(self.written_in_favour),
            written_against: number(self.written_against),
            months: number(self.months),
            stage: self.stage.clone(),
            note: self.note.clone(),
        }
    }
}

/// Why a step is taken back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StepBackInput {
    /// What was wrong.
    #[schema(required = true)]
    reason: String,
}

/// A transfer to be asked for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TransferInput {
    /// The person.
    #[schema(required = true)]
    person: Option<Uuid>,
    /// The new home.
    #[schema(required = true)]
    to: Option<Uuid>,
    /// Why.
    #[schema(required = true)]
    reason: String,
}

/// A step of a transfer, or the end of a membership.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DayInput {
    /// The day; today when left out.
    #[schema(value_type = Option<NaiveDate>)]
    on: String,
    /// A note; required to decline.
    note: String,
}

#[utoipa::path(get, path = "/api/v1/party/branches", tag = "party", operation_id = "listBranches",
    summary = "List the Party branches that the caller may see, with their sizes", params(DayQuery),
    responses((status = 200, description = "The branches", body = BranchesOut)))]
pub(super) async fn branches(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<DayQuery>,
) -> Result<Json<BranchesOut>, WebError> {
    let found = branch_cases::branches(&web.app, &who, query.day()?).await?;
    Ok(Json(BranchesOut { on: found.day, items: found.rows.into_iter().map(BranchOut::new).collect() }))
}

#[utoipa::path(get, path = "/api/v1/party/branches/{id}", tag = "party", operation_id = "showRoll",
    summary = "Show the roll of a branch; the look is recorded",
    params(("id" = Uuid, Path, description = "The branch"), DayQuery),
    responses((status = 200, description = "The roll", body = RollOut)))]
pub(super) async fn roll(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Params(query): Params<DayQuery>,
) -> Result<Json<RollOut>, WebError> {
    let roll = branch_cases::roll(&web.app, &who, id, query.day()?).await?;
    let registered = |line: &branch_cases::RegisteredLine| RollLineOut {
        person: Ref::new(line.person, &line.name),
        phone: line.phone.clone(),
        membership: (&line.membership).into(),
        development: None,
    };
    Ok(Json(RollOut {
        branch: Ref::new(id, &roll.standing.name),
        on: roll.day,
        registered_part_only: roll.part == Part::Registered,
        sizes: roll.sizes.into(),
        advice: roll.advice,
        home: roll.home.iter().map(RollLineOut::new).collect(),
        developing: roll.developing.iter().map(RollLineOut::new).collect(),
        registered: roll.registered.iter().map(registered).collect(),
    }))
}

#[utoipa::path(post, path = "/api/v1/party/branches/{id}/members", tag = "party", operation_id = "addToBranch",
    summary = "Register a member at a branch, or take one back", request_body = AddInput,
    params(("id" = Uuid, Path, description = "The branch")),
    responses((status = 201, description = "The member, as it is now", body = PartyMemberOut)))]
pub(super) async fn add(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
    Input(input): Input<AddInput>,
) -> Result<Response, WebError> {
    steps::add(&web.app, &who, id, input.person, &input.relation, &input.from).await?;
    let person = input.person.unwrap_or_default();
    let page = members::member(&web.app, &who, person).await?;
    Ok(created(&format!("/api/v1/party/members/{person}"), PartyMemberOut::new(&shell, &page)))
}

#[utoipa::path(get, path = "/api/v1/party/members/{id}", tag = "party", operation_id = "showPartyMember",
    summary = "Show where a person belongs and stands; the look is recorded",
    params(("id" = Uuid, Path, description = "The person")),
    responses((status = 200, description = "The person", body = PartyMemberOut)))]
pub(super) async fn member(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    Id(id): Id,
) -> Result<Json<PartyMemberOut>, WebError> {
    let page = members::member(&web.app, &who, id).await?;
    Ok(Json(PartyMemberOut::new(&shell, &page)))
}

#[utoipa::path(post, path = "/api/v1/party/members/{id}/steps", tag = "party", operation_id = "recordStep",
    summary = "Record a step of a person’s development", request_body = StepInput,
    params(("id" = Uuid, Path, description = "The person")),
    responses((status = 204, description = "It was recorded")))]
pub(super) async fn step(
    State(web): State<Web>,
    Who(who): Who,
    Id(id): Id,
    Input(input): Input<StepInput>,
) -> Result<StatusCode, WebError> {
    steps::record_step(&web.app, &who, id, input.branch, &input.form()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/party/members/{person}/steps/{step}/take-back", tag = "party",
    operation_id = "takeStepBack", summary = "Take back the last step of a person’s development, entered by mistake",
    request_body = StepBackInput,
    params(("person" = Uuid, Path, description = "The person"), ("step" = Uuid, Path, description = "The step")),
    responses((status = 204, description = "It was taken back; it stays in the history")))]
pub(super) async fn take_back(
    State(web): State<Web>,
    Who(who): Who,
    Path((person, step)): Path<(Uuid, Uuid)>,
    Input(input): Input<StepBackInput>,
) -> Result<StatusCode, WebError> {
    steps::take_back(&web.app, &who, person, step, &input.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(post, path = "/api/v1/party/members/{person}/end/{membership}", tag = "party", operation_id = "endMembership",
    summary = "End a home or a registration", request_body = DayInput,
    params(("person" = Uuid, Path, description = "The person"), ("membership" = Uuid, Path, description = "The membership")),
    responses((status = 204, description = "It was ended")))]
pub(super) async fn end(
    State(web): State<Web>,
    Who(who): Who,
    Path((person, membership)): Path<(Uuid, Uuid)>,
    Input(input): Input<DayInput>,
) -> Result<StatusCode, WebError> {
    steps::end(&web.app, &who, person, membership, &input.on).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(get, path = "/api/v1/party/me", tag = "party", operation_id = "showOwnParty",
    summary = "Show one’s own Party membership", responses((status = 200, description = "Oneself", body = PartyMemberOut)))]
pub(super) async fn own(State(web): State<Web>, Who(who): Who, shell: Shell) -> Result<Json<PartyMemberOut>, WebError> {
    let own = members::own(&web.app, &who).await?.ok_or_else(WebError::not_found)?;
    Ok(Json(PartyMemberOut::new(&shell, &own.page)))
}

#[utoipa::path(get, path = "/api/v1/party/transfers", tag = "party", operation_id = "listTransfers",
    summary = "List the transfers from and to the caller’s branches", params(TransfersQuery),
    responses((status = 200, description = "A page of transfers", body = PageOf<TransferOut>)))]
pub(super) async fn transfer_list(
    State(web): State<Web>,
    Who(who): Who,
    list: ListQuery,
    Params(query): Params<TransfersQuery>,
) -> Result<Response, WebError> {
    let ask = PageAsk::new(query.page, query.size);
    let page = transfers::list(&web.app, &who, query.open, ask.slice()).await?;
    let items: Vec<TransferOut> = page.rows.into_iter().map(Into::into).collect();
    Ok(ask.answer(&list, items, page.total))
}

#[utoipa::path(post, path = "/api/v1/party/transfers", tag = "party", operation_id = "askForTransfer",
    summary = "Ask for a transfer to another branch", request_body = TransferInput,
    responses((status = 201, description = "It was asked for", body = TransferOut)))]
pub(super) async fn ask(
    State(web): State<Web>,
    Who(who): Who,
    Input(input): Input<TransferInput>,
) -> Result<Response, WebError> {
    let Some(person) = input.person else {
        let error = WebError::from_status(StatusCode::UNPROCESSABLE_ENTITY);
        return Err(error.with_field("person", "invalid-required"));
    };
    let id = transfers::ask(&web.app, &who, person, input.to, &input.reason).await?;
    let body: TransferOut = transfers::show(&web.app, &who, id).await?.into();
    Ok(created(&format!("/api/v1/party/transfers/{id}"), body))
}

#[utoipa::path(get, path = "/api/v1/party/transfers/{id}", tag = "party", operation_id = "showTransfer",
    summary = "Show a transfer", params(("id" = Uuid, Path, description = "Its identifier")),
    responses((status = 200, description = "The transfer", body = TransferOut)))]
pub(super) async fn transfer(State(web): State<Web>, Who(who): Who, Id(id): Id) -> Result<Json<TransferOut>, WebError> {
    Ok(Json(transfers::show(&web.app, &who, id).await?.into()))
}

#[utoipa::path(post, path = "/api/v1/party/transfers/{id}/{step}", tag = "party", operation_id = "stepTransfer",
    summary = "Hand over, accept, decline or withdraw a transfer", request_body = DayInput,
    params(("id" = Uuid, Path, description = "Its identifier"),
        ("step" = TransferStepCode, Path, description = "`hand_over`, `accept`, `decline` or `withdraw`")),
    responses((status = 200, description = "As it is now", body = TransferOut)))]
pub(super) async fn transfer_step(
    State(web): State<Web>,
    Who(who): Who,
    Path((id, step)): Path<(Uuid, String)>,
    Input(input): Input<DayInput>,
) -> Result<Response, WebError> {
    let step: TransferStep = step.parse().map_err(|_| WebError::not_found())?;
    transfers::step(&web.app, &who, id, step, &input.on, &input.note).await?;
    let body: TransferOut = transfers::show(&web.app, &who, id).await?.into();
    Ok(Json(body).into_response())
}
