#!/bin/bash
# Each rule of `make lint` finds what it is for: a tree with one slip of every kind, and the same tree without.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../.." && pwd)
tree=$TMPDIR/tree
mkdir -p "$tree/contrib" "$tree/src/store" "$tree/src/tui/views" "$tree/src/net" "$tree/include/ecclesia/record"
cp -r "$repository/contrib/lint" "$tree/contrib/lint"
cd "$tree"

fails=0
repeat()
{
    for ((i = 0; i < $1; i++)); do echo "$2"; done
}
# finds RULE TEXT…: the rule complains, in these words.
finds()
{
    local rule=$1 said
    shift
    if said=$("contrib/lint/$rule" "${arguments[@]}" 2>&1); then
        echo "$rule let it pass: $*"
        fails=1
    fi
    for text in "$@"; do
        if [[ $said != *"$text"* ]]; then
            echo "$rule does not say \"$text\" but: $said"
            fails=1
        fi
    done
}
passes()
{
    local rule=$1 said
    if ! said=$("contrib/lint/$rule" "${arguments[@]}" 2>&1); then
        echo "$rule refuses what is right: $said"
        fails=1
    fi
}
arguments=()

# What is right, among it what only looks wrong.
cat >src/store/rows.c <<'EOF'
#include <ecclesia/record/slug.h>
#include "store/private.h"
#include "list.h"
#include <sqlite3.h>
/* strcpy(a, b) in a comment; SELECT "x" */
static const char *text = "call strcpy(a, b); // no comment";
static const char quote = '"';
static const char *sql = "SELECT title FROM livestream WHERE state = 'live'";
static const char *message = "The title \"%s\" is too long";
int rows(void)
{
    return my_strcpy(text) + quote + (sql == message);
}
EOF
cat >include/ecclesia/record/slug.h <<'EOF'
#include <stddef.h>
size_t slug_count(void);
EOF
for rule in rooms banned sql sizes; do passes $rule; done
export CC=${CC:-cc} HEADER_FLAGS='-std=c11'
passes headers

# Rooms.
cat >src/net/call.c <<'EOF'
#include <sqlite3.h>
#include <ecclesia/store/db.h>
#include "store/private.h"
EOF
cat >src/tui/views/streams.c <<'EOF'
#include "tui/views/meetings.h"
EOF
echo '#include "record/check.h"' >include/ecclesia/record/bad.h
echo '#include <ecclesia/base/text.h>' >src/unknown.c
mkdir -p src/attic && echo '#include <stdio.h>' >src/attic/old.c
finds rooms "src/net/call.c:1: net may not include <sqlite3.h>" "src/net/call.c:2: net may not import store/db.h" \
    "src/net/call.c:3: net includes an inner header of store" "a view includes the view" \
    "a face includes the inner header record/check.h" "no row for the room attic"
rm -r src/net src/tui src/unknown.c src/attic include/ecclesia/record/bad.h
passes rooms

# Banned calls.
printf 'void f(char *a)\n{\n    strcpy (a, "x");\n    system("ls");\n}\n' >src/store/bad.c
finds banned "src/store/bad.c:3: strcpy() is banned" "src/store/bad.c:4: system()"

# SQL.
cat >src/store/bad.c <<'EOF'
static const char *a = "SELECT title "
                       "FROM livestream " WHERE
                       " state = \"live\"";
EOF
finds sql "src/store/bad.c:1: SQL with double quotes"

# Sizes.
{
    printf 'static int long_one(int a,\n    int b)\n{\n'
    repeat 79 '    a++;'
    printf '}\n\nint branchy(int a)\n{\n'
    repeat 16 '    if (a && a) a++;'
    printf '}\n\nint deep(int a)\n{\n    {\n{\n{\n{\n{\n a++;\n}\n}\n}\n}\n}\n    return a;\n}\n'
} >src/store/bad.c
finds sizes "src/store/bad.c:3: long_one() has 81 lines" "branchy() has 32 branches" "deep() has blocks 6 deep"
repeat 601 'extern int x;' >src/store/bad.c
finds sizes "src/store/bad.c:1: 601 lines"

# Headers that need another before them.
echo 'size_t slug_other(void);' >include/ecclesia/record/bad.h
finds headers "include/ecclesia/record/bad.h: does not compile alone"

# Functions that nobody calls.
mkdir objects
printf 'int called(void); int main(void) { return called(); }\n' | $CC -x c -c -o objects/main.o -
printf 'int called(void) { return 0; }\nint lonely(void) { return 1; }\n' | $CC -x c -c -o objects/part.o -
: >contrib/lint/unused.allow
arguments=("$tree/objects")
finds unused "src/part.c: lonely is used by no other file"
echo 'lonely tests call it' >contrib/lint/unused.allow
passes unused
echo 'called is called' >>contrib/lint/unused.allow
finds unused "called is no exception any more"
exit $fails
