# What the scripts beside this file share: they are sourced by serve.sh, prosody.sh and
# ejabberd.sh, and use the servers of ../interop.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
profile=${PROFILE:-release}
suite=${SUITE:-$target/$profile/xmpp-conformance}
xmpp=${XMPP:-$target/$profile/xmpp}
against='' case_dir=''

say() { printf '%s\n' "$*" >&2; }
die() { printf 'conformance: %s\n' "$*" >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/tmp}/xmpp-conformance.XXXXXX")
chmod 755 "$work"
case_dir=$work

for part in install certificates servers prosody ejabberd serve; do
    # shellcheck source=/dev/null
    source "$root/conformance/interop/$part.sh"
done

finish() {
    trap - EXIT
    stop_all_servers
    if [[ ${KEEP-} ]]; then say "logs: $work"; else rm -rf "$work"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Programs that are not named are built.
build() {
    local flags=()
    [[ $profile == release ]] && flags+=(--release)
    if [[ -z ${SUITE-} ]]; then
        (cd "$root" && cargo build --quiet "${flags[@]}" --package xmpp-conformance) || die "the suite does not build"
    fi
    if [[ ${1-} == serve && -z ${XMPP-} ]]; then
        (cd "$root" && cargo build --quiet "${flags[@]}" --package xmpp-cli) || die "xmpp serve does not build"
    fi
}

# The domains that the suite acts as, where it listens for them, and where it answers DNS
# about them. With NO_PEER the server does not find them: cases that need it are skipped.
dns_address=127.0.0.53:15355
peer_domain=peer.test peer_address=127.0.0.98:15269
peer_options=(--s2s-domain "*.$peer_domain" --s2s-listen "$peer_address" --s2s-dns "$dns_address")
[[ -z ${NO_PEER-} ]] || peer_options=()

# The accounts: u1 to u12, all with the password pw.
users=(u1 u2 u3 u4 u5 u6 u7 u8 u9 u10 u11 u12)

# accounts DOMAIN: as options of the suite
accounts() {
    local user
    for user in "${users[@]}"; do printf -- '--account\n%s@%s:pw\n' "$user" "$1"; done
}
