//! How long to wait before the next attempt.

use std::time::Duration;

/// Random waits that may grow to twice as long with every failure: nobody knows when the hub is back, and not everybody
/// should ask at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first wait. Default 4 s.
    pub first: Duration,
    /// The longest wait. Default 60 s.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(4), longest: Duration::from_secs(60) }
    }
}

impl Backoff {
    /// How long to wait at most after so many failures.
    fn ceiling(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.longest)
    }

    /// A random wait after so many failures.
    pub(super) fn wait(&self, failures: u32) -> Duration {
        self.ceiling(failures).mul_f64(rand::random::<f64>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff::default();
        let ceilings: Vec<u64> = (0..6).map(|failures| backoff.ceiling(failures).as_secs()).collect();
        assert_eq!(ceilings, [4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.ceiling(u32::MAX).as_secs(), 60);
    }

    #[test]
    fn no_wait_is_longer_than_its_ceiling() {
        let backoff = Backoff::default();
        assert!((0..100).all(|_| backoff.wait(0) <= backoff.first));
    }
}
