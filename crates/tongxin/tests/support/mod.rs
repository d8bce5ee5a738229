//! What the journeys share. In a test file: `mod support;` and then
//! `let Some(browser) = support::browser::Browser::start(390, "zh-Hans").await? else { return Ok(()) };`

#![allow(dead_code, reason = "each test file uses its own part of it")]

pub mod browser;
pub mod look;
pub mod site;
