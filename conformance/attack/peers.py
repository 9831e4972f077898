"""Other servers, as attackers, as their victims and as those who should notice nothing: the
standard library, and the `openssl` command for the certificates.

A `Scene` has the DNS that `xmpp serve` asks, and the peers that it names. A `Stream` is a
connection to the server's port for servers; a `Peer` listens, and does as its script says.
"""

import atexit
import base64
import hashlib
import os
import pathlib
import re
import shutil
import socket
import ssl
import struct
import tempfile
import threading
import time

from client import DOMAIN, Client, Ended
import evil

NS = "http://etherx.jabber.org/streams"
TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
DB = "xmlns:db='jabber:server:dialback'"
COMPONENT = f"echo.{DOMAIN}"
# Whose certificates are good; all others prove themselves by dialback.
TRUSTED = ["neighbour.example", "evil.example"]


class Certificates(evil.Certificates):
    """An authority, a good certificate for each trusted domain, and a self-signed one."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.authority("ca")
        for domain in TRUSTED:
            self.leaf(domain, names=f"DNS:{domain}", usage="serverAuth,clientAuth")
        self.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=own "
            "-addext subjectAltName=DNS:own.example -keyout own.key -out own.crt"
        )

    def files(self, name):
        return str(self.folder / f"{name}.crt"), str(self.folder / f"{name}.key")


certificates_made = None


def certificates():
    """Made once for all scenarios."""
    global certificates_made
    if certificates_made is None:
        folder = tempfile.mkdtemp(prefix="xmpp-attack-")
        atexit.register(shutil.rmtree, folder, True)
        certificates_made = Certificates(folder)
    return certificates_made


# DNS


class Names(threading.Thread):
    """A DNS server on a loopback address: SRV, A and AAAA of the names that were told to it."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.srv, self.addresses, self.asked = {}, {}, []

    def place(self, domain, host, port):
        """The domain's server is there."""
        self.srv[f"_xmpp-server._tcp.{domain}"] = [(10, 0, port, domain)]
        self.addresses[domain] = [host]

    def run(self):
        while True:
            try:
                data, peer = self.socket.recvfrom(4096)
                self.socket.sendto(self.answer(data), peer)
            except (OSError, ValueError):
                return
            except (IndexError, struct.error):
                continue

    def answer(self, data):
        name, at = [], 12
        while data[at]:
            name.append(data[at + 1 : at + 1 + data[at]].decode().lower())
            at += 1 + data[at]
        name, question = ".".join(name), data[12 : at + 5]
        kind = struct.unpack_from("!H", data, at + 1)[0]
        self.asked.append((name, kind))
        found = []
        if kind == 33:
            for priority, weight, port, target in self.srv.get(name, []):
                rest = b"".join(bytes([len(w)]) + w.encode() for w in target.split(".") if w)
                found.append(struct.pack("!HHH", priority, weight, port) + rest + b"\0")
        for address in self.addresses.get(name, []):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            if kind == (28 if ":" in address else 1):
                found.append(socket.inet_pton(family, address))
        known = name in self.srv or name in self.addresses
        flags = 0x8180 if known else 0x8183
        answer = data[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0) + question
        for rest in found:
            answer += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(rest)) + rest
        return answer

    def close(self):
        self.socket.close()


# Streams to the server


def header(origin, to, more=""):
    return (
        f"<?xml version='1.0'?><stream:stream xmlns='jabber:server' {DB} xmlns:stream='{NS}' "
        f"version='1.0' from='{origin}' to='{to}'{more}>"
    )


def stanza(origin, text, to=f"victim@{DOMAIN}"):
    return f"<message from='somebody@{origin}' to='{to}' type='chat'><body>{text}</body></message>"


