# Completion of ecclesia for bash. The candidates come from the program's own tables; its exit status 10 asks for a file's name.

# Names of files after "key=@".
_ecclesia_at_file()
{
    local name

    while read -r name; do
        [ ! -d "$name" ] || { name+=/; compopt -o nospace; }
        COMPREPLY+=("@$(printf %q "$name")")
    done < <(compgen -f -- "$1")
}

_ecclesia()
{
    local line=${COMP_LINE:0:COMP_POINT} word cut out status
    local -a found=()

    line=${line#"${line%%[![:space:]]*}"}
    [[ $line == *[[:space:]]* ]] || return
    line=${line#*[[:space:]]}
    out=$("${COMP_WORDS[0]/#\~\//$HOME/}" __complete "$line" 2>/dev/null)
    status=$?
    word=${line##*[[:space:]]}
    COMPREPLY=()
    if [[ $status -eq 10 && $word == *=@* ]]; then
        _ecclesia_at_file "${word#*=@}"
        return
    elif [ "$status" -eq 10 ]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
    fi
    [ -z "$out" ] || mapfile -t found <<<"$out"
    # Titles come in single quotes; inside double ones bash closes them itself.
    if [[ ${COMP_WORDS[COMP_CWORD]-} == \"* ]]; then
        found=("${found[@]#\'}")
        found=("${found[@]%\'}")
    fi
    # Bash cuts words at : and =, and wants only what follows the last of them.
    cut=${word%"${word##*[:=]}"}
    COMPREPLY=("${found[@]#"$cut"}")
    case ${COMPREPLY[0]-} in
    *= | *:) compopt -o nospace ;;
    esac
}
complete -F _ecclesia ecclesia
