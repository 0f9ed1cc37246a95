//! Who holds a lease: a name for people, and a mark by which the same machine sees that the holder is gone.
//!
//! Numbers of processes mean something only within one boot of one machine and one namespace of processes, and they are
//! given again. The mark has all of it: `boot/namespace/number/start`.

use std::fs;
use std::sync::OnceLock;

/// `host_number_random`: this process, as a lease names it.
pub fn process_identity() -> String {
    let host = ["/etc/hostname", "/proc/sys/kernel/hostname"].into_iter().rev().find_map(read);
    let host = host.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_else(|| "unknown".into());
    format!("{host}_{}_{:08x}", std::process::id(), rand::random::<u32>())
}

/// The mark of this process; `None` where the system does not tell.
pub(super) fn own_mark() -> Option<&'static str> {
    static MARK: OnceLock<Option<String>> = OnceLock::new();
    let mark = MARK.get_or_init(|| {
        let number = std::process::id();
        Some(format!("{}/{number}/{}", place()?, started(number)?))
    });
    mark.as_deref()
}

/// Whether the process of that mark ran where we run, and is gone. False where we can't know.
pub(super) fn is_gone(mark: Option<&str>) -> bool {
    let parsed = mark.and_then(|mark| {
        let mut parts = mark.rsplitn(3, '/');
        let (start, number, place) = (parts.next()?, parts.next()?, parts.next()?);
        Some((place.to_owned(), number.parse::<u32>().ok()?, start.to_owned()))
    });
    let (Some((place_of_mark, number, start)), Some(here)) = (parsed, place()) else { return false };
    // Where not even our own process can be seen, the absence of another says nothing.
    let can_see = started(std::process::id()).is_some();
    place_of_mark == here && can_see && started(number).as_deref() != Some(start.as_str())
}

/// This boot and this namespace of processes.
fn place() -> Option<String> {
    let boot = read("/proc/sys/kernel/random/boot_id")?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{boot}/{}", namespace.to_str()?.trim_start_matches("pid:").trim_matches(['[', ']'])))
}

/// When a process started, in ticks since boot; `None` for one that is gone, or dead and not yet collected.
fn started(number: u32) -> Option<String> {
    let stat = read(&format!("/proc/{number}/stat"))?;
    // The name stands in parentheses and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") { None } else { fields.nth(18).map(str::to_owned) }
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_not_gone_and_an_ended_one_is() {
        let own = own_mark().unwrap();
        assert!(!is_gone(Some(own)));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let mark = format!("{}/{}/{}", place().unwrap(), child.id(), started(child.id()).unwrap());
        assert!(!is_gone(Some(&mark)));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(Some(&mark)));
    }

    #[test]
    fn nothing_is_known_of_other_machines() {
        assert!(!is_gone(None));
        assert!(!is_gone(Some("")));
        assert!(!is_gone(Some("another-boot/1/1/1")));
    }
}
