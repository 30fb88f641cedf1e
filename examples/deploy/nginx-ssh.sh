#!/bin/sh
# Brings the certificate to an nginx on another machine. Needs in its environment:
#   SSH_TARGET      user@host
#   SSH_KEY         the private key, from a secret
#   SSH_KNOWN_HOST  the host's line for known_hosts, so that no other host is believed
#   TLS_FOLDER      where nginx reads fullchain.pem and privkey.pem
# and may have SSH_PORT, and NGINX, the command that tests and reloads (sudo nginx).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(umask 077; printf '%s\n' "$SSH_KEY" >"$folder/key")
printf '%s\n' "$SSH_KNOWN_HOST" >"$folder/known_hosts"

remote() {
  ssh -i "$folder/key" -p "${SSH_PORT:-22}" -o IdentitiesOnly=yes -o BatchMode=yes \
    -o UserKnownHostsFile="$folder/known_hosts" -o StrictHostKeyChecking=yes "$SSH_TARGET" "$@"
}

# Each file is written beside its place and renamed, so that nginx never reads half of one.
remote "umask 077; cat >'$TLS_FOLDER/privkey.pem.new'" <"$ACME_PRIVATE_KEY"
remote "cat >'$TLS_FOLDER/fullchain.pem.new'" <"$ACME_FULLCHAIN"
nginx=${NGINX:-sudo nginx}
remote "cd '$TLS_FOLDER' && mv privkey.pem.new privkey.pem && mv fullchain.pem.new fullchain.pem && $nginx -t -q && $nginx -s reload"
echo "nginx at $SSH_TARGET serves the new certificate for $ACME_DOMAINS"
