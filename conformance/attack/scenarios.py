"""The attacks. Each is a function of a `Bout`, with a budget; see README.md."""

import base64
import dataclasses
import re
import socket
import threading
import time
import typing

from client import HEADER, DOMAIN, Client, Ended

MIB = 1 << 20
VICTIM = f"victim@{DOMAIN}"


class Unexpected(Exception):
    """The server did not do what it should."""


class Bout:
    """The connections of one attack."""

    def __init__(self, port, scene=None):
        self.port, self.clients, self.scene = port, [], scene

    def client(self, **how):
        self.clients.append(Client(self.port, **how))
        return self.clients[-1]

    def tls(self, **how):
        client = self.client(**how)
        client.header()
        client.starttls()
        client.header()
        return client

    def login(self, user="mallory", resource="r", header="", presence=True, **how):
        return self.client(**how).login(user, "pw", resource, header, presence)

    def sent(self):
        sent = sum(client.sent_bytes for client in self.clients)
        return sent + (self.scene.sent() if self.scene else 0)

    def close(self):
        for client in self.clients:
            client.close()


@dataclasses.dataclass
class Scenario:
    name: str
    what: str
    attack: typing.Callable
    # Peak memory above that of an idle server, and CPU beside 10 µs a received byte.
    memory: int = 16 * MIB
    cpu: float = 1.0
    quick: bool = False
    reads_log: bool = True
    options: list = dataclasses.field(default_factory=list)
    # Makes the DNS and the other servers that it needs.
    scene: typing.Optional[typing.Callable] = None


ALL = []


def scenario(name, **budget):
    def add(attack):
        ALL.append(Scenario(name, " ".join(attack.__doc__.split()), attack, **budget))
        return attack

    return add


def ends(client, *conditions):
    """The server ends the connection, with one of these conditions."""
    words = client.last_words()
    if words == "silence":
        raise Unexpected("the server goes on")
    if conditions and not any(condition in words for condition in conditions):
        raise Unexpected(f"{conditions} expected, not {words[-200:]!r}")


def send_all(client, data, patience=30.0):
    """Sends and reads at once; whether the server took it all in time."""
    client.socket.settimeout(0.02)
    view, end = memoryview(data.encode()), time.monotonic() + patience
    try:
        while view and time.monotonic() < end:
            try:
                sent = client.socket.send(view[:16384])
                client.sent_bytes += sent
                view = view[sent:]
            except (TimeoutError, socket.timeout):
                pass
            try:
                client.receive()
                client.received = client.received[-4096:]
            except (TimeoutError, socket.timeout):
                pass
    finally:
        client.socket.settimeout(10)
    return not view


def message(content, to=VICTIM, kind="chat"):
    return f"<message to='{to}' type='{kind}'>{content}</message>"


# Amplification: much out of little.


def _header(name, more):
    ALL.append(Scenario(name, "after login, a stream header that is too large", None))

    def attack(bout):
        client = bout.tls()
        client.scram("mallory", "pw")
        client.send(HEADER.format(to=DOMAIN, more=more))
        ends(client, "policy-violation", "not-well-formed", "bad-format")

    ALL[-1].attack = attack


_header("header-uri", f" xmlns:a='urn:{'x' * 200_000}'")
_header("header-language", f" xml:lang='{'x' * 200_000}'")
_header("header-declarations", "".join(f" xmlns:a{n}='urn:{n}'" for n in range(5000)))
_header("header-attributes", "".join(f" a{n}='{n}'" for n in range(5000)))
ALL[0].quick = True


def dense(name, content, header="", memory=48 * MIB, quick=False):
    def attack(bout):
        victims = [bout.login("victim", f"v{n}") for n in range(3)]
        client = bout.login(header=header)
        for _ in range(4):
            client.send(message(content))
        for victim in victims:
            for _ in range(4):
                victim.until("</message>")

    what = "four messages to three resources, of " + name.split("-", 1)[1]
    ALL.append(Scenario(name, what, attack, memory=memory, quick=quick, cpu=2.0))


