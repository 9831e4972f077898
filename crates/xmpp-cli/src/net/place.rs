//! A host and a port, as people write them.

use core::fmt;
use core::net::Ipv6Addr;
use core::str::FromStr;

/// Where to connect to or to listen: a host, and a port if one was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    host: String,
    port: Option<u16>,
}

impl Place {
    /// What sockets take.
    pub(crate) fn or_port(&self, port: u16) -> (&str, u16) {
        (&self.host, self.port.unwrap_or(port))
    }
}

/// `localhost`, `localhost:5222`, `127.0.0.1:5222`, `[::1]:5222`, `[::1]`, `::1`.
impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.parse::<Ipv6Addr>().is_ok() {
            return Ok(Self { host: text.to_owned(), port: None });
        }
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) => {
                host.parse::<Ipv6Addr>().map_err(|_| "expected an IPv6 address in brackets")?;
                match rest.strip_prefix(':') {
                    Some(port) => (host, Some(port)),
                    None if rest.is_empty() => (host, None),
                    None => return Err("expected `:` and a port after the brackets".into()),
                }
            }
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || "/[]@".contains(c)) {
            return Err("expected HOST or HOST:PORT".into());
        }
        let port = port.map(|port| {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            let number = port.parse().ok().filter(|_| digits);
            number.ok_or("expected a port from 0 to 65535 after `:`")
        });
        Ok(Self { host: host.to_owned(), port: port.transpose()? })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let brackets = self.host.contains(':');
        let (open, close) = if brackets { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_may_be_missing() {
        for (text, host, port) in [
            ("localhost", "localhost", 5222),
            ("localhost:5223", "localhost", 5223),
            ("127.0.0.1:0", "127.0.0.1", 0),
            ("[::1]:1", "::1", 1),
            ("[::1]", "::1", 5222),
            ("::1", "::1", 5222),
        ] {
            let place: Place = text.parse().unwrap();
            assert_eq!(place.or_port(5222), (host, port), "{text}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in
            ["", ":1", "a:", "a:65536", "a:+1", "a:b", "a:1:2", "[a]:1", "[::1]1", "a b", "a/b"]
        {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
