//! Table `council`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "council")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: Option<String>,
    pub name: String,
    pub sort_key: String,
    pub level: String,
    pub place_id: Uuid,
    pub area_id: Option<Uuid>,
    pub preset: Option<String>,
    pub parent_id: Option<Uuid>,
    pub convener_id: Option<Uuid>,
    pub seed: i64,
    pub from_date: String,
    pub until_date: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
