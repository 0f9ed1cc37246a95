//! The SignalR client against a hub in this process that does what each test wants, also what no real one would.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may")]

#[path = "hub/fake.rs"]
mod fake;
#[path = "hub/user.rs"]
mod user;

#[path = "hub/callbacks.rs"]
mod callbacks;
#[path = "hub/connecting.rs"]
mod connecting;
#[path = "hub/identity.rs"]
mod identity;
#[path = "hub/messages.rs"]
mod messages;
#[path = "hub/recorded.rs"]
mod recorded;
#[path = "hub/reports.rs"]
mod reports;
#[path = "hub/stopping.rs"]
mod stopping;
