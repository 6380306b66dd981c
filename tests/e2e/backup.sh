#!/bin/bash
# backup and restore: whole or not at all, whatever is cut off, damaged or in the way.
. "${0%/*}/../lib/e2e.bash"
start_sim
connect youtube
run 0 livestream create --title "Marker of the title" --platform youtube --wait=60
config=$HOME/.config/ecclesia db=$HOME/.local/share/ecclesia/ecclesia.db
key=$(cat "$config/master.key")
secret=$(jq -r .platforms.youtube.credentials.refresh_token "$work/sim.json")

# Plain: readable, but for what is sealed; never the key.
run 0 backup "$work/plain.bak" --json
json '.encrypted == false and .size > 0 and (.auditHead | test("^[0-9]+:[0-9a-f]{64}$")) and .keySource == "file"'
[ "$(stat -c %a "$work/plain.bak")" = 600 ] || fail "others may read it"
grep -qaF "Marker of the title" "$work/plain.bak" || fail "it is not there"
head -c 3000 "$work/plain.bak" | grep -qaF "master key" || fail "it does not say what it needs"
raw=$(printf '%b' "$(sed 's/../\\x&/g' <<<"$key")" | od -An -tx1 -v | tr -d ' \n')
for needle in "$key" "$secret"; do
    grep -qaF "$needle" "$work/plain.bak" && fail "the key or a secret is in it"
done
od -An -tx1 -v "$work/plain.bak" | tr -d ' \n' | grep -qF "$raw" && fail "the key is in it, as bytes"
run 1 backup "$work/plain.bak"
err_has "is there already"
run 1 backup "$work/none/x.bak"

# Encrypted: nothing can be read.
printf 'in the name of the lord\n' >"$work/words"
chmod 600 "$work/words"
run 0 backup "$work/sealed.bak" --passphrase-file "$work/words" --json
json '.encrypted'
grep -qaF "Marker of the title" "$work/sealed.bak" && fail "it is not encrypted"
setsid -w "$ECCLESIA" backup "$work/other.bak" --encrypt >"$work/out" 2>"$work/err" && fail "encrypted without a passphrase"
err_has "--passphrase-file"
[ -z "$(ls "$work" | grep '^other')" ] || fail "something is left"

# Killed anywhere: no file under its name, or a whole one; and the next time it works.
for point in copied written verified; do
    (ECCLESIA_CRASH=backup.$point exec "$ECCLESIA" backup "$work/cut.bak") >/dev/null 2>&1
    [ $? -eq 137 ] || fail "backup.$point was not reached"
    [ ! -e "$work/cut.bak" ] || fail "backup.$point: it has its name already"
done
run 0 backup "$work/cut.bak"
[ ! -e "$work/cut.bak.part" ] && [ ! -e "$db.backup" ] || fail "something is left"

# Restored over what there is: that one is kept.
run 0 livestream create --title "After the backup" --platform youtube --wait=60
run 0 restore "$work/plain.bak"
out_has "Restored"
out_has "The master key opens its credentials"
kept=$(ls "$db".before-*)
[ -e "$kept" ] || fail "the old database is not kept"
run 0 livestream list --json
json '[.items[].title] == ["Marker of the title"]'
run 0 connection check youtube
run 0 audit list --json
json '[.items[] | select(.action == "store.restored")] | length == 1'
[ ! -e "$db.restore" ] || fail "something is left"
run 0 --db "$kept" livestream list --json
json '[.items[].title] | sort == ["After the backup", "Marker of the title"]'

