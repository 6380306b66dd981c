#!/bin/bash
# A full disk: what is asked then is refused with a name and a remedy, what was saved stays, and what a platform made while
# nothing could be saved is found again, not made twice. On a small disk of its own, which only root can make.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
[ "$(id -u)" -eq 0 ] || { echo "only root can mount a small disk"; exit 77; }
mkdir "$work/disk"
mount -t tmpfs -o size=1m tmpfs "$work/disk" 2>/dev/null || { echo "a small disk cannot be mounted here"; exit 77; }
trap 'status=$?; [ $status -eq 0 ] || show_screens; screens_end; umount -l "$work/disk"; (exit $status); end_of_script' EXIT
start_sim --encoder auto --step 20
export ECCLESIA_DB=$work/disk/e.db ECCLESIA_QUEUE_SETTLE=1s
for platform in youtube facebook zoom jitsi; do
    connect "$platform"
done

fill()
{
    dd if=/dev/zero of="$work/disk/filling" bs=1k 2>/dev/null
    [ "$(df --output=avail "$work/disk" | tail -n 1)" -eq 0 ] || fail "the disk is not full"
}
empty() { rm "$work/disk/filling"; }
full()
{
    err_has "The disk that holds $ECCLESIA_DB is full."
    err_has "Free some space"
}

run 0 livestream create --title "Sunday Service" --start +3d --platform youtube --platform facebook --wait
open_screen a 100x30
until_shows a "Sunday Service"
fill
run 0 livestream list --json
json '.items | length == 1'
run 1 livestream create --title "Second" --start +4d --platform youtube --wait
full
run 1 livestream start Sunday --wait=5
full
run 1 meeting create --title "Bible Study" --start +1d --end +1h --platform zoom --wait --json
json '.error.code == "store_full" and (.error.remedy | length > 0)'
# On the screen nothing that was typed is lost.
keys a n
until_shows a "Title"
type_in a "Typed in vain"
keys a C-s
until_shows a "is full"
until_shows a "Typed in vain"
empty
keys a C-s
until_gone a "is full"
until_shows a "Typed in vain was created"
run 0 livestream list --json
json '[.items[].title] | sort == ["Sunday Service", "Typed in vain"]'
[ "$(sqlite3 "$ECCLESIA_DB" "PRAGMA integrity_check")" = ok ] || fail "the database is damaged"

# ---- while the platforms are making something ----

fault '{"platform":"*","method":"POST","kind":"delay","delayMs":700}'
run 0 livestream create --title "Harvest" --start +5d --platform youtube --platform facebook
run 0 meeting create --title "Council" --start +1d --end +1h --platform zoom
asked() { [ "$(sqlite3 "file:$ECCLESIA_DB?mode=ro" "SELECT count(*) FROM jobs WHERE state = 'running' AND sent = 2")" -eq 3 ]; }
until_true asked
fill
made()
{
    [ "$(sim_get objects | jq '[.[] | select(.title == "Harvest" or .title == "Council")] | length')" -ge 3 ]
}
until_true made
# They have answered: what they said cannot be saved now.
keys a 3
until_shows a "[3 Meetings]"
keys a 2
until_shows a "[2 Streams]"
heal
empty
settled()
{
    "$ECCLESIA" livestream show Harvest --json | jq -e 'all(.targets[]; .watchUrl and (has("error") | not))' &&
        "$ECCLESIA" meeting show Council --json | jq -e 'all(.targets[]; .joinUrl and (has("error") | not))'
}
until_true settled
for title in Harvest Council; do
    sim_get objects >"$work/out"
    json "[.[] | select(.title == \"$title\" and .kind != \"stream\" and (.deleted | not))] | group_by(.platform) | all(length == 1)"
done
rm "$work/out" # keys of the simulator's own
exit 0
