# Completion of ecclesia for bash. The candidates come from the program's own tables.
_ecclesia()
{
    local line=${COMP_LINE:0:COMP_POINT} word cut
    local -a found

    line=${line#"${line%%[![:space:]]*}"}
    [[ $line == *[[:space:]]* ]] || return
    line=${line#*[[:space:]]}
    mapfile -t found < <("${COMP_WORDS[0]}" __complete "$line" 2>/dev/null)
    # Bash cuts words at : and =, and wants only what follows the last of them.
    word=${line##*[[:space:]]}
    cut=${word%"${word##*[:=]}"}
    COMPREPLY=("${found[@]#"$cut"}")
    case ${COMPREPLY[0]-} in
    *= | *:) compopt -o nospace ;;
    esac
}
complete -F _ecclesia ecclesia
