//! What one run of a program took, as the operating system counts it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// Time and memory of one run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub(super) wall: Duration,
    /// User and system time together.
    pub(super) cpu: Duration,
    /// Peak resident memory in bytes.
    pub(super) memory: u64,
}

/// One way to do the work: the name for the table and the program with its leading arguments.
#[derive(Clone, Debug)]
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) program: std::path::PathBuf,
}

/// Helm 3, Helm 4 and pintle, in this order.
pub(super) fn contenders(pintle: Option<&Path>) -> Result<[Contender; 3], String> {
    let helm = |part: &pintle_test_support::parts::Part| part.ensure().map_err(|error| error.to_string());
    let pintle = match pintle {
        Some(program) => program.to_owned(),
        None => crate::pintle::build(crate::pintle::Profile::Release)?,
    };
    Ok([
        Contender { name: "helm3", program: helm(&pintle_test_support::parts::HELM3)? },
        Contender { name: "helm4", program: helm(&pintle_test_support::parts::HELM4)? },
        Contender { name: "pintle", program: pintle },
    ])
}

impl Contender {
    /// Runs the program with these arguments and no cluster, its output thrown away.
    pub(super) fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Result<Cost, String> {
        self.run_on(Path::new("/dev/null"), arguments)
    }

    /// The same with a cluster.
    pub(super) fn run_on<S: AsRef<std::ffi::OsStr>>(
        &self,
        kubeconfig: &Path,
        arguments: &[S],
    ) -> Result<Cost, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.program.display());
        let mut command = Command::new(&self.program);
        command.args(arguments).env("KUBECONFIG", kubeconfig).env("TZ", "UTC");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let used = command.spawn().map_err(failed)?.wait4().map_err(failed)?;
        let wall = start.elapsed();
        if !used.status.success() {
            return Err(format!("{} failed: {}", self.name, used.status));
        }
        Ok(Cost { wall, cpu: used.rusage.utime + used.rusage.stime, memory: used.rusage.maxrss })
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
