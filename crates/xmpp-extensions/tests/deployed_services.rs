//! What servers answer and clients ask for, as they send it: forms, discovery,
//! accounts, publish-subscribe, archives. Nothing in it is unknown, and it is
//! written again as it was.
#![cfg(all(feature = "accounts", feature = "archive", feature = "pubsub"))]

use xmpp_extensions::base::caps::Caps;
use xmpp_extensions::base::contact_addresses::ContactAddresses;
use xmpp_extensions::base::disco::Info;
use xmpp_extensions::find;
use xmpp_stanza::xml::{Element, Writer};
use xmpp_stanza::{Findings, Payload};

/// The payload again, and what was found in it.
fn rewritten(xml: &str) -> (Element, Element, Vec<String>) {
    let element = Element::parse(xml).unwrap();
    let mut findings = Findings::collect(10);
    let mut out = Vec::new();
    let mut w = Writer::document(&mut out);
    let model = find(element.as_ref()).expect(xml);
    model.rewrite(element.as_ref(), &mut findings, &mut w).unwrap();
    w.finish().unwrap();
    let told = findings.iter().map(ToString::to_string).collect();
    (element, Element::parse(&out).unwrap(), told)
}

#[test]
fn nothing_is_unknown() {
    for xml in [
        "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://conversations.im' ver='HUFJdQyOdf0='/>",
        "<c xmlns='http://jabber.org/protocol/caps' ext='voice-v1' node='http://pidgin.im/' ver='2.5'/>",
        "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='a'/><identity type='im' category='server' name='Prosody'/>\
         <x xmlns='jabber:x:data' type='result'><field type='hidden' var='FORM_TYPE'><value>http://jabber.org/network/serverinfo</value></field>\
         <field type='list-multi' var='abuse-addresses'><value>mailto:a@example</value></field></x></query>",
        "<query xmlns='http://jabber.org/protocol/disco#items' node='x'><item jid='muc.example' name='Rooms'/>\
         <set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first><last>b</last><count>2</count></set></query>",
        // A slot of a bot's form with an empty value, and a field without a type.
        "<x xmlns='jabber:x:data' type='submit'><field var='a'/><field var='b'><value/></field></x>",
        // Registration: fields to be filled in, and a form at once.
        "<query xmlns='jabber:iq:register'><instructions>Choose</instructions><username/><password/>\
         <x xmlns='jabber:x:data' type='form'><title>Join</title></x></query>",
        "<register xmlns='http://jabber.org/features/iq-register'/>",
        "<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'><conference jid='r@m.example' autojoin='1'>\
         <nick>n</nick></conference></storage></query>",
        "<storage xmlns='storage:bookmarks'><conference jid='r@m.example' name='' autojoin='0'><password/></conference></storage>",
        "<conference xmlns='urn:xmpp:bookmarks:1' autojoin='true' name='R'><nick>n</nick><extensions>\
         <pinned xmlns='urn:xmpp:bookmarks-pinning:0'/><notify xmlns='urn:xmpp:notification-settings:1'><on-mention/></notify>\
         </extensions></conference>",
        "<command xmlns='http://jabber.org/protocol/commands' node='uptime' sessionid='1' status='completed'>\
         <note type='info'>Up</note></command>",
        "<command xmlns='http://jabber.org/protocol/commands' node='x' sessionid='1' status='executing'>\
         <actions execute='complete'><prev/><complete/></actions><x xmlns='jabber:x:data' type='form'/></command>",
        "<enable xmlns='urn:xmpp:push:0' jid='push.example' node='n'><x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
         <field var='secret'><value>s</value></field></x></enable>",
        "<enable xmlns='urn:xmpp:push:0' jid='push.example'/>",
        "<block xmlns='urn:xmpp:blocking'><item jid='spam.example'><report xmlns='urn:xmpp:reporting:1' \
         reason='urn:xmpp:reporting:spam'><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='a@example'/></report></item></block>",
        // Publishing and what becomes of it.
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item id='current'><x xmlns='urn:example:x'/></item></publish>\
         <publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
         <value>http://jabber.org/protocol/pubsub#publish-options</value></field></x></publish-options></pubsub>",
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item id='current'/></publish></pubsub>",
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscription jid='a@example' node='n' subid='1' subscription='subscribed'/></pubsub>",
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/>\
         <set xmlns='http://jabber.org/protocol/rsm'><count>0</count></set></pubsub>",
        "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><retract id='1'/></items></event>",
        "<event xmlns='http://jabber.org/protocol/pubsub#event'><configuration node='n'/></event>",
        "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/>",
        "<unsupported xmlns='http://jabber.org/protocol/pubsub#errors' feature='create-nodes'/>",
        // Archives.
        "<query xmlns='urn:xmpp:mam:2' queryid='1'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
         <value>urn:xmpp:mam:2</value></field><field var='with'><value>a@example</value></field></x>\
         <set xmlns='http://jabber.org/protocol/rsm'><before/><max>50</max></set></query>",
        "<fin xmlns='urn:xmpp:mam:2' complete='true' stable='false'/>",
        "<fin xmlns='urn:xmpp:mam:2' complete='false'><set xmlns='http://jabber.org/protocol/rsm'>\
         <first>1</first><last>2</last></set></fin>",
        "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always/><never/></prefs>",
        "<x xmlns='jabber:x:delay' stamp='20020910T23:08:25' from='example'>Offline Storage</x>",
        "<query xmlns='jabber:iq:last' seconds='0'/>",
        "<time xmlns='urn:xmpp:time'><utc>2026-01-02T03:04:05Z</utc><tzo>+00:00</tzo></time>",
    ] {
        let (element, again, told) = rewritten(xml);
        assert!(told.is_empty(), "{told:?} in {xml}");
        assert_eq!(again, element, "{xml}");
    }
}

