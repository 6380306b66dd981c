#!/bin/bash
# The same of each platform for meetings.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
start_sim --encoder auto --step 20

by_browser google_meet end 5
by_paste google_meet end 5
by_values google_meet google_meet.credentials end 5
has_not google_meet device
taken_back google_meet /revoke 0

by_browser zoom end 7
by_paste zoom end 7
taken_back zoom /oauth/revoke 2
ECCLESIA_ZOOM_CLIENT_ID=$(sim zoom.public_client_id) ECCLESIA_ZOOM_CLIENT_SECRET='' by_browser zoom end 7
by_values zoom zoom.credentials end 7
taken_back zoom /oauth/revoke 4

by_browser teams end 5
by_paste teams end 5
by_values teams teams.credentials end 3
by_values teams teams.app_credentials end 0
ECCLESIA_TEAMS_CLIENT_ID=$(sim teams.confidential_client_id) \
    ECCLESIA_TEAMS_CLIENT_SECRET=$(sim teams.confidential_client_secret) by_browser teams end 5

by_values jitsi jitsi.credentials none 0
by_values jitsi jitsi.jaas none 0
run 0 connect jitsi
is_connected jitsi credentials none 0
gone jitsi
has_not jitsi oauth device

# ---- a platform that does not answer keeps nobody connected

begin away connect zoom --method oauth
shown
curl -s -o /dev/null -L "$url&sim_answer=allow"
finish 0
curl -sf -d '{"platform":"zoom","path":"/oauth/revoke","kind":"stall"}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
ECCLESIA_NET_TOTAL=1s gone zoom

[ ${#ways[@]} -eq 4 ] || fail "only ${!ways[*]}"
exit 0
