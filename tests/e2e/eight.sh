#!/bin/bash
# All eight platforms at once, from an empty database to an ended service and a cancelled meeting, each step a process of
# its own. After each step what the program shows is held against what the simulated platforms have. The encoder is under
# our hand, and so is Live Producer: nothing goes live that a person did not send.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
# What the platforms have is not ours to keep secret.
may_hold+=(objects objects.json)
start_sim --encoder manual --step 20
export ECCLESIA_POLL_LIVE=300ms ECCLESIA_POLL_PENDING=300ms

# objects FILTER: must give true for what the platforms have.
objects()
{
    sim_get objects >"$work/objects"
    [ "$(jq -e "$1" <"$work/objects")" = true ] || fail "the platforms have: $(cat "$work/objects"), which is not so: $1"
}
# encoder PLATFORM true|false: the church's own.
encoder()
{
    local key=

    case $1 in
    restream) key=$(sim_get "objects?platform=restream" | jq -r '[.[] | select(.kind == "ingest" and .title == "stmarks")][0].fields.streamKey // empty') ;;
    esac
    sim_post encoder "$(jq -nc --arg p "$1" --arg k "$key" --argjson s "$2" \
        '{platform: $p, sending: $s} + (if $k == "" then {} else {key: $k} end)')" >/dev/null
}
# remote PLATFORM ID EVENT: somebody did it there.
remote() { sim_post remote "{\"platform\":\"$1\",\"id\":\"$2\",\"event\":\"$3\"}" >/dev/null; }
id_of() { sim_get "objects?platform=$1" | jq -r "[.[] | select($2)][0].id"; }

# shown KIND ID FILTER: `KIND show ID --json` gives true for the filter.
shown() { "$ECCLESIA" "$1" show "$2" --json >"$work/out" 2>"$work/err" && [ "$(jq -e "$3" <"$work/out" 2>/dev/null)" = true ]; }
until_shown() { until_true shown "$@"; }
# agrees ID: what each platform that plans or carries a livestream has is what `livestream show` says of it. Restream and
# Instagram know nothing of ours before it runs: there the encoder's intake and Live Producer tell.
agrees()
{
    run 0 livestream show "$1" --json
    sim_get objects >"$work/objects"
    jq -e --slurpfile there "$work/objects" '
        def of(p; k): [$there[0][] | select(.platform == p and .kind == k and (.deleted | not))];
        def word: {
            youtube: {created: "pending", ready: "pending", testing: "pending", live: "live", complete: "ended"},
            facebook: {SCHEDULED_UNPUBLISHED: "pending", UNPUBLISHED: "pending", LIVE: "live", VOD: "ended",
                       PROCESSING: "ended", LIVE_STOPPED: "ended"}};
        .title as $title | .startAt as $start | .targets as $t | ($t | map({(.platform): .status}) | add) as $says
        | ($t | map(.platform) | sort == ["facebook", "instagram", "restream", "youtube"])
        and (of("youtube"; "broadcast") | map(select(.title == $title)) | length == 1
             and (.[0] | word.youtube[.state] == $says.youtube and .startAt[0:19] == $start[0:19]))
        and (of("facebook"; "live_video") | map(select(.title == $title)) | length == 1
             and (.[0] | word.facebook[.state] == $says.facebook))
        and (of("restream"; "ingest") | map(select(.title == "stmarks")) | length == 1
             and ((.[0].state == "receiving") == ($says.restream == "live")))
        and (of("instagram"; "live") | length == 1
             and (.[0].state == "live") == ($says.instagram == "live"))
        and all($t[]; .simulated and (has("error") | not))' <"$work/out" >/dev/null ||
        fail "the platforms have something else: $(jq -c '.[] | [.platform, .kind, .title, .state, .startAt, .deleted]' "$work/objects")"
}

# ---- connections: an empty database, all eight with static credentials ----

sim_delete requests
for platform in restream zoom google_meet teams jitsi instagram youtube facebook; do
    connect "$platform"
    out_has "connected"
    out_has "SIMULATED"
    err_empty
done
run 0 connection list --json
json '[.items[].platform] | sort == ["facebook", "google_meet", "instagram", "jitsi", "restream", "teams", "youtube", "zoom"]'
json 'all(.items[]; .status == "connected" and .simulated and (.accountName | length > 0))'
# Each call below is a process of its own: Restream's refresh token changes at each renewal and is good once.
for i in 1 2; do
    sim_post grants '{"platform":"restream","action":"expire_access"}' >/dev/null
    run 0 connection check --json
    json '.items | length == 8 and all(.[]; .status == "connected")'
