//! Table `delivery`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub match_id: Uuid,
    pub receiver_id: Uuid,
    pub giver_id: Uuid,
    pub area_id: Option<Uuid>,
    pub category: String,
    pub happened_at: i64,
    pub minutes: i64,
    pub quantity: i64,
    pub note: String,
    pub recorded_by: Option<Uuid>,
    pub recorded_at: i64,
    pub giver_confirmed_at: Option<i64>,
    pub receiver_confirmed_at: Option<i64>,
    pub settled_at: Option<i64>,
    pub reminded_at: Option<i64>,
    pub settled: bool,
    pub rating: Option<i64>,
    pub comment: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
