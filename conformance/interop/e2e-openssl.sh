#!/usr/bin/env bash
# xmpp-e2e against OpenSSL (and GnuTLS if it is there), both ways: what one signs the other verifies, what
# one encrypts the other decrypts, for every pair of algorithms that both have;
# certificates made by each; chains of three; expired, wrong address, wrong usage.
#
#   conformance/interop/e2e-openssl.sh [--list]
#
# Needs bash, openssl 3 and the `xmpp` program: $XMPP, else the debug build; certtool for GnuTLS.
# --list names each case as it passes. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.."
XMPP=${XMPP:-$PWD/target/debug/xmpp}
[ -x "$XMPP" ] || cargo build --quiet -p xmpp-cli || exit 2
LIST=${1:-}
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
cd "$DIR" || exit 2

passed=0 failed=0
pass() { passed=$((passed + 1)); [ -n "$LIST" ] && echo "ok - $1"; return 0; }
fail() { failed=$((failed + 1)); echo "not ok - $1"; sed 's/^/    /' log | head -5; }
# good NAME COMMAND...: the command succeeds, and says what was protected.
good() {
    local name=$1; shift
    if "$@" >out 2>log && tr -d '\r' <out | grep -q 'Wherefore art thou, Romeo?'; then pass "$name"; else fail "$name"; fi
}
# bad NAME WORD COMMAND...: the command fails, with this word.
bad() {
    local name=$1 word=$2; shift 2
    if "$@" >out 2>log; then fail "$name"; elif grep -q -- "$word" log; then pass "$name"; else fail "$name"; fi
}

printf 'Content-Type: text/plain; charset=utf-8\r\n\r\nWherefore art thou, Romeo?\r\n' >entity
cat >message <<'X'
<message xmlns='jabber:client' from='juliet@example.com/b' to='romeo@example.net/o' type='chat' id='m'><body>Wherefore art thou, Romeo?</body></message>
X
KINDS='rsa p256 p384 p521 ed25519 x25519'
SIGN='rsa p256 p384 p521'

# --- certificates: a root, an intermediate, an end entity of each kind --------
ours_cert() { "$XMPP" e2e cert "$@" 2>log || { echo "cannot make $*"; cat log; exit 2; }; }
mkdir ours theirs
ours_cert --authority --name "our root" --kind p256 --key ours/root.key --out ours/root.pem
ours_cert --authority --name "our intermediate" --kind p384 --key ours/mid.key \
    --issuer ours/root.pem --issuer-key ours/root.key --out ours/mid.pem
# ours/mid.pem ends with the root, which is not sent.
sed '/END CERTIFICATE/q' ours/mid.pem >ours/mid1.pem
for kind in $KINDS; do
    ours_cert juliet@example.com --kind $kind --key ours/$kind.key \
        --issuer ours/mid1.pem --issuer-key ours/mid.key --out ours/$kind.pem
done

