#!/usr/bin/env bash
# Instructions a stanza of every subject of `xmpp-bench stanza`, ours and the peers',
# counted by callgrind, on one stanza of eight: what to trust on a busy machine.
#
#   benches/stanza-instructions.sh            compares ours with stanza-instructions.tsv,
#                                             and fails if one has risen by more than 5 %
#   benches/stanza-instructions.sh --update   counts all, and writes the file anew
#
# Needs valgrind. The counts are those of x86-64 with AVX2.
set -euo pipefail
cd "$(dirname "$0")/.."
bench=${XMPP_BENCH:-}
if [ -z "$bench" ]; then
    cargo build --quiet --release -p xmpp-bench
    bench="${CARGO_TARGET_DIR:-target}/release/xmpp-bench stanza"
fi
table=benches/stanza-instructions.tsv
options=(--every 8 --corpora benches/corpora)
said=$(mktemp) now=$(mktemp)
trap 'rm -f "$said" "$now"' EXIT

subjects() {
    if [ "${1:-}" = --update ]; then
        $bench "${options[@]}" --corpus chat --once '' 2>/dev/null | cut -f1
    else
        cut -f2 "$table" | grep -E '^xmpp-(stanza|extensions) ' | sort -u
    fi
}

subjects "${1:-}" | while read -r subject; do
    for corpus in chat xep-stanzas; do
        stanzas=$(valgrind --tool=callgrind --toggle-collect='*collected*' \
            --callgrind-out-file=/dev/null $bench "${options[@]}" --corpus "$corpus" \
            --once "$subject" 2>"$said" | cut -f2)
        if [ -z "$stanzas" ]; then
            echo "xmpp-bench has no subject '$subject': write the table anew with --update" >&2
            exit 1
        fi
        count=$(sed -n 's/.*Collected : //p' "$said")
        printf '%s\t%s\t%d\n' "$corpus" "$subject" $((count / stanzas))
    done
done >"$now"

if [ "${1:-}" = --update ]; then
    sort -s -k1,1 "$now" >"$table"
    cat "$table"
    exit
fi
awk -F '\t' '
    NR == FNR { before[$1, $2] = $3; next }
    { worse = $3 > before[$1, $2] * 1.05; bad += worse; good += !worse
      printf "%-12s %-50s %8d -> %8d %s\n", $1, $2, before[$1, $2], $3, worse ? "RISEN" : "ok" }
    END { printf "%d passed, %d failed\n", good, bad; exit bad > 0 }' "$table" "$now"
