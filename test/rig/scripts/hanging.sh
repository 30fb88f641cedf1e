#!/bin/sh
# Never ends by itself, nor does its child, when it is called with the command $HANG_ON (any command, if unset). Their
# process ids are appended to $PIDS_LOG. With $IGNORE_TERM, only SIGKILL ends them. Other commands run $THEN, if set.
if [ -n "$HANG_ON" ] && [ "$1" != "$HANG_ON" ]; then
  [ -z "$THEN" ] || exec "$THEN" "$@"
  exit 0
fi
# A child inherits that a signal is ignored.
[ -z "$IGNORE_TERM" ] || trap '' TERM
sleep 3600 &
[ -z "$PIDS_LOG" ] || printf '%s\n' "$$" "$!" >>"$PIDS_LOG"
echo "hanging at $1"
wait "$!"
