//! What every command keeps to: where text comes from, what goes to whom, errors,
//! closed pipes, exit statuses, help.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{XMPP, json, status, stderr, stdout, xmpp};

const COMMANDS: [&str; 17] = [
    "demo",
    "serve",
    "send",
    "ping",
    "listen",
    "e2e",
    "jid",
    "precis",
    "idna",
    "sasl",
    "stanza",
    "cpim",
    "xml",
    "gateway",
    "probe",
    "vectors",
    "conformance",
];

fn file(name: &str, content: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("xmpp-cli-{}-{name}", std::process::id()));
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn text_is_an_argument_a_file_or_a_pipe() {
    let path = file("jids", "juliet@example.com\n");
    let path = path.to_str().unwrap();
    for (arguments, input) in [
        (["jid", "--json", "juliet@example.com"], ""),
        (["jid", "--json", path], ""),
        (["jid", "--json", "-"], "juliet@example.com\n"),
    ] {
        let output = xmpp(&arguments, input);
        assert_eq!(status(&output), 0, "{output:?}");
        assert_eq!(json(&output)["jid"], "juliet@example.com", "{arguments:?}");
    }
    assert_eq!(stdout(&xmpp(&["jid", "--json", "a@b", "c@d"], "")).lines().count(), 2);
    // A line end within an argument is part of the text.
    assert_eq!(status(&xmpp(&["jid", "a@b\nc@d"], "")), 1);

    let path = file("stanza", "<presence/>");
    let path = path.to_str().unwrap();
    for command in ["stanza", "xml"] {
        for (argument, input) in [("<presence/>", ""), (path, ""), ("-", "<presence/>")] {
            let mut arguments = vec![command, "--json", argument];
            if command == "xml" {
                arguments.extend(["--mode", "document"]);
            }
            let output = xmpp(&arguments, input);
            assert_eq!(status(&output), 0, "{output:?}");
            assert!(stdout(&output).contains("\"presence\""), "{output:?}");
        }
        let output = xmpp(&[command, "/no/such/file"], "");
        assert_eq!((status(&output), stdout(&output)), (2, ""));
        assert!(stderr(&output).contains("/no/such/file"), "{output:?}");
    }
}

/// Lines from a pipe are answered as they always were, for the programs that rely on
/// it; texts that people type are answered for people.
#[test]
fn answers_are_readable_or_json() {
    assert_eq!(
        stdout(&xmpp(&["jid", "a@b/c"], "")),
        "jid       a@b/c\nlocal     a\ndomain    b\nresource  c\n"
    );
    let json_line =
        "{\"ok\":true,\"jid\":\"a@b\",\"local\":\"a\",\"domain\":\"b\",\"resource\":null}\n";
    assert_eq!(stdout(&xmpp(&["jid"], "a@b\n")), json_line);
    assert_eq!(stdout(&xmpp(&["jid", "--json", "a@b"], "")), json_line);
    assert_eq!(stdout(&xmpp(&["precis", "Juliet"], "")), "juliet\n");
    assert!(stdout(&xmpp(&["idna", "bücher.example"], "")).contains("xn--bcher-kva.example"));
    let told = stdout(&xmpp(&["stanza", "<message><body>Hi</body></message>"], "")).to_owned();
    assert!(told.contains("bodies") && told.contains("Hi") && !told.contains('{'), "{told}");
    let told = stdout(&xmpp(&["xml", "--mode", "document", "<a b='1'>c</a>"], "")).to_owned();
    assert_eq!(told, "a b=“1”\n  “c”\nwell-formed: 1 elements, 15 bytes\n".replace("15", "14"));
}

