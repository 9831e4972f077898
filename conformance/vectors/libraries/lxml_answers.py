"""lxml (libxml2): XML."""

import base64

from answers import main
from lxml import etree


def xml(request):
    octets = base64.b64decode(request["base64"]) if "base64" in request else request["text"].encode()
    # As strict as it can be told to be: nothing but what is there.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(octets, parser)
    return {"ok": True, "canonical": etree.tostring(root, method="c14n2").decode()}


main({"xml": xml})
