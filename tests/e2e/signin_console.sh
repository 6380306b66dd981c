#!/bin/bash
# Signing in with no browser on the machine: in the console at 80x24 with TERM=xterm, and from the shell of an SSH session.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
start_sim --encoder auto --step 20
ECCLESIA_FACEBOOK_CLIENT_TOKEN=$(jq -r .platforms.facebook.client_token "$work/sim.json")
export ECCLESIA_FACEBOOK_CLIENT_TOKEN ECCLESIA_LOG_FILE="$work/log"
unset DISPLAY WAYLAND_DISPLAY BROWSER SSH_CONNECTION
db=$HOME/.local/share/ecclesia/ecclesia.db
program=$ECCLESIA
secrets=()

# The terminal of an SSH session: xterm, whatever tmux would say.
cat >"$work/ecclesia" <<END
#!/bin/bash
export TERM=xterm
unset TMUX
exec $(realpath "$program") "\$@"
END
chmod +x "$work/ecclesia"
ECCLESIA=$work/ecclesia

# The sign-in's address as a person copies it: the rows from the first column on. Not the page for a code.
shown_url()
{
    screen "$1" | awk '/^https?:.*[?]/ { on = 1 } /^ / { on = 0 } on { printf "%s", $0 }'
}
# address NAME: $url, once it is whole.
has_address() { url=$(shown_url "$1") && [[ $url == *state=* ]]; }
address() { until_true has_address "$1"; }
# end_of ANSWER: where the browser ends, as it would stand in its address line.
end_of()
{
    uri=$(curl -s -o /dev/null -w '%{redirect_url}' "$url&sim_answer=$1")
    [[ $uri == http* ]] || fail "the sim sends the browser nowhere: $url"
    secrets+=("$(sed -n 's/.*code=\([^&]*\).*/\1/p' <<<"$uri")")
}
# paste NAME TEXT: as a terminal does it, with marks around where the program has asked for them.
paste()
{
    printf %s "$2" | tmux -L "$1" load-buffer -
    tmux -L "$1" paste-buffer -p -d
}
# Waits for the question and says yes.
say_yes()
{
    until_shows "$1" "Is this the right account?"
    until_shows "$1" "▸ [ Later ]"
    keys "$1" Tab
    until_shows "$1" "▸ [ Yes, connect it ]"
    keys "$1" Enter
}
# choose NAME PLATFORM: its row alone, on the Connections tab.
unfiltered() { shows "$1" 'only "' || return 0; keys "$1" Escape; return 1; }
choose()
{
    # Esc puts away the answer before the filter.
    until_true unfiltered "$1"
    keys "$1" /
    type_in "$1" "$2"
    keys "$1" Enter
    until_shows "$1" "▸ $2"
}
method() { "$program" connection list --json | jq -r ".items[] | select(.platform == \"$1\") | .status + \" \" + .method"; }

# ---- the console: by pasting

open_screen one 80x24
until_shows one "Three steps"
keys one 1
until_shows one "[1 Connections]"
choose one YouTube
keys one c
until_shows one "There are two ways to connect YouTube"
keys one Enter
address one
until_shows one " left"
until_shows one "type in the code:"
until_shows one "Enter shows a QR code of that page for a phone."
# The code for a phone stands alone in its frame.
screen one | grep -qE '│  [A-Z]{4}-[A-Z]{4}  │' || fail "no code"
tmux -L one set -s set-clipboard on
keys one y
until_shows one "The address was sent to your clipboard."
until_true tmux -L one show-buffer
[ "$(tmux -L one show-buffer)" = "$url" ] || fail "the clipboard has $(tmux -L one show-buffer)"
first=$url
# Left, it goes on; come back to, it is the same.
keys one Escape
until_shows one "signing in …"
screen one | grep -qE 'signing in … [0-9]+:[0-9]{2} left' || fail "the row has no countdown"
until_shows one "goes on: press c to come back"
keys one 2
until_shows one "[2 Streams]"
keys one 1
keys one c
address one
[ "$url" = "$first" ] || fail "coming back began another sign-in"
# Leaving the program asks.
keys one Escape
until_shows one "signing in …"
keys one q
until_shows one "still waits: leaving breaks it off"
keys one Escape
until_gone one "leaving breaks it off"
keys one c
address one
# What is none of it is refused with a reason; far too much does no harm.
paste one "hello there"
until_shows one "Paste it here: hello there"
keys one Enter
until_shows one "That is not an address."
paste one "$(head -c 65536 /dev/zero | tr '\0' x)"
until_shows one "Paste it here: x"
keys one Enter
until_shows one "too long to be the address"
end_of allow
paste one "$uri"
until_shows one "Paste it here: "
keys one Enter
until_shows one "Is this the right account?"
shows one "https://yt3.ggpht.com/simulated/stmarks" || fail "no picture of the channel"
shows_not one "code=" || fail "the code is still on the screen"
# Nothing counts before yes.
[ -z "$(method youtube)" ] || fail "connected before anybody said yes"
type_in one "y"
keys one Enter
until_shows one "answer: press c"
keys one c
say_yes one
until_shows one "YouTube is connected as"
until_shows one "● connected"
[ "$(method youtube)" = "connected oauth" ] || fail "youtube: $(method youtube)"

