//! Table `meeting`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meeting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub council_id: Uuid,
    pub series_id: Option<Uuid>,
    pub title: String,
    pub from_at: i64,
    pub until_at: i64,
    pub place: String,
    pub convener_id: Option<Uuid>,
    pub state: String,
    pub called_at: Option<i64>,
    pub opened_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub minutes: String,
    pub approved_by: Option<Uuid>,
    pub approved_at: Option<i64>,
    pub reason: Option<String>,
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
