"""What the programs here have in common: a line in, a line out (../README.md)."""

import json
import sys


def main(kinds):
    """`kinds` has a function for each kind: it takes a request and gives an answer. If it
    raises anything, that is a refusal, whatever the library calls it."""
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in kinds:
        print(f"the kinds here are {', '.join(kinds)}", file=sys.stderr)
        sys.exit(2)
    for line in sys.stdin:
        try:
            answer = kinds[kind](json.loads(line))
        except BaseException as refusal:  # Panics of Rust are no Exception.
            answer = {"ok": False, "error": type(refusal).__name__, "message": str(refusal)[:200]}
        print(json.dumps(answer), flush=True)
