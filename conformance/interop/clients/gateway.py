"""A slixmpp client and a CPIM-side program talk through `xmpp gateway` (RFC 3922 section 6).

    gateway.py --jid J --password P --connect HOST:PORT --ca FILE --gateway DOMAIN --socket HOST:PORT

Messages both ways, the client's subscription to somebody beyond with its
presence and its end, and the subscription of somebody beyond to the client.
"""

import argparse
import asyncio
import json
import pathlib
import sys

import converse


class Far:
    """The program on the gateway's socket: one JSON object a line, both ways."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def tell(self, **operation):
        print(f"far < {operation}", flush=True)
        self.writer.write(json.dumps(operation).encode() + b"\n")

    async def hear(self, operation, **wanted):
        """The next of these operations that has what is wanted; others are passed over."""
        async def read():
            while line := await self.reader.readline():
                print(f"far > {line.decode().rstrip()}", flush=True)
                heard = json.loads(line)
                if heard.get("ok") is False:
                    raise converse.Failure(f"the gateway refuses: {heard}")
                if heard["operation"] == operation and all(heard.get(k) == v for k, v in wanted.items()):
                    return heard
            raise converse.Failure(f"the gateway ended before {operation}")
        try:
            return await asyncio.wait_for(read(), converse.PATIENCE)
        except asyncio.TimeoutError:
            raise converse.Failure(f"no {operation} {wanted} within {converse.PATIENCE} s") from None


def document(entity, basic):
    return (f"<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='{entity}'>"
            f"<tuple id='orchard'><status><basic>{basic}</basic></status></tuple></presence>")


async def messages(client, far, romeo):
    for body in converse.BODIES:
        escaped = body.replace("\\", "\\\\").replace("\n", "\\n")
        client.tell("message", romeo, escaped)
        heard = await far.hear("message", source=f"im:{client.bare}", destination=f"im:{romeo}")
        headers, _, content = heard["object"].partition("\r\n\r\nContent-")
        if f"From: <im:{client.bare}>" not in headers:
            raise converse.Failure(f"no From: {headers!r}")
        text = content.partition("\r\n\r\n")[2]
        if text != body.replace("\n", "\r\n"):
            raise converse.Failure(f"{text!r}, not {body!r}")
        # Back as it came, the other way round.
        there, here = f"From: <im:{client.bare}>", f"To: <im:{romeo}>"
        back = heard["object"].replace(there, f"From: <im:{romeo}>").replace(here, f"To: <im:{client.bare}>")
        far.tell(operation="message", trans_id="back", source=heard["destination"],
                 destination=heard["source"], object=back)
        await far.hear("message-response", trans_id="back", status="indeterminant")
        await client.hear(lambda line: line.startswith(f"message {romeo}") and line.endswith(f" {escaped}"),
                          f"message {body!r}")


async def talk(client, far, domain):
    romeo, nurse = f"romeo@{domain}", f"nurse@{domain}"
    await messages(client, far, romeo)

    client.tell("subscribe", romeo)
    asked = await far.hear("subscribe", watcher=f"pres:{client.bare}", target=f"pres:{romeo}")
    far.tell(operation="response", trans_id=asked["trans_id"], status="success", duration=600)
    await client.presence(romeo, "subscribed")
    for basic, kind in ("open", "available"), ("closed", "unavailable"):
        far.tell(operation="notify", trans_id=basic, watcher=asked["watcher"], target=asked["target"],
                 document=document(asked["target"], basic))
        await client.presence(f"{romeo}/orchard", kind)

    far.tell(operation="subscribe", trans_id="s1", subscript_id="sub-7", watcher=f"pres:{nurse}",
             target=f"pres:{client.bare}", duration=600)
    await client.presence(nurse, "subscribe")
    client.tell("approve", nurse)
    await far.hear("response", trans_id="s1", status="success", duration=600)
    # What is known at first is nothing; then the server sends what the client is.
    while True:
        told = await far.hear("notify", watcher=f"pres:{nurse}", target=f"pres:{client.bare}")
        if "<basic>open</basic>" in told["document"]:
            break


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--connect", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca")
    parser.add_argument("--gateway", required=True, metavar="DOMAIN")
    parser.add_argument("--socket", required=True, metavar="HOST:PORT")
    parser.add_argument("--logs", type=pathlib.Path, default=pathlib.Path("."))
    options = parser.parse_args()

    host, _, port = options.socket.rpartition(":")
    far = Far(*await asyncio.open_connection(host, int(port), limit=1 << 20))
    client = await converse.start("slixmpp", "client", options.jid, options.password, options, options.logs)
    try:
        await client.ready()
        # What is sent to the bare JID reaches available resources only.
        await client.presence(client.jid, "available")
        # And what is about subscriptions, those that have asked for the roster (RFC 6121, 3.1.6).
        if roster := await client.roster():
            raise converse.Failure(f"the roster of a new account holds {roster}")
        await talk(client, far, options.gateway)
        await client.end()
        # She is gone, and the nurse hears of it.
        while "<basic>open</basic>" in (await far.hear("notify"))["document"]:
            pass
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
