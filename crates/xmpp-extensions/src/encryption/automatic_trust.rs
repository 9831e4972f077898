//! Automatic trust management: XEP-0450, whose trust messages to act on.

use xmpp_jid::BareJidRef;

use super::trust_messages::{KeyOwner, TrustMessage};

/// What trust messages have as their `usage`.
pub const NS: &str = "urn:xmpp:atm:1";

/// The key owners of a trust message whose keys it may decide on
/// (XEP-0450, 4.1.2, 4.2.2, 4.3.2 and 4.4.2): a device of one's own account on
/// everybody's, a device of a contact on that contact's alone. None, if the
/// message is of another usage.
///
/// The sender's key has to be authenticated; else the message is kept until it
/// is (XEP-0450, 5.1).
pub fn deciding<'m, 'a>(
    message: &'m TrustMessage<'a>,
    sender: BareJidRef<'m>,
    account: BareJidRef<'_>,
) -> impl Iterator<Item = &'m KeyOwner<'a>> {
    let is_own = sender.as_str() == account.as_str();
    let owners = if message.usage == NS { &*message.key_owners } else { &[] };
    owners.iter().filter(move |owner| is_own || owner.jid.as_ref().as_str() == sender.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use xmpp_stanza::Payload;
    use xmpp_stanza::xml::Element;

    #[test]
    fn contacts_decide_on_their_own_keys() {
        let element = Element::parse(
            "<trust-message xmlns='urn:xmpp:tm:1' usage='urn:xmpp:atm:1' encryption='urn:xmpp:omemo:2'>\
             <key-owner jid='alice@example.org'><trust>AAAA</trust></key-owner>\
             <key-owner jid='bob@example.com'><distrust>AAAA</distrust></key-owner></trust-message>",
        )
        .unwrap();
        let mut message = TrustMessage::parse(element.as_ref()).unwrap();
        let alice = BareJidRef::new("alice@example.org").unwrap();
        let owners = |message: &TrustMessage<'_>, sender| -> Vec<String> {
            let sender = BareJidRef::new(sender).unwrap();
            let deciding = deciding(message, sender, alice);
            deciding.map(|owner| owner.jid.as_ref().as_str().to_string()).collect()
        };
        assert_eq!(owners(&message, "alice@example.org"), ["alice@example.org", "bob@example.com"]);
        assert_eq!(owners(&message, "bob@example.com"), ["bob@example.com"]);
        assert!(owners(&message, "carol@example.net").is_empty());
        message.usage = "urn:example:other".into();
        assert!(owners(&message, "alice@example.org").is_empty());
    }
}
