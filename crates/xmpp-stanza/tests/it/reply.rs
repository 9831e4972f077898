//! Answers to stanzas where they lie.

use xmpp_stanza::ping::Ping;
use xmpp_stanza::{Address, StanzaCondition, StanzaError, StanzaRef};

use crate::harness::{element, jid, written};

const XMLNS: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";

#[test]
fn an_error_goes_back_to_where_the_stanza_came_from() {
    // 6120-8.3.1-02, 6120-8.3.1-03, 6120-8.3.1-04, 6120-8.3.1-06, 6120-8.1.3-02
    // 6120-stanza-error-child, 6120-stanza-error-id
    // 6120-8.3.1-05; an id that is not there is not there in the answer, but
    // that of an iq is empty.
    for (kind, id, answered) in [
        ("message", "", ""),
        ("message", "id='a&amp;b'", "id='a&amp;b'"),
        ("presence", "id=''", "id=''"),
        ("iq type='get'", "", "id=''"),
        ("iq type='get'", "id='x'", "id='x'"),
    ] {
        let xml = format!(
            "<{kind} {id} to='a@b.example' from='C.example/d'><body>x</body></{}>",
            kind.split(' ').next().unwrap()
        );
        let received = element(&xml);
        let stanza = StanzaRef::new(received.as_ref()).unwrap();
        let reply = stanza.error_reply(StanzaCondition::ItemNotFound).unwrap();
        let kind = kind.split(' ').next().unwrap();
        let expected = format!(
            "<{kind} {answered} from='a@b.example' to='c.example/d' type='error'>\
             <error type='cancel'><item-not-found {XMLNS}/></error></{kind}>"
        );
        assert_eq!(written(&reply), element(&expected), "{xml}");
    }
}

#[test]
fn a_malformed_address_is_returned_as_it_came() {
    // The example of 8.3.3.8.
    let received = element(
        "<presence from='juliet@im.example.com/balcony' id='y2bs71v4' \
        to='ch@r@cters@muc.example.com/JulieC'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
    );
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    let error = StanzaError::new(StanzaCondition::JidMalformed).with_by(jid("muc.example.com"));
    assert_eq!(
        written(&stanza.error_reply(error).unwrap()),
        element(&format!(
            "<presence from='ch@r@cters@muc.example.com/JulieC' id='y2bs71v4' \
             to='juliet@im.example.com/balcony' type='error'>\
             <error by='muc.example.com' type='modify'><jid-malformed {XMLNS}/></error></presence>"
        ))
    );
}

#[test]
fn no_error_answers_an_error_or_a_result() {
    // 6120-stanza-error-reply
    // 6120-8.3.1-11, 6120-8.2.3-06
    for xml in [
        "<message type='error'/>",
        "<presence type='error'/>",
        "<iq type='error' id='1'/>",
        "<iq type='result' id='1'/>",
    ] {
        let received = element(xml);
        let stanza = StanzaRef::new(received.as_ref()).unwrap();
        assert!(stanza.error_reply(StanzaCondition::BadRequest).is_none(), "{xml}");
        assert!(stanza.result(Ping).is_none(), "{xml}");
        assert!(stanza.empty_result().is_none(), "{xml}");
    }
}

#[test]
fn an_iq_of_no_known_type_is_answered_with_an_error_and_no_result() {
    // 6120-8.2.3-03
    for xml in ["<iq id='1'/>", "<iq id='1' type='fetch'/>"] {
        let received = element(xml);
        let stanza = StanzaRef::new(received.as_ref()).unwrap();
        assert!(stanza.error_reply(StanzaCondition::BadRequest).is_some(), "{xml}");
        assert!(stanza.empty_result().is_none(), "{xml}");
    }
}

#[test]
fn a_result_answers_a_request() {
    let received = element("<iq type='set' id='7' from='a.example'><x xmlns='urn:x'/></iq>");
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    assert_eq!(
        written(&stanza.empty_result().unwrap()),
        element("<iq type='result' id='7' to='a.example'/>")
    );
    assert_eq!(
        written(&stanza.result(Ping).unwrap().with_from(jid("b.example")).with_to(Address::Absent)),
        element("<iq type='result' id='7' from='b.example'><ping xmlns='urn:xmpp:ping'/></iq>")
    );
    assert!(StanzaRef::new(element("<message/>").as_ref()).unwrap().empty_result().is_none());
}

#[test]
fn an_error_can_repeat_the_payload() {
    // 6120-8.3.1-08
    let received = element("<iq type='get' id='7'><x xmlns='urn:x' a='b'>c</x></iq>");
    let stanza = StanzaRef::new(received.as_ref()).unwrap();
    let reply = stanza.error_reply(StanzaCondition::Forbidden).unwrap().with_payload_of_request();
    assert_eq!(
        written(&reply),
        element(&format!(
            "<iq type='error' id='7'><x xmlns='urn:x' a='b'>c</x>\
             <error type='auth'><forbidden {XMLNS}/></error></iq>"
        ))
    );
}
