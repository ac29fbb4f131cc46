#!/usr/bin/env bash
# Serves the model of train_local.sh on port 8080 (or PORT) until Ctrl-C.
#
#   ./serve_local.sh [IMAGE | --no-docker]
set -euo pipefail
cd "$(dirname "$0")"
image=${1:-sagemaker-decision-trees}
port=${PORT:-8080}

if [ "$image" = --no-docker ]; then
    export SAGEMAKER_BASE_DIR=$PWD/test_dir SAGEMAKER_BIND_TO_PORT=$port
    exec python3 ../decision_trees/serve
fi
exec docker run --rm --publish "127.0.0.1:$port:8080" \
    --volume "$PWD/test_dir:/opt/ml:ro" "$image" serve
