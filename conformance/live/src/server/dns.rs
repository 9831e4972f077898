//! The names of the domains that we act as: enough of DNS (RFC 1035, RFC 2782) to tell the
//! server under test where they are. Every domain below the one of `--s2s-domain` leads to
//! the same address, so that a case can have a domain that no case had before it.

use core::net::{IpAddr, SocketAddr};
use std::net::UdpSocket;

const A: u16 = 1;
const AAAA: u16 = 28;
const SRV: u16 = 33;
const ANY: u16 = 255;
const INTERNET: u16 = 1;

/// Length of the header of a message (RFC 1035 section 4.1.1).
const HEADER: usize = 12;
/// How long an answer may be kept: it stays true while the run lasts.
const SECONDS: u32 = 60;

/// What is answered: a domain and all below it are at one address.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    domain: String,
    /// The domain's labels, each behind its length (RFC 1035 section 3.1).
    target: Vec<u8>,
    at: SocketAddr,
}

impl Zone {
    pub(super) fn new(domain: &str, at: SocketAddr) -> Result<Self, String> {
        let domain = domain.to_ascii_lowercase();
        let mut target = Vec::with_capacity(domain.len() + 2);
        for label in domain.split('.') {
            match u8::try_from(label.len()) {
                Ok(length @ 1..=63) => target.push(length),
                _ => return Err(format!("--s2s-domain {domain}: a label has 1 to 63 bytes")),
            }
            target.extend_from_slice(label.as_bytes());
        }
        target.push(0);
        Ok(Self { domain, target, at })
    }

