#!/usr/bin/env bash
# Makes the vectors anew, with `xmpp e2e` and OpenSSL, and has OpenSSL check each
# that it can. Needs bash, openssl 3 and the `xmpp` program ($XMPP, else the
# debug build). The keys stay as they are.
set -eu
cd "$(dirname "$0")"
XMPP=${XMPP:-$PWD/../../../target/debug/xmpp}
FROM=2026-01-01T00:00:00Z
AT=2026-01-02T03:04:05.678Z
DAYS=36500
# OpenSSL 3 has -attime, in seconds.
SECONDS_AT=1767323045
mkdir -p keys
cert() { "$XMPP" e2e cert --from $FROM --days $DAYS "$@"; }
[ -f keys/root.pem ] || cert --authority --name "root of the vectors" --key keys/root.key --out keys/root.pem
[ -f keys/mid.pem ] || {
    cert --authority --name "intermediate of the vectors" --kind p384 --key keys/mid.key \
        --issuer keys/root.pem --issuer-key keys/root.key --out keys/chain.pem
    sed '/END CERTIFICATE/q' keys/chain.pem >keys/mid.pem; rm keys/chain.pem; }
for who in juliet@example.com romeo@example.net; do
    for kind in rsa p256 p384 ed25519 x25519; do
        file=keys/${who%@*}-$kind
        [ -f $file.pem ] || cert $who --kind $kind --key $file.key \
            --issuer keys/mid.pem --issuer-key keys/mid.key --out $file.pem
    done
done
[ -f keys/expired.pem ] || "$XMPP" e2e cert juliet@example.com --from 2025-01-01T00:00:00Z --days 10 \
    --key keys/expired.key --issuer keys/mid.pem --issuer-key keys/mid.key --out keys/expired.pem
[ -f keys/agreement.pem ] || cert juliet@example.com --key-usage 08 \
    --key keys/agreement.key --issuer keys/mid.pem --issuer-key keys/mid.key --out keys/agreement.pem
[ -f keys/tybalt.pem ] || cert tybalt@example.com \
    --key keys/tybalt.key --issuer keys/mid.pem --issuer-key keys/mid.key --out keys/tybalt.pem

printf 'Content-Type: Message/CPIM\r\n\r\nFrom: Juliet Capulet <im:juliet@example.com>\r\nTo: Romeo Montague <im:romeo@example.net>\r\nDateTime: %s\r\nSubject: Imploring\r\n\r\nContent-Type: text/plain; charset=utf-8\r\nContent-ID: <1234567890@example.com>\r\n\r\nWherefore art thou, Romeo?' $AT >message.cpim
printf "Content-Type: application/pidf+xml; charset=utf-8\r\n\r\n<?xml version='1.0' encoding='UTF-8'?>\r\n<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:juliet@example.com'>\r\n  <tuple id='balcony'>\r\n    <status><basic>open</basic></status>\r\n    <note xml:lang='en'>retired to the chamber</note>\r\n    <timestamp>%s</timestamp>\r\n  </tuple>\r\n</presence>" $AT >presence.pidf
cat >message.xml <<'X'
<message xmlns='jabber:client' from='juliet@example.com/balcony' to='romeo@example.net/orchard' type='chat' id='m1'><subject>Imploring</subject><body>Wherefore art thou, Romeo?</body></message>
X
cat >presence.xml <<'X'
<presence xmlns='jabber:client' from='juliet@example.com/balcony' to='romeo@example.net' id='p1'><status>retired to the chamber</status></presence>
X
cat >iq.xml <<'X'
<iq xmlns='jabber:client' from='juliet@example.com/balcony' to='romeo@example.net/orchard' type='get' id='v1'><query xmlns='jabber:iq:version'/></iq>
X

: >vectors.jsonl
# vector FILE FORM POLICY KEY EXPECTED WHAT [AT]: one line of vectors.jsonl
vector() {
    local key=null certificate=null at=${7:-$AT} verdict='"ok": true'
    [ "$4" = - ] || { key="\"keys/$4.key\""; certificate="\"keys/$4.pem\""; }
    [ "$5" = ok ] || verdict="\"ok\": false, \"error\": \"$5\""
    case $2,$5,$1 in
        entity,ok,*presence*) verdict+=', "content": "presence.pidf"' ;;
        entity,ok,*) verdict+=', "content": "message.cpim"' ;;
    esac
    printf '{"object": "%s", "form": "%s", "policy": "%s", "ca": "keys/root.pem", "key": %s, "certificate": %s, "at": "%s", %s, "what": "%s"}\n' \
        "$1" "$2" "$3" "$key" "$certificate" "$at" "$verdict" "$6" >>vectors.jsonl
}
openssl_verifies() { openssl cms -verify -purpose any -attime $SECONDS_AT -CAfile keys/root.pem -in "$1" -out /dev/null 2>/dev/null; }
sign() { "$XMPP" e2e sign --at $AT "$@"; }
seal() { "$XMPP" e2e encrypt --at $AT "$@"; }
j() { echo --key keys/juliet-$1.key --cert keys/juliet-$1.pem; }