openssl_key() {
    case $1 in
    rsa) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$2" ;;
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$2" ;;
    p384) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$2" ;;
    p521) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out "$2" ;;
    dsa) openssl dsaparam -genkey -noout -out "$2" 2048 ;;
    pss) openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out "$2" ;;
    *) openssl genpkey -algorithm $1 -out "$2" ;;
    esac 2>log || { cat log; exit 2; }
}
# openssl_cert NAME KIND EXTENSIONS [ISSUER [x509 options]]
openssl_cert() {
    local name=$1 kind=$2 extensions=$3 issuer=${4:-} flag=-days; shift 3; [ $# -gt 0 ] && shift
    [ -f theirs/$name.key ] || openssl_key $kind theirs/$name.key
    openssl pkey -in theirs/$name.key -pubout -out theirs/$name.pub
    printf '%b\n' "$extensions" >theirs/$name.ext
    # A request cannot be signed with X25519: the public key is forced in.
    local with=theirs/root.key; [ -f $with ] || with=theirs/$name.key
    openssl req -new -key $with -subj "/CN=$name" -out csr 2>log || { cat log; exit 2; }
    if [ -n "$issuer" ]; then
        openssl x509 -req -in csr -force_pubkey theirs/$name.pub -CA theirs/$issuer.pem \
            -CAkey theirs/$issuer.key -set_serial 0x$(openssl rand -hex 8) \
            -extfile theirs/$name.ext -out theirs/$name.pem "${@:--days}" ${1:+} $([ $# -eq 0 ] && echo 30) 2>log
    else
        openssl x509 -req -in csr -key theirs/$name.key -days 30 \
            -extfile theirs/$name.ext -out theirs/$name.pem 2>log
    fi || { cat log; exit 2; }
}
CA='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash'
SAN='subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:juliet@example.com,URI:im:juliet@example.com,URI:pres:juliet@example.com'
KU='subjectKeyIdentifier=hash\nkeyUsage=critical,digitalSignature,keyEncipherment,keyAgreement'
EKU='extendedKeyUsage=emailProtection'
openssl_cert root rsa "$CA"
openssl_cert mid p384 "$CA" root
cp theirs/mid.pem theirs/mid1.pem
for kind in $KINDS; do
    openssl_cert $kind $kind "$KU\n$EKU\n$SAN" mid
    cat theirs/mid.pem >>theirs/$kind.pem
done
sed -i '/^$/d' theirs/*.pem

for kind in $KINDS; do
    if openssl verify -CAfile ours/root.pem -untrusted ours/mid1.pem -purpose any ours/$kind.pem >log 2>&1; then
        pass "OpenSSL follows our chain of three to a $kind certificate"
    else fail "OpenSSL follows our chain of three to a $kind certificate"; fi
done

# OpenSSL before 3.2 has no Ed25519 in CMS; it is a pair that both have or not.
if openssl cms -sign -in entity -signer theirs/ed25519.pem -inkey theirs/ed25519.key -md sha512 -out signed 2>log; then
    SIGN="$SIGN ed25519"
else echo "# this OpenSSL does not sign with Ed25519: left out"; fi

# --- signatures ---------------------------------------------------------------
verify_openssl() { openssl cms -verify -purpose any "$@"; }
for kind in $SIGN; do
    variants=-
    [ $kind = rsa ] && variants='pss-sha256 pss-sha384 pss-sha512 pkcs1-sha256 pkcs1-sha384 pkcs1-sha512'
    for variant in $variants; do
        for by in ours theirs; do
            for form in '' --opaque; do
                option=(); [ $variant != - ] && option=(--rsa-signature $variant)
                "$XMPP" e2e sign --entity --key $by/$kind.key --cert $by/$kind.pem $form "${option[@]}" entity >signed 2>log
                good "OpenSSL verifies ours: $kind $variant ${form:-detached}, certificate $by" \
                    verify_openssl -in signed -CAfile $by/root.pem
            done
        done
    done
    "$XMPP" e2e sign --entity --key ours/$kind.key --cert ours/$kind.pem entity >signed 2>log
    sed 's/art thou/art tho/' signed >changed
    bad "OpenSSL refuses ours if changed: $kind" 'erif' verify_openssl -in changed -CAfile ours/root.pem
done

sign_openssl() { # BY KIND OPTIONS...
    local by=$1 kind=$2; shift 2
    openssl cms -sign -in entity -signer $by/$kind.pem -inkey $by/$kind.key -certfile $by/mid1.pem "$@" -out signed 2>log ||
        echo "    openssl cms -sign: $(tail -1 log)"
}
verify_ours() { "$XMPP" e2e verify --entity --json "$@"; }
for by in ours theirs; do
    for kind in $SIGN; do
        digests='sha256 sha384 sha512'
        [ $kind = ed25519 ] && digests=sha512
        for digest in $digests; do
            for form in '' -nodetach '-nodetach -stream' -stream -keyid -noattr; do
                # RFC 8419: without attributes, Ed25519 signs the content itself.
                [ "$kind$form" = ed25519-noattr ] && continue
                sign_openssl $by $kind -md $digest $form
                good "we verify OpenSSL's: $kind $digest ${form:-detached}, certificate $by" \
                    verify_ours --ca $by/root.pem signed
            done
        done
    done
    for digest in sha256 sha384 sha512; do
        sign_openssl $by rsa -md $digest -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1
        good "we verify OpenSSL's: rsa pss $digest, certificate $by" verify_ours --ca $by/root.pem signed
    done
    sign_openssl $by rsa -md sha1
    good "we verify OpenSSL's rsa sha1 by a legacy policy, certificate $by" \
        verify_ours --policy legacy --ca $by/root.pem signed
    bad "we refuse OpenSSL's rsa sha1 by default, certificate $by" unverified-signature \
        verify_ours --ca $by/root.pem signed
    for kind in $SIGN; do
        sign_openssl $by $kind
        sed 's/art thou/art tho/' signed >changed
        bad "we refuse OpenSSL's if changed: $kind, certificate $by" unverified-signature \
            verify_ours --ca $by/root.pem changed
    done
done

# --- GnuTLS: the witness for Ed25519 (RFC 8419) ---------------------------------
if command -v certtool >/dev/null; then
    for kind in rsa p256 p384 ed25519; do
        "$XMPP" e2e sign --entity --key ours/$kind.key --cert ours/$kind.pem entity >signed 2>log
        boundary=$(sed -n 's/.*boundary=\([^[:space:]]*\).*/\1/p' signed | tr -d '\r' | head -1)
        sed '1,/^Content-Disposition/d' signed | grep -v -- "--$boundary" | tr -d '\r' | base64 -d >signature.der 2>log
        if certtool --p7-verify --inder --infile signature.der --load-data entity \
            --load-ca-certificate ours/root.pem >log 2>&1; then pass "GnuTLS verifies ours: $kind"
        else fail "GnuTLS verifies ours: $kind"; fi
        sed 's/art thou/art tho/' entity >changed
        bad "GnuTLS refuses ours if changed: $kind" 'ailed' sh -c "certtool --p7-verify --inder \
            --infile signature.der --load-data changed --load-ca-certificate ours/root.pem >&2"
        certtool --p7-detached-sign --p7-time --p7-include-cert --load-privkey ours/$kind.key \
            --load-certificate ours/$kind.pem --infile entity --outder --outfile signature.der >log 2>&1
        {
            printf 'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=next\r\n\r\n--next\r\n'
            cat entity
            printf '\r\n--next\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            base64 signature.der | sed 's/$/\r/'
            printf -- '--next--\r\n'
        } >signed
        good "we verify GnuTLS's: $kind" verify_ours --ca ours/root.pem --certs ours/mid1.pem signed
    done
else echo "# no certtool: GnuTLS is left out"; fi

# --- encryption ---------------------------------------------------------------
decrypt_openssl() { openssl cms -decrypt "$@"; }
AGREE='p256 p384 p521'
for by in ours theirs; do
    for cipher in aes-128-cbc aes-256-cbc aes-128-gcm aes-256-gcm; do
        for how in oaep-sha1 oaep-sha256 oaep-sha384 oaep-sha512 pkcs1; do
            "$XMPP" e2e encrypt --entity --to $by/rsa.pem --cipher $cipher --rsa-key $how entity >sealed 2>log
            good "OpenSSL decrypts ours: rsa $how $cipher, certificate $by" \
                decrypt_openssl -in sealed -recip $by/rsa.pem -inkey $by/rsa.key
        done
        for kind in $AGREE; do
            "$XMPP" e2e encrypt --entity --to $by/$kind.pem --cipher $cipher entity >sealed 2>log
            good "OpenSSL decrypts ours: $kind $cipher, certificate $by" \
                decrypt_openssl -in sealed -recip $by/$kind.pem -inkey $by/$kind.key
        done
    done
    "$XMPP" e2e encrypt --entity --to $by/rsa.pem --to $by/p256.pem --to $by/p384.pem --to $by/x25519.pem entity >sealed
    for kind in rsa p256 p384; do
        good "OpenSSL decrypts ours to four recipients: $kind, certificate $by" \
            decrypt_openssl -in sealed -recip $by/$kind.pem -inkey $by/$kind.key
    done
done

decrypt_ours() { "$XMPP" e2e decrypt --entity --json "$@"; }
seal_openssl() { # CIPHER RECIPIENT OPTIONS...: what was signed
    local cipher=$1 recipient=$2; shift 2
    openssl cms -encrypt -in signed -$cipher "${STREAM[@]}" -recip $recipient "$@" -out sealed 2>log ||
        echo "    openssl cms -encrypt: $(tail -1 log)"
}
STREAM=()
for by in ours theirs; do
    sign_openssl $by p256
    for cipher in aes-128-cbc aes-256-cbc aes-128-gcm aes-256-gcm; do
        common=(--ca $by/root.pem)
        for digest in sha1 sha256 sha384 sha512; do
            seal_openssl $cipher $by/rsa.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:$digest
            good "we decrypt OpenSSL's: rsa oaep $digest $cipher, certificate $by" \
                decrypt_ours --key $by/rsa.key --cert $by/rsa.pem "${common[@]}" sealed
        done
        seal_openssl $cipher $by/rsa.pem
        good "we decrypt OpenSSL's rsa pkcs1 $cipher by a legacy policy, certificate $by" \
            decrypt_ours --policy legacy --key $by/rsa.key --cert $by/rsa.pem "${common[@]}" sealed
        bad "we refuse OpenSSL's rsa pkcs1 $cipher by default, certificate $by" decryption-failed \
            decrypt_ours --key $by/rsa.key --cert $by/rsa.pem "${common[@]}" sealed
        for kind in $AGREE; do
            for digest in sha1 sha256 sha384 sha512; do
                seal_openssl $cipher $by/$kind.pem -keyopt ecdh_kdf_md:$digest
                good "we decrypt OpenSSL's: $kind kdf $digest $cipher, certificate $by" \
                    decrypt_ours --key $by/$kind.key --cert $by/$kind.pem "${common[@]}" sealed
            done
        done
        STREAM=(-stream -keyid)
        case $cipher in *-cbc)
            seal_openssl $cipher $by/p256.pem
            good "we decrypt OpenSSL's in BER, by key identifier: p256 $cipher, certificate $by" \
                decrypt_ours --key $by/p256.key --cert $by/p256.pem "${common[@]}" sealed ;;
        esac
        STREAM=()
    done
    openssl cms -encrypt -in signed -aes-256-gcm -out sealed $by/rsa.pem $by/p256.pem $by/p384.pem 2>log
    for kind in p256 p384; do
        good "we decrypt OpenSSL's to three recipients: $kind, certificate $by" \
            decrypt_ours --key $by/$kind.key --cert $by/$kind.pem --ca $by/root.pem sealed
    done
    # CBC without a signature inside
    openssl cms -encrypt -in entity -aes-256-cbc -out sealed $by/p256.pem 2>log
    bad "we refuse OpenSSL's CBC without a signature, certificate $by" decryption-failed \
        decrypt_ours --accept-unsigned --key $by/p256.key --cert $by/p256.pem --ca $by/root.pem sealed
done

# --- forms that other programs give objects --------------------------------------
openssl_cert pss pss "$KU\n$EKU\n$SAN" mid
cat theirs/mid.pem >>theirs/pss.pem
openssl_cert dsa dsa "$KU\n$EKU\n$SAN" mid
for by in ours theirs; do
    trust=(--ca $by/root.pem)
    # The salt that OpenSSL makes by default: as long as the key has room for.
    for salt in 222 max 20 0; do
        case $salt in max) option=-2 ;; *) option=$salt ;; esac
        sign_openssl $by rsa -md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:$option
        good "we verify OpenSSL's: rsa pss with a salt of $salt, certificate $by" verify_ours "${trust[@]}" signed
        sed 's/art thou/art tho/' signed >changed
        bad "we refuse it if changed: rsa pss with a salt of $salt, certificate $by" unverified-signature \
            verify_ours "${trust[@]}" changed
    done
    # MGF1 with another digest than OAEP's: refused, see docs/e2e.md.
    sign_openssl $by p256
    seal_openssl aes-128-gcm $by/rsa.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1
    bad "we refuse OpenSSL's oaep with another MGF1, certificate $by" 'not supported' \
        decrypt_ours --key $by/rsa.key --cert $by/rsa.pem "${trust[@]}" sealed

    # A signer whose algorithm we do not know, named by key identifier, beside one we do.
    openssl cms -sign -nodetach -in entity -signer theirs/dsa.pem -inkey theirs/dsa.key -signer $by/p256.pem \
        -inkey $by/p256.key -certfile $by/mid1.pem -md sha256 -keyid -out signed 2>log
    good "we verify OpenSSL's beside a signature with DSA, certificate $by" verify_ours "${trust[@]}" signed

    openssl cms -sign -nodetach -outform DER -in entity -signer $by/p256.pem -inkey $by/p256.key -certfile $by/mid1.pem -out der 2>log
    head='Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n'
    { printf "$head"; printf 'Content-Transfer-Encoding: binary\r\n\r\n'; cat der; } >signed
    good "we verify OpenSSL's in the transfer encoding binary, certificate $by" verify_ours "${trust[@]}" signed
    { printf 'Content-Type: application/octet-stream; name=smime.p7m\r\n'
      printf 'Content-Transfer-Encoding: base64\r\n\r\n'; base64 der; } >signed
    good "we verify OpenSSL's as application/octet-stream, certificate $by" verify_ours "${trust[@]}" signed

    # The same object with either line end.
    for form in '' -nodetach; do
        sign_openssl $by p256 $form
        sed 's/\r$//' signed >lf
        sed 's/$/\r/' lf >crlf
        for ends in lf crlf; do
            good "we verify OpenSSL's with line ends $ends ${form:-detached}, certificate $by" verify_ours "${trust[@]}" $ends
        done
        sed 's/art thou/art tho/' lf >changed
        [ "$form" ] || bad "we refuse it if changed, with line ends lf, certificate $by" unverified-signature \
            verify_ours "${trust[@]}" changed
    done
    "$XMPP" e2e sign --entity --key $by/p256.key --cert $by/p256.pem entity >signed 2>log
    sed 's/\r$//' signed >lf
    good "OpenSSL verifies ours with line ends lf, certificate $by" verify_openssl -crlfeol -in lf -CAfile $by/root.pem
    good "we verify ours with line ends lf, certificate $by" verify_ours "${trust[@]}" lf

    # Octets that are no text.
    { printf 'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n'
      printf 'Wherefore art thou, Romeo?\n\000\001\n\377\r'; } >octets
    for form in '' --opaque; do
        "$XMPP" e2e sign --entity $form --key $by/p256.key --cert $by/p256.pem octets >signed 2>log
        "$XMPP" e2e verify --entity "${trust[@]}" signed >out 2>log
        if cmp -s octets out; then pass "octets stay as they are ${form:-detached}, certificate $by"
        else fail "octets stay as they are ${form:-detached}, certificate $by"; fi
        # OpenSSL takes the parts of a multipart for text.
        [ "$form" ] || continue
        openssl cms -verify -binary -purpose any -in signed -CAfile $by/root.pem -out out 2>log
        if cmp -s octets out; then pass "octets stay as they are for OpenSSL ${form:-detached}, certificate $by"
        else fail "octets stay as they are for OpenSSL ${form:-detached}, certificate $by"; fi
    done

    # Tags of 12 octets, which RFC 5084 has for a default, said or not.
    if command -v python3 >/dev/null; then
        for said in said omitted; do
            for cipher in aes-128-gcm aes-256-gcm; do
                sign_openssl $by p256
                "$XMPP" e2e encrypt --entity --to $by/p256.pem --cipher $cipher signed >whole 2>log
                python3 - $said <<'PYTHON' >sealed
