"""Attacks on stream management (XEP-0198). See scenarios.py for the tools."""

import re
import time

from client import Ended
from scenarios import MIB, VICTIM, Unexpected, ends, message, scenario, send_all

SM = "xmlns='urn:xmpp:sm:3'"


def enable(client):
    """Turns it on; gives the identifier."""
    client.send(f"<enable {SM} resume='true'/>")
    return re.search("id='([^']*)'", client.until("<enabled[^>]*/>")).group(1)


def authenticated(bout, user="mallory"):
    """A connection without a resource."""
    client = bout.tls()
    client.scram(user, "pw")
    client.header()
    return client


def resume(client, previd, h=0):
    client.send(f"<resume {SM} h='{h}' previd='{previd}'/>")
    return client.until("<resumed[^>]*/>|</failed>|<failed[^>]*/>")


@scenario("resume-anothers-session", quick=True)
def _(bout):
    """A session is asked for by another account that knows its identifier: refused as if
    there were none, and the session goes on, attached and after its connection is lost."""
    victim = bout.login("victim")
    previd = enable(victim)
    if "item-not-found" not in resume(authenticated(bout), previd):
        raise Unexpected("mallory has the victim's session")
    victim.ping()
    victim.close()
    time.sleep(0.3)
    if "item-not-found" not in resume(authenticated(bout), previd):
        raise Unexpected("mallory has the victim's lost session")
    if "<resumed" not in resume(authenticated(bout, "victim"), previd):
        raise Unexpected("the victim does not get its session back")


@scenario("resume-flood", cpu=2.0)
def _(bout):
    """Identifiers are guessed: after a few the stream ends, on every connection."""
    for _ in range(20):
        client = authenticated(bout)
        try:
            for n in range(1000):
                resume(client, f"guess{n}")
        except (Ended, OSError):
            pass
        else:
            raise Unexpected("a thousand guesses on one connection")
        if n > 10:
            raise Unexpected(f"{n} guesses")


@scenario("enable-early")
def _(bout):
    """It is enabled and resumed before authentication: refused, and bounded."""
    client = bout.tls()
    client.send(f"<enable {SM} resume='true'/>" * 3 + f"<resume {SM} h='0' previd='x'/>" * 50)
    ends(client, "policy-violation")


@scenario("enable-twice")
def _(bout):
    """It is enabled a second time: the stream ends (XEP-0198 section 3)."""
    client = bout.login()
    enable(client)
    client.send(f"<enable {SM}/>")
    ends(client, "policy-violation")


@scenario("lost-sessions", cpu=6.0, memory=32 * MIB)
def _(bout):
    """Sessions are begun and lost without end: an account has a few that wait."""
    for n in range(40):
        client = bout.login(resource=f"lost{n}", presence=False)
        enable(client)
        client.close()
    # The account's limit of sessions is not used up by those that wait.
    bout.login(resource="new").ping()


@scenario("lost-session-flooded", cpu=4.0, memory=48 * MIB)
def _(bout):
    """A session that is lost is sent more than may wait for it: it ends, what waited is
    stored or returned, and the server's memory is bounded."""
    victim = bout.login("victim")
    enable(victim)
    victim.close()
    client = bout.login()
    flood = message("<body>" + "x" * 2000 + "</body>", to=VICTIM + "/r") * 100
    for _ in range(30):
        send_all(client, flood, 5)
    bout.login("victim", resource="later").ping()


@scenario("ack-too-much", quick=True)
def _(bout):
    """More is acknowledged than was sent: handled-count-too-high."""
    client = bout.login()
    enable(client)
    client.send(f"<a {SM} h='1000'/>")
    ends(client, "handled-count-too-high")


@scenario("ack-backwards")
def _(bout):
    """Less is acknowledged than before, and nonsense in between: nothing comes of it, and
    nothing is sent twice."""
    victim, client = bout.login("victim"), bout.login()
    enable(victim)
    for n in range(3):
        client.send(message(f"<body>{n}</body>"))
        victim.until(f"<body>{n}</body>")
    for h in (3, 1, 0, 3, 2):
        victim.send(f"<a {SM} h='{h}'/>")
    victim.ping()
    if "<message" in victim.received:
        raise Unexpected("something was sent twice")


@scenario("ack-never", cpu=6.0, memory=24 * MIB)
def _(bout):
    """A client reads and acknowledges nothing: what is kept for it is bounded; others go on."""
    victim, client = bout.login("victim"), bout.login()
    enable(victim)
    text = message("<body>" + "y" * 1000 + "</body>") * 50
    for _ in range(60):
        send_all(client, text, 3)
        try:
            victim.socket.settimeout(0.05)
            victim.receive()
            victim.received = ""
        except (TimeoutError, OSError):
            pass
    victim.socket.settimeout(10)


@scenario("ack-lies-at-resumption")
def _(bout):
    """A resumption says that more has come than was sent: the stream ends, and what was not
    acknowledged is not lost."""
    victim, client = bout.login("victim"), bout.login()
    previd = enable(victim)
    client.send(message("<body>kept</body>", to=VICTIM + "/r"))
    victim.until("<body>kept</body>")
    victim.close()
    time.sleep(0.3)
    liar = authenticated(bout, "victim")
    liar.send(f"<resume {SM} h='99' previd='{previd}'/>")
    ends(liar, "handled-count-too-high")
    later = bout.client().login("victim", "pw", "later", presence=False)
    later.send("<presence/>")
    later.until("<body>kept</body>")


@scenario("request-flood", cpu=3.0, quick=True)
def _(bout):
    """Acknowledgements are requested without end by a client that does not read."""
    client = bout.login(receive_buffer=4096)
    enable(client)
    flood = f"<r {SM}/>" * 20000
    end = time.monotonic() + 4
    client.socket.settimeout(0.2)
    try:
        while time.monotonic() < end:
            client.send(flood)
    except (TimeoutError, OSError):
        pass
