"""The evil servers. Each is a script for a `Peer`, with what the program must say."""

import ssl

from client import DOMAIN
from evil import (
    BIND,
    MIB,
    PROCEED,
    SASL,
    STARTTLS,
    USER,
    Trap,
    b64,
    mechanisms,
    stream,
    stream_error,
)

ALL = []


def trap(name, cause, **budget):
    def add(script):
        ALL.append(Trap(name, " ".join(script.__doc__.split()), script, cause, **budget))
        return script

    return add


def made(name, what, script, cause, **budget):
    ALL.append(Trap(name, what, script, cause, **budget))


# Certificates.


def certificate(name, what, cause, direct=False, version=None, **budget):
    def script(peer):
        peer.strike()
        if direct:
            peer.tls(name, version)
        else:
            peer.header(STARTTLS)
            peer.starttls(name, version)
        peer.header(mechanisms("SCRAM-SHA-256", "PLAIN"))
        peer.scram()

    label = f"certificate-{name}" if version is None else "tls-1.1"
    made(("direct-" if direct else "") + label, what, script, cause, direct_tls=direct, **budget)


certificate("wrong-name", "a certificate of another domain", "tls: .*(name|valid for)", quick=True)
certificate("only-common-name", "the domain is in the common name alone", "tls: .*(name|valid for)")
certificate("above", "certificates of the domain above and of all below", "tls: .*(name|valid for)")
certificate("expired", "a certificate of 2020", "tls: .*expired", quick=True)
certificate("not-yet", "a certificate of 2090", "tls: .*not.*valid yet|tls: .*not yet")
certificate("self-signed", "a certificate that vouches for itself", "tls: .*(unknown|issuer)")
certificate("unknown-authority", "an authority that is not trusted", "tls: .*(unknown|issuer)")
certificate("for-clients", "a certificate for clients", "tls: .*limited to other uses")
certificate("wrong-name", "a certificate of another domain, TLS first", "tls: .*(name|valid for)", True)
certificate("good", "TLS 1.1 alone", "tls: .* alert", version=ssl.TLSVersion.TLSv1_1)


# STARTTLS.


@trap("stripped-starttls", "incompatible: .*(TLS|encrypt)", quick=True)
def _(peer):
    """No STARTTLS in the offer, but mechanisms; the client asks for it, and is refused."""
    peer.strike()
    peer.header(mechanisms("SCRAM-SHA-256", "PLAIN"))
    peer.until(r"<starttls[^>]*/>")
    peer.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    peer.scram()


@trap("stripped-everything", "incompatible: .*(TLS|encrypt)")
def _(peer):
    """An empty offer, and a stream error for the request all the same."""
    peer.strike()
    peer.header("")
    peer.until(r"<starttls[^>]*/>")
    peer.send("<stream:error><unsupported-stanza-type "
              "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>")
    peer.wait()


def instead(name, text, cause):
    def script(peer):
        peer.header(STARTTLS)
        peer.until(r"<starttls[^>]*/>")
        peer.strike(text)
        # A client that goes on in the clear shows it here.
        peer.header(mechanisms("PLAIN", "SCRAM-SHA-256"))
        peer.scram()

    made(f"proceed-{name}", f"after <starttls/>: {text[:60]!r}", script, cause)


