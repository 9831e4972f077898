"""What a server says to another one that wants its stream resumable (XEP-0198).

    s2s_resumption.py HOST:PORT DOMAIN FROM CERTIFICATE KEY

Authenticates over direct TLS by EXTERNAL, asks, and prints one line of what the server
offered and what it answered.
"""

import base64
import re
import socket
import ssl
import sys

HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='{}' to='{}'>"
)


def main():
    address, domain, origin, certificate, key = sys.argv[1:]
    host, port = address.rsplit(":", 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(certificate, key)
    stream = context.wrap_socket(socket.create_connection((host, int(port)), 10), server_hostname=domain)
    stream.settimeout(5)
    received = ""

    def until(pattern):
        nonlocal received
        while not (found := re.search(pattern, received, re.S)):
            data = stream.recv(65536)
            if not data:
                raise SystemExit(f"the stream ended: {received[-300:]!r}")
            received += data.decode()
        received = received[found.end():]
        return found

    def send(text):
        stream.sendall(text.encode())

    features = r"<stream:features/>|<stream:features>(.*?)</stream:features>"
    send(HEADER.format(origin, domain))
    until(features)
    identity = base64.b64encode(origin.encode()).decode()
    send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>{identity}</auth>")
    until("<success")
    send(HEADER.format(origin, domain))
    offered = "urn:xmpp:sm:3" in (until(features).group(1) or "")
    send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
    try:
        answer = until(r"<(enabled|failed)\b[^>]*>").group(0)
    except TimeoutError:
        answer = "nothing"
    send("</stream:stream>")
    print(f"note: offered: {'yes' if offered else 'no'}; answer: {answer}")


main()
