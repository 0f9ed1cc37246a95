//! When to ask again.

use std::time::Duration;

use http::header::RETRY_AFTER;
use rand::Rng as _;
use reqwest::Response;
use url::Url;

use super::{Failed, unexpected};
use crate::source::SourceError;
use crate::source::error::shown;

const ATTEMPTS: u32 = 4;
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// The longest we wait because a server says so.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// Counts the attempts at one URL and waits between them: 250 ms, doubled each time, with up to half more by chance.
pub(crate) struct Attempts<'a> {
    url: &'a Url,
    made: u32,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(url: &'a Url) -> Self {
        Self { url, made: 0 }
    }

    /// Waits before the next attempt, or gives the error that ends them.
    pub(crate) async fn after_failure(&mut self, failed: Failed) -> Result<(), SourceError> {
        let problem = match failed {
            Failed::Final(error) => return Err(error),
            Failed::Passing(problem) => problem,
        };
        self.made += 1;
        if self.made >= ATTEMPTS {
            return Err(SourceError::Unreachable { url: shown(self.url), attempts: self.made, problem });
        }
        tokio::time::sleep(self.delay()).await;
        Ok(())
    }

    /// As [`Attempts::after_failure`], for an answer with a status other than the wanted one.
    pub(crate) async fn after_status(&mut self, response: &Response) -> Result<(), SourceError> {
        self.made += 1;
        let passing = matches!(response.status().as_u16(), 408 | 429 | 500 | 502 | 503 | 504);
        if !passing || self.made >= ATTEMPTS {
            return Err(unexpected(self.url, response.status()));
        }
        tokio::time::sleep(asked_delay(response).unwrap_or_else(|| self.delay())).await;
        Ok(())
    }

    fn delay(&self) -> Duration {
        let delay = FIRST_DELAY * 2u32.saturating_pow(self.made.saturating_sub(1));
        delay.mul_f64(1.0 + rand::rng().random_range(0.0..0.5)).min(LONGEST_DELAY)
    }
}

/// What `Retry-After` asks for in seconds; dates are not understood.
fn asked_delay(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_DELAY))
}
