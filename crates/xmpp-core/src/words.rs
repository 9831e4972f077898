//! What people read in a log. Each reason says something of its own, in a phrase that
//! fits behind a colon, with the numbers that belong to it.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt::Display;
use core::net::SocketAddr;

use xmpp_jid::{BareJid, Domainpart};
use xmpp_stanza::{StreamCondition, StreamError};

use crate::certificate::{self, IdentitiesError, Identity, Refused, Unreadable};
use crate::config::TlsMode;
use crate::dialback::Pair;
use crate::federation::{AddressPolicy, Failure, Network};
use crate::session::discovery::{Host, LookupFailed, Place};
use crate::session::{Reason, Target};
use crate::time::TimerReason;
use crate::tls::{TlsError, TlsErrorKind, TlsVersion};
use crate::{
    Error, MessageFault, Misuse, PairError, PeerIncompatible, PeerMisbehaved, Refusal, SendError,
};

/// None is empty, none is like another, and none ends a sentence.
fn differ<T: Display>(all: &[T]) -> Vec<String> {
    let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    for text in &texts {
        assert!(text.len() > 2 && !text.ends_with('.'), "{text:?} in {texts:#?}");
    }
    let different: BTreeSet<_> = texts.iter().collect();
    assert_eq!(different.len(), texts.len(), "{texts:#?}");
    texts
}

#[test]
fn what_the_peer_did_is_told_apart_and_to_the_peer_by_a_condition() {
    use StreamCondition as Is;
    let too_high = PeerMisbehaved::HandledCountTooHigh { h: 10, send_count: 8 };
    let reversed = PeerMisbehaved::HandledCountReversed { h: 3, acknowledged: 5 };
    let unexpected =
        PeerMisbehaved::UnexpectedElement { name: "auth".into(), expected: "a stanza" };
    // RFC 6120 section 4.9.3, and what XEP-0198 section 6 and XEP-0114 say.
    let table = [
        (PeerMisbehaved::DataAroundStartTls, Some(Is::PolicyViolation)),
        (PeerMisbehaved::WrongNamespace, Some(Is::InvalidNamespace)),
        (PeerMisbehaved::PrefixedStanza, Some(Is::BadNamespacePrefix)),
        (PeerMisbehaved::UnsupportedVersion, Some(Is::UnsupportedVersion)),
        (PeerMisbehaved::WrongFrom, Some(Is::InvalidFrom)),
        (PeerMisbehaved::PairNotAuthorised, Some(Is::InvalidFrom)),
        (PeerMisbehaved::TooManyDialbacks, Some(Is::PolicyViolation)),
        (PeerMisbehaved::ImproperAddressing, Some(Is::ImproperAddressing)),
        (too_high, Some(Is::UndefinedCondition)),
        (reversed, Some(Is::PolicyViolation)),
        (PeerMisbehaved::WrongResumption, Some(Is::PolicyViolation)),
        (PeerMisbehaved::TooManyResumptions, Some(Is::PolicyViolation)),
        (PeerMisbehaved::EnabledTwice, Some(Is::PolicyViolation)),
        (PeerMisbehaved::TooManyTasks, Some(Is::PolicyViolation)),
        (PeerMisbehaved::WrongHandshake, Some(Is::NotAuthorized)),
        (PeerMisbehaved::WrongAlpn, Some(Is::PolicyViolation)),
        (PeerMisbehaved::UnknownHost, Some(Is::HostUnknown)),
        (PeerMisbehaved::NotAuthorized, Some(Is::NotAuthorized)),
        (unexpected, Some(Is::UnsupportedStanzaType)),
        (PeerMisbehaved::TooManyBindAttempts, Some(Is::PolicyViolation)),
        (PeerMisbehaved::Message(MessageFault::TooLarge), Some(Is::PolicyViolation)),
        (PeerMisbehaved::Message(MessageFault::NotText), Some(Is::BadFormat)),
        (PeerMisbehaved::StartTlsRefused, None),
    ];
    for (what, condition) in &table {
        let told = Error::from(what.clone()).stream_error();
        assert_eq!(told.as_ref().map(|error| error.condition), *condition, "{what}");
        // RFC 6120 section 4.9.3.21: `undefined-condition` needs one of the application's.
        let undefined = *condition == Some(Is::UndefinedCondition);
        assert!(!undefined || !told.unwrap().extensions.is_empty(), "{what}");
    }
    let texts = differ(&table.map(|(what, _)| what));
    assert!(texts[8].contains("10") && texts[8].contains('8'), "{}", texts[8]);
    assert!(texts[9].contains('3') && texts[9].contains('5'), "{}", texts[9]);
    assert!(texts[18].contains("<auth/>") && texts[18].contains("a stanza"), "{}", texts[18]);
}

