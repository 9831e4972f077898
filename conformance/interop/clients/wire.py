"""A raw XMPP connection: bytes go out as given, what comes back is read as text.

Reading and writing go on together, because a server that refuses a stanza of
ten megabytes answers long before all of it is sent.
"""

import base64
import hashlib
import hmac
import re
import secrets
import select
import socket
import ssl
import time

CLIENT_STREAM = (
    "<?xml version='1.0'?><stream:stream to='{to}' version='1.0' "
    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"


class Closed(Exception):
    """The peer closed the connection."""


class Wire:
    def __init__(self, host, port, domain, ca):
        self.domain = domain
        self.ca = ca
        self.socket = socket.create_connection((host, port), 5)
        self.socket.setblocking(False)
        self.tls = None
        self.sending = bytearray()
        self.text = ""
        self.unread = 0
        self.closed = False

    def send(self, data):
        """Queue bytes or text. They leave during `wait`."""
        data = data.encode() if isinstance(data, str) else data
        if self.tls:
            self.tls.write(data)
            data = self.from_tls.read()
        self.sending += data

    def wait(self, pattern, timeout=10):
        """Pump until `pattern` is found in what was not matched yet, and return the match."""
        deadline = time.monotonic() + timeout
        while True:
            match = re.compile(pattern, re.S).search(self.text, self.unread)
            if match:
                self.unread = match.end()
                return match
            if self.closed:
                raise Closed(f"closed before {pattern!r}; received {self.text[-500:]!r}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {pattern!r} within {timeout} s; received {self.text[-500:]!r}")
            self.pump(deadline)

    def wait_closed(self, timeout=10):
        """Pump until the peer has closed the connection."""
        deadline = time.monotonic() + timeout
        while not self.closed:
            if time.monotonic() > deadline:
                raise TimeoutError(f"connection still open after {timeout} s; received {self.text[-500:]!r}")
            self.pump(deadline)

    def pump(self, deadline):
        left = max(0.0, deadline - time.monotonic())
        readable, writable, _ = select.select([self.socket], [self.socket] if self.sending else [], [], left)
        if writable:
            try:
                del self.sending[:self.socket.send(self.sending[:1 << 16])]
            except OSError:
                self.sending.clear()  # no longer wanted; its answer may still be there to read
        if readable:
            try:
                data = self.socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.closed = True
            elif self.tls:
                self.to_tls.write(data)
                self.drain_tls()
            else:
                self.text += data.decode("utf-8", "replace")

    def drain_tls(self):
        try:
            while plain := self.tls.read(1 << 16):
                self.text += plain.decode("utf-8", "replace")
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        self.sending += self.from_tls.read()

    def start_tls(self):
        """Shake hands with what was sent and received so far in clear."""
        context = ssl.create_default_context(cafile=self.ca)
        self.to_tls, self.from_tls = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.to_tls, self.from_tls, server_hostname=self.domain)
        deadline = time.monotonic() + 10
        self.socket.setblocking(True)
        self.socket.settimeout(10)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.socket.sendall(self.from_tls.read())
                data = self.socket.recv(1 << 16)
                if not data or time.monotonic() > deadline:
                    raise Closed("closed during the TLS handshake") from None
                self.to_tls.write(data)
        self.socket.sendall(self.from_tls.read())
        self.socket.setblocking(False)
        self.tls = tls
        self.drain_tls()

    # The negotiation, step by step, each leaving the stream where its name says.

    def open(self):
        self.send(CLIENT_STREAM.format(to=self.domain))
        return self.wait("</stream:features>|<stream:features/>")

    def secure(self):
        self.open()
        self.send(STARTTLS)
        self.wait("<proceed[^>]*>")
        self.start_tls()
        return self.open()

    def authenticate(self, user, password):
        self.secure()
        self.send_scram(user, password)
        self.wait("<success")
        return self.open()

    def bind(self, user, password):
        self.authenticate(user, password)
        self.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        return self.wait("<jid>([^<]*)</jid>").group(1)

    def send_scram(self, user, password):
        """SCRAM-SHA-256 (RFC 7677) up to the client's proof, its outcome unread."""
        first = f"n={user},r={secrets.token_hex(12)}"
        self.send(f"<auth xmlns='{SASL}' mechanism='SCRAM-SHA-256'>{encode('n,,' + first)}</auth>")
        challenge = base64.b64decode(self.wait("<challenge[^>]*>([^<]*)</challenge>").group(1)).decode()
        fields = dict(field.split("=", 1) for field in challenge.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        bare = f"c={encode('n,,')},r={fields['r']}"
        signed = f"{first},{challenge},{bare}".encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        final = f"{bare},p={base64.b64encode(proof).decode()}"
        self.send(f"<response xmlns='{SASL}'>{encode(final)}</response>")


def encode(text):
    return base64.b64encode(text.encode()).decode()
