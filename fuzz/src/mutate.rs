//! Makes inputs out of seeds.

/// A stream of inputs, always the same one for a seed.
pub(crate) struct Mutator {
    state: u64,
    seeds: &'static [&'static str],
}

/// No input is longer: bounds are tested by their own tests, here breadth counts.
const MAX_LENGTH: usize = 1 << 14;

impl Mutator {
    pub(crate) fn new(seed: u64, seeds: &'static [&'static str]) -> Self {
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, seeds }
    }

    /// A seed with a handful of changes.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.seed().to_vec();
        for _ in 0..=self.below(8) {
            self.change(&mut input);
            input.truncate(MAX_LENGTH);
        }
        input
    }

    fn seed(&mut self) -> &'static [u8] {
        let index = self.below(self.seeds.len());
        self.seeds.get(index).copied().unwrap_or_default().as_bytes()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        match self.below(8) {
            0 => input.truncate(at),
            1 => {
                let end = (at + 1 + self.below(8)).min(input.len());
                input.drain(at.min(end)..end);
            }
            2 => {
                let byte = self.byte();
                input.insert(at, byte);
            }
            3 if at < input.len() => input[at] = self.byte(),
            4 => self.insert(input, at, 1),
            5 => {
                let times = 1 + self.below(200);
                self.insert(input, at, times);
            }
            6 => {
                let end = (at + self.below(64)).min(input.len());
                let piece = input[at..end].to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            _ => {
                let other = self.seed();
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
    }

    /// A piece of a seed, as often as asked.
    fn insert(&mut self, input: &mut Vec<u8>, at: usize, times: usize) {
        let seed = self.seed();
        let from = self.below(seed.len() + 1);
        let to = (from + 1 + self.below(12)).min(seed.len());
        let piece = seed.get(from..to).unwrap_or_default().repeat(times);
        input.splice(at..at, piece);
    }

    fn byte(&mut self) -> u8 {
        const TELLING: &[u8] = b"{}[]()\"'`\\|.,:;$@!&*%#-_=+<>~^/? \n\t\r\0\xff\xc3\xe2019azAZ";
        let index = self.below(TELLING.len() + 16);
        TELLING.get(index).copied().unwrap_or((self.random() >> 32) as u8)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.random() >> 33) as usize % bound.max(1)
    }

    /// Marsaglia's xorshift64*.
    fn random(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

#[cfg(test)]
mod tests {
    use super::Mutator;

    #[test]
    fn a_seed_gives_the_same_inputs_each_time() {
        let inputs = || {
            let mut mutator = Mutator::new(7, &["{{ .Values.a }}", "a: 1"]);
            (0..100).map(|_| mutator.next_input()).collect::<Vec<_>>()
        };
        assert_eq!(inputs(), inputs());
    }
}
