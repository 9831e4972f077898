//! The file with a client's token (XEP-0484): one JSON object.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use xmpp_core::sasl::Mechanism;
use xmpp_core::sasl::client::Token;
use xmpp_core::{ClientConfig, IssuedToken};

/// A file that is longer than this (bytes) is none.
const MOST: u64 = 64 << 10;

/// What is kept between two logins of one account.
#[derive(Serialize, Deserialize)]
pub(crate) struct TokenFile {
    /// The account that it is for.
    account: String,
    /// The name of this installation: the server knows the token by it.
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    mechanism: String,
    token: String,
    /// Seconds since 1970.
    expiry: u64,
    /// How often it has been tried.
    #[serde(default)]
    count: u32,
}

impl TokenFile {
    /// Reads it; if there is none, begins one.
    pub(crate) fn read(path: &Path, account: &str) -> Result<Self, String> {
        let wrong = |error: &dyn core::fmt::Display| format!("{}: {error}", path.display());
        let text = match fs::metadata(path) {
            Ok(found) if found.len() > MOST => return Err(wrong(&"too long for a token")),
            Ok(_) => fs::read_to_string(path).map_err(|error| wrong(&error))?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let client_id = uuid(crate::net::random());
                return Ok(Self { account: account.to_owned(), client_id, token: None });
            }
            Err(error) => return Err(wrong(&error)),
        };
        // What is wrong with it may not be told: a token stands there.
        let file: Self = serde_json::from_str(&text).map_err(|_| wrong(&"no token is in it"))?;
        if file.account != account {
            return Err(wrong(&format!("it is for {}", file.account)));
        }
        Ok(file)
    }

    pub(crate) const fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Writes it, for nobody else to read, and whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let new = Path::new(&name);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = serde_json::to_vec(self).map_err(|error| error.to_string())?;
        let mut file = options.open(new).map_err(wrong)?;
        file.write_all(&text).and_then(|()| file.write_all(b"\n")).map_err(wrong)?;
        fs::rename(new, path).map_err(wrong)
    }

    /// Puts it into a configuration; the attempt that follows is counted.
    pub(crate) fn apply(&mut self, config: &mut ClientConfig) -> Result<(), String> {
        use xmpp_core::sasl::sasl2::{Fast, UserAgent};
        let mut user_agent =
            UserAgent::with_id(&self.client_id).map_err(|error| error.to_string())?;
        user_agent.software = config.sasl2.user_agent.software.take();
        config.sasl2.user_agent = user_agent;
        config.sasl2.request_token = true;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.token.take_if(|kept| kept.expiry <= now);
        let Some(kept) = &mut self.token else { return Ok(()) };
        let Some(mechanism) = Mechanism::from_name(&kept.mechanism) else { return Ok(()) };
        kept.count = kept.count.saturating_add(1);
        config.sasl2.token_use = Fast { count: Some(kept.count), invalidate: false };
        let token = Token::new(mechanism, &kept.token);
        config.credentials = config.credentials.clone().with_token(token);
        Ok(())
    }

    /// A new token came.
    pub(crate) fn keep(&mut self, issued: &IssuedToken) {
        let token = String::from_utf8_lossy(issued.token.secret().expose()).into_owned();
        let mechanism = issued.token.mechanism().name().to_owned();
        self.token = Some(Kept { mechanism, token, expiry: issued.expiry, count: 0 });
    }

    /// Another attempt with it is made.
    pub(crate) fn count(&mut self) {
        if let Some(kept) = &mut self.token {
            kept.count = kept.count.saturating_add(1);
        }
    }

    /// The server does not take it.
    pub(crate) fn forget(&mut self) {
        self.token = None;
    }
}

/// A UUID of version 4 (RFC 9562 section 5.4).
fn uuid(mut random: [u8; 16]) -> String {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
    }
}
