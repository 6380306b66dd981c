#!/bin/bash
# Signing in as a person: by a browser, by a pasted address, by a code; what is told meanwhile, and what becomes of it. What must not
# pass for it: connect_attacks.sh; all platforms and ways: connect_{streams,meetings,device}.sh.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
start_sim --encoder auto --step 20
ECCLESIA_FACEBOOK_CLIENT_TOKEN=$(jq -r .platforms.facebook.client_token "$work/sim.json")
export ECCLESIA_FACEBOOK_CLIENT_TOKEN

# ---- by a browser

for p in youtube zoom facebook; do
    begin "$p" connect "$p" --timeout 60
    shown
    curl -s -o "$work/page" -L "$url&sim_answer=allow" || fail "$p: the browser was not answered"
    grep -q "You may close this window" "$work/page" || fail "$p: no page at the end"
    finish 0
    out_has "Signed in at"
    out_has "SIMULATED"
    run 0 connection list --json
    json ".items[] | select(.platform == \"$p\") | .status == \"connected\" and .method == \"oauth\" and (.accountName | length > 0) and
        (.scopes | length > 0) and (.accessExpiresAt | length > 0) and (has(\"notAllowed\") | not)"
    run 0 connection check "$p" --json
    json '.status == "connected"'
done
# They work: Zoom as "me", Facebook by the Page's own token.
run 0 meeting create --title "Prayer" --start "+3h" --platform zoom --wait=60 --json
json '.targets[0].joinUrl | startswith("http")'
run 0 livestream create --title "Service" --start "+3h" --platform youtube --platform facebook --wait=60 --json
json '.targets | all(.watchUrl | startswith("http"))'
for p in youtube zoom facebook; do run 0 disconnect "$p"; done
[ "$(rows "SELECT count(*) FROM secrets WHERE field NOT LIKE 'target/%'")" = 0 ] || fail "disconnect left something sealed"
curl -s "$ECCLESIA_SIM/_sim/requests?platform=zoom" | jq -e 'any(.[]; .path == "/oauth/revoke" and .status == 200)' >/dev/null || fail "Zoom's grant was not taken back"

# ---- another account is named, one that may do less is told

begin other connect zoom --method oauth --yes
shown
curl -s -o /dev/null -L "$url&sim_answer=allow&sim_scope=user:read:user&sim_scope=meeting:read:meeting&sim_scope=meeting:write:meeting"
finish 0
out_has "no meeting can be ended from here (meeting:update:status)"
run 0 connection list --json
json '.items[] | select(.platform == "zoom") | .status == "connected" and (.notAllowed | contains("meeting:update:status"))'
run 0 log --json --level warning
grep -q "not everything was allowed" "$work/out" || fail "nothing in the log"

# ---- by a pasted address, by a code (which takes the simulator's five seconds: all at once)

begin pasted connect youtube --method oauth
shown
uri=$(back "")
printf '  "%s#_=_"\n' "$uri" >&8
finish 0
[ "$(status youtube)" = connected ] || fail "youtube by a pasted address"

pids=
for p in youtube zoom facebook; do
    "$ECCLESIA" connect "$p" --method device --timeout 60 >"$work/$p.code" 2>&1 </dev/null &
    pids="$pids $!"
done
for p in youtube zoom facebook; do
    until_true grep -q "type in the code" "$work/$p.code"
    code=$(sed -n 's/.*type in the code //p' "$work/$p.code")
    page=$(sed -n 's/^Open \(http[^ ]*\) on.*/\1/p' "$work/$p.code")
    curl -s -o /dev/null "$page?user_code=$code&sim_answer=allow"
done
for pid in $pids; do wait "$pid" || fail "a device: $(cat "$work"/*.code)"; done
run 0 connection list --json
json '[.items[] | select(.status == "connected" and .method == "device")] | length == 3'

# ---- broken off, too late, not registered

begin stopped connect youtube
shown
kill -INT "$pid"
finish 1
err_has "broken off"
run 5 connect youtube --method oauth --timeout 1
err_has "in time"
ECCLESIA_YOUTUBE_CLIENT_ID='' run 2 connect youtube
err_has "client_id"
run 2 connect youtube --method telepathy
run 1 connect jitsi --method oauth
run 2 connect zoom --method oauth --set account_id=x
[ "$(status youtube)" = connected ] || fail "a failed sign-in has harmed the one before"
[ "$(rows 'SELECT count(*) FROM oauth_flows')" = 0 ] || fail "a sign-in that is over is still kept"
exit 0
