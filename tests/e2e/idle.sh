#!/bin/bash
# An idle console writes nothing, to the terminal or elsewhere, and wakes no more than the clock's minute asks for: for
# ten seconds between two minute boundaries, with an empty database, with records of which nothing is live, and as the
# second of two. The counts are printed.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
SECONDS_IDLE=10
WAKES_MOST=3 # of all its threads together
start_sim --encoder auto --step 20

# Voluntary context switches of all threads: each is a sleep that ended.
wakes() { awk '/^voluntary_ctxt_switches/ { all += $2 } END { print all + 0 }' "/proc/$1"/task/*/status; }
# Bytes that the process has handed to write() and its like, of whatever file; "" when this is not ours to know.
written() { awk '$1 == "wchar:" { print $2 }' "/proc/$1/io" 2>/dev/null; }
# Bytes that have come to the terminal since tap.
tap() { tmux -L "$1" pipe-pane -O "cat >>$work/$1.bytes"; : >>"$work/$1.bytes"; }
arrived() { stat -c %s "$work/$1.bytes"; }

# Nothing has happened for a while: as many wakes in two looks, half a second apart.
settled()
{
    local before
    before=$(wakes "$1")
    sleep 0.5
    [ "$(wakes "$1")" -eq "$before" ]
}
second_of_minute() { echo $((10#$(date +%S))); }
early_in_minute()
{
    local s
    s=$(second_of_minute)
    [ "$s" -ge 2 ] && [ "$s" -lt $((58 - SECONDS_IDLE)) ]
}
# until_early: the ten seconds fit before the next minute.
until_early()
{
    local end=$((SECONDS + 70))
    until early_in_minute; do
        [ $SECONDS -lt $end ] || fail "no beginning of a minute"
        sleep 0.1
    done
}

# idles NAME WHAT
idles()
{
    local pid end woken bytes all
    pid=$(cat "$work/$1.pid")
    until_early
    until_true settled "$pid"
    early_in_minute || until_early
    tap "$1"
    woken=$(wakes "$pid")
    bytes=$(arrived "$1")
    all=$(written "$pid")
    end=$(($(now_ms) + SECONDS_IDLE * 1000))
    while [ "$(now_ms)" -lt "$end" ]; do
        sleep 0.2
        [ -d "/proc/$pid" ] || fail "$2: it ended"
    done
    woken=$(($(wakes "$pid") - woken))
    bytes=$(($(arrived "$1") - bytes))
    all=$([ -z "$all" ] || echo $(($(written "$pid") - all)))
    echo "$2: $bytes bytes to the terminal, ${all:-unknown} bytes written at all, $woken wake-ups in $SECONDS_IDLE s"
    [ "$bytes" -eq 0 ] || fail "$2: $bytes bytes came to the terminal"
    [ "${all:-0}" -eq 0 ] || fail "$2: $all bytes were written"
    [ "$woken" -le "$WAKES_MOST" ] || fail "$2: $woken wake-ups"
}

open_screen empty 80x24
until_shows empty "Three steps"
idles empty "empty database"
# What counts here does count: a key writes and wakes.
woken=$(wakes "$(cat "$work/empty.pid")")
bytes=$(arrived empty)
keys empty 3
until_shows empty "[3 Meetings]"
[ "$(wakes "$(cat "$work/empty.pid")")" -gt "$woken" ] && [ "$(arrived empty)" -gt "$bytes" ] || fail "nothing is measured"
keys empty q
ended empty 0

for platform in youtube facebook zoom jitsi; do
    connect "$platform"
done
for i in 1 2 3 4 5; do
    run 0 livestream create --title "Sunday Service $i" --start "+${i}d" --platform youtube --platform facebook --wait
    run 0 meeting create --title "Bible Study $i" --start "+${i}d" --end +1h --primary zoom --platform zoom --platform jitsi --wait
done
run 0 livestream start "Sunday Service 1" --wait
run 0 livestream stop "Sunday Service 1" --wait
open_screen filled 80x24
until_shows filled "Sunday Service 5"
idles filled "records, nothing live"
open_screen second 80x24
until_shows second "Sunday Service 5"
idles second "the second console"
exit 0
