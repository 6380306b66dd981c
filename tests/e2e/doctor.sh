#!/bin/bash
# doctor: sound where all is sound; each fault gets a line of its own with a remedy, and exit status 1.
. "${0%/*}/../lib/e2e.bash"
command -v sqlite3 >/dev/null || { echo "no sqlite3 to make the damage with"; exit 77; }
may_hold+=(tls.key) # of its own server
start_sim
config=$HOME/.config/ecclesia db=$HOME/.local/share/ecclesia/ecclesia.db
run 0 doctor
connect youtube
connect zoom
run 0 doctor --json
json '.failed == 0 and .warnings == 0 and ([.items[].check] | unique) == ["audit","clock","config","database","disk","dns","keys","memory","permissions","platform","secrets","terminal","tls"]'
json '[.items[] | select(.check == "platform")] | length >= 2 and all(.state == "ok" and (.text | contains("SIMULATED")))'
json '.items[] | select(.check == "clock") | .state == "ok"'
head=$(jq -r .auditHead "$work/out")
run 0 doctor --offline --audit-head "$head"
err_empty

# finds STATE CHECK WORDS OPTION…: a line of that check, failed or warning, with these words and a remedy; any finding is exit status 1.
finds()
{
    local state=$1 check=$2 words=$3
    shift 3
    run 1 doctor --json "$@"
    [ "$(jq -e --arg check "$check" --arg words "$words" --arg state "$state" \
        'any(.items[]; .check == $check and .state == $state and (.text | contains($words)) and (.remedy | length > 10))' \
        <"$work/out")" = true ] || fail "not found: $check: $words"
}

# Every damaged field is named, the others are not.
cp "$db" "$work/good.db"
put_back() { rm -f "$db-wal" "$db-shm"; cp "$work/good.db" "$db"; }
sqlite3 "$db" "UPDATE secrets SET blob=zeroblob(length(blob)) WHERE rowid IN (1, 2)"
finds failed secrets "The stored" --offline
json '[.items[] | select(.check == "secrets")] | length == 2'
put_back
sqlite3 "$db" "DROP TRIGGER audit_keep; UPDATE audit SET actor='nobody' WHERE seq=2"
finds failed audit "Row 2 was changed" --offline
run 1 audit verify
out_has "Row 2 was changed"
put_back
run 0 audit verify --json
json '.whole and .rows > 1 and (.head | test("^[0-9]+:[0-9a-f]{64}$"))'
sqlite3 "$db" "DROP TRIGGER audit_stay; DELETE FROM audit WHERE seq=(SELECT max(seq) FROM audit)"
finds failed audit "is missing" --offline
run 1 audit verify --json
json '(.whole | not) and .broken.row > 1 and (.broken.message | contains("is missing")) and (.broken.remedy | length > 10)'
put_back
finds failed audit "was noted" --offline --audit-head "1:${head##*:}"
run 1 doctor --offline --audit-head nonsense
out_has "is not a head of the audit"
sqlite3 "$db" "UPDATE keys SET kcv=zeroblob(16) WHERE id=1"
finds failed keys "Key 1 of" --offline
json 'any(.items[]; .check == "secrets" and .state == "skipped")'
put_back
sqlite3 "$db" "PRAGMA foreign_keys=OFF; DELETE FROM connections"
finds failed database "refer to what is not there" --offline
put_back
(ECCLESIA_CRASH=vault.rotate.keyed exec "$ECCLESIA" key rotate) >/dev/null 2>&1
finds warning keys "A rotation was cut off" --offline
run 0 key rotate
cp "$db" "$work/good.db"

