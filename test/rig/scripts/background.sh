#!/bin/sh
# Leaves a child behind that keeps its standard output open for $BACKGROUND_SECONDS (30), after $THEN, if set, has done
# the work. The child's process id is appended to $PIDS_LOG.
[ "$1" != timeout ] || exit 0
sleep "${BACKGROUND_SECONDS:-30}" &
[ -z "$PIDS_LOG" ] || echo "$!" >>"$PIDS_LOG"
echo "$1, with something left in the background"
[ -z "$THEN" ] || exec "$THEN" "$@"
exit "${BACKGROUND_EXIT:-0}"
