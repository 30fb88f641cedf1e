#!/bin/sh
# Writes $FLOOD_BYTES (100 MB) to standard output, in lines, or as a single one with $ONE_LINE. Then runs $THEN, if set,
# else ends with the exit code $FLOOD_EXIT (0).
[ "$1" != timeout ] || exit 0
bytes=${FLOOD_BYTES:-100000000}
if [ -n "$ONE_LINE" ]; then
  head -c "$bytes" /dev/zero | tr '\0' x
else
  yes 'a line of a script that says far too much' | head -c "$bytes"
fi
echo
echo 'the last line of the flood'
[ -z "$THEN" ] || exec "$THEN" "$@"
exit "${FLOOD_EXIT:-0}"
