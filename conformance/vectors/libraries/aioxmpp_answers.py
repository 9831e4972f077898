"""aioxmpp: addresses and entity capabilities."""

import io

import aioxmpp.entitycaps.caps115 as caps115
import aioxmpp.structs
import aioxmpp.xml
from aioxmpp.disco import xso
from answers import main


def jid(request):
    j = aioxmpp.structs.JID.fromstr(request["input"])
    return {"ok": True, "jid": str(j), "local": j.localpart, "domain": j.domain, "resource": j.resource}


def caps(request):
    query = aioxmpp.xml.read_single_xso(io.BytesIO(request["input"].encode()), xso.InfoQuery)
    # XEP-0390 needs SHA-3 and the like by name; of it there is the string that is hashed.
    from aioxmpp.entitycaps import caps390
    import base64
    import hashlib
    string = caps390._get_hash_input(query)
    try:
        ver = caps115.hash_query(query, "sha1")
    except ValueError:  # Ill-formed.
        ver = None
    return {"ok": True, "ver": ver,
            "sha_256": base64.b64encode(hashlib.sha256(string).digest()).decode(),
            "sha3_256": base64.b64encode(hashlib.sha3_256(string).digest()).decode()}


main({"jid": jid, "caps": caps})
