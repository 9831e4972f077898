#!/usr/bin/env python3
"""Foreign SASL implementations against xmpp-sasl, without an XMPP server.

Needs: pip install scramp slixmpp aiosasl; apt install gsasl; and beforehand
  cargo build -p xmpp-cli -p xmpp-sasl --bin xmpp --example dialogue
Peers that are not installed are counted as failed, not left out.
Ends with 'N passed, N failed'.
"""

import asyncio
import base64
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
HASHES = ["SHA-1", "SHA-256", "SHA-512"]
USER, PASSWORD = "user", "pencil"
BINDING = ("tls-exporter", "0123456789abcdef0123456789abcdef")
results = {True: 0, False: 0}


def b64(data):
    return base64.b64encode(data).decode() or "="


def unb64(text):
    return b"" if text == "=" else base64.b64decode(text, validate=True)


class Ours:
    """Our side of an exchange: the example `dialogue`."""

    def __init__(self, role, mechanism, user=USER, password=PASSWORD, binding=None):
        command = [TARGET / "examples" / "dialogue", role, mechanism, user, password]
        self.process = subprocess.Popen(
            command + list(binding or []), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self):
        return self.process.stdout.readline().strip()

    def write(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line):
        self.write(line)
        return self.read()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def late(*_):
    raise TimeoutError("no answer in ten seconds")


def case(name, run):
    signal.signal(signal.SIGALRM, late)
    signal.alarm(10)
    try:
        run()
        results[True] += 1
        print("ok     ", name)
    except Exception as error:  # noqa: BLE001: any failure of a case is its result
        results[False] += 1
        print("FAILED ", name, "-", type(error).__name__, error)
    finally:
        signal.alarm(0)


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


# --- scramp -----------------------------------------------------------------


def scramp_client(mechanism, binding=None, password=PASSWORD):
    from scramp import ScramClient

    given = binding and (binding[0], binding[1].encode())
    peer = ScramClient([mechanism], USER, password, channel_binding=given)
    ours = Ours("server", mechanism, binding=binding)
    try:
        answer = ours.ask(b64(peer.get_client_first().encode()))
        peer.set_server_first(unb64(answer).decode())
        answer = ours.ask(b64(peer.get_client_final().encode()))
        if password != PASSWORD:
            expect(answer.startswith("failure not-authorized"), answer)
            return
        expect(answer.startswith("success "), answer)
        peer.set_server_final(unb64(answer.split()[1]).decode())
    finally:
        ours.close()


def scramp_server(mechanism, binding=None, password=PASSWORD):
    from scramp import ScramException, ScramMechanism

    m = ScramMechanism(mechanism)
    info = m.make_auth_info(PASSWORD, iteration_count=4096)
    given = binding and (binding[0], binding[1].encode())
    peer = m.make_server(lambda _: info, channel_binding=given)
    ours = Ours("client", mechanism, password=password, binding=binding)
    try:
        peer.set_client_first(unb64(ours.read()).decode())
        answer = ours.ask(b64(peer.get_server_first().encode()))
        try:
            peer.set_client_final(unb64(answer).decode())
        except ScramException:
            expect(password != PASSWORD, "scramp refused the proof")
            return
        expect(password == PASSWORD, "scramp took a wrong proof")
        answer = ours.ask("success " + b64(peer.get_server_final().encode()))
        expect(answer == "verified", answer)
    finally:
        ours.close()


