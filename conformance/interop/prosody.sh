# Prosody on 127.0.0.2. Beside a.test it serves one domain for every way in
# which a certificate or a TLS version can be unwelcome.

prosody_address=127.0.0.2:15222
prosody_direct_address=127.0.0.2:15223
prosody_websocket_address=127.0.0.2:15281
prosody_component_address=127.0.0.2:15347
prosody_dir=$work/prosody
prosody_running=

start_prosody() {
    [[ -z $prosody_running ]] || return 0
    mkdir -p "$prosody_dir/data"
    cp -r "$(dirname "${BASH_SOURCE[0]}")/prosody-modules" "$prosody_dir/modules"
    write_prosody_configuration >"$prosody_dir/prosody.cfg.lua"
    if ((EUID == 0)); then chown -R prosody:prosody "$prosody_dir"; fi
    start_server Prosody "$prosody_address" "$prosody_dir/stdout.log" \
        "${as_prosody[@]}" prosody --config "$prosody_dir/prosody.cfg.lua" -F || return 1
    local domain
    for domain in a.test tls12.test wrong.test expired.test sasl2.test; do
        prosody_account alice "$domain" pw
        prosody_account bob "$domain" pw
    done
    prosody_running=yes
}

# prosody_account NAME DOMAIN PASSWORD: a new account, in place of an old one
prosody_account() {
    local ctl=("${as_prosody[@]}" prosodyctl --config "$prosody_dir/prosody.cfg.lua")
    "${ctl[@]}" deluser "$1@$2" >/dev/null 2>&1
    printf '%s\n%s\n' "$3" "$3" | "${ctl[@]}" adduser "$1@$2" >/dev/null
}

write_prosody_configuration() {
    # These ports have one certificate: that of the domain they are asked for.
    local direct=a.test
    [[ $against == prosody ]] && direct=$serve_domain
    cat <<END
data_path = "$prosody_dir/data"
pidfile = "$prosody_dir/prosody.pid"
interfaces = { "127.0.0.2" }
local_interfaces = { "127.0.0.2" }
component_interfaces = { "127.0.0.2" }
component_ports = { 15347 }
c2s_ports = { 15222 }
plugin_paths = { "$prosody_dir/modules" }
c2s_direct_tls_ports = { 15223 }
c2s_direct_tls_ssl = { certificate = "$certs/$direct.crt", key = "$certs/$direct.key" }
http_ports = {}
https_ports = { 15281 }
https_interfaces = { "127.0.0.2" }
https_ssl = { certificate = "$certs/$direct.crt", key = "$certs/$direct.key" }
s2s_ports = {}
c2s_require_encryption = true
c2s_timeout = 2
-- The stored password, not one hash of it: all mechanisms are offered.
authentication = "internal_plain"
storage = "internal"
log = { { levels = { min = "debug" }, to = "file", filename = "$prosody_dir/prosody.log" } }
modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "posix", "smacks", "stanza_debug", "websocket" }
certificates = "$certs"
ssl = { cafile = "$ca" }
END
    local domain
    for domain in a.test x.test wrong.test expired.test; do
        printf 'VirtualHost "%s"\n  ssl = { certificate = "%s.crt", key = "%s.key" }\n' \
            "$domain" "$certs/$domain" "$certs/$domain"
    done
    printf 'VirtualHost "tls12.test"\n  ssl = { certificate = "%s.crt", key = "%s.key", protocol = "tlsv1_2" }\n' \
        "$certs/tls12.test" "$certs/tls12.test"
    # With the community's SASL2, Bind 2 and FAST, and what 0.12 lacks for them.
    printf 'VirtualHost "sasl2.test"\n  ssl = { certificate = "%s.crt", key = "%s.key" }\n' \
        "$certs/sasl2.test" "$certs/sasl2.test"
    printf '  modules_enabled = { "interop_sasl2", "sasl2", "sasl2_bind2", "sasl2_fast", "carbons", "csi" }\n'
    printf 'Component "echo.a.test"\n  component_secret = "secret"\n'
}
