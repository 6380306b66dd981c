#!/bin/bash
# The program dies at every point where it can hurt, the first time that it gets there, the second, and so on until it gets through; each time
# the next one carries on, and in the end everything is there once. With KILL_ALL=1 also at every commit.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/kill.bash"
open_world
sim_pid=$!
points="queue.claimed queue.sent queue.applying oauth.in_flight oauth.answered"
step=11
[ -z "${KILL_ALL:-}" ] || step=1

# until_through POINT STEP: one livestream created, started, changed and stopped for each pass at which it dies.
until_through()
{
    local point=$1 n=1 title died
    while :; do
        title=$point-$n
        sim_do POST grants '{"platform":"youtube","action":"expire_access"}' >/dev/null
        ECCLESIA_CRASH=$point:$n "$ECCLESIA" livestream create --title "$title" --start now --platform youtube --platform facebook --wait=60 \
            >"$work/out" 2>"$work/err"
        died=$?
        [ $died -eq 137 ] || [ $died -eq 0 ] || fail "$title: exit status $died"
        if [ "$(sql "SELECT count(*) FROM livestreams WHERE title = '$title'")" = 1 ]; then
            drain
            [ "$(sql "SELECT status FROM livestreams WHERE title = '$title'")" = live ] || fail "$title is not live: $(tell "$title")"
            ECCLESIA_CRASH=$point:$n "$ECCLESIA" livestream stop "$title" --wait=60 >"$work/out" 2>"$work/err"
            drain
            [ "$(sql "SELECT status FROM livestreams WHERE title = '$title'")" = ended ] ||
                run 0 livestream stop "$title" --wait=60
        fi
        check_world
        [ $died -eq 137 ] || break
        n=$((n + $2))
    done
    [ $n -gt 1 ] || fail "it never came to $point"
    echo "$point: $((n - 1)) passes"
}

for point in $points; do
    until_through "$point" 1 2>/dev/null
done
until_through store.commit $step 2>/dev/null
until_through store.committed $step 2>/dev/null
exit 0
