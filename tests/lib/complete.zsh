# Completes a line in an interactive shell on a terminal, as a person would: zsh -f complete.zsh bash|zsh LINE. Prints what one Tab has made of the
# line and, in zsh, what it offered. COMPLETIONS: the directory that is tested.
zmodload zsh/zpty zsh/datetime || exit 77
local kind=$1 line=$2 out=${TMPDIR:-/tmp}/complete.$$ text= part
integer deadline=$((EPOCHSECONDS + 30))
send() { zpty -w -n shell "$1" }
# Reads, so that the shell is never held up, until a condition holds.
await() {
    until eval "$1"; do
        zpty -r -t shell part && text+=$part
        (( EPOCHSECONDS < deadline )) || { print -r -- "$text"; exit 1 }
    done
}
if [[ $kind == bash ]]; then
    zpty shell bash --norc --noprofile -i
    send "bind 'set enable-bracketed-paste off'; . ${(q)COMPLETIONS}/ecclesia.bash"$'\n'
    send "finish() { printf '%s\\n' \"\$READLINE_LINE\" >$out.line; mv $out.line $out; }; bind -x '\"\\C-x\\C-f\": finish'"$'\n'
else
    zpty shell zsh -f -i
    send "unsetopt zle_bracketed_paste; PS1=; fpath=(${(q)COMPLETIONS} \$fpath); autoload -Uz compinit; compinit -u -d $out:h/zcompdump"$'\n'
    # What is offered: the real compadd says what fits, whatever is then shown of it.
    send 'compadd() { local -a all; builtin compadd -O all "$@"; print -rl -- $all >>'$out'.offered; builtin compadd "$@" }'$'\n'
    send 'finish() { print -r -- "$BUFFER" >'$out'.line; mv '$out'.line '$out' }; zle -N finish; bindkey "^X^F" finish'$'\n'
fi
send "echo REA''DY"$'\n'
await '[[ $text == *READY* ]]'
send "$line"$'\t'
send $'\x18\x06'
await '[[ -f $out ]]'
zpty -d shell
cat $out
[[ ! -f $out.offered ]] || sort -u $out.offered
rm -f $out $out.offered
