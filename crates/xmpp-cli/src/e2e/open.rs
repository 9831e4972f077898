//! `xmpp e2e decrypt` and `xmpp e2e verify`.

use std::path::PathBuf;

use serde_json::{Value, json};
use xmpp_e2e::{
    Case, Certificate, CertificateStore, Identity, Known, Layer, Limits, MemoryStore, OpenError,
    Opened, Opener, Receiver, Refused,
};
use xmpp_stanza::StanzaRef;

use super::files::Trust;
use super::protect::PolicyName;
use super::{Failure, files};

/// What both have in common.
#[derive(clap::Args)]
pub(super) struct Common {
    /// The input is a MIME entity, and so is the output.
    #[arg(long)]
    entity: bool,
    #[command(flatten)]
    trust: Trust,
    /// Certificates at hand that did not come along: of the signer, or of
    /// authorities between the signer's and a trusted one.
    #[arg(long, value_name = "PEM")]
    certs: Vec<PathBuf>,
    /// Which algorithms are read.
    #[arg(long, value_enum, default_value_t = PolicyName::Modern)]
    policy: PolicyName,
    /// What time it is (RFC 3339), in place of the clock's.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// More octets than this at any layer are not read.
    #[arg(long, value_name = "OCTETS", default_value_t = Limits::DEFAULT.max_object_bytes)]
    max_bytes: usize,
    /// The stanza itself, or the file that has it; `-` for standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
}

/// Options of `xmpp e2e decrypt`.
#[derive(clap::Args)]
pub(super) struct Decrypt {
    /// The recipient's private key (PKCS #8).
    #[arg(long, value_name = "PEM")]
    key: PathBuf,
    /// The recipient's certificate.
    #[arg(long, value_name = "PEM")]
    cert: PathBuf,
    /// Accepts what nobody signed.
    #[arg(long)]
    accept_unsigned: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `xmpp e2e verify`.
#[derive(clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    common: Common,
}

impl Decrypt {
    pub(super) fn run(&self) -> Result<Value, Failure> {
        let identity = files::identity(&self.key, &self.cert)?;
        self.common.run(vec![identity], self.accept_unsigned)
    }
}

impl Verify {
    pub(super) fn run(&self) -> Result<Value, Failure> {
        self.common.run(Vec::new(), false)
    }
}

impl Common {
    fn run(&self, keys: Vec<Identity>, accept_unsigned: bool) -> Result<Value, Failure> {
        let input = files::input(&self.file)?;
        let now = files::now(self.at.as_deref())?;
        let trust = self.trust.store()?;
        let mut policy = self.policy.policy();
        policy.accept_unsigned = accept_unsigned;
        let mut at_hand = Vec::new();
        for path in &self.certs {
            at_hand.extend(files::certificates(path)?);
        }
        let limits = Limits::DEFAULT.with_max_object_bytes(self.max_bytes);
        if self.entity {
            let opener =
                Opener::new(&keys, &trust, &policy).with_certificates(&at_hand).with_limits(limits);
            let opened = opener.open(&input, now).map_err(refused)?;
            files::write(None, &opened.entity)?;
            return Ok(report(&opened));
        }
        let (element, outer) = files::stanza(&input)?;
        let stanza = StanzaRef::new(element.as_ref())
            .ok_or_else(|| Failure::verdict("bad-request", "this is no stanza"))?;
        let to = stanza.to();
        let account = to
            .jid()
            .ok_or_else(|| Failure::verdict("bad-request", "the stanza has no address in `to`"))?
            .to_bare()
            .into_owned();
        let store = AtHand(at_hand, MemoryStore::new());
        let mut receiver =
            Receiver::new(account, keys, trust, store).with_policy(policy).with_limits(limits);
        let received = receiver
            .open(stanza, now)
            .ok_or_else(|| Failure::verdict("bad-request", "the stanza has no <e2e/> payload"))?
            .map_err(|why| match why {
                Refused::Open(error) => refused(error),
                why => {
                    let code = why.case().map_or("bad-request", code);
                    Failure::verdict(code, why)
                }
            })?;
        let stanzas = received
            .object
            .to_stanzas(&outer)
            .map_err(|error| Failure::verdict("not-acceptable", error))?;
        for stanza in &stanzas {
            files::write(None, &files::xml(stanza)?)?;
        }
        let mut report = report(&received.opened);
        report["author"] = json!(received.author.as_ref().map(xmpp_jid::BareJid::as_str));
        let time = received.time.and_then(xmpp_e2e::Timestamp::to_date_time);
        report["time"] = json!(time.map(|time| time.to_string()));
        Ok(report)
    }
}

/// The certificates of the command line, whosever they are.
struct AtHand(Vec<Certificate>, MemoryStore);

impl CertificateStore for AtHand {
    fn find(&self, address: &xmpp_jid::BareJid) -> Vec<Known> {
        let known = |certificate: &Certificate| Known::new(certificate.clone());
        let mut found = self.1.find(address);
        found.extend(self.0.iter().map(known));
        found
    }

    fn remember(&mut self, address: &xmpp_jid::BareJid, known: Known) {
        self.1.remember(address, known);
    }

    fn forget(&mut self, address: &xmpp_jid::BareJid, certificate: &Certificate) {
        self.0.retain(|found| found != certificate);
        self.1.forget(address, certificate);
    }
}

/// As RFC 3923 section 7 names the cases.
const fn code(case: Case) -> &'static str {
    match case {
        Case::BadTimestamp => "bad-timestamp",
        Case::UnverifiedSignature => "unverified-signature",
        Case::DecryptionFailed => "decryption-failed",
    }
}

fn refused(error: OpenError) -> Failure {
    Failure::verdict(code(error.case()), error)
}

fn report(opened: &Opened) -> Value {
    let layers: Vec<Value> = opened
        .layers
        .iter()
        .map(|layer| match layer {
            Layer::Signed(signature) => json!({
                "signed": signature.algorithm.to_string(),
                "weak": signature.algorithm.is_weak(),
                "addresses": signature
                    .certificate
                    .addresses()
                    .iter()
                    .map(|address| address.text.as_str())
                    .collect::<Vec<_>>(),
                "time": signature
                    .signing_time
                    .and_then(xmpp_e2e::Timestamp::to_date_time)
                    .map(|time| time.to_string()),
            }),
            Layer::Encrypted { content, key, .. } => {
                json!({ "encrypted": content.to_string(), "key": key.to_string() })
            }
            _ => Value::Null,
        })
        .collect();
    json!({ "ok": true, "layers": layers })
}
