"""Attacks on tokens (XEP-0484) and on SASL2 (XEP-0388): tokens replayed, guessed, taken
elsewhere; mechanisms downgraded; what is out of order in the extensible profile."""

import base64
import hashlib
import hmac
import os
import re

from client import DOMAIN, Ended
from scenarios import MIB, Unexpected, ends, scenario

SASL2 = "xmlns='urn:xmpp:sasl:2'"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
FAST = "xmlns='urn:xmpp:fast:0'"
ID = "d4565fa7-4d72-4749-b3d3-740edbf87770"
AGENT = f"<user-agent id='{ID}'/>"
ASK = f"<request-token {FAST} mechanism='HT-SHA-256-NONE'/>"
BIND = "<bind xmlns='urn:xmpp:bind:0'><tag>attack</tag></bind>"


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def scram(client, user="mallory", password="pw", more=AGENT + ASK + BIND, flag="n"):
    """SCRAM-SHA-256 in the extensible profile; gives <success/>."""
    nonce = b64(os.urandom(18))
    bare = f"n={user},r={nonce}"
    first = b64(f"{flag},,{bare}")
    client.send(
        f"<authenticate {SASL2} mechanism='SCRAM-SHA-256'>"
        f"<initial-response>{first}</initial-response>{more}</authenticate>"
    )
    answer = client.until("</challenge>|</failure>")
    if "<failure" in answer:
        raise Ended(answer)
    challenge = base64.b64decode(re.search(">([^<]*)</challenge>", answer).group(1)).decode()
    parts = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"])
    )
    mac = lambda key, text: hmac.new(key, text, "sha256").digest()
    client_key = mac(salted, b"Client Key")
    final = f"c={b64(flag + ',,')},r={parts['r']}"
    stored = hashlib.sha256(client_key).digest()
    signature = mac(stored, f"{bare},{challenge},{final}".encode())
    proof = bytes(a ^ b for a, b in zip(client_key, signature))
    client.send(f"<response {SASL2}>{b64(f'{final},p={b64(proof)}')}</response>")
    answer = client.until("</success>|</failure>")
    if "<failure" in answer:
        raise Ended(answer)
    return answer


def by_token(token, user="mallory", mechanism="HT-SHA-256-NONE", agent=AGENT, attributes=""):
    """What a client sends that has a token."""
    proof = hmac.new(token.encode(), b"Initiator", "sha256").digest()
    return (
        f"<authenticate {SASL2} mechanism='{mechanism}'><initial-response>"
        f"{b64(user.encode() + bytes(1) + proof)}</initial-response>{agent}"
        f"<fast {FAST}{attributes}/></authenticate>"
    )


def outcome(client, request):
    client.send(request)
    return client.until("</success>|</failure>")


def with_token(bout):
    """A token of mallory's."""
    return re.search("token='([^']*)'", scram(bout.tls())).group(1)


def refused(answer, *conditions):
    if not any(f"<{condition} " in answer for condition in conditions):
        raise Unexpected(f"{conditions} expected, not {answer[-200:]!r}")


@scenario("token-replayed", quick=True)
def _(bout):
    """The bytes of a login by token, heard by somebody, sent again on another connection."""
    token = with_token(bout)
    heard = by_token(token, attributes=" count='1'")
    if "<success" not in outcome(bout.tls(), heard):
        raise Unexpected("the token is no good")
    for again in (heard, by_token(token, attributes=" count='0'")):
        refused(outcome(bout.tls(), again), "not-authorized")
    if "<success" not in outcome(bout.tls(), by_token(token, attributes=" count='2'")):
        raise Unexpected("its owner is locked out")


@scenario("token-taken-elsewhere", quick=True)
def _(bout):
    """A token with another installation's id, another account, another mechanism, RFC 6120's
    profile."""
    token = with_token(bout)
    other = f"<user-agent id='{ID.replace('d', 'e')}'/>"
    refused(outcome(bout.tls(), by_token(token, agent=other)), "not-authorized")
    refused(outcome(bout.tls(), by_token(token, user="victim")), "not-authorized")
    # Not bound to anything, where it says that it is.
    client = bout.tls()
    refused(
        outcome(client, by_token(token, mechanism="HT-SHA-256-EXPR")),
        "not-authorized",
        "invalid-mechanism",
    )
    client = bout.tls()
    proof = hmac.new(token.encode(), b"Initiator", "sha256").digest()
    client.send(f"<auth {SASL} mechanism='HT-SHA-256-NONE'>{b64(b'mallory' + bytes(1) + proof)}</auth>")
    if "invalid-mechanism" not in client.until("</failure>|<success"):
        raise Unexpected("a token is taken in RFC 6120's profile")


@scenario("token-after-its-successor")
def _(bout):
    """A token that was given up, and one whose successor has been used."""
    token = with_token(bout)
    if "<success" not in outcome(bout.tls(), by_token(token, attributes=" invalidate='true'")):
        raise Unexpected("the token is no good")
    refused(outcome(bout.tls(), by_token(token)), "not-authorized")
    first, second = with_token(bout), with_token(bout)
    # Never used, and a newer one has been issued.
    refused(outcome(bout.tls(), by_token(first)), "not-authorized")
    if "<success" not in outcome(bout.tls(), by_token(second)):
        raise Unexpected("the newer one is no good")


