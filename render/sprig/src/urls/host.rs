//! The host of a URL.

use std::net::Ipv6Addr;

use memchr::{memchr, memmem, memrchr};

use super::escaping::{Part, unescape};

/// Reads a host with its port, as Go's `parseHost`; the error is Go's text.
pub(super) fn parse(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    match memrchr(b'[', host) {
        Some(0) => return literal(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    if let (Some(first), Some(last)) = (memchr(b':', host), memrchr(b':', host)) {
        // Lists of hosts with ports are allowed but for the web.
        let port = if matches!(scheme, b"http" | b"https") { first } else { last };
        check_port(host.get(port..).unwrap_or_default())?;
    }
    unescape(host, Part::Host)
}

/// The host without its port and brackets.
pub(super) fn without_port(host: &[u8]) -> &[u8] {
    let colon =
        memrchr(b':', host).filter(|colon| check_port(host.get(*colon..).unwrap_or_default()).is_ok());
    let name = colon.and_then(|colon| host.get(..colon)).unwrap_or(host);
    name.strip_prefix(b"[").and_then(|name| name.strip_suffix(b"]")).unwrap_or(name)
}

/// An address of IPv6 in brackets.
fn literal(host: &[u8]) -> Result<Vec<u8>, String> {
    let close = memrchr(b']', host).ok_or_else(|| "missing ']' in host".to_owned())?;
    let (bracketed, after) = host.split_at(close + 1);
    check_port(after)?;
    let port = unescape(after, Part::Host)?;
    let inner = bracketed.get(1..close).unwrap_or_default();
    let name = match memmem::find(inner, b"%25") {
        Some(zone) => {
            let (address, zone) = inner.split_at(zone);
            [unescape(address, Part::Host)?, unescape(zone, Part::Zone)?].concat()
        }
        None => unescape(inner, Part::Host)?,
    };
    check_address(&name)?;
    Ok([b"[", name.as_slice(), b"]", port.as_slice()].concat())
}

fn check_address(name: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(name);
    let (address, zone) =
        text.split_once('%').map_or((&*text, None), |(address, zone)| (address, Some(zone)));
    if zone.is_none() && address.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err("invalid IP-literal".to_owned());
    }
    let valid = address.parse::<Ipv6Addr>().is_ok() && zone != Some("");
    if valid {
        Ok(())
    } else {
        Err(format!("invalid host: ParseAddr({}): unable to parse IP", value::format::quote(&*text)))
    }
}

fn check_port(port: &[u8]) -> Result<(), String> {
    let valid = port.is_empty()
        || port.strip_prefix(b":").is_some_and(|digits| digits.iter().all(u8::is_ascii_digit));
    if valid { Ok(()) } else { Err(format!("invalid port {} after host", value::format::quote(port))) }
}
