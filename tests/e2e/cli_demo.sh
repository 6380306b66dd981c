#!/bin/bash
# The demonstration: what it shows, its exit status, and that it leaves nothing behind.
. "${0%/*}/../lib/e2e.bash"
export TMPDIR=$work/tmp
mkdir "$TMPDIR"

left_behind()
{
    [ -z "$(ls -A "$TMPDIR")" ] || fail "left behind: $(ls "$TMPDIR")"
    [ ! -e "$HOME/.local" ] && [ ! -e "$HOME/.config" ] || fail "the person's own places were touched"
}

run 0 demo -- livestream list --json
json '[.items[].title] | contains(["Sunday Service", "Evening Prayer", "Wednesday Bible Study"])'
json '.items[0].status == "live" and (.items[0].targets | length) == 4 and all(.items[0].targets[]; .simulated)'
left_behind

run 0 demo -- connection list --json
json '[.items[].platform] | sort == ["facebook", "google_meet", "instagram", "jitsi", "restream", "teams", "youtube", "zoom"]'
json 'all(.items[]; .status == "connected" and .simulated)'
json 'all(.items[]; .fieldsSet | type == "array")'
run 3 demo -- livestream show nothing
run 2 demo -- livestream frob
run 2 demo --frob
run 2 demo --faults
run 2 demo --faults nonsense -- version
left_behind

# One platform refuses: the other goes on.
run 4 demo --faults youtube -- livestream create --title T --platform youtube --platform facebook --wait --json
json '[.targets[] | select(.platform == "youtube")][0] | .status == "failed" and (.error | length > 0) and (.remedy | length > 0)'
json '[.targets[] | select(.platform == "facebook")][0] | .status != "failed"'
err_has "YouTube"
run 1 demo --faults youtube -- livestream create --title T --platform youtube --wait
run 0 demo -- livestream create --title T --platform youtube --platform facebook --wait --json
json 'all(.targets[]; .status == "pending") and (.targets[] | select(.platform == "youtube") | .watchUrl | length > 0)'
left_behind

# Without a terminal there is no console, and nothing is started for it.
run 2 demo
err_has "terminal"
left_behind

# A signal ends all of it.
"$ECCLESIA" demo -- log -f >"$work/out" 2>"$work/err" &
demo=$!
until_true grep -q "Sunday Service" "$work/out"
sim=$(pgrep -P "$demo" -f "ecclesia sim") || fail "no simulator"
kill -TERM "$demo"
wait "$demo"
[ ! -d "/proc/$sim" ] || fail "the simulator outlived the demonstration"
left_behind

# So does a kill that nothing can catch.
rm "$work/out"
"$ECCLESIA" demo -- log -f >"$work/out" 2>"$work/err" &
demo=$!
until_true grep -q "Sunday Service" "$work/out"
sim=$(pgrep -P "$demo" -f "ecclesia sim") || fail "no simulator"
kill -KILL "$demo"
wait "$demo" 2>/dev/null
until_true test ! -d "/proc/$sim"
exit 0