class Stream(Client):
    """A connection to the server's port for servers. Each step may be left out."""

    def __init__(self, port, origin, to=DOMAIN, **how):
        super().__init__(port, **how)
        self.origin, self.to, self.id = origin, to, None

    def header(self, more=""):
        self.send(header(self.origin, self.to, more))
        features = self.until("</stream:features>|<stream:features/>")
        self.id = re.search(r"<stream:stream[^>]*\sid=['\"]([^'\"]*)", features).group(1)
        return features

    def starttls(self, certificate=None):
        self.send(f"<starttls {TLS}/>")
        self.until("<proceed[^>]*/>")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if certificate:
            context.load_cert_chain(*certificates().files(certificate))
        self.socket = context.wrap_socket(self.socket, server_hostname=self.to)

    def last_words(self):
        """Reads to the end, which it answers: who ends a stream waits for that."""
        answered = False
        try:
            while True:
                if not answered and "</stream:stream>" in self.received:
                    answered = True
                    self.send("</stream:stream>")
                self.receive()
                self.received = self.received[-4096:]
        except (Ended, OSError) as ended:
            return "silence" if isinstance(ended, TimeoutError) else self.received[-300:]

    def secure(self, certificate=None):
        """Up to what is offered under TLS."""
        self.header()
        self.starttls(certificate)
        self.features = self.header()
        return self

    def external(self, identity=None):
        identity = base64.b64encode((identity or self.origin).encode()).decode()
        self.send(f"<auth {SASL} mechanism='EXTERNAL'>{identity}</auth>")
        answer = self.until("<success[^>]*>|</failure>|</stream:stream>")
        return "<success" in answer

    def claim(self, key, origin=None, to=None):
        """Says to be that domain."""
        origin, to = origin or self.origin, to or self.to
        self.send(f"<db:result from='{origin}' to='{to}'>{key}</db:result>")

    def verdict(self):
        """What it says of a claim: its type, and the condition."""
        text = self.until(r"<db:result[^>]*type='(valid|invalid)'[^>]*(/>|>)|</db:result>")
        kind = re.search(r"<db:result[^>]*type='(\w+)'", text).group(1)
        condition = re.search(r"<error.*?<([\w-]+) xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'", text)
        return condition.group(1) if condition else kind

    def ask(self, receiving, originating, stream_id, key):
        """Asks the server whether a key is its own; its answer's type."""
        self.send(
            f"<db:verify from='{receiving}' to='{originating}' id='{stream_id}'>{key}</db:verify>"
        )
        return re.search(r"type='(\w+)'", self.until(r"<db:verify[^>]*type='\w+'[^>]*>")).group(1)


# Servers that listen

TOKEN = re.compile(
    r"<db:(?P<what>verify|result)(?P<attributes>[^>]*?)(?:/>|>(?P<key>[^<]*)</db:(?P=what)>)"
    r"|<(?P<stanza>message|iq|presence)\b[^>]*?(?:/>|>.*?</(?P=stanza)>)"
    r"|(?P<end></stream:stream>)",
    re.S,
)


class Accepted:
    """A connection that the server has opened."""

    def __init__(self, peer, connection):
        self.peer, self.socket, self.received = peer, connection, ""
        self.socket.settimeout(60)
        self.id = base64.b16encode(os.urandom(8)).decode()

    def send(self, text):
        try:
            self.socket.sendall(text if isinstance(text, bytes) else text.encode())
        except OSError as error:
            raise Ended(repr(error)) from error

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            raise Ended(repr(error)) from error
        if not data:
            raise Ended("")
        self.received += data.decode(errors="replace")

    def until(self, pattern):
        while not (found := re.search(pattern, self.received, re.S)):
            self.receive()
        self.received = self.received[found.end() :]
        return found

    def header(self, features):
        """Answers a header; `from` and `to` of it."""
        said = self.until(r"<stream:stream[^>]*>").group(0)
        origin, to = (re.search(rf"\s{a}='([^']*)'", said).group(1) for a in ("from", "to"))
        self.send(
            header(to, origin, f" id='{self.id}'")
            + f"<stream:features>{features}</stream:features>"
        )
        return origin, to

    def tls(self, more=""):
        self.until("<starttls[^>]*/?>")
        self.send(f"<proceed {TLS}/>" + more)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificates().files(self.peer.certificate))
        try:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        except OSError as error:
            raise Ended(repr(error)) from error

    def secure(self, features="<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"):
        """Up to what is offered under TLS: dialback."""
        self.header(f"<starttls {TLS}><required/></starttls>")
        self.tls()
        return self.header(features)

    def tokens(self):
        """What comes: answers to dialback, and stanzas."""
        while True:
            while found := TOKEN.search(self.received):
                self.received = self.received[found.end() :]
                yield found
            self.receive()


def attribute(text, name):
    found = re.search(rf"\s{name}=['\"]([^'\"]*)", text)
    return found and found.group(1)


def honest(stream):
    """What a server does that keeps to the rules, and takes everybody's word."""
    stream.secure()
    for found in stream.tokens():
        peer = stream.peer
        origin, to = (attribute(found.group(0), name) for name in ("from", "to"))
        if found["what"] == "verify":
            number = attribute(found.group(0), "id")
            peer.verified.append((origin, to, number, found["key"]))
            kind = peer.judge(origin, to, number, found["key"])
            if kind is not None:
                stream.send(f"<db:verify from='{to}' to='{origin}' id='{number}' type='{kind}'/>")
        elif found["what"] == "result":
            peer.keys.append((origin, to, stream.id, found["key"]))
            stream.send(f"<db:result from='{to}' to='{origin}' type='valid'/>")
        elif found["stanza"]:
            peer.heard.append(found.group(0))
            peer.news.set()
        else:
            stream.send("</stream:stream>")
            return


