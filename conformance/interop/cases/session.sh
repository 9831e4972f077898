# What stands above a connection: SRV records from a DNS of the case's own, and a
# connection to Prosody that is killed.

dns_address=127.0.0.53:15353
relay_address=127.0.0.2:15299

# with_dns RECORD… -- COMMAND…: a DNS that knows these records of a.test, and the
# addresses of all its hosts
with_dns() {
    local records=() status=0
    while [[ $1 != -- ]]; do records+=("--srv-host=$1"); shift; done
    shift
    dnsmasq --keep-in-foreground --conf-file=/dev/null --port="${dns_address#*:}" \
        --listen-address="${dns_address%:*}" --bind-interfaces --no-resolv --no-hosts --no-daemon \
        --local=/test/ --address=/a.test/127.0.0.2 "${records[@]}" >"$case_dir/dnsmasq.log" 2>&1 &
    local dns=$!
    sleep 0.5
    "$@" || status=1
    kill "$dns"
    wait "$dns" 2>/dev/null
    return "$status"
}

# resolved STATUS PATTERN OPTION…: a ping by what DNS says, without --connect
resolved() {
    local status=$1 pattern=$2 told
    shift 2
    printf 'pw\n' >"$case_dir/password"
    told=$("$xmpp" ping --jid alice@a.test --password-file "$case_dir/password" --ca "$ca" --json \
        --resolver "$dns_address" "$@")
    if (($? != status)) || ! [[ $told =~ $pattern ]]; then
        echo "expected status $status and $pattern: $told"
        return 1
    fi
    echo "$told"
}

# The first target refuses, the second is nowhere, the third is Prosody.
add_case session-dead-target program,prosody with_dns \
    _xmpp-client._tcp.a.test,dead.a.test,15999,10,0 \
    _xmpp-client._tcp.a.test,gone.invalid,15222,20,0 \
    _xmpp-client._tcp.a.test,live.a.test,15222,30,0 \
    -- resolved 0 '"ok":true.*"tls":"TLSv1.3"'
# 6120-3.2.1-01: no record but one whose target is the root.
add_case session-declined program,prosody with_dns \
    _xmpp-client._tcp.a.test _xmpps-client._tcp.a.test \
    -- resolved 1 '"error":"connection".*does not offer'
# XEP-0368: the better priority begins with TLS.
add_case session-direct-tls program,prosody with_dns \
    _xmpps-client._tcp.a.test,live.a.test,15223,10,0 \
    _xmpp-client._tcp.a.test,dead.a.test,15999,20,0 \
    -- resolved 0 '"ok":true.*"tls":"TLSv1.3"'

# lines FILE PATTERN COUNT: waits until so many lines of the file have it
lines() {
    local attempt
    for ((attempt = 0; attempt < 200; attempt++)); do
        (($(grep -c -- "$2" "$1") >= $3)) && return 0
        sleep 0.1
    done
    echo "no $3 lines with $2 in $1:"
    cat "$1"
    return 1
}

# A connection that is killed under `xmpp listen --reconnect` is resumed, and what was sent
# to it meanwhile comes, once.
killed_connection() {
    printf 'pw\n' >"$case_dir/password"
    python3 "$here/clients/relay.py" "$relay_address" "$prosody_address" &
    local relay=$! listener status=0 n
    sleep 0.5
    "$xmpp" listen --jid alice@a.test/stays --password-file "$case_dir/password" --ca "$ca" --json \
        --connect "$relay_address" --reconnect --retry-within 2 >"$case_dir/listen" &
    listener=$!
    {
        lines "$case_dir/listen" '"ok":true' 1 &&
            for n in 1 2 3; do
                sleep 1
                kill -USR1 "$relay"
                "$xmpp" send --jid bob@a.test --password-file "$case_dir/password" --ca "$ca" \
                    --connect "$prosody_address" --to alice@a.test/stays "number $n" &&
                    lines "$case_dir/listen" '"resumed":true' "$n" &&
                    lines "$case_dir/listen" "number $n" 1 || break
            done
    } || status=1
    kill -INT "$listener"
    wait "$listener" || status=1
    kill "$relay"
    wait "$relay" 2>/dev/null
    for n in 1 2 3; do
        if (($(grep -c "number $n" "$case_dir/listen") != 1)); then
            echo "number $n did not come once"
            status=1
        fi
    done
    cat "$case_dir/listen"
    return "$status"
}
add_case session-killed-connection program,prosody killed_connection
