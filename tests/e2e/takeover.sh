#!/bin/bash
# The holder of the engine is killed in the middle of a start. Another open console takes the work over and says so, the start
# comes to its end, nothing is made twice; commands hand their work over to whoever holds the engine, and take it over as well.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
export ECCLESIA_QUEUE_SETTLE=500ms ECCLESIA_RETRY_BASE=50ms ECCLESIA_RETRY_CAP=200ms
start_sim --encoder auto --step 20
for platform in youtube facebook zoom jitsi; do
    connect "$platform"
done

running() { [ "$("$ECCLESIA" job list --state running --json | jq '.items | length')" -ge "$1" ]; }
holder() { cut -d ' ' -f 1 "$HOME/.local/share/ecclesia/ecclesia.db.lock"; }
# once TITLE WANTED: as {"platform":count}
once()
{
    local made
    made=$(sim_get objects | jq -c --arg title "$1" \
        '[.[] | select(.title == $title and .kind != "stream" and (.deleted | not))] | group_by(.platform) | map({(.[0].platform): length}) | add')
    [ "$made" = "$2" ] || fail "$1 exists as $made"
}
live() { "$ECCLESIA" livestream show "$1" --json | jq -e '.status == "live" and all(.targets[]; .status == "live")'; }
made() { [ "$(sim_get objects | jq --arg title "$1" '[.[] | select(.title == $title)] | length')" -ge "$2" ]; }

# ---- console after console ----

open_screen first 100x30
until_shows first "Three steps"
open_screen second 100x30
until_shows second "Three steps"
open_screen third 100x30
until_shows third "Three steps"
[ "$(holder)" = "$(cat "$work/first.pid")" ] || fail "the engine is held by $(cat "$HOME"/.local/share/ecclesia/*.lock)"

# Each answer takes a while; the kill falls between what was sent and its answer.
fault '{"platform":"*","method":"POST","kind":"delay","delayMs":1500}'
run 0 livestream create --title "Sunday Service" --start now --platform youtube --platform facebook
err_has "pid $(cat "$work/first.pid")"
until_true made "Sunday Service" 2
kill -KILL "$(cat "$work/first.pid")"
killed=$(now_ms)
until_true test -e "$work/first.status"
taken_over() { grep -qE "^($(cat "$work/second.pid")|$(cat "$work/third.pid"))$" <<<"$(holder)"; }
until_true taken_over
echo "the engine was taken over $(($(now_ms) - killed)) ms after its holder was killed"
until_shows second "carries the work on now"
until_shows third "carries the work on now"
heal
until_true live "Sunday Service"
until_shows second "● live"
until_shows third "● live"
once "Sunday Service" '{"facebook":1,"youtube":1}'

# A command, its wish, and nobody else: whoever holds the engine does it.
run 0 livestream stop "Sunday Service" --wait --json
json '.status == "ended"'
run 0 livestream create --title "Evensong" --start +1d --platform youtube --platform facebook
err_has "The work is done by pid $(holder)"

# ---- a command is the holder, a console waits, a third command hands over ----

for name in second third; do
    keys "$name" q
    ended "$name" 0
done
fault '{"platform":"*","method":"POST","kind":"delay","delayMs":1500}'
"$ECCLESIA" livestream create --title "Harvest" --start now --platform youtube --platform facebook --wait=60 >/dev/null 2>&1 &
command=$!
until_true running 2
[ "$(holder)" = "$command" ] || fail "the command does not hold the engine"
open_screen fourth 100x30
until_shows fourth "Harvest"
run 0 meeting create --title "Council" --start +1d --end +1h --primary zoom --platform zoom --platform jitsi
err_has "pid $command"
until_true made Harvest 2
kill -KILL "$command"
wait "$command" 2>/dev/null
heal
until_shows fourth "carries the work on now"
[ "$(holder)" = "$(cat "$work/fourth.pid")" ] || fail "the console does not hold the engine"
until_true live Harvest
council() { "$ECCLESIA" meeting show Council --json | jq -e 'all(.targets[]; .joinUrl)'; }
until_true council
once Harvest '{"facebook":1,"youtube":1}'
once Council '{"zoom":1}'

# ---- nobody is left: the next command goes on with what was begun ----

fault '{"platform":"*","method":"POST","kind":"delay","delayMs":1500}'
run 0 livestream create --title "Vespers" --start now --platform youtube --platform facebook
until_true made Vespers 2
kill -KILL "$(cat "$work/fourth.pid")"
until_true test -e "$work/fourth.status"
heal
run 0 livestream show Vespers --json
json '.status == "scheduled"'
until_true sh -c "\"$ECCLESIA\" job drain --timeout 20; \"$ECCLESIA\" livestream show Vespers --json | jq -e '.status == \"live\" and all(.targets[]; .status == \"live\")'"
once Vespers '{"facebook":1,"youtube":1}'
exit 0
