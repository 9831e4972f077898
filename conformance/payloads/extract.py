#!/usr/bin/env python3
"""Writes the examples of XEPs as JSON lines.

    extract.py FOLDER > conformance/vectors/payloads/examples.jsonl
    conformance/vectors/payloads/mark.py conformance/vectors/payloads/examples.jsonl

FOLDER holds the sources of the XEPs as xep-NNNN.xml, as the XMPP Standards
Foundation publishes them. A line is {"xep", "example", "xml"}: the example's
elements within one <e xmlns='jabber:client'/>. What is not well-formed, or is
no XML at all, is left out and counted on standard error.
"""
import html
import json
import pathlib
import re
import sys
import xml.parsers.expat

BEGIN = "<e xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"


def is_well_formed(text):
    try:
        xml.parsers.expat.ParserCreate(namespace_separator=" ").Parse(text, True)
    except xml.parsers.expat.ExpatError:
        return False
    return "<!" not in text and "<?" not in text


def main(folder):
    left_out = 0
    for path in sorted(pathlib.Path(folder).glob("xep-*.xml")):
        source = path.read_text(encoding="utf-8")
        for number, example in enumerate(re.findall(r"<example\b[^>]*>(.*?)</example>", source, re.S), 1):
            sections = re.findall(r"<!\[CDATA\[(.*?)\]\]>", example, re.S)
            text = BEGIN + ("".join(sections) or html.unescape(example)).strip() + "</e>"
            if is_well_formed(text) and "<" in text[len(BEGIN):-4]:
                line = {"xep": int(path.stem[4:]), "example": number, "xml": text}
                print(json.dumps(line, ensure_ascii=False))
            else:
                left_out += 1
    print(left_out, "left out", file=sys.stderr)


main(sys.argv[1])
