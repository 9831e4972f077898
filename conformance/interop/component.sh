# The example component of xmpp-core, or a foreign one, as a process of the case.

component_pid=

# start_component DOMAIN COMMAND…: it must say within ten seconds that it is let in
start_component() {
    local domain=$1 attempt
    shift
    "$@" >"$case_dir/component.out" 2>"$case_dir/component.log" </dev/null &
    component_pid=$!
    for ((attempt = 0; attempt < 100; attempt++)); do
        if grep -qx "I am $domain" "$case_dir/component.out"; then return 0; fi
        kill -0 "$component_pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "the component was not let in:"
    tail -5 "$case_dir/component.out" "$case_dir/component.log"
    return 1
}

# refused_component CONDITION COMMAND…: it must end by itself and name the condition
refused_component() {
    local condition=$1 status=0
    shift
    timeout 20 "$@" >"$case_dir/refused.out" 2>"$case_dir/refused.log" </dev/null || status=$?
    sed 's/^/refused: /' "$case_dir/refused.out" "$case_dir/refused.log"
    ((status != 0 && status != 124)) || { echo "status $status"; return 1; }
    grep -q "$condition" "$case_dir/refused.out" "$case_dir/refused.log"
}

# stop_component: it must still be there
stop_component() {
    [[ $component_pid ]] || return 0
    local alive=0
    kill "$component_pid" 2>/dev/null || { echo "the component had ended by itself"; alive=1; }
    wait "$component_pid" 2>/dev/null
    component_pid=
    if grep -n "panicked at" "$case_dir/component.log"; then alive=1; fi
    return "$alive"
}
