//! Whatever clients send in whatever order: the host does not panic, what it sends is XML for
//! sessions that live, and both sides of every subscription agree.
//!
//! The input is lines: `+<account><resource>` binds a session, `-<session>` ends one,
//! `@<stanza>` comes from a component, `!<stanza>` from another server, and
//! `<session><stanza>` is what a session sends; accounts and sessions are digits.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use xmpp_jid::{BareJid, Domainpart, DomainpartRef, LocalpartRef};
use xmpp_server::{Config, ConflictPolicy, Host, Output, Queue, SessionId, UnixTime};
use xmpp_stanza::StanzaCondition;
use xmpp_xml::{Element, ns};

const ACCOUNTS: [&str; 3] = ["a", "b", "c"];

fuzz_target!(|input: &str| {
    let mut config = Config::default();
    config.limits.max_sessions = 3;
    config.limits.max_directed = 2;
    config.limits.max_offline_messages = 2;
    config.limits.roster.max_items = 2;
    config.limits.roster.max_requests = 1;
    config.limits.roster.max_removed = 1;
    config.conflict = match input.len() % 3 {
        0 => ConflictPolicy::Override,
        1 => ConflictPolicy::Refuse,
        _ => ConflictPolicy::Terminate,
    };
    let domain = DomainpartRef::new("x.y").expect("a domain");
    let mut host = Host::new(domain, 1, config);
    let accounts =
        ACCOUNTS.map(|name| host.add_account(LocalpartRef::new(name).expect("a localpart")));
    let (mut out, mut live, mut count) = (Queue::new(), BTreeSet::new(), 0);
    out.routes.insert(Domainpart::new("c.y").expect("a domain"), ns::COMPONENT_ACCEPT);
    for line in input.lines().take(100) {
        let now = UnixTime::from_secs(count);
        let mut chars = line.chars();
        let first = chars.next();
        let digit = |c: Option<char>| c.and_then(|c| c.to_digit(10)).map(u64::from);
        match first {
            Some('+') => {
                let account = digit(chars.next()).unwrap_or(0) as usize % 3;
                let id = SessionId(count);
                count += 1;
                let requested = Some(chars.as_str());
                let random = [account as u8; 16];
                if host
                    .session_bound(now, id, &accounts[account], requested, random, &mut out)
                    .is_ok()
                {
                    live.insert(id);
                }
            }
            Some('-') => {
                let id = SessionId(digit(chars.next()).unwrap_or(0));
                host.session_ended(now, id, &mut out);
                live.remove(&id);
            }
            Some('@') => {
                let stream = format!("<s xmlns='jabber:component:accept'>{}</s>", chars.as_str());
                if let Ok(stream) = Element::parse(stream)
                    && let Some(stanza) = stream.children().next()
                {
                    let _ = host.handle_routed(now, stanza, &mut out);
                }
            }
            Some('!') => {
                let stream = format!("<s xmlns='jabber:server'>{}</s>", chars.as_str());
                if let Ok(stream) = Element::parse(stream)
                    && let Some(stanza) = stream.children().next()
                {
                    let _ = host.handle_remote(now, stanza, &mut out);
                    let _ = host.route_failed(
                        now,
                        stanza,
                        StanzaCondition::RemoteServerTimeout,
                        &mut out,
                    );
                }
            }
            session => {
                let id = SessionId(digit(session).unwrap_or(0));
                let stream = format!("<s xmlns='jabber:client'>{}</s>", chars.as_str());
                if let Ok(stream) = Element::parse(stream)
                    && let Some(stanza) = stream.children().next()
                {
                    let _ = host.handle_stanza(now, id, stanza, &mut out);
                }
            }
        }
        for output in out.output.drain(..) {
            match output {
                Output::Stanza(id, bytes) => {
                    assert!(live.contains(&id), "sent to a session that has ended");
                    let text = String::from_utf8(bytes).expect("UTF-8");
                    Element::parse(format!("<s xmlns='jabber:client'>{text}</s>")).expect("XML");
                }
                Output::Routed { to: domain, stanza: bytes, .. } => {
                    assert_eq!(domain.as_str(), "c.y", "sent where there is no route");
                    let text = String::from_utf8(bytes).expect("UTF-8");
                    let stream = format!("<s xmlns='jabber:component:accept'>{text}</s>");
                    Element::parse(stream).expect("XML");
                }
                Output::Close(id, _) => assert!(live.remove(&id), "closed twice"),
            }
        }
        agree(&host, &accounts);
    }
});

fn agree(host: &Host, accounts: &[BareJid]) {
    for user in accounts {
        let roster = host.roster(user).expect("an account");
        assert!(roster.len() <= 2 && roster.requests().count() <= 1);
        for contact in accounts {
            let mine = roster.subscription(contact.as_str()).state;
            let theirs = host.roster(contact).expect("an account").subscription(user.as_str());
            assert_eq!(mine.has_to(), theirs.state.has_from());
            assert_eq!(mine.is_pending_out(), theirs.state.is_pending_in());
        }
    }
}
