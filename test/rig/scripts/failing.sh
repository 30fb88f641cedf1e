#!/bin/sh
# Writes to both outputs and fails with $FAIL_EXIT (3) when it is called with the command $FAIL_ON (any, if unset) and
# its name ($2 or $3) contains $FAIL_NAME, $FAIL_TIMES times (always, if unset, counted in the file $FAIL_COUNT). Else
# runs $THEN, if set.
fails=yes
[ -z "$FAIL_ON" ] || [ "$1" = "$FAIL_ON" ] || fails=
case "$2 $3" in
  *"$FAIL_NAME"*) ;;
  *) fails= ;;
esac
if [ -n "$fails" ] && [ -n "$FAIL_TIMES" ]; then
  echo "$1" >>"$FAIL_COUNT"
  [ "$(wc -l <"$FAIL_COUNT")" -le "$FAIL_TIMES" ] || fails=
fi
if [ -z "$fails" ]; then
  [ -z "$THEN" ] || exec "$THEN" "$@"
  exit 0
fi
echo "$1: asking the DNS host"
echo "$1: the DNS host says: 403 Forbidden" >&2
exit "${FAIL_EXIT:-3}"
