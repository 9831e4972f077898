"""A server that lies, for the client commands of the program: the standard library, and
the `openssl` command for the certificates."""

import base64
import dataclasses
import hashlib
import hmac
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time
import typing

from client import DOMAIN

MIB = 1 << 20
# What no server may learn.
PASSWORD = "sesame-7c1e-opens"
USER = "victim"
STARTTLS = (
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
)
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


class Gone(Exception):
    """The client has ended the connection."""


class Certificates:
    """A throw-away authority in a folder, and what a client must not accept."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "password").write_text(PASSWORD + "\n")
        self.authority("ca")
        self.authority("foreign")
        self.leaf("good")
        self.leaf("wrong-name", names="DNS:other.example")
        self.leaf("only-common-name", names=None)
        self.leaf("above", names="DNS:example,DNS:*.attack.example")
        self.leaf("expired", dates=("20200101000000Z", "20200201000000Z"))
        self.leaf("not-yet", dates=("20900101000000Z", "20900201000000Z"))
        self.leaf("unknown-authority", authority="foreign")
        self.leaf("for-clients", usage="clientAuth")
        self.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=self "
            f"-addext subjectAltName=DNS:{DOMAIN} -addext basicConstraints=critical,CA:FALSE "
            "-keyout self-signed.key -out self-signed.crt"
        )

    @property
    def trusted(self):
        return str(self.folder / "ca.crt")

    @property
    def password_file(self):
        return str(self.folder / "password")

    def openssl(self, command):
        done = subprocess.run(
            ["openssl", *command.split()], cwd=self.folder, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"openssl {command}: {done.stderr[-400:]}")

    def authority(self, name):
        self.openssl(
            f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN={name} "
            "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign "
            f"-keyout {name}.key -out {name}.crt"
        )
        # `openssl ca` can date a certificate as one likes, for the price of a database.
        (self.folder / f"{name}.index").write_text("")
        (self.folder / f"{name}.serial").write_text("1000\n")
        (self.folder / f"{name}.cnf").write_text(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={name}.index\nserial={name}.serial\n"
            f"new_certs_dir=.\ncertificate={name}.crt\nprivate_key={name}.key\n"
            "default_md=sha256\npolicy=any\nunique_subject=no\ndefault_days=30\n"
            "[any]\ncommonName=supplied\n"
        )

    def leaf(self, name, authority="ca", names=f"DNS:{DOMAIN}", dates=None, usage="serverAuth"):
        subject = DOMAIN if names is None else name
        self.openssl(
            f"req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={subject} "
            f"-keyout {name}.key -out {name}.csr"
        )
        extensions = (
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            f"extendedKeyUsage={usage}\n"
        )
        if names:
            extensions += f"subjectAltName={names}\n"
        (self.folder / f"{name}.ext").write_text(extensions)
        dated = f"-startdate {dates[0]} -enddate {dates[1]} " if dates else ""
        self.openssl(
            f"ca -batch -notext -config {authority}.cnf -extfile {name}.ext {dated}"
            f"-in {name}.csr -out {name}.crt"
        )

    def context(self, name="good", version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        if version is not None:
            # What is not spoken any more has to be asked for.
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        return context


class Peer:
    """One connection of a client. Each step of the negotiation may be left out or
    replaced."""

    def __init__(self, connection, certificates, others):
        self.socket, self.certificates, self.others = connection, certificates, others
        self.socket.settimeout(30)
        self.pending = ""
        # All that the client has said, decrypted.
        self.heard = bytearray()
        self.sent_bytes = 0
        # Whether the script got as far as what it is about.
        self.struck = False

    # Bytes

    def send(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Gone(repr(error)) from error
        self.sent_bytes += len(data)

    def strike(self, text=""):
        """Sends what the script is about."""
        self.struck = True
        if text:
            self.send(text)

    def receive(self):
        try:
            data = self.socket.recv(65536)
        except OSError as error:
            raise Gone(repr(error)) from error
        if not data:
            raise Gone("end")
        if len(self.heard) < 4 * MIB:
            self.heard += data
        self.pending = (self.pending + data.decode(errors="replace"))[-MIB:]

    def until(self, pattern):
        while True:
            found = re.search(pattern, self.pending, re.S)
            if found:
                self.pending = self.pending[found.end() :]
                return found
            self.receive()

    def wait(self):
        """Until the client has gone."""
        while True:
            self.receive()

    def shut(self):
        """Half-closes."""
        self.strike()
        self.socket.shutdown(socket.SHUT_WR)
        self.wait()

    def flood(self, text, most=64 * MIB):
        """The same again and again, without reading: more than the program may hold."""
        self.strike()
        chunk = text.encode()
        chunk *= max(1, 16384 // len(chunk))
        for _ in range(most // len(chunk)):
            self.send(chunk)
        self.wait()

    # Steps

    def header(self, features=None, more="", name=DOMAIN):
        """Takes the client's header, sends one of its own."""
        self.until(r"<stream:stream[^>]*>")
        self.send(stream(more, name))
        if features is not None:
            self.send(f"<stream:features>{features}</stream:features>")

    def starttls(self, certificate="good", version=None):
        self.until(r"<starttls[^>]*/>")
        self.send(PROCEED)
        self.tls(certificate, version)

    def tls(self, certificate="good", version=None):
        context = self.certificates.context(certificate, version)
        try:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        except OSError as error:
            raise Gone(repr(error)) from error

    def secure(self, features=None, **more):
        """Up to the features after TLS."""
        self.header(STARTTLS)
        self.starttls()
        self.header(features or mechanisms("SCRAM-SHA-256"), **more)

    def first(self):
        """What the client says first in SASL."""
        return self.until(r"<auth[^>]*mechanism='([^']*)'[^>]*>([^<]*)</auth>")

    def scram(self, lie=None, final=None):
        """SCRAM-SHA-256; `lie` changes one of the messages, `final` says what is sent
        instead of success."""
        lie = lie or (lambda step, text: text)
        mechanism, data = self.first().groups()
        client = base64.b64decode(data).decode()
        bare = client.split(",", 2)[2]
        nonce = dict(part.split("=", 1) for part in bare.split(","))["r"]
        salt, count = b"0123456789abcdef", 4096
        message = (
            f"r={nonce}{base64.b64encode(os.urandom(12)).decode()},"
            f"s={base64.b64encode(salt).decode()},i={count}"
        )
        told = lie("challenge", message)
        if told != message:
            self.strike()
        self.send(f"<challenge {SASL}>{b64(told)}</challenge>")
        response = base64.b64decode(self.until(r"<response[^>]*>([^<]*)</response>").group(1))
        salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, count)
        key = hmac.new(salted, b"Server Key", "sha256").digest()
        without_proof = response.decode().rsplit(",p=", 1)[0]
        text = f"{bare},{told},{without_proof}".encode()
        message = "v=" + base64.b64encode(hmac.new(key, text, "sha256").digest()).decode()
        told = lie("success", message)
        if told != message or final is not None:
            self.strike()
        self.send(f"<success {SASL}>{b64(told)}</success>" if final is None else final(told))

    def bind(self, jid=f"{USER}@{DOMAIN}/r"):
        number = self.until(r"<iq[^>]*id='([^']*)'.*?</iq>").group(1)
        self.send(
            f"<iq type='result' id='{number}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<jid>{jid}</jid></bind></iq>"
        )

    def log_in(self):
        """Up to the features that offer to bind."""
        self.secure()
        self.scram()
        self.header(BIND)

    def ready(self):
        """In order, up to the bound resource."""
        self.log_in()
        self.bind()

    def request(self):
        """The id of the ping that the client waits for."""
        return self.until(r"<iq[^>]*id='([^']*)'[^>]*><ping[^>]*/></iq>").group(1)

    def end(self):
        """Answers the end of the stream."""
        self.until("</stream:stream>")
        self.send("</stream:stream>")
        self.wait()

    def pong(self):
        self.send(f"<iq type='result' id='{self.request()}' from='{DOMAIN}'/>")


