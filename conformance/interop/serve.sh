# `xmpp serve`, the program's own server, on 127.0.0.5: a fresh one for each case.
# With --against prosody Prosody takes its place, which shows that a case asks
# nothing of a server but what the RFCs do.

serve_domain=x.test
serve_address=127.0.0.5:16222
serve_direct_address=127.0.0.5:16223
serve_websocket_address=127.0.0.5:16281
serve_component_address=127.0.0.5:16347
serve_ca=$ca
serve_pid=

# start_serve [OPTION…]: the server with its accounts alice and bob
start_serve() {
    if [[ $against == prosody ]]; then
        serve_address=$prosody_address
        serve_direct_address=$prosody_direct_address
        serve_websocket_address=$prosody_websocket_address
        start_prosody || return 1
        prosody_account alice x.test pw
        prosody_account bob x.test pw
        return
    fi
    start_server "xmpp serve" "$serve_address" "$case_dir/serve.log" \
        "$xmpp" serve --domain "$serve_domain" --listen "$serve_address" --iterations 10000 \
        --user alice:pw --user bob:pw --direct-tls "$serve_direct_address" --websocket "$serve_websocket_address" "$@" || return 1
    serve_pid=${server_pids[-1]}
}

# start_serve, with a certificate that the clients trust
start_trusted_serve() {
    start_serve --cert "$certs/x.test.crt" --key "$certs/x.test.key" "$@"
}

# stop_serve: it must still be there, unharmed, and end when told to
stop_serve() {
    [[ $serve_pid ]] || return 0
    local alive=0
    kill -0 "$serve_pid" 2>/dev/null || { echo "xmpp serve had ended by itself"; alive=1; }
    stop_server "$serve_pid"
    unset 'server_pids[-1]'
    serve_pid=
    if grep -n "panicked at" "$case_dir/serve.log"; then alive=1; fi
    return "$alive"
}
