//! What templates may know of this machine: its clock, its time zone, and chance.

use std::net::{IpAddr, ToSocketAddrs as _};
use std::time::SystemTime;

use jiff::tz::TimeZone;
use rand::TryRngCore;
use rand::rngs::OsRng;

/// The addresses of a host, as this machine's resolver knows them.
pub(crate) fn addresses(name: &str) -> Vec<IpAddr> {
    (name, 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
}

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

    fn local_zone_name(&self) -> String {
        let Some(variable) = std::env::var_os("TZ") else { return "Local".to_owned() };
        let name = variable.to_string_lossy();
        let name = name.strip_prefix(':').unwrap_or(&name);
        let is_known = std::path::Path::new(name).is_absolute() || TimeZone::get(name).is_ok();
        match name {
            "/etc/localtime" => "Local".to_owned(),
            name if is_known => name.to_owned(),
            _ => "UTC".to_owned(),
        }
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        if OsRng.try_fill_bytes(bytes).is_err() {
            // Without the system's generator a secret would be guessable.
            std::process::abort();
        }
    }
}
