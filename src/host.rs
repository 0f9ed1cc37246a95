//! What templates may know of this machine: its clock, its time zone, and chance.

use std::time::SystemTime;

use jiff::tz::TimeZone;
use rand::TryRngCore;
use rand::rngs::OsRng;

/// This machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemHost;

impl sprig::Host for SystemHost {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn local_zone(&self) -> TimeZone {
        TimeZone::system()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        if OsRng.try_fill_bytes(bytes).is_err() {
            // Without the system's generator a secret would be guessable.
            std::process::abort();
        }
    }
}
