#!/usr/bin/env bash
# Holds `xmpp serve` against the suite: serve.sh [OPTION of `xmpp-conformance server`]…
# SUITE and XMPP name the programs; without them they are built (PROFILE=dev for debug ones).
source "$(dirname "${BASH_SOURCE[0]}")/with-server.sh"

build serve
make_certificates
serve_s2s_address=127.0.0.5:16269
options=(--s2s-listen "$serve_s2s_address")
((${#peer_options[@]})) && options+=(--resolver "$dns_address" --s2s-addresses any)
for user in "${users[@]}"; do options+=(--user "$user:pw"); done
start_server "xmpp serve" "$serve_address" "$work/serve.log" \
    "$xmpp" serve --domain "$serve_domain" --listen "$serve_address" --iterations 4096 \
    --direct-tls "$serve_direct_address" --allow-plain "${options[@]}" \
    --cert "$certs/x.test.crt" --key "$certs/x.test.key" \
    --component "echo.x.test:secret" --component-listen "$serve_component_address" \
    --address-connections 0 --address-logins 0 --account-subscriptions 0 --address-stanzas 0 >&2 || exit 2

mapfile -t accounts < <(accounts "$serve_domain")
"$suite" server --target "$serve_address" --domain "$serve_domain" --ca "$ca" "${accounts[@]}" \
    --direct-tls "$serve_direct_address" --component "$serve_component_address,echo.x.test,secret" \
    --s2s-target "$serve_s2s_address" "${peer_options[@]}" \
    --name "${NAME-"xmpp serve $("$xmpp" --version | sed 's/.* //')"}" "$@"
