//! `getHostByName`: name servers are asked only where the user allows it.

use gotemplate::{Call, FunctionError};
use value::Str;

use crate::render::Host;

/// One of the addresses of a host, drawn as sprig does; "" where nobody is to be asked. To draw one of none is an error:
/// so a name fails that nobody knows.
pub(super) fn get_host_by_name(
    chance: &dyn sprig::Host,
    call: &mut Call<'_>,
    name: &Str,
) -> Result<String, FunctionError> {
    let Some(addresses) = Host::of(call).and_then(|host| host.addresses.clone()) else {
        return Ok(String::new());
    };
    let addresses = addresses(&name.to_text());
    let drawn = sprig::rand_int(chance, 0, addresses.len() as isize)?;
    Ok(addresses.get(drawn as usize).map(ToString::to_string).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;

    use crate::Options;
    use crate::render::Addresses;
    use crate::testing::render;

    fn address_of(name: &str, addresses: Option<Addresses>) -> String {
        render(&format!("{{{{ getHostByName {name:?} }}}}"), &Options { addresses, ..Options::default() })
    }

    #[test]
    fn without_leave_no_name_has_an_address() {
        assert_eq!(address_of("localhost", None), "");
    }

    #[test]
    fn a_name_has_one_of_its_addresses_or_fails_as_in_sprig() {
        let known = |name: &str| match name {
            "web" => vec![IpAddr::from([10, 0, 0, 1])],
            _ => Vec::new(),
        };
        assert_eq!(address_of("web", Some(Arc::new(known))), "10.0.0.1");
        let error = address_of("nowhere", Some(Arc::new(known)));
        assert!(error.ends_with("error calling getHostByName: invalid argument to Intn"), "{error}");
    }
}
