# The harness checks itself: foreign clients against foreign servers, nothing of ours.

converse() {
    "$venv/bin/python" "$here/clients/converse.py" --libstrophe "$libstrophe_client" --logs "$case_dir" "$@"
}

harness_prosody() {
    prosody_account alice x.test pw
    prosody_account bob x.test pw
    converse "$1" "$2" --domain x.test --connect "$prosody_address" --ca "$ca"
}

add_case harness-prosody prosody harness_prosody slixmpp slixmpp
add_case harness-prosody-aioxmpp prosody harness_prosody aioxmpp slixmpp
add_case harness-ejabberd ejabberd converse slixmpp slixmpp --domain e.test --connect "$ejabberd_address" --ca "$ca"
add_case harness-prosody-libstrophe prosody harness_prosody libstrophe slixmpp