# Files that others can use; keys that cannot be used.
chmod 770 "$(dirname "$db")"
finds failed permissions "can be used by other accounts" --offline
chmod 700 "$(dirname "$db")"
chmod 644 "$db" # mended at the next opening; a copy beside it is not
(umask 022; cp "$db" "$db.before-1"; chmod 644 "$db.before-1")
finds failed permissions "$db.before-1 can be used by other accounts (mode 644)" --offline
[ "$(stat -c %a "$db")" = 600 ] || fail "the database can still be read by others"
rm "$db.before-1"
chmod 644 "$(ls "$config"/master.key.until-* | head -n 1)"
finds failed permissions "master.key.until-" --offline
chmod 600 "$config"/master.key.until-*
chmod 770 "$config"
finds failed permissions "$config can be used" --offline
chmod 700 "$config"
chmod 644 "$config/master.key"
finds failed keys "can be read by other accounts" --offline
chmod 600 "$config/master.key"
mv "$config/master.key" "$work/master.key"
finds failed keys "is missing" --offline
[ ! -e "$config/master.key" ] || fail "the doctor made a key"
ECCLESIA_MASTER_KEY=$(cat "$work/master.key") finds warning keys "environment" --offline
mv "$work/master.key" "$config/master.key"
printf '[youtube]\nclient_secret = x\n' >"$config/ecclesia.conf"
chmod 644 "$config/ecclesia.conf"
finds warning config "holds the secret of an app" --offline
rm "$config/ecclesia.conf"
printf '[youtube]\ncolour = red\n' >"$work/bad.conf"
finds failed config "colour" --offline --config "$work/bad.conf"

# Damage of the file itself, or no database at all: said, not crashed on.
printf 'no database, but long enough to be looked at as one by whoever opens it' >"$work/text.db"
finds failed database "is not a database" --offline --db "$work/text.db"
cp "$work/good.db" "$work/torn.db"
dd if=/dev/urandom of="$work/torn.db" bs=4096 seek=6 count=6 conv=notrunc status=none
finds failed database "damaged" --offline --db "$work/torn.db"
# What needs no database is looked at all the same, and what needs it is said not to be.
chmod 640 "$work/text.db"
finds failed permissions "text.db" --offline --db "$work/text.db"
json '[.items[] | select(.state == "ok") | .check] | contains(["config","disk","memory"])'
chmod 600 "$work/torn.db"
json '[.items[] | select(.check == "keys" or .check == "secrets" or .check == "audit") | .state] == ["skipped","skipped","skipped"]'
run 1 doctor --db "$work/torn.db" --json
json '[.items[] | select(.check == "platform" and .state == "ok")] | length == 8'
if [ "$(id -u)" -eq 0 ]; then
    # A disk that is full, and one without room for files.
    mkdir "$work/small"
    if mount -t tmpfs -o size=9m,nr_inodes=40,mode=700 none "$work/small" 2>/dev/null; then
        cp "$work/good.db" "$work/small/e.db"
        finds failed disk "has " --offline --db "$work/small/e.db"
        umount -l "$work/small"
    fi
fi

# The clock, and the way to each platform.
ECCLESIA_TEST_CLOCK=2001-01-01T00:00:00Z finds failed clock "behind"
ECCLESIA_TEST_CLOCK=$(date -u -d '+90 seconds' +%FT%TZ) finds warning clock "ahead of"
ECCLESIA_YOUTUBE_API_BASE=https://no-such-host.invalid finds failed dns "no-such-host.invalid"
json 'any(.items[]; .check == "platform" and .state == "skipped" and (.text | contains("see dns")))'
ECCLESIA_ZOOM_API_BASE=http://127.0.0.1:9 finds failed platform "127.0.0.1"
json '[.items[] | select(.check == "platform" and .state == "ok")] | length >= 1'
if command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/tls.key" -out "$work/tls.pem" -days 1 -subj /CN=localhost 2>/dev/null
    openssl s_server -accept 0 -key "$work/tls.key" -cert "$work/tls.pem" -www >"$work/tls" 2>&1 &
    server=$!
    until_true grep -q ACCEPT "$work/tls"
    port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$work/tls")
    ECCLESIA_YOUTUBE_API_BASE=https://127.0.0.1:$port finds failed tls "ertificate"
    kill "$server"
    ECCLESIA_NET_CA_FILE=$work/none.pem finds failed tls "none.pem, cannot be read"
fi
# Platforms that never answer: each is named, all at once, and in bounded time.
curl -s -d '{"platform":"zoom","kind":"stall"}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
curl -s -d '{"platform":"youtube","kind":"stall"}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
curl -s -d '{"platform":"teams","kind":"refuse"}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
begun=$SECONDS
finds failed platform "YouTube did not answer"
json '[.items[] | select(.check == "platform" and .state == "failed")] | length >= 3'
[ $((SECONDS - begun)) -le 20 ] || fail "the doctor took $((SECONDS - begun)) s"
curl -s -X DELETE "$ECCLESIA_SIM/_sim/faults" >/dev/null
run 0 doctor
exit 0
