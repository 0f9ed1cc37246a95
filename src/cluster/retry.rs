//! Asking again when a connection broke: a server that restarts, a load balancer that forgot us.
//!
//! Only for requests whose second time does no harm. What the server itself asks to repeat (429, 503) the client
//! repeats already.

use std::time::Duration;

use tokio::time::Instant;

use super::ApiError;

/// How long an answer may take, further tries included.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);
/// For how long a broken connection is met with another try.
const PATIENCE: Duration = Duration::from_secs(45);
/// The same for the first question of all, whose failure somebody waits for.
const BRIEFLY: Duration = Duration::from_millis(500);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Sends a request, and again while connections break.
///
/// # Errors
/// What the server said, or why the last connection broke.
pub(crate) async fn while_broken<T, Answer>(send: impl FnMut() -> Answer) -> Result<T, kube::Error>
where
    Answer: Future<Output = Result<T, kube::Error>>,
{
    until(Instant::now() + PATIENCE, send).await
}

/// The answer to a request, asked for again while connections break, and waited for a minute.
///
/// # Errors
/// [`ApiError::Timeout`] with the request's name where none comes; else what the server says.
pub(crate) async fn answered<T, Answer>(
    name: impl FnOnce() -> String,
    send: impl FnMut() -> Answer,
) -> Result<T, ApiError>
where
    Answer: Future<Output = Result<T, kube::Error>>,
{
    match tokio::time::timeout(TIMEOUT, while_broken(send)).await {
        Ok(answer) => answer.map_err(ApiError::from),
        Err(_) => Err(ApiError::Timeout { request: name(), seconds: TIMEOUT.as_secs() }),
    }
}

/// As [`while_broken`], for the question whether anybody is there at all.
///
/// # Errors
/// What the server said, or why the last connection broke.
pub(super) async fn while_briefly_broken<T, Answer>(send: impl FnMut() -> Answer) -> Result<T, kube::Error>
where
    Answer: Future<Output = Result<T, kube::Error>>,
{
    until(Instant::now() + BRIEFLY, send).await
}

async fn until<T, Answer>(deadline: Instant, mut send: impl FnMut() -> Answer) -> Result<T, kube::Error>
where
    Answer: Future<Output = Result<T, kube::Error>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match send().await {
            Err(error) if is_broken(&error) && Instant::now() + pause < deadline => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            answer => return answer,
        }
    }
}

/// Whether there was no whole answer. An answer cut short can't be read, which looks like nonsense.
fn is_broken(error: &kube::Error) -> bool {
    match error {
        kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_) => true,
        kube::Error::SerdeError(source) => source.is_eof(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn broken() -> kube::Error {
        kube::Error::Service("connection reset".into())
    }

    #[tokio::test]
    async fn a_broken_connection_is_tried_again() {
        let tries = Cell::new(0);
        let answer = while_broken(|| {
            tries.set(tries.get() + 1);
            let answer = if tries.get() < 3 { Err(broken()) } else { Ok(tries.get()) };
            async { answer }
        });
        assert_eq!(answer.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn patience_ends() {
        let deadline = Instant::now() + 2 * FIRST_PAUSE;
        assert!(until(deadline, || async { Err::<(), _>(broken()) }).await.is_err());
    }
}
