"""A slixmpp client that speaks the line protocol of `lines.py`."""

import asyncio
import logging
import ssl

import slixmpp
import slixmpp.exceptions

from lines import arguments, commands, escape, say, unescape


class Client(slixmpp.ClientXMPP):
    def __init__(self, options):
        super().__init__(options.jid, options.password)
        self.enable_direct_tls = options.direct_tls
        self.enable_starttls = not options.direct_tls
        self.enable_plaintext = False
        self.at = (options.host, options.port)
        self.auto_authorize = None
        self.auto_subscribe = False
        if options.ca:
            self.ca_certs = options.ca
        else:
            self.ssl_context.check_hostname = False
            self.ssl_context.verify_mode = ssl.CERT_NONE
        if options.max_tls == "1.2":
            self.ssl_context.maximum_version = ssl.TLSVersion.TLSv1_2
        if options.mechanism:
            self["feature_mechanisms"].use_mech = options.mechanism
            self["feature_mechanisms"].config["unencrypted_plain"] = False
        self.register_plugin("xep_0199")
        if options.resume:
            self.register_plugin("xep_0198")
        self.broken = False

        self.refusal = "failed"
        self.ended = asyncio.Event()
        self.started = asyncio.get_running_loop().create_future()
        for name, handler in {
            "session_start": self.on_session_start,
            "message": self.on_message,
            "message_error": lambda m: say("error", m["from"], m["error"]["condition"]),
            "presence": lambda p: say("presence", p["from"], p["type"]),
            "failed_auth": self.on_failed_auth,
            "failed_all_auth": lambda _: self.fail("sasl " + self.refusal),
            "no_auth": lambda _: self.fail("sasl no common mechanism"),
            "ssl_invalid_chain": lambda e: self.fail(f"certificate {e}"),
            "connection_failed": lambda e: self.fail(f"connection {e}"),
            "stream_error": lambda e: self.fail("stream " + e["condition"]),
            "disconnected": self.on_disconnected,
            "session_resumed": lambda _: say("resumed", self.boundjid.full),
        }.items():
            self.add_event_handler(name, handler)

    def on_session_start(self, _):
        # Said by us, not by the events above: slixmpp reports every mechanism
        # it tries, and one that was refused is only fatal if none follows.
        tls = self.socket.version() if isinstance(self.socket, (ssl.SSLSocket, ssl.SSLObject)) else "none"
        say("ready", self.boundjid.full, tls, self["feature_mechanisms"].mech.name)
        self.send_presence()
        if not self.started.done():
            self.started.set_result(True)

    def on_message(self, message):
        # An error that brings the text back is an error.
        if message["type"] != "error":
            say("message", message["from"], escape(message["body"]))

    def on_disconnected(self, _):
        if self.broken:
            say("broken")
        else:
            self.ended.set()

    def on_failed_auth(self, failure):
        # Others may follow.
        self.refusal = failure["condition"]

    def fail(self, reason):
        say("failed", " ".join(reason.split()))

    async def obey(self, verb, first, rest):
        if verb == "message":
            self.send_message(mto=first, mbody=unescape(rest), mtype="chat")
        elif verb == "subscribe":
            self.send_presence(pto=first, ptype="subscribe")
        elif verb == "approve":
            self.send_presence(pto=first, ptype="subscribed")
        elif verb == "roster":
            # Not get_roster(): with roster versioning an unchanged roster comes
            # back empty, and slixmpp's cache is not what is asked about.
            query = self.make_iq_get()
            query.enable("roster")
            answer = await query.send(timeout=10)
            for jid, item in answer["roster"]["items"].items():
                say("item", jid, item["subscription"])
            say("roster-end")
        elif verb == "ping":
            await self["xep_0199"].send_ping(first or self.boundjid.domain, timeout=10)
            say("pong")
        elif verb == "break":
            self.broken = True
            self.transport.abort()
        elif verb == "resume":
            self.broken = False
            self.connect(self.at[0], self.at[1])
        elif verb == "discover":
            info = await self["xep_0030"].get_info(jid=first, timeout=10)
            for category, kind, _, _ in info["disco_info"]["identities"]:
                say("identity", category, kind)


async def main():
    options = arguments(__doc__)
    client = Client(options)
    client.connect(options.host, options.port)
    ended = asyncio.ensure_future(client.ended.wait())
    await asyncio.wait([client.started, ended], return_when=asyncio.FIRST_COMPLETED)

    async def obey_all():
        async for verb, first, rest in commands():
            try:
                await client.obey(verb, first, rest)
            except slixmpp.exceptions.IqError as error:
                say("failed", verb, error.condition)
            except Exception as error:  # the driver, not we, judges what is missing
                say("failed", verb, repr(error))

    if client.started.done():
        obeying = asyncio.ensure_future(obey_all())
        await asyncio.wait([obeying, ended], return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        await client.disconnect(wait=3)
    say("closed")


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    asyncio.run(main())
