"""slixmpp: addresses, unescaping, a SCRAM client, stanzas."""

import base64
import re
from unittest import mock
from xml.etree import ElementTree as ET

import slixmpp
from answers import main
from slixmpp.jid import unescape_node
from slixmpp.stanza import Iq, Message, Presence
from slixmpp.util.sasl import mechanisms

STREAM = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
STANZAS = {"{jabber:client}iq": Iq, "{jabber:client}message": Message, "{jabber:client}presence": Presence}


def jid(request):
    j = slixmpp.JID(request["input"])
    return {"ok": True, "jid": str(j), "local": j.local or None, "domain": j.domain, "resource": j.resource or None}


def unescape(request):
    if "unescape" in request:
        return {"ok": True, "output": unescape_node(request["unescape"])}
    return {"skip": "it has no function that escapes"}


def scram(request):
    if not re.fullmatch(r"(n|y|p=[a-z-]+),(a=([^=,]|=2C|=3D)*)?,", request["gs2"]):
        return {"skip": "it makes its own header, which is right"}
    if request["gs2"].startswith("p=") != request["mechanism"].endswith("-PLUS"):
        return {"skip": "as before"}
    flag, authzid, _ = request["gs2"].split(",")
    authzid = authzid.removeprefix("a=").replace("=2C", ",").replace("=3D", "=")
    bound = base64.b64decode(request["cbind_data"]) if request["cbind_data"] else None
    if flag == "p=tls-server-end-point":
        return {"skip": "it has two types of channel binding, and this is neither"}
    credentials = {"username": request["user"].encode(), "password": request["password"].encode(),
                   "authzid": authzid.encode(), "channel_binding": bound}
    settings = {"encrypted": True, "unencrypted_scram": False, "binding_proposed": flag != "y",
                "tls_version": "TLSv1.2" if flag == "p=tls-unique" else "TLSv1.3"}
    client = mechanisms.SCRAM(request["mechanism"], credentials, settings)
    # The nonce is what it takes from `random.random()` behind the "0.".
    with mock.patch("random.random", lambda: f"0.{request['client_nonce']}"):
        first = client.process()
    server = f"r={request['client_nonce']}{request['server_nonce']},s={request['salt']},i={request['iterations']}"
    final = client.process(server.encode())
    return {"client_first": first.decode(), "server_first": server, "client_final": final.decode(),
            "server_final": "v=" + base64.b64encode(client.server_signature).decode()}


def payload(request):
    xml = ET.fromstring(f"<s {STREAM}>{request['text']}</s>")[0]
    return {"ok": True, "xml": str(STANZAS[xml.tag](xml=xml))}


main({"jid": jid, "jid-escape": unescape, "scram": scram, "payload": payload})
