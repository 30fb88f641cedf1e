#!/bin/sh
# Imports the certificate into an Azure key vault, as a new version. Needs a login of the Azure CLI with the role "Key Vault
# Certificates Officer" on the vault, openssl, and in its environment:
#   VAULT_NAME
#   VAULT_CERTIFICATE  the certificate's name there
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(umask 077; cat "$ACME_PRIVATE_KEY" "$ACME_FULLCHAIN" >"$folder/certificate.pem")
az keyvault certificate import --vault-name "$VAULT_NAME" --name "$VAULT_CERTIFICATE" \
  --file "$folder/certificate.pem" --output none
