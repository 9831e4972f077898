#!/usr/bin/env python3
"""Compares every Unicode scalar value with independent implementations.

    python3 -m venv VENV && VENV/bin/pip install -r conformance/jid/requirements.txt
    cargo build --release -p xmpp-cli
    VENV/bin/python conformance/jid/compare.py target/release/xmpp

Asks precis_i18n and idna, and the `xmpp` program through its pipe, for

- each PRECIS profile's and class's verdict on the code point alone and on it
  between two letters, and the output;
- the derived properties of RFC 8264 and RFC 5892;
- whether the code point, alone and between two letters, is a U-label.

Names after the program's restrict the work to those profiles or `idna`.

Writes what the oracles say beside itself, in a compact form that the crate's
tests hold the crate against, and the differences, each with its reason. Ends
with status 1 if there is one without.
"""

import json
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import idna
import unicodedata2
from precis_i18n import get_profile
from precis_i18n.derived import derived_property
from precis_i18n.unicode import UnicodeData

HERE = Path(__file__).parent
BLOCK = 0x1000
SCALARS = [cp for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]

# precis_i18n's names and ours. Its "Nickname" maps case, which RFC 8266 does
# only for comparison.
PROFILES = {
    "UsernameCaseMapped": "UsernameCaseMapped",
    "UsernameCasePreserved": "UsernameCasePreserved",
    "OpaqueString": "OpaqueString",
    "Nickname": "NicknameCasePreserved",
    "IdentifierClass": "IdentifierClass",
    "FreeformClass": "FreeFormClass",
}


def fnv1a(state, data):
    for byte in data:
        state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return state


def strings():
    for cp in SCALARS:
        yield cp, chr(cp)
        yield cp, "a" + chr(cp) + "b"


def runs(values):
    """(first, last, value) of each run; surrogates go with their neighbours."""
    start = previous = None
    current = None
    for cp, value in values:
        if value != current:
            if current is not None:
                yield start, previous, current
            start, current = cp, value
        previous = cp
    yield start, previous, current


def ask(program, command, lines, key):
    """The program's answers, None for a refusal."""
    process = subprocess.Popen(
        [program, *command, "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    def feed():
        for line in lines:
            process.stdin.write(json.dumps({"input": line}).encode() + b"\n")
        process.stdin.close()

    threading.Thread(target=feed).start()
    for line in process.stdout:
        answer = json.loads(line)
        yield answer[key] if answer["ok"] else None
    assert process.wait() == 0


def precis_oracle(name):
    profile = get_profile(PROFILES[name], unicodedata=unicodedata2)

    def answer(text):
        try:
            return profile.enforce(text)
        except UnicodeEncodeError:
            return None

    return answer


def idna_oracle(text):
    """idna asks Python's own unicodedata for more than its tables hold, and
    leaves the case of ASCII labels to others."""
    idna.core.unicodedata = unicodedata2
    try:
        return idna.alabel(text).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return None


def is_newly_cased(cp):
    """Whether Python's own str.lower(), which precis_i18n calls, is too old to
    know the code point."""
    return unicodedata.category(chr(cp)) == "Cn" and unicodedata2.category(chr(cp)) != "Cn"


def reason(name, cp, text, theirs, ours):
    category = unicodedata2.category(chr(cp))
    if category == "Lu" and is_newly_cased(cp):
        return "str.lower() of Python %s is older than the letter" % unicodedata.unidata_version
    if name == "idna" and text == "a.b":
        return "the oracle was asked about a label; these are two"
    return None


def main():
    program = sys.argv[1]
    assert unicodedata2.unidata_version == idna.idnadata.__version__ == "18.0.0"
    ucd = UnicodeData(unicodedata2)
    properties(HERE / "precis-properties.tsv", lambda cp: derived_property(cp, ucd)[0])
    properties(HERE / "idna-properties.tsv", idna_property)
    columns = {}
    differences = []
    names = sys.argv[2:] or [*PROFILES, "idna"]
    for name in names:
        if name == "idna":
            oracle, command, key = idna_oracle, ["idna"], "ascii"
        else:
            oracle, command, key = precis_oracle(name), ["precis", "--profile", name], "output"
        hashes = [0xCBF29CE484222325] * (0x110000 // BLOCK)
        answers = ask(program, command, (text for _, text in strings()), key)
        for (cp, text), ours in zip(strings(), answers):
            theirs = oracle(text)
            said = b"\xfe" if theirs is None else theirs.encode()
            hashes[cp // BLOCK] = fnv1a(hashes[cp // BLOCK], said + b"\xff")
            if theirs != ours:
                differences.append(
                    (name, "U+%04X" % cp, text, theirs, ours, reason(name, cp, text, theirs, ours))
                )
        columns[name] = hashes
        print(name, "compared", flush=True)
    kept = []
    if sys.argv[2:]:
        head, *rows = [line.split("\t") for line in open(HERE / "verdicts.tsv").read().splitlines()]
        for at, name in enumerate(head):
            if at and name not in names:
                columns[name] = [int(row[at], 16) for row in rows]
        for line in open(HERE / "differences.jsonl"):
            if json.loads(line)["of"] not in names:
                kept.append(line)
    with open(HERE / "verdicts.tsv", "w") as out:
        all_names = [name for name in [*PROFILES, "idna"] if name in columns]
        print("first", *all_names, sep="\t", file=out)
        for block in range(0x110000 // BLOCK):
            row = ["%016x" % columns[name][block] for name in all_names]
            print("%04X" % (block * BLOCK), *row, sep="\t", file=out)
    unexplained = 0
    with open(HERE / "differences.jsonl", "w") as out:
        out.writelines(kept)
        for name, point, text, theirs, ours, why in differences:
            unexplained += why is None
            record = {"of": name, "code_point": point, "input": text, "oracle": theirs,
                      "xmpp": ours, "reason": why}
            print(json.dumps(record, ensure_ascii=False), file=out)
    print(f"{len(SCALARS)} code points, {len(names) * 2 * len(SCALARS)} strings, "
          f"{len(differences)} differences, {unexplained} of them without a reason")
    sys.exit(unexplained > 0)


def properties(path, of):
    with open(path, "w") as out:
        for first, last, value in runs((cp, of(cp)) for cp in SCALARS):
            print("%04X" % first, "%04X" % last, value, sep="\t", file=out)


def idna_property(cp):
    for name, ranges in idna.idnadata.codepoint_classes.items():
        if idna.intranges.intranges_contain(cp, ranges):
            return name
    if unicodedata2.category(chr(cp)) == "Cn" and not is_noncharacter(cp):
        return "UNASSIGNED"
    return "DISALLOWED"


def is_noncharacter(cp):
    return cp & 0xFFFE == 0xFFFE or 0xFDD0 <= cp <= 0xFDEF


if __name__ == "__main__":
    main()
