//! The nonzas of XEP-0388, and what goes inline with them: XEP-0386, XEP-0484, XEP-0480.

use xmpp_stanza::bind2::{BindFeature, BindRequest, Bound};
use xmpp_stanza::fast::{FastFeature, FastRequest, RequestToken, Token};
use xmpp_stanza::sasl::{self, SaslCondition};
use xmpp_stanza::sasl2::{
    Abort, Authenticate, Authentication, Challenge, Continue, Data, Failure, Next, Response,
    ScramUpgrade, Success, TaskData, UserAgent,
};
use xmpp_stanza::{Payload, Rule};

use crate::harness::{element, jid, payload, refuses, text};

const SASL2: &str = "xmlns='urn:xmpp:sasl:2'";
const ID: &str = "d4565fa7-4d72-4749-b3d3-740edbf87770";

#[test]
fn the_feature_with_what_is_inline() {
    // XEP-0388 section 2.1; XEP-0386 section 3.1; XEP-0484 section 3.1; XEP-0480 section 2.1.
    let xml = format!(
        "<authentication {SASL2}><mechanism>SCRAM-SHA-1</mechanism>\
         <mechanism> SCRAM-SHA-1-PLUS </mechanism><inline><sm xmlns='urn:xmpp:sm:3'/>\
         <bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/>\
         <feature var='urn:xmpp:sm:3'/></inline></bind>\
         <fast xmlns='urn:xmpp:fast:0' tls-0rtt='true'><mechanism>HT-SHA-256-ENDP</mechanism></fast>\
         </inline><upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-256</upgrade>\
         </authentication>"
    );
    let feature = Authentication::parse(element(&xml).as_ref()).unwrap();
    assert_eq!(feature.mechanisms, ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"]);
    assert_eq!(feature.upgrades, ["UPGR-SCRAM-SHA-256"]);
    let bind = feature.inline::<BindFeature>().unwrap().unwrap();
    assert_eq!(bind, BindFeature::new(["urn:xmpp:carbons:2", "urn:xmpp:sm:3"]));
    assert!(bind.has(xmpp_xml::ns::SM) && !bind.has(xmpp_xml::ns::CSI));
    let fast = feature.inline::<FastFeature>().unwrap().unwrap();
    assert_eq!((&*fast.mechanisms[0], fast.tls_0rtt), ("HT-SHA-256-ENDP", true));
    assert_eq!(feature.inline.len(), 3);
    // Written and read again.
    assert_eq!(Authentication::parse(element(&text(&feature)).as_ref()), Ok(feature));
    // XEP-0198 section 9.3 has the features without <inline/>.
    let bare = "<bind xmlns='urn:xmpp:bind:0'><feature var='urn:xmpp:sm:3'/></bind>";
    let bare = BindFeature::parse(element(bare).as_ref()).unwrap();
    assert_eq!(bare, BindFeature::new(["urn:xmpp:sm:3"]));
}

#[test]
fn the_request() {
    // XEP-0388, "Initiation".
    let mut request = Authenticate::new("SCRAM-SHA-1-PLUS", Some(b"p=tls-exporter,,n=user,r=12"));
    let mut user_agent = UserAgent::default();
    user_agent.id = Some(ID.into());
    user_agent.software = Some("AwesomeXMPP".into());
    user_agent.device = Some("Kiva's Phone".into());
    assert!(!user_agent.is_empty() && UserAgent::default().is_empty());
    request.user_agent = Some(user_agent);
    request.upgrades = vec!["UPGR-SCRAM-SHA-256".into()];
    let mut bind = BindRequest::default();
    bind.tag = Some("AwesomeXMPP".into());
    bind.inline.push(element("<enable xmlns='urn:xmpp:carbons:2'/>"));
    request.inline = vec![
        bind.to_element().unwrap(),
        RequestToken::new("HT-SHA-256-ENDP").to_element().unwrap(),
        FastRequest::new(Some(123), true).to_element().unwrap(),
    ];
    payload(
        &request,
        &format!(
            "<authenticate {SASL2} mechanism='SCRAM-SHA-1-PLUS'>\
             <upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-256</upgrade>\
             <initial-response>cD10bHMtZXhwb3J0ZXIsLG49dXNlcixyPTEy</initial-response>\
             <user-agent id='{ID}'><software>AwesomeXMPP</software><device>Kiva's Phone</device>\
             </user-agent><bind xmlns='urn:xmpp:bind:0'><tag>AwesomeXMPP</tag>\
             <enable xmlns='urn:xmpp:carbons:2'/></bind>\
             <request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-ENDP'/>\
             <fast xmlns='urn:xmpp:fast:0' count='123' invalidate='true'/></authenticate>"
        ),
    );
    assert_eq!(request.inline::<BindRequest>().unwrap(), Some(bind));
    // "the absence of an initial response […], the element is simply not included"; an
    // empty one is data of no length.
    let none = Authenticate::new("EXTERNAL", None);
    payload(&none, &format!("<authenticate {SASL2} mechanism='EXTERNAL'/>"));
    let empty = Authenticate::new("EXTERNAL", Some(b""));
    let xml =
        format!("<authenticate {SASL2} mechanism='EXTERNAL'><initial-response/></authenticate>");
    payload(&empty, &xml);
    assert_eq!(empty.initial_response.unwrap().decode().unwrap().len(), 0);
    assert!(!format!("{request:?}").contains("cD10"), "may be a password");
    let missing = format!("<authenticate {SASL2}/>");
    let place = ("authenticate", Some("mechanism"));
    refuses(|e| Authenticate::parse(e), &missing, Rule::MissingAttribute, place, "XEP-0388");
    let twice = format!(
        "<authenticate {SASL2} mechanism='X'><initial-response/><initial-response/></authenticate>"
    );
    refuses(|e| Authenticate::parse(e), &twice, Rule::Repeated, ("authenticate", None), "XEP-0388");
}

#[test]
fn the_exchange() {
    payload(&Challenge::new(b"abc"), &format!("<challenge {SASL2}>YWJj</challenge>"));
    payload(&Response::new(b""), &format!("<response {SASL2}/>"));
    let equals = element(&format!("<response {SASL2}>=</response>"));
    let equals = Response::parse(equals.as_ref()).unwrap();
    assert_eq!(equals.data.decode().unwrap_err().rule(), Rule::Base64, "RFC 6120's alone");
    let mut abort = Abort::default();
    payload(&abort, &format!("<abort {SASL2}/>"));
    abort.text = Some("no".into());
    payload(&abort, &format!("<abort {SASL2}><text>no</text></abort>"));
}

#[test]
fn success_says_who_one_is() {
    let mut success = Success::new(jid("user@example.com/AwesomeXMPP.4232f4d4"));
    success.additional_data = Some(Data::encode(b"v=msVHs/BzIOHDqXeVH7EmmDu9id8="));
    let mut bound = Bound::default();
    bound
        .inline
        .push(element("<metadata xmlns='urn:xmpp:mam:2'><start id='YWxwaGEg'/></metadata>"));
    let token = Token::new("WXZzciBwYmFmdmZnZiBqdmd1IGp2eXFhcmZm", 1_584_023_775);
    success.inline = vec![bound.to_element().unwrap(), token.to_element().unwrap()];
    payload(
        &success,
        &format!(
            "<success {SASL2}><additional-data>dj1tc1ZIcy9CeklPSERxWGVWSDdFbW1EdTlpZDg9\
             </additional-data><authorization-identifier>user@example.com/AwesomeXMPP.4232f4d4\
             </authorization-identifier><bound xmlns='urn:xmpp:bind:0'>\
             <metadata xmlns='urn:xmpp:mam:2'><start id='YWxwaGEg'/></metadata></bound>\
             <token xmlns='urn:xmpp:fast:0' expiry='2020-03-12T14:36:15Z' \
             token='WXZzciBwYmFmdmZnZiBqdmd1IGp2eXFhcmZm'/></success>"
        ),
    );
    assert_eq!(success.inline::<Token>().unwrap(), Some(token.clone()));
    assert!(!format!("{token:?}").contains("WXZ"), "as good as a password");
    let missing = format!("<success {SASL2}/>");
    let rule = Rule::MissingChild("authorization-identifier");
    refuses(|e| Success::parse(e), &missing, rule, ("success", None), "XEP-0388");
    for (xml, attribute) in [
        ("<token xmlns='urn:xmpp:fast:0' expiry='2020-03-12T14:36:15Z'/>", "token"),
        ("<token xmlns='urn:xmpp:fast:0' token='x'/>", "expiry"),
    ] {
        let place = ("token", Some(attribute));
        refuses(|e| Token::parse(e), xml, Rule::MissingAttribute, place, "XEP-0484");
    }
    let never = "<token xmlns='urn:xmpp:fast:0' token='x' expiry='never'/>";
    refuses(|e| Token::parse(e), never, Rule::UnknownValue, ("token", Some("expiry")), "XEP-0484");
}

#[test]
fn failure_has_rfc_6120s_conditions() {
    // XEP-0388, "Failure", its example.
    let mut inner =
        sasl::Failure::new(SaslCondition::Aborted).with_text("This is a terrible example.");
    inner.extensions.push(element("<optional-application-specific xmlns='urn:something:else'/>"));
    payload(
        &Failure(inner),
        &format!(
            "<failure {SASL2}><aborted xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>\
             <optional-application-specific xmlns='urn:something:else'/>\
             <text>This is a terrible example.</text></failure>"
        ),
    );
    // A condition in the wrong namespace is none.
    let wrong = element(&format!("<failure {SASL2}><aborted/></failure>"));
    let wrong = Failure::parse(wrong.as_ref()).unwrap().0;
    assert_eq!(wrong.condition, SaslCondition::NotAuthorized);
    assert_eq!(wrong.extensions.len(), 1);
}

#[test]
fn tasks() {
    // XEP-0388, "Continue", its examples; XEP-0480 section 3.
    let mut next = Continue::new(["HOTP-EXAMPLE", "TOTP-EXAMPLE"]);
    next.additional_data = Some(Data::encode(b"I'm bored now."));
    next.text = Some("This account requires 2FA".into());
    payload(
        &next,
        &format!(
            "<continue {SASL2}><additional-data>SSdtIGJvcmVkIG5vdy4=</additional-data>\
             <tasks><task>HOTP-EXAMPLE</task><task>TOTP-EXAMPLE</task></tasks>\
             <text>This account requires 2FA</text></continue>"
        ),
    );
    let none = format!("<continue {SASL2}/>");
    refuses(
        |e| Continue::parse(e),
        &none,
        Rule::MissingChild("tasks"),
        ("continue", None),
        "XEP-0388",
    );
    let mut begun = Next::new("TOTP-EXAMPLE");
    begun.payloads.push(element("<totp xmlns='urn:totp:example'>SSd2</totp>"));
    payload(
        &begun,
        &format!(
            "<next {SASL2} task='TOTP-EXAMPLE'><totp xmlns='urn:totp:example'>SSd2</totp></next>"
        ),
    );
    payload(
        &TaskData::new(begun.payloads.clone()),
        &format!("<task-data {SASL2}><totp xmlns='urn:totp:example'>SSd2</totp></task-data>"),
    );
    payload(&TaskData::default(), &format!("<task-data {SASL2}/>"));
    let salt = ScramUpgrade::Salt { salt: Data::encode(b"A_SXCRQ6sek8bf_Z"), iterations: 4096 };
    payload(
        &salt,
        &format!(
            "<task-data {SASL2}><salt xmlns='urn:xmpp:scram-upgrade:0' iterations='4096'>\
             QV9TWENSUTZzZWs4YmZfWg==</salt></task-data>"
        ),
    );
    payload(
        &ScramUpgrade::Hash(Data::encode(b"hash")),
        &format!(
            "<task-data {SASL2}><hash xmlns='urn:xmpp:scram-upgrade:0'>aGFzaA==</hash></task-data>"
        ),
    );
    for (content, rule, place) in [
        // "MUST NOT be empty"
        ("<hash xmlns='urn:xmpp:scram-upgrade:0'/>", Rule::Base64, ("hash", None)),
        ("<salt xmlns='urn:xmpp:scram-upgrade:0' iterations='1'/>", Rule::Base64, ("salt", None)),
        (
            "<salt xmlns='urn:xmpp:scram-upgrade:0'>AAAA</salt>",
            Rule::NotInRange(1, u32::MAX.into()),
            ("salt", Some("iterations")),
        ),
        ("<x xmlns='urn:x'/>", Rule::MissingChild("hash"), ("task-data", None)),
    ] {
        let xml = format!("<task-data {SASL2}>{content}</task-data>");
        refuses(|e| ScramUpgrade::parse(e), &xml, rule, place, "XEP-0480, 3");
    }
}

#[test]
fn tokens_and_counts() {
    payload(&FastRequest::default(), "<fast xmlns='urn:xmpp:fast:0'/>");
    for (xml, attribute, rule) in [
        (
            "<fast xmlns='urn:xmpp:fast:0' count='-1'/>",
            "count",
            Rule::NotInRange(0, u32::MAX.into()),
        ),
        ("<fast xmlns='urn:xmpp:fast:0' invalidate='yes'/>", "invalidate", Rule::UnknownValue),
    ] {
        refuses(|e| FastRequest::parse(e), xml, rule, ("fast", Some(attribute)), "XEP-0484");
    }
    let missing = "<request-token xmlns='urn:xmpp:fast:0'/>";
    let place = ("request-token", Some("mechanism"));
    refuses(|e| RequestToken::parse(e), missing, Rule::MissingAttribute, place, "XEP-0484");
}
