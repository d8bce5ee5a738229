//! Domain types and rules of Tongxin.
//!
//! What lives here: the words of the glossary as types, and the rules about them as pure functions. What may not:
//! I/O, async, SQL, HTTP, Cedar, languages, and any clock or randomness of its own; the present moment and new ids are
//! arguments. A message to a reader leaves this crate as a code with arguments ([`invalid::Problem`]); the web layer
//! says it in the reader's language.
//!
//! To add a word: a module with its types and rules, property tests beside them, a line in `ARCHITECTURE.md`; then its
//! rooms of the same name in `store`, `app` and `web`.

#[macro_use]
mod coded;

pub mod community;
pub mod council;
pub mod id;
pub mod identity;
pub mod invalid;
pub mod number;
pub mod people;
pub mod period;
pub mod record;
pub mod roster;
pub mod service;
pub mod text;
pub mod time;
pub mod voice;

pub use coded::UnknownCode;
