# What the tests of the shells' completions share: . after e2e.bash. A livestream with a blank in its title, files, and the program on PATH.
mkdir -p "$work/bin" "$work/files/sub"
ln -s "$(realpath "$ECCLESIA")" "$work/bin/ecclesia"
PATH=$work/bin:$PATH
COMPLETIONS=$(realpath contrib/completions)
export PATH COMPLETIONS
echo x >"$work/files/one.secret"
echo x >"$work/files/two words"
run 1 livestream create --title "Sunday Service" --platform youtube
at=$work/files