def stream(more="", name=DOMAIN):
    return (
        f"<?xml version='1.0'?><stream:stream from='{name}' id='i' version='1.0' "
        f"xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'{more}>"
    )


def mechanisms(*names, more=""):
    inner = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    return f"<mechanisms {SASL}>{inner}</mechanisms>{more}"


def stream_error(condition):
    return (
        f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        "</stream:stream>"
    )


def b64(text):
    return base64.b64encode(text.encode()).decode()


@dataclasses.dataclass
class Trap:
    """What one evil server does, and what the program must say to it."""

    name: str
    what: str
    script: typing.Callable
    # What the line on standard error has to match.
    cause: str
    command: str = "ping"
    options: list = dataclasses.field(default_factory=list)
    status: int = 1
    seconds: float = 10.0
    memory: int = 48 * MIB
    cpu: float = 1.0
    quick: bool = False
    direct_tls: bool = False
    # How many connections the program may make.
    most: int = 1


class Evil:
    """Listens for the program, and does as the script says, for every connection."""

    def __init__(self, certificates, script):
        self.certificates, self.script = certificates, script
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.peers, self.trouble, self.threads = [], [], []
        self.acceptor = threading.Thread(target=self.accept, daemon=True)
        self.acceptor.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            peer = Peer(connection, self.certificates, self)
            self.peers.append(peer)
            thread = threading.Thread(target=self.serve, args=[peer], daemon=True)
            self.threads.append(thread)
            thread.start()

    def serve(self, peer):
        try:
            self.script(peer)
        except Gone:
            pass
        except Exception as error:  # A script that is wrong must not look like a pass.
            self.trouble.append(repr(error)[:300])
        finally:
            # What is on the way reaches the client before the end.
            try:
                peer.socket.settimeout(2)
                peer.wait()
            except (Gone, OSError):
                pass
            peer.socket.close()

    def close(self):
        # Closing alone does not wake who accepts.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(3)

    def knows_password(self):
        """Whether the program has said the password, as it is or within base64."""
        for peer in self.peers:
            if PASSWORD.encode() in peer.heard:
                return True
            for word in re.findall(rb"[A-Za-z0-9+/=]{8,}", bytes(peer.heard)):
                try:
                    if PASSWORD.encode() in base64.b64decode(word + b"=="):
                        return True
                except ValueError:
                    pass
        return False