for kind in rsa p256 p384 ed25519; do
    for form in detached opaque; do
        option=; [ $form = opaque ] && option=--opaque
        file=signed-$kind-$form.eml
        sign --entity $(j $kind) $option message.cpim >$file
        [ $kind = ed25519 ] || openssl_verifies $file
        vector $file entity modern - ok "Message/CPIM signed with $kind, $form"
    done
done
sign --entity $(j p256) presence.pidf >signed-presence.eml
openssl_verifies signed-presence.eml
vector signed-presence.eml entity modern - ok "PIDF signed"
openssl cms -sign -md sha1 -in message.cpim -signer keys/juliet-rsa.pem -inkey keys/juliet-rsa.key \
    -certfile keys/mid.pem -out signed-rfc3923.eml
openssl_verifies signed-rfc3923.eml
vector signed-rfc3923.eml entity legacy - ok "SHA-1 and RSASSA-PKCS1-v1_5, RFC 3923 section 6.10, by OpenSSL"
vector signed-rfc3923.eml entity modern - unverified-signature "the same: SHA-1 does not count"
openssl cms -sign -md sha256 -stream -nodetach -in message.cpim -signer keys/juliet-p256.pem \
    -inkey keys/juliet-p256.key -certfile keys/mid.pem -out signed-ber.eml
vector signed-ber.eml entity modern - ok "opaque, in BER with indefinite lengths, by OpenSSL"
sed 's/art thou/art tho/' signed-p256-detached.eml >signed-changed.eml
vector signed-changed.eml entity modern - unverified-signature "one letter of the content is missing"
sed 's/\r$//' signed-p256-detached.eml >signed-lf.eml
vector signed-lf.eml entity modern - ok "the line ends that XML makes: LF"
sed '/^--e2e.*--.$/d' signed-p256-detached.eml >signed-open.eml
vector signed-open.eml entity modern - unverified-signature "the last delimiter is missing"

# --- forms that other programs give objects
[ -f keys/juliet-p521.pem ] || cert juliet@example.com --kind p521 --key keys/juliet-p521.key \
    --issuer keys/mid.pem --issuer-key keys/mid.key --out keys/juliet-p521.pem
[ -f keys/romeo-p521.pem ] || cert romeo@example.net --kind p521 --key keys/romeo-p521.key \
    --issuer keys/mid.pem --issuer-key keys/mid.key --out keys/romeo-p521.pem
for form in detached opaque; do
    option=; [ $form = opaque ] && option=--opaque
    sign --entity $(j p521) $option message.cpim >signed-p521-$form.eml
    openssl_verifies signed-p521-$form.eml
    vector signed-p521-$form.eml entity modern - ok "Message/CPIM signed with p521, $form"
done
seal --entity $(j p521) --to keys/romeo-p521.pem message.cpim >sealed-p521-aes-256-gcm.eml
openssl cms -decrypt -in sealed-p521-aes-256-gcm.eml -recip keys/romeo-p521.pem -inkey keys/romeo-p521.key -out inner
openssl_verifies inner; rm inner
vector sealed-p521-aes-256-gcm.eml entity modern romeo-p521 ok "signed, then encrypted to p521 with aes-256-gcm"
by_openssl() { openssl cms -sign -md sha256 -in message.cpim -signer keys/juliet-$1.pem -inkey keys/juliet-$1.key -certfile keys/mid.pem "${@:2}"; }
by_openssl rsa -keyopt rsa_padding_mode:pss -out signed-pss-222.eml
openssl_verifies signed-pss-222.eml
vector signed-pss-222.eml entity modern - ok "RSASSA-PSS with a salt of 222 octets, by OpenSSL"
by_openssl p256 -nodetach -outform DER -out der
{ printf 'Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: binary\r\n\r\n'; cat der; } >signed-binary.eml
vector signed-binary.eml entity modern - ok "in the transfer encoding binary, by OpenSSL"
{ printf 'Content-Type: application/octet-stream; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n'; base64 der | sed 's/$/\r/'; } >signed-octet-stream.eml
vector signed-octet-stream.eml entity modern - ok "application/octet-stream with a name that tells, by OpenSSL"
{ printf 'Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: binary\r\n\r\n'; head -c 500 der; } >signed-cut.eml
vector signed-cut.eml entity modern - unverified-signature "cut off in the middle"
rm der
by_openssl p256 -out signed.tmp
openssl cms -encrypt -aes-128-gcm -in signed.tmp -recip keys/romeo-rsa.pem -keyopt rsa_padding_mode:oaep \
    -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1 -out sealed-oaep-mgf1.eml
