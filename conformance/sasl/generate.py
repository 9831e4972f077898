#!/usr/bin/env python3
"""Writes conformance/vectors/sasl/*.jsonl: the RFCs' and XEPs' examples, and
others computed by Python's hashlib, hmac and stringprep alone.

A line is an object with "id", "source", and what its file's README tells.
"""

import base64
import hashlib
import hmac
import json
import pathlib

OUT = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "sasl"


def b64(data):
    return base64.b64encode(data).decode()


def write(name, lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (OUT / name).write_text(text, encoding="utf-8")


def scram(id, source, mechanism, user, password, nonces, salt, iterations, gs2="n,,", binding=None,
          prepared=None):
    """RFC 5802 section 3; `prepared` is what SASLprep makes of user and password."""
    digest = {"1": "sha1", "256": "sha256", "512": "sha512"}[mechanism.split("-")[2]]
    name, word = prepared or (user, password)
    mac = lambda key, text: hmac.new(key, text, digest).digest()
    bare = "n=%s,r=%s" % (name.replace("=", "=3D").replace(",", "=2C"), nonces[0])
    first = "r=%s,s=%s,i=%d" % (nonces[0] + nonces[1], b64(salt), iterations)
    final = "c=%s,r=%s" % (b64(gs2.encode() + (binding or b"")), nonces[0] + nonces[1])
    signed = ",".join([bare, first, final]).encode()
    salted = hashlib.pbkdf2_hmac(digest, word.encode(), salt, iterations)
    client_key = mac(salted, b"Client Key")
    stored_key = hashlib.new(digest, client_key).digest()
    signature = mac(stored_key, signed)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    server_key = mac(salted, b"Server Key")
    request = {
        "mechanism": mechanism, "user": user, "password": password, "client_nonce": nonces[0],
        "server_nonce": nonces[1], "salt": b64(salt), "iterations": iterations, "gs2": gs2,
        "cbind_data": binding and b64(binding),
    }
    answer = {
        "client_first": gs2 + bare, "server_first": first,
        "client_final": final + ",p=" + b64(proof),
        "server_final": "v=" + b64(mac(server_key, signed)),
    }
    return {"id": id, "source": source, "request": request, "answer": answer}


def scram_refused(id, source, error, **changes):
    request = {
        "mechanism": "SCRAM-SHA-256", "user": "user", "password": "pencil", "client_nonce": "abcdefgh",
        "server_nonce": "ijklmnop", "salt": "c2FsdA==", "iterations": 4096, "gs2": "n,,",
        "cbind_data": None,
    } | changes
    return {"id": id, "source": source, "request": request, "error": error}


def scrams():
    rfc_5802 = scram(
        "rfc5802-5", "RFC 5802 section 5", "SCRAM-SHA-1", "user", "pencil",
        ("fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j"), base64.b64decode("QSXCR+Q6sek8bf92"), 4096)
    assert rfc_5802["answer"]["client_final"].endswith("p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
    assert rfc_5802["answer"]["server_final"] == "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="
    rfc_7677 = scram(
        "rfc7677-3", "RFC 7677 section 3", "SCRAM-SHA-256", "user", "pencil",
        ("rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"),
        base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096)
    assert rfc_7677["answer"]["client_final"].endswith("p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    assert rfc_7677["answer"]["server_final"] == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    lines = [rfc_5802, rfc_7677]
    nonces, salt = ("rOprNGfwEbeRWgbNEkqO", "3rfcNHYJY1ZVvWVs7j"), b"sixteen bytes..."
    data = bytes(range(32))
    for digest in ["1", "256", "512"]:
        for rounds in [4096, 10000]:
            lines.append(scram(f"sha-{digest}-{rounds}", "computed", f"SCRAM-SHA-{digest}", "user",
                               "pencil", nonces, salt, rounds))
        for kind in ["tls-exporter", "tls-unique", "tls-server-end-point"]:
            lines.append(scram(f"sha-{digest}-plus-{kind}", "computed", f"SCRAM-SHA-{digest}-PLUS",
                               "user", "pencil", nonces, salt, 4096, f"p={kind},,", data))
    more = lambda id, *rest, **named: lines.append(
        scram(id, "computed", "SCRAM-SHA-256", *rest, nonces, salt, 4096, **named))
    more("flag-y", "user", "pencil", gs2="y,,")
    more("authzid", "user", "pencil", gs2="n,a=admin=2Cetc=3D,")
    more("name-escaped", "a,b=c=2C", "pencil")
    more("name-mapped-to-nothing", "I\u00adX", "pencil", prepared=("IX", "pencil"))
    more("name-nfkc", "\u2168", "\u00aa", prepared=("IX", "a"))
    more("name-unassigned-is-a-query", "\u0221", "pencil")
    more("password-space", "user", "a\u00a0b", prepared=("user", "a b"))
    more("password-cyrillic", "жук", "пароль")
    more("password-longer-than-a-block", "user", "p" * 200)
    refused = lambda *args, **named: lines.append(scram_refused(*args, **named))
    refused("i-1", "RFC 7677 section 4", "iterations", iterations=1)
    refused("i-4095", "RFC 7677 section 4", "iterations", iterations=4095)
    refused("i-2-31", "xmpp-sasl's bound", "iterations", iterations=1 << 31)
    # No RFC makes a client refuse them.
    for line in lines[-3:]:
        line["policy"] = True
    refused("salt-empty", "RFC 5802 section 5.1", "salt", salt="")
    refused("salt-not-base64", "RFC 5802 section 7", "base64", salt="c2FsdA")
    refused("name-empty", "RFC 5802 section 5.1", "user", user="")
    refused("name-control", "RFC 4013 section 2.3", "user", user="a\u0007")
    refused("name-nul", "RFC 5802 section 7", "user", user="a\u0000")
    refused("name-bidi", "RFC 4013 section 3", "user", user="\u06271")
    refused("password-control", "RFC 4013 section 2.3", "password", password="\u007f")
    refused("nonce-comma", "RFC 5802 section 7", "nonce", client_nonce="a,b")
    refused("nonce-empty", "RFC 5802 section 7", "nonce", server_nonce="")
    refused("nonce-space", "RFC 5802 section 7", "nonce", server_nonce="a b")
    refused("gs2-short", "RFC 5801 section 4", "gs2", gs2="n,")
    refused("gs2-authzid-unescaped", "RFC 5801 section 4", "gs2", gs2="n,a=b=c,")
    refused("plus-without-p", "RFC 5802 section 6", "gs2", mechanism="SCRAM-SHA-256-PLUS")
    refused("p-without-plus", "RFC 5802 section 6", "gs2", gs2="p=tls-exporter,,", cbind_data="AAAA")
    refused("p-without-data", "RFC 5802 section 7", "cbind-data", mechanism="SCRAM-SHA-256-PLUS",
            gs2="p=tls-exporter,,")
    refused("mechanism", "RFC 4422 section 3.1", "mechanism", mechanism="SCRAM-MD5")
    return lines


def plain():
    def line(id, source, message, **rest):
        return {"id": id, "source": source, "message": b64(message)} | rest

    good = lambda id, source, message, authzid, authcid, password: line(
        id, source, message, ok=True, authzid=authzid, authcid=authcid, password=password)
    bad = lambda id, message: line(id, "RFC 4616 section 2", message, ok=False)
    return [
        good("rfc4616-4-1", "RFC 4616 section 4", b"\0tim\0tanstaaftanstaaf", None, "tim",
             "tanstaaftanstaaf"),
        good("rfc4616-4-2", "RFC 4616 section 4", b"Ursel\0Kurt\0xipj3plmq", "Ursel", "Kurt",
             "xipj3plmq"),
        good("rfc6120-6.4.2", "RFC 6120 section 6.4.2",
             base64.b64decode("AGp1bGlldAByMG0zMG15cjBtMzA="), None, "juliet", "r0m30myr0m30"),
        bad("empty", b""), bad("no-nul", b"tim"), bad("one-nul", b"\0tim"),
        bad("three-nuls", b"\0tim\0pw\0"), bad("no-authcid", b"\0\0pw"),
        bad("no-password", b"\0tim\0"), bad("not-utf-8", b"\0tim\0\xff"),
    ]


def oauthbearer():
    example = (b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01"
               b"auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01")
    token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
    bad = lambda id, message: {"id": id, "source": "RFC 7628 section 3.1", "message": b64(message),
                               "ok": False}
    return [
        {"id": "rfc7628-4.1", "source": "RFC 7628 section 4.1", "message": b64(example), "ok": True,
         "authzid": "user@example.com", "host": "server.example.com", "port": 143, "token": token},
        {"id": "unknown-key", "source": "RFC 7628 section 3.1",
         "message": b64(b"n,,\x01x=y\x01auth=Bearer a\x01\x01"), "ok": True, "authzid": None,
         "host": None, "port": None, "token": "a"},
        bad("empty", b""), bad("kvsep-alone", b"\x01"), bad("no-end", b"n,,\x01auth=Bearer a\x01"),
        bad("no-auth", b"n,,\x01host=a\x01\x01"), bad("twice", b"n,,\x01auth=Bearer a\x01auth=Bearer b\x01\x01"),
        bad("other-scheme", b"n,,\x01auth=Basic a\x01\x01"), bad("after-end", b"n,,\x01auth=Bearer a\x01\x01x"),
        bad("channel-binding", b"p=tls-exporter,,\x01auth=Bearer a\x01\x01"),
    ]


def downgrade():
    def line(id, source, digest, mechanisms, types):
        text = "\x1e".join(sorted(mechanisms))
        if types is not None:
            text += "\x1f" + "\x1e".join(sorted(types))
        return {"id": id, "source": source, "hash": digest, "mechanisms": mechanisms,
                "channel_bindings": types, "ok": True,
                "h": b64(hashlib.new(digest.replace("-", ""), text.encode()).digest())}

    example = line("xep0474-2.3", "XEP-0474 section 5.3", "SHA-1", ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"],
                   ["tls-server-end-point", "tls-exporter"])
    assert example["h"] == "G6k/rBLDqgOhRRaCuuatSDFkJ08="
    names = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "EXTERNAL", "SCRAM-SHA-1"]
    return [
        example,
        line("no-types", "computed", "SHA-256", names, None),
        line("types", "computed", "SHA-256", names, ["tls-exporter"]),
        line("sha-512", "computed", "SHA-512", ["SCRAM-SHA-512", *names], ["tls-unique", "tls-exporter"]),
    ]


def hashed_token():
    lines = []
    for name, data in [("NONE", b""), ("EXPR", bytes(range(32))), ("UNIQ", bytes(range(12))),
                       ("ENDP", bytes(range(32, 64)))]:
        token = "WXZzciBwYmFmdmZnZiBqdmd1IGp2eXFhcmZm"
        mac = lambda label: hmac.new(token.encode(), label + data, "sha256").digest()
        lines.append({
            "id": name.lower(), "source": "XEP-0484 section 4.3's token; HT per its reference, computed",
            "mechanism": f"HT-SHA-256-{name}", "user": "user", "token": token, "binding": b64(data),
            "ok": True,
            "initial_response": b64(b"user\0" + mac(b"Initiator")),
            "additional_data": b64(mac(b"Responder")),
        })
    return lines


OUT.mkdir(parents=True, exist_ok=True)
write("scram.jsonl", scrams())
write("plain.jsonl", plain())
write("oauthbearer.jsonl", oauthbearer())
write("downgrade.jsonl", downgrade())
write("hashed-token.jsonl", hashed_token())
