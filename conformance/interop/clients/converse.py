"""Two foreign clients talk to each other through a server.

Each is a process that speaks the line protocol of `lines.py`. They log in,
ping, fetch their rosters, exchange messages both ways, subscribe to each
other, see each other come and go, and leave. The first thing that does not
happen within ten seconds fails the case and says which.
"""

import argparse
import asyncio
import pathlib
import shlex
import sys

HERE = pathlib.Path(__file__).parent
PATIENCE = 10
LOGIN_PATIENCE = 30  # a hundred thousands of rounds of PBKDF2 in Python take a while

# What travels unharmed: markup, other scripts, beyond the BMP, a line feed.
BODIES = ["hello", "<a b='c'>&amp; ]]>\"", "grüß dich, 世界 \U0001f44b", "two\nlines"]


class Failure(Exception):
    pass


class Client:
    """One client process, and the lines it has said and nobody has asked for."""

    def __init__(self, name, process, log):
        self.name = name
        self.process = process
        self.log = log
        self.lines = []
        self.more = asyncio.Event()
        self.reading = asyncio.ensure_future(self.read())
        self.jid = None

    async def read(self):
        while line := await self.process.stdout.readline():
            line = line.decode().rstrip("\n")
            print(f"{self.name} > {line}", flush=True)
            self.lines.append(line)
            self.more.set()
        self.lines.append(None)
        self.more.set()

    def tell(self, *words):
        line = " ".join(words)
        print(f"{self.name} < {line}", flush=True)
        self.process.stdin.write(line.encode() + b"\n")

    async def hear(self, wanted, what, patience=None):
        """Take the first line that `wanted` accepts out of those said."""
        patience = patience or PATIENCE
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            for index, line in enumerate(self.lines):
                if line is not None and wanted(line):
                    return self.lines.pop(index)
            if None in self.lines:
                raise Failure(f"{self.name} ended before {what}; its own log is {self.log}")
            self.more.clear()
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self.more.wait(), left)
            except asyncio.TimeoutError:
                raise Failure(f"{self.name}: no {what} within {patience} s; its own log is {self.log}") from None

    async def ready(self, note=True):
        line = await self.hear(lambda line: line.startswith(("ready ", "failed ")), "login", LOGIN_PATIENCE)
        verb, _, rest = line.partition(" ")
        if verb == "failed":
            raise Failure(f"{self.name} could not log in: {rest}")
        self.jid, self.tls, self.mechanism = rest.split(" ")
        if note:
            print(f"note: {self.name} {self.mechanism} {self.tls}")

    @property
    def bare(self):
        return self.jid.partition("/")[0]

    async def roster(self):
        self.tell("roster")
        await self.hear(lambda line: line == "roster-end", "roster")
        items = [line.split(" ")[1:] for line in self.lines if line and line.startswith("item ")]
        self.lines = [line for line in self.lines if not (line and line.startswith("item "))]
        return {jid: subscription for jid, subscription in items}

    async def presence(self, sender, kind):
        await self.hear(
            lambda line: line.split(" ")[:3:2] == ["presence", kind]
            and line.split(" ")[1].partition("/")[0] == sender.partition("/")[0]
            and ("/" not in sender or line.split(" ")[1] == sender),
            f"presence {kind} from {sender}")

    async def end(self):
        if self.process.returncode is None:
            self.tell("quit")
            try:
                await asyncio.wait_for(self.process.wait(), PATIENCE)
            except asyncio.TimeoutError:
                self.process.kill()
                raise Failure(f"{self.name} was not let go within {PATIENCE} s") from None
        await self.reading


def command(kind, options):
    """The command line of the foreign client `kind`, such as `slixmpp`."""
    kind, _, extra = kind.partition(",")
    if kind == "libstrophe":
        start = [options.libstrophe]
    elif kind == "xmppjs":
        start = ["node", str(HERE / "xmppjs_client.mjs")]
    else:
        start = [sys.executable, str(HERE / f"{kind}_client.py")]
    # "slixmpp,--mechanism SCRAM-SHA-1" hands options to one of the two.
    return start + shlex.split(extra)


