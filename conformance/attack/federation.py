"""Attacks by other servers (RFC 6120, XEP-0178, XEP-0220, XEP-0288), each beside a neighbour
that is an honest server, two users of ours who write to each other, and the bystander.
"""

import base64
import hashlib
import os
import re
import time

from client import DOMAIN, Client
from peers import COMPONENT, SASL, TLS, Scene, attribute, header, stanza
from scenarios import Unexpected, ends, message, scenario

NOT_PROVED = ("not-authorized", "invalid-from")


def federated(name, addresses="any", options=(), cpu=3.0, **budget):
    """A scenario with a DNS and other servers."""
    return scenario("s2s-" + name, scene=lambda: Scene(addresses, options), cpu=cpu, **budget)


def expect(found, *wanted):
    if found not in wanted:
        raise Unexpected(f"{wanted} expected, not {found!r}")


def quiet(victim, *texts):
    """Nothing with these in it has come to a user."""
    name = base64.b16encode(os.urandom(6)).decode()
    victim.send(f"<iq type='get' id='{name}' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>")
    got = victim.until(f"<iq[^>]*id='{name}'")
    for text in texts or ("forged",):
        if text in got:
            raise Unexpected(f"{got[-300:]!r} has come to the victim")


def returned(victim, to, body="x"):
    """A message to there comes back; with which condition."""
    name = base64.b16encode(os.urandom(6)).decode()
    victim.send(f"<message to='{to}' type='chat' id='{name}'><body>{body}</body></message>")
    got = victim.until(f"<message[^>]*id='{name}'.*?</message>")
    found = re.search(r"<([\w-]+) xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'", got)
    if "type='error'" not in got or not found:
        raise Unexpected(f"{got[-300:]!r} is no error")
    return found.group(1)


def newcomer(bout, victim, domain="newcomer.example", seconds=15):
    """An honest server that was not there before gets in, and is reached."""
    scene = bout.scene
    peer, start = scene.peer(domain), time.monotonic()
    stream = scene.proved(peer, source="127.0.0.5", timeout=seconds)
    stream.send(stanza(domain, "hello from afar"))
    victim.until("hello from afar")
    victim.send(message("<body>hello back</body>", to=f"u@{domain}"))
    if not peer.hears("hello back", seconds):
        raise Unexpected("nothing comes to an honest server any more")
    took = time.monotonic() - start
    if took > seconds:
        raise Unexpected(f"an honest server waits for {took:.0f} s")


# Keys


@federated("wrong-key", quick=True)
def _(bout):
    """A key that the domain's own server does not know: told invalid, and the stream ends."""
    good, victim = bout.scene.peer("good.example"), bout.login("victim")
    stream = bout.scene.stream("good.example").secure()
    stream.claim("0" * 64)
    expect(stream.verdict(), "invalid")
    ends(stream)
    expect([asked[:3] for asked in good.verified], [(DOMAIN, "good.example", stream.id)])
    quiet(victim)


@federated("stanza-behind-a-claim")
def _(bout):
    """A genuine claim, and a stanza behind it that does not wait for the verdict."""
    good, victim = bout.scene.peer("good.example"), bout.login("victim")
    stream = bout.scene.stream("good.example").secure()
    stream.send(
        f"<db:result from='good.example' to='{DOMAIN}'>{good.key(DOMAIN, 'good.example', stream.id)}"
        "</db:result>" + stanza("good.example", "forged")
    )
    ends(stream, *NOT_PROVED)
    quiet(victim)


@federated("key-for-another-stream", quick=True)
def _(bout):
    """The genuine key of another stream, which is there at the time."""
    good, victim = bout.scene.peer("good.example"), bout.login("victim")
    one = bout.scene.stream("good.example").secure()
    other = bout.scene.stream("good.example").secure()
    if one.id == other.id:
        raise Unexpected("two streams have one identifier")
    other.claim(good.key(DOMAIN, "good.example", one.id))
    expect(other.verdict(), "invalid")
    ends(other)
    quiet(victim)


