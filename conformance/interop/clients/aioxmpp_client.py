"""An aioxmpp client that speaks the line protocol of `lines.py`.

aiosasl knows SCRAM with channel binding but is not given any by aioxmpp.
`TlsExporter` supplies the binding of RFC 9266 out of pyOpenSSL, which makes
this the client that proves SCRAM-…-PLUS over TLS 1.3 from the outside.
"""

import asyncio
import logging

import aiosasl
import aiosasl.channel_binding
import aioxmpp
import aioxmpp.connector
import aioxmpp.sasl
import OpenSSL.SSL

from lines import arguments, commands, escape, say, unescape


class TlsExporter(aiosasl.channel_binding.ChannelBindingProvider):
    """RFC 9266: 32 bytes of keying material under a fixed label, no context."""

    def __init__(self, connection):
        self.connection = connection

    @property
    def cb_name(self):
        return b"tls-exporter"

    def extract_cb_data(self):
        return self.connection.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"")


class OneMechanism(aioxmpp.security_layer.SASLProvider):
    """Use exactly one mechanism, or the best SCRAM that is offered (-PLUS first)."""

    def __init__(self, options):
        self.options = options
        self.used = None

    async def execute(self, jid, features, xmlstream, tls_transport):
        async def credentials():
            return jid.localpart, self.options.password

        offered = features[aioxmpp.security_layer.SASLMechanisms].get_mechanism_list()
        if self.options.mechanism:
            offered = [name for name in offered if name == self.options.mechanism]
        binding = TlsExporter(tls_transport.get_extra_info("ssl_object"))
        for kind, make in [
            (aiosasl.SCRAMPLUS, lambda: aiosasl.SCRAMPLUS(credentials, binding)),
            (aiosasl.SCRAM, lambda: aiosasl.SCRAM(credentials)),
            (aiosasl.PLAIN, lambda: aiosasl.PLAIN(credentials)),
        ]:
            token = kind.any_supported(offered)
            # PLAIN only when it is asked for.
            if token is None or (kind is aiosasl.PLAIN and not self.options.mechanism):
                continue
            self.used = token[0] if isinstance(token, tuple) else token
            return await self._execute(aioxmpp.sasl.SASLXMPPInterface(xmlstream), make(), token)
        return False


class Verifier(aioxmpp.security_layer.PKIXCertificateVerifier):
    """Trusts one file of certificates, and remembers which TLS was agreed."""

    def __init__(self, options, seen):
        self.options = options
        self.seen = seen

    def setup_context(self, ctx, transport):
        super().setup_context(ctx, transport)
        if self.options.ca:
            ctx.load_verify_locations(self.options.ca)
        if self.options.max_tls == "1.2":
            ctx.set_max_proto_version(OpenSSL.SSL.TLS1_2_VERSION)

    def verify_callback(self, ctx, x509, errno, errdepth, returncode):
        if not self.options.ca:
            return True
        return super().verify_callback(ctx, x509, errno, errdepth, returncode)

    async def post_handshake(self, transport):
        self.seen["tls"] = transport.get_extra_info("ssl_object").get_protocol_version_name()


def follow(client):
    """Report what arrives from now on."""
    dispatcher = client.summon(aioxmpp.dispatcher.SimpleMessageDispatcher)
    dispatcher.register_callback(
        aioxmpp.MessageType.CHAT, None,
        lambda m: say("message", m.from_, escape(m.body.any() if m.body else "")))
    presences = client.summon(aioxmpp.dispatcher.SimplePresenceDispatcher)
    for kind in aioxmpp.PresenceType:
        if kind is not aioxmpp.PresenceType.ERROR:
            presences.register_callback(
                kind, None,
                lambda p: say("presence", p.from_, p.type_.value or "available"))


async def obey(client, verb, first, rest):
    if verb == "message":
        message = aioxmpp.Message(type_=aioxmpp.MessageType.CHAT, to=aioxmpp.JID.fromstr(first))
        message.body[None] = unescape(rest)
        await client.send(message)
    elif verb in ("subscribe", "approve"):
        kind = {"subscribe": aioxmpp.PresenceType.SUBSCRIBE, "approve": aioxmpp.PresenceType.SUBSCRIBED}[verb]
        await client.send(aioxmpp.Presence(type_=kind, to=aioxmpp.JID.fromstr(first)))
    elif verb == "roster":
        answer = await client.send(aioxmpp.IQ(type_=aioxmpp.IQType.GET, payload=aioxmpp.roster.xso.Query()))
        for item in answer.items:
            say("item", item.jid, item.subscription)
        say("roster-end")
    elif verb == "ping":
        await aioxmpp.ping.ping(client, client.local_jid.replace(localpart=None, resource=None))
        say("pong")


async def main():
    options = arguments(__doc__)
    seen, sasl = {"tls": "none"}, OneMechanism(options)
    security = aioxmpp.make_security_layer(None)._replace(
        certificate_verifier_factory=lambda: Verifier(options, seen), sasl_providers=[sasl])
    jid = aioxmpp.JID.fromstr(options.jid)
    client = aioxmpp.PresenceManagedClient(
        jid, security, max_initial_attempts=1,
        override_peer=[(options.host, options.port, aioxmpp.connector.STARTTLSConnector())])
    follow(client)
    try:
        async with client.connected() as stream:
            say("ready", client.local_jid, seen["tls"], sasl.used)
            async for verb, first, rest in commands():
                try:
                    await asyncio.wait_for(obey(client, verb, first, rest), 10)
                except Exception as error:  # the driver, not we, judges what is missing
                    say("failed", verb, repr(error))
    except aiosasl.SASLFailure as error:
        say("failed", "sasl", error.opaque_error, error.text)
    except Exception as error:
        say("failed", "connection", " ".join(repr(error).split()))
    say("closed")


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    asyncio.run(main())
