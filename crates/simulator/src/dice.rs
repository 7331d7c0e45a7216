//! Chance that depends on the seed and the request, not on the order of arrival.

/// One request's dice: the same seed, request id, operation and repetition throw the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, request: &str, op: &str, nth: u32) -> Dice {
        let start = mix(seed ^ 0x9e37_79b9_7f4a_7c15);
        let named = [request, "\u{0}", op].iter().fold(start, |hash, text| absorb(hash, text));
        Dice(mix(named ^ u64::from(nth)))
    }

    /// A whole number for this purpose.
    pub(crate) fn number(self, purpose: &str) -> u64 {
        mix(absorb(self.0, purpose))
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(self, purpose: &str) -> f64 {
        // 53 bits are what a double holds exactly.
        (self.number(purpose) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform between both, inclusive.
    pub(crate) fn between(self, purpose: &str, [least, most]: [u64; 2]) -> u64 {
        let width = most.saturating_sub(least).saturating_add(1);
        least + self.number(purpose) % width
    }
}

/// FNV-1a.
fn absorb(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The finalizer of splitmix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_same_request_throws_the_same() {
        let throw = |seed, request, nth| Dice::new(seed, request, "submit", nth).unit("x");
        assert_eq!(throw(1, "a", 0), throw(1, "a", 0));
        for other in [throw(2, "a", 0), throw(1, "b", 0), throw(1, "a", 1)] {
            assert_ne!(throw(1, "a", 0), other);
        }
    }

    #[test]
    fn throws_are_spread_evenly() {
        let throws = (0..10_000).map(|n| Dice::new(7, &n.to_string(), "submit", 0).unit("x"));
        let below = throws.filter(|unit| *unit < 0.3).count();
        assert!((2_800..3_200).contains(&below), "{below} of 10,000 below 0.3");
    }
}