@federated("key-replayed")
def _(bout):
    """A key that was good for its stream, read along: again on that stream's time, and when it
    is over."""
    good, victim = bout.scene.peer("good.example"), bout.login("victim")
    first = bout.scene.proved(good)
    key = good.key(DOMAIN, "good.example", first.id)
    for _ in range(2):
        again = bout.scene.stream("good.example").secure()
        again.claim(key)
        expect(again.verdict(), "invalid")
        ends(again)
        first.close()
    quiet(victim)


@federated("key-of-another-pair")
def _(bout):
    """Our own key, made for a stream to an evil server, shown to others as ours: who asks in
    the name of another server, or of another stream, is told invalid."""
    evil, victim = bout.scene.peer("evil.example"), bout.login("victim")
    victim.send(message("<body>hello</body>", to="u@evil.example"))
    if not evil.hears("hello"):
        raise Unexpected("the message did not come to its server")
    (_, _, number, key) = evil.keys[0]
    stream = bout.scene.stream("good.example").secure()
    expect(stream.ask("good.example", DOMAIN, number, key), "invalid")
    expect(stream.ask("evil.example", DOMAIN, "another", key), "invalid")
    expect(stream.ask("evil.example", COMPONENT, number, key), "invalid")
    expect(stream.ask("evil.example", DOMAIN, number, key), "valid")


# Authoritative servers


@federated("hijacked-authority", quick=True)
def _(bout):
    """A server that says valid to everything, about others as well: its word is asked for and
    counts for its own domain alone."""
    scene, victim = bout.scene, bout.login("victim")
    evil = scene.peer("evil.example", judge=lambda *_: "valid")
    good = scene.peer("good.example")
    stream = scene.proved(evil)
    stream.claim("0" * 64, origin="good.example")
    expect(stream.verdict(), "invalid", "forbidden")
    expect([asked[1] for asked in evil.verified], ["evil.example"])
    expect([asked[1] for asked in good.verified], ["good.example"])
    stream.send(stanza("good.example", "forged"))
    ends(stream, *NOT_PROVED)
    quiet(victim)


@federated("authority-late-or-never", options=["--negotiation-timeout", "60"])
def _(bout):
    """Authoritative servers that say valid too late, that never answer, that say nothing at all:
    the claim comes to nothing, in time."""
    scene, victim = bout.scene, bout.login("victim")

    def late(*_):
        time.sleep(36)
        return "valid"

    scene.peer("late.example", judge=late)
    scene.peer("never.example", judge=lambda *_: None)
    scene.peer("silent.example", script=lambda stream: stream.until("never"))
    streams = []
    for domain in ("late.example", "never.example", "silent.example"):
        stream = scene.stream(domain, timeout=50).secure()
        stream.claim("0" * 64)
        streams.append(stream)
    start = time.monotonic()
    for stream in streams:
        expect(stream.verdict(), "remote-server-timeout")
    if time.monotonic() - start > 45:
        raise Unexpected("the claims were kept for longer than a verdict may take")
    time.sleep(max(0, start + 40 - time.monotonic()))
    for stream in streams:
        stream.send(stanza(stream.origin, "forged"))
        ends(stream, *NOT_PROVED)
    quiet(victim)


@federated("answers-for-another")
def _(bout):
    """An authoritative server that says valid of other streams, for another domain and to
    another one, and then invalid."""

    def script(stream):
        stream.secure()
        for found in stream.tokens():
            if found["what"] == "verify":
                number = attribute(found.group(0), "id")
                for origin, to, of in (
                    ("evil.example", DOMAIN, number + "x"),
                    ("evil.example", DOMAIN, ""),
                    ("good.example", DOMAIN, number),
                    ("evil.example", "good.example", number),
                ):
                    stream.send(f"<db:verify from='{origin}' to='{to}' id='{of}' type='valid'/>")
                stream.send(
                    f"<db:verify from='evil.example' to='{DOMAIN}' id='{number}' type='invalid'/>"
                )

    victim = bout.login("victim")
    bout.scene.peer("evil.example", script=script)
    stream = bout.scene.stream("evil.example").secure()
    stream.claim("0" * 64)
    # Whether the answer counts that was right or the stream is given up for the wrong ones.
    expect(stream.verdict(), "invalid", "remote-server-timeout", "remote-server-not-found")
    quiet(victim)


