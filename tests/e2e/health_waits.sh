#!/bin/bash
# A platform asks us to wait, in each form of Retry-After: that connection waits, without using a try, and no other; a person's question
# ends it.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/health.bash"

# ---- asked to wait, in each form

# waits PLATFORM HEADERS LEAST MOST: a refusal with these headers makes that connection alone wait so many seconds.
waits()
{
    local platform=$1 until left
    fault "{\"platform\":\"$platform\",\"kind\":\"status\",\"status\":429,\"headers\":$2,\"times\":1}"
    ask_for "$platform" "Waiting $2"
    until_true is "$platform" '.waitsFor == "rate" or .waitsFor == "quota"'
    until=$(jq -r .waitsUntil "$work/out")
    left=$(($(date -d "$until" +%s) - $(date +%s)))
    [ "$left" -ge "$3" ] && [ "$left" -le "$4" ] || fail "$platform with $2 waits $left s"
    [ "$4" -le 5 ] || says "$platform" '.status == "connected" and (.note | test("wait|used up"))'
    until_true job_is "$platform" '(.state == "scheduled" and .attempts == 0) or .state == "succeeded"'
    heal
    # A person who asks ends it.
    [ "$4" -le 5 ] || check "$platform"
    until_true job_is "$platform" '.state == "succeeded" and .attempts <= 1'
    fine "$platform"
}
for platform in $all; do
    waits "$platform" '{"Retry-After":"3"}' 0 3
    waits "$platform" "{\"Retry-After\":\"$(date -u -d '+1 hour' '+%a, %d %b %Y %H:%M:%S GMT')\"}" 3590 3601
    waits "$platform" '{}' 1 40
    waits "$platform" '{"Retry-After":"-7"}' 1 40
    waits "$platform" '{"Retry-After":"99999999999999999999"}' 86000 86401
done
run 0 log --level warning --json
grep -q '"connection.waiting"' "$work/out" || fail "a wait of a day is not told"
waits zoom "{\"Retry-After\":\"$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ)\"}" 7000 7201
exit 0