#[test]
fn an_error_is_told_once_with_line_input_place_and_rule() {
    let path = file("bad", "a@b\na@@b\n");
    for (arguments, input, place) in [
        (vec!["jid", "a@@b"], "", "xmpp jid: “a@@b”: "),
        (vec!["precis", "--profile", "IdentifierClass", "a b"], "", "xmpp precis: “a b”: "),
        (vec!["stanza", "<message>\n<a></b></message>"], "", "xmpp stanza: line 2, column "),
        (
            vec!["xml", "<a><!-- --></a>", "--mode", "document"],
            "",
            "xmpp xml: line 1, column 4 (byte 3): ",
        ),
    ] {
        let output = xmpp(&arguments, input);
        assert_eq!((status(&output), stderr(&output).lines().count()), (1, 1), "{output:?}");
        assert!(stderr(&output).starts_with(place), "{output:?}");
        let rules = ["RFC ", "XML 1.0"];
        assert!(rules.iter().any(|rule| stderr(&output).contains(rule)), "{output:?}");
        assert!(!stdout(&output).contains("message"), "{output:?}");
    }
    // For programs it is an answer, and nowhere else.
    let output = xmpp(&["jid", path.to_str().unwrap()], "");
    assert_eq!((status(&output), stderr(&output)), (1, ""));
    assert!(stdout(&output).lines().nth(1).unwrap().contains("\"ok\":false"));
    for (command, text) in [("stanza", "<a>"), ("xml", "<a></b>")] {
        let output = xmpp(&[command, "--json", text], "");
        assert_eq!((status(&output), stderr(&output)), (1, ""), "{output:?}");
        let last = stdout(&output).lines().last().unwrap().to_owned();
        assert!(last.contains("\"ok\":false") && last.contains("\"section\":"), "{last}");
    }
}

/// With a terminal on the other end of standard output (util-linux's `script`).
#[test]
fn lines_are_readable_on_a_terminal() {
    let lines = file("terminal", "a@b\na@@b\n");
    let command = format!("{XMPP} jid {}", lines.display());
    let run =
        Command::new("script").args(["-qec", &command, "/dev/null"]).stdin(Stdio::null()).output();
    let Ok(output) = run else { return eprintln!("there is no `script` here") };
    let text = stdout(&output);
    assert!(text.contains("domain") && !text.contains("\"ok\""), "{text}");
    assert!(text.contains(", line 2: “a@@b”: "), "{text}");
}

#[test]
fn what_is_shown_cannot_command_a_terminal() {
    for arguments in [
        &["jid", "a\x1b[2J@b"][..],
        &["xml", "--mode", "document", "<a>\u{9b}2J\u{202e}</a>"],
        &["stanza", "<message><body>\u{9b}2J\u{202e}</body></message>"],
        &["precis", "--profile", "FreeformClass", "\x1b[2J"],
    ] {
        for json in [&[][..], &["--json"]] {
            let output = xmpp(&[arguments, json].concat(), "");
            for text in [stdout(&output), stderr(&output)] {
                let harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
                assert!(!text.contains(harmful), "{text:?}");
            }
        }
    }
}

#[test]
fn there_are_no_colours_in_a_pipe() {
    for arguments in [&["demo"][..], &["jid", "a@b"], &["--help"], &["jid", "--nonsense"]] {
        let output = xmpp(arguments, "");
        assert!(!stdout(&output).contains('\x1b') && !stderr(&output).contains('\x1b'));
    }
}

