#!/usr/bin/env bash
# Holds Prosody against the suite: prosody.sh [OPTION of `xmpp-conformance server`]…
source "$(dirname "${BASH_SOURCE[0]}")/with-server.sh"

build
[[ ${NO_INSTALL-} ]] || install_debian_packages >&2
make_certificates
start_prosody >&2 || exit 2
for user in "${users[@]}"; do prosody_account "$user" a.test pw; done

mapfile -t accounts < <(accounts a.test)
version=$("${as_prosody[@]}" prosodyctl --config "$prosody_dir/prosody.cfg.lua" about 2>/dev/null | sed -n 's/^Prosody \([0-9.]*\).*/\1/p' | head -1)
"$suite" server --target "$prosody_address" --domain a.test --ca "$ca" "${accounts[@]}" \
    --direct-tls "$prosody_direct_address" --component "$prosody_component_address,echo.a.test,secret" \
    --name "${NAME-"Prosody $version"}" "$@"
