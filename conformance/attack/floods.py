"""Floods by other servers, and servers that do not read: what one of them asks for is not taken
from others. Each flood ends with an honest server that was not there before.
"""

import time

from client import DOMAIN, Ended
from federation import federated, newcomer
from peers import attribute, header, stanza
from scenarios import MIB, Unexpected, message

# Floods


@federated("flood-connections", quick=True)
def _(bout):
    """Four hundred connections of one address, each silent after its header or before it; then
    an honest server of another address."""
    scene, victim = bout.scene, bout.login("victim")
    refused = 0
    for number in range(400):
        try:
            stream = scene.stream("evil.example", timeout=2)
            if number % 2:
                stream.send(header("evil.example", DOMAIN))
        except OSError:
            refused += 1
    newcomer(bout, victim)


@federated("flood-streams-of-one-domain")
def _(bout):
    """Forty streams on which one domain has proved itself: those beyond a few are refused."""
    scene, victim = bout.scene, bout.login("victim")
    evil, taken = scene.peer("evil.example"), 0
    for number in range(40):
        try:
            stream = scene.proved(evil, source=f"127.0.2.{1 + number}", timeout=5)
            stream.send(
                f"<iq type='get' from='u@evil.example' to='{DOMAIN}' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"
            )
            stream.send(stanza("evil.example", f"number {number}."))
            victim.socket.settimeout(2)
            victim.until(f"number {number}\\.")
            taken += 1
        except (Ended, TimeoutError):
            pass
        finally:
            victim.socket.settimeout(10)
    if not 1 <= taken <= 16:
        raise Unexpected(f"{taken} streams of one domain")
    newcomer(bout, victim)


@federated("flood-dialback-requests", quick=True)
def _(bout):
    """Two thousand claims on one stream of a domain that has proved itself, of domains without a
    server and with one that never answers: few are asked about, and an honest server gets in."""
    scene, victim = bout.scene, bout.login("victim")
    evil = scene.peer("evil.example")
    silent = scene.peer("silent.example", script=lambda stream: stream.until("never"))
    stream = scene.proved(evil)
    before = len(scene.names.asked)
    for number in range(0, 1000, 2):
        scene.names.place(f"d{number}.example", "127.0.0.1", silent.port)
    try:
        for number in range(2000):
            stream.claim("0" * 64, origin=f"d{number}.example")
    except OSError:
        pass
    newcomer(bout, victim)
    if silent.connections > 32 or len(scene.names.asked) - before > 400:
        raise Unexpected(f"{silent.connections} connections, {len(scene.names.asked) - before} look-ups")


def claimed_domains(name, streams, addresses):
    def attack(bout):
        scene, victim = bout.scene, bout.login("victim")
        silent = scene.peer("silent.example", script=lambda stream: stream.until("never"))
        for number in range(streams):
            source = f"127.0.3.{1 + number % addresses}"
            stream = scene.stream(f"c{number}.example", source=source).secure()
            for of in range(8):
                domain = f"c{number}x{of}.example"
                scene.names.place(domain, "127.0.0.1", silent.port)
                stream.claim("0" * 64, origin=domain)
        newcomer(bout, victim, seconds=25)

    attack.__doc__ = (
        f"{streams} streams of {addresses} addresses, each claiming eight domains whose servers never "
        "answer: an honest server gets in meanwhile."
    )
    federated(name, cpu=12.0, memory=32 * MIB)(attack)


claimed_domains("flood-claimed-domains", 150, 150)
claimed_domains("flood-claimed-domains-of-few-addresses", 150, 2)
claimed_domains("flood-claimed-domains-within-the-bound", 90, 90)


@federated("flood-verify-requests", memory=24 * MIB)
def _(bout):
    """Twenty thousand keys that we are asked about by somebody who has proved nothing and reads
    no answer."""
    scene, victim = bout.scene, bout.login("victim")
    stream = scene.stream("evil.example", receive_buffer=4096, timeout=3).secure()
    ask = f"<db:verify from='evil.example' to='{DOMAIN}' id='x'>{'0' * 64}</db:verify>"
    try:
        for _ in range(200):
            stream.send(ask * 100)
    except (OSError, TimeoutError):
        pass
    newcomer(bout, victim)


@federated("flood-to-nowhere", memory=24 * MIB)
def _(bout):
    """A user writes to two thousand domains that are not there: each message comes back, an
    honest server is reached meanwhile."""
    victim, client = bout.login("victim"), bout.login("mallory")
    for number in range(0, 2000, 50):
        client.send(
            "".join(message("<body>x</body>", to=f"u@n{n}.example") for n in range(number, number + 50))
        )
    newcomer(bout, victim)


# Peers that do not read


@federated("never-reads", memory=32 * MIB, cpu=6.0, quick=True)
def _(bout):
    """A server takes our stream and never reads, while its users ask and ask, and one of ours
    writes to it: what waits for it is bounded, and comes back."""

    def script(stream):
        # Honest until the server is let in.
        stream.secure()
        for found in stream.tokens():
            origin, to = (attribute(found.group(0), name) for name in ("from", "to"))
            if found["what"] == "verify":
                number = attribute(found.group(0), "id")
                kind = stream.peer.judge(origin, to, number, found["key"])
                stream.send(f"<db:verify from='{to}' to='{origin}' id='{number}' type='{kind}'/>")
            elif found["what"] == "result":
                stream.send(f"<db:result from='{to}' to='{origin}' type='valid'/>")
                time.sleep(120)

    scene, victim = bout.scene, bout.login("victim")
    evil = scene.peer("evil.example", script=script, receive_buffer=4096)
    stream = scene.proved(evil)
    ask = f"<iq type='get' from='u@evil.example/r' to='{DOMAIN}' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"
    for _ in range(100):
        stream.send(ask * 100)
    client = bout.login("mallory")
    for _ in range(30):
        client.send(message(f"<body>{'x' * 1000}</body>", to="u@evil.example") * 100)
    got = client.until("<message[^>]*type='error'.*?</message>")
    if "resource-constraint" not in got and "remote-server" not in got:
        raise Unexpected(f"{got[-300:]!r}")
    newcomer(bout, victim)


@federated("never-reads-bidi", memory=32 * MIB, cpu=6.0)
def _(bout):
    """The same over one stream for both directions (XEP-0288)."""
    scene, victim = bout.scene, bout.login("victim")
    stream = scene.stream("evil.example", receive_buffer=4096, timeout=5).secure("evil.example")
    stream.send("<bidi xmlns='urn:xmpp:bidi'/>")
    if not stream.external():
        raise Unexpected("the certificate does not count")
    stream.header()
    ask = f"<iq type='get' from='u@evil.example/r' to='{DOMAIN}' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"
    try:
        for _ in range(200):
            stream.send(ask * 100)
    except (OSError, TimeoutError):
        pass
    newcomer(bout, victim)
