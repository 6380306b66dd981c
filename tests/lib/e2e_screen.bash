# What end-to-end scripts share that look at a screen: after e2e.bash, . "${0%/*}/../lib/e2e_screen.bash"
# Each screen is a tmux server of its own with one window, so that it has the script's environment of that moment.
command -v tmux >/dev/null || { echo "tmux is not installed"; exit 77; }
screens=()

screens_end()
{
    local name

    for name in "${screens[@]}"; do
        tmux -L "$name" kill-server 2>/dev/null
    done
}
show_screens()
{
    local name

    for name in "${screens[@]}"; do
        tmux -L "$name" capture-pane -p 2>/dev/null | sed -n "/./s/^/  screen $name: /p"
    done
}
trap 'status=$?; [ $status -eq 0 ] || show_screens; screens_end; (exit $status); end_of_script' EXIT

now_ms() { local t=$EPOCHREALTIME; echo $((${t%[.,]*} * 1000 + 10#${t#*[.,]} / 1000)); }

# open_screen NAME COLUMNSxROWS WORD…: runs the program in a terminal. Beside its files $work/NAME.*: pid; status, written
# when it has ended; modes and modes.after, the terminal's before and after. The pane stays.
open_screen()
{
    local name=$1 size=$2
    shift 2
    rm -f "$work/$name".*
    [[ " ${screens[*]} " == *" $name "* ]] || screens+=("$name")
    # Nobody but this script may hold the simulator's standard input (descriptor 9).
    tmux -L "$name" -f /dev/null new-session -d -x "${size%x*}" -y "${size#*x}" bash -c '
        at=$1
        shift
        stty -g >"$at.modes"
        (printf %s "$BASHPID" >"$at.pid"; exec "$@")
        printf %s "$?" >"$at.status.new"
        stty -g >"$at.modes.after"
        mv "$at.status.new" "$at.status"
        exec cat >/dev/null' bash "$work/$name" "$ECCLESIA" "$@" 9>&- || fail "tmux does not start"
    until_true test -s "$work/$name.pid"
}

# open_shell NAME COLUMNSxROWS: a shell with job control in $work.
open_shell()
{
    [[ " ${screens[*]} " == *" $1 "* ]] || screens+=("$1")
    tmux -L "$1" -f /dev/null new-session -d -x "${2%x*}" -y "${2#*x}" -c "$work" \
        env PS1='shell> ' bash --norc --noprofile -i 9>&- || fail "tmux does not start"
    until_shows "$1" 'shell>'
}

# close_screen NAME: its terminal goes away. Returns when the name is free again.
close_screen()
{
    local server

    server=$(tmux -L "$1" display-message -p '#{pid}') || return
    tmux -L "$1" kill-server 2>/dev/null
    until_true test ! -d "/proc/$server"
}

screen() { tmux -L "$1" capture-pane -p; }
keys() { local name=$1; shift; tmux -L "$name" send-keys "$@"; }
type_in() { tmux -L "$1" send-keys -l -- "$2"; }
# Of the terminal: alternate_on, cursor_flag, pane_width …
pane() { tmux -L "$1" display-message -p "#{$2}"; }

shows() { screen "$1" | grep -qF -- "$2"; }
shows_not() { ! shows "$1" "$2"; }

# until_shows NAME TEXT [SECONDS]: waits until the screen has that text.
until_shows()
{
    local end=$((SECONDS + ${3:-15}))
    until shows "$1" "$2"; do
        [ $SECONDS -lt $end ] || fail "the screen $1 never shows \"$2\""
        sleep 0.02
    done
}

# until_gone NAME TEXT [SECONDS]: waits until the screen has it no more.
until_gone()
{
    local end=$((SECONDS + ${3:-15}))
    while shows "$1" "$2"; do
        [ $SECONDS -lt $end ] || fail "the screen $1 goes on showing \"$2\""
        sleep 0.02
    done
}

# ended NAME STATUS: waits until the program on that screen has ended so, and looks whether its terminal is as it was.
ended()
{
    until_true test -e "$work/$1.status"
    [ "$(cat "$work/$1.status")" -eq "$2" ] || fail "$1 ended with $(cat "$work/$1.status") instead of $2"
    given_back "$1"
}

given_back()
{
    cmp -s "$work/$1.modes" "$work/$1.modes.after" || fail "$1 left the terminal in other modes"
    [ "$(pane "$1" alternate_on)" = 0 ] || fail "$1 left the alternate screen on"
    [ "$(pane "$1" cursor_flag)" = 1 ] || fail "$1 left the cursor hidden"
    [ "$(pane "$1" keypad_flag)" = 0 ] || fail "$1 left the keypad on"
    [ "$(pane "$1" mouse_any_flag)" = 0 ] || fail "$1 left the mouse on"
}

# sim_post WHAT JSON, sim_get WHAT, sim_delete WHAT: the simulator's control.
sim_post()
{
    curl -sS --fail-with-body -H 'Content-Type: application/json' -d "$2" "$ECCLESIA_SIM/_sim/$1" || fail "sim: $1 $2"
}
sim_get() { curl -sS --fail-with-body "$ECCLESIA_SIM/_sim/$1" || fail "sim: $1"; }
sim_delete() { curl -sS -X DELETE "$ECCLESIA_SIM/_sim/$1" >/dev/null || fail "sim: $1"; }
# fault JSON; heal: all of them.
fault() { sim_post faults "$1" >/dev/null; }
heal() { sim_delete faults; }
