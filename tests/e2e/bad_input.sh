#!/bin/bash
# What is typed wrongly, pasted by accident or set up wrongly: refused with a status, a name and a remedy, and nothing of it
# reaches a terminal raw or a platform at all.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
start_sim --encoder auto --step 20
sim=$ECCLESIA_SIM
for platform in youtube facebook zoom jitsi; do
    connect "$platform"
done
sim_delete requests

# refused STATUS TEXT WORD…: what is wrong in the first line, what to do in the second.
refused()
{
    local status=$1 text=$2
    shift 2
    run "$status" "$@"
    err_has "$text"
    out_empty
    [ "$(grep -c . "$work/err")" -ge 2 ] || fail "no remedy: ecclesia $*"
    grep -q '^  ' "$work/err" || fail "the remedy does not stand below: ecclesia $*"
    clean
}
# Nothing but text and line ends went to the terminal.
clean() { ! cat "$work/out" "$work/err" | LC_ALL=C tr -d '\n' | LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' ||
    fail "control characters: $(cat "$work/out" "$work/err" | cat -v)"; }

# ---- words ----

planned=(livestream create --title T --start +1d)
refused 2 'There is no platform "nosuch"' "${planned[@]}" --platform nosuch
refused 2 'YouTube has no setting "colour"' "${planned[@]}" --platform youtube:colour=red
refused 2 '"privacy" must be one of' "${planned[@]}" --platform youtube:privacy=secret
refused 2 'YouTube is chosen twice' "${planned[@]}" --platform youtube --platform youtube
refused 2 'YouTube is chosen twice' "${planned[@]}" --platform youtube --platform facebook --platform youtube:privacy=public
refused 2 '--title is given twice' "${planned[@]}" --platform youtube --title Again
refused 2 '--platform is missing' "${planned[@]}"
refused 2 '--title is missing' livestream create --platform youtube
refused 2 'The title is empty' livestream create --title "   " --platform youtube
for when in nonsense "2026-13-45 99:99" "tomorrow 25:00" "+1" "now now" "10:00:00:00"; do
    refused 2 'is not a time' livestream create --title T --start "$when" --platform youtube
done
refused 2 'in the past' livestream create --title T --start "2020-01-01 10:00" --platform youtube
refused 2 'in the past' livestream create --title T --start -3d --platform youtube
refused 2 'not after its start' livestream create --title T --start "2030-01-01 10:00" --end "2030-01-01 09:00" --platform youtube
refused 2 'would be over already' meeting create --title T --start "2020-01-01 10:00" --platform zoom
refused 2 'longer than 24 hours' meeting create --title T --start +1d --end +5d --platform zoom
refused 2 'YouTube has no meetings' meeting create --title T --start +1d --end +1h --platform youtube
refused 2 'is not among the meeting' meeting create --title T --start +1d --end +1h --platform zoom --primary jitsi
refused 3 'There is no livestream "nothing"' livestream start nothing
refused 3 'There is no job 999' job retry 999
refused 2 'not "abc"' job retry abc
refused 2 'There is no command "livestream frob"' livestream frob
refused 2 'there is no option --frob' livestream list --frob
refused 2 'ID is missing' livestream show
refused 2 '"b" is too much' livestream show a b
refused 2 'not "x"' log --level x
refused 2 'wants key=value' connect youtube --set refresh_token
refused 2 'There is no platform' disconnect nosuch
refused 2 'time zone "Mars/Phobos"' church create good --name X --time-zone Mars/Phobos
refused 3 'There is no church nosuch' --church nosuch livestream list
refused 2 '--db has an empty value' --db "" livestream list
# With --json too, standard output holds nothing but JSON.
run 2 "${planned[@]}" --platform nosuch --json
json '.error | (.code | length > 0) and (.detail | test("nosuch")) and (.remedy | length > 0)'

# ---- what does not belong into a text ----

for text in $'Red \e[31mtext' $'Bell\a' $'Title\e]0;owned\a' $'Two\r\nlines' $'Tab\there' $'C1 \xc2\x9b31m' $'Back\bspace' $'Del\x7f'; do
    refused 2 'The title holds' livestream create --title "$text" --start +1d --platform youtube
    refused 2 'The title holds' meeting create --title "$text" --start +1d --end +1h --platform zoom
done
refused 2 'The description holds' livestream create --title T --description $'a\e[2Jb' --start +1d --platform youtube
refused 2 'not valid UTF-8' livestream create --title $'bad \xff\xfe' --start +1d --platform youtube
refused 2 'has 120000 characters' livestream create --title "$(head -c 120000 /dev/zero | tr '\0' x)" --start +1d --platform youtube
# Unknown words come back cleaned.
refused 3 'There is no livestream' livestream show $'a\e[31mb\e]0;owned\a'
refused 2 'There is no command' $'a\e[31mb\xc2\x9bc'
refused 2 'There is no platform' "${planned[@]}" --platform $'you\e[2Jtube'
refused 1 'could not be opened' --config $'/nowhere/\e[31m' livestream list
# Signs that turn the direction of writing may stand in a title, but not in front of a person.
run 0 livestream create --title $'Right \u202e to left' --start +1d --platform youtube --wait
clean
run 0 livestream list
clean
run 0 log
clean

