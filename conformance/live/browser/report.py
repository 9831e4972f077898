#!/usr/bin/env python3
"""The report in a headless Chromium: open, filter, search, fold, compare, print.

    conformance/live/browser/report.py target/debug/xmpp-conformance [--screenshots DIR]

needs chromium and chromedriver. Makes two runs of its own, with a hostile peer in
them, and a page of both, and looks at what the browser makes of it. With
`--screenshots`, it leaves pictures (light, dark, narrow) and the print as PDF.
"""

import argparse
import base64
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "interop" / "clients"))
from browser import FLAGS, Browser, until  # noqa: E402

HOSTILE = "</pre><script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
LEVELS = ["must", "should", "may"]


def record(number, verdict, **more):
    section = f"4.{1 + number % 12}"
    return {
        "id": f"6120/{section}/{number}", "rfc": "6120", "section": section, "level": LEVELS[number % 3],
        "verdict": verdict, "title": f"case {number}", "sentence": "An entity MUST do so.",
        "requirements": [], "reason": "" if verdict == "passed" else "it is not so", "duration_ms": 1,
        "sent": "", "received": "", "transcript": [
            {"at": 0, "who": "client", "direction": "sent", "bytes": "<presence/>", "marked": False},
            {"at": 7, "who": "client", "direction": "received", "bytes": {"base64": base64.b64encode(
                b"\xff\x00" + HOSTILE.encode()).decode()}, "marked": True},
            {"at": 9, "who": "client", "direction": "note", "bytes": "the connection is closed", "marked": False},
        ], **more,
    }


def run(name, verdicts):
    about = {"half": "server", "name": name, "target": "127.0.0.1:5222", "domain": "a.test", "suite": "0.1.0",
             "began": "2026-11-29T09:00:00Z", "cases": len(verdicts)}
    lines = [{"run": about}] + [record(n, verdict) for n, verdict in enumerate(verdicts) if verdict]
    return "".join(json.dumps(line) + "\n" for line in lines)


class Page(Browser):
    def cdp(self, command, **params):
        return self.call("POST", f"/session/{self.session}/goog/cdp/execute", {"cmd": command, "params": params})

    def shown(self):
        return self.run("return document.querySelectorAll('details.case:not([hidden])').length")

    def told(self):
        return self.run("return document.getElementById('count').textContent")

    def click(self, selector):
        self.run("document.querySelector(arguments[0]).click()", selector)

    def type(self, text):
        self.run("const box = document.getElementById('search'); box.value = arguments[0];"
                 "box.dispatchEvent(new Event('input', {bubbles: true}))", text)

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.cdp("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode={"Tab": 9, "Enter": 13}[key], text="\r" if key == "Enter" else "")

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.call("GET", f"/session/{self.session}/screenshot")))

    def screen(self, width, height, scheme="light", script=True):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.cdp("Emulation.setScriptExecutionDisabled", value=not script)


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"failed: {what}: {found!r} in place of {wanted!r}")
    print(f"passed: {what}")