#[test]
fn what_the_peer_does_not_have_is_told_apart() {
    let texts = differ(&[
        PeerIncompatible::NoStartTls,
        PeerIncompatible::NoAuthentication,
        PeerIncompatible::NoBind,
        PeerIncompatible::UnknownTasks(Vec::new()),
        PeerIncompatible::UnknownTasks(vec!["TOTP".into(), "CAPTCHA".into()]),
        PeerIncompatible::TaskDeclined,
        PeerIncompatible::UnsupportedFeature { name: "sealed".into(), ns: "urn:x".into() },
    ]);
    assert!(texts[4].contains("TOTP, CAPTCHA"), "{}", texts[4]);
    assert!(texts[6].contains("<sealed/>") && texts[6].contains("urn:x"), "{}", texts[6]);
}

#[test]
fn what_is_wrong_with_tls_is_told_apart() {
    use TlsErrorKind as Is;
    let texts = differ(
        &[
            Is::CertificateName,
            Is::CertificateIssuer,
            Is::CertificateTime,
            Is::Certificate,
            Is::Alert,
            Is::Incompatible,
            Is::Misbehaved,
            Is::Configuration,
        ]
        .map(|kind| TlsError::new(kind, "as the engine says")),
    );
    assert!(texts.iter().all(|text| text.ends_with(": as the engine says")), "{texts:#?}");
    assert!(texts[0].contains("certificate") && texts[4].contains("alert"), "{texts:#?}");
}

#[test]
fn how_a_connection_ended_is_told_apart() {
    let reset = StreamError::new(StreamCondition::Reset);
    let tls = TlsError::new(TlsErrorKind::CertificateName, "for example.net");
    let texts = differ(&[
        Error::Peer(PeerMisbehaved::WrongFrom),
        Error::Incompatible(PeerIncompatible::NoBind),
        Error::StreamError(reset.clone()),
        Error::Closed(reset),
        Error::TooManyFailedLogins,
        Error::Tls(tls.clone()),
        Error::UncleanEof,
        Error::WrongResumption,
        Error::TimedOut(TimerReason::Negotiation),
        Error::TimedOut(TimerReason::Idle),
        Error::TimedOut(TimerReason::Pong),
        Error::TimedOut(TimerReason::Dialback),
        Error::TimedOut(TimerReason::Expiry),
        Error::TimedOut(TimerReason::Request),
        Error::TimedOut(TimerReason::CloseHandshake),
        Error::TimedOut(TimerReason::Connect),
    ]);
    assert!(texts[0].ends_with(&PeerMisbehaved::WrongFrom.to_string()), "{}", texts[0]);
    assert!(texts[2].contains("reset") && texts[3].contains("reset"), "{texts:#?}");
    assert_eq!(texts[5], tls.to_string());
    assert!(texts[5].ends_with(": for example.net"), "{}", texts[5]);
    let texts = differ(&[
        Reason::Stream(Error::UncleanEof),
        Reason::ClosedByServer,
        Reason::Transport("refused".into()),
        Reason::Unreachable("nothing there".into()),
        Reason::NotOffered,
        Reason::TooManyRedirects,
        Reason::Reconnecting,
        Reason::Closed,
    ]);
    assert!(texts[2].ends_with("refused") && texts[3] == "nothing there", "{texts:#?}");
    assert_eq!(texts[0], Error::UncleanEof.to_string());
    assert_eq!(Reason::Stream(Error::UncleanEof).error(), Some(&Error::UncleanEof));
    assert_eq!(Reason::ClosedByServer.error(), None);
}

