//! What is done about errors: retry, wait, stop.

use core::time::Duration;

use xmpp_core::sasl::client::Credentials;
use xmpp_core::session::{Session, SessionConfig, Verdict};
use xmpp_core::stanza::sasl::{Failure, SaslCondition};
use xmpp_core::stanza::{StanzaCondition, StanzaError, StreamCondition, StreamError};
use xmpp_core::time::TimerReason;
use xmpp_core::tls::{TlsError, TlsErrorKind};
use xmpp_core::{Error, PeerIncompatible, PeerMisbehaved};

use crate::common::{self, T0};
use crate::world::{Does, Host, World, client};

const FOR_EVER: f64 = 10_000_000.0;

fn verdict(error: &Error) -> Verdict {
    Verdict::of(error)
}

/// An impostor may be between: the password is not shown to it again and again.
#[test]
fn a_server_that_has_not_proved_itself() {
    let error = xmpp_core::sasl::client::Error::ServerSignature;
    assert_eq!(verdict(&Error::ServerNotAuthenticated(error)), Verdict::Stop);
}

#[test]
fn the_table_of_stream_errors() {
    use StreamCondition as C;
    let of = |condition| verdict(&Error::StreamError(StreamError::new(condition)));
    for condition in [
        C::SystemShutdown,
        C::ConnectionTimeout,
        C::Reset,
        C::InternalServerError,
        C::RemoteConnectionFailed,
        C::UndefinedCondition,
    ] {
        assert_eq!(of(condition), Verdict::Retry, "{condition:?}");
    }
    for condition in [C::PolicyViolation, C::ResourceConstraint, C::NotWellFormed, C::InvalidXml] {
        assert_eq!(of(condition), Verdict::RetryLater, "{condition:?}");
    }
    for condition in [C::Conflict, C::HostGone, C::HostUnknown, C::NotAuthorized] {
        assert_eq!(of(condition), Verdict::Stop, "{condition:?}");
    }
    let other = verdict(&Error::StreamError(StreamError::see_other_host("[2001:db8::1]:9222")));
    let Verdict::Follow(host) = other else { panic!("{other:?}") };
    assert_eq!((host.host.as_str(), host.port), ("[2001:db8::1]", Some(9222)));
    // 6120-4.9.3.19-01: what is no address is not followed.
    assert_eq!(of(C::SeeOtherHost), Verdict::RetryLater);
}

#[test]
fn the_table_of_other_errors() {
    use SaslCondition as S;
    let failed = |condition| verdict(&Error::NotAuthenticated(Failure::new(condition)));
    assert_eq!(failed(S::TemporaryAuthFailure), Verdict::RetryLater);
    for condition in [S::NotAuthorized, S::AccountDisabled, S::CredentialsExpired, S::Aborted] {
        assert_eq!(failed(condition), Verdict::Stop, "{condition:?}");
    }
    let tls = |kind| verdict(&Error::Tls(TlsError::new(kind, "")));
    for kind in [
        TlsErrorKind::CertificateName,
        TlsErrorKind::CertificateIssuer,
        TlsErrorKind::CertificateTime,
        TlsErrorKind::Certificate,
    ] {
        assert_eq!(tls(kind), Verdict::Stop, "{kind:?}");
    }
    assert_eq!(tls(TlsErrorKind::Misbehaved), Verdict::Retry);
    assert_eq!(tls(TlsErrorKind::Alert), Verdict::RetryLater);
    let bind = |condition| verdict(&Error::BindRefused(StanzaError::new(condition)));
    assert_eq!(bind(StanzaCondition::ResourceConstraint), Verdict::RetryLater);
    assert_eq!(bind(StanzaCondition::Conflict), Verdict::Stop);
    assert_eq!(verdict(&Error::UncleanEof), Verdict::Retry);
    assert_eq!(verdict(&Error::TimedOut(TimerReason::Idle)), Verdict::Retry);
    assert_eq!(verdict(&Error::Incompatible(PeerIncompatible::NoStartTls)), Verdict::Stop);
    // 6120-5.4.2.2-02: "MAY attempt to reconnect as explained under Section 3.3".
    assert_eq!(verdict(&Error::Peer(PeerMisbehaved::StartTlsRefused)), Verdict::Retry);
}

/// How many connections are made, and how it ends, if nobody does anything.
fn left_alone(world: &mut World) -> (usize, String) {
    world.run_for(FOR_EVER);
    let last = world.log.last().map(|(_, told)| told.clone()).unwrap_or_default();
    (world.texts("connected").len(), last)
}

