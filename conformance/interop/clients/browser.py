"""The browser example in a headless Chromium, against a server over WebSocket.

It serves the page, drives the browser by its WebDriver, and has `xmpp` at the
other end: the page logs in, pings, sends a message to alice and gets one from
her, and leaves. Chromium trusts the certificate by its key alone, and knows no
name but the domain.
"""

import argparse
import functools
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PATIENCE = 20
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".wasm": "application/wasm"}

    def log_message(self, *_):
        pass


class Browser:
    def __init__(self, flags, log):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0", "--allowed-ips=127.0.0.1"],
            stdout=subprocess.PIPE, stderr=log, text=True)
        for line in self.driver.stdout:
            log.write(line)
            if "was started successfully on port" in line:
                self.at = f"http://127.0.0.1:{line.split()[-1].rstrip('.')}"
                break
        else:
            raise SystemExit("chromedriver does not start")
        threading.Thread(target=lambda: [log.write(line) for line in self.driver.stdout], daemon=True).start()
        chrome = {"args": flags, "binary": "/usr/bin/chromium"}
        asked = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": chrome}}}
        self.session = self.call("POST", "/session", asked)["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.at + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{path}: {error.read().decode()[:500]}") from None

    def open(self, url):
        self.call("POST", f"/session/{self.session}/url", {"url": url})

    def run(self, script, *args):
        return self.call("POST", f"/session/{self.session}/execute/sync", {"script": script, "args": list(args)})

    def close(self):
        try:
            if hasattr(self, "session"):
                self.call("DELETE", f"/session/{self.session}")
        finally:
            self.driver.terminate()
            self.driver.wait(10)


def until(what, found):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.1)
    raise SystemExit(f"no {what} within {PATIENCE} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--xmpp", required=True)
    parser.add_argument("--page", required=True, help="the folder with the page and pkg/")
    parser.add_argument("--domain", required=True)
    parser.add_argument("--websocket", required=True, metavar="HOST:PORT")
    parser.add_argument("--connect", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca", required=True)
    parser.add_argument("--key-hash", required=True, help="base64 of the SHA-256 of the certificate's key")
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--logs", required=True, type=pathlib.Path)
    options = parser.parse_args()
    host, port = options.websocket.split(":")

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=options.page))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def xmpp(verb, *more):
        return [options.xmpp, verb, "--jid", f"alice@{options.domain}", "--password-file", options.password_file,
                "--connect", options.connect, "--ca", options.ca, "--json", *more]

    heard = (options.logs / "listen.json").open("w+")
    listening = subprocess.Popen(xmpp("listen"), stdout=heard)

    def alice_heard():
        return [json.loads(line) for line in pathlib.Path(heard.name).read_text().splitlines()]

    browser = None
    with tempfile.TemporaryDirectory() as profile, (options.logs / "browser.log").open("w", buffering=1) as log:
        try:
            until("login of alice", alice_heard)
            browser = Browser(FLAGS + [
                f"--user-data-dir={profile}",
                f"--host-resolver-rules=MAP {options.domain} {host}",
                f"--ignore-certificate-errors-spki-list={options.key_hash}",
            ], log)
            browser.open(f"http://127.0.0.1:{server.server_port}/index.html")
            until("page", lambda: browser.run("return window.ready === true"))

            def told(kind):
                events = browser.run("return window.events")
                for event in events:
                    if event["type"] == "closed" and kind != "closed":
                        raise SystemExit(f"closed: {event}")
                return next((event for event in events if event["type"] == kind), None)

            browser.run(
                """const [url, jid, password] = arguments;
                   Object.assign(document.forms.login.url, {value: url});
                   Object.assign(document.forms.login.jid, {value: jid});
                   Object.assign(document.forms.login.password, {value: password});
                   document.forms.login.requestSubmit();""",
                f"wss://{options.domain}:{port}/xmpp-websocket", f"bob@{options.domain}/browser", "pw")
            bound = until("login", lambda: told("established"))
            print(bound)
            if bound["jid"] != f"bob@{options.domain}/browser":
                raise SystemExit("bound to another address")
            browser.run("document.getElementById('ping').click()")
            print(until("answer to a ping", lambda: told("pong")))

            text = "from the browser: grüß dich, 世界 \U0001f44b <&>"
            browser.run(
                """const [to, body] = arguments;
                   document.forms.say.to.value = to;
                   document.forms.say.body.value = body;
                   document.forms.say.requestSubmit();""",
                f"alice@{options.domain}", text)
            got = until("message at alice", lambda: [m for m in alice_heard() if m.get("kind") == "message"])[0]
            if (got["from"], got["bodies"][0]["text"]) != (f"bob@{options.domain}/browser", text):
                raise SystemExit(f"alice got {got}")

            answer = "to the browser: 'quoted' & <marked> \U0001f319"
            subprocess.run(xmpp("send", "--to", f"bob@{options.domain}", answer), check=True, timeout=PATIENCE)
            message = until("message in the browser", lambda: told("message"))
            print(message)
            if message["body"] != answer or not message["from"].startswith(f"alice@{options.domain}/"):
                raise SystemExit("another message")

            browser.run("document.getElementById('leave').click()")
            closed = until("the end", lambda: told("closed"))
            if "error" in closed:
                raise SystemExit(f"not in order: {closed}")
            agent = browser.run("return navigator.userAgent")
            print("note:", next(word for word in agent.split() if "Chrom" in word))
        finally:
            if browser:
                browser.close()
            listening.terminate()
            listening.wait(10)
            server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
