"""Attacks on the beginning of a stream: by a client, and by somebody between a client and
its server. In these our client is the victim: `xmpp ping` against a script, or through a
relay that changes what is said in the clear.
"""

import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading

from client import DOMAIN, HEADER
from scenarios import ALL, Scenario, Unexpected, ends, message, scenario

HERE = pathlib.Path(__file__).resolve().parent
NS = "http://etherx.jabber.org/streams"
RESPONSE = (
    f"<?xml version='1.0'?><stream:stream from='{DOMAIN}' id='x' version='1.0' xml:lang='en' "
    f"xmlns='jabber:client' xmlns:stream='{NS}'>"
)
STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
ASKS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
REFUSED = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
MECHANISMS = (
    f"<mechanisms xmlns='{SASL}'><mechanism>SCRAM-SHA-256</mechanism>"
    "<mechanism>PLAIN</mechanism></mechanisms>"
)
PLAIN = f"<auth xmlns='{SASL}' mechanism='PLAIN'>AG1hbGxvcnkAcHc=</auth>"


def features(content):
    return f"<stream:features>{content}</stream:features>"


def program():
    """The program that `run` was told to try."""
    for at, word in enumerate(sys.argv):
        if word == "--server":
            return sys.argv[at + 1]
        if word.startswith("--server="):
            return word.split("=", 1)[1]
    return str(HERE.parent.parent / "target/debug/xmpp")


class Trickster(threading.Thread):
    """Accepts one connection and speaks for a server. `seen` is what the client said."""

    def __init__(self, script):
        super().__init__(daemon=True)
        self.script, self.seen, self.socket = script, b"", socket.socket()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        try:
            self.socket, _ = self.listener.accept()
            self.socket.settimeout(8)
            self.script(self)
            self.rest()
        except OSError:
            pass
        finally:
            self.socket.close()

    def say(self, text):
        self.socket.sendall(text.encode() if isinstance(text, str) else text)

    def until(self, text):
        """Reads until that has come."""
        start = len(self.seen)
        while text.encode() not in self.seen[start:]:
            if not self.read():
                return

    def read(self):
        data = self.socket.recv(65536)
        self.seen += data
        return data

    def rest(self):
        while self.read():
            pass


def victim(port):
    """`xmpp ping` to what listens there: its exit status and what it tells."""
    with tempfile.NamedTemporaryFile("w", suffix=".pw") as password:
        password.write("pw\n")
        password.flush()
        command = [program(), "ping", "--jid", f"mallory@{DOMAIN}", "--password-file",
                   password.name, "--connect", f"127.0.0.1:{port}", "--ca",
                   str(HERE / "nobody.pem"), "--allow-plain", "--timeout", "5", "--json"]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=20)
        except subprocess.TimeoutExpired:
            raise Unexpected("the client does not end") from None
    return ran.returncode, ran.stdout + ran.stderr


def trick(name, what, script, told, quick=False, after=None):
    """The client gives up, says why, and never shows what it authenticates with."""

    def attack(bout):
        del bout
        trickster = Trickster(script)
        status, words = victim(trickster.port)
        trickster.join(10)
        if status != 1:
            raise Unexpected(f"exit status {status}: {words[-300:]!r}")
        if not re.search(told, words):
            raise Unexpected(f"{told!r} expected, not {words[-300:]!r}")
        for secret in (b"<auth", b"<response", b"<iq"):
            if secret in trickster.seen:
                raise Unexpected(f"the client said {trickster.seen[-300:]!r}")
        if after:
            after(trickster)

    ALL.append(Scenario(name, what, attack, quick=quick))


def in_the_clear(*said):
    """A server that says all this in the clear, behind the client's header."""

    def script(server):
        server.until("version='1.0'")
        for text in said:
            if text is None:
                server.until(ASKS)
            else:
                server.say(text)

    return script