dense("dense-prefixes", "<a:x/>" * 9000, f" xmlns:a='urn:{'x' * 900}'", quick=True)
dense("dense-languages", "<x/>" * 9000, f" xml:lang='{'x' * 30}'")
dense("dense-elements", "<x><y/></x>" * 9000)
dense("dense-namespaces", "".join(f"<x xmlns='urn:{n}'/>" for n in range(3000)))
dense("dense-references", "<body>" + "&#x26;" * 30_000 + "</body>")
dense("dense-attributes", "<x " + " ".join(f"a{n}=''" for n in range(60)) + "/>" * 1)
dense("dense-stream-children", "<stream:q/>" * 8000)


@scenario("nesting", quick=True)
def _(bout):
    """A message of ten thousand elements in one another."""
    client = bout.login()
    client.send(message("<x>" * 10_000 + "</x>" * 10_000))
    ends(client, "policy-violation")


@scenario("a-stanza-without-end")
def _(bout):
    """A megabyte of one stanza."""
    client = bout.login()
    try:
        client.send("<message to='victim@attack.example'><body>" + "x" * MIB)
    except OSError:
        pass
    ends(client)


@scenario("offline-store", memory=24 * MIB, cpu=2.0)
def _(bout):
    """Sixty messages of many tiny elements to somebody who is not there."""
    client = bout.login()
    for _ in range(60):
        client.send(message("<x><y/></x>" * 5000))
    client.ping()


@scenario("offline-chat-states", quick=True)
def _(bout):
    """Chat states for somebody who is not there are not stored, receipts are."""
    client = bout.login()
    client.send(message("<composing xmlns='http://jabber.org/protocol/chatstates'/>") * 50)
    client.send(message("<received xmlns='urn:xmpp:receipts' id='1'/>"))
    client.ping()
    victim = bout.login("victim")
    client.send(message("<body>end</body>"))
    got = victim.until("end</body>")
    if got.count("urn:xmpp:receipts") != 1 or "composing" in got:
        raise Unexpected(f"{got[:300]!r} was stored")


@scenario("forged-delay")
def _(bout):
    """A stamp in the server's name, spelt in capitals."""
    victim, client = bout.login("victim"), bout.login()
    stamp = f"<delay xmlns='urn:xmpp:delay' from='{DOMAIN.upper()}' stamp='1999-01-01T00:00:00Z'/>"
    client.send(message(f"<body>x</body>{stamp}"))
    if "delay" in victim.until("</message>"):
        raise Unexpected("the stamp was delivered")


# Peers that are slow, silent, or gone by half.


@scenario("silent-connections", quick=True, cpu=4.0)
def _(bout):
    """Three hundred connections of one address that say nothing; another one logs in."""
    silent = [bout.client() for _ in range(300)]
    bout.login("victim", source="127.0.0.3")
    if sum(gone(client) for client in silent) < 40:
        raise Unexpected("all of them were taken")


def gone(client):
    client.socket.settimeout(0.001)
    try:
        while client.socket.recv(4096):
            pass
        return True
    except (TimeoutError, socket.timeout):
        return False
    except OSError:
        return True


@scenario("the-last-places", cpu=2.0, options=["--max-connections", "64"])
def _(bout):
    """Many addresses take all connections but the reserve, and say nothing: somebody else
    logs in, and before long half of all places are free."""
    silent = [bout.client(source=f"127.0.1.{n % 8 + 1}") for n in range(64)]
    bout.login("victim", source="127.0.0.3")
    time.sleep(6.5)
    if sum(not gone(client) for client in silent) > 32:
        raise Unexpected("silent connections stay, though there is little room")


@scenario("half-open-tls", cpu=2.0, quick=True)
def _(bout):
    """A hundred connections that begin TLS and say no more."""
    for n in range(100):
        client = bout.client()
        client.header()
        client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        client.until("<proceed[^>]*/>")
        client.send(b"\x16\x03\x01\x02\x00\x01" if n % 2 else b"")
    bout.login("victim", source="127.0.0.3")


def tls_garbage(name, data):
    def attack(bout):
        client = bout.client()
        client.header()
        client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        client.until("<proceed[^>]*/>")
        client.send(data)
        ends(client)

    ALL.append(Scenario(name, "bytes that are no TLS after <proceed/>", attack))


