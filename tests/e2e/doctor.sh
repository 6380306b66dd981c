#!/bin/bash
# doctor: sound where all is sound; each fault gets a line of its own with a remedy, and exit status 1.
. "${0%/*}/../lib/e2e.bash"
command -v sqlite3 >/dev/null || { echo "no sqlite3 to make the damage with"; exit 77; }
start_sim
config=$HOME/.config/ecclesia db=$HOME/.local/share/ecclesia/ecclesia.db
run 0 doctor
connect youtube
connect zoom
run 0 doctor --json
json '.failed == 0 and .warnings == 0 and ([.items[].check] | unique) == ["audit","clock","config","database","disk","keys","platform","secrets"]'
json '[.items[] | select(.check == "platform")] | length >= 2 and all(.state == "ok" and (.text | contains("SIMULATED")))'
json '.items[] | select(.check == "clock") | .state == "ok"'
head=$(jq -r .auditHead "$work/out")
run 0 doctor --offline --audit-head "$head"
err_empty

# finds STATUS CHECK WORDS OPTION…: one failed (or warned of) line of that check, with these words and a remedy.
finds()
{
    local status=$1 check=$2 words=$3 state=failed
    shift 3
    [ "$status" -eq 0 ] && state=warning
    run "$status" doctor --json "$@"
    [ "$(jq -e --arg check "$check" --arg words "$words" --arg state "$state" \
        'any(.items[]; .check == $check and .state == $state and (.text | contains($words)) and (.remedy | length > 10))' \
        <"$work/out")" = true ] || fail "not found: $check: $words"
}

# Every damaged field is named, the others are not.
cp "$db" "$work/good.db"
put_back() { rm -f "$db-wal" "$db-shm"; cp "$work/good.db" "$db"; }
sqlite3 "$db" "UPDATE secrets SET blob=zeroblob(length(blob)) WHERE rowid IN (1, 2)"
finds 1 secrets "The stored" --offline
json '[.items[] | select(.check == "secrets")] | length == 2'
put_back
sqlite3 "$db" "DROP TRIGGER audit_keep; UPDATE audit SET actor='nobody' WHERE seq=2"
finds 1 audit "Row 2 was changed" --offline
put_back
sqlite3 "$db" "DROP TRIGGER audit_stay; DELETE FROM audit WHERE seq=(SELECT max(seq) FROM audit)"
finds 1 audit "is missing" --offline
put_back
finds 1 audit "was noted" --offline --audit-head "1:${head##*:}"
run 1 doctor --offline --audit-head nonsense
out_has "is not a head of the audit"
sqlite3 "$db" "UPDATE keys SET kcv=zeroblob(16) WHERE id=1"
finds 1 keys "Key 1 of" --offline
json 'any(.items[]; .check == "secrets" and .state == "skipped")'
put_back
sqlite3 "$db" "PRAGMA foreign_keys=OFF; DELETE FROM connections"
finds 1 database "refer to what is not there" --offline
put_back
(ECCLESIA_CRASH=vault.rotate.keyed exec "$ECCLESIA" key rotate) >/dev/null 2>&1
finds 0 keys "A rotation was cut off" --offline
run 0 key rotate
cp "$db" "$work/good.db"

# Files that others can use; keys that cannot be used.
chmod 770 "$(dirname "$db")"
finds 1 database "can be used by other accounts" --offline
chmod 700 "$(dirname "$db")"
chmod 644 "$config/master.key"
finds 1 keys "can be read by other accounts" --offline
chmod 600 "$config/master.key"
mv "$config/master.key" "$work/master.key"
finds 1 keys "is missing" --offline
[ ! -e "$config/master.key" ] || fail "the doctor made a key"
ECCLESIA_MASTER_KEY=$(cat "$work/master.key") finds 0 keys "environment" --offline
mv "$work/master.key" "$config/master.key"
printf '[youtube]\nclient_secret = x\n' >"$config/ecclesia.conf"
chmod 644 "$config/ecclesia.conf"
finds 0 config "holds the secret of an app" --offline
rm "$config/ecclesia.conf"
printf '[youtube]\ncolour = red\n' >"$work/bad.conf"
finds 1 config "colour" --offline --config "$work/bad.conf"

# Damage of the file itself, or no database at all: said, not crashed on.
printf 'no database, but long enough to be looked at as one by whoever opens it' >"$work/text.db"
finds 1 database "is not a database" --offline --db "$work/text.db"
cp "$work/good.db" "$work/torn.db"
dd if=/dev/urandom of="$work/torn.db" bs=4096 seek=6 count=6 conv=notrunc status=none
finds 1 database "damaged" --offline --db "$work/torn.db"

# The clock, and the way to each platform.
ECCLESIA_TEST_CLOCK=2001-01-01T00:00:00Z finds 1 clock "behind"
ECCLESIA_TEST_CLOCK=$(date -u -d '+90 seconds' +%FT%TZ) finds 0 clock "ahead of"
ECCLESIA_YOUTUBE_API_BASE=https://no-such-host.invalid finds 1 platform "no-such-host.invalid"
ECCLESIA_ZOOM_API_BASE=http://127.0.0.1:9 finds 1 platform "127.0.0.1"
json '[.items[] | select(.check == "platform" and .state == "ok")] | length >= 1'
if command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/tls.key" -out "$work/tls.pem" -days 1 -subj /CN=localhost 2>/dev/null
    openssl s_server -accept 0 -key "$work/tls.key" -cert "$work/tls.pem" -www >"$work/tls" 2>&1 &
    server=$!
    until_true grep -q ACCEPT "$work/tls"
    port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$work/tls")
    ECCLESIA_YOUTUBE_API_BASE=https://127.0.0.1:$port finds 1 platform "ertificate"
    kill "$server"
fi
run 0 doctor
exit 0