@federated("unsolicited-results", quick=True)
def _(bout):
    """Verdicts that nobody asked for, on a stream of theirs and on one of ours: nothing is
    authorised by them."""

    def script(stream):
        stream.secure()
        stream.until("<db:result[^>]*>")
        stream.send(f"<db:result from='good.example' to='{DOMAIN}' type='valid'/>")
        stream.send(f"<db:verify from='good.example' to='{DOMAIN}' id='x' type='valid'/>")
        stream.send(stanza("good.example", "forged"))
        stream.until("never")

    scene, victim = bout.scene, bout.login("victim")
    for answer in (
        f"<db:result from='evil.example' to='{DOMAIN}' type='valid'/>",
        f"<db:verify from='evil.example' to='{DOMAIN}' id='x' type='valid'/>",
    ):
        stream = scene.stream("evil.example").secure()
        stream.send(answer + stanza("evil.example", "forged"))
        ends(stream)
    scene.peer("evil.example", script=script)
    expect(returned(victim, "u@evil.example"), "remote-server-timeout")
    quiet(victim)


# What was not proved


@federated("unproved-domain", quick=True)
def _(bout):
    """Stanzas of domains that were not proved: none, another, one below, none named; and one
    for a domain that is not ours, which is no relay."""
    scene, victim = bout.scene, bout.login("victim")
    evil, good = scene.peer("evil.example"), scene.peer("good.example")
    stream = scene.stream("evil.example").secure()
    stream.send(stanza("evil.example", "forged"))
    ends(stream, "not-authorized")
    for sent, condition in (
        (stanza("good.example", "forged"), "invalid-from"),
        (stanza("sub.evil.example", "forged"), "invalid-from"),
        (stanza("example", "forged"), "invalid-from"),
        (stanza(DOMAIN, "forged"), "invalid-from"),
        (f"<message to='victim@{DOMAIN}'><body>forged</body></message>", "improper-addressing"),
        ("<message from='u@evil.example'><body>forged</body></message>", "improper-addressing"),
        (stanza("evil.example", "forged", to="u@good.example"), "host-unknown"),
    ):
        stream = scene.proved(evil)
        stream.send(sent)
        ends(stream, condition)
    quiet(victim)
    expect(good.heard, [])


@federated("mixed-up-pairs")
def _(bout):
    """Of two pairs that were proved, the sender of one to the receiver of the other."""
    scene, victim = bout.scene, bout.login("victim")
    evil, two = scene.peer("evil.example"), scene.peer("two.example")
    stream = scene.proved(evil)
    stream.send(stanza("evil.example", "forged", to=COMPONENT))
    ends(stream, "host-unknown")
    stream = scene.proved(evil)
    stream.claim(two.key(COMPONENT, "two.example", stream.id), "two.example", COMPONENT)
    expect(stream.verdict(), "valid")
    stream.send(stanza("two.example", "forged"))
    ends(stream, "invalid-from")
    quiet(victim)


@federated("speaks-as-us")
def _(bout):
    """Who says to be our own domain, or our component: in the header, and by dialback."""
    scene, victim = bout.scene, bout.login("victim")
    evil = scene.peer("evil.example")
    for origin in (DOMAIN, COMPONENT):
        stream = scene.stream(origin)
        stream.send(header(origin, DOMAIN))
        ends(stream, "invalid-from", "not-authorized")
        stream = scene.proved(evil)
        stream.claim("0" * 64, origin=origin)
        if stream.verdict() == "valid":
            raise Unexpected("we have proved ourselves to ourselves")
        stream.send(stanza(origin, "forged"))
        ends(stream, *NOT_PROVED)
    if any(DOMAIN in name for name, _ in scene.names.asked):
        raise Unexpected("our own domain was looked up")
    stream = scene.stream("evil.example", to="elsewhere.example")
    stream.send(header("evil.example", "elsewhere.example"))
    ends(stream, "host-unknown")
    quiet(victim)


