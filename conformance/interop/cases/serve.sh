# Foreign clients of `xmpp serve`.

# talk_to_serve ALICE BOB: the whole conversation between two clients
talk_to_serve() {
    start_trusted_serve || return 1
    converse "$1" "$2" --domain x.test --connect "$serve_address" --ca "$ca"
}

# log_in_to_serve CLIENT MECHANISM
log_in_to_serve() {
    start_trusted_serve || return 1
    converse "$1,--mechanism $2" --domain x.test --connect "$serve_address" --ca "$ca" --expect-mechanism "$2"
}

# fail_at_serve CLIENT PASSWORD CA WORD
fail_at_serve() {
    start_trusted_serve || return 1
    converse "$1" --domain x.test --connect "$serve_address" --password "$2" --ca "$3" --expect-failure "$4"
}

# Without --cert the server makes itself a certificate; this client takes any.
own_certificate() {
    start_serve || return 1
    converse slixmpp --domain x.test --connect "$serve_address"
}

# Over TLS 1.2 slixmpp binds with tls-unique, whatever the server announces, and
# goes on to the next mechanism when that is refused: it must get in all the same.
tls12() {
    start_trusted_serve || return 1
    converse "slixmpp,--max-tls 1.2" --domain x.test --connect "$serve_address" --ca "$ca"
}

ping_serve() {
    start_trusted_serve || return 1
    check_ping alice@x.test pw "$serve_address" "$ca" 0 ok=true tls=TLSv1.3 'mechanism~^SCRAM-SHA-(256|512)-PLUS$'
}

send_through_serve() {
    start_trusted_serve || return 1
    server_address[serve]=$serve_address server_domain[serve]=x.test
    send_message serve "hello"
}

add_case serve-slixmpp serve talk_to_serve slixmpp slixmpp
add_case serve-aioxmpp serve talk_to_serve aioxmpp aioxmpp
add_case serve-libstrophe serve talk_to_serve libstrophe libstrophe
add_case serve-slixmpp-aioxmpp serve talk_to_serve slixmpp aioxmpp
add_case serve-aioxmpp-libstrophe serve talk_to_serve aioxmpp libstrophe
add_case serve-libstrophe-slixmpp serve talk_to_serve libstrophe slixmpp
for mechanism in SCRAM-SHA-1 SCRAM-SHA-256; do
    add_case "serve-slixmpp-${mechanism,,}" serve log_in_to_serve slixmpp "$mechanism"
    add_case "serve-aioxmpp-${mechanism,,}" serve log_in_to_serve aioxmpp "$mechanism"
    # RFC 9266, from the outside: aiosasl's SCRAM-PLUS over pyOpenSSL's exporter.
    add_case "serve-aioxmpp-${mechanism,,}-plus" serve log_in_to_serve aioxmpp "$mechanism-PLUS"
done
add_case serve-slixmpp-scram-sha-512 serve log_in_to_serve slixmpp SCRAM-SHA-512
add_case serve-slixmpp-tls12 serve tls12
add_case serve-slixmpp-wrong-password serve fail_at_serve slixmpp wrong "$ca" not-authorized
add_case serve-aioxmpp-wrong-password serve fail_at_serve aioxmpp wrong "$ca" not-authorized
add_case serve-slixmpp-wrong-ca serve fail_at_serve slixmpp pw "$foreign_ca" certificate
add_case serve-own-certificate serve own_certificate
add_case serve-ping program,serve ping_serve
add_case serve-send program,serve send_through_serve
