#!/usr/bin/env python3
"""Writes caps.jsonl: XEP-0115 section 5.1 and XEP-0390 section 4.1, done with the standard
library alone. The printed examples are compared with what is computed."""

import base64
import hashlib
import json
import pathlib
import xml.etree.ElementTree as ET

DISCO = "http://jabber.org/protocol/disco#info"
INFO, DATA = "{%s}" % DISCO, "{jabber:x:data}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def literal(text):
    """XEP-0115 section 5.1: "&lt;" stays what it is, since "<" ends each factor."""
    return text.replace("<", "&lt;")


def fields(form):
    for field in form.findall(DATA + "field"):
        yield field.get("var", ""), sorted((v.text or "" for v in field.findall(DATA + "value")),
                                           key=str.encode)


def ver(query):
    identities = sorted(
        (tuple(map(literal, (i.get("category"), i.get("type"), i.get(LANG, ""), i.get("name", ""))))
         for i in query.findall(INFO + "identity")), key=lambda i: [p.encode() for p in i])
    features = sorted((literal(f.get("var")) for f in query.findall(INFO + "feature")), key=str.encode)
    text = "".join("/".join(i) + "<" for i in identities) + "".join(f + "<" for f in features)
    if len(set(identities)) < len(identities):
        return None, "repeated-identity"
    if len(set(features)) < len(features):
        return None, "repeated-feature"
    forms = []
    for form in query.findall(DATA + "x"):
        of = dict(fields(form))
        kind = next((f for f in form.findall(DATA + "field")
                     if f.get("var") == "FORM_TYPE" and f.get("type") == "hidden"), None)
        if kind is not None:
            if len(set(of["FORM_TYPE"])) > 1:
                return None, "ambiguous-form"
            forms.append((literal(of["FORM_TYPE"][0]), of))
    if len({kind for kind, _ in forms}) < len(forms):
        return None, "repeated-form"
    for kind, of in sorted(forms, key=lambda f: f[0].encode()):
        text += kind + "<"
        for var in sorted((v for v in of if v != "FORM_TYPE"), key=str.encode):
            text += literal(var) + "<" + "".join(literal(v) + "<" for v in of[var])
    return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode(), None


def caps2(query):
    def parts(values, end):
        return b"".join(v.encode() + b"\x1f" for v in values) + end
    features = b"".join(sorted(f.get("var").encode() + b"\x1f" for f in query.findall(INFO + "feature")))
    identities = b"".join(sorted(
        parts([i.get("category"), i.get("type"), i.get(LANG, ""), i.get("name", "")], b"\x1e")
        for i in query.findall(INFO + "identity")))
    forms = b"".join(sorted(
        b"".join(sorted(parts([var, *values], b"\x1e") for var, values in fields(form))) + b"\x1d"
        for form in query.findall(DATA + "x")))
    return features + b"\x1c" + identities + b"\x1c" + forms + b"\x1c"


def query(inner):
    return f"<query xmlns='{DISCO}'>{inner}</query>"


def form(kind, rest):
    return ("<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
            f"<value>{kind}</value></field>{rest}</x>")


def field(var, *values):
    return f"<field var='{var}'>" + "".join(f"<value>{v}</value>" for v in values) + "</field>"


def feature(*names):
    return "".join(f"<feature var='{name}'/>" for name in names)


PC = "<identity category='client' type='pc'/>"
FOUR = feature("http://jabber.org/protocol/caps", "http://jabber.org/protocol/disco#info",
               "http://jabber.org/protocol/disco#items", "http://jabber.org/protocol/muc")
SOFTWARE = form("urn:xmpp:dataforms:softwareinfo",
                field("ip_version", "ipv4", "ipv6") + field("os", "Mac") + field("os_version", "10.5.1")
                + field("software", "Psi") + field("software_version", "0.11"))
PSI = ("<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
       "<identity xml:lang='el' category='client' name='\u03a8 0.11' type='pc'/>")
