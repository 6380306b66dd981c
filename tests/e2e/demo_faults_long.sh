#!/bin/bash
# demo --faults: whichever of the eight refuses, the other platform goes on and the operator is told what to do.
. "${0%/*}/../lib/e2e.bash"

# refused PLATFORM OTHER STATUS WORD…: the create fails in part.
refused()
{
    local platform=$1 other=$2 status=$3
    shift 3
    run 4 demo --faults "$platform" -- "$@" --platform "$platform" --platform "$other" --wait=60 --json
    json ".targets[0] | .platform == \"$platform\" and .status == \"failed\" and (.error | length > 10) and (.remedy | length > 10)"
    json ".targets[1] | .platform == \"$other\" and .status == \"$status\" and (has(\"error\") | not)"
}

# A Jitsi room needs no server to be planned: that it does not answer is a warning.
refused_jitsi()
{
    run 0 demo --faults jitsi -- meeting create --title "Council" --start +1h --platform jitsi --platform zoom --wait --json
    json '.targets[0] | .status == "pending" and (.note | test("does not answer"))'
}

# aside NAME WORD…: beside the others, in a place of its own.
asides=()
aside()
{
    local name=$1
    shift
    mkdir "$work/$name"
    (
        work=$work/$name
        trap - EXIT
        "$@"
    ) >"$work/$name.said" 2>&1 &
    asides+=("$!:$name")
}
joined()
{
    local one

    for one in "${asides[@]}"; do
        wait "${one%%:*}" || fail "${one#*:}: $(cat "$work/${one#*:}.said")"
    done
    asides=()
}

live=(livestream create --title "Vigil" --start now)
met=(meeting create --title "Council" --start +1h)
aside youtube refused youtube facebook live "${live[@]}"
aside facebook refused facebook youtube live "${live[@]}"
aside zoom refused zoom google_meet pending "${met[@]}"
joined
aside restream refused restream facebook live "${live[@]}"
aside google_meet refused google_meet zoom pending "${met[@]}"
aside jitsi refused_jitsi
joined
aside instagram refused instagram facebook live "${live[@]}"
aside teams refused teams zoom pending "${met[@]}"
joined

# One fails in the midst of it, and all at once: it is told, and nothing hangs.
run 5 demo --faults some -- "${live[@]}" --platform youtube --platform facebook --wait=15 --json
json '.targets[0] | .platform == "youtube" and .status == "live"'
json '.targets[1] | .platform == "facebook" and .status != "live" and (.error | length > 10) and (.remedy | length > 10) and .nextAttemptAt'
"$ECCLESIA" demo --faults storm -- "${live[@]}" --platform youtube --platform facebook --platform restream \
    --platform instagram --wait=15 --json >"$work/out" 2>"$work/err"
case $? in 0 | 4 | 5) ;; *) fail "exit status $? in a storm" ;; esac
json '.targets | length == 4'
exit 0
