"""An echo component by slixmpp (XEP-0114), which behaves as the example of xmpp-core.

    slixmpp_component.py DOMAIN SECRET HOST:PORT

It says `I am DOMAIN` once it is let in. If the server ends the stream, it says
with what condition and ends with status 1.
"""

import asyncio
import logging
import sys

import slixmpp


class Echo(slixmpp.ComponentXMPP):
    def __init__(self, domain, secret, host, port):
        super().__init__(domain, secret, host, port)
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0199")
        self["xep_0030"].add_identity("component", "generic", "Echo")
        self.add_event_handler("session_start", lambda _: print(f"I am {domain}", flush=True))
        self.add_event_handler("message", self.on_message)
        self.add_event_handler("stream_error", lambda e: print("stream error", e["condition"], flush=True))
        self.ended = asyncio.Event()
        self.add_event_handler("disconnected", lambda _: self.ended.set())
        self.add_event_handler("connection_failed", lambda _: self.ended.set())

    def on_message(self, message):
        if message["type"] != "error" and message["body"]:
            self.send_message(
                mto=message["from"], mfrom=message["to"], mbody=message["body"], mtype=message["type"])


async def main():
    domain, secret, address = sys.argv[1:]
    host, port = address.rsplit(":", 1)
    component = Echo(domain, secret, host, int(port))
    component.connect()
    await component.ended.wait()
    return 1


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    sys.exit(asyncio.run(main()))
