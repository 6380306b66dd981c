#!/bin/bash
# Secrets given in every way there is, used, refused, renewed and taken back: their bytes are found nowhere. What commands print is looked
# through as it comes (run), all that is left behind at the end (tests/lib/secrets.bash).
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
export ECCLESIA_LOG_FILE=$work/trace ECCLESIA_QUEUE_SETTLE=500ms ECCLESIA_RETRY_BASE=50ms ECCLESIA_RETRY_CAP=200ms ECCLESIA_POLL_LIVE=200ms
start_sim --encoder auto --step 20
ECCLESIA_FACEBOOK_CLIENT_TOKEN=$(jq -r .platforms.facebook.client_token "$work/sim.json")
export ECCLESIA_FACEBOOK_CLIENT_TOKEN
db=$HOME/.local/share/ecclesia/ecclesia.db
may_hold+=(given.secret given.conf)
n=0
# A secret that nobody has seen before, in $mark.
new_mark() { n=$((n + 1)); mark=${secret_mark}Nr$n; }
# tries WORD…: whatever comes of it, it is not told.
tries() { timeout 30 "$ECCLESIA" "$@" >"$work/out" 2>"$work/err" <"${input:-/dev/null}"; no_secret "$work/out" "$work/err"; }

# ---- it would be found

echo "bearer ${secret_mark}abc" >"$work/planted"
(no_secret_left) >/dev/null && fail "a secret in the open is not found"
printf '{"x":"%s"}' "$(printf 'user:%s' "${secret_mark}abc" | base64)" >"$work/planted"
(no_secret_left) >/dev/null && fail "a secret in base64 is not found"
rm "$work/planted"

# ---- given, and refused

zoom=(--set account_id=x --set client_id=x --method credentials)
new_mark; tries connect zoom "${zoom[@]}" --set "client_secret=$mark"
err_has "Zoom"
new_mark; tries connect zoom "${zoom[@]}" --set "client_secret=$mark" --json
new_mark; echo "$mark" >"$work/given.secret"; input=$work/given.secret tries connect zoom "${zoom[@]}" --set client_secret=-
new_mark; echo "$mark" >"$work/given.secret"; tries connect zoom "${zoom[@]}" --set "client_secret=@$work/given.secret"
new_mark; ECCLESIA_ZOOM_CLIENT_SECRET=$mark tries connect zoom "${zoom[@]}"
new_mark; printf '[zoom]\nclient_secret = %s\n' "$mark" >"$work/given.conf"
chmod 600 "$work/given.conf"
(unset ECCLESIA_ZOOM_CLIENT_SECRET; tries connect zoom "${zoom[@]}" --config "$work/given.conf") || exit 1
# Mistakes do not repeat what was given.
new_mark; tries connect zoom --set "$mark" --timeout 1
new_mark; tries connect zoom --set "no_such_key=$mark"
new_mark; tries connect zoom --set "client_secret=$mark" --set "client_secret=$mark" --timeout 1
new_mark; printf '[zoom]\nclient_secret = %s\ncolour = red\n' "$mark" >"$work/given.conf"; tries connection list --config "$work/given.conf"
new_mark; printf '[zoom]\nclient_secret %s\n' "$mark" >"$work/given.conf"; tries connection list --config "$work/given.conf"
new_mark; ECCLESIA_MASTER_KEY=$mark tries key status
new_mark; tries connect youtube --set "refresh_token=1//0$mark"
new_mark; tries connect facebook --set "access_token=EAA$mark"
new_mark; tries connect instagram --set "stream_key=$mark" --set "access_token=IGAA$mark"
new_mark; tries connect restream --set "refresh_token=$mark"
new_mark; tries connect teams --set "refresh_token=0.AX$mark"
new_mark; tries connect jitsi --set deployment=jaas --set app_id=x --set key_id=x/y --set "private_key=-----BEGIN PRIVATE KEY-----
$mark
-----END PRIVATE KEY-----"
# Typed into the console.
open_screen console 100x30
until_shows console "Three steps"
new_mark
type_in console ":connect zoom --set account_id=x --set client_id=x --method credentials --set client_secret=$mark"
keys console Enter
until_true shows_not console "$mark"
keys console q
ended console 0

# ---- on no command line, in no core file

curl -s -d '{"platform":"zoom","kind":"stall"}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
new_mark
"$ECCLESIA" connect zoom "${zoom[@]}" --set "client_secret=$mark" >"$work/stalled" 2>&1 &
stalled=$!
until_true grep -q "client_secret=xxxx" "/proc/$stalled/cmdline"
for line in /proc/[0-9]*/cmdline; do
    [ "${line%/cmdline}" = "/proc/$$" ] || ! grep -qaF "$mark" "$line" 2>/dev/null || fail "$line: $(tr '\0' ' ' <"$line")"
done
grep -q 'Max core file size  *0  *0 ' "/proc/$stalled/limits" || fail "a core file could be written"
kill -SEGV "$stalled"
wait "$stalled" 2>/dev/null
[ -z "$(find "$work" "$HOME" . -maxdepth 1 -name 'core*' -newer "$work/given.conf")" ] || fail "a core file was written"
curl -s -X DELETE "$ECCLESIA_SIM/_sim/faults" >/dev/null
# Nobody of the same account reads its memory: its files in /proc are root's.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    place=$(mktemp -d /tmp/eclp.XXXXXX)
    cp "$ECCLESIA" "$place/ecclesia"
    chmod 755 "$place"
    mkdir -m 700 "$place/home"
    chown 65534:65534 "$place/home"
    mkfifo "$place/in"
    env -u ECCLESIA_LOG_FILE HOME="$place/home" setpriv --reuid=65534 --regid=65534 --clear-groups "$place/ecclesia" log -f >"$work/follow" 2>&1 &
    follow=$!
    until_true grep -q . "$work/follow"
    [ "$(stat -c %u "/proc/$follow/environ")" = 0 ] || fail "its memory can be read by its account"
    kill "$follow"
    wait "$follow" 2>/dev/null
    rm -r "$place"