class Peer:
    """Another server. `script` is what it does with each connection, `judge` what it says of
    a key, if the script asks."""

    def __init__(
        self, scene, domain, script=honest, judge=None, host="127.0.0.1", certificate="own",
        receive_buffer=None,
    ):
        self.domain, self.script, self.certificate = domain, script, certificate
        self.secret = os.urandom(16)
        self.judge = judge or self.genuine
        self.connections, self.trouble = 0, []
        # What was asked, the server's own keys, the stanzas.
        self.verified, self.keys, self.heard = [], [], []
        self.news = threading.Event()
        self.listener = socket.create_server((host, 0))
        if receive_buffer is not None:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.port = self.listener.getsockname()[1]
        scene.names.place(domain, host, self.port)
        threading.Thread(target=self.accept, daemon=True).start()

    def key(self, receiving, originating, stream_id):
        text = f"{receiving} {originating} {stream_id}".encode()
        return hashlib.sha256(self.secret + text).hexdigest()

    def genuine(self, receiving, originating, stream_id, key):
        return "valid" if key == self.key(receiving, originating, stream_id) else "invalid"

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=[Accepted(self, connection)], daemon=True).start()

    def serve(self, stream):
        try:
            self.script(stream)
        except Ended:
            pass
        except Exception as error:  # A script that is wrong must not look like a pass.
            self.trouble.append(repr(error)[:300])
        finally:
            try:
                stream.socket.close()
            except OSError:
                pass

    def hears(self, text, seconds=10):
        """Whether a stanza with this in it comes."""
        end = time.monotonic() + seconds
        while True:
            self.news.clear()
            if any(text in heard for heard in list(self.heard)):
                return True
            if not self.news.wait(max(0, end - time.monotonic())):
                return False

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()


# Those who should notice nothing


class Regular(threading.Thread):
    """Does something every 50 ms, and notices how long it takes."""

    def __init__(self):
        super().__init__(daemon=True)
        self.pings, self.trouble, self.over = [], None, threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                self.pings.append(self.once())
            except (Ended, OSError) as error:
                self.trouble = repr(error)[:200]
                return
            self.over.wait(0.05)


class Neighbour(Regular):
    """Another server, which has proved itself by its certificate: its user pings ours."""

    who = "the neighbour"

    def __init__(self, port):
        super().__init__()
        self.stream = Stream(port, "neighbour.example", source="127.0.0.8")
        self.stream.secure("neighbour.example")
        self.stream.send("<bidi xmlns='urn:xmpp:bidi'/>")
        if not self.stream.external():
            raise Ended("the neighbour's certificate was refused")
        self.stream.header()

    def once(self):
        name, start = base64.b16encode(os.urandom(6)).decode(), time.monotonic()
        self.stream.send(
            f"<iq type='get' from='u@neighbour.example/r' to='{DOMAIN}' id='{name}'>"
            "<ping xmlns='urn:xmpp:ping'/></iq>"
        )
        self.stream.until(f"<iq[^>]*id='{name}'[^>]*type='result'|<iq[^>]*type='result'[^>]*id='{name}'")
        return time.monotonic() - start


class Couple(Regular):
    """Two users of ours who write to each other."""

    who = "the users"

    def __init__(self, port):
        super().__init__()
        self.one = Client(port, source="127.0.0.7").login("bystander", resource="one")
        self.other = Client(port, source="127.0.0.6").login("trudy", resource="other")

    def once(self):
        start = time.monotonic()
        for sender, receiver in ((self.one, self.other), (self.other, self.one)):
            text = base64.b16encode(os.urandom(6)).decode()
            sender.send(f"<message to='{receiver.jid}' type='chat'><body>{text}</body></message>")
            receiver.until(text)
        return time.monotonic() - start


class Scene:
    """The DNS, the peers that it names, and those who should notice nothing."""

    def __init__(self, addresses="any", options=()):
        self.names, self.peers, self.streams, self.port = Names(), [], [], None
        self.names.start()
        folder = certificates().folder
        self.options = [
            *("--s2s-listen", "127.0.0.1:0", "--s2s-addresses", addresses),
            *("--resolver", self.names.address, "--s2s-ca", str(folder / "ca.crt")),
            *("--component-listen", "127.0.0.1:0", "--component", f"{COMPONENT}:secret"),
            *options,
        ]

    def begin(self, server):
        """The server is there; those who do something all the time."""
        self.port, self.components = server.ports["servers"], server.ports["components"]
        return [Neighbour(self.port), Couple(server.port)]

    def peer(self, domain, *how, **more):
        self.peers.append(Peer(self, domain, *how, **more))
        return self.peers[-1]

    def stream(self, origin, to=DOMAIN, **how):
        """A connection, nothing said yet."""
        self.streams.append(Stream(self.port, origin, to, **how))
        return self.streams[-1]

    def proved(self, peer, to=DOMAIN, **how):
        """A stream on which the peer has proved its domain by dialback."""
        stream = self.stream(peer.domain, to, **how).secure()
        stream.claim(peer.key(to, peer.domain, stream.id))
        verdict = stream.verdict()
        if verdict != "valid":
            raise Ended(f"the genuine key of {peer.domain} is {verdict}")
        return stream

    def sent(self):
        return sum(stream.sent_bytes for stream in self.streams)

    def trouble(self):
        return [f"the script of {peer.domain}: {line}" for peer in self.peers for line in peer.trouble]

    def close(self):
        self.names.close()
        for one in self.peers + self.streams:
            one.close()
