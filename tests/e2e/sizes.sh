#!/bin/bash
# The first run's three steps, and the console at every size: what matters is there down to 40x10, nothing breaks at 1x1,
# a terminal that changes its size under an open console is followed.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"
start_sim --encoder auto --step 20

# has NAME TEXT…: all of it is on the screen, in the end.
has()
{
    local name=$1 text
    shift
    for text in "$@"; do
        until_shows "$name" "$text"
    done
}
alive() { [ -d "/proc/$(cat "$work/$1.pid")" ] || fail "$1 ended: $(cat "$work/$1.status")"; }
# The terminal's size, and the program has taken notice of it: a line of the new width is not asked for, but a sign of life.
resize()
{
    tmux -L "$1" resize-window -x "${2%x*}" -y "${2#*x}"
    alive "$1"
}

# ---- the first run ----

for size in 80x24 60x20 40x10 200x60; do
    open_screen "first$size" "$size"
    has "first$size" "1  Connect a platform" "2  Create a livestream" "3  Schedule a meeting" "press 1, choose one, then c" "q Quit"
    keys "first$size" q
    ended "first$size" 0
done
# Each step done is ticked.
open_screen first 80x24
has first "Three steps to the first service"
connect zoom
has first "✓ 1  Connect a platform"
connect youtube
connect facebook
connect jitsi
run 0 livestream create --title "Sunday Service" --start now --platform youtube --platform facebook --wait
until_gone first "Three steps"
has first "Sunday Service"
keys first 3
has first "Three steps" "✓ 2  Create a livestream" "3  Schedule a meeting"
run 0 meeting create --title "Bible Study" --start +1d --end +1h --primary zoom --platform zoom --platform jitsi --wait
until_gone first "Three steps"
has first "Bible Study"

# ---- sizes, with something to show ----

for size in 40x10 60x20 80x24 200x60; do
    open_screen "s$size" "$size"
    has "s$size" "Sunday Service" "● live" "LIVE" "2 Streams" "s Start" "x Stop" "? Help"
    keys "s$size" 3
    has "s$size" "Bible Study" "○ scheduled" "3 Meetings"
    keys "s$size" 1
    has "s$size" "1 Connections" "Restream" "Zoom" "● connected"
    keys "s$size" '?'
    has "s$size" "Keys of Connections" "Sign in"
    keys "s$size" Escape
    until_gone "s$size" "Keys of"
    keys "s$size" 2 n
    has "s$size" "New livestream" "Title *" "^S sends"
    keys "s$size" Escape
    until_gone "s$size" "New livestream"
    alive "s$size"
done
# At 60x20 the targets are there too, at 40x10 behind Enter.
has s60x20 "YouTube     live" "Facebook    live"
keys s40x10 Enter
has s40x10 "YouTube" "Facebook"

# ---- too small, and back ----

for size in 1x1 2x2 10x3 20x5 39x9 5x40 200x2; do
    resize s80x24 "$size"
    # Keys go on being taken where nothing can be drawn.
    keys s80x24 3 2
    resize s80x24 80x24
    has s80x24 "Sunday Service" "x Stop" "[2 Streams]"
    open_screen "tiny$size" "$size"
    alive "tiny$size"
    close_screen "tiny$size"
done
resize s80x24 39x10
has s80x24 "too small" "40x10"
resize s80x24 40x10
has s80x24 "Sunday Service" "● live"
resize s80x24 120x40
has s80x24 "Sunday Service" "YouTube     live" "x Stop"
# A form that is open keeps what was typed, whatever the size does.
keys s80x24 n
has s80x24 "New livestream"
type_in s80x24 "Typed and kept"
for size in 40x10 1x1 60x20 200x60 80x24; do
    resize s80x24 "$size"
done
has s80x24 "New livestream" "Typed and kept"
# So does the question whether to leave it, and the command line.
keys s80x24 Escape
has s80x24 "Leave the form?"
resize s80x24 1x1
resize s80x24 80x24
has s80x24 "Leave the form?" "[ Stay ]"
keys s80x24 Tab Enter
until_gone s80x24 "New livestream"
keys s80x24 ':'
type_in s80x24 "meeting li"
resize s80x24 10x3
has s80x24 ":eting li"
resize s80x24 80x24
has s80x24 ":meeting li"
type_in s80x24 "st"
keys s80x24 Enter
has s80x24 "Bible Study"
keys s80x24 Escape
has s80x24 "Sunday Service"

# Many changes at once.
for i in $(seq 20); do
    tmux -L s80x24 resize-window -x $((i * 9)) -y $((61 - i * 3))
done
resize s80x24 80x24
has s80x24 "Sunday Service" "x Stop"
alive s80x24
open_screen q10x3 10x3
keys q10x3 q
ended q10x3 0
exit 0
