# Servers that federate, each fresh for its case: Prosody (a.test) on 127.0.0.12, ejabberd
# (e.test) on 127.0.0.14, ours (x.test) on 127.0.0.15, and the DNS by which they find each
# other on 127.0.0.53. Beside its domain each has a component, echo.DOMAIN.

fed_dns=127.0.0.53:15354
declare -A fed_domain=([prosody]=a.test [ejabberd]=e.test [serve]=x.test)
declare -A fed_host=([prosody]=127.0.0.12 [ejabberd]=127.0.0.14 [serve]=127.0.0.15)
declare -A fed_client=([prosody]=127.0.0.12:25222 [ejabberd]=127.0.0.14:27222 [serve]=127.0.0.15:26222)
declare -A fed_component=([prosody]=127.0.0.12:25347 [ejabberd]=127.0.0.14:27347 [serve]=127.0.0.15:26347)
declare -A fed_s2s=([prosody]=25269 [ejabberd]=27269 [serve]=26269)
declare -A fed_direct=([prosody]=25270 [ejabberd]=27270 [serve]=26270)

fed_certs=$work/federation-certs
fed_pids=()
# The accounts of ejabberd, made once.
fed_spool=$work/federation-spool

# What a case may choose, and its usual value.
federation_defaults() {
    fed_external=yes     # certificates of the authority; `no`: self-signed ones
    fed_dialback=yes     # offered, and accepted
    fed_bidi=yes         # Prosody and ours
    fed_tls=starttls     # or direct: that alone is in DNS
    fed_srv=()           # records in place of those of its own: DOMAIN=RECORD, DOMAIN= for none
    fed_serve_folder=    # other certificates for ours
    fed_serve_options=() # more for `xmpp serve`
}

# The DNS

