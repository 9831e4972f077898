"""A slixmpp client talks to an echo component through a server.

    echoed.py --jid J --password P --connect HOST:PORT --ca FILE --to DOMAIN --to JID… [--expect-error CONDITION]

The first address is the component's own. What is written to each must come
back from it; the component must answer a ping and say what it is. With
--expect-error the ping must be answered with that condition, and nothing else
is asked.
"""

import argparse
import asyncio
import pathlib
import sys

import converse


async def talk(client, options):
    domain = options.to[0]
    client.tell("ping", domain)
    if options.expect_error:
        line = await client.hear(lambda line: line.startswith(("pong", "failed ")), "answer to a ping")
        if line != f"failed ping {options.expect_error}":
            raise converse.Failure(f"{line!r}, not {options.expect_error}")
        return
    await client.hear(lambda line: line == "pong", "answer to a ping")
    client.tell("discover", domain)
    await client.hear(lambda line: line == "identity component generic", "identity")
    for to in options.to:
        for body in converse.BODIES:
            escaped = body.replace("\\", "\\\\").replace("\n", "\\n")
            client.tell("message", to, escaped)
            await client.hear(lambda line: line == f"message {to} {escaped}", f"message {body!r} from {to}")


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--connect", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca")
    parser.add_argument("--to", action="append", required=True)
    parser.add_argument("--expect-error", metavar="CONDITION")
    parser.add_argument("--logs", type=pathlib.Path, default=pathlib.Path("."))
    options = parser.parse_args()

    client = await converse.start("slixmpp", "client", options.jid, options.password, options, options.logs)
    try:
        await client.ready()
        await talk(client, options)
        await client.end()
        return 0
    except converse.Failure as failure:
        print(failure)
        return 1
    finally:
        if client.process.returncode is None:
            client.process.kill()
            await client.process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