import base64, re, sys
head, body = open("whole", "rb").read().split(b"\r\n\r\n", 1)
der = base64.b64decode(body)
def read(at):
    first = der[at + 1]
    if first < 0x80: return at + 2, at + 2 + first
    count = first & 0x7F
    start = at + 2 + count
    return start, start + int.from_bytes(der[at + 2:start], "big")
def put(tag, value):
    length = len(value)
    if length < 0x80: return bytes([tag, length]) + value
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + value
gcm = bytes.fromhex("060960864801650304012e"), bytes.fromhex("0609608648016503040106")
def walk(at, end):
    out = b""
    while at < end:
        tag = der[at]; start, stop = read(at); value = der[start:stop]
        if value.startswith(gcm) and tag == 0x30:
            nonce = value[11:][2:][:14]
            size = put(2, b"\x0c") if sys.argv[1] == "said" else b""
            value = value[:11] + put(0x30, nonce + size)
        elif tag in (0x30, 0xA0): value = walk(start, stop)
        elif tag == 4 and stop - start == 16 and stop == len(der): value = value[:12]
        out += put(tag, value); at = stop
    return out
print(head.decode().replace("\r\n", "\n") + "\n\n" + base64.encodebytes(walk(0, len(der))).decode(), end="")
PYTHON
                good "we decrypt a tag of 12 octets, $said: $cipher, certificate $by" \
                    decrypt_ours --key $by/p256.key --cert $by/p256.pem "${trust[@]}" sealed
                # OpenSSL asks for the default to be said.
                [ $said = said ] &&
                good "OpenSSL decrypts a tag of 12 octets, $said: $cipher, certificate $by" \
                    decrypt_openssl -in sealed -recip $by/p256.pem -inkey $by/p256.key
            done
        done
    else echo "# no python3: tags of 12 octets are left out"; fi
