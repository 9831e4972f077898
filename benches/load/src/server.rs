//! The server that is measured.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use xmpp_core::tls::rustls::RustlsInitiator;

use crate::Failure;
use crate::client::{Account, DOMAIN};

/// A fresh one; it ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
    pub(crate) tls: Arc<RustlsInitiator>,
}

impl Server {
    /// `program` may have options behind it.
    pub(crate) fn start(program: &str, accounts: usize) -> Result<Self, Failure> {
        let mut words = program.split_whitespace();
        let path = words.next().ok_or("a program without a path")?;
        let ca: PathBuf =
            std::env::temp_dir().join(format!("xmpp-load-{}.pem", std::process::id()));
        let mut command = Command::new(path);
        command.args(["serve", "--domain", DOMAIN, "--listen", "127.0.0.1:0"]);
        command.args(["--iterations", "4096", "--ca-out"]).arg(&ca).args(words);
        for number in 0..accounts.max(2) {
            command.args(["--user", &format!("{}:pw", Account::number(number).name)]);
        }
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut ready = String::new();
        BufReader::new(output).read_line(&mut ready)?;
        let address = ready.trim_end().rsplit(' ').next().unwrap_or_default().to_owned();
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(&ca)? {
            roots.add(certificate?)?;
        }
        let _ = fs::remove_file(&ca);
        let tls = Arc::new(RustlsInitiator::with_roots(roots)?);
        Ok(Self { process, address, tls })
    }

    /// CPU time of its threads, in seconds. Those that have ended do not count: they are
    /// there for passwords alone.
    pub(crate) fn cpu(&self) -> Result<f64, Failure> {
        let mut nanoseconds = 0.0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            let first = text.split_whitespace().next().unwrap_or_default();
            nanoseconds += first.parse::<f64>()?;
        }
        Ok(nanoseconds / 1e9)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
