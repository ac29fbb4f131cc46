"""Pictures of labs 04 and 05: endpoints and their updates, and the search for hyperparameters."""

from __future__ import annotations

from .parts import Arrow, Box, Frame, Picture

PICTURES = (
    Picture(
        "04-deploy",
        "The notebook trains a model; the artifact in S3 and an image become a model by name; an "
        "endpoint runs it on a machine and answers the houses that the notebook sends, in parts.",
        (
            Box(0, 0.5, "This notebook", "you", "SageMaker SDK"),
            Box(1.5, 0, "Training job", "aws", "XGBoost's container"),
            Box(2.9, 0, "S3", "data", "model.tar.gz"),
            Box(2.9, 1, "Model", "data", "a name for it"),
            Box(1.5, 1, "Endpoint", "aws", "one ml.m5.large"),
        ),
        (
            Arrow("This notebook", "Training job", "train", (4,)),
            Arrow("Training job", "S3", "artifact", (4,)),
            Arrow("S3", "Model", "build", (5,)),
            Arrow("Model", "Endpoint", "deploy", (5,)),
            Arrow("This notebook", "Endpoint", "houses", (6, 10)),
        ),
    ),
    Picture(
        "04-three-requests",
        "Three requests of boto3: create_model makes a model of image, artifact and role; "
        "create_endpoint_config makes a configuration that names the model and a machine; "
        "create_endpoint makes an endpoint that names the configuration. Applications invoke it.",
        (
            Box(0, 0, "Request 1", "you", "create_model"),
            Box(1.4, 0, "Request 2", "you", "create_endpoint_config"),
            Box(2.8, 0, "Request 3", "you", "create_endpoint"),
            Box(0, 1, "Model", "data", "image, artifact, role"),
            Box(1.4, 1, "Configuration", "data", "machine, how many"),
            Box(2.8, 1, "Endpoint", "aws", "costs money"),
            Box(4.2, 1, "Application", "you", "invoke_endpoint"),
        ),
        (
            Arrow("Request 1", "Model", "makes", (3,)),
            Arrow("Request 2", "Configuration", "makes", (4,)),
            Arrow("Request 3", "Endpoint", "makes", (5,)),
            Arrow("Configuration", "Model", "names"),
            Arrow("Endpoint", "Configuration", "names"),
            Arrow("Application", "Endpoint", "asks", (6, 7)),
        ),
    ),
    Picture(
        "04-variants",
        "Clients call one endpoint; its configuration has two variants, Linear with weight 90 and "
        "XGBoost with weight 10, and each of them runs a model on a machine of its own.",
        (
            Box(0, 0.5, "Clients", "you", "know one name"),
            Box(1.4, 0.5, "Endpoint", "aws", "chooses by weight"),
            Box(2.8, 0, "Linear", "aws", "variant, weight 90"),
            Box(2.8, 1, "XGBoost", "aws", "variant, weight 10"),
            Box(4.2, 0, "Model", "data", "linear-learner"),
            Box(4.2, 1, "Model ", "data", "of lab 04a"),
        ),
        (
            Arrow("Clients", "Endpoint", "call", (5, 6)),
            Arrow("Endpoint", "Linear", "90%"),
            Arrow("Endpoint", "XGBoost", "10%"),
            Arrow("Linear", "Model", "runs"),
            Arrow("XGBoost", "Model ", "runs"),
        ),
        (Frame("Linear", "XGBoost", "configuration"),),
    ),
    Picture(
        "04-blue-green",
        "Blue/green in three moments. Before: clients call the blue fleet of the old "
        "configuration. During: clients still call blue while the green fleet of the new one "
        "starts. After: clients call green, and blue is gone.",
        (
            Box(0, 0, "Before", "you", "clients"),
            Box(0, 1, "Blue", "aws", "old configuration"),
            Box(1.5, 0, "During", "you", "clients"),
            Box(1.5, 1, "Blue ", "aws", "old configuration"),
            Box(2.5, 1, "Green", "aws", "starts, is checked"),
            Box(4, 0, "After", "you", "clients"),
            Box(4, 1, "Green ", "aws", "new configuration"),
        ),
        (
            Arrow("Before", "Blue", "all calls"),
            Arrow("During", "Blue ", "all calls"),
            Arrow("After", "Green ", "all calls"),
        ),
    ),
    Picture(
        "05-search",
        "A tuning job proposes hyperparameters and starts training jobs, three at a time; each "
        "returns a value of the metric, from which the tuning job decides what to try next.",
        (
            Box(0, 0, "This notebook", "you", "ranges and budget"),
            Box(1.4, 0, "Tuning job", "aws", "chooses what to try"),
            Box(2.8, 0.5, "Training jobs", "aws", "three at a time"),
            Box(1.4, 1, "Results", "data", "validation:rmse"),
            Box(4.1, 0.5, "S3", "data", "a model from each"),
        ),
        (
            Arrow("This notebook", "Tuning job", "asks", (5,)),
            Arrow("Tuning job", "Training jobs", "settings"),
            Arrow("Training jobs", "Results", "metric"),
            Arrow("Results", "Tuning job", "learns"),
            Arrow("Training jobs", "S3", "artifacts"),
        ),
    ),
    Picture(
        "05-request",
        "The configuration of a search and the definition of its training jobs make a tuning job; "
        "it starts training jobs, and a later tuning job can begin from their results.",
        (
            Box(0, 0, "Configuration", "you", "what is searched"),
            Box(0, 1, "Definition", "you", "what a job looks like"),
            Box(1.4, 0.5, "Tuning job", "aws", "both in one request"),
            Box(2.8, 0.5, "Training jobs", "aws", "numbered names"),
            Box(4.3, 0.5, "Tuning job ", "aws", "a later one"),
        ),
        (
            Arrow("Configuration", "Tuning job", "part one", (2,)),
            Arrow("Definition", "Tuning job", "part two", (3,)),
            Arrow("Tuning job", "Training jobs", "starts", (4,)),
            Arrow("Training jobs", "Tuning job ", "warm start", (7,)),
        ),
    ),
)
