//! Two servers: what the driver of a stream between them is asked, answered by the
//! endpoint or by what comes with the event.

use std::sync::Arc;

use xmpp_core::dialback::{Claim, Pair, Verdict};
use xmpp_core::jid::Domainpart;
use xmpp_core::role::PeerRole;
use xmpp_core::sasl::Secret;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::{
    Direction, Endpoint, Error, Event, FederationConfig, InboundPeer, OutboundPeer, PairError,
    PeerAnswer, PeerEvent, Purpose,
};

use crate::common::T0;
use crate::common::tls::{Authority, State, feed, turn};

const LOCAL: &str = "montague.example";
const REMOTE: &str = "capulet.example";

fn pair(local: &str, remote: &str) -> Pair {
    Pair::new(Domainpart::new(local).unwrap(), Domainpart::new(remote).unwrap())
}

fn config() -> FederationConfig {
    FederationConfig::new(Secret::from("s3cr3tf0rd14lb4ck"))
}

/// How both drivers answer.
#[derive(Clone, Copy)]
struct Answers {
    in_the_loop: bool,
    refuses: bool,
    verdict: Verdict,
}

const WELL: Answers = Answers { in_the_loop: false, refuses: false, verdict: Verdict::Valid };

fn look<R: PeerRole>(answers: Answers, peer: &mut Endpoint<R>, event: Event<'static, R>) {
    let Event::Role(event) = event else { return };
    let mut answer = peer.answer(T0);
    let unknown = StreamError::new(StreamCondition::HostUnknown);
    let answered = match (event, answers.in_the_loop) {
        (PeerEvent::PeerWanted(query), false) if answers.refuses => {
            peer.refuse_peer(query, unknown)
        }
        (PeerEvent::PeerWanted(query), true) if answers.refuses => {
            answer.refuse_peer(query, unknown)
        }
        (PeerEvent::PeerWanted(query), false) => peer.accept_peer(query, PeerAnswer::NotProved),
        (PeerEvent::PeerWanted(query), true) => answer.accept_peer(query, PeerAnswer::NotProved),
        (PeerEvent::ResultWanted(query), false) => peer.answer_result(query, answers.verdict),
        (PeerEvent::ResultWanted(query), true) => answer.answer_result(query, answers.verdict),
        (PeerEvent::VerifyWanted(query), false) => peer.answer_verify(query, answers.verdict),
        (PeerEvent::VerifyWanted(query), true) => answer.answer_verify(query, answers.verdict),
        _ => Ok(()),
    };
    answered.unwrap();
}

struct Peers {
    out: OutboundPeer,
    inn: InboundPeer,
    logs: [Vec<String>; 2],
}

impl Peers {
    /// Under TLS, in which only the receiving server has a certificate.
    fn new(config: FederationConfig, purpose: Purpose) -> Self {
        let authority = Authority::new();
        let config = Arc::new(config);
        let (initiator, receiver) = (authority.initiator(), authority.receiver_for(REMOTE));
        let ours = Arc::clone(&config);
        let pair = pair(LOCAL, REMOTE);
        let out = OutboundPeer::connect_server(ours, pair, purpose, initiator, T0, [1; 32]);
        let inn = InboundPeer::accept_server(config, receiver, T0, [2; 32]);
        Self { out: out.unwrap(), inn: inn.unwrap(), logs: Default::default() }
    }

    /// Until neither side has anything to say; how far each is.
    fn drive(&mut self, answers: Answers) -> [State; 2] {
        let [at_out, at_in] = &mut self.logs;
        let mut ended = [false; 2];
        loop {
            let (there, out) =
                turn(&mut self.out, T0, at_out, |peer, event| look(answers, peer, event));
            let (mut back, mut rest) = (Vec::new(), &there[..]);
            let inn = loop {
                feed(&mut self.inn, &mut rest);
                let (mut sent, state) =
                    turn(&mut self.inn, T0, at_in, |peer, event| look(answers, peer, event));
                back.append(&mut sent);
                if rest.is_empty() {
                    break state;
                }
            };
            let mut rest = &back[..];
            while !rest.is_empty() {
                feed(&mut self.out, &mut rest);
                if !rest.is_empty() {
                    turn(&mut self.out, T0, at_out, |peer, event| look(answers, peer, event));
                }
            }
            let over = [out != State::Waits, inn != State::Waits];
            if there.is_empty() && back.is_empty() && over == ended {
                return [out, inn];
            }
            if over[0] {
                self.inn.handle_eof();
            }
            if over[1] {
                self.out.handle_eof();
            }
            ended = over;
        }
    }

    fn established(config: FederationConfig, answers: Answers) -> Self {
        let mut peers = Self::new(config, Purpose::Stanzas);
        let states = peers.drive(answers);
        assert_eq!(states, [State::Waits, State::Waits], "{:#?}", peers.logs);
        peers
    }

