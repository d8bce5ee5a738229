//! What residents and units say, and what becomes of it (S12, S14).

pub mod matter;
