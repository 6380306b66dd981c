#!/bin/bash
# From an empty database to an ended service and a cancelled meeting, each step a process of its own. What the commands
# say is held against what the simulated platforms have.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
may_hold+=(objects) # what the simulator tells of itself
start_sim --encoder auto --step 20

# objects FILTER: must give true for what the platforms have.
objects()
{
    sim_get objects >"$work/objects"
    [ "$(jq -e "$1" <"$work/objects")" = true ] || fail "the platforms have: $(cat "$work/objects"), which is not so: $1"
}

# ---- connections ----

for platform in youtube facebook zoom jitsi; do
    connect "$platform"
    out_has "connected"
    out_has "SIMULATED"
    err_empty
done
run 0 connection list --json
json '[.items[].platform] | sort == ["facebook", "jitsi", "youtube", "zoom"]'
json 'all(.items[]; .status == "connected" and .simulated and (.accountName | length > 0))'
sim_delete requests
run 0 connection check --json
json 'all(.items[]; .status == "connected")'
sim_get requests | jq -e '[.[].platform] | unique | length == 4' >/dev/null || fail "the check did not ask all four"
run 0 connection check zoom --json
json '.platform == "zoom" and .status == "connected"'
# One that is in trouble says so, with its remedy, on standard error.
sim_post grants '{"platform":"zoom","action":"expire_access"}' >/dev/null
fault '{"platform":"zoom","kind":"status","status":401}'
run 1 connection check zoom
out_has "Zoom: expired"
err_has "ecclesia: Zoom"
err_has "connect zoom again"
run 4 connection check --json
json '[.items[] | select(.status == "connected")] | length == 3'
err_has "connect zoom again"
heal
run 0 connection check zoom
err_empty

# ---- a livestream ----

run 0 livestream create --title "Sunday Service" --description "Come and see" --start "+3d" --end "+90m" \
    --platform youtube:privacy=unlisted --platform facebook --wait --json
json '.status == "scheduled" and all(.targets[]; .status == "pending" and (.watchUrl | startswith("https://")))'
id=$(jq -r .id "$work/out")
objects '[.[] | select(.title == "Sunday Service") | .platform] | sort == ["facebook", "youtube"]'
run 0 livestream edit "$id" --title "Family Service" --wait --json
json '.title == "Family Service" and .revision > 1'
objects '[.[] | select(.title == "Family Service") | .platform] | sort == ["facebook", "youtube"]'
run 0 livestream start "${id:0:8}" --wait --json
json '.status == "live" and all(.targets[]; .status == "live" and (.watchUrl | length > 0))'
objects '[.[] | select(.title == "Family Service") | .state] | sort == ["LIVE", "live"]'
run 0 livestream list --json
json '.items | length == 1 and .[0].status == "live"'
run 1 livestream delete "$id"
err_has "live"
run 0 livestream stop "$id" --wait --json
json '.status == "ended" and all(.targets[]; .status == "ended" and .endedAt)'
objects '[.[] | select(.title == "Family Service") | .state] | sort | .[0] as $facebook | (["VOD", "PROCESSING"] | index($facebook)) != null and .[1] == "complete"'
# What is over is not started again.
run 1 livestream start "$id"
run 0 livestream report "$id" --json
json 'all(.targets[]; [.events[].text] | any(test("live")) and any(test("ended")))'

# ---- a target that fails, the other goes on; tried again ----

fault '{"platform":"facebook","kind":"status","status":400}'
run 4 livestream create --title "Evensong" --start "+4d" --platform youtube --platform facebook --wait --json
json '.targets[0] | .status == "pending" and (.watchUrl | length > 0)'
json '.targets[1] | .status == "failed" and (.error | test("Facebook")) and (.remedy | length > 0)'
err_has "Facebook"
heal
evensong=$(jq -r .id "$work/out")
run 1 livestream retry "$evensong" youtube
run 0 livestream retry "$evensong" facebook --wait --json
json 'all(.targets[]; .status == "pending" and (.watchUrl | length > 0) and (has("error") | not))'
objects '[.[] | select(.title == "Evensong") | .platform] | sort == ["facebook", "youtube"]'
run 0 livestream delete "$evensong" --wait
out_has "Evensong is deleted, here and on every platform."
run 3 livestream show "$evensong"
objects '[.[] | select(.title == "Evensong") | .deleted] == [true, true]'

# ---- a meeting ----

run 0 meeting create --title "Bible Study" --start "tomorrow 19:30" --end "tomorrow 20:30" --primary zoom \
    --platform zoom --platform jitsi --wait --json
json '.primaryPlatform == "zoom" and all(.targets[]; (.joinUrl | length > 0))'
meeting=$(jq -r .id "$work/out")
run 0 meeting edit "$meeting" --title "Bible Evening" --end "tomorrow 21:00" --wait --json
json '.title == "Bible Evening" and (.endAt | test("T21:00"))'
objects '[.[] | select(.platform == "zoom" and .title == "Bible Evening")] | length == 1'
run 0 meeting ics "$meeting"
out_has "SUMMARY:Bible Evening"
run 0 meeting show "Bible Ev" --json
# The platform's name, however long, stands apart from its status.
run 0 meeting show "Bible Ev"
grep -qE '^  Zoom +pending  primary  http' "$work/out" || fail "the columns run into each other"
fault '{"platform":"zoom","method":"POST","kind":"status","status":400}'
run 4 meeting create --title "Council" --start "+2d" --end "+1h" --platform zoom --platform jitsi --wait --json
heal
run 0 meeting retry "$(jq -r .id "$work/out")" zoom --wait --json
json 'all(.targets[]; .joinUrl | length > 0)'
run 0 meeting cancel "$meeting" --wait --json
json '.status == "cancelled"'
objects '[.[] | select(.platform == "zoom" and .title == "Bible Evening") | .deleted] == [true]'
objects '[.[] | select(.platform == "zoom" and .title == "Council") | .deleted] == [false]'

# ---- disconnecting ----

run 0 disconnect zoom
run 0 connection list --json
json '[.items[] | select(.platform == "zoom" and .status == "connected")] == []'
exit 0
