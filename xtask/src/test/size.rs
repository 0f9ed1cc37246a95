//! No source file grows past what can be taken in at once, unless there is a reason.

use std::path::Path;

use super::Problems;
use crate::error::Error;
use crate::workspace;

const LINES: usize = 600;

/// Files that may be longer, and why.
const LONGER: &[(&str, &str)] = &[];

/// Checks all Rust and Go files.
pub(super) fn check() -> Result<Problems, Error> {
    let mut problems = Problems::new();
    for path in workspace::files(&["*.rs", "*.go"])? {
        let lines = workspace::read(&path)?.lines().count();
        let allowed = LONGER.iter().any(|(longer, _)| Path::new(longer) == path);
        if lines > LINES && !allowed {
            problems.push(format!(
                "{} has {lines} lines, more than {LINES}: split it, or list it in xtask/src/test/size.rs with the reason",
                path.display()
            ));
        }
    }
    let stale = LONGER.iter().filter(|(path, _)| !workspace::root().join(path).exists());
    problems.extend(
        stale.map(|(path, _)| format!("{path} is listed in xtask/src/test/size.rs but does not exist")),
    );
    Ok(problems)
}
