#!/bin/bash
# The manual pages are what the tables say, and are good roff; bash's completion knows the tables (the shells themselves: completions_*.sh).
. "${0%/*}/../lib/e2e.bash"
cd "${0%/*}/../.." || exit 1

for page in ecclesia.1 ecclesia.conf.5; do
    "$ECCLESIA" __man "$page" >"$work/page" || fail "$page is not printed"
    diff -u "contrib/man/$page" "$work/page" >"$work/out" || fail "contrib/man/$page is old: ecclesia __man $page >contrib/man/$page"
    if command -v man >/dev/null; then
        LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l "contrib/man/$page" >/dev/null 2>"$work/err"
        err_empty
    fi
done

. contrib/completions/ecclesia.bash
completes()
{
    COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("$ECCLESIA") COMP_CWORD=0
    COMPREPLY=()
    _ecclesia 2>/dev/null
    [ "${COMPREPLY[*]}" = "$2" ] || fail "\"$1\" is completed by: ${COMPREPLY[*]}"
}
completes "ecclesia vers" version
completes "ecclesia livestream sto" stop
completes "ecclesia --json livestream sto" stop
completes "ecclesia livestream create --platform youtube:privacy=unl" unlisted
completes "ecclesia livestream create --platform youtube:priv" privacy=
completes "ecclesia help livestream sto" stop
completes "ecclesia connect zoom --method dev" device
completes "ecclesia connect jitsi --set deployment=ja" jaas
completes "ecclesia key rotate --only ma" master
completes "ecclesia demo --faults st" storm
completes "ecclesia demo -- livestream sto" stop
completes "ecclesia --th" --theme
completes "ecclesia nothing " ""
exit 0
