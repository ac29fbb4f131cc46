#!/usr/bin/env bash
# Builds the image, and pushes it to Amazon ECR.
#
#   ./build_and_push.sh [--local] [NAME] [-- OPTIONS OF DOCKER BUILD]
#
#   --local  builds only: no AWS account is touched
#   NAME     the repository (sagemaker-decision-trees); TAG in the environment sets the tag (latest)
#
# The last line, and the only one on standard output, is the image's URI: what CreateTrainingJob
# takes as TrainingImage. Account and region are those of your AWS credentials.
set -euo pipefail
cd "$(dirname "$0")"

say() { echo "$*" >&2; }
fail() { say "build_and_push.sh: $*"; exit 1; }
need() { command -v "$1" >/dev/null || fail "$1 is not installed. $2"; }

push=true
name=sagemaker-decision-trees
tag=${TAG:-latest}
named=false
while [ $# -gt 0 ]; do
    case $1 in
        --local) push=false ;;
        --) shift; break ;;
        -h | --help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        -*) fail "there is no option $1. Options of docker build go behind --" ;;
        *) "$named" && fail "one name is enough: $name or $1?"; name=$1; named=true ;;
    esac
    shift
done
case $name in
    sagemaker-*) ;;
    *) say "Note: the policy AmazonSageMakerFullAccess lets you push only where the name has \"sagemaker\" in it." ;;
esac

need docker "See https://docs.docker.com/engine/install/, or use AWS CodeBuild or Studio's sm-docker."
say "Building $name:$tag"
# The instances are x86. On a Mac with Apple's chips this build is emulated, and slow.
docker build --platform linux/amd64 --tag "$name:$tag" "$@" . >&2
if ! "$push"; then
    echo "$name:$tag"
    exit 0
fi

need aws "See https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
[ -n "$region" ] || fail "there is no region. Set AWS_REGION, or run: aws configure"
export AWS_REGION=$region AWS_DEFAULT_REGION=$region

find_repository() {
    aws ecr describe-repositories --repository-names "$name" \
        --query 'repositories[0].repositoryUri' --output text
}
# When this fails for another reason than a first push, creating it fails too, and says why.
if ! repository=$(find_repository 2>/dev/null); then
    say "Creating the repository $name in $region"
    repository=$(aws ecr create-repository --repository-name "$name" \
        --image-scanning-configuration scanOnPush=true \
        --query 'repository.repositoryUri' --output text)
fi
registry=${repository%%/*}
say "Logging in to $registry"
aws ecr get-login-password | docker login --username AWS --password-stdin "$registry" >&2
say "Pushing $repository:$tag"
docker tag "$name:$tag" "$repository:$tag" >&2
docker push "$repository:$tag" >&2
echo "$repository:$tag"