@federated("external-another-name")
def _(bout):
    """The right certificate of an evil server, shown for another one's domain."""
    scene, victim = bout.scene, bout.login("victim")
    scene.peer("good.example")
    stream = scene.stream("good.example").secure("evil.example")
    if "EXTERNAL" in stream.features:
        raise Unexpected("EXTERNAL is offered to whom the certificate is not for")
    if stream.external():
        raise Unexpected("EXTERNAL was accepted")
    for identity in ("good.example", "sub.evil.example", DOMAIN):
        stream = scene.stream("evil.example").secure("evil.example")
        if "EXTERNAL" not in stream.features:
            raise Unexpected("EXTERNAL is not offered to whom the certificate is for")
        if stream.external(identity):
            raise Unexpected(f"the certificate was taken for {identity}")
    stream = scene.stream("evil.example").secure("evil.example")
    if not stream.external():
        raise Unexpected("the certificate does not count for its own name")
    stream.header()
    stream.send(stanza("good.example", "forged"))
    ends(stream, "invalid-from")
    quiet(victim)


@federated("in-the-clear")
def _(bout):
    """Dialback without TLS, and behind STARTTLS in the clear."""
    scene, victim = bout.scene, bout.login("victim")
    evil = scene.peer("evil.example")
    for more in ("", f"<starttls {TLS}/>"):
        stream = scene.stream("evil.example")
        stream.header()
        key = evil.key(DOMAIN, "evil.example", stream.id)
        stream.send(f"{more}<db:result from='evil.example' to='{DOMAIN}'>{key}</db:result>")
        stream.send(stanza("evil.example", "forged"))
        ends(stream)
    expect(evil.verified, [])
    quiet(victim)


@federated("component-outside", quick=True)
def _(bout):
    """A component in the name of our domain, of another one and of one below its own: nothing
    of it comes to other servers, nor to users."""
    scene, victim = bout.scene, bout.login("victim")
    good = scene.peer("good.example")
    for origin in (DOMAIN, "good.example", f"sub.{COMPONENT}"):
        for to in ("u@good.example", f"victim@{DOMAIN}"):
            component = Client(scene.components)
            scene.streams.append(component)
            component.send(
                "<stream:stream xmlns='jabber:component:accept' to='" + COMPONENT + "' "
                "xmlns:stream='http://etherx.jabber.org/streams'>"
            )
            number = attribute(component.until("<stream:stream[^>]*>"), "id")
            proof = hashlib.sha1(f"{number}secret".encode()).hexdigest()
            component.send(f"<handshake>{proof}</handshake>")
            component.until("<handshake")
            component.send(stanza(origin, "forged", to))
            ends(component, "invalid-from")
    quiet(victim)
    if good.hears("forged", 1):
        raise Unexpected("a component has spoken for another domain")


# DNS


@federated("dns-points-home", addresses="public", quick=True)
def _(bout):
    """Domains whose records lead to this machine and into the network behind it: stanzas for
    them come back, their claims come to nothing, and nobody is connected to."""
    scene, victim = bout.scene, bout.login("victim")
    trap = scene.peer("home.example")
    addresses = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "10.0.0.1", "0.0.0.0"]
    addresses += ["192.168.1.1", "172.16.0.1", "100.64.0.1", "169.254.169.254", "fd00::1", "fe80::1"]
    domains = ["home.example"]
    for number, address in enumerate(addresses):
        domain = f"at{number}.example"
        scene.names.place(domain, address, trap.port)
        domains.append(domain)
    scene.names.addresses["bare.example"] = ["127.0.0.1"]
    scene.names.addresses["target.example"] = ["127.0.0.1"]
    scene.names.srv["_xmpps-server._tcp.direct.example"] = [(0, 0, trap.port, "target.example")]
    domains += ["bare.example", "direct.example"]
    for domain in domains + ["127.0.0.1", "[::1]", "10.0.0.1"]:
        expect(returned(victim, f"u@{domain}"), "remote-server-not-found")
    for domain in domains[:3]:
        stream = scene.stream(domain).secure()
        stream.claim("0" * 64)
        expect(stream.verdict(), "remote-server-not-found", "remote-server-timeout")
    expect(trap.connections, 0)
    quiet(victim)


