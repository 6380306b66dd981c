#!/bin/bash
# The audit: who did what, each act a row; and whatever is done to the rows from outside is named with the row's number.
. "${0%/*}/../lib/e2e.bash"
command -v sqlite3 >/dev/null || { echo "no sqlite3 to change rows with"; exit 77; }
start_sim --encoder auto --step 20
me=$(id -un) config=$HOME/.config/ecclesia db=$HOME/.local/share/ecclesia/ecclesia.db

connect youtube
run 0 livestream create --title "Sunday Service" --platform youtube --wait=60
run 0 livestream edit Sunday --description "With communion" --wait=60
run 0 livestream start Sunday --wait=60
run 0 livestream stop Sunday --wait=60
run 0 key rotate
run 0 backup "$work/b.bak"
run 0 restore "$work/b.bak"
run 0 disconnect youtube
run 0 audit list --json
json '[.items[].action] == ["church.created","connection.connected","livestream.created","livestream.edited","livestream.starting",
    "livestream.stopping","key.master_rotated","key.data_rotated","key.destroyed","store.restored","connection.disconnected"]'
json "[.items[1:][] | select(.actor != \"$me\" or .actorKind != \"person\" or .outcome != \"done\")] == []"
json '.items | all(.detail != "" and (.at | endswith("Z")) and .sealed)'
json '.items[] | select(.action == "connection.connected") | .platform == "youtube" and .simulated'
run 0 audit list
out_has "livestream.starting"
run 0 audit verify
out_has "All 11 rows are as they were written; the newest is 11:"
head=$(grep -o '11:[0-9a-f]*' "$work/out")
run 0 audit verify --audit-head "$head"
run 2 audit verify --audit-head 11:no
# What the platform took away is a row of the engine's, which failed.
connect zoom
curl -s -d '{"platform":"zoom","kind":"status","status":401}' "$ECCLESIA_SIM/_sim/faults" >/dev/null
"$ECCLESIA" connection check zoom >/dev/null 2>&1
run 0 audit list --json
json '.items[-1] | (.action == "connection.expired" or .action == "connection.error") and .outcome == "failed"'

# ---- changed from outside

connect youtube
sqlite3 "$db" "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
cp "$db" "$work/good.db"
triggers="DROP TRIGGER audit_keep; DROP TRIGGER audit_stay; DROP TRIGGER audit_marks_stay;"
# names ROW WORDS SQL: that is found, in the words and by doctor, too; work goes on, and it is still found.
names()
{
    rm -f "$db-wal" "$db-shm"
    cp "$work/good.db" "$db"
    sqlite3 "$db" "$triggers $3" || fail "sqlite3: $3"
    run 1 audit verify --json
    json ".broken.row == $1 and (.broken.message | contains(\"$2\")) and (.whole | not)"
    run 1 doctor --offline
    out_has "$2"
    run 0 livestream create --title "Goes on" --platform youtube
    run 1 audit verify --json
    json ".broken.row == $1 or (.broken.message | contains(\"mark of the newest row\"))"
}
last=$(sqlite3 "$db" "SELECT max(seq) FROM audit")
names 4 "Row 4 was changed" "UPDATE audit SET actor='nobody' WHERE seq=4"
names 4 "Row 4 was changed" "UPDATE audit SET at_ms=at_ms+1 WHERE seq=4"
names 4 "Row 4 is missing" "DELETE FROM audit WHERE seq=4"
names "$last" "Row $last is missing" "DELETE FROM audit WHERE seq=$last"
names 5 "Row 5 is missing" "DELETE FROM audit WHERE seq>4"
names 4 "Row 4 was changed" "UPDATE audit SET seq=99 WHERE seq=4; UPDATE audit SET seq=4 WHERE seq=5; UPDATE audit SET seq=5 WHERE seq=99"
names $((last + 1)) "Row $((last + 1)) was not written by ecclesia" \
    "INSERT INTO audit SELECT $((last + 1)), at_ms, church_id, 'mallory', actor_kind, action, object, platform, outcome, detail, simulated, late,
     key_id, prev, mac FROM audit WHERE seq=$last"
names 5 "Row 5 was changed" "UPDATE audit SET key_id=(SELECT max(id) FROM keys WHERE purpose='token') WHERE seq=5"
names 5 "The seal of row 5 was taken away" "UPDATE audit SET mac=x'', prev=x'' WHERE seq=5"
names "$last" "mark of the newest row" "DELETE FROM audit_marks"
names 1 "mark of the newest row" "DELETE FROM audit; DELETE FROM audit_marks; DELETE FROM sqlite_sequence WHERE name='audit'"

# A row of one who may not read the key waits, is sealed late by the next who may, and says so.
rm -f "$db-wal" "$db-shm"
cp "$work/good.db" "$db"
mv "$config/master.key" "$work/kept.key"
sqlite3 "$db" "INSERT INTO audit (at_ms, church_id, actor, actor_kind, action, object, platform, outcome, detail, simulated)
    VALUES (1, '', 'viewer', 'person', 'x.y', '', '', 'done', 'without the key', 0)"
mv "$work/kept.key" "$config/master.key"
run 0 livestream create --title "Goes on" --platform youtube
run 0 audit verify --json
json '.whole and .late == 2 and .waiting == 0' # the restore's, too
exit 0
