//! Server dialback: the elements of XEP-0220.
//!
//! Each is written with the prefix `db`, which servers of old look at, and read with
//! any. Keys do not show in `Debug`.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use core::fmt;

use xmpp_jid::Domainpart;
use xmpp_xml::{ElementRef, Ns, WriteXml, Writer, ns};

use crate::invalid::Rule;
use crate::{Invalid, Payload, StanzaError};

/// The stream feature (XEP-0220, section 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DialbackFeature {
    /// Whether errors of dialback leave the stream open.
    pub errors: bool,
}

impl DialbackFeature {
    /// Dialback with error handling (XEP-0220, section 2.3.2).
    #[must_use]
    pub const fn with_errors() -> Self {
        Self { errors: true }
    }
}

impl Payload<'_> for DialbackFeature {
    const NS: Ns<'static> = ns::DIALBACK_FEATURE;
    const NAME: &'static str = "dialback";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        Ok(Self { errors: element.child(ns::DIALBACK_FEATURE, "errors").is_some() })
    }
}

impl WriteXml for DialbackFeature {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(Self::NS, Self::NAME);
        if self.errors {
            w.start(Self::NS, "errors").end();
        }
        w.end();
    }
}

/// What an element of dialback carries: a key, or what became of one.
#[derive(Clone, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0220 has no more")]
pub enum Content {
    /// A key, to be judged.
    Key(String),
    /// It is the right one.
    Valid,
    /// It is not.
    Invalid,
    /// It was not judged (XEP-0220, section 2.4). `None` if nothing is said of why
    /// that can be read.
    Error(Option<StanzaError>),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(_) => f.write_str("Key([redacted])"),
            Self::Valid => f.write_str("Valid"),
            Self::Invalid => f.write_str("Invalid"),
            Self::Error(error) => f.debug_tuple("Error").field(error).finish(),
        }
    }
}

/// `<db:result/>`: a server asks to be let in for a pair of domains, or is told what
/// became of that (XEP-0220, sections 2.1.1 and 2.2.1).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DialbackResult {
    /// The domain that the element is from.
    pub from: Domainpart,
    /// The domain that it is for.
    pub to: Domainpart,
    /// A key, or what became of one.
    pub content: Content,
}

impl DialbackResult {
    /// From `from` for `to`.
    #[must_use]
    pub const fn new(from: Domainpart, to: Domainpart, content: Content) -> Self {
        Self { from, to, content }
    }
}

/// `<db:verify/>`: is this key yours? And the answer (XEP-0220, sections 2.1.2 and
/// 2.2.2).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DialbackVerify {
    /// The domain that the element is from.
    pub from: Domainpart,
    /// The domain that it is for.
    pub to: Domainpart,
    /// The identifier of the stream that the key came on.
    pub id: String,
    /// The key, or what became of it.
    pub content: Content,
}

impl DialbackVerify {
    /// From `from` for `to`, of a key that came on the stream `id`.
    #[must_use]
    pub fn new(from: Domainpart, to: Domainpart, id: impl Into<String>, content: Content) -> Self {
        Self { from, to, id: id.into(), content }
    }
}

impl Payload<'_> for DialbackResult {
    const NS: Ns<'static> = ns::DIALBACK;
    const NAME: &'static str = "result";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let (from, to) = domains(element, Self::NAME)?;
        Ok(Self { from, to, content: content(element, Self::NAME)? })
    }
}

impl WriteXml for DialbackResult {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start_prefixed("db", Self::NS, Self::NAME);
        w.attr("from", self.from.as_str()).attr("to", self.to.as_str());
        write_content(w, &self.content);
        w.end();
    }
}

impl Payload<'_> for DialbackVerify {
    const NS: Ns<'static> = ns::DIALBACK;
    const NAME: &'static str = "verify";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let (from, to) = domains(element, Self::NAME)?;
        let id = required(element, Self::NAME, "id")?.into_owned();
        Ok(Self { from, to, id, content: content(element, Self::NAME)? })
    }
}

impl WriteXml for DialbackVerify {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start_prefixed("db", Self::NS, Self::NAME);
        w.attr("from", self.from.as_str()).attr("to", self.to.as_str()).attr("id", &self.id);
        write_content(w, &self.content);
        w.end();
    }
}

const SECTION: &str = "XEP-0220, 2";

fn required<'a>(
    element: ElementRef<'a>,
    name: &'static str,
    attribute: &'static str,
) -> Result<Cow<'a, str>, Invalid> {
    let missing = || Invalid::new(name, Rule::MissingAttribute, SECTION).in_attribute(attribute);
    element.attr(attribute).ok_or_else(missing)
}

