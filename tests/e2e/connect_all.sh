#!/bin/bash
# Each of the eight platforms, by each sign-in way that it has, from the command line and an empty database; what a platform
# has not is said. A disconnect takes the grant back where the platform lets it, and leaves no byte of what was sealed.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
start_sim --encoder auto --step 20
sim() { jq -r ".platforms.$1" "$work/sim.json"; }
ECCLESIA_FACEBOOK_CLIENT_TOKEN=$(sim facebook.client_token)
public=https://live.example.org/api/platforms/connections/instagram/callback
export ECCLESIA_FACEBOOK_CLIENT_TOKEN
port=$(free_port)

# set_of OBJECT: its members as --set words, from files, so that values keep their line breaks.
set_of()
{
    local key
    words=()
    for key in $(sim "$1 | keys[]"); do
        jq -j ".platforms.$1.$key" "$work/sim.json" >"$work/value.$key"
        words+=(--set "$key=@$work/value.$key")
    done
}

# is_connected PLATFORM METHOD EXPIRY SCOPES: as the list tells it. EXPIRY: end, none; SCOPES: the least number.
is_connected()
{
    run 0 connection list --json
    json ".items | length == 1"
    json ".items[0] | .platform == \"$1\" and .status == \"connected\" and .method == \"$2\" and .simulated"
    json ".items[0] | (.accountName | length > 0) and (.scopes | length >= $4) and (has(\"notAllowed\") | not)"
    case $3 in
    end) json '.items[0].accessExpiresAt > (now | todate)' ;;
    none) json '.items[0] | .accessExpiresAt == null and (.expiryNote | length > 0)' ;;
    esac
    run 0 connection check "$1" --json
    json '.status == "connected"'
    ways[$1]=$((${ways[$1]:-0} + 1))
}
declare -A ways

