//! Remembering what was used before.

use alloc::string::{String, ToString as _};
use core::fmt;

use crate::channel_binding::ChannelBindingType;
use crate::mechanism::Mechanism;

/// The mechanism and channel binding of an exchange that succeeded, to be kept
/// with the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    pub(super) mechanism: Mechanism,
    pub(super) binding: Option<ChannelBindingType>,
}

/// How strictly a pin is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pinning {
    /// A mechanism that proves without revealing is not followed by one that
    /// does not. This is what XEP-0474 asks of every client; the rest it leaves
    /// to the server's confirmation of its offer.
    Class,
    /// Neither a weaker hash nor a weaker channel binding. A server that has to
    /// take back a mechanism locks its users out this way (XEP-0474 section
    /// 4.2), so this is for where both sides are in one hand.
    AtLeast,
}

impl Pin {
    pub(super) fn permits(
        self,
        pinning: Pinning,
        mechanism: Mechanism,
        binding: Option<ChannelBindingType>,
    ) -> bool {
        if mechanism.is_revealing() && !self.mechanism.is_revealing() {
            return false;
        }
        match pinning {
            Pinning::Class => true,
            Pinning::AtLeast => {
                mechanism.strength() >= self.mechanism.strength() && binding >= self.binding
            }
        }
    }

    /// A text form: `SCRAM-SHA-256-PLUS tls-exporter`.
    pub fn to_text(self) -> String {
        self.to_string()
    }

    /// Reads what [`Pin::to_text`] wrote; `None` if it is anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let (mechanism, binding) = match text.split_once(' ') {
            Some((mechanism, binding)) => {
                (mechanism, Some(ChannelBindingType::from_name(binding)?))
            }
            None => (text, None),
        };
        let mechanism = Mechanism::from_name(mechanism)?;
        (mechanism.is_bound() == binding.is_some()).then_some(Self { mechanism, binding })
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mechanism.name())?;
        match self.binding {
            Some(binding) => write!(f, " {binding}"),
            None => Ok(()),
        }
    }
}
