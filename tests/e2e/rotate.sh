#!/bin/bash
# Keys are replaced, and the replacing is killed, while a console works and tokens that are good once are renewed all the time: nothing becomes
# unreadable, no sign-in is lost, and running it again ends it.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
export ECCLESIA_REFRESH_AGAIN=100ms ECCLESIA_REFRESH_BASE=50ms ECCLESIA_REFRESH_CAP=200ms ECCLESIA_POLL_LIVE=200ms
RANDOM=${ECCLESIA_SEED:-$RANDOM}
start_sim --encoder auto --step 20
config=$HOME/.config/ecclesia

"$ECCLESIA" connect zoom --method oauth --yes >"$work/signin" 2>&1 </dev/null &
pid=$!
until_true grep -qm1 '^http' "$work/signin"
curl -s -o /dev/null -L "$(grep -m1 '^http' "$work/signin")&sim_answer=allow"
wait "$pid" || fail "sign-in: $(cat "$work/signin")"
connect youtube
connect restream
# The console is the engine, and has opened its keys before any is replaced.
open_screen console 100x30
until_shows console "done"
holder=$(cut -d ' ' -f 1 "$HOME/.local/share/ecclesia/ecclesia.db.lock")
[ "$holder" = "$(cat "$work/console.pid")" ] || fail "the console is not the engine"
run 0 livestream create --title "Sunday Service" --platform youtube --start now --wait=30

# Tokens run out again and again, and whoever comes first renews them.
(
    n=0
    while [ ! -e "$work/enough" ]; do
        n=$((n + 1))
        for p in zoom youtube restream; do
            curl -s -o /dev/null -d "{\"platform\":\"$p\",\"action\":\"expire_access\"}" "$ECCLESIA_SIM/_sim/grants"
        done
        "$ECCLESIA" connection check --json >"$work/check" 2>"$work/check.err" ||
            { echo "round $n: $(cat "$work/check" "$work/check.err")" >>"$work/trouble"; }
    done
    echo "$n" >"$work/rounds"
) &
checker=$!

# What a program finds that starts right after: everything opens.
all_open()
{
    "$ECCLESIA" doctor --offline --json >"$work/out" 2>"$work/err"
    json '.failed == 0 and (.items[] | select(.check == "secrets") | .state == "ok")'
}
# At each point, of what is begun anew (--only) and of what goes on from before; then at any moment.
{
    for point in master:file master:wrap master:wrapped master:kept master:swapped data:key data:keyed data:batch data:batched data:finish \
        data:finished; do
        (ECCLESIA_CRASH=vault.rotate.${point#*:} exec "$ECCLESIA" key rotate --only "${point%:*}") >/dev/null
        [ $? -eq 137 ] || fail "vault.rotate.${point#*:} was not reached"
        all_open
    done
    for ((round = 0; round < 8; round++)); do
        timeout -s KILL "0.0$((RANDOM % 90 + 10))" "$ECCLESIA" key rotate --to file >/dev/null
        all_open
    done
} 2>/dev/null
touch "$work/enough"
wait "$checker"
[ ! -e "$work/trouble" ] || fail "a renewal failed meanwhile: $(cat "$work/trouble")"
[ "$(cat "$work/rounds")" -ge 3 ] || fail "hardly anything was renewed: it tests little"

# A new passphrase could not be told to the console: refused, and nothing is changed.
printf 'our help is in the name' >"$work/words"
chmod 600 "$work/words"
run 1 key rotate --only master --to passphrase --passphrase-file "$work/words"
err_has "could not be told the new passphrase"
err_has "pid $holder"
run 0 connection check

# Once more ends what was cut off, whichever it was.
run 0 key rotate
run 0 key rotate
run 0 key status --json
json '.pending == null and ([.keys[] | select(.state == "retiring")] == []) and ([.keys[] | select(.state == "active")] | length == 3)'
[ ! -e "$config/master.key.new" ] || fail "a new key file is left"
run 0 doctor
run 0 audit verify
run 0 connection check
run 0 connection list --json
json '.items | length == 3 and all(.status == "connected")'
# The console that was open all the time works on.
[ "$(cut -d ' ' -f 1 "$HOME/.local/share/ecclesia/ecclesia.db.lock")" = "$holder" ] || fail "the console has lost the engine"
shows_not console "Start this ecclesia again" || fail "the console could not follow"
for p in zoom youtube restream; do
    curl -s -o /dev/null -d "{\"platform\":\"$p\",\"action\":\"expire_access\"}" "$ECCLESIA_SIM/_sim/grants"
done
run 0 livestream stop "Sunday Service" --wait=30
run 0 meeting create --title "Prayer" --start "+3h" --platform zoom --wait=30
exit 0
