//! What has to come next on a wire, and what is said if it does not.

use tokio::time::Instant;
use xmpp_xml::{Element, ElementRef, Ns};

use super::{Item, Wire};
use crate::verdict::{Fault, Outcome};

const STREAMS: Ns<'_> = Ns::new("http://etherx.jabber.org/streams");
const STREAM_ERRORS: Ns<'_> = Ns::new("urn:ietf:params:xml:ns:xmpp-streams");
const STANZA_ERRORS: Ns<'_> = Ns::new("urn:ietf:params:xml:ns:xmpp-stanzas");

/// A stream error (RFC 6120 section 4.9).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StreamError {
    /// The defined condition; empty if there is none.
    pub condition: String,
    /// `<stream:error/>`.
    pub element: Element,
}

impl StreamError {
    /// If it is one.
    #[must_use]
    pub fn of(element: &Element) -> Option<Self> {
        if !element.is(STREAMS, "error") {
            return None;
        }
        let condition = element
            .children()
            .find(|child| child.has_ns(STREAM_ERRORS) && child.name() != "text")
            .map(|child| child.name().to_owned())
            .unwrap_or_default();
        Some(Self { condition, element: element.clone() })
    }
}

/// A stanza error (RFC 6120 section 8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StanzaError {
    /// `type`; empty if there is none.
    pub kind: String,
    /// The defined condition; empty if there is none.
    pub condition: String,
}

impl StanzaError {
    /// If the stanza is of type `error`.
    #[must_use]
    pub fn of(stanza: ElementRef<'_>) -> Option<Self> {
        if stanza.attr("type").as_deref() != Some("error") {
            return None;
        }
        let error = stanza.children().find(|child| child.name() == "error");
        let condition = error.and_then(|error| {
            error.children().find(|child| child.has_ns(STANZA_ERRORS) && child.name() != "text")
        });
        Some(Self {
            kind: error
                .and_then(|error| error.attr("type"))
                .map(|kind| kind.into_owned())
                .unwrap_or_default(),
            condition: condition.map(|child| child.name().to_owned()).unwrap_or_default(),
        })
    }
}

impl Item {
    /// For reasons: what came instead.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Header(_) => "a stream header came".into(),
            Self::Element(element) => match StreamError::of(element) {
                Some(error) => format!("the stream error {} came", error.condition),
                None => format!("<{}/> of {} came", element.name(), element.ns()),
            },
            Self::Closed => "the stream was closed".into(),
            Self::End(Ok(())) => "the connection was closed".into(),
            Self::End(Err(why)) => format!("the connection was cut off ({why})"),
            Self::Malformed(error) => {
                format!("what came is no stream ({error}, byte {})", error.offset())
            }
            Self::Silence => "nothing came".into(),
        }
    }

    fn instead_of(&self, what: &str) -> Fault {
        Fault::Failed(format!("{what} is expected; {}", self.what()))
    }
}

impl Wire {
    /// A stream header has to come next.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn header(&mut self) -> Outcome<Element> {
        match self.item().await {
            Item::Header(header) => Ok(header),
            other => Err(other.instead_of("a stream header")),
        }
    }

    /// An element has to come next.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn element(&mut self, what: &str) -> Outcome<Element> {
        match self.item().await {
            Item::Element(element) if StreamError::of(&element).is_none() => Ok(element),
            other => Err(other.instead_of(what)),
        }
    }

    /// An element that `is` knows has to come next.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn expect(
        &mut self,
        what: &str,
        is: impl Fn(ElementRef<'_>) -> bool,
    ) -> Outcome<Element> {
        match self.item().await {
            Item::Element(element) if is(element.as_ref()) => Ok(element),
            other => Err(other.instead_of(what)),
        }
    }

    /// An element of that name has to come next.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn expect_named(&mut self, ns: &str, name: &str) -> Outcome<Element> {
        self.expect(&format!("<{name}/> of {ns}"), |element| element.is(Ns::new(ns), name)).await
    }

    /// An element that `is` knows has to come, whatever other elements come before it.
    ///
    /// # Errors
    ///
    /// It does not come, or the stream ends.
    pub async fn wait_for(
        &mut self,
        what: &str,
        is: impl Fn(ElementRef<'_>) -> bool,
    ) -> Outcome<Element> {
        let mut passed = Vec::new();
        self.collect_until(what, is, &mut passed).await
    }

    /// The same, and the elements that came before it are kept.
    ///
    /// # Errors
    ///
    /// It does not come, or the stream ends.
    pub async fn collect_until(
        &mut self,
        what: &str,
        is: impl Fn(ElementRef<'_>) -> bool,
        before: &mut Vec<Element>,
    ) -> Outcome<Element> {
        let until = Instant::now() + self.patience;
        loop {
            match self.item_until(until).await {
                Item::Element(element) if is(element.as_ref()) => return Ok(element),
                Item::Element(element) if StreamError::of(&element).is_none() => {
                    before.push(element);
                }
                other => return Err(other.instead_of(what)),
            }
        }
    }

    /// A stream error has to come, whatever other elements come before it.
    ///
    /// # Errors
    ///
    /// None comes.
    pub async fn stream_error(&mut self) -> Outcome<StreamError> {
        let until = Instant::now() + self.patience;
        let mut before = String::new();
        loop {
            match self.item_until(until).await {
                Item::Header(_) => {}
                Item::Element(element) => {
                    if let Some(error) = StreamError::of(&element) {
                        return Ok(error);
                    }
                    before = format!("<{}/> came, and then ", element.name());
                }
                other => {
                    let what = other.what();
                    return Err(Fault::Failed(format!(
                        "a stream error is expected; {before}{what}"
                    )));
                }
            }
        }
    }

    /// A stream error with one of these conditions has to come.
    ///
    /// # Errors
    ///
    /// None comes, or another.
    pub async fn expect_stream_error(&mut self, conditions: &[&str]) -> Outcome<StreamError> {
        let what = format!("the stream error {}", conditions.join(" or "));
        let error = self.stream_error().await.map_err(|fault| match fault {
            Fault::Failed(why) => Fault::Failed(why.replacen("a stream error", &what, 1)),
            other => other,
        })?;
        if conditions.contains(&error.condition.as_str()) {
            return Ok(error);
        }
        self.transcript.mark_received();
        Err(Fault::Failed(format!("{what} is expected; {} came", error.condition)))
    }

    /// The closing tag has to come, and when we have sent ours, the transport's end.
    ///
    /// # Errors
    ///
    /// They do not.
    pub async fn expect_closed(&mut self) -> Outcome {
        self.expect_closing_tag().await?;
        self.send("</stream:stream>").await;
        match self.item().await {
            Item::End(_) => Ok(()),
            other => Err(other.instead_of("the connection's end")),
        }
    }

    /// The closing tag has to come, whatever elements come before it.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn expect_closing_tag(&mut self) -> Outcome {
        let until = Instant::now() + self.patience;
        loop {
            match self.item_until(until).await {
                Item::Closed => return Ok(()),
                Item::Element(_) => {}
                other => return Err(other.instead_of("the closing tag")),
            }
        }
    }
}
