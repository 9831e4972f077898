"""openssl cms: entities of RFC 3923 that were signed or encrypted."""

import base64
import datetime
import pathlib
import subprocess
import tempfile

from answers import main


def openssl(*words):
    done = subprocess.run(["openssl", "cms", *words], capture_output=True)
    if done.returncode:
        raise ValueError(done.stderr.decode().splitlines()[0])
    return done.stdout


def e2e(request):
    if request["form"] != "entity":
        return {"skip": "it knows nothing of stanzas"}
    if request["policy"] != "modern":
        return {"skip": "it has no policy of algorithms"}
    at = str(int(datetime.datetime.fromisoformat(request["at"]).timestamp()))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        for name in ("object", "ca", "key", "certificate"):
            if request[name] is not None:
                (path / name).write_bytes(base64.b64decode(request[name]))
        current = path / "object"
        if request["key"] is not None:
            opened = openssl("-decrypt", "-in", str(current), "-inkey", str(path / "key"),
                             "-recip", str(path / "certificate"))
            current.write_bytes(opened)
        opened = openssl("-verify", "-in", str(current), "-CAfile", str(path / "ca"), "-purpose", "any",
                         "-attime", at)
        return {"ok": True, "content": base64.b64encode(opened).decode()}


main({"e2e": e2e})