done
sim_get requests | jq -e '[.[].platform] | unique | length == 8' >/dev/null || fail "the check did not ask all eight"
sim_get "requests?platform=restream" | jq -e '[.[] | select(.body.grant_type? == "refresh_token" and .status == 200)] | length >= 3' >/dev/null ||
    fail "Restream's token was not renewed"

# ---- a livestream on four ----

run 0 livestream create --title "Sunday Service" --description "Come and see" --start "+3d" --end "+90m" \
    --platform youtube:privacy=unlisted --platform facebook --platform restream --platform instagram --wait --json
json '.status == "scheduled" and all(.targets[]; .status == "pending" and .hasStreamKey and (.ingestUrl | test("^rtmps?://")))'
json '[.targets[] | select(.platform == "youtube" or .platform == "facebook") | .watchUrl] | length == 2 and all(startswith("https://"))'
# Instagram takes no plan: what a person has to do is said, and nothing is said to be there.
json '.targets[] | select(.platform == "instagram") | (.note | test("Live Producer")) and (has("watchUrl") | not)'
id=$(jq -r .id "$work/out")
agrees "$id"
run 0 livestream edit "$id" --title "Family Service" --start "+4d" --end "+90m" --wait --json
json '.title == "Family Service" and all(.targets[]; .status == "pending")'
agrees "$id"

# The start asks; each platform is live when its encoder sends, Instagram when Go live is pressed, and not before.
"$ECCLESIA" livestream start "$id" --wait=90 --json >"$work/start" 2>"$work/start.err" &
start=$!
until_shown livestream "$id" '.targets[] | select(.platform == "restream") | .status == "pending" and (.note | test("encoder"))'
until_shown livestream "$id" '.targets[] | select(.platform == "instagram") | .status == "pending" and (.note | test("Go live"))'
until_shown livestream "$id" '.targets[] | select(.platform == "youtube") | .status == "pending"'
for platform in youtube facebook restream instagram; do
    encoder "$platform" true
done
# Instagram has the signal and shows it to nobody yet.
until_shown livestream "$id" '[.targets[] | select(.platform != "instagram") | .status] | all(. == "live")'
json '.targets[] | select(.platform == "instagram") | .status == "pending"'
objects 'any(.[]; .platform == "instagram" and .kind == "live" and .state == "preview")'
producer=$(id_of instagram '.kind == "live" and .state == "preview"')
remote instagram "$producer" started
wait "$start" || fail "the start ends with $?: $(cat "$work/start.err")"
[ "$(jq -e '.status == "live" and all(.targets[]; .status == "live" and (.watchUrl | length > 0) and .startedAt)' "$work/start")" = true ] ||
    fail "not live everywhere: $(cat "$work/start")"
agrees "$id"
# The title is what viewers of the channels behind Restream read.
objects 'any(.[]; .platform == "restream" and .kind == "channel" and .owner != null and .state == "active" and .title == "Family Service")'
run 1 livestream delete "$id"
err_has "live"

# The stop ends what a program can end; for the other two it says who has to do what, and waits for it.
"$ECCLESIA" livestream stop "$id" --wait=90 --json >"$work/stop" 2>"$work/stop.err" &
stop=$!
until_shown livestream "$id" '.targets[] | select(.platform == "youtube") | .status == "ended"'
until_shown livestream "$id" '.targets[] | select(.platform == "facebook") | .status == "ended"'
until_shown livestream "$id" '.targets[] | select(.platform == "restream") | .status == "live" and (.note | test("Stop sending"))'
until_shown livestream "$id" '.targets[] | select(.platform == "instagram") | .status == "live" and (.note | test("End it"))'
remote instagram "$producer" ended
for platform in instagram restream facebook youtube; do
    encoder "$platform" false
done
wait "$stop" || fail "the stop ends with $?: $(cat "$work/stop.err")"
[ "$(jq -e '.status == "ended" and all(.targets[]; .status == "ended" and .endedAt)' "$work/stop")" = true ] ||
    fail "not ended everywhere: $(cat "$work/stop")"
agrees "$id"
run 1 livestream start "$id"

# ---- a second one, deleted ----

run 0 livestream create --title "Evensong" --start "+5d" --end "+60m" --platform youtube --platform facebook \
    --platform restream:event=true --platform instagram --wait --json
