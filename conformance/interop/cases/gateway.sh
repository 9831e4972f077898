# `xmpp gateway` as a component of a server: a foreign client on one side, a program that
# speaks Message/CPIM and PIDF on the other (RFC 3922).

gateway_address=127.0.0.6:16380

# start_gateway SERVER DOMAIN SECRET
start_gateway() {
    printf '%s\n' "$3" >"$case_dir/secret"
    start_component "$2" gateway_that_says_who "$xmpp" gateway --component "$2" --secret-file "$case_dir/secret" \
        --connect "${component_address[$1]}" --listen "$gateway_address"
}

# The harness waits for the line that the example component says.
gateway_that_says_who() {
    exec "$@" > >(sed -u 's/^gateway \([^ ]*\) on .*/I am \1/')
}

# gateway_on SERVER: messages, subscriptions and presence both ways
gateway_on() {
    local server=$1 domain=${server_domain[$1]}
    start_gateway "$server" "echo.$domain" secret || return 1
    "$venv/bin/python" "$here/clients/gateway.py" --jid "alice@$domain" --password pw --ca "$ca" \
        --connect "${server_address[$server]}" --gateway "echo.$domain" --socket "$gateway_address" --logs "$case_dir"
}

gateway_on_prosody() {
    # Nothing in the roster of an earlier case.
    prosody_account alice a.test pw
    gateway_on prosody
}

gateway_on_serve() {
    serve_components || return 1
    gateway_on serve
}

gateway_wrong_secret() {
    printf 'wrong\n' >"$case_dir/secret"
    refused_component not-authorized "$xmpp" gateway --component echo.a.test --secret-file "$case_dir/secret" \
        --connect "${component_address[prosody]}" --listen "$gateway_address"
}

add_case gateway-prosody program,prosody gateway_on_prosody
add_case gateway-prosody-wrong-secret program,prosody gateway_wrong_secret
add_case gateway-serve program gateway_on_serve
