//! `xmpp e2e` takes a stanza as an argument, like the other inspectors.

mod common;

use common::{status, stderr, stdout, xmpp};

#[test]
fn a_stanza_is_an_argument_a_file_or_a_pipe() {
    let folder = std::env::temp_dir().join(format!("xmpp-cli-e2e-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).display().to_string();
    let (key, certificate) = (file("juliet.key"), file("juliet.pem"));
    let made = xmpp(&["e2e", "cert", "juliet@x.test", "--key", &key, "--out", &certificate], "");
    assert_eq!(status(&made), 0, "{}", stderr(&made));

    let stanza = "<message xmlns='jabber:client' from='juliet@x.test' to='romeo@y.test' id='1'><body>hi</body></message>";
    let sign = ["e2e", "sign", "--key", &key, "--cert", &certificate];
    std::fs::write(file("message.xml"), stanza).unwrap();
    for (argument, input) in [(stanza, ""), (&*file("message.xml"), ""), ("-", stanza)] {
        let signed = xmpp(&[&sign[..], &[argument]].concat(), input);
        assert_eq!(status(&signed), 0, "{argument}: {}", stderr(&signed));
        let signed = stdout(&signed).to_owned();
        assert!(signed.contains("multipart/signed"), "{signed}");
        let verified = xmpp(&["e2e", "verify", "--pin", &certificate, &signed], "");
        assert_eq!(status(&verified), 0, "{argument}: {}", stderr(&verified));
        assert!(stdout(&verified).contains("<body>hi</body>"), "{verified:?}");
    }

    // What is neither XML nor a file is told once.
    let missing = xmpp(&[&sign[..], &["no-such-file"]].concat(), "");
    assert_eq!((status(&missing), stdout(&missing)), (2, ""));
    assert!(stderr(&missing).contains("no-such-file"), "{missing:?}");
    // What is lost on the way is told where errors are, and cannot command a terminal.
    let lossy = "<message xmlns='jabber:client' from='juliet@x.test' to='romeo@y.test'><body>hi</body>\
                 <x xmlns='urn:\u{202e}'/></message>";
    let lost = xmpp(&[&sign[..], &["--lossy", lossy]].concat(), "");
    assert_eq!(status(&lost), 0, "{}", stderr(&lost));
    assert!(stderr(&lost).contains("lost: "), "{lost:?}");
    assert!(!stderr(&lost).contains('\u{202e}'), "{lost:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}