# ---- by a code; two at once; typed without marks around it

choose one Zoom
keys one c
until_shows one "There are two ways"
keys one Enter
until_shows one "type in the code:"
address one
zoom=$url
code=$(screen one | sed -n 's/^ *│  \([^ ]*\)  │.*/\1/p')
page=$(screen one | grep -m1 -oE '^http[^ ?]*device[^ ?]*$') || page=$(screen one | grep -m1 -oE '^http[^ ]*')
[ -n "$code" ] && [ -n "$page" ] || fail "no code or page"
keys one Escape
choose one Facebook
keys one c
until_shows one "There are two ways"
keys one Enter
address one
[ "$url" != "$zoom" ] || fail "the other sign-in's address"
keys one Escape
choose one Zoom
until_shows one "signing in …"
curl -s -o /dev/null "${page%%\?*}?user_code=$code&sim_answer=allow"
until_shows one "Zoom: somebody has signed in." 30
keys one c
say_yes one
until_shows one "Zoom is connected as" 30
[ "$(method zoom)" = "connected device" ] || fail "zoom: $(method zoom)"

# ---- refused there

choose one Facebook
keys one c
address one
end_of refuse
type_in one "$uri"
keys one Enter
until_shows one "Enter  begins again"
shows one "refused" || shows one "denied" || fail "no word of the refusal"
[ -z "$(method facebook)" ] || fail "facebook: $(method facebook)"
# Begun again, it can be broken off, which asks.
keys one Enter
address one
keys one x
until_shows one "Break off the sign-in at Facebook?"
keys one Tab Enter
until_shows one "was broken off; nothing was changed."
until_shows one "○ not connected"

# ---- signed in again by one key, with the app's values that were typed before

keys one q
ended one 0
id=$ECCLESIA_ZOOM_CLIENT_ID secret=$ECCLESIA_ZOOM_CLIENT_SECRET
secrets+=("$secret")
unset ECCLESIA_ZOOM_CLIENT_ID ECCLESIA_ZOOM_CLIENT_SECRET
run 0 disconnect zoom
open_screen two 80x24
until_shows two "Ecclesia"
keys two 1
choose two Zoom
keys two c
until_shows two "There are two ways"
keys two Enter
until_shows two "Zoom: the app to sign in with"
until_shows two "needs a client_id"
type_in two "$id"
keys two Tab
type_in two "$secret"
until_shows two "••••"
shows_not two "$secret" || fail "the secret is on the screen"
keys two C-s
address two
end_of allow
paste two "$uri"
until_shows two "Paste it here: "
keys two Enter
say_yes two
until_shows two "Zoom is connected as"
sim_post grants '{"platform":"zoom","action":"revoke"}' >/dev/null
keys two C
until_shows two "expired: press c"
keys two c
address two
end_of allow
paste two "$uri"
until_shows two "Paste it here: "
keys two Enter
say_yes two
until_shows two "Zoom is connected as"
until_shows two "● connected"

# ---- the host's link: on demand, and nowhere else