# Each server's domain and its component; of those in fed_srv, what it says.
federation_records() {
    local server domain record replaced
    for record in "${fed_srv[@]}"; do
        [[ ${record#*=} ]] && echo "--srv-host=${record#*=}"
    done
    for server in prosody ejabberd serve; do
        for domain in "${fed_domain[$server]}" "echo.${fed_domain[$server]}"; do
            replaced=
            for record in "${fed_srv[@]}"; do
                [[ ${record%%=*} == "$domain" ]] || continue
                replaced=yes
            done
            [[ $replaced ]] && continue
            if [[ $fed_tls == direct ]]; then
                echo "--srv-host=_xmpps-server._tcp.$domain,$domain,${fed_direct[$server]},10,0"
            else
                echo "--srv-host=_xmpp-server._tcp.$domain,$domain,${fed_s2s[$server]},10,0"
            fi
        done
        echo "--address=/${fed_domain[$server]}/${fed_host[$server]}"
    done
    # There, and nobody listens.
    echo "--srv-host=_xmpp-server._tcp.dead.test,dead.test,25999,10,0"
    echo "--address=/dead.test/127.0.0.19"
    # Known, and does not want servers.
    echo "--srv-host=_xmpp-server._tcp.declined.test"
    echo "--srv-host=_xmpps-server._tcp.declined.test"
    echo "--address=/declined.test/127.0.0.19"
}

start_federation_dns() {
    local options
    readarray -t options < <(federation_records)
    printf '%s\n' "${options[@]}" >"$case_dir/dns"
    start_federated DNS "$fed_dns" "$case_dir/dnsmasq.log" \
        dnsmasq --keep-in-foreground --conf-file=/dev/null --port="${fed_dns#*:}" --listen-address="${fed_dns%:*}" \
        --bind-interfaces --no-resolv --no-hosts --no-daemon --log-queries --local-ttl=0 --local=/test/ "${options[@]}"
}

# Certificates: of the authority, and self-signed ones for the same names.

make_federation_certificates() {
    [[ ! -d $fed_certs ]] || return 0
    mkdir -p "$fed_certs"/{authority,own}
    local domain extensions
    for domain in a.test e.test x.test; do
        extensions="keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:$domain,DNS:echo.$domain"
        make_request "$fed_certs/authority/$domain" "$domain"
        openssl x509 -req -in "$fed_certs/authority/$domain.csr" -CA "$ca" -CAkey "$certs/ca.key" -days 30 \
            -set_serial "0x$(openssl rand -hex 8)" -out "$fed_certs/authority/$domain.crt" \
            -extfile <(printf 'basicConstraints=critical,CA:FALSE\n%s\n' "$extensions") 2>>"$work/openssl.log"
        make_request "$fed_certs/own/$domain" "$domain"
        openssl x509 -req -in "$fed_certs/own/$domain.csr" -key "$fed_certs/own/$domain.key" -days 30 \
            -out "$fed_certs/own/$domain.crt" -extfile <(printf '%s\n' "$extensions") 2>>"$work/openssl.log"
    done
    local folder
    for folder in authority own; do
        for domain in a.test e.test x.test; do
            cat "$fed_certs/$folder/$domain".{crt,key} >"$fed_certs/$folder/$domain.pem"
        done
    done
    chmod -R u=rwX,go=rX "$fed_certs"
}

# make_request FILE NAME: FILE.key and FILE.csr
make_request() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
        -keyout "$1.key" -out "$1.csr" 2>>"$work/openssl.log"
}

# the folder of the certificates that the case wants
federation_folder() {
    if [[ $fed_external == yes ]]; then echo "$fed_certs/authority"; else echo "$fed_certs/own"; fi
}

# Servers

# start_federated NAME HOST:PORT LOG COMMAND…: ended with the case
start_federated() {
    start_server "$@" || return 1
    fed_pids+=("${server_pids[-1]}")
}

stop_federation() {
    ((${#fed_pids[@]})) || return 0
    local pid left=()
    for pid in "${fed_pids[@]}"; do stop_server "$pid"; done
    for pid in "${server_pids[@]}"; do
        [[ " ${fed_pids[*]} " == *" $pid "* ]] || left+=("$pid")
    done
    server_pids=("${left[@]}")
    fed_pids=()
}

# federate SERVER…: the DNS and these servers
federate() {
    make_federation_certificates
    start_federation_dns || return 1
    local server
    for server in "$@"; do "start_federated_$server" || return 1; done
}

start_federated_prosody() {
    local dir=$case_dir/prosody
    mkdir -p "$dir"/{data,certs}
    # Prosody looks for the certificate of a name by itself, and may find that of another there.
    cp "$(federation_folder)"/a.test.{crt,key} "$dir/certs"
    federated_prosody_configuration "$dir" >"$dir/prosody.cfg.lua"
    if ((EUID == 0)); then chown -R prosody:prosody "$dir"; fi
    local ctl=("${as_prosody[@]}" prosodyctl --config "$dir/prosody.cfg.lua") name
    for name in alice bob; do printf 'pw\npw\n' | "${ctl[@]}" adduser "$name@a.test" >/dev/null; done
    start_federated Prosody "${fed_client[prosody]}" "$dir/stdout.log" \
        "${as_prosody[@]}" prosody --config "$dir/prosody.cfg.lua" -F
}

federated_prosody_configuration() {
    local dir=$1 host=${fed_host[prosody]} folder=$1/certs modules=
    [[ $fed_dialback == yes ]] && modules+=', "dialback"'
    [[ $fed_bidi == yes ]] && modules+=', "s2s_bidi"'
    cat <<END
data_path = "$dir/data"
pidfile = "$dir/prosody.pid"
interfaces = { "$host" }
local_interfaces = { "$host" }
component_interfaces = { "$host" }
component_ports = { ${fed_component[prosody]#*:} }
c2s_ports = { ${fed_client[prosody]#*:} }
s2s_ports = { ${fed_s2s[prosody]}, 5269 }
s2s_direct_tls_ports = { ${fed_direct[prosody]} }
s2s_direct_tls_ssl = { certificate = "$folder/a.test.crt", key = "$folder/a.test.key" }
http_ports = {}
https_ports = {}
c2s_require_encryption = true
s2s_require_encryption = true
s2s_secure_auth = $([[ $fed_dialback == yes ]] && echo false || echo true)
s2s_timeout = 10
unbound = { resolvconf = false; hoststxt = false; forward = { "${fed_dns%:*}@${fed_dns#*:}" };
    options = { ["local-zone:"] = "test. transparent"; ["do-not-query-localhost:"] = "no"; ["cache-max-ttl:"] = "0" } }
authentication = "internal_plain"
storage = "internal"
log = { { levels = { min = "debug" }, to = "file", filename = "$dir/prosody.log" } }
modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "posix", "smacks", "stanza_debug"$modules }
modules_disabled = { "http" }
certificates = "$folder"
ssl = { cafile = "$ca", capath = false }
VirtualHost "a.test"
  ssl = { certificate = "$folder/a.test.crt", key = "$folder/a.test.key", cafile = "$ca", capath = false }
Component "echo.a.test"
  component_secret = "secret"
  ssl = { certificate = "$folder/a.test.crt", key = "$folder/a.test.key", cafile = "$ca", capath = false }
END
}

start_federated_ejabberd() {
    local dir=$case_dir/ejabberd
    mkdir -p "$dir"/{conf,log}
    if [[ -d $fed_spool ]]; then cp -r "$fed_spool" "$dir/spool"; else mkdir "$dir/spool"; fi
    federated_ejabberd_configuration >"$dir/conf/ejabberd.yml"
    cat >"$dir/conf/ejabberdctl.cfg" <<END
INET_DIST_INTERFACE=127.0.0.1
ERL_DIST_PORT=27210
ERLANG_NODE=ejabberd@localhost
SPOOL_DIR=$dir/spool
LOGS_DIR=$dir/log
EJABBERD_CONFIG_PATH=$dir/conf/ejabberd.yml
EJABBERD_PID_PATH=$dir/ejabberd.pid
END
    ejabberd_inetrc_for "$fed_dns" >"$dir/conf/inetrc"
    local server
    for server in prosody ejabberd serve; do
        printf '%s %s echo.%s\n' "${fed_host[$server]}" "${fed_domain[$server]}" "${fed_domain[$server]}"
    done >"$dir/hosts"
    printf '127.0.0.1 localhost\n127.0.0.19 dead.test declined.test\n' >>"$dir/hosts"
    if ((EUID == 0)); then chown -R ejabberd:ejabberd "$dir"; fi
    local ctl=("${as_ejabberd[@]}" env HOME="$dir/spool" ejabberdctl --config-dir "$dir/conf"
        --ctl-config "$dir/conf/ejabberdctl.cfg" --logs "$dir/log" --spool "$dir/spool")
    local run=("${as_ejabberd[@]}" env HOME="$dir/spool" LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_HOSTS="$dir/hosts"
        ejabberdctl --config-dir "$dir/conf" --ctl-config "$dir/conf/ejabberdctl.cfg" --logs "$dir/log" --spool "$dir/spool")
    if [[ ! -d $fed_spool ]]; then
        start_server ejabberd "${fed_client[ejabberd]}" "$dir/log/accounts.log" "${run[@]}" foreground || return 1
        local name attempt
        for name in alice bob; do
            for attempt in 1 2 3 4 5; do
                "${ctl[@]}" register "$name" e.test pw >>"$dir/log/register.log" 2>&1 && break
                sleep 1
            done
        done
        # In order, so that the accounts are on disk.
        "${ctl[@]}" stop >>"$dir/log/register.log" 2>&1 && "${ctl[@]}" stopped >>"$dir/log/register.log" 2>&1
        stop_server "${server_pids[-1]}"
        unset 'server_pids[-1]'
        cp -r "$dir/spool" "$fed_spool"
        rm -f "$dir/log/ejabberd.log"
    fi
    start_federated ejabberd "${fed_client[ejabberd]}" "$dir/log/stdout.log" "${run[@]}" foreground
}

federated_ejabberd_configuration() {
    local host=${fed_host[ejabberd]} folder
    folder=$(federation_folder)
    cat <<END
loglevel: debug
log_rotate_count: 0
hosts: [ "e.test" ]
ca_file: "$ca"
certfiles: [ "$folder/e.test.pem" ]
listen:
  - { port: ${fed_client[ejabberd]#*:}, ip: "$host", module: ejabberd_c2s, starttls_required: true, access: c2s, max_stanza_size: 262144 }
  - { port: ${fed_s2s[ejabberd]}, ip: "$host", module: ejabberd_s2s_in }
  - { port: 5269, ip: "$host", module: ejabberd_s2s_in }
  - { port: ${fed_direct[ejabberd]}, ip: "$host", module: ejabberd_s2s_in, tls: true }
  - { port: ${fed_component[ejabberd]#*:}, ip: "$host", module: ejabberd_service, access: all, hosts: { "echo.e.test": { password: "secret" } } }
s2s_use_starttls: required
s2s_max_retry_delay: 1
s2s_timeout: 10
disable_sasl_mechanisms: [ "digest-md5", "X-OAUTH2" ]
auth_password_format: plain
access_rules: { local: { allow: all }, c2s: { allow: all } }
api_permissions: { "console commands": { from: [ ejabberd_ctl ], who: all, what: "*" } }
shaper_rules: { c2s_shaper: { none: all }, s2s_shaper: { none: all } }
modules:
  mod_disco: {}
  mod_ping: {}
  mod_roster: {}
  mod_offline: {}
  mod_stream_mgmt: {}
$([[ $fed_dialback == yes ]] && echo '  mod_s2s_dialback: {}')
END
}

start_federated_serve() {
    local folder=$fed_serve_folder options=()
    [[ $folder ]] || folder=$(federation_folder)
    options+=(--s2s-listen "${fed_host[serve]}:${fed_s2s[serve]}" --s2s-direct-listen "${fed_host[serve]}:${fed_direct[serve]}")
    options+=(--s2s-ca "$ca" --s2s-addresses any --resolver "$fed_dns")
    options+=(--cert "$folder/x.test.crt" --key "$folder/x.test.key")
    options+=(--component-listen "${fed_component[serve]}" --component echo.x.test:secret)
    # Without dialback, certificates are what there is, good or not.
    [[ $fed_external == yes || $fed_dialback == no ]] || options+=(--s2s-no-external)
    [[ $fed_dialback == yes ]] || options+=(--s2s-dialback never)
    [[ $fed_bidi == yes ]] || options+=(--s2s-no-bidi)
    start_federated "xmpp serve" "${fed_client[serve]}" "$case_dir/serve.log" \
        "$xmpp" serve --domain x.test --listen "${fed_client[serve]}" --iterations 10000 --user alice:pw --user bob:pw \
        "${options[@]}" "${fed_serve_options[@]}"
}
