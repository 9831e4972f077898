//! Users who log in with certificates (SASL EXTERNAL): `xmpp serve` and `xmpp ping`.

mod common;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use common::{json, status, stderr, xmpp};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, RevokedCertParams, SanType, SerialNumber,
};

/// `id-on-xmppAddr`
const XMPP_ADDR: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 8, 5];

/// An authority for users, and a directory for what it signs.
struct Users {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Users {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("users-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.join("users.pem"), certificate.pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Writes a certificate for these addresses and its key.
    fn sign(&self, name: &str, serial: u64, addresses: &[&str]) {
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from(serial));
        params.subject_alt_names = addresses
            .iter()
            .map(|address| SanType::OtherName((XMPP_ADDR.to_vec(), (*address).into())))
            .collect();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(self.folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    fn revoke(&self, serial: u64) {
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
    }

    fn serve(&self, more: &[&str]) -> Server {
        let (authority, users) = (self.file("server.pem"), self.file("users.pem"));
        let mut process = Command::new(common::XMPP)
            .args(["serve", "--domain", "x.test", "--listen", "127.0.0.1:0"])
            .args(["--iterations", "4096", "--ca-out", &authority, "--client-ca", &users])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        Server { process, address, authority }
    }
}

impl Drop for Users {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

struct Server {
    process: Child,
    address: String,
    authority: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Logs in as `account` with this certificate.
fn ping(server: &Server, users: &Users, account: &str, certificate: &str, more: &[&str]) -> Output {
    let (chain, key) =
        (users.file(&format!("{certificate}.pem")), users.file(&format!("{certificate}.key")));
    let mut arguments = vec!["ping", "--json", "--jid", account, "--connect", &server.address];
    arguments.extend(["--ca", &server.authority, "--certificate", &chain, "--key", &key]);
    arguments.extend(more);
    xmpp(&arguments, "")
}

fn error_of(output: &Output) -> String {
    assert_eq!(status(output), 1, "{output:?}");
    json(output)["error"].as_str().unwrap().to_owned()
}

/// 6120-security-mti-both-external, 6120-13.7.2.2.1-02, 6120-13.7.2.2.1-03: in both
/// profiles of SASL, behind STARTTLS and under direct TLS.
#[test]
fn the_address_in_a_certificate_is_the_account() {
    let users = Users::new("accounts");
    users.sign("alice", 1, &["alice@x.test"]);
    users.sign("both", 2, &["alice@x.test", "bob@x.test"]);
    let more = ["--certificate-user", "alice", "--user", "bob:pw"];
    for direct in [false, true] {
        let mut serve = more.to_vec();
        serve.extend(direct.then_some("--direct-tls"));
        let server = users.serve(&serve);
        for profile in [&[][..], &["--no-sasl2"]] {
            let mut more = profile.to_vec();
            more.extend(direct.then_some("--direct-tls"));
            for (account, certificate) in
                [("alice@x.test", "alice"), ("alice@x.test", "both"), ("bob@x.test", "both")]
            {
                let output = ping(&server, &users, account, certificate, &more);
                assert_eq!(status(&output), 0, "{account} {certificate}: {output:?}");
                assert_eq!(json(&output)["mechanism"], "EXTERNAL");
            }
            // Whom the certificate is not for, it does not let in.
            let output = ping(&server, &users, "bob@x.test", "alice", &more);
            assert_eq!(error_of(&output), "invalid-authzid");
        }
    }
}

/// 6120-13.7.2.2.1-04, 6120-13.7.2.2.2-01, 6120-6.3.4: EXTERNAL is not offered to whose
/// certificate is not good, and a password still is.
#[test]
fn a_certificate_that_is_not_good_lets_nobody_in() {
    let users = Users::new("refused");
    users.sign("alice", 1, &["alice@x.test"]);
    users.sign("revoked", 2, &["alice@x.test"]);
    users.sign("elsewhere", 3, &["alice@y.test"]);
    users.sign("nobody", 4, &["carol@x.test"]);
    users.revoke(2);
    let stranger = Users::new("stranger");
    stranger.sign("alice", 1, &["alice@x.test"]);
    let list = users.file("list.pem");
    let server = users.serve(&["--user", "alice:pw", "--client-crl", &list]);
    let output = ping(&server, &users, "alice@x.test", "alice", &[]);
    assert_eq!((status(&output), &json(&output)["mechanism"]), (0, &"EXTERNAL".into()));

    let password = users.file("pw");
    std::fs::write(&password, "pw\n").unwrap();
    for (signer, certificate) in [(&stranger, "alice"), (&users, "revoked")] {
        let output = ping(&server, signer, "alice@x.test", certificate, &[]);
        assert_eq!(error_of(&output), "incompatible", "{output:?}");
        let more = ["--password-file", &password];
        let output = ping(&server, signer, "alice@x.test", certificate, &more);
        assert_eq!(status(&output), 0, "{output:?}");
        assert_ne!(json(&output)["mechanism"], "EXTERNAL");
    }
    let output = ping(&server, &users, "alice@x.test", "elsewhere", &[]);
    assert_eq!(error_of(&output), "not-authorized");
    // No such account.
    let output = ping(&server, &users, "carol@x.test", "nobody", &[]);
    assert_eq!(error_of(&output), "not-authorized");
}

#[test]
fn a_certificate_has_a_key() {
    let output = xmpp(&["ping", "--jid", "alice@x.test", "--certificate", "x.pem"], "");
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("--key"), "{output:?}");
}