async def start(kind, name, jid, password, options, logs):
    words = command(kind, options) + ["--jid", jid, "--password", password, "--connect", options.connect]
    if options.ca:
        words += ["--ca", options.ca]
    log = logs / f"{name}.log"
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log.open("w"))
    return Client(name, process, log)


async def talk(alice, bob):
    for client in alice, bob:
        client.tell("ping")
        await client.hear(lambda line: line == "pong", "answer to a ping")
        if roster := await client.roster():
            raise Failure(f"{client.name}: the roster of a new account holds {roster}")

    def escaped(body):
        return body.replace("\\", "\\\\").replace("\n", "\\n")

    async def carry(sender, receiver, to, body):
        sender.tell("message", to, escaped(body))
        await receiver.hear(
            lambda line: line == f"message {sender.jid} {escaped(body)}",
            f"message {body!r} from {sender.jid}")

    for body in BODIES:
        await carry(alice, bob, bob.bare, body)
        await carry(bob, alice, alice.jid, "re: " + body)

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


async def resume(alice, bob):
    """Alice's connection breaks, bob goes on, and she comes back (XEP-0198)."""

    async def carry(sender, receiver, body):
        sender.tell("message", receiver.jid, body)
        await receiver.hear(lambda line: line == f"message {sender.jid} {body}", f"message {body!r}")

    await carry(bob, alice, "before")
    await carry(alice, bob, "before")
    for round in "first", "second":
        alice.tell("break")
        await alice.hear(lambda line: line == "broken", "broken connection")
        bodies = [f"{round}-{n}" for n in range(20)]
        for body in bodies:
            bob.tell("message", alice.jid, body)
        # All of them are with the server.
        bob.tell("ping")
        await bob.hear(lambda line: line == "pong", "answer to a ping")
        alice.tell("resume")
        await alice.hear(lambda line: line == f"resumed {alice.jid}", "resumption", LOGIN_PATIENCE)
        # In order: what comes first is the next of them.
        for body in bodies:
            line = await alice.hear(lambda line: line.startswith("message "), f"message {body}")
            if line != f"message {bob.jid} {body}":
                raise Failure(f"alice got {line!r}, not {body}")
        await carry(alice, bob, f"{round}-after")
        await carry(bob, alice, f"{round}-after")
    if more := [line for line in alice.lines if line and line.startswith("message ")]:
        raise Failure(f"alice got something twice: {more}")


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("alice", help="client for alice: slixmpp, aioxmpp or libstrophe; options after a comma")
    parser.add_argument("bob", nargs="?", help="client for bob; without one alice only logs in and pings")
    parser.add_argument("--domain", required=True)
    parser.add_argument("--connect", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca")
    parser.add_argument("--password", default="pw")
    parser.add_argument("--libstrophe", help="the built libstrophe client")
    parser.add_argument("--logs", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--resume", action="store_true", help="alice's connection breaks and is resumed")
    parser.add_argument("--expect-mechanism", help="what alice must have used")
    parser.add_argument("--expect-failure", help="a word that alice's failed login must name")
    options = parser.parse_args()

    clients = []
    try:
        clients.append(await start(options.alice, "alice", f"alice@{options.domain}", options.password, options, options.logs))
        if options.expect_failure:
            line = await clients[0].hear(lambda line: line.startswith(("failed ", "ready ")), "failed login", LOGIN_PATIENCE)
            if not line.startswith("failed ") or options.expect_failure not in line:
                raise Failure(f"alice said {line!r}, not a failure naming {options.expect_failure}")
            return 0
        await clients[0].ready()
        if options.expect_mechanism and clients[0].mechanism != options.expect_mechanism:
            raise Failure(f"alice used {clients[0].mechanism}, not {options.expect_mechanism}")
        if options.bob:
            clients.append(await start(options.bob, "bob", f"bob@{options.domain}", options.password, options, options.logs))
            await clients[1].ready()
            await (resume if options.resume else talk)(*clients)
        else:
            clients[0].tell("ping")
            await clients[0].hear(lambda line: line == "pong", "answer to a ping")
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
