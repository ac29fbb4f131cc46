"""Images in ECR: pushed as build contexts, looked up when they are named, kept."""

from __future__ import annotations

import hashlib
import importlib.util
from typing import Any

import pytest

from labcloud_support.life import Life
from labcloud_support.resources import ROLE

from .pushed import ACCOUNT, CONTEXT, REGISTRY, context, push, upload
from .test_refusals import refusal

PULL = "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"


def test_what_was_pushed_trains_where_it_believes_to_be(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, log_of: Any,
    name: str,
) -> None:  # fmt: skip
    files = {**CONTEXT, "Dockerfile": CONTEXT["Dockerfile"] + "WORKDIR /opt/program\n"}
    files["Dockerfile"] += f"RUN make  \\\n  all\nRUN apt-get install {'x' * 80}\n"
    sagemaker.create_training_job(**request_for(name, push(ecr, repository, files)))
    assert finished(name)["TrainingJobStatus"] == "Completed"
    assert log_of(name) == [
        "[labcloud] Without Docker: the Dockerfile's files run with this machine's Python and "
        f"programs. Skipped: FROM scratch (line 1), RUN make all (line 5), RUN apt-get install "
        f"{'x' * 43}… (line 7).",
        "It trains in /opt/program with 7 files",
    ]


def test_a_digest_names_what_it_named_when_the_tag_moved(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, log_of: Any,
    name: str,
) -> None:  # fmt: skip
    push(ecr, repository, {**CONTEXT, "train": "#!/bin/sh\necho first\n"})
    (first,) = ecr.describe_images(repositoryName=repository)["imageDetails"]
    push(ecr, repository, {**CONTEXT, "train": "#!/bin/sh\necho second\n"}, "other")
    by_digest = f"{REGISTRY}/{repository}@{first['imageDigest']}"
    sagemaker.create_training_job(**request_for(name, by_digest))
    assert finished(name)["TrainingJobStatus"] == "Completed"
    assert log_of(name)[1:] == ["first"]


def test_digest_and_size_are_those_of_the_manifest(ecr: Any, repository: str) -> None:
    push(ecr, repository)
    (found,) = ecr.describe_images(repositoryName=repository)["imageDetails"]
    (image,) = ecr.batch_get_image(
        repositoryName=repository, imageIds=[{"imageTag": "latest"}]
    )["images"]  # fmt: skip
    digest = hashlib.sha256(image["imageManifest"].encode()).hexdigest()
    assert found["imageDigest"] == f"sha256:{digest}"
    assert found["imageSizeInBytes"] == len(context(CONTEXT)) + 2


def test_a_layer_must_be_what_its_digest_says(ecr: Any, repository: str) -> None:
    with pytest.raises(ecr.exceptions.InvalidLayerException, match="Layer digests do not match"):
        upload(ecr, repository, b"layer", f"sha256:{'0' * 64}")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"train": ""}, "The build context has no Dockerfile"),
        (
            {"Dockerfile": "FROM x\nCOPY nothing /opt/\n"},
            "COPY of 'nothing': there is no such file in the build context (or .dockerignore "
            "leaves it out)",
        ),
        ({"Dockerfile": "FROM x\nCPOY a b\n"}, "Dockerfile, line 2: unknown instruction CPOY"),
        ({"Dockerfile": "# nothing\n"}, "The Dockerfile has no FROM"),
    ],
    ids=["no-dockerfile", "no-source", "unknown", "no-from"],
)
def test_mistakes_in_a_build_context_are_said_at_the_push(
    ecr: Any, repository: str, files: dict[str, str], said: str
) -> None:
    with pytest.raises(ecr.exceptions.InvalidParameterException) as refusal:
        push(ecr, repository, files)
    assert refusal.value.response["Error"]["Message"] == said
    assert ecr.describe_images(repositoryName=repository)["imageDetails"] == []


