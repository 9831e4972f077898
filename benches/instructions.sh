#!/usr/bin/env bash
# Instructions a byte of each corpus, counted by callgrind, beside those that
# stand in instructions.tsv: fails if one has risen by more than 5 %.
#
#   benches/instructions.sh            compares
#   benches/instructions.sh --update   writes the file anew
#
# Needs valgrind. The counts are those of x86-64 with AVX2; other machines
# compare with counts of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
bench=${XMPP_BENCH:-}
if [ -z "$bench" ]; then
    cargo build --quiet --release -p xmpp-bench
    bench="${CARGO_TARGET_DIR:-target}/release/xmpp-bench xml"
fi
table=benches/instructions.tsv

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        $bench --corpora benches/corpora --corpus "$1" --once "$2" 2>&1 >/dev/null |
        sed -n 's/.*Collected : //p'
}

now=$(mktemp)
trap 'rm -f "$now"' EXIT
for corpus in chat xep-stanzas bodies; do
    bytes=$(stat -c %s "benches/corpora/$corpus.xml")
    idle=$(count "$corpus" nothing)
    stanzas=$(count "$corpus" stanzas)
    for work in tokens elements chunks bytes write; do
        before=$idle
        [ "$work" = write ] && before=$stanzas
        printf '%s\t%s\t%s\n' "$corpus" "$work" \
            "$(awk "BEGIN { printf \"%.3f\", ($(count "$corpus" "$work") - $before) / $bytes }")"
    done
done >"$now"

if [ "${1:-}" = --update ]; then
    cp "$now" "$table"
    cat "$table"
    exit
fi
paste "$table" "$now" | awk -F '\t' '
    { worse = $6 > $3 * 1.05; bad += worse; good += !worse
      printf "%-12s %-9s %9.3f -> %9.3f %s\n", $1, $2, $3, $6, worse ? "RISEN" : "ok" }
    END { printf "%d passed, %d failed\n", good, bad; exit bad > 0 }'
