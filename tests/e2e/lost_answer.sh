#!/bin/bash
# Every platform that makes an object does so and then loses the answer, for ever at creating requests: once what was sent has
# settled, it is found there, and each exists exactly once. The same where the answer is cut or is no answer at all.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
export ECCLESIA_QUEUE_SETTLE=300ms ECCLESIA_RETRY_BASE=50ms ECCLESIA_RETRY_CAP=200ms ECCLESIA_NET_TOTAL=2s
start_sim --encoder auto --step 20
for platform in youtube facebook zoom jitsi; do
    connect "$platform"
done

# What was made there under that title, by platform, e.g. {"facebook":1,"youtube":1}; streams are kept and shared.
made()
{
    sim_get objects | jq -c --arg title "$1" \
        '[.[] | select(.title == $title and .kind != "stream" and (.deleted | not))] | group_by(.platform) | map({(.[0].platform): length}) | add // {}'
}
# once WHAT FAULT…: with these faults, a livestream, a started livestream and a meeting are made once each.
once()
{
    local what=$1 f
    shift
    for f in "$@"; do
        fault "$f"
    done
    run 0 livestream create --title "$what: planned" --start +3d --platform youtube --platform facebook --wait=40 --json
    json 'all(.targets[]; .status == "pending" and (.watchUrl | length > 0) and (has("error") | not))'
    run 0 livestream create --title "$what: at once" --start now --platform youtube --platform facebook --wait=60 --json
    json 'all(.targets[]; .status == "live")'
    run 0 meeting create --title "$what: meeting" --start +1d --end +1h --primary zoom --platform zoom --platform jitsi --wait=40 --json
    json 'all(.targets[]; (.joinUrl | length > 0) and (has("error") | not))'
    heal
    [ "$(made "$what: planned")" = '{"facebook":1,"youtube":1}' ] || fail "$what: planned: $(made "$what: planned")"
    [ "$(made "$what: at once")" = '{"facebook":1,"youtube":1}' ] || fail "$what: at once: $(made "$what: at once")"
    [ "$(made "$what: meeting")" = '{"zoom":1}' ] || fail "$what: meeting: $(made "$what: meeting")"
    run 0 livestream stop "$what: at once" --wait
    run 0 livestream delete "$what: planned" --wait
    run 0 meeting cancel "$what: meeting" --wait
    [ "$(made "$what: planned")$(made "$what: meeting")" = '{}{}' ] || fail "$what: not all is gone"
}

# every REST: one fault each at what creates.
every()
{
    faults=()
    local at
    for at in youtube:/youtube/v3/live facebook: zoom:/v2/users; do
        faults+=("{\"platform\":\"${at%%:*}\",\"method\":\"POST\",\"path\":\"${at#*:}\",$1}")
    done
}
struck() { sim_get requests | jq "[.[] | select(.fault == \"$1\")] | length"; }

# The work is done there, for ever without an answer.
every '"kind":"lost_answer"'
once "lost" "${faults[@]}"
echo "answers lost: $(struck lost_answer)"
[ "$(struck lost_answer)" -ge 8 ] || fail "the fault did not strike"
every '"kind":"cut","bytes":30'
once "cut" "${faults[@]}"
[ "$(struck cut)" -ge 8 ] || fail "the fault did not strike"
# Nothing is done there, which nobody can know: it is looked for in vain and then made.
every '"kind":"garbage","times":2'
once "garbage" "${faults[@]}"
every '"kind":"reset","times":2'
once "reset" "${faults[@]}"
every '"kind":"status","status":500,"times":2'
once "500" "${faults[@]}"
[ "$(sim_get "objects?platform=youtube" | jq '[.[] | select(.kind == "stream")] | length')" -eq 1 ] ||
    fail "the channel has several streams of ours"
exit 0
