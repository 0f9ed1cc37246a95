//! Repairs that don't last. Where somebody else sets the same fields again each time, repairing them at every look is an
//! endless fight of two programs, and a new revision each time: it is slowed down, and said.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::deploy::Drift;

/// How often the same field is repaired as soon as it is seen.
const AT_ONCE: u32 = 3;
/// The first pause, which doubles with each further repair, and the longest.
const FIRST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(3600);
/// After how long without a repair a field counts as never repaired.
const CALM: Duration = Duration::from_secs(2 * 3600);

/// What was repaired of each release, by objects and fields. Kept in memory: after a restart all repairs are the first.
pub(super) struct Repairs<K> {
    of: Mutex<HashMap<K, HashMap<String, Repaired>>>,
}

#[derive(Clone, Copy, Debug)]
struct Repaired {
    times: u32,
    at: Instant,
}

/// Fields that were repaired again and again and are left for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contested {
    /// How often the one that was repaired most often was.
    pub(super) times: u32,
    /// How long after the last repair the next one comes.
    pub(super) pause: Duration,
}

impl<K> Default for Repairs<K> {
    fn default() -> Self {
        Self { of: Mutex::default() }
    }
}

impl<K: Eq + Hash + Clone> Repairs<K> {
    /// Whether drift has to wait: not as long as some of it was not repaired lately.
    pub(super) fn contested(&self, of: &K, drift: &[Drift], now: Instant) -> Option<Contested> {
        let repairs = self.of.lock();
        let repaired = repairs.get(of)?;
        let mut times = 0;
        for place in drift.iter().flat_map(places) {
            let before = repaired.get(&place)?;
            if now.duration_since(before.at) >= pause(before.times) {
                return None;
            }
            times = times.max(before.times);
        }
        Some(Contested { times, pause: pause(times) })
    }

    /// Notes a repair.
    pub(super) fn note(&self, of: &K, drift: &[Drift], now: Instant) {
        let mut repairs = self.of.lock();
        let repaired = repairs.entry(of.clone()).or_default();
        repaired.retain(|_, before| now.duration_since(before.at) < CALM);
        for place in drift.iter().flat_map(places) {
            let entry = repaired.entry(place).or_insert(Repaired { times: 0, at: now });
            *entry = Repaired { times: entry.times.saturating_add(1), at: now };
        }
    }

    /// Forgets a release.
    pub(super) fn forget(&self, of: &K) {
        self.of.lock().remove(of);
    }
}

/// Each field of an object, or the object that is missing.
fn places(drift: &Drift) -> Vec<String> {
    match drift.is_missing() {
        true => vec![drift.object.to_string()],
        false => drift.fields.iter().map(|field| format!("{}{field}", drift.object)).collect(),
    }
}

/// How long a field is left that was repaired so often.
fn pause(times: u32) -> Duration {
    match times.checked_sub(AT_ONCE) {
        None => Duration::ZERO,
        Some(more) => FIRST.saturating_mul(2u32.saturating_pow(more)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(name: &str, fields: &[&str]) -> Drift {
        Drift::of_config_map("n", name, fields)
    }

    #[test]
    fn the_same_field_is_repaired_three_times_at_once_and_then_ever_less_often() {
        let (repairs, drift) = (Repairs::default(), [drift("a", &["/data/x"])]);
        let mut now = Instant::now();
        for _ in 0..3 {
            assert_eq!(repairs.contested(&1, &drift, now), None);
            repairs.note(&1, &drift, now);
        }
        let minute = Duration::from_secs(60);
        assert_eq!(repairs.contested(&1, &drift, now), Some(Contested { times: 3, pause: minute }));
        now += minute;
        assert_eq!(repairs.contested(&1, &drift, now), None);
        repairs.note(&1, &drift, now);
        assert_eq!(repairs.contested(&1, &drift, now), Some(Contested { times: 4, pause: minute * 2 }));
        assert_eq!(repairs.contested(&2, &drift, now), None);
        assert_eq!(pause(u32::MAX), LONGEST);
    }

    #[test]
    fn drift_that_is_new_is_repaired_with_all_there_is() {
        let repairs = Repairs::default();
        let (now, old) = (Instant::now(), drift("a", &["/data/x"]));
        (0..5).for_each(|_| repairs.note(&1, std::slice::from_ref(&old), now));
        assert!(repairs.contested(&1, std::slice::from_ref(&old), now).is_some());
        for new in [drift("a", &["/data/x", "/data/y"]), drift("b", &[]), drift("a", &[])] {
            assert_eq!(repairs.contested(&1, &[old.clone(), new], now), None);
        }
    }

    #[test]
    fn two_who_change_in_turns_are_slowed_down_too() {
        let (repairs, now) = (Repairs::default(), Instant::now());
        let fields = [drift("a", &["/data/x"]), drift("a", &["/data/y"])];
        for index in [0, 1, 0, 1, 0, 1] {
            repairs.note(&1, &fields[index..=index], now);
        }
        assert!(fields.iter().all(|field| repairs.contested(&1, std::slice::from_ref(field), now).is_some()));
    }

    #[test]
    fn after_a_long_calm_all_is_forgotten() {
        let (repairs, drift, now) = (Repairs::default(), [drift("a", &[])], Instant::now());
        (0..9).for_each(|_| repairs.note(&1, &drift, now));
        repairs.note(&1, &drift, now + CALM);
        assert_eq!(repairs.contested(&1, &drift, now + CALM), None);
        repairs.forget(&1);
        assert!(repairs.of.lock().is_empty());
    }
}
