# Streams that go on over another connection (XEP-0198): our client at foreign servers and
# at ours, a foreign client at ours.

resumer=$(dirname "$component")/resume

# resume_at ADDRESS DOMAIN: connections are lost; each message has to come once, in order
resume_at() {
    timeout 120 "$resumer" "alice@$2" pw "$1" "$ca" | sed 's/^/note: /'
    ((PIPESTATUS[0] == 0))
}

resume_at_serve() {
    start_trusted_serve || return 1
    resume_at "$serve_address" x.test
}

slixmpp_resumes() {
    start_trusted_serve || return 1
    timeout 60 "$venv/bin/python" "$here/clients/slixmpp_resume.py" \
        --jid alice@x.test --password pw --connect "$serve_address" --ca "$ca"
}

add_case prosody-resume resumer,prosody resume_at "$prosody_address" a.test
add_case ejabberd-resume resumer,ejabberd resume_at "$ejabberd_address" e.test
add_case serve-resume resumer,serve resume_at_serve
add_case serve-slixmpp-resume serve slixmpp_resumes