#[test]
fn what_is_wrong_is_passed_over_and_kept() {
    for (xml, finding) in [
        // A room whose address nobody can have.
        (
            "<query xmlns='http://jabber.org/protocol/disco#items'><item jid='@muc.example'/><item jid='a@muc.example'/></query>",
            "attribute 'jid' of <item>",
        ),
        (
            "<query xmlns='http://jabber.org/protocol/disco#info'><feature/><feature var='x'/></query>",
            "attribute 'var'",
        ),
        ("<x xmlns='jabber:x:data'><field var='a' type='text'/></x>", "attribute 'type' of <x>"),
        (
            "<blocklist xmlns='urn:xmpp:blocking'><item jid='@'/></blocklist>",
            "attribute 'jid' of <item>",
        ),
        (
            "<event xmlns='http://jabber.org/protocol/pubsub#event'><items/></event>",
            "attribute 'node' of <items>",
        ),
        ("<fin xmlns='urn:xmpp:mam:2' complete='yes'/>", "attribute 'complete' of <fin>"),
    ] {
        let (element, again, told) = rewritten(xml);
        assert!(told.iter().any(|told| told.starts_with(finding)), "{told:?} in {xml}");
        assert_eq!(again, element, "{xml}");
    }
}

#[test]
fn an_answer_is_looked_into() {
    let element = Element::parse(
        "<query xmlns='http://jabber.org/protocol/disco#info'><identity type='im' category='server'/>\
         <feature var='urn:xmpp:blocking'/><x xmlns='jabber:x:data' type='result'><field type='hidden' var='FORM_TYPE'>\
         <value>http://jabber.org/network/serverinfo</value></field><field var='abuse-addresses'>\
         <value>mailto:abuse@example</value><value>xmpp:abuse@example</value></field><field var='x'/></x></query>",
    )
    .unwrap();
    let info = Info::parse(element.as_ref()).unwrap();
    assert!(info.is("server", "im") && info.has_feature("urn:xmpp:blocking"));
    assert!(!info.is("server", "pc") && !info.has_feature("urn:xmpp:ping"));
    let form = info.form(ContactAddresses::FORM_TYPE).unwrap();
    let addresses = ContactAddresses::from_form(form).unwrap();
    assert_eq!(addresses.abuse, ["mailto:abuse@example", "xmpp:abuse@example"]);
    assert_eq!(addresses.others.len(), 1);
    // Pidgin's of before hashes.
    let caps = Caps::new("http://pidgin.im/", "2.5");
    assert_eq!((caps.hash.as_deref(), &*caps.query_node()), (None, "http://pidgin.im/#2.5"));
}
