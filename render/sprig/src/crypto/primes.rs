//! Two random primes for a key of RSA's, searched for by two threads.

mod fermat;
mod lanes;
mod miller_rabin;

use std::{
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crypto_bigint::{Limb, NonZero, Uint};
use crypto_primes::hazmat::SmallFactorsSieve;

pub(super) use self::{fermat::passing, lanes::MOST as AT_ONCE, miller_rabin::is_prime};

/// Fills a buffer with random bytes; `None` where there are none to be had.
pub(super) type Random<'s> = dyn Fn(&mut [u8]) -> Option<()> + Sync + 's;

/// Two primes with both upper bits set, so that their product has all its bits, and without `exponent`, a prime, among
/// the factors of what precedes them.
pub(super) fn two_primes<const LIMBS: usize>(
    random: &Random<'_>,
    exponent: NonZero<Limb>,
) -> Option<[Uint<LIMBS>; 2]> {
    let first = Search::new(random, exponent)?;
    let second = Search::new(random, exponent)?;
    thread::scope(|scope| {
        let other = || {
            second.run();
            first.run();
        };
        // Where no thread can be had, this one finds both.
        let _other = thread::Builder::new().spawn_scoped(scope, other);
        first.run();
        second.run();
    });
    Some([first.found.into_inner()?, second.found.into_inner()?])
}

/// The search for one prime, from a random number upwards, by as many threads as come.
struct Search<'r, const LIMBS: usize> {
    random: &'r Random<'r>,
    exponent: NonZero<Limb>,
    candidates: Mutex<SmallFactorsSieve<Uint<LIMBS>>>,
    /// Until there is a number that as good as surely is prime.
    goes_on: AtomicBool,
    found: OnceLock<Uint<LIMBS>>,
}

impl<'r, const LIMBS: usize> Search<'r, LIMBS> {
    fn new(random: &'r Random<'r>, exponent: NonZero<Limb>) -> Option<Self> {
        let bits = std::num::NonZero::new(Uint::<LIMBS>::BITS)?;
        let mut bytes = vec![0; Uint::<LIMBS>::BYTES];
        random(&mut bytes)?;
        *bytes.first_mut()? |= 0b1100_0000;
        let candidates = SmallFactorsSieve::new(Uint::from_be_slice(&bytes), bits, false).ok()?;
        let candidates = Mutex::new(candidates);
        Some(Self { random, exponent, candidates, goes_on: AtomicBool::new(true), found: OnceLock::new() })
    }

    /// Takes part in the search until it is over.
    fn run(&self) -> Option<()> {
        let rounds = miller_rabin::rounds(Uint::<LIMBS>::BITS);
        while self.goes_on.load(Ordering::Relaxed) {
            for candidate in fermat::passing(&self.next_candidates()?) {
                // What has passed is prime as good as surely: meanwhile, the other thread need not go on.
                self.goes_on.store(false, Ordering::Relaxed);
                if miller_rabin::is_prime(self.random, candidate, rounds)? {
                    return self.found.set(*candidate).ok();
                }
                self.goes_on.store(true, Ordering::Relaxed);
            }
        }
        None
    }

    fn next_candidates(&self) -> Option<[Uint<LIMBS>; AT_ONCE]> {
        let mut sieve = self.candidates.lock().ok()?;
        let fitting = sieve.by_ref().filter(|candidate| candidate.rem_limb(self.exponent) != Limb::ONE);
        fitting.take(AT_ONCE).collect::<Vec<_>>().try_into().ok()
    }
}
