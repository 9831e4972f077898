# SASL2 (XEP-0388), Bind 2 (XEP-0386) and FAST (XEP-0484): the program at Prosody with its
# community modules, and xmpp.js at `xmpp serve`.

# sasl2_ping JID ADDRESS EXPECTATION… [-- OPTION…]: as check_ping, with a token file
sasl2_ping() {
    local jid=$1 address=$2
    shift 2
    check_ping "$jid" pw "$address" "$ca" 0 ok=true "$@"
}

# by_token JID ADDRESS MECHANISM: a login by password that brings a token, two by the token
# alone, and one from a token that was spoilt to the password
by_token() {
    local jid=$1 address=$2 mechanism=$3 file=$case_dir/token.json time
    sasl2_ping "$jid" "$address" mechanism='*' sasl=sasl2 -- --token-file "$file" || return 1
    grep -q "\"$mechanism\"" "$file" || { echo "no token for $mechanism"; sed 's/"token":"[^"]*"/"token":…/' "$file"; return 1; }
    for time in 1 2; do
        timeout 30 "$xmpp" ping --jid "$jid" --token-file "$file" --connect "$address" --ca "$ca" --json \
            | "$venv/bin/python" "$here/clients/check_json.py" ok=true mechanism="$mechanism" sasl=sasl2 || return 1
    done
    sed -i 's/"token":"[^"]*"/"token":"spoilt"/' "$file"
    sasl2_ping "$jid" "$address" mechanism~SCRAM sasl=sasl2 -- --token-file "$file" || return 1
    if grep -q spoilt "$file"; then echo "the spoilt token is still there"; return 1; fi
    echo "note: SASL2, then $mechanism"
}

serve_by_token() {
    start_trusted_serve || return 1
    by_token alice@x.test "$serve_address" HT-SHA-256-EXPR
}

# Both profiles at the same server.
serve_profiles() {
    start_trusted_serve || return 1
    sasl2_ping alice@x.test "$serve_address" sasl=sasl2 mechanism=SCRAM-SHA-512-PLUS || return 1
    sasl2_ping alice@x.test "$serve_address" sasl=rfc6120 mechanism=SCRAM-SHA-512-PLUS -- --no-sasl2 || return 1
    # A resource that is asked for by name is bound as RFC 6120 has it.
    sasl2_ping alice@x.test/balcony "$serve_address" sasl=sasl2
}

serve_without_sasl2() {
    start_trusted_serve --no-sasl2 || return 1
    sasl2_ping alice@x.test "$serve_address" sasl=rfc6120
}

serve_xmppjs() {
    start_trusted_serve || return 1
    NODE_EXTRA_CA_CERTS=$ca node "$here/clients/xmppjs_sasl2.mjs" "$xmppjs" "xmpp://$serve_address" x.test alice pw
}

add_case prosody-sasl2 program,prosody sasl2_ping alice@sasl2.test "$prosody_address" sasl=sasl2 mechanism=SCRAM-SHA-256
add_case prosody-sasl2-off program,prosody sasl2_ping alice@sasl2.test "$prosody_address" sasl=rfc6120 -- --no-sasl2
add_case prosody-sasl2-resource program,prosody sasl2_ping alice@sasl2.test/balcony "$prosody_address" sasl=sasl2
add_case prosody-fast program,prosody by_token alice@sasl2.test "$prosody_address" HT-SHA-256-NONE
add_case sasl2-serve program serve_profiles
add_case sasl2-serve-off program serve_without_sasl2
add_case sasl2-serve-fast program serve_by_token
add_case sasl2-serve-xmppjs program serve_xmppjs
