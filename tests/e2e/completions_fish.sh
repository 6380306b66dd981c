#!/bin/bash
# Completion in fish, asked of fish itself.
. "${0%/*}/../lib/e2e.bash"
cd "${0%/*}/../.." || exit 1
command -v fish >/dev/null || { echo "fish is not installed"; exit 77; }
. tests/lib/complete.bash

fish --no-execute contrib/completions/ecclesia.fish || fail "fish cannot read ecclesia.fish"
# offers LINE WANTED…
offers()
{
    fish -c "source contrib/completions/ecclesia.fish; complete -C \$argv[1]" -- "$1" 2>"$work/err" | sed 's/\t.*//' | LC_ALL=C sort >"$work/out"
    err_empty
    shift
    [ "$(cat "$work/out")" = "$(printf '%s\n' "$@")" ] || fail "fish: other offers than: $*"
}
offers "ecclesia vers" version
offers "ecclesia connect " facebook google_meet instagram jitsi restream teams youtube zoom
offers "ecclesia connect zo" zoom
offers "ecclesia connect zoom --" --method --port --set --timeout --yes
offers "ecclesia connect zoom --method " credentials device oauth
offers "ecclesia connect zoom --set account" account_id=
offers "ecclesia --json livestream sto" stop
offers "ecclesia livestream create --platform youtube:priv" youtube:privacy=
offers "ecclesia livestream create --platform youtube:privacy=" youtube:privacy=private youtube:privacy=public youtube:privacy=unlisted
offers "ecclesia livestream start Sun" "Sunday Service"
offers "ecclesia livestream start 'Sunday S" "Sunday Service"
offers "ecclesia backup $at/" "$at/one.secret" "$at/sub/" "$at/two words"
offers "ecclesia --db $at/o" "$at/one.secret"
offers "ecclesia connect zoom --set client_secret=@$at/o" "client_secret=@$at/one.secret"
exit 0
