//! Inputs out of seeds, the same for the same number.

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`; 0 if that is 0.
    fn below(&mut self, end: usize) -> usize {
        self.next().checked_rem(end as u64).unwrap_or(0) as usize
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// The next input: a seed with a few changes, or bytes of no meaning.
pub(crate) fn input(random: &mut Random, seeds: &[Vec<u8>], words: &[Vec<u8>]) -> Vec<u8> {
    const MOST: usize = 1 << 16;
    if seeds.is_empty() || random.below(16) == 0 {
        let most = 1 << random.below(13);
        let len = random.below(most);
        return random.bytes(len);
    }
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        let end = at + random.below((input.len() - at).min(64) + 1);
        match random.below(8) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.next() as u8,
            2 => drop(input.drain(at..end)),
            3 => {
                let again = input[at..end].to_vec();
                drop(input.splice(at..at, again));
            }
            4 => {
                let len = random.below(8);
                drop(input.splice(at..at, random.bytes(len)));
            }
            5 if !words.is_empty() => {
                let word = words[random.below(words.len())].clone();
                drop(input.splice(at..end.min(at + word.len()), word));
            }
            6 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => input.truncate(input.len() - random.below(16).min(input.len())),
        }
        input.truncate(MOST);
    }
    input
}

/// The words of a dictionary as libFuzzer reads them: `name="word"`, where `\"`,
/// `\\` and `\xAB` are bytes.
pub(crate) fn words(dictionary: &str) -> Vec<Vec<u8>> {
    let quoted = |line: &str| {
        let line = line.trim();
        let from = line.find('"').filter(|_| !line.starts_with('#'))? + 1;
        line.get(from..line.len().checked_sub(1)?).map(word)
    };
    dictionary.lines().filter_map(quoted).filter(|word| !word.is_empty()).collect()
}

fn word(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        match (byte, bytes.as_slice()) {
            (b'\\', [b'x', high, low, ..]) => {
                let hex = [*high, *low];
                let value =
                    str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                out.push(value.expect("two hexadecimal digits in a dictionary"));
                bytes.nth(2);
            }
            (b'\\', [next, ..]) => {
                out.push(*next);
                bytes.next();
            }
            _ => out.push(byte),
        }
    }
    out
}
