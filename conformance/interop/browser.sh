# The example in examples/browser, built for the browser. Its bindings are made by a
# program of the very version of the library that it is linked with.

browser_client=$target/interop/browser

build_browser_client() {
    local example=$root/examples/browser version bindgen=$target/interop/wasm-bindgen
    {
        (cd "$example" && cargo build --release --target wasm32-unknown-unknown --locked \
            --target-dir "$target/interop/browser-build") || return 1
        version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"/\1/p}' "$example/Cargo.lock")
        if ! "$bindgen/bin/wasm-bindgen" --version 2>/dev/null | grep -qF "$version"; then
            cargo install wasm-bindgen-cli --version "$version" --root "$bindgen" || return 1
        fi
        mkdir -p "$browser_client"
        cp "$example"/www/* "$browser_client"
        "$bindgen/bin/wasm-bindgen" --target web --no-typescript --out-dir "$browser_client/pkg" \
            "$target/interop/browser-build/wasm32-unknown-unknown/release/xmpp_browser.wasm"
    } >"$work/browser.log" 2>&1 || { tail -20 "$work/browser.log" >&2; return 1; }
}
