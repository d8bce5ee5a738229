//! Posts of organisations: who holds them, to whom they are delegated, and what is vacant, expiring or missing.

pub use tongxin_store::community::post::Holding;
