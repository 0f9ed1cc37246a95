//! Charts that many resources want: fetched once for all of them, and asked for again after a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Mutex as AsyncMutex;

use super::PlacementError;
use crate::api::ChartSource;
use crate::operator::dereference::Reader;
use crate::source::{Fetched, Sources};

/// How many bytes of archives are kept.
const BYTES: usize = 64 * 1024 * 1024;
/// How long a failure stands before the chart is asked for again.
const FAILURE: Duration = Duration::from_secs(10);

/// The charts. Cloning shares them.
#[derive(Clone)]
pub(in crate::operator) struct Charts {
    sources: Sources,
    /// How long a chart is taken as it is.
    fresh: Duration,
    slots: Arc<Mutex<HashMap<String, Arc<AsyncMutex<Slot>>>>>,
}

#[derive(Default)]
struct Slot {
    answer: Option<(Instant, Result<Fetched, ChartFailure>)>,
}

/// Why a chart can't be had.
#[derive(Clone, Debug)]
pub(in crate::operator) struct ChartFailure {
    pub(in crate::operator) reason: &'static str,
    pub(in crate::operator) message: String,
}

impl Charts {
    pub(in crate::operator) fn new(sources: Sources, fresh: Duration) -> Self {
        Self { sources, fresh, slots: Arc::default() }
    }

    /// The chart. Whoever asks for the same one at the same time gets the same answer; `scope` keeps those apart who
    /// log in with something of their own.
    pub(super) async fn get(
        &self,
        reader: &mut Reader,
        chart: &ChartSource,
        scope: &str,
    ) -> Result<Fetched, PlacementError> {
        let logs_in = chart.auth_secret_ref.is_some() || chart.tls_secret_ref.is_some();
        let scope = if logs_in { scope } else { "" };
        let key = format!("{scope}\n{}", serde_json::to_string(chart).unwrap_or_default());
        let slot = Arc::clone(self.slots.lock().entry(key).or_default());
        let mut slot = slot.lock().await;
        if let Some((at, answer)) = &slot.answer
            && at.elapsed() < if answer.is_ok() { self.fresh } else { FAILURE }
        {
            return answer.clone().map_err(PlacementError::Chart);
        }
        let fetched = reader.chart(&self.sources, chart).await.map_err(|error| ChartFailure {
            reason: error.reason(),
            message: reader.redactor.clean(&error.to_string()),
        });
        slot.answer = Some((Instant::now(), fetched.clone()));
        drop(slot);
        self.make_room();
        fetched.map_err(PlacementError::Chart)
    }

    /// Drops what is out of date, and past the bound what was fetched first. What is being fetched stays.
    fn make_room(&self) {
        let mut slots = self.slots.lock();
        let mut kept: Vec<(Instant, usize, String)> = Vec::new();
        slots.retain(|key, slot| {
            let Ok(slot) = slot.try_lock() else { return true };
            let Some((at, answer)) = &slot.answer else { return true };
            let bytes = answer.as_ref().map_or(0, |fetched| fetched.archive.len()) + key.len();
            let stays = at.elapsed() < self.fresh.max(FAILURE);
            if stays {
                kept.push((*at, bytes, key.clone()));
            }
            stays
        });
        kept.sort();
        let mut total: usize = kept.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, key) in kept {
            if total <= BYTES {
                return;
            }
            slots.remove(&key);
            total -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    use kube::Client;

    use super::*;
    use crate::source::HelmHome;

    fn charts() -> (Charts, Reader) {
        let client = Client::try_from(kube::Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap();
        let charts = Charts::new(Sources::new(HelmHome::from_environment()), Duration::from_secs(60));
        (charts, Reader::new(client, "n"))
    }

    #[tokio::test]
    async fn what_was_fetched_is_kept_and_so_is_a_failure_for_a_while() {
        let (charts, mut reader) = charts();
        let chart = ChartSource { inline: Some(BASE64_STANDARD.encode("chart")), ..ChartSource::default() };
        let first = charts.get(&mut reader, &chart, "a").await.unwrap();
        let second = charts.get(&mut reader, &chart, "b").await.unwrap();
        assert_eq!(first.archive.as_ptr(), second.archive.as_ptr());
        let broken = ChartSource { inline: Some("?".into()), ..ChartSource::default() };
        assert!(charts.get(&mut reader, &broken, "a").await.is_err());
        assert_eq!(charts.slots.lock().len(), 2);
    }
}
