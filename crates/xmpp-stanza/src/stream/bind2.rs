//! Bind 2: a resource bound inline with authentication, XEP-0386.

use alloc::string::String;
use alloc::vec::Vec;

use xmpp_xml::{Element, ElementRef, Ns, WriteXml, Writer, ns};

use crate::{Invalid, Payload, envelope};

const NS: Ns<'static> = ns::BIND2;

/// `<bind/>` among the inline features of SASL2: which features a client may ask
/// for with a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BindFeature {
    /// Their names: `urn:xmpp:carbons:2`, `urn:xmpp:csi:0`, `urn:xmpp:sm:3`.
    pub inline: Vec<String>,
}

impl BindFeature {
    /// With these features.
    pub fn new<S: Into<String>>(inline: impl IntoIterator<Item = S>) -> Self {
        Self { inline: inline.into_iter().map(Into::into).collect() }
    }

    /// Whether this feature may be asked for.
    #[must_use]
    pub fn has(&self, ns: Ns<'_>) -> bool {
        self.inline.iter().any(|var| var == ns.uri())
    }
}

impl Payload<'_> for BindFeature {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "bind";

    /// Features stand in `<inline/>`; some servers leave that out, as an example of
    /// XEP-0198 does.
    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let parent = element.child(NS, "inline").unwrap_or(element);
        let features = parent.children().filter(|child| child.is(NS, "feature"));
        let vars = features.filter_map(|feature| feature.attr("var"));
        Ok(Self { inline: vars.map(|var| var.into_owned()).collect() })
    }
}

impl WriteXml for BindFeature {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        if !self.inline.is_empty() {
            w.start(NS, "inline");
            for var in &self.inline {
                w.start(NS, "feature").attr("var", var).end();
            }
            w.end();
        }
        w.end();
    }
}

/// `<bind/>` in `<authenticate/>`: the request.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct BindRequest {
    /// What the resource is to begin with: mostly the name of the software.
    pub tag: Option<String>,
    /// What is to be enabled with it, each an element.
    pub inline: Vec<Element>,
}

impl BindRequest {
    /// What is asked for of type `T`.
    ///
    /// # Errors
    ///
    /// If it is there and breaks the rules of `T`.
    pub fn inline<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        crate::payload::first(self.inline.iter())
    }
}

impl Payload<'_> for BindRequest {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "bind";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mut this = Self::default();
        for child in element.children() {
            if child.is(NS, "tag") {
                let tag = envelope::text(child, "tag", "XEP-0386")?;
                this.tag.get_or_insert_with(|| tag.into_owned());
            } else {
                this.inline.push(child.into_shared());
            }
        }
        Ok(this)
    }
}

impl WriteXml for BindRequest {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        if let Some(tag) = &self.tag {
            w.leaf(NS, "tag", tag);
        }
        for element in &self.inline {
            w.element(element.as_ref());
        }
        w.end();
    }
}

/// `<bound/>` in `<success/>`: the result. The address is in the success itself.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Bound {
    /// The results of what was asked for, and what else there is to tell, each an
    /// element: `<enabled/>` of stream management, `<metadata/>` of an archive.
    pub inline: Vec<Element>,
}

impl Bound {
    /// What it tells of type `T`.
    ///
    /// # Errors
    ///
    /// If it is there and breaks the rules of `T`.
    pub fn inline<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        crate::payload::first(self.inline.iter())
    }
}

impl Payload<'_> for Bound {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "bound";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        Ok(Self { inline: element.children().map(ElementRef::into_shared).collect() })
    }
}

impl WriteXml for Bound {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME);
        for element in &self.inline {
            w.element(element.as_ref());
        }
        w.end();
    }
}