done
sign_openssl theirs pss -md sha256 -keyopt rsa_padding_mode:pss
good "we verify OpenSSL's by an id-RSASSA-PSS key" verify_ours --ca theirs/root.pem signed

# --- stanzas ------------------------------------------------------------------
for by in ours theirs; do
    ours_cert romeo@example.net --kind p256 --key $by/romeo.key --issuer $by/mid1.pem --issuer-key $by/mid.key --out $by/romeo.pem
    for kind in $SIGN; do
        "$XMPP" e2e encrypt --key $by/$kind.key --cert $by/$kind.pem --to $by/romeo.pem message >sealed 2>log
        good "a stanza there and back: $kind, certificate $by" \
            "$XMPP" e2e decrypt --key $by/romeo.key --cert $by/romeo.pem --ca $by/root.pem sealed
        # What is between the tags is S/MIME for OpenSSL too, with XML's line ends.
        sed 's/^.*<!\[CDATA\[//; s/\]\]>.*$//' sealed >object
        good "OpenSSL decrypts what is in the stanza: $kind, certificate $by" \
            sh -c "openssl cms -decrypt -in object -recip $by/romeo.pem -inkey $by/romeo.key |
                   openssl cms -verify -purpose any -CAfile $by/root.pem"
    done
done

# --- what must be refused -----------------------------------------------------
mkdir -p bad
leaf() { ours_cert "$@" --issuer ours/mid1.pem --issuer-key ours/mid.key; }
leaf juliet@example.com --key bad/ours-expired.key --out bad/ours-expired.pem --from 2020-01-01T00:00:00Z --days 1
leaf juliet@example.com --key bad/ours-future.key --out bad/ours-future.pem --from 2090-01-01T00:00:00Z
leaf tybalt@example.com --key bad/ours-address.key --out bad/ours-address.pem
leaf juliet@example.com --key bad/ours-usage.key --out bad/ours-usage.pem --key-usage 08
leaf juliet@example.com --key bad/ours-purpose.key --out bad/ours-purpose.pem --purpose 1.3.6.1.5.5.7.3.1
openssl_bad() { # NAME EXTENSIONS [x509 options]
    local name=$1 extensions=$2; shift 2
    openssl_cert $name p256 "$extensions" mid "$@"
    cat theirs/mid.pem >>theirs/$name.pem
    mv theirs/$name.key bad/theirs-$name.key; mv theirs/$name.pem bad/theirs-$name.pem
}
TYBALT=${SAN//juliet/tybalt}
openssl_bad expired "$KU\n$EKU\n$SAN" -days -1
openssl_bad address "$KU\n$EKU\n$TYBALT"
openssl_bad usage "keyUsage=critical,keyAgreement\n$EKU\n$SAN"
openssl_bad purpose "$KU\nextendedKeyUsage=serverAuth\n$SAN"
for by in ours theirs; do
    for what in expired future address usage purpose; do
        [ -f bad/$by-$what.pem ] || continue
        "$XMPP" e2e sign --key bad/$by-$what.key --cert bad/$by-$what.pem message >signed 2>log
        bad "we refuse a certificate made by $by: $what" unverified-signature \
            "$XMPP" e2e verify --json --ca $by/root.pem signed
    done
    "$XMPP" e2e sign --key $by/p256.key --cert $by/p256.pem message >signed 2>log
    other=theirs; [ $by = theirs ] && other=ours
    bad "we refuse $by under the other root" unverified-signature \
        "$XMPP" e2e verify --json --ca $other/root.pem signed
    bad "we refuse $by ten minutes later" bad-timestamp \
        "$XMPP" e2e verify --json --ca $by/root.pem --at "$(date -u -d '+10 minutes' +%FT%TZ)" signed
    "$XMPP" e2e sign --entity --key bad/$by-expired.key --cert bad/$by-expired.pem entity >signed 2>log
    bad "we do not encrypt to a certificate that has expired, made by $by" expired \
        "$XMPP" e2e encrypt --entity --to bad/$by-expired.pem entity
    bad "we do not encrypt to a certificate under the other root, made by $by" 'trust anchor' \
        "$XMPP" e2e encrypt --entity --ca $other/root.pem --to $by/p256.pem entity
    bad "OpenSSL refuses a certificate made by $by: expired" 'expired' verify_openssl -in signed -CAfile $by/root.pem
    bad "we do not encrypt to a key that only signs, certificate $by" 'RFC 8550' \
        "$XMPP" e2e encrypt --entity --to $by/ed25519.pem entity
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