evensong=$(jq -r .id "$work/out")
objects '[.[] | select(.title == "Evensong" and (.deleted | not)) | .platform] | sort == ["facebook", "restream", "youtube"]'
run 0 livestream delete "$evensong" --wait
run 3 livestream show "$evensong"
# Restream lets no program delete an event.
objects '[.[] | select(.title == "Evensong" and (.deleted | not)) | .platform] == ["restream"]'

# ---- a meeting on four ----

# held ID: the meeting as shown is what the platforms have.
held()
{
    run 0 meeting show "$1" --json
    sim_get objects >"$work/objects"
    jq -e --slurpfile there "$work/objects" '
        .title as $title | .startAt as $start | .status as $status
        | [$there[0][] | select(.title == $title and (.kind == "meeting" or .kind == "event"))] as $held
        | ($held | map(.platform) | sort == ["google_meet", "teams", "zoom"])
        and all($held[]; .startAt[0:19] == $start[0:19] and .deleted == ($status == "cancelled"))
        and (.targets | map(.platform) | sort == ["google_meet", "jitsi", "teams", "zoom"])
        and all(.targets[]; .simulated and (has("error") | not) and (.joinUrl | test("^https?://")))' <"$work/out" >/dev/null ||
        fail "the platforms have something else: $(jq -c '.[] | [.platform, .kind, .title, .state, .startAt, .deleted]' "$work/objects")"
}

run 0 meeting create --title "Bible Study" --description "Romans 8" --start "tomorrow 19:30" --end "tomorrow 20:30" --primary zoom \
    --platform zoom --platform google_meet --platform teams --platform jitsi --wait --json
json '.primaryPlatform == "zoom" and .status == "scheduled" and all(.targets[]; .status == "pending" and (.joinUrl | length > 0))'
meeting=$(jq -r .id "$work/out")
held "$meeting"
run 0 meeting show "$meeting"
grep -qE '^  Microsoft Teams  pending  http' "$work/out" || fail "the columns run into each other"
run 0 meeting edit "$meeting" --title "Bible Evening" --start "tomorrow 20:00" --end "tomorrow 21:00" --wait --json
json '.title == "Bible Evening" and all(.targets[]; .status == "pending")'
held "$meeting"
run 0 meeting cancel "$meeting" --wait --json
json '.status == "cancelled" and all(.targets[]; .status == "ended")'
held "$meeting"

# ---- one that begins there ----

# A console is the engine, and asks on.
open_screen console 120x40
until_shows console "8 of 8 connected"
run 0 meeting create --title "Council" --start now --end "+1h" --primary teams \
    --platform zoom --platform google_meet:can_end=true --platform teams --platform jitsi --wait --json
council=$(jq -r .id "$work/out")
space=$(jq -r '.targets[] | select(.platform == "google_meet") | .joinUrl | split("/")[-1]' "$work/out")
room=$(jq -r '.targets[] | select(.platform == "jitsi") | .joinUrl | split("#")[0] | split("/")[-1]' "$work/out")
json 'all(.targets[]; .joinUrl | test("^https?://"))'
remote zoom "$(id_of zoom '.title == "Council"')" started
remote google_meet "$(id_of google_meet ".kind == \"space\" and .title == \"$space\"")" started
remote teams "$(id_of teams '.kind == "onlineMeeting" and .title == "Council"')" started
remote jitsi "$room" started
# Zoom and Meet tell that somebody is in it; of Jitsi the clock tells, and Teams tells nobody.
until_shown meeting "$council" '.status == "active" and
    ([.targets[] | select(.platform != "teams") | .status] | all(. == "active"))'
json '.targets[] | select(.platform == "teams") | .status == "pending" or .status == "active"'
objects 'map(select(.deleted | not)) | any(.[]; .platform == "zoom" and .title == "Council" and .state == "started")
    and any(.[]; .platform == "google_meet" and .kind == "conferenceRecord" and .state == "active")'
run 0 meeting cancel "$council" --wait=60 --json
json '.status == "cancelled" and all(.targets[]; .status == "ended")'
objects 'all(.[]; .title != "Council" or .deleted) and all(.[]; .kind != "conferenceRecord" or .state != "active")'
keys console q
ended console 0
# For spec_check.sh.
if [ -n "${ECCLESIA_JOURNAL:-}" ]; then
    mkdir -p "$ECCLESIA_JOURNAL"
    sim_get requests >"$ECCLESIA_JOURNAL/requests.json"
    sim_get objects >"$ECCLESIA_JOURNAL/objects.json"
fi
exit 0
