#!/bin/bash
# The demonstration as a newcomer meets it: one line each, and nothing of it is left, however it ends.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
export TMPDIR=$work/tmp
mkdir "$TMPDIR"

# Processes of the program that were given our TMPDIR.
left_processes()
{
    local p

    exec 2>/dev/null # one may be gone before it is looked at
    for p in $(pgrep -x "$(basename "$ECCLESIA" | cut -c -15)"); do
        tr '\0' '\n' <"/proc/$p/environ" | grep -qxF "TMPDIR=$TMPDIR" && echo "$p $(tr '\0' ' ' <"/proc/$p/cmdline")"
    done
}
clean()
{
    [ -z "$(ls -A "$TMPDIR")" ] && [ -z "$(left_processes)" ]
}
# nothing_left WORD…: after what.
nothing_left()
{
    local end=$((SECONDS + 20))

    until clean; do
        [ $SECONDS -lt $end ] || fail "after $*: left are $(ls "$TMPDIR") $(left_processes)"
        sleep 0.05
    done
    [ ! -e "$HOME/.local" ] && [ ! -e "$HOME/.config" ] || fail "after $*: the person's own places were touched"
}
# One JSON text and nothing else.
only_json() { [ "$(jq -es 'length' <"$work/out" 2>/dev/null)" = 1 ] || fail "standard output is not one JSON text"; }

# ---- what it shows ----

run 0 demo -- livestream create --title "Sunday Service" --start now --platform youtube --platform facebook --wait --json
only_json
json '.title == "Sunday Service" and .status == "live"'
json '[.targets[].platform] == ["youtube", "facebook"]'
json 'all(.targets[]; .status == "live" and (.watchUrl | test("^https?://")) and .simulated)'
nothing_left "a livestream"

# Restream and Instagram are live by a person's hand: the demonstration has one.
run 0 demo -- livestream create --title "Vigil" --start now --platform restream --platform instagram --wait --json
only_json
json 'all(.targets[]; .status == "live" and .simulated)'
run 0 demo -- livestream stop Sunday --wait --json
only_json
json '.status == "ended" and ([.targets[].platform] | sort == ["facebook", "instagram", "restream", "youtube"])'
nothing_left "a livestream by hand"

run 4 demo --faults youtube -- livestream create --title "Sunday Service" --start now --platform youtube --platform facebook --wait --json
only_json
json '[.targets[] | [.platform, .status]] == [["youtube", "failed"], ["facebook", "live"]]'
json '.targets[0] | (.error | length > 10) and (.remedy | length > 10)'
json '.targets[1] | has("error") == false and (.watchUrl | length > 0)'
nothing_left "a livestream that failed in part"

run 0 demo -- meeting create --title "Bible Study" --start "tomorrow 19:30" --end "tomorrow 20:30" --primary zoom --platform zoom --platform google_meet \
    --platform teams --platform jitsi --wait --json
only_json
json '.primaryPlatform == "zoom" and .status == "scheduled"'
json '[.targets[] | [.platform, .primary]] == [["zoom", true], ["google_meet", false], ["teams", false], ["jitsi", false]]'
json 'all(.targets[]; (.joinUrl | test("^https?://")) and (has("error") | not))'
json '(.startAt | endswith("T19:30:00.000Z") or test(":30:00")) and (.endAt > .startAt)'
nothing_left "a meeting"

# The console stands after a few seconds.
open_screen quick 100x30 demo
begun=$(now_ms)
until_shows quick "8 of 8 connected" 30
took=$(($(now_ms) - begun))
echo "the console stands after $took ms"
[ "$took" -lt 15000 ] || fail "the demonstration needs $took ms to begin"
kill -TERM "$(cat "$work/quick.pid")"
until_true test -e "$work/quick.status"
nothing_left "a look"

# ---- how it ends ----

# ends SIGNAL: the command is at work when the signal comes. A shell's background lets nobody have SIGINT but by env.
ends()
{
    rm -f "$work/out"
    env --default-signal "$ECCLESIA" demo -- log -f >"$work/out" 2>"$work/err" &
    local demo=$!
    until_true grep -q "Sunday Service" "$work/out"
    kill -"$1" "$demo"
    wait "$demo" 2>/dev/null
}
for signal in TERM HUP INT; do
    ends "$signal"
    nothing_left "SIG$signal"
done

has_begun() { ls -d "$TMPDIR"/ecclesia-demo.*/data; }
# In the middle of its beginning: the directory is made, the simulator may be starting.
for signal in TERM INT HUP; do
    open_screen "early$signal" 80x24 demo
    until_true has_begun
    kill -"$signal" "$(cat "$work/early$signal.pid")"
    until_true test -e "$work/early$signal.status"
    given_back "early$signal"
    nothing_left "SIG$signal at the beginning"
done

# The console.
for signal in TERM HUP INT; do
    open_screen "late$signal" 80x24 demo
    until_shows "late$signal" "Sunday Service" 30
    kill -"$signal" "$(cat "$work/late$signal.pid")"
    until_true test -e "$work/late$signal.status"
    given_back "late$signal"
    nothing_left "SIG$signal in the console"
done
# Its terminal goes away under it.
open_screen gone 80x24 demo
until_shows gone "Sunday Service" 30
close_screen gone
nothing_left "a lost terminal"
open_screen quit 80x24 demo
until_shows quit "Sunday Service" 30
# Something is live: leaving is asked about.
keys quit q
until_shows quit "[ Leave ]"
keys quit Tab Enter
ended quit 0
nothing_left "q"

# A kill that nothing can catch: the simulator ends by itself, and what lies in the directory goes too.
ends KILL
nothing_left "SIGKILL"
exit 0
