# What end-to-end scripts share: . "${0%/*}/../lib/e2e.bash". Each runs in an empty HOME of its own (tests/run).
set -u
ECCLESIA=${ECCLESIA:-build/ecclesia}
work=$(mktemp -d)
. "${BASH_SOURCE[0]%/*}/secrets.bash"
trap end_of_script EXIT

fail() { echo "FAIL: $*"; [ -s "$work/err" ] && sed 's/^/  stderr: /' "$work/err"; [ -s "$work/out" ] && sed 's/^/  stdout: /' "$work/out"; exit 1; }

# run STATUS WORD…: runs the program, wants that exit status; output in $work/out and $work/err.
run()
{
    local wanted=$1 status
    shift
    "$ECCLESIA" "$@" >"$work/out" 2>"$work/err"
    status=$?
    no_secret "$work/out" "$work/err"
    [ "$status" -eq "$wanted" ] || fail "exit status $status instead of $wanted: ecclesia $*"
}

out_has() { grep -qF -- "$1" "$work/out" || fail "standard output has no \"$1\""; }
err_has() { grep -qF -- "$1" "$work/err" || fail "standard error has no \"$1\""; }
out_empty() { [ ! -s "$work/out" ] || fail "standard output is not empty"; }
err_empty() { [ ! -s "$work/err" ] || fail "standard error is not empty"; }
# json FILTER: the filter must give true for the JSON on standard output.
json() { [ "$(jq -e "$1" <"$work/out" 2>/dev/null)" = true ] || fail "not so: $1"; }

# until_true WORD…: waits for a command to succeed, $patience seconds at the most.
patience=30
until_true()
{
    local end=$((SECONDS + patience))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "never came true: $*"
        sleep 0.05
    done
}

# start_sim OPTION…: starts the simulator; its ready line is in $work/sim.json, ECCLESIA_SIM is set. It ends with this script.
start_sim()
{
    mkfifo "$work/sim.in"
    "$ECCLESIA" sim "$@" <"$work/sim.in" >"$work/sim.json" 2>"$work/sim.err" &
    exec 9>"$work/sim.in"
    until_true grep -q base "$work/sim.json"
    ECCLESIA_SIM=$(jq -r .base "$work/sim.json")
    export ECCLESIA_SIM
    local p
    for p in $(jq -r '.platforms | keys[]' "$work/sim.json"); do
        export "ECCLESIA_${p^^}_CLIENT_ID=$(jq -r ".platforms.$p.client_id // \"\"" "$work/sim.json")"
        export "ECCLESIA_${p^^}_CLIENT_SECRET=$(jq -r ".platforms.$p.client_secret // \"\"" "$work/sim.json")"
    done
}

# connect PLATFORM: with what the simulator says, as far as the platform asks for it.
connect()
{
    local key words=()
    for key in $("$ECCLESIA" platform show "$1" --json | jq -r '.credentials[].key'); do
        jq -e ".platforms.$1.credentials.$key" "$work/sim.json" >/dev/null || continue
        words+=(--set "$key=$(jq -r ".platforms.$1.credentials.$key" "$work/sim.json")")
    done
    run 0 connect "$1" "${words[@]}"
}
