//! Which channel binding to use, and what its absence means: RFC 5802 section
//! 6 and the business rules of XEP-0440, with XEP-0474's change to the sixth.

use core::fmt;

use super::Offer;
use crate::channel_binding::{ChannelBindingType, ChannelBindings};

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
        own_is_bound: impl Fn(&str) -> bool,
    ) -> Result<Self, Contradiction> {
        let with_data = |kind: ChannelBindingType| bindings.data(kind).map(|data| (kind, data));
        let none = |flag| Self {
            usable: None,
            flag_without_plus: flag,
            confirm_offer_without_plus: false,
        };
        let offered = offer.mechanisms.iter().any(|name| name.ends_with("-PLUS"));
        let mut others = offer.token_mechanisms.iter().chain(offer.mechanisms);
        let otherwise_bound = others.any(|name| is_bound_token(name) || own_is_bound(name));
        let listed = offer.channel_bindings.filter(|types| !types.is_empty());
        // Rules 4 and 5 are about the offer alone, whatever this side can do.
        // HT- mechanisms bind, too.
        match listed {
            None if offered && offer.lists_bindings => return Err(Contradiction::PlusWithoutTypes),
            Some(_) if !offered && !otherwise_bound => return Err(Contradiction::TypesWithoutPlus),
            _ => {}
        }
        // XEP-0440 rule 2, 5802-6-06: there is nothing to bind to.
        if bindings.types().next().is_none() {
            return Ok(none("n"));
        }
        match (offered, listed) {
            // Rule 3, 5802-6-04: should the server say otherwise, it will know.
            (false, _) => Ok(none("y")),
            // A server that names no types is older than XEP-0440, and so than
            // RFC 9266 (tls-exporter): it binds to tls-unique, the default of
            // RFC 5802 section 6, or as ejabberd 23.01 does under TLS 1.3 to
            // something that nobody else can compute.
            (true, None) => {
                Ok(Self { usable: with_data(ChannelBindingType::TlsUnique), ..none("n") })
            }
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

/// Whether it is a mechanism for tokens that binds, with whichever hash.
fn is_bound_token(name: &str) -> bool {
    name.starts_with("HT-") && ["-EXPR", "-UNIQ", "-ENDP"].iter().any(|kind| name.ends_with(kind))
}

/// How an offer can contradict itself (XEP-0440, business rules 4 to 6).
/// Either the server is wrong or somebody changed the offer on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contradiction {
    /// Mechanisms with channel binding, but no type of channel binding.
    PlusWithoutTypes,
    /// Types of channel binding, but no mechanism that uses one.
    TypesWithoutPlus,
    /// Types of channel binding, but none that this side knows, and not the one
    /// that every server has. Only SCRAM goes on then, and only if the server
    /// confirms its offer.
    NoCommonType,
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
            Self::NoCommonType => {
                "-PLUS is offered with no usable type and without tls-server-end-point; the offer \
                 may have been altered (XEP-0440 rule 6)"
            }
        })
    }
}
