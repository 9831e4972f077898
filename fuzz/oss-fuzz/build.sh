#!/bin/bash -eu
# Builds all targets, with their seeds and dictionaries, into $OUT.

cd "$SRC/xmpp"
cargo fuzz build -O --debug-assertions
fuzz/make-corpus

host=$(rustc -vV | sed -n 's/^host: //p')
built=${CARGO_TARGET_DIR:-fuzz/target}/$host/release
# The columns of targets.tsv; tabs would not keep the empty ones apart.
tail -n +2 fuzz/targets.tsv | tr '\t' '|' | while IFS='|' read -r target crate seeds dictionary holds; do
  # It measures the library as it is released: no sanitizer.
  [ "$target" = e2e_cost ] && continue
  cp "$built/$target" "$OUT/"
  if [ -n "$(ls "fuzz/corpus/$target")" ]; then
    zip -q -r -j "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$target"
  fi
  if [ -n "$dictionary" ]; then
    cp "fuzz/dictionaries/$dictionary.dict" "$OUT/$target.dict"
  fi
done
