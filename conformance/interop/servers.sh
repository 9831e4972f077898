# What all servers have in common: their own user, a port to wait for, an end.

server_pids=()

# The packages' servers refuse to run as root: "${as_prosody[@]}" COMMAND…
as_prosody=()
as_ejabberd=()
if ((EUID == 0)); then
    as_prosody=(setpriv --reuid=prosody --regid=prosody --clear-groups --)
    as_ejabberd=(setpriv --reuid=ejabberd --regid=ejabberd --clear-groups --)
fi

# start_server NAME HOST:PORT LOG COMMAND…
start_server() {
    local name=$1 address=$2 log=$3
    shift 3
    if listening "$address"; then
        echo "$address is taken, $name cannot listen there"
        return 1
    fi
    # In a process group of its own, so that what it starts ends with it.
    setsid "$@" >"$log" 2>&1 </dev/null &
    local pid=$!
    server_pids+=("$pid")
    local attempt
    for ((attempt = 0; attempt < 900; attempt++)); do
        if listening "$address"; then return 0; fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "$name does not listen on $address; $log ends:"
    tail -15 "$log"
    stop_server "$pid"
    unset 'server_pids[-1]'
    return 1
}

# stop_server PID: TERM for the group, KILL when that is not enough
stop_server() {
    local pid=$1 attempt
    kill -TERM -- "-$pid" 2>/dev/null
    for ((attempt = 0; attempt < 50; attempt++)); do
        kill -0 -- "-$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
}

stop_all_servers() {
    local pid
    for pid in "${server_pids[@]}"; do stop_server "$pid"; done
    server_pids=()
}

# listening HOST:PORT
listening() {
    (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null
}
