#!/bin/bash
# Instagram is assisted: today's key is pasted alone, beside the sign-in, and its age is told; nothing is started or ended
# from here, what is on air is seen, with its comments.
. "${0%/*}/../lib/e2e.bash"

start_sim --encoder manual
sim() { jq -r ".platforms.instagram.$1" "$work/sim.json"; }
run 0 connect instagram --method credentials --set access_token="$(sim credentials.access_token)"
"$ECCLESIA" connection list --json >"$work/out"
json '.items[0] | (.fieldsSet | index("stream_key")) == null and has("streamKeyGivenAt") == false'
noted() { "$ECCLESIA" livestream show Vespers --json >"$work/out" && jq -e --arg note "$1" '.targets[0].note | contains($note)' <"$work/out"; }
run 0 livestream create --title Vespers --start +2h --platform instagram --wait=20
until_true noted "Paste today's key"

# A key alone, the sign-in stays; a wrong one is refused and changes nothing; the key is nowhere in what is shown.
run 2 connect instagram --set stream_key="two words" --set stream_url="$(sim credentials.stream_url)"
run 0 connect instagram --set stream_key="$(sim credentials.stream_key)" --set stream_url="$(sim credentials.stream_url)" --json
json '(.fieldsSet | index("stream_key")) != null and (.fieldsSet | index("access_token")) != null and .status == "connected" and has("streamKeyGivenAt")'
"$ECCLESIA" log --json >"$work/out"
grep -q 'AbSimStMarks' "$work/out" && fail "the key is in the log"
grep -aq 'AbSimStMarks' "$HOME"/.local/share/ecclesia/* 2>/dev/null && fail "the key is in the database"
run 0 connection check instagram --json
# Signing in again leaves it, as the account is the same.
given=$("$ECCLESIA" connection list --json | jq -r '.items[0].streamKeyGivenAt')
run 0 connect instagram --method credentials --set access_token="$(sim credentials.access_token)" --json
"$ECCLESIA" connection list --json >"$work/out"
json "(.items[0].fieldsSet | index(\"stream_key\")) != null and .items[0].streamKeyGivenAt == \"$given\""

# Start: asked of a person, never pretended.
ECCLESIA_POLL_LIVE=1s "$ECCLESIA" livestream start Vespers --wait=3 >"$work/out" 2>"$work/err"
until_true noted "Stream key pasted less than an hour ago"
json '.targets[0].status == "pending" and .targets[0].hasStreamKey'
object() { curl -sf "$ECCLESIA_SIM/_sim/objects?platform=instagram" | jq -r '[.[] | select(.kind == "live" and .state != "ended" and .deleted == false)][0].'"$1"; }
curl -sf -d "{\"platform\":\"instagram\",\"key\":\"$(sim credentials.stream_key)\",\"sending\":true}" "$ECCLESIA_SIM/_sim/encoder" >/dev/null
id=$(object id)
until_true [ "$(object state)" = preview ]
curl -sf -d "{\"platform\":\"instagram\",\"id\":\"$id\",\"event\":\"started\"}" "$ECCLESIA_SIM/_sim/remote" >/dev/null
curl -sf -d "{\"platform\":\"instagram\",\"id\":\"$id\",\"event\":\"participant_joined\"}" "$ECCLESIA_SIM/_sim/remote" >/dev/null
run 0 livestream start Vespers --wait=60
run 0 livestream show Vespers --json
json '.targets[0].status == "live"'

# Ended by the person; the key that was used is wiped.
curl -sf -d "{\"platform\":\"instagram\",\"id\":\"$id\",\"event\":\"ended\"}" "$ECCLESIA_SIM/_sim/remote" >/dev/null
run 0 livestream stop Vespers --wait=60
run 0 livestream show Vespers --json
json '.targets[0] | .status == "ended" and .hasStreamKey == false'
posts=$(curl -sf "$ECCLESIA_SIM/_sim/requests?platform=instagram" | jq '[.[] | select(.method != "GET")] | length')
[ "$posts" = 0 ] || fail "something was asked to be made or changed"
