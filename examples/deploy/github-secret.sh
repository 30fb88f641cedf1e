#!/bin/sh
# Keeps the certificate and its key as secrets TLS_CERTIFICATE and TLS_PRIVATE_KEY of a repository or of one of its
# environments. Needs in its environment:
#   GH_TOKEN       a fine-grained token with "Secrets: write" (for an environment: "Environments: write") on it
#   SECRETS_REPO   owner/name
# and may have SECRETS_ENVIRONMENT.
set -eu
keep() {
  gh secret set "$1" --repo "$SECRETS_REPO" ${SECRETS_ENVIRONMENT:+--env "$SECRETS_ENVIRONMENT"} <"$2"
}
keep TLS_CERTIFICATE "$ACME_FULLCHAIN"
keep TLS_PRIVATE_KEY "$ACME_PRIVATE_KEY"