# The encrypted one, in another place.
run 0 --db "$work/else/e.db" restore "$work/sealed.bak" --passphrase-file "$work/words" --json
json '.keyFits and (has("kept") | not)'
run 0 --db "$work/else/e.db" connection check youtube
printf 'wrong' >"$work/wrong"
chmod 600 "$work/wrong"
run 2 --db "$work/else/e.db" restore "$work/sealed.bak" --passphrase-file "$work/wrong"
err_has "is not the one of"
setsid -w "$ECCLESIA" restore "$work/sealed.bak" >"$work/out" 2>"$work/err" && fail "restored without the passphrase"
# Without the key it comes back locked, and says which one it wants.
HOME=$work/stranger run 0 --db "$work/strange/e.db" restore "$work/plain.bak"
out_has "stay locked"

# What is no good is refused, and nothing is touched.
sum=$(sha256sum <"$db")
refuses()
{
    "$ECCLESIA" restore "$@" >"$work/out" 2>"$work/err" && fail "restored: $*"
    [ "$(sha256sum <"$db")" = "$sum" ] || fail "the database was touched: $*"
    [ ! -e "$db.restore" ] || fail "something is left: $*"
}
refuses "$work/none.bak"
refuses "$work/words"
err_has "is not a backup"
refuses "$db"
err_has "is not a backup"
sed '1s/1$/2/' "$work/plain.bak" >"$work/newer.bak"
refuses "$work/newer.bak"
err_has "newer version"
size=$(stat -c %s "$work/plain.bak")
for file in plain sealed; do
    words=()
    [ $file = sealed ] && words=(--passphrase-file "$work/words")
    size=$(stat -c %s "$work/$file.bak")
    for cut in 0 10 40 500 $((size / 2)) $((size - 1)); do
        head -c $cut "$work/$file.bak" >"$work/bad.bak"
        refuses "$work/bad.bak" "${words[@]}"
    done
    (cat "$work/$file.bak"; printf x) >"$work/bad.bak"
    refuses "$work/bad.bak" "${words[@]}"
    for at in 30 200 700 $((size / 3)) $((size - 20)); do
        cp "$work/$file.bak" "$work/bad.bak"
        printf '\xa5' | dd of="$work/bad.bak" bs=1 seek=$at conv=notrunc status=none
        cmp -s "$work/bad.bak" "$work/$file.bak" || refuses "$work/bad.bak" "${words[@]}"
    done
done

# In use: refused, with who it is.
"$ECCLESIA" log -f >"$work/follow" 2>&1 &
follow=$!
until_true grep -q . "$work/follow"
sum=$(sha256sum <"$db")
refuses "$work/plain.bak"
err_has "Another process has"
kill "$follow"
wait "$follow" 2>/dev/null
curl -s -d '{"platform":"youtube","kind":"stall","times":1}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
"$ECCLESIA" livestream create --title "Holder" --platform youtube --wait=60 >/dev/null 2>&1 &
holder=$!
until_true sh -c "$ECCLESIA job list --state running --json | jq -e '.items | length == 1'"
sum=$(sha256sum <"$db")
refuses "$work/plain.bak"
err_has "pid $holder"
kill -KILL "$holder"
wait "$holder" 2>/dev/null

# Killed anywhere: the old one or the new one, whole.
for point in ready kept replaced; do
    (ECCLESIA_CRASH=restore.$point exec "$ECCLESIA" restore "$work/plain.bak") >/dev/null 2>&1
    [ $? -eq 137 ] || fail "restore.$point was not reached"
    run 0 livestream list
    run 0 connection check youtube
done
for ((i = 0; i < 6; i++)); do
    timeout -s KILL "0.0$((RANDOM % 80 + 10))" "$ECCLESIA" restore "$work/plain.bak" >/dev/null 2>&1
    run 0 connection check youtube
done 2>/dev/null
run 0 restore "$work/plain.bak"

# A damaged database is no hindrance, and is kept as it was.
dd if=/dev/urandom of="$db" bs=4096 seek=2 count=10 conv=notrunc status=none
run 0 restore "$work/plain.bak"
run 0 connection check youtube
printf 'no database at all, but long enough to look like something' >"$db"
run 0 restore "$work/plain.bak"
run 0 connection check youtube
exit 0