def test_a_manifest_in_no_json_or_for_no_repository_is_refused(ecr: Any, repository: str) -> None:
    code, _ = refusal(ecr.put_image, repositoryName=repository, imageManifest="nothing")
    assert code == "InvalidParameterException"
    assert refusal(ecr.put_image, repositoryName="sagemaker-nowhere", imageManifest="{}") == (
        "RepositoryNotFoundException",
        "The repository with name 'sagemaker-nowhere' does not exist in the registry with id "
        f"'{ACCOUNT}'",
    )


@pytest.mark.parametrize("tag", ["1:2", "a/b", "a b", "é"])
def test_a_tag_is_of_letters_digits_and_few_signs(ecr: Any, repository: str, tag: str) -> None:
    with pytest.raises(ecr.exceptions.InvalidParameterException) as refused:
        push(ecr, repository, tag=tag)
    assert refused.value.response["Error"]["Message"] == (
        "Invalid parameter at 'imageTag' failed to satisfy constraint: 'must satisfy regular "
        "expression '[a-zA-Z0-9-_.]+''"
    )
    assert ecr.list_images(repositoryName=repository)["imageIds"] == []


def test_a_training_job_needs_an_image_that_is_there(
    sagemaker: Any, repository: str, request_for: Any, name: str
) -> None:
    create = sagemaker.create_training_job
    assert refusal(create, **request_for(name, f"{REGISTRY}/nowhere:1")) == (
        "ValidationException",
        f"Cannot find repository: nowhere in registry ID: {ACCOUNT} Please check if your ECR "
        f"repository exists and role {ROLE} has proper pull permissions for SageMaker: {PULL}",
    )
    image = f"{REGISTRY}/{repository}:1"
    assert refusal(create, **request_for(name, image)) == (
        "ValidationException",
        f"Cannot find the requested image: {image}",
    )
    _, said = refusal(create, **request_for(name, image.replace(ACCOUNT, "763104351884")))
    assert said.startswith(
        f"Access denied for repository: {repository} in registry ID: 763104351884. Please check "
        f"if your ECR repository and image exist and role {ROLE} has proper pull permissions"
    )
    _, said = refusal(create, **request_for(name, "somebody/something:1"))
    assert said.startswith("TrainingImageConfig with TrainingRepositoryAccessMode set to VPC must")
    private = {"TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"}}
    _, said = refusal(create, **request_for(name, "somebody/something:1", **private))
    assert said.startswith("labcloud does not have the image somebody/something:1.")


def test_a_model_needs_an_image_that_is_there(sagemaker: Any, repository: str, name: str) -> None:
    def create(image: str) -> tuple[str, str]:
        return refusal(
            sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": image},
        )  # fmt: skip

    image = f"{REGISTRY}/{repository}:1"
    assert create(image) == ("ValidationException", f"Requested image {image} not found.")
    _, said = create("somebody/something:1")
    assert said == (
        'Using non-ECR image "somebody/something:1" without Vpc repository access mode is not '
        "supported."
    )


def test_images_survive_a_kill_and_go_with_their_repository(life: Life) -> None:
    ecr = life.client("ecr")
    ecr.create_repository(repositoryName="sagemaker-kept", tags=[{"Key": "a", "Value": "b"}])
    ecr.create_repository(repositoryName="sagemaker-gone")
    image = push(ecr, "sagemaker-kept")
    push(ecr, "sagemaker-gone", {**CONTEXT, "train": "#!/bin/sh\n"})
    assert len(list((life.home.path / "layers").iterdir())) == 2
    ecr.delete_repository(repositoryName="sagemaker-gone", force=True)
    life.kill()
    life.begin()
    ecr = life.client("ecr")
    (kept,) = ecr.describe_repositories()["repositories"]
    assert ecr.list_tags_for_resource(resourceArn=kept["repositoryArn"])["tags"] == [
        {"Key": "a", "Value": "b"}
    ]
    (found,) = ecr.describe_images(repositoryName="sagemaker-kept")["imageDetails"]
    assert found["imageTags"] == ["latest"]
    assert len(list((life.home.path / "layers").iterdir())) == 1
    model = {"Image": image}
    life.client("sagemaker").create_model(
        ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=model
    )
    ecr.batch_delete_image(repositoryName="sagemaker-kept", imageIds=[{"imageTag": "latest"}])
    assert list((life.home.path / "layers").iterdir()) == []
    assert list((life.home.path / "contexts").iterdir()) == []


