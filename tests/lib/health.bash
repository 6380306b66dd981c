# A console that works, connections at the eight platforms and what is asked of them: shared by tests/e2e/health*.sh. Sourced after e2e.bash.
. "${0%/*}/../lib/e2e_screen.bash"
export ECCLESIA_QUEUE_SETTLE=200ms ECCLESIA_REFRESH_AGAIN=100ms ECCLESIA_REFRESH_BASE=50ms ECCLESIA_REFRESH_CAP=200ms ECCLESIA_TEST_PACE=10 TZ=UTC
# The clock of every program here but the simulator, which has started before: by so many ms off.
clock() { printf '%+020d\n' "$1" 1<>"$work/clock"; }
start_sim --encoder auto --step 20
printf '%+020d\n' 0 >"$work/clock"
export ECCLESIA_TEST_CLOCK_FILE=$work/clock
all="youtube facebook zoom teams"
# … and these, which sign in in ways of their own: a token that rotates, one that is extended, an allowance shared with YouTube.
others="google_meet restream instagram"
for platform in $all $others jitsi; do
    connect "$platform"
done

grants() { sim_post grants "{\"platform\":\"$1\",\"action\":\"$2\"}" >/dev/null; }
# says PLATFORM FILTER: what connection show says of it, without asking anybody.
is() { "$ECCLESIA" connection show "$1" --json >"$work/out" 2>"$work/err" && jq -e "$2" "$work/out"; }
says() { is "$1" "$2" >/dev/null || fail "$1: not $2"; }
check() { "$ECCLESIA" connection check "$1" >/dev/null 2>&1; true; }
fine() { says "$1" '.status == "connected" and .note == null and .breaker.state == "closed"'; }
job_of() { "$ECCLESIA" job list --json | jq -c "[.items[] | select(.platform == \"$1\")][0]"; }
job_is() { job_of "$1" | jq -e "$2"; }
ask_for() { case $1 in youtube | facebook | restream | instagram) run 0 livestream create --title "$2" --start +1d --platform "$1" ;; *) run 0 meeting create --title "$2" --start +1d --platform "$1" ;; esac; }
# What was typed in is revoked for good: the platforms begin anew, as after a new token was made there.
connect_again()
{
    local other
    sim_post reset '{}' >/dev/null
    for other in $all $others jitsi; do connect "$other"; done
}
# works PLATFORM: what is asked for there is done, by the console.
count=0
works()
{
    count=$((count + 1))
    ask_for "$1" "Number $count"
    until_true job_is "$1" '.state == "succeeded"'
}

open_screen engine 100x30
until_shows engine "Connections"
