# Servers that federate: Prosody and ejabberd with each other, which shows that the scenery
# is right, and each of them with ours. What was used is read in the foreign server's log.

# federate_users SERVER… -- STEP…: alice of the first, bob of the second, alice of the third
federate_users() {
    local users=() names=(alice bob alice) trust=()
    # A self-signed certificate is none that a client could check.
    [[ $fed_external == no ]] || trust=(--ca "$ca")
    while [[ $1 != -- ]]; do
        users+=("--user=${names[${#users[@]}]}@${fed_domain[$1]}=${fed_client[$1]}")
        shift
    done
    shift
    "$venv/bin/python" "$here/clients/federate.py" "${users[@]}" "${trust[@]}" --logs "$case_dir" "$@"
}

# said SERVER PATTERN…: the server's log has each; one with `!` before it, it has not
said() {
    local server=$1 pattern log status=0
    shift
    case $server in
        prosody) log=$case_dir/prosody/prosody.log ;;
        ejabberd) log=$case_dir/ejabberd/log/ejabberd.log ;;
    esac
    for pattern in "$@"; do
        if [[ $pattern == '!'* ]]; then
            grep -qaE -- "${pattern#!}" "$log" || continue
        else
            if grep -qaE -- "$pattern" "$log"; then continue; fi
        fi
        echo "$server's log: expected $pattern"
        status=1
    done
    return "$status"
}

# used SERVER PEER external|dialback [in|out]: how the peer's streams were authenticated
# there, in both directions or in one
used() {
    local server=$1 here_domain=${fed_domain[$1]} there=${fed_domain[$2]} method=$3 direction=${4-both}
    local patterns=()
    case $server-$method in
        prosody-external)
            [[ $direction == out ]] || patterns+=("Accepting SASL EXTERNAL identity from $there")
            [[ $direction == in ]] || patterns+=("SASL EXTERNAL with $there succeeded")
            ;;
        prosody-dialback)
            patterns+=('!Accepting SASL EXTERNAL' '!SASL EXTERNAL with .* succeeded')
            [[ $direction == out ]] || patterns+=("SEND: <db:result [^>]*type='valid'")
            [[ $direction == in ]] || patterns+=("RECV: <(db:)?result [^>]*type='valid'")
            ;;
        ejabberd-*)
            [[ $method == external ]] && method=EXTERNAL
            [[ $direction == out ]] || patterns+=("Accepted inbound s2s $method authentication $there -> $here_domain")
            [[ $direction == in ]] || patterns+=("Accepted outbound s2s $method authentication $here_domain -> $there")
            ;;
    esac
    said "$server" "${patterns[@]}" && echo "note: $server: $3 ($direction)"
}

whole_conversation=(messages domains unknown subscriptions pings)
with_ours_conversation=(messages strangers=x.test domains unknown subscriptions pings)

# choose SETTING…: NAME=VALUE over the usual ones
choose() {
    local setting
    federation_defaults
    for setting in "$@"; do printf -v "${setting%%=*}" %s "${setting#*=}"; done
}

# Foreign servers alone.

foreign_federation() {
    local method=$1
    shift
    choose "$@"
    federate prosody ejabberd || return 1
    federate_users prosody ejabberd -- "${whole_conversation[@]}" || return 1
    used prosody ejabberd "$method" && used ejabberd prosody "$method"
}

foreign_components() {
    choose
    federate prosody ejabberd || return 1
    start_component echo.a.test "${slixmpp_component[@]}" echo.a.test secret "${fed_component[prosody]}" || return 1
    federate_users ejabberd prosody -- echo=echo.a.test || return 1
    stop_component || return 1
    start_component echo.e.test "${slixmpp_component[@]}" echo.e.test secret "${fed_component[ejabberd]}" || return 1
    federate_users prosody ejabberd -- echo=echo.e.test
}

add_case harness-federation-dialback '' foreign_federation dialback fed_external=no
add_case harness-federation-certificates '' foreign_federation external fed_dialback=no
add_case harness-federation-direct-tls '' foreign_federation external fed_tls=direct
add_case harness-federation-components '' foreign_components

# Whether a foreign server would resume a stream between servers, asked by a script that
# speaks for x.test: evidence for what ours does, which is acknowledgements only.
foreign_resumption() {
    local server=$1 pattern=$2
    choose fed_dialback=no
    federate "$server" || return 1
    python3 "$here/clients/s2s_resumption.py" "${fed_host[$server]}:${fed_direct[$server]}" "${fed_domain[$server]}" x.test \
        "$fed_certs/authority/x.test.crt" "$fed_certs/authority/x.test.key" | tee "$case_dir/answer" || return 1
    grep -qE -- "$pattern" "$case_dir/answer"
}

add_case harness-federation-prosody-resumption '' foreign_resumption prosody 'offered: yes.*<enabled'
add_case harness-federation-ejabberd-resumption '' foreign_resumption ejabberd 'offered: no'

