#!/usr/bin/env bash
# Sends a file to the server of serve_local.sh, and prints its answer.
#
#   ./predict.sh [FILE] [CONTENT TYPE]      payload.csv, text/csv
#
# ACCEPT=application/json asks for the answer as JSON; PORT is the server's, 8080.
set -euo pipefail
file=${1:-$(dirname "$0")/payload.csv}
server=http://127.0.0.1:${PORT:-8080}

curl --silent --show-error --fail-with-body "$server/ping" >/dev/null
curl --silent --show-error --fail-with-body "$server/invocations" \
    --header "Content-Type: ${2:-text/csv}" --header "Accept: ${ACCEPT:-*/*}" \
    --data-binary "@$file"
