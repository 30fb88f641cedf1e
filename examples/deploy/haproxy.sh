#!/bin/sh
# Gives the certificate to a running HAProxy by its runtime API, without a reload. Needs in its environment:
#   HAPROXY_SOCKET  of the runtime API, as socat names it: UNIX:/run/haproxy.sock, TCP:192.0.2.1:9999
#   HAPROXY_FILE    the certificate's file as HAProxy's configuration names it
# The new certificate holds until HAProxy restarts: write it to that file on its machine as well.
set -eu
blank='/^[[:space:]]*$/d'
pem=$(cat "$ACME_FULLCHAIN" "$ACME_PRIVATE_KEY" | sed "$blank")

# The runtime API answers "Success!" or what is wrong, never with an exit code.
api() {
  answer=$(socat -t 10 - "$HAPROXY_SOCKET")
  case $answer in
    *"$1"*) ;;
    *)
      printf 'HAProxy says: %s\n' "$answer" >&2
      exit 1
      ;;
  esac
}

printf 'set ssl cert %s <<\n%s\n\n' "$HAPROXY_FILE" "$pem" | api 'Transaction created'
printf 'commit ssl cert %s\n' "$HAPROXY_FILE" | api 'Success!'
echo "HAProxy serves the new certificate for $ACME_DOMAINS"