# One of them and ours.

# with_ours SERVER METHOD SETTING…: the whole conversation, begun by our user
with_ours() {
    local server=$1 method=$2
    shift 2
    choose "$@"
    federate "$server" serve || return 1
    federate_users serve "$server" -- "${with_ours_conversation[@]}" || return 1
    case $server-$fed_bidi-$method in
        # Bidi: who comes second sends on the stream that is there (XEP-0288).
        prosody-yes-external)
            used prosody serve "$method" in && said prosody '!Outgoing s2s connection a.test->x.test complete'
            ;;
        # Prosody has itself let in on the stream on which it asks about the key.
        prosody-yes-dialback) used prosody serve "$method" && said prosody 'Requested bidirectional stream' ;;
        *) used "$server" serve "$method" ;;
    esac
}

# bidi_to_ours: Prosody's user begins, and ours answers on Prosody's stream
bidi_to_ours() {
    choose "$@"
    federate prosody serve || return 1
    federate_users prosody serve -- "${with_ours_conversation[@]}" || return 1
    said prosody 'Outgoing s2s connection a.test->x.test complete' '!Incoming s2s connection x.test->a.test complete'
}

# Our certificate is self-signed, theirs is not: dialback one way, EXTERNAL the other.
self_signed_ours() {
    local server=$1
    choose fed_bidi=no
    fed_serve_folder=$fed_certs/own
    federate "$server" serve || return 1
    # Our user's client cannot check it either.
    fed_external=no federate_users serve "$server" -- "${with_ours_conversation[@]}" || return 1
    case $server in
        prosody) said prosody "SEND: <db:result [^>]*type='valid'" ;;
        ejabberd) used ejabberd serve dialback in ;;
    esac
}

# Certificates alone count, and nobody's is good: nothing crosses, and the senders hear of it.
untrusted() {
    local server=$1 failure=remote-server-timeout,remote-server-not-found,internal-server-error
    choose fed_external=no fed_dialback=no
    federate "$server" serve || return 1
    federate_users serve "$server" -- "unreachable=${fed_domain[$server]}=$failure" || return 1
    federate_users "$server" serve -- "unreachable=x.test=$failure"
}

# Where there is no server for a domain; and a server for which a domain is none of its own.
unreachable_from_ours() {
    local server=$1
    choose
    fed_srv=(other.test="_xmpp-server._tcp.other.test,${fed_domain[$server]},${fed_s2s[$server]},10,0")
    federate "$server" serve || return 1
    federate_users serve "$server" -- hello=before unreachable=nowhere.test=remote-server-not-found \
        unreachable=declined.test=remote-server-not-found unreachable=dead.test=remote-server-timeout \
        unreachable=other.test=remote-server-timeout,remote-server-not-found hello=after
}

unserved_by_ours() {
    local server=$1
    choose
    fed_srv=(other.test="_xmpp-server._tcp.other.test,x.test,${fed_s2s[serve]},10,0")
    federate "$server" serve || return 1
    federate_users "$server" serve -- hello=before \
        unreachable=other.test=remote-server-timeout,remote-server-not-found,item-not-found hello=after
}

# A component far away: behind theirs from ours, behind ours from theirs.
component_there() {
    local server=$1
    choose
    federate "$server" serve || return 1
    start_component "echo.${fed_domain[$server]}" "${slixmpp_component[@]}" "echo.${fed_domain[$server]}" secret \
        "${fed_component[$server]}" || return 1
    federate_users serve "$server" -- hello=before "echo=echo.${fed_domain[$server]}" hello=after
}

component_here() {
    local server=$1
    choose "${@:2}"
    federate "$server" serve || return 1
    start_component echo.x.test "${slixmpp_component[@]}" echo.x.test secret "${fed_component[serve]}" || return 1
    federate_users "$server" serve -- hello=before echo=echo.x.test hello=after
}

# SRV: the first target refuses, the next is nowhere, the last is the server; both ways.
dead_first_target() {
    local server=$1 domain
    choose
    for server in "$server" serve; do
        domain=${fed_domain[$server]}
        fed_srv+=("$domain=_xmpp-server._tcp.$domain,dead.test,25999,10,0"
            "$domain=_xmpp-server._tcp.$domain,gone.test,${fed_s2s[$server]},20,0"
            "$domain=_xmpp-server._tcp.$domain,$domain,${fed_s2s[$server]},30,0")
    done
    federate "$1" serve || return 1
    federate_users serve "$1" -- messages
}

# No SRV record: the domain itself at port 5269; both ways.
fallback() {
    local server=$1
    choose
    fed_srv=("${fed_domain[$server]}=" x.test=)
    local -A fed_s2s=([prosody]=25269 [ejabberd]=27269 [serve]=5269)
    federate "$server" serve || return 1
    federate_users serve "$server" -- messages
}

