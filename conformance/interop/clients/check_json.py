"""Compare one JSON object on standard input with what is expected of it.

    check_json.py ok=true tls=TLSv1.3 mechanism=SCRAM-SHA-256 ms=*

A value is JSON if it can be read as that, else a string; `*` only asks for
the key to be there. With `text~WORD` the value must contain WORD, whatever
its case; `|` separates alternatives.
"""

import json
import re
import sys


def main():
    text = sys.stdin.read()
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) != 1:
        print(f"expected one line of JSON, got {text!r}")
        return 1
    found = json.loads(lines[0])
    print(lines[0])
    wrong = 0
    for expectation in sys.argv[1:]:
        key, operator, wanted = re.match(r"([^=~]+)([=~])(.*)", expectation).groups()
        value = found.get(key)
        if operator == "~":
            good = isinstance(value, str) and re.search(wanted, value, re.I)
        elif wanted == "*":
            good = key in found
        else:
            try:
                wanted = json.loads(wanted)
            except ValueError:
                pass
            good = value == wanted
        if not good:
            print(f"{key} is {value!r}, wanted {expectation}")
            wrong = 1
    if not wrong and found.get("ok"):
        print(f"note: {found.get('mechanism')} {found.get('tls')}")
    elif not wrong:
        print(f"note: {found.get('message')}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
