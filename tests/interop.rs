//! Releases come out the same whoever makes them: a few of the scripts that `cargo xtask interop` plays in full, by
//! Helm 4 alone and by pintle alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

use pintle_test_support::Cluster;
use pintle_test_support::interop::{Script, Stage};

fn assert_same(name: &str) {
    let stage = Stage::new(Cluster::shared().unwrap(), env!("CARGO_BIN_EXE_pintle").into());
    let scripts = Script::all().unwrap();
    let script = scripts.iter().find(|script| script.name == name).expect("the script exists");
    for verdict in stage.compare(script, true).unwrap() {
        assert!(
            verdict.differences.is_empty(),
            "{name}, by {}:\n{}",
            verdict.cast,
            verdict.differences.join("\n")
        );
    }
}

#[test]
fn hooks_leave_the_same_behind() {
    assert_same("hooks that go in any case");
}

#[test]
fn a_client_side_release_is_taken_over_without_losing_fields() {
    assert_same("from client-side to server-side");
}

#[test]
fn kept_objects_are_kept_alike() {
    assert_same("a misspelt resource policy");
}

#[test]
fn a_refused_upgrade_leaves_the_same_behind() {
    assert_same("an upgrade that the server refuses half way");
}
