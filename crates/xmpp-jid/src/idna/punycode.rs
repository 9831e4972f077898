//! Punycode (RFC 3492): Unicode labels in letters, digits and hyphens.

use crate::sink::Sink;

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL_N: u32 = 0x80;

/// The longest label, in code points: 63 bytes less `xn--`, a code point a
/// byte at best.
const MAX_CODE_POINTS: usize = 59;

/// Decodes what follows `xn--` in an A-label, given in lowercase. `None` if it
/// is no Punycode, or longer than a label can be.
pub(crate) fn decode(encoded: &str, out: &mut impl Sink) -> Option<()> {
    let (basic, extended) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut label = ['\0'; MAX_CODE_POINTS];
    let mut len = 0;
    for c in basic.chars() {
        *label.get_mut(len)? = c;
        len += 1;
    }
    let (mut n, mut i, mut bias) = (INITIAL_N, 0_u32, INITIAL_BIAS);
    let mut digits = extended.bytes();
    while digits.len() > 0 {
        let old_i = i;
        let (mut weight, mut k) = (1_u32, BASE);
        loop {
            let digit = match digits.next()? {
                b @ b'a'..=b'z' => u32::from(b - b'a'),
                b @ b'0'..=b'9' => u32::from(b - b'0') + 26,
                _ => return None,
            };
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold(k, bias);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let count = len as u32 + 1;
        bias = adapt(i - old_i, count, old_i == 0);
        n = n.checked_add(i / count)?;
        i %= count;
        let at = i as usize;
        label.get_mut(at..=len)?.rotate_right(1);
        *label.get_mut(at)? = char::from_u32(n)?;
        len += 1;
        i += 1;
    }
    label.get(..len)?.iter().for_each(|&c| out.push(c));
    Some(())
}

/// Encodes a label, without `xn--`. `None` if it would be longer than a label
/// can be.
pub(crate) fn encode(label: &str, mut digit: impl FnMut(u8)) -> Option<()> {
    if label.chars().nth(MAX_CODE_POINTS).is_some() {
        return None;
    }
    let total = label.chars().count() as u32;
    let mut done = 0;
    for b in label.bytes().filter(u8::is_ascii) {
        digit(b);
        done += 1;
    }
    let basic = done;
    if basic > 0 {
        digit(b'-');
    }
    let (mut n, mut delta, mut bias) = (INITIAL_N, 0_u32, INITIAL_BIAS);
    while done < total {
        let next = label.chars().map(u32::from).filter(|&c| c >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(done + 1)?)?;
        n = next;
        for c in label.chars().map(u32::from) {
            if c < n {
                delta = delta.checked_add(1)?;
            }
            if c == n {
                let (mut q, mut k) = (delta, BASE);
                loop {
                    let threshold = threshold(k, bias);
                    if q < threshold {
                        break;
                    }
                    digit(ascii_digit(threshold + (q - threshold) % (BASE - threshold)));
                    q = (q - threshold) / (BASE - threshold);
                    k += BASE;
                }
                digit(ascii_digit(q));
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(())
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(T_MIN, T_MAX)
}

const fn adapt(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

const fn ascii_digit(value: u32) -> u8 {
    if value < 26 { b'a' + value as u8 } else { b'0' + (value - 26) as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::String;

    /// RFC 3492 §7.1, those in lowercase that fit in a label.
    const SAMPLES: [(&str, &str); 6] = [
        ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"),
        ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"),
        ("そのスピードで", "d9juau41awczczp"),
        ("bücher", "bcher-kva"),
    ];

    #[test]
    fn samples_of_rfc_3492() {
        for (unicode, ascii) in SAMPLES {
            let mut decoded = String::new();
            assert_eq!(decode(ascii, &mut decoded), Some(()));
            assert_eq!(decoded, unicode);
            let mut encoded = String::new();
            assert_eq!(encode(unicode, |b| encoded.push(char::from(b))), Some(()));
            assert_eq!(encoded, ascii);
        }
    }

    #[test]
    fn what_is_no_punycode_is_refused() {
        for bad in ["99999999", "z", "_", "zzzzzzzzzzzz999999", "é", "tdA", "a-b", "tda{"] {
            assert_eq!(decode(bad, &mut String::new()), None, "{bad}");
        }
    }

    /// RFC 3492 §6.1, with the numbers of §5: the bias once the first delta of a
    /// string is known, and at the edge of the loop.
    #[test]
    fn the_bias_adapts() {
        for (delta, count, first, bias) in [
            (0, 1, true, 0),
            (699, 1, true, 0),
            (700, 1, true, 1),
            (2, 2, false, 0),
            (38, 1, false, 18),
            // (35 * 26) / 2 = 455 is the most that is not divided.
            (910, 1000, false, 33),
            (911, 1000, false, 33),
            (912, 1000, false, 45),
            (455, 1, false, 33),
            (456, 1, false, 45),
            // Two divisions.
            (35 * 456 * 2, 100_000, false, 81),
        ] {
            assert_eq!(adapt(delta, count, first), bias, "{delta} {count} {first}");
        }
    }

    /// RFC 3492 §5: k less the bias, 1 at least and 26 at most.
    #[test]
    fn thresholds_have_their_ends() {
        for (k, bias, expected) in [
            (36, 72, 1),
            (72, 72, 1),
            (73, 72, 1),
            (74, 72, 2),
            (97, 72, 25),
            (98, 72, 26),
            (99, 72, 26),
            (144, 72, 26),
        ] {
            assert_eq!(threshold(k, bias), expected, "{k} {bias}");
        }
    }

    /// As long as a label can be, and one code point longer.
    #[test]
    fn a_label_has_59_code_points_at_most() {
        let mut count = 0;
        assert_eq!(encode(&"é".repeat(59), |_| count += 1), Some(()));
        assert_eq!(count, 61);
        assert_eq!(encode(&"é".repeat(60), |_| ()), None);
        let basic = "a".repeat(59);
        let decoded = |text: &str| {
            let mut out = String::new();
            decode(text, &mut out).map(|()| out)
        };
        assert_eq!(decoded(&(basic.clone() + "-")), Some(basic.clone()));
        assert_eq!(decoded(&(basic.clone() + "a-")), None);
        assert_eq!(decoded(&(basic.clone() + "-tda")), None);
        let mut ascii = String::new();
        let longest = basic[1..].to_owned() + "é";
        assert_eq!(encode(&longest, |b| ascii.push(char::from(b))), Some(()));
        assert_eq!(decoded(&ascii), Some(longest));
    }
}
