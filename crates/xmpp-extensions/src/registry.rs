//! All models, to be found by the name of an element.

use xmpp_stanza::payload::Shape;
use xmpp_stanza::xml::{ElementRef, Writer};
use xmpp_stanza::{Findings, Invalid};

/// A model, as those see it who go through all of them: inspectors, testers.
#[derive(Debug)]
pub struct Model {
    xep: u16,
    shape: fn() -> &'static Shape,
    rewrite: Rewrite,
    rewrite_owned: Rewrite,
}

type Rewrite = fn(ElementRef<'_>, &mut Findings, &mut Writer<'_>) -> Result<(), Invalid>;

impl Model {
    pub(crate) const fn new(
        xep: u16,
        shape: fn() -> &'static Shape,
        rewrite: Rewrite,
        rewrite_owned: Rewrite,
    ) -> Self {
        Self { xep, shape, rewrite, rewrite_owned }
    }

    /// The number of the XEP that defines it.
    #[must_use]
    pub const fn xep(&self) -> u16 {
        self.xep
    }

    /// What it is made of.
    #[must_use]
    pub fn shape(&self) -> &'static Shape {
        (self.shape)()
    }

    /// Reads the element as this model and writes what was read.
    ///
    /// # Errors
    ///
    /// As [`Payload::parse_noting`](xmpp_stanza::Payload::parse_noting).
    pub fn rewrite(
        &self,
        element: ElementRef<'_>,
        findings: &mut Findings,
        w: &mut Writer<'_>,
    ) -> Result<(), Invalid> {
        (self.rewrite)(element, findings, w)
    }

    /// Does what [`rewrite`](Self::rewrite) does by way of the value that does not borrow.
    ///
    /// # Errors
    ///
    /// As [`rewrite`](Self::rewrite).
    pub fn rewrite_owned(
        &self,
        element: ElementRef<'_>,
        findings: &mut Findings,
        w: &mut Writer<'_>,
    ) -> Result<(), Invalid> {
        (self.rewrite_owned)(element, findings, w)
    }
}

/// The models of the subjects that are compiled in.
pub fn models() -> impl Iterator<Item = &'static Model> + Clone {
    static SUBJECTS: &[&[Model]] = &[
        crate::base::MODELS,
        #[cfg(feature = "accounts")]
        crate::accounts::MODELS,
        #[cfg(feature = "archive")]
        crate::archive::MODELS,
        #[cfg(feature = "calls")]
        crate::calls::MODELS,
        #[cfg(feature = "encryption")]
        crate::encryption::MODELS,
        #[cfg(feature = "files")]
        crate::files::MODELS,
        #[cfg(feature = "messaging")]
        crate::messaging::MODELS,
        #[cfg(feature = "profiles")]
        crate::profiles::MODELS,
        #[cfg(feature = "pubsub")]
        crate::pubsub::MODELS,
        #[cfg(feature = "rooms")]
        crate::rooms::MODELS,
        #[cfg(feature = "things")]
        crate::things::MODELS,
    ];
    SUBJECTS.iter().copied().flatten()
}

/// The model for an element, by its name and namespace.
#[must_use]
pub fn find(element: ElementRef<'_>) -> Option<&'static Model> {
    models().find(|model| model.shape().matches(element))
}

/// The models of a subject: `0203: delay::Delay<'_>, …`.
macro_rules! subject {
    ($($xep:literal: $model:ty,)*) => {
        pub(crate) static MODELS: &[crate::registry::Model] = &[$(
            crate::registry::Model::new(
                {
                    const XEP: u16 = crate::registry::number(stringify!($xep));
                    XEP
                },
                || <$model as xmpp_stanza::Payload<'_>>::SHAPE,
                |element, findings, w| {
                    let read = <$model as xmpp_stanza::Payload<'_>>::parse_noting(element, findings)?;
                    w.write(&read);
                    Ok(())
                },
                |element, findings, w| {
                    let read = <$model as xmpp_stanza::Payload<'_>>::parse_noting(element, findings)?;
                    w.write(&xmpp_stanza::IntoOwned::into_owned(read));
                    Ok(())
                },
            ),
        )*];
    };
}
pub(crate) use subject;

/// The number that those digits are: XEPs are written with zeros in front.
pub(crate) const fn number(digits: &str) -> u16 {
    let (bytes, mut number, mut at) = (digits.as_bytes(), 0, 0);
    while at < bytes.len() {
        number = number * 10 + (bytes[at] - b'0') as u16;
        at += 1;
    }
    number
}
