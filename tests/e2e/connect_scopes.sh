#!/bin/bash
# Not everything is allowed at the consent, or less than was later: what needs it is disabled, by name, and nothing else; it is
# said where the connections are shown and when it is tried. What cannot do anything at all is not taken.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
start_sim --encoder auto --step 20
google=https://www.googleapis.com/auth
port=$(free_port)

# allow PLATFORM STATUS SCOPE…: signs in, and ticks only these.
allow()
{
    local p=$1 wanted=$2 ticked= scope
    shift 2
    for scope; do ticked="$ticked&sim_scope=$(jq -rn --arg s "$scope" '$s | @uri')"; done
    begin some connect "$p" --method oauth --timeout 60 $more
    shown
    curl -s -o /dev/null -L "$url&sim_answer=allow$ticked"
    finish "$wanted"
}
more=
# lacks PLATFORM TEXT…: connected, and the list says what is not allowed; the words for a person too.
lacks()
{
    local p=$1 text
    shift
    run 0 connection list --json
    json ".items[] | select(.platform == \"$p\") | .status == \"connected\""
    for text; do json ".items[] | select(.platform == \"$p\") | .notAllowed | contains(\"$text\")"; done
    run 0 log --json --level warning
    out_has "not everything was allowed"
    run 0 connection check "$p"
    out_has "Not everything was allowed: "
    for text; do out_has "$text"; done
}
# refused TEXT WORD…: the command fails for that, and has asked the platform for nothing that it may not.
refused()
{
    local text=$1
    shift
    "$ECCLESIA" "$@" --json >"$work/out" 2>"$work/err" && fail "was not refused: $*"
    cat "$work/out" "$work/err" | grep -qF -- "$text" || fail "no word of $text: $*"
}
nothing() { [ "$(rows "SELECT count(*) FROM secrets s JOIN connections c ON c.id = s.connection_id WHERE c.platform = '$1'")" = 0 ] || fail "$1 is sealed"; }
drop() { curl -sf -d "{\"platform\":\"$1\",\"action\":\"drop_scope\",\"scope\":\"$2\"}" "$ECCLESIA_SIM/_sim/grants" >/dev/null; }
old() { curl -sf -d "{\"platform\":\"$1\",\"action\":\"expire_access\"}" "$ECCLESIA_SIM/_sim/grants" >/dev/null; }

# ---- Zoom: no meeting can be cancelled; planning and changing go on

allow zoom 0 user:read:user meeting:read:meeting meeting:read:list_meetings meeting:write:meeting meeting:update:meeting
out_has "no meeting can be cancelled (meeting:delete:meeting)"
lacks zoom meeting:delete:meeting meeting:update:status
run 0 meeting create --title "Prayer" --start "+3h" --platform zoom --wait=30 --json
prayer=$(jq -r .id "$work/out")
run 0 meeting edit "$prayer" --title "Evening prayer" --wait=30 --json
refused "was not allowed meeting:update:status, so no meeting can be ended from here" meeting cancel "$prayer" --wait=30
[ "$(curl -s "$ECCLESIA_SIM/_sim/requests?platform=zoom" | jq '[.[] | select(.method == "DELETE")] | length')" = 0 ] || fail "it was tried all the same"
# The rest is allowed: what was refused is done, by a retry.
allow zoom 0 user:read:user meeting:read:meeting meeting:read:list_meetings meeting:write:meeting meeting:update:meeting \
    meeting:update:status meeting:delete:meeting
run 0 connection list --json
json '.items[] | has("notAllowed") | not'
run 0 meeting retry "$prayer" zoom --wait=30 --json
json '.targets[0].status == "ended"'

# ---- Google: each box is ticked apart

allow google_meet 0 $google/calendar.events openid email
lacks google_meet meetings.space.created meetings.space.settings
run 0 meeting create --title "Vigil" --start "+3h" --platform google_meet --wait=30 --json
json '.targets[0].joinUrl | length > 0'
refused "meetings.space.created" meeting create --title "Council" --start "+4h" --platform google_meet:can_end=true --wait=30
allow google_meet 1 openid email
err_has "permission"
run 0 connection list --json
json '.items[] | select(.platform == "google_meet") | .status == "connected"'
allow youtube 1 nothing_at_all
nothing youtube

# ---- Microsoft: without online meetings there is the calendar

allow teams 0 openid profile offline_access User.Read Calendars.ReadWrite
lacks teams OnlineMeetings.ReadWrite
run 0 meeting create --title "Choir" --start "+3h" --platform teams --wait=30 --json
json '.targets[0].joinUrl | length > 0'
refused "OnlineMeetings.ReadWrite" meeting create --title "Link" --start "+4h" --platform teams:calendar=false --wait=30

# ---- Restream: the boxes are the app's own; channels cannot be switched

more="--port $port" allow restream 0 profile.read channels.read stream.read chat.read
lacks restream channels.write stream.write
refused "channels cannot be switched nor titled" livestream create --title "Service" --start "+3h" --platform restream:channels=YouTube --wait=30

# ---- Instagram: comments only

export ECCLESIA_INSTAGRAM_REDIRECT_URI=https://live.example.org/instagram
begin insta connect instagram --method oauth
shown
back "&sim_scope=instagram_business_basic" >&8
echo >&8
finish 0
lacks instagram instagram_business_manage_comments

# ---- Facebook: a sign-in that may not post is of no use

allow facebook 1 pages_show_list pages_read_engagement
err_has "pages_manage_posts"
nothing facebook
allow facebook 1 pages_read_engagement pages_manage_posts
nothing facebook

# ---- less than was allowed before: found out at the next renewal

for p in google_meet:$google/meetings.space.created:meetings.space.created teams:Calendars.ReadWrite:Calendars.ReadWrite; do
    allow "${p%%:*}" 0
    run 0 connection list --json
    json ".items[] | select(.platform == \"${p%%:*}\") | has(\"notAllowed\") | not"
    drop "${p%%:*}" "$(sed 's/^[^:]*:\(.*\):[^:]*$/\1/' <<<"$p")"
    old "${p%%:*}"
    "$ECCLESIA" connection check "${p%%:*}" --json >"$work/out" 2>"$work/err"
    json ".notAllowed | contains(\"${p##*:}\")"
done
exit 0
