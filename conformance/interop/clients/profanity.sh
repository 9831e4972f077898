#!/usr/bin/env bash
# profanity in a terminal of tmux: logs in, sends a message if there is one, then runs a
# command if there is one and waits for what it leads to on the screen.
#
# profanity.sh HOST:PORT CA FOLDER JID PASSWORD TO TEXT [COMMAND…]
set -uo pipefail
address=$1 ca=$2 folder=$3 jid=$4 password=$5 to=$6 text=$7
shift 7

home=$folder/profanity
rm -rf "$home"
mkdir -p "$home/.config/profanity" "$home/.local/share/profanity" "$home/certs"
cp "$ca" "$home/certs/ca.pem"
openssl rehash "$home/certs"
cat >"$home/.local/share/profanity/accounts" <<END
[$jid]
enabled=true
jid=$jid
server=${address%:*}
port=${address##*:}
resource=terminal
password=$password
tls.policy=force
presence.login=online
END
cat >"$home/.config/profanity/profrc" <<END
[connection]
tls.certpath=$home/certs
[ui]
splash=false
tips=false
[notifications]
message=off
END

socket=$folder/tmux
tmux() { command tmux -S "$socket" "$@"; }
finish() {
    tmux capture-pane -p >"$folder/profanity.screen" 2>/dev/null
    tmux send-keys -l "/quit" 2>/dev/null
    tmux send-keys Enter 2>/dev/null
    sleep 0.5
    tmux kill-server 2>/dev/null
}
trap finish EXIT

# until_screen PATTERN
until_screen() {
    local attempt
    for ((attempt = 0; attempt < 150; attempt++)); do
        if tmux capture-pane -p -S -200 | grep -q -- "$1"; then return 0; fi
        sleep 0.1
    done
    echo "profanity does not show '$1':"
    tmux capture-pane -p
    return 1
}
type_line() {
    tmux send-keys -l -- "$1"
    tmux send-keys Enter
}

env HOME="$home" XDG_CONFIG_HOME="$home/.config" XDG_DATA_HOME="$home/.local/share" TERM=screen LC_ALL=C.UTF-8 \
    tmux -S "$socket" -f /dev/null new-session -d -x 120 -y 40 profanity -l DEBUG || exit 1
sleep 1
type_line "/connect $jid"
until_screen "logged in successfully" || exit 1
if [[ $text ]]; then
    type_line "/msg $to $text"
    until_screen "$text" || exit 1
fi
if (($#)); then
    # The window of the conversation, so that what comes is seen.
    type_line "/msg $to"
    "$@" || exit 1
    until_screen "${*: -1}" || exit 1
    echo "note: the terminal shows it"
fi
