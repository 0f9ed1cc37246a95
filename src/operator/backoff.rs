//! How long to wait before trying again what failed.

use std::time::Duration;

use rand::Rng as _;

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// 5 s after the first failure, doubled with each, 15 min at most; up to a fifth more by chance.
pub(super) fn after(failures: u32) -> Duration {
    let delay = FIRST.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST);
    delay.mul_f64(1.0 + rand::rng().random_range(0.0..0.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_up_to_a_bound() {
        assert!(after(0) >= FIRST && after(1) < Duration::from_secs(7));
        assert!(after(4) >= Duration::from_secs(40));
        assert!(after(u32::MAX) <= LONGEST.mul_f64(1.2));
    }
}
