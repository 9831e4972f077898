//! Keys, certificates and objects from files.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use xmpp_cpim::DateTime;
use xmpp_e2e::{Certificate, Identity, PrivateKey, Timestamp, TrustStore};
use xmpp_stanza::Stanza;
use xmpp_xml::{Element, WriteXml, Writer};
use zeroize::Zeroizing;

use super::Failure;
use crate::input::Source;

/// More than this is not read from a file or from standard input.
const MAX_INPUT: u64 = 64 << 20;

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
    let mut out = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(MAX_INPUT).read_to_end(&mut out).map_err(failed)?;
    } else {
        fs::File::open(path)
            .map_err(failed)?
            .take(MAX_INPUT)
            .read_to_end(&mut out)
            .map_err(failed)?;
    }
    Ok(out)
}

/// A stanza or an entity: the argument itself if it begins as XML, or what is in the file.
pub(super) fn input(argument: &Path) -> Result<Vec<u8>, Failure> {
    let source = Source::of_xml(argument.as_os_str());
    let mut out = Vec::new();
    let read = source.open().and_then(|opened| opened.take(MAX_INPUT).read_to_end(&mut out));
    read.map(|_| out).map_err(Failure::usage)
}

/// Writes to a file, or to standard output if there is none.
pub(super) fn write(path: Option<&Path>, octets: &[u8]) -> Result<(), Failure> {
    match path {
        Some(path) => fs::write(path, octets)
            .map_err(|error| Failure::usage(format!("{}: {error}", path.display()))),
        None => match io::stdout().write_all(octets) {
            // Whoever reads has heard enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(Failure::usage),
        },
    }
}

pub(super) fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let found = Certificate::from_pem(&read(path)?)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    if found.is_empty() {
        return Err(Failure::usage(format!("{}: no CERTIFICATE in it", path.display())));
    }
    Ok(found)
}

pub(super) fn key(path: &Path) -> Result<PrivateKey, Failure> {
    PrivateKey::from_pem(&Zeroizing::new(read(path)?))
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

pub(super) fn identity(key_path: &Path, certificate: &Path) -> Result<Identity, Failure> {
    Identity::new(key(key_path)?, certificates(certificate)?)
        .map_err(|error| Failure::usage(format!("{}: {error}", certificate.display())))
}

/// Whom to trust.
#[derive(clap::Args)]
pub(super) struct Trust {
    /// Trusts what the authorities in this PEM file certify.
    #[arg(long, value_name = "PEM")]
    ca: Vec<PathBuf>,
    /// Trusts the very certificates in this PEM file.
    #[arg(long, value_name = "PEM")]
    pin: Vec<PathBuf>,
    /// Trusts no more what is on the list of revocations in this file (X.509 CRL, in
    /// PEM or DER).
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// Trusts no more the very certificates in this PEM file.
    #[arg(long, value_name = "PEM")]
    revoked: Vec<PathBuf>,
}

impl Trust {
    pub(super) fn store(&self) -> Result<TrustStore, Failure> {
        let mut trust = TrustStore::new();
        for path in &self.ca {
            for authority in certificates(path)? {
                trust.add_anchor(&authority).map_err(Failure::usage)?;
            }
        }
        for path in &self.pin {
            certificates(path)?.into_iter().for_each(|certificate| trust.pin(certificate));
        }
        for path in &self.crl {
            trust.add_revocation_list(&read(path)?).map_err(|error| {
                Failure::usage(format!("{}: no list of revocations: {error}", path.display()))
            })?;
        }
        for path in &self.revoked {
            certificates(path)?.into_iter().for_each(|certificate| trust.revoke(certificate));
        }
        Ok(trust)
    }

    /// Whether it says whom to trust.
    pub(super) fn is_given(&self) -> bool {
        !self.ca.is_empty() || !self.pin.is_empty()
    }
}

/// What time it is: as said, or by the clock.
pub(super) fn now(stated: Option<&str>) -> Result<Timestamp, Failure> {
    match stated {
        Some(text) => {
            let parsed: DateTime = text.parse().map_err(Failure::usage)?;
            Timestamp::from_date_time(parsed)
                .ok_or_else(|| Failure::usage("times begin with the year 1970"))
        }
        None => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map(Timestamp::from_unix)
            .map_err(|_| Failure::usage("the clock is before 1970")),
    }
}

pub(super) fn stanza(octets: &[u8]) -> Result<(Element, Stanza<'static>), Failure> {
    let element = Element::parse(octets.trim_ascii())
        .map_err(|error| Failure::verdict("not-well-formed", error))?;
    let stanza = Stanza::try_from(element.clone())
        .map_err(|error| Failure::verdict("bad-request", error))?;
    Ok((element, stanza))
}

/// The stanza and a line end.
pub(super) fn xml(value: &impl WriteXml) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    let mut writer = Writer::document(&mut out);
    writer.write(value);
    writer.finish().map_err(|error| Failure::verdict("not-well-formed", error))?;
    out.push(b'\n');
    Ok(out)
}

/// Writes what only its owner may read.
pub(super) fn write_secret(path: &Path, octets: &[u8]) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(octets))
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}
