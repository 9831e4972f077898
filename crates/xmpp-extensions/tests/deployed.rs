//! What clients and servers send, as they send it: nothing in it is unknown,
//! and it is written again as it was.

use xmpp_extensions::base::forms::{Form, FormKind};
use xmpp_extensions::encryption::omemo::legacy;
use xmpp_extensions::find;
use xmpp_extensions::rooms::muc::config::{Config, Info, Whois};
use xmpp_extensions::rooms::muc::user::{Status, User};
use xmpp_extensions::rooms::muc::{Affiliation, Role, sets_subject};
use xmpp_stanza::xml::{Element, Writer};
use xmpp_stanza::{Findings, Payload, StanzaRef};

#[track_caller]
fn rewritten(xml: &str) -> Element {
    let element = Element::parse(xml).unwrap();
    let mut findings = Findings::collect(10);
    let mut out = Vec::new();
    let mut w = Writer::document(&mut out);
    let model = find(element.as_ref()).expect(xml);
    model.rewrite(element.as_ref(), &mut findings, &mut w).unwrap();
    w.finish().unwrap();
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{told:?} in {xml}");
    assert_eq!(Element::parse(&out).unwrap(), element, "{}", String::from_utf8_lossy(&out));
    element
}

#[test]
fn nothing_is_unknown() {
    for xml in [
        // OMEMO 0.3: a message, a transported key, devices, a bundle.
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1462436711'>\
         <key rid='1' prekey='true'>MwgEEAE=</key><key rid='2' prekey='1'>MwgE</key><key rid='3'>MwgE</key>\
         <iv>AAECAwQFBgcICQoL</iv></header><payload>SGVsbG8=</payload></encrypted>",
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='7'><key rid='1'>\nMwgE\n</key>\
         <iv>AAECAwQFBgcICQoLDA0ODw==</iv></header></encrypted>",
        "<list xmlns='eu.siacs.conversations.axolotl'><device id='12345'/><device id='4223'/></list>",
        "<bundle xmlns='eu.siacs.conversations.axolotl'><signedPreKeyPublic signedPreKeyId='0'>BQ==</signedPreKeyPublic>\
         <signedPreKeySignature>AAAA</signedPreKeySignature><identityKey>BQAA</identityKey>\
         <prekeys><preKeyPublic preKeyId='1'>BQAA</preKeyPublic><preKeyPublic preKeyId='2'>BQAB</preKeyPublic></prekeys></bundle>",
        "<encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl' name='OMEMO'/>",
        // Markers of before XEP-0333 0.5.
        "<received xmlns='urn:xmpp:chat-markers:0' id='1'/>",
        "<acknowledged xmlns='urn:xmpp:chat-markers:0' id='1'/>",
        // Retraction and moderation, fastened.
        "<apply-to xmlns='urn:xmpp:fasten:0' id='origin-1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
        "<moderated xmlns='urn:xmpp:message-moderate:0' by='room@muc.example/mod'>\
         <retract xmlns='urn:xmpp:message-retract:0'/><reason>Spam</reason></moderated>",
        // The whole body is a fallback; the whole message is.
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body/></fallback>",
        "<fallback xmlns='urn:xmpp:fallback:0'/>",
        // Rooms.
        "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/><password>secret</password></x>",
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none' jid='a@example/x' nick='b'>\
         <actor nick='mod' jid='mod@example'/><reason/></item><status code='303'/><status code='110'/></x>",
        "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@example'><reason>Come</reason>\
         <continue thread='1'/></invite><password>secret</password></x>",
        "<unique xmlns='http://jabber.org/protocol/muc#unique'/>",
        "<unique xmlns='http://jabber.org/protocol/muc#unique'>6d9423a55f499b29ad20bf7b2bdea4f4b885ead1</unique>",
        "<result xmlns='urn:xmpp:channel-search:0:search'><item address='room@muc.example'><name>Room</name>\
         <nusers>23</nusers><is-open>true</is-open><language>en</language><service-type>xep-0045</service-type>\
         <anonymity-mode>{urn:xmpp:channel-search:0:anonymity}none</anonymity-mode></item></result>",
        "<conflicting-fields xmlns='urn:xmpp:channel-search:0:error'><var>q</var><var>all</var></conflicting-fields>",
        // MIX.
        "<mix xmlns='urn:xmpp:mix:core:1'><nick>thirdwitch</nick><jid>hag66@shakespeare.example</jid></mix>",
        "<client-join xmlns='urn:xmpp:mix:pam:2' channel='coven@mix.shakespeare.example'>\
         <join xmlns='urn:xmpp:mix:core:1'><subscribe node='urn:xmpp:mix:nodes:messages'/></join></client-join>",
        "<channel xmlns='urn:xmpp:mix:roster:0' participant-id='123456'/>",
        // Real time text (XEP-0301, 8.3.4).
        "<rtt xmlns='urn:xmpp:rtt:0' seq='123001' event='new'><t>Helo</t><e/><t>lo...planet</t><e n='6'/>\
         <t> World</t><e n='3' p='8'/><w n='100'/><t p='5'> there,</t></rtt>",
        // Cards.
        "<vCard xmlns='vcard-temp'/>",
        "<vCard xmlns='vcard-temp'><FN>A</FN><NICKNAME>a</NICKNAME><NICKNAME>b</NICKNAME><TEL><HOME/><VOICE/></TEL>\
         <PHOTO><TYPE>image/png</TYPE><BINVAL>\nAAEC\nAwQF\n</BINVAL></PHOTO></vCard>",
        "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><gender><sex>F</sex><identity>grrrl</identity></gender>\
         <rev><timestamp>20260629T120000Z</timestamp></rev></vcard>",
        "<x xmlns='vcard-temp:x:update'><photo/></x>",
        "<idle xmlns='urn:xmpp:idle:1' since='2026-06-29T12:00:00.000Z'/>",
    ] {
        rewritten(xml);
    }
}