def no_tls(trickster):
    """The client has not begun to speak TLS."""
    if b"\x16\x03" in trickster.seen:
        raise Unexpected("the client goes on with TLS")


# Our client, and somebody on the way.

trick("stripped-starttls", "features without STARTTLS, mechanisms in their place",
      in_the_clear(RESPONSE + features(MECHANISMS), None, REFUSED), "TLS is required", quick=True)
trick("stripped-features", "no features at all",
      in_the_clear(RESPONSE + features(""), None, REFUSED), "TLS is required")
trick("stripped-by-error", "a stream error in place of the features",
      in_the_clear(RESPONSE + "<stream:error><policy-violation "
                   "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"),
      "policy-violation")
trick("refused-starttls", "STARTTLS that is offered and then refused",
      in_the_clear(RESPONSE + features(STARTTLS), None, REFUSED),
      "STARTTLS")
trick("another-proceed", "a <proceed/> of another namespace, and mechanisms behind it",
      in_the_clear(RESPONSE + features(STARTTLS), None,
                   "<proceed xmlns='urn:other'/>" + features(MECHANISMS)), "proceed")
trick("features-for-proceed", "mechanisms in place of <proceed/>",
      in_the_clear(RESPONSE + features(STARTTLS), None, features(MECHANISMS)), "features")
trick("success-before-tls", "a <success/> in the clear",
      in_the_clear(RESPONSE + features(STARTTLS), None, f"<success xmlns='{SASL}'/>"), "success")
trick("injected-features", "features right behind <proceed/>, as if they were protected",
      in_the_clear(RESPONSE + features(STARTTLS), None,
                   PROCEED + RESPONSE + features(MECHANISMS)),
      "in the clear", quick=True, after=no_tls)
trick("injected-space", "white space right behind <proceed/>",
      in_the_clear(RESPONSE + features(STARTTLS), None, PROCEED + " \n"), "in the clear",
      after=no_tls)
trick("injected-half", "half an element right behind <proceed/>",
      in_the_clear(RESPONSE + features(STARTTLS), None, PROCEED + "<stream:fea"),
      "in the clear", after=no_tls)
trick("no-tls-behind-proceed", "XML where the handshake should be",
      in_the_clear(RESPONSE + features(STARTTLS), None, PROCEED, features(MECHANISMS)),
      "tls|in the clear")
trick("mandatory-and-unknown", "a feature that nobody knows, and that is mandatory",
      in_the_clear(RESPONSE + features("<x xmlns='urn:x'><required/></x>")), "insists on",
      after=lambda trickster: None if b"<unsupported-feature" in trickster.seen
      else ends_wrongly(trickster))
trick("another-domain", "a header of another domain", in_the_clear(
      RESPONSE.replace(DOMAIN, "evil.example") + features(STARTTLS)), "end")
trick("no-version", "a header without a version", in_the_clear(
      RESPONSE.replace(" version='1.0' xml:lang", " xml:lang") + features(MECHANISMS)), "version")


def ends_wrongly(trickster):
    raise Unexpected(f"the client ends with {trickster.seen[-200:]!r}")


@scenario("redirect-in-the-clear", quick=True)
def _(bout):
    """A redirect before TLS, to a server that would like the password: not followed."""
    del bout
    thief = Trickster(in_the_clear(RESPONSE + features(MECHANISMS)))
    error = (
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
        f"127.0.0.1:{thief.port}</see-other-host></stream:error></stream:stream>"
    )
    status, words = victim(Trickster(in_the_clear(RESPONSE + error)).port)
    if status != 1 or "see-other-host" not in words:
        raise Unexpected(f"exit status {status}: {words[-300:]!r}")
    if thief.seen:
        raise Unexpected(f"the client went there: {thief.seen[:200]!r}")