def test_what_a_job_installs_is_the_job_s_alone(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, log_of: Any,
    name: str,
) -> None:  # fmt: skip
    """Its Python is the one that labcloud runs with."""
    files = {
        "Dockerfile": "FROM x\nCOPY . /opt/program/\nWORKDIR /opt/program\n"
        'ENTRYPOINT ["/opt/program/train"]\n',
        "package/setup.py": "from setuptools import setup\n"
        "setup(name='of-a-job', version='1', py_modules=['of_a_job'],\n"
        "      entry_points={'console_scripts': ['say-it=of_a_job:say']})\n",
        "package/of_a_job.py": "def say(): print('said')\n",
        "train": "#!/bin/sh -e\npip install --quiet --no-build-isolation ./package\n"
        "python3 -c 'import of_a_job; of_a_job.say()'\nsay-it\n",
    }
    sagemaker.create_training_job(**request_for(name, push(ecr, repository, files)))
    job = finished(name)
    assert job["TrainingJobStatus"] == "Completed", log_of(name)
    assert log_of(name)[-2:] == ["said", "said"]
    assert importlib.util.find_spec("of_a_job") is None


@pytest.mark.parametrize(
    ("program", "why"),
    [("/opt/t", "permission denied"), ("/opt/not-there", "no such file or directory")],
)
def test_a_program_that_cannot_be_run_says_why(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, name: str,
    program: str, why: str,
) -> None:  # fmt: skip
    files = {
        "Dockerfile": f'FROM x\nCOPY --chmod=644 t /opt/t\nENTRYPOINT ["{program}"]\n',
        "t": "#!/bin/sh\n",
    }
    sagemaker.create_training_job(**request_for(name, push(ecr, repository, files)))
    assert finished(name)["FailureReason"] == f'AlgorithmError: exec: "{program}": {why}'


def test_an_image_s_own_files_below_opt_ml_are_there(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, log_of: Any,
    name: str,
) -> None:  # fmt: skip
    """But what SageMaker lays over them is not the image's."""
    files = {
        "Dockerfile": "FROM x\nWORKDIR /opt/ml/code\nCOPY train code/\nCOPY train /opt/ml/code/\n"
        "COPY train /opt/ml/model/\nCOPY train /opt/ml/more/deep/\n"
        'ENTRYPOINT ["/opt/ml/code/train"]\n',
        "train": "#!/bin/sh\necho $PWD $*\nls /opt/ml /opt/ml/model /opt/ml/more/deep\n",
    }
    sagemaker.create_training_job(**request_for(name, push(ecr, repository, files)))
    job = finished(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    lines = log_of(name)[1:]
    assert lines[0] == "/opt/ml/code train"
    assert {"code", "input", "model", "more", "output"} <= set(lines)
    end = lines.index("/opt/ml/model:")
    assert lines[end:] == ["/opt/ml/model:", "", "/opt/ml/more/deep:", "train"] or lines[end:] == [
        "/opt/ml/model:", "/opt/ml/more/deep:", "train"
    ]  # fmt: skip


def test_the_shell_form_of_an_entrypoint(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, finished: Any, log_of: Any,
    name: str,
) -> None:  # fmt: skip
    files = {
        "Dockerfile": "FROM x\nCOPY say /usr/bin/\nENTRYPOINT say $0 and $@\n",
        "say": '#!/bin/sh\necho "said: $*"\n',
    }
    sagemaker.create_training_job(**request_for(name, push(ecr, repository, files)))
    finished(name)
    assert log_of(name)[-1] == "said: train and"
