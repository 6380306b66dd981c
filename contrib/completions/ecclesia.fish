# Completion of ecclesia for fish. The candidates come from the program's own tables; its exit status 10 asks for a file's name.
function __ecclesia_complete
    set -l line (commandline -cp | string replace -r '^\s*\S+\s*' '')
    set -l program (commandline -opc)[1]
    set -l found ($program __complete "$line" 2>/dev/null)
    if test $status -eq 10
        set -l word (commandline -ct)
        set -l key (string match -r '^.*=@' -- $word)
        __fish_complete_path (string replace -r '^.*=@' '' -- $word) | string replace -r '^' "$key"
    else
        # Fish quotes by itself what needs it.
        string replace -r '^\'(.*)\'$' '$1' -- $found
    end
end
complete -c ecclesia -f -a '(__ecclesia_complete)'