class Relay(threading.Thread):
    """Carries bytes between a client and the server, with a change to each direction."""

    def __init__(self, port, up=None, down=None):
        super().__init__(daemon=True)
        keep = lambda data: data
        self.up, self.down, self.seen = up or keep, down or keep, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.port, self.to = self.listener.getsockname()[1], port
        self.start()

    def run(self):
        try:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            return
        back = threading.Thread(target=self.carry, args=(server, client, self.down), daemon=True)
        back.start()
        self.carry(client, server, self.up)
        back.join(10)

    def carry(self, source, sink, change):
        source.settimeout(10)
        try:
            while data := source.recv(65536):
                if change is self.up:
                    self.seen += data
                sink.sendall(change(data))
        except OSError:
            pass
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def relayed(name, what, up=None, down=None, told="", quick=False):
    def attack(bout):
        relay = Relay(bout.port, up, down)
        status, words = victim(relay.port)
        if status != 1 or not re.search(told, words):
            raise Unexpected(f"exit status {status}: {words[-300:]!r}")
        for secret in (b"<auth", b"<response", b"<iq"):
            if secret in relay.seen:
                raise Unexpected(f"the client said {relay.seen[-300:]!r}")

    ALL.append(Scenario(name, what, attack, quick=quick))


relayed("relay-strips-starttls", "a relay that takes STARTTLS out of the server's features",
        down=lambda data: re.sub(rb"<starttls.*?</starttls>", MECHANISMS.encode(), data),
        told="TLS is required")
relayed("relay-injects-down", "a relay that puts features behind the server's <proceed/>",
        down=lambda data: data.replace(PROCEED.encode(), PROCEED.encode()
                                       + features(MECHANISMS).encode()),
        told="in the clear", quick=True)
relayed("relay-injects-up", "a relay that puts an <auth/> behind the client's <starttls/>",
        up=lambda data: data.replace(ASKS.encode(), (ASKS + PLAIN).encode()),
        told="policy-violation", quick=True)
relayed("relay-is-no-server", "a relay that changes nothing, before a server whose certificate "
        "nobody vouches for", told="tls|certificate")


# The server, and a client that gets ahead of TLS.


def ahead(name, data, *conditions, quick=False):
    def attack(bout):
        client = bout.client()
        client.header()
        client.send(data)
        ends(client, *conditions)

    ALL.append(Scenario(name, f"before TLS, in one piece: {data[:70]!r}", attack, quick=quick))


ahead("ahead-auth", ASKS + PLAIN, "policy-violation", quick=True)
ahead("ahead-header", ASKS + HEADER.format(to=DOMAIN, more=""), "policy-violation")
ahead("ahead-half", ASKS + "<", "policy-violation")
ahead("ahead-stanza", ASKS + message("<body>x</body>"), "policy-violation")
ahead("ahead-hello", ASKS.encode() + b"\x16\x03\x01\x00\x05hello")


@scenario("ahead-space")
def _(bout):
    """A line end behind <starttls/>, as a program of the field sends it: it is no XML, means
    nothing, and is gone before TLS."""
    client = bout.client()
    client.header()
    client.send(ASKS + "\n")
    client.until("<proceed[^>]*/>")


@scenario("ahead-of-the-handshake", quick=True)
def _(bout):
    """XML in the clear between <proceed/> and the handshake: no TLS, and no answer to it."""
    client = bout.client()
    client.header()
    client.send(ASKS)
    client.until("<proceed[^>]*/>")
    client.send(HEADER.format(to=DOMAIN, more="") + PLAIN)
    words = client.last_words()
    if words == "silence" or "<failure" in words or "<success" in words or "<stream:" in words:
        raise Unexpected(f"the server answers {words[-200:]!r}")


@scenario("said-before-tls")
def _(bout):
    """Who a client says it is in the clear is forgotten behind TLS."""
    client = bout.client()
    client.header(f" from='victim@{DOMAIN}'")
    client.starttls()
    client.header()
    client.scram("mallory", "pw")
    client.header()
    client.bind("r")
    if not client.jid.startswith("mallory@"):
        raise Unexpected(client.jid)
