#!/bin/sh
# Prints infra/compose.env with a random key pair:
#
#   (umask 077 && infra/compose-env.sh > .env.local)
#
# The services get the pair from this file: docker compose --env-file .env.local.
# A new pair needs new containers.
set -eu
random() {
  LC_ALL=C tr -dc "$1" < /dev/urandom | head -c "$2"
}
cat "$(dirname "$0")/compose.env"
echo "AWS_ACCESS_KEY_ID=LOCAL$(random A-Z2-7 15)"
echo "AWS_SECRET_ACCESS_KEY=$(random 0-9a-f 40)"