#[test]
fn a_wrong_password_is_tried_once() {
    let mut config = SessionConfig::new(client());
    config.client.credentials = Credentials::new("juliet").with_password("wrong");
    let mut world = World::new(config, 1);
    world.dns.host("example.com", &["192.0.2.1", "192.0.2.2"]);
    world.put("192.0.2.1:5222", Host::new(Does::Serve));
    world.put("192.0.2.2:5222", Host::new(Does::Serve));
    let (connections, _) = left_alone(&mut world);
    assert_eq!(connections, 1, "{:#?}", world.tail());
    assert!(world.texts("stopped")[0].contains("not-authorized"), "{:#?}", world.tail());
    assert!(world.closed);
}

#[test]
fn a_conflict_is_not_fought_over() {
    let conflict = StreamError::new(StreamCondition::Conflict);
    let mut world = World::of_one(Does::Fail(conflict));
    let (connections, _) = left_alone(&mut world);
    assert_eq!(connections, 1);
    assert!(world.texts("stopped")[0].contains("conflict"));
    // 6120-4.9.3.3-01: "it MUST NOT blindly request the resourcepart it used".
    assert_eq!(world.texts("online"), ["online juliet@example.com/balcony"]);
    world.put("192.0.2.1:5222", Host::new(Does::Serve));
    world.session.reconnect_now(world.now);
    world.run_to("online");
    assert_eq!(world.texts("online")[1], "online juliet@example.com/made-up");
}

#[test]
fn a_wrong_certificate_is_not_asked_for_again() {
    let authority = common::tls::Authority::new();
    let mut config = SessionConfig::new(client());
    config.methods.direct_tls = false;
    let session = Session::new(config, authority.initiator(), T0, [1; 32]);
    let mut world = World::with(session, 1);
    // Of the name in DNS, which is not that of the account (RFC 6120 section 13.7.2.1).
    world.receiver = Some(authority.receiver_for("xmpp.example.net"));
    world.dns.srv("_xmpp-client", &[(1, 1, 5222, "xmpp.example.net.")]);
    world.dns.host("xmpp.example.net", &["192.0.2.1"]);
    world.put("192.0.2.1:5222", Host::new(Does::Serve));
    let (connections, last) = left_alone(&mut world);
    assert_eq!(connections, 1);
    assert!(
        last.starts_with("stopped") && last.contains("certificate is for another name"),
        "{last}"
    );
}

/// One machine of several with an old certificate does not lock anybody out.
#[test]
fn another_place_may_have_the_right_certificate() {
    let authority = common::tls::Authority::new();
    let stranger = common::tls::Authority::new();
    let mut config = SessionConfig::new(client());
    config.methods.direct_tls = false;
    let session = Session::new(config, authority.initiator(), T0, [1; 32]);
    let mut world = World::with(session, 1);
    world.receiver = Some(stranger.receiver_for("example.com"));
    world.dns.host("example.com", &["192.0.2.1", "192.0.2.2"]);
    world.put("192.0.2.1:5222", Host::new(Does::Serve));
    world.put("192.0.2.2:5222", Host::new(Does::Serve));
    world.run_to("failed");
    world.receiver = Some(authority.receiver_for("example.com"));
    world.run_to("online");
}

#[test]
fn what_may_get_better_is_tried_again() {
    for condition in [StreamCondition::SystemShutdown, StreamCondition::Reset] {
        let mut world = World::of_one(Does::Fail(StreamError::new(condition)));
        world.run_to("offline");
        world.put("192.0.2.1:5222", Host::new(Does::Serve));
        world.run_to("online");
        assert_eq!(world.texts("stopped"), [""; 0]);
    }
    // An end without a word, and one in order.
    for does in [Does::CutAt(Duration::from_secs(5)), Does::Close] {
        let mut world = World::of_one(does);
        world.run_to("online");
        world.run_to("offline");
        world.run_to("online");
    }
}

/// A server that has too much to do is left alone for longer than one that is lost.
#[test]
fn a_server_under_load_is_left_alone() {
    for condition in [StreamCondition::ResourceConstraint, StreamCondition::PolicyViolation] {
        let mut world = World::of_one(Does::Fail(StreamError::new(condition)));
        for _ in 0..20 {
            let offline = world.run_to("offline");
            let again = world.run_to("connect ");
            let wait = again.saturating_since(offline).as_secs();
            assert!((60..=600).contains(&wait), "{wait}");
        }
    }
}

