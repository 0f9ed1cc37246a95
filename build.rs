//! How the `pintle` binary is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| std::env::var(variable).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        // At a fixed address, as Go's executables: the loader then has no 36,000 addresses to correct, which touches a
        // megabyte of memory and takes half a millisecond of every start.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