fi

# ---- given, and used

for p in zoom google_meet teams facebook instagram restream; do connect "$p"; done
# A person's sign-in, whose address is pasted back.
mkfifo "$work/paste"
"$ECCLESIA" connect youtube --method oauth --yes >"$work/out" 2>"$work/err" <"$work/paste" &
signin=$!
exec 8>"$work/paste"
until_true grep -qm1 '^http' "$work/out"
curl -s -o /dev/null -w '%{redirect_url}\n' "$(grep -m1 '^http' "$work/out")&sim_answer=allow" >&8
exec 8>&-
wait "$signin" || fail "the pasted address did not count"
no_secret "$work/out" "$work/err"
# An own server's secret cannot be asked for there: it is sealed as it is, and tokens are made with it.
new_mark
run 0 connect jitsi --set deployment=selfhosted --set "host=$(jq -r .platforms.jitsi.credentials.host "$work/sim.json")" --set app_id=ecclesia \
    --set "app_secret=$mark"
# Restream and Instagram wait for an encoder.
tries livestream create --title "Sunday Service" --platform youtube --platform facebook --platform restream --platform instagram --start now --wait=5
out_has "watch?v="
run 0 meeting create --title "Prayer" --start "+3h" --platform zoom:passcode=Psalm23x --platform google_meet --platform teams --platform jitsi --wait=60
# every ACTION: of all grants.
every()
{
    local p
    for p in zoom youtube facebook restream teams; do
        curl -s -o /dev/null -d "{\"platform\":\"$p\",\"action\":\"$1\"}" "$ECCLESIA_SIM/_sim/grants"
    done
}
every expire_access
tries connection check # Facebook's token cannot be renewed
# A platform that repeats what it was sent: in a refusal, in what is no answer and in what is one.
echoes() { curl -s -o /dev/null -d "{\"platform\":\"$1\",\"kind\":\"status\",\"status\":400,\"times\":4,\"body\":\"$2\"}" "$ECCLESIA_SIM/_sim/faults"; }
new_mark
echoes zoom "{\\\"error\\\":\\\"invalid_client\\\",\\\"reason\\\":\\\"Wrong secret $mark\\\"}"
tries connect zoom "${zoom[@]}" --set "client_secret=$mark"
err_has "Wrong secret xxxx"
echoes youtube "{\\\"error\\\":{\\\"code\\\":400,\\\"message\\\":\\\"Token 1//0$mark is bad\\\",\\\"errors\\\":[{\\\"reason\\\":\\\"x\\\"}]}}"
tries connect youtube --set "refresh_token=1//0$mark"
err_has "Token xxxx"
curl -s -X DELETE "$ECCLESIA_SIM/_sim/faults" >/dev/null
new_mark
for body in "token $mark is wrong" "{\\\"error\\\":\\\"$mark\\\"}"; do
    curl -s -o /dev/null -d "{\"platform\":\"*\",\"kind\":\"garbage\",\"body\":\"$body\",\"times\":8}" "$ECCLESIA_SIM/_sim/faults"
    tries connection check --json
    curl -s -X DELETE "$ECCLESIA_SIM/_sim/faults" >/dev/null
done
tries livestream stop "Sunday Service" --wait=20
for words in "connection list" "livestream list" "livestream show Sunday" "livestream report Sunday" "meeting list" "meeting show Prayer" \
    "meeting ics Prayer" "job list" "log" "log --level warning" "audit list" "key status" "doctor" "platform show zoom" "church list"; do
    # shellcheck disable=SC2086
    run 0 $words
    # shellcheck disable=SC2086
    [[ $words == *ics* ]] || run 0 $words --json
done
# A passcode is for the members, who find it in the link; the log and the audit are no place for it.
for words in "log --json" "audit list --json"; do
    # shellcheck disable=SC2086
    run 0 $words
    grep -q Psalm23x "$work/out" && fail "$words tells the passcode"
done
grep -q Psalm23x "$work/trace" && fail "the trace tells the passcode"

# ---- kept, moved, taken back

run 0 key rotate
run 0 backup "$work/plain.bak"
printf 'in the name of the lord' >"$work/words"
chmod 600 "$work/words"
run 0 backup "$work/sealed.bak" --passphrase-file "$work/words"
run 0 restore "$work/plain.bak"
every revoke
tries connection check
for p in zoom google_meet teams jitsi youtube facebook restream instagram; do run 0 disconnect "$p"; done
[ "$(sqlite3 "$db" "SELECT count(*) FROM secrets WHERE field NOT LIKE 'target/%'" 2>/dev/null || echo 0)" = 0 ] || fail "something is still sealed"
[ "$(grep -c ' net: ' "$work/trace")" -gt 50 ] || [ "$(wc -l <"$work/trace")" -gt 50 ] || fail "the trace is empty: nothing was looked through"
# Ours alone, all of it.
[ -z "$(find "$HOME/.config/ecclesia" "$HOME/.local/share/ecclesia" -perm /077)" ] ||
    fail "others can use: $(find "$HOME/.config/ecclesia" "$HOME/.local/share/ecclesia" -perm /077)"
[ "$(stat -c %a "$work/trace")" = 600 ] || fail "others can read the trace"
exit 0
