#!/bin/bash
# However the console ends, its terminal is as it was: modes, screen, cursor, keypad, mouse. What it says comes after that.
. "${0%/*}/../lib/e2e.bash"
. "${0%/*}/../lib/e2e_screen.bash"

open_screen quit 80x24
until_shows quit "Three steps"
[ "$(pane quit alternate_on)" = 1 ] || fail "the console is not on the alternate screen"
keys quit q
ended quit 0
shows_not quit "Three steps" || fail "the console's picture stays"

# signal NAME STATUS
signal()
{
    open_screen "$1" 80x24
    until_shows "$1" "Three steps"
    kill -"$1" "$(cat "$work/$1.pid")"
    ended "$1" "$2"
}
signal TERM 143
signal HUP 129
signal INT 130
signal SEGV 139
signal ABRT 134
signal BUS 135
[ -z "$(find . "$HOME" -maxdepth 1 -name 'core*')" ] || fail "a core file was left"

# In the middle of a form, with something typed; then the records are all there.
open_screen form 80x24
until_shows form "Three steps"
keys form n
until_shows form "Title"
type_in form "Half a title"
until_shows form "Half a title"
kill -TERM "$(cat "$work/form.pid")"
ended form 143

# Stopped by ^Z from a shell the terminal is the shell's, with its modes; in the foreground again it is the console's.
open_shell shell 80x24
keys shell "stty -a >modes.before" Enter "$ECCLESIA; echo status \$?" Enter
until_shows shell "Three steps"
keys shell C-z
until_shows shell "Stopped"
[ "$(pane shell alternate_on)" = 0 ] && [ "$(pane shell cursor_flag)" = 1 ] && [ "$(pane shell keypad_flag)" = 0 ] ||
    fail "a stopped console keeps the terminal"
keys shell "stty -a >modes.stopped; echo 'w'rote" Enter
until_shows shell "wrote"
cmp "$work/modes.before" "$work/modes.stopped" || fail "a stopped console leaves other modes"
keys shell "fg" Enter
until_shows shell "Three steps"
keys shell 3
until_shows shell "[3 Meetings]"
keys shell q
until_gone shell "[3 Meetings]"
keys shell "stty -a >modes.after; echo 'o'ver" Enter
until_shows shell "over"
cmp "$work/modes.before" "$work/modes.after" || fail "a console that was stopped leaves other modes"

# A terminal that nobody has described, and none at all.
keys shell "clear; TERM=nonsense $ECCLESIA; echo 'e'nded \$?" Enter
until_shows shell "ended 1"
shows shell 'does not know the terminal "nonsense"' && shows shell "Set TERM" || fail "an unknown terminal is not named"
run 2
err_has "terminal"
exit 0