#[test]
fn what_a_caller_did_is_told_apart() {
    differ(&[
        Misuse::TlsNotPending,
        Misuse::StaleQuery,
        Misuse::WrongAccount,
        Misuse::WrongResumption,
        Misuse::WrongKeys,
        Misuse::WrongHost,
        Misuse::WrongTask,
    ]);
    let texts = differ(&[
        SendError::NotEstablished,
        SendError::Closed,
        SendError::TooLarge { limit: 262_144 },
        SendError::QueueFull { stanzas: 2, bytes: 34 },
        SendError::NotOneElement,
        SendError::Address,
        SendError::PairNotAuthorised,
        SendError::NotARequest,
        SendError::TooManyRequests { max: 77 },
    ]);
    for (at, number) in [(2, "262144"), (3, "34"), (8, "77")] {
        assert!(texts[at].contains(number), "{}", texts[at]);
    }
    let texts = differ(&[
        PairError::NotEstablished,
        PairError::Closed,
        PairError::NoDialback,
        PairError::WrongDirection,
        PairError::NoErrors,
        PairError::NotProved,
        PairError::SameStream,
        PairError::TooMany { max: 77 },
    ]);
    assert!(texts[7].contains("77"), "{}", texts[7]);
    differ(&[Refusal::Invalid, Refusal::Error(None), Refusal::TimedOut]);
}

#[test]
fn what_is_wrong_with_certificates_is_told_apart() {
    let all = [
        Refused::NoCertificate,
        Refused::from(Unreadable),
        Refused::TooManyCertificates,
        Refused::from(IdentitiesError::TooMany),
        Refused::Expired { at: 1 },
        Refused::NotYetValid { from: 1 },
        Refused::NeverValid,
        Refused::UnknownAuthority,
        Refused::SelfSigned,
        Refused::BadSignature,
        Refused::AuthorityAsLeaf,
        Refused::LeafAsAuthority,
        Refused::Usage,
        Refused::NameConstraints,
        Refused::PathLength,
        Refused::Revoked,
        Refused::RevocationUnknown,
        Refused::RevocationListExpired,
        Refused::UnsupportedAlgorithm,
        Refused::CriticalExtension,
        Refused::TooCostly,
        Refused::Name,
        Refused::Pin,
        Refused::Other("bad DER".into()),
    ];
    assert_eq!(differ(&all).last().unwrap(), "bad DER");
    differ(&all.each_ref().map(|refused| refused.as_str()));
    differ(&[IdentitiesError::Unreadable, IdentitiesError::TooMany]);
    assert_eq!(Unreadable.to_string(), "this is no certificate");
    differ(&certificate::Purpose::ALL);
    let srv = Identity::SrvId { service: "_xmpp-client".into(), domain: "example.com".into() };
    assert_eq!(srv.to_string(), "SRV-ID _xmpp-client.example.com");
    assert_eq!(Identity::DnsId("*.example.com".into()).to_string(), "DNS-ID *.example.com");
    let account = BareJid::new("juliet@example.com").unwrap();
    assert_eq!(Identity::XmppAddr(account).to_string(), "xmppAddr juliet@example.com");
    let ip = Identity::IpAddress([192, 0, 2, 1].into());
    assert_eq!(ip.to_string(), "iPAddress 192.0.2.1");
    assert_eq!(
        [TlsVersion::Tls12, TlsVersion::Tls13].map(|it| it.to_string()),
        ["TLSv1.2", "TLSv1.3"]
    );
}

