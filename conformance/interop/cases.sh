# How a case is declared, chosen, run and reported. The cases are in cases/.

case_names=()
declare -A case_needs case_command
selected=()
case_dir=

# add_case NAME NEEDS COMMAND…: NEEDS lists, separated by commas, what is
# started or built for it: program, component, resumer, browser, prosody, ejabberd, serve. The command's
# output is its log; it passes with status 0.
add_case() {
    local name=$1
    case_names+=("$name")
    case_needs[$name]=$2
    shift 2
    case_command[$name]=$(printf '%q ' "$@")
}

print_cases() { printf '%s\n' "${case_names[@]}"; }

select_cases() {
    local name pattern
    for name in "${case_names[@]}"; do
        # Judging another server is about the cases that ours is judged by, less
        # those for which its exceptions are written down.
        if [[ $against ]]; then
            needs "$name" serve || continue
            if grep -q "^$name  " "$here/against-$against.txt"; then continue; fi
        fi
        if ((${#only[@]} == 0)); then
            selected+=("$name")
            continue
        fi
        for pattern in "${only[@]}"; do
            # shellcheck disable=SC2053 # a pattern is what is wanted
            if [[ $name == $pattern ]]; then
                selected+=("$name")
                break
            fi
        done
    done
}

program_needed() {
    local name
    for name in "${selected[@]}"; do
        if needs "$name" program; then return 0; fi
        if needs "$name" serve && [[ -z $against ]]; then return 0; fi
    done
    return 1
}

resumer_needed() {
    local name
    for name in "${selected[@]}"; do
        if needs "$name" resumer; then return 0; fi
    done
    return 1
}

component_needed() {
    local name
    for name in "${selected[@]}"; do
        if needs "$name" component; then return 0; fi
    done
    return 1
}

browser_needed() {
    local name
    for name in "${selected[@]}"; do
        if needs "$name" browser; then return 0; fi
    done
    return 1
}

needs() { [[ ,${case_needs[$1]}, == *,"$2",* ]]; }

run_case() {
    local name=$1 began=$EPOCHREALTIME status=0
    case_dir=$work/$name
    mkdir -p "$case_dir"
    {
        if needs "$name" prosody; then start_prosody || status=1; fi
        if needs "$name" ejabberd; then start_ejabberd || status=1; fi
        if ((status == 0)); then eval "${case_command[$name]}" || status=1; fi
        stop_component || status=1
        stop_serve || status=1
        stop_federation || status=1
    } >"$case_dir/log" 2>&1
    local seconds
    seconds=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $began }")
    # A case may say in one line what it found out, such as the mechanism used.
    local note
    note=$(sed -n 's/^note: //p' "$case_dir/log" | paste -sd ';' | sed 's/;/; /g')
    if ((status == 0)); then
        ((++passed))
        say "ok    $name (${seconds} s)${note:+: $note}"
    else
        ((++failed))
        say "FAIL  $name (${seconds} s): $case_dir/log"
        tail -12 "$case_dir/log" | sed 's/^/        /'
    fi
}

for part in "$here"/cases/*.sh; do
    # shellcheck source=/dev/null
    source "$part"
done
