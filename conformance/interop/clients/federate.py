"""Users of servers that federate talk to each other.

    federate.py --user alice@a.test=127.0.0.12:25222 --user bob@e.test=127.0.0.14:27222 STEP…

Each is a slixmpp client at its own server. The steps are done in order, each both ways:

    messages             to the bare and to the full address, between any two
    domains              pings to the domain, and its discovery
    pings                to the full address
    strangers=DOMAIN     the same, of a user there, by one whom it has not subscribed to: an error
    subscriptions        up to `both` at both ends; presence that comes and goes
    unknown              an account that is not there: an error
    unreachable=DOMAIN=CONDITION[,CONDITION]   the first user's message and ping come back
    echo=DOMAIN          the first user and a component far away
    ring                 a message goes around all of them
    hello=NAME           one message, from the first to the second

The first thing that does not happen in time fails the case and says which.
"""

import argparse
import asyncio
import pathlib
import sys
import types

import converse
from converse import BODIES, Failure

# As long as a server may look for another one.
PATIENCE = 25


def escaped(body):
    return body.replace("\\", "\\\\").replace("\n", "\\n")


async def carry(sender, receiver, to, body):
    sender.tell("message", to, escaped(body))
    await receiver.hear(
        lambda line: line == f"message {sender.jid} {escaped(body)}",
        f"message {body!r} from {sender.jid}", PATIENCE)


async def pong(client, to):
    client.tell("ping", to)
    line = await client.hear(lambda line: line.startswith(("pong", "failed ping")), f"pong of {to}", PATIENCE)
    if line != "pong":
        raise Failure(f"{client.name} pings {to}: {line}")


def domain(client):
    return client.bare.partition("@")[2]


def pairs(clients):
    return [(one, other) for one in clients for other in clients if one is not other]


async def messages(clients):
    for sender, receiver in pairs(clients):
        for body in BODIES:
            await carry(sender, receiver, receiver.bare, body)
            await carry(sender, receiver, receiver.jid, "to all of you: " + body)


async def pings(clients):
    for asker, asked in pairs(clients):
        await pong(asker, asked.jid)


async def strangers(clients, where):
    # RFC 6121 section 8.5.3.1: who does not share presence with the sender is not asked.
    for asker, asked in pairs(clients):
        if domain(asked) == where:
            asker.tell("ping", asked.jid)
            line = await asker.hear(lambda line: line.startswith(("pong", "failed ping")), "error", PATIENCE)
            if line != "failed ping service-unavailable":
                raise Failure(f"{asker.name} pings {asked.jid}: {line}")


async def domains(clients):
    for asker, asked in pairs(clients):
        await pong(asker, domain(asked))
        asker.tell("discover", domain(asked))
        await asker.hear(lambda line: line == "identity server im", f"identity of {domain(asked)}", PATIENCE)


async def subscriptions(clients):
    alice, bob = clients
    # Who has asked for the roster is told of answers (RFC 6121 section 2.1.6).
    for client in clients:
        if roster := await client.roster():
            raise Failure(f"{client.name}: the roster of a new account holds {roster}")
    for asker, asked in (alice, bob), (bob, alice):
        asker.tell("subscribe", asked.bare)
        await asked.presence(asker.bare, "subscribe")
        asked.tell("approve", asker.bare)
        await asker.presence(asked.bare, "subscribed")
        await asker.presence(asked.jid, "available")
    for client, other in (alice, bob), (bob, alice):
        roster = await client.roster()
        if roster != {other.bare: "both"}:
            raise Failure(f"{client.name}: the roster holds {roster}, not {other.bare} with both")
    await alice.end()
    await bob.presence(alice.jid, "unavailable")
    # Back: each is told of the other without asking.
    clients[0] = alice = await alice.again()
    await bob.presence(alice.jid, "available")
    await alice.presence(bob.jid, "available")


async def unknown(clients):
    for sender, receiver in pairs(clients):
        nobody = "nobody@" + domain(receiver)
        await comes_back(sender, nobody, ["service-unavailable", "item-not-found"])


async def comes_back(client, to, conditions):
    client.tell("message", to, "is anybody there?")
    line = await client.hear(lambda line: line.startswith("error "), f"message to {to} back", PATIENCE)
    _, sender, condition = line.split(" ")
    if sender != to or condition not in conditions:
        raise Failure(f"{client.name}: the message to {to} came back as {line!r}, not with {conditions}")
    # With a resource: servers answer pings for bare addresses, whether there is an account or not.
    client.tell("ping", to + "/nowhere")
    line = await client.hear(lambda line: line.startswith(("pong", "failed ping")), f"ping of {to} back", PATIENCE)
    if line.removeprefix("failed ping ") not in conditions:
        raise Failure(f"{client.name}: the ping of {to} came back as {line!r}, not with {conditions}")
    print(f"note: {to.partition('@')[2]}: {condition}")


async def unreachable(clients, where, conditions):
    await comes_back(clients[0], "somebody@" + where, conditions.split(","))


async def echo(clients, where):
    client = clients[0]
    await pong(client, where)
    client.tell("discover", where)
    await client.hear(lambda line: line.startswith("identity component "), f"identity of {where}", PATIENCE)
    for to in where, f"romeo@{where}/orchard":
        for body in BODIES:
            client.tell("message", to, escaped(body))
            await client.hear(lambda line: line == f"message {to} {escaped(body)}", f"message {body!r} from {to}", PATIENCE)


async def ring(clients):
    for round in range(3):
        for index, sender in enumerate(clients):
            receiver = clients[(index + 1) % len(clients)]
            await carry(sender, receiver, receiver.bare, f"round {round}, passed on by {sender.bare}")


async def hello(clients, body):
    await carry(clients[0], clients[1], clients[1].bare, body)


async def log_in(user, options, count=[0]):
    jid, address = user.split("=")
    count[0] += 1
    name = f"{jid}-{count[0]}"
    where = types.SimpleNamespace(connect=address, ca=options.ca)
    client = await converse.start("slixmpp", name, jid, "pw", where, options.logs)
    await client.ready(note=False)

    async def again():
        return await log_in(user, options)

    client.again = again
    return client


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--user", action="append", required=True, metavar="JID=HOST:PORT")
    parser.add_argument("--ca")
    parser.add_argument("--logs", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("steps", nargs="+")
    options = parser.parse_args()
    converse.PATIENCE = PATIENCE

    clients = []
    try:
        for user in options.user:
            clients.append(await log_in(user, options))
        for step in options.steps:
            print(f"step: {step}", flush=True)
            verb, *words = step.split("=")
            await globals()[verb](clients, *words)
        for client in clients:
            await client.end()
        return 0
    except Failure as failure:
        print(failure)
        return 1
    finally:
        for client in clients:
            if client.process.returncode is None:
                client.process.kill()
                await client.process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