#[test]
fn keys_of_old_messages() {
    let element = Element::parse(
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='7'><key rid='1' prekey='1'>AAEC</key>\
         <iv>AAECAwQFBgcICQoL</iv></header></encrypted>",
    )
    .unwrap();
    let message = legacy::Encrypted::parse(element.as_ref()).unwrap();
    let key = &message.header.keys[0];
    assert!(key.prekey && key.rid == 1 && key.data.0 == [0, 1, 2] && message.payload.is_none());
    // Nobody's key shows in a log.
    assert!(!format!("{message:?}").contains("AAEC"));
}

#[test]
fn a_presence_in_a_room() {
    let element = Element::parse(
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='201'/>\
         <item affiliation='owner' jid='a@example/x' role='moderator'/><status code='110'/></x>",
    )
    .unwrap();
    let user = User::parse(element.as_ref()).unwrap();
    assert!(user.is_self() && user.has(Status::CREATED) && !user.has(Status::KICKED));
    let item = &user.items[0];
    assert_eq!((item.affiliation, item.role), (Some(Affiliation::Owner), Some(Role::Moderator)));
    // Unknown words are passed over and kept.
    let element = rewritten_with_findings(
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='king' role='none'/></x>",
    );
    let user = User::parse(element.as_ref()).unwrap();
    assert_eq!((user.items[0].affiliation, user.items[0].role), (None, Some(Role::None)));
}

fn rewritten_with_findings(xml: &str) -> Element {
    let element = Element::parse(xml).unwrap();
    let mut out = Vec::new();
    let mut w = Writer::document(&mut out);
    let model = find(element.as_ref()).unwrap();
    model.rewrite(element.as_ref(), &mut Findings::collect(10), &mut w).unwrap();
    w.finish().unwrap();
    assert_eq!(Element::parse(&out).unwrap(), element);
    element
}

/// XEP-0045, 7.2.15.
#[test]
fn which_messages_set_the_subject() {
    for (kind, content, sets) in [
        ("groupchat", "<subject>Fire Burn!</subject>", true),
        ("groupchat", "<subject/>", true),
        ("groupchat", "<subject>Fire Burn!</subject><body>and</body>", false),
        ("groupchat", "<subject>Fire Burn!</subject><thread>1</thread>", false),
        ("groupchat", "<body>and</body>", false),
        ("chat", "<subject>Fire Burn!</subject>", false),
    ] {
        let element = Element::parse(format!(
            "<message xmlns='jabber:client' type='{kind}' from='coven@chat.shakespeare.lit/wiccarocks'>{content}</message>"
        ))
        .unwrap();
        assert_eq!(
            sets_subject(StanzaRef::new(element.as_ref()).unwrap()),
            sets,
            "{kind} {content}"
        );
    }
}

#[test]
fn a_room_is_configured() {
    let element = Element::parse(
        "<x xmlns='jabber:x:data' type='form'><title>Configuration</title>\
         <field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
         <field type='text-single' var='muc#roomconfig_roomname'><value>A Dark Cave</value></field>\
         <field type='boolean' var='muc#roomconfig_membersonly'><value>1</value></field>\
         <field type='list-single' var='muc#roomconfig_whois'><value>anyone</value></field>\
         <field type='list-multi' var='muc#roomconfig_presencebroadcast'><value>moderator</value><value>visitor</value></field>\
         <field type='jid-multi' var='muc#roomconfig_roomowners'><value>Crone1@shakespeare.lit</value></field>\
         <field type='text-private' var='muc#roomconfig_roomsecret'><value>cauldronburn</value></field>\
         <field type='boolean' var='x-bot'><value>0</value></field></x>",
    )
    .unwrap();
    let form = Form::parse(element.as_ref()).unwrap();
    let config = Config::from_form(&form).unwrap();
    assert_eq!((config.name.as_deref(), config.members_only), (Some("A Dark Cave"), Some(true)));
    assert_eq!(config.whois, Some(Whois::Anyone));
    assert_eq!(config.presence_broadcast, [Role::Moderator, Role::Visitor]);
    assert_eq!(config.owners[0].as_ref().as_str(), "crone1@shakespeare.lit");
    assert_eq!(config.others.len(), 1);
    assert!(!format!("{config:?}").contains("cauldronburn"));
    assert!(Info::from_form(&form).is_none());

    let answer = config.to_form(FormKind::Submit);
    assert_eq!(answer.value("muc#roomconfig_membersonly"), Some("true"));
    assert_eq!(Config::from_form(&answer).unwrap().name, config.name);
}
