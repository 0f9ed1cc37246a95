//! What Kubernetes allows as `metadata.name`, by kind.

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
    and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const DOTS: &str = "must not contain dots";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
    start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
    alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for \
    validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/// Checks a name as the API server would; the error is that of Helm's linter.
pub(super) fn check(kind: &str, name: &str) -> Result<(), String> {
    let faults = match kind.to_lowercase().as_str() {
        "certificatesigningrequest" => return Ok(()),
        "service" => faults(name, 63, is_label_1035, LABEL_1035),
        // A subdomain that is no label can only have dots.
        "namespace" if !is_label(name) && is_subdomain(name) => faults(name, 63, is_label, DOTS),
        "namespace" => faults(name, 63, is_label, LABEL),
        "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => path_segment_faults(name),
        _ => faults(name, 253, is_subdomain, SUBDOMAIN),
    };
    let faults: Vec<_> = faults
        .into_iter()
        .map(|fault| format!("metadata.name: Invalid value: {}: {fault}", value::format::quote(name)))
        .collect();
    let text = match &faults[..] {
        [] => return Ok(()),
        [fault] => fault.clone(),
        faults => format!("[{}]", faults.join(", ")),
    };
    let name = value::format::quote(name);
    Err(format!("object name does not conform to Kubernetes naming requirements: {name}: {text}"))
}

fn faults(name: &str, longest: usize, valid: fn(&str) -> bool, rule: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if name.len() > longest {
        faults.push(format!("must be no more than {longest} bytes"));
    }
    if !valid(name) {
        faults.push(rule.to_owned());
    }
    faults
}

fn path_segment_faults(name: &str) -> Vec<String> {
    if name == "." || name == ".." {
        return vec![format!("may not be '{name}'")];
    }
    let illegal = ['/', '%'].into_iter().filter(|letter| name.contains(*letter));
    illegal.map(|letter| format!("may not contain '{letter}'")).collect()
}

fn is_subdomain(name: &str) -> bool {
    name.split('.').all(is_label)
}

fn is_label(name: &str) -> bool {
    let alphanumeric = |letter: Option<char>| letter.is_some_and(is_lower_or_digit);
    alphanumeric(name.chars().next())
        && alphanumeric(name.chars().next_back())
        && name.chars().all(|letter| is_lower_or_digit(letter) || letter == '-')
}

fn is_label_1035(name: &str) -> bool {
    is_label(name) && name.starts_with(|letter: char| letter.is_ascii_lowercase())
}

fn is_lower_or_digit(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_are_held_against_the_rule_of_their_kind() {
        assert!(check("Pod", "a.b-c").is_ok());
        assert!(check("Service", "1a").is_err());
        assert!(check("Namespace", "a.b").unwrap_err().ends_with(": must not contain dots"));
        assert!(check("Role", "system:x").is_ok());
        assert!(check("Role", "a/b").unwrap_err().ends_with("may not contain '/'"));
        assert!(check("Deployment", "").is_err());
    }
}
