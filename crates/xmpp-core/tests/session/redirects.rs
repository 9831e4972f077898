//! `see-other-host`: RFC 6120 section 4.9.3.19.

use xmpp_core::session::{Redirects, Session, SessionConfig};
use xmpp_core::stanza::{StreamCondition, StreamError};

use crate::common::T0;
use crate::common::tls::Authority;
use crate::world::{Does, Host, World, client};

fn over_tls(authority: &Authority, redirects: Redirects, name: &str) -> World {
    let mut config = SessionConfig::new(client());
    config.methods.direct_tls = false;
    config.redirects = redirects;
    let session = Session::new(config, authority.initiator(), T0, [1; 32]);
    let mut world = World::with(session, 1);
    world.receiver = Some(authority.receiver_for(name));
    world.dns.host("example.com", &["192.0.2.1"]);
    world.put("192.0.2.2:5222", Host::new(Does::Serve));
    world.put("192.0.2.2:9222", Host::new(Does::Serve));
    world
}

fn see(host: &str) -> StreamError {
    StreamError::see_other_host(host)
}

/// 6120-4.9.3.19-02, -04 and -05: to an address or a name, with or without a port.
#[test]
fn a_redirection_is_followed_at_once() {
    let authority = Authority::new();
    for (other, lookups, place) in [
        ("192.0.2.2", &[][..], "192.0.2.2:5222"),
        ("192.0.2.2:9222", &[], "192.0.2.2:9222"),
        // Where it is already, but for the port.
        ("192.0.2.1:9222", &[], "192.0.2.1:9222"),
        (
            "example.com:9222",
            &["look up AAAA example.com", "look up A example.com"],
            "192.0.2.1:9222",
        ),
        ("b.example:9222", &["look up AAAA b.example", "look up A b.example"], "192.0.2.2:9222"),
        (
            "b.example",
            &[
                "look up _xmpp-client._tcp.b.example.",
                "look up AAAA b.example",
                "look up A b.example",
            ],
            "192.0.2.2:5222",
        ),
    ] {
        let mut world = over_tls(&authority, Redirects::Protected, "example.com");
        world.dns.host("b.example", &["192.0.2.2"]);
        world.put("192.0.2.1:5222", Host::new(Does::RefuseOverTls(see(other))));
        world.put("192.0.2.1:9222", Host::new(Does::Serve));
        let online = world.run_to("online");
        assert!(online.since_origin().as_secs() < 1, "{other}");
        assert_eq!(world.texts("connect ").last(), Some(&&*format!("connect {place}")));
        assert_eq!(world.texts("look up")[3..], *lookups, "{other}");
    }
}

/// 6120-4.9.3.19-06 (b): one that came in the clear may be anybody's.
#[test]
fn a_redirection_in_the_clear_is_followed_by_configuration_only() {
    let authority = Authority::new();
    for (redirects, follows) in
        [(Redirects::Protected, false), (Redirects::Never, false), (Redirects::Always, true)]
    {
        let mut world = over_tls(&authority, redirects, "example.com");
        world.put("192.0.2.1:5222", Host::new(Does::Refuse(see("192.0.2.2"))));
        world.run_for(30.0);
        let followed = world.texts("connect ").contains(&"connect 192.0.2.2:5222");
        assert_eq!(followed, follows, "{redirects:?}: {:#?}", world.tail());
        assert_eq!(world.texts("online").len(), usize::from(follows));
    }
    let mut world = over_tls(&authority, Redirects::Never, "example.com");
    world.put("192.0.2.1:5222", Host::new(Does::RefuseOverTls(see("192.0.2.2"))));
    world.run_for(3000.0);
    assert!(!world.texts("connect ").contains(&"connect 192.0.2.2:5222"));
}

/// 6120-4.9.3.19-05: "MUST verify the identity of the new host using the same reference
/// identifier(s)": the account's domain, not where the redirection points to.
#[test]
fn the_certificate_is_that_of_the_accounts_domain() {
    let authority = Authority::new();
    let mut world = over_tls(&authority, Redirects::Protected, "example.com");
    world.dns.host("b.example", &["192.0.2.2"]);
    world.put("192.0.2.1:5222", Host::new(Does::RefuseOverTls(see("b.example"))));
    world.run_to("offline");
    world.receiver = Some(authority.receiver_for("b.example"));
    world.run_for(1_000_000.0);
    assert_eq!(world.texts("online"), [""; 0]);
    let stopped = world.texts("stopped");
    assert!(stopped[0].contains("certificate is for another name"), "{stopped:?}");
}