# gone PLATFORM: disconnects; neither a row nor, in the files, a byte of one is left.
gone()
{
    rows "SELECT hex(blob) FROM secrets" >"$work/blobs"
    [ -s "$work/blobs" ] || [ "$1" = jitsi ] || fail "$1: nothing was sealed"
    run 0 disconnect "$1"
    [ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "$1: a sealed row is left"
    python3 - "$work/blobs" "$db"* <<'P' || fail "$1: bytes of a sealed row are left in a file"
import sys
blobs = [bytes.fromhex(line) for line in open(sys.argv[1]).read().split()]
for path in sys.argv[2:]:
    data = open(path, 'rb').read()
    for blob in blobs:
        if blob[-48:] in data:
            sys.exit(path)
P
    run 0 connection list --json
    json ".items[0].status == \"disconnected\" and .items[0].accessExpiresAt == null"
    # The next way begins at nothing.
    sqlite3 "$db" "DELETE FROM connections"
}

# by_browser PLATFORM EXPIRY SCOPES WORD…
by_browser()
{
    local p=$1 expiry=$2 scopes=$3
    shift 3
    begin browser connect "$p" --method oauth --timeout 60 "$@"
    shown
    curl -s -o "$work/page" -L "$url&sim_answer=allow" || fail "$p: the browser was not answered"
    grep -q "You may close this window" "$work/page" || fail "$p: no page at the end"
    finish 0
    out_has "Signed in at"
    is_connected "$p" oauth "$expiry" "$scopes"
    gone "$p"
}

# by_paste PLATFORM EXPIRY SCOPES WORD…: the address that a browser elsewhere ended at.
by_paste()
{
    local p=$1 expiry=$2 scopes=$3
    shift 3
    begin paste connect "$p" --method oauth --timeout 60 "$@"
    shown
    back "" >&8
    echo >&8
    finish 0
    is_connected "$p" oauth "$expiry" "$scopes"
    gone "$p"
}

# by_values PLATFORM OBJECT EXPIRY SCOPES
by_values()
{
    set_of "$2"
    run 0 connect "$1" "${words[@]}"
    is_connected "$1" credentials "$3" "$4"
    gone "$1"
}

# has_not PLATFORM METHOD…: that way is refused by name, and not listed.
has_not()
{
    local p=$1 method
    shift
    for method; do
        run 1 connect "$p" --method "$method"
        err_has "no sign-in of that kind"
        "$ECCLESIA" platform show "$p" --json | jq -e ".signIn | index(\"$method\") | not" >/dev/null || fail "$p lists $method"
    done
}

# taken_back PLATFORM PATH: the platform was asked to end the grant, as often as that can be.
taken_back() { [ "$(asked "$1" "$2" 200)" -eq "$3" ] || fail "$1: $(asked "$1" "$2" 200) grants were taken back, not $3"; }

# ---- the browser, the pasted address, values

by_browser youtube end 1
by_paste youtube end 1
by_values youtube youtube.credentials end 1
taken_back youtube /revoke 0 # it would take Google Meet's along

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

by_browser facebook end 3
by_paste facebook end 3
by_values facebook facebook.credentials end 3
run 0 connect facebook --set "user_token=$(sim facebook.user_token)"
is_connected facebook credentials end 3
gone facebook

# Instagram lets a browser come back to https alone: the configuration must name that address.
run 2 connect instagram --method oauth
err_has "https addresses alone"
ECCLESIA_INSTAGRAM_REDIRECT_URI=$public by_paste instagram end 2
by_values instagram instagram.credentials end 0
by_values instagram instagram.facebook_credentials none 0
run 0 connect instagram --set "stream_key=$(sim instagram.credentials.stream_key)" \
    --set "stream_url=$(sim instagram.credentials.stream_url)"
is_connected instagram credentials none 0
gone instagram
has_not instagram device

by_browser restream end 6 --port "$port"
by_paste restream end 6 --port "$port"
taken_back restream /oauth/revoke 2
by_values restream restream.credentials end 6
taken_back restream /oauth/revoke 3
has_not restream device
# Its refresh tokens are good once: the one that was given has been spent.
set_of restream.credentials
run 1 connect restream "${words[@]}"
[ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "a spent token was sealed"

by_values jitsi jitsi.credentials none 0
by_values jitsi jitsi.jaas none 0
run 0 connect jitsi
is_connected jitsi credentials none 0
gone jitsi
has_not jitsi oauth device

# ---- a device's code: all at once, for a simulated platform wants five seconds between two questions, as the real ones do

device="youtube zoom teams facebook"
pids=
for p in $device; do
    "$ECCLESIA" connect "$p" --method device --timeout 60 >"$work/$p.code" 2>&1 </dev/null &
    pids="$pids $!"
done
for p in $device; do
    until_true grep -q "type in the code" "$work/$p.code"
    code=$(sed -n 's/.*type in the code //p' "$work/$p.code")
    page=$(sed -n 's/^Open \(http[^ ]*\) on.*/\1/p' "$work/$p.code")
    curl -s -o /dev/null "$page?user_code=$code&sim_answer=allow"
done
for pid in $pids; do wait "$pid" || fail "a device: $(cat "$work"/*.code)"; done
run 0 connection list --json
json '[.items[] | select(.status == "connected" and .method == "device" and (.accountName | length > 0) and
    .accessExpiresAt > (now | todate) and (.scopes | length > 0))] | length == 4'
for p in $device; do
    run 0 connection check "$p"
    run 0 disconnect "$p"
    ways[$p]=$((${ways[$p]} + 1))
done
[ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "a sealed row is left"
taken_back zoom /oauth/revoke 5

# Each lists the ways by which it was connected, and no other.
for p in youtube:credentials,oauth,device google_meet:credentials,oauth zoom:credentials,oauth,device teams:credentials,oauth,device \
    facebook:credentials,oauth,device instagram:credentials,oauth restream:credentials,oauth jitsi:credentials; do
    run 0 platform show "${p%%:*}" --json
    json ".signIn | sort == (\"${p#*:}\" | split(\",\") | sort)"
done

# ---- a platform that does not answer keeps nobody connected

begin away connect zoom --method oauth
shown
curl -s -o /dev/null -L "$url&sim_answer=allow"
finish 0
curl -sf -d '{"platform":"zoom","path":"/oauth/revoke","kind":"stall"}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
ECCLESIA_NET_TOTAL=1s gone zoom

[ ${#ways[@]} -eq 8 ] || fail "only ${!ways[*]}"
for p in "${!ways[@]}"; do echo "$p: ${ways[$p]} ways"; done
exit 0
