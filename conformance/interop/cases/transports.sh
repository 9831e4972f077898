# The ways to a stream: STARTTLS, TLS from the first byte (XEP-0368), WebSocket (RFC 7395).
# Our client on foreign servers by each of them, foreign clients at `xmpp serve`.

declare -A direct_address=([prosody]=$prosody_direct_address [ejabberd]=$ejabberd_direct_address)
declare -A websocket_address=([prosody]=$prosody_websocket_address [ejabberd]=$ejabberd_websocket_address)
declare -A websocket_path=([prosody]=/xmpp-websocket [ejabberd]=/ws)

# login_by SERVER direct-tls|websocket EXPECTATION… -- OPTION…
login_by() {
    local server=$1 way=$2 address more
    local domain=${server_domain[$server]}
    shift 2
    if [[ $way == direct-tls ]]; then
        address=${direct_address[$server]} more=(--direct-tls)
    else
        address=${websocket_address[$server]}
        more=(--websocket "wss://$domain:${address#*:}${websocket_path[$server]}")
    fi
    check_ping "alice@$domain" pw "$address" "$ca" 0 ok=true ms='*' tls=TLSv1.3 "$@" "${more[@]}"
}

for server in prosody ejabberd; do
    mechanisms=(SCRAM-SHA-1 SCRAM-SHA-256)
    [[ $server == ejabberd ]] && mechanisms+=(SCRAM-SHA-512)
    for way in direct-tls websocket; do
        for mechanism in "${mechanisms[@]}"; do
            add_case "$server-$way-${mechanism,,}" "program,$server" \
                login_by "$server" "$way" "mechanism=$mechanism" -- --mechanism "$mechanism"
        done
        add_case "$server-$way-plain" "program,$server" \
            login_by "$server" "$way" mechanism=PLAIN -- --mechanism PLAIN --allow-plain
    done
done

# ping_by WAY OPTION…: our own client at our own server
ping_by() {
    local address=$1
    shift
    start_trusted_serve || return 1
    check_ping alice@x.test pw "${!address}" "$ca" 0 ok=true tls=TLSv1.3 'mechanism~^SCRAM-SHA-(256|512)-PLUS$' -- "$@"
}
add_case serve-direct-tls-ping program,serve ping_by serve_direct_address --direct-tls
add_case serve-websocket-ping program,serve ping_by serve_websocket_address \
    --websocket "wss://x.test:${serve_websocket_address#*:}/xmpp-websocket"

# talk_by WAY ALICE BOB: the whole conversation, where WAY is the variable of an address
talk_by() {
    start_trusted_serve || return 1
    XMPPJS=$xmppjs NODE_EXTRA_CA_CERTS=$ca converse "$2" ${3:+"$3"} --domain x.test --connect "${!1}" --ca "$ca"
}
xmppjs_over_websocket="xmppjs,--websocket /xmpp-websocket"
add_case serve-xmppjs serve talk_by serve_address xmppjs xmppjs
add_case serve-xmppjs-slixmpp serve talk_by serve_address xmppjs slixmpp
add_case serve-xmppjs-direct-tls serve talk_by serve_direct_address "xmppjs,--direct-tls" "xmppjs,--direct-tls"
add_case serve-xmppjs-websocket serve talk_by serve_websocket_address "$xmppjs_over_websocket" "$xmppjs_over_websocket"
add_case serve-slixmpp-direct-tls serve talk_by serve_direct_address "slixmpp,--direct-tls" "slixmpp,--direct-tls"
add_case serve-libstrophe-direct-tls serve talk_by serve_direct_address "libstrophe,--direct-tls" "libstrophe,--direct-tls"

# Programs that people use.

# receive_from BODY COMMAND…: bob gets what the command has alice send
receive_from() {
    local body=$1
    shift
    "$venv/bin/python" "$here/clients/receive.py" --jid bob@x.test --password pw --connect "$serve_address" --ca "$ca" \
        --from alice@x.test --body "$body" --logs "$case_dir" -- "$@"
}

# A Go program trusts what SSL_CERT_FILE names.
# This version knows PLAIN alone.
go_sendxmpp() {
    start_trusted_serve --allow-plain || return 1
    printf 'hello from go' >"$case_dir/body"
    local address=$serve_address more=()
    [[ $1 == direct-tls ]] && address=$serve_direct_address more=(-t)
    SSL_CERT_FILE=$ca receive_from "hello from go" go-sendxmpp "${more[@]}" --timeout 10 \
        -u alice@x.test -p pw -j "$address" -m "$case_dir/body" bob@x.test
}
add_case serve-go-sendxmpp serve go_sendxmpp starttls
add_case serve-go-sendxmpp-direct-tls serve go_sendxmpp direct-tls

profanity_at_serve() {
    start_trusted_serve || return 1
    receive_from "hello from profanity" "$here/clients/profanity.sh" "$serve_address" "$ca" "$case_dir" \
        alice@x.test pw bob@x.test "hello from profanity" || return 1
    # And what bob has said since is on the screen.
    "$here/clients/profanity.sh" "$serve_address" "$ca" "$case_dir" alice@x.test pw bob@x.test "" \
        "$xmpp" send --jid bob@x.test --password-file "$(password_file pw)" --connect "$serve_address" --ca "$ca" \
        --to alice@x.test "hello profanity"
}
add_case serve-profanity program,serve profanity_at_serve

# The browser.
in_a_browser() {
    start_trusted_serve || return 1
    local hash
    hash=$(openssl x509 -in "$certs/x.test.crt" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
    "$venv/bin/python" "$here/clients/browser.py" --xmpp "$xmpp" --page "$browser_client" --domain x.test \
        --websocket "$serve_websocket_address" --connect "$serve_address" --ca "$ca" --key-hash "$hash" \
        --password-file "$(password_file pw)" --logs "$case_dir"
}
add_case serve-browser program,serve,browser in_a_browser