# 10 MB, in each way that they can come.
head -c 10000000 /dev/zero | tr '\0' x >"$work/big"
refused 2 'too long' connect youtube --set refresh_token=@"$work/big"
refused 2 'too long' connect youtube --set refresh_token=@/dev/zero
"$ECCLESIA" connect youtube --set refresh_token=- <"$work/big" >"$work/out" 2>"$work/err"
[ $? -eq 2 ] || fail "10 MB on standard input"
err_has "too long"
refused 2 'could not be opened' connect youtube --set refresh_token=@/nowhere
refused 1 'path is too long' --db "/$(head -c 5000 "$work/big")" livestream list
open_screen paste 80x24
until_shows paste "Right"
keys paste n
until_shows paste "Title *"
start=$(now_ms)
tmux -L paste load-buffer "$work/big"
tmux -L paste paste-buffer -p
until_shows paste "xxxxxxxxxx"
# Other processes' news are shown while it goes on.
run 0 livestream create --title "Meanwhile" --start +2d --platform youtube --wait
until_shows paste "Meanwhile"
echo "10 MB pasted into a title: another process's news shown after $(($(now_ms) - start)) ms"
kill -TERM "$(cat "$work/paste.pid")"
ended paste 143
echo "10 MB pasted into a title: ended by a signal after $(($(now_ms) - start)) ms"
close_screen paste
open_screen paste 80x24
until_shows paste "Right"
keys paste n
until_shows paste "Title *"
head -c 20000 "$work/big" | tmux -L paste load-buffer -
tmux -L paste paste-buffer -p
until_shows paste "xxxxxxxxxx"
keys paste C-s
until_shows paste "characters; at most"
# Pasted escape sequences are no keys and reach neither the screen nor the record.
keys paste Escape
until_shows paste "Leave the form?"
keys paste Tab Enter
until_gone paste "Title *"
keys paste n
until_shows paste "Title *"
printf 'Evil \033[31mred\033]0;owned\007 \302\23331m q\003\030' | tmux -L paste load-buffer -
tmux -L paste paste-buffer -p
until_shows paste "Evil"
keys paste C-s
[ -d "/proc/$(cat "$work/paste.pid")" ] || fail "a paste ended the console"
[ "$(pane paste pane_title)" != owned ] || fail "a paste named the terminal"
until_true sh -c "'$ECCLESIA' livestream list --json | jq -e '[.items[].title] | any(startswith(\"Evil\"))' || tmux -L paste capture-pane -p | grep -q 'control character'"
run 0 livestream list --json
json '[.items[].title] | all(explode | all(. >= 32 and (. < 127 or . > 159)))'
run 0 livestream list
clean

# ---- what a platform sends ----

id=$(sim_get "objects?platform=youtube" | jq -r '[.[] | select(.kind == "broadcast")][0].id')
fault '{"platform":"facebook","kind":"status","status":400,"body":"{\"error\":{\"message\":\"Bad \\u001b[31mred\\u001b]0;owned\\u0007 \\u009b2J\",\"code\":100}}"}'
run 1 livestream create --title "Answered badly" --start +1d --platform facebook --wait
clean
err_has "Bad"
run 0 livestream show Answered
clean
run 0 log
clean
heal

# ---- configuration ----

config=$HOME/.config/ecclesia/ecclesia.conf
# conf TEXT SAID: refused, with file and line in front.
conf()
{
    # shellcheck disable=SC2059
    printf "$1" >"$config"
    refused 1 "$config:$2" livestream list
    rm "$config"
}
conf '[queue]\nsettel = 3s\n' '2: [queue] has no key "settel"'
conf '[queu]\nsettle = 3s\n' '2: there is no section [queu]'
conf '# hello\n\n[queue]\nsettle = fast\n' '4: [queue] settle cannot be "fast"'
conf '[queue]\nworkers = -3\n' '2: [queue] workers cannot be "-3"'
conf '[console]\nascii = maybe\n' '2: [console] ascii cannot be "maybe"'
conf '[youtube]\napi_base = http://example.org\n' '2: [youtube] api_base cannot be'
conf '[youtube]\napi_base = http://127.0.0.1@example.org/\n' '2: [youtube] api_base cannot be'
conf 'settle = 3s\n' '1: "settle" stands before the first [section]'
conf '[queue]\nsettle\n' '2: this line is neither'
conf '[queue]\nsettle=3s\nsettle=4s\n' '3: [queue] settle was set already'
head -c 300000 /dev/urandom >"$config"
refused 1 "$config:" livestream list
rm "$config"
ECCLESIA_QUEUE_SETTLE=fast refused 1 'ECCLESIA_QUEUE_SETTLE: [queue] settle cannot be "fast"' livestream list
ECCLESIA_QUEUE_NOSUCH=1 refused 1 'ECCLESIA_QUEUE_NOSUCH' livestream list
refused 1 '/nowhere' --config /nowhere livestream list
# The least of workers still works.
ECCLESIA_QUEUE_WORKERS=1 run 0 livestream create --title "One worker" --start +1d --platform youtube --platform facebook --wait=20

# ---- the simulator's address ----

for address in http://example.org http://10.0.0.1:80 https://127.0.0.1:443 http://0.0.0.0:80 http://127.0.0.1@example.org:80 \
    http://127.0.0.1.example.org:80 http://2130706433:80 http://127.0.0.1:99999 127.0.0.1:80 http://127.0.0.1; do
    ECCLESIA_SIM=$address refused 1 'ECCLESIA_SIM must be http://127.0.0.1:PORT' connection check
done
ECCLESIA_SIM=$sim run 0 connection check
[ "$(sim_get requests | jq '[.[] | select(.method != "GET" and .body != null and (.body | tostring | test("\\\\u001b")))] | length')" -eq 0 ] ||
    fail "an escape sequence went to a platform"
exit 0
