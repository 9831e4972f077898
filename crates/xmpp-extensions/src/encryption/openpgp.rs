//! OpenPGP for XMPP: XEP-0373, and for instant messaging: XEP-0374.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use xmpp_jid::BareJidRef;
use xmpp_stanza::xml::Ns;
use xmpp_stanza::{AnyElement, Base64, DateTime, JidCow, Payload, Rest};

/// The namespace of these elements.
pub const NS: Ns<'static> = Ns::new("urn:xmpp:openpgp:0");
/// The node of the list of public keys (XEP-0373, 4.2). That of a key has its
/// fingerprint behind it, after a colon (XEP-0373, 4.1).
pub const PUBLIC_KEYS: &str = "urn:xmpp:openpgp:0:public-keys";
/// The node of the secret key (XEP-0373, 5).
pub const SECRET_KEY: &str = "urn:xmpp:openpgp:0:secret-key";
/// The feature of those who take instant messages so (XEP-0374, 3).
pub const INSTANT_MESSAGING: &str = "urn:xmpp:openpgp:im:0";

/// An OpenPGP message that is a [`Content`] (XEP-0373, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "openpgp", section = "XEP-0373, 3.1")]
#[non_exhaustive]
pub struct Openpgp<'a> {
    /// The message, without ASCII armour.
    #[xml(text)]
    pub message: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What an OpenPGP message says (XEP-0373, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, section = "XEP-0373, 3.1")]
#[expect(clippy::exhaustive_enums, reason = "signed, encrypted, or both")]
pub enum Content<'a> {
    /// Signed and encrypted.
    SignCrypt(SignCrypt<'a>),
    /// Signed.
    Sign(Sign<'a>),
    /// Encrypted.
    Crypt(Crypt<'a>),
}

macro_rules! contents {
    ($($(#[$doc:meta])* $content:ident = $name:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Payload, Clone, Debug, PartialEq)]
            #[xml(ns = NS, name = $name, section = "XEP-0373, 3.1")]
            #[non_exhaustive]
            pub struct $content<'a> {
                /// To whom.
                #[xml(child)]
                pub to: Vec<To<'a>>,
                /// When it was made.
                #[xml(child)]
                pub time: Time<'a>,
                /// A text of random length.
                #[xml(leaf)]
                pub rpad: Option<Cow<'a, str>>,
                /// What the stanza says.
                #[xml(child)]
                pub payload: Elements<'a>,
                /// What else is in it.
                #[xml(rest)]
                pub rest: Rest<'a>,
            }
        )+
    };
}
contents! {
    /// Signed and encrypted (XEP-0373, 3.1).
    SignCrypt = "signcrypt";
    /// Signed (XEP-0373, 3.1).
    Sign = "sign";
    /// Encrypted (XEP-0373, 3.1).
    Crypt = "crypt";
}

/// To whom something was signed or encrypted (XEP-0373, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "to", section = "XEP-0373, 3.1")]
#[non_exhaustive]
pub struct To<'a> {
    /// An address, mostly a bare one.
    #[xml(attr)]
    pub jid: JidCow<'a>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// When something was signed or encrypted (XEP-0373, 3.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "time", section = "XEP-0373, 3.1")]
#[non_exhaustive]
pub struct Time<'a> {
    /// The moment.
    #[xml(attr)]
    pub stamp: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What a stanza says (XEP-0373, 3.1).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "payload", section = "XEP-0373, 3.1")]
#[non_exhaustive]
pub struct Elements<'a> {
    /// Its elements, each with a namespace of its own.
    #[xml(any)]
    pub elements: Vec<AnyElement<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// A public key, as an item of its node (XEP-0373, 4.1).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "pubkey", section = "XEP-0373, 4.1")]
#[non_exhaustive]
pub struct PublicKey<'a> {
    /// The key, without ASCII armour.
    #[xml(leaf)]
    pub data: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The public keys of an account, as the item of [`PUBLIC_KEYS`]
/// (XEP-0373, 4.2).
#[derive(Payload, Clone, Debug, Default, PartialEq)]
#[xml(ns = NS, name = "public-keys-list", section = "XEP-0373, 4.2")]
#[non_exhaustive]
pub struct PublicKeysList<'a> {
    /// The keys.
    #[xml(child)]
    pub keys: Vec<KeyMetadata<'a>>,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// What is said of a public key (XEP-0373, 4.2).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "pubkey-metadata", section = "XEP-0373, 4.2")]
#[non_exhaustive]
pub struct KeyMetadata<'a> {
    /// Its fingerprint, in hexadecimal digits of upper case.
    #[xml(attr)]
    pub v4_fingerprint: Cow<'a, str>,
    /// When it was published or changed last.
    #[xml(attr)]
    pub date: DateTime,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

