//! What hostile charts, values and repositories try, each tried here on the program as it is run by people: it must
//! refuse with a reason, within its time and memory, or do what is harmless.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

#[path = "attacks/attempt.rs"]
mod attempt;

#[path = "attacks/archives.rs"]
mod archives;
#[path = "attacks/indexes.rs"]
mod indexes;
#[path = "attacks/names.rs"]
mod names;
#[path = "attacks/outside.rs"]
mod outside;
#[path = "attacks/schemas.rs"]
mod schemas;
#[path = "attacks/set.rs"]
mod set;
#[path = "attacks/templates.rs"]
mod templates;
#[path = "attacks/yaml.rs"]
mod yaml;
