//! Tokens that say who we are.

use std::fmt;

use futures::future::BoxFuture;
use http::HeaderValue;

use super::HubError;

/// A bearer token. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token as the identity service gave it.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// The `Authorization` header, marked as sensitive.
    pub(super) fn header(&self) -> Result<HeaderValue, HubError> {
        let mut header = HeaderValue::from_str(&format!("Bearer {}", self.0))
            .map_err(|_| HubError::Token("it holds characters that can't be in a header".into()))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(***)")
    }
}

/// Where tokens come from. Asked before every connection.
pub trait TokenSource: Send + Sync + 'static {
    /// A token that is good for a while. `rejected` is one that the hub did not take: give another.
    ///
    /// # Errors
    /// When none can be had; the connection is then tried again later.
    fn token<'a>(&'a self, rejected: Option<&'a Token>) -> BoxFuture<'a, Result<Token, HubError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown() {
        let token = Token::new("canary".into());
        assert!(!format!("{token:?}{:?}", token.header().unwrap()).contains("canary"));
    }

    #[test]
    fn a_token_that_would_break_a_header_is_refused_without_being_shown() {
        let error = Token::new("canary\r\nX: y".into()).header().unwrap_err().to_string();
        assert!(error.contains("header") && !error.contains("canary"));
    }
}
