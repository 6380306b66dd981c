#!/bin/bash
# Completion in bash, in an interactive shell on a terminal.
. "${0%/*}/../lib/e2e.bash"
cd "${0%/*}/../.." || exit 1
command -v zsh >/dev/null || { echo "zsh, which drives the terminal, is not installed"; exit 77; }
. tests/lib/complete.bash

# becomes LINE WANTED
becomes()
{
    zsh -f tests/lib/complete.zsh bash "$1" >"$work/out" || fail "bash: no answer to: $1"
    [ "$(cat "$work/out")" = "$2" ] || fail "bash: \"$1\" has become another line"
}
becomes "ecclesia vers" "ecclesia version "
becomes "ecclesia connect zo" "ecclesia connect zoom "
becomes "ecclesia connect zoom --meth" "ecclesia connect zoom --method "
becomes "ecclesia connect zoom --method dev" "ecclesia connect zoom --method device "
becomes "ecclesia connect zoom --set account" "ecclesia connect zoom --set account_id="
becomes "ecclesia --json livestream sto" "ecclesia --json livestream stop "
becomes "ecclesia livestream create --platform youtube:priv" "ecclesia livestream create --platform youtube:privacy="
becomes "ecclesia livestream create --platform youtube:privacy=unl" "ecclesia livestream create --platform youtube:privacy=unlisted "
becomes "ecclesia livestream start Sun" "ecclesia livestream start 'Sunday Service' "
becomes "ecclesia livestream start 'Sunday S" "ecclesia livestream start 'Sunday Service' "
becomes 'ecclesia livestream start "Sunday S' 'ecclesia livestream start "Sunday Service" '
becomes "ecclesia backup $at/o" "ecclesia backup $at/one.secret "
becomes "ecclesia backup $at/tw" "ecclesia backup $at/two\\ words "
becomes "ecclesia --db $at/o" "ecclesia --db $at/one.secret "
becomes "ecclesia connect zoom --set client_secret=@$at/o" "ecclesia connect zoom --set client_secret=@$at/one.secret "
becomes "ecclesia connect zoom --set client_secret=@$at/s" "ecclesia connect zoom --set client_secret=@$at/sub/"
exit 0
