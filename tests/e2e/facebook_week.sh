#!/bin/bash
# Facebook plans at most 7 days ahead. What is farther away is kept here, says from when on Facebook takes it, survives a
# kill, is re-planned by an edit, and is made there once when its day has come.
. "${0%/*}/../lib/e2e.bash"

# The simulator lives 24 days after the console's first day: a start 30 days ahead is inside its window, and in its past
# nothing is.
first=2026-11-01T12:00:00Z
later=2026-11-25T12:00:00Z
ECCLESIA_TEST_CLOCK=$later start_sim --encoder manual
export ECCLESIA_TEST_CLOCK=$first
run 0 connect facebook --method credentials \
    --set page_id="$(jq -r .platforms.facebook.credentials.page_id "$work/sim.json")" \
    --set page_token="$(jq -r .platforms.facebook.credentials.page_token "$work/sim.json")"
facebook() { curl -sf "$ECCLESIA_SIM/_sim/objects?platform=facebook" | jq -c '[.[] | select(.kind == "live_video" and .deleted == false) | .title]'; }
asked() { curl -sf "$ECCLESIA_SIM/_sim/requests?platform=facebook" | jq '[.[] | select(.path | test("live_videos"))] | length'; }
noted() { "$ECCLESIA" livestream show "$1" --json >"$work/out" && jq -e --arg note "$2" '.targets[0].note | contains($note)' <"$work/out"; }

run 0 livestream create --title Advent --start 2026-12-01T10:00:00Z --platform facebook --wait=3 --json
until_true noted Advent "Facebook takes it from Tue 24 Nov, 11:00 on"
[ "$(facebook)" = '[]' ] || fail "made at once: $(facebook)"
[ "$(asked)" = 0 ] || fail "asked Facebook while waiting"

# Words that change meanwhile ask nobody either; a kill loses nothing.
ECCLESIA_CRASH=queue.applying:1 "$ECCLESIA" livestream edit Advent --title "Advent Sunday" --wait=5 >"$work/out" 2>"$work/err"
run 0 livestream edit "$("$ECCLESIA" livestream list --json | jq -r '.items[0].id')" --title "Advent Sunday" --wait=5
[ "$(asked)" = 0 ] || fail "asked Facebook while waiting"

# Its day has come. Killed when the request was about to go out, and once more when it was answered: made once.
export ECCLESIA_TEST_CLOCK=$later
ECCLESIA_CRASH=queue.sent:1 "$ECCLESIA" livestream edit "Advent Sunday" --description "Ten o'clock" --wait=10 >"$work/out" 2>"$work/err"
[ "$(facebook)" = '[]' ] || fail "made before it was sent: $(facebook)"
# The clock of a test stands still: it is moved past the time in which a lost answer may still take effect.
"$ECCLESIA" livestream edit "Advent Sunday" --description "Ten o'clock" --wait=1 >"$work/out" 2>"$work/err"
export ECCLESIA_TEST_CLOCK=${later/12:00:00/12:02:00}
run 0 livestream edit "Advent Sunday" --description "Ten o'clock." --wait=20
[ "$(facebook)" = '["Advent Sunday"]' ] || fail "made: $(facebook)"
run 0 livestream show "Advent Sunday" --json
json '.targets[0] | (.watchUrl | length > 0) and .hasStreamKey and has("note") == false'

# Moved nearer: made at once. Moved away again: taken away there and kept here. Nearer once more: made again, as one.
run 0 livestream create --title Carols --start 2026-12-20T18:00:00Z --platform facebook --wait=3
until_true noted Carols "Facebook takes it from Sun 13 Dec"
run 0 livestream edit Carols --start 2026-11-30T18:00:00Z --wait=10
[ "$(facebook)" = '["Advent Sunday","Carols"]' ] || fail "not made: $(facebook)"
run 0 livestream edit Carols --start 2026-12-21T18:00:00Z --wait=10
[ "$(facebook)" = '["Advent Sunday"]' ] || fail "still there: $(facebook)"
until_true noted Carols "Facebook takes it from Mon 14 Dec"
run 0 livestream show Carols --json
json '.targets[0] | .status == "pending" and has("watchUrl") == false'
run 0 livestream edit Carols --start 2026-11-29T18:00:00Z --wait=30
[ "$(facebook)" = '["Advent Sunday","Carols"]' ] || fail "not made again: $(facebook)"

# Wanted now, however far away its start was said to be.
run 0 livestream create --title Rehearsal --start 2026-12-24T18:00:00Z --platform facebook --wait=3
"$ECCLESIA" livestream start Rehearsal --wait=2 >"$work/out" 2>"$work/err"
[ "$(facebook)" = '["Advent Sunday","Carols","Rehearsal"]' ] || fail "not made for its start: $(facebook)"
