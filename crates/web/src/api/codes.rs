//! The codes of the domain as schemas of the API: each lists its values.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

macro_rules! codes {
    ($($name:ident, $title:literal, $about:literal => $kind:ty);+ $(;)?) => {$(
        #[doc = $about]
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let values: Vec<&str> = <$kind>::ALL.iter().map(|v| v.code()).collect();
                let object = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values));
                RefOr::T(Schema::Object(object.description(Some($about)).build()))
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($title)
            }
        }
    )+};
}

codes! {
    SideCode, "Side", "Whether a member asks or gives." => tongxin_core::service::Side;
    CategoryCode, "Category", "One of the ten categories." => tongxin_core::service::Category;
    CareKindCode, "CareKind", "Material or spiritual care." => tongxin_core::service::CareKind;
    UrgencyCode, "Urgency", "How soon a need has to be met." => tongxin_core::service::Urgency;
    VisibilityCode, "Visibility", "Who may see a need or an offer." => tongxin_core::service::Visibility;
    ReachCode, "Reach", "How far from its own place an offer serves." => tongxin_core::service::Reach;
    IntentStateCode, "IntentState", "The life of a need or an offer." => tongxin_core::service::IntentState;
    MatchStateCode, "MatchState", "The life of a match." => tongxin_core::service::MatchState;
    MemberKindCode, "MemberKind", "A person or an organisation." => tongxin_core::people::MemberKind;
    CareGroupCode, "CareGroup", "A group that is cared for first." => tongxin_core::people::CareGroup;
    SexCode, "Sex", "Sex, as a roster states it." => tongxin_core::people::Sex;
    LikenessCode, "Likeness", "Why two members look alike, or do not." => tongxin_core::people::duplicate::Likeness;
    MergeFieldCode, "MergeField", "What two members can say differently." => tongxin_core::people::merge::MergeField;
    StageCode, "PartyStage", "Where a person stands in the development of members." => tongxin_core::people::development::Stage;
    StepKindCode, "PartyStep", "A step of the development of members." => tongxin_core::people::development::StepKind;
    RelationCode, "PartyRelation", "How a person belongs to a branch." => tongxin_core::people::membership::Relation;
    TransferStateCode, "TransferState", "Where a transfer stands." => tongxin_core::people::membership::TransferState;
    TransferStepCode, "TransferStep", "A step of a transfer." => tongxin_core::people::membership::TransferStep;
    SizeAdviceCode, "SizeAdvice", "What the size of a branch asks for." => tongxin_core::people::membership::SizeAdvice;
    PlaceKindCode, "PlaceKind", "The kind of a place." => tongxin_core::community::PlaceKind;
    CoverageCode, "Coverage", "How Party building reaches an enterprise." => tongxin_core::community::coverage::Coverage;
    StaffSizeCode, "StaffSize", "How large an enterprise is, by its employees." => tongxin_core::community::coverage::StaffSize;
    DifferenceCode, "Difference", "How an organisation differs between two days." => tongxin_core::community::structure::Difference;
    ReorganisationStateCode, "ReorganisationState", "How far a reorganisation is." => tongxin_core::community::reorganisation::ReorganisationState;
    SystemRoleCode, "SystemRole", "What an organisation is in a residential area’s system." => tongxin_core::community::area::SystemRole;
    PartySideCode, "PartySide", "Which kind of Party organisation one in a residential area is." => tongxin_core::community::area::PartySide;
    TeamPartCode, "TeamPart", "A part of the four-in-one team." => tongxin_core::community::area::TeamPart;
    OrganisationKindCode, "OrganisationKind", "The kind of an organisation." => tongxin_core::community::OrganisationKind;
    DutyCode, "Duty", "What a post lets its holder do." => tongxin_core::community::post::Duty;
    PostKindCode, "PostKind", "The kind of a post." => tongxin_core::community::post::PostKind;
}
