#!/bin/bash
# The guides for registering apps say what the program's tables say, all of it and nothing else: scopes, redirect URIs, values, ways of
# connecting, commands and their options, configuration, and the messages that they explain.
. "${0%/*}/../lib/e2e.bash"
cd "${0%/*}/../.." || exit 1

platforms=$("$ECCLESIA" platform list --json | jq -r '.items[].platform')
"$ECCLESIA" help --json >"$work/help.json" || fail "no help"
globals=" --db --config --church --key-file --json --no-color --help --version "

# section FILE HEADING: its lines. cells FILE HEADING: the first cells of its tables, in backticks.
section() { awk -v wanted="## $2" '/^## / { inside = $0 == wanted } inside' "$1"; }
cells() { section "$1" "$2" | sed -n 's/^| `\([^`]*\)` |.*/\1/p'; }
# code FILE KIND: what stands in blocks of that kind, indented or not.
code() { awk -v kind="$2" '/^ *```/ { inside = ($0 ~ "```" kind "$") && !inside; next } inside { sub(/^ +/, ""); print }' "$1"; }
# same WHAT FILE1 FILE2: the same lines in any order.
same() { diff <(sort -u "$2") <(sort -u "$3") >"$work/out" || fail "$guide: $1: < only in the tables, > only in the guide"; }

# Commands, "COMMAND OPTION"s; of the platform at hand: the keys of its values, its ways of being connected.
declare -A commands=() options=() keys=() ways=()
while IFS=$'\t' read -r words option; do
    commands[$words]=x
    options[$words $option]=x
done < <(jq -r '.items[] | .words as $w | ($w + "\t-"), (.options[] | $w + "\t" + .name)' "$work/help.json")
read_platform()
{
    local kind word
    keys=() ways=()
    "$ECCLESIA" platform show "$1" --json >"$work/show.json"
    while read -r kind word; do
        [ "$kind" = key ] && keys[$word]=x || ways[$word]=x
    done < <(jq -r '(.credentials[] | "key " + .key), (.signIn[] | "way " + .)' "$work/show.json")
}

# Whether a line is a command, and each of its options one of that command.
check_line()
{
    local line=$1 command word before=
    read -ra words <<<"${line#ecclesia }"
    command="${words[0]} ${words[1]-}"
    [ -n "${commands[$command]-}" ] || command=${words[0]}
    [ -n "${commands[$command]-}" ] || fail "$guide: no such command: $line"
    [ "$command" != connect ] || [ "${words[1]}" = "$platform" ] || fail "$guide: another platform: $line"
    for word in "${words[@]}"; do
        if [[ $word == --* && $globals != *" ${word%%=*} "* ]]; then
            [ -n "${options[$command ${word%%=*}]-}" ] || fail "$guide: $command has no $word: $line"
        elif [ "$before" = --set ]; then
            [ -n "${keys[${word%%=*}]-}" ] || fail "$guide: $platform takes no ${word%%=*}: $line"
        elif [ "$before" = --method ]; then
            [ -n "${ways[$word]-}" ] || fail "$guide: $platform has no way $word: $line"
        fi
        before=$word
    done
}

