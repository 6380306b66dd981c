#!/bin/bash
# What must not pass for the end of a sign-in, over the listener of this machine and pasted: each is refused, nothing is stored,
# nothing is asked of the platform, and the honest answer still counts afterwards.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/signin.bash"
here=$(cd "${0%/*}/.." && pwd)
start_sim --encoder auto --step 20
port=$(free_port)
long=$(head -c 65536 /dev/zero | tr '\0' x)

# Where the browser ends, what it bears: of the address that is shown.
place()
{
    uri=$(back "")
    base=${uri%%\?*}
    path=/${base#http://*/}
    [[ $base == http://*/* ]] || path=
    state=$(grep -oE 'state=[^&]*' <<<"$url")
    state=${state#state=}
}
nothing_stored()
{
    [ "$(rows 'SELECT count(*) FROM secrets')" = 0 ] || fail "$1: something is sealed"
    [ "$(rows 'SELECT count(*) FROM connections')" = 0 ] || fail "$1: a connection is there"
    [ "$(asked "$2" "$3")" = 0 ] || fail "$1: a token was asked for"
}
# The stored sign-in still waits: no attack has used its state up.
still_waits() { [ "$(rows 'SELECT count(*) FROM oauth_flows WHERE used_ms = 0')" = 1 ] || fail "$1: the state was used up"; }

# ---- over the listener: with a path and without, by either name of this machine

for each in zoom:/oauth/token facebook:/v26.0/oauth/access_token restream:/oauth/token; do
    p=${each%%:*} token=${each#*:}
    begin attack connect "$p" --method oauth --port "$port" --timeout 120
    shown
    place
    python3 "$here/lib/attack.py" "$port" "$path" "$state" >"$work/attacks" || fail "$p: the attacks broke off: $(tail -n 1 "$work/attacks")"
    [ "$(wc -l <"$work/attacks")" -ge 45 ] || fail "$p: only $(wc -l <"$work/attacks") attacks"
    grep -vE ': (4[0-9][0-9]|closed)$' "$work/attacks" && fail "$p: let in"
    nothing_stored "$p" "$p" "$token"
    still_waits "$p"
    # A peer that dawdles, and more of them than there are places: none keeps the way back shut.
    mkfifo "$work/slow" "$work/crowd"
    python3 "$here/lib/attack.py" --slow "$port" <"$work/slow" >"$work/slow.out" &
    slow=$!
    exec 6>"$work/slow"
    python3 "$here/lib/attack.py" --crowd "$port" 40 <"$work/crowd" >"$work/crowd.out" &
    crowd=$!
    exec 5>"$work/crowd"
    until_true grep -q ready "$work/slow.out"
    until_true grep -q ready "$work/crowd.out"
    nothing_stored "$p" "$p" "$token"
    # Two browsers bring an answer: the first counts, the second is told no.
    curl -s -o "$work/first" "$uri" || fail "$p: the honest answer did not come through the crowd"
    second=$(curl -s -o /dev/null -w '%{http_code}' "${uri/code=/code=x}")
    [[ $second == 400 || $second == 000 ]] || fail "$p: a second browser got $second"
    finish 0
    echo >&6 && echo >&5
    exec 6>&- 5>&-
    wait "$slow" "$crowd"
    rm -f "$work/slow" "$work/crowd"
    [ "$(status "$p")" = connected ] || fail "$p: the honest answer did not count"
    # Nobody listens any more: what comes again finds nobody.
    curl -s -o /dev/null "$uri" && fail "$p: somebody still listens"
    run 0 disconnect "$p"
    sqlite3 "$db" "DELETE FROM connections"
    curl -s -o /dev/null -X DELETE "$ECCLESIA_SIM/_sim/requests"
done

# ---- pasted

# pasted TEXT NOTE: refused with these words; the sign-in goes on.
pasted()
{
    local before
    before=$(grep -cF -- "$2" "$work/paste.out")
    printf '%b\n' "$1" >&8
    until_true eval "[ \$(grep -cF -- '$2' '$work/paste.out') -gt $before ]"
}
begin paste connect zoom --method oauth --port "$port" --timeout 120
shown
place
good="state=$state&code=stolen"
pasted "hello" "not an address"
pasted "code=stolen" "no state"
pasted "?code=stolen" "no state"
pasted "$base?state=x${state#?}&code=stolen" "another sign-in"
pasted "$base?state=$state" "neither a code nor an error"
pasted "$base?$good&code=mine" "comes twice"
pasted "$base?$good&%63ode=mine" "comes twice"
pasted "$base?$good&state=$state" "comes twice"
pasted "$base?$good&iss=a&iss=b" "comes twice"
pasted "$base?$good&error=access_denied" "a yes and a no"
pasted "$base?$good%00" "not encoded as it should be"
pasted "$base?$good%0d%0aSet-Cookie:x" "too long or holds what it never holds"
pasted "$base?state=$state&code=$(head -c 5000 <<<"$long")" "too long"
pasted "$base?state=$state&code=$long" "too long to be the address"
pasted "$base?$good\\0000x" "too long to be the address"
pasted "http://127.0.0.1:1/?$good" "not the address of this sign-in"
pasted "http://evil.example:$port?$good" "not the address of this sign-in"
pasted "http://127.0.0.1:$port@evil.example/?$good" "not the address of this sign-in"
pasted "https://127.0.0.1:$port/?$good" "not the address of this sign-in"
pasted "http://127.0.0.1:$port/other?$good" "not the address of this sign-in"
pasted "https://live.example.org/api/platforms/connections/youtube/callback?$good" "not the address of this sign-in"
nothing_stored pasted zoom /oauth/token
still_waits pasted
grep -q "stolen\|$state" <(tail -n +8 "$work/paste.out") && fail "what was pasted is shown again"
echo "$uri" >&8
finish 0
[ "$(status zoom)" = connected ] || fail "the honest address did not count"
# The same again, pasted into the next sign-in: it is another one's, and the connection stays.
begin paste connect zoom --method oauth --port "$port" --timeout 120
shown
pasted "$uri" "another sign-in"
kill -INT "$pid"
finish 1
[ "$(status zoom)" = connected ] || fail "a replay harmed the connection"
run 0 disconnect zoom
sqlite3 "$db" "DELETE FROM connections"
curl -s -o /dev/null -X DELETE "$ECCLESIA_SIM/_sim/requests"

# ---- two at once: what one platform answers is brought to the other's way back (a mix-up)

begin one connect youtube --method oauth --timeout 120
shown
place
one_pid=$pid one=$uri
exec 4>&8
begin two connect restream --method oauth --port "$port" --timeout 120
shown
place
two=$uri
for swapped in "$base?${one#*\?}" "${one%%\?*}?${two#*\?}"; do
    code=$(curl -s -o /dev/null -w '%{http_code}' "$swapped")
    [ "$code" = 400 ] || fail "the other's answer: $code"
done
printf '%s\n' "$one" >&8
until_true grep -q "not the address of this sign-in" "$work/two.out"
printf '%s\n' "$base?${one#*\?}" >&8
until_true grep -q "another sign-in" "$work/two.out"
nothing_stored "a mix-up" restream /oauth/token
nothing_stored "a mix-up" youtube /token
curl -s -o /dev/null -L "$two"
finish 0
curl -s -o /dev/null -L "$one"
exec 4>&-
wait "$one_pid" || fail "the other one did not come to its end"
run 0 connection list --json
json '[.items[] | select(.status == "connected")] | length == 2'
run 0 disconnect youtube
run 0 disconnect restream
sqlite3 "$db" "DELETE FROM connections"
curl -s -o /dev/null -X DELETE "$ECCLESIA_SIM/_sim/requests"

# ---- what bears our state and is a lie all the same: it uses the state up

# lie QUERY PATH-OF-TOKEN CODE: pasted as the end.
lie()
{
    begin paste connect "$p" --method oauth --port "$port" --timeout 60 --json
    shown
    place
    echo "$base?state=$state&$1" >&8
    finish 1
    [ -z "$2" ] || json ".error.code == \"$2\""
    [[ $1 != error=*_* ]] || json ".error.platformCode == \"$(sed 's/^error=\([a-z_]*\).*/\1/' <<<"$1")\""
    grep -q $'\033' "$work/err" && fail "an escape reached the terminal"
    nothing_stored "$p: $1" "$p" "${3:-/none}"
    [ "$(rows 'SELECT count(*) FROM oauth_flows')" = 0 ] || fail "$p: $1: the sign-in is still kept"
}
for p in zoom youtube restream; do
    for iss in https%3A%2F%2Fevil.example http%3A%2F%2F127.0.0.1%3A1 https%3A%2F%2Fevil.example%2Fzoom.us https%3A%2F%2Fzoom.us.evil.example; do
        lie "code=stolen&iss=$iss" "" /oauth/token
    done
    lie "error=access_denied&error_description=%1b%5b31mno" forbidden /oauth/token
    lie "error=server_error" server /oauth/token
    lie "error=invalid_scope" config /oauth/token
    lie "error=%3Cscript%3E" forbidden /oauth/token
    # A code that is nobody's: the platform says so.
    lie "code=stolen" auth
    curl -s -o /dev/null -X DELETE "$ECCLESIA_SIM/_sim/requests"
done
# A code that was made for another platform's app.
begin other connect youtube --method oauth --port "$port"
shown
foreign=$(back "" | grep -oE 'code=[^&]*')
kill -INT "$pid"
finish 1
p=zoom
lie "$foreign" auth
exit 0
