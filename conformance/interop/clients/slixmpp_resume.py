"""A slixmpp client whose connection is lost and that resumes (XEP-0198): messages to itself,
each of which has to come once and in order. Prints what it found out; status 0 if so.

    slixmpp_resume.py --jid JID --password PASSWORD --connect HOST:PORT --ca FILE
"""

import argparse
import asyncio
import sys

import slixmpp

MESSAGES = 20


class Client(slixmpp.ClientXMPP):
    def __init__(self, options):
        super().__init__(options.jid, options.password)
        self.enable_direct_tls = False
        self.enable_plaintext = False
        self.ca_certs = options.ca
        self.register_plugin("xep_0198")
        self.got, self.resumed = [], 0
        self.ready = asyncio.get_running_loop().create_future()
        self.again = asyncio.Event()
        self.add_event_handler("session_start", lambda _: self.send_presence())
        self.add_event_handler("sm_enabled", self.on_enabled)
        self.add_event_handler("session_resumed", self.on_resumed)
        self.add_event_handler("message", lambda m: self.got.append(int(m["id"])))

    def on_enabled(self, _):
        if not self.ready.done():
            self.ready.set_result(True)

    def on_resumed(self, _):
        self.resumed += 1
        self.again.set()

    def say(self, number):
        message = self.make_message(mto=self.boundjid.full, mbody="hello", mtype="chat")
        message["id"] = str(number)
        message.send()


async def main():
    parser = argparse.ArgumentParser()
    for name in ("jid", "password", "connect", "ca"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    host, port = options.connect.rsplit(":", 1)
    client = Client(options)
    client.connect(host, int(port))
    await asyncio.wait_for(client.ready, 20)
    for number in range(MESSAGES):
        client.say(number)
    await asyncio.sleep(0.05)
    # Lost without a word, while some are on their way.
    client.transport.abort()
    await asyncio.sleep(0.5)
    client.connect(host, int(port))
    await asyncio.wait_for(client.again.wait(), 20)
    for number in range(MESSAGES, 2 * MESSAGES):
        client.say(number)
    for _ in range(100):
        if len(client.got) >= 2 * MESSAGES:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.3)
    print("got", client.got, "resumed", client.resumed)
    if client.got != list(range(2 * MESSAGES)) or client.resumed != 1:
        sys.exit("lost, repeated or out of order")
    print(f"note: {len(client.got)} messages, each once and in order, over a lost connection")
    await client.disconnect(wait=3)


if __name__ == "__main__":
    asyncio.run(main())
