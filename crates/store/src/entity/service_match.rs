//! Table `service_match`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_match")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub need_id: Uuid,
    pub offer_id: Uuid,
    pub receiver_id: Uuid,
    pub giver_id: Uuid,
    pub area_id: Option<Uuid>,
    pub category: String,
    pub quantity: i64,
    pub delivered: i64,
    pub asked: String,
    pub state: String,
    pub arranged_from: Option<i64>,
    pub arranged_until: Option<i64>,
    pub reason: Option<String>,
    pub reasons: String,
    pub run_id: Option<Uuid>,
    pub proposed_at: i64,
    pub accepted_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub updated_at: i64,
    pub is_answer: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
