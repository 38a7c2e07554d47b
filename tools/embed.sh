#!/bin/sh
# Compile files into the program: writes OUT.S (the bytes) and OUT.c (the table of base/embed.h).
# Usage: embed.sh OUT FILE...   FILE as it is to be named, relative to the current folder; sorted.
set -eu
out=$1
shift
{
    echo '.section .rodata'
    i=0
    for f in "$@"; do
        printf '.globl embed_%d, embed_%d_end\n.balign 16\nembed_%d:\n.incbin "%s"\nembed_%d_end:\n.byte 0\n' \
            $i $i $i "$f" $i
        i=$((i + 1))
    done
    echo '.section .note.GNU-stack,"",@progbits'
} >"$out.S"
{
    echo '/* Made by tools/embed.sh. */'
    echo '#include "base/embed.h"'
    i=0
    for f in "$@"; do
        echo "extern const char embed_$i[], embed_${i}_end[];"
        i=$((i + 1))
    done
    echo 'const struct embed_file embed_files[] = {'
    i=0
    for f in "$@"; do
        echo "    {\"$f\", embed_$i, embed_${i}_end},"
        i=$((i + 1))
    done
    echo '};'
    echo "const size_t embed_files_len = $i;"
} >"$out.c"
