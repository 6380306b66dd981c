#!/bin/bash
# Restream tells by its updates feed that it is live, how many watch and that it has ended; without the feed the list of what
# runs tells it. A token that dies is renewed. The token is in no log.
. "${0%/*}/../lib/e2e.bash"

start_sim --encoder manual
connect restream
sim() { curl -sf "$@"; }
fault() { sim -d "$1" "$ECCLESIA_SIM/_sim/faults" >/dev/null; }
heal() { sim -X DELETE "$ECCLESIA_SIM/_sim/faults" >/dev/null; }
key=$(sim "$ECCLESIA_SIM/_sim/objects?platform=restream" | jq -r '[.[] | select(.kind == "ingest")][0].fields.key // empty')
encoder() { sim -d "{\"platform\":\"restream\",\"sending\":$1}" "$ECCLESIA_SIM/_sim/encoder" >/dev/null; }
status() { "$ECCLESIA" livestream show "$1" --json >"$work/out" && jq -e ".targets[0] | $2" <"$work/out"; }
listened() { sim "$ECCLESIA_SIM/_sim/requests?platform=restream" | jq '[.[] | select(.path == "/ws" and .status == '"$1"')] | length'; }
export ECCLESIA_POLL_LIVE=300ms

# By the feed alone: the list of what runs is broken.
run 0 livestream create --title Service --start +1h --platform restream --wait=20
"$ECCLESIA" livestream start Service --wait=2 >"$work/out" 2>"$work/err"
status Service '.status == "pending"' >/dev/null || fail "live without a signal"
fault '{"platform":"restream","path":"/v2/user/events/in-progress","kind":"status","status":503}'
encoder true
run 0 livestream start Service --wait=40
status Service '.status == "live"' >/dev/null || fail "not live by the feed"
[ "$(listened 101)" -gt 0 ] || fail "nobody listened"
heal

# Its end: by the feed too, before the list lets go of it.
encoder false
run 0 livestream stop Service --wait=40
status Service '.status == "ended"' >/dev/null || fail "not ended"

# Without the feed the list tells it.
fault '{"platform":"restream","path":"/ws","kind":"reset"}'
run 0 livestream create --title Evensong --start +1h --platform restream --wait=20
encoder true
run 0 livestream start Evensong --wait=40
status Evensong '.status == "live"' >/dev/null || fail "not live by the list"
encoder false
run 0 livestream stop Evensong --wait=60
heal

# A dead token is refused at the handshake, renewed, and it goes on.
run 0 livestream create --title Vespers --start +1h --platform restream --wait=20
encoder true
sim -d '{"platform":"restream","action":"expire_access"}' "$ECCLESIA_SIM/_sim/grants" >/dev/null
run 0 livestream start Vespers --wait=40
status Vespers '.status == "live"' >/dev/null || fail "not live after the renewal"
[ "$(listened 401)" -gt 0 ] || fail "the dead token was never refused at the feed"
encoder false
run 0 livestream stop Vespers --wait=60
run 0 connection list --json
json '.items[0].status == "connected"'
grep -rqs "accessToken=" "$HOME" && fail "a token is in a file"
exit 0
