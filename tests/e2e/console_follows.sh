#!/bin/bash
# Two consoles stand open while other processes change things: both show each change by themselves, without a key. The
# first is the engine and carries the work; the second only reads. What is measured is printed; the test allows more.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
LIMIT_MS=3000
start_sim --encoder auto --step 20
export ECCLESIA_POLL_LIVE=300ms

slowest=0
# follows TEXT WORD…: runs the command; both screens have the text within the limit of its start.
follows()
{
    local text=$1 start first second now
    shift
    first= second=
    start=$(now_ms)
    "$ECCLESIA" "$@" >"$work/out" 2>"$work/err" &
    local command=$!
    while [ -z "$first" ] || [ -z "$second" ]; do
        [ -z "$first" ] && shows one "$text" && first=$(($(now_ms) - start))
        [ -z "$second" ] && shows two "$text" && second=$(($(now_ms) - start))
        now=$(($(now_ms) - start))
        [ "$now" -lt $((LIMIT_MS + 10000)) ] || fail "\"$text\" is not shown: ecclesia $*"
    done
    wait "$command" || fail "exit status $?: ecclesia $*"
    printf '%5d ms %5d ms  "%s" after %s\n' "$first" "$second" "$text" "$1 $2"
    for now in "$first" "$second"; do
        [ "$now" -le "$slowest" ] || slowest=$now
    done
}

open_screen one 100x30
until_shows one "Three steps"
open_screen two 100x30
until_shows two "Three steps"
for platform in youtube facebook restream instagram zoom google_meet teams jitsi; do
    connect "$platform"
done
until_shows one "8 of 8 connected"
until_shows two "8 of 8 connected"

follows "Sunday Service" livestream create --title "Sunday Service" --start +2h --platform youtube --platform facebook
until_shows one "ready"
follows "Family Service" livestream edit "Sunday" --title "Family Service"
follows "Family Service is starting" livestream start "Family" --wait
until_shows one "● live"
until_shows two "● LIVE since"
# Where a platform refuses, with its remedy; the other one goes on.
fault '{"platform":"facebook","kind":"status","status":400}'
keys one 2
follows "1 of 2" livestream create --title "Vespers" --start +4h --platform youtube --platform facebook
heal
follows "trying Facebook again" livestream retry Vespers facebook
follows "Vespers was deleted" livestream delete Vespers
follows "Family Service has ended" livestream stop "Family" --wait
keys one 3
keys two 3
until_shows one "[3 Meetings]"
until_shows two "[3 Meetings]"
follows "Bible Study" meeting create --title "Bible Study" --start +1h --end +2h --primary zoom --platform zoom --platform jitsi
follows "Bible Evening" meeting edit Bible --title "Bible Evening"
follows "cancelled" meeting cancel Bible --wait
keys one 1
keys two 1
until_shows one "[1 Connections]"
until_shows two "[1 Connections]"
follows "7 of 8 connected" disconnect jitsi
# What happens at a platform without us is seen by the engine's console, and by the other one through the store.
keys one 2
keys two 2
follows "Night Prayer" livestream create --title "Night Prayer" --start +5h --platform youtube
follows "Night Prayer is starting" livestream start Night --wait
until_shows two "● LIVE since"
id=$(sim_get "objects?platform=youtube" | jq -r '[.[] | select(.title == "Night Prayer")][0].id')
sim_post remote "{\"platform\":\"youtube\",\"id\":\"$id\",\"event\":\"ended\"}" >/dev/null
until_shows two "Night Prayer has ended"
until_shows one "Night Prayer has ended"

echo "slowest: $slowest ms"
[ "$slowest" -le "$LIMIT_MS" ] || fail "a change was shown only after $slowest ms"
for name in one two; do
    keys "$name" q
    ended "$name" 0
done
exit 0
