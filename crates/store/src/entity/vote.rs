//! Table `vote`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vote")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub council_id: Uuid,
    pub meeting_id: Option<Uuid>,
    pub item_id: Option<Uuid>,
    pub proposal_id: Option<Uuid>,
    pub matter: String,
    pub secrecy: String,
    pub opens_at: i64,
    pub closes_at: i64,
    pub plan: String,
    pub rule: String,
    pub entitled: String,
    pub voters: i64,
    pub presence: String,
    pub orders: String,
    pub state: String,
    pub opened_by: Option<Uuid>,
    pub opened_at: i64,
    pub ended_at: Option<i64>,
    pub reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
