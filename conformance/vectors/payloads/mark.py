#!/usr/bin/env python3
"""Marks the examples of XEPs that are vectors: those that are one stanza and nothing else.

    mark.py examples.jsonl        # in place

`ok` is true where the stanza is one by RFC 6120 section 8, and has to come back as it was; false
where it breaks a rule that every reader has to check. A line has no `ok`, and is no vector,
where it is not one stanza, or where a program may write something else for it and be right: an
address that is not in canonical form, a type that is the default, a condition that RFC 6120 does
not have. Nothing but the standard library decides it.
"""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

NS = "{jabber:client}"
CONDITIONS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
KNOWN = set("""bad-request conflict feature-not-implemented forbidden gone internal-server-error
item-not-found jid-malformed not-acceptable not-allowed not-authorized policy-violation
recipient-unavailable redirect registration-required remote-server-not-found
remote-server-timeout resource-constraint service-unavailable subscription-required
undefined-condition unexpected-request text""".split())


def verdict(xml):
    root = ET.fromstring(xml)
    if len(root) != 1 or (root.text or "").strip() or (root[0].tail or "").strip():
        return None
    stanza = root[0]
    if stanza.tag not in (NS + "iq", NS + "message", NS + "presence"):
        return None
    kind, errors = stanza.get("type"), stanza.findall(NS + "error")
    if stanza.tag == NS + "iq":
        # 6120-8.2.3-01 and -02, the four types, 6120-8.3.1-10.
        if stanza.get("id") is None or kind not in ("get", "set", "result", "error"):
            return False
        if errors and kind != "error":
            return False
        # 6120-8.2.3-07 and -08
        if kind in ("get", "set") and len(stanza) != 1 or kind == "result" and len(stanza) > 1:
            return False
    if (stanza.tag, kind) == (NS + "message", "normal"):
        return None
    for name in ("from", "to"):
        domain = re.sub(r"/.*|^[^@/]*@", "", stanza.get(name, ""))
        local = re.match(r"[^@/]*(?=@)", stanza.get(name, ""))
        if domain.lower() != domain or local and local[0].lower() != local[0]:
            return None
    for error in errors:
        names = [child.tag.removeprefix(CONDITIONS) for child in error if child.tag.startswith(CONDITIONS)]
        texts = [child.text or "" for child in error if child.tag.startswith(CONDITIONS)]
        if not names or set(names) - KNOWN or any(text != text.strip() for text in texts):
            return None
    return True


def marked(line):
    line.pop("ok", None)
    ok = verdict(line["xml"])
    return line if ok is None else line | {"ok": ok}


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[1])
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(json.dumps(marked(line), ensure_ascii=False) + "\n" for line in lines),
                    encoding="utf-8")
