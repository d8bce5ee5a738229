//! Table `matter`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "matter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: Option<String>,
    pub title: String,
    pub text: String,
    pub level: String,
    pub place_id: Uuid,
    pub area_id: Option<Uuid>,
    pub raised_kind: String,
    pub raised_id: Uuid,
    pub raised_on: String,
    pub state: String,
    pub meetings: String,
    pub agreed_on: Option<String>,
    pub agreed_text: Option<String>,
    pub next_due_on: Option<String>,
    pub closed_on: Option<String>,
    pub reopened: String,
    pub reason: Option<String>,
    pub is_public: bool,
    pub entered_by: Option<Uuid>,
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
