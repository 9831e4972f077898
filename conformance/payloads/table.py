#!/usr/bin/env python3
"""Writes docs/extensions.md: which XEPs xmpp-extensions models, and where.

    conformance/payloads/table.py            # writes it
    conformance/payloads/table.py --check    # fails if it is not what would be written
    conformance/payloads/table.py --xeps FOLDER

All of it is read from the sources: the `subject!` lists, the first lines of
the modules, their functions, the tests in them, and the examples under
conformance/vectors/payloads. Names and versions are in xeps.tsv, which `--xeps`
writes from the sources of the XEPs (xep-NNNN.xml in FOLDER), as extract.py
does with the examples.
"""
import collections
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCES = ROOT / "crates/xmpp-extensions/src"
TESTS = ROOT / "crates/xmpp-extensions/tests"
EXAMPLES = HERE.parent / "vectors/payloads/examples.jsonl"
GUIDE = HERE / "extensions.md"
PAGE = ROOT / "docs/extensions.md"


def write_xeps(folder):
    rows = []
    for path in sorted(pathlib.Path(folder).glob("xep-*.xml")):
        source = path.read_text(encoding="utf-8")
        name = re.search(r"<title>(.*?)</title>", source, re.S)[1].strip()
        version = re.search(r"<version>(.*?)</version>", source, re.S)[1].strip()
        date = re.search(r"<revision>.*?<date>(.*?)</date>", source, re.S)[1].strip()
        rows.append(f"{path.stem[4:]}\t{name}\t{version}\t{date}\n")
    (HERE / "xeps.tsv").write_text("# XEP\tname\tversion\tdate\n" + "".join(rows), encoding="utf-8")


class Module:
    """What a source file says of itself."""

    def __init__(self, path):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        self.path = "::".join(parts[:-1] if parts[-1] == "mod" else parts)
        source = path.read_text(encoding="utf-8")
        code, _, tests = source.partition("#[cfg(test)]\nmod tests")
        if not tests:
            code, _, tests = source.partition("#[cfg(all(test,")
        head = re.match(r"(?://!.*\n)+", source)
        self.title = head[0][4:].partition("\n")[0].partition(": XEP")[0] if head else ""
        self.xeps = set(re.findall(r"XEP-(\d{4})", head[0].split("//!\n")[0])) if head else set()
        # Functions of the module and of its types, not those in macros.
        code = re.sub(r"macro_rules! .*?\n}\n", "", code, flags=re.S)
        code = re.sub(r"^\s*//.*\n", "", code, flags=re.M)
        self.functions = []
        owner = ""
        for line in code.splitlines():
            if implementation := re.match(r"\s*impl(?:<.*?>)? (\w+)(?:<.*>)? \{", line):
                owner = implementation[1] + "::"
            elif re.match(r"\s*(?:impl|trait)\b", line) or line == "}":
                owner = ""
            elif function := re.match(r"\s*pub (?:const )?fn (\w+)", line):
                self.functions.append(owner + function[1])
        self.functions += [f"{form}::from_form" for form in re.findall(r"form_fields! \{\s*(\w+) =", code)]
        self.tests = len(re.findall(r"#\[test\]", tests))
        self.doc_tests = len(re.findall(r"^\s*//[/!] ```(?:rust)?\n", source, re.M)) // 2


def listed():
    """The models of the `subject!` lists: XEP and module."""
    for path in sorted(SOURCES.glob("*/mod.rs")):
        source = path.read_text(encoding="utf-8")
        body = re.search(r"subject! \{(.*?)\n?\}", source, re.S)
        for xep, model in re.findall(r"(\d{4}): ([\w:]+)", body[1] if body else ""):
            module, _, name = model.rpartition("::")
            yield xep, path.parent.name + ("::" + module if module else ""), name


def page():
    known = [line.split("\t") for line in (HERE / "xeps.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    known = {number: (name, version, date) for number, name, version, date in known}
    examples = collections.Counter(json.loads(line)["xep"] for line in EXAMPLES.open(encoding="utf-8"))
    integration = {
        path.stem: set(re.findall(r"XEP-(\d{4})", path.read_text(encoding="utf-8")))
        for path in sorted(TESTS.glob("*.rs"))
        if path.stem not in ("examples", "shapes")
    }
    modules = [Module(path) for path in sorted(SOURCES.rglob("*.rs"))]
    modules = {module.path: module for module in modules if module.path not in ("lib", "registry", "arbitrary")}
    of_xep = collections.defaultdict(set)
    models = collections.defaultdict(list)
    for module in modules.values():
        for xep in module.xeps:
            of_xep[xep].add(module.path)
    for xep, module, name in listed():
        models[xep].append(name)
        if not any(path == module or path.startswith(module + "::") for path in of_xep[xep]):
            of_xep[xep].add(module)
    rows = []
    for xep in sorted(of_xep):
        name, version, date = known.get(xep, ("", "", ""))
        here = [modules[path] for path in sorted(of_xep[xep]) if path in modules]
        functions = [f"`{function}`" for module in here for function in module.functions]
        tests = []
        if models[xep] and examples[int(xep)]:
            tests.append(f"{examples[int(xep)]} examples")
        if unit := sum(module.tests for module in here):
            tests.append(f"{unit} in the module")
        if doc := sum(module.doc_tests for module in here):
            tests.append(f"{doc} in the documentation")
        tests += [f"`{stem}`" for stem, xeps in integration.items() if xep in xeps]
        cells = [
            f"[{xep}](https://xmpp.org/extensions/xep-{xep}.html)",
            name or here[0].title,
            f"{version} ({date})" if version else "",
            ", ".join(f"`{path}`" for path in sorted(of_xep[xep])),
            ", ".join(f"`{model}`" for model in models[xep]),
            ", ".join(functions),
            ", ".join(tests),
        ]
        rows.append("| " + " | ".join(cells) + " |\n")
    table = (
        "| XEP | name | version | module | payloads | functions | tests |\n|---|---|---|---|---|---|---|\n"
        + "".join(rows)
    )
    count = f"{len(rows)} XEPs, {sum(map(len, models.values()))} payloads."
    return GUIDE.read_text(encoding="utf-8").replace("{{table}}\n", table).replace("{{count}}", count)


def main(arguments):
    if arguments[:1] == ["--xeps"]:
        write_xeps(arguments[1])
    elif arguments == ["--check"]:
        if PAGE.read_text(encoding="utf-8") != page():
            sys.exit("docs/extensions.md is not what the sources say: run conformance/payloads/table.py")
    else:
        PAGE.write_text(page(), encoding="utf-8")


main(sys.argv[1:])
