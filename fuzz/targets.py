"""The fuzz targets as targets.tsv lists them, and the seeds of each.

`make-corpus`, `run`, `smoke` and `cover` share it. No dependencies.
"""

import base64
import email
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
VECTORS = ROOT / "conformance" / "vectors"
STREAM = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
# The workspace as its tests have it: what they have built is not built again.
BUILD = ["cargo", "build", "--locked", "--workspace", "--example", "fuzz-targets"]


@dataclass
class Target:
    name: str
    crate: str
    seeds: str
    dictionary: str
    holds: str

    def dictionary_file(self):
        return HERE / "dictionaries" / f"{self.dictionary}.dict" if self.dictionary else None


def targets():
    rows = (HERE / "targets.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {row.split("\t")[0]: Target(*row.split("\t")) for row in rows}


def faults():
    """Where targets.tsv, the programs, Cargo.toml, seeds and dictionaries disagree."""
    rows = (HERE / "targets.tsv").read_text(encoding="utf-8").splitlines()
    found = [f"targets.tsv: {row.count(chr(9)) + 1} columns: {row}" for row in rows if row.count("\t") != 4]
    if found:
        return found
    listed = [row.split("\t")[0] for row in rows[1:]]
    found += [f"targets.tsv has {name} twice" for name in listed if listed.count(name) > 1]
    programs = {path.stem for path in (HERE / "fuzz_targets").glob("*.rs")}
    manifest = (HERE / "Cargo.toml").read_text(encoding="utf-8")
    built = set(re.findall(r'^path = "fuzz_targets/(\w+)\.rs"', manifest, re.M))
    found += [f"fuzz_targets/{name}.rs is not in targets.tsv" for name in sorted(programs - set(listed))]
    found += [f"targets.tsv has {name}, which is not there" for name in sorted(set(listed) - programs)]
    found += [f"Cargo.toml has no [[bin]] {name}" for name in sorted(programs - built)]
    with_runner = dependencies(HERE / "runner" / "Cargo.toml")
    found += [f"runner/Cargo.toml needs: {line}" for line in dependencies(HERE / "Cargo.toml")
              if line not in with_runner and not line.startswith("libfuzzer-sys ")]
    used = set()
    for target in targets().values():
        path = target.dictionary_file()
        if path and not path.exists():
            found.append(f"{target.name}: there is no {path.relative_to(ROOT)}")
        if not (ROOT / "crates" / target.crate).is_dir():
            found.append(f"{target.name}: there is no crate {target.crate}")
        if target.seeds and not seeds(target):
            found.append(f"{target.name}: {target.seeds} gives no seed")
        used |= {path, HERE / "seeds" / target.seeds}
    there = [*(HERE / "dictionaries").iterdir(), *(HERE / "seeds").iterdir()]
    found += [f"{path.relative_to(ROOT)} is used by no target" for path in there if path not in used]
    return found


def dependencies(manifest):
    """Their lines, from the same place."""
    tables = re.split(r"^\[", manifest.read_text(encoding="utf-8"), flags=re.M)
    lines = [line for table in tables if table.startswith(("dependencies]", "dev-dependencies]"))
             for line in table.split("\n") if re.match(r"[\w-]+ = ", line)]
    return [line.replace("../../crates", "../crates") for line in lines]


def seeds(target):
    """Kept ones and those from the vectors, without repetition."""
    folder = HERE / "seeds" / target.seeds
    found = [path.read_bytes() for path in sorted(folder.iterdir())] if target.seeds and folder.is_dir() else []
    found += SOURCES.get(target.seeds, list)()
    # Its first byte says how long the pieces are.
    first = b"\x06" if target.name == "xml_cuts" else b""
    return list(dict.fromkeys(first + seed for seed in found))


def make_corpus(target, folder):
    """One file a seed, named by its hash; what else is there stays. How many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    made = seeds(target)
    for seed in made:
        path = folder / hashlib.sha256(seed).hexdigest()[:16]
        if not path.exists():
            path.write_bytes(seed)
    return len(made)


def build(folder=None, **environment):
    """Builds the runner; where it is."""
    folder = pathlib.Path(folder or os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = subprocess.run([*BUILD, "--target-dir", folder], cwd=ROOT, env={**os.environ, **environment})
    if built.returncode:
        sys.exit("the targets do not build")
    return folder / "debug" / "examples" / "fuzz-targets"


def between(text, maker, made):
    """That text with what stands between the marks of that maker replaced."""
    begin, end = f"<!-- made by {maker}: -->\n", "<!-- /made -->\n"
    before = text.index(begin) + len(begin)
    return f"{text[:before]}\n{made}\n{text[text.index(end, before):]}"


def readme(text):
    """That text with the table of the targets as it should be."""
    rows = "".join(f"| `{each.name}` | {each.crate} | {each.holds} |\n" for each in targets().values())
    return between(text, "fuzz/readme", f"| target | crate | what must hold |\n|---|---|---|\n{rows}")


# Out of the vectors, by the name that targets.tsv has.


def lines(pattern):
    for path in sorted(VECTORS.glob(pattern)):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line:
                yield json.loads(line)


def octets(value):
    return value.encode("utf-8", "surrogatepass")


def members(pattern, *names):
    """What these members have of every vector; `hex` and `base64` are decoded."""
    decode = {"hex": bytes.fromhex, "base64": base64.b64decode}
    for vector in lines(pattern):
        for name in names:
            if vector.get(name) is not None:
                yield decode.get(name, octets)(vector[name])


def files(*patterns):
    return [path.read_bytes() for pattern in patterns for path in sorted(VECTORS.glob(pattern))]


def declared(text):
    """The element as a document: namespaces that a stream's header would declare."""
    return octets(re.sub(r"^(<[^\s/>?!]+)(?![^>]*\sxmlns=)", rf"\1 {STREAM}", text.strip(), count=1))


def stanzas():
    found = [declared(vector["text"]) for vector in lines("stanza/*.jsonl") if "text" in vector]
    for vector in lines("payloads/*.jsonl"):
        xml = vector["xml"]
        if xml.startswith("<e ") and xml.endswith("</e>"):
            found.append(declared(xml[xml.index(">") + 1: -len("</e>")]))
    found += [octets(vector["input"]) for vector in lines("caps/*.jsonl")]
    return found + [declared(vector["received"]) for vector in lines("stream-management/*.jsonl")]


def payloads():
    """What the stanzas of the examples carry."""
    found = []
    for vector in lines("payloads/*.jsonl"):
        try:
            inside = ET.fromstring(vector["xml"])
        except ET.ParseError:
            continue
        found += [ET.tostring(payload) for stanza in inside for payload in stanza]
    return found


def documents():
    found = [*members("xml/*.jsonl", "text", "base64"), *files("xml/real/*")]
    return found + [declared(vector["text"]) for vector in lines("stanza/*.jsonl") if "text" in vector]


def addresses():
    return [*members("jid/*.jsonl", "input", "hex"), *members("jid-escape/*.jsonl", "escape", "unescape"),
            *members("idna/*.jsonl", "input"), *members("xmpp-uri/*.jsonl", "uri", "jid")]


def precis():
    return [*members("precis/*.jsonl", "input", "hex", "a", "b"), *members("idna/*.jsonl", "input"),
            *members("jid/*.jsonl", "local", "resource")]


def sasl():
    found = [octets(answer[name]) for vector in lines("sasl/scram.jsonl")
             for answer in [vector.get("answer", vector)]
             for name in ("client_first", "server_first", "client_final", "server_final")
             if isinstance(answer.get(name), str)]
    for pattern, name in (("plain", "message"), ("oauthbearer", "message"), ("hashed-token", "initial_response")):
        found += [base64.b64decode(vector[name]) for vector in lines(f"sasl/{pattern}.jsonl") if name in vector]
    return found


def certificates():
    """The DER in the PEM files."""
    return [base64.b64decode(body) for pem in files("e2e/keys/*.pem")
            for body in re.findall(rb"-----BEGIN CERTIFICATE-----(.*?)-----END", pem, re.S)]


def cms():
    """The DER of certificates and of the CMS objects in the MIME entities."""
    found = certificates()
    for entity in files("e2e/*.eml"):
        for part in email.message_from_bytes(entity).walk():
            if "pkcs7" in part.get_content_type():
                found.append(part.get_payload(decode=True))
    return [der for der in found if der]


SOURCES = {
    "xml": documents,
    "extensions_models": payloads,
    "jid": addresses,
    "precis": precis,
    "stanza_roundtrip": stanzas,
    "sasl_messages": sasl,
    "certificate_identities": certificates,
    "cpim_message": lambda: [*members("cpim/format.jsonl", "input"), *members("cpim/mapping.jsonl", "object"),
                             *files("e2e/*.cpim")],
    "cpim_pidf": lambda: [*members("pidf/*.jsonl", "input", "object"), *files("e2e/*.pidf")],
    "cpim_uris": lambda: [*members("cpim/uris.jsonl", "input"), *members("cpim/date-times.jsonl", "input")],
    "cpim_gateway": lambda: [*members("cpim/mapping.jsonl", "input", "object"),
                             *members("pidf/*.jsonl", "input"), *files("e2e/*.xml")],
    "e2e_cms": cms,
    "e2e_mime": lambda: files("e2e/*.eml"),
    "e2e_object": lambda: files("e2e/*.cpim", "e2e/*.pidf", "e2e/*.xml"),
}
