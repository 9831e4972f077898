//! What stands at the end of each `--help`. Those that need no server are run by a
//! test.

pub(crate) const PROGRAM: &str = "\
Examples:
  xmpp                                       the demo
  xmpp jid 'Juliet@Capulet.Example/balcony'  an inspector: a text as an argument
  xmpp jid < addresses.txt                   or a line each, from a pipe or a file
  xmpp ping --help                           options and examples of a command

Exit status: 0 for success, 1 for a negative verdict or a failure, 2 for wrong usage.";

pub(crate) const DEMO: &str = "\
Examples:
  xmpp demo
  xmpp demo --verbose
  xmpp demo --json";

pub(crate) const SERVE: &str = "\
Examples:
  xmpp serve --domain example.test --user alice:secret --ca-out ca.pem
  xmpp serve --domain example.test --user-file users --listen localhost:5222
  xmpp serve --domain example.test --user-file - --cert chain.pem --key key.pem < users
  xmpp serve --domain example.test --user-file users --cert chain.pem --key key.pem \\
    --listen 0.0.0.0:5222 --s2s-listen 0.0.0.0:5269
  xmpp serve --domain one.test --user-file users --cert chain.pem --key key.pem \\
    --s2s-listen 127.0.0.1:5269 --s2s-addresses any --resolver 127.0.0.1:5353";

pub(crate) const GATEWAY: &str = "\
Example:
  xmpp serve --domain example.test --user juliet:pw --component im.example.test:secret
  echo secret > secret
  xmpp gateway --component im.example.test --secret-file secret --listen localhost:5380
  nc localhost 5380

