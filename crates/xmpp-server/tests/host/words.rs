//! What people read in a log, and the conditions that tell others: each reason says
//! something of its own.

use std::collections::BTreeSet;

use xmpp_jid::{Domainpart, Jid, LocalpartRef};
use xmpp_server::{BindError, Config, HandleError, Host, RouteError};
use xmpp_stanza::StanzaCondition;

/// None is empty, none is like another, and none ends a sentence.
fn differ<T: ToString>(all: &[T]) -> Vec<String> {
    let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    for text in &texts {
        assert!(text.len() > 8 && !text.ends_with('.'), "{text:?} in {texts:#?}");
    }
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len(), "{texts:#?}");
    texts
}

#[test]
fn why_a_resource_is_not_bound() {
    // 6120-7.7.2.2-01, and what sections 7.6.2.1 and 7.7.2.1 name.
    use StanzaCondition as Is;
    let table = [
        (BindError::Resourcepart(Jid::new("a/").unwrap_err()), Is::BadRequest),
        (BindError::Conflict, Is::Conflict),
        (BindError::TooManySessions { max: 77 }, Is::ResourceConstraint),
        (BindError::NoAccount, Is::NotAllowed),
        (BindError::SessionInUse, Is::InternalServerError),
    ];
    for (error, condition) in &table {
        assert_eq!(error.condition(), *condition, "{error}");
    }
    let texts = differ(&table.map(|(error, _)| error));
    assert!(texts[2].contains("77"), "{}", texts[2]);
}

#[test]
fn why_a_stanza_goes_nowhere() {
    // 6120-10.4.3-02 and -03
    assert_eq!(RouteError::NotFound.condition(), StanzaCondition::RemoteServerNotFound);
    assert_eq!(RouteError::Unreachable.condition(), StanzaCondition::RemoteServerTimeout);
    differ(&[RouteError::NotFound, RouteError::Unreachable]);
    differ(&[
        HandleError::UnknownSession,
        HandleError::NotAStanza,
        HandleError::ImproperAddressing,
        HandleError::InvalidFrom,
        HandleError::HostUnknown,
    ]);
}

#[test]
fn a_log_of_the_host_tells_how_many_and_not_who() {
    let domain = Domainpart::new("example.com").unwrap();
    let mut host = Host::new(domain.as_ref(), 1, Config::default());
    for local in ["juliet", "romeo"] {
        host.add_account(LocalpartRef::new(local).unwrap());
    }
    let told = format!("{host:?}");
    assert!(told.contains("example.com") && told.contains("accounts: 2"), "{told}");
    assert!(told.contains("sessions: 0") && !told.contains("juliet"), "{told}");
    assert_eq!(host.domain().as_str(), "example.com");
}

/// 6121-2.6.1-01, 6121-3.4-01, -02: what the host can do, clients are told when they have
/// authenticated.
#[test]
fn versions_and_approvals_in_advance_are_offered() {
    let mut tx = Vec::new();
    let mut writer = xmpp_xml::Writer::in_stream(&mut tx, xmpp_xml::ns::CLIENT);
    writer.start(xmpp_xml::ns::STREAM, "features").write(&xmpp_server::StreamFeatures).end();
    writer.finish().unwrap();
    let features = String::from_utf8(tx).unwrap();
    for feature in [
        "<ver xmlns='urn:xmpp:features:rosterver'/>",
        "<sub xmlns='urn:xmpp:features:pre-approval'/>",
    ] {
        assert!(features.contains(feature), "{features}");
    }
}
