//! Whether a version satisfies a constraint, and if not, why.

use std::cmp::Ordering;

use thiserror::Error;

use crate::Version;
use crate::constraint::{Alternative, Comparison, Constraint, Operator, Wildcard};
use crate::version::compare_prereleases;

/// A comparison that a version fails; `Display` is Go's text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Violation(String);

impl Constraint {
    /// Whether the version satisfies one of the alternatives.
    pub fn check(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|alternative| alternative.check(version))
    }

    /// As [`Constraint::check`], telling all that fails.
    ///
    /// # Errors
    /// Every comparison that fails, in order; that the version is a pre-release is told once.
    pub fn validate(&self, version: &Version) -> Result<(), Vec<Violation>> {
        let mut violations = Vec::new();
        let mut told_of_prerelease = false;
        for alternative in &self.alternatives {
            if alternative.excludes(version) {
                if !told_of_prerelease {
                    violations.push(prerelease_violation(version));
                    told_of_prerelease = true;
                }
                continue;
            }
            let failed = alternative.comparisons.iter().filter_map(|each| each.check(version).err());
            let before = violations.len();
            violations.extend(failed);
            if violations.len() == before {
                return Ok(());
            }
        }
        Err(violations)
    }
}

impl Alternative {
    fn check(&self, version: &Version) -> bool {
        !self.excludes(version) && self.comparisons.iter().all(|each| each.check(version).is_ok())
    }

    /// Whether the version is a pre-release and nobody asked for one.
    fn excludes(&self, version: &Version) -> bool {
        !version.prerelease().is_empty() && !self.admits_prereleases
    }
}

fn prerelease_violation(version: &Version) -> Violation {
    Violation(format!(
        "\"{version}\" is a prerelease version and the constraint is only looking for release versions"
    ))
}

impl Comparison {
    fn check(&self, version: &Version) -> Result<(), Violation> {
        match self.operator {
            Operator::Equal if self.wildcard == Wildcard::None => {
                self.require(version == &self.version, version, "is not equal to")
            }
            Operator::Equal | Operator::Tilde => self.check_tilde(version),
            Operator::NotEqual => self.require(self.differs(version), version, "is equal to"),
            Operator::Greater => self.require(self.is_below(version), version, "is less than or equal to"),
            Operator::Less => self.require(version < &self.version, version, "is greater than or equal to"),
            Operator::GreaterOrEqual => self.require(version >= &self.version, version, "is less than"),
            Operator::LessOrEqual => self.require(self.reaches(version), version, "is greater than"),
            Operator::Caret => self.check_caret(version),
        }
    }

    fn require(&self, holds: bool, version: &Version, otherwise: &str) -> Result<(), Violation> {
        if holds { Ok(()) } else { Err(Violation(format!("\"{version}\" {otherwise} \"{}\"", self.written))) }
    }

    /// `!=`: outside of what a wildcard leaves open.
    fn differs(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.wildcard == Wildcard::None {
            return version != wanted;
        }
        if wanted.major() != version.major() {
            return true;
        }
        if self.wildcard == Wildcard::Minor {
            return false;
        }
        if wanted.minor() != version.minor() {
            return true;
        }
        if self.wildcard == Wildcard::Major {
            // `!=*`: the library compares with 0.0.0 to the end.
            return wanted.patch() != version.patch() || version != wanted;
        }
        let both_are_releases = version.prerelease().is_empty() && wanted.prerelease().is_empty();
        !both_are_releases
            && compare_prereleases(version.prerelease(), wanted.prerelease()) != Ordering::Equal
    }

    /// `>`: above everything that a wildcard leaves open.
    fn is_below(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.wildcard {
            Wildcard::None => version > wanted,
            _ if version.major() != wanted.major() => version.major() > wanted.major(),
            Wildcard::Minor => false,
            Wildcard::Patch => version.minor() > wanted.minor(),
            Wildcard::Major => version > wanted,
        }
    }

    /// `<=`: up to the end of what a wildcard leaves open.
    fn reaches(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.wildcard == Wildcard::None {
            return version <= wanted;
        }
        let above_minor = version.major() == wanted.major()
            && version.minor() > wanted.minor()
            && self.wildcard != Wildcard::Minor;
        version.major() <= wanted.major() && !above_minor
    }

    fn check_tilde(&self, version: &Version) -> Result<(), Violation> {
        let wanted = &self.version;
        self.require(version >= wanted, version, "is less than")?;
        let is_zero = (wanted.major(), wanted.minor(), wanted.patch()) == (0, 0, 0);
        if is_zero && matches!(self.wildcard, Wildcard::None | Wildcard::Major) {
            return Ok(());
        }
        self.require(version.major() == wanted.major(), version, "does not have same major version as")?;
        let same_minor = version.minor() == wanted.minor() || self.wildcard == Wildcard::Minor;
        self.require(same_minor, version, "does not have same major and minor version as")
    }

    fn check_caret(&self, version: &Version) -> Result<(), Violation> {
        const MAJOR: &str = "does not have same major version as";
        const MINOR: &str = "does not have same minor version as";
        let wanted = &self.version;
        self.require(version >= wanted, version, "is less than")?;
        if wanted.major() > 0 || self.wildcard == Wildcard::Minor {
            return self.require(version.major() == wanted.major(), version, MAJOR);
        }
        self.require(version.major() == 0, version, MAJOR)?;
        if wanted.minor() > 0 || self.wildcard == Wildcard::Patch {
            let rule = "Expected minor versions to match when constraint major version is 0";
            return explained(self.require(version.minor() == wanted.minor(), version, MINOR), rule);
        }
        self.require(version.minor() == 0, version, MINOR)?;
        let rule = "Expect version and constraint to equal when major and minor versions are 0";
        explained(self.require(version.patch() == wanted.patch(), version, "does not equal"), rule)
    }
}

fn explained(result: Result<(), Violation>, rule: &str) -> Result<(), Violation> {
    result.map_err(|Violation(text)| Violation(format!("{text}. {rule}")))
}
