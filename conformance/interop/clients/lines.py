"""The line protocol that every client here speaks on its standard streams.

A client is a process that logs in with one foreign library. It is told what
to do on standard input and says what happened on standard output, a line at a
time, so that `converse.py` can drive any two of them, whatever language they
are written in:

    in      message TO BODY     subscribe JID     approve JID
            roster              ping [JID]        discover JID      quit
            break               resume
    out     ready FULL-JID TLS MECHANISM
            message FROM BODY   presence FROM TYPE            error FROM CONDITION
            item JID SUBSCRIPTION                 roster-end
            pong                identity CATEGORY TYPE
            broken              resumed FULL-JID
            closed              failed REASON

What only the slixmpp client knows is `discover`, whom to ping, and `error`, a
message that came back. `break` cuts the connection without a word, `resume`
connects again (XEP-0198): slixmpp and xmpp.js know that.
A body is one line: a line feed in it is written `\\n`, a backslash `\\\\`.
"""

import argparse
import asyncio
import sys


def arguments(about):
    """Parse the command line that all clients share."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--connect", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca", help="trusted certificates; without it any certificate will do")
    parser.add_argument("--mechanism", help="the only SASL mechanism to use")
    parser.add_argument("--max-tls", choices=["1.2", "1.3"], default="1.3")
    parser.add_argument("--resume", action="store_true", help="with stream management (XEP-0198)")
    parser.add_argument("--direct-tls", action="store_true", help="begin with TLS (XEP-0368)")
    options = parser.parse_args()
    options.host, port = options.connect.rsplit(":", 1)
    options.port = int(port)
    return options


def say(*words):
    """Report one line."""
    print(*words, flush=True)


def escape(body):
    return body.replace("\\", "\\\\").replace("\n", "\\n")


def unescape(body):
    return body.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")


async def commands():
    """Yield each command as (verb, first argument, rest), until `quit` or the end."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        verb, _, rest = line.decode().rstrip("\n").partition(" ")
        if verb == "quit":
            return
        first, _, rest = rest.partition(" ")
        yield verb, first, rest