#[test]
fn places_are_written_as_people_write_them() {
    let v6 = Host::new("2001:db8::1");
    assert_eq!(v6.to_string(), "[2001:db8::1]");
    assert_eq!(Host::new("192.0.2.1").to_string(), "192.0.2.1");
    let place = Place::new(Host::new("example.com."), 5222, TlsMode::StartTls);
    assert_eq!(place.to_string(), "example.com:5222");
    let address: SocketAddr = "192.0.2.1:5223".parse().unwrap();
    let target = Target::Tcp { address, tls: TlsMode::Direct };
    assert_eq!(target.to_string(), "192.0.2.1 port 5223");
    let url = "wss://example.com/ws";
    assert_eq!(Target::WebSocket { url: url.into() }.to_string(), url);
    assert_eq!(LookupFailed::new("no resolver").to_string(), "no resolver");
    let domain = |name| Domainpart::new(name).unwrap();
    let pair = Pair::new(domain("example.com"), domain("example.net"));
    assert_eq!(pair.to_string(), "example.com and example.net");
}

#[test]
fn why_another_domain_is_not_reached_is_told_apart() {
    differ(&[
        Failure::NotOffered,
        Failure::NotFound,
        Failure::AddressRefused,
        Failure::Unreachable,
        Failure::NotNegotiated,
        Failure::Untrusted,
        Failure::PairRefused,
        Failure::TimedOut,
        Failure::Lost,
        Failure::NotAllowed,
        Failure::Full,
        Failure::ShutDown,
    ]);
    let private = "10.0.0.1".parse().unwrap();
    let refused = AddressPolicy::default().check(private).unwrap_err();
    assert_eq!(refused.address(), private);
    let public = "8.8.8.8".parse().unwrap();
    let named = AddressPolicy::any().with_refusal(Network::new(public, 32));
    let named = named.check(public).unwrap_err();
    assert_eq!(named.address(), public);
    let texts = differ(&[refused, named]);
    assert!(texts[0].starts_with("10.0.0.1 ") && texts[1].starts_with("8.8.8.8 "), "{texts:?}");
    assert_eq!(format!("{}", crate::stream_management::Count::default()), "0");
}

/// `Debug` shows what a person looks for, and nothing that was said in confidence.
#[test]
fn what_is_shown_is_no_secret() {
    let domain = Domainpart::new("example.com").unwrap();
    let chain = [b"who it is for"];
    let query = certificate::CertificateQuery::new(
        certificate::Purpose::ServerToServer,
        domain.as_ref(),
        &chain,
        Refused::SelfSigned,
    );
    assert_eq!(
        format!("{query:?}"),
        "CertificateQuery { purpose: ServerToServer, domain: \"example.com\", \
         refused: SelfSigned, certificates: 1 }"
    );
    assert_eq!(
        format!("{:?}", certificate::Pin::Certificate([0xa5; 32])),
        format!("Certificate({})", "a5".repeat(32))
    );
    assert_eq!(
        format!("{:?}", certificate::Pin::PublicKey([7; 32])),
        format!("PublicKey({})", "07".repeat(32))
    );
    let code = "<task-data xmlns='urn:xmpp:sasl:2'><totp xmlns='urn:t'>123456</totp></task-data>";
    let data = crate::TaskDataQuery {
        serial: 1,
        task: "TOTP-EXAMPLE".into(),
        begins: true,
        element: xmpp_xml::Element::parse(code).unwrap(),
    };
    assert_eq!(format!("{data:?}"), "TaskDataQuery { task: \"TOTP-EXAMPLE\", begins: true, .. }");
    let config = crate::ComponentConfig::new(domain, xmpp_sasl::Secret::from("s3cr3t"));
    let now = crate::time::Instant::default();
    let component = crate::Component::connect_component(config.into(), now, [1; 32]);
    let shown = format!("{component:?}");
    assert!(shown.starts_with("Endpoint { connection: Connection { phase: Negotiating,"));
    assert!(shown.contains("backlog: ") && !shown.contains("s3cr3t"), "{shown}");
}