def look(page, at):
    page.open(at)
    expect("all cases are shown", (page.shown(), page.told()), (30, "30 of 30 cases"))
    expect("the peer's bytes stay text", page.run(
        "return [document.title, document.scripts.length, document.images.length,"
        " document.querySelector('.bytes mark').textContent.includes('<script>')]"),
        ["XMPP conformance: one, two", 1, 0, True])
    expect("a byte that is no text is spelled out", page.run(
        "return [...document.querySelectorAll('.bytes mark')[0].querySelectorAll('.spelled')].map((n) => n.textContent)"),
        ["\\xFF", "NUL"])

    # Verdicts: 0 to 4 fail in the first run, 0 to 9 in the second; 29 is in the second alone.
    for verdict in ("passed", "skipped", "error"):
        page.click(f"input[value={verdict}]")
    until("filter by verdict", lambda: page.told() == "10 of 30 cases")
    expect("failed in any run", page.shown(), 10)
    page.run("const run = document.getElementById('run'); run.value = '0'; run.dispatchEvent(new Event('input', {bubbles: true}))")
    until("filter by run", lambda: page.told() == "5 of 30 cases")
    expect("failed in the first run", page.shown(), 5)
    page.click("input[value=should]")
    page.click("input[value=may]")
    until("filter by level", lambda: page.told() == "2 of 30 cases")
    expect("failed MUST of the first run", page.shown(), 2)
    expect("sections without a case are not shown", page.run(
        "return document.querySelectorAll('section.cases:not([hidden])').length"), 2)
    page.click("#reset")
    until("reset", lambda: page.told() == "30 of 30 cases")
    page.click("#differences")
    until("differences", lambda: page.told() == "6 of 30 cases")
    expect("only where runs differ", page.shown(), 6)
    page.click("#reset")
    until("reset", lambda: page.told() == "30 of 30 cases")
    page.type("CASE 17 presence")
    until("search", lambda: page.told() == "1 of 30 cases")
    page.type("nothing has this")
    until("search without a match", lambda: page.told() == "0 of 30 cases")
    expect("it is said that nothing matches", page.run("return document.getElementById('none').hidden"), False)
    page.click("#reset")
    until("reset", lambda: page.told() == "30 of 30 cases")

    opened = "return document.querySelectorAll('details[open]').length"
    page.click("#open")
    expect("all open", page.run(opened), 30)
    page.click("#close")
    expect("all closed", page.run(opened), 0)
    page.click("#next")
    page.click("#next")
    expect("the next failures are opened, and are where the keyboard is", page.run(
        "return [document.querySelectorAll('details[open]').length, document.activeElement.tagName]"), [2, "SUMMARY"])
    page.press("Enter")
    expect("Enter folds a case", page.run(opened), 1)
    page.press("Tab")
    expect("Tab goes to the next case", page.run(
        "return [document.activeElement.tagName, document.activeElement.parentElement.open]"), ["SUMMARY", False])
    page.click("#close")
    page.run("location.hash = '#6120/4.6/17'")
    until("fragment", lambda: page.run("return document.getElementById('6120/4.6/17').open"))
    print("passed: an address with a case's id opens it")
    expect("the case that is not in the first run says so", page.run(
        "return [...document.getElementById('6120/4.6/29').querySelectorAll('.word')].map((n) => n.textContent)"),
        ["not run", "passed"])
    page.click("#close")
    printed = page.cdp("Page.printToPDF", printBackground=False)
    expect("after printing all is as before", page.run(opened), 0)
    log = page.call("POST", f"/session/{page.session}/se/log", {"type": "browser"})
    expect("nothing is complained of", [line for line in log if line["level"] == "SEVERE"], [])

    # The tree that screen readers get.
    page.cdp("Accessibility.enable")
    nodes = page.cdp("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"] and "role" in node]
    expect("headings, tables, row headers, a status and disclosures are told", [
        role for role in ("heading", "table", "rowheader", "columnheader", "status", "DisclosureTriangle", "searchbox")
        if role not in roles], [])

    page.screen(390, 844)
    page.open(at)
    expect("a narrow page does not scroll sideways", page.run("return document.documentElement.scrollWidth"), 390)
    page.screen(1280, 900, script=False)
    page.open(at + "?")
    page.screen(1280, 900)
    expect("without its script, the filters are not there and the cases are", page.run(
        "return [document.getElementById('filters').hidden, document.querySelectorAll('details.case').length]"), [True, 30])
    return printed


def pictures(page, at, printed, out):
    out.mkdir(parents=True, exist_ok=True)
    (out / "print.pdf").write_bytes(base64.b64decode(printed["data"]))
    for name, width, scheme in (("light", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 390, "light")):
        page.screen(width, 900, scheme)
        page.open(at)
        page.picture(out / f"{name}.png")
        page.click("#next")
        page.picture(out / f"{name}-case.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="xmpp-conformance")
    parser.add_argument("--screenshots", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "one.jsonl").write_text(run("one", ["failed"] * 5 + ["passed"] * 20 + ["skipped"] * 4 + [None]))
        (folder / "two.jsonl").write_text(run("two", ["failed"] * 10 + ["passed"] * 15 + ["skipped"] * 4 + ["passed"]))
        subprocess.run([options.program, "report", folder / "one.jsonl", folder / "two.jsonl",
                        "--out", folder / "report.html"], check=True)
        at = f"file://{folder}/report.html"
        with open(folder / "driver.log", "w") as log:
            page = Page([*FLAGS, "--hide-scrollbars"], log)
            try:
                page.screen(1280, 900)
                printed = look(page, at)
                if options.screenshots:
                    pictures(page, at, printed, options.screenshots)
            finally:
                page.close()


if __name__ == "__main__":
    main()
