#!/bin/sh
# Writes the certificate into a TLS secret of a Kubernetes cluster, from which ingress controllers take it. Needs a
# kubeconfig whose user may get, create and patch that secret, and in its environment:
#   TLS_SECRET  the secret's name
# and may have TLS_NAMESPACE (default).
set -eu
kubectl create secret tls "$TLS_SECRET" --namespace "${TLS_NAMESPACE:-default}" \
  --cert "$ACME_FULLCHAIN" --key "$ACME_PRIVATE_KEY" --dry-run=client --output yaml |
  kubectl apply --filename -
