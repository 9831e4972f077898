//! `xmpp serve`, with what it needs to federate: certificates and a log to look at.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, RevokedCertParams, SerialNumber,
};

use super::dns::{Dns, Zone};

/// Long enough for a machine with much else to do; what is waited for comes, or the test
/// has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// An authority, and a directory for what it signs.
pub(crate) struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = format!("federation-{}-{number}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, "of the test");
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.join("ca.pem"), certificate.pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Signs a certificate for these names; gives the files of it and of its key.
    pub(crate) fn sign(&self, serial: u64, names: &[&str]) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.serial_number = Some(SerialNumber::from(serial));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let files = (self.file(&format!("{serial}.pem")), self.file(&format!("{serial}.key")));
        std::fs::write(&files.0, certificate.pem()).unwrap();
        std::fs::write(&files.1, key.serialize_pem()).unwrap();
        files
    }

    /// A list that revokes that certificate.
    pub(crate) fn revoke(&self, serial: u64) -> String {
        let list = CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(2020, 1, 1),
            next_update: rcgen::date_time_ymd(4000, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: SerialNumber::from(serial),
                revocation_time: rcgen::date_time_ymd(2020, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer).unwrap().pem().unwrap();
        std::fs::write(self.folder.join("list.pem"), list).unwrap();
        self.file("list.pem")
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The lines of a log, as they come.
#[derive(Default)]
struct Lines {
    lines: Mutex<(Vec<String>, bool)>,
    more: Condvar,
}

/// A running `xmpp serve`, with the account `user` (password `pw`).
pub(crate) struct Served {
    process: Child,
    pub(crate) domain: String,
    pub(crate) clients: String,
    pub(crate) components: Option<String>,
    /// With STARTTLS.
    pub(crate) servers: String,
    /// By which to trust it as a client.
    pub(crate) authority: String,
    log: Arc<Lines>,
}

impl Served {
    /// For `domain`, which DNS is told of; the certificate is for that and for `names`.
    pub(crate) fn start(dns: &Dns, ca: &Authority, domain: &str, more: &[&str]) -> Self {
        static SERIAL: AtomicU32 = AtomicU32::new(100);
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed).into();
        let component = more.iter().find_map(|it| it.strip_suffix(":secret"));
        let names: Vec<&str> = core::iter::once(domain).chain(component).collect();
        let files = ca.sign(serial, &names);
        let authority = ca.file("ca.pem");
        let mut arguments = vec!["--s2s-ca", &authority];
        arguments.extend(more);
        Self::start_with(dns, ca, domain, &files, &arguments)
    }

    /// Starts a server whose authority nobody else trusts, and which trusts no other.
    pub(crate) fn start_untrusted(dns: &Dns, domain: &str, more: &[&str]) -> (Self, Authority) {
        let own = Authority::new();
        (Self::start(dns, &own, domain, more), own)
    }

    pub(crate) fn start_with(
        dns: &Dns,
        ca: &Authority,
        domain: &str,
        (certificate, key): &(String, String),
        more: &[&str],
    ) -> Self {
        Self::spawn(dns, ca, domain, (certificate, key), more, "any")
    }

    /// Starts a server that connects to public addresses alone.
    pub(crate) fn start_public(dns: &Dns, ca: &Authority, domain: &str) -> Self {
        let (certificate, key) = ca.sign(1, &[domain]);
        let more = ["--s2s-ca", &ca.file("ca.pem")];
        Self::spawn(dns, ca, domain, (&certificate, &key), &more, "public")
    }

    fn spawn(
        dns: &Dns,
        ca: &Authority,
        domain: &str,
        (certificate, key): (&str, &str),
        more: &[&str],
        addresses: &str,
    ) -> Self {
        let mut process = Command::new(super::common::XMPP)
            .args(["serve", "--domain", domain, "--listen", "127.0.0.1:0", "--user", "user:pw"])
            .args(["--iterations", "4096", "--cert", certificate, "--key", key])
            .args(["--s2s-listen", "127.0.0.1:0", "--s2s-addresses", addresses])
            .args(["--resolver", &dns.address, "--component-listen", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::<Lines>::default();
        follow(process.stderr.take().unwrap(), Arc::clone(&log));
        let mut clients = None;
        let (mut components, mut servers, mut direct) = (None, None, None);
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let address = line.rsplit(' ').next().unwrap().to_owned();
            match line.split(" on ").next().unwrap() {
                "components" => components = Some(address),
                "servers" => servers = Some(address),
                "servers with direct TLS" => direct = Some(address),
                _ => {
                    clients = Some(address);
                    break;
                }
            }
        }
        let port = |address: String| address.rsplit(':').next().unwrap().parse().unwrap();
        let (direct, starttls) = (direct.map(port), servers.clone().unwrap_or_default());
        let zone = Zone {
            // Where there is direct TLS, nothing else is told of.
            start_tls: servers.map(port).filter(|_| direct.is_none()).into_iter().collect(),
            direct_tls: direct.into_iter().collect(),
            ..Zone::default()
        };
        dns.set(domain, zone.clone());
        if let Some(component) = more.iter().find_map(|it| it.strip_suffix(":secret")) {
            dns.set(component, zone);
        }
        let clients = clients.unwrap_or_else(|| panic!("{:?}", log.lines.lock().unwrap().0));
        let authority = ca.file("ca.pem");
        let (domain, servers) = (domain.to_owned(), starttls);
        Self { process, domain, clients, components, servers, authority, log }
    }

    /// Waits for a line of the log that has all of these words.
    pub(crate) fn logs(&self, words: &[&str]) -> String {
        let mut lines = self.log.lines.lock().unwrap();
        loop {
            let is_it = |line: &&String| words.iter().all(|word| line.contains(word));
            if let Some(line) = lines.0.iter().find(is_it) {
                return line.clone();
            }
            assert!(!lines.1, "{words:?} in {:#?}", lines.0);
            let (more, late) = self.log.more.wait_timeout(lines, PATIENCE).unwrap();
            lines = more;
            assert!(!late.timed_out(), "{words:?} in {:#?}", lines.0);
        }
    }

    /// Whether a line of the log so far has all of these words.
    pub(crate) fn has_logged(&self, words: &[&str]) -> bool {
        let lines = self.log.lines.lock().unwrap();
        lines.0.iter().any(|line| words.iter().all(|word| line.contains(word)))
    }

    /// Tells it to end.
    pub(crate) fn tell_end(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Tells it to end, and waits until it has.
    pub(crate) fn end(mut self) {
        self.tell_end();
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn follow(stderr: impl Read + Send + 'static, log: Arc<Lines>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            log.lines.lock().unwrap().0.push(line);
            log.more.notify_all();
        }
        log.lines.lock().unwrap().1 = true;
        log.more.notify_all();
    });
}