    fn told(&self, side: usize, what: &str) -> usize {
        self.logs[side].iter().filter(|event| event.starts_with(what)).count()
    }
}

#[test]
fn a_pair_is_authorised_in_its_direction_and_both_ways_if_agreed() {
    // XEP-0220 section 2.1, XEP-0288 section 2.2
    for (in_the_loop, bidi) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut config = config();
        config.bidi = bidi;
        let peers = Peers::established(config, Answers { in_the_loop, ..WELL });
        let (ours, theirs) = (pair(LOCAL, REMOTE), pair(REMOTE, LOCAL));
        assert_eq!(ours.clone().reversed(), theirs);
        assert_eq!(peers.out.is_bidirectional(), bidi);
        assert_eq!(peers.inn.is_bidirectional(), bidi);
        assert!(peers.out.is_authorised(&ours, Direction::Send), "{:#?}", peers.logs);
        assert!(peers.inn.is_authorised(&theirs, Direction::Receive));
        assert!(!peers.out.is_authorised(&theirs, Direction::Send));
        assert_eq!(peers.inn.is_authorised(&theirs, Direction::Send), bidi);
        let sends = |it: &(&Pair, Direction)| it.1 == Direction::Send;
        assert_eq!(peers.out.pairs().filter(sends).collect::<Vec<_>>(), [(&ours, Direction::Send)]);
        assert_eq!(peers.inn.pairs().filter(sends).count(), usize::from(bidi));
        let offers = peers.out.offers();
        assert!(offers.dialback && offers.dialback_errors);
        // Who is at the other end was shown by one of the two.
        assert!(peers.out.tls_facts().unwrap().peer_certificate.is_some());
        assert_eq!(
            (peers.out.peer_certificates().len(), peers.inn.peer_certificates().len()),
            (1, 0)
        );
    }
}

#[test]
fn a_peer_can_be_refused() {
    for in_the_loop in [false, true] {
        let mut peers = Peers::new(config(), Purpose::Stanzas);
        let states = peers.drive(Answers { in_the_loop, refuses: true, ..WELL });
        // Whoever is asked first, about the name in the other's header.
        let ended = |state: &State| match state {
            State::Failed(Error::Closed(error) | Error::StreamError(error)) => {
                error.condition == StreamCondition::HostUnknown
            }
            _ => false,
        };
        assert!(states.iter().any(ended), "{states:?}");
        assert!(peers.out.pairs().next().is_none() && peers.inn.pairs().next().is_none());
    }
}

#[test]
fn a_further_pair_is_authorised_or_refused() {
    for (in_the_loop, verdict) in [
        (false, Verdict::Valid),
        (false, Verdict::Invalid),
        (true, Verdict::Valid),
        (true, Verdict::Invalid),
    ] {
        let further = pair("verona.example", REMOTE);
        let mut peers = Peers::new(config(), Purpose::Stanzas);
        assert_eq!(peers.out.request_pair(T0, &further), Err(PairError::NotEstablished));
        peers.drive(WELL);
        peers.out.request_pair(T0, &further).unwrap();
        peers.drive(Answers { in_the_loop, verdict, ..WELL });
        let is = verdict == Verdict::Valid;
        assert_eq!(peers.out.is_authorised(&further, Direction::Send), is);
        let to_send =
            |event: &&String| event.starts_with("PairAuthorised") && event.contains("Send");
        assert_eq!(peers.logs[0].iter().filter(to_send).count(), 1 + usize::from(is));
        assert_eq!(peers.told(0, "PairRefused"), usize::from(!is), "{:#?}", peers.logs[0]);
        assert_eq!(peers.told(1, "ResultWanted"), 2);
    }
}

#[test]
fn an_authoritative_server_is_asked_for_a_verdict() {
    for (in_the_loop, verdict) in [
        (false, Verdict::Valid),
        (false, Verdict::Invalid),
        (true, Verdict::Valid),
        (true, Verdict::Invalid),
    ] {
        let mut peers = Peers::new(config(), Purpose::Verification);
        peers.drive(WELL);
        let claim = Claim::new(pair(LOCAL, REMOTE), "D60000229F", "37c69b1cf07a3f67");
        peers.out.verify(T0, &claim).unwrap();
        peers.drive(Answers { in_the_loop, verdict, ..WELL });
        assert_eq!(peers.told(1, "VerifyWanted"), 1, "{:#?}", peers.logs[1]);
        let told = peers.logs[0].iter().find(|event| event.starts_with("Verified")).unwrap();
        assert!(told.contains(&format!("verdict: {verdict:?}")), "{told}");
    }
}
