//! What residents and units say, and what becomes of it.

pub mod matter;
