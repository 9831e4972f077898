//! Which characters XML allows where.

/// Char (XML 1.0, section 2.2), of those that a Rust `char` can be.
#[inline]
pub(crate) const fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// NameStartChar (XML 1.0 fifth edition, section 2.3) without the colon:
/// what an NCName may begin with.
#[inline]
pub(crate) const fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_') || (!c.is_ascii() && is_name_start_beyond_ascii(c))
}

/// NameChar (XML 1.0 fifth edition, section 2.3) without the colon: what an
/// NCName may go on with.
#[inline]
pub(crate) const fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

const fn is_name_start_beyond_ascii(c: char) -> bool {
    matches!(c,
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
        | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// Whether the whole of `name` is an NCName (Namespaces in XML 1.0, section
/// 3).
pub(crate) fn is_ncname(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

/// S (XML 1.0, section 2.3).
#[inline]
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether an ASCII byte may begin an NCName.
#[inline]
pub(crate) const fn is_ascii_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_at_the_edges_of_the_tables() {
        for c in [
            '\u{9}',
            '\u{a}',
            '\u{d}',
            ' ',
            '\u{d7ff}',
            '\u{e000}',
            '\u{fffd}',
            '\u{10000}',
            '\u{10ffff}',
        ] {
            assert!(is_char(c), "{c:?}");
        }
        for c in ['\0', '\u{8}', '\u{b}', '\u{c}', '\u{e}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            assert!(!is_char(c), "{c:?}");
        }
        for c in ['\u{b7}', '\u{300}', '\u{36f}', '\u{203f}', '-', '.', '0'] {
            assert!(!is_name_start(c) && is_name_char(c), "{c:?}");
        }
        for c in [
            '\u{d7}',
            '\u{f7}',
            '\u{37e}',
            '\u{2000}',
            '\u{2190}',
            '\u{3000}',
            '\u{fdd0}',
            '\u{f0000}',
            ':',
            ' ',
        ] {
            assert!(!is_name_char(c), "{c:?}");
        }
    }
}
