#!/bin/bash
# Jobs: carried by the command, waited for, handed over to whoever holds the engine lock.
. "${0%/*}/../lib/e2e.bash"
export ECCLESIA_QUEUE_SETTLE=200ms ECCLESIA_RETRY_BASE=10ms ECCLESIA_RETRY_CAP=20ms
start_sim --encoder auto --step 20

connect youtube
err_empty
run 0 connection list --json
json '.items[0] | .platform == "youtube" and .status == "connected" and .simulated'
grep -q "$(jq -r .platforms.youtube.credentials.refresh_token "$work/sim.json")" "$work/out" && fail "a secret was shown"
run 0 connection check youtube
run 2 connect youtube --set refresh_token
run 2 connect youtube --set colour=red
# A refused sign-in leaves the earlier one as it was.
printf wrong >"$work/token"
run 1 connect youtube --set refresh_token=@"$work/token"
run 0 connection check youtube --json
json '.status == "connected"'
jq -j .platforms.youtube.credentials.refresh_token "$work/sim.json" | run 0 connect youtube --set refresh_token=-

# A command carries its own jobs to their end.
run 0 livestream create --title "Evensong" --start "+3d" --end +1h --platform youtube:privacy=unlisted --json
json '.status == "scheduled" and .targets[0].status == "pending" and (.targets[0].watchUrl | startswith("https://"))'
id=$(jq -r .id "$work/out")
run 0 job list --state live --json
json '.items == []'
run 0 livestream start "$id" --wait=60 --json
json '.status == "live" and .targets[0].status == "live"'
run 1 livestream delete "$id"
err_has "live"
run 0 livestream stop "$id" --wait=60 --json
json '.status == "ended"'
run 0 livestream report "$id" --json
json '.targets[0].events | length >= 2'
run 0 livestream delete "$id" --wait=60
run 3 livestream show "$id"

# Time-out of --wait: 5; the work goes on later.
curl -s -d '{"platform":"youtube","kind":"stall"}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
ECCLESIA_QUEUE_GRACE=100ms run 5 livestream create --title "Slow" --platform youtube --wait=1 --json
json '.targets[0].status == "pending"'
curl -s -X DELETE "$ECCLESIA_SIM/_sim/faults" >/dev/null
slow=$(jq -r .id "$work/out")
until_true sh -c "$ECCLESIA job drain --timeout 60 && $ECCLESIA livestream show $slow --json | jq -e '.targets[0].watchUrl'"
made_once()
{
    [ "$(curl -s "$ECCLESIA_SIM/_sim/objects?platform=youtube" |
        jq '[.[] | select(.title == "Slow" and (.deleted | not))] | length')" -eq 1 ]
}
made_once || fail "Slow does not exist exactly once"

# Another process holds the engine: hand over, or wait for it.
curl -s -d '{"platform":"youtube","kind":"stall","times":1}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
"$ECCLESIA" livestream create --title "Holder" --platform youtube --wait=60 >/dev/null 2>&1 &
holder=$!
until_true sh -c "$ECCLESIA job list --state running --json | jq -e '.items | length == 1'"
"$ECCLESIA" livestream create --title "Handed" --platform youtube --json >"$work/out" 2>"$work/err" || fail "handing over"
json '.targets[0].status == "pending"'
kill -KILL "$holder"
wait "$holder" 2>/dev/null
# Its holder is dead: who waits takes the work over.
handed=$(jq -r .id "$work/out")
run 0 livestream edit "$handed" --title "Handed on" --wait=60 --json
json '.title == "Handed on" and (.targets[0].watchUrl | startswith("https://"))'

# The log is followed, and a signal ends it with success.
"$ECCLESIA" log -f --json >"$work/follow" 2>"$work/err" &
follow=$!
until_true grep -q Handed "$work/follow"
run 0 livestream edit "$handed" --title "Seen by all" --wait=60
until_true grep -q "Seen by all" "$work/follow"
kill -INT "$follow"
wait "$follow" || fail "log -f ended with $?"
jq -es 'length > 3 and all(.id > 0)' "$work/follow" >/dev/null || fail "log -f --json is not one event a line"
exit 0
