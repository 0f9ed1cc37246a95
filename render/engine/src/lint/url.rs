//! Are these URLs and mail addresses? As strict as Helm's linter on what charts write, not a full parser.

/// An absolute URL, or a path: what Go's `url.ParseRequestURI` takes, with a scheme.
pub(super) fn is_request_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let letters = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
    scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(letters)
        && !rest.is_empty()
        && !text.contains(|letter: char| letter.is_ascii_control() || letter == ' ')
        && host_is_clean(rest)
}

fn host_is_clean(rest: &str) -> bool {
    let Some(authority) = rest.strip_prefix("//") else { return true };
    let host = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let port = host.rsplit_once(':').map_or("", |(_, port)| port.trim_end_matches(']'));
    !host.contains(['<', '>', '"', '{', '}', '|', '\\', '^', '`'])
        && (host.ends_with(']') || port.chars().all(|digit| digit.is_ascii_digit()))
}

/// A URL of a host with a dot in its name, or `localhost`, or an address; the scheme may be left out.
pub(super) fn is_url(text: &str) -> bool {
    let rest = match text.split_once("://") {
        Some((scheme, rest))
            if ["http", "https", "ftp", "tcp", "udp", "ws", "wss", "rtmp", "irc"].contains(&scheme) =>
        {
            rest
        }
        Some(_) => return false,
        None => text,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    text.len() >= 4
        && !text.starts_with('.')
        && !text.contains(char::is_whitespace)
        && (host == "localhost" || host.contains('.') && host.trim_end_matches('.').split('.').all(label))
}

/// `local@domain`, with a dot in the domain.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let odd = |letter: char| {
        letter.is_whitespace()
            || matches!(letter, '(' | ')' | '<' | '>' | ',' | ';' | ':' | '@' | '[' | ']' | '\\')
    };
    !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local.contains(odd)
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.contains(odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_addresses_are_told_from_other_texts() {
        assert!(is_request_url("https://example.com/icon.png"));
        assert!(!is_request_url("example.com"));
        assert!(!is_request_url("https://a b"));
        assert!(is_url("https://example.com/x"));
        assert!(is_url("example.com"));
        assert!(!is_url("ex ample"));
        assert!(is_email("a.b@example.com"));
        assert!(!is_email("a@b"));
    }
}
