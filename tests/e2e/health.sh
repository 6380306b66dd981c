#!/bin/bash
# What can befall a connection while a console works: revoked, expired, scopes gone, an allowance used up, a platform that fails, a clock
# that is wrong. The right status, the right words, and back to work without a restart.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/health.bash"

for platform in $all $others jitsi; do
    fine "$platform"
    works "$platform"
done

# ---- at the sign-in

for platform in $all $others; do
    [ "$platform" = facebook ] || grants "$platform" expire_access
    works "$platform"
    grants "$platform" revoke
    check "$platform"
    says "$platform" '.status == "expired" and .reason == "revoked" and (.remedy | test("onnect"))'
done
connect_again
for platform in $all $others; do
    fine "$platform"
    works "$platform"
done
for platform in $all $others; do
    grants "$platform" drop_scope
    [ "$platform" != zoom ] || grants zoom expire_access
    check "$platform"
    says "$platform" '.status == "error" and .reason == "scope" and .remedy != null and .detail != null'
done
connect_again
for platform in $all $others; do
    works "$platform"
done
run 0 log --level error --json
grep -q connection.expired "$work/out" || fail "nothing of it in the log"

# ---- an allowance that is used up

sim_post allowance '{"platform":"youtube","left":0}' >/dev/null
ask_for youtube "Too much"
until_true is youtube '.waitsFor == "quota" and .status == "connected"'
says youtube '.note | test("allowance is used up until")'
says youtube '.allowances[0].forecast | test("used up; back at")'
works facebook
sim_post allowance '{"platform":"youtube","left":10000}' >/dev/null
check youtube
until_true job_is youtube '.state == "succeeded"'
fine youtube
fault '{"platform":"zoom","method":"POST","path":"/v2/users","kind":"status","status":429,"times":1,
    "body":"{\"code\":429,\"message\":\"A maximum of 100 meetings can be created/updated for a single user in one day.\"}"}'
ask_for zoom "One too many"
until_true is zoom '.waitsFor == "quota"'
left=$(($(date -d "$(jq -r .waitsUntil "$work/out")" +%s) - $(date -d 'tomorrow 00:00' +%s)))
[ "${left#-}" -le 5 ] || fail "Zoom's day does not end at midnight UTC but $left s from it"
check zoom
until_true job_is zoom '.state == "succeeded"'

# ---- a platform that fails: left alone, the others go on, a person's question brings it back

fault '{"platform":"facebook","kind":"status","status":503}'
for i in 1 2 3 4 5; do
    ask_for facebook "Left alone $i"
done
until_true is facebook '.breaker.state != "closed" and .breaker.failures >= 5'
says facebook '.note | test("left alone after")'
works youtube
works zoom
"$ECCLESIA" job list --json | jq -e '[.items[] | select(.platform == "facebook" and .state != "succeeded")] | all(.state == "scheduled" and .attempts <= 2)' >/dev/null || fail "waiting uses tries"
heal
check facebook
none_left() { "$ECCLESIA" job list --json | jq -e '[.items[] | select(.platform == "facebook" and .state != "succeeded")] == []'; }
until_true none_left
fine facebook
run 0 log --json
grep -q '"connection.paused"' "$work/out" && grep -q '"connection.resumed"' "$work/out" || fail "the pause is not told"

# ---- a clock that is wrong

clock 7200000
jumped() { "$ECCLESIA" log --json >"$work/out" && grep -q "$1" "$work/out"; }
until_true jumped "put forward by 2 hours"
for platform in $all jitsi; do
    check "$platform"
    [ "$platform" = jitsi ] && says jitsi '.status == "error" and .reason == "clock" and (.remedy | test("timedatectl set-ntp true"))'
    [ "$platform" = jitsi ] || says "$platform" '.status == "connected"'
    says "$platform" '(.note | test("clock is wrong, 2 hours ahead: set it by timedatectl set-ntp true")) and .clockOffSeconds > 7000'
done
jumped "clock is wrong: it is 2 hours ahead" || fail "not told"
clock -3600000
until_true jumped "put back by 3 hours"
check zoom
says zoom '.note | test("60 minutes behind")'
clock 0
for platform in $all jitsi; do
    check "$platform"
    fine "$platform"
    works "$platform"
done
jumped "clock agrees" || fail "that it is right again is not told"
jumped '"clock.jumped"'
run 0 audit list --json
grep -q clock.jumped "$work/out" || fail "the audit has no jump"
exit 0
