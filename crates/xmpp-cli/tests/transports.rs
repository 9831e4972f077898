//! `xmpp serve` by each of its ways in, with `xmpp` as the client.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

struct Serving {
    process: Child,
    folder: PathBuf,
    /// The addresses: direct TLS, WebSocket, STARTTLS.
    addresses: Vec<String>,
}

impl Serving {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("xmpp-transports-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("pw"), "pw\n").unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_xmpp"))
            .args(["serve", "--domain", "x.test", "--user", "alice:pw", "--iterations", "4096"])
            .args(["--listen", "127.0.0.1:0", "--direct-tls", "127.0.0.1:0"])
            .args(["--websocket", "127.0.0.1:0", "--ca-out"])
            .arg(folder.join("ca.pem"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let addresses = lines.take(3).map(|line| {
            let line = line.unwrap();
            let address = line.rsplit(' ').next().unwrap();
            let address = address.strip_prefix("wss://").unwrap_or(address);
            address.trim_end_matches("/xmpp-websocket").to_owned()
        });
        let addresses = addresses.collect();
        Self { process, folder, addresses }
    }

    fn ping(&self, address: usize, more: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xmpp"))
            .args(["ping", "--jid", "alice@x.test", "--json"])
            .args(["--connect", &self.addresses[address], "--password-file"])
            .arg(self.folder.join("pw"))
            .arg("--ca")
            .arg(self.folder.join("ca.pem"))
            .args(more)
            .output()
            .unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_client_logs_in_by_each_way() {
    // 7395-3.1-01: without `xmpp` the server would refuse it.
    const URI: &str = "wss://x.test/xmpp-websocket";
    let serving = Serving::start();
    for (address, more) in [(0, &["--direct-tls"][..]), (1, &["--websocket", URI]), (2, &[])] {
        let output = serving.ping(address, more);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{more:?}: {text}");
        // What is bound to is that of the TLS below, also over a WebSocket.
        assert!(text.contains("-PLUS") && text.contains("TLSv1.3"), "{more:?}: {text}");
    }
    for (more, why) in [
        (["--websocket", "wss://x.test/other"], "404"),
        // The certificate is for the host of the URI.
        (["--websocket", "wss://y.test/xmpp-websocket"], "certificate"),
    ] {
        let output = serving.ping(1, &more);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{more:?}: {text}");
        assert!(text.contains(why), "{more:?}: {text}");
    }
    let output = serving.ping(1, &["--websocket", "ws://x.test/xmpp-websocket"]);
    assert_eq!(output.status.code(), Some(2), "TLS is required");
}