def batch():
    """Random exchanges, each computed by scramp and by us."""
    from scramp import ScramClient, ScramMechanism

    lot = random.Random(7)
    text = lambda n: "".join(lot.choices("ABCDEFGHabcdefgh0123456789+/=!#%", k=n))
    requests, expected = [], []
    for index in range(60):
        plus = index % 2 == 1
        mechanism = f"SCRAM-{HASHES[index % 3]}" + ("-PLUS" if plus else "")
        user = lot.choice(["user", "a,b=c", "ж", "\u2168", "I\u00adX", "\u00aa", "juliet"])
        password = lot.choice(["pencil", "p=,", "пароль", "\u2168\u00a0x", "x" * 200])
        salt = lot.randbytes(lot.randint(12, 40))
        iterations = lot.choice([4096, 4097, 5000, 10000])
        kind = lot.choice(["tls-unique", "tls-server-end-point"])
        data = lot.randbytes(32)
        binding = (kind, data) if plus else None
        client_nonce, server_nonce = text(24), text(18)
        m = ScramMechanism(mechanism)
        info = m.make_auth_info(password, iteration_count=iterations, salt=salt)
        server = m.make_server(lambda _: info, channel_binding=binding, s_nonce=server_nonce)
        client = ScramClient(
            [mechanism], user, password, channel_binding=binding, c_nonce=client_nonce
        )
        messages = {"client_first": client.get_client_first()}
        server.set_client_first(messages["client_first"])
        messages["server_first"] = server.get_server_first()
        client.set_server_first(messages["server_first"])
        messages["client_final"] = client.get_client_final()
        server.set_client_final(messages["client_final"])
        messages["server_final"] = server.get_server_final()
        client.set_server_final(messages["server_final"])
        expected.append(messages)
        requests.append(
            {
                "mechanism": mechanism,
                "user": user,
                "password": password,
                "client_nonce": client_nonce,
                "server_nonce": server_nonce,
                "salt": b64(salt),
                "iterations": iterations,
                "gs2": f"p={kind},," if plus else "n,,",
                "cbind_data": b64(data) if plus else None,
            }
        )
    answers = subprocess.run(
        [TARGET / "xmpp", "sasl", "scram", "--batch"],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for request, want, got in zip(requests, expected, answers, strict=True):
        expect(json.loads(got) == want, f"{request}: {got} is not {want}")


# --- slixmpp ----------------------------------------------------------------


def slixmpp_client(mechanism):
    from slixmpp.util.sasl import mechanisms

    name, _, _ = mechanism.partition("-")
    made = {"SCRAM": mechanisms.SCRAM, "PLAIN": mechanisms.PLAIN}[name]
    peer = made(
        mechanism,
        {
            "username": USER.encode(),
            "password": PASSWORD.encode(),
            "authzid": b"",
            "channel_binding": mechanism.endswith("-PLUS") and BINDING[1].encode(),
        },
        {
            "encrypted": True,
            "tls_version": "TLSv1.3",
            "unencrypted_plain": False,
            "encrypted_plain": True,
            "unencrypted_scram": False,
            "binding_proposed": mechanism.endswith("-PLUS"),
        },
    )
    ours = Ours("server", mechanism, binding=BINDING if mechanism.endswith("-PLUS") else None)
    try:
        answer = ours.ask(b64(peer.process()))
        if name == "SCRAM":
            answer = ours.ask(b64(peer.process(unb64(answer))))
            expect(answer.startswith("success "), answer)
            peer.process(unb64(answer.split()[1]))
        else:
            expect(answer == "success", answer)
    finally:
        ours.close()


# --- aiosasl (aioxmpp's) ----------------------------------------------------


def aiosasl_client(mechanism):
    import aiosasl

    ours = Ours("server", mechanism)

    class Interface(aiosasl.SASLInterface):
        async def initiate(self, mechanism, payload=None):
            return self.take(ours.ask(b64(payload or b"")))

        async def respond(self, payload):
            return self.take(ours.ask(b64(payload)))

        async def abort(self):
            raise aiosasl.SASLFailure("aborted")

        def take(self, answer):
            if answer.startswith("failure"):
                raise aiosasl.SASLFailure(answer)
            if answer.startswith("success"):
                data = answer.split()[1:]
                return aiosasl.SASLState.SUCCESS, unb64(data[0]) if data else None
            return aiosasl.SASLState.CHALLENGE, unb64(answer)

    async def credentials():
        return USER, PASSWORD

    async def run():
        made = {"SCRAM": aiosasl.SCRAM, "PLAIN": aiosasl.PLAIN}[mechanism.split("-")[0]]
        peer = made(credentials)
        token = made.any_supported([mechanism])
        expect(token is not None, "aiosasl does not speak it")
        machine = aiosasl.SASLStateMachine(Interface())
        await peer.authenticate(machine, token)

    try:
        asyncio.run(run())
    finally:
        ours.close()


# --- GNU SASL ---------------------------------------------------------------


class Gsasl:
    """The program of GNU SASL, and the base64 among what it says."""

    def __init__(self, role, mechanism, binding=None):
        command = ["gsasl", f"--{role}", "--mechanism", mechanism]
        command += ["--authentication-id", USER, "--password", PASSWORD]
        self.process = subprocess.Popen(
            ["stdbuf", "-o0"] + command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.binding, self.seen = binding, b""

    def write(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def until(self, *patterns):
        """Reads until one of the patterns is there; answers what is asked
        about channel bindings meanwhile."""
        asked = rb"Enter base64 encoded (\S+) channel binding: "
        while True:
            if found := re.search(asked, self.seen):
                self.seen = self.seen[found.end() :]
                kind = found.group(1).decode()
                right = self.binding and self.binding[0] == kind
                self.write(b64(self.binding[1].encode()) if right else "")
                continue
            if found := re.search(rb"Enter anonymous token .*: ", self.seen):
                self.seen = self.seen[found.end() :]
                self.write(USER)
                continue
            for pattern in patterns:
                if found := re.search(pattern, self.seen):
                    self.seen = self.seen[found.end() :]
                    return found
            more = os.read(self.process.stdout.fileno(), 65536)
            expect(more, f"gsasl ended: {self.seen!r}")
            self.seen += more

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


OUTPUT = rb"Output from (?:client|server):\n([A-Za-z0-9+/=]*)\n"
DONE = rb"(?:Client|Server) authentication finished \((?:client|server) trusted\)"


def gsasl_client(mechanism, binding=None):
    ours, peer = Ours("server", mechanism, binding=binding), Gsasl("client", mechanism, binding)
    try:
        for _ in range(4):
            answer = ours.ask(peer.until(OUTPUT).group(1).decode() or "=")
            expect(not answer.startswith("failure"), answer)
            if answer == "success":
                return
            peer.write(answer.removeprefix("success "))
            if answer.startswith("success"):
                # It answers the server-final-message with nothing.
                peer.until(OUTPUT)
                peer.write("")
                peer.until(DONE)
                return
        raise AssertionError("no end")
    finally:
        ours.close()
        peer.close()


def gsasl_server(mechanism, binding=None):
    ours, peer = Ours("client", mechanism, binding=binding), Gsasl("server", mechanism, binding)
    try:
        # It begins with an empty challenge.
        peer.until(OUTPUT)
        message = ours.read()
        for _ in range(4):
            peer.write("" if message == "=" else message)
            if mechanism.startswith("SCRAM"):
                challenge = peer.until(OUTPUT).group(1).decode()
                # Its server-final-message comes as a challenge, too.
                message = ours.ask(challenge)
                expect(not message.startswith("failure"), message)
                if message == "=":
                    expect(ours.ask("success") == "verified", "not verified")
                    return
            else:
                peer.until(OUTPUT)
                peer.write("")
                peer.until(DONE)
                expect(ours.ask("success") == "verified", "not verified")
                return
        raise AssertionError("no end")
    finally:
        ours.close()
        peer.close()


def main():
    case("scramp: 60 exchanges through xmpp sasl scram --batch", batch)
    for digest in HASHES:
        for plus in ["", "-PLUS"]:
            name = f"SCRAM-{digest}{plus}"
            # scramp does not know tls-exporter.
            kinds = ["tls-unique", "tls-server-end-point"] if plus else [None]
            for kind in kinds:
                binding = kind and (kind, BINDING[1])
                label = f"{name} {kind or ''}".strip()
                case(f"scramp client, our server: {label}", lambda: scramp_client(name, binding))
                case(f"our client, scramp server: {label}", lambda: scramp_server(name, binding))
        name = f"SCRAM-{digest}"
        case(
            f"scramp client, our server: {name}, wrong password",
            lambda: scramp_client(name, password="wrong"),
        )
        case(
            f"our client, scramp server: {name}, wrong password",
            lambda: scramp_server(name, password="wrong"),
        )
        case(f"slixmpp client, our server: {name}", lambda: slixmpp_client(name))
        plus = f"{name}-PLUS"
        case(f"slixmpp client, our server: {plus}", lambda: slixmpp_client(plus))
        # aiosasl does not know SHA-512.
        if digest != "SHA-512":
            case(f"aiosasl client, our server: {name}", lambda: aiosasl_client(name))
    case("slixmpp client, our server: PLAIN", lambda: slixmpp_client("PLAIN"))
    case("aiosasl client, our server: PLAIN", lambda: aiosasl_client("PLAIN"))
    for name in ["SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN", "ANONYMOUS", "EXTERNAL"]:
        case(f"gsasl client, our server: {name}", lambda: gsasl_client(name))
    # The program has no answer to what its server asks about the other two.
    for name in ["SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"]:
        case(f"our client, gsasl server: {name}", lambda: gsasl_server(name))
    for name in ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"]:
        for kind in ["tls-exporter", "tls-unique"]:
            binding = (kind, BINDING[1])
            case(f"gsasl client, our server: {name} {kind}", lambda: gsasl_client(name, binding))
            case(f"our client, gsasl server: {name} {kind}", lambda: gsasl_server(name, binding))
    print(f"{results[True]} passed, {results[False]} failed")
    return results[False] > 0


if __name__ == "__main__":
    sys.exit(main())
