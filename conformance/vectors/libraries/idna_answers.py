"""idna: IDNA2008."""

import idna
from answers import main


def name(request):
    text = idna.decode(request["input"], strict=False)
    return {"ok": True, "unicode": text, "ascii": idna.encode(text).decode()}


main({"idna": name})
