"""Which tests cite which requirements, found by reading the sources.

A test cites what it asserts in a comment in its body or in front of it: `6120-8.2.3-01`, a
feature as `6120-stanza-iq-id`; more of the same section in short, `6120-8.2.3-01, -02 and -04`;
a range as `6121-A.2.1-01 … 6121-A.2.1-09` or `6121-A.2.1-01 to -09`.
"""

import collections
import csv
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SUFFIXES = {".rs", ".py", ".sh", ".md", ".jsonl", ".tsv", ".txt", ".toml", ""}
# What is made of the citations is none.
MADE = {ROOT / "docs" / "conformance-rfc6120.md", ROOT / "docs" / "conformance-register.md"}

FUNCTION = re.compile(r"\s*(?:pub(?:\([a-z]+\))? )?(?:async )?(?:fn|def) (\w+)")
SCENARIO = re.compile(r"\s*@?\w+\($|\s*@?\w*(?:scenario|lie|trick)\(\s*\"([^\"]+)\"")
SECTION = r"(?:\d+(?:\.\d+)*|[A-Z](?:\.\d+)*)"
# `, -02`, ` and -03`, ` to -04`, ` … 6121-A.2.1-09`
MORE = re.compile(rf"`?(, | and |, and | to | ?… ?)`?(\d{{4}}-{SECTION})?-(\d\d)\b")


def rows(name):
    with open(HERE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def files():
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix not in SUFFIXES or path in MADE or path.is_relative_to(HERE):
            continue
        try:
            yield name, path.read_text(encoding="utf-8").split("\n")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue


def kind(name):
    """What a citation in a file of `conformance/` is worth."""
    if name.endswith(".jsonl"):
        return "vector"
    return "live" if name.endswith((".py", ".sh")) else None


def place(name, lines, at):
    """The test in which a line stands, or none if it stands in no test."""
    short = name.removeprefix("crates/").replace("/tests/", "/", 1)
    if not name.endswith((".rs", ".py")):
        return short if name.startswith("conformance/") and kind(name) else None
    if name.endswith(".rs"):
        in_tests = "/tests/" in name or name.endswith("/tests.rs")
        if not in_tests:
            begin = next((i for i, line in enumerate(lines) if "#[cfg(test)]" in line), len(lines))
            if at < begin:
                return None
    elif not name.startswith("conformance/"):
        return None
    # A comment in front of a function is the function's.
    ahead = at
    while ahead < len(lines) and lines[ahead].lstrip().startswith(("//", "#", "@")):
        ahead += 1
    found = FUNCTION.match(lines[ahead]) if ahead < len(lines) and ahead > at else None
    for line in [] if found else reversed(lines[: at + 1]):
        found = FUNCTION.match(line) or (name.endswith(".py") and SCENARIO.match(line)) or None
        if found and found.group(1) not in (None, "_"):
            break
    named = found and found.group(1)
    return f"{short}::{named}" if named and named != "_" else short


def group(found, line):
    """An id, and those of the same section that are written behind it in short."""
    yield found.group()
    section, _, last = found.group().rpartition("-")
    at = found.end()
    while last.isdigit() and (other := MORE.match(line, at)):
        joint, prefix, number = other.groups()
        # Another section begins a group of its own.
        if prefix not in (None, section):
            return
        at, first = other.end(), int(number)
        if joint.strip() in ("to", "…"):
            first = int(last) + 1
        for each in range(first, int(number) + 1):
            yield f"{section}-{each:02}"
        last = number


def citations(known):
    """Tests by what they cite; code by what it cites; and what is cited that does not exist."""
    cited, in_code, wrong = collections.defaultdict(list), collections.defaultdict(list), []
    numbers = "|".join(sorted({name.split("-")[0] for name in known}))
    pattern = re.compile(rf"\b(?:{numbers})-(?:{SECTION}-\d\d|[a-z]+(?:-[a-z]+)*)\b")
    for name, lines in files():
        for at, line in enumerate(lines):
            for found in pattern.finditer(line):
                for what in group(found, line):
                    if what not in known:
                        wrong.append(f"{name}:{at + 1}: there is no {what}")
                        continue
                    test = place(name, lines, at)
                    if test and test not in cited[what]:
                        cited[what].append(test)
                    elif not test and name.endswith(".rs") and name not in in_code[what]:
                        in_code[what].append(name)
    return cited, in_code, wrong