count=0
for platform in $platforms; do
    guide=contrib/guides/$platform.md
    [ -f "$guide" ] || fail "$guide is missing"
    count=$((count + 1))
    [ "$(wc -l <"$guide")" -le 150 ] || fail "$guide is longer than 150 lines"
    read_platform "$platform"
    # Where, and the brief that names this very page.
    grep -qF "$(jq -r .registration.console "$work/show.json")" "$guide" || fail "$guide does not name the console's address"
    [ "$(jq -r .registration.guide "$work/show.json")" -ef "$guide" ] || fail "$guide: platform show names another page"
    "$ECCLESIA" platform show "$platform" >"$work/out"
    out_has "$(jq -r .registration.guide "$work/show.json")"

    # Scopes, redirect URIs and values, both ways.
    jq -r '.registration.scopes[].scope' "$work/show.json" >"$work/table"
    cells "$guide" Scopes >"$work/guide"
    same scopes "$work/table" "$work/guide"
    jq -r '.registration.redirectUris[].uri' "$work/show.json" >"$work/table"
    cells "$guide" "Redirect URIs" >"$work/guide"
    same "redirect URIs" "$work/table" "$work/guide"
    jq -r '.credentials[].key' "$work/show.json" >"$work/table"
    cells "$guide" Values >"$work/guide"
    same values "$work/table" "$work/guide"
    # Nor does any other line name another way back: only beginnings of those. What is to be entered stands there.
    jq -r '.registration | (.redirectUris[].uri, (.enter // ""))' "$work/show.json" >"$work/known"
    grep -oE '(http://(127\.0\.0\.1|localhost)|https://HOST)[^`, ]*' "$guide" | sort -u >"$work/named"
    while read -r uri; do
        [ "$uri" = http://127.0.0.1:5280 ] || grep -qF "$uri" "$work/known" || fail "$guide: no such redirect URI: $uri"
    done <"$work/named"
    entered=$(jq -r '.registration.enter // ""' "$work/show.json" | grep -oE 'http://[^ ]*')
    [ -z "$entered" ] || grep -qF "\`$entered\`" "$guide" || fail "$guide: $entered is to be entered, and is missing"

    # Each way of connecting is shown, and every line is one that the program takes.
    code "$guide" sh | sed 's/  *#.*//' | grep '^ecclesia ' >"$work/lines"
    grep -oE '`ecclesia [^`]*`' "$guide" | tr -d '`' >>"$work/lines"
    while read -r line; do check_line "$line"; done <"$work/lines"
    for way in $(jq -r '.signIn[]' "$work/show.json"); do
        case $way in
        oauth) grep "^ecclesia connect $platform" "$work/lines" | grep -qv -- --method ;;
        credentials) grep "^ecclesia connect $platform" "$work/lines" | grep -qE -- "--method credentials|^ecclesia connect jitsi" ;;
        *) grep -q "^ecclesia connect $platform.*--method $way" "$work/lines" ;;
        esac || fail "$guide: $platform can be connected by $way, and no line shows it"
    done
    for wanted in "ecclesia connection check $platform" "ecclesia platform show $platform"; do
        grep -qxF "$wanted" "$work/lines" || fail "$guide does not say: $wanted"
    done

    # The configuration is taken as it stands.
    code "$guide" ini >"$work/conf"
    [ ! -s "$work/conf" ] || run 0 --config "$work/conf" --db "$work/db/x.db" --key-file "$work/conf.key" church list

    # Messages in quotes are the program's own.
    section "$guide" "When it goes wrong" | grep '^| ' | cut -d'|' -f2 | grep -oE '"[^"]*"' | tr -d '"' >"$work/words"
    [ "$(wc -l <"$work/words")" -ge 4 ] || fail "$guide explains too few messages"
    while read -r words; do
        grep -aqF -- "$words" "$ECCLESIA" || fail "$guide: the program never says: $words"
    done <"$work/words"
done
[ "$count" -eq 8 ] || fail "$count guides"

# README's lines are commands too.
guide=README.md
code README.md sh | sed 's/  *#.*//; s/ \\$//; s/^build\///' | grep '^ecclesia ' | grep -v '^ecclesia demo' >"$work/lines"
[ "$(wc -l <"$work/lines")" -ge 10 ] || fail "README shows too few commands"
while read -r line; do
    platform=$(sed -n 's/^ecclesia connect \([a-z_]*\).*/\1/p' <<<"$line")
    [ -z "$platform" ] || read_platform "$platform"
    check_line "$line"
done <"$work/lines"
for platform in $platforms; do
    grep -qF "(contrib/guides/$platform.md)" README.md || fail "README has no link to $platform.md"
done

# Installed, it is found there, and one finds a guide without the source.
make -s -o all install BUILD="$(dirname "$ECCLESIA")" PREFIX=/usr DESTDIR="$work/root" >/dev/null 2>"$work/err" || fail "make install"
for platform in $platforms; do
    [ -f "$work/root/usr/share/doc/ecclesia/guides/$platform.md" ] || fail "$platform.md is not installed"
done
[ "$("$work/root/usr/bin/ecclesia" platform show zoom --json | jq -r .registration.guide)" = "$work/root/usr/share/doc/ecclesia/guides/zoom.md" ] ||
    fail "the installed guide is not the one that is named"
rm -rf "$work/root" # the program itself holds what its simulator gives out
exit 0
