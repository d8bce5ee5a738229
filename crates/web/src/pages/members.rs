//! Pages of `members`.

use axum::Router;

use crate::Web;

/// Their routes.
pub fn routes() -> Router<Web> {
    Router::new()
}
