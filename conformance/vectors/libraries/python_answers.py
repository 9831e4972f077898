"""Python's standard library: expat for XML, HMAC, dates."""

import base64
import datetime
import hashlib
import hmac
import xml.etree.ElementTree as ET

from answers import main


def xml(request):
    octets = base64.b64decode(request["base64"]) if "base64" in request else request["text"].encode()
    root = ET.XML(octets)
    return {"ok": True, "canonical": ET.canonicalize(octets.decode()) if root is not None else None}


def date_time(request):
    parsed = datetime.datetime.fromisoformat(request["input"])
    since = parsed - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return {"ok": True, "seconds": since.days * 86400 + since.seconds, "nanoseconds": since.microseconds * 1000}


def dialback(request):
    under = hashlib.sha256(request["secret"].encode()).hexdigest().encode()
    text = f"{request['receiving']} {request['originating']} {request['stream_id']}"
    return {"ok": True, "key": hmac.new(under, text.encode(), hashlib.sha256).hexdigest()}


main({"xml": xml, "date-time": date_time, "dialback": dialback})
