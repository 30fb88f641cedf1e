#!/bin/sh
# Copies the certificate into a container and has its program read it again. Needs DOCKER_HOST (such as ssh://user@host) and
# in its environment:
#   CONTAINER   its name
#   TLS_FOLDER  where its program reads fullchain.pem and privkey.pem; keep it on a volume
# and may have RELOAD_SIGNAL (HUP).
set -eu
docker cp "$ACME_FULLCHAIN" "$CONTAINER:$TLS_FOLDER/fullchain.pem"
docker cp "$ACME_PRIVATE_KEY" "$CONTAINER:$TLS_FOLDER/privkey.pem"
docker kill --signal "${RELOAD_SIGNAL:-HUP}" "$CONTAINER"
