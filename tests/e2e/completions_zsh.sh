#!/bin/bash
# Completion in zsh, in an interactive shell on a terminal.
. "${0%/*}/../lib/e2e.bash"
cd "${0%/*}/../.." || exit 1
command -v zsh >/dev/null || { echo "zsh is not installed"; exit 77; }
. tests/lib/complete.bash

zsh -n contrib/completions/_ecclesia || fail "zsh cannot read _ecclesia"
# becomes LINE WANTED [OFFER…]: what the line becomes, and all that is offered.
becomes()
{
    zsh -f tests/lib/complete.zsh zsh "$1" >"$work/out" || fail "zsh: no answer to: $1"
    [ "$(head -n 1 "$work/out")" = "$2" ] || fail "zsh: \"$1\" has become another line"
    shift 2
    [ $# -eq 0 ] || [ "$(tail -n +2 "$work/out" | tr '\n' ' ')" = "$* " ] || fail "zsh: other offers"
}
becomes "ecclesia vers" "ecclesia version " version
becomes "ecclesia connect " "ecclesia connect " facebook google_meet instagram jitsi restream teams youtube zoom
becomes "ecclesia connect zo" "ecclesia connect zoom " zoom
becomes "ecclesia connect zoom --" "ecclesia connect zoom --" --method --port --set --timeout --yes
becomes "ecclesia connect zoom --method " "ecclesia connect zoom --method " credentials device oauth
becomes "ecclesia connect zoom --set account" "ecclesia connect zoom --set account_id=" account_id=
becomes "ecclesia --json livestream sto" "ecclesia --json livestream stop " stop
becomes "ecclesia livestream create --platform youtube:priv" "ecclesia livestream create --platform youtube:privacy="
becomes "ecclesia livestream create --platform youtube:privacy=unl" "ecclesia livestream create --platform youtube:privacy=unlisted "
becomes "ecclesia livestream start Sun" "ecclesia livestream start Sunday\\ Service "
becomes "ecclesia livestream start 'Sunday S" "ecclesia livestream start 'Sunday Service' "
becomes "ecclesia backup $at/o" "ecclesia backup $at/one.secret "
becomes "ecclesia --db $at/o" "ecclesia --db $at/one.secret "
becomes "ecclesia connect zoom --set client_secret=@$at/o" "ecclesia connect zoom --set client_secret=@$at/one.secret "
exit 0
