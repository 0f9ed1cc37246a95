//! Who makes releases, and who takes which part.

use std::fmt;

/// Who carries out a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Helm 3
    Helm3,
    /// Helm 4
    Helm4,
    /// pintle, in Helm 4's place.
    Pintle,
}

/// Who carries out the lines of a script, in turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast(&'static [Maker]);

/// What must come out the same: the helms among themselves, and the same with pintle in places of Helm 4.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// Helm only.
    pub reference: Cast,
    /// The same with pintle.
    pub subjects: &'static [Cast],
}

use Maker::{Helm3, Helm4, Pintle};

/// Every maker at every step, after each other one.
pub const COMPARISONS: [Comparison; 3] = [
    Comparison {
        reference: Cast(&[Helm4]),
        subjects: &[Cast(&[Pintle]), Cast(&[Pintle, Helm4]), Cast(&[Helm4, Pintle])],
    },
    Comparison { reference: Cast(&[Helm3, Helm4]), subjects: &[Cast(&[Helm3, Pintle])] },
    Comparison { reference: Cast(&[Helm4, Helm3]), subjects: &[Cast(&[Pintle, Helm3])] },
];

impl Cast {
    /// Whether Helm 4 does everything. Scripts say what it takes and what it refuses.
    pub(super) fn is_helm4(self) -> bool {
        self.0 == [Helm4]
    }

    /// Who carries out the action of that number.
    pub fn maker(self, number: usize) -> Maker {
        self.0.get(number % self.0.len().max(1)).copied().unwrap_or(Helm4)
    }
}

impl fmt::Display for Cast {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|maker| match maker {
            Helm3 => "helm 3",
            Helm4 => "helm 4",
            Pintle => "pintle",
        });
        write!(formatter, "{}", names.collect::<Vec<_>>().join(", "))
    }
}

/// Helm 3's spelling of a flag of Helm 4; `None` where it has no such flag and does without.
pub(super) fn in_helm3(word: &str) -> Option<String> {
    match word {
        "--rollback-on-failure" => Some("--atomic".into()),
        "--force-replace" => Some("--force".into()),
        "--wait=watcher" | "--wait=legacy" => Some("--wait".into()),
        "--wait=hookOnly" | "--force-conflicts" => None,
        // Of `rollback`, the only action that Helm 3 does not let describe.
        word if word.starts_with("--description=") => None,
        word if word.starts_with("--server-side") => None,
        word => Some(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_takes_turns() {
        let cast = Cast(&[Helm3, Pintle]);
        assert_eq!([0, 1, 2].map(|number| cast.maker(number)), [Helm3, Pintle, Helm3]);
        assert_eq!(cast.to_string(), "helm 3, pintle");
    }

    #[test]
    fn helm_3_does_without_server_side_apply() {
        assert_eq!(in_helm3("--server-side=true"), None);
        assert_eq!(in_helm3("--rollback-on-failure").as_deref(), Some("--atomic"));
        assert_eq!(in_helm3("--set").as_deref(), Some("--set"));
    }
}
