//! What each fault looks like, and where it can stand.

use alloc::format;
use alloc::string::String;

use arbitrary::Result;

use super::fault::Fault;
use super::syntax::{Place, Syntax};

/// Whether that is a place for it.
pub(super) fn fits(fault: Fault, place: Place) -> bool {
    match fault {
        Fault::DocumentType
        | Fault::Encoding
        | Fault::HeaderNamespace
        | Fault::ContentNamespace => place == Place::Header,
        Fault::UndeclaredAttributePrefix
        | Fault::DuplicateAttribute
        | Fault::DuplicateExpandedName
        | Fault::LessThanInAttribute
        | Fault::UnquotedAttribute
        | Fault::AttributeWithoutValue
        | Fault::MissingSpace
        | Fault::EmptyPrefixDeclaration
        | Fault::ReservedPrefix => place == Place::Tag,
        // As character data between first-level elements they would be another fault.
        Fault::EntityReference
        | Fault::BadUtf8
        | Fault::ForbiddenCharacter
        | Fault::ForbiddenReference
        | Fault::CdataEndInText
        | Fault::BareAmpersand
        | Fault::UnendedReference => place == Place::Content,
        Fault::LateDeclaration
        | Fault::SecondHeader
        | Fault::TextBetweenElements
        | Fault::UnknownStanza => place == Place::Between,
        Fault::Comment
        | Fault::ProcessingInstruction
        | Fault::UndeclaredPrefix
        | Fault::MismatchedTag
        | Fault::BadName
        | Fault::TwoColons
        | Fault::SpaceBeforeName
        | Fault::BadMarkup => matches!(place, Place::Between | Place::Content),
    }
}

/// Writes it behind the attributes of a tag. Where it begins; it ends with the tag.
pub(super) fn in_tag(s: &mut Syntax<'_, '_>, fault: Fault, attr: Option<&str>) -> Result<usize> {
    let attr = attr.unwrap_or("a");
    let (good, bad): (String, String) = match fault {
        Fault::UndeclaredAttributePrefix => (" ".into(), "undeclared:a='1'".into()),
        Fault::DuplicateAttribute if attr == "a" => (" a='1' ".into(), "a='2'".into()),
        Fault::DuplicateAttribute => (" ".into(), format!("{attr}='again'")),
        Fault::DuplicateExpandedName => {
            let declared = "xmlns:d1='urn:example:d' xmlns:d2='urn:example:d'";
            (format!(" {declared} d1:a='1' "), "d2:a='2'".into())
        }
        Fault::LessThanInAttribute => (" bad='1 ".into(), "< 2'".into()),
        Fault::UnquotedAttribute => (" bad=".into(), s.pick(&["1", "bad", "`1`"])?.into()),
        Fault::AttributeWithoutValue => (" bad".into(), s.pick(&["", " b='1'", "'1'"])?.into()),
        Fault::MissingSpace => (" bad='1'".into(), "worse='2'".into()),
        Fault::EmptyPrefixDeclaration => (" xmlns:bad='".into(), "'".into()),
        _ => {
            let declared = s.pick(&[
                "xmlns:xml='urn:example:not-xml'",
                "xmlns:xmlns='urn:example:xmlns'",
                "xmlns:bad='http://www.w3.org/2000/xmlns/'",
                "xmlns:bad='http://www.w3.org/XML/1998/namespace'",
            ])?;
            (" ".into(), declared.into())
        }
    };
    s.push(&good);
    let start = s.out.len();
    s.push(&bad);
    Ok(start)
}

/// Writes a first-level element in the content namespace that is no stanza.
pub(super) fn unknown_stanza(s: &mut Syntax<'_, '_>, content: &str) -> Result<()> {
    let start = s.out.len();
    let name = s.pick(&["pubsub", "messages", "Message", "query"])?;
    s.push(&format!("<{name} xmlns='{content}'/>"));
    s.plant(Fault::UnknownStanza, start);
    Ok(())
}

const HEADER: &[u8] = b"<stream:stream xmlns='jabber:client' version='1.0' \
    xmlns:stream='http://etherx.jabber.org/streams'>";

/// Writes it where content or a first-level element can stand.
pub(super) fn in_content(s: &mut Syntax<'_, '_>, fault: Fault) -> Result<()> {
    // What is good, what is bad, and what is behind it.
    let (good, bad, after): (&str, &[u8], &str) = match fault {
        Fault::Comment => {
            ("", s.pick::<&[u8]>(&[b"<!-- a comment -->", b"<!---->", b"<!--<a/>-->"])?, "")
        }
        Fault::ProcessingInstruction => (
            "",
            s.pick::<&[u8]>(&[b"<?name?>", b"<?xml-stylesheet href='a'?>", b"<?p <a/>?>"])?,
            "",
        ),
        Fault::EntityReference => {
            ("", s.pick::<&[u8]>(&[b"&nbsp;", b"&lol9;", b"&AMP;", b"&ampersand;"])?, "")
        }
        Fault::UndeclaredPrefix => ("", b"<undeclared:element>", "</undeclared:element>"),
        Fault::MismatchedTag => {
            ("<message></", s.pick::<&[u8]>(&[b"other>", b"Message>", b"messages>"])?, "")
        }
        Fault::BadUtf8 => {
            const BAD: &[&[u8]] = &[
                b"\xff",
                b"\x80",
                b"\xc3(",
                b"\xe2\x82(",
                b"\xc0\xaf",
                b"\xe0\x80\xaf",
                b"\xed\xa0\x80",
                b"\xf4\x90\x80\x80",
                b"\xf0\x9f\x98 ",
            ];
            ("text ", s.pick(BAD)?, " text")
        }
        Fault::ForbiddenCharacter => {
            ("", s.pick::<&[u8]>(&[b"\0", b"\x01", b"\x1b", b"\x0c", "\u{fffe}".as_bytes()])?, "")
        }
        Fault::ForbiddenReference => (
            "",
            s.pick::<&[u8]>(&[b"&#0;", b"&#x1;", b"&#xFFFF;", b"&#xD800;", b"&#x110000;"])?,
            "",
        ),
        Fault::CdataEndInText => ("text", b"]]>", "text"),
        Fault::BareAmpersand => ("fish ", s.pick::<&[u8]>(&[b"& chips", b"&& ", b"&;"])?, ""),
        Fault::UnendedReference => ("", s.pick::<&[u8]>(&[b"&amp ", b"&#38 ", b"&#x26<"])?, ""),
        Fault::BadName => {
            ("", s.pick::<&[u8]>(&[b"<1a/>", b"<-a/>", b"<.a/>", b"<\xc3\x97/>"])?, "")
        }
        Fault::TwoColons => ("", s.pick::<&[u8]>(&[b"<a:b:c/>", b"<:a/>", b"<a:/>"])?, ""),
        Fault::SpaceBeforeName => ("", b"< a/>", ""),
        Fault::BadMarkup => ("", s.pick::<&[u8]>(&[b"<!a>", b"<!>", b"<![a[b]]>", b"<!-a->"])?, ""),
        Fault::LateDeclaration => ("", b"<?xml version='1.0'?>", ""),
        Fault::TextBetweenElements => {
            ("", s.pick::<&[u8]>(&[b"text", b"\xc3\xa9", b"&lt;", b"x"])?, "")
        }
        _ => ("", HEADER, ""),
    };
    s.push(good);
    let start = s.out.len();
    s.out.extend_from_slice(bad);
    s.plant(fault, start);
    s.push(after);
    Ok(())
}
