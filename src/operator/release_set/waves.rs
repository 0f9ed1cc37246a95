//! Whose turn it is: which clusters may be worked on now. Pure.

/// How a cluster stands, as far as taking turns goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Up to date and ready.
    Ready,
    /// Up to date, not ready.
    NotReady,
    /// Being worked on.
    Busy,
    /// Up to date, but not as it was applied.
    Drifted,
    /// Not up to date, as good as it was before.
    Outdated,
    /// Tried, and failed.
    Failed {
        /// Whether it was tried in this round already.
        tried: bool,
    },
    /// Can't be reached. Holds nobody back: it is brought up to date when it returns.
    Unreachable,
}

/// A cluster in its wave.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub(super) wave: usize,
    pub(super) standing: Standing,
}

/// Whose turn it is, as indexes of `clusters`, which are in order. `limits` are how many of each wave may be not ready at
/// a time.
///
/// A wave begins when all clusters of those before it are ready. Drift is repaired whenever it is seen, and what has
/// failed is tried again without making anything worse; but while something has failed nothing else is begun, unless the
/// user said to go on.
pub(super) fn turns(clusters: &[Turn], limits: &[usize], continue_on_failure: bool) -> Vec<usize> {
    let is_settled =
        |turn: &&Turn| matches!(turn.standing, Standing::Ready | Standing::Unreachable | Standing::Drifted);
    let wave = clusters.iter().filter(|turn| !is_settled(turn)).map(|turn| turn.wave).min();
    let failed = clusters.iter().any(|turn| matches!(turn.standing, Standing::Failed { .. }));
    let unavailable = clusters.iter().filter(|turn| {
        Some(turn.wave) == wave
            && matches!(turn.standing, Standing::NotReady | Standing::Busy | Standing::Failed { .. })
    });
    let limit = wave.and_then(|wave| limits.get(wave)).copied().unwrap_or(1);
    let mut room = limit.saturating_sub(unavailable.count());
    if failed && !continue_on_failure {
        room = 0;
    }
    let mut turns = Vec::new();
    for (index, turn) in clusters.iter().enumerate() {
        let begins = match turn.standing {
            Standing::Drifted | Standing::Failed { tried: false } => true,
            Standing::Outdated if Some(turn.wave) == wave && room > 0 => {
                room -= 1;
                true
            }
            _ => false,
        };
        if begins {
            turns.push(index);
        }
    }
    turns
}

/// Whether clusters are held back because another has failed.
pub(super) fn is_stopped(clusters: &[Turn], continue_on_failure: bool) -> bool {
    !continue_on_failure
        && clusters.iter().any(|turn| matches!(turn.standing, Standing::Failed { .. }))
        && clusters.iter().any(|turn| turn.standing == Standing::Outdated)
}

#[cfg(test)]
mod tests {
    use super::Standing::{Busy, Drifted, Failed, NotReady, Outdated, Ready, Unreachable};
    use super::*;

    fn of(clusters: &[(usize, Standing)], limits: &[usize], continues: bool) -> Vec<usize> {
        let clusters: Vec<Turn> =
            clusters.iter().map(|(wave, standing)| Turn { wave: *wave, standing: *standing }).collect();
        turns(&clusters, limits, continues)
    }

    #[test]
    fn as_many_begin_as_may_be_not_ready() {
        let all = [(0, Outdated), (0, Outdated), (0, Outdated)];
        assert_eq!(of(&all, &[2], false), [0, 1]);
        assert_eq!(of(&[(0, Busy), (0, Outdated), (0, Outdated)], &[2], false), [1]);
        assert_eq!(of(&[(0, NotReady), (0, Outdated)], &[1], false), Vec::<usize>::new());
    }

    #[test]
    fn a_wave_begins_when_the_one_before_is_ready() {
        let limits = [9, 9];
        assert_eq!(of(&[(0, Outdated), (1, Outdated)], &limits, false), [0]);
        assert_eq!(of(&[(0, NotReady), (1, Outdated)], &limits, false), Vec::<usize>::new());
        assert_eq!(of(&[(0, Ready), (1, Outdated)], &limits, false), [1]);
    }

    #[test]
    fn a_cluster_that_is_away_holds_nobody_back() {
        assert_eq!(of(&[(0, Unreachable), (0, Outdated), (1, Outdated)], &[1, 1], false), [1]);
        assert_eq!(of(&[(0, Unreachable), (1, Outdated)], &[1, 1], false), [1]);
    }

    #[test]
    fn a_failure_stops_the_others_unless_told_otherwise() {
        let clusters = [(0, Failed { tried: true }), (0, Outdated), (0, Outdated)];
        assert_eq!(of(&clusters, &[3], false), Vec::<usize>::new());
        assert_eq!(of(&clusters, &[3], true), [1, 2]);
        assert_eq!(of(&clusters, &[1], true), Vec::<usize>::new());
    }

    #[test]
    fn what_failed_is_tried_again_once_a_round_and_drift_is_repaired_at_once() {
        assert_eq!(of(&[(0, Failed { tried: false }), (0, Outdated)], &[1], false), [0]);
        assert_eq!(of(&[(0, Outdated), (1, Drifted)], &[1, 1], false), [0, 1]);
    }

    #[test]
    fn it_is_stopped_while_somebody_is_held_back() {
        let turn = |standing| Turn { wave: 0, standing };
        let failed = turn(Failed { tried: true });
        assert!(is_stopped(&[failed, turn(Outdated)], false));
        assert!(!is_stopped(&[failed, turn(Outdated)], true));
        assert!(!is_stopped(&[failed, turn(Ready)], false));
    }
}
