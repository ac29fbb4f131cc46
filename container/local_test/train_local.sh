#!/usr/bin/env bash
# Trains on test_dir, as SageMaker would on an instance's /opt/ml.
#
#   ./train_local.sh [IMAGE | --no-docker]
#
#   IMAGE        sagemaker-decision-trees unless you say another
#   --no-docker  runs ../decision_trees/train with this machine's python3
set -euo pipefail
cd "$(dirname "$0")"
image=${1:-sagemaker-decision-trees}

# What the last run has left must not look like the result of this one.
rm -rf test_dir/model test_dir/output
mkdir -p test_dir/model test_dir/output

if [ "$image" = --no-docker ]; then
    [ -f payload.csv ] || python3 make_data.py
    SAGEMAKER_BASE_DIR=$PWD/test_dir python3 ../decision_trees/train
else
    [ -f payload.csv ] || docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/local_test" \
        "$image" python3 /local_test/make_data.py
    # As you, so that the model is yours; SageMaker runs it as root.
    docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD/test_dir:/opt/ml" "$image" train
fi
