//! Whatever happens in the middle of an action, the next one gets to what was wanted: killed before and after each
//! write, connections that break, an API server that restarts, and others who want the same release.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod interruptions_support;

use std::process::Command;
use std::time::Duration;

use interruptions_support::{Action, Deed, LeftByHelm, Next, World};
use pintle_test_support::{Fault, Proxy, When};

/// Kills an action at every `step`th place, and lets `next` go on. Returns at how many places it was killed.
fn kill_everywhere(deed: Deed, next: Next, step: usize) -> usize {
    let world = World::start();
    let mut proxy = Proxy::start(world.kubeconfig()).unwrap();
    let left_by_helm = LeftByHelm::in_place_of(&world, deed);
    let places = (1..).flat_map(|write| [(write, When::Before), (write, When::After)]);
    let mut killed = 0;
    for (write, when) in places.step_by(step) {
        let action = world.prepare(deed, &format!("w{write}-{when:?}").to_lowercase());
        if let Some(ended) = proxy.kill_at(&mut action.pintle(proxy.kubeconfig()), write, when).unwrap() {
            assert!(ended.success(), "{deed:?} with {write} writes: {ended}");
            assert!(killed > 0, "{deed:?} was killed nowhere");
            action.assert_done();
            return killed;
        }
        killed += 1;
        let records = action.records();
        action.go_on(next);
        match next {
            Next::Pintle => action.assert_done(),
            Next::Helm => action.assert_done_by_helm(&records, &left_by_helm),
        }
    }
    killed
}

#[test]
fn an_install_killed_anywhere_is_installed_by_the_next() {
    kill_everywhere(Deed::Install, Next::Pintle, 7);
}

#[test]
fn an_upgrade_killed_anywhere_is_upgraded_by_the_next() {
    kill_everywhere(Deed::Upgrade, Next::Pintle, 7);
}

#[test]
fn a_rollback_killed_anywhere_is_rolled_back_by_the_next() {
    kill_everywhere(Deed::Rollback, Next::Pintle, 8);
}

#[test]
fn an_uninstall_killed_anywhere_is_uninstalled_by_the_next() {
    kill_everywhere(Deed::Uninstall, Next::Pintle, 8);
}

#[test]
fn helm_gets_on_from_where_pintle_was_killed() {
    kill_everywhere(Deed::Upgrade, Next::Helm, 11);
    kill_everywhere(Deed::Uninstall, Next::Helm, 11);
}

/// Every place of an action, and either who goes on. `cargo test --test interruptions -- --ignored` does so for all four,
/// which takes some twenty minutes; the tests above take a sample.
fn kill_at_each_write(deed: Deed) {
    for next in [Next::Pintle, Next::Helm] {
        let killed = kill_everywhere(deed, next, 1);
        assert!(killed > 10, "{deed:?} killed at {killed} places, each time finished by {next:?}");
    }
}

#[test]
#[ignore = "takes minutes"]
fn an_install_killed_before_and_after_each_write_is_finished_by_the_next() {
    kill_at_each_write(Deed::Install);
}

#[test]
#[ignore = "takes minutes"]
fn an_upgrade_killed_before_and_after_each_write_is_finished_by_the_next() {
    kill_at_each_write(Deed::Upgrade);
}

#[test]
#[ignore = "takes minutes"]
fn a_rollback_killed_before_and_after_each_write_is_finished_by_the_next() {
    kill_at_each_write(Deed::Rollback);
}

#[test]
#[ignore = "takes minutes"]
fn an_uninstall_killed_before_and_after_each_write_is_finished_by_the_next() {
    kill_at_each_write(Deed::Uninstall);
}

/// Runs an action through broken connections until it succeeds; gives the number of runs.
fn runs_through(deed: Deed, fault: Fault, every: u32, name: &str) -> usize {
    let world = World::start();
    let mut proxy = Proxy::start(world.kubeconfig()).unwrap();
    let action = world.prepare(deed, name);
    proxy.fault(fault, every).unwrap();
    let succeeds = |mut command: Command| command.status().unwrap().success();
    let runs = (1..=3).find(|_| succeeds(action.pintle(proxy.kubeconfig())));
    proxy.open().unwrap();
    action.assert_done();
    runs.unwrap_or_else(|| panic!("{deed:?} through {fault:?} did not succeed"))
}

/// What happens to every fifth request.
const FAULTS: [(Fault, &str); 5] = [
    (Fault::Cut(When::Before), "cut-before"),
    (Fault::Cut(When::After), "cut-after"),
    (Fault::Reset(When::Before), "reset-before"),
    (Fault::Reset(When::After), "reset-after"),
    (Fault::Delay(Duration::from_millis(300)), "delay"),
];

#[test]
fn broken_and_slow_connections_are_gone_through() {
    let deeds = [Deed::Install, Deed::Upgrade, Deed::Rollback, Deed::Uninstall, Deed::Upgrade];
    for (deed, (fault, name)) in deeds.into_iter().zip(FAULTS) {
        assert_eq!(runs_through(deed, fault, 5, name), 1, "{deed:?} through {name}");
    }
}