/// 6120-4.9.3.19-05: "MUST apply the same policies … (e.g., a policy requiring TLS)": a host
/// without STARTTLS does not get so much as a name.
#[test]
fn a_redirection_never_leads_out_of_tls() {
    let authority = Authority::new();
    let mut world = over_tls(&authority, Redirects::Protected, "example.com");
    world.put("192.0.2.1:5222", Host::new(Does::RefuseOverTls(see("192.0.2.2"))));
    world.run_to("offline");
    world.receiver = None;
    world.run_for(1_000_000.0);
    assert_eq!(world.texts("online"), [""; 0]);
    assert!(world.texts("failed 192.0.2.2")[0].contains("TLS is required"), "{:#?}", world.tail());
    assert!(world.texts("stopped").len() == 1);
}

/// 6120-4.9.3.19-07: "SHOULD abort the connection attempt after a certain number of
/// successive redirects (e.g., at least 2 but no more than 5)".
#[test]
fn a_loop_of_redirections_has_an_end() {
    let authority = Authority::new();
    let mut world = over_tls(&authority, Redirects::Protected, "example.com");
    world.put("192.0.2.1:5222", Host::new(Does::RefuseOverTls(see("192.0.2.2:9222"))));
    world.put("192.0.2.2:9222", Host::new(Does::RefuseOverTls(see("example.com"))));
    world.run(crate::world::at(1e6), |world| {
        world.texts("offline").iter().any(|told| told.contains("redirects too often"))
    });
    assert_eq!(world.texts("connected").len(), 4, "the first and three redirections");
    let offline = world.now;
    let next = world.run_to("connect ");
    assert!(next.saturating_since(offline).as_secs() >= 60);
    // And then the same, with long waits between.
    world.run_for(36_000.0);
    assert!(world.texts("connected").len() <= 4 + 4 * 600, "{}", world.texts("connected").len());
}

/// Once online, the count begins anew; after a loss, the domain is asked again.
#[test]
fn a_redirection_holds_for_one_connection() {
    let authority = Authority::new();
    let mut world = over_tls(&authority, Redirects::Protected, "example.com");
    world.put("192.0.2.1:5222", Host::new(Does::RefuseOverTls(see("192.0.2.2:9222"))));
    for _ in 0..6 {
        world.run_to("online");
        world.session.reconnect_now(world.now);
    }
    let connects = world.texts("connected");
    assert!(connects.iter().step_by(2).all(|told| told.contains("192.0.2.1")), "{connects:?}");
    // Where the other host is down, the domain is asked again after a wait.
    world.put("192.0.2.2:9222", Host::unreachable(crate::world::Reached::Refuses(1)));
    world.run_to("offline");
    world.put("192.0.2.1:5222", Host::new(Does::Serve));
    world.run_to("online");
    assert_eq!(world.texts("connect ").last(), Some(&"connect 192.0.2.1:5222"));
}

/// A server that is online redirects as well.
#[test]
fn a_redirection_of_an_established_stream_is_followed() {
    let authority = Authority::new();
    let mut world = over_tls(&authority, Redirects::Protected, "example.com");
    world.put("192.0.2.1:5222", Host::new(Does::Fail(see("192.0.2.2"))));
    world.run_to("online");
    world.run_to("offline");
    world.run_to("online");
    assert_eq!(world.texts("connected")[1], "connected 192.0.2.2:5222");
    // One that names nothing is not followed, and not blindly retried either.
    let mut world = over_tls(&authority, Redirects::Protected, "example.com");
    world.put(
        "192.0.2.1:5222",
        Host::new(Does::RefuseOverTls(StreamError::new(StreamCondition::SeeOtherHost))),
    );
    let offline = world.run_to("offline");
    let next = world.run_to("connect ");
    assert!(next.saturating_since(offline).as_secs() >= 60);
}
