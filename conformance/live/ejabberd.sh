#!/usr/bin/env bash
# Holds ejabberd against the suite: ejabberd.sh [OPTION of `xmpp-conformance server`]…
source "$(dirname "${BASH_SOURCE[0]}")/with-server.sh"

ejabberd_s2s_address=127.0.0.4:17269

# It finds our domains by SRV records, which it asks our DNS for, and their common target by
# libc, where nss_wrapper has a file of hosts.
if ((${#peer_options[@]})); then
    write_ejabberd_inetrc() { ejabberd_inetrc_for "$dns_address"; }
    printf '127.0.0.1 localhost\n%s %s\n' "${peer_address%:*}" "$peer_domain" >"$work/hosts"
    ejabberdctl=(env LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_HOSTS="$work/hosts" "${ejabberdctl[@]}")
fi

# Accounts are made by HTTP: a call of ejabberdctl starts an Erlang for each.
ejabberd_accounts=()
ejabberd_api_address=127.0.0.4:17280

# The interop suite's, with a port for servers.
eval "interop_$(declare -f write_ejabberd_configuration)"
write_ejabberd_configuration() {
    interop_write_ejabberd_configuration | sed \
        -e 's/^loglevel: debug/loglevel: warning/' \
        -e 's/^listen:/listen:\n  - { port: 17269, ip: "127.0.0.4", module: ejabberd_s2s_in }/' \
        -e 's/^listen:/listen:\n  - { port: 17280, ip: "127.0.0.4", module: ejabberd_http, request_handlers: { \/api: mod_http_api } }/' \
        -e 's/^api_permissions: {/api_permissions: { "accounts": { who: { access: { allow: { ip: "127.0.0.0\/8" } } }, what: [ register ] },/' \
        -e 's/^modules: {/s2s_use_starttls: optional\nmodules: { mod_s2s_dialback: {},/'
}

build
[[ ${NO_INSTALL-} ]] || install_debian_packages >&2
make_certificates
start_ejabberd >&2 || exit 2
for user in "${users[@]}"; do
    # The port opens a moment before accounts can be made.
    curl --silent --show-error --fail --retry 10 --retry-all-errors --retry-delay 1 \
        --data "{\"user\": \"$user\", \"host\": \"e.test\", \"password\": \"pw\"}" \
        "http://$ejabberd_api_address/api/register" >>"$ejabberd_dir/log/register.log" 2>&1 ||
        die "no account $user"
done

mapfile -t accounts < <(accounts e.test)
version=$(dpkg-query -W -f '${Version}' ejabberd 2>/dev/null | sed 's/-.*//')
"$suite" server --target "$ejabberd_address" --domain e.test --ca "$ca" "${accounts[@]}" \
    --direct-tls "$ejabberd_direct_address" --s2s-target "$ejabberd_s2s_address" "${peer_options[@]}" \
    --component "$ejabberd_component_address,echo.e.test,secret" \
    --name "${NAME-"ejabberd $version"}" "$@"
