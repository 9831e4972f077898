# Components (XEP-0114): the example of xmpp-core on foreign servers, and a foreign one on
# `xmpp serve`. A foreign client tells whether what it writes comes back.

declare -A component_address=(
    [prosody]=$prosody_component_address [ejabberd]=$ejabberd_component_address [serve]=$serve_component_address)

slixmpp_component=("$venv/bin/python" "$here/clients/slixmpp_component.py")

# echoed ADDRESS DOMAIN [OPTION…]: alice of that domain pings echo.DOMAIN, discovers what it
# is, and hears what she writes, from the address that she wrote to
echoed() {
    local address=$1 domain=$2
    shift 2
    "$venv/bin/python" "$here/clients/echoed.py" --jid "alice@$domain" --password pw --connect "$address" \
        --ca "$ca" --to "echo.$domain" --to "romeo@echo.$domain/orchard" --logs "$case_dir" "$@"
}

# component_on SERVER COMMAND…: let in, and stanzas cross both ways
component_on() {
    local server=$1
    shift
    local domain=${server_domain[$server]}
    start_component "echo.$domain" "$@" "echo.$domain" secret "${component_address[$server]}" || return 1
    echoed "${server_address[$server]}" "$domain"
}

# refused_on SERVER DOMAIN SECRET CONDITION COMMAND…
refused_on() {
    local server=$1 domain=$2 secret=$3 condition=$4
    shift 4
    refused_component "$condition" "$@" "$domain" "$secret" "${component_address[$server]}"
}

serve_components() {
    server_address[serve]=$serve_address server_domain[serve]=x.test
    printf '# name:secret\n\nother.x.test:another\n' >"$case_dir/components"
    start_trusted_serve --component-listen "$serve_component_address" --component echo.x.test:secret \
        --component-file "$case_dir/components"
}

component_on_serve() {
    serve_components || return 1
    component_on serve "$@"
}

refused_on_serve() {
    serve_components || return 1
    refused_on serve "$@"
}

# The second is refused, the first undisturbed.
conflict_on_serve() {
    serve_components || return 1
    start_component echo.x.test "${slixmpp_component[@]}" echo.x.test secret "$serve_component_address" || return 1
    refused_on serve echo.x.test secret conflict "${slixmpp_component[@]}" || return 1
    echoed "$serve_address" x.test
}

# One that has left is unreachable, and may come back.
return_to_serve() {
    serve_components || return 1
    echoed "$serve_address" x.test --expect-error remote-server-timeout || return 1
    local again
    for again in 1 2; do
        component_on serve "${slixmpp_component[@]}" || return 1
        stop_component || return 1
        echoed "$serve_address" x.test --expect-error remote-server-timeout || return 1
    done
}

for server in prosody ejabberd; do
    [[ $server == prosody ]] && domain=echo.a.test || domain=echo.e.test
    add_case "$server-component" "component,$server" component_on "$server" "$component"
    add_case "$server-component-wrong-secret" "component,$server" \
        refused_on "$server" "$domain" wrong not-authorized "$component"
done
add_case harness-component prosody component_on prosody "${slixmpp_component[@]}"
add_case component-slixmpp program component_on_serve "${slixmpp_component[@]}"
add_case component-ours program,component component_on_serve "$component"
add_case component-wrong-secret program refused_on_serve echo.x.test wrong not-authorized "${slixmpp_component[@]}"
add_case component-from-file program refused_on_serve other.x.test secret not-authorized "${slixmpp_component[@]}"
add_case component-unknown program refused_on_serve nobody.x.test secret host-unknown "${slixmpp_component[@]}"
add_case component-conflict program conflict_on_serve
add_case component-return program return_to_serve