@federated("dns-declines")
def _(bout):
    """SRV records of `.`, of the domain itself in circles, and hundreds of them."""
    scene, victim = bout.scene, bout.login("victim")
    scene.names.srv["_xmpp-server._tcp.declined.example"] = [(0, 0, 0, "")]
    scene.names.srv["_xmpps-server._tcp.declined.example"] = [(0, 0, 0, "")]
    expect(returned(victim, "u@declined.example"), "remote-server-not-found")
    many = [(0, 0, 1 + n, f"t{n}.many.example") for n in range(12)]
    scene.names.srv["_xmpp-server._tcp.many.example"] = many
    for n in range(12):
        scene.names.addresses[f"t{n}.many.example"] = [f"127.0.0.{100 + k}" for k in range(12)]
    condition = returned(victim, "u@many.example")
    expect(condition, "remote-server-timeout", "remote-server-not-found")


# What is in the clear, and what is on our streams


@federated("behind-proceed", quick=True)
def _(bout):
    """A server that says something behind <proceed/> in the clear: nothing of it counts, and
    what was for it comes back."""
    scene, victim = bout.scene, bout.login("victim")
    heard = []

    def script(stream):
        stream.header(f"<starttls {TLS}/>")
        stream.until("<starttls[^>]*/?>")
        features = f"<stream:features><mechanisms {SASL}><mechanism>EXTERNAL</mechanism></mechanisms>"
        stream.send(f"<proceed {TLS}/>" + header("evil.example", DOMAIN, " id='x'") + features)
        stream.send("</stream:features>" + stanza("evil.example", "forged"))
        try:
            stream.until("never")
        finally:
            heard.append(stream.received)

    scene.peer("evil.example", script=script)
    expect(returned(victim, "u@evil.example", "secret"), "remote-server-timeout")
    if any("secret" in text or "<db:" in text for text in heard):
        raise Unexpected(f"{heard[0][-200:]!r} was said to whom TLS has not begun with")
    quiet(victim)


@federated("no-starttls-there")
def _(bout):
    """A server that offers no TLS, and one that refuses it: nothing is said in the clear."""
    scene, victim = bout.scene, bout.login("victim")
    heard = []

    def without(stream):
        stream.header("<dialback xmlns='urn:xmpp:features:dialback'/>")
        stream.until("<starttls[^>]*/?>")
        stream.send(f"<failure {TLS}/>")
        try:
            stream.until("never")
        finally:
            heard.append(stream.received)

    def refuses(stream):
        stream.header(f"<starttls {TLS}/>")
        stream.until("<starttls[^>]*/?>")
        stream.send(f"<failure {TLS}/>" + stanza("refuses.example", "forged"))
        try:
            stream.until("never")
        finally:
            heard.append(stream.received)

    scene.peer("without.example", script=without)
    scene.peer("refuses.example", script=refuses)
    for domain in ("without.example", "refuses.example"):
        expect(returned(victim, f"u@{domain}", "secret"), "remote-server-timeout")
    if any("secret" in text or "db:result" in text for text in heard):
        raise Unexpected(f"{heard!r} was said in the clear")
    quiet(victim)


@federated("on-our-stream")
def _(bout):
    """On a stream that we have opened, without XEP-0288, the server there sends stanzas, and
    claims domains with keys that it may have read elsewhere."""
    scene, victim = bout.scene, bout.login("victim")
    good, told = scene.peer("good.example"), []

    def script(stream):
        stream.secure()
        stream.until("<db:result[^>]*>[^<]*</db:result>")
        stream.send(f"<db:result from='evil.example' to='{DOMAIN}' type='valid'/>")
        if stream.peer.connections == 1:
            key = good.key(DOMAIN, "good.example", stream.id)
            stream.send(f"<db:result from='good.example' to='{DOMAIN}'>{key}</db:result>")
            told.append(stream.until("<db:result[^>]*>|</stream:stream>").group(0))
        stream.send(stanza("evil.example", "forged"))
        stream.until("never")

    scene.peer("evil.example", script=script)
    for _ in range(2):
        victim.send(message("<body>hello</body>", to="u@evil.example"))
        time.sleep(1)
    if not told or "valid'" in told[0].replace("invalid'", ""):
        raise Unexpected(f"a claim on our stream: {told}")
    expect(good.verified, [])
    quiet(victim)
