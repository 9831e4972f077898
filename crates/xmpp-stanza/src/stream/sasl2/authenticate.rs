//! How the client begins: XEP-0388, "Initiation".

use alloc::string::String;
use alloc::vec::Vec;

use xmpp_xml::{Element, ElementRef, Ns, WriteXml, Writer};

use super::{
    Data, NS, UPGRADE, data, name_in, required, set, write_all, write_data, write_upgrades,
};
use crate::{Invalid, Payload};

/// `<user-agent/>`: what a client tells about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserAgent {
    /// What the installation is known by: a UUID of version 4, says the XEP. Here it
    /// is the text that came.
    pub id: Option<String>,
    /// The name of the software.
    pub software: Option<String>,
    /// The name of the device.
    pub device: Option<String>,
}

impl UserAgent {
    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.id.is_none() && self.software.is_none() && self.device.is_none()
    }
}

impl Payload<'_> for UserAgent {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "user-agent";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let text = |name| element.child(NS, name).map(|child| child.text().into_owned());
        Ok(Self {
            id: element.attr("id").map(|id| id.into_owned()),
            software: text("software"),
            device: text("device"),
        })
    }
}

impl WriteXml for UserAgent {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(NS, Self::NAME).attr_opt("id", self.id.as_deref());
        for (name, text) in [("software", &self.software), ("device", &self.device)] {
            if let Some(text) = text {
                w.leaf(NS, name, text);
            }
        }
        w.end();
    }
}

/// `<authenticate/>`: the client picks a mechanism, and says what else it wants.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Authenticate {
    /// The name of the mechanism.
    pub mechanism: String,
    /// The initial response, if there is one.
    pub initial_response: Option<Data>,
    /// What the client tells about itself.
    pub user_agent: Option<UserAgent>,
    /// The upgrade tasks that it asks for (XEP-0480).
    pub upgrades: Vec<String>,
    /// What else it asks for, each an element.
    pub inline: Vec<Element>,
}

impl Authenticate {
    /// A request for `mechanism`.
    pub fn new(mechanism: impl Into<String>, initial_response: Option<&[u8]>) -> Self {
        Self {
            mechanism: mechanism.into(),
            initial_response: initial_response.map(Data::encode),
            ..Self::default()
        }
    }

    /// What it asks for of type `T`.
    ///
    /// # Errors
    ///
    /// If it is there and breaks the rules of `T`.
    pub fn inline<'s, T: Payload<'s>>(&'s self) -> Result<Option<T>, Invalid> {
        crate::payload::first(self.inline.iter())
    }
}

impl Payload<'_> for Authenticate {
    const NS: Ns<'static> = NS;
    const NAME: &'static str = "authenticate";

    fn parse(element: ElementRef<'_>) -> Result<Self, Invalid> {
        Self::check(element)?;
        let mechanism = required(element, Self::NAME, "mechanism")?;
        let mut this = Self { mechanism, ..Self::default() };
        for child in element.children() {
            let name = if child.has_ns(NS) { child.name() } else { "" };
            match name {
                "initial-response" => set(&mut this.initial_response, data(child)?, Self::NAME)?,
                "user-agent" => set(&mut this.user_agent, UserAgent::parse(child)?, Self::NAME)?,
                _ if child.is(UPGRADE, "upgrade") => this.upgrades.push(name_in(child)),
                _ => this.inline.push(child.into_shared()),
            }
        }
        Ok(this)
    }
}

impl Authenticate {
    /// Writes it, with what `more` writes beside what is inline.
    pub fn write_with(&self, w: &mut Writer<'_>, more: impl FnOnce(&mut Writer<'_>)) {
        w.start(NS, Self::NAME).attr("mechanism", &self.mechanism);
        write_upgrades(w, &self.upgrades);
        write_data(w, "initial-response", self.initial_response.as_ref());
        if let Some(user_agent) = &self.user_agent {
            w.write(user_agent);
        }
        write_all(w, &self.inline);
        more(w);
        w.end();
    }
}

impl WriteXml for Authenticate {
    fn write_xml(&self, w: &mut Writer<'_>) {
        self.write_with(w, |_| {});
    }
}