OTHER = "where <proceed/> was expected|bytes in the clear"
instead("refused", "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>", "TLS")
instead("other-namespace", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", OTHER)
instead("success", f"<success {SASL}/>", OTHER)
instead("features", f"<stream:features>{mechanisms('PLAIN')}</stream:features>", OTHER)
instead("challenge", f"<challenge {SASL}/>", OTHER)
instead("stanza", f"<iq type='result' id='1' from='{DOMAIN}'/>", OTHER)
instead("twice", PROCEED + PROCEED, OTHER)
instead("no-tls", PROCEED + " " * 5, OTHER)


@trap("proceed-injection", OTHER, quick=True)
def _(peer):
    """A header and an offer in the clear, in one piece with <proceed/>."""
    peer.header(STARTTLS)
    peer.until(r"<starttls[^>]*/>")
    offer = f"<stream:features>{mechanisms('PLAIN')}</stream:features>"
    peer.strike(PROCEED + stream() + offer)
    peer.tls()
    peer.wait()


@trap("proceed-in-the-clear", "tls: the peer broke the TLS protocol")
def _(peer):
    """<proceed/>, then the stream goes on without TLS."""
    peer.header(STARTTLS)
    peer.until(r"<starttls[^>]*/>")
    peer.send(PROCEED)
    peer.receive()
    peer.strike(stream() + f"<stream:features>{mechanisms('PLAIN')}</stream:features>")
    peer.wait()


@trap("proceed-alert", "tls: .* alert")
def _(peer):
    """A TLS alert instead of a handshake."""
    peer.header(STARTTLS)
    peer.until(r"<starttls[^>]*/>")
    peer.send(PROCEED)
    peer.receive()
    peer.strike(b"\x15\x03\x03\x00\x02\x02\x28")
    peer.wait()


@trap("starttls-again", "incompatible: the server offers no SASL", options=["--login-timeout", "5"])
def _(peer):
    """STARTTLS is offered within TLS, and nothing else."""
    peer.header(STARTTLS)
    peer.starttls()
    peer.strike()
    peer.header(STARTTLS)
    peer.wait()


# SCRAM.


def scram(name, step, change, cause, quick=False, **budget):
    def script(peer):
        peer.secure()
        peer.scram(lambda at, text: change(text) if at == step else text)
        peer.header(BIND)
        peer.bind()
        peer.pong()

    made(f"scram-{name}", f"SCRAM with the {step} changed: {name}", script, cause, quick=quick, **budget)


UNPROVED = "server-not-authenticated: .* without having proved"


def count(number):
    return lambda text: text.rsplit(",i=", 1)[0] + f",i={number}"


scram("nonce-of-its-own", "challenge", lambda t: "r=AAAAAAAAAAAAAAAAAAAAAAAA," + t.split(",", 1)[1],
      "nonce", quick=True)
scram("nonce-cut", "challenge", lambda t: t[:12] + "," + t.split(",", 1)[1], "nonce")
scram("nonce-alone", "challenge", lambda t: "r=," + t.split(",", 1)[1], "expected the nonce")
scram("count-of-one", "challenge", count(1), "1 iterations, fewer", quick=True)
scram("count-of-4095", "challenge", count(4095), "4095 iterations, fewer")
scram("count-of-four-billion", "challenge", count(4_000_000_000), "4000000000 iterations, more", quick=True)
scram("count-beyond-32-bits", "challenge", count(2**32 + 4096), "expected the iteration count")
scram("count-of-zero", "challenge", count(0), "expected the iteration count")
scram("count-negative", "challenge", count(-4096), "expected the iteration count")
scram("no-salt", "challenge", lambda t: t.replace("s=MDEyMzQ1Njc4OWFiY2RlZg==", "s="), "expected the salt")
scram("extension", "challenge", lambda t: "m=x," + t, "extension to be understood")
scram("extension-at-the-end", "challenge", lambda t: t + ",m=x", "extension to be understood")
scram("nothing", "challenge", lambda t: "", "expected the nonce")
scram("megabytes", "challenge", lambda t: t + ",x=" + "x" * 200_000, "more bytes than the limit")
scram("signature-wrong", "success", lambda t: "v=" + b64("x" * 32), "signature is wrong", quick=True)
scram("signature-cut", "success", lambda t: t[:20], "expected the verifier")
scram("signature-empty", "success", lambda t: "v=", "signature is wrong")
scram("signature-missing", "success", lambda t: "", UNPROVED)
scram("signature-is-an-error", "success", lambda t: "e=other-error", "reports `other-error`")
scram("signature-is-a-challenge", "success", lambda t: "r=abc,s=AAAA,i=4096", "expected the verifier")


@trap("success-without-signature", UNPROVED, quick=True)
def _(peer):
    """<success/> without data after a right exchange."""
    peer.secure()
    peer.scram(final=lambda told: f"<success {SASL}/>")
    peer.header(BIND)
    peer.bind()
    peer.pong()


@trap("success-at-once", UNPROVED, quick=True)
def _(peer):
    """<success/> as the answer to the first message."""
    peer.secure()
    peer.first()
    peer.strike(f"<success {SASL}/>")
    peer.header(BIND)
    peer.bind()
    peer.pong()


@trap("success-before-anything", "<success/> where <features/> was expected")
def _(peer):
    """<success/> before the offer."""
    peer.header(STARTTLS)
    peer.starttls()
    peer.header()
    peer.strike(f"<success {SASL}/>")
    peer.header(BIND)
    peer.bind()
    peer.pong()


@trap("success-not-needed", "incompatible: the server offers no SASL")
def _(peer):
    """An offer to bind without SASL."""
    peer.header(STARTTLS)
    peer.starttls()
    peer.strike()
    peer.header(BIND)
    peer.bind()
    peer.pong()


@trap("challenges-without-end", "expected the verifier", cpu=5.0)
def _(peer):
    """A right challenge, then further ones instead of an end."""
    peer.secure()
    peer.scram(final=lambda told: f"<challenge {SASL}>{b64('r=abc,s=AAAA,i=4096')}</challenge>")
    peer.flood(f"<challenge {SASL}/>")


@trap("challenge-is-no-base64", "base 64")
def _(peer):
    """A challenge that is no base64."""
    peer.secure()
    peer.first()
    peer.strike(f"<challenge {SASL}>!!!=</challenge>")
    peer.wait()


# Mechanisms.


def offer(name, what, features, cause, options=(), quick=False):
    def script(peer):
        peer.header(STARTTLS)
        peer.starttls()
        peer.strike()
        peer.header(features)
        peer.first()
        peer.send(f"<success {SASL}/>")
        peer.wait()

    made(f"offer-{name}", what, script, cause, options=list(options), quick=quick)


NONE = "incompatible: .*mechanism"
BINDING = (
    "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
    "<channel-binding type='tls-exporter'/></sasl-channel-binding>"
)
offer("plain-alone", "PLAIN and nothing else", mechanisms("PLAIN"), NONE, quick=True)
offer("nothing", "no mechanism at all", mechanisms(), NONE)
offer("unknown", "mechanisms that nobody knows", mechanisms("X-EVIL", "NULL", "ANONYMOUS"), NONE)
offer("md5", "mechanisms of former times", mechanisms("DIGEST-MD5", "CRAM-MD5", "LOGIN"), NONE)
offer("many", "five thousand mechanisms", mechanisms(*(f"X-{n}" for n in range(5000))), "more child elements than the limit")
offer("spelling", "PLAIN in other spellings", mechanisms("plain", " PLAIN", "PLAIN\n", "PLAIN\u200b"), NONE)
offer("contradiction", "channel binding announced, no mechanism that uses it, PLAIN allowed",
      mechanisms("SCRAM-SHA-256", "PLAIN", more=BINDING), "may have been altered",
      ["--allow-plain"], quick=True)
offer("only-plain-with-binding", "channel binding announced, PLAIN alone, PLAIN allowed",
      mechanisms("PLAIN", more=BINDING), "may have been altered", ["--allow-plain"])


@trap("offer-changes-within-tls", NONE)
def _(peer):
    """SCRAM is offered in the clear, PLAIN within TLS."""
    peer.header(STARTTLS + mechanisms("SCRAM-SHA-256"))
    peer.starttls()
    peer.strike()
    peer.header(mechanisms("PLAIN"))
    peer.first()


@trap("offer-changes-after-failure", "temporary-auth-failure")
def _(peer):
    """The right exchange fails, and then there is PLAIN alone."""
    peer.secure()
    peer.first()
    peer.strike(
        f"<failure {SASL}><temporary-auth-failure/></failure>"
        f"<stream:features>{mechanisms('PLAIN')}</stream:features>"
    )
    peer.wait()


@trap("failures-without-end", "not-authorized")
def _(peer):
    """Every attempt fails: there are few."""
    peer.secure()
    peer.strike()
    for attempt in range(50):
        peer.first()
        peer.send(f"<failure {SASL}><not-authorized/></failure>")
    raise AssertionError("fifty attempts")


# Other hosts.


def redirect(name, what, place, depth, quick=False, told=r"127\.0\.0\.1:\d+", cause=None, most=1):
    """See-other-host: in the clear the program does not follow; under TLS it does, a few
    times. Either way it tells."""

    def script(peer):
        host = place(peer)
        error = (
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
            f"{host}</see-other-host></stream:error></stream:stream>"
        )
        if depth == 0:
            peer.header()
        elif depth == 1:
            peer.header(STARTTLS)
            peer.starttls()
            peer.header()
        else:
            peer.log_in()
            peer.until("<iq")
        peer.strike(error)
        peer.wait()

    cause = cause or rf"see-other-host: .* \({told}\)"
    made(f"redirect-{name}", what, script, cause, quick=quick, most=most)


redirect("loop", "see-other-host to itself, in the clear", lambda p: f"127.0.0.1:{p.others.port}", 0, quick=True)
redirect("loop-within-tls", "see-other-host to itself", lambda p: f"127.0.0.1:{p.others.port}", 1,
         cause="redirects too often", most=5)
redirect("bound", "see-other-host instead of binding", lambda p: f"127.0.0.1:{p.others.port}", 2,
         cause="redirects too often", most=5)
redirect("elsewhere", "see-other-host to another domain", lambda p: "evil.example", 1,
         cause="cannot connect to evil.example")
redirect("nonsense", "see-other-host to what is no host", lambda p: "\u202e[::1]:99999999/@&#9;", 1, told=r"\\u\{202e\}\[::1\]:9+/@")


# Floods.


def flood(name, what, steps, piece, cause, before="", quick=False, **budget):
    def script(peer):
        steps(peer)
        peer.send(before)
        peer.flood(piece)

    # Whoever has found an error reads on for the closing handshake, five seconds at most.
    budget.setdefault("cpu", 5.0)
    made(f"flood-{name}", what, script, cause, quick=quick, **budget)


def clear(peer):
    peer.until(r"<stream:stream[^>]*>")


def begun(peer):
    peer.header()


def within_tls(peer):
    peer.header(STARTTLS)
    peer.starttls()
    peer.header()


def asked(peer):
    peer.ready()
    peer.request()


LIMIT = "more [a-z ]*than the limit"
flood("header", "a stream header that has no end", clear, "x" * 1000, LIMIT,
      before="<stream:stream xmlns:stream='http://etherx.jabber.org/streams' id='")
flood("header-attributes", "attributes without end in the stream header", clear,
      "".join(f" a{n}='{n}'" for n in range(20_000)), LIMIT,
      before="<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'", quick=True)
flood("header-spaces", "spaces without end instead of a header", clear, " " * 1000,
      LIMIT + "|timeout", options=["--login-timeout", "3"])
flood("features", "features without end", begun, "<x xmlns='urn:x'/>" * 50, LIMIT, before="<stream:features>", quick=True)
flood("features-again", "empty features, again and again", begun, "<stream:features/>" * 50, "incompatible: TLS is required")
flood("nesting", "features in one another", begun, "<x>" * 1000, LIMIT, before="<stream:features>")
flood("attributes", "twenty thousand attributes", begun,
      "<stream:features" + "".join(f" a{n}=''" for n in range(20_000)) + ">", LIMIT)
flood("text", "a mechanism's name without end", within_tls, "X" * 1000, LIMIT, before=f"<stream:features><mechanisms {SASL}><mechanism>")
flood("spaces", "spaces without end instead of features", begun, " " * 1000,
      LIMIT + "|timeout", options=["--login-timeout", "3"])
flood("spaces-within-tls", "the same within TLS", within_tls, " " * 1000,
      LIMIT + "|timeout", options=["--login-timeout", "3"])
flood("comments", "comments without end", begun, "<!-- x -->" * 50, "a comment")
flood("entities", "a document type with entities", clear, "<!ENTITY a 'b'>", "a document type",
      before="<?xml version='1.0'?><!DOCTYPE x [")
flood("stanzas", "messages without end instead of the answer", asked,
      "<message from='a@b.example'><body>x</body></message>" * 50, "timeout", options=["--timeout", "2"], quick=True)
flood("requests", "requests without end instead of the answer, and nobody reads the answers", asked,
      f"<iq type='get' id='1' from='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>" * 50, "timeout",
      options=["--timeout", "2"])
flood("one-stanza", "one stanza without end instead of the answer", asked, "<x/>" * 500, LIMIT,
      before=f"<message from='{DOMAIN}'>")
flood("spaces-at-the-end", "spaces without end instead of the answer", asked, " " * 1000, "timeout",
      options=["--timeout", "2"])
flood("send-stanzas", "messages without end, the message is never taken", lambda p: p.ready(),
      "<message from='a@b.example'><body>x</body></message>" * 50, "not-closed|connection|timeout|stream",
      command="send", options=["--to", "a@b.example", "x"], seconds=20.0, cpu=12.0)
flood("listen-one-stanza", "one stanza without end", lambda p: p.ready(), "<x/>" * 500, LIMIT,
      before=f"<message from='{DOMAIN}'>", command="listen")


# Silence, and half an end.


def steps():
    """Names of steps, and how far each goes."""
    def to_features(peer):
        peer.header(STARTTLS)
        peer.until("<starttls")

    def to_proceed(peer):
        to_features(peer)
        peer.send(PROCEED)

    def to_tls(peer):
        peer.header(STARTTLS)
        peer.starttls()
        peer.until("<stream:stream")

    def to_offer(peer):
        peer.secure()
        peer.first()

    def to_challenge(peer):
        peer.secure()
        peer.scram(final=lambda told: " ")

    def to_success(peer):
        peer.secure()
        peer.scram()
        peer.until("<stream:stream")

    def to_bind(peer):
        peer.log_in()
        peer.until("<iq")

    yield "nothing", clear
    yield "header", begun
    yield "features", to_features
    yield "proceed", to_proceed
    yield "tls", to_tls
    yield "offer", to_offer
    yield "challenge", to_challenge
    yield "success", to_success
    yield "bind", to_bind
    yield "ready", asked


def silence(name, far):
    def script(peer):
        far(peer)
        peer.strike()
        peer.wait()

    made(f"silence-after-{name}", f"silence after: {name}", script, "timeout",
         options=["--login-timeout", "2", "--timeout", "2"], quick=name in ("nothing", "ready"))


def half(name, far):
    def script(peer):
        far(peer)
        peer.shut()

    made(f"half-closed-after-{name}", f"the server shuts its side after: {name}", script,
         "connection broke|transport ended|closed", quick=name == "offer")


def broken(name, far):
    def script(peer):
        far(peer)
        # After these the client waits for a header.
        peer.strike(stream() if name in ("nothing", "tls", "success") else "")
        peer.send(stream_error("undefined-condition"))
        peer.wait()

    made(f"error-after-{name}", f"a stream error after: {name}", script, "undefined-condition",
         quick=name == "success")


for _name, _far in steps():
    silence(_name, _far)
    half(_name, _far)
    # Between <proceed/> and TLS there is no place for it.
    if _name != "proceed":
        broken(_name, _far)


# Forged answers.


def forged(name, what, answer, quick=False):
    def script(peer):
        peer.ready()
        number = peer.request()
        peer.strike(answer(number))
        peer.wait()

    made(f"forged-{name}", what, script, "timeout", options=["--timeout", "2"], quick=quick)


forged("id", "a result with another id", lambda n: f"<iq type='result' id='{n}x' from='{DOMAIN}'/>")
forged("from", "a result of somebody else", lambda n: f"<iq type='result' id='{n}' from='evil.example'/>", quick=True)
forged("from-resource", "a result of a resource of the domain",
       lambda n: f"<iq type='result' id='{n}' from='{DOMAIN}/x'/>")
forged("from-spelt", "a result of an address that only looks the same",
       lambda n: f"<iq type='result' id='{n}' from='attack.ex\u0430mple'/>")
forged("request", "a request with the id of the ping", lambda n: f"<iq type='get' id='{n}' from='{DOMAIN}'/>")
forged("message", "a message with the id of the ping", lambda n: f"<message id='{n}' from='{DOMAIN}'/>")


def bound(name, what, answer, cause, quick=False):
    def script(peer):
        peer.log_in()
        number = peer.until(r"<iq[^>]*id='([^']*)'.*?</iq>").group(1)
        peer.strike(answer(number))
        peer.pong()

    made(f"bind-{name}", what, script, cause, options=["--login-timeout", "3"], quick=quick)


def result(number, inner):
    return (
        f"<iq type='result' id='{number}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{inner}"
        "</bind></iq>"
    )


BOUND = "not that of who is at the other end"
bound("another-account", "the address of another account is bound",
      lambda n: result(n, f"<jid>mallory@{DOMAIN}/x</jid>"), BOUND, quick=True)
bound("another-domain", "an address of another domain", lambda n: result(n, f"<jid>{USER}@evil.example/x</jid>"), BOUND)
bound("bare", "an address without a resource", lambda n: result(n, f"<jid>{USER}@{DOMAIN}</jid>"), "<jid>: .*full JID")
bound("nothing", "no address at all", lambda n: result(n, ""), "bound address was expected")
bound("no-address", "what is no address", lambda n: result(n, "<jid>@@/\u202e</jid>"), "<jid>: ")
bound("other-id", "the result of another request, and no more", lambda n: result(n + "x", f"<jid>{USER}@{DOMAIN}/x</jid>"),
      "result of resource binding was expected")
bound("error", "binding is refused", lambda n: f"<iq type='error' id='{n}'><error type='cancel'>"
      "<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>", "not-allowed")


@trap("header-of-another", "not that of who is at the other end", options=["--login-timeout", "3"])
def _(peer):
    """Within TLS, a header in the name of another domain."""
    peer.header(STARTTLS)
    peer.starttls()
    peer.strike()
    peer.header(mechanisms("SCRAM-SHA-256"), name="evil.example")
    peer.first()


# Messages that are not sent.


def unsent(name, what, script, cause, quick=False, seconds=15.0):
    made(f"send-{name}", what, script, cause, command="send", options=["--to", "a@b.example", "x"],
         seconds=seconds, quick=quick)


def after_the_message(act):
    def script(peer):
        peer.ready()
        peer.until("</message>")
        peer.strike()
        act(peer)

    return script


unsent("ended-in-order", "the stream is closed, the message not answered for",
       after_the_message(lambda p: (p.send("</stream:stream>"), p.wait())), "closed", quick=True)
unsent("ended-before", "the stream is closed before the message comes",
       lambda p: (p.ready(), p.strike("</stream:stream>"), p.wait()), "closed|send", quick=True)
unsent("cut", "the connection ends behind the message",
       after_the_message(lambda p: None), "connection|stream|closed")
unsent("half-closed", "the server shuts its side behind the message",
       after_the_message(lambda p: p.shut()), "connection|stream|closed")
unsent("stream-error", "a stream error behind the message",
       after_the_message(lambda p: (p.send(stream_error("system-shutdown")), p.wait())), "system-shutdown")
unsent("silence", "silence behind the message", after_the_message(lambda p: p.wait()), "not-closed|timeout")


def _bounces(peer):
    number = peer.until(r"<message[^>]*id='([^']*)'").group(1)
    peer.strike(
        f"<message type='error' id='{number}' from='a@b.example'><error type='cancel'>"
        "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>\u202e\u009b2J&#9;no</text></error></message>"
    )
    peer.end()


unsent("refused", "the message comes back, with a text for the terminal",
       lambda p: (p.ready(), _bounces(p)), "forbidden")


# What is shown to whoever listens.


@trap("listen-terminal", r"u\{9b\}2J", command="listen", status=0, options=["--count", "1"], quick=True)
def _(peer):
    """A message that a terminal would obey."""
    peer.ready()
    peer.until("<presence/>")
    peer.strike(
        "<message from='a@b.example/\u202e'><body>\u009b2J\u202e&#13;&#10;evil</body></message>"
    )
    peer.end()


@trap("listen-error", "conflict", command="listen")
def _(peer):
    """A stream error while it listens."""
    peer.ready()
    peer.until("<presence/>")
    peer.strike(stream_error("conflict"))
    peer.wait()


@trap("listen-ended", "closed", command="listen")
def _(peer):
    """The stream is closed while it listens."""
    peer.ready()
    peer.until("<presence/>")
    peer.strike("</stream:stream>")
    peer.wait()