# `.` is a refusal, although somebody listens at 5269.
declined() {
    local server=$1 domain=${fed_domain[$1]}
    choose
    fed_srv=("$domain=_xmpp-server._tcp.$domain" "$domain=_xmpps-server._tcp.$domain")
    federate "$server" serve || return 1
    federate_users serve "$server" -- "unreachable=$domain=remote-server-not-found"
}

# The other server goes away and comes back.
return_of() {
    local server=$1 domain=${fed_domain[$1]}
    choose
    # The one that leaves is started last.
    federate serve "$server" || return 1
    federate_users serve "$server" -- messages || return 1
    stop_last_federated
    federate_lonely "unreachable=$domain=remote-server-timeout" || return 1
    "start_federated_$server" || return 1
    # As long as ours tries nothing: after three failures, the lost stream among them, that
    # is 20 s at most (`PoolConfig::backoff`).
    sleep 21
    federate_users serve "$server" -- messages
}

stop_last_federated() {
    local pid=${fed_pids[-1]}
    stop_server "$pid"
    unset 'fed_pids[-1]' 'server_pids[-1]'
}

# federate_lonely STEP…: our user alone
federate_lonely() { federate_users serve -- "$@"; }

# Our programs as users of both: xmpp send, xmpp listen, xmpp ping.
programs() {
    local server=$1 from to status=0
    choose
    printf 'pw\n' >"$case_dir/password"
    federate "$server" serve || return 1
    for from in "$server" serve; do
        [[ $from == serve ]] && to=$server || to=serve
        local told=$case_dir/listen-$to
        "$xmpp" listen --jid "bob@${fed_domain[$to]}/there" --password-file "$case_dir/password" --ca "$ca" \
            --connect "${fed_client[$to]}" --json --seconds 60 >"$told" 2>"$told.err" &
        local listener=$!
        {
            lines "$told" '"ok":true' 1 &&
                # Ours does not ask whom the sender is a stranger to.
                { [[ $to == serve ]] || "$xmpp" ping --jid "alice@${fed_domain[$from]}" --password-file "$case_dir/password" \
                    --ca "$ca" --connect "${fed_client[$from]}" --to "bob@${fed_domain[$to]}/there" --json; } &&
                "$xmpp" ping --jid "alice@${fed_domain[$from]}" --password-file "$case_dir/password" --ca "$ca" \
                    --connect "${fed_client[$from]}" --to "${fed_domain[$to]}" --json &&
                "$xmpp" send --jid "alice@${fed_domain[$from]}" --password-file "$case_dir/password" --ca "$ca" \
                    --connect "${fed_client[$from]}" --to "bob@${fed_domain[$to]}" "from $from" &&
                lines "$told" "from $from" 1
        } || status=1
        kill -INT "$listener"
        wait "$listener"
        cat "$told" "$told.err"
    done
    return "$status"
}

for server in prosody ejabberd; do
    add_case "federation-$server-dialback" program with_ours "$server" dialback fed_external=no fed_bidi=no
    add_case "federation-$server-certificates" program with_ours "$server" external fed_dialback=no fed_bidi=no
    add_case "federation-$server-direct-tls" program with_ours "$server" external fed_tls=direct fed_bidi=no
    add_case "federation-$server-direct-tls-dialback" program with_ours "$server" dialback fed_tls=direct fed_external=no fed_bidi=no
    add_case "federation-$server-bidi" program with_ours "$server" external
    add_case "federation-$server-self-signed-ours" program self_signed_ours "$server"
    add_case "federation-$server-untrusted" program untrusted "$server"
    add_case "federation-$server-unreachable" program unreachable_from_ours "$server"
    add_case "federation-$server-unserved" program unserved_by_ours "$server"
    add_case "federation-$server-component-there" program component_there "$server"
    add_case "federation-$server-component-here" program component_here "$server"
    add_case "federation-$server-component-dialback" program component_here "$server" fed_external=no
    add_case "federation-$server-srv-dead-target" program dead_first_target "$server"
    add_case "federation-$server-srv-declined" program declined "$server"
    add_case "federation-$server-srv-fallback" program fallback "$server"
    add_case "federation-$server-returns" program return_of "$server"
    add_case "federation-$server-programs" program programs "$server"
done
add_case federation-prosody-bidi-dialback program with_ours prosody dialback fed_external=no
add_case federation-prosody-bidi-theirs program bidi_to_ours
add_case federation-prosody-bidi-theirs-dialback program bidi_to_ours fed_external=no

# All three at once, and a message around.
ring() {
    choose "$@"
    federate prosody ejabberd serve || return 1
    federate_users serve prosody ejabberd -- ring messages domains
}
add_case federation-ring program ring
add_case federation-ring-dialback program ring fed_external=no
