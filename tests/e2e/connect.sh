#!/bin/bash
# Signing in as a person: by a browser, by a pasted address, by a code; and everything that must not pass for it.
. "${0%/*}/../lib/e2e.bash"
start_sim --encoder auto --step 20
ECCLESIA_FACEBOOK_CLIENT_TOKEN=$(jq -r .platforms.facebook.client_token "$work/sim.json")
export ECCLESIA_FACEBOOK_CLIENT_TOKEN

db=$HOME/.local/share/ecclesia/ecclesia.db
rows() { sqlite3 "$db" "$1" 2>/dev/null; }

# begin NAME WORD…: a sign-in in the background, its words in $work/NAME.out; what is written to descriptor 8 is pasted.
begin()
{
    name=$1
    shift
    rm -f "$work/paste"
    mkfifo "$work/paste"
    "$ECCLESIA" "$@" >"$work/$name.out" 2>"$work/$name.err" <"$work/paste" &
    pid=$!
    exec 8>"$work/paste"
}
# The address that is shown, once it is.
shown() { until_true grep -qm1 '^http' "$work/$name.out"; url=$(grep -m1 '^http' "$work/$name.out"); }
# finish STATUS
finish()
{
    local status
    exec 8>&-
    wait "$pid"
    status=$?
    cp "$work/$name.out" "$work/out"
    cp "$work/$name.err" "$work/err"
    [ "$status" -eq "$1" ] || fail "$name: exit status $status instead of $1"
}
back() { curl -s -o /dev/null -w '%{redirect_url}' "$url&sim_answer=allow$1"; }
status() { "$ECCLESIA" connection list --json | jq -r ".items[] | select(.platform == \"$1\") | .status"; }
# Nobody is connected, and nothing is sealed.
nothing_stored()
{
    [ "$("$ECCLESIA" connection list --json | jq '.items | length')" = 0 ] || fail "$1: a connection is there"
    [ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "$1: something is sealed"
}

# ---- the attack set, before anything was ever connected

# Over loopback: each is refused, nothing is stored, and the honest answer still counts.
begin attack connect zoom --method oauth
shown
uri=$(back "")
base=${uri%%\?*}
base=${base%/}
state=$(grep -oE 'state=[^&]*' <<<"$url")
long=$(head -c 65536 /dev/zero | tr '\0' x)
for attack in "?${state/state=/state=x}&code=abc" "?code=abc" "?$state&code=abc&code=def" "?$state&$state&code=abc" \
    "?$state" "?$state&code=a%00b" "?$state&code=a%0d%0aSet-Cookie:x" "?$state&error=access_denied&code=abc" "/other?$state&code=abc"; do
    code=$(curl -s --path-as-is -o "$work/page" -w '%{http_code}' "$base/${attack#/}")
    [[ $code == 4* ]] || fail "$attack: $code"
    nothing_stored "$attack"
done
printf 'GET /?%s&code=%s HTTP/1.1\r\nHost: %s\r\n\r\n' "$state" "$long" "${base#http://}" >"$work/long"
curl -s -o /dev/null -w '%{http_code}' --data-binary "@$work/long" "$base/" | grep -q 405 || fail "a POST"
code=$(timeout 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/${base##*:}; cat '$work/long' >&3 2>/dev/null; head -n 1 <&3")
[[ $code == *" 431 "* ]] || fail "64 KB of code: $code"
[ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "$base/?$state&code=abc")" = 400 ] || fail "another host"
nothing_stored "loopback"
# The same pasted.
for pasted in "hello" "?code=abc" "$base/?${state/state=/state=x}&code=abc" "$base/?$state&code=abc&code=def" \
    "http://127.0.0.1:1/?$state&code=abc" "https://live.example.org/api/platforms/connections/youtube/callback?$state&code=abc" "$long"; do
    echo "$pasted" >&8
done
until_true grep -q "too long" "$work/attack.out"
nothing_stored "pasted"
[ "$(curl -s "$ECCLESIA_SIM/_sim/requests?platform=zoom" | jq '[.[] | select(.path == "/oauth/token")] | length')" = 0 ] || fail "a token was asked for"
curl -s -o /dev/null -L "$uri"
finish 0
[ "$(status zoom)" = connected ] || fail "the honest answer did not count"
# Replayed, after the listener has gone: nobody is there, and pasted into another sign-in it is foreign.
begin replay connect zoom --method oauth
shown
echo "$uri" >&8
echo "${uri/"$base"/$(grep -oE 'http%3A%2F%2F127.0.0.1%3A[0-9]*' <<<"$url" | sed 's/%3A/:/g; s/%2F/\//g')}" >&8
until_true grep -q "belongs to another sign-in" "$work/replay.out"
kill -INT "$pid"
finish 1
[ "$(status zoom)" = connected ] || fail "an earlier connection was harmed"
run 0 disconnect zoom

# From here on the answer bears our state, which it uses up: refused all the same.
issuer() { begin iss connect zoom --method oauth; shown; curl -s -o /dev/null -L "$(back "")&iss=$1"; finish 1; }
issuer "https%3A%2F%2Fevil.example"
err_has "comes from https://evil.example"
[ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "a foreign issuer: something is sealed"
for answer in access_denied:forbidden server_error:server invalid_scope:config never_heard_of:forbidden; do
    begin error connect zoom --method oauth --json
    until_true grep -qm1 '^http' "$work/error.err"
    url=$(grep -m1 '^http' "$work/error.err")
    uri=$(back "")
    curl -s -o /dev/null -L "${uri%%\?*}?$(grep -oE 'state=[^&]*' <<<"$url")&error=${answer%:*}&error_description=%1b%5b31mno"
    finish 1
    json ".error.code == \"${answer#*:}\" and .error.platformCode == \"${answer%:*}\""
    grep -q $'\033' "$work/err" && fail "an escape reached the terminal"
    [ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "${answer%:*}: something is sealed"
done
# A code that is not one, and one that was spent.
begin wrong connect zoom --method oauth
shown
uri=$(back "")
curl -s -o /dev/null -L "${uri%%\?*}?$(grep -oE 'state=[^&]*' <<<"$url")&code=XyZwrong"
finish 1
err_has "not accepted"
[ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "a wrong code: something is sealed"
[ "$(rows 'SELECT count(*) FROM oauth_flows')" = 0 ] || fail "a sign-in that is over is still kept"

# ---- by a browser

for p in youtube zoom facebook; do
    begin "$p" connect "$p" --timeout 60
    shown
    curl -s -o "$work/page" -L "$url&sim_answer=allow" || fail "$p: the browser was not answered"
    grep -q "You may close this window" "$work/page" || fail "$p: no page at the end"
    finish 0
    out_has "Signed in at"
    out_has "SIMULATED"
    run 0 connection list --json
    json ".items[] | select(.platform == \"$p\") | .status == \"connected\" and .method == \"oauth\" and (.accountName | length > 0) and
        (.scopes | length > 0) and (.accessExpiresAt | length > 0) and (has(\"notAllowed\") | not)"
    run 0 connection check "$p" --json
    json '.status == "connected"'
done
# They work: Zoom as "me", Facebook by the Page's own token.
run 0 meeting create --title "Prayer" --start "+3h" --platform zoom --wait=60 --json
json '.targets[0].joinUrl | startswith("http")'
run 0 livestream create --title "Service" --start "+3h" --platform youtube --platform facebook --wait=60 --json
json '.targets | all(.watchUrl | startswith("http"))'
for p in youtube zoom facebook; do run 0 disconnect "$p"; done
[ "$(rows "SELECT count(*) FROM secrets WHERE field NOT LIKE 'target/%'")" = 0 ] || fail "disconnect left something sealed"
curl -s "$ECCLESIA_SIM/_sim/requests?platform=zoom" | jq -e 'any(.[]; .path == "/oauth/revoke" and .status == 200)' >/dev/null || fail "Zoom's grant was not taken back"

# ---- another account is named, one that may do less is told

begin other connect zoom --method oauth --yes
shown
curl -s -o /dev/null -L "$url&sim_answer=allow&sim_scope=user:read:user&sim_scope=meeting:read:meeting&sim_scope=meeting:write:meeting"
finish 0
out_has "no meeting can be ended from here (meeting:update:status)"
run 0 connection list --json
json '.items[] | select(.platform == "zoom") | .status == "connected" and (.notAllowed | contains("meeting:update:status"))'
run 0 log --json --level warning
grep -q "not everything was allowed" "$work/out" || fail "nothing in the log"

# ---- by a pasted address, by a code (which takes the simulator's five seconds: all at once)

begin pasted connect youtube --method oauth
shown
uri=$(back "")
printf '  "%s#_=_"\n' "$uri" >&8
finish 0
[ "$(status youtube)" = connected ] || fail "youtube by a pasted address"

pids=
for p in youtube zoom facebook; do
    "$ECCLESIA" connect "$p" --method device --timeout 60 >"$work/$p.code" 2>&1 </dev/null &
    pids="$pids $!"
done
for p in youtube zoom facebook; do
    until_true grep -q "type in the code" "$work/$p.code"
    code=$(sed -n 's/.*type in the code //p' "$work/$p.code")
    page=$(sed -n 's/^Open \(http[^ ]*\) on.*/\1/p' "$work/$p.code")
    curl -s -o /dev/null "$page?user_code=$code&sim_answer=allow"
done
for pid in $pids; do wait "$pid" || fail "a device: $(cat "$work"/*.code)"; done
run 0 connection list --json
json '[.items[] | select(.status == "connected" and .method == "device")] | length == 3'

# ---- broken off, too late, not registered

begin stopped connect youtube
shown
kill -INT "$pid"
finish 1
err_has "broken off"
run 5 connect youtube --method oauth --timeout 1
err_has "in time"
ECCLESIA_YOUTUBE_CLIENT_ID='' run 2 connect youtube
err_has "client_id"
run 2 connect youtube --method telepathy
run 1 connect jitsi --method oauth
run 2 connect zoom --method oauth --set account_id=x
[ "$(status youtube)" = connected ] || fail "a failed sign-in has harmed the one before"
[ "$(rows 'SELECT count(*) FROM oauth_flows')" = 0 ] || fail "a sign-in that is over is still kept"
exit 0
