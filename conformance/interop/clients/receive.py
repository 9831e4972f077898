"""Run a command that sends a message; a slixmpp client must receive it.

    receive.py --jid T --password P --connect HOST:PORT --ca FILE --from J --body B -- COMMAND…
"""

import argparse
import asyncio
import pathlib
import sys

import converse


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--connect", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca")
    parser.add_argument("--from", dest="sender", required=True, help="the bare JID that it must come from")
    parser.add_argument("--body", required=True)
    parser.add_argument("--logs", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    client = await converse.start("slixmpp", "receiver", options.jid, options.password, options, options.logs)
    try:
        await client.ready()
        # What is sent to the bare JID reaches available resources only.
        await client.presence(client.jid, "available")
        process = await asyncio.create_subprocess_exec(*options.command, stdin=asyncio.subprocess.DEVNULL)
        status = await asyncio.wait_for(process.wait(), converse.PATIENCE)
        if status != 0:
            raise converse.Failure(f"{options.command[0]} ended with status {status}")
        line = await client.hear(lambda line: line.startswith("message "), "message")
        _, sender, body = line.split(" ", 2)
        expected = options.body.replace("\\", "\\\\").replace("\n", "\\n")
        if sender.partition("/")[0] != options.sender or body != expected:
            raise converse.Failure(f"received {line!r}, not {options.body!r} from {options.sender}")
        await client.end()
        return 0
    except (converse.Failure, asyncio.TimeoutError) as failure:
        print(f"receiver: {failure!r}")
        return 1
    finally:
        if client.process.returncode is None:
            client.process.kill()
            await client.process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