fn domains(
    element: ElementRef<'_>,
    name: &'static str,
) -> Result<(Domainpart, Domainpart), Invalid> {
    let domain = |attribute| {
        let text = required(element, name, attribute)?;
        Domainpart::new(&text).map_err(|error| {
            Invalid::new(name, Rule::Jid(error), SECTION).in_attribute(attribute).found(&text)
        })
    };
    Ok((domain("from")?, domain("to")?))
}

fn content(element: ElementRef<'_>, name: &'static str) -> Result<Content, Invalid> {
    Ok(match element.attr("type").as_deref() {
        None => Content::Key(element.text().trim_ascii().to_string()),
        Some("valid") => Content::Valid,
        Some("invalid") => Content::Invalid,
        Some("error") => {
            // Some leave out the namespace that XEP-0220 has only implied.
            let error = element.children().find(|child| child.name() == "error");
            Content::Error(error.and_then(|error| StanzaError::parse(error).ok()))
        }
        Some(other) => {
            let unknown = Invalid::new(name, Rule::UnknownValue, SECTION);
            return Err(unknown.in_attribute("type").found(other));
        }
    })
}

fn write_content(w: &mut Writer<'_>, content: &Content) {
    match content {
        Content::Key(key) => {
            w.text(key);
        }
        Content::Valid => {
            w.attr("type", "valid");
        }
        Content::Invalid => {
            w.attr("type", "invalid");
        }
        Content::Error(error) => {
            w.attr("type", "error");
            if let Some(error) = error {
                w.write(error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use xmpp_xml::{Element, Limits};

    use super::*;
    use crate::StanzaCondition;

    fn within(text: &str) -> Element {
        let stream = alloc::format!(
            "<s:stream xmlns='jabber:server' xmlns:s='http://etherx.jabber.org/streams' \
             xmlns:db='jabber:server:dialback'>{text}</s:stream>"
        );
        let stream = Element::parse_within(stream.as_bytes(), Limits::trusted()).unwrap();
        stream.children().next().unwrap().into_shared()
    }

    fn written(value: &impl WriteXml) -> String {
        let mut out = Vec::new();
        let mut w = Writer::in_stream(&mut out, ns::SERVER);
        w.write(value);
        w.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    /// XEP-0220, examples 1 and 5 to 8.
    #[test]
    fn the_examples_are_read_and_written() {
        let element = within(
            "<db:result from='capulet.example' to='montague.example'>\n  \
             b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3\n</db:result>",
        );
        let result = DialbackResult::parse(element.as_ref()).unwrap();
        assert_eq!(result.from.as_str(), "capulet.example");
        let Content::Key(key) = &result.content else { panic!("{result:?}") };
        assert!(key.starts_with("b4835385") && key.ends_with("3df3"));
        assert!(!alloc::format!("{result:?}").contains("b4835385"));
        let again = within(&written(&result));
        assert_eq!(DialbackResult::parse(again.as_ref()).unwrap(), result);

        for (text, content) in [
            ("type='valid'/>", Content::Valid),
            ("type='invalid'/>", Content::Invalid),
            (
                "type='error'><error type='cancel'><item-not-found \
                 xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:verify>",
                Content::Error(Some(StanzaError::new(StanzaCondition::ItemNotFound))),
            ),
            ("type='error'/>", Content::Error(None)),
        ] {
            let text =
                alloc::format!("<db:verify from='montague.example' id='417' to='c.example' {text}");
            let element = within(&text);
            let verify = DialbackVerify::parse(element.as_ref()).unwrap();
            assert_eq!((verify.id.as_str(), &verify.content), ("417", &content));
            let again = within(&written(&verify));
            assert_eq!(DialbackVerify::parse(again.as_ref()).unwrap(), verify);
        }
    }

    #[test]
    fn what_lacks_an_address_is_refused() {
        for wrong in [
            "<db:result from='a.example'>k</db:result>",
            "<db:result to='a.example'>k</db:result>",
            "<db:result from='x@a.example' to='b.example'>k</db:result>",
            "<db:result from='' to='b.example'>k</db:result>",
            "<db:result from='a.example' to='b.example' type='maybe'/>",
        ] {
            assert!(DialbackResult::parse(within(wrong).as_ref()).is_err(), "{wrong}");
        }
        let no_id = within("<db:verify from='a.example' to='b.example'>k</db:verify>");
        assert!(DialbackVerify::parse(no_id.as_ref()).is_err());
    }

    #[test]
    fn servers_of_old_see_their_prefix() {
        let domain = |text| Domainpart::new(text).unwrap();
        let error = StanzaError::new(StanzaCondition::ItemNotFound);
        let content = Content::Error(Some(error));
        let result = DialbackResult::new(domain("a.example"), domain("b.example"), content);
        assert_eq!(
            written(&result),
            "<db:result xmlns:db='jabber:server:dialback' from='a.example' to='b.example' \
             type='error'><error type='cancel'><item-not-found \
             xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>"
        );
    }
}
