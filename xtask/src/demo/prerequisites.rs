//! What has to be installed before anything is built.

use pintle_test_support::parts;

use crate::error::Error;
use crate::workspace::starts;

/// Says at once all that is missing, instead of one thing after minutes of building.
pub(super) fn check(builds_pintle: bool, starts_cluster: bool) -> Result<(), Error> {
    let mut missing = Vec::new();
    if builds_pintle && !starts("cc", "--version") {
        missing.push("a C compiler (`cc`): pintle's TLS is built with it; install gcc or clang");
    }
    let mut needed = vec![&parts::KUBECTL, &parts::HELM4];
    needed.extend(starts_cluster.then_some(&parts::CLUSTER));
    let built = needed.iter().all(|part| part.path().is_ok_and(|path| path.exists()));
    if !built && !starts("go", "version") {
        missing.push(
            "Go 1.26 or later (`go`): the control plane, kubectl and Helm are built with it; install it from \
             https://go.dev/dl/",
        );
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::Message(format!("these are missing, or not on PATH:\n  - {}", missing.join("\n  - "))))
}
