//! Text that is to stand in XML.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::{IllegalCharacters, Loss, Lost, MapError};

/// `text` with line ends as XML has them and without characters that it cannot
/// have.
pub(super) fn for_xml<'t>(
    text: &'t str,
    illegal: IllegalCharacters,
    lost: &mut Vec<Loss>,
) -> Result<Cow<'t, str>, MapError> {
    let text = crate::mime::lf_only(text);
    let Some(character) = text.chars().find(|&c| !is_xml(c)) else { return Ok(text) };
    match illegal {
        IllegalCharacters::Refuse => Err(MapError::IllegalCharacter(character)),
        IllegalCharacters::Replace => {
            lost.push(Lost::IllegalCharacters.by("XML 1.0 §2.2"));
            let replaced: String =
                text.chars().map(|c| if is_xml(c) { c } else { '\u{FFFD}' }).collect();
            Ok(Cow::Owned(replaced))
        }
    }
}

/// `Char` of XML 1.0 §2.2.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}
