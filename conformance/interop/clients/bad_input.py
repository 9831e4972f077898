"""One piece of bad input to a server, over real TCP and TLS.

While a foreign client's session stands beside it, a raw connection sends the input; the
server must answer with the stream error that RFC 6120 names, close the stream
and the connection, and the session beside must go on undisturbed.
"""

import argparse
import asyncio
import pathlib
import re
import sys
import time
from dataclasses import dataclass

import converse
from wire import CLIENT_STREAM, SASL, STARTTLS, Closed, Wire


@dataclass
class Case:
    """`at` is how far the stream is negotiated when `data` is sent."""
    at: str
    data: object
    conditions: tuple
    rule: str


HEADER = CLIENT_STREAM.format(to="x.test")
MESSAGE = "<message to='bob@x.test'><body>{}</body></message>"

CASES = {
    # RFC 6120 §11.3: what is not XML, or not namespace-well-formed.
    "not-xml": Case("connected", "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n", ("not-well-formed",), "§4.9.3.13, 6120-11.3-02"),
    "mismatched-tags": Case("bound", "<message><body>hi</message></body>", ("not-well-formed",), "§4.9.3.13, 6120-11.3-02"),
    "undeclared-prefix": Case("bound", "<message><foo:body>What is this foo?</foo:body></message>", ("not-well-formed",), "§4.9.3.13 example, 6120-11.3-04"),
    "undeclared-prefix-of-the-header": Case("connected", "<?xml version='1.0'?><stream:stream to='x.test' version='1.0' xmlns='jabber:client'>", ("not-well-formed", "bad-namespace-prefix", "invalid-namespace"), "§4.8.5, §4.9.3.2, §4.9.3.13"),
    # §11.1: comments, processing instructions, document types, entity references.
    "document-type": Case("connected", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>" + HEADER.split("?>", 1)[1], ("restricted-xml",), "§4.9.3.18, 6120-11.1-03"),
    "document-type-in-stream": Case("bound", "<!DOCTYPE a>", ("restricted-xml",), "§4.9.3.18, 6120-11.1-03"),
    "comment": Case("bound", "<message><!-- no --><body>hi</body></message>", ("restricted-xml",), "§4.9.3.18, 6120-11.1-03"),
    "comment-before-tls": Case("opened", "<!-- no -->", ("restricted-xml",), "§4.9.3.18, 6120-11.1-03"),
    "processing-instruction": Case("bound", "<?php phpinfo() ?>", ("restricted-xml",), "§4.9.3.18, 6120-11.1-03"),
    "entity-reference": Case("bound", MESSAGE.format("&nbsp;"), ("restricted-xml",), "§4.9.3.18, 6120-11.1-03"),
    # §11.6: UTF-8 only.
    "utf-16": Case("connected", ("\ufeff" + HEADER.replace("'1.0'?", "'1.0' encoding='UTF-16'?")).encode("utf-16-be"), ("unsupported-encoding",), "§4.9.3.22, 6120-11.6-03"),
    "utf-16-without-mark": Case("connected", HEADER.encode("utf-16-le"), ("unsupported-encoding", "not-well-formed"), "§4.9.3.22, §4.9.3.13"),
    "encoding-declared": Case("connected", HEADER.replace("'1.0'?", "'1.0' encoding='ISO-8859-1'?"), ("unsupported-encoding",), "§4.9.3.22, 6120-11.6-03"),
    "broken-utf-8": Case("bound", b"<message><body>\xc3\x28</body></message>", ("unsupported-encoding",), "§4.9.3.22"),
    # §4.9.3.14 and §13.12: limits.
    "stanza-of-10-mb": Case("bound", MESSAGE.format("x" * 10_000_000), ("policy-violation",), "§4.9.3.14, 6120-13.12-11"),
    "attribute-of-10-mb": Case("bound", "<message id='" + "x" * 10_000_000 + "'/>", ("policy-violation",), "§4.9.3.14, 6120-13.12-11"),
    "10-mb-before-authentication": Case("opened", "<" + "x" * 10_000_000, ("policy-violation",), "§4.9.3.14, 6120-13.12-11"),
    "100000-nested-elements": Case("bound", "<message>" + "<a>" * 100_000, ("policy-violation",), "§4.9.3.14, 6120-13.12-11"),
    # §4.8, §4.7: namespaces and addresses of the stream header.
    "wrong-stream-namespace": Case("connected", HEADER.replace("http://etherx.jabber.org/streams", "http://wrong.namespace.example.org/"), ("invalid-namespace",), "§4.9.3.10, 6120-4.8.1-02"),
    "wrong-content-namespace": Case("connected", HEADER.replace("jabber:client", "urn:example:wrong"), ("invalid-namespace",), "§4.9.3.10, 6120-4.8.3-03"),
    "unknown-host": Case("connected", CLIENT_STREAM.format(to="nobody.example"), ("host-unknown",), "§4.9.3.6"),
    # §4.9.3.12, §5, §6: order of negotiation.
    "stanza-before-tls": Case("opened", MESSAGE.format("hi"), ("not-authorized",), "§4.9.3.12"),
    "stanza-before-authentication": Case("secured", MESSAGE.format("hi"), ("not-authorized",), "§4.9.3.12"),
    "stanza-before-binding": Case("authenticated", MESSAGE.format("hi"), ("not-authorized",), "§7.1, 6120-7.1-05"),
    "unknown-first-level-element": Case("bound", "<pubsub xmlns='jabber:client'/>", ("unsupported-stanza-type",), "§4.9.3.24"),
    # What needs more than one write.
    "data-after-starttls": Case("opened", "injection", (), "§5.4.2.3, 6120-5.4.2.3-02"),
    "three-failed-logins": Case("secured", "logins", ("policy-violation",), "§6.4.5, 6120-6.4.5-05"),
    "silence-before-the-header": Case("connected", "silence", ("connection-timeout",), "§4.9.3.4"),
    "silence-before-tls": Case("opened", "silence", ("connection-timeout",), "§4.9.3.4"),
    "silence-before-authentication": Case("secured", "silence", ("connection-timeout",), "§4.9.3.4"),
}


class Failure(Exception):
    pass


def attack(case, options):
    host, port = options.connect.rsplit(":", 1)
    wire = Wire(host, int(port), options.domain, options.ca)
    try:
        {
            "connected": lambda: None,
            "opened": wire.open,
            "secured": wire.secure,
            "authenticated": lambda: wire.authenticate("alice", "pw"),
            "bound": lambda: wire.bind("alice", "pw"),
        }[case.at]()
    except (Closed, TimeoutError) as error:
        raise Failure(f"the stream did not get to where the case begins: {error}") from None
    if case.data == "injection":
        return inject(wire, options)
    if case.data == "logins":
        for _ in range(3):
            wire.send_scram("alice", "wrong")
            failure = wire.wait("<failure.*?</failure>").group(0)
            if "<not-authorized" not in failure:
                raise Failure(f"a wrong password was answered with {failure}")
    elif case.data != "silence":
        wire.send(case.data)
    expect_error(wire, case)


def expect_error(wire, case):
    began = time.monotonic()
    # The prefix that the error comes with is up to the server, its namespace is not.
    error = wire.wait("<(?:stream:)?error[ >].*?</(?:stream:)?error>").group(0)
    found = re.search(r"<([a-z-]+)[^>]*xmlns=['\"]urn:ietf:params:xml:ns:xmpp-streams['\"]", error)
    if not found or found.group(1) not in case.conditions:
        raise Failure(f"{case.rule} wants {' or '.join(case.conditions)}, the server sent {error}")
    if "<stream:stream" not in wire.text:
        raise Failure("§4.9.1.2 (6120-4.9.1.2-01): a stream header comes before the error")
    wire.wait("</stream:stream>")
    wire.wait_closed(5)
    print(f"note: {found.group(1)} after {time.monotonic() - began:.1f} s")


def inject(wire, options):
    """What is sent in clear right behind <starttls/> must never be taken for
    something that was sent under TLS (the STARTTLS injection). The RFC leaves
    open how it is refused: by a TLS <failure/>, by a stream error, or by a
    handshake that cannot succeed because the bytes were taken for TLS."""
    wire.send(STARTTLS + HEADER + MESSAGE.format("injected"))
    answer = wire.wait("<proceed[^>]*>|<failure[^>]*>|<(?:stream:)?error[ >].*?</(?:stream:)?error>").group(0)
    if answer.startswith("<proceed"):
        try:
            wire.start_tls()
        except TimeoutError:
            raise Failure("the server neither shakes hands nor closes after <proceed/>") from None
        except (Closed, OSError) as error:
            print(f"note: proceeded, and then the handshake failed: {error}")
            return
        raise Failure("the server discarded or kept what followed <starttls/> and went on as if nothing had happened")
    wire.wait_closed(5)
    print(f"note: {answer}")


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--domain", default="x.test")
    parser.add_argument("--connect", required=True, metavar="HOST:PORT")
    parser.add_argument("--ca", required=True)
    parser.add_argument("--logs", type=pathlib.Path, default=pathlib.Path("."))
    options = parser.parse_args()
    case = CASES[options.case]

    # slixmpp derives its keys in Python, which can take it longer than the short
    # time that a server gives in the cases of silence; aioxmpp does it natively.
    library = "aioxmpp" if case.data == "silence" else "slixmpp"
    beside = await converse.start(library, "beside", f"bob@{options.domain}", "pw", options, options.logs)
    try:
        await beside.ready()
        await asyncio.to_thread(attack, case, options)
        beside.tell("ping")
        await beside.hear(lambda line: line == "pong", "answer to a ping after the attack")
        if stray := [line for line in beside.lines if line and line.startswith(("message", "failed"))]:
            raise Failure(f"the session beside it got {stray}")
        await beside.end()
        return 0
    except (Failure, converse.Failure, Closed, TimeoutError) as error:
        print(f"{options.case}: {error}")
        return 1
    finally:
        if beside.process.returncode is None:
            beside.process.kill()
            await beside.process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
