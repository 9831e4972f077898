//! Which channel binding to use, and what its absence means: RFC 5802 section
//! 6 and the business rules of XEP-0440, with XEP-0474's change to the sixth.

use core::fmt;

use super::{Offer, Profile};
use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::mechanism::Mechanism;

/// What an offer and the connection come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BindingPlan<'a> {
    /// The strongest type that both sides have, and its data.
    pub(super) usable: Option<(ChannelBindingType, &'a [u8])>,
    /// The flag for SCRAM without -PLUS.
    pub(super) flag_without_plus: &'static str,
    /// SCRAM without -PLUS is only safe if the server confirms its offer.
    pub(super) confirm_offer_without_plus: bool,
}

impl<'a> BindingPlan<'a> {
    pub(super) fn of(
        offer: &Offer<'_>,
        bindings: &'a ChannelBindings,
    ) -> Result<Self, Contradiction> {
        let with_data = |kind: ChannelBindingType| bindings.data(kind).map(|data| (kind, data));
        let none = |flag| Self {
            usable: None,
            flag_without_plus: flag,
            confirm_offer_without_plus: false,
        };
        // XEP-0440 rule 2, 5802-6-06: there is nothing to bind to.
        if bindings.types().next().is_none() {
            return Ok(none("n"));
        }
        let offered = offer.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
        let bound_token = offer
            .token_mechanisms
            .iter()
            .chain(offer.mechanisms)
            .any(|name| Mechanism::from_name(name).is_some_and(Mechanism::is_bound));
        let listed = offer.channel_bindings.filter(|types| !types.is_empty());
        match (offered, listed) {
            // Rule 3, 5802-6-04: should the server say otherwise, it will know.
            (false, None) => Ok(none("y")),
            // Rule 4.
            (true, None) if offer.profile == Profile::Sasl2 => Err(Contradiction::PlusWithoutTypes),
            // A server that names no types is older than XEP-0440, and so than
            // RFC 9266 (tls-exporter): it binds to tls-unique, the default of
            // RFC 5802 section 6, or as ejabberd 23.01 does under TLS 1.3 to
            // something that nobody else can compute.
            (true, None) => {
                Ok(Self { usable: with_data(ChannelBindingType::TlsUnique), ..none("n") })
            }
            // Rule 5. HT- mechanisms bind, too.
            (false, Some(_)) if bound_token => Ok(none("y")),
            (false, Some(_)) => Err(Contradiction::TypesWithoutPlus),
            // Rules 6 and 7.
            (true, Some(types)) => {
                let both = |kind: &ChannelBindingType| types.contains(&kind.as_str());
                let usable = bindings.types().find(both).and_then(with_data);
                let end_point = types.contains(&ChannelBindingType::TlsServerEndPoint.as_str());
                Ok(Self {
                    usable,
                    flag_without_plus: "n",
                    confirm_offer_without_plus: usable.is_none() && !end_point,
                })
            }
        }
    }
}

/// How an offer can contradict itself (XEP-0440, business rules 4 and 5).
/// Either the server is wrong or somebody changed the offer on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contradiction {
    /// Mechanisms with channel binding, but no type of channel binding.
    PlusWithoutTypes,
    /// Types of channel binding, but no mechanism that uses one.
    TypesWithoutPlus,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PlusWithoutTypes => {
                "-PLUS is offered but no channel binding type; the offer may have been altered \
                 (XEP-0440 rule 4)"
            }
            Self::TypesWithoutPlus => {
                "channel binding types are offered but no -PLUS; the offer may have been altered \
                 (XEP-0440 rule 5)"
            }
        })
    }
}
