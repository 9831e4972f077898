# Foreign programs: servers and a C library from Debian, Python clients into a
# virtual environment that later runs find again.

debian_packages=(prosody prosody-modules ejabberd libstrophe-dev gcc libc6-dev openssl python3-venv)
venv=$target/interop/venv
libstrophe_client=$target/interop/libstrophe_client
# xmpp.js, exactly as it was proven.
xmppjs=$target/interop/xmppjs
xmppjs_version=0.14.0

install_peers() {
    install_debian_packages
    if ! [[ -f $venv/requirements.txt ]] || ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
        say "installing the Python clients"
        python3 -m venv --clear "$venv" || die "python3 makes no virtual environment"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >"$work/pip.log" 2>&1 ||
            { tail -20 "$work/pip.log" >&2; die "pip failed"; }
        cp "$here/requirements.txt" "$venv/requirements.txt"
    fi
    install_xmppjs
    if [[ $here/clients/libstrophe_client.c -nt $libstrophe_client ]]; then
        cc -O1 -Wall -Wextra -o "$libstrophe_client" "$here/clients/libstrophe_client.c" -lstrophe ||
            die "the libstrophe client does not build"
    fi
}

install_xmppjs() {
    [[ -d $xmppjs/node_modules/@xmpp/client ]] && return
    command -v npm >/dev/null || { say "no npm: the xmpp.js cases will fail"; return; }
    say "installing xmpp.js"
    mkdir -p "$xmppjs"
    printf '{"private":true}\n' >"$xmppjs/package.json"
    npm install --prefix "$xmppjs" --silent --no-audit --no-fund "@xmpp/client@$xmppjs_version" >"$work/npm.log" 2>&1 ||
        { tail -20 "$work/npm.log" >&2; die "npm failed"; }
}

install_debian_packages() {
    local package missing=()
    for package in "${debian_packages[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || die "needs root to install ${missing[*]}; or install them and pass --no-install"
    say "installing ${missing[*]}"
    keep_services_down
    {
        apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=120 \
                --no-install-recommends "${missing[@]}"
    } </dev/null >"$work/apt.log" 2>&1 || { tail -20 "$work/apt.log" >&2; die "apt-get failed"; }
    let_services_start
}

# Debian starts a server as soon as it is installed, on every interface, unless
# policy-rc.d says 101. Whatever was there is put back, also after an interrupt.
policy=/usr/sbin/policy-rc.d
policy_changed=

keep_services_down() {
    if [[ -x $policy ]] && { "$policy" >/dev/null 2>&1; (($? == 101)); }; then return; fi
    if [[ -e $policy ]]; then mv "$policy" "$policy.interop"; fi
    policy_changed=yes
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

let_services_start() {
    [[ $policy_changed ]] || return 0
    rm -f "$policy"
    if [[ -e $policy.interop ]]; then mv "$policy.interop" "$policy"; fi
    policy_changed=
}
