"""aioxmpp: addresses and entity capabilities."""

import base64
import hashlib
import io

import aioxmpp.structs
import aioxmpp.xml
from aioxmpp.disco import xso
from aioxmpp.entitycaps import caps115, caps390
from answers import main


def jid(request):
    j = aioxmpp.structs.JID.fromstr(request["input"])
    return {"ok": True, "jid": str(j), "local": j.localpart, "domain": j.domain, "resource": j.resource}


def caps(request):
    try:
        query = aioxmpp.xml.read_single_xso(io.BytesIO(request["input"].encode()), xso.InfoQuery)
        ver = caps115.hash_query(query, "sha1")
    except ValueError:
        return {"ok": True, "ver": None, "sha_256": None, "sha3_256": None}
    # It has the functions by name only for its own use; what is hashed is the point.
    octets = caps390._get_hash_input(query)
    sha_256, sha3_256 = (base64.b64encode(of(octets).digest()).decode()
                         for of in (hashlib.sha256, hashlib.sha3_256))
    return {"ok": True, "ver": ver, "sha_256": sha_256, "sha3_256": sha3_256}


main({"jid": jid, "caps": caps})
