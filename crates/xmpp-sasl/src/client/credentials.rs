//! What a client can prove itself with.

use alloc::string::String;
use alloc::vec::Vec;

use crate::mechanism::Mechanism;
use crate::scram::keys::ScramKeys;
use crate::secret::Secret;

/// What a client can prove itself with. Give what there is; the policy picks.
///
/// ```
/// use xmpp_sasl::client::Credentials;
///
/// let credentials = Credentials::new("juliet").with_password("r0m30myr0m30");
/// assert!(!format!("{credentials:?}").contains("r0m30"));
/// ```
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) username: String,
    pub(crate) authzid: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) keys: Vec<ScramKeys>,
    pub(crate) token: Option<Token>,
    pub(crate) bearer: Option<Bearer>,
    pub(crate) certificate: bool,
    pub(crate) anonymous: Option<String>,
}

/// A token that the server issued (XEP-0484), for the one mechanism it was
/// issued for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub(crate) mechanism: Mechanism,
    pub(crate) secret: Secret,
}

impl Token {
    /// The `token` of `<token/>`, and the mechanism it was requested for.
    pub fn new(mechanism: Mechanism, token: &str) -> Self {
        Self { mechanism, secret: Secret::from(token) }
    }

    /// The mechanism that it is good for.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The token itself, to be kept as a password is.
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// What OAUTHBEARER sends.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) token: Secret,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
}

impl Credentials {
    /// For the account with this authentication identity: the user name, in
    /// XMPP the localpart of the address (RFC 6120 section 6.3.7). It may be
    /// empty with EXTERNAL and ANONYMOUS, which take none.
    pub fn new(authentication_identity: impl Into<String>) -> Self {
        Self {
            username: authentication_identity.into(),
            authzid: None,
            password: None,
            keys: Vec::new(),
            token: None,
            bearer: None,
            certificate: false,
            anonymous: None,
        }
    }

    /// The identity to act as, if it is another than one's own (RFC 4422
    /// section 2), in the form of the protocol: in XMPP a bare JID, or for a
    /// server its domainpart (RFC 6120 section 6.3.8).
    #[must_use]
    pub fn with_authorization_identity(mut self, identity: impl Into<String>) -> Self {
        self.authzid = Some(identity.into()).filter(|identity| !identity.is_empty());
        self
    }

    /// A password, for SCRAM and PLAIN.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = Some(Secret::from(password));
        self
    }

    /// Keys of an earlier exchange ([`Authenticated::scram_keys`]), which save
    /// PBKDF2 as long as the server's salt and count stay. Keys for another
    /// hash may be added besides.
    ///
    /// [`Authenticated::scram_keys`]: super::Authenticated::scram_keys
    #[must_use]
    pub fn with_scram_keys(mut self, keys: ScramKeys) -> Self {
        self.keys.retain(|other| other.hash != keys.hash);
        self.keys.push(keys);
        self
    }

    /// A token of the server (XEP-0484), for the HT- mechanisms.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Without the token, which the server does not take any more.
    #[must_use]
    pub fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// A bearer token (RFC 6750), for OAUTHBEARER; host and port as the client
    /// connected to them, if the token depends on them (RFC 7628 section 3.1).
    #[must_use]
    pub fn with_bearer_token(
        mut self,
        token: &str,
        host: Option<String>,
        port: Option<u16>,
    ) -> Self {
        self.bearer = Some(Bearer { token: Secret::from(token), host, port });
        self
    }

    /// A certificate has been presented in the TLS handshake, for EXTERNAL.
    #[must_use]
    pub const fn with_certificate(mut self) -> Self {
        self.certificate = true;
        self
    }

    /// No identity; a trace for the server's log, which may be empty (RFC 4505
    /// section 2: an email address or an opaque string without `@`).
    #[must_use]
    pub fn with_anonymity(mut self, trace: impl Into<String>) -> Self {
        self.anonymous = Some(trace.into());
        self
    }

    /// The authentication identity, for an [own](super::OwnMechanism)
    /// mechanism; not prepared.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The identity to act as, if it was given.
    pub fn authorization_identity(&self) -> Option<&str> {
        self.authzid.as_deref()
    }

    /// The password, if there is one; not prepared.
    pub const fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }
}
