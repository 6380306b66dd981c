#!/bin/bash
# The four platforms that have it, by a device's code; and each of the eight lists the ways that it has.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
start_sim --encoder auto --step 20
ECCLESIA_FACEBOOK_CLIENT_TOKEN=$(sim facebook.client_token)
export ECCLESIA_FACEBOOK_CLIENT_TOKEN

# All at once, for a simulated platform wants five seconds between two questions, as the real ones do.

device="youtube zoom teams facebook"
pids=
for p in $device; do
    "$ECCLESIA" connect "$p" --method device --timeout 60 >"$work/$p.code" 2>&1 </dev/null &
    pids="$pids $!"
done
for p in $device; do
    until_true grep -q "type in the code" "$work/$p.code"
    code=$(sed -n 's/.*type in the code //p' "$work/$p.code")
    page=$(sed -n 's/^Open \(http[^ ]*\) on.*/\1/p' "$work/$p.code")
    curl -s -o /dev/null "$page?user_code=$code&sim_answer=allow"
done
for pid in $pids; do wait "$pid" || fail "a device: $(cat "$work"/*.code)"; done
run 0 connection list --json
json '[.items[] | select(.status == "connected" and .method == "device" and (.accountName | length > 0) and
    .accessExpiresAt > (now | todate) and (.scopes | length > 0))] | length == 4'
for p in $device; do
    run 0 connection check "$p"
    run 0 disconnect "$p"
done
[ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "a sealed row is left"
taken_back zoom /oauth/revoke 1

# Each lists the ways by which it was connected, and no other.
for p in youtube:credentials,oauth,device google_meet:credentials,oauth zoom:credentials,oauth,device teams:credentials,oauth,device \
    facebook:credentials,oauth,device instagram:credentials,oauth restream:credentials,oauth jitsi:credentials; do
    run 0 platform show "${p%%:*}" --json
    json ".signIn | sort == (\"${p#*:}\" | split(\",\") | sort)"
done

exit 0
