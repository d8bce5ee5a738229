//! Table `agenda_item`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agenda_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub position: i64,
    pub kind: String,
    pub title: String,
    pub by_id: Option<Uuid>,
    pub proposal_id: Option<Uuid>,
    pub notes: String,
    pub outcome: Option<String>,
    pub outcome_text: Option<String>,
    pub resolution_id: Option<Uuid>,
    pub owner_kind: Option<String>,
    pub owner_id: Option<Uuid>,
    pub due_on: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
