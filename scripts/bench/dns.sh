#!/bin/sh
# The DNS script of the benchmark: one call of curl, about 10 ms. It speaks lego's protocol, and certbot's for its hooks.
if [ -n "$CERTBOT_DOMAIN" ]; then
  set -- "${CERTBOT_AUTH_OUTPUT+cleanup}" "_acme-challenge.$CERTBOT_DOMAIN." "$CERTBOT_VALIDATION"
fi
case ${1:-present} in
  present) curl -sf -o /dev/null -d "{\"host\":\"$2\",\"value\":\"$3\"}" "$CHALLTESTSRV/set-txt" ;;
  cleanup) curl -sf -o /dev/null -d "{\"host\":\"$2\"}" "$CHALLTESTSRV/clear-txt" ;;
  *) exit 64 ;;
esac
