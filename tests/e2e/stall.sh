#!/bin/bash
# A platform that takes requests and never answers holds up neither the other platforms nor the screen, and its own target
# says what is going on and when it is tried again. When it answers again, all comes to its end by itself, once.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
KEY_LIMIT_MS=1000 # from a key's press to a changed screen, tmux included
start_sim --encoder auto --step 20
export ECCLESIA_NET_TOTAL=2s ECCLESIA_QUEUE_SETTLE=4s ECCLESIA_RETRY_BASE=100ms ECCLESIA_RETRY_CAP=500ms
for platform in youtube facebook zoom jitsi; do
    connect "$platform"
done

# ---- from the beginning: the first screen does not wait for anybody ----

fault '{"platform":"*","kind":"stall"}'
start=$(now_ms)
open_screen a 100x30
until_shows a "q Quit"
echo "first screen with all platforms silent: $(($(now_ms) - start)) ms"
keys a q
ended a 0
heal

# ---- one is silent, by turns the streams' and the meetings' ----

# key_answered KEY TEXT: the screen changes at once.
slowest=0
key_answered()
{
    local start took

    start=$(now_ms)
    keys a "$1"
    until_shows a "$2" 5
    took=$(($(now_ms) - start))
    [ $took -le $slowest ] || slowest=$took
}

fault '{"platform":"youtube","kind":"stall"}'
fault '{"platform":"zoom","kind":"stall"}'
open_screen a 100x30
until_shows a "Three steps"
start=$(now_ms)
run 5 livestream create --title "Sunday Service" --start now --platform youtube --platform facebook --wait=1 --json
json '.targets[0] | .status == "pending" and (.note | test("answer is awaited")) and (has("error") | not)'
err_has "YouTube"
until_shows a "● live 1 of 2"
echo "Facebook live $(($(now_ms) - start)) ms after the command, YouTube silent"
run 5 meeting create --title "Bible Study" --start +1h --end +1h --primary zoom --platform zoom --platform jitsi --wait=1 --json
json '.targets[0] | .status == "pending"'
json '.targets[1] | .status == "pending" and (.joinUrl | length > 0)'

for round in 1 2 3 4 5 6 7 8; do
    key_answered 3 "[3 Meetings]"
    key_answered 1 "[1 Connections]"
    key_answered 2 "[2 Streams]"
    key_answered ? "q "
    key_answered Escape "Sunday Service"
done
echo "slowest key of 40: $slowest ms"
[ "$slowest" -le "$KEY_LIMIT_MS" ] || fail "a key was answered only after $slowest ms"

# What the silent platform's own target says.
told_in_json()
{
    run 0 livestream show Sunday --json
    jq -e '.targets[0] | .status == "pending" and (.error | test("YouTube did not answer")) and (.remedy | length > 0)
           and .attempts >= 1 and (.nextAttemptAt | test("^20"))' <"$work/out"
}
until_true told_in_json
json '.status == "live" and .targets[1].status == "live" and (.targets[1].watchUrl | length > 0)'
run 0 livestream show Sunday
out_has "YouTube did not answer within 2 s."
out_has "tried again 20"
until_shows a "YouTube did not answer within 2 s."
until_shows a "attempt 2, next"
told_by_job()
{
    "$ECCLESIA" job list --json |
        jq -e '[.items[] | select(.platform == "youtube")][0] | .nextAttemptAt and (.error | length > 0)'
}
until_true told_by_job

# ---- it answers again ----

heal
all_settled()
{
    "$ECCLESIA" livestream show Sunday --json | jq -e 'all(.targets[]; .status == "live" and (has("error") | not))' &&
        "$ECCLESIA" meeting show Bible --json | jq -e 'all(.targets[]; (.joinUrl | length > 0) and (has("error") | not))'
}
until_true all_settled
until_gone a "live 1 of 2"
until_shows a "● YouTube     live"
for title in "Sunday Service" "Bible Study"; do
    sim_get objects | jq -e --arg title "$title" '[.[] | select(.title == $title and (.deleted | not))] | group_by(.platform) | all(length == 1)' \
        >/dev/null || fail "$title exists more than once"
done
exit 0