CASES = [
    ("xep-0115-5.2", "XEP-0115 section 5.2", "QgayPKawpkPSDYmwT/WM94uAlu0=",
     "<identity category='client' type='pc' name='Exodus 0.9.1'/>" + FOUR),
    ("xep-0115-5.3", "XEP-0115 section 5.3", "q07IKJEyjvHSyhy//CH0CxmKi8w=", PSI + FOUR + SOFTWARE),
    ("order", "computed: another order of everything", None,
     form("urn:xmpp:dataforms:softwareinfo", field("os", "Mac") + field("ip_version", "ipv6", "ipv4"))
     + feature("urn:b", "urn:a", "urn:B", "urn:\u00e9", "urn:z")
     + "<identity category='client' type='pc'/><identity category='account' type='registered'/>"),
    ("octets", "computed: sorted by octets, not by UTF-16", None, PC + feature("urn:\uff61", "urn:\U0001f600")),
    ("nothing", "computed: nothing at all", None, ""),
    ("identity", "computed: no features", None, PC),
    ("languages", "computed: one name in several languages", None,
     "<identity category='client' type='pc' xml:lang='de' name='x'/>"
     "<identity category='client' type='pc' xml:lang='cs' name='y'/>" + PC),
    ("empty-value", "computed: a field with an empty value, and one without", None,
     PC + form("urn:f", field("a", "") + field("b"))),
    ("two-forms", "computed: two forms", None, PC + form("urn:f", field("a", "1")) + form("urn:e", field("z", "2"))),
    ("less-than", "XEP-0115 section 5.1, the note", None,
     "<identity category='client' type='pc' name='SomeClient&lt;http://jabber.org/protocol/muc'/>"),
    ("less-than-everywhere", "XEP-0115 section 5.1, the note", None,
     "<identity category='client' type='pc' name='&lt;'/>" + feature("urn:&lt;a")
     + form("urn:f", field("a", "&lt;b", "c&lt;"))),
    ("quotation-mark", "computed: a character that XML can escape", None,
     "<identity category='client' type='pc' name='&quot;'/>" + feature("urn:a?b'c".replace("'", "&apos;"))),
    ("repeated-identity", "XEP-0115 section 5.4, 3.3", None, PC + PC),
    ("repeated-feature", "XEP-0115 section 5.4, 3.4", None, PC + feature("urn:a", "urn:a")),
    ("repeated-form", "XEP-0115 section 5.4, 3.5", None, PC + form("urn:f", "") + form("urn:f", field("a", "1"))),
    ("ambiguous-form", "XEP-0115 section 5.4, 3.6", None,
     PC + form("urn:f</value><value>urn:g", field("a", "1"))),
]
PRINTED_390 = {"xep-0390-1": ("kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=",
                              "79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q="),
               "xep-0390-2": ("u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=",
                              "XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=")}


def main():
    here = pathlib.Path(__file__).parent
    cases = [(i, s, p, query(inner)) for i, s, p, inner in CASES]
    for line in (here.parent / "payloads" / "examples.jsonl").read_text(encoding="utf-8").splitlines():
        example = json.loads(line)
        if example["xep"] == 390 and example["example"] in (1, 2):
            element = ET.fromstring(example["xml"]).find(INFO + "query") or ET.fromstring(example["xml"])[0]
            cases.append((f"xep-0390-{example['example']}", f"XEP-0390 example {example['example']}", None,
                          ET.tostring(element, encoding="unicode", default_namespace=None)))
    with open(here / "caps.jsonl", "w", encoding="utf-8") as out:
        for name, source, printed, xml in cases:
            element = ET.fromstring(xml)
            text, ill_formed = ver(element)
            assert printed in (None, text), name
            octets = caps2(element)
            sha256, sha3 = (base64.b64encode(h(octets).digest()).decode()
                            for h in (hashlib.sha256, hashlib.sha3_256))
            assert PRINTED_390.get(name, (sha256, sha3)) == (sha256, sha3), name
            line = {"id": name, "source": source, "input": xml, "ver": text,
                    **({"ill_formed": ill_formed} if ill_formed else {})}
            # XEP-0390 does not say what becomes of features or forms that are there twice.
            if not ill_formed:
                line |= {"sha_256": sha256, "sha3_256": sha3}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
