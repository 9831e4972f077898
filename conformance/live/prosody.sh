#!/usr/bin/env bash
# Holds Prosody against the suite: prosody.sh [OPTION of `xmpp-conformance server`]…
# PROSODY_DOMAIN=sasl2.test is a domain with the community's SASL2, Bind 2 and FAST.
source "$(dirname "${BASH_SOURCE[0]}")/with-server.sh"

domain=${PROSODY_DOMAIN:-a.test}
prosody_s2s_address=127.0.0.2:15269

# The interop suite's, with a port for servers, and patience: there a silent client is
# disconnected after two seconds.
eval "interop_$(declare -f write_prosody_configuration)"
write_prosody_configuration() {
    # Before the first domain: it is for all of them.
    if ((${#peer_options[@]})); then
        cat <<END
unbound = { resolvconf = false; hoststxt = false; forward = { "${dns_address/:/@}" };
            options = { ["local-zone:"] = "test. transparent"; ["do-not-query-localhost:"] = "no" } }
END
    fi
    interop_write_prosody_configuration | sed \
        -e 's/^s2s_ports = {}/s2s_ports = { 15269 }/' \
        -e 's/min = "debug"/min = "warn"/' -e 's/"stanza_debug", //' \
        -e 's/^c2s_timeout = 2/c2s_timeout = 60/' \
        -e 's/"websocket" }/"websocket", "dialback", "blocklist" }/'
}

build
[[ ${NO_INSTALL-} ]] || install_debian_packages >&2
make_certificates
start_prosody >&2 || exit 2
for user in "${users[@]}"; do prosody_account "$user" "$domain" pw; done

mapfile -t accounts < <(accounts "$domain")
version=$(dpkg-query -W -f '${Version}' prosody 2>/dev/null | sed 's/-.*//')
"$suite" server --target "$prosody_address" --domain "$domain" --ca "$ca" "${accounts[@]}" \
    --direct-tls "$prosody_direct_address" --s2s-target "$prosody_s2s_address" "${peer_options[@]}" \
    --component "$prosody_component_address,echo.a.test,secret" \
    --name "${NAME-"Prosody $version"}" "$@"
