#!/bin/bash
# Tokens that are renewed: killed at each step, lost answers, revoked, unreachable, a wrong app; the status says what is true.
. "${0%/*}/../lib/e2e.bash"
export ECCLESIA_REFRESH_AGAIN=100ms ECCLESIA_REFRESH_BASE=50ms ECCLESIA_REFRESH_CAP=200ms
start_sim --encoder auto --step 20

# A sign-in at Zoom, whose refresh tokens are good once.
sign_in()
{
    rm -f "$work/signin" # the one before must not be read
    "$ECCLESIA" connect zoom --method oauth --yes >"$work/signin" 2>&1 </dev/null &
    local pid=$!
    until_true grep -qm1 '^http' "$work/signin"
    curl -s -o /dev/null -L "$(grep -m1 '^http' "$work/signin")&sim_answer=allow"
    wait "$pid" || fail "sign-in: $(cat "$work/signin")"
}
fault() { curl -sf -d "$1" "$ECCLESIA_SIM/_sim/faults" >/dev/null || fail "fault $1"; }
heal() { curl -sf -X DELETE "$ECCLESIA_SIM/_sim/faults" >/dev/null; }
grants() { curl -sf -d "{\"platform\":\"zoom\",\"action\":\"$1\"}" "$ECCLESIA_SIM/_sim/grants" >/dev/null || fail "grants $1"; }
asked() { curl -s "$ECCLESIA_SIM/_sim/requests?platform=zoom" | jq '[.[] | select(.path == "/oauth/token")] | length'; }
# now STATUS [REASON]: what the list says, without asking anybody.
now()
{
    run 0 connection list --json
    [ "$(jq -r '.items[] | .status' "$work/out")" = "$1" ] || fail "not $1: $(cat "$work/out")"
    [ -z "${2:-}" ] || [ "$(jq -r '.items[] | .reason' "$work/out")" = "$2" ] || fail "not $2: $(cat "$work/out")"
}
# check STATUS [REASON]: asks the platform.
check()
{
    "$ECCLESIA" connection check zoom --json >"$work/out" 2>"$work/err"
    [ "$(jq -r .status "$work/out")" = "$1" ] || fail "check says not $1: $(cat "$work/out")"
    [ -z "${2:-}" ] || [ "$(jq -r .reason "$work/out")" = "$2" ] || fail "check says not $2: $(cat "$work/out")"
}
works() { run 0 meeting create --title "Prayer" --start "+3h" --platform zoom --wait=30 --json; json '.targets[0].joinUrl | startswith("http")'; }

# ---- killed at each step

sign_in
now connected
for point in in_flight answered saved; do
    grants expire_access
    ECCLESIA_CRASH=oauth.$point "$ECCLESIA" connection check zoom >"$work/out" 2>"$work/err"
    [ $? -eq 137 ] || fail "was not killed at oauth.$point"
    case $point in
    in_flight) # nothing was sent: the token is still good
        now error refresh_unreachable
        check connected
        works
        ;;
    answered) # it was spent, and what came for it is gone
        now error refresh_unreachable
        check expired rotation_lost
        sign_in
        works
        ;;
    saved) # whole
        now connected
        check connected
        works
        ;;
    esac
done

# ---- an answer that is lost on the way

grants expire_access
fault '{"platform":"zoom","path":"/oauth/token","kind":"lost_answer","times":1}'
check expired rotation_lost
jq -e '.detail | contains("answer was lost")' "$work/out" >/dev/null || fail "the words: $(cat "$work/out")"
heal
sign_in
grants expire_access
fault '{"platform":"zoom","path":"/oauth/token","kind":"reset","times":1}'
before=$(asked)
check connected
[ $(($(asked) - before)) -le 2 ] || fail "asked more than once more"
works

# ---- revoked

grants revoke
before=$(asked)
check expired revoked
[ $(($(asked) - before)) -eq 2 ] || fail "a refusal is confirmed once"
run 0 log --level error --json
grep -q '"connection.expired"' "$work/out" || fail "nothing in the log"
sign_in
now connected

# ---- out of reach, until it is back

later=$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ)
fault '{"platform":"zoom","path":"/oauth/token","kind":"status","status":503}'
ECCLESIA_TEST_CLOCK=$later check error refresh_unreachable
ECCLESIA_TEST_CLOCK=$later now error refresh_unreachable
heal
ECCLESIA_TEST_CLOCK=$later check connected
sign_in

# ---- the app is not what it was

grants expire_access
ECCLESIA_ZOOM_CLIENT_SECRET=wrong check error client_config
check connected

# ---- less is allowed than was: only what needs it is refused

run 0 meeting create --title "Vigil" --start "+5h" --platform zoom --wait=30 --json
vigil=$(jq -r .id "$work/out")
curl -sf -d '{"platform":"zoom","action":"drop_scope","scope":"meeting:delete:meeting"}' "$ECCLESIA_SIM/_sim/grants" >/dev/null
grants expire_access
check connected
jq -e '.notAllowed | contains("meeting:delete:meeting")' "$work/out" >/dev/null || fail "what is missing is not named"
works
"$ECCLESIA" meeting cancel "$vigil" --wait=30 --json >"$work/out" 2>"$work/err"
grep -q "was not allowed meeting:delete:meeting" "$work/out" "$work/err" || fail "the cancel was not refused for it"
curl -sf -d '{"platform":"zoom","action":"drop_scope","scope":"meeting:read:meeting"}' "$ECCLESIA_SIM/_sim/grants" >/dev/null
grants expire_access
check error scope
sign_in
now connected
run 0 meeting retry "$vigil" zoom --wait=30 --json

# ---- a clock that is wrong by years, either way, loses nothing

ECCLESIA_TEST_CLOCK=2019-01-01T00:00:00Z check connected
ECCLESIA_TEST_CLOCK=2031-01-01T00:00:00Z check connected
check connected
works
exit 0
