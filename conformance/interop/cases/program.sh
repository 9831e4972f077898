# The program as a client of foreign servers: xmpp ping and xmpp send.

# Each of a server: its address and a domain of it.
declare -A server_address=([prosody]=$prosody_address [ejabberd]=$ejabberd_address)
declare -A server_domain=([prosody]=a.test [ejabberd]=e.test)

password_file() {
    printf '%s\n' "$1" >"$case_dir/password"
    printf '%s' "$case_dir/password"
}

# check_ping JID PASSWORD ADDRESS CA STATUS EXPECTATION… [-- OPTION…]: run
# `xmpp ping --json` and hold its exit status and its object to what is expected
check_ping() {
    local jid=$1 password=$2 address=$3 trusted=$4 wanted=$5 status=0
    shift 5
    local expectations=()
    while (($#)) && [[ $1 != -- ]]; do expectations+=("$1"); shift; done
    [[ ${1-} == -- ]] && shift
    local file
    file=$(password_file "$password")
    timeout 30 "$xmpp" ping --jid "$jid" --password-file "$file" --connect "$address" --ca "$trusted" --json "$@" \
        >"$case_dir/ping.json" || status=$?
    ((status == wanted)) || { echo "status $status, wanted $wanted:"; cat "$case_dir/ping.json"; return 1; }
    "$venv/bin/python" "$here/clients/check_json.py" "${expectations[@]}" <"$case_dir/ping.json"
}

# A login that succeeds: login SERVER EXPECTATION… [-- OPTION…]
login() {
    local server=$1
    shift
    check_ping "alice@${server_domain[$server]}" pw "${server_address[$server]}" "$ca" 0 ok=true ms='*' "$@"
}

# A login that must fail and say why: refuse SERVER JID PASSWORD CA WORDS [OPTION…]
refuse() {
    local server=$1 jid=$2 password=$3 trusted=$4 words=$5
    shift 5
    check_ping "$jid" "$password" "${server_address[$server]}" "$trusted" 1 ok=false error='*' "message~$words" -- "$@"
}

# xmpp ping for people: an answer on standard output, nothing but status 0
ping_in_words() {
    local file
    file=$(password_file pw)
    timeout 30 "$xmpp" ping --jid alice@a.test --password-file "$file" --connect "$prosody_address" --ca "$ca" --to a.test \
        | tee "$case_dir/ping.txt"
    ((PIPESTATUS[0] == 0)) && [[ -s $case_dir/ping.txt ]]
}

# refuse_in_words VERB ARGUMENT…: a wrong password, told to people: nothing on
# standard output, the reason on standard error, status 1
refuse_in_words() {
    local verb=$1 file status=0
    shift
    file=$(password_file wrong)
    timeout 30 "$xmpp" "$verb" --jid alice@a.test --password-file "$file" --connect "$prosody_address" --ca "$ca" "$@" \
        >"$case_dir/stdout" 2>"$case_dir/stderr" || status=$?
    sed 's/^/stderr: /' "$case_dir/stderr"
    ((status == 1)) || { echo "status $status, wanted 1"; return 1; }
    if [[ -s $case_dir/stdout ]]; then echo "on standard output:"; cat "$case_dir/stdout"; return 1; fi
    grep -q not-authorized "$case_dir/stderr"
}

# send_message SERVER BODY
send_message() {
    local domain=${server_domain[$1]} address=${server_address[$1]} body=$2 file
    file=$(password_file pw)
    "$venv/bin/python" "$here/clients/receive.py" --jid "bob@$domain" --password pw --connect "$address" --ca "$ca" \
        --from "alice@$domain" --body "$body" --logs "$case_dir" -- \
        "$xmpp" send --jid "alice@$domain" --password-file "$file" --to "bob@$domain" \
        --connect "$address" --ca "$ca" "$body"
}

# A name that SCRAM must escape, and a password that SASLprep changes (RFC 4013:
# U+2168 ROMAN NUMERAL NINE becomes IX, U+00AD SOFT HYPHEN nothing). The name
# has no n before an escape: Prosody 0.12.3 takes what follows `n=` for the name.
escaped_account() {
    prosody_account 'o=e,d' a.test $'p=\u00e4ss\u2168,'
    check_ping 'o=e,d@a.test' $'p=\u00e4s\u00ads\u2168,' "$prosody_address" "$ca" 0 ok=true mechanism=SCRAM-SHA-256
}

# play DOMAIN ADDRESS: the whole demo on a server of another process, with a message and
# a directed presence that are signed and encrypted from end to end (RFC 3923). What the
# server rewrites on the way (CDATA, quotes, the order of attributes) must do no harm, and
# none of the secret may be in what crosses the wire.
play() {
    local domain=$1 address=$2 file
    file=$(password_file pw)
    timeout 60 "$xmpp" demo --json --connect "$address" --domain "$domain" --password-file "$file" --ca "$ca" \
        >"$case_dir/stdout" || { tail -n 1 "$case_dir/stdout"; return 1; }
    tail -n 1 "$case_dir/stdout" | grep -q '"ok":true' || return 1
    (($(grep -c 'reads: .* signed by ' "$case_dir/stdout") == 2)) || { echo "not both were read"; return 1; }
    if grep '"xml"' "$case_dir/stdout" | grep -q 'almost morning\|on the balcony'; then echo "a secret crossed in the clear"; return 1; fi
    echo "note: $(grep -c '"xml"' "$case_dir/stdout") elements"
}

play_on_prosody() {
    prosody_account romeo a.test pw
    prosody_account juliet a.test pw
    play a.test "$prosody_address"
}

play_on_serve() {
    start_trusted_serve --user romeo:pw --user juliet:pw || return 1
    play "$serve_domain" "$serve_address"
}

add_case prosody-end-to-end program,prosody play_on_prosody
add_case serve-end-to-end program play_on_serve

for server in prosody ejabberd; do
    add_case "$server-ping" "program,$server" login "$server" tls=TLSv1.3 'mechanism~^SCRAM-SHA-(256|512)$'
    for mechanism in SCRAM-SHA-1 SCRAM-SHA-256; do
        add_case "$server-${mechanism,,}" "program,$server" login "$server" "mechanism=$mechanism" -- --mechanism "$mechanism"
    done
    add_case "$server-plain" "program,$server" login "$server" mechanism=PLAIN -- --mechanism PLAIN --allow-plain
    add_case "$server-plain-not-allowed" "program,$server" \
        refuse "$server" "alice@${server_domain[$server]}" pw "$ca" 'PLAIN' --mechanism PLAIN
    # Neither can bind to TLS 1.3: asking for it must fail, not fall back.
    add_case "$server-plus-not-possible" "program,$server" \
        refuse "$server" "alice@${server_domain[$server]}" pw "$ca" 'PLUS|channel|binding|not-authorized|malformed-request' --mechanism SCRAM-SHA-256-PLUS
    add_case "$server-wrong-password" "program,$server" \
        refuse "$server" "alice@${server_domain[$server]}" wrong "$ca" 'not-authorized'
    add_case "$server-unknown-user" "program,$server" \
        refuse "$server" "nobody@${server_domain[$server]}" pw "$ca" 'not-authorized'
    add_case "$server-wrong-ca" "program,$server" \
        refuse "$server" "alice@${server_domain[$server]}" pw "$foreign_ca" 'unknown ?issuer|certificate'
    add_case "$server-unknown-host" "program,$server" refuse "$server" alice@nobody.example pw "$ca" 'host-unknown'
    add_case "$server-send" "program,$server" send_message "$server" "hello"
    add_case "$server-send-markup" "program,$server" send_message "$server" $'<b a=\'1\'>&amp; ]]>" grüß dich \U0001f44b\nnext line'
done
add_case prosody-ping-in-words program,prosody ping_in_words
add_case prosody-wrong-password-in-words program,prosody refuse_in_words ping
add_case prosody-send-wrong-password program,prosody refuse_in_words send --to bob@a.test hello
add_case prosody-escaped-name program,prosody escaped_account
# Over TLS 1.2 Prosody offers -PLUS with tls-unique only: not ours, no reason to fail.
add_case prosody-tls12 program,prosody check_ping alice@tls12.test pw "$prosody_address" "$ca" 0 ok=true tls=TLSv1.2 mechanism=SCRAM-SHA-256
add_case prosody-wrong-name program,prosody refuse prosody alice@wrong.test pw "$ca" 'certificate.*(name|wrong)|(name|wrong).*certificate'
add_case prosody-expired-certificate program,prosody refuse prosody alice@expired.test pw "$ca" 'expired'
add_case ejabberd-scram-sha-512 program,ejabberd login ejabberd mechanism=SCRAM-SHA-512 -- --mechanism SCRAM-SHA-512
