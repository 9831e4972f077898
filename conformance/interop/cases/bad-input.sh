# Bad input to `xmpp serve`; each is described in clients/bad_input.py.

bad_input() {
    local options=()
    if [[ $1 == silence-* ]]; then options=(--negotiation-timeout 2); fi
    start_trusted_serve "${options[@]}" || return 1
    "$venv/bin/python" "$here/clients/bad_input.py" "$1" --domain x.test --connect "$serve_address" --ca "$ca" --logs "$case_dir"
}

while read -r name; do
    add_case "bad-$name" serve bad_input "$name"
done < <(sed -n 's/^    "\([a-z0-9-]*\)": Case(.*/\1/p' "$here/clients/bad_input.py")
