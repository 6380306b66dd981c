# Completion of ecclesia for fish. The candidates come from the program's own tables.
function __ecclesia_complete
    set -l line (commandline -cp | string replace -r '^\s*\S+\s*' '')
    command ecclesia __complete "$line" 2>/dev/null
end
complete -c ecclesia -f -a '(__ecclesia_complete)'