def run(trap, program, certificates):
    """Runs one; gives what went wrong, and the figures."""
    evil = Evil(certificates, trap.script)
    command = [program, trap.command, "--jid", f"{USER}@{DOMAIN}"]
    command += ["--password-file", certificates.password_file, "--ca", certificates.trusted]
    command += ["--connect", f"127.0.0.1:{evil.port}"]
    if trap.direct_tls:
        command += ["--direct-tls"]
    start = time.monotonic()
    process = subprocess.Popen(
        command + trap.options,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    output = {}

    def read(name):
        output[name] = getattr(process, name).read(4 * MIB)

    readers = [threading.Thread(target=read, args=[n], daemon=True) for n in ("stdout", "stderr")]
    for reader in readers:
        reader.start()
    wrong, memory, usage = [], 0, None
    while usage is None:
        memory = max(memory, peak(process.pid))
        done, status, used = os.wait4(process.pid, os.WNOHANG)
        if done:
            usage, process.returncode = used, os.waitstatus_to_exitcode(status)
            break
        if time.monotonic() - start > trap.seconds + 5:
            process.kill()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    took = time.monotonic() - start
    for reader in readers:
        reader.join(5)
    evil.close()
    cpu = usage.ru_utime + usage.ru_stime

    told = output.get("stderr", b"").decode(errors="replace")
    shown = output.get("stdout", b"").decode(errors="replace")
    if process.returncode != trap.status:
        wrong.append(f"exit status {process.returncode}, output {shown[:200]!r}")
    lines = [line for line in told.splitlines() if line.startswith("xmpp ")]
    if trap.status and (len(lines) != 1 or len(told) > 4000):
        wrong.append(f"not one line about it: {told[:300]!r}")
    if trap.status and trap.command != "listen" and shown:
        wrong.append(f"shown besides: {shown[:200]!r}")
    if not re.search(trap.cause, told if trap.status else shown):
        wrong.append(f"the cause is not told: {told[:300]!r} {shown[:200]!r}")
    if any(ord(c) < 32 and c != "\n" for c in told + shown):
        wrong.append("control characters are shown")
    if took > trap.seconds:
        wrong.append(f"it took {took:.1f} of {trap.seconds:.0f} s")
    if memory > trap.memory:
        wrong.append("memory over its budget")
    if cpu > trap.cpu:
        wrong.append("CPU over its budget")
    if evil.knows_password():
        wrong.append("the server knows the password")
    if PASSWORD in told or PASSWORD in shown:
        wrong.append("the password is shown")
    if not 1 <= len(evil.peers) <= trap.most:
        wrong.append(f"{len(evil.peers)} connections")
    if not any(peer.struck for peer in evil.peers):
        wrong.append("the script did not get as far as its attack")
    wrong += evil.trouble
    figures = (
        f"{took:5.1f} s  memory {memory / MIB:6.1f} of {trap.memory / MIB:.0f} MiB"
        f"  CPU {cpu:5.2f} of {trap.cpu:.0f} s  {(lines or [str()])[0][:110]}"
    )
    return wrong, figures


def peak(pid):
    """The most memory that a process had until now."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s*(\d+)", text)
    return int(found.group(1)) * 1024 if found else 0