/// The secret keys, encrypted with a backup code, as the item of [`SECRET_KEY`]
/// (XEP-0373, 5.4).
#[derive(Payload, Clone, Debug, PartialEq)]
#[xml(ns = NS, name = "secretkey", section = "XEP-0373, 5.4")]
#[non_exhaustive]
pub struct SecretKey<'a> {
    /// The OpenPGP message.
    #[xml(text)]
    pub message: Base64,
    /// What else is in it.
    #[xml(rest)]
    pub rest: Rest<'a>,
}

impl<'a> Content<'a> {
    const fn parts(&self) -> (&Vec<To<'a>>, &Time<'a>, &Elements<'a>) {
        match self {
            Self::SignCrypt(content) => (&content.to, &content.time, &content.payload),
            Self::Sign(content) => (&content.to, &content.time, &content.payload),
            Self::Crypt(content) => (&content.to, &content.time, &content.payload),
        }
    }

    /// Whether it belongs to the stanza that it came in (XEP-0373, 3.2): it was
    /// made for the stanza's recipient, and at most `margin` seconds before or
    /// after `sent`. What is encrypted alone may be for nobody in particular.
    ///
    /// Signature and key are looked at elsewhere.
    #[must_use]
    pub fn belongs_to(&self, recipient: BareJidRef<'_>, sent: DateTime, margin: u32) -> bool {
        let (to, time, _) = self.parts();
        let is_for = to.iter().any(|to| to.jid.as_ref().to_bare().as_str() == recipient.as_str());
        let anybody = matches!(self, Self::Crypt(_)) && to.is_empty();
        let apart = time.stamp.unix_seconds().abs_diff(sent.unix_seconds());
        (is_for || anybody) && apart <= u64::from(margin)
    }

    /// What the stanza says.
    #[must_use]
    pub fn elements(&self) -> &[AnyElement<'a>] {
        &self.parts().2.elements
    }
}

/// Whether a text is a backup code: six times four of
/// `123456789ABCDEFGHIJKLMNPQRSTUVWXYZ`, with dashes between (XEP-0373, 5.4).
///
/// ```
/// use xmpp_extensions::encryption::openpgp::is_backup_code;
///
/// assert!(is_backup_code("TWNK-KD5Y-MT3T-E1GS-DRDB-KVTW"));
/// assert!(!is_backup_code("TWNK-KD5Y-MT3T-E1GS-DRDB-KVT0"));
/// ```
#[must_use]
pub fn is_backup_code(code: &str) -> bool {
    code.len() == 29
        && code.bytes().enumerate().all(|(at, byte)| match at % 5 {
            4 => byte == b'-',
            _ => matches!(byte, b'1'..=b'9' | b'A'..=b'N' | b'P'..=b'Z'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use xmpp_stanza::xml::Element;

    #[test]
    fn contents_belong_to_their_stanza() {
        let content = |name: &str, to: &str| {
            Element::parse(alloc::format!(
                "<{name} xmlns='urn:xmpp:openpgp:0'>{to}<time stamp='2014-07-10T17:06:00+02:00'/>\
                 <rpad>x</rpad><payload><body xmlns='jabber:client'>hi</body></payload></{name}>"
            ))
            .unwrap()
        };
        let juliet = BareJidRef::new("juliet@example.org").unwrap();
        let belongs = |name, to, sent: &str| {
            let element = content(name, to);
            let content = Content::parse(element.as_ref()).unwrap();
            assert_eq!(content.elements().len(), 1);
            content.belongs_to(juliet, sent.parse().unwrap(), 60)
        };
        let to = "<to jid='romeo@example.org'/><to jid='juliet@example.org/balcony'/>";
        for name in ["signcrypt", "sign", "crypt"] {
            assert!(belongs(name, to, "2014-07-10T15:07:00Z"));
            assert!(!belongs(name, to, "2014-07-10T15:07:01Z"));
            assert!(!belongs(name, "<to jid='romeo@example.org'/>", "2014-07-10T15:06:00Z"));
        }
        assert!(belongs("crypt", "", "2014-07-10T15:06:00Z"));
        assert!(!belongs("sign", "", "2014-07-10T15:06:00Z"));
    }

    #[test]
    fn backup_codes() {
        for bad in [
            "",
            "TWNK-KD5Y-MT3T-E1GS-DRDB",
            "TWNKKD5YMT3TE1GSDRDBKVTWTWNKK",
            "twnk-KD5Y-MT3T-E1GS-DRDB-KVTW",
            "TWNO-KD5Y-MT3T-E1GS-DRDB-KVTW",
            "TWNK-KD5Y-MT3T-E1GS-DRDB-KVTW-",
        ] {
            assert!(!is_backup_code(bad), "{bad}");
        }
    }
}
