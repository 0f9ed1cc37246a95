//! What we depend on: its licence, where it comes from, and what must not come in, or not twice.
//!
//! `deny.toml` says the same for cargo-deny, which also knows security advisories but takes minutes to build.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{Problems, spdx};
use crate::error::Error;
use crate::workspace::{cargo, list, metadata, output, root, text};

/// Licences that ask for no more than to be named.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that must not come in, and what there is instead.
const BANNED: &[(&str, &str)] = &[
    ("native-tls", "rustls"),
    ("openssl", "rustls with aws-lc-rs"),
    ("openssl-sys", "rustls with aws-lc-rs"),
    ("ring", "aws-lc-rs, which is in already"),
    ("serde_yaml", "our goyaml"),
];

/// Crates that cost so much, or whose types meet so often, that one version has to do.
const SINGLE: &[&str] = &[
    "aws-lc-rs",
    "axum",
    "clap",
    "http",
    "hyper",
    "k8s-openapi",
    "kube",
    "kube-client",
    "reqwest",
    "rustls",
    "serde",
    "serde_json",
    "tokio",
];

/// Checks all packages that are built for some platform.
pub(super) fn check() -> Result<Problems, Error> {
    let metadata = metadata()?;
    let used = used()?;
    let is_used =
        |package: &&Value| used.contains(&(text(package, "name").into(), text(package, "version").into()));
    let packages: Vec<&Value> = list(&metadata, "packages").iter().filter(is_used).collect();
    let mut problems: Problems = packages.iter().flat_map(|package| check_package(package)).collect();
    for name in SINGLE {
        let versions: Vec<&str> = packages
            .iter()
            .filter(|package| text(package, "name") == *name)
            .map(|package| text(package, "version"))
            .collect();
        if versions.len() > 1 {
            problems.push(format!("{name} is there in versions {}; one has to do", versions.join(" and ")));
        }
    }
    Ok(problems)
}

/// Name and version of the packages that are built. `cargo metadata` has more: those that features nobody has
/// turned on would bring.
fn used() -> Result<BTreeSet<(String, String)>, Error> {
    let args =
        ["tree", "--workspace", "--locked", "--target=all", "--edges=normal,build,dev", "--prefix=none"];
    let tree = output(cargo(&args).arg("--format={p}"))?;
    let words = tree.lines().filter_map(|line| line.split_once(" v"));
    Ok(words.map(|(name, rest)| (name.into(), rest.split(' ').next().unwrap_or_default().into())).collect())
}

fn check_package(package: &Value) -> Problems {
    let (name, version) = (text(package, "name"), text(package, "version"));
    let mut problems = Problems::new();
    if let Some((_, instead)) = BANNED.iter().find(|(banned, _)| *banned == name) {
        problems.push(format!(
            "{name} {version} must not come in; use {instead} (`cargo tree -i {name}` shows who asks)"
        ));
    }
    match package["source"].as_str() {
        None if Path::new(text(package, "manifest_path")).starts_with(root()) => {}
        None => problems.push(format!("{name} {version} comes from a path outside this repository")),
        Some("registry+https://github.com/rust-lang/crates.io-index") => {}
        Some(other) => {
            problems.push(format!("{name} {version} comes from {other}; only crates.io is allowed"))
        }
    }
    let licence = text(package, "license");
    if !spdx::allows(licence, LICENCES) {
        problems.push(format!(
            "{name} {version} has the licence {licence:?}, which is not in xtask/src/test/licences.rs"
        ));
    }
    problems
}
