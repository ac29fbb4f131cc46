"""What labs 07b and 07c begin with: the reviews of lab 07a, split and counted, and its model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import bag_of_words
import pandas as pd
from reviews import snippets

from labhelpers import Split, latest_model, split, upload, watch
from labhelpers.lab import Lab

LAB_07A = "07a-the-model"
# The hyperparameters of the notes, as in step 5 of lab 07a.
SETTINGS = {
    "objective": "binary:logistic", "num_round": "500", "max_depth": "5", "eta": "0.2",
    "gamma": "4", "min_child_weight": "6", "subsample": "0.8", "early_stopping_rounds": "10",
}  # fmt: skip


def reviews_and_words() -> tuple[Split, dict[str, int]]:
    """The reviews in three parts, and the vocabulary of the first. The same every time."""
    table = pd.DataFrame(snippets())
    table["positive"] = (table["rating"] > 0).astype(int)
    parts = split(table, train=0.6, validation=0.2, test=0.2, seed=42)
    return parts, bag_of_words.vocabulary(parts.train["text"])


def body(reviews: pd.DataFrame, vocabulary: Mapping[str, int], *, labels: bool = False) -> str:
    """Reviews as LIBSVM, a line for each, for a request or, with `labels`, for training."""
    rows = zip(reviews["text"], reviews["positive"], strict=True)
    return "\n".join(
        bag_of_words.libsvm(bag_of_words.bag(text, vocabulary), label if labels else None)
        for text, label in rows
    )


def train(
    lab: Lab,
    train: pd.DataFrame,
    validation: pd.DataFrame,
    vocabulary: Mapping[str, int],
    folder: str | Path = "data",
) -> str:
    """Trains the built-in XGBoost on reviews, and makes a model. Returns the model's name.

    The files that it uploads are made in `folder`.
    """
    from sagemaker.core import image_uris

    client = lab.client("sagemaker")
    name = lab.resource_name("xgboost")
    image = image_uris.retrieve("xgboost", region=lab.region, version="3.0-5")
    channels = []
    for channel, reviews in (("train", train), ("validation", validation)):
        path = Path(folder) / f"{channel}.libsvm"
        path.parent.mkdir(exist_ok=True)
        path.write_text(body(reviews, vocabulary, labels=True) + "\n")
        # Of this job alone: another training may run at the same time.
        where = lab.uri("reviews", "jobs", name, channel) + "/"
        upload(lab, path, where)
        source = {
            "S3DataType": "S3Prefix", "S3Uri": where, "S3DataDistributionType": "FullyReplicated",
        }  # fmt: skip
        channels.append(
            {
                "ChannelName": channel,
                "ContentType": "text/libsvm",
                "DataSource": {"S3DataSource": source},
            }
        )
    client.create_training_job(
        TrainingJobName=name,
        RoleArn=lab.role,
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        HyperParameters=SETTINGS,
        InputDataConfig=channels,
        OutputDataConfig={"S3OutputPath": lab.uri("reviews", "output")},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 1200},
    )
    job = client.describe_training_job(TrainingJobName=watch(lab, name, logs=False))
    client.create_model(
        ModelName=name,
        ExecutionRoleArn=lab.role,
        PrimaryContainer={
            "Image": image,
            "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        },
    )
    return name


def model_of_07a(lab: Lab, parts: Split, vocabulary: Mapping[str, int]) -> str:
    """The name of your newest XGBoost model of lab 07a; trains it if there is none."""
    if name := latest_model(lab, LAB_07A, label="xgboost"):
        print(f"Found the model of lab 07a: {name}")
        return name
    print("Lab 07a has left no model here. This makes it.")
    return train(lab.of(LAB_07A), parts.train, parts.validation, vocabulary)


def configure(lab: Lab, model: str) -> str:
    """Makes an endpoint configuration with one machine for a model, and returns its name."""
    name = lab.resource_name("xgboost")
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    lab.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant]
    )
    return name