rm signed.tmp
vector sealed-oaep-mgf1.eml entity modern romeo-rsa decryption-failed "RSAES-OAEP with another digest in MGF1 is not read, by OpenSSL"

for kind in rsa p256 p384 x25519; do
    for cipher in aes-128-gcm aes-256-gcm chacha20-poly1305 aes-256-cbc; do
        file=sealed-$kind-$cipher.eml
        seal --entity $(j p256) --to keys/romeo-$kind.pem --cipher $cipher message.cpim >$file
        case $kind-$cipher in x25519-*|*-chacha20-poly1305) ;;
        *) openssl cms -decrypt -in $file -recip keys/romeo-$kind.pem -inkey keys/romeo-$kind.key -out inner
           openssl_verifies inner; rm inner ;;
        esac
        vector $file entity modern romeo-$kind ok "signed, then encrypted to $kind with $cipher"
    done
done
openssl cms -encrypt -in signed-rfc3923.eml -aes-128-cbc -out sealed-rfc3923.eml keys/romeo-rsa.pem
vector sealed-rfc3923.eml entity legacy romeo-rsa ok "all of RFC 3923 section 6.10, by OpenSSL"
vector sealed-rfc3923.eml entity modern romeo-rsa decryption-failed "the same: RSAES-PKCS1-v1_5 is not read"
openssl cms -encrypt -in message.cpim -aes-256-cbc -out sealed-cbc-unsigned.eml keys/romeo-p256.pem
vector sealed-cbc-unsigned.eml entity modern romeo-p256 decryption-failed "AES-CBC without a signature inside"
seal --entity --to keys/romeo-p256.pem message.cpim >sealed-unsigned.eml
vector sealed-unsigned.eml entity modern romeo-p256 unverified-signature "nobody signed"
vector sealed-p256-aes-256-gcm.eml entity modern romeo-p384 decryption-failed "encrypted to another key"
seal --entity $(j p256) --to keys/romeo-rsa.pem --to keys/romeo-p256.pem --to keys/romeo-x25519.pem message.cpim >sealed-three.eml
for kind in rsa p256 x25519; do vector sealed-three.eml entity modern romeo-$kind ok "to three recipients, read by $kind"; done

for kind in message presence iq; do
    sign $(j p256) $kind.xml >signed-$kind.xml
    vector signed-$kind.xml stanza modern - ok "a $kind, signed"
    seal $(j ed25519) --to keys/romeo-x25519.pem $kind.xml >sealed-$kind.xml
    vector sealed-$kind.xml stanza modern romeo-x25519 ok "a $kind, signed and encrypted"
done
vector signed-message.xml stanza modern - bad-timestamp "five minutes and a second later" 2026-01-02T03:09:06.678Z
vector signed-message.xml stanza modern - bad-timestamp "five minutes and a second earlier" 2026-01-02T02:59:04.678Z
vector signed-message.xml stanza modern - ok "five minutes later to the millisecond" 2026-01-02T03:09:05.678Z
sed "s/from='juliet@example.com/from='tybalt@example.com/" signed-message.xml >forged-sender.xml
vector forged-sender.xml stanza modern - unverified-signature "the stanza is from another address than the certificate's"
sed "s/to='romeo@example.net/to='paris@example.net/" signed-message.xml >sent-on.xml
vector sent-on.xml stanza modern - unverified-signature "sent on to another than the object is to (decision D13)"
sign --entity --key keys/tybalt.key --cert keys/tybalt.pem message.cpim >adopted.eml
{ printf "<message xmlns='jabber:client' from='tybalt@example.com/x' to='romeo@example.net'><e2e xmlns='urn:ietf:params:xml:ns:xmpp-e2e'><![CDATA["; cat adopted.eml; printf ']]></e2e></message>\n'; } >adopted.xml
rm adopted.eml
vector adopted.xml stanza modern - unverified-signature "signed by another than the object is from (decision D13)"
sed 's/urn:ietf:params:xml:ns:xmpp-e2e/urn:ietf:params:xml:xmpp-e2e/' signed-message.xml >other-namespace.xml
vector other-namespace.xml stanza modern - ok "the namespace as RFC 3923's examples spell it"
for what in expired agreement; do
    sign --key keys/$what.key --cert keys/$what.pem message.xml >certificate-$what.xml
    vector certificate-$what.xml stanza modern - unverified-signature "the certificate is $what"
done
wc -l <vectors.jsonl
