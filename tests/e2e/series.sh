#!/bin/bash
# A meeting that comes again, from the command line: on all four platforms, changed and cancelled as one. What does not fit is
# refused before anything is sent.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
start_sim --step 20

# objects FILTER: must give true for what the platforms have.
objects()
{
    sim_get objects >"$work/objects"
    [ "$(jq -e "$1" <"$work/objects")" = true ] || fail "the platforms have: $(cat "$work/objects"), which is not so: $1"
}

for platform in zoom google_meet teams jitsi; do
    connect "$platform"
done

# ---- what does not fit ----

sim_delete requests
# refused WORDS SETTINGS: names what is wrong.
refused()
{
    run 2 meeting create --title Prayer --start "+3d" --platform "$2" --wait
    err_has "$1"
}
refused '"repeat_count"' zoom:repeat=weekly
refused 'from 0 to 60' zoom:repeat=weekly,repeat_count=61
refused '"repeat_until" must be a day' google_meet:repeat=daily,repeat_until=soon
refused 'before the first time' teams:repeat=weekly,repeat_until=2026-01-01
refused 'one of none, daily, weekly, biweekly, monthly, monthly_weekday' jitsi:repeat=yearly
refused '"repeat" needs the calendar' teams:calendar=no,repeat=weekly,repeat_count=3
[ "$(sim_get requests | jq length)" -eq 0 ] || fail "something was sent: $(sim_get requests)"

# ---- a series ----

weekly=repeat=weekly,repeat_count=12
run 0 meeting create --title "Midweek Prayer" --start "+3d" --end "+60m" --platform zoom:$weekly --platform google_meet:$weekly \
    --platform teams:$weekly --platform jitsi:$weekly --wait --json
json '.status == "scheduled" and all(.targets[]; .status == "pending" and (.joinUrl | startswith("http")))'
json 'all(.targets[]; .message // .note // "" | test("number 1 of 12"))'
id=$(jq -r .id "$work/out")
objects '[.[] | select(.platform == "zoom" and .kind == "meeting") | .fields] | length == 1 and .[0].type == 8 and (.[0].occurrences | length == 12)'
objects '[.[] | select(.platform == "google_meet" and .kind == "event") | .fields.recurrence[0]] | length == 1 and (.[0] | test("FREQ=WEEKLY.*COUNT=12"))'
objects '[.[] | select(.platform == "teams" and .kind == "event") | .fields.recurrence.range.numberOfOccurrences] == [12]'
run 0 meeting ics "$id"
[ "$(grep -c BEGIN:VEVENT "$work/out")" -eq 12 ] || fail "the calendar file has not twelve times"

shorter=repeat=monthly_weekday,repeat_count=5
run 0 meeting edit "$id" --title "Prayer" --platform zoom:$shorter --platform google_meet:$shorter --platform teams:$shorter \
    --platform jitsi:$shorter --wait --json
json '.title == "Prayer"'
objects '[.[] | select(.platform == "zoom" and .kind == "meeting") | .fields] | .[0].recurrence.type == 3 and (.[0].occurrences | length == 5)'
objects '[.[] | select(.platform == "google_meet" and .kind == "event") | .fields.recurrence[0]] | (.[0] | test("FREQ=MONTHLY.*COUNT=5"))'
objects '[.[] | select(.platform == "teams" and .kind == "event") | .fields.recurrence.pattern.type] == ["relativeMonthly"]'

run 0 meeting cancel "$id" --wait
objects '[.[] | select(.kind == "meeting" or .kind == "event") | select(.platform == "zoom" or .platform == "google_meet" or .platform == "teams") | select(.deleted | not)] | all(.kind == "meeting" and .platform == "teams") or length == 0'
echo ok
