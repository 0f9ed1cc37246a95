//! Versions and version constraints as Helm understands them.
//!
//! Helm reads both with Go's `Masterminds/semver` 3.5: versions may lack parts and start with `v`, constraints know
//! `^`, `~`, `x`, ranges with a hyphen and `||`, and pre-releases match only what names one. This crate answers as
//! that library does, texts of errors included.
//!
//! ```
//! use gosemver::{Constraint, Version};
//!
//! let version = Version::parse("v1.30").unwrap();
//! assert_eq!(version.to_string(), "1.30.0");
//!
//! let constraint = Constraint::parse(">=1.28 <1.31").unwrap();
//! assert!(constraint.check(&version));
//! let older = Version::parse("1.27.9").unwrap();
//! assert_eq!(constraint.validate(&older).unwrap_err()[0].to_string(), r#""1.27.9" is less than "1.28""#);
//! ```

mod check;
mod constraint;
mod version;

pub use check::Violation;
pub use constraint::{Constraint, ParseConstraintError};
pub use version::{ParseVersionError, Version};

/// Whether a version satisfies a constraint; `false` also where either can't be read.
///
/// Helm: `IsCompatibleRange`.
pub fn is_compatible(constraint: &str, version: &str) -> bool {
    match (Constraint::parse(constraint), Version::parse(version)) {
        (Ok(constraint), Ok(version)) => constraint.check(&version),
        _ => false,
    }
}