One program at a time connects to the socket; another one is told `busy`. Both sides \
write one JSON object a line, of at most 1 MiB:

  {\"operation\":\"message\",\"trans_id\":…,\"source\":\"im:…\",\"destination\":\"im:…\",
   \"max_forwards\":120,\"object\":\"Content-Type: Message/CPIM…\"}
  {\"operation\":\"message-response\",\"trans_id\":…,\"status\":\"success\"}
  {\"operation\":\"subscribe\",\"trans_id\":…,\"subscript_id\":…,\"watcher\":\"pres:…\",
   \"target\":\"pres:…\",\"duration\":3600}
  {\"operation\":\"response\",\"trans_id\":…,\"status\":\"success\",\"duration\":3600}
  {\"operation\":\"notify\",\"trans_id\":…,\"watcher\":\"pres:…\",\"target\":\"pres:…\",
   \"document\":\"<presence …\"}
  {\"operation\":\"secured-presence\",\"object\":…}

The command ends when the server closes the stream, with status 1.";

pub(crate) const SEND: &str = "\
Examples:
  xmpp send --jid alice@example.test --password-file pw --to bob@example.test 'Hello'
  xmpp send --jid alice@example.test --password-file pw --to bob@example.test \\
    --connect localhost:5222 --ca ca.pem --json 'Hello'";

pub(crate) const PING: &str = "\
Examples:
  xmpp ping --jid alice@example.test --password-file pw
  xmpp ping --jid alice@example.test --password-file pw --to example.org --timeout 5 --json
  xmpp ping --jid alice@example.test --password-file pw --token-file token.json
  xmpp ping --jid alice@example.test --token-file token.json";

pub(crate) const PROBE: &str = "\
Examples:
  xmpp probe example.org
  xmpp probe example.org --server --json
  xmpp probe example.test --resolver 127.0.0.53:5353 --ca ca.pem";

pub(crate) const LISTEN: &str = "\
Examples:
  xmpp listen --jid bob@example.test --password-file pw
  xmpp listen --jid bob@example.test --password-file pw --json --count 10";

pub(crate) const E2E: &str = "\
Examples:
  xmpp e2e cert juliet@example.com --key juliet.key --out juliet.pem
  xmpp e2e sign --key juliet.key --cert juliet.pem message.xml > signed.xml
  xmpp e2e verify --pin juliet.pem signed.xml";

pub(crate) const JID: &str = "\
Examples:
  xmpp jid 'Juliet@Capulet.Example/balcony'
  xmpp jid --json juliet@example.com romeo@example.net
  printf '%s\\n' 'Fußball@Example.Com' | xmpp jid --json
  xmpp jid escape \"d'artagnan & co\"
  echo '{\"input\":\"juliet@example.com\"}' | xmpp jid --batch";

pub(crate) const JID_ESCAPE: &str = "\
Example:
  xmpp jid escape \"d'artagnan & co\"";

pub(crate) const JID_UNESCAPE: &str = "\
Example:
  xmpp jid unescape 'd\\27artagnan\\20\\26\\20co'";

pub(crate) const PRECIS: &str = "\
Examples:
  xmpp precis 'Juliet'
  xmpp precis --profile OpaqueString --json 'correct horse'
  echo '{\"profile\":\"Nickname\",\"a\":\"Foo  Bar\",\"b\":\"foo bar\"}' | xmpp precis --batch";

pub(crate) const IDNA: &str = "\
Examples:
  xmpp idna 'bücher.example'
  xmpp idna --map --json 'BÜCHER.example'";

pub(crate) const CAPS: &str = "\
Example:
  xmpp caps \"<query xmlns='http://jabber.org/protocol/disco#info'>\\
<identity category='client' type='pc'/></query>\"";

pub(crate) const SASL: &str = "\
Example:
  echo pencil | xmpp sasl scram --user user --client-nonce rOprNGfwEbeRWgbNEkqO \\
    --server-nonce '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0' --salt 'W22ZaJ0SNY7soEsUEjb6gQ=='";

pub(crate) const STANZA: &str = "\
Examples:
  xmpp stanza \"<message to='juliet@example.com'><body>Hi</body></message>\"
  echo '<presence><show>away</show></presence>' | xmpp stanza --json
  echo '{\"text\":\"<presence/>\"}' | xmpp stanza --batch --roundtrip";

pub(crate) const CPIM: &str = "\
Examples:
  echo \"<message from='a@example.com' to='b@example.com'><body>Hi</body></message>\" | xmpp cpim encode
  xmpp cpim decode message.cpim";

pub(crate) const XML: &str = "\
Examples:
  xmpp xml --mode document '<a b=\"1\">text</a>'
  echo '<a><b/></a>' | xmpp xml --mode document --json
  xmpp xml stream.xml";

pub(crate) const VECTORS: &str = "\
Example:
  echo '{\"uri\":\"xmpp:juliet@example.com?message\"}' | xmpp vectors xmpp-uri";

pub(crate) const CONFORMANCE: &str = "\
Examples:
  xmpp conformance server --target 127.0.0.1:5222 --domain example.org --ca ca.pem \\
      --account u1@example.org:secret --account u2@example.org:secret --json > run.jsonl
  xmpp conformance client --listen 127.0.0.1:5222
  xmpp conformance report run.jsonl --out report.html";

pub(crate) const CPIM_ENCODE: &str = "\
Example:
  xmpp cpim encode \"<message from='a@example.com' to='b@example.com'><body>Hi</body></message>\"";

pub(crate) const CPIM_DECODE: &str = "\
Examples:
  xmpp cpim decode message.cpim
  xmpp cpim decode --json presence.xml";

pub(crate) const E2E_SIGN: &str = "\
Example:
  xmpp e2e sign --key juliet.key --cert juliet.pem message.xml > signed.xml";

pub(crate) const E2E_ENCRYPT: &str = "\
Example:
  xmpp e2e encrypt --to romeo.pem message.xml > sealed.xml";

pub(crate) const E2E_DECRYPT: &str = "\
Example:
  xmpp e2e decrypt --key romeo.key --cert romeo.pem --pin juliet.pem sealed.xml";

pub(crate) const E2E_VERIFY: &str = "\
Example:
  xmpp e2e verify --pin juliet.pem signed.xml";

pub(crate) const E2E_CERT: &str = "\
Example:
  xmpp e2e cert juliet@example.com --key juliet.key --out juliet.pem";
