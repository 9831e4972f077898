# ejabberd on 127.0.0.4, without epmd, its Erlang distribution on one loopback port.

ejabberd_address=127.0.0.4:17222
ejabberd_direct_address=127.0.0.4:17223
ejabberd_websocket_address=127.0.0.4:17281
ejabberd_component_address=127.0.0.4:17347
ejabberd_dir=$work/ejabberd
ejabberd_running=
ejabberd_accounts=(alice bob)

start_ejabberd() {
    [[ -z $ejabberd_running ]] || return 0
    mkdir -p "$ejabberd_dir"/{conf,spool,log}
    write_ejabberd_configuration >"$ejabberd_dir/conf/ejabberd.yml"
    cat >"$ejabberd_dir/conf/ejabberdctl.cfg" <<END
INET_DIST_INTERFACE=127.0.0.1
ERL_DIST_PORT=17210
ERLANG_NODE=ejabberd@localhost
SPOOL_DIR=$ejabberd_dir/spool
LOGS_DIR=$ejabberd_dir/log
EJABBERD_CONFIG_PATH=$ejabberd_dir/conf/ejabberd.yml
EJABBERD_PID_PATH=$ejabberd_dir/ejabberd.pid
END
    write_ejabberd_inetrc >"$ejabberd_dir/conf/inetrc"
    if ((EUID == 0)); then chown -R ejabberd:ejabberd "$ejabberd_dir"; fi
    start_server ejabberd "$ejabberd_address" "$ejabberd_dir/log/stdout.log" \
        "${ejabberdctl[@]}" foreground || return 1
    local name attempt
    for name in "${ejabberd_accounts[@]}"; do
        # The port opens a moment before accounts can be made.
        for attempt in 1 2 3 4 5; do
            "${ejabberdctl[@]}" register "$name" e.test pw >>"$ejabberd_dir/log/register.log" 2>&1 && break
            sleep 1
        done
    done
    ejabberd_running=yes
}

ejabberdctl=("${as_ejabberd[@]}" env HOME="$ejabberd_dir/spool" ejabberdctl --config-dir "$ejabberd_dir/conf" --ctl-config "$ejabberd_dir/conf/ejabberdctl.cfg"
    --logs "$ejabberd_dir/log" --spool "$ejabberd_dir/spool")

# Where names are looked up.
write_ejabberd_inetrc() {
    printf '{lookup,[file,native]}.\n'
}

# ejabberd_inetrc_for ADDRESS:PORT: SRV records are asked for there. Addresses come through
# libc, of which a file of hosts is told with nss_wrapper.
ejabberd_inetrc_for() {
    printf '{resolv_conf,""}.\n{hosts_file,""}.\n{host,{127,0,0,1},["localhost"]}.\n{lookup,[file,dns]}.\n{nameserver,{%s},%s}.\n{cache_size,0}.\n' \
        "$(tr . , <<<"${1%:*}")" "${1#*:}"
}

write_ejabberd_configuration() {
    cat <<END
loglevel: debug
log_rotate_count: 0
hosts: [ "e.test" ]
ca_file: "$ca"
certfiles: [ "$certs/e.test.pem", "$ca" ]
listen:
  - { port: 17222, ip: "127.0.0.4", module: ejabberd_c2s, starttls_required: true, access: c2s, max_stanza_size: 262144 }
  - { port: 17223, ip: "127.0.0.4", module: ejabberd_c2s, tls: true, access: c2s, max_stanza_size: 262144 }
  - { port: 17281, ip: "127.0.0.4", module: ejabberd_http, tls: true, request_handlers: { /ws: ejabberd_http_ws } }
  - { port: 17347, ip: "127.0.0.4", module: ejabberd_service, access: all, hosts: { "echo.e.test": { password: "secret" } } }
disable_sasl_mechanisms: [ "digest-md5", "X-OAUTH2" ]
# The stored password, not one hash of it: all mechanisms are offered.
auth_password_format: plain
access_rules: { local: { allow: all }, c2s: { allow: all } }
api_permissions: { "console commands": { from: [ ejabberd_ctl ], who: all, what: "*" } }
modules: { mod_disco: {}, mod_ping: {}, mod_roster: {}, mod_offline: {}, mod_stream_mgmt: {} }
END
}
