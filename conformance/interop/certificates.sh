# One throw-away authority, and under it a certificate for each domain; beside
# them the ones that a client must refuse.

certs=$work/certs
ca=$certs/ca.crt
foreign_ca=$certs/foreign-ca.crt

make_certificates() {
    mkdir -p "$certs"
    make_authority ca "Interop CA"
    make_authority foreign-ca "Another CA"
    local domain
    for domain in a.test e.test x.test tls12.test sasl2.test; do
        make_certificate "$domain" "$domain" 30
    done
    make_certificate wrong.test other-name.test 30
    make_certificate expired.test expired.test 20200101000000Z 20200201000000Z
    chmod 755 "$certs"
    chmod 644 "$certs"/*
}

# make_authority FILE NAME
make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$2" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout "$certs/$1.key" -out "$certs/$1.crt" 2>>"$work/openssl.log"
}

# make_certificate FILE DNS-NAME DAYS, or FROM UNTIL: FILE.crt, FILE.key, and both in FILE.pem
make_certificate() {
    local file=$certs/$1
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
        -keyout "$file.key" -out "$file.csr" 2>>"$work/openssl.log"
    printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:%s\n' "$2" >"$file.ext"
    if [[ ${4-} ]]; then
        # `openssl x509` cannot date a certificate back, `openssl ca` can but wants a database.
        : >"$file.index"
        printf '[ca]\ndefault_ca=own\n[own]\nnew_certs_dir=%s\ndatabase=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n' \
            "$certs" "$file.index" >"$file.conf"
        openssl ca -batch -notext -config "$file.conf" -cert "$ca" -keyfile "$certs/ca.key" -in "$file.csr" \
            -startdate "$3" -enddate "$4" -extfile "$file.ext" -out "$file.crt" 2>>"$work/openssl.log"
    else
        openssl x509 -req -in "$file.csr" -CA "$ca" -CAkey "$certs/ca.key" -days "$3" \
            -set_serial "0x$(openssl rand -hex 8)" -out "$file.crt" -extfile "$file.ext" 2>>"$work/openssl.log"
    fi
    cat "$file.crt" "$file.key" >"$file.pem"
    rm "$file.csr"
}