/// Whoever reads has heard enough: no panic, no complaint.
#[test]
fn a_closed_pipe_is_no_error() {
    let many = "<message><body>a</body></message>\n".repeat(5000);
    let message = "<message from='a@b' to='c@d'><body>a</body></message>";
    let domains = "example.com\n".repeat(20_000);
    let jids = "juliet@example.com\n".repeat(20_000);
    for (arguments, input) in [
        (&["demo"][..], ""),
        (&["demo", "--json"], ""),
        (&["jid"], &*jids),
        (&["jid", "--batch"], &*jids),
        (&["precis"], &*jids),
        (&["idna"], &*domains),
        (&["stanza"], &*many),
        (&["stanza", "--batch"], &*many),
        (
            &["xml"],
            &*format!(
                "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>{many}"
            ),
        ),
        (&["xml", "--batch"], &*many),
        (&["cpim", "encode"], message),
        (&["cpim", "encode", "--batch"], &*many),
        (&["sasl", "scram", "--batch"], &*many),
        (&["--help"], ""),
    ] {
        let mut program = Command::new(XMPP)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(program.stdout.take());
        let _ = program.stdin.take().unwrap().write_all(input.as_bytes());
        let output = program.wait_with_output().unwrap();
        assert_eq!(stderr(&output), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
    // Nobody at standard error either.
    let mut program =
        Command::new(XMPP).args(["jid", "a@@b"]).stderr(Stdio::piped()).spawn().unwrap();
    drop(program.stderr.take());
    assert_eq!(program.wait().unwrap().code(), Some(1));
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    for arguments in
        [&["demo", "--json"][..], &["jid", "a@b"], &["xml", "<a/>", "--mode", "document"]]
    {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(XMPP)
            .args(arguments)
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert!(output.status.code().is_some_and(|code| code == 1 || code == 2), "{output:?}");
        assert_eq!(stderr(&output).lines().count(), 1, "{output:?}");
    }
}

#[test]
fn every_help_has_an_example() {
    let deeper = [
        "jid escape",
        "jid unescape",
        "sasl scram",
        "cpim encode",
        "cpim decode",
        "e2e sign",
        "e2e encrypt",
        "e2e decrypt",
        "e2e verify",
        "e2e cert",
    ];
    for command in COMMANDS.into_iter().chain(deeper) {
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.push("--help");
        let output = xmpp(&arguments, "");
        assert_eq!(status(&output), 0);
        let example =
            stdout(&output).split("Example").nth(1).unwrap_or_else(|| panic!("{command}"));
        assert!(example.contains(&format!("xmpp {command}")), "{example}");
    }
    assert!(stdout(&xmpp(&["--help"], "")).contains("Exit status: 0"));
}

/// The examples that need no server are run as they stand.
#[test]
fn examples_hold() {
    let folder = Path::new(XMPP).parent().unwrap();
    let path = std::env::join_paths(
        [folder.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut ran = 0;
    let commands = [
        "jid",
        "jid escape",
        "jid unescape",
        "precis",
        "idna",
        "sasl",
        "stanza",
        "cpim",
        "cpim encode",
        "xml",
        "demo",
    ];
    for command in commands {
        let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = xmpp(&arguments, "");
        let examples = stdout(&help).split("Example").last().unwrap().replace("\\\n", " ");
        for line in examples
            .lines()
            .skip(1)
            .filter(|line| !line.contains(".xml") && !line.contains(".cpim"))
        {
            let output = Command::new("sh")
                .args(["-c", line])
                .env("PATH", path.as_ref().unwrap())
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert_eq!(status(&output), 0, "{line}: {output:?}");
            assert!(!output.stdout.is_empty(), "{line}");
            assert!(!stdout(&output).contains("\"ok\":false"), "{line}: {output:?}");
            ran += 1;
        }
    }
    assert!(ran >= 16, "{ran}");
}

#[test]
fn the_exit_status_tells_wrong_usage_from_a_failure() {
    for arguments in [
        &["jid", "--nonsense"][..],
        &["serve"],
        &["serve", "--domain", "x.test", "--listen", "localhost:99999"],
        &["serve", "--domain", "x y"],
        &["serve", "--domain", "x.test", "--user-file", "/no/such/file"],
        &["ping", "--jid", "a@b", "--password-file", "/no/such/file"],
        &["ping", "--jid", "a@b", "--password-file", "/dev/null", "--connect", "a:b"],
        &["send", "--jid", "a@b", "--password-file", "/dev/null", "--to", "@", "x"],
        &[
            "sasl",
            "scram",
            "--user",
            "u",
            "--client-nonce",
            "n",
            "--server-nonce",
            "n",
            "--salt",
            "AA==",
            "--password-file",
            "/no/such/file",
        ],
    ] {
        let output = xmpp(arguments, "");
        assert_eq!(status(&output), 2, "{arguments:?} {output:?}");
        assert!(!stderr(&output).is_empty() && stdout(&output).is_empty(), "{output:?}");
    }
    // A busy port is no wrong usage.
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let output = xmpp(&["serve", "--domain", "x.test", "--listen", &address], "");
    assert_eq!(status(&output), 1, "{output:?}");
    assert!(stderr(&output).contains("cannot listen on 127.0.0.1"), "{output:?}");
    // Nor is a port where nobody listens.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let output = xmpp(
        &[
            "ping",
            "--jid",
            "a@b",
            "--password-file",
            "/dev/null",
            "--connect",
            &nobody,
            "--ca",
            authority().to_str().unwrap(),
        ],
        "",
    );
    assert_eq!(status(&output), 1, "{output:?}");
    assert!(stderr(&output).contains("cannot connect to 127.0.0.1"), "{output:?}");
}

/// Some authority's certificate.
fn authority() -> PathBuf {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    file("ca", &params.self_signed(&key).unwrap().pem())
}

/// `xmpp serve` until the test is through.
struct Serve {
    process: std::process::Child,
    first_line: String,
}

impl Serve {
    fn start(arguments: &[&str], input: &str) -> Self {
        let mut process = Command::new(XMPP)
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let mut first_line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut first_line).unwrap();
        Self { process, first_line: first_line.trim_end().to_owned() }
    }

    fn address(&self) -> &str {
        self.first_line.rsplit_once(" on ").unwrap_or_else(|| panic!("{}", self.first_line)).1
    }

    fn end(mut self) -> String {
        self.process.kill().unwrap();
        let mut stderr = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        self.process.wait().unwrap();
        stderr
    }
}

/// Users from standard input; `localhost`; a domain that is an address, with a
/// certificate that a client believes.
#[test]
fn a_domain_that_is_an_address_has_a_certificate_for_it() {
    for (domain, jid) in [("[::1]", "alice@[::1]"), ("127.0.0.1", "alice@127.0.0.1")] {
        let ca = file(&format!("ca-of-{}", domain.len()), "");
        let password = file("pw", "pw:with a colon\n");
        let (ca, password) = (ca.to_str().unwrap(), password.to_str().unwrap());
        let serve = Serve::start(
            &[
                "--domain",
                domain,
                "--listen",
                "localhost:0",
                "--iterations",
                "4096",
                "--ca-out",
                ca,
                "--user-file",
                "-",
            ],
            "# the one\n\nalice:pw:with a colon\n",
        );
        let output = xmpp(
            &[
                "ping",
                "--jid",
                jid,
                "--password-file",
                password,
                "--connect",
                serve.address(),
                "--ca",
                ca,
                "--json",
            ],
            "",
        );
        assert_eq!(status(&output), 0, "{output:?}");
        assert_eq!(json(&output)["to"], domain);
        assert_eq!(serve.end(), "");
    }
}

/// What stands where a secret belongs is never repeated.
#[test]
fn a_forgotten_colon_does_not_show_the_secret() {
    let path = file("users", "alice:a\nhunter2\n");
    let path = path.to_str().unwrap();
    for (option, value) in [
        ("--user", "hunter2"),
        ("--user", ":hunter2"),
        ("--component", "hunter2"),
        ("--user-file", path),
        ("--component-file", path),
    ] {
        let output =
            xmpp(&["serve", "--domain", "x.test", "--iterations", "4096", option, value], "");
        assert_eq!(status(&output), 2, "{output:?}");
        assert!(!format!("{output:?}").contains("hunter2"), "{output:?}");
        assert_eq!(stderr(&output).contains("line 2"), option.ends_with("file"), "{output:?}");
    }
}

/// PBKDF2 takes seconds with the recommended counts: whoever waits is told for what.
#[test]
fn what_takes_long_is_said() {
    let arguments = [
        "--domain",
        "x.test",
        "--listen",
        "localhost:0",
        "--iterations",
        "100001",
        "--user",
        "a:b",
    ];
    let serve = Serve::start(&arguments, "");
    assert!(serve.end().contains("hashing 1 password"));
}

/// The demo for people: what matters, and what to do next.
#[test]
fn the_demo_is_for_people() {
    let output = xmpp(&["demo"], "");
    assert_eq!(status(&output), 0, "{output:?}");
    let text = stdout(&output);
    assert!(text.lines().count() < 150, "{}", text.lines().count());
    let long = text.lines().map(|line| line.chars().count()).max();
    assert!(long < Some(420), "{long:?}");
    assert!(text.contains("With love's light wings."), "{text}");
    assert!(text.contains("What next:") && text.contains("--verbose"), "{text}");
    let whole = xmpp(&["demo", "--verbose"], "");
    assert!(stdout(&whole).lines().count() > text.lines().count());
    assert!(stdout(&whole).contains("Content-Type"), "{whole:?}");
    // For programs nothing is folded.
    let output = xmpp(&["demo", "--json"], "");
    assert!(
        stdout(&output).lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
    );
    assert!(stdout(&output).contains("Content-Type"));
}

/// Line ends and byte-order marks of other systems (RFC 3862 section 2.3, RFC 3863).
#[test]
fn cpim_reads_what_other_systems_write() {
    let object = "Content-type: Message/CPIM\n\nFrom: <im:a@example.com>\n\
        To: <im:b@example.com>\n\nContent-type: text/plain\n\nHi";
    for arguments in [&["cpim", "decode"][..], &["cpim", "decode", "--lf"]] {
        let output = xmpp(arguments, object);
        assert_eq!(status(&output), 0, "{output:?}");
    }
    let document = "\u{feff}<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:a@example.com'>\
        <tuple id='t'><status><basic>open</basic></status></tuple></presence>";
    let output = xmpp(&["cpim", "decode"], document);
    assert_eq!(status(&output), 0, "{output:?}");
}
