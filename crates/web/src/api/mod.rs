//! The JSON API, one module a word.

use axum::Router;

use crate::Web;

/// All of the API.
pub fn routes() -> Router<Web> {
    Router::new()
}
