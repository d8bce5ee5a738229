//! Table `member`; its columns are described in the migration.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub community_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub code: Option<String>,
    pub name: String,
    pub sort_key: String,
    pub place_id: Uuid,
    pub area_id: Option<Uuid>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Option<String>,
    pub registered: bool,
    pub retired: bool,
    pub organisation_kind: Option<String>,
    pub contact: Option<String>,
    pub given_minutes: i64,
    pub received_minutes: i64,
    pub given_count: i64,
    pub received_count: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub staff_count: Option<i64>,
    pub closed_on: Option<String>,
    pub merged_into: Option<Uuid>,
    pub phone_digits: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