tls_garbage("tls-garbage", b"\x00" * 1000)
tls_garbage("tls-http", b"GET / HTTP/1.1\r\n\r\n")
tls_garbage("tls-oversized-record", b"\x16\x03\x01\xff\xff" + b"x" * 66_000)
tls_garbage("tls-xml", b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>")


@scenario("byte-by-byte", cpu=2.0)
def _(bout):
    """Two thousand bytes of a stanza in as many writes."""
    client = bout.login()
    for byte in message("<body>" + "x" * 2000 + "</body>"):
        client.send(byte)
    client.ping()


@scenario("half-closed")
def _(bout):
    """Clients that shut their side after each step of the negotiation."""
    for step in range(4):
        client = bout.client()
        if step > 0:
            client.header()
        if step > 1:
            client.starttls()
        if step > 2:
            client.header()
            client.scram("mallory", "pw")
        client.socket.shutdown(socket.SHUT_WR)
        ends(client)


@scenario("gone-without-a-word")
def _(bout):
    """Thirty sessions whose sockets break; the user's other resource is told of each."""
    watcher = bout.login("mallory", "watcher")
    for n in range(15):
        client = bout.login("mallory", f"r{n}")
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.close()
        watcher.until(f"<presence[^>]*/r{n}'[^>]*unavailable[^>]*>")


@scenario("answers-that-nobody-reads", memory=24 * MIB, cpu=2.0, quick=True)
def _(bout):
    """A client asks and asks, and reads no answer."""
    client = bout.login(receive_buffer=4096)
    client.socket.settimeout(3)
    ask = f"<iq type='get' id='{'x' * 500}' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>"
    try:
        for _ in range(60_000):
            client.send(ask)
    except OSError:
        pass
    # How much the sockets take is the kernel's; what the server holds is its budget.


@scenario(
    "a-recipient-that-sleeps",
    memory=32 * MIB,
    cpu=3.0,
    options=["--queue-bytes", str(MIB), "--connection-bytes", "0", "--account-stanzas", "0",
             "--address-bytes", "0", "--connection-stanzas", "0"],
)
def _(bout):
    """Twelve megabytes for a client that never reads: the user's other resource gets what
    comes later, and what the first was not sent."""
    bout.login("victim", "asleep", receive_buffer=4096).send(
        "<presence><priority>9</priority></presence>"
    )
    awake, client = bout.login("victim", "awake"), bout.login()
    client.ping()
    got, trouble = set(), []

    def read():
        try:
            while 5999 not in got:
                got.add(int(re.search(">([0-9]+)</n>", awake.until("</message>")).group(1)))
        except (Ended, OSError) as error:
            trouble.append(repr(error)[-200:])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    for n in range(6000):
        client.send(message(f"<body>{'x' * 2000}</body><n xmlns='urn:n'>{n}</n>"))
        if n % 10 == 0:
            time.sleep(0.001)
    reader.join(30)
    # The first ones are in the sleeping client's sockets.
    missing = set(range(min(got, default=0), 6000)) - got
    if trouble or missing or len(got) == 6000:
        raise Unexpected(f"{trouble}, {len(missing)} missing, {len(got)} got")


@scenario("closes-and-does-not-read", cpu=2.0)
def _(bout):
    """Megabytes wait for a client that closes its stream and does not read: its session
    ends, and messages are stored."""
    victim = bout.login("victim", receive_buffer=4096)
    client = bout.login()
    for _ in range(40):
        client.send(message("<body>" + "x" * 100_000 + "</body>"))
    victim.send("</stream:stream>")
    client.ping()
    time.sleep(0.5)
    client.send(message("<body>after</body>"))
    client.ping()
    bout.login("victim", "second", presence=False).send("<presence/>")
    bout.clients[-1].until("after</body>")


# Floods of what is allowed.


def flood(name, stanza, count, quick=False, memory=24 * MIB, cpu=2.0, patience=6.0):
    def attack(bout):
        victim = bout.login("victim")
        client = bout.login()
        data = "".join(stanza.replace("{n}", str(n)) for n in range(count))
        send_all(client, data, patience)
        # What others get of it is bounded by the rates as well.
        victim.close()

    what = f"{count} times {stanza[:40]}…" if len(stanza) > 40 else f"{count} times {stanza}"
    ALL.append(Scenario(name, what, attack, memory=memory, cpu=cpu, quick=quick))


flood("flood-messages", message("<body>x</body>"), 20_000, quick=True)
flood("flood-messages-to-nobody", message("<body>x</body>", f"nobody@{DOMAIN}"), 10_000)
flood("flood-messages-elsewhere", message("<body>x</body>", "a@elsewhere.example"), 10_000)
flood("flood-messages-to-oneself", message("<body>x</body>", f"mallory@{DOMAIN}"), 10_000)
flood("flood-errors", message("", kind="error"), 10_000)
flood("flood-pings", "<iq type='get' id='{n}'><ping xmlns='urn:xmpp:ping'/></iq>", 10_000)
flood("flood-unknown-iqs", "<iq type='set' id='{n}'><x xmlns='urn:x'/></iq>", 10_000)
flood("flood-presence", "<presence><show>away</show></presence>", 10_000)
flood("flood-directed-presence", f"<presence to='a{{n}}@{DOMAIN}'/>", 10_000)
flood(
    "flood-roster",
    "<iq type='set' id='{n}'><query xmlns='jabber:iq:roster'>"
    f"<item jid='a{{n}}@{DOMAIN}'/></query></iq>",
    5000,
)
flood("flood-spaces", " ", 3_000_000)
flood("flood-empty-messages", "<message/>", 20_000)


@scenario("flood-subscriptions", cpu=2.0, quick=True)
def _(bout):
    """Two thousand times subscribe and unsubscribe: the victim is told of few."""
    victim, client = bout.login("victim"), bout.login()
    pair = "".join(f"<presence to='{VICTIM}' type='{kind}'/>" for kind in ("subscribe", "unsubscribe"))
    send_all(client, pair * 2000, 4.0)
    victim.socket.settimeout(1)
    count = 0
    try:
        while True:
            victim.until("<presence[^>]*mallory[^>]*>")
            count += 1
    except (TimeoutError, socket.timeout):
        pass
    if count > 1200:
        raise Unexpected(f"the victim has got {count} presences")


@scenario("flood-connections", cpu=2.0, quick=True)
def _(bout):
    """A thousand connections, one after the other."""
    for _ in range(1000):
        try:
            Client(bout.port).close()
        except OSError:
            pass


@scenario(
    "log-that-nobody-reads",
    cpu=3.0,
    quick=True,
    reads_log=False,
    options=["--address-connections", "0"],
)
def _(bout):
    """A thousand connections that each bring a line for the log."""
    for _ in range(1000):
        client = Client(bout.port)
        client.send(b"<?xml version='1.0'?><stream:stream xmlns:stream='urn:x'>")
        client.close()
    bout.login("victim")


@scenario("flood-headers", cpu=3.0)
def _(bout):
    """Two hundred connections that say a header and go."""
    for _ in range(180):
        client = bout.client()
        client.header()
        client.close()


@scenario("flood-logins", cpu=3.0, options=["--address-logins", "3"])
def _(bout):
    """Wrong passwords, three a connection."""
    start = time.monotonic()
    for _ in range(14):
        client = bout.tls()
        for _ in range(3):
            try:
                client.scram("victim", "guess")
                raise Unexpected("a wrong password is right")
            except Ended:
                pass
    if time.monotonic() - start < 3:
        raise Unexpected("forty guesses at once")


@scenario("flood-plain", cpu=4.0)
def _(bout):
    """PLAIN, which is not offered."""
    data = base64.b64encode(b"\0victim\0guess").decode()
    for _ in range(10):
        client = bout.tls()
        client.send(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" f"{data}</auth>"
        )
        client.until("</failure>")


@scenario("flood-aborts")
def _(bout):
    """Exchanges that are begun and aborted."""
    client = bout.tls()
    auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>{}</auth>"
    first = auth.format(base64.b64encode(b"n,,n=victim,r=abcdefgh").decode())
    try:
        for _ in range(200):
            client.send(first + "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    except OSError:
        pass
    ends(client)


@scenario("same-resource", cpu=2.0)
def _(bout):
    """Twenty-five logins with one resource: each ends the one before."""
    before = None
    for _ in range(25):
        client = bout.login(resource="one")
        if not client.jid.endswith("/one"):
            raise Unexpected(f"another resource: {client.jid}")
        if before:
            ends(before, "conflict")
        before = client


# Lies in each step of the negotiation.


def lie(name, data, *conditions, step="header", quick=False):
    def attack(bout):
        client = bout.client()
        if step != "first":
            client.header()
        if step in ("tls", "sasl", "bind"):
            client.starttls()
            client.header()
        if step in ("sasl", "bind"):
            client.scram("mallory", "pw")
            client.header()
        if step == "bind":
            client.bind("r")
        client.send(data)
        ends(client, *conditions)

    what = {"first": "at first", "header": "before TLS", "tls": "before SASL",
            "sasl": "before binding", "bind": "once bound"}[step]
    ALL.append(Scenario(name, f"{what}: {data[:60]!r}", attack, quick=quick))


SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
lie("lie-no-xml", "\x00\x01\x02", "not-well-formed", "unsupported-encoding", step="first", quick=True)
lie("lie-http", "GET / HTTP/1.1\r\n\r\n", step="first")
lie("lie-dtd", "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", step="first")
lie("lie-host", HEADER.format(to="other.example", more=""), "host-unknown", step="first")
lie("lie-namespace", "<stream:stream to='attack.example' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='urn:x'>", "invalid-namespace", step="first")
lie("lie-stanza-before-tls", message("<body/>"), "not-authorized")
lie("lie-starttls-injection", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    + message("<body/>"), quick=True)
lie("lie-stanza-before-sasl", message("<body/>"), "not-authorized", step="tls")
lie("lie-response-first", f"<response {SASL}>AAAA</response>" * 12, step="tls")
lie("lie-bind-before-sasl", "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
    "</iq>", "not-authorized", step="tls")
lie("lie-mechanism", f"<auth {SASL} mechanism='{'X' * 15}'>AAAA</auth>" * 12, step="tls")
lie("lie-stanza-before-binding", message("<body/>"), "not-authorized", step="sasl")
lie("lie-auth-again", f"<auth {SASL} mechanism='PLAIN'>AA==</auth>", step="sasl")
lie("lie-auth-once-bound", f"<auth {SASL} mechanism='PLAIN'>AA==</auth>", step="bind")
lie("lie-entity", "<message><body>&x;</body></message>", step="bind")
lie("lie-comment", "<!-- x -->", "restricted-xml", step="bind")
lie("lie-instruction", "<?x y?>", "restricted-xml", step="bind")
lie("lie-encoding", "<message><body>\ud800".encode("utf-8", "surrogatepass"), step="bind")
lie("lie-end-of-another", "<message></iq>", "not-well-formed", step="bind", quick=True)
lie("lie-stanza-type", "<massage/>", "unsupported-stanza-type", step="bind")


@scenario("lie-auth-before-tls")
def _(bout):
    """A right password in the clear: refused."""
    client = bout.client()
    client.header()
    client.send(f"<auth {SASL} mechanism='PLAIN'>AG1hbGxvcnkAcHc=</auth>")
    client.until("</failure>")


@scenario("lie-account", quick=True)
def _(bout):
    """Once logged in, a stream header of another account."""
    client = bout.tls()
    client.scram("mallory", "pw")
    client.send(HEADER.format(to=DOMAIN, more=f" from='{VICTIM}'"))
    ends(client, "invalid-from")


@scenario("lie-sender", quick=True)
def _(bout):
    """A message in another's name: the server says who sent it."""
    victim, client = bout.login("victim"), bout.login()
    client.send(f"<message to='{VICTIM}' from='trudy@{DOMAIN}/x'><body>x</body></message>")
    if f"from='{client.jid}'" not in victim.until("</message>"):
        raise Unexpected("it was delivered in another's name")


def scram_lie(name, step, change):
    def attack(bout):
        client = bout.tls()
        try:
            client.scram("mallory", "pw", lambda at, text: change(text) if at == step else text)
        except Ended as ended:
            if "failure" in str(ended):
                return
            raise
        raise Unexpected("logged in by a lie")

    ALL.append(Scenario(name, f"SCRAM with the {step} message changed", attack))


scram_lie("scram-binding", "nonce", lambda text: text.replace("c=biws", "c=eSws"))
scram_lie("scram-nonce", "nonce", lambda text: text + "x")
scram_lie("scram-no-proof", "final", lambda text: text.split(",p=")[0])
scram_lie("scram-zero-proof", "final", lambda text: text.split(",p=")[0] + ",p=" + "A" * 43 + "=")
scram_lie("scram-extension", "first", lambda text: text.replace("n,,", "n,,m=x,"))
scram_lie("scram-other-identity", "first", lambda text: text.replace("n,,", "n,a=victim,"))
scram_lie("scram-empty-name", "first", lambda text: text.replace("n=mallory", "n="))
scram_lie("scram-long-name", "first", lambda text: text.replace("n=mallory", "n=" + "m" * 3000))
