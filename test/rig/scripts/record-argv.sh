#!/bin/sh
# Appends its arguments to $ARGV_LOG, each ended by NUL and a call by a newline. Then runs $THEN, if set, which does the
# work.
{
  [ $# -eq 0 ] || printf '%s\0' "$@"
  printf '\n'
} >>"$ARGV_LOG"
[ -z "$THEN" ] || exec "$THEN" "$@"
