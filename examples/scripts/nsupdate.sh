#!/bin/sh
# Sets and removes one TXT record by dynamic update (RFC 2136), signed with a TSIG key. BIND, Knot, PowerDNS and many
# DNS hosts take such updates. Needs nsupdate (Debian and Ubuntu: apt-get install bind9-dnsutils).
#
#   DNS_SERVER    the zone's primary server; with another port than 53: "ns1.example.com 5353"
#   TSIG_NAME     the name of the key
#   TSIG_SECRET   the key itself, base64
#   TSIG_TYPE     its algorithm; hmac-sha256 unless given
set -eu # A command that fails, or a variable that is missing, fails the script: the CA is not asked in vain.

case "$1" in
  timeout)
    # How long to wait for all name servers of the zone, and how often to look, in seconds.
    echo '{"timeout": 120, "interval": 2}'
    exit 0
    ;;
  # "add" puts the value beside those that are there: example.com and *.example.com need two at the same time.
  present) change="update add $2 60 IN TXT \"$3\"" ;;
  # With the value, "delete" takes this one away and leaves the others.
  cleanup) change="update delete $2 IN TXT \"$3\"" ;;
  *)
    echo "Unknown command: $1" >&2
    exit 64
    ;;
esac

# The key goes through standard input: arguments can be read by every user of the machine.
# EXEC_ZONE comes from acme-exec; without it, nsupdate finds the zone by itself.
nsupdate -v -t 30 <<END
server $DNS_SERVER
key ${TSIG_TYPE:-hmac-sha256}:$TSIG_NAME $TSIG_SECRET
${EXEC_ZONE:+zone $EXEC_ZONE}
$change
send
END
