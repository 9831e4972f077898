#!/usr/bin/env python3
"""Checks keys.jsonl against XEP-0185 section 2, done with the standard library alone:
HMAC-SHA256 under the SHA-256 of the secret in hexadecimal, over `receiving originating id`."""

import hashlib
import hmac
import json
import pathlib


def key(secret, receiving, originating, stream_id):
    under = hashlib.sha256(secret.encode()).hexdigest().encode()
    return hmac.new(under, f"{receiving} {originating} {stream_id}".encode(), hashlib.sha256).hexdigest()


if __name__ == "__main__":
    for line in (pathlib.Path(__file__).parent / "keys.jsonl").read_text(encoding="utf-8").splitlines():
        v = json.loads(line)
        assert key(v["secret"], v["receiving"], v["originating"], v["stream_id"]) == v["key"], v["id"]
