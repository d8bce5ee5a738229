//! Table `resolution`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resolution")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub council_id: Uuid,
    pub number: String,
    pub level: String,
    pub place_id: Uuid,
    pub area_id: Option<Uuid>,
    pub matter: String,
    pub title: String,
    pub text: String,
    pub decided_on: String,
    pub charter_version: i64,
    pub meeting_id: Option<Uuid>,
    pub proposal_id: Option<Uuid>,
    pub vote_id: Option<Uuid>,
    pub owner_kind: Option<String>,
    pub owner_id: Option<Uuid>,
    pub due_on: Option<String>,
    pub state: String,
    pub is_public: bool,
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
