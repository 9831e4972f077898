#!/usr/bin/env bash
# What it costs to build a small client's share of payloads with xmpp-extensions, beside
# xmpp-parsers: seconds by the clock and of CPU time, from nothing, and the bytes of the
# stripped program, beside those of one that does nothing. Both are built alike:
# `opt-level = 3`, `lto = "thin"`, `codegen-units = 1`.
#
#   benches/size.sh
#
# Needs the registry, or what cargo has of it. Nothing is left behind.
set -euo pipefail
cd "$(dirname "$0")/size"
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
TIMEFORMAT='%R %U'

mkdir -p "$built/nothing/src"
sed '/^\[dependencies\]/,/^$/d; s/size-peer/size-nothing/' peer/Cargo.toml >"$built/nothing/Cargo.toml"
echo 'fn main() {}' >"$built/nothing/src/main.rs"

printf '%-8s %10s %10s %10s %10s\n' program seconds 'CPU s' bytes crates
for program in "$built/nothing" peer ours; do
    name=$(basename "$program")
    [ "$name" = nothing ] || cargo fetch --quiet --manifest-path "$program/Cargo.toml"
    read -r wall cpu < <({ time cargo build --quiet --release --manifest-path "$program/Cargo.toml" \
        --target-dir "$built/target-$name" >&2; } 2>&1 | tail -1)
    bytes=$(stat -c %s "$built/target-$name/release/size-$name")
    crates=$(grep -c '^name = ' "$program/Cargo.lock")
    printf '%-8s %10s %10s %10s %10s\n' "$name" "$wall" "$cpu" "$bytes" "$crates"
done
