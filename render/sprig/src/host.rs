//! What functions need from outside: the clock, the local time zone, chance.

use std::time::SystemTime;

use jiff::tz::TimeZone;

/// The outside, as whoever renders gives it. The crate itself reads no clock and draws nothing.
///
/// One exception: RSA, ECDSA and Ed25519 keys come from the generator of the cryptographic library.
pub trait Host: Send + Sync {
    /// The present (`now`, `ago`, `date` of what is no date, the validity of certificates).
    fn now(&self) -> SystemTime;

    /// Go's `time.Local`. Default: UTC.
    fn local_zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    /// What Go calls `time.Local`: the zone that the variable `TZ` names, `UTC` where it names none, and `Local`
    /// where it is not set. Default: `UTC`.
    fn local_zone_name(&self) -> String {
        "UTC".to_owned()
    }

    /// Fills the buffer with random bytes, fit for secrets.
    fn fill_random(&self, bytes: &mut [u8]);
}
