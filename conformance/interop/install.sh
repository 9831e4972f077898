# Foreign programs: servers and a C library from Debian, Python clients into a
# virtual environment that later runs find again.

debian_packages=(curl prosody prosody-modules lua-unbound ejabberd libnss-wrapper dnsmasq-base libstrophe-dev gcc libc6-dev openssl python3-venv profanity go-sendxmpp tmux)
venv=$target/interop/venv
xmppjs=$target/interop/xmppjs
libstrophe_client=$target/interop/libstrophe_client

install_peers() {
    install_debian_packages
    if ! [[ -f $venv/requirements.txt ]] || ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
        say "installing the Python clients"
        python3 -m venv --clear "$venv" || die "python3 makes no virtual environment"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >"$work/pip.log" 2>&1 ||
            { tail -20 "$work/pip.log" >&2; die "pip failed"; }
        cp "$here/requirements.txt" "$venv/requirements.txt"
    fi
    if ! cmp -s "$here/clients/xmppjs.json" "$xmppjs/package.json"; then
        say "installing xmpp.js"
        mkdir -p "$xmppjs"
        cp "$here/clients/xmppjs.json" "$xmppjs/package.json"
        (cd "$xmppjs" && npm install --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1 ||
            { rm "$xmppjs/package.json"; tail -20 "$work/npm.log" >&2; die "npm failed"; }
    fi
    if [[ $here/clients/libstrophe_client.c -nt $libstrophe_client ]]; then
        cc -O1 -Wall -Wextra -o "$libstrophe_client" "$here/clients/libstrophe_client.c" -lstrophe ||
            die "the libstrophe client does not build"
    fi
}

install_debian_packages() {
    local package missing=() wanted=("${debian_packages[@]}")
    # Only where there is no other: npm is a package of some two hundred.
    command -v npm >/dev/null || wanted+=(nodejs npm)
    if browser_needed; then wanted+=(chromium chromium-driver); fi
    for package in "${wanted[@]}"; do
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
