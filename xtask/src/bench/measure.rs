//! What one run of a program took, as the operating system counts it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::once;
use crate::shipped::copy_in_pieces;
use crate::workspace;

/// Time and memory of one run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) wall: Duration,
    /// User and system time together.
    pub(super) cpu: Duration,
    /// Peak resident memory in bytes.
    pub(super) memory: u64,
}

/// A program that does the work.
#[derive(Clone, Debug)]
pub(super) struct Contender {
    pub(super) program: PathBuf,
}

/// Helm 3, Helm 4 and pintle, in this order: copies that are made alike and now. How a file's pages lie in memory
/// depends on how and when it was written, and is worth a tenth of a start.
pub(super) fn contenders(pintle: Option<&Path>) -> Result<[Contender; 3], String> {
    let helm = |part: &pintle_test_support::parts::Part| part.ensure().map_err(|error| error.to_string());
    let pintle = match pintle {
        Some(program) => program.to_owned(),
        None => crate::shipped::build_shipped().map_err(|error| error.to_string())?,
    };
    let [helm3, helm4] = [&pintle_test_support::parts::HELM3, &pintle_test_support::parts::HELM4].map(helm);
    Ok([copied("helm3", &helm3?)?, copied("helm4", &helm4?)?, copied("pintle", &pintle)?])
}

fn copied(name: &str, program: &Path) -> Result<Contender, String> {
    let folder = workspace::target().join("bench");
    let copy = folder.join(name);
    let made = fs::create_dir_all(&folder).and_then(|()| copy_in_pieces(program, &copy));
    made.map_err(|error| format!("failed to copy {} to {}: {error}", program.display(), copy.display()))?;
    Ok(Contender { program: copy })
}

impl Contender {
    /// Runs the program with these arguments and no cluster, its output thrown away.
    pub(super) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Cost, String> {
        self.run_on(Path::new("/dev/null"), arguments)
    }

    /// The same with a cluster.
    pub(super) fn run_on<S: AsRef<OsStr>>(&self, kubeconfig: &Path, arguments: &[S]) -> Result<Cost, String> {
        once::start(self.program.as_os_str(), kubeconfig, arguments)
    }
}

/// The median of each figure by itself.
pub(super) fn median(costs: &[Cost]) -> Cost {
    Cost {
        wall: middle(costs.iter().map(|cost| cost.wall)),
        cpu: middle(costs.iter().map(|cost| cost.cpu)),
        memory: middle(costs.iter().map(|cost| cost.memory)),
    }
}

/// The middle one of some values; the default of none.
pub(super) fn middle<T: PartialOrd + Default + Copy>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// `a / b`, infinite where `b` is nothing.
pub(super) fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// Milliseconds for a table.
pub(super) fn milliseconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}

/// Mebibytes for a table.
pub(super) fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}
