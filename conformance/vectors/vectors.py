"""The vectors: where they are, what is asked, and what has to be in the answer.

A kind of vector has a schema in schemas/KIND.schema.json. There `x-part` says of each member
whether it belongs to the request, to the answer, is the code of an error, or is for people.
"""

import base64
import json
import pathlib
import re
import xml.etree.ElementTree as ET

HERE = pathlib.Path(__file__).resolve().parent
KINDS = {
    "jid": ["jid/*.jsonl"],
    "jid-escape": ["jid-escape/*.jsonl"],
    "precis": ["precis/*.jsonl"],
    "idna": ["idna/*.jsonl"],
    "xmpp-uri": ["xmpp-uri/*.jsonl"],
    "xml": ["xml/*.jsonl"],
    "stanza": ["stanza/*.jsonl"],
    "payload": ["payloads/*.jsonl"],
    "caps": ["caps/*.jsonl"],
    "scram": ["sasl/scram.jsonl"],
    "plain": ["sasl/plain.jsonl"],
    "oauthbearer": ["sasl/oauthbearer.jsonl"],
    "downgrade": ["sasl/downgrade.jsonl"],
    "hashed-token": ["sasl/hashed-token.jsonl"],
    "stream-management": ["stream-management/*.jsonl"],
    "dialback": ["dialback/*.jsonl"],
    "cpim": ["cpim/mapping.jsonl"],
    "cpim-format": ["cpim/format.jsonl"],
    "cpim-uri": ["cpim/uris.jsonl"],
    "date-time": ["cpim/date-times.jsonl"],
    "pidf": ["pidf/*.jsonl"],
    "e2e": ["e2e/*.jsonl"],
}
STREAM = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"


def schema(kind):
    return json.loads((HERE / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))


def files(kind):
    return [path for pattern in KINDS[kind] for path in sorted(HERE.glob(pattern))]


def lines(kind):
    """Each with its place, `file:line`."""
    for path in files(kind):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line:
                yield f"{path.relative_to(HERE)}:{number}", line


def questions(kind, with_policy=True):
    """Of each vector its place, the request, and what has to be in the answer."""
    parts = {name: member["x-part"] for name, member in schema(kind)["properties"].items()}
    for where, line in lines(kind):
        vector = json.loads(line)
        if vector.get("policy") is True and not with_policy:
            continue
        if kind == "payload":
            if "ok" in vector:
                text = inside(vector["xml"])
                want = {"ok": True, "xml": text} if vector["ok"] else {"ok": False}
                yield where, {"text": text}, want
            continue
        if kind == "e2e":
            vector = {name: content(value) if is_file(name, value) else value
                      for name, value in vector.items()}
        request, want = {}, {}
        for name, value in vector.items():
            part = parts[name]
            if part == "request-object":
                request |= value
            elif part == "answer-object":
                want |= value
            elif part == "request":
                request[name] = value
            elif part in ("answer", "code"):
                want[name] = value
        if kind == "scram" and "error" in want:
            want["ok"] = False
        yield where, request, want


def codes(kind):
    """The members that are compared with --codes only: words and places of our making."""
    return {name for name, member in schema(kind)["properties"].items() if member["x-part"] == "code"}


def is_file(name, value):
    return name in ("object", "ca", "key", "certificate", "content") and value is not None


def content(name):
    return base64.b64encode((HERE / "e2e" / name).read_bytes()).decode()


def inside(xml):
    """What is in the element `<e>` of an example."""
    return xml[xml.index(">") + 1: xml.rindex("</e>")].strip()


def passes(kind, want, got, with_codes):
    if got is None:
        return False
    if want.get("ok") is False and kind != "stream-management":
        if not refuses(got):
            return False
        want = {name: want[name] for name in codes(kind) if name in want} if with_codes else {}
    elif not with_codes:
        want = {name: value for name, value in want.items() if name not in codes(kind)}
    return same(want, got)


def refuses(answer):
    return answer.get("ok") is False or "error" in answer and "ok" not in answer


def same(want, got, key=None):
    if key in ("stanzas", "object", "xml", "canonical"):
        return meaning(want) == meaning(got)
    if isinstance(want, dict):
        return isinstance(got, dict) and all(k in got and same(v, got[k], k) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and len(want) == len(got) and all(map(same, want, got))
    return want == got


def meaning(value):
    """XML is equal if its canonical form is, with whatever prefixes; white space between
    elements that have no other text is no part of it."""
    if isinstance(value, list):
        return [meaning(each) for each in value]
    if isinstance(value, str) and value.startswith("<"):
        text = re.sub(r"^<\?xml[^>]*\?>\s*", "", value)
        try:
            root = ET.fromstring(f"<w {STREAM}>{text}</w>")
        except ET.ParseError:
            return value
        for element in root.iter():
            texts = [element.text, *(child.tail for child in element)]
            if len(element) and not any((each or "").strip() for each in texts):
                element.text = None
                for child in element:
                    child.tail = None
        return ET.canonicalize(ET.tostring(root, encoding="unicode"), rewrite_prefixes=True)
    return value


# Schemas: as much of JSON Schema as ours use, so that the check needs no library.

TYPES = {"string": str, "boolean": bool, "integer": int, "null": type(None), "object": dict, "array": list}
KNOWN = {"$schema", "title", "description", "type", "enum", "pattern", "items", "properties", "required",
         "additionalProperties", "anyOf", "x-part"}


def faults(value, schema, at="$"):
    assert not set(schema) - KNOWN, set(schema) - KNOWN
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(isinstance(value, TYPES[n]) and not (n == "integer" and isinstance(value, bool))
                         for n in names):
        yield f"{at}: is no {' or '.join(names)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, list) and "items" in schema:
        for i, each in enumerate(value):
            yield from faults(each, schema["items"], f"{at}[{i}]")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}: has no {name}"
        for name, each in value.items():
            if name in properties:
                yield from faults(each, properties[name], f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{at}: {name} is not in the schema"
    if "anyOf" in schema and not any(not list(faults(value, s, at)) for s in schema["anyOf"]):
        yield f"{at}: has none of the forms that there are"


def check():
    """All that is wrong with the lines, and how many there are."""
    wrong, count, seen = [], 0, set()
    for kind in KINDS:
        of_kind, ids = schema(kind), set()
        seen |= set(files(kind))
        for where, line in lines(kind):
            count += 1
            try:
                vector = json.loads(line)
            except ValueError as problem:
                wrong.append(f"{where}: {problem}")
                continue
            wrong += [f"{where}: {fault}" for fault in faults(vector, of_kind)]
            name = vector.get("id")
            if name is not None and name in ids:
                wrong.append(f"{where}: the id {name} is there twice")
            ids.add(name)
    wrong += [f"{path.relative_to(HERE)}: no kind has it" for path in HERE.rglob("*.jsonl") if path not in seen]
    return wrong, count
