#!/bin/sh
# Uploads the certificate as a custom certificate of a Cloudflare zone, in place of the one that is there. Needs curl and
# python3, and in its environment:
#   CLOUDFLARE_TOKEN        with "SSL and Certificates: Edit" on the zone
#   CLOUDFLARE_ZONE         the zone's id
#   CLOUDFLARE_CERTIFICATE  the id of the custom certificate to replace; empty: a new one
set -eu
api=${CLOUDFLARE_API:-https://api.cloudflare.com/client/v4}
body=$(python3 -c 'import json, sys
certificate, key = (open(name).read() for name in sys.argv[1:])
print(json.dumps({"certificate": certificate, "private_key": key, "bundle_method": "force"}))' \
  "$ACME_FULLCHAIN" "$ACME_PRIVATE_KEY")
method=POST
[ -z "${CLOUDFLARE_CERTIFICATE:-}" ] || method=PATCH
# The token and the key go by standard input: arguments can be read by other processes.
printf 'header = "Authorization: Bearer %s"\n' "$CLOUDFLARE_TOKEN" |
  {
    cat
    printf 'data = %s\n' "$(printf '%s' "$body" | python3 -c 'import json, sys; print(json.dumps(sys.stdin.read()))')"
  } |
  curl --silent --show-error --fail-with-body --config - --request "$method" --header 'Content-Type: application/json' \
    "$api/zones/$CLOUDFLARE_ZONE/custom_certificates${CLOUDFLARE_CERTIFICATE:+/$CLOUDFLARE_CERTIFICATE}" --output /dev/null
