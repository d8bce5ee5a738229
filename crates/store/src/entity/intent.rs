//! Table `intent`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "intent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub side: String,
    pub code: Option<String>,
    pub member_id: Uuid,
    pub entered_by: Option<Uuid>,
    pub place_id: Uuid,
    pub area_id: Option<Uuid>,
    pub category: String,
    pub care_kind: String,
    pub title: String,
    pub text: String,
    pub from_at: i64,
    pub until_at: i64,
    pub rrule: Option<String>,
    pub slots: i64,
    pub quantity: i64,
    pub urgency: String,
    pub reach: String,
    pub visibility: String,
    pub committed: i64,
    pub fulfilled: i64,
    pub state: String,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
