#!/bin/sh
# Adds or removes one value at the name server $DNS_SERVER, signed with $TSIG (algorithm:name:secret) when it is set.
# The zone is $DNS_ZONE, else what the action found ($EXEC_ZONE), else what nsupdate finds.
set -eu
command=$1
[ "$command" != timeout ] || exit 0
shift
[ "$1" != -- ] || shift
name=$1
shift
[ "$1" != -- ] || shift
value=$1
zone=${DNS_ZONE:-${EXEC_ZONE:-}}

case $command in
  present) update="update add $name 1 TXT \"$value\"" ;;
  cleanup) update="update delete $name TXT \"$value\"" ;;
  *) exit 64 ;;
esac
# The variant that overwrites drops what is there.
if [ -n "${OVERWRITE:-}" ] && [ "$command" = present ]; then
  update="update delete $name TXT
$update"
fi

echo "$command $name at $DNS_SERVER"
nsupdate -t 5 ${TSIG:+-y "$TSIG"} <<END
server $DNS_SERVER
${zone:+zone $zone}
$update
send
END
