//! Certificates that the openssl program has made, read the same; and what it reads in
//! ours. Without the program nothing is tested.

use std::path::Path;
use std::process::{Command, Stdio};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use xmpp_core::certificate::{CertificateRef, Identity};

use super::make::{San, leaf, self_signed};

fn has_openssl() -> bool {
    let has = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
    has.is_ok_and(|status| status.success())
}

fn openssl(arguments: &[&str], directory: &Path) -> String {
    let done = Command::new("openssl").args(arguments).current_dir(directory).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// A directory of this test's own, gone at its end.
struct Directory(std::path::PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// 6120-13.7.1.4-02: the dotted display format and what openssl makes of a name for the
/// object identifier are the same octets. `urn:oid:` is a way of writing, too.
#[test]
fn what_openssl_writes_is_read() {
    if !has_openssl() {
        return;
    }
    let directory = Directory::new("openssl-writes");
    std::fs::write(
        directory.0.join("openssl.cnf"),
        "[req]\n\
         distinguished_name = dn\nprompt = no\nx509_extensions = v3\n[dn]\nCN = example.net\n\
         [v3]\nsubjectAltName = @names\nbasicConstraints = critical,CA:FALSE\n[names]\n\
         DNS.1 = im.example.com\nDNS.2 = *.example.com\nIP.1 = 192.0.2.1\nIP.2 = 2001:db8::1\n\
         otherName.1 = 1.3.6.1.5.5.7.8.5;UTF8:juliet@im.example.com\n\
         otherName.2 = id-on-xmppAddr;UTF8:im.example.com\n\
         otherName.3 = 1.3.6.1.5.5.7.8.7;IA5STRING:_xmpp-server.im.example.com\n\
         email.1 = juliet@example.com\n",
    )
    .unwrap();
    let arguments = "req -x509 -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
                     -nodes -keyout key.pem -out cert.pem -days 10";
    openssl(&arguments.split_whitespace().collect::<Vec<_>>(), &directory.0);
    let certificate = CertificateDer::from_pem_file(directory.0.join("cert.pem")).unwrap();
    let identities = CertificateRef::read(&certificate).unwrap().identities().unwrap();
    let told: Vec<String> = identities.as_slice().iter().map(Identity::to_string).collect();
    assert_eq!(
        told,
        [
            "DNS-ID im.example.com",
            "DNS-ID *.example.com",
            "iPAddress 192.0.2.1",
            "iPAddress 2001:db8::1",
            "xmppAddr juliet@im.example.com",
            "xmppAddr im.example.com",
            "SRV-ID _xmpp-server.im.example.com",
        ]
    );
    assert_eq!(identities.ignored(), 1);
}

/// So that the tests' own writing of names is not taken for granted.
#[test]
fn openssl_reads_what_the_tests_write() {
    if !has_openssl() {
        return;
    }
    let directory = Directory::new("openssl-reads");
    let names = [
        San::Dns("im.example.com"),
        San::Srv("_xmpp-server.im.example.com"),
        San::Xmpp("juliet@im.example.com"),
        San::Ip(&[192, 0, 2, 1]),
    ];
    std::fs::write(directory.0.join("cert.der"), &self_signed(&leaf(&names))[0]).unwrap();
    let arguments = ["x509", "-in", "cert.der", "-inform", "DER", "-noout", "-text"];
    let text = openssl(&arguments, &directory.0);
    for part in [
        "DNS:im.example.com",
        "_xmpp-server.im.example.com",
        "juliet@im.example.com",
        "IP Address:192.0.2.1",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
