"""A small XMPP client for attackers and bystanders: the standard library alone."""

import base64
import hashlib
import hmac
import os
import re
import socket
import ssl
import time

DOMAIN = "attack.example"
HEADER = (
    "<?xml version='1.0'?><stream:stream to='{to}' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'{more}>"
)


class Ended(Exception):
    """The server has ended the connection; what it said last."""


class Client:
    """One connection. Each step of the negotiation may be left out or replaced."""

    def __init__(self, port, source="127.0.0.1", timeout=10.0, receive_buffer=None):
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self.received = ""
        self.sent_bytes = 0
        self.jid = None

    # Bytes

    def send(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        self.socket.sendall(data)
        self.sent_bytes += len(data)

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError) as error:
            raise Ended(self.received[-300:] or repr(error)) from error
        if not data:
            raise Ended(self.received[-300:])
        self.received += data.decode(errors="replace")

    def until(self, pattern):
        """Reads until the pattern has come; gives what came up to its end."""
        while True:
            found = re.search(pattern, self.received, re.S)
            if found:
                text, self.received = self.received[: found.end()], self.received[found.end() :]
                return text
            if "<stream:error>" in self.received and pattern != "</stream:stream>":
                raise Ended(self.received[-300:])
            self.receive()

    def last_words(self):
        """Reads to the end."""
        try:
            while True:
                self.receive()
                self.received = self.received[-4096:]
        except Ended as ended:
            return str(ended)
        except TimeoutError:
            return "silence"

    def close(self):
        self.socket.close()

    # Steps

    def header(self, more="", to=DOMAIN):
        self.send(HEADER.format(to=to, more=more))
        return self.until("</stream:features>")

    def starttls(self):
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self.until("<proceed[^>]*/>")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket, server_hostname=DOMAIN)

    def scram(self, user, password, lie=None):
        """SCRAM-SHA-256 (RFC 5802, RFC 7677); `lie` changes one of the messages."""
        lie = lie or (lambda step, text: text)
        nonce = base64.b64encode(os.urandom(18)).decode()
        bare = f"n={user},r={nonce}"
        first = lie("first", "n,," + bare)
        data = base64.b64encode(first.encode()).decode()
        self.send(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>"
            f"{data}</auth>"
        )
        answer = self.until("</challenge>|</failure>")
        if "<failure" in answer:
            raise Ended(answer)
        challenge = base64.b64decode(re.search(">([^<]*)</challenge>", answer).group(1)).decode()
        parts = dict(part.split("=", 1) for part in challenge.split(","))
        salt, count = base64.b64decode(parts["s"]), int(parts["i"])
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, count)
        mac = lambda key, text: hmac.new(key, text, "sha256").digest()
        client_key = mac(salted, b"Client Key")
        stored = hashlib.sha256(client_key).digest()
        final = lie("nonce", f"c=biws,r={parts['r']}")
        signature = mac(stored, f"{bare},{challenge},{final}".encode())
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        final = lie("final", f"{final},p={base64.b64encode(proof).decode()}")
        data = base64.b64encode(final.encode()).decode()
        self.send(f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{data}</response>")
        answer = self.until("</success>|</failure>")
        if "<failure" in answer:
            raise Ended(answer)

    def bind(self, resource):
        self.send(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<resource>{resource}</resource></bind></iq>"
        )
        self.jid = re.search("<jid>([^<]*)</jid>", self.until("</iq>")).group(1)

    def login(self, user, password="pw", resource="r", header="", presence=True):
        self.header()
        self.starttls()
        self.header()
        self.scram(user, password)
        self.header(header)
        self.bind(resource)
        if presence:
            self.send("<presence/>")
            self.until("<presence[^>]*from='" + re.escape(self.jid) + "'[^>]*/>")
        return self

    def ping(self):
        """How long the server takes for an answer, in seconds."""
        name = base64.b16encode(os.urandom(6)).decode()
        start = time.monotonic()
        self.send(
            f"<iq type='get' id='{name}' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>"
        )
        self.until(f"<iq[^>]*id='{name}'[^>]*>")
        return time.monotonic() - start