/// `cargo test --test interruptions -- --ignored`
#[test]
#[ignore = "takes minutes; the test above takes a sample"]
fn every_action_goes_through_every_fault() {
    for deed in Deed::ALL {
        for (fault, name) in FAULTS {
            assert_eq!(runs_through(deed, fault, 3, name), 1, "{deed:?} through {name}");
        }
    }
}

/// Restarts the API server while a hook of the action runs.
fn goes_through_a_restart(deed: Deed) {
    let world = World::start();
    let mut server = world.cluster().second_api_server().unwrap();
    let action = world.prepare_slow(deed, "restart");
    let mut acting = action.pintle(server.kubeconfig()).spawn().unwrap();
    action.wait_until_held();
    server.restart().unwrap();
    assert!(acting.wait().unwrap().success(), "{deed:?}");
    action.assert_done();
}

#[test]
fn a_restart_of_the_api_server_is_waited_for() {
    goes_through_a_restart(Deed::Upgrade);
}

/// `cargo test --test interruptions -- --ignored`
#[test]
#[ignore = "starts four API servers; the test above takes a sample"]
fn every_action_goes_through_a_restart_of_the_api_server() {
    Deed::ALL.into_iter().for_each(goes_through_a_restart);
}

/// Has two upgrade a release at once, in so many rounds.
fn race(name: &str, rounds: usize, contender: impl Fn(&Action<'_>, usize, &str) -> Command) {
    let world = World::start();
    let action = world.prepare(Deed::Install, name);
    action.go_on(Next::Pintle);
    for round in 0..rounds {
        let letters = [format!("x{round}"), format!("y{round}")];
        let start = |(index, letter): (usize, &String)| contender(&action, index, letter).spawn().unwrap();
        let contenders: Vec<_> = letters.iter().enumerate().map(start).collect();
        let won =
            contenders.into_iter().filter_map(|mut child| child.wait().ok()).filter(|end| end.success());
        assert!(won.count() >= 1, "one of two gets through");
        action.assert_one_of(&letters);
        action.assert_history_is_whole();
    }
}

#[test]
fn of_two_who_upgrade_at_once_no_revision_and_no_object_is_lost() {
    race("race", 4, |action, _, letter| action.upgrade_here_to(letter));
}

/// `cargo test --test interruptions -- --ignored`
#[test]
#[ignore = "takes minutes; the test above takes a sample"]
fn races_of_two_of_ours_and_of_one_with_helm_lose_nothing() {
    race("race-many", 40, |action, _, letter| action.upgrade_here_to(letter));
    race("race-helm", 20, |action, index, letter| match index {
        0 => action.upgrade_here_to(letter),
        _ => action.upgrade_by_helm_to(letter),
    });
}

#[test]
fn without_leases_one_of_two_wins_and_the_other_touches_nothing() {
    let world = World::start();
    let action: Action<'_> = world.prepare(Deed::Install, "limited");
    let kubeconfig = world.user_without_leases();
    let output = action.pintle(&kubeconfig).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("not holding release"), "{output:?}");
    for round in 0..4 {
        let letters = [format!("x{round}"), format!("y{round}")];
        let contenders: Vec<_> =
            letters.iter().map(|letter| action.upgrade_to(letter, &kubeconfig).spawn().unwrap()).collect();
        let won =
            contenders.into_iter().filter_map(|mut child| child.wait().ok()).filter(|end| end.success());
        assert!(won.count() >= 1, "one of two gets through");
        action.assert_one_of(&letters);
    }
    action.assert_history_is_whole();
}

#[test]
fn a_pending_revision_of_helm_is_refused_in_helms_words() {
    let world = World::start();
    let action = world.prepare(Deed::Install, "helms");
    action.begin_with_helm_and_kill_it();
    let error = action.upgrade_to("b", world.kubeconfig()).output().unwrap();
    let error = String::from_utf8(error.stderr).unwrap();
    assert!(
        error.starts_with(
            "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress\n"
        ),
        "{error}"
    );
    assert!(error.contains("pintle rollback"), "says what to do: {error}");
}

#[test]
fn somebody_who_is_at_it_is_named_or_waited_for() {
    let world = World::start();
    let action = world.prepare(Deed::Install, "busy");
    let mut first = action.slow_install().spawn().unwrap();
    action.wait_until_held();
    let refused = action.upgrade_to("b", world.kubeconfig()).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("is in progress: held by ") && error.contains("--lock-timeout"), "{error}");
    let mut patient = action.upgrade_to("b", world.kubeconfig());
    assert!(patient.args(["--lock-timeout", "60s"]).status().unwrap().success());
    assert!(first.wait().unwrap().success());
    action.assert_one_of(&["b".to_owned()]);
}
