//! Table `party_step`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "party_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    pub position: i64,
    pub branch_id: Uuid,
    pub step: String,
    pub on_date: String,
    pub data: String,
    pub note: String,
    pub recorded_by: Option<Uuid>,
    pub recorded_at: i64,
    pub taken_back_at: Option<i64>,
    pub taken_back_by: Option<Uuid>,
    pub taken_back_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
