#!/bin/bash
# What can have happened to the key and to the database: each is a named error with a remedy, changes nothing, and once its
# cause is gone everything is there again.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed"; exit 77; }
start_sim --encoder auto --step 20
db=$HOME/.local/share/ecclesia/ecclesia.db
key=$HOME/.config/ecclesia/master.key

for platform in youtube facebook zoom jitsi; do
    connect "$platform"
done
run 0 livestream create --title "Sunday Service" --start +3d --platform youtube --platform facebook --wait
run 0 meeting create --title "Bible Study" --start +1d --end +1h --primary zoom --platform zoom --platform jitsi --wait
mkdir "$work/good"
cp -a "$HOME/.local" "$HOME/.config" "$work/good/"

bring_back()
{
    rm -rf "$HOME/.local" "$HOME/.config"
    cp -a "$work/good/.local" "$work/good/.config" "$HOME/"
}
all_there()
{
    run 0 livestream list --json
    json '.items | length == 1 and .[0].title == "Sunday Service" and all(.[0].targets[]; .watchUrl)'
    run 0 meeting list --json
    json '.items | length == 1 and .[0].title == "Bible Study" and all(.[0].targets[]; .joinUrl)'
    run 0 connection check --json
    json 'all(.items[]; .status == "connected")'
}
# no_crash: nothing of a signal, a sanitizer or a core file.
no_crash()
{
    grep -qiE 'sanitizer|runtime error|assert' "$work/err" && fail "it crashed"
    [ -z "$(find . "$HOME" -maxdepth 1 -name 'core*')" ] || fail "a core file was left"
}
# refused TEXT REMEDY: every kind of command says so, by its exit status too, and writes nothing at all.
refused()
{
    local words before
    before=$(cat "$db" "$key" 2>/dev/null | sha256sum)
    for words in "livestream list" "connection check" "job drain" "log" \
        "livestream create --title New --start +1d --platform youtube --wait"; do
        # shellcheck disable=SC2086
        run 1 $words
        out_empty
        err_has "$1"
        err_has "$2"
        no_crash
    done
    run 1 livestream list --json
    json '.error | (.code | length > 0) and (.detail | length > 0) and (.remedy | length > 0)'
    open_screen console 80x24
    until_true test -e "$work/console.status"
    [ "$(cat "$work/console.status")" -eq 1 ] || fail "the console ended with $(cat "$work/console.status")"
    given_back console
    # The terminal breaks lines where it likes.
    screen console | tr -d '\n' | tr -s ' ' | grep -qF "${1%% *}" || fail "the console does not say \"$1\""
    close_screen console
    [ "$(cat "$db" "$key" 2>/dev/null | sha256sum)" = "$before" ] || fail "$1: something was changed"
}

# ---- the key ----

head -c 32 /dev/urandom >"$key"
refused "is the wrong one" "Name the right one"
bring_back
all_there
head -c 10 /dev/urandom >"$key"
refused "master" "32"
bring_back
rm "$key"
refused "is missing" "Put the file back"
[ ! -e "$key" ] || fail "a new key was made beside secrets that it does not open"
bring_back
chmod 644 "$key"
refused "can be read by other accounts" "chmod 600"
bring_back
all_there

# ---- one bit of one secret: that connection alone, and it is not tried again and again ----

flip()
{
    local hex byte
    hex=$(sqlite3 "$db" "SELECT hex(blob) FROM secrets s JOIN connections c ON c.id = s.connection_id
                         WHERE c.platform = 'zoom' AND field = '$1'")
    byte=${hex: -6:2}
    hex=${hex:0:${#hex}-6}$(printf %02X $((16#$byte ^ 1)))${hex: -4}
    sqlite3 "$db" "UPDATE secrets SET blob = X'$hex' WHERE field = '$1' AND connection_id =
                   (SELECT id FROM connections WHERE platform = 'zoom')"
}
for field in client_secret access_token; do
    flip "$field"
    run 1 connection check zoom
    err_has "$field of Zoom was changed or moved outside ecclesia"
    err_has "Connect again"
    run 0 connection list --json
    json '[.items[] | select(.platform == "zoom")][0] | .status == "error" and .reason == "secret_tampered" and (.remedy | length > 0)'
    json 'all(.items[] | select(.platform != "zoom"); .status == "connected")'
    run 4 meeting create --title "Council" --start +2d --end +1h --platform zoom --platform jitsi --wait --json
    json '.targets[0].code == "secret_tampered" and .targets[1].joinUrl != null and .targets[1].error == null'
    sim_delete requests
    open_screen tampered 80x24
    until_shows tampered "3 of 8 connected"
    keys tampered 1 j
    until_shows tampered "was changed or moved outside"
    keys tampered q
    ended tampered 0
    [ "$(sim_get "requests?platform=zoom" | jq length)" -eq 0 ] || fail "Zoom is asked with credentials that do not open"
    flip "$field"
    run 0 connection check zoom
    run 0 meeting retry Council zoom --wait
    bring_back
done
flip client_secret
connect zoom
all_there
bring_back

# ---- the database ----

sqlite3 "$db" "PRAGMA user_version = 99"
refused "was made by a newer version (schema 99" "Install the newer ecclesia"
bring_back
all_there
fresh() { rm -f "$db" "$db"-*; }
fresh
sqlite3 "$db" "CREATE TABLE hymns (number); INSERT INTO hymns VALUES (527)"
refused "is a database of another program" "--db"
[ "$(sqlite3 "$db" "SELECT * FROM hymns")" = 527 ] || fail "the other program's data is gone"
fresh
head -c 50000 /dev/urandom >"$db"
refused "is not a database" "keep the file"
fresh
echo "Dear diary" >"$db"
refused "is not a database" "keep the file"
[ "$(cat "$db")" = "Dear diary" ] || fail "somebody's text was overwritten"
fresh
mkdir "$db"
run 1 livestream list
err_has "is a directory"
rmdir "$db"
bring_back
truncate -s $(($(stat -c %s "$db") / 2)) "$db"
refused "is damaged" "keep the file"
bring_back
# A page in the middle.
head -c 4096 /dev/urandom | dd of="$db" bs=4096 seek=10 conv=notrunc status=none
refused "is damaged" "keep the file"
bring_back
all_there

# ---- the places ----

: >"$work/file"
run 1 --db "$work/file/e.db" livestream list
err_has "$work/file"
# What is no file keeps its mode too: never one of the machine's own devices here, root could spoil it.
mkfifo -m 666 "$work/pipe"
things=("$work/pipe")
[ "$(id -u)" -ne 0 ] || ! mknod -m 666 "$work/device" c 1 3 2>/dev/null || things+=("$work/device")
for thing in "${things[@]}"; do
    run 1 --db "$thing" livestream list
    err_has "$thing is no file that can hold a database"
    [ "$(stat -c %a "$thing")" = 666 ] || fail "$thing has another mode now"
done
# Somebody else's file is refused with its mode as it was.
sqlite3 "$work/hymns.db" "CREATE TABLE hymns (number)"
echo "Dear diary" >"$work/diary"
for thing in "$work/hymns.db" "$work/diary"; do
    chmod 644 "$thing"
    run 1 --db "$thing" livestream list
    [ "$(stat -c %a "$thing")" = 644 ] || fail "$thing has another mode now"
done
no_crash
exit 0