    /// Answers at that address as long as the process lives.
    pub(super) fn serve(self, address: &str) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("--s2s-dns {address}: {error}");
        let socket = UdpSocket::bind(address).map_err(failed)?;
        std::thread::spawn(move || {
            let mut query = [0; 512];
            loop {
                let Ok((length, from)) = socket.recv_from(&mut query) else { continue };
                if let Some(answer) = query.get(..length).and_then(|query| self.answer(query)) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Ok(())
    }

    /// The answer to a query; none to what is no query.
    fn answer(&self, query: &[u8]) -> Option<Vec<u8>> {
        let header = query.get(..HEADER)?;
        // A response is never answered, and what is asked is one question.
        if header[2] & 0x80 != 0 || header[4..6] != [0, 1] {
            return None;
        }
        let question = Question::read(query.get(HEADER..)?)?;
        let found = (question.class == INTERNET).then(|| self.find(&question)).flatten();
        let (code, data) = match found {
            Some(data) => (0, data),
            None => (3, None),
        };
        let mut answer = Vec::with_capacity(128);
        answer.extend_from_slice(&header[..2]);
        // A response, with authority; whether recursion is desired is repeated.
        answer.extend_from_slice(&[0x84 | (header[2] & 1), code, 0, 1, 0]);
        answer.extend_from_slice(&[u8::from(data.is_some()), 0, 0, 0, 0]);
        answer.extend_from_slice(question.bytes);
        if let Some((kind, data)) = data {
            // The name is that of the question, which begins behind the header.
            answer.extend_from_slice(&[0xC0, HEADER as u8]);
            answer.extend_from_slice(&kind.to_be_bytes());
            answer.extend_from_slice(&INTERNET.to_be_bytes());
            answer.extend_from_slice(&SECONDS.to_be_bytes());
            answer.extend_from_slice(&u16::try_from(data.len()).ok()?.to_be_bytes());
            answer.extend_from_slice(&data);
        }
        Some(answer)
    }

    /// `None` if there is no such name, `Some(None)` if it has nothing of what is asked.
    fn find(&self, question: &Question<'_>) -> Option<Option<(u16, Vec<u8>)>> {
        let asks = |kind| question.kind == kind || question.kind == ANY;
        if let Some(domain) = question.name.strip_prefix("_xmpp-server._tcp.") {
            if !self.has(domain) {
                return None;
            }
            return Some(asks(SRV).then(|| (SRV, self.service())));
        }
        if !self.has(&question.name) || question.name.starts_with('_') {
            return None;
        }
        Some(match self.at.ip() {
            IpAddr::V4(ip) if asks(A) => Some((A, ip.octets().to_vec())),
            IpAddr::V6(ip) if asks(AAAA) => Some((AAAA, ip.octets().to_vec())),
            _ => None,
        })
    }

    fn has(&self, name: &str) -> bool {
        name.strip_suffix(&*self.domain)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }

    /// Priority, weight, port and target. The target is the same for all domains: a server
    /// that takes addresses from elsewhere, as ejabberd does, needs one name there.
    fn service(&self) -> Vec<u8> {
        let mut data = vec![0, 0, 0, 0];
        data.extend_from_slice(&self.at.port().to_be_bytes());
        data.extend_from_slice(&self.target);
        data
    }
}

/// A question (RFC 1035 section 4.1.2).
struct Question<'q> {
    /// Its labels with dots between, in lower case.
    name: String,
    kind: u16,
    class: u16,
    bytes: &'q [u8],
}

impl<'q> Question<'q> {
    fn read(bytes: &'q [u8]) -> Option<Self> {
        let mut name = String::new();
        let mut at = 0;
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            // Longer ones are pointers, which no question has.
            if length > 63 {
                return None;
            }
            let label = core::str::from_utf8(bytes.get(at..at + length)?).ok()?;
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(&label.to_ascii_lowercase());
            at += length;
        }
        let number =
            |at: usize| bytes.get(at..at + 2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
        let (kind, class) = (number(at)?, number(at + 2)?);
        Some(Self { name, kind, class, bytes: bytes.get(..at + 4)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &str, kind: u16) -> Vec<u8> {
        let mut query = vec![0xAB, 0xCD, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            query.push(label.len() as u8);
            query.extend_from_slice(label.as_bytes());
        }
        query.push(0);
        query.extend_from_slice(&kind.to_be_bytes());
        query.extend_from_slice(&INTERNET.to_be_bytes());
        query
    }

    fn zone() -> Zone {
        Zone::new("peer.test", "127.0.0.98:15269".parse().unwrap()).unwrap()
    }

    #[test]
    fn any_domain_below_ours_is_at_our_address() {
        for name in ["peer.test", "c1.peer.test", "C2.Peer.TEST", "other.c3.peer.test"] {
            let answer = zone().answer(&query(name, A)).unwrap();
            assert_eq!(answer[..8], [0xAB, 0xCD, 0x85, 0, 0, 1, 0, 1], "{name}");
            assert!(answer.ends_with(&[0, 4, 127, 0, 0, 98]), "{name}");
            // No address of the other family is not the same as no such name.
            let other = zone().answer(&query(name, AAAA)).unwrap();
            assert_eq!(other[2..8], [0x85, 0, 0, 1, 0, 0], "{name}");
        }
    }

    #[test]
    fn srv_says_the_port() {
        let answer = zone().answer(&query("_xmpp-server._tcp.c1.peer.test", SRV)).unwrap();
        let data = [0, 0, 0, 0, 0x3B, 0xA5];
        assert!(answer.ends_with(&[&data[..], b"\x04peer\x04test\0"].concat()));
    }

    #[test]
    fn there_are_no_other_names() {
        for name in ["test", "spear.test", "nowhere.invalid", "_xmpps-server._tcp.c1.peer.test"] {
            let answer = zone().answer(&query(name, SRV)).unwrap();
            assert_eq!(answer[2..8], [0x85, 3, 0, 1, 0, 0], "{name}");
        }
    }

    #[test]
    fn what_dns_cannot_say_is_no_domain() {
        let at = "127.0.0.98:15269".parse().unwrap();
        assert!(Zone::new(&format!("{}.test", "a".repeat(63)), at).is_ok());
        for domain in ["", "peer..test", "peer.test.", &format!("{}.test", "a".repeat(64))] {
            assert!(Zone::new(domain, at).is_err(), "{domain}");
        }
    }

    #[test]
    fn what_is_no_query_is_not_answered() {
        let query = query("peer.test", A);
        for length in 0..query.len() {
            assert_eq!(zone().answer(&query[..length]), None, "{length}");
        }
        assert_eq!(zone().answer(&zone().answer(&query).unwrap()), None);
        let mut pointer = query;
        pointer[HEADER] = 0xC0;
        assert_eq!(zone().answer(&pointer), None);
    }
}
