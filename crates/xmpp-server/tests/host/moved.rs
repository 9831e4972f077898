//! Users who are to be found under another address.

use xmpp_jid::LocalpartRef;
use xmpp_server::Moved;

use crate::presence::verona;
use crate::support::{Id, Net, bare};

fn set_moved(net: &mut Net, moved: Option<Moved>) {
    net.host.set_moved(LocalpartRef::new("juliet").unwrap(), moved);
}

/// An error with that condition for what went to Juliet.
fn error(name: &str, to: &str, (condition, kind): (&str, &str)) -> String {
    format!(
        "<{name} from='juliet@example.com' to='{to}' id='x' type='error'><error type='{kind}'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:la-mer@example.com\
         </{condition}></error></{name}>"
    )
}

fn send(net: &mut Net, session: Id, stanza: &str) {
    net.send(session, &stanza.replacen(' ', " to='juliet@example.com' id='x' ", 1));
}

const GONE: (&str, &str) = ("gone", "cancel");

/// 6121-4.3.2-05: a probe of one who may know is answered with the other address.
#[test]
fn probes_are_answered_with_the_other_address() {
    let (mut net, orchard, ..) = verona();
    let street = net.login("tybalt", "street");
    net.drain();
    let la_mer = || bare("la-mer");
    for (moved, condition) in [
        (Moved::Permanently(la_mer()), GONE),
        (Moved::Temporarily(la_mer()), ("redirect", "modify")),
    ] {
        set_moved(&mut net, Some(moved));
        send(&mut net, orchard, "<presence type='probe'/>");
        net.expect(orchard, &[&error("presence", "romeo@example.com/orchard", condition)]);
        // 6121-4.3.2-02: who may not know is told nothing.
        send(&mut net, street, "<presence type='probe'/>");
        net.expect_silence();
    }
    // The account's own probe, when he becomes available. His subscription stands.
    net.send(orchard, "<presence type='unavailable'/>");
    net.send(orchard, "<presence/>");
    let told = net.take(orchard);
    let error = told.iter().find(|stanza| stanza.attr("type").as_deref() == Some("error")).unwrap();
    assert_eq!(error.attr("to").as_deref(), Some("romeo@example.com"));
    assert!(error.source().contains("la-mer@example.com"));
    assert!(
        net.host.roster(&bare("romeo")).unwrap().subscription("juliet@example.com").state.has_to()
    );

    set_moved(&mut net, None);
    send(&mut net, orchard, "<presence type='probe'/>");
    let [answer] = &net.take(orchard)[..] else { panic!("one answer") };
    assert_eq!(answer.attr("type").as_deref(), Some("unavailable"));
}

/// RFC 6120 §8.3.3.5: whoever wants something of her.
#[test]
fn what_asks_something_is_refused() {
    let (mut net, ..) = verona();
    let street = net.login("tybalt", "street");
    let balcony = net.login("juliet", "balcony");
    net.drain();
    set_moved(&mut net, Some(Moved::Permanently(bare("la-mer"))));
    let tybalt = "tybalt@example.com/street";
    for (stanza, name, to) in [
        ("<message type='chat'><body>b</body></message>", "message", tybalt),
        ("<message type='normal'><body>b</body></message>", "message", tybalt),
        ("<iq type='get'><q xmlns='urn:q'/></iq>", "iq", tybalt),
        ("<iq type='set'><q xmlns='urn:q'/></iq>", "iq", tybalt),
    ] {
        send(&mut net, street, stanza);
        net.expect(street, &[&error(name, to, GONE)]);
    }
    // A request for a subscription is the account's, and is not pending any more.
    send(&mut net, street, "<presence type='subscribe'/>");
    assert!(net.take(street).iter().any(|stanza| stanza.source().contains("<gone")));
    let roster = net.host.roster(&bare("tybalt")).unwrap();
    assert!(!roster.subscription("juliet@example.com").state.is_pending_out());
    net.expect_nothing(balcony);
    // What asks for nothing arrives.
    for stanza in [
        "<message type='headline'><body>b</body></message>",
        "<message type='error'><body>b</body></message>",
        "<presence type='unavailable'/>",
    ] {
        send(&mut net, street, stanza);
        net.expect_nothing(street);
    }
    assert_eq!(net.take(balcony).len(), 2);
    // So does what is her own.
    net.send(balcony, "<message to='juliet@example.com' type='chat'><body>b</body></message>");
    assert_eq!(net.take(balcony).len(), 1);
}