/// An end before anybody is logged in is sorted by its condition, too.
#[test]
fn a_refusal_before_login_is_sorted_as_well() {
    let mut world = World::of_one(Does::Refuse(StreamError::new(StreamCondition::HostUnknown)));
    let (connections, last) = left_alone(&mut world);
    assert_eq!(connections, 1);
    assert!(last.contains("host-unknown"), "{last}");
    let mut world =
        World::of_one(Does::Refuse(StreamError::new(StreamCondition::ResourceConstraint)));
    let offline = world.run_to("offline");
    let wait = world.run_to("connect ").saturating_since(offline).as_secs();
    assert!((60..=600).contains(&wait), "{wait}");
}

/// Where several places were tried, the end that weighs most counts, whichever came first.
#[test]
fn the_gravest_end_of_a_round_counts() {
    let constrained = || Does::Refuse(StreamError::new(StreamCondition::ResourceConstraint));
    for ends in [[constrained(), Does::CutAfter(1)], [Does::CutAfter(1), constrained()]] {
        let mut world = World::new(SessionConfig::new(client()), 1);
        world.dns.host("example.com", &["192.0.2.1", "192.0.2.2"]);
        for (address, does) in ["192.0.2.1:5222", "192.0.2.2:5222"].into_iter().zip(ends) {
            world.put(address, Host::new(does));
        }
        let offline = world.run_to("offline");
        assert_eq!(world.texts("failed").len(), 2, "{:#?}", world.tail());
        assert!(world.texts("offline")[0].contains("resource-constraint"), "{:#?}", world.tail());
        let wait = world.run_to("connect ").saturating_since(offline).as_secs();
        assert!((60..=600).contains(&wait), "{wait}");
    }
}

/// RFC 6120 section 7.7.2.2: the resource is another client's. What asks for it again would
/// be told the same.
#[test]
fn a_resource_that_is_taken_is_not_asked_for_again() {
    for (condition, next) in
        [(StanzaCondition::Conflict, "made-up"), (StanzaCondition::NotAllowed, "balcony")]
    {
        let mut world = World::of_one(Does::RefuseBind(condition));
        let (connections, _) = left_alone(&mut world);
        assert_eq!((connections, world.texts("stopped").len()), (1, 1), "{:#?}", world.tail());
        world.put("192.0.2.1:5222", Host::new(Does::Serve));
        world.session.reconnect_now(world.now);
        world.run_to("online");
        assert_eq!(world.texts("online"), [format!("online juliet@example.com/{next}")]);
    }
}

/// With `reconnect` off one round is made.
#[test]
fn without_reconnection_the_first_end_is_the_last() {
    for does in [
        Does::CutAt(Duration::from_secs(5)),
        Does::Close,
        Does::Fail(StreamError::new(StreamCondition::Reset)),
        Does::CutAfter(30),
    ] {
        let mut world = World::of_one(does);
        let mut config = SessionConfig::new(client());
        config.reconnect = false;
        world.session = Session::new_dangerous_plaintext(config, T0, [1; 32]);
        let (connections, last) = left_alone(&mut world);
        assert_eq!(connections, 1);
        assert!(last.starts_with("stopped") || last == "close", "{:#?}", world.tail());
        assert_eq!(world.texts("stopped").len(), 1);
    }
}

/// Of what several places say, the gravest counts, in whatever order they say it.
#[test]
fn the_gravest_end_counts_in_whatever_order() {
    use StreamCondition as Is;
    for (conditions, stops) in [
        ([Is::HostUnknown, Is::Reset], true),
        ([Is::Reset, Is::HostUnknown], true),
        ([Is::HostUnknown, Is::ResourceConstraint], true),
        ([Is::Reset, Is::ResourceConstraint], false),
        ([Is::ResourceConstraint, Is::Reset], false),
    ] {
        let mut world = World::new(SessionConfig::new(client()), 1);
        world.dns.host("example.com", &["192.0.2.1", "192.0.2.2"]);
        for (address, condition) in ["192.0.2.1:5222", "192.0.2.2:5222"].iter().zip(conditions) {
            world.put(address, Host::new(Does::Refuse(StreamError::new(condition))));
        }
        let ended = world.run_to(if stops { "stopped" } else { "offline" });
        assert_eq!(world.texts("connected").len(), 2, "{conditions:?}");
        if stops {
            assert!(world.texts("stopped")[0].contains("host-unknown"), "{conditions:?}");
        } else {
            let wait = world.run_to("connect ").saturating_since(ended).as_secs();
            assert!((60..=600).contains(&wait), "{conditions:?}: {wait}");
        }
    }
}
