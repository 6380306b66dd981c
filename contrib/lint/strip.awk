# Blanks comments and the insides of string and character literals, and keeps every line where it is. With -v keep=strings
# the strings stay. For mawk and gawk.
function blank(s) { gsub(/[^\n]/, " ", s); return s }

{ text = text $0 "\n" }

END {
    out = ""
    while (match(text, /\/\*|\/\/|"|'/)) {
        out = out substr(text, 1, RSTART - 1)
        what = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART)
        if (what == "/*") {
            n = index(substr(text, 3), "*/")
            n = n ? n + 3 : length(text)
            out = out blank(substr(text, 1, n))
        } else if (what == "//") {
            n = index(text, "\n") - 1
            out = out blank(substr(text, 1, n))
        } else {
            # To the closing quote, over whatever a backslash protects.
            if (what == "\"") match(text, /^"([^"\\]|\\.|\\\n)*"/)
            else match(text, /^'([^'\\]|\\.)*'/)
            n = RLENGTH > 0 ? RLENGTH : 1
            body = substr(text, 2, n - 2)
            out = out what (keep == "strings" && what == "\"" ? body : blank(body)) (n > 1 ? what : "")
        }
        text = substr(text, n + 1)
    }
    printf "%s", out text
}
