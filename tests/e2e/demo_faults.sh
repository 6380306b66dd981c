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

for platform in youtube restream instagram; do
    refused "$platform" facebook live livestream create --title "Vigil" --start now
done
refused facebook youtube live livestream create --title "Vigil" --start now
for platform in google_meet teams; do
    refused "$platform" zoom pending meeting create --title "Council" --start +1h
done
refused zoom google_meet pending meeting create --title "Council" --start +1h
# A Jitsi room needs no server to be planned: that it does not answer is a warning.
run 0 demo --faults jitsi -- meeting create --title "Council" --start +1h --platform jitsi --platform zoom --wait --json
json '.targets[0] | .status == "pending" and (.note | test("does not answer"))'

# One fails in the midst of it, and all at once: it is told, and nothing hangs.
run 4 demo --faults some -- livestream create --title "Vigil" --start now --platform youtube --platform facebook --wait=90 --json
json '[.targets[] | [.platform, .status]] == [["youtube", "live"], ["facebook", "failed"]]'
"$ECCLESIA" demo --faults storm -- livestream create --title "Vigil" --start now --platform youtube --platform facebook --platform restream \
    --platform instagram --wait=20 --json >"$work/out" 2>"$work/err"
case $? in 0 | 4 | 5) ;; *) fail "exit status $? in a storm" ;; esac
json '.targets | length == 4'
exit 0