@scenario("token-guessed", options=["--address-logins", "0"])
def _(bout):
    """Tokens that nobody has, for accounts that exist and that do not: the same answers, and
    the stream ends after three."""
    answers = set()
    for user in ("victim", "mallory", "nobody"):
        client = bout.tls()
        for _ in range(2):
            answers.add(outcome(client, by_token("guess", user=user))[-160:])
        client.send(by_token("guess", user=user))
        ends(client, "policy-violation")
    if len(answers) != 1:
        raise Unexpected(f"they are told apart: {answers}")


@scenario("token-flood", memory=16 * MIB, cpu=8.0, options=["--address-logins", "0", "--address-connections", "0"])
def _(bout):
    """Tokens for two hundred installations of one account: a bounded number is kept."""
    tokens = []
    for n in range(200):
        agent = f"<user-agent id='{n:08x}-4d72-4749-b3d3-740edbf87770'/>"
        client = bout.tls()
        answer = scram(client, more=agent + ASK)
        tokens.append((agent, re.search("token='([^']*)'", answer).group(1)))
        client.close()
    good = sum(
        "<success" in outcome(bout.tls(), by_token(token, agent=agent))
        for agent, token in tokens[:40]
    )
    if good > 16:
        raise Unexpected(f"{good} of the oldest 40 are still good")
    agent, token = tokens[-1]
    if "<success" not in outcome(bout.tls(), by_token(token, agent=agent)):
        raise Unexpected("the newest is no good")


@scenario("sasl2-downgrade", quick=True)
def _(bout):
    """The client says that the server offers no -PLUS (GS2 flag `y`), as one does whose offer
    was stripped on the way: refused (RFC 5802 section 6)."""
    try:
        scram(bout.tls(), flag="y")
    except Ended as ended:
        return refused(str(ended), "not-authorized", "malformed-request")
    raise Unexpected("a stripped offer is not noticed")


@scenario("sasl2-mechanism-not-offered")
def _(bout):
    """Mechanisms that were not offered, by either profile."""
    client = bout.tls()
    refused(outcome(client, f"<authenticate {SASL2} mechanism='PLAIN'>"
                    "<initial-response>AG1hbGxvcnkAcHc=</initial-response></authenticate>"),
            "invalid-mechanism")
    client.send(f"<auth {SASL} mechanism='PLAIN'>AG1hbGxvcnkAcHc=</auth>")
    if "invalid-mechanism" not in client.until("</failure>|<success"):
        raise Unexpected("PLAIN is taken")


def out_of_order(name, element, *conditions, after="challenge", **budget):
    """What is out of order `after` the exchange has begun, or is through."""

    def attack(bout):
        client = bout.tls()
        if after == "challenge":
            first = b64("n,,n=mallory,r=abcdefgh")
            client.send(
                f"<authenticate {SASL2} mechanism='SCRAM-SHA-256'>"
                f"<initial-response>{first}</initial-response></authenticate>"
            )
            client.until("</challenge>")
        else:
            scram(client, more=AGENT + (BIND if after == "bound" else ""))
            client.until("</stream:features>")
        client.send(element)
        ends(client, *conditions)

    attack.__doc__ = f"After {after}: {element[:60]}"
    scenario(name, **budget)(attack)


AGAIN = f"<authenticate {SASL2} mechanism='SCRAM-SHA-256'/>"
out_of_order("sasl2-again-in-exchange", AGAIN, "unsupported-stanza-type", quick=True)
out_of_order("sasl2-auth-in-exchange", f"<auth {SASL} mechanism='PLAIN'>AA==</auth>", "unsupported-stanza-type")
out_of_order("sasl2-stanza-in-exchange", f"<message to='victim@{DOMAIN}'><body/></message>")
out_of_order("sasl2-task-in-exchange", f"<next {SASL2} task='x'/>", "unsupported-stanza-type")
out_of_order("sasl2-again-after-success", AGAIN, "unsupported-stanza-type", after="success")
out_of_order("sasl2-again-once-bound", AGAIN, "unsupported-stanza-type", after="bound")


@scenario("sasl2-account", quick=True)
def _(bout):
    """The header says another account than the one that authenticates."""
    client = bout.client()
    client.header()
    client.starttls()
    client.header(more=f" from='victim@{DOMAIN}'")
    try:
        scram(client)
    except Ended as ended:
        return refused(str(ended), "invalid-authzid")
    raise Unexpected("it is let in")


@scenario("sasl2-tag")
def _(bout):
    """Tags that are no beginning of a resource, or too long: bound all the same, and the id of
    the installation does not show."""
    for tag in ("", "&#x200E;", "x" * 1100, "a/b"):
        bind = f"<bind xmlns='urn:xmpp:bind:0'><tag>{tag}</tag></bind>"
        answer = scram(bout.tls(), more=AGENT + bind)
        jid = re.search("<authorization-identifier>([^<]*)<", answer).group(1)
        if "/" not in jid or "<bound" not in answer or ID in jid:
            raise Unexpected(f"{tag[:10]!r}: {answer[-300:]!r}")


@scenario("sasl2-wishes")
def _(bout):
    """As many wishes as fit, and nested ones: the limits on what has not authenticated hold."""
    client = bout.tls()
    client.send(f"<authenticate {SASL2} mechanism='SCRAM-SHA-256'>" + "<x xmlns='urn:x'/>" * 100)
    ends(client, "policy-violation")
    client = bout.tls()
    client.send(f"<authenticate {SASL2} mechanism='SCRAM-SHA-256'>" + "<x xmlns='urn:x'>" * 20)
    ends(client, "policy-violation")
    client = bout.tls()
    client.send(f"<authenticate {SASL2} mechanism='SCRAM-SHA-256'><x xmlns='urn:x'>" + "x" * 20000)
    ends(client, "policy-violation")