run 0 meeting create --title "Elders" --start +3h --platform zoom --wait=30
run 0 meeting show Elders --host-link
link=$(sed -n 's/^ *host link *//p' "$work/out")
[[ $link == http* ]] || fail "no host's link: $(cat "$work/out")"
secrets+=("${link##*=}")
run 0 meeting show Elders --host-link --json
json '.targets[0].hostLink | startswith("http")'
run 0 meeting show Elders --json
json '.targets[0] | has("hostLink") | not'
run 0 meeting list --json
json '[.. | objects | has("hostLink")] | any | not'
keys two 3
until_shows two "[3 Meetings]"
keys two Escape
until_shows two "▸ Elders"
keys two H
until_shows two "Whoever has this link is the host."
until_shows two "zak="
keys two Escape
until_gone two "zak="
run 0 log --json --limit 50
grep -q "the host's link at Zoom was shown" "$work/out" || fail "nobody is told that the link was shown"
keys two q
ended two 0

# ---- nobody comes

ECCLESIA_SIGNIN_WAIT=3s open_screen three 80x24
until_shows three "Elders"
keys three 1
choose three YouTube
keys three c
address three
until_shows three "Nobody has signed in at YouTube in time."
until_shows three "Enter  begins again"
[ "$(method youtube)" = "connected oauth" ] || fail "what was connected before was harmed"
keys three Escape
until_shows three "● connected"
keys three q
ended three 0

# ---- from the shell: a terminal without a browser

open_screen cli 80x24 connect youtube
until_shows cli "paste it here"
until_shows cli "Waiting for"
until_shows cli "A QR code of"
url=$(tmux -L cli capture-pane -pJ -S -100 | grep -m1 -oE '^http[^ ]*state=[^ ]*')
end_of allow
paste cli "$uri"
keys cli Enter
until_shows cli "Is this the right account? [y/N]"
keys cli y Enter
ended cli 0
tmux -L cli capture-pane -pJ | grep -q "YouTube: connected as" || fail "nothing is said at the end"
# Ctrl-C gives the terminal back; what was connected stays.
open_screen stop 80x24 connect youtube
until_shows stop "Waiting for"
keys stop C-c
ended stop 1
shows stop "broken off" || fail "Ctrl-C: not a word"
[ "$(method youtube)" = "connected oauth" ] || fail "Ctrl-C has harmed the one before"

# The same within script(1), whose terminal has no size: words go to it, and the QR code's place has a word.
mkfifo "$work/typed"
may_hold+=(typescript) # the terminal echoes what is pasted: a code that is used up
TERM=xterm script -qec "$(realpath "$program") connect youtube" /dev/null <"$work/typed" >"$work/typescript" 2>&1 &
pid=$!
exec 8>"$work/typed"
until_true grep -q "Waiting for" "$work/typescript"
url=$(tr -d '\r' <"$work/typescript" | sed 's/\x1b\[[0-9;]*m//g' | grep -m1 -oE '^http[^ ]*state=[^ ]*')
end_of allow
printf '%s\n' "$uri" >&8
until_true grep -q "right account" "$work/typescript"
printf 'y\n' >&8
until_true test ! -d "/proc/$pid"
exec 8>&-
wait "$pid" || fail "script: $(cat "$work/typescript")"
sed 's/\x1b\[[0-9;]*m//g' "$work/typescript" | grep -q "YouTube: connected as" || fail "script: not connected: $(cat "$work/typescript")"

# For programs: JSON alone on standard output, no colours anywhere.
mkfifo "$work/typed2"
"$program" connect youtube --json --yes <"$work/typed2" >"$work/out" 2>"$work/err" &
pid=$!
exec 8>"$work/typed2"
until_true grep -q '^http' "$work/err"
url=$(grep -m1 '^http' "$work/err")
end_of allow
printf '%s\n' "$uri" >&8
exec 8>&-
wait "$pid" || fail "connect --json"
json '.platform == "youtube" and .status == "connected"'
[ "$(wc -l <"$work/out")" = 1 ] || fail "more than the JSON on standard output"
grep -q $'\033' "$work/out" "$work/err" && fail "colours where nobody sees them"

# ---- nothing of all that was secret is in the log, in an event or open in the database

[ -s "$work/log" ] || fail "there is no log"
for s in "${secrets[@]}"; do
    [ ${#s} -gt 5 ] || continue
    for file in "$work/log" "$db" "$db-wal"; do
        [ -e "$file" ] && grep -qaF -- "$s" "$file" && fail "${file##*/} holds a secret"
    done
done
exit 0
