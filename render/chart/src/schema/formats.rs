//! Formats in which boon differs from the validator that Helm uses.

use std::error::Error;

use boon::Format;
use serde_json::Value as Json;

/// Formats to register over boon's own.
pub(super) const ALL: [Format; 4] = [
    Format { name: "regex", func: regex },
    Format { name: "ipv4", func: ipv4 },
    // Helm's validator does not know these two, so anything goes.
    Format { name: "idn-hostname", func: anything },
    Format { name: "idn-email", func: anything },
];

type Verdict = Result<(), Box<dyn Error>>;

/// Regular expressions are Go's: no look-around, no back-references.
fn regex(value: &Json) -> Verdict {
    match value {
        Json::String(pattern) => {
            goregex::Regex::new(pattern.as_bytes()).map(|_| ()).map_err(|error| error.to_string().into())
        }
        _ => Ok(()),
    }
}

fn ipv4(value: &Json) -> Verdict {
    let Json::String(text) = value else { return Ok(()) };
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return Err("expected four decimals".into());
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return Err("leading zeros".into());
        }
        let number = value::parse_int(group, 10).map_err(|error| error.of_function("Atoi").to_string())?;
        if !(0..=255).contains(&number) {
            return Err("decimal must be between 0 and 255".into());
        }
    }
    Ok(())
}

fn anything(_: &Json) -> Verdict {
    Ok(())
}
